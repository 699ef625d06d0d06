"""Some tickets of a change together: locked and read as far as needed, reckoned one by one, written at once.

Each is reckoned by the same functions as a verb; what is to judge it is looked up once for all that share it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models.base import ModelState

from mainstay import rows
from mainstay.accounts.actor import Actor
from mainstay.contracts import terms
from mainstay.contracts.basis import Basis
from mainstay.contracts.compiled import Compiled
from mainstay.contracts.entitlement import Entitlement
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.sla import hours
from mainstay.tickets import agreement, clocks, events, ladder, resolve, timers
from mainstay.tickets.clocks import Logged
from mainstay.tickets.models import Alarm, Change, ChangeOfTicket, Clock, Event, EventText, State, Ticket
from mainstay.tickets.resolve import Stood, clocks_of, logs_of

TOLD = ("contract_id", "level_id", "entitlement", "terms_id")
"""What of a ticket an `agreement_changed` tells, in the order of `events.PLAIN`."""
WRITTEN = (
    "id", *TOLD, "entitled_because", "level_rank", "queue_at", "due_at", "due_clock", "last_seq", "last_hash",
    "last_at",
)  # fmt: skip
_UNDER: dict[int, _Under] = {}  # of this process, by change
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


class Waiting(NamedTuple):
    """A ticket of a change that is locked, and from when on other terms hold for it."""

    row: int
    at: datetime
    ticket: Ticket


def waiting(change: Change, at: datetime, most: int) -> list[Waiting]:
    """Tickets that wait and that nobody else has, locked with their rows."""
    return _locked(_ROWS, [change.pk, at, most])


def of_row(number: int) -> list[Waiting]:
    """The ticket of this row of a change, unless somebody else has it."""
    return _locked(_ROW, [number])


def _locked(rows_of: str, asked: list[Any]) -> list[Waiting]:
    """Each is read as far as it is needed; what else is asked of it would be read then."""
    with connection.cursor() as cursor:
        cursor.execute(rows_of, asked)
        wait = cursor.fetchall()
        cursor.execute(_TICKETS, [[ticket for _, ticket, _ in wait]])
        tickets = {one.pk: one for one in map(_read, cursor.fetchall())}
    _with_others(list(tickets.values()))
    return [Waiting(row, since, tickets[number]) for row, number, since in wait if number in tickets]


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


def bring(change: Change, waiting: list[Waiting], at: datetime) -> None:
    """Bring the terms that are to hold to these tickets; within a transaction."""
    batch = _Batch(change, waiting, at)
    with terms.stored_together():
        batch.reckon()
    batch.store()


def forget(change: Change) -> None:
    """What judges its tickets is not needed any more, or what it stored is gone."""
    _UNDER.pop(change.pk, None)


@dataclass
class _Batch:
    """Some tickets of one change: read together, reckoned, and what there is to write."""

    change: Change
    waiting: list[Waiting]
    now: datetime
    results: list[rows.Said] = field(default_factory=list)
    changed: list[rows.Said] = field(default_factory=list)
    events: list[rows.Said] = field(default_factory=list)
    texts: list[rows.Said] = field(default_factory=list)
    clocks: list[Any] = field(default_factory=list)  # rows as `Row`
    climbing: list[Ticket] = field(default_factory=list)
    closing: list[timers.Pair] = field(default_factory=list)
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
        self.closing.append(agreement.pair_of(ticket, entitled))
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
        timers.retime(self.closing, self.now)
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
