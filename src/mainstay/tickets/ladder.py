"""Escalation ladders on tickets: when each rung is due, and telling it once (LESSONS 14 and 31).

The rows that are due are derived from the log like the clocks, and written anew whenever those are; a rung that was
told keeps its row. What was told under another due instant, and is due by now under the new one too, was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from mainstay.contracts import terms
from mainstay.prepared import Arg, Prepared
from mainstay.sla import clocks as sla
from mainstay.sla import hours, ladder
from mainstay.sla.instances import Instance
from mainstay.sla.ladder import Due
from mainstay.tickets.models import LadderRung, State, Ticket

WAITING = "_ladder"  # of a ticket in memory: what is to be stored with its clocks


def plan(
    ticket: Ticket, instances: Sequence[Instance], events: Sequence[sla.Event], at: datetime
) -> list[Due]:
    """When the rungs of the ticket's terms are due as its log stands at `at`."""
    says = terms.load(ticket.terms_id) if ticket.terms_id else None
    if says is None or not says.rungs or ticket.state == State.CLOSED:
        return []
    return ladder.dues(
        says.rungs, instances, says.policy, says.calendars, events, severity=ticket.severity,
        as_of=hours.instant(at),
    )  # fmt: skip


def has_one(ticket: Ticket) -> bool:
    """Whether the ticket's terms know a ladder."""
    return bool(ticket.terms_id and terms.load(ticket.terms_id).rungs)


def store(planned: Mapping[int, Iterable[Due]], at: datetime) -> None:
    """Write what is due in place of what was, for tickets by their numbers."""
    own = LadderRung.objects.filter(ticket__in=planned)
    own.filter(told_at=None).delete()
    told = set(own.values_list("ticket_id", "rung", "n", "due_at"))
    before = {one[:3] for one in told}
    fresh = []
    for number, dues in planned.items():
        for due in dues:
            key, due_at = (number, due.rung.key, due.n), hours.at(due.at)
            if (*key, due_at) in told:
                continue
            carried = key in before and due_at <= at
            fresh.append(
                LadderRung(
                    ticket_id=number, rung=due.rung.key, n=due.n, due_at=due_at, says=_says(due),
                    told_at=at if carried else None, carried=carried,
                )
            )  # fmt: skip
    LadderRung.objects.bulk_create(fresh, ignore_conflicts=True)


def store_planned(tickets: Iterable[Ticket], at: datetime) -> None:
    """The same for tickets whose clocks were reckoned in memory."""
    planned = {one.pk: one.__dict__.pop(WAITING) for one in tickets if WAITING in one.__dict__}
    if planned:
        store(planned, at)


def _says(due: Due) -> dict[str, Any]:
    rung = due.rung
    return {
        "after": rung.after, "to": list(rung.to), "severity": rung.severity, "clock": rung.clock,
        "words": rung.words,
    }  # fmt: skip


def due(at: datetime, most: int) -> list[LadderRung]:
    """The rungs that are due and not told. One probe of a partial index."""
    return list(LadderRung.objects.filter(told_at=None, due_at__lte=at).order_by("due_at")[:most])


def of(ticket: Ticket) -> list[LadderRung]:
    """What was told and what will be if nothing happens, in the order of time; without what counts as told."""
    return TO_COME.all(ticket=ticket.pk)


TO_COME = Prepared(
    lambda: LadderRung.objects.filter(ticket=Arg("ticket"), carried=False).order_by("due_at", "pk")
)
