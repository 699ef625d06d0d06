"""Home: what needs each of them now, in one screen, what presses first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.advisor.models import Lead
from mainstay.desk import bands
from mainstay.maintenance import tasks
from mainstay.staffing.models import Absence, Engineer
from mainstay.tickets import dispatch, triage
from mainstay.tickets.models import Ticket

As = Callable[..., Client]


def home(client: Client) -> str:
    answer = client.get("/desk/now")
    assert answer.status_code == 200
    return str(answer.content.decode())


def a_task(cast: Cast, title: str, days: int, **more: Any) -> Any:
    work = tasks.Work(title, cast.mara, NOW.date() + timedelta(days=days))
    return tasks.open_task(work, by=acting(cast.ifeoma), at=NOW, **more)


def test_an_engineer_sees_their_tickets_on_the_scale_and_the_tasks_that_are_due(
    cast: Cast, asks: Any, as_: As, now: Any
) -> None:
    ticket = asks(subject="Badges refused")
    triage.triage(ticket, severity=1, category="technical", reason="Down.", by=acting(cast.ifeoma), at=NOW)
    dispatch.assign(ticket, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    asks(subject="Somebody else's affair")
    a_task(cast, "Renew the certificate", 3, customer=cast.harbourline)
    a_task(cast, "In a month", 30)
    said = home(as_(cast.mara))
    assert "Yours, in their order" in said
    assert "Badges refused" in said
    assert 'data-k="run"' in said, "drawn on the promise scale"
    assert "Renew the certificate" in said
    assert "Thu 5 Mar" in said
    assert "In a month</a>" not in said
    assert "Somebody else" not in said


def test_whoever_triages_sees_what_is_untriaged_and_the_mail_that_waits(
    cast: Cast, asks: Any, as_: As, now: Any
) -> None:
    asks(subject="Fresh and untriaged")
    triaged = asks(subject="Triaged, nobody's")
    triage.triage(triaged, severity=2, category="technical", reason="Slow.", by=acting(cast.ifeoma), at=NOW)
    said = home(as_(cast.ifeoma))
    assert said.index("To triage") < said.index("Fresh and untriaged")
    assert said.index("nobody has them yet") < said.index("Triaged, nobody&#x27;s")
    assert "Fresh and untriaged" not in home(as_(cast.mara))


def test_a_ticket_that_belongs_to_two_bands_stands_once(cast: Cast, asks: Any, as_: As, now: Any) -> None:
    ticket = asks(subject="Everything is down", emergency=("says: everything is down",))
    said = home(as_(cast.ifeoma))
    assert said.index("nobody has seen it") < said.index("Everything is down")
    assert said.count(f'data-id="{ticket.pk}"') == 1


def test_a_tam_sees_their_customers_and_no_others(cast: Cast, asks: Any, as_: As, now: Any) -> None:
    asks(subject="Of Harbourline")
    asks(cast.beth, subject="Of Fernleigh")
    said = home(as_(cast.owen))
    assert "Of your customers" in said
    assert "Of Harbourline" in said
    assert "Of Fernleigh" not in said


def test_a_manager_sees_what_breaks_first_and_who_is_away(cast: Cast, asks: Any, as_: As, now: Any) -> None:
    asks(subject="Of whoever has it")
    engineer = Engineer.objects.get(user=cast.mara)
    Absence.objects.create(
        engineer=engineer, starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=3), reason="x"
    )
    said = home(as_(cast.hana))
    assert "what breaks its promise first" in said
    assert "Of whoever has it" in said
    assert "Who is away within a week" in said
    assert "Mara Lindqvist" in said


def test_sales_see_who_asked_to_be_written_to(cast: Cast, as_: As, now: Any) -> None:
    Lead.objects.create(at=NOW, advice="1", level_code="high", package_code="high", name="Pat Poe",
                        email="pat@poe.example", organisation="Poe & Daughters")  # fmt: skip
    assert "Poe &amp; Daughters" in home(as_(cast.lena))
    assert "Poe" not in home(as_(cast.mara))


def test_an_auditor_sees_what_was_changed_and_by_whom(cast: Cast, as_: As, now: Any) -> None:
    as_(cast.ruth).post("/desk/products", {"code": "cove", "name": "Cove"})
    said = home(as_(cast.dmitri))
    assert "What was changed last" in said
    assert "Ruth Castellan" in said
    assert "I have seen these" not in said
    assert "New ticket" not in said


def test_late_stands_before_what_is_only_due(cast: Cast, as_: As, now: Any) -> None:
    a_task(cast, "Was due on Saturday", -2)
    said = home(as_(cast.mara))
    assert 'class="hot">Sat 28 Feb' in said


def test_whoever_has_nothing_to_do_reads_what_comes_next(cast: Cast, asks: Any, as_: As, now: Any) -> None:
    assert "Nothing waits for you" in home(as_(cast.sanjay))
    asks()
    assert "1 open ticket has no owner yet" in home(as_(cast.sanjay))
    for other in (cast.lena, cast.owen):  # taking a ticket is not what they are here for
        assert "has no owner yet" not in home(as_(other))


@pytest.mark.parametrize("name", ["mara", "ifeoma", "hana", "owen", "lena", "ruth", "dmitri"])
def test_home_asks_as_often_for_many_tickets_as_for_few(
    name: str, cast: Cast, asks: Any, as_: As, now: Any, django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = as_(getattr(cast, name))
    asks()
    a_task(cast, "One", 1)
    home(client)
    with django_assert_max_num_queries(25) as few:
        home(client)
    asked = len(few)
    for n in range(4):
        asks(subject=f"More {n}", at=NOW + timedelta(minutes=n))
        a_task(cast, f"More {n}", 2)
    home(client)  # draws what is new: rows that look as they did are kept
    with django_assert_num_queries(asked):
        home(client)


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: bands._first(10, ~Q(emergency=[]), emergency_seen_at__isnull=True), "ticket_emergency"),
        (lambda: Ticket.objects.filter(state="closed").order_by("-opened_at", "-pk")[:51], "ticket_closed"),
    ],
)
def test_what_few_or_many_tickets_are_is_read_by_an_index_of_its_own(rows: Any, index: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert index in rows().explain()
