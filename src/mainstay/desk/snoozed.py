"""Until when one puts a ticket off: the choices of the form, and what they mean in the person's own zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.sla.policy import CLOCK_NAMES
from mainstay.tickets import snoozes, snoozing
from mainstay.tickets.models import Snooze, Ticket
from mainstay.ui import words

MORNING = time(9)


def tomorrow(at: datetime, zone: ZoneInfo) -> datetime:
    """Nine o'clock on the next day there."""
    return _morning(at, zone, 1)


def monday(at: datetime, zone: ZoneInfo) -> datetime:
    """Nine o'clock on the next Monday there; on a Monday that of the next week."""
    return _morning(at, zone, 7 - at.astimezone(zone).weekday())


def _morning(at: datetime, zone: ZoneInfo, days: int) -> datetime:
    day = at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def told(user: User, tickets: Sequence[int], at: datetime, zone: ZoneInfo) -> dict[int, str]:
    """Until when this person has put each of them off and what for, by the tickets' numbers. One statement."""
    return {one.ticket_id: _told(one, at, zone) for one in snoozes.of(user).filter(ticket__in=list(tickets))}


def _told(one: Snooze, at: datetime, zone: ZoneInfo) -> str:
    if one.until is None:
        said = _("put off until the customer answers")
    else:
        said = _("put off until %(time)s") % {"time": words.when(one.until, at, zone)}
    return f"{said}: {one.note}" if one.note else said


def choices(ticket: Ticket | None, at: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What the form offers; for one ticket also the time at which its next promise can still be kept."""
    found = [
        ("tomorrow", _("Tomorrow, %(time)s") % {"time": words.clock(tomorrow(at, zone), zone)}),
        ("monday", _("Monday, %(day)s, %(time)s") % _day_and_time(monday(at, zone), zone)),
        ("answer", _("Until the customer answers")),
        ("at", _("Until a day and a time")),
    ]
    early = snoozing.in_time(ticket, at=at) if ticket is not None else None
    if early is not None:
        said = _("%(time)s, in time for what is promised") % {"time": words.when(early, at, zone)}
        found.insert(0, ("before", said))
    return found


def _day_and_time(at: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {"day": date_format(at.astimezone(zone), "MONTH_DAY_FORMAT"), "time": words.clock(at, zone)}


def until(typed: Typed, ticket: Ticket, at: datetime) -> datetime | None:
    """The instant that was chosen; None: until the customer answers. Raises `Refused` naming when or until."""
    chosen = typed.text("when")
    if chosen == "answer":
        return None
    if chosen in {"tomorrow", "monday"}:
        return tomorrow(at, typed.zone) if chosen == "tomorrow" else monday(at, typed.zone)
    if chosen == "before":
        early = snoozing.in_time(ticket, at=at)
        if early is None:
            raise Refused("when", _("is too late: what is promised is due now; choose another time"))
        return early
    if chosen != "at":
        raise Refused("when", _("is not chosen; choose until when"))
    return typed.needs_when("until")


def put_off(ticket: Ticket, typed: Typed, *, by: Actor, at: datetime) -> str:
    """Do it, and say until when. A promise that is due before is named with its time, and the way to be in time."""
    end, known = until(typed, ticket, at), typed.flag("anyway")
    if not known and snoozing.due_before(ticket, end):
        raise Refused("anyway", _sooner(ticket, at, typed.zone))
    snoozing.snooze(ticket, until=end, note=typed.text("note"), anyway=known, by=by, at=at)
    return words.when(end, at, typed.zone) if end is not None else _("the customer answers")


def _sooner(ticket: Ticket, at: datetime, zone: ZoneInfo) -> str:
    assert ticket.due_at is not None
    clock = CLOCK_NAMES.get(ticket.due_clock, ticket.due_clock)
    said = {"clock": clock, "due": words.when(ticket.due_at, at, zone)}
    early = snoozing.in_time(ticket, at=at)
    if early is None:
        return _("%(clock)s is due %(due)s; put it off all the same only if somebody keeps it") % said
    return _("%(clock)s is due %(due)s, before then; choose %(early)s, or say that you know") % {
        **said, "early": words.when(early, at, zone)
    }  # fmt: skip
