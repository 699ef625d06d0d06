"""Other terms for many open tickets: what would change, and how far a change has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.desk import frame, shown
from mainstay.tickets import rollout
from mainstay.tickets.agreement import Effect
from mainstay.tickets.models import Change, ChangeOfTicket
from mainstay.tickets.names import CLOCKS
from mainstay.tickets.resolve import Moved
from mainstay.ui.doors import StaffRequest, staff_page

SHOWN = 50


@dataclass(frozen=True)
class Closing:
    """When a ticket closes by itself, before and after, as `desk/would_change.html` shows a promise."""

    was: datetime | None
    now: datetime | None
    now_words: str
    was_words: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """One promise of one ticket, or its closing by itself, before and after."""

    number: int
    subject: str
    url: str
    clock: str
    moved: Moved | Closing


def rows(effects: Iterable[Effect]) -> list[Row]:
    """What would change, promise by promise, then when each closes by itself, for `desk/would_change.html`."""
    return [row for one in effects for row in _rows(one)]


def _rows(one: Effect) -> Iterator[Row]:
    about = one.ticket.pk, one.ticket.subject, shown.ticket_url(one.ticket.pk)
    for moved in one.moved:
        yield Row(*about, CLOCKS.get(moved.clock, moved.clock), moved)
    if one.closes is not None:
        said = _("if nobody answers") if one.closes.closes else _("never by itself")
        yield Row(*about, _("closes by itself"), Closing(one.closes.was, one.closes.closes, said))


@require_safe
@staff_page()
def changes(request: StaffRequest) -> HttpResponse:
    """The changes, the newest first."""
    found = Change.objects.select_related("contract").order_by("-pk")[:SHOWN]
    context = {"page_title": "Changes of terms", "changes": [(one, rollout.progress(one)) for one in found]}
    return frame.page(request, "desk/changes.html", context, here="catalogue")


@require_safe
@staff_page()
def change(request: StaffRequest, number: int) -> HttpResponse:
    """One change: how far it is, and what could not be reckoned."""
    found = Change.objects.select_related("contract__customer").filter(pk=number).first()
    if found is None:
        raise Http404
    so_far = rollout.progress(found)
    failed = ChangeOfTicket.objects.filter(change=found, result=ChangeOfTicket.Result.FAILED)
    context: dict[str, Any] = {
        "page_title": found.why[:80],
        "change": found,
        "so_far": so_far,
        "share": round(100 * so_far.done / so_far.total) if so_far.total else 100,
        "failed": [(shown.ticket_url(one.ticket_id), one) for one in failed.order_by("pk")[:SHOWN]],
        "under_way": found.state != Change.State.DONE,
    }
    return frame.page(request, "desk/change.html", context, here="catalogue")
