"""The appointments of a request, as the customer sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.errors import Refused
from mainstay.notices.words import zone_of
from mainstay.prepared import Arg, Prepared
from mainstay.tickets.models import Appointment, Attendee, Ticket
from mainstay.ui import words

MOST = 6


def of(
    ticket: Ticket, now: datetime, zone: ZoneInfo, typed: tuple[int, str, Refused | None]
) -> list[dict[str, Any]]:
    """What is agreed and not over, the next first, with our own clock where it shows another time; with what was
    typed where it was refused."""
    rows = AGREED.all(ticket=ticket.pk, now=now)
    return [
        {
            "one": one,
            "people": [_name(who) for who in one.attendees.all()],
            "ours": _ours(one, now, zone),
            "text": typed[1] if typed[0] == one.pk else "",
            "error": typed[2].message if typed[2] and typed[0] == one.pk else "",
        }
        for one in rows
    ]


AGREED = Prepared(
    lambda: (
        Appointment.objects.filter(
            ticket=Arg("ticket"), state=Appointment.State.AGREED, ends_at__gt=Arg.instant("now")
        )
        .prefetch_related("attendees__user", "attendees__contact")
        .order_by("starts_at", "pk")[:MOST]
    )
)


def _name(who: Attendee) -> str:
    return who.user.name if who.user is not None else who.contact.name if who.contact is not None else ""


def _ours(one: Appointment, now: datetime, zone: ZoneInfo) -> str:
    """The start by the clock of the first of us, where it is another."""
    name = next((who.user.time_zone for who in one.attendees.all() if who.user is not None), "") or "UTC"
    other = zone_of(name)
    if one.starts_at.astimezone(other).utcoffset() == one.starts_at.astimezone(zone).utcoffset():
        return ""
    return f"{words.when(one.starts_at, now, other)} {other.key}"
