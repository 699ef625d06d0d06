"""Progress reports: which are due, a draft out of the log, one report to several tickets (S2).

A draft holds only what the customer may know already: events as they are told to customers. Never a note, a
handover, a reason of ours or what was written down as work (ATTACKS 37).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.tickets import access, resolution, sentences
from mainstay.tickets.models import Clock, Event, State, Ticket

CLOCK: Final = "progress_update"
MOST: Final = 50  # tickets in one report
LINES: Final = 20
# what is no progress, or was said by the customer, or is the report itself
NO_PROGRESS: Final = frozenset({
    "received", "acknowledged", "customer_replied", "thanked", "progress_reported", "staff_replied", "rated",
    "reminded", "followed_up", "follow_up_taken_back", "closed", "package_offered", "beyond_allowance", "served_once",
})  # fmt: skip


@dataclass(frozen=True)
class Report:
    """One report as it is to be sent: status, estimate, the customer's next step, why the estimate changed."""

    ticket: Ticket
    status: str
    estimate: datetime | None
    next_step: str = ""
    change_reason: str = ""


@dataclass(frozen=True)
class Estimate:
    """One estimate of a ticket: when it was told, by whom, what it was before, and why it changed."""

    at: datetime
    by: str
    was: datetime | None
    now: datetime | None
    why: str


def report_all(reports: Sequence[Report], *, by: Actor, at: datetime) -> list[Event]:
    """Send each its report: one event a ticket, all of them or none. A refusal names the ticket."""
    if not reports:
        raise Refused("ticket", "none is chosen; choose whom to tell")
    if len(reports) > MOST:
        raise Refused("ticket", f"at most {MOST} at once")
    made = []
    with transaction.atomic():
        for one in sorted(reports, key=lambda one: one.ticket.pk):
            try:
                made.append(
                    resolution.report_progress(
                        one.ticket, status=one.status, estimate=one.estimate, next_step=one.next_step,
                        change_reason=one.change_reason, by=by, at=at,
                    )
                )  # fmt: skip
            except Refused as error:
                raise Refused(f"{error.field} of {one.ticket.pk}", error.message) from None
    return made


def due(user: User, *, mine: bool) -> QuerySet[Ticket]:
    """Open tickets whose progress clock runs, in the queue's order: one's own, or everybody's."""
    runs = Clock.objects.filter(ticket=OuterRef("pk"), clock=CLOCK, state="running", due_at__isnull=False)
    found = access.queue(user, assignee=user) if mine else access.queue(user)
    return found.filter(Exists(runs)).exclude(state=State.OUT_OF_SCOPE)


def draft(ticket: Ticket, *, zone: str) -> str:
    """What has happened since the last report, as the customer may read it, in the language of the ticket."""
    with translation.override(language_of(ticket)):
        told = [sentences.told_customer(event, zone=zone) for event in _since(ticket)]
        lines = [f"- {one.sentence}" for one in told if one is not None]
        if not lines:
            return ""
        return "\n".join([_("Since we last wrote to you:"), *lines])


def language_of(ticket: Ticket) -> str:
    """The language in which the customer reads about this ticket."""
    return ticket.language or (ticket.customer.language if ticket.customer else "") or "en"


def estimates(ticket: Ticket) -> list[Estimate]:
    """The history of the estimate with its reasons, the newest first."""
    rows = Event.objects.filter(ticket=ticket, kind="progress_reported", after__has_key="estimate")
    return [
        Estimate(
            at=one.at, by=one.text.by_name if hasattr(one, "text") else "", was=_instant(one.before.get("estimate")),
            now=_instant(one.after["estimate"]), why=one.text.why if hasattr(one, "text") else "",
        )
        for one in rows.select_related("text").order_by("-seq")[:LINES]
    ]  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _since(ticket: Ticket) -> list[Event]:
    """What was told since the last report (or the beginning), without what is no progress."""
    rows = Event.objects.filter(ticket=ticket).select_related("text").order_by("-seq")
    last = rows.filter(kind="progress_reported").values_list("seq", flat=True).first() or 0
    told = rows.filter(seq__gt=last, kind__in=set(sentences.CUSTOMER) - NO_PROGRESS)
    return list(told[:LINES])[::-1]
