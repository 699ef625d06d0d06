"""The queue: open tickets in the one order, kept live, in views that a desk needs; and the closed ones."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.accounts.models import User
from mainstay.desk import bulk, frame, rows, saved_views, shown, snoozed
from mainstay.desk.models import SavedView
from mainstay.desk.typed import zone_of
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.staffing.models import Engineer
from mainstay.tickets import access, finding, listed, query
from mainstay.tickets.finding import Asked
from mainstay.tickets.listed import Listed, ListedClock
from mainstay.tickets.models import State, Ticket
from mainstay.tickets.tally import Tally
from mainstay.ui import words
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import NavItem, QueueBand

PAGE = 50
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class View:
    """A view of the queue: its name in the address, what it is called, its query, which count it shows."""

    code: str
    label: str
    query: str = ""
    count: str = ""
    empty: str = "Nothing is open."


VIEWS = (
    View(
        "",
        "All open",
        "",
        "open",
        "No ticket is open. Mail to the support address, or New ticket, raises one.",
    ),
    View(
        "mine", "Mine", "owner:me -is:snoozed", "mine", "You have no open ticket that you have not put off."
    ),
    View("nobody", "Nobody yet", "owner:nobody", "nobody", "Every open ticket has an owner."),
    View("triage", "To triage", "is:untriaged", "triage", "Everything has been triaged."),
    View("grave", "Severity 1", "sev:1", "grave", "No open ticket has severity 1."),
    View("waiting", "Waiting for customer", "is:waiting", "waiting", "We wait for no customer."),
    View("snoozed", "Snoozed", "is:snoozed", "snoozed", "You have put nothing off."),
    View("closed", "Closed", "is:closed", "", "No ticket has been closed yet."),
)
BY_CODE = {view.code: view for view in VIEWS}


@dataclass(frozen=True)
class Found:
    """One page of what was asked: open tickets in their order, then closed ones, the newest first."""

    open: list[Listed] = field(default_factory=list)
    closed: list[Listed] = field(default_factory=list)
    after: int | None = None  # the ticket behind which the next page begins

    @property
    def tickets(self) -> list[Listed]:
        return [*self.open, *self.closed]


@dataclass(frozen=True)
class Asking:
    """One look at the queue: who looks, when, at which view, what they typed, and the views that are kept."""

    user: User
    at: datetime
    view: View
    typed: str
    after: int | None = None
    saved: tuple[SavedView, ...] = ()

    @property
    def parsed(self) -> query.Query:
        return query.parse(self.typed)

    @property
    def of_snoozed(self) -> bool:
        """Whether it is a list of what this person has put off."""
        terms = (query.parse(self.view.query) & self.parsed).terms
        return any(one.field == "is" and "snoozed" in one.values and not one.negated for one in terms)


@require_safe
@staff_page()
def queue(request: StaffRequest, view: str = "") -> HttpResponse:
    """The page; with a poll it answers 304 while no ticket has changed."""
    asking = asking_of(request, view)
    number = _number(asking.typed)
    if number is not None and access.visible_to_staff(request.user).filter(pk=number).exists():
        return HttpResponseRedirect(shown.ticket_url(number))
    counted = frame.counted(request.user)
    tag = _tag(asking, counted.version)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    error, context, status = "", {}, 200
    try:
        context = _context(asking, counted.version)
    except Refused as refused:
        error, status = refused.message, 422
    context |= _around(asking, counted, error) | _to_do(request, away=not error and asking.of_snoozed)
    here = "triage" if asking.view.code == "triage" else "queue"
    response = frame.page(request, "desk/queue.html", context, here=here, found=counted.counts, status=status)
    response.headers["ETag"] = tag
    return response


def _to_do(request: StaffRequest, *, away: bool) -> dict[str, Any]:
    """What can be done with the tickets that are ticked, and what was done a moment ago."""
    given = request.GET.copy()
    done = _number(given.pop("done", [""])[-1])
    here = f"{request.path}?{given.urlencode()}" if given else request.path
    told = bulk.undo_of(request.user, done) if done is not None else {}
    return {
        "selectable": request.user.may_act,
        "bulk_acts": (bulk.WAKE, *bulk.ACTS) if away else bulk.ACTS,
        "wakes": away and request.user.may_act,
        "once": uuid.uuid4(),
        "here_url": here,
        "poll_url": here,
        **told,
    }


def asking_of(request: StaffRequest, view: str = "") -> Asking:
    """What the address asks: the view by its name, the query, the ticket behind which the page begins."""
    saved, code = tuple(saved_views.shown_to(request.user)), view or request.GET.get("view", "")
    named = {one.code: View(one.code, one.name, one.query, empty=_("Nothing is so.")) for one in saved}
    chosen = BY_CODE.get(code) or named.get(code) or VIEWS[0]
    typed = " ".join(" ".join(request.GET.getlist("q")).replace("\x00", "").split())
    return Asking(request.user, timezone.now(), chosen, typed, _number(request.GET.get("after", "")), saved)


def _number(asked: str) -> int | None:
    text = asked.lstrip("#").rpartition("-")[2] if "-" in asked else asked.lstrip("#")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def found(asking: Asking) -> tuple[Asked, Found]:
    """What was asked and the page of it. Raises `Refused` where the query cannot be read."""
    asked = finding.asked(query.parse(asking.view.query) & asking.parsed, me=asking.user, at=asking.at)
    last = _last(asking)
    among = asked.among or ("any" if asking.parsed.phrases and not asking.view.code else "open")
    opened: list[Listed] = []
    if among != "closed" and (last is None or last.state != State.CLOSED):
        opened = _open(asking, asked, last)
        if len(opened) > PAGE or among == "open":
            return asked, Found(open=opened[:PAGE], after=opened[PAGE - 1].pk if len(opened) > PAGE else None)
        last = None
    closed = _closed(asking, asked, last)
    room = PAGE - len(opened)
    more = closed[room - 1].pk if len(closed) > room > 0 else None
    return asked, Found(open=opened, closed=closed[:room], after=more)


def _last(asking: Asking) -> Listed | None:
    if asking.after is None:
        return None
    return next(iter(listed.read(access.visible_to_staff(asking.user).filter(pk=asking.after), 1)), None)


def _open(asking: Asking, asked: Asked, last: Listed | None) -> list[Listed]:
    if last is None and asked.everything:
        return [Listed(*row) for row in _ALL_OPEN.all()]
    found = access.queue(asking.user).filter(asked.where(is_open=True))
    return listed.read(access.after(found, last) if last else found, PAGE + 1)


_ALL_OPEN = Prepared[tuple[Any, ...]](
    lambda: access.open_in_order().values_list(*listed.LISTED)[: PAGE + 1]
)  # what everybody opens first


def _closed(asking: Asking, asked: Asked, last: Listed | None) -> list[Listed]:
    """By the newest; where only words are asked the numbers say which are newest, and few are looked at."""
    found = access.visible_to_staff(asking.user)
    if asked.only_words:
        where = asked.where(is_open=False, before=last.pk if last else None, most=PAGE + 1)
        return listed.read(found.filter(where).order_by("-pk"), PAGE + 1)
    found = found.filter(asked.where(is_open=False)).order_by("-opened_at", "-pk")
    if last is not None:
        older = Q(opened_at__lt=last.opened_at) | Q(opened_at=last.opened_at, pk__lt=last.pk)
        found = found.filter(opened_at__lte=last.opened_at).filter(older)
    return listed.read(found, PAGE + 1)


def _tag(asking: Asking, version: str) -> str:
    """What a page looks like: all tickets as they are, who looks, and the minute that the needle shows."""
    user = asking.user
    saved = [(one.pk, one.name, one.query) for one in asking.saved]
    seen = version, user.pk, user.time_zone, user.language, f"{asking.at:%Y-%m-%d %H:%M}", asking.typed, saved
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'


def _context(asking: Asking, version: str) -> dict[str, Any]:
    asked, page = found(asking)
    zone = zone_of(asking.user)
    until = shift_end(asking.user, asking.at, zone)
    away = rows.NOWHERE
    if asking.of_snoozed:
        away = snoozed.told(asking.user, [one.pk for one in page.tickets], asking.at, zone)
    drawn = rows.drawn(page.tickets, asking.at, zone, selectable=asking.user.may_act, away=away)
    shown_bands = []
    if page.open:
        shown_bands = bands(page.open, drawn, asking.at, until, zone, _totals(asking, asked, version, until))
    if page.closed:
        title = "Newest first" if asking.view.code == "closed" else "Closed, newest first"
        inside = SafeString("".join([drawn[ticket.pk] for ticket in page.closed]))
        shown_bands.append(QueueBand(code="", title=title, drawn=inside, count=len(page.closed)))
    return {
        "bands": shown_bands,
        "next_url": _url(asking.view, q=asking.typed, after=page.after) if page.after else "",
    }


def _around(asking: Asking, counted: Tally, error: str) -> dict[str, Any]:
    """What stands on the page whatever was found."""
    view, typed = asking.view, asking.typed
    kept = saved_views.counts(list(asking.saved), asking.user, counted.version, asking.at)
    own = [View(one.code, one.name, one.query) for one in asking.saved]
    tabs = [_tab(one, view, typed, counted.counts) for one in VIEWS]
    tabs += [_tab(one, view, typed, {}, kept.get(int(one.code[1:]), "")) for one in own]
    asks = f"{view.query} {typed}".strip()
    return {
        "page_title": f"{view.label} · Queue",
        "view": view,
        "views": tabs,
        "keep_url": f"{frame.address('saved_views')}?{urlencode({'query': asks})}"
        if typed and not error
        else "",
        "views_url": frame.address("saved_views"),
        "query": typed,
        "query_error": error,
        "tokens": [] if error else _tokens(view, typed),
        "query_url": _url(view),
        "asks": urlencode({"view": view.code, "q": typed}),
        "help": _help(get_language()),
        "first_url": _url(view, q=typed) if asking.after else "",
        "now": asking.at,
        "caption": view.label,
    }


@lru_cache(maxsize=50)
def _help(_language: str | None) -> SafeString:
    """What can be asked, once for each language."""
    return SafeString(render_to_string("desk/find_help.html", {"fields": query.FIELDS.values()}))


@dataclass(frozen=True)
class Token:
    """A term of the query as a mark that can be taken away."""

    typed: str
    name: str
    value: str
    url: str


def _tokens(view: View, typed: str) -> list[Token]:
    parts = query.pieces(typed)
    made = []
    for n, part in enumerate(parts):
        name, colon, value = part.partition(":") if not part.startswith('"') else ("", "", part)
        rest = " ".join(parts[:n] + parts[n + 1 :])
        made.append(Token(part, name + colon if colon else "", value if colon else part, _url(view, q=rest)))
    return made


def _url(view: View, **more: Any) -> str:
    if view.code == "triage":
        base, given = frame.address("triage"), {}
    else:
        base, given = frame.address("queue"), ({"view": view.code} if view.code else {})
    given |= {key: value for key, value in more.items() if value}
    return f"{base}?{urlencode(given)}" if given else base


def _tab(view: View, chosen: View, typed: str, counts: Mapping[str, int], count: str | int = "") -> NavItem:
    count = counts[view.count] if view.count else count
    return NavItem(label=view.label, url=_url(view, q=typed), count=count, current=view.code == chosen.code)


def clocks_of(tickets: Iterable[Ticket]) -> dict[int, list[ListedClock]]:
    """The clock rows of all these tickets, in one query."""
    return listed.clocks([ticket.pk for ticket in tickets])


def shift_end(user: User, now: datetime, zone: ZoneInfo) -> datetime:
    """When this person's day ends: their hours on duty today, else 17:00, in their zone; late: midnight."""
    today = now.astimezone(zone)
    week = WEEK.first(user=user.pk) or {}
    spans = week.get(DAYS[today.weekday()]) or [["09:00", "17:00"]]
    for _begin, end in spans:
        hour, minute = (int(part) for part in end.split(":"))
        if hour < 24:
            at = datetime.combine(today.date(), time(hour, minute), zone)
            if at > now:
                return at
    return datetime.combine(today.date() + timedelta(days=1), time(0), zone)


WEEK = Prepared[dict[str, Any]](
    lambda: Engineer.objects.filter(user=Arg("user")).values_list("week", flat=True)
)


def band_of(ticket: Ticket | Listed, now: datetime, until: datetime) -> int:
    """1 its effective due has passed, 2 before the shift ends, 3 later, 4 no promise running (sla.order)."""
    if ticket.queue_at <= now:
        return 1
    if ticket.due_at is None:
        return 4
    return 2 if ticket.queue_at < until else 3


def band_titles(until: datetime, zone: ZoneInfo) -> dict[int, str]:
    """What stands over each band, for somebody whose day ends at `until`."""
    return {
        1: "Effective due has passed: take these now",
        2: f"Before the shift ends at {words.clock(until, zone)}",
        3: "After today" if until.astimezone(zone).hour else "After midnight",
        4: "No promise running: by age, to the front in the end",
    }


_KEPT: dict[tuple[int, str, str], tuple[str, datetime, datetime | None, dict[str, int]]] = {}
"""Totals of this process by person, view and query, with the version of the tickets that they were counted at, the
end of the shift, and the instant at which the next ticket's effective due passes. They are exact until then."""


def _totals(asking: Asking, asked: Asked, version: str, until: datetime) -> dict[str, int]:
    """How many of the view are in each band, on all pages."""
    key = (asking.user.pk, asking.view.code, asking.typed)
    kept = _KEPT.get(key)
    timed = any(one.field in {"due", "older", "newer", "quiet"} for one in asking.parsed.terms)
    if kept and not timed and kept[:2] == (version, until) and (kept[2] is None or asking.at < kept[2]):
        return kept[3]
    totals = _counted(asking, asked, until)
    upcoming = totals.pop("upcoming")
    if len(_KEPT) > 500:
        _KEPT.clear()
    _KEPT[key] = (version, until, upcoming, totals)
    return totals


def _counted(asking: Asking, asked: Asked, until: datetime) -> dict[str, Any]:
    passed = Q(queue_at__lte=asking.at)
    promised = Q(queue_at__gt=asking.at, due_at__isnull=False)
    return access.queue(asking.user).filter(asked.where(is_open=True)).order_by().aggregate(
        b1=Count("pk", filter=passed),
        b2=Count("pk", filter=promised & Q(queue_at__lt=until)),
        b3=Count("pk", filter=promised & Q(queue_at__gte=until)),
        b4=Count("pk", filter=Q(queue_at__gt=asking.at, due_at__isnull=True)),
        upcoming=Min("queue_at", filter=Q(queue_at__gt=asking.at)),
    )  # fmt: skip


def bands(
    tickets: list[Listed],
    drawn: Mapping[int, SafeString],
    now: datetime,
    until: datetime,
    zone: ZoneInfo,
    totals: Mapping[str, int],
) -> list[QueueBand]:
    """The page's tickets in their order, under P1 to P4; far ahead P3 and P4 may take turns."""
    found, titles = [], band_titles(until, zone)
    for band, group in groupby(tickets, key=lambda ticket: band_of(ticket, now, until)):
        inside = SafeString("".join([drawn[ticket.pk] for ticket in group]))
        found.append(QueueBand(code=f"P{band}", title=titles[band], drawn=inside, count=totals[f"b{band}"]))
    return found
