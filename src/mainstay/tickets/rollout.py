"""Other terms for many open tickets, in the background: each gets what `agreement.apply` would have written.

The tickets of a change are rows that wait; whoever works claims some with `SKIP LOCKED`, so any number may work, a
worker that dies loses nothing, and a ticket that somebody has open is done a moment later. A claim is one
transaction: its tickets are read together, reckoned one by one by the same functions as a verb, and written
together. One that cannot be reckoned is set aside with its error and holds up no other.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, QuerySet

from mainstay.accounts.actor import Actor
from mainstay.contracts import terms
from mainstay.contracts.entitlement import Basis, Compiled, Entitlement
from mainstay.customers.models import Customer, Environment
from mainstay.tickets import agreement, bulk, clocks, events, resolve, scope
from mainstay.tickets.clocks import Logged
from mainstay.tickets.models import Alarm, Change, ChangeOfTicket, Clock, Event, EventText, State, Ticket
from mainstay.tickets.resolve import SEEN, Stood, clocks_of, logs_of
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.changes")
CLAIM = 200
HERE = 1000  # tickets that wait: more of them get processes of their own
MOST, NICE = 2, 10
JUDGED = ("contract", "level", "terms", "entitlement", "entitled_because", "level_rank")
WRITTEN = (*JUDGED, "queue_at", "due_at", "due_clock", "last_seq", "last_hash", "last_at")
_UNDER: dict[int, _Under] = {}  # of this process, by change


def main(argv: list[str]) -> int:
    """`mainstay changes`: work until no ticket of a change waits. Any number may work at once."""
    parser = argparse.ArgumentParser(prog="mainstay changes", description=main.__doc__)
    parser.add_argument("--for", dest="parent", type=int, default=0, help="stop when this process has gone")
    parent = parser.parse_args(argv).parent
    scope.whole_process()
    os.nice(NICE)
    while (not parent or os.getppid() == parent) and work(now()):
        pass
    return 0


def step() -> int:
    """For the worker: few tickets here, many in processes of their own, so that mail and notices go on."""
    at = now()
    if not _open(at).exists():
        return 0
    if waiting(at) <= HERE:
        return work(at)
    command = [sys.executable, "-m", "mainstay", "changes", "--for", str(os.getpid())]
    helpers = [subprocess.Popen(command) for _ in range(min(os.cpu_count() or 1, MOST))]  # noqa: S603 - ourselves
    failed = [one.returncode for one in helpers if one.wait()]
    if failed:
        raise RuntimeError(f"a helper ended with {failed[0]}")
    return 1


def waiting(at: datetime) -> int:
    """How many tickets wait whose day has come."""
    return ChangeOfTicket.objects.filter(result="", at__lte=at, change__in=_open(at)).count()


def work(at: datetime, most: int = CLAIM) -> int:
    """Do some of what waits at `at`; returns how many tickets were dealt with (0: nothing to do)."""
    for change in _open(at):
        _begin(change)
        done = _some(change, at, most)
        if done:
            return done
        _finish(change, at)
    return 0


def _begin(change: Change) -> None:
    """Its day has come: tickets that came meanwhile are part of it. By one worker, once."""
    if change.state != Change.State.WAITING:
        return
    with transaction.atomic():
        waiting = Change.objects.select_for_update().filter(pk=change.pk, state=Change.State.WAITING)
        if waiting.exists():
            agreement.enlist_late(change)
            waiting.update(state=Change.State.RUNNING)
    change.refresh_from_db(fields=["state", "total"])


def _open(at: datetime) -> QuerySet[Change]:
    found = Change.objects.exclude(state=Change.State.DONE).filter(starts_at__lte=at)
    return found.select_related("contract__package__level", "contract__desk_policy").order_by(
        "starts_at", "pk"
    )


def _some(change: Change, at: datetime, most: int) -> int:
    try:
        with transaction.atomic():
            return _claim(change, at, most)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("change %s: some tickets together", change.pk)
        _UNDER.pop(change.pk, None)
        return _singly(change, at)


def _claim(change: Change, at: datetime, most: int) -> int:
    claimed = ChangeOfTicket.objects.filter(change=change, result="", at__lte=at).order_by("pk")
    rows = list(claimed.select_for_update(skip_locked=True)[:most])
    if not rows:
        return 0
    found = Ticket.objects.filter(pk__in=[row.ticket_id for row in rows]).order_by("pk")
    tickets = {one.pk: one for one in found.select_for_update(
        skip_locked=True, of=("self",)
    )}  # fmt: skip
    if not tickets:
        time.sleep(0.05)  # somebody is at each of them
        return len(rows)
    _with_others(list(tickets.values()))
    batch = _Batch(change, [tickets[row.ticket_id] for row in rows if row.ticket_id in tickets], at)
    batch.reckon({row.ticket_id: row.at for row in rows})
    batch.store()
    for row in rows:
        row.result = batch.results.get(row.ticket_id, "")
    bulk.update(ChangeOfTicket, [row for row in rows if row.result], ("result",))
    return len(rows)


def _with_others(tickets: list[Ticket]) -> None:
    """The customers and systems that the tickets are about, each read once for all of them."""
    customers = Customer.objects.in_bulk({one.customer_id for one in tickets if one.customer_id})
    systems = Environment.objects.select_related("product", "release__product").in_bulk(
        {one.environment_id for one in tickets if one.environment_id}
    )
    for one in tickets:
        one.customer = customers.get(one.customer_id)
        one.environment = systems.get(one.environment_id)


def _singly(change: Change, at: datetime) -> int:
    """After some failed together: one by one, and whatever fails is set aside with its error."""
    rows = list(ChangeOfTicket.objects.filter(change=change, result="", at__lte=at).order_by("pk")[:CLAIM])
    for row in rows:
        try:
            with transaction.atomic():
                one = ChangeOfTicket.objects.select_for_update(skip_locked=True).filter(pk=row.pk, result="")
                ticket = Ticket.objects.select_related(*SEEN).select_for_update(of=("self",))
                if one.exists():
                    batch = _Batch(change, [ticket.get(pk=row.ticket_id)], at)
                    batch.reckon({row.ticket_id: row.at})
                    batch.store()
                    one.update(result=batch.results[row.ticket_id])
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("change %s: ticket %s", change.pk, row.ticket_id)
            _UNDER.pop(change.pk, None)  # what it stored is gone
            said = f"{type(error).__name__}: {error}"[:500]
            ChangeOfTicket.objects.filter(pk=row.pk).update(result=ChangeOfTicket.Result.FAILED, error=said)
    return len(rows)


def _finish(change: Change, at: datetime) -> None:
    """Done when no ticket waits; some may wait for a later day, or be in somebody's hands."""
    if not ChangeOfTicket.objects.filter(change=change, result="").exists():
        Change.objects.filter(pk=change.pk).update(state=Change.State.DONE, ended_at=at)
        _UNDER.pop(change.pk, None)


# ---- some tickets together


@dataclass
class _Batch:
    """Some tickets of one change: read together, reckoned, and what there is to write."""

    change: Change
    tickets: list[Ticket]
    now: datetime
    results: dict[int, str] = field(default_factory=dict)
    changed: list[Ticket] = field(default_factory=list)
    rows: dict[Any, list[Any]] = field(default_factory=lambda: defaultdict(list))
    dues: dict[int, dict[tuple[str, int], datetime | None]] = field(default_factory=dict)

    def reckon(self, at: dict[int, datetime]) -> None:
        """Each ticket under the terms that are to hold, from its instant in `at` on."""
        logs, stored = logs_of(self.tickets), clocks_of(self.tickets)
        by = Actor(self.change.by_kind, self.change.by_id, self.change.by_name)  # type: ignore[arg-type]
        found = _UNDER.setdefault(self.change.pk, _Under(self.change))
        for ticket in self.tickets:
            if ticket.state == State.CLOSED:
                self.results[ticket.pk] = ChangeOfTicket.Result.CLOSED
                continue
            entitled = found(ticket)
            if not agreement.differs(ticket, entitled):
                self.results[ticket.pk] = ChangeOfTicket.Result.SAME
                continue
            self._change(ticket, entitled, logs[ticket.pk], stored[ticket.pk], at[ticket.pk], by)
            self.results[ticket.pk] = ChangeOfTicket.Result.CHANGED

    def _change(
        self, ticket: Ticket, entitled: Entitlement, told: list[Logged], had: list[Stood], at: datetime, by: Actor
    ) -> None:  # fmt: skip
        events.remember_as_it_is(ticket)
        kinds = terms.load(ticket.terms_id).kind if ticket.terms_id else None
        made = resolve.entry(ticket, told, had, entitled, at=at, correction=False, quiet=True)
        agreement.take(ticket, entitled)
        event, text = events.build(
            ticket, "agreement_changed", by=by, at=made.at, why=self.change.why, more=made.more,
            detail=made.detail,
        )  # fmt: skip
        events.follow(ticket, event)
        ticket.level_rank = ticket.level.rank if ticket.level else 0
        rows = [Row(ticket_id=ticket.pk, **one) for one in clocks.columns(ticket, made.instances, event.at)]
        ticket.__dict__["_clocks"] = rows
        clocks.set_order(ticket)
        self.changed.append(ticket)
        self.rows[Event].append(event)
        self.rows[EventText].append(text)
        self.rows[Clock] += [row for row in rows if row.state in resolve.LIVE or not _ended(row, had, kinds)]
        self.dues[ticket.pk] = {(one.clock, one.n): one.due_at for one in had}

    def store(self) -> None:
        """Everything at once. The alarms that rang are read only now that it is known which clocks moved."""
        if not self.changed:
            return
        made: list[Event] = self.rows[Event]
        for event, text, number in zip(
            made, self.rows[EventText], bulk.reserve(Event, len(made)), strict=True
        ):
            event.id, event.recorded_at, text.event_id = number, self.now, number
        self._alarms()
        bulk.insert(Event, made)
        bulk.insert(EventText, self.rows[EventText])
        bulk.insert(Clock, self.rows[Clock], over=("ticket_id", "clock", "n"))
        bulk.update(Ticket, self.changed, WRITTEN)

    def _alarms(self) -> None:
        rung: dict[int, set[tuple[str, int, str, datetime]]] = defaultdict(set)
        alarms = Alarm.objects.filter(ticket__in=self.changed)
        for number, *key in alarms.values_list("ticket_id", "clock", "n", "kind", "due_at"):
            rung[number].add(tuple(key))  # type: ignore[arg-type]
        told: list[Alarm] = []
        for row in self.rows[Clock]:
            mine = rung[row.ticket_id]
            carried = resolve.carried([row], self.dues[row.ticket_id], mine, self.now) if mine else []
            mine |= {(one.clock, one.n, one.kind, one.due_at) for one in carried}
            told += carried
            row.next_alarm_at, row.next_alarm = clocks.next_alarm(row, mine)
        Alarm.objects.bulk_create(told, ignore_conflicts=True)


class Row(SimpleNamespace):
    """A row of clocks as the model has it, made in a fraction of the time."""


def _ended(row: Row, had: list[Stood], kinds: Callable[[str, int], str | None] | None) -> bool:
    """Whether a clock had ended before the change, and is not called anything else by it: its row stays."""
    before = (kinds(row.clock, row.severity) if kinds else None) or "goal"
    return before == row.kind and not any((one.clock, one.n) == (row.clock, row.n) for one in had)


class _Under:
    """What is to judge each ticket of a change: the contract's version that it names, else what would judge the
    ticket if it came on its day. Each basis is looked up once, each combination of facts compiled once."""

    def __init__(self, change: Change) -> None:
        self.change, self.compiled = change, Compiled()
        self.known: dict[Any, Basis] = {}

    def __call__(self, ticket: Ticket) -> Entitlement:
        held = (self.change.contract_id or ticket.contract_id, ticket.entitlement)
        if held not in self.known:
            self.known[held] = self._basis(ticket)
        return resolve.again(ticket, self.known[held], compiled=self.compiled)

    def _basis(self, ticket: Ticket) -> Basis:
        contract = self.change.contract
        if contract is not None:
            return Basis("contract", contract, contract.package, contract.desk_policy)
        return resolve.renewed(ticket, self.change.effective)


# ---- how far it is


@dataclass(frozen=True)
class Progress:
    """How far a change is: tickets by what came of them."""

    total: int
    changed: int
    same: int
    closed: int
    failed: int

    @property
    def done(self) -> int:
        return self.changed + self.same + self.closed + self.failed


def progress(change: Change) -> Progress:
    """Counted from the rows, so it is right whoever works and whatever stopped."""
    counts = dict(
        ChangeOfTicket.objects.filter(change=change)
        .exclude(result="")
        .values_list("result")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return Progress(change.total, *(counts.get(name, 0) for name in ("changed", "same", "closed", "failed")))
