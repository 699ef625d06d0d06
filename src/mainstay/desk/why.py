"""Why one promise is due when it is: every interval, from the log and the terms, checked against what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.contracts import terms
from mainstay.desk import facts, frame, shown
from mainstay.desk.typed import zone_of
from mainstay.reports import causes
from mainstay.sla import hours, ledger
from mainstay.sla.clocks import Event as ClockEvent
from mainstay.sla.ledger import Ledger
from mainstay.tickets import access, clocks
from mainstay.tickets.models import Clock, Ticket
from mainstay.ui import reckoning, shapes, words
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.states import ClockState, promise_state

RULES = {
    "start": "when the clock started",
    "from_start": "counted again from the start, because that is the rule for this change",
    "from_change": "a full new target from the change, because that is earlier",
    "proportional": "the unused share of the new target, from the change",
    "goes_on": "the old target goes on: it is due earlier than the new one",
    "cancelled": "no target any more",
}
EVENTS = {
    "received": "received",
    "triaged": "triaged",
    "dispatched": "dispatched",
    "staff_replied": "our reply",
    "progress_reported": "progress report",
    "workaround_provided": "workaround",
    "solution_proposed": "proposed solution",
    "solution_rejected": "solution refused",
    "customer_replied": "the customer's reply",
    "waiting_on_customer": "waiting for the customer",
    "waiting_on_third_party": "waiting for a third party",
    "out_of_scope": "ruled out of scope",
    "resumed": "work resumed",
    "severity_changed": "severity changed",
    "agreement_changed": "other terms",
    "information_completed": "information complete",
    "closed": "closed",
    "reopened": "reopened",
}
CLAUSES = {
    "waiting_on_customer": "this clock pauses while we wait for the customer",
    "waiting_on_third_party": "this clock pauses while we wait for a third party",
    "out_of_scope": "out of scope: the clocks stand still from the decision on",
}


@require_safe
@staff_page()
def first(request: StaffRequest, number: int) -> HttpResponse:
    """The clock that breaks first, else the first there is."""
    ticket = access.for_staff(request.user, number)
    clock = shown.foremost(ticket, list(Clock.objects.filter(ticket=ticket)))
    if clock is None:
        raise Http404
    return HttpResponseRedirect(shown.why_url(clock))


@require_safe
@staff_page()
def why(request: StaffRequest, number: int, clock: str, n: int) -> HttpResponse:
    """Sentence, chart and ledger of one clock, with the others to switch to."""
    return show(request, access.for_staff(request.user, number), clock, n)


def show(request: StaffRequest, ticket: Ticket, clock: str, n: int, refused: str = "") -> HttpResponse:
    """The page; after a refusal with the form about the breach's cause open and why it was refused (422)."""
    now = timezone.now().replace(microsecond=0)
    stored = {(row.clock, row.n): row for row in Clock.objects.filter(ticket=ticket).order_by("position")}
    row = stored.get((clock, n))
    log = clocks.log_of(ticket)
    if row is None or not log or not log[0].after.get("terms"):
        raise Http404
    events = clocks.clock_events(log)
    policy = terms.load(log[0].after["terms"]).policy
    found = ledger.why(policy, events, hours.instant(now), clock, n)
    chart = _chart(ticket, row, found, events, now)
    context = {
        "page_title": f"Why · {ticket.number}",
        "ticket": ticket,
        "row": row,
        "chart": chart,
        "sentence": _sentence(row, chart, now, zone_of(request.user)),
        "same": _same(ticket, row, log, now),
        "others": [
            (shown.clock_name(one), shown.why_url(one), one == row, one.state) for one in stored.values()
        ],
        "change": _change(found, chart, row, now),
        "share": _share(ticket, row),
        "rungs": facts.rungs(ticket, clock, n),
        "missed": row.missed_at is not None and row.missed_at <= now,
        "cause": causes.of_clock(ticket.pk, clock, n),
        "cause_url": reverse("desk:cause", args=[ticket.pk, clock, n]),
        "refused": refused,
        "form": "cause" if refused else "",
        "v": request.POST if refused else {},
        "now": now,
    }
    return frame.page(request, "desk/why.html", context, here="queue", status=422 if refused else 200)


def _same(ticket: Ticket, row: Clock, log: list[clocks.Logged], now: datetime) -> bool:
    """Whether reading the log again gives the stored row, as it was when the row was written."""
    again = clocks.rows(ticket, clocks.explained(log, row.as_of), row.as_of)
    found = next((one for one in again if (one.clock, one.n) == (row.clock, row.n)), None)
    told = ("state", "due_at", "used", "target_seconds", "breached", "stopped_at", "earlier_breaches")
    return found is not None and all(getattr(found, name) == getattr(row, name) for name in told)


def _chart(
    ticket: Ticket, row: Clock, found: Ledger, events: Sequence[ClockEvent], now: datetime
) -> shapes.WhyChart:
    """The shapes of the look from the core's ledger, with our words for events and states."""
    one = found.instance
    state = promise_state(
        state=cast(ClockState, one.state), now=now, due=row.due_at, warn_at=row.warn_at, breached=one.breached,
        waiting=ticket.state, goal=row.kind == "goal",
    )  # fmt: skip
    source = str(ticket.contract) if ticket.contract else ""
    told = reckoning.Told(
        name=shown.clock_name(row),
        k=state,
        event=lambda index: _event(index, events),
        clause=lambda key: CLAUSES.get(key, ""),
        source=source,
    )
    return reckoning.chart_of(found, told)


def _event(index: int, events: Sequence[ClockEvent]) -> str:
    if not 0 <= index < len(events):
        return ""
    event = events[index]
    name = EVENTS.get(event.event, event.event.replace("_", " "))
    return f"{name} to {event.severity}" if event.event == "severity_changed" else name


def _sentence(row: Clock, chart: shapes.WhyChart, now: datetime, mine: ZoneInfo) -> dict[str, Any]:
    """The answer in a sentence, in parts: what, when there, when for the reader, and what remains."""
    zone = ZoneInfo(chart.zone)
    at = chart.stopped_at or chart.due
    there = f"{words.day(at, zone)}, {words.clock(at, zone, precise=True)}" if at else ""
    yours = (
        words.clock(at, mine, precise=True)
        if at and at.astimezone(mine).utcoffset() != at.astimezone(zone).utcoffset()
        else ""
    )
    if chart.stopped_at:
        verb = (
            "was not kept: it ended"
            if row.breached
            else ("was ended unmet" if row.state == "cancelled" else "was met")
        )
    else:
        verb = "is due" if chart.due else "stands still and has no due instant now"
    left = words.left(chart.left) if not chart.stopped_at else f"{words.counted_long(chart.used)} used"
    return {"verb": verb, "at": there, "yours": yours, "zone": chart.zone.rpartition("/")[2].replace("_", " "),
            "left": left, "of": words.counted_long(chart.target), "still": _still(chart, now)}  # fmt: skip


def _share(ticket: Ticket, row: Clock) -> str:
    """That a target is for a share of the tickets, where the terms say so."""
    found = shown.share(ticket, row)
    return _("It is for %(share)s %% of the tickets.") % {"share": found} if found else ""


def _still(chart: shapes.WhyChart, now: datetime) -> str:
    """Why a running clock does not count at this moment; empty when it counts."""
    if chart.stopped_at or not chart.due or now > chart.due:
        return ""
    here = next((p for p in chart.pieces if p.start <= now < p.end), None)
    if here is None or here.kind in {"counted", "to_come", "superseded"}:
        return ""
    return f"It does not count at this moment: {here.why.partition(': ')[2] or here.why}."


def _change(found: Ledger, chart: shapes.WhyChart, row: Clock, now: datetime) -> dict[str, Any] | None:
    """The last change as two gauges: before and now. None when there was none that counts."""
    changed = [s for s in found.sections if s.change is not None]
    if not changed or changed[-1].change is None:
        return None
    section, change = changed[-1], changed[-1].change
    zone = ZoneInfo(chart.zone)
    at, was = hours.at(change.at), hours.at(change.due_before)

    def gauge(name: str, target: int, used: int, k: Any, note: str) -> shapes.Promise:
        return shapes.Promise(
            clock=row.clock, name=name, k=k, target=target, target_words="", started_at=chart.started_at,
            used=used, note=note,
        )  # fmt: skip

    due = (
        f"due {words.day(chart.due, zone)}, {words.clock(chart.due, zone, precise=True)}" if chart.due else ""
    )
    return {
        "title": f"The change on {words.day(at, zone)}, {words.clock(at, zone, precise=True)}",
        "text": RULES[section.rule].capitalize() + ".",
        "before": gauge(
            f"severity {change.severity_before}", change.seconds_before, change.used_before, "was",
            f"due {words.day(was, zone)}, {words.clock(was, zone, precise=True)}",
        ),
        "after": gauge(f"severity {change.severity_after}", found.target, found.used, chart.k, due),
    }  # fmt: skip
