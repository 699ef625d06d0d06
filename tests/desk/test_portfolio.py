"""A TAM's portfolio: each customer with what may go wrong, and nobody else's customers."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act, StandIn, User
from mainstay.allowances.models import Draw
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Release
from mainstay.errors import Refused
from mainstay.maintenance import reviews, tasks
from mainstay.maintenance.models import Review, Task
from mainstay.notices import complaints, recipients
from mainstay.reports.models import Figure
from mainstay.tickets import concerns, resolution
from mainstay.tickets.models import Ticket

As = Callable[..., Client]


def page(client: Client, address: str = "/desk/portfolio") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def main(said: str) -> str:
    return said[said.index("<main") : said.index("</main>")]


def test_each_customer_stands_with_what_may_go_wrong_and_what_is_to_be_done(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    system = cast.production(cast.harbourline)
    assert "They have never asked for anything" in page(as_(cast.owen))
    ticket = asks(subject="Badges refused")
    Ticket.objects.update(due_at=None)
    assert "Nothing presses" in page(as_(cast.owen))
    Ticket.objects.filter(pk=ticket.pk).update(due_at=NOW - timedelta(minutes=5))
    Release.objects.filter(pk=system.release_id).update(maintained_until=NOW.date() + timedelta(days=20))
    work = tasks.Work("Call about the upgrade", cast.mara, NOW.date() + timedelta(days=3))
    tasks.open_task(work, by=acting(cast.owen), at=NOW, customer=cast.harbourline)
    asks(cast.beth, subject="Of Fernleigh")
    said = main(page(as_(cast.owen)))
    for words in ("Harbourline Health", "1 open ticket", "1 promise is missed", "Badges refused",
                  "looked after until 2026-03-22", "Call about the upgrade", "Mara Lindqvist"):  # fmt: skip
        assert words in said
    assert "Fernleigh" not in said


def test_who_has_no_customers_reads_how_they_come(cast: Cast, as_: As, now: datetime) -> None:
    assert "No customer is yours" in page(as_(cast.mara))
    assert "Harbourline Health" in main(page(as_(cast.hana), f"/desk/portfolio?tam={cast.owen.pk}"))
    assert "No customer is yours" in page(as_(cast.mara), f"/desk/portfolio?tam={'9' * 30}")


def test_many_customers_cost_no_more_questions(
    cast: Cast, asks: Any, as_: As, now: datetime, django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = as_(cast.owen)
    asks()
    page(client)
    with django_assert_max_num_queries(20) as few:
        page(client)
    Customer.objects.filter(pk__in=[cast.fernleigh.pk, cast.kitano.pk]).update(tam=cast.owen)
    asks(cast.beth)
    with django_assert_num_queries(len(few)):
        page(client)


# ---- what may go wrong


def risks(client: Client) -> str:
    return main(page(client))


def frozen(cast: Cast, first: date, value: str, kept: int, missed: int, state: str) -> None:
    months = first.month % 12 + 1
    end = first.replace(month=months, year=first.year + (months == 1))
    Figure.objects.create(
        customer=cast.harbourline, contract=Contract.objects.filter(customer=cast.harbourline).earliest("pk"),
        code="responses_in_time", per="month", period=f"{first:%Y-%m}", first=first, end=end, state=state,
        value=value, hash=f"{first}", known_at=NOW,
        text=json.dumps({
            "measure": {"kpi": "responses_in_time", "strength": "guarantee", "percent": 95, "per": "month"},
            "inputs": {"kept": kept, "missed": missed},
        }),
    )  # fmt: skip


def test_promises_that_are_kept_less_and_less_are_said(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    asks()
    frozen(cast, date(2025, 12, 1), "100 %", 20, 0, "met")
    assert "First responses in time" not in risks(as_(cast.owen))
    frozen(cast, date(2026, 1, 1), "97 %", 97, 3, "met")
    assert "First responses in time: 97 % after 100 %, still as agreed" in risks(as_(cast.owen))
    frozen(cast, date(2026, 2, 1), "90 %", 9, 1, "missed")
    assert "First responses in time: 90 % after 97 %, less than agreed" in risks(as_(cast.owen))


def test_a_concern_that_waits_leads_to_its_ticket(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    ticket = asks()
    concerns.concern(ticket, kind="complaint", text="So.", by=acting(cast.priya), at=NOW - timedelta(days=30))
    said = risks(as_(cast.owen))
    assert f'<a href="/desk/tickets/{ticket.pk}">1 concern waits for an answer, and is late</a>' in said


def test_a_complaint_about_no_request_is_a_risk_too(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    asks()
    complaints.complain(cast.tom, text="Nobody calls back.", at=NOW - timedelta(days=30))
    said = risks(as_(cast.owen))
    assert '<a href="/desk/concerns">1 concern waits for an answer, and is late</a>' in said


def test_of_whom_nothing_is_heard_is_said(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    asks(at=NOW - timedelta(days=95))
    assert "Nothing was asked for 95 days; is all well?" in risks(as_(cast.owen))
    asks(at=NOW)
    assert "is all well?" not in risks(as_(cast.owen))


def test_a_quota_nearly_used_up_is_said(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    held = Contract.objects.filter(customer=cast.harbourline).earliest("pk")
    document = {**held.package.document, "requests": {"number": 10, "per": "year"}}
    Package.objects.filter(pk=held.package_id).update(document=document)
    ticket = asks()
    for count, said in ((6, False), (1, True)):
        Draw.objects.create(
            ticket=ticket, customer=cast.harbourline, number=held.number, part=held.part, day=NOW.date(),
            count=count, why="asked", by_name="Priya Raman", at=NOW,
        )  # fmt: skip
        assert (f"8 of 10 requests of contract {held.number} are drawn" in risks(as_(cast.owen))) is said


# ---- standing in


def stand_in(client: Client, who: User, begin: datetime, end: datetime, **more: str) -> Any:
    zone = ZoneInfo("Australia/Sydney")
    said = {
        "stand_in": str(who.pk), "from": f"{begin.astimezone(zone):%Y-%m-%dT%H:%M}",
        "until": f"{end.astimezone(zone):%Y-%m-%dT%H:%M}", **more,
    }  # fmt: skip
    return client.post("/desk/portfolio/stand-ins", said)


def test_who_stands_in_sees_hears_and_escalates_until_it_ends_by_itself(
    cast: Cast, asks: Any, as_: As, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, later = asks(), NOW + timedelta(days=3)
    assert as_(cast.sanjay).post(f"/desk/tickets/{ticket.pk}/escalation", {"reason": "x"}).status_code == 404
    assert stand_in(as_(cast.owen), cast.sanjay, NOW, later).status_code == 303
    said = main(page(as_(cast.sanjay)))
    assert "You stand in for Owen Blake" in said
    assert "Harbourline Health" in said
    assert "You stand in for Owen Blake" in page(as_(cast.sanjay), "/desk/now")
    assert "Sanjay Iyer stands in" in page(as_(cast.mara), "/desk/customers/HARBOURLINE")
    event = resolution.escalate(ticket, reason="Board call.", by=acting(cast.hana), at=NOW)
    assert {one[0] for one in recipients.staff_of(event, ticket)} >= {cast.owen, cast.sanjay}
    answer = as_(cast.sanjay).post(
        f"/desk/tickets/{ticket.pk}/escalation", {"reason": "They called.", "seq": ticket.last_seq}
    )
    assert answer.status_code == 303
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert "Harbourline Health" not in main(page(as_(cast.sanjay)))
    assert as_(cast.sanjay).post(f"/desk/tickets/{ticket.pk}/escalation", {"reason": "x"}).status_code == 404
    event = resolution.escalate(ticket, reason="Again.", by=acting(cast.hana), at=later)
    assert cast.sanjay not in {one[0] for one in recipients.staff_of(event, ticket)}


def test_a_stand_in_is_taken_back_and_a_wrong_one_refused(cast: Cast, as_: As, now: datetime) -> None:
    client, later = as_(cast.owen), NOW + timedelta(days=3)
    stand_in(client, cast.sanjay, NOW, later)
    for answer, words in (
        (
            stand_in(client, cast.mara, NOW + timedelta(days=1), later),
            "From: meets the time in which Sanjay Iyer",
        ),
        (stand_in(client, cast.owen, later, later + timedelta(days=1)), "must be somebody else"),
        (stand_in(client, cast.dmitri, later, later + timedelta(days=1)), "must be somebody else"),
        (stand_in(client, cast.mara, later, later), "Until: must lie after the beginning"),
        (stand_in(client, cast.mara, later, later, person=str(cast.hana.pk)), "may be you alone"),
    ):
        assert answer.status_code == 422
        assert words in answer.content.decode()
    number = StandIn.objects.get().pk
    assert as_(cast.sanjay).post(f"/desk/portfolio/stand-ins/{number}/end").status_code == 404
    assert as_(cast.hana).post(f"/desk/portfolio/stand-ins/{number}/end").status_code == 303
    assert "Harbourline Health" not in main(page(as_(cast.sanjay)))
    assert [one.kind for one in Act.objects.order_by("pk")][-2:] == ["stand-in for a TAM"] * 2


# ---- reviews


def test_a_review_is_planned_held_and_what_was_agreed_is_followed(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    asks()
    client, where = as_(cast.owen), "/desk/customers/HARBOURLINE/reviews"
    assert "No review is planned" in main(page(client))
    client.post(where, {"on": "2026-03-20"})
    assert "Review 20 Mar" in main(page(client))
    assert "20 Mar 2026" in page(client, "/desk/customers/HARBOURLINE")
    held = {"held_on": "2026-03-02", "agreed": "They move to 7.2 in May.", "next_on": "2026-06-01"}
    assert client.post(f"{where}/held", held).status_code == 303
    review = Review.objects.get(held_on__isnull=False)
    item = {"title": "Send the plan", "owner": str(cast.mara.pk), "due_on": "2026-03-09"}
    assert client.post(f"{where}/{review.pk}/tasks", item).status_code == 303
    said = main(page(client, where))
    for words in ("They move to 7.2 in May.", "Send the plan", "Mara Lindqvist", "1 June 2026"):
        assert words in said
    assert "Send the plan" in main(page(client))
    task = Task.objects.get(review=review)
    tasks.end_task(task, outcome="Sent.", by=acting(cast.mara), at=NOW)
    assert "done" in main(page(client, where))
    tasks.open_again(task, reason="Another one.", by=acting(cast.owen), at=NOW)
    assert "Send the plan" in main(page(client))


def test_a_review_that_was_not_held_is_a_risk_and_no_day_is_none(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    asks()
    client, where = as_(cast.owen), "/desk/customers/HARBOURLINE/reviews"
    client.post(where, {"on": "2026-03-20"})
    Review.objects.update(planned_on=date(2026, 2, 20))
    assert "The review planned for 20 Feb 2026 has not been written down" in main(page(client))
    client.post(where, {"on": ""})
    assert not Review.objects.exists()
    for address, typed, words in (
        (where, {"on": "2026-02-01"}, "On: must be a day to come"),
        (f"{where}/held", {"held_on": "2026-05-01", "agreed": "x"}, "must be the day on which it was held"),
        (f"{where}/held", {"held_on": "2026-03-01", "agreed": " "}, "Agreed: must say what was agreed"),
    ):
        answer = client.post(address, typed)
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_a_review_is_written_down_on_the_day_on_which_it_is_held_wherever_that_is(
    cast: Cast,
) -> None:
    in_sydney = datetime(2026, 3, 3, 8, tzinfo=ZoneInfo("Australia/Sydney"))
    held = reviews.hold(
        cast.harbourline, held_on=date(2026, 3, 3), agreed="They move.", next_on=None, by=acting(cast.owen),
        at=in_sydney.astimezone(UTC),
    )  # fmt: skip
    assert held.held_on == date(2026, 3, 3), "their day has begun, that of UTC has not"
    in_honolulu = datetime(2026, 3, 2, 18, tzinfo=ZoneInfo("Pacific/Honolulu"))
    reviews.plan(cast.harbourline, on=date(2026, 3, 2), by=acting(cast.owen), at=in_honolulu.astimezone(UTC))
    with pytest.raises(Refused, match="must be the day on which it was held"):
        reviews.hold(
            cast.harbourline, held_on=date(2026, 3, 4), agreed="x", next_on=None, by=acting(cast.owen),
            at=in_sydney.astimezone(UTC),
        )  # fmt: skip
