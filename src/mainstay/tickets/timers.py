"""What happens by itself when nothing else does: reminders, closing, waking.

Business days are those of the customer's hours; hours, days, weeks and months of closing rules are on the wall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from mainstay.contracts import terms
from mainstay.contracts.terms import TermsDocument
from mainstay.sla import hours
from mainstay.sla.targets import parse_target, seconds_at
from mainstay.tickets.models import Event, State, Ticket, Timer

FALLBACK = {
    "solution_reminders": ["2bd"],
    "solution_closes": "5bd",
    "question_reminders": ["2bd", "5bd"],
    "question_closes": "10bd",
    "reopen_window": "10bd",
}


def after_solution(ticket: Ticket, event: Event) -> None:
    """Reminders, then closing, unless the customer answers (C1)."""
    _set(ticket, event, "solution_reminders", "solution_closes")


def after_question(ticket: Ticket, event: Event) -> None:
    """Reminders, then closing, unless the information comes; or waking at the date we wait until."""
    if ticket.waiting_until is not None:
        wake(ticket, event)
    else:
        _set(ticket, event, "question_reminders", "question_closes")


def wake(ticket: Ticket, event: Event) -> None:
    """Resume at the instant we wait until, if there is one."""
    clear(ticket)
    if ticket.waiting_until is not None:
        Timer.objects.create(
            ticket=ticket, kind=Timer.Kind.WAKE, due_at=ticket.waiting_until, set_at_seq=event.seq
        )


def clear(ticket: Ticket) -> None:
    """Nothing happens by itself any more."""
    clear_all([ticket])


def clear_all(tickets: Sequence[Ticket]) -> None:
    """The same of several."""
    if tickets:
        Timer.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).delete()


def closes_at(ticket: Ticket) -> datetime | None:
    """When the ticket closes by itself if nothing happens."""
    timer = Timer.objects.filter(ticket=ticket, kind=Timer.Kind.CLOSE).first()
    return timer.due_at if timer else None


def postpone_closing(ticket: Ticket, *, late: timedelta) -> None:
    """A reminder that comes late (we were away) leaves the customer the time it would have had."""
    if late > timedelta(hours=1):
        for timer in Timer.objects.filter(ticket=ticket, kind=Timer.Kind.CLOSE):
            timer.due_at += late
            timer.save(update_fields=["due_at"])


def put_off_closing(ticket: Ticket, *, at: datetime) -> None:
    """Another business day before it closes by itself."""
    due = _after(ticket, at, "1bd")
    Timer.objects.create(ticket=ticket, kind=Timer.Kind.CLOSE, due_at=due, set_at_seq=ticket.last_seq)


def window_ends(ticket: Ticket) -> datetime:
    """Until when a reply reopens the closed ticket."""
    if ticket.closed_at is None:
        raise ValueError("the ticket is not closed")
    rules = _rules(ticket)
    if rules.get("reopens") is False:
        return ticket.closed_at
    return _after(ticket, ticket.closed_at, str(rules["reopen_window"]))


def _set(ticket: Ticket, event: Event, reminders: str, closes: str) -> None:
    clear(ticket)
    rules = _rules(ticket)
    end = _after(ticket, event.at, str(rules[closes]))
    due = {_after(ticket, event.at, target) for target in rules[reminders]}
    Timer.objects.bulk_create(
        [
            *(
                Timer(ticket=ticket, kind=Timer.Kind.REMIND, due_at=at, set_at_seq=event.seq)
                for at in sorted(due)
                if at < end
            ),
            *(
                [Timer(ticket=ticket, kind=Timer.Kind.CLOSE, due_at=end, set_at_seq=event.seq)]
                if rules.get("closes", True)
                else []
            ),
        ]
    )


# ---- under other terms

TURNS = {
    State.PROPOSED: ("solution_reminders", "solution_closes"),
    State.WAITING_CUSTOMER: ("question_reminders", "question_closes"),
}
Pair = tuple[Ticket, TermsDocument | None, TermsDocument]
"""A ticket, the terms that judged it, and those that do or would."""


@dataclass(frozen=True)
class Retimed:
    """When a ticket was to close by itself and when it is to under other terms (None: never), and its reminders."""

    was: datetime | None
    closes: datetime | None
    reminders: list[datetime]
    set_at_seq: int


def moves(pairs: Sequence[Pair], at: datetime) -> dict[int, Retimed]:
    """The tickets that would close by themselves on another day, by number. One statement; none where none waits.

    Counted from the same question or solution as before, never sooner than a business day from `at`: rules that
    change take nobody's time to answer.
    """
    waiting = [pair for pair in pairs if pair[0].state in TURNS]
    if not waiting:
        return {}
    begun = Event.objects.filter(ticket=OuterRef("ticket"), seq=OuterRef("set_at_seq")).values("at")
    held: dict[int, list[Timer]] = {}
    for timer in Timer.objects.filter(ticket__in=[one.pk for one, *_ in waiting]).annotate(
        began=Subquery(begun)
    ):
        held.setdefault(timer.ticket_id, []).append(timer)
    found = {one.pk: _moved(one, old, new, held.get(one.pk, []), at) for one, old, new in waiting}
    return {number: moved for number, moved in found.items() if moved is not None}


def retime(pairs: Sequence[Pair], at: datetime) -> None:
    """Other terms judge these tickets from `at`: what happens by itself follows."""
    found = moves(pairs, at)
    if not found:
        return
    kinds = (Timer.Kind.REMIND, Timer.Kind.CLOSE)
    Timer.objects.filter(ticket__in=found, kind__in=kinds).delete()
    Timer.objects.bulk_create(
        Timer(ticket_id=number, kind=kind, due_at=due, set_at_seq=one.set_at_seq)
        for number, one in found.items()
        for kind, due in _timers_of(one)
    )


def _timers_of(one: Retimed) -> list[tuple[str, datetime]]:
    closing = [(Timer.Kind.CLOSE, one.closes)] if one.closes else []
    return [*((Timer.Kind.REMIND, at) for at in one.reminders), *closing]


def _moved(
    ticket: Ticket, old: TermsDocument | None, new: TermsDocument, held: Sequence[Timer], at: datetime
) -> Retimed | None:
    if any(one.kind == Timer.Kind.WAKE for one in held):
        return None  # it waits until a day that was named
    seq = max((one.set_at_seq for one in held), default=ticket.last_seq)
    began = max((one.began for one in held), default=ticket.state_since)  # type: ignore[attr-defined]
    was = next((one.due_at for one in held if one.kind == Timer.Kind.CLOSE), None)
    before, rules = _rules_of(old, ticket.severity), _rules_of(new, ticket.severity)
    reminds, closes = TURNS[State(ticket.state)]
    end = _closing(new, rules, closes, began)
    if _closing(old, before, closes, began) == end:
        return None
    if end is not None:
        soonest = _reckoned(new, at, "1bd")
        end = max(end, min(soonest, was) if was else soonest)
    due = {_reckoned(new, began, target) for target in rules[reminds]}
    reminders = sorted(one for one in due if one > at and (end is None or one < end))
    return Retimed(was, end, reminders, seq) if end != was else None


def _closing(
    said: TermsDocument | None, rules: dict[str, Any], closes: str, began: datetime
) -> datetime | None:
    return _reckoned(said, began, str(rules[closes])) if rules.get("closes", True) else None


def _rules(ticket: Ticket) -> dict[str, Any]:
    """The closing rules for the ticket as it is: the terms', and where they differ for its severity."""
    return _rules_of(terms.load(ticket.terms_id) if ticket.terms_id else None, ticket.severity)


def _rules_of(said: TermsDocument | None, severity: int) -> dict[str, Any]:
    if said is None:
        return dict(FALLBACK)
    by_severity = said.document.get("closing_by_severity", {})
    own = by_severity.get(str(severity), by_severity.get("*", {}))
    return {**FALLBACK, **said.closing, **own}


def _after(ticket: Ticket, start: datetime, target: str) -> datetime:
    return _reckoned(terms.load(ticket.terms_id) if ticket.terms_id else None, start, target)


def _reckoned(said: TermsDocument | None, start: datetime, target: str) -> datetime:
    if said is None:
        return start + timedelta(days=14)
    wanted, begun = parse_target(target), hours.instant(start)
    calendar = said.business if wanted.unit in ("bd", "eobd") else said.calendars["always"]
    return hours.at(calendar.add(begun, seconds_at(wanted, begun, calendar)))
