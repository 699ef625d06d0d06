"""Acts on a ticket that have to do with what is covered: work written down, the timer, the three decisions (P1, P5);
and the list of what waits for a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.allowances import decisions
from mainstay.allowances.carry import minutes_words
from mainstay.allowances.models import Decision, Work
from mainstay.desk import frame, shown
from mainstay.desk.acting import Act, Do, act
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.tickets import entitling, work
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 200
TWICE = timedelta(minutes=2)

# ---- what waits for a decision


@require_safe
@staff_page()
def waiting(request: StaffRequest) -> HttpResponse:
    """Every request that nothing covers and nobody has decided on, the oldest first, with the reasons."""
    now = timezone.now()
    rows = list(decisions.waiting()[: MOST + 1])
    recent = Decision.objects.exclude(outcome="").exclude(outcome__in=["moot", "entitled"])
    context = {
        "page_title": "Not entitled",
        "rows": [_row(one) for one in rows[:MOST]],
        "more": len(rows) > MOST,
        "decided": recent.select_related("ticket__customer").order_by("-decided_at", "-pk")[:20],
        "now": now,
    }
    return frame.page(request, "desk/not_entitled.html", context, here="not_entitled")


def _row(one: Decision) -> dict[str, Any]:
    return {
        "one": one,
        "ticket": one.ticket,
        "url": f"{shown.ticket_url(one.ticket_id)}?do=entitlement#entitlement",
        "sender": shown.who_wrote(one.ticket),
        "answered": one.outcome == Decision.Outcome.OFFER,
    }


# ---- the three decisions


def serving(one: Act) -> str:
    entitling.serve_once(one.ticket, **_said(one))
    return "Served this once; the customer is told."


def offer(one: Act) -> str:
    package = one.typed.text("package")
    if not package:
        raise Refused("package", "is not chosen; choose the one that would cover it")
    entitling.offer_package(one.ticket, package=package, **_said(one))
    return "The offer is on its way; the ticket waits for the customer."


def declining(one: Act) -> str:
    entitling.decline(one.ticket, **_said(one))
    return "Declined; the customer is told, and the ticket is closed."


def _said(one: Act) -> dict[str, Any]:
    at: datetime = one.at
    return {"text": one.typed.raw("text"), "reason": one.typed.text("reason"), "by": one.by, "at": at}


# ---- work


def started(one: Act) -> str:
    work.start_timer(one.ticket, user=one.user, at=one.at)
    return "The timer runs; it goes on when you leave the page."


def stopped(one: Act) -> str:
    minutes = one.typed.minutes("minutes") if one.typed.text("minutes") else None
    made = work.stop_timer(
        one.ticket, user=one.user, text=one.typed.text("text"), billable=not one.typed.flag("free"),
        minutes=minutes, by=one.by, at=one.at,
    )  # fmt: skip
    return f"{minutes_words(made.minutes)} written down."


def discarded(one: Act) -> str:
    work.discard_timer(one.ticket, user=one.user)
    return "The timer is gone; nothing was written down."


def logged(one: Act) -> str:
    said = _entry(one.typed)
    same = Work.objects.filter(
        ticket=one.ticket, by=one.user, at__gt=one.at - TWICE, corrects=None, minutes=said["minutes"],
        day=said["day"], text=said["text"],
    )  # fmt: skip
    if same.exists():
        return "That was written down already, a moment ago; it was not written down again."
    made = work.log_work(one.ticket, **said, user=one.user, by=one.by, at=one.at)
    return f"{minutes_words(made.minutes)} written down."


def _entry(typed: Typed) -> dict[str, Any]:
    day: date = typed.needs_day("day")
    text = " ".join(typed.text("text").split())
    minutes = typed.minutes("minutes")
    if minutes > work.LONGEST:
        raise Refused("minutes", f"must be at most {work.LONGEST}, a whole day")
    return {"minutes": minutes, "day": day, "text": text, "billable": not typed.flag("free")}


@require_POST
@staff_page()
def correction(request: StaffRequest, number: int, entry: int) -> HttpResponseBase:
    """Put one entry right, or strike it out."""

    def do(one: Act) -> str:
        made = work.correct_work(
            one.ticket, entry, **_entry(one.typed), reason=one.typed.text("reason"), user=one.user, by=one.by,
            at=one.at,
        )  # fmt: skip
        return f"Put right: {minutes_words(made.minutes)}." if made.minutes else "The entry is struck out."

    view: Callable[..., HttpResponseBase] = act(f"work-{entry}", do)
    return view(request, number)


TICKET_ACTS: tuple[tuple[str, str, Do], ...] = (
    ("work", "work", logged),
    ("timer", "timer", started),
    ("timer_stop", "timer/stop", stopped),
    ("timer_discard", "timer/removal", discarded),
    ("serving", "entitlement/service", serving),
    ("offer", "entitlement/offer", offer),
    ("declining", "entitlement/decline", declining),
)
"""(name, last part of the address, what it does)"""
