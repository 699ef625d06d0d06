"""The queue: open tickets in the one order, kept live, in views that a desk needs; and the closed ones."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mainstay.accounts.models import User
from mainstay.desk import frame, shown
from mainstay.desk.typed import zone_of
from mainstay.staffing.models import Engineer
from mainstay.tickets import access
from mainstay.tickets.models import Clock, State, Ticket
from mainstay.ui import words
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import NavItem, QueueBand

PAGE = 50
UNREAD = ("level__document", "contract__calendar", "facts", "assessment", "root_cause", "entitled_because")
SEARCHED = 20_000  # closed tickets that a search by words goes back
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class View:
    """A view of the queue: its name in the address, what it is called, which count it shows."""

    code: str
    label: str
    count: str = ""
    empty: str = "Nothing is open."


VIEWS = (
    View(
        "", "All open", "open", "No ticket is open. Mail to the support address, or New ticket, raises one."
    ),
    View("mine", "Mine", "mine", "You have no open ticket."),
    View("nobody", "Nobody yet", "nobody", "Every open ticket has an owner."),
    View("triage", "To triage", "triage", "Everything has been triaged."),
    View("grave", "Severity 1", "grave", "No open ticket has severity 1."),
    View("waiting", "Waiting for customer", "waiting", "We wait for no customer."),
    View("closed", "Closed", "", "No ticket has been closed yet."),
)
BY_CODE = {view.code: view for view in VIEWS}


@require_safe
@staff_page()
def queue(request: StaffRequest, view: str = "") -> HttpResponse:
    """The page; with a poll it answers 304 while nothing on it has changed."""
    now = timezone.now()
    chosen = BY_CODE.get(view or request.GET.get("view", ""), VIEWS[0])
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    number = _number(asked)
    if number is not None and access.visible_to_staff(request.user).filter(pk=number).exists():
        return HttpResponseRedirect(shown.ticket_url(number))
    tickets, more = _tickets(request, chosen, asked)
    found = frame.counts(request.user)
    tag = _tag(tickets, found, now)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    context = _context(request, chosen, asked, tickets, more, found, now)
    here = "triage" if chosen.code == "triage" else "queue"
    response = frame.page(request, "desk/queue.html", context, here=here, found=found)
    response.headers["ETag"] = tag
    return response


def _number(asked: str) -> int | None:
    text = asked.lstrip("#").rpartition("-")[2] if "-" in asked else asked.lstrip("#")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _tickets(request: StaffRequest, view: View, asked: str) -> tuple[list[Ticket], bool]:
    """This page's tickets, and whether there are more."""
    chosen = _chosen(request.user, view, asked)
    last = _number(request.GET.get("after", ""))
    before = Ticket.objects.filter(pk=last).first() if last is not None else None
    if view.code == "closed":
        found = chosen.order_by("-opened_at", "-pk")
        if before is not None:
            older = Q(opened_at__lt=before.opened_at) | Q(opened_at=before.opened_at, pk__lt=before.pk)
            found = found.filter(opened_at__lte=before.opened_at).filter(older)
    else:
        found = access.after(chosen, before) if before is not None else chosen
    page = list(found.defer(*UNREAD)[: PAGE + 1])
    return page[:PAGE], len(page) > PAGE


def _chosen(user: User, view: View, asked: str) -> QuerySet[Ticket]:
    conditions: dict[str, dict[str, Any]] = {
        "mine": {"assignee": user},
        "nobody": {"assignee__isnull": True},
        "triage": {"step__in": frame.UNTRIAGED},
        "grave": {"severity": 1},
        "waiting": {"state": State.WAITING_CUSTOMER},
    }
    only = conditions.get(view.code, {})
    if view.code != "closed":
        return _matching(access.queue(user, **only), asked)
    closed = access.visible_to_staff(user).filter(state=State.CLOSED)
    if asked:
        closed = closed.filter(pk__in=Ticket.objects.order_by("-opened_at", "-pk").values("pk")[:SEARCHED])
    return _matching(closed, asked)


def _matching(found: QuerySet[Ticket], asked: str) -> QuerySet[Ticket]:
    """Every word is in the subject, the customer's name or code, their reference, or who asked."""
    for word in asked.split()[:8]:
        found = found.filter(
            Q(subject__icontains=word)
            | Q(customer__name__icontains=word)
            | Q(customer__code__iexact=word)
            | Q(customer_reference__icontains=word)
            | Q(requester_address__icontains=word)
        )
    return found


def _tag(tickets: list[Ticket], found: dict[str, int], now: datetime) -> str:
    """What a page looks like: its tickets as they are, the counts, and the minute that the needle shows."""
    seen = [(t.pk, t.last_seq) for t in tickets], sorted(found.items()), now.replace(second=0, microsecond=0)
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'


def _context(
    request: StaffRequest,
    view: View,
    asked: str,
    tickets: list[Ticket],
    more: bool,
    found: dict[str, int],
    now: datetime,
) -> dict[str, Any]:
    zone = zone_of(request.user)
    until = shift_end(request.user, now, zone)
    clocks = clocks_of(tickets)
    closed = view.code == "closed"
    return {
        "page_title": f"{view.label} · Queue",
        "view": view,
        "views": [_tab(one, view, asked, found) for one in VIEWS],
        "bands": _closed_band(tickets, clocks, now)
        if closed
        else bands(tickets, clocks, now, until, zone, _totals(request.user, view, asked, now, until)),
        "query": asked,
        "query_url": _url(view),
        "query_hint": "number, words, customer",
        "poll_url": request.get_full_path(),
        "next_url": _url(view, q=asked, after=tickets[-1].pk) if more else "",
        "first_url": _url(view, q=asked) if request.GET.get("after") else "",
        "now": now,
        "caption": view.label,
    }


def _url(view: View, **more: Any) -> str:
    if view.code == "triage":
        base, given = reverse("desk:triage"), {}
    else:
        base, given = reverse("desk:queue"), ({"view": view.code} if view.code else {})
    given |= {key: value for key, value in more.items() if value}
    return f"{base}?{urlencode(given)}" if given else base


def _tab(view: View, chosen: View, asked: str, found: dict[str, int]) -> NavItem:
    count = found[view.count] if view.count else ""
    return NavItem(label=view.label, url=_url(view, q=asked), count=count, current=view is chosen)


def clocks_of(tickets: Iterable[Ticket]) -> dict[int, list[Clock]]:
    """The clock rows of all these tickets, in one query."""
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket__in=[t.pk for t in tickets]).order_by("ticket", "position"):
        found[clock.ticket_id].append(clock)
    return found


def shift_end(user: User, now: datetime, zone: ZoneInfo) -> datetime:
    """When this person's day ends: their hours on duty today, else 17:00, in their zone; late: midnight."""
    today = now.astimezone(zone)
    engineer = Engineer.objects.filter(user=user).first()
    spans = (engineer.week if engineer else {}).get(DAYS[today.weekday()]) or [["09:00", "17:00"]]
    for _, end in spans:
        hour, minute = (int(part) for part in end.split(":"))
        if hour < 24:
            at = datetime.combine(today.date(), time(hour, minute), zone)
            if at > now:
                return at
    return datetime.combine(today.date() + timedelta(days=1), time(0), zone)


def band_of(ticket: Ticket, now: datetime, until: datetime) -> int:
    """1 its effective due has passed, 2 before the shift ends, 3 later, 4 no promise running (sla.order)."""
    if ticket.queue_at <= now:
        return 1
    if ticket.due_at is None:
        return 4
    return 2 if ticket.queue_at < until else 3


def _totals(user: User, view: View, asked: str, now: datetime, until: datetime) -> dict[str, int]:
    """How many of the view are in each band, on all pages."""
    passed, promised = Q(queue_at__lte=now), Q(queue_at__gt=now, due_at__isnull=False)
    return _chosen(user, view, asked).order_by().aggregate(
        b1=Count("pk", filter=passed),
        b2=Count("pk", filter=promised & Q(queue_at__lt=until)),
        b3=Count("pk", filter=promised & Q(queue_at__gte=until)),
        b4=Count("pk", filter=Q(queue_at__gt=now, due_at__isnull=True)),
    )  # fmt: skip


def bands(
    tickets: list[Ticket],
    clocks: dict[int, list[Clock]],
    now: datetime,
    until: datetime,
    zone: ZoneInfo,
    totals: dict[str, int],
) -> list[QueueBand]:
    """The page's tickets in their order, under P1 to P4; far ahead P3 and P4 may take turns."""
    titles = {
        1: "Effective due has passed: take these now",
        2: f"Before the shift ends at {words.clock(until, zone)}",
        3: "After today" if until.astimezone(zone).hour else "After midnight",
        4: "No promise running: by age, to the front in the end",
    }
    found = []
    for band, group in groupby(tickets, key=lambda ticket: band_of(ticket, now, until)):
        rows = tuple(shown.row(ticket, clocks.get(ticket.pk, []), now) for ticket in group)
        found.append(QueueBand(code=f"P{band}", title=titles[band], rows=rows, count=totals[f"b{band}"]))
    return found


def _closed_band(tickets: list[Ticket], clocks: dict[int, list[Clock]], now: datetime) -> list[QueueBand]:
    rows = tuple(shown.row(ticket, clocks.get(ticket.pk, []), now) for ticket in tickets)
    return [QueueBand(code="", title="Newest first", rows=rows)] if rows else []
