"""What nothing covers waits for somebody who decides: never dropped, never forgotten (P1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from mainstay import rows
from mainstay.accounts.actor import Actor
from mainstay.allowances.models import Decision
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared


@dataclass(frozen=True)
class Undecided:
    """A ticket that nothing covers, with the reasons."""

    ticket: Any
    because: Sequence[str]
    at: datetime


def ask(ticket: Any, because: Sequence[str], *, at: datetime) -> None:
    """Put a ticket before a person, with the reasons; once while nobody has decided."""
    ask_all([Undecided(ticket, because, at)])


def ask_all(undecided: Iterable[Undecided]) -> None:
    """The same for several, in one statement."""
    rows.insert(
        Decision,
        [
            Decision(ticket_id=one.ticket.pk, because=[why[:500] for why in one.because], asked_at=one.at)
            for one in undecided
        ],
        conflict="(ticket_id) WHERE outcome = '' DO NOTHING",
    )


def settle(ticket: Any, outcome: str, *, by: Actor, at: datetime) -> None:
    """It need not be decided any more: covered after all, or closed meanwhile."""
    Decision.objects.filter(ticket=ticket, outcome="").update(
        outcome=outcome, by_name=by.name[:200], decided_at=at
    )


def decide(ticket: Any, outcome: str, reason: str, *, by: Actor, at: datetime) -> Decision:
    """Write down what a person decided. Raises `Refused` naming ticket where there is nothing to decide."""
    held = Decision.objects.select_for_update(of=("self",)).filter(ticket=ticket).order_by("-pk").first()
    if held is None or not may_be_decided(held):
        raise Refused("ticket", "is covered by its agreement; there is nothing to decide")
    if held.outcome:  # an offer that was answered: decided anew, beside what was decided before
        held = Decision(ticket=ticket, because=held.because, asked_at=at)
    held.outcome, held.reason = outcome, reason[:500]
    held.by_name, held.decided_at = by.name[:200], at
    held.save()
    return held


def may_be_decided(held: Decision) -> bool:
    return held.outcome in {"", Decision.Outcome.OFFER}


def of(ticket: Any) -> Decision | None:
    """What was asked last about a ticket; None when nothing was."""
    return LAST.first(ticket=ticket.pk)


LAST = Prepared(lambda: Decision.objects.filter(ticket=Arg("ticket")).order_by("-pk")[:1])


def open_to(ticket: Any) -> Decision | None:
    """The decision that a person may take now; None when there is none to take."""
    held = of(ticket)
    return held if held is not None and may_be_decided(held) else None


def is_undecided(ticket: Any) -> bool:
    """Whether somebody still has to decide about it."""
    return Decision.objects.filter(ticket=ticket, outcome="").exists()


def waiting() -> QuerySet[Decision]:
    """What waits for a person: nobody has decided, or an offer was answered and the ticket is ours again.

    A ticket that is closed is decided by that (`settle`). Only offers are looked up beside their tickets: the count
    stands on every page.
    """
    since = Decision.objects.filter(ticket=OuterRef("ticket"), pk__gt=OuterRef("pk"))
    answered = Decision.objects.filter(~Exists(since), outcome=Decision.Outcome.OFFER, ticket__state="open")
    return (
        Decision.objects.filter(
            Q(outcome="") | Q(outcome=Decision.Outcome.OFFER, pk__in=answered.values("pk"))
        )
        .select_related("ticket__customer__tam", "ticket__requester", "ticket__contract", "ticket__level")
        .order_by("asked_at", "pk")
    )
