"""Why a ticket stands where it does: the queue's one formula with this ticket's numbers, and its two neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.desk import frame, queue, shown
from mainstay.desk.typed import zone_of
from mainstay.errors import Refused
from mainstay.sla import order
from mainstay.sla.hours import DAY
from mainstay.sla.policy import WAITING
from mainstay.tickets import access, clocks, finding, listed, query
from mainstay.tickets.listed import Listed
from mainstay.tickets.models import Clock, State, Ticket
from mainstay.ui import words
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 1000  # tickets before this one that are counted


@dataclass(frozen=True)
class Part:
    """A line of the reckoning: what it is, what is said beside it, its instant or length; whether it counts."""

    what: str
    beside: str
    value: str
    counts: bool = True
    decides: bool = False


@dataclass(frozen=True)
class Neighbour:
    """The ticket next to this one, and what of the order puts it there."""

    ticket: Listed
    url: str
    why: str


@require_safe
@staff_page()
def position(request: StaffRequest, number: int) -> HttpResponse:
    """The reckoning of one open ticket: for its row (`X-Requested-With: open`), or as a page of its own."""
    ticket = access.for_staff(request.user, number)
    if ticket.state == State.CLOSED:
        raise Http404
    now, zone = timezone.now(), zone_of(request.user)
    until = queue.shift_end(request.user, now, zone)
    band = queue.band_of(ticket, now, until)
    context = {
        "page_title": _("Place in the queue · %(number)s") % {"number": ticket.number},
        "ticket": ticket,
        "parts": parts(ticket, now, zone),
        "promised": ticket.due_at is not None,
        "band": f"P{band}: {queue.band_titles(until, zone)[band]}",
        "opened": words.when(ticket.opened_at, now, zone, precise=True),
        **_around(request, ticket, now, zone),
    }
    if request.headers.get("X-Requested-With") == "open":
        return render(request, "desk/position.html", context)
    return frame.page(request, "desk/position_page.html", context, here="queue")


def parts(ticket: Ticket, now: datetime, zone: ZoneInfo) -> list[Part]:
    """The formula line by line; the last line is the instant by which the queue is sorted, to the second."""
    rows = list(Clock.objects.filter(ticket=ticket).order_by("position"))
    place = clocks.standing(ticket, rows)
    if place.due is None:
        return _by_age(ticket, place, now, zone)
    open_rows = [row for row in rows if row.state in {"running", "paused"}]
    found = [
        _clock(row, row.due_at == ticket.due_at and row.clock == place.clock, now, zone) for row in open_rows
    ]
    level = place.level.name or _("no level")
    said = _("of %(level)s at severity %(n)s") % {"level": level, "n": place.severity}
    head = words.counted_long(place.head_start) if place.head_start else _("none")
    return [
        *sorted(found, key=lambda one: (not one.decides, not one.counts)),
        Part(_("less the head start"), said, head),
        Part(_("Effective due"), "", _at(ticket.queue_at, now, zone), decides=True),
    ]


def _clock(row: Clock, decides: bool, now: datetime, zone: ZoneInfo) -> Part:
    if row.due_at is None or row.state != "running":
        said, value = _("stands still: does not count"), ""
    else:
        value = _at(row.due_at, now, zone)
        kinds = {"goal": _("a goal: does not count"), "internal": _("our own clock: does not count")}
        said = kinds.get(row.kind, _("promised, the earliest") if decides else _("promised, later"))
    counts = row.kind == "promise" and row.state == "running"
    return Part(shown.clock_name(row), said, value, counts, decides)


def _by_age(ticket: Ticket, place: order.Place, now: datetime, zone: ZoneInfo) -> list[Part]:
    """Without a running promise: since when, and the ceiling at which it comes to the front."""
    waits = place.waiting in WAITING
    days = place.ceiling // DAY
    said = _("%(n)s days; %(times)s times as long while it waits for somebody else") % {
        "n": days // order.WAITING_TIMES, "times": order.WAITING_TIMES,
    } if waits else _("so that nobody starves")  # fmt: skip
    since = ticket.queue_at - timedelta(seconds=place.ceiling)
    first = _("Waits for somebody else since") if waits else _("Ours to move since")
    return [
        Part(first, _("no promise runs"), _at(since, now, zone)),
        Part(_("plus the ceiling"), said, _("%(n)s days") % {"n": days}),
        Part(_("To the front at"), "", _at(ticket.queue_at, now, zone), decides=True),
    ]


def _at(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return words.when(at, now, zone, precise=True)


def _around(request: StaffRequest, ticket: Ticket, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Its neighbours and how many stand before it, in the view that is looked at. At most four statements."""
    name, among = _among(request, ticket)
    above = listed.read(access.ahead_of(among, ticket).reverse(), 1)
    below = listed.read(access.after(among, ticket), 1)
    ahead = access.ahead_of(among, ticket).order_by()[: MOST + 1].count()
    here = listed.of(ticket)
    return {
        "view_name": name,
        "above": [_neighbour(one, here, now, zone) for one in above],
        "below": [_neighbour(one, here, now, zone) for one in below],
        "ahead": _("more than %(n)s") % {"n": MOST} if ahead > MOST else str(ahead),
    }


def _among(request: StaffRequest, ticket: Ticket) -> tuple[str, QuerySet[Ticket]]:
    """The view and query of the address where the ticket is in it, else all open tickets."""
    asking = queue.asking_of(request)
    everything = access.queue(request.user)
    wanted = query.parse(asking.view.query)
    try:
        asked = finding.asked(wanted & asking.parsed, me=asking.user, at=asking.at)
    except Refused:
        return _("All open"), everything
    found = everything.filter(asked.where(is_open=True))
    if asked.among == "closed" or not (asking.view.query or asking.typed):
        return _("All open"), everything
    if not found.filter(pk=ticket.pk).exists():
        return _("All open"), everything
    return " ".join(filter(None, (asking.view.label, asking.typed))), found


def _neighbour(other: Listed, here: Listed, now: datetime, zone: ZoneInfo) -> Neighbour:
    said = {"at": _at(other.queue_at, now, zone), "by": words.span(_apart(other, here))}
    if other.queue_at < here.queue_at:
        why = _("%(at)s, %(by)s earlier") % said
    elif other.queue_at > here.queue_at:
        why = _("%(at)s, %(by)s later") % said
    else:
        why = _("%(at)s too: %(tie)s") % {**said, "tie": _tie(other, here)}
    return Neighbour(other, shown.ticket_url(other.pk), why)


def _apart(other: Listed, here: Listed) -> int:
    return int(abs((other.queue_at - here.queue_at).total_seconds()))


def _tie(other: Listed, here: Listed) -> str:
    """What decides between two that share their instant."""
    if other.level_rank != here.level_rank:
        return _("a higher level") if other.level_rank > here.level_rank else _("a lower level")
    if other.severity != here.severity:
        return _("a graver severity") if other.severity < here.severity else _("a lesser severity")
    if other.opened_at != here.opened_at:
        return _("received earlier") if other.opened_at < here.opened_at else _("received later")
    return _("a lower number") if other.pk < here.pk else _("a higher number")
