"""Who has put a ticket off, and what brings it back before its time. The verbs are in `snoozing`.

A snooze hides a ticket from one person's own work and stops nothing: clocks, warnings and everybody else's lists go
on. Whatever concerns its owner brings it back in the transaction of that event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from mainstay.accounts.models import User
from mainstay.prepared import Arg
from mainstay.tickets.models import Event, Snooze, Ticket

ANSWERS = frozenset({
    "customer_replied", "thanked", "solution_rejected", "concern_raised", "paid_work_agreed", "paid_work_declined",
    "scope_appealed", "appointment_wished",
})  # fmt: skip
"""What the customer does."""

PRESSING = frozenset({
    "escalated", "escalated_by_ladder", "severity_changed", "emergency_flagged", "resumed", "delivery_failed",
    "warned", "breached",
})  # fmt: skip
"""What presses; of warnings and breaches those of promises and goals."""

GIVEN = frozenset({"dispatched", "handed_over", "handover_declined"})
"""What gives the ticket to somebody: it comes back for them."""

ASKED = ANSWERS | PRESSING | GIVEN | {"closed"}
"""The events that ask whether anybody has put the ticket off."""


def of(user: User | Arg) -> QuerySet[Snooze]:
    """What this person has put off."""
    return Snooze.objects.filter(user=user)


def away(user: User | Arg) -> Q:
    """The condition on tickets that this person has put them off."""
    return Q(pk__in=of(user).values("ticket"))


def ended_by(event: Event, held: Iterable[Snooze]) -> list[Snooze]:
    """Those of a ticket's snoozes that the event brings back: never by what their owner did."""
    after, own = event.after, event.by_id if event.by_kind == "staff" else None
    if event.kind in {"warned", "breached"} and after.get("owed") == "internal":
        return []
    found = [one for one in held if one.user_id != own]
    if event.kind == "noted":
        return [one for one in found if one.user_id in after.get("mentioned", [])]
    if event.kind in GIVEN:
        return [one for one in found if one.user_id == after.get("assignee_id")]
    return found


def wake(event: Event) -> list[Snooze]:
    """End the snoozes that the event brings back, and give them. Closing ends them all, and nobody is reminded."""
    if event.kind not in ASKED and "mentioned" not in event.after:
        return []
    held = Snooze.objects.filter(ticket=event.ticket_id)
    if event.kind == "closed":
        held.delete()
        return []
    found = ended_by(event, held.select_related("user"))
    end(found)
    return found


def on(tickets: Sequence[Ticket]) -> dict[int, list[Snooze]]:
    """The snoozes of several tickets, by the tickets' numbers. One statement."""
    found: dict[int, list[Snooze]] = {}
    for one in Snooze.objects.filter(ticket__in=[one.pk for one in tickets]).select_related("user"):
        found.setdefault(one.ticket_id, []).append(one)
    return found


def end(held: Sequence[Snooze]) -> None:
    """They are over."""
    if held:
        Snooze.objects.filter(pk__in=[one.pk for one in held]).delete()


def told(held: Snooze, because: str) -> dict[str, Any]:
    """What the event of a snooze that ended says: whose, what for, and what ended it: a kind of event, or time."""
    return {
        "why": held.note,
        "more": {"user": held.user_id, "because": because},
        "detail": {"for": held.user.name},
    }
