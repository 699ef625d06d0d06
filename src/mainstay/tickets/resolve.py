"""From a ticket's facts to the terms they select, and what other terms would do to its clocks.

Pure but for reading: nothing here changes a ticket. `agreement` writes what this says, one ticket at a time;
`rollout` writes it for many; a page only shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mainstay.contracts import entitlement, terms
from mainstay.contracts.entitlement import Basis, Entitlement, Known
from mainstay.contracts.models import Contract, Terms
from mainstay.sla import clocks as sla
from mainstay.sla import hours
from mainstay.tickets import clocks, events
from mainstay.tickets.clocks import Logged
from mainstay.tickets.models import Alarm, Clock, Ticket

LIVE = ("running", "paused")


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


def basis(ticket: Ticket) -> Basis:
    """What judges the ticket: the very versions that its terms name."""
    document: Mapping[str, Any] = terms.load(ticket.terms_id).document if ticket.terms_id else {}
    return entitlement.basis_of(document, ticket.contract)


def again(ticket: Ticket, by: Basis | None = None, *, keep: bool = True) -> Entitlement:
    """What the ticket's facts give as they are now, by what judges it (or by `by`), as of its receipt.

    By what judges it: where the customer moved since, or the contract ends sooner, nothing of that is taken up.
    """
    found = entitlement.judged(
        by or basis(ticket), ticket.customer, ticket.opened_at, environment=ticket.environment,
        facts=known(ticket), keep=False,
    )  # fmt: skip
    if by is None and ticket.terms is not None and _same_rows(found, ticket.terms):
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
    because: list[str] = []
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
    return entitlement.selected_by(basis(ticket), ticket.customer, ticket.environment, known(ticket))


def rows(ticket: Ticket) -> list[Mapping[str, Any]]:
    """Every target row that may come to judge the ticket: of the desk, the level, the package, the contract."""
    by = basis(ticket)
    parts: list[Mapping[str, Any]] = [by.desk.document]
    if by.package is not None:
        parts += [by.package.level.document, by.package.document]
    if by.contract is not None:
        parts.append(by.contract.overrides)
    return [row for part in parts for row in part.get("targets", [])]


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
    was_words: str
    now_words: str

    def kept(self) -> list[Any]:
        """As the log keeps it."""
        return [
            self.clock, self.n, self.kind,
            self.was.isoformat() if self.was else "", self.now.isoformat() if self.now else "",
        ]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """An `agreement_changed` that is not written yet: its facts, its words, the clocks after it, what it moves."""

    at: datetime
    more: dict[str, Any]
    detail: dict[str, Any]
    instances: list[sla.Instance]
    moved: list[Moved]


def entry(
    ticket: Ticket, log: Sequence[Logged], entitled: Entitlement, *, at: datetime, correction: bool
) -> Entry:
    """What an `agreement_changed` at `at` would say, and do to the clocks (CLOCKS: a correction counts from
    receipt). `log` are the ticket's events that move clocks. An unsaved terms document will do."""
    at = max(events.whole(at), ticket.last_at)
    more: dict[str, Any] = {"terms": entitled.terms.pk}
    if correction:
        more["correction"] = True
    before = clocks.explained(list(log), at)
    new = terms.parse(entitled.terms.text)
    change = Logged("agreement_changed", at, {}, more, ticket.last_seq + 1)
    after = clocks.explained([*log, change], at, {new.hash: new})
    old = terms.load(ticket.terms_id) if ticket.terms_id else None
    found = list(_moves(before, after, old, new))
    return Entry(at, more, {"moved": [one.kept() for one in found]}, after, found)


def _moves(
    before: Iterable[sla.Instance],
    after: Iterable[sla.Instance],
    old: terms.TermsDocument | None,
    new: terms.TermsDocument,
) -> Iterable[Moved]:
    had = {(one.clock, one.n): one for one in before if one.state in LIVE}
    for one in after:
        was = had.pop((one.clock, one.n), None)
        if was is None and one.state not in LIVE:
            continue
        if was is not None and _owed(was) == _owed(one):
            continue
        kind = new.kind(one.clock, one.severity) or (old.kind(one.clock, one.severity) if old else None)
        yield Moved(
            one.clock, one.n, kind or "goal", _due(was), _due(one) if one.state in LIVE else None,
            terms.in_words(was.target, was.calendar) if was else "",
            terms.in_words(one.target, one.calendar) if one.state in LIVE else "",
        )  # fmt: skip


def _owed(one: sla.Instance) -> tuple[Any, ...]:
    return one.state, one.due, one.target.value, one.calendar.key


def _due(one: sla.Instance | None) -> datetime | None:
    return hours.at(one.due) if one is not None and one.due is not None else None


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
