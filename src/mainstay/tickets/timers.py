"""What happens by itself when nothing else does: reminders, closing, waking.

Business days are those of the customer's hours; hours, days, weeks and months of closing rules are on the wall.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mainstay.contracts import terms
from mainstay.sla import hours
from mainstay.sla.targets import parse_target, seconds_at
from mainstay.tickets.models import Event, Ticket, Timer

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


def _rules(ticket: Ticket) -> dict[str, Any]:
    """The closing rules for the ticket as it is: the terms', and where they differ for its severity."""
    if not ticket.terms_id:
        return dict(FALLBACK)
    said = terms.load(ticket.terms_id)
    by_severity = said.document.get("closing_by_severity", {})
    own = by_severity.get(str(ticket.severity), by_severity.get("*", {}))
    return {**FALLBACK, **said.closing, **own}


def _after(ticket: Ticket, start: datetime, target: str) -> datetime:
    if not ticket.terms_id:
        return start + timedelta(days=14)
    said, wanted, begun = terms.load(ticket.terms_id), parse_target(target), hours.instant(start)
    calendar = said.business if wanted.unit in ("bd", "eobd") else said.calendars["always"]
    return hours.at(calendar.add(begun, seconds_at(wanted, begun, calendar)))
