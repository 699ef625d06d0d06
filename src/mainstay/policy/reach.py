"""Which rows can ever win: every kind of ticket that the conditions tell apart, tried in turn.

A condition splits tickets by the values that some row names, and the rest. Sets (flags, add-ons) are tried in every
combination while there are few. Where that gets too much, what can be said pair by pair is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from typing import Any

from mainstay.policy.conditions import CLOSED, FACT, SETS, covers, meet, needs, values, weight
from mainstay.policy.select import Selector, in_order

Row = Mapping[str, Any]
MOST = 60_000


def kinds_of_tickets(
    rows: Sequence[Row], allowed: Mapping[str, Sequence[str]]
) -> list[list[tuple[str, Any]]]:
    """For each fact that the rows ask for, its values worth trying. `allowed` limits what a fact may be."""
    asked: dict[str, list[str]] = {}
    for row in rows:
        for name, given in row.get("when", {}).items():
            asked.setdefault(name, []).extend(values(given))
    found: dict[str, list[Any]] = {}
    for name, named in asked.items():
        fact = FACT.get(name, name)
        if name in SETS:
            found[fact] = _sets(named, allowed.get(fact))
        elif name.startswith("bought_"):
            found[fact] = sorted({*found.get(fact, []), *named, "0001-01-01"})
        elif fact in allowed:
            found[fact] = list(allowed[fact])
        else:
            found[fact] = list(dict.fromkeys([*CLOSED.get(name, (*named, "")), *named]))
    return [[(fact, value) for value in tried] for fact, tried in found.items()]


def _sets(named: Sequence[str], allowed: Sequence[str] | None) -> list[list[str]]:
    members = sorted({one for value in named for one in needs(value)})
    if allowed is not None:
        members = [one for one in members if one in allowed]
    few = range(len(members) + 1) if len(members) <= 5 else (0, 1, 2, len(members))
    sizes = few if len(members) <= 100 else (0, 1, len(members))
    return [list(some) for some in chain.from_iterable(combinations(members, size) for size in sizes)]


def tickets(rows: Sequence[Row], allowed: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]] | None:
    """The facts of every kind of ticket; None where there are too many to try."""
    kinds = kinds_of_tickets(rows, allowed)
    number = 1
    for kind in kinds:
        number *= len(kind)
    return (dict(facts) for facts in product(*kinds)) if number <= MOST else None


class Reached:
    """Which rows of one package win for some ticket, and for which severities some ticket has no row."""

    def __init__(
        self, rows: Sequence[Row], ranks: Sequence[int], allowed: Mapping[str, Sequence[str]]
    ) -> None:
        self.winners: set[int] = set()
        self.open: dict[tuple[str, int], dict[str, Any]] = {}  # no row holds: (clock, severity) -> such facts
        for clock in dict.fromkeys(str(row.get("clock", "")) for row in rows):
            self._try(clock, [row for row in rows if row.get("clock", "") == clock], ranks, allowed)

    def _try(
        self, clock: str, rows: Sequence[Row], ranks: Sequence[int], allowed: Mapping[str, Sequence[str]]
    ) -> None:
        tried = tickets(rows, allowed)
        if tried is None:
            self.winners.update(_not_covered(rows))
            return
        selector = Selector(rows)
        for facts in tried:
            for rank in ranks:
                row = selector.choose(clock, rank, facts)
                if row is not None:
                    self.winners.add(id(row))
                else:
                    self.open.setdefault((clock, rank), facts)


def _not_covered(rows: Sequence[Row]) -> set[int]:
    settled = in_order(rows)
    says = [weight(row) for row in settled]
    return {
        id(row)
        for k, row in enumerate(settled)
        if not any(covers(settled[j], row) for j in range(k) if says[j] > says[k])
    }


def equals(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs of rows that could both hold, say as much, and say different things, with no row above to decide."""
    listed = list(rows)
    above: dict[Any, list[Row]] = {}  # rows that say more, by how much a row says
    for k, j in _rivals(listed):
        one, other = listed[k], listed[j]
        if meet(one, other) and _says(one) != _says(other):
            clock, says = key = one.get("clock"), weight(one)
            if key not in above:
                above[key] = [row for row in listed if row.get("clock") == clock and weight(row) > says]
            if not _decided(one, other, above[key]):
                yield one, other


def _rivals(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Pairs of rows of one clock that say as much and may meet, by number. Such rows ask for the same facts, so it
    is enough to look at those that share a value of the fact that tells most of them apart."""
    alike: dict[tuple[Any, Any], list[int]] = {}
    for k, row in enumerate(rows):
        alike.setdefault((row.get("clock"), weight(row)), []).append(k)
    found: set[tuple[int, int]] = set()
    for group in alike.values():
        shared: dict[str, dict[str, list[int]]] = {}
        for k in group:
            for name, asked in rows[k].get("when", {}).items():
                if name not in SETS and not name.startswith("bought_"):
                    for value in values(asked):
                        shared.setdefault(name, {}).setdefault(value, []).append(k)
        buckets = max(shared.values(), key=len, default={"": group})
        for bucket in buckets.values():
            found.update(combinations(bucket, 2))
    yield from sorted(found)


def _says(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(key) for key in ("target", "kind", "calendar", "share", "agreed"))


def _decided(one: Row, other: Row, above: Sequence[Row]) -> bool:
    """Whether one of the rows that say more holds wherever both hold."""
    both = _both(one, other)
    return both is not None and any(covers(row, both) for row in above)


def _both(one: Row, other: Row) -> Row | None:
    """A row that holds just where both do; None where that cannot be written as one row."""
    when: dict[str, Any] = {}
    a, b = one.get("when", {}), other.get("when", {})
    for name in {**a, **b}:
        if name not in a or name not in b:
            when[name] = a.get(name, b.get(name))
        elif name in SETS:
            when[name] = [
                "+".join(sorted(needs(x) | needs(y))) for x in values(a[name]) for y in values(b[name])
            ]
        elif name.startswith("bought_"):
            when[name] = (min if name == "bought_before" else max)(str(a[name]), str(b[name]))
        else:
            when[name] = [value for value in values(a[name]) if value in values(b[name])]
    severity = one["severity"] if one.get("severity", "*") != "*" else other.get("severity", "*")
    return {**one, "severity": severity, "when": when}
