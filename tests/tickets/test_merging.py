"""Merging, taking apart, splitting: promises survive, replies find their way, nothing crosses customers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.errors import Refused
from mainstay.tickets import causes, closure, events, merging, resolution, triage, verify
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Event, Participant, Ticket


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.fixture
def asks(cast: Cast) -> Callable[..., Ticket]:
    def opened(who: Any = None, at: datetime = NOW) -> Ticket:
        who = who or cast.priya
        request = Request(
            subject="Badge sign-in refused", said=Said("It fails.", "email"), customer=who.customer, contact=who,
            address=who.email, name=who.name,
        )  # fmt: skip
        return open_ticket(request, by=acting(who), at=at)

    return opened


def clocks(ticket: Ticket) -> list[tuple[Any, ...]]:
    rows = Clock.objects.filter(ticket=ticket).order_by("position")
    return list(rows.values_list("clock", "n", "state", "due_at", "target", "stopped_at", "breached"))


def due(ticket: Ticket, clock: str) -> datetime | None:
    return Clock.objects.get(ticket=ticket, clock=clock, state="running").due_at


def sound(*tickets: Ticket) -> None:
    for ticket in tickets:
        ticket.refresh_from_db()
        assert list(verify.differences(ticket)) == []
        assert events.first_broken(list(Event.objects.filter(ticket=ticket).order_by("seq"))) is None


def merge(ticket: Ticket, into: Ticket, cast: Cast, hours: float = 2) -> None:
    merging.merge(ticket, into.pk, reason="The same.", by=acting(cast.mara), at=later(hours))


@pytest.mark.parametrize("into_older", [True, False])
def test_of_each_promise_the_earlier_due_instant_stands(
    into_older: bool, cast: Cast, asks: Callable[..., Ticket]
) -> None:
    older, newer = asks(), asks(at=later(1))
    wanted = {name: due(older, name) for name in ("first_response", "resolution")}
    assert wanted["resolution"] < due(newer, "resolution")  # type: ignore[operator]
    gone, stays = (newer, older) if into_older else (older, newer)
    merge(gone, stays, cast)
    sound(gone, stays)
    assert (gone.state, gone.close_reason, gone.merged_into_id) == ("closed", "duplicate", stays.pk)
    for name, instant in wanted.items():
        assert due(stays, name) == instant, name


def test_the_graver_severity_stands_and_its_promise_with_it(cast: Cast, asks: Callable[..., Ticket]) -> None:
    older, newer = asks(), asks(at=later(0.5))
    triage.triage(
        newer, severity=1, category="technical", reason="All down.", by=acting(cast.ifeoma), at=later(0.6)
    )
    first = due(newer, "first_response")
    merge(newer, older, cast, hours=0.7)
    sound(older, newer)
    assert older.severity == 1
    found = due(older, "first_response")
    assert first is not None
    assert found is not None
    assert found <= first


def test_words_that_nobody_answered_are_unanswered_on_the_ticket_that_stays(
    cast: Cast, asks: Callable[..., Ticket]
) -> None:
    answered, asked = asks(), asks(at=later(1))
    resolution.reply(
        answered, said=Said("Which release?", "desk"), wait=True, by=acting(cast.mara), at=later(0.5)
    )
    first = due(asked, "first_response")
    merge(asked, answered, cast)
    sound(answered, asked)
    assert answered.state == "open", "the ball is with us (LESSON 30)"
    assert due(answered, "next_response") <= first  # type: ignore[operator]


def test_taken_apart_both_stand_as_if_nobody_had_merged_them__lesson_29(
    cast: Cast, asks: Callable[..., Ticket]
) -> None:
    older, newer = asks(), asks(cast.tom, at=later(1))
    triage.triage(
        newer, severity=1, category="technical", reason="All down.", by=acting(cast.ifeoma), at=later(1.1)
    )
    names = (
        "state",
        "step",
        "severity",
        "terms_id",
        "agreed",
        "queue_at",
        "due_at",
        "closed_at",
        "close_reason",
    )
    before = {one.pk: ([getattr(one, name) for name in names], clocks(one)) for one in (older, newer)}
    for into, gone in ((older, newer), (newer, older)):  # both directions
        merge(gone, into, cast)
        assert Participant.objects.filter(ticket=into).count() == 2
        merging.unmerge(gone, by=acting(cast.mara), at=later(3))
        sound(older, newer)
        for one in (older, newer):
            assert ([getattr(one, name) for name in names], clocks(one)) == before[one.pk], one.pk
        assert Participant.objects.filter(ticket=into).count() == 1
        assert gone.merged_into_id is None


def test_taken_apart_late_what_was_owed_stays_owed(cast: Cast, asks: Callable[..., Ticket]) -> None:
    older, newer = asks(), asks(at=later(1))
    merge(older, newer, cast)
    resolution.reply(newer, said=Said("We look.", "desk"), by=acting(cast.mara), at=later(2.5))
    owed = due(newer, "resolution")
    merging.unmerge(older, by=acting(cast.mara), at=later(3))
    sound(older, newer)
    assert due(newer, "resolution") == owed
    assert due(older, "first_response") is not None, "nobody answered on it"


def test_nothing_is_merged_across_customers_into_itself_a_part_or_a_closed_one__attack_46(
    cast: Cast, asks: Callable[..., Ticket]
) -> None:
    mine, other, theirs = asks(), asks(), asks(cast.edgar)
    by = acting(cast.mara)
    for number in (theirs.pk, mine.pk, 999_999):
        with pytest.raises(Refused, match="other"):
            merging.merge(mine, number, reason="x", by=by, at=later(1))
    merge(other, mine, cast)
    with pytest.raises(Refused, match="is part of"):
        merging.merge(asks(), other.pk, reason="x", by=by, at=later(3))
    with pytest.raises(Refused, match="close"):
        merging.merge(other, mine.pk, reason="x", by=by, at=later(3))
    with pytest.raises(Refused, match="is part of"):
        closure.reopen(other, said=None, by=by, at=later(3), reason="x")
    closure.close(mine, reason="resolved", text="Done.", by=by, at=later(3))
    with pytest.raises(Refused, match="is closed"):
        merging.merge(asks(), mine.pk, reason="x", by=by, at=later(4))


def test_parts_of_parts_are_parts(cast: Cast, asks: Callable[..., Ticket]) -> None:
    one, two, three = asks(), asks(), asks()
    merge(one, two, cast)
    merge(two, three, cast)
    assert set(merging.parts(three)) == {one.pk, two.pk}
    one.refresh_from_db()
    assert merging.standing(one).pk == three.pk


def test_what_is_split_off_was_received_when_it_was_said(cast: Cast, asks: Callable[..., Ticket]) -> None:
    ticket = asks()
    for hours, text in ((1, "And the printers?"), (2, "They print pages of noughts.")):
        resolution.customer_replied(ticket, said=Said(text, "email"), by=acting(cast.tom), at=later(hours))
    first, *rest = ticket.messages.order_by("at", "id")
    by = acting(cast.mara)
    with pytest.raises(Refused, match="messages"):
        merging.split(ticket, named=[], subject="x", reason="x", by=by, at=later(3))
    with pytest.raises(Refused, match="all that"):
        merging.split(
            ticket, named=[first.pk, *(m.pk for m in rest)], subject="x", reason="x", by=by, at=later(3)
        )
    made = merging.split(
        ticket,
        named=[one.pk for one in rest],
        subject="Printers",
        reason="Another matter.",
        by=by,
        at=later(3),
    )
    sound(ticket, made)
    assert made.opened_at == rest[0].at == later(1)
    assert made.requester == cast.tom
    assert [one.text for one in made.messages.order_by("at", "id")] == [one.text for one in rest]
    assert Clock.objects.get(ticket=made, clock="first_response").started_at == later(1)
    merge(made, ticket, cast, hours=4)  # taken back
    sound(ticket, made)


def test_a_common_cause_spans_customers_and_only_its_open_tickets_are_told(
    cast: Cast, asks: Callable[..., Ticket]
) -> None:
    mine, theirs, done = asks(), asks(cast.edgar), asks()
    cause = causes.begin("Expired intermediate certificate", at=NOW)
    for one in (mine, theirs, done):
        causes.join(one, cause, by=acting(cast.mara), at=later(1))
    closure.close(done, reason="resolved", text="Done.", by=acting(cast.mara), at=later(2))
    assert list(causes.tickets_of(cause)) == [mine, theirs]
    causes.leave(theirs, by=acting(cast.mara), at=later(3))
    assert list(causes.tickets_of(cause)) == [mine]
    causes.end(cause, at=later(4))
    assert not causes.known().exists()
    sound(mine, theirs, done)
