"""Progress reports: what is due, one report to several tickets in each one's language, and how each would read (S2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.desk import frame, queue, shown, twice
from mainstay.desk.typed import Typed, as_input, said, zone_of
from mainstay.errors import Refused
from mainstay.notices import preview
from mainstay.tickets import access, causes, progress
from mainstay.tickets.listed import ListedClock
from mainstay.tickets.models import CommonCause, Link, Message, State, Ticket
from mainstay.tickets.progress import Report
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import QueueBand, QueueRow

PAGE = 100


# ---- what is due


@require_safe
@staff_page()
def due(request: StaffRequest) -> HttpResponse:
    """Tickets whose progress clock runs, in the queue's order: those to tell before the shift ends first."""
    now, user, zone = timezone.now(), request.user, zone_of(request.user)
    mine = request.GET.get("view", "") != "all"
    tickets = list(progress.due(user, mine=mine)[:PAGE])
    clocks = queue.clocks_of(tickets)
    until = queue.shift_end(user, now, zone)
    early: list[QueueRow] = []
    late: list[QueueRow] = []
    for one in tickets:
        running = (row for row in clocks.get(one.pk, []) if row.clock == progress.CLOCK)
        clock = next((row for row in running if row.state == "running"), None)
        if clock is not None:  # it was told since the tickets were looked up
            (early if _falls(clock, until) else late).append(_row(one, clock, now))
    titles = (_("To tell before the shift ends"), _("Later"))
    context = {
        "page_title": "Progress reports",
        "bands": [
            QueueBand(code="", title=title, rows=tuple(rows))
            for title, rows in zip(titles, (early, late), strict=True) if rows
        ],
        "mine": mine,
        "now": now,
    }  # fmt: skip
    return frame.page(request, "desk/progress.html", context, here="progress")


def _falls(clock: ListedClock, until: datetime) -> bool:
    return clock.due_at is not None and clock.due_at <= until


def _row(ticket: Ticket, clock: ListedClock, now: datetime) -> QueueRow:
    """The ticket with its report's clock on the scale, whatever else it owes."""
    return replace(
        shown.row(ticket, [clock], now), promise=shown.promise(clock, ticket, now, url=shown.why_url(clock))
    )


# ---- what is written


@dataclass(frozen=True)
class Writing:
    """The report to one ticket as it is being written."""

    ticket: Ticket
    draft: str
    v: dict[str, str]
    estimates: list[progress.Estimate]
    language: str
    work: list[Any]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def write(request: StaffRequest) -> HttpResponse:
    """One report to the tickets named by `ticket`, or to those of a common `cause`, each with its draft; a POST shows
    how each reads, or sends them."""
    tickets = _tickets(request)
    if request.method != "POST":
        return _form(request, tickets)
    at, typed = timezone.now(), Typed(request)
    by = Actor.staff(request.user)
    try:
        reports = [_report(typed, one, request.user) for one in tickets]
        if not typed.flag("send"):
            made = preview.of(lambda: progress.report_all(reports, by=by, at=at), at)
            return _form(request, tickets, made={event.ticket_id: mails for event, mails in made})
        fresh = [one for one in reports if not _sent_already(one, request.user, at)]
        if fresh or not reports:
            progress.report_all(fresh, by=by, at=at)
    except Refused as error:
        return _form(request, tickets, refused=said(error))
    told = ngettext("%(n)s report is on its way.", "%(n)s reports are on their way.", len(reports))
    messages.success(request, told % {"n": len(reports)})
    return HttpResponseRedirect(reverse("desk:progress"), status=303)


def _tickets(request: StaffRequest) -> list[Ticket]:
    """Those that are named and open, each once; what is no number or is closed is left out. Else those of a cause."""
    named = (request.POST if request.method == "POST" else request.GET).getlist("ticket")
    numbers = ids.read_all(named)
    if (
        not numbers
        and request.method != "POST"
        and (cause := ids.read(request.GET.get("cause", ""))) is not None
    ):
        after = ids.read(request.GET.get("after", "")) or 0
        return list(_of(request.user, cause).filter(pk__gt=after).order_by("pk")[: progress.MOST])
    return list(access.queue(request.user).filter(pk__in=numbers[: progress.MOST]))


def _of(user: User, cause: int) -> QuerySet[Ticket]:
    """The open tickets of a common cause, of whatever customer, that a report may go to."""
    found = causes.tickets_of(cause).exclude(state=State.OUT_OF_SCOPE)
    return access.queue(user).filter(pk__in=found.order_by().values("pk"))


def _report(typed: Typed, ticket: Ticket, user: User) -> Report:
    """What was typed for one ticket; the words common to its language stand before its own."""
    n = ticket.pk
    common = typed.raw(f"common-{progress.language_of(ticket)}").strip()
    own = typed.raw(f"status-{n}").strip()
    try:
        estimate = typed.when(f"estimate-{n}")
    except Refused as error:
        raise Refused(f"estimate of {n}", error.message) from None
    return Report(
        ticket=ticket,
        status="\n\n".join(part for part in (common, own) if part),
        estimate=estimate,
        next_step=typed.text(f"next-{n}"),
        change_reason=typed.text(f"reason-{n}") or typed.text("reason"),
    )


def _sent_already(report: Report, user: User, at: datetime) -> bool:
    """A double click sends nothing twice."""
    mine = Message.objects.filter(ticket=report.ticket, author_user=user, kind="out", at__gt=at - twice.TWICE)
    return mine.filter(text=report.status).exists()


def _form(
    request: StaffRequest, tickets: list[Ticket], *, made: dict[int, Any] | None = None, refused: str = ""
) -> HttpResponse:
    now, zone, typed = timezone.now(), zone_of(request.user), request.POST
    clocks = queue.clocks_of(tickets)
    writing = [_writing(one, zone, typed if request.method == "POST" else None) for one in tickets]
    languages = sorted({progress.language_of(one) for one in tickets})
    context = {
        "page_title": "Progress report",
        "writing": [(one, (made or {}).get(one.ticket.pk, [])) for one in writing],
        "bands": [QueueBand(code="", title=_("They are told"),
                            rows=tuple(shown.row(one, clocks.get(one.pk, []), now) for one in tickets))]
        if tickets else [],
        "common": [(code, _named(code), typed.get(f"common-{code}", "")) for code in languages]
        if len(tickets) > 1 else [],
        "reason": typed.get("reason", ""),
        "previewed": made is not None,
        "linked": _linked(tickets),
        "alike": _alike(request.user, tickets),
        "refused": refused,
        "now": now,
        "zone": zone,
    }  # fmt: skip
    return frame.page(
        request, "desk/progress_write.html", context, here="progress", status=422 if refused else 200
    )


def _writing(ticket: Ticket, zone: ZoneInfo, typed: Any) -> Writing:
    n = ticket.pk
    theirs = ticket.customer.time_zone if ticket.customer else "UTC"
    draft = progress.draft(ticket, zone=theirs)
    start = {
        "status": draft,
        "estimate": as_input(ticket.estimate, zone),
        "next": ticket.next_step,
        "reason": "",
    }
    v = {name: typed.get(f"{name}-{n}", "") for name in start} if typed is not None else start
    return Writing(
        ticket, draft, v, progress.estimates(ticket), _named(progress.language_of(ticket)), _work(ticket)
    )


def _named(code: str) -> str:
    """A language's name for the reader; its code where nobody knows one."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _work(ticket: Ticket) -> list[Any]:
    """What was written down as work lately: inside, to copy from by hand."""
    return list(ticket.work.filter(corrected_by__isnull=True, minutes__gt=0).order_by("-pk")[:5])


def _linked(tickets: list[Ticket]) -> QuerySet[Ticket] | list[Ticket]:
    """Open tickets that are linked with these and not among them: perhaps of the same cause."""
    numbers = [one.pk for one in tickets]
    if not numbers:
        return []
    pairs = Link.objects.filter(Q(ticket__in=numbers) | Q(other__in=numbers)).values_list("ticket", "other")[
        :PAGE
    ]
    others = {number for pair in pairs for number in pair} - set(numbers)
    return Ticket.objects.filter(pk__in=others).exclude(state="closed").order_by("pk")[:20] if others else []


@dataclass(frozen=True)
class Alike:
    """A common cause of what is written to: its other open tickets, and how many of them are not shown here."""

    cause: CommonCause
    others: list[Ticket]
    more: int

    @property
    def after(self) -> int:
        """The ticket behind which the next ones begin."""
        return max((one.pk for one in self.others), default=0)


def _alike(user: User, tickets: list[Ticket]) -> list[Alike]:
    """For each common cause the tickets that nobody has chosen yet: other customers' among them, whom each report
    goes to alone."""
    numbers = {one.pk for one in tickets}
    found = CommonCause.objects.filter(pk__in={one.common_cause_id for one in tickets if one.common_cause_id})
    alike = []
    for cause in found.order_by("pk"):
        rest = _of(user, cause.pk).exclude(pk__in=numbers).order_by("pk")
        others = list(rest[: max(progress.MOST - len(numbers), 1)])
        more = rest.count() - len(others)
        if others:
            alike.append(Alike(cause, others, more))
    return alike
