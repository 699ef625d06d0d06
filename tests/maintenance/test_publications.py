"""A publication is written once, seen with all whom it concerns, told once in their language, and read (P7)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.customers import lookup, register
from mainstay.errors import Refused
from mainstay.maintenance import links, publish, tasks, telling
from mainstay.maintenance.models import Notice, Publication, Reading, TaskOutbox, Unwritten
from mainstay.notices.models import Delivery
from worked import tell_all

As = Callable[..., Client]


def mails(publication: Publication) -> dict[str, Delivery]:
    return {one.recipient: one for one in Delivery.objects.filter(template=publication.kind, channel="email")}


def sent(publication: Publication, cast: Cast, as_: As) -> None:
    assert as_(cast.hana).post(f"/desk/maintenance/{publication.pk}/sending").status_code == 303
    tell_all()


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_whom_it_concerns_is_shown_before_anything_is_sent(
    advisory: Publication, cast: Cast, as_: As
) -> None:
    shown = page(as_(cast.mara), f"/desk/maintenance/{advisory.pk}")
    for name in ("Harbourline Health", "Kitano Rail", "Corvid Energy"):
        assert name in shown
    assert "Fernleigh" not in shown, "runs Beacon"
    assert "runs Atlas Directory 7.1, within &gt;= 6.0, &lt; 7.2" in shown
    assert "できるだけ早く" in shown
    assert not Notice.objects.exists()


def test_each_is_told_once_in_their_language_about_all_of_their_systems(
    advisory: Publication, cast: Cast, as_: As
) -> None:
    sent(advisory, cast, as_)
    told = mails(advisory)
    assert told["priya@harbourline.example"].subject == "Sign-in may be bypassed"
    assert told["aiko@kitano.example"].subject == "サインインの回避"
    assert "tom@harbourline.example" not in told, "sees his own tickets only"
    assert "beth@fernleigh.example" not in told
    text = told["priya@harbourline.example"].text
    assert text.count("Take 7.2 as soon as you can.") == 1
    assert "Production: runs Atlas Directory 7.1" in text
    assert "Test: runs Atlas Directory 7.1" in text
    before = Delivery.objects.count()
    sent(advisory, cast, as_)  # again: to those concerned since; nobody is
    assert Delivery.objects.count() == before


def test_who_comes_to_be_concerned_later_is_told_and_nobody_twice(
    advisory: Publication, cast: Cast, as_: As
) -> None:
    sent(advisory, cast, as_)
    before = set(mails(advisory))
    register.add_environment(
        cast.fernleigh,
        name="New",
        kind="production",
        product=cast.atlas,
        release=None,
        by=acting(cast.hana),
        at=NOW,
    )
    sent(advisory, cast, as_)
    assert set(mails(advisory)) - before == {"beth@fernleigh.example"}
    assert "nobody has said which release" in mails(advisory)["beth@fernleigh.example"].text
    assert Delivery.objects.filter(template="advisory", recipient="priya@harbourline.example").count() == 1


def test_the_link_opens_a_page_with_one_button_and_the_button_records_the_reading(
    advisory: Publication, cast: Cast, as_: As, client: Client
) -> None:
    sent(advisory, cast, as_)
    text = mails(advisory)["aiko@kitano.example"].text
    address = "/n/" + text.partition("/n/")[2].split()[0]
    shown = page(client, address)
    assert "サインインの回避" in shown
    assert "I have read this" in shown
    assert not Reading.objects.exists(), "mail scanners follow links"
    assert "That you have read it is recorded" in client.post(address).content.decode()
    client.post(address)
    reading = Reading.objects.get()
    assert (reading.contact, reading.how) == (cast.aiko, "link")
    shown = page(as_(cast.mara), f"/desk/maintenance/{advisory.pk}")
    assert "by the link in the mail" in shown
    assert client.get(address[:-2] + "xx").status_code == 410


def test_reading_it_in_the_portal_is_recorded_for_that_person(
    advisory: Publication, cast: Cast, as_: As
) -> None:
    sent(advisory, cast, as_)
    tom = as_(cast.tom)
    assert "not read yet" in page(tom, "/running")
    shown = page(tom, f"/publications/{advisory.pk}")
    assert 'data-by-itself="reading"' in shown
    assert not Reading.objects.exists(), "GET writes nothing"
    answer = tom.post(f"/publications/{advisory.pk}/reading", follow=True)
    assert "You have read it" in answer.content.decode()
    assert "not read yet" not in page(tom, "/running")
    assert "not read yet" in page(as_(cast.priya), "/running"), "each for themselves"


def test_another_customer_s_people_do_not_see_what_does_not_concern_them(
    advisory: Publication, cast: Cast, as_: As
) -> None:
    assert as_(cast.priya).get(f"/publications/{advisory.pk}").status_code == 404, "a draft"
    sent(advisory, cast, as_)
    beth = as_(cast.beth)
    assert beth.get(f"/publications/{advisory.pk}").status_code == 404
    assert beth.post(f"/publications/{advisory.pk}/reading").status_code == 404
    assert "Sign-in may be bypassed" not in page(beth, "/running")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [str(cast.fernleigh.pk)])
        assert not Notice.objects.exists(), "row-level security"
        cursor.execute("SELECT set_config('mainstay.scope', 'all', true)")


def test_an_address_that_fails_is_not_written_to_and_that_is_shown(
    advisory: Publication, cast: Cast, as_: As
) -> None:
    cast.aiko.failing_since, cast.aiko.failing_reason = NOW, "550 no such user"
    cast.aiko.save()
    sent(advisory, cast, as_)
    assert mails(advisory)["aiko@kitano.example"].state == "suppressed"
    assert "not sent, because mail there fails" in page(as_(cast.mara), f"/desk/maintenance/{advisory.pk}")


def test_what_was_sent_never_changes(advisory: Publication, cast: Cast, as_: As) -> None:
    sent(advisory, cast, as_)
    desk = as_(cast.mara)
    for last, fields in (
        ("", {"kind": "advisory", "product": "atlas", "severity": "low", "affected": "all"}),
        ("/texts", {"language": "en", "title": "Other", "text": "Words."}),
        ("/removal", {}),
    ):
        answer = desk.post(f"/desk/maintenance/{advisory.pk}{last}", fields)
        assert answer.status_code == 422
        assert "what people have read does not change" in answer.content.decode()


def test_an_engineer_writes_but_a_manager_or_tam_sends(advisory: Publication, cast: Cast, as_: As) -> None:
    assert as_(cast.mara).post(f"/desk/maintenance/{advisory.pk}/sending").status_code == 404
    assert as_(cast.owen).post(f"/desk/maintenance/{advisory.pk}/sending").status_code == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "rumour"}, "Kind: may be release"),
        ({"product": ""}, "Product: is not chosen"),
        ({"severity": ""}, "Severity: of an advisory may be"),
        ({"affected": "soon"}, "write a range such as"),
        ({"affected": ""}, "Affected: is missing"),
        ({"language": "Klingon!"}, "Language: must be"),
        ({"kind": "end_of_life"}, "Release: is not chosen"),
        ({"kind": "patch", "fixed_in": ""}, "Fixed in: is missing"),
        ({"release": "999999"}, "Release: is not one of the list"),
    ],
)
def test_what_is_wrong_with_it_is_said_by_field_and_what_was_typed_stays(
    change: dict[str, str], words: str, cast: Cast, as_: As
) -> None:
    right = {
        "kind": "advisory", "product": "atlas", "reference": "KEPT-AS-TYPED", "severity": "high",
        "affected": "< 7", "fixed_in": "7", "language": "en", "release": "",
    }  # fmt: skip
    answer = as_(cast.mara).post("/desk/maintenance/new", right | change)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert words in said
    assert "KEPT-AS-TYPED" in said
    assert not Publication.objects.exists()


def test_nothing_is_sent_without_words_or_to_nobody(cast: Cast, as_: As) -> None:
    made = publish.write(
        publish.Said("release", cast.beacon, cast.beacon.releases.get()), by=acting(cast.mara), at=NOW
    )
    with pytest.raises(Refused, match="has no words in en"):
        publish.send(made, by=acting(cast.hana), at=NOW)
    publish.set_text(made, language="en", title="3.2 is out", text="Take it.")
    with pytest.raises(Refused, match="concerns no system"):
        publish.send(made, by=acting(cast.hana), at=NOW)


def test_a_reader_of_a_kind_of_their_language_gets_it_else_the_fallback(advisory: Publication) -> None:
    texts = list(advisory.texts.all())
    told = [publish.words_for(texts, wanted, "en").language for wanted in ("ja", "ja-jp", "JA_jp", "de", "")]
    assert told == ["ja", "ja", "ja", "en", "en"]


def test_a_link_of_somebody_else_s_making_is_none_of_ours() -> None:
    token = links.make(1, 2, at=NOW).rpartition("/")[2]
    assert links.read(token, at=NOW) == links.Link(1, 2)
    for bad in ("", "x", token[:-1], token + "x", "x" * 900):
        with pytest.raises(Refused, match="not one of ours"):
            links.read(bad, at=NOW)


# ---- many, by several workers, with one that dies


@pytest.fixture
def many(cast: Cast, live_db: Any) -> int:
    """Three hundred more systems of one customer with forty people."""
    by = acting(cast.hana)
    release = cast.atlas.releases.get(version="7.1")
    for n in range(300):
        register.add_environment(
            cast.corvid, name=f"Plant {n}", kind="production", product=None, release=release, by=by, at=NOW
        )
    for n in range(40):
        lookup.add_contact(
            customer=cast.corvid, email=f"p{n}@corvid.example", name=f"P {n}", sees="all", by=by, at=NOW
        )
    return 40


def test_a_worker_that_dies_leaves_nothing_half_done_and_two_tell_nobody_twice(
    many: int, cast: Cast, advisory: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish.send(advisory, by=acting(cast.hana), at=NOW)
    assert telling.step(NOW)
    covered = Notice.objects.values("environment").distinct().count()
    assert 0 < covered < 300
    monkeypatch.setattr(telling, "_mail", _dies(telling._mail, after=7))
    with pytest.raises(SystemExit):
        tell_all()
    assert Delivery.objects.filter(template="advisory").count() == 7
    monkeypatch.undo()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    def work() -> None:
        try:
            tell_all()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    told = list(Delivery.objects.filter(template="advisory").values_list("recipient", flat=True))
    assert len(told) == len(set(told))
    assert {f"p{n}@corvid.example" for n in range(many)} <= set(told)
    found = publish.progress(Publication.objects.get())
    assert found.done
    assert found.covered == found.systems


def _dies(call: Any, *, after: int) -> Any:
    left = [after]

    def mail(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit("killed")
        return call(*args, **more)

    return mail


def fails(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Letters to this address cannot be made."""
    made = telling._mail

    def mail(letter: Any, to: Any, **more: Any) -> Any:
        if to.email == address:
            raise ValueError("the wording names {nobody}")
        return made(letter, to, **more)

    monkeypatch.setattr(telling, "_mail", mail)


def test_a_letter_that_cannot_be_made_fails_alone_and_is_made_once_somebody_has_looked(
    advisory: Publication, cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, "edgar@corvid.example")
    sent(advisory, cast, as_)
    told = mails(advisory)
    assert {"priya@harbourline.example", "aiko@kitano.example"} <= set(told)
    assert "edgar@corvid.example" not in told
    at = f"/desk/maintenance/{advisory.pk}"
    shown = page(as_(cast.mara), at)
    assert "1 letter could not be made" in shown
    assert "Edgar" in shown
    assert "ValueError: the wording names {nobody}" in shown
    assert "tried again" in shown
    assert "Try these again" not in shown, "an engineer sends nothing"
    for minutes in (5, 10, 15):
        tell_all(NOW + timedelta(minutes=minutes))
    assert Unwritten.objects.get().tries == 3
    assert "not tried again by itself" in page(as_(cast.hana), at)
    assert publish.progress(advisory).done, "what is parked is not waited for"
    monkeypatch.undo()
    assert as_(cast.mara).post(f"{at}/letters").status_code == 404
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    assert as_(cast.hana).post(f"{at}/letters").status_code == 303
    tell_all()
    assert "edgar@corvid.example" in mails(advisory)
    assert not Unwritten.objects.exists()
    assert "could not be made" not in page(as_(cast.hana), at)
    assert as_(cast.hana).post(f"{at}/letters").status_code == 422


def test_a_letter_that_cannot_be_made_holds_up_no_other_publication_nor_task(
    advisory: Publication, cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, "edgar@corvid.example")
    for customer in (cast.corvid, cast.kitano):
        tasks.open_task(
            tasks.Work(title="Renew it", owner=cast.mara, due_on=NOW.date(), text="Soon.", told=True),
            kind="preventive", customer=customer, by=acting(cast.mara), at=NOW,
        )  # fmt: skip
    sent(advisory, cast, as_)
    told = set(Delivery.objects.filter(template__startswith="task").values_list("recipient", flat=True))
    assert told == {"aiko@kitano.example"}
    stuck = TaskOutbox.objects.get()
    at = f"/desk/tasks/{stuck.change.task_id}"
    assert "The customer was not told: the letter could not be made" in page(as_(cast.mara), at)
    monkeypatch.undo()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    assert as_(cast.mara).post(f"{at}/letters").status_code == 303
    tell_all()
    assert not TaskOutbox.objects.exists()
    assert "was not told" not in page(as_(cast.mara), at)
    assert as_(cast.mara).post(f"{at}/letters").status_code == 422


def test_why_a_system_is_concerned_is_said_in_the_readers_language(cast: Cast) -> None:
    from django.utils.translation import override

    from mainstay.maintenance import concerned

    with override("de"):
        assert (
            concerned.said("runs Atlas Directory 7.1, within < 9.0")
            == "läuft mit Atlas Directory 7.1, in < 9.0"
        )
        assert concerned.said("runs Atlas Directory; nobody has said which release") == (
            "läuft mit Atlas Directory; niemand hat gesagt, mit welcher Fassung"
        )
        assert (
            concerned.said("runs Atlas 6.4, whose maintenance ends")
            == "läuft mit Atlas 6.4, dessen Wartung endet"
        )
        assert concerned.said("runs Atlas 6.4, older than 7.0") == "läuft mit Atlas 6.4, älter als 7.0"
        assert concerned.said("Something else") == "Something else"
    with override("en"):
        assert concerned.said("runs Atlas 7.1, within < 9.0") == "runs Atlas 7.1, within < 9.0"
