"""What the next person needs of a ticket: where it stands, last words of each side, what we wait for, the risks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from mainstay.desk import queue, shown
from mainstay.maintenance.models import Task
from mainstay.tickets.listed import ListedClock
from mainstay.tickets.models import Event, Message, State, Ticket
from mainstay.ui.shapes import QueueRow

RISKY = ("escalated", "solution_rejected", "reopened", "nobody_suitable", "beyond_allowance", "delivery_failed",
         "workaround_provided")  # fmt: skip


@dataclass(frozen=True)
class Brief:
    """One ticket for whoever takes it over. `theirs` and `ours` are the last words, `note` the last inside."""

    ticket: Ticket
    row: QueueRow
    theirs: Message | None
    ours: Message | None
    note: Message | None
    waits: str
    risks: tuple[str, ...]
    tasks: tuple[Task, ...]


def briefs(tickets: Sequence[Ticket], now: datetime) -> list[Brief]:
    """The same for several, in their order. Four queries, however many."""
    clocks, said, told, tasks = queue.clocks_of(tickets), _said(tickets), _told(tickets), _tasks(tickets)
    return [
        Brief(
            ticket=one,
            row=shown.row(one, clocks.get(one.pk, []), now),
            theirs=said.get((one.pk, "in")),
            ours=said.get((one.pk, "out")),
            note=said.get((one.pk, "note")),
            waits=waits(one),
            risks=tuple(_risks(one, clocks.get(one.pk, []), told[one.pk], now)),
            tasks=tuple(tasks[one.pk]),
        )
        for one in tickets
    ]


def waits(ticket: Ticket) -> str:
    """What we wait for, in words; empty when it is ours to move."""
    if ticket.state == State.WAITING_CUSTOMER:
        return _("the customer's answer: %(what)s") % {"what": ticket.waiting_for}
    if ticket.state == State.WAITING_THIRD:
        return _("a third party: %(what)s") % {"what": ticket.waiting_for}
    if ticket.state == State.PROPOSED:
        return _("the customer to accept the solution, or to say that it does not help")
    return _("a decision about the scope") if ticket.state == State.OUT_OF_SCOPE else ""


def _said(tickets: Iterable[Ticket]) -> dict[tuple[int, str], Message]:
    """The last message of each kind of each ticket."""
    rows = Message.objects.filter(ticket__in=[one.pk for one in tickets]).defer("html", "full_text", "notes")
    last = rows.order_by("ticket", "kind", "-at", "-pk").distinct("ticket", "kind")
    return {(one.ticket_id, one.kind): one for one in last}


def _told(tickets: Iterable[Ticket]) -> dict[int, dict[str, Event]]:
    """The last event of each risky kind of each ticket, with its words."""
    rows = Event.objects.filter(ticket__in=[one.pk for one in tickets], kind__in=RISKY).select_related("text")
    found: dict[int, dict[str, Event]] = defaultdict(dict)
    for event in rows.order_by("ticket", "seq"):
        found[event.ticket_id][event.kind] = event
    return found


def _tasks(tickets: Iterable[Ticket]) -> dict[int, list[Task]]:
    rows = Task.objects.filter(ticket__in=[one.pk for one in tickets], state=Task.State.OPEN)
    found: dict[int, list[Task]] = defaultdict(list)
    for task in rows.select_related("owner", "team").order_by("due_on", "pk"):
        if task.ticket_id is not None:
            found[task.ticket_id].append(task)
    return found


def _risks(ticket: Ticket, clocks: Sequence[ListedClock], told: dict[str, Event], now: datetime) -> list[str]:
    """What may go wrong, or has: a sentence each."""
    found = [_missed(one) for one in clocks if _is_missed(one, now)]
    found += [_near(one) for one in clocks if not _is_missed(one, now) and _is_near(one, now)]
    if ticket.emergency and ticket.emergency_seen_at is None:
        found.append(_("looks like an emergency, and nobody has seen it"))
    if ticket.severity == 1 and "workaround_provided" not in told and ticket.state != State.PROPOSED:
        found.append(_("severity 1, and no workaround has been given"))
    return found + [say(told[kind]) for kind, say in SAYS.items() if kind in told]


def _is_missed(clock: ListedClock, now: datetime) -> bool:
    running = clock.state == "running" and clock.due_at is not None and clock.due_at < now
    return clock.kind == "promise" and (running or clock.breached)


def _is_near(clock: ListedClock, now: datetime) -> bool:
    warns = clock.state == "running" and clock.warn_at is not None and clock.warn_at <= now
    return clock.kind == "promise" and warns


def _missed(clock: ListedClock) -> str:
    return _("%(what)s was missed") % {"what": shown.clock_name(clock)}


def _near(clock: ListedClock) -> str:
    return _("%(what)s is nearly due") % {"what": shown.clock_name(clock)}


def _why(event: Event) -> str:
    return event.text.why if hasattr(event, "text") else ""


SAYS: dict[str, Callable[[Event], str]] = {
    "escalated": lambda event: _("escalated: %(why)s") % {"why": _why(event)},
    "solution_rejected": lambda event: _("a solution did not help"),
    "reopened": lambda event: _("was closed and reopened"),
    "nobody_suitable": lambda event: _("nobody suitable was on duty"),
    "beyond_allowance": lambda event: _("beyond what the agreement includes"),
    "delivery_failed": lambda event: _("a mail to them could not be delivered"),
}
