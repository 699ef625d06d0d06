"""A ticket is put off by one person, comes back at its time or when something concerns them, and owes what it owed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.desk.models import Bulk
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, dispatch, resolution, snoozing, triage, watch
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Event, Snooze, Ticket

As = Callable[..., Any]
WEEK = NOW + timedelta(days=7)


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket], now: datetime) -> Ticket:
    """In Mara's hands, answered, with the customer to answer next: no promise is due this week."""
    found = asks()
    by = acting(cast.ifeoma)
    triage.triage(found, severity=3, category="technical", reason="Slow.", by=by, at=NOW)
    dispatch.assign(found, to=cast.mara, by=by, at=NOW)
    resolution.reply(found, said=Said("Which reader?", "desk"), wait=True, by=acting(cast.mara), at=NOW)
    return found


def put_off(client: Any, ticket: Ticket, **typed: str) -> Any:
    return client.post(f"/desk/tickets/{ticket.pk}/snooze", {"when": "tomorrow", **typed})


def rows(client: Any, view: str = "", q: str = "") -> set[int]:
    page = client.get("/desk/", {"view": view, "q": q}).content.decode()
    return {one.pk for one in Ticket.objects.all() if f'data-id="{one.pk}"' in page}


def told(cast: Cast, ticket: Ticket, who: str) -> list[Delivery]:
    while announce_pending(NOW):
        pass
    found = Delivery.objects.filter(ticket=ticket, template="snooze_ended", user=getattr(cast, who))
    return list(found.order_by("channel"))


def sentences(client: Any, ticket: Ticket) -> str:
    return str(client.get(f"/desk/tickets/{ticket.pk}").content.decode())


def test_it_leaves_their_own_view_and_stands_under_snoozed(cast: Cast, ticket: Ticket, as_: As) -> None:
    mara, sanjay = as_(cast.mara), as_(cast.sanjay)
    assert rows(mara, "mine") == {ticket.pk}
    assert put_off(mara, ticket, note="ask about the reader").status_code == 303
    assert rows(mara, "mine") == set()
    assert rows(mara, "snoozed") == rows(mara, q="is:snoozed") == {ticket.pk}
    assert rows(mara) == rows(sanjay) == {ticket.pk}
    assert rows(mara, q="-is:snoozed") == set()
    assert rows(sanjay, "snoozed") == set()
    assert "Badge sign-in refused" not in mara.get("/desk/now").content.decode()
    said = sentences(mara, ticket)
    assert "put it off for themselves until Tue" in said
    assert "bring it back" in said
    assert "bring it back" not in sentences(sanjay, ticket)


def test_the_list_says_until_when_and_what_for_and_brings_back(
    cast: Cast, ticket: Ticket, asks: Any, as_: As
) -> None:
    client, other = as_(cast.mara), asks(cast.beth, subject="Later")
    put_off(client, ticket, when="at", until="2026-03-04T09:00", note="ask about the <reader>")
    put_off(client, other, when="answer", anyway="1")
    page = client.get("/desk/?view=snoozed").content.decode()
    assert "put off until Wed 09:00: ask about the &lt;reader&gt;" in page
    assert "put off until the customer answers" in page
    assert "put off until" in client.get("/desk/?q=is:snoozed").content.decode()
    assert "put off until" not in client.get("/desk/").content.decode()
    woken = client.post("/desk/bulk", {"act": "wake", "ticket": ticket.pk, "next": "/desk/?view=snoozed"})
    assert woken["Location"].startswith("/desk/?view=snoozed&done=")
    assert rows(client, "snoozed") == {other.pk}
    assert rows(client, "mine") == {ticket.pk}
    assert "It can be taken back until" in client.get(woken["Location"]).content.decode()
    client.post(f"/desk/bulk/{Bulk.objects.latest('pk').pk}/undo")
    assert Snooze.objects.get(ticket=ticket).note == "ask about the <reader>"
    refused = client.post("/desk/bulk", {"act": "wake", "ticket": asks(subject="Not put off").pk})
    assert "was not put off by you" in client.get(refused["Location"]).content.decode()


def test_mine_counts_what_is_not_put_off(cast: Cast, ticket: Ticket, as_: As) -> None:
    client = as_(cast.mara)
    put_off(client, ticket)
    page = client.get("/desk/").content.decode()
    tabs = page[page.index("view=mine") : page.index("view=closed")]
    assert ">0<" in tabs.split("view=snoozed")[0].split("view=nobody")[0]
    assert ">1<" in tabs.split("view=snoozed")[1]


def test_tomorrow_and_monday_are_nine_in_the_morning_where_the_person_is(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    cast.mara.time_zone = "Asia/Tokyo"
    cast.mara.save()
    for when, local in (("tomorrow", (3, 3)), ("monday", (3, 9))):
        put_off(as_(cast.mara), ticket, when=when)
        assert Snooze.objects.get().until == datetime(2026, *local, 0, 0, tzinfo=UTC)
    put_off(as_(cast.mara), ticket, when="at", until="2026-03-04T15:30")
    assert Snooze.objects.get().until == datetime(2026, 3, 4, 6, 30, tzinfo=UTC)


def test_at_its_time_it_comes_back_with_a_reminder_by_notice_and_mail_once(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    client = as_(cast.mara)
    put_off(client, ticket, when="at", until="2026-03-04T09:00", note="ask about the reader")
    due = Snooze.objects.get().until
    assert due is not None
    watch.look(due - timedelta(seconds=1))
    assert Snooze.objects.exists()
    for _ in range(2):
        watch.look(due)
    assert not Snooze.objects.exists()
    assert [one.channel for one in told(cast, ticket, "mara")] == ["desk", "email"]
    assert rows(client, "mine") == {ticket.pk}
    home = client.get("/desk/now").content.decode()
    assert "For you</h2>" in home
    assert "the time has come: ask about the reader" in home
    client.post("/desk/now/seen", {"notice": [str(one.pk) for one in told(cast, ticket, "mara")]})
    assert "For you</h2>" not in client.get("/desk/now").content.decode()
    assert "Back for Mara Lindqvist: the time has come" in sentences(client, ticket)


def test_a_customers_answer_brings_it_back_at_once_for_all_who_put_it_off(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    put_off(as_(cast.mara), ticket, when="answer")
    put_off(as_(cast.sanjay), ticket, when="monday")
    at = NOW + timedelta(minutes=5)
    resolution.customer_replied(ticket, said=Said("The north one.", "email"), by=acting(cast.priya), at=at)
    assert not Snooze.objects.exists()
    assert [one.channel for one in told(cast, ticket, "sanjay")] == ["desk"]
    assert rows(as_(cast.mara), "mine") == {ticket.pk}
    assert sentences(as_(cast.mara), ticket).count("the customer answered") == 2


def test_a_promise_that_is_due_before_is_said_with_a_time_that_keeps_it(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket, client = asks(), as_(cast.mara)
    dispatch.assign(ticket, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    refused = put_off(client, ticket, when="monday", note="after the weekend")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "First response is due" in page
    assert "before then; choose" in page
    assert 'value="after the weekend"' in page
    assert not Snooze.objects.exists()
    put_off(client, ticket, when="before")
    held, ticket = Snooze.objects.get(), Ticket.objects.get(pk=ticket.pk)
    assert held.until is not None
    assert ticket.due_at is not None
    assert NOW < held.until < ticket.due_at
    assert put_off(client, ticket, when="monday", anyway="1").status_code == 303
    assert Snooze.objects.get().until == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)  # nine in Berlin


def test_no_promise_stands_still_and_its_warning_brings_it_back(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket, client = asks(), as_(cast.mara)
    dispatch.assign(ticket, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    before = list(Clock.objects.filter(ticket=ticket).order_by("position").values("clock", "state", "due_at"))
    put_off(client, ticket, when="monday", anyway="1")
    assert before == list(
        Clock.objects.filter(ticket=ticket).order_by("position").values("clock", "state", "due_at")
    )
    first = Clock.objects.get(ticket=ticket, clock="first_response")
    assert first.warn_at is not None
    watch.look(first.warn_at)
    assert Event.objects.filter(ticket=ticket, kind="warned", after__clock="first_response").exists()
    assert not Snooze.objects.exists()
    assert "a promise is due soon" in sentences(client, ticket)


def test_it_is_brought_back_by_its_owner_and_nobody_else(cast: Cast, ticket: Ticket, as_: As) -> None:
    put_off(as_(cast.mara), ticket)
    assert as_(cast.sanjay).post(f"/desk/tickets/{ticket.pk}/snooze/end").status_code == 422
    assert as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/snooze/end").status_code == 303
    assert rows(as_(cast.mara), "mine") == {ticket.pk}
    assert told(cast, ticket, "mara") == []


def test_what_one_does_oneself_brings_nothing_back_and_closing_ends_it_silently(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    put_off(as_(cast.mara), ticket)
    triage.change_severity(ticket, severity=2, reason="More of them.", by=acting(cast.mara), at=NOW)
    assert Snooze.objects.count() == 1
    closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.ifeoma), at=NOW)
    assert not Snooze.objects.exists()
    assert told(cast, ticket, "mara") == []


def test_given_to_them_it_is_back_given_to_somebody_else_it_stays_away(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    put_off(as_(cast.mara), ticket)
    put_off(as_(cast.sanjay), ticket)
    dispatch.assign(ticket, to=cast.sanjay, reason="his", by=acting(cast.ifeoma), at=NOW)
    assert list(Snooze.objects.values_list("user__name", flat=True)) == ["Mara Lindqvist"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"when": "someday"}, "is not chosen"),
        ({"when": "at"}, "is missing; choose a day and a time"),
        ({"when": "at", "until": "2026-03-01T09:00"}, "lies in the past"),
        ({"when": "at", "until": "2028-03-01T09:00"}, "more than a year ahead"),
        ({"when": "at", "until": "tomorrow"}, "cannot be read"),
        ({"when": "before"}, "is too late"),
        ({"note": "x" * 201}, "is longer than 200"),
    ],
)
def test_what_cannot_be_is_said_by_the_field(
    typed: dict[str, str], says: str, cast: Cast, ticket: Ticket, as_: As
) -> None:
    answer = put_off(as_(cast.mara), ticket, **typed)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Snooze.objects.exists()


def test_many_are_put_off_at_once_and_taken_back(cast: Cast, ticket: Ticket, asks: Any, as_: As) -> None:
    client, other, by = as_(cast.mara), asks(), acting(cast.mara)
    snoozing.snooze(ticket, until=WEEK, note="old", by=by, at=NOW)
    typed = {"act": "snooze", "go": "1", "ticket": [ticket.pk, other.pk], "when": "tomorrow"}
    answer = client.post("/desk/bulk", typed)
    page = client.get(answer["Location"]).content.decode()
    assert "First response is due" in page  # the one that was not put off
    made = Bulk.objects.get()
    assert [one["ticket"] for one in made.results if "error" not in one] == [ticket.pk]
    client.post(f"/desk/bulk/{made.pk}/undo")
    held = Snooze.objects.get()
    assert (held.until, held.note) == (WEEK, "old")
    client.post("/desk/bulk", {**typed, "anyway": "1"})
    assert Snooze.objects.count() == 2
    client.post(f"/desk/bulk/{Bulk.objects.latest('pk').pk}/undo")
    assert list(Snooze.objects.values_list("ticket", flat=True)) == [ticket.pk]


def test_an_auditor_puts_nothing_off(cast: Cast, ticket: Ticket, as_: As) -> None:
    assert put_off(as_(cast.dmitri), ticket).status_code == 404
    assert "Put it off" not in sentences(as_(cast.dmitri), ticket)


def test_a_note_to_oneself_is_heard_by_no_customer(cast: Cast, ticket: Ticket, as_: As) -> None:
    put_off(as_(cast.mara), ticket, note="they are slow to answer")
    while announce_pending(NOW):
        pass
    assert "slow to answer" not in as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    assert not Delivery.objects.filter(template="snoozed").exists()
