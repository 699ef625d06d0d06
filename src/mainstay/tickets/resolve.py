"""From a ticket's facts to the terms they select, and what other terms would do to its clocks.

Pure but for reading: nothing here changes a ticket. `agreement` writes what this says, one ticket at a time;
`rollout` writes it for many; a page only shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection

from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.contracts import entitlement, terms
from mainstay.contracts.basis import Basis
from mainstay.contracts.compiled import Compiled
from mainstay.contracts.entitlement import Entitlement, Known
from mainstay.contracts.models import Contract, Terms
from mainstay.sla import hours
from mainstay.sla.instances import Instance
from mainstay.sla.targets import parse_target
from mainstay.tickets import clocks, events
from mainstay.tickets.clocks import Logged
from mainstay.tickets.models import Alarm, Clock, Ticket

LIVE = ("running", "paused")
RELATED = (
    "customer", "contract__package__level", "contract__desk_policy", "environment__product",
    "environment__release__product", "level", "terms",
)  # fmt: skip
"""What resolving a ticket reads of others."""


def known(ticket: Ticket) -> Known:
    """What a ticket says that selects rows of the policy."""
    said = ticket.facts.get("product_version") if ticket.facts else None
    return Known(
        channel=ticket.channel,
        category=ticket.category,
        language=ticket.language,
        flags=tuple(ticket.flags),
        agreed=ticket.agreed,
        version=str(said.get("value", ""))[:200] if isinstance(said, dict) else "",
    )


def recognised(ticket: Ticket) -> list[str]:
    """Who asked, as the first step of the reasoning; nothing where the person is not known."""
    if ticket.requester_id is None or ticket.customer is None:
        return []
    asked = ticket.requester_address or ticket.get_channel_display()
    return [f"{asked} is {ticket.requester_name} of {ticket.customer.name}."]


def basis(ticket: Ticket) -> Basis:
    """What judges the ticket: the very versions that its terms name."""
    document: Mapping[str, Any] = terms.load(ticket.terms_id).document if ticket.terms_id else {}
    return entitlement.basis_of(document, ticket.contract)


def renewed(ticket: Ticket, day: date) -> Basis:
    """What would judge the ticket if it came on `day`: the version of its contract in force then, else what is
    published now. A contract that has no version for that day keeps judging as it does."""
    if ticket.contract is not None:
        return under(in_force([ticket.contract], day)[ticket.contract.pk])
    held = basis(ticket)
    if held.package is None:
        return replace(held, desk=publish.current_desk_policy())
    return replace(
        held, package=publish.current(Package, held.package.code), desk=publish.current_desk_policy()
    )


def under(contract: Contract) -> Basis:
    """What judges by this version of a contract."""
    return Basis("contract", contract, contract.package, contract.desk_policy)


def in_force(contracts: Sequence[Contract], day: date) -> dict[int, Contract]:
    """By the number of each contract: the version of the same part of it that is in force on `day`; itself when
    there is none. Three queries; what many are judged by is one object for all of them."""
    same = Contract.objects.filter(customer__in={one.customer_id for one in contracts}, period__contains=day)
    newest = {_part(one): one for one in same.select_related("environment").order_by("version")}
    found = {one.pk: newest.get(_part(one), one) for one in contracts}
    packages = Package.objects.select_related("level").in_bulk({one.package_id for one in found.values()})
    desks = DeskPolicy.objects.in_bulk({one.desk_policy_id for one in found.values()})
    for one in found.values():
        one.package, one.desk_policy = packages[one.package_id], desks[one.desk_policy_id]
    return found


def _part(contract: Contract) -> tuple[int, str, int]:
    return contract.customer_id, contract.number, contract.part


def again(
    ticket: Ticket, by: Basis | None = None, *, keep: bool = True, compiled: Compiled | None = None
) -> Entitlement:
    """What the ticket's facts give as they are now, by what judges it (or by `by`), as of its receipt.

    By what judges it: where the customer moved since, or the contract ends sooner, nothing of that is taken up.
    """
    found = entitlement.judged(
        by or basis(ticket), ticket.customer, ticket.opened_at, environment=ticket.environment,
        facts=known(ticket), keep=keep and by is not None, first=recognised(ticket), compiled=compiled,
    )  # fmt: skip
    if by is not None:
        return found
    if ticket.terms is not None and _same_rows(found, ticket.terms):
        return replace(found, terms=ticket.terms)
    return replace(found, terms=terms.store(terms.parse(found.terms.text).document)) if keep else found


def _same_rows(found: Entitlement, held: Terms) -> bool:
    """Whether the same rows of the same versions hold, whatever the calendars have come to hold since."""
    mine, its = (
        {name: part for name, part in terms.parse(text).document.items() if name not in {"calendars", "zone"}}
        for text in (found.terms.text, held.text)
    )
    return mine == its


def anew(ticket: Ticket, *, keep: bool = True) -> Entitlement:
    """The same after customer or environment were found: the contract is chosen again, as of the receipt.

    A ticket that an amendment has moved to a later version of the contract chosen stays with that version.
    """
    because = recognised(ticket)
    found = entitlement.basis_at(ticket.customer, ticket.opened_at, ticket.environment, because)
    if found.contract is not None and _later(ticket.contract, found.contract):
        assert ticket.contract is not None
        found = entitlement.basis_of({"desk_policy": {"version": 0}}, ticket.contract)
    return entitlement.judged(
        found, ticket.customer, ticket.opened_at, environment=ticket.environment, facts=known(ticket),
        keep=keep, because=because,
    )  # fmt: skip


def _later(held: Contract | None, chosen: Contract) -> bool:
    return (
        held is not None
        and (held.number, held.part) == (chosen.number, chosen.part)
        and held.version > chosen.version
    )


def facts(ticket: Ticket) -> dict[str, Any]:
    """All that is known of the ticket for choosing rows and severity rules."""
    return entitlement.selected_by(
        basis(ticket), ticket.customer, ticket.environment, known(ticket), ticket.opened_at
    )


def rows(ticket: Ticket) -> list[Mapping[str, Any]]:
    """Every target row that may come to judge the ticket: of the desk, the level, the package, the contract."""
    by = basis(ticket)
    parts: list[Mapping[str, Any]] = [by.desk.document]
    if by.package is not None:
        parts += [by.package.level.document, by.package.document]
    if by.contract is not None:
        parts.append(by.contract.overrides)
    return [row for part in parts for row in part.get("targets", [])]


# ---- many at once


class Stood(NamedTuple):
    """How a clock that runs or stands still is stored: what a change is told by."""

    clock: str
    n: int
    kind: str
    target: str
    calendar: str
    due_at: datetime | None


def stood(rows: Iterable[Clock]) -> list[Stood]:
    """The same of rows that are there already."""
    return [
        Stood(row.clock, row.n, row.kind, row.target, row.calendar, row.due_at)
        for row in rows
        if row.state in LIVE
    ]


_LOGS = """
    SELECT ticket_id, kind, extract(epoch FROM at)::bigint,
           CASE WHEN before ? 'severity' THEN jsonb_build_object('severity', before -> 'severity')::text END,
           CASE WHEN kind = 'received'
                THEN jsonb_build_object('severity', after -> 'severity', 'terms', after -> 'terms')::text
                WHEN after ?| %s THEN after::text END, seq
    FROM tickets_event WHERE ticket_id = ANY(%s) AND kind = ANY(%s) ORDER BY ticket_id, seq"""
_CLOCKS = """
    SELECT ticket_id, clock, n, kind, target, calendar, extract(epoch FROM due_at)::bigint
    FROM tickets_clock WHERE ticket_id = ANY(%s) AND state = ANY(%s) ORDER BY ticket_id, position"""


def logs_of(tickets: Iterable[Ticket]) -> dict[int, list[Logged]]:
    """The events that move clocks, of each ticket in order, each with what moves them and nothing else. One query:
    instants travel as numbers, and only what is read out of an event."""
    found: dict[int, list[Logged]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LOGS, [list(clocks.READ), [one.pk for one in tickets], list(clocks.NAMES)])
        for number, kind, at, before, after, seq in cursor.fetchall():
            said = Logged(kind, hours.at(at), _facts(before), _facts(after), seq)
            found[number].append(said)
    return found


def _facts(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text) if text else {}
    return found


def clocks_of(tickets: Iterable[Ticket]) -> dict[int, list[Stood]]:
    """How the clocks of each ticket stand. One query."""
    found: dict[int, list[Stood]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS, [[one.pk for one in tickets], list(LIVE)])
        for number, clock, n, kind, target, calendar, due in cursor.fetchall():
            at = None if due is None else hours.at(due)
            found[number].append(Stood(clock, n, kind, target, calendar, at))
    return found


# ---- what other terms do


@dataclass(frozen=True)
class Moved:
    """One clock that other terms move: its due instant before and after (None: it stands still, or ends, or did
    not run), and the targets in words."""

    clock: str
    n: int
    kind: str
    was: datetime | None
    now: datetime | None
    before: Stood | None
    after: Instance | None
    terms: terms.TermsDocument | None
    """Those before: they say which hours the target was counted in."""

    @property
    def was_words(self) -> str:
        """The target that it had; empty when it did not run."""
        if self.before is None:
            return ""
        calendar = self.terms.calendars.get(self.before.calendar) if self.terms else None
        return terms.in_words(parse_target(self.before.target), calendar) if calendar else self.before.target

    @property
    def now_words(self) -> str:
        """The target that it has; empty when it runs no more."""
        return terms.in_words(self.after.target, self.after.calendar) if self.after else ""

    def kept(self) -> list[Any]:
        """As the log keeps it."""
        return [
            self.clock, self.n, self.kind,
            self.was.isoformat() if self.was else "", self.now.isoformat() if self.now else "",
        ]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """An `agreement_changed` that is not written yet: its facts, its words, what it moves, and the clocks after it
    with their positions: those that run, stand still, are ended by it or are called something else by it."""

    at: datetime
    more: dict[str, Any]
    detail: dict[str, Any]
    instances: list[tuple[int, Instance]]
    moved: list[Moved]


def entry(
    ticket: Ticket,
    log: Sequence[Logged],
    had: Iterable[Stood],
    entitled: Entitlement,
    *,
    at: datetime,
    correction: bool,
    quiet: bool = False,
) -> Entry:
    """What an `agreement_changed` at `at` would say, and do to the clocks (CLOCKS: a correction counts from
    receipt). `log` are the ticket's events that move clocks, `had` its clocks as they stand. An unsaved
    terms document will do."""
    at = max(events.whole(at), ticket.last_at)
    more: dict[str, Any] = {"terms": entitled.terms.pk}
    if correction:
        more["correction"] = True
    if quiet:
        more["quiet"] = True  # told with what it comes with, or by whoever decided it for many
    new = terms.parse(entitled.terms.text)
    change = Logged("agreement_changed", at, {}, more, ticket.last_seq + 1)
    old = terms.load(ticket.terms_id) if ticket.terms_id else None
    before = {(row.clock, row.n): row for row in had}

    def wanted(clock: str, n: int, state: str, severity: int) -> bool:
        if state in LIVE or (clock, n) in before:
            return True
        return (old.kind(clock, severity) if old else None) != new.kind(clock, severity)

    after = clocks.explained_some([*log, change], at, {new.hash: new}, wanted)
    found = list(_moves(before, (one for _, one in after), old, new))
    return Entry(at, more, {"moved": [one.kept() for one in found]}, after, found)


def _moves(
    before: Mapping[tuple[str, int], Stood],
    after: Iterable[Instance],
    old: terms.TermsDocument | None,
    new: terms.TermsDocument,
) -> Iterator[Moved]:
    """The clocks whose due instant, target or kind is another one; one that only stands still has no instant."""
    for one in after:
        was, live = before.get((one.clock, one.n)), one.state in LIVE
        if was is None and not live:
            continue
        due = hours.at(one.due) if live and one.due is not None else None
        kind = (new.kind(one.clock, one.severity) if live else None) or (was.kind if was else "goal")
        if was and live and (was.due_at, was.target, was.kind) == (due, one.target.text, kind):
            continue
        yield Moved(one.clock, one.n, kind, was.due_at if was else None, due, was, one if live else None, old)


def carried(
    fresh: Iterable[Clock], had: Mapping[tuple[str, int], datetime | None],
    rung: set[tuple[str, int, str, datetime]], now: datetime,
) -> list[Alarm]:  # fmt: skip
    """Alarms (unsaved) that count as rung after a change, so that nothing is told twice (LESSON 14).

    What was warned of, or missed, under the due instant before and is so under the new one too was told already.
    """
    found = []
    for row in fresh:
        was = had.get((row.clock, row.n))
        if row.state != "running" or row.due_at is None or was is None or was == row.due_at:
            continue
        for kind, instant in (("warn", row.warn_at), ("breach", row.due_at)):
            told = (row.clock, row.n, kind, was) in rung
            if told and instant is not None and instant <= now:
                found.append(
                    Alarm(
                        ticket_id=row.ticket_id, clock=row.clock, n=row.n, kind=kind, due_at=row.due_at,
                        noticed_at=now,
                    )
                )  # fmt: skip
    return found
