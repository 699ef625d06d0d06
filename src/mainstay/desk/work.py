"""Work on a ticket's page: the timer, and what was written down with its corrections (P5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from mainstay.accounts.models import User
from mainstay.allowances import agreements, draws, statement
from mainstay.allowances.carry import minutes_words
from mainstay.allowances.models import Timer, Work
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import work
from mainstay.tickets.models import Ticket


def shown(
    ticket: Ticket, user: User, now: datetime, zone: ZoneInfo, typed: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What the page shows of the work on a ticket; a correction that was refused comes back as it was `typed`."""
    entries = work.entries(ticket)
    minutes, counted = work.total(entries)
    mine = Timer.objects.filter(by=user).first()
    others = Timer.objects.filter(ticket=ticket).exclude(by=user).select_related("by")
    return {
        "entries": [_entry(one, typed) for one in entries],
        "total": minutes_words(minutes) if minutes else "",
        "counted": minutes_words(counted) if counted != minutes else "",
        "running": mine if mine and mine.ticket_id == ticket.pk else None,
        "runs": minutes_words(_took(mine, now)) if mine else "",
        "elsewhere": mine if mine and mine.ticket_id != ticket.pk else None,
        "others": list(others),
        "allowance": _allowance(ticket, now),
        "today": now.astimezone(zone).date().isoformat(),
    }


def standing(ticket: Ticket, user: User, now: datetime) -> dict[str, Any]:
    """What the page says of the work on a ticket while its drawer is closed."""
    minutes, counted = work.sums(ticket)
    timers = TIMERS.all(ticket=ticket.pk, user=user.pk)
    runs = any(one.by_id == user.pk and one.ticket_id == ticket.pk for one in timers)
    total = minutes_words(minutes) if minutes else ""
    return {
        "total": total,
        "counted": minutes_words(counted) if counted != minutes else "",
        "others": [one for one in timers if one.by_id != user.pk],
        "allowance": _allowance(ticket, now),
        "tag": ", ".join([*([total] if total else []), *([_("timer runs")] if runs else [])]),
    }


TIMERS = Prepared(
    lambda: Timer.objects.filter(Q(ticket=Arg("ticket")) | Q(by=Arg("user"))).select_related("by")
)


def _took(timer: Timer, now: datetime) -> int:
    return max(-(-int((now - timer.since).total_seconds()) // 60), 1)


def _entry(one: Work, typed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    form = f"work-{one.pk}"
    stands = {
        "minutes": one.minutes,
        "day": one.day.isoformat(),
        "text": one.text,
        "free": not one.billable,
        "reason": "",
    }
    return {
        "one": one,
        "words": minutes_words(one.minutes),
        "gone": hasattr(one, "corrected_by"),
        "form": form,
        "v": typed.get(form, stands),
    }


def _allowance(ticket: Ticket, now: datetime) -> str:
    """How the included hours stand, in a line; empty when none are included."""
    agreement = agreements.of_ticket(ticket)
    if agreement is None:
        return ""
    day = agreements.today(agreement.customer, now)
    if agreement.limits_on(day).hours is None:
        return ""
    told = statement.hours(agreement, day)
    if told.left:
        return f"{minutes_words(told.left)} of the included hours are left"
    coming = agreement.coming(day)
    later = f"; {draws.coming_words(coming)}" if coming else ""
    if not told.good:
        return f"The included hours have not begun{later}"
    beyond = f", {minutes_words(told.beyond)} are beyond them" if told.beyond else ""
    return f"The included hours are used up{beyond}{later}"
