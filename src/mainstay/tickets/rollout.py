"""Other terms for many open tickets, in the background: each gets what `agreement.apply` would have written.

The tickets of a change are rows that wait; whoever works claims some with `SKIP LOCKED`, so any number may work, a
worker that dies loses nothing, and a ticket that somebody has open is done a moment later. A claim is one
transaction: its tickets are read together, reckoned one by one by the same functions as a verb, and written
together. One that cannot be reckoned is set aside with its error and holds up no other.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, QuerySet
from django.db.models.base import ModelState

from mainstay.accounts.actor import Actor
from mainstay.contracts import terms
from mainstay.contracts.entitlement import Basis, Compiled, Entitlement
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.sla import hours
from mainstay.tickets import agreement, clocks, events, ladder, resolve, rows, scope
from mainstay.tickets.clocks import Logged
from mainstay.tickets.models import Alarm, Change, ChangeOfTicket, Clock, Event, EventText, State, Ticket
from mainstay.tickets.resolve import Stood, clocks_of, logs_of
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.changes")
CLAIM = 500
HERE = 1000  # tickets that wait: more of them get processes of their own
MOST, NICE = 2, 10
TOLD = ("contract_id", "level_id", "entitlement", "terms_id")
"""What of a ticket an `agreement_changed` tells, in the order of `events.PLAIN`."""
WRITTEN = (
    "id", *TOLD, "entitled_because", "level_rank", "queue_at", "due_at", "due_clock", "last_seq", "last_hash",
    "last_at",
)  # fmt: skip
_UNDER: dict[int, _Under] = {}  # of this process, by change


def main(argv: list[str]) -> int:
    """`mainstay changes`: work until no ticket of a change waits. Any number may work at once."""
    parser = argparse.ArgumentParser(prog="mainstay changes", description=main.__doc__)
    parser.add_argument("--for", dest="parent", type=int, default=0, help="stop when this process has gone")
    parent = parser.parse_args(argv).parent
    scope.whole_process()
    os.nice(NICE)
    gc.disable()  # what a claim leaves is looked through once, after it
    while (not parent or os.getppid() == parent) and work(now()):
        gc.collect(1)
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
    waiting = _waiting(change, at, most)
    if not waiting and _some_wait(change, at):
        time.sleep(0.05)  # somebody is at each of them
        return 1
    _bring(change, waiting, at)
    return len(waiting)


def _bring(change: Change, waiting: list[_Waiting], at: datetime) -> None:
    batch = _Batch(change, waiting, at)
    with terms.stored_together():
        batch.reckon()
    batch.store()


def _some_wait(change: Change, at: datetime) -> bool:
    return ChangeOfTicket.objects.filter(change=change, result="", at__lte=at).exists()


class _Waiting(NamedTuple):
    """A ticket of a change that is locked, and from when on other terms hold for it."""

    row: int
    at: datetime
    ticket: Ticket


PLAINLY = (
    "id", "customer_id", "environment_id", "contract_id", "requester_id", "requester_address", "requester_name",
    "channel", "category", "language", "flags", "terms_id", "level_id", "entitlement", "state", "severity",
    "last_seq", "last_hash",
)  # fmt: skip
INSTANTS = ("opened_at", "state_since", "last_at")
_ROWS = """
    SELECT id, ticket_id, at FROM tickets_changeofticket
    WHERE change_id = %s AND result = '' AND at <= %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"""
_ROW = """
    SELECT id, ticket_id, at FROM tickets_changeofticket WHERE id = %s AND result = '' FOR UPDATE SKIP LOCKED"""
_TICKETS = f"""
    SELECT {", ".join(f"floor(extract(epoch FROM {name}))::bigint" for name in INSTANTS)},
           {", ".join(PLAINLY)}, agreed, facts -> 'product_version'
    FROM tickets_ticket WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED"""  # noqa: S608 - names of ours


def _waiting(change: Change, at: datetime, most: int) -> list[_Waiting]:
    """Tickets that wait and that nobody else has, locked with their rows."""
    return _locked(_ROWS, [change.pk, at, most])


def _locked(rows_of: str, asked: list[Any]) -> list[_Waiting]:
    """Each is read as far as it is needed; what else is asked of it would be read then."""
    with connection.cursor() as cursor:
        cursor.execute(rows_of, asked)
        wait = cursor.fetchall()
        cursor.execute(_TICKETS, [[ticket for _, ticket, _ in wait]])
        tickets = {one.pk: one for one in map(_read, cursor.fetchall())}
    _with_others(list(tickets.values()))
    return [_Waiting(row, since, tickets[number]) for row, number, since in wait if number in tickets]


def _read(said: tuple[Any, ...]) -> Ticket:
    instants, (*plainly, agreed, version) = said[: len(INSTANTS)], said[len(INSTANTS) :]
    ticket = Ticket.__new__(Ticket)
    ticket._state = ModelState()
    ticket._state.adding, ticket._state.db = False, connection.alias
    ticket.__dict__.update(zip(PLAINLY, plainly, strict=True))
    ticket.__dict__.update(zip(INSTANTS, map(hours.at, instants), strict=True))
    ticket.__dict__["agreed"] = orjson.loads(agreed)
    ticket.__dict__["facts"] = {"product_version": orjson.loads(version)} if version else {}
    return ticket


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
    rows = ChangeOfTicket.objects.filter(change=change, result="", at__lte=at).order_by("pk")
    numbers = list(rows.values_list("pk", flat=True)[:CLAIM])
    for number in numbers:
        try:
            with transaction.atomic():
                _bring(change, _locked(_ROW, [number]), at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("change %s: row %s", change.pk, number)
            _UNDER.pop(change.pk, None)  # what it stored is gone
            said = f"{type(error).__name__}: {error}"[:500]
            ChangeOfTicket.objects.filter(pk=number).update(result=ChangeOfTicket.Result.FAILED, error=said)
    return len(numbers)


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
    waiting: list[_Waiting]
    now: datetime
    results: list[rows.Said] = field(default_factory=list)
    changed: list[rows.Said] = field(default_factory=list)
    events: list[rows.Said] = field(default_factory=list)
    texts: list[rows.Said] = field(default_factory=list)
    clocks: list[Any] = field(default_factory=list)  # rows as `Row`
    climbing: list[Ticket] = field(default_factory=list)
    dues: dict[int, dict[tuple[str, int], datetime | None]] = field(default_factory=dict)

    def reckon(self) -> None:
        """Each ticket under the terms that are to hold, from its instant on."""
        tickets = [one.ticket for one in self.waiting]
        logs, stored = logs_of(tickets), clocks_of(tickets)
        by = Actor(self.change.by_kind, self.change.by_id, self.change.by_name)  # type: ignore[arg-type]
        found = _UNDER.setdefault(self.change.pk, _Under(self.change))
        found.foresee(tickets)
        for row, at, ticket in self.waiting:
            result = ChangeOfTicket.Result.CLOSED
            if ticket.state != State.CLOSED:
                result = ChangeOfTicket.Result.SAME
                entitled = found(ticket)
                if agreement.differs(ticket, entitled):
                    self._change(ticket, entitled, logs[ticket.pk], stored[ticket.pk], at, by)
                    result = ChangeOfTicket.Result.CHANGED
            self.results.append({"id": row, "result": result.value})

    def _change(
        self, ticket: Ticket, entitled: Entitlement, told: list[Logged], had: list[Stood], at: datetime, by: Actor
    ) -> None:  # fmt: skip
        climbed = ladder.has_one(ticket)
        was = {name: ticket.__dict__[name] for name in TOLD}
        made = resolve.entry(ticket, told, had, entitled, at=at, correction=False, quiet=True)
        agreement.take(ticket, entitled)
        now = {name: ticket.__dict__[name] for name in TOLD if ticket.__dict__[name] != was[name]}
        event, text = events.written(
            ticket, "agreement_changed", by=by, at=made.at, why=self.change.why,
            before={name: was[name] for name in now}, after={**now, **made.more}, detail=made.detail,
        )  # fmt: skip
        events.follow(ticket, event)
        ticket.level_rank = ticket.level.rank if ticket.level else 0
        fresh = [Row(ticket_id=ticket.pk, **one) for one in clocks.columns(ticket, made.instances, event.at)]
        ticket.__dict__["_clocks"] = fresh
        clocks.set_order(ticket)
        self._ladder(ticket, told, made, climbed)
        self.changed.append({name: ticket.__dict__[name] for name in WRITTEN})
        self.events.append(event._asdict())
        self.texts.append(text._asdict())
        self.clocks += fresh
        self.dues[ticket.pk] = {(one.clock, one.n): one.due_at for one in had}

    def _ladder(self, ticket: Ticket, told: list[Logged], made: resolve.Entry, climbed: bool) -> None:
        """What its ladder says now, where there was one or is one."""
        if climbed or ladder.has_one(ticket):
            change = Logged("agreement_changed", made.at, {}, made.more, ticket.last_seq)
            moved = clocks.clock_events([*told, change])
            instances = [one for _, one in made.instances]
            ticket.__dict__[ladder.WAITING] = ladder.plan(ticket, instances, moved, made.at)
            self.climbing.append(ticket)

    def store(self) -> None:
        """Everything at once. The alarms that rang are read only now that it is known which clocks moved."""
        for event, text, number in zip(
            self.events, self.texts, rows.numbers(Event, len(self.events)), strict=True
        ):
            event |= {"id": number, "recorded_at": self.now}
            text["event_id"] = number
        self._alarms()
        rows.put(Event, self.events)
        rows.put(EventText, self.texts)
        rows.put(Clock, [row.__dict__ for row in self.clocks], conflict=_REPLACED)
        ladder.store_planned(self.climbing, self.now)
        rows.change(Ticket, self.changed)
        rows.change(ChangeOfTicket, self.results)

    def _alarms(self) -> None:
        rung = clocks.rung_of(one["id"] for one in self.changed)
        told: list[Alarm] = []
        for row in self.clocks:
            mine = rung[row.ticket_id]
            if mine:
                carried = resolve.carried([row], self.dues[row.ticket_id], mine, self.now)
                mine |= {(one.clock, one.n, one.kind, one.due_at) for one in carried}
                told += carried
            row.next_alarm_at, row.next_alarm = clocks.next_alarm(row, mine)
        if told:
            Alarm.objects.bulk_create(told, ignore_conflicts=True)


class Row(SimpleNamespace):
    """A row of clocks as the model has it, made in a fraction of the time."""


_REPLACED = rows.replacing(Clock, unique=["ticket", "clock", "n"], copied=clocks.COPIED)


class _Under:
    """What is to judge each ticket of a change: the contract's version that it names, else what would judge the
    ticket if it came on its day. Each basis is looked up once, those of contracts together; each combination of
    facts is compiled once."""

    def __init__(self, change: Change) -> None:
        self.change, self.compiled = change, Compiled()
        self.known: dict[Any, Basis] = {}
        self.contracts: dict[int, Basis] = {}

    def foresee(self, tickets: Iterable[Ticket]) -> None:
        """These tickets are about to be asked for: their contracts as they are in force on the day."""
        numbers = {one.contract_id for one in tickets if one.contract_id} - self.contracts.keys()
        if numbers and self.change.contract is None:
            held = list(Contract.objects.filter(pk__in=numbers))
            found = resolve.in_force(held, self.change.effective)
            self.contracts |= {number: resolve.under(one) for number, one in found.items()}

    def __call__(self, ticket: Ticket) -> Entitlement:
        held = (self.change.contract_id or ticket.contract_id, ticket.entitlement)
        if held not in self.known:
            self.known[held] = self._basis(ticket)
        return resolve.again(ticket, self.known[held], compiled=self.compiled)

    def _basis(self, ticket: Ticket) -> Basis:
        contract = self.change.contract
        if contract is not None:
            return Basis("contract", contract, contract.package, contract.desk_policy)
        if ticket.contract_id in self.contracts:
            return self.contracts[ticket.contract_id]
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
