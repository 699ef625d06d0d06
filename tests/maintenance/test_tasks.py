"""Upgrade advice and preventive findings are tasks: an owner, a due day, a state, told to the customer (P7)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.customers.models import Release
from mainstay.errors import Refused
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Publication, Task, TaskChange
from mainstay.notices.models import Delivery
from worked import tell_all

As = Callable[..., Client]


def form(cast: Cast, **more: str) -> dict[str, str]:
    return {
        "kind": "preventive", "title": "The certificate ends in March", "text": "We renew it with you.",
        "customer": "HARBOURLINE", "environment": "Production", "owner": str(cast.mara.pk), "due_on": "2026-03-20",
        "told": "1", **more,
    }  # fmt: skip


def mails(to: str) -> list[str]:
    return list(Delivery.objects.filter(recipient=to).order_by("pk").values_list("subject", flat=True))


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_finding_becomes_a_task_with_an_owner_and_the_customer_hears_of_it_to_its_end(
    cast: Cast, as_: As
) -> None:
    desk = as_(cast.ifeoma)
    assert desk.post("/desk/tasks", form(cast)).status_code == 303
    task = Task.objects.get()
    assert mails(f"user:{cast.mara.pk}") == ["Yours now: The certificate ends in March, due 2026-03-20"]
    assert "The certificate ends in March" in page(as_(cast.mara), "/desk/tasks")
    assert "The certificate ends in March" not in page(desk, "/desk/tasks")
    tell_all()
    assert mails("priya@harbourline.example") == ["Preventive finding: The certificate ends in March"]
    assert "We renew it with you." in page(as_(cast.priya), "/running")
    later = form(cast, due_on="2026-03-27", reason="Their window moved")
    assert as_(cast.mara).post(f"/desk/tasks/{task.pk}", later).status_code == 303
    assert as_(cast.mara).post(f"/desk/tasks/{task.pk}/ending", {"outcome": "Renewed."}).status_code == 303
    tell_all()
    assert mails("priya@harbourline.example")[1:] == [
        "Changed: The certificate ends in March", "Done: The certificate ends in March",
    ]  # fmt: skip
    assert "Renewed." in page(as_(cast.priya), "/running")
    log = page(desk, f"/desk/tasks/{task.pk}")
    for said in ("Opened", "due on: 2026-03-20 became 2026-03-27", "Their window moved", "Done", "Renewed."):
        assert said in log
    assert tell_all() == 0


def test_what_the_customer_is_not_told_they_do_not_see(cast: Cast, as_: As) -> None:
    as_(cast.ifeoma).post("/desk/tasks", form(cast, told=""))
    tell_all()
    assert mails("priya@harbourline.example") == []
    assert "certificate" not in page(as_(cast.priya), "/running")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [str(cast.harbourline.pk)])
        assert not Task.objects.exists(), "row-level security"
        assert not TaskChange.objects.exists()
        cursor.execute("SELECT set_config('mainstay.scope', 'all', true)")


def test_another_customer_sees_nothing_of_it(cast: Cast, as_: As) -> None:
    as_(cast.ifeoma).post("/desk/tasks", form(cast))
    assert "certificate" not in page(as_(cast.edgar), "/running")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "Title: must say in one line"),
        ({"owner": ""}, "Owner: is nobody who works here"),
        ({"owner": "999999"}, "Owner: is nobody who works here"),
        ({"due_on": "soon"}, "Due on: cannot be read"),
        ({"due_on": ""}, "Due on: is missing"),
        ({"customer": "", "environment": ""}, "Told: whom?"),
        ({"text": ""}, "Text: is missing; the customer is told"),
        ({"environment": "Moon"}, "is not one of Harbourline Health"),
        ({"customer": "NOBODY"}, "is no customer"),
        ({"kind": "wish"}, "Kind: may be"),
    ],
)
def test_a_task_that_cannot_be_is_refused_by_field(
    change: dict[str, str], words: str, cast: Cast, as_: As
) -> None:
    answer = as_(cast.ifeoma).post("/desk/tasks", form(cast, **change))
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Task.objects.exists()


def test_what_has_ended_is_opened_again_with_a_reason_and_ended_once(cast: Cast, as_: As) -> None:
    desk = as_(cast.mara)
    desk.post("/desk/tasks", form(cast))
    task = Task.objects.get()
    assert desk.post(f"/desk/tasks/{task.pk}/ending", {"outcome": " "}).status_code == 422
    assert (
        desk.post(f"/desk/tasks/{task.pk}/ending", {"outcome": "Theirs.", "dropped": "1"}).status_code == 303
    )
    assert desk.post(f"/desk/tasks/{task.pk}/ending", {"outcome": "Again."}).status_code == 422
    assert desk.post(f"/desk/tasks/{task.pk}/reopening", {"reason": ""}).status_code == 422
    assert desk.post(f"/desk/tasks/{task.pk}/reopening", {"reason": "It is ours."}).status_code == 303
    task.refresh_from_db()
    assert task.state == "open"


def test_the_log_of_a_task_is_only_ever_added_to(cast: Cast, as_: As) -> None:
    as_(cast.mara).post("/desk/tasks", form(cast))
    for change in (lambda: TaskChange.objects.update(words="x"), lambda: TaskChange.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_owners_are_told_once_of_what_is_due(cast: Cast, as_: As) -> None:
    as_(cast.ifeoma).post("/desk/tasks", form(cast))
    due = NOW.replace(day=18)
    assert tasks.remind(NOW) == 0
    assert tasks.remind(due) == 1
    assert tasks.remind(due + timedelta(days=9)) == 0
    assert mails(f"user:{cast.mara.pk}")[-1] == "Due 2026-03-20: The certificate ends in March"


# ---- advice


def old(cast: Cast) -> Release:
    """Harbourline's and Kitano's production run 6.4, whose maintenance has ended."""
    release = cast.atlas.releases.get(version="6.4")
    for customer in (cast.harbourline, cast.kitano):
        one = cast.production(customer)
        one.release = release
        one.save()
    return release


def advice(cast: Cast, target: Release, **more: str) -> dict[str, str]:
    return {
        "release": str(target.pk), "title": "Upgrade to 7.1", "text": "6.4 has ended.", "owner": str(cast.mara.pk),
        "due_on": "2026-04-30", "told": "1", **more,
    }  # fmt: skip


def test_the_overview_says_who_runs_what_and_what_leaves_when(cast: Cast, as_: As) -> None:
    release = old(cast)
    shown = page(as_(cast.owen), "/desk/lifecycle")
    assert f"ended {release.maintained_until:%-d %b %Y}" in shown
    assert shown.count("none yet") == 2
    assert f"/desk/products/atlas/releases/{release.pk}" in shown
    mine = page(as_(cast.owen), f"/desk/products/atlas/releases/{release.pk}")
    assert "Harbourline Health" in mine
    assert "Upgrade from 6.4 to 7.1" in mine


def test_advice_is_a_task_for_each_system_told_to_its_customer_once(cast: Cast, as_: As) -> None:
    release, target = old(cast), cast.atlas.releases.get(version="7.1")
    tam, address = as_(cast.owen), f"/desk/products/atlas/releases/{release.pk}/advice"
    assert tam.post(address, advice(cast, target)).status_code == 303
    tell_all()
    assert mails("priya@harbourline.example") == ["Upgrade advice: Upgrade to 7.1"]
    assert mails("aiko@kitano.example") == ["Upgrade advice: Upgrade to 7.1"]
    again = tam.post(address, advice(cast, target))
    assert again.status_code == 422
    assert "nothing is left to advise" in again.content.decode()
    assert Task.objects.count() == 2
    assert page(tam, "/desk/lifecycle").count(">advised<") == 2
    assert as_(cast.mara).post(address, advice(cast, target)).status_code == 404, "managers and TAMs advise"


def test_advice_because_of_an_advisory_names_it(advisory: Publication, cast: Cast, as_: As) -> None:
    old(cast)
    target = cast.atlas.releases.get(version="7.1")
    answer = as_(cast.hana).post(f"/desk/maintenance/{advisory.pk}/advice", advice(cast, target))
    assert answer.status_code == 303
    assert {one.environment.customer for one in Task.objects.all() if one.environment} == {
        cast.harbourline, cast.kitano,
    }, "whoever runs 7.1 has nothing to do"  # fmt: skip
    assert "ATLAS-2026-04" in page(as_(cast.mara), f"/desk/tasks/{Task.objects.earliest('pk').pk}")


def test_two_at_once_advise_a_system_once(cast: Cast) -> None:
    old(cast)
    one, target = cast.production(cast.kitano), cast.atlas.releases.get(version="7.1")
    work = tasks.Work("Upgrade", cast.mara, date(2026, 4, 1))
    more = {"kind": "upgrade", "environment": one, "release": target, "by": acting(cast.owen), "at": NOW}
    tasks.open_task(work, **more)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="is advised to take"):
        tasks.open_task(work, **more)  # type: ignore[arg-type]


# ---- days of releases, through the page


def test_a_manager_changes_the_end_of_maintenance_and_the_page_keeps_what_it_was(cast: Cast, as_: As) -> None:
    release = old(cast)
    address = f"/desk/products/atlas/releases/{release.pk}"
    days = {"released_on": release.released_on.isoformat(), "maintained_until": "2026-12-31", "reason": ""}
    answer = as_(cast.hana).post(address, days)
    assert answer.status_code == 422
    assert "say why they change" in answer.content.decode()
    assert as_(cast.hana).post(address, {**days, "reason": "Half a year more"}).status_code == 303
    shown = page(as_(cast.mara), address)
    assert f"maintained until: {release.maintained_until} became 2026-12-31" in shown
    assert "Half a year more" in shown
    assert as_(cast.mara).post(address, days).status_code == 404
    system = cast.production(cast.harbourline)
    shown = page(as_(cast.mara), f"/desk/customers/HARBOURLINE/environments/{system.pk}")
    assert "until 31 December 2026" in shown
