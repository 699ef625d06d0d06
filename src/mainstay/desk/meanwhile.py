"""What others did on a ticket since the page that somebody acts from was made.

`seq` is what the page knew: the last event of the ticket when it was drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet

from mainstay.accounts.models import User
from mainstay.desk.typed import Typed, zone_of
from mainstay.errors import Refused
from mainstay.tickets import drafts, sentences
from mainstay.tickets.models import Event, Ticket
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest

# What others did that one should have read before doing it oneself, and the acts that it matters to.
SAID = frozenset({
    "received", "customer_replied", "thanked", "staff_replied", "asked_customer", "information_requested",
    "progress_reported", "workaround_provided", "solution_proposed", "solution_rejected", "noted", "closed",
    "reopened", "ruled_out_of_scope", "brought_into_scope", "merged_in", "withdrawn", "solution_withdrawn",
})  # fmt: skip
DECIDED = frozenset({
    "triaged", "severity_changed", "dispatched", "handed_over", "escalated", "customer_recognised", "closed",
    "reopened", "ruled_out_of_scope", "brought_into_scope", "waiting_on_third_party", "merged_in",
})  # fmt: skip
MATTERS: dict[str, frozenset[str]] = {
    **dict.fromkeys((name for name in drafts.KINDS if name != "note"), SAID),
    **dict.fromkeys(("closure", "scope", "serving", "offer", "declining"), SAID | DECIDED),
    **dict.fromkeys(("triage", "severity", "assignment", "handover", "recognition", "waiting"), DECIDED),
}


def stop(ticket: Ticket, name: str, *, typed: Typed, user: User) -> None:
    """Refused, naming meanwhile, when others did what matters to this act since the page was made.

    The page comes back with what was typed and with what happened; pressing again does it.
    """
    seen, matters = ids.read(typed.text("seq"), digits=ids.SEQ), MATTERS.get(name)
    if matters is None or seen is None:
        return
    events = list(_by_others(ticket, user, seen, matters).order_by("seq")[:6])
    if events:
        raise Refused(
            "meanwhile",
            f"{_told(events, typed.zone)}. Nothing was sent. "
            "Read it, then send again as it is, or change it first",
        )


def tell(request: StaffRequest, ticket: Ticket) -> None:
    """What happened between opening the page and this act. `ticket` is as it was just before the act."""
    seen = ids.read(request.POST.get("seq", ""), digits=ids.SEQ)
    if seen is None or seen >= ticket.last_seq:
        return
    found = Event.objects.filter(ticket=ticket, seq__gt=seen, seq__lte=ticket.last_seq)
    events = list(found.select_related("text").order_by("seq")[:10])
    messages.info(request, f"Since you opened it: {_told(events, zone_of(request.user))}.")


def news(ticket: Ticket, *, user: User, seq: int, zone: ZoneInfo) -> str:
    """The last thing that somebody else said or decided since the event `seq`; empty: nothing."""
    last = _by_others(ticket, user, seq, SAID | DECIDED).order_by("-seq").first()
    return _told([last], zone) if last else ""


def _by_others(ticket: Ticket, user: User, seq: int, kinds: Iterable[str]) -> QuerySet[Event]:
    since = Event.objects.filter(ticket=ticket, seq__gt=seq, kind__in=kinds)
    return since.exclude(by_kind="staff", by_id=user.pk).select_related("text")


def _told(events: list[Event], zone: ZoneInfo) -> str:
    return "; ".join(sentences.told(event, zone=zone.key).sentence for event in events)
