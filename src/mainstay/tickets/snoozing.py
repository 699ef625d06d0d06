"""Putting a ticket off for oneself, and having it back (T1).

It leaves its owner's own list until an instant, or until the customer answers, and comes back at once when something
happens that concerns them (`snoozes`). No promise stands still: one that is due before is said, and put off beyond
only by who says that they know.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.tickets import snoozes
from mainstay.tickets.events import changing, record, whole
from mainstay.tickets.models import Clock, Event, Snooze, State, Ticket

LONGEST = timedelta(days=366)
NOTE = 200


def snooze(
    ticket: Ticket, *, until: datetime | None, by: Actor, at: datetime, note: str = "", anyway: bool = False
) -> Event:
    """Put it off for whoever asks, until an instant or (None) until the customer answers.

    `anyway`: they know that a promise is due before. Raises `Refused` naming until, note or anyway.
    """
    note = " ".join(note.replace("\x00", "").split())
    if len(note) > NOTE:
        raise Refused("note", f"is longer than {NOTE} characters")
    if by.kind != "staff" or by.id is None:
        raise Refused("ticket", "is put off by people of the desk only")
    until = whole(until) if until is not None else None
    if until is not None and until <= at:
        raise Refused("until", _("lies in the past; choose a time to come"))
    if until is not None and until > at + LONGEST:
        raise Refused("until", _("lies more than a year ahead; close it, or choose an earlier time"))
    with changing(ticket) as fresh:
        if fresh.state == State.CLOSED:
            raise Refused("ticket", _("is closed; there is nothing to put off"))
        if not anyway and due_before(fresh, until):
            raise Refused(
                "anyway", _("a promise is due before then; choose an earlier time, or say that you know")
            )
        Snooze.objects.update_or_create(
            ticket=fresh, user_id=by.id, defaults={"until": until, "note": note, "set_at": whole(at)}
        )
        return record(
            fresh, "snoozed", by=by, at=at, why=note, more={"until": until.isoformat() if until else ""}
        )


def bring_back(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Its owner wants it back now. Raises `Refused` where it was not put off."""
    with changing(ticket) as fresh:
        gone, _rows = Snooze.objects.filter(ticket=fresh, user=by.id or 0).delete()
        if by.kind != "staff" or not gone:
            raise Refused("ticket", _("was not put off by you, or is back already"))
        return record(fresh, "snooze_ended", by=by, at=at, more={"user": by.id, "because": ""})


def due(at: datetime, most: int) -> list[Snooze]:
    """Snoozes whose time has come, for the watch. One probe of a partial index."""
    return list(Snooze.objects.filter(until__lte=at).order_by("until").only("ticket_id")[:most])


def remind(number: int, ticket: int, *, by: Actor, at: datetime) -> bool:
    """Its time has come: back, with a reminder. True when it was still put off."""
    with changing(ticket) as fresh:
        held = Snooze.objects.filter(pk=number, until__lte=at).select_related("user").first()
        if held is None:
            return False
        held.delete()
        record(fresh, "snooze_ended", by=by, at=at, **snoozes.told(held, "time"))
        return True


# ---- promises that go on


def due_before(ticket: Ticket, until: datetime | None) -> bool:
    """Whether a promise is due before that instant; an open end lies behind every promise."""
    return ticket.due_at is not None and (until is None or ticket.due_at < until)


def in_time(ticket: Ticket, *, at: datetime) -> datetime | None:
    """When to have it back so that its next promise can be kept: the warning, else half of what is left.

    None where no promise runs, or too little is left.
    """
    if ticket.due_at is None or ticket.due_at - at < timedelta(minutes=10):
        return None
    row = Clock.objects.filter(ticket=ticket, clock=ticket.due_clock, due_at=ticket.due_at).first()
    if row is not None and row.warn_at is not None and row.warn_at - at >= timedelta(minutes=5):
        return whole(row.warn_at)
    return (at + (ticket.due_at - at) / 2).replace(second=0, microsecond=0)
