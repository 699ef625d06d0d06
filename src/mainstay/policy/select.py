"""Choosing rows: the most specific that holds wins, always the same one, and it can be said why (LESSON 15).

Rows are kept in four parts (desk, level, package, contract; `part` of a row). What a contract says takes the place
of every row that it covers; among what is left, the row with the greater weight (`conditions.weight`) wins. Weights do
not depend on the ticket, so the order is settled once, and choosing is looking up bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mainstay.policy.conditions import FACT, SETS, Facts, covers, holds, needs, values, weight

Row = Mapping[str, Any]


class Competitor(NamedTuple):
    """A row that could speak for a clock at a severity, and what became of it.

    `why` is "wins", "does not hold", "says less" or "replaced by the contract".
    """

    row: Row
    why: str
    against: Row | None = None


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The rows that can win, the first to be asked first: none that a row of the contract covers."""
    listed = list(rows)
    agreed = [row for row in listed if row.get("part") == "contract"]
    left = [row for row in listed if row.get("part") == "contract" or not _replaced(row, agreed)]
    return sorted(left, key=weight, reverse=True)  # stable: of equals the one written first


def _replaced(row: Row, agreed: Sequence[Row]) -> Row | None:
    return next((one for one in agreed if one.get("clock") == row.get("clock") and covers(one, row)), None)


class Selector:
    """Rows of one subject (a clock, or default hours), settled once: `choose` takes a few look-ups."""

    def __init__(self, rows: Iterable[Row]) -> None:
        by_clock: dict[str, list[Row]] = {}
        for row in in_order(rows):
            by_clock.setdefault(str(row.get("clock", "")), []).append(row)
        self._rows = by_clock
        self._tables: dict[tuple[str, object], _Table] = {}

    def choose(self, clock: str, severity: int | str, facts: Facts) -> Row | None:
        """The row that speaks for a clock at a severity ("*": at those that no row names); None when none does."""
        table = self._tables.get((clock, severity))
        if table is None:
            rows = [row for row in self._rows.get(clock, []) if row.get("severity", "*") in ("*", severity)]
            table = self._tables[clock, severity] = _Table(rows)
        return table.first(facts)

    def clocks(self) -> list[str]:
        return list(self._rows)


class _Table:
    """Rows in order as bits: for each condition and value, which rows it lets through."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.all = (1 << len(rows)) - 1
        self.single: list[tuple[str, dict[str, int], int]] = []
        self.slow: list[tuple[str, str, int, list[tuple[int, Any]]]] = []
        for name in dict.fromkeys(name for row in rows for name in row.get("when", {})):
            self._add(name)

    def _add(self, name: str) -> None:
        free, asked = 0, []
        for i, row in enumerate(self.rows):
            if name in row.get("when", {}):
                asked.append((1 << i, row["when"][name]))
            else:
                free |= 1 << i
        fact = FACT.get(name, name)
        if name in SETS:
            each = [(bit, needs(value)) for bit, given in asked for value in values(given)]
            self.slow.append((name, fact, free, each))
        elif name.startswith("bought_"):
            self.slow.append((name, fact, free, [(bit, str(given)) for bit, given in asked]))
        else:
            lets: dict[str, int] = {}
            for bit, given in asked:
                for value in values(given):
                    lets[value] = lets.get(value, free) | bit
            self.single.append((fact, lets, free))

    def first(self, facts: Facts) -> Row | None:
        left = self.all
        for fact, lets, free in self.single:
            left &= lets.get(facts.get(fact), free)  # type: ignore[arg-type]
        for name, fact, free, asked in self.slow:
            left &= free | _slowly(name, facts.get(fact), asked)
        return self.rows[(left & -left).bit_length() - 1] if left else None


def _slowly(name: str, has: Any, asked: Sequence[tuple[int, Any]]) -> int:
    found = 0
    if name in SETS:
        had = set(has or ())
        for bit, members in asked:
            if members <= had:
                found |= bit
    elif has:
        for bit, day in asked:
            if (str(has) < day) == (name == "bought_before"):
                found |= bit
    return found


def resolve(rows: Iterable[Row], facts: Facts) -> dict[tuple[str, str], Row]:
    """The one row for each clock and each severity that a holding row names ("*": the rest)."""
    holding = [row for row in in_order(rows) if holds(row.get("when", {}), facts)]
    found: dict[tuple[str, str], Row] = {}
    for clock, named in {(row.get("clock", ""), row.get("severity", "*")): None for row in holding}:
        row = best(holding, clock, named)
        if row is not None:
            found[clock, str(named)] = row
    return dict(sorted(found.items()))


def best(holding: Iterable[Row], clock: str, severity: object) -> Row | None:
    """The first of rows that hold, in order, for a clock at a severity."""
    for row in holding:
        if row.get("clock", "") == clock and row.get("severity", "*") in ("*", severity):
            return row
    return None


def competitors(rows: Sequence[Row], clock: str, severity: object, facts: Facts) -> list[Competitor]:
    """Every row for a clock at a severity, the winner first, each with why it wins or does not (M5)."""
    named = [
        row for row in rows if row.get("clock", "") == clock and row.get("severity", "*") in ("*", severity)
    ]
    agreed = [row for row in named if row.get("part") == "contract"]
    settled = in_order(named)
    winner = next((row for row in settled if holds(row.get("when", {}), facts)), None)
    found: list[Competitor] = []
    for row in sorted(named, key=weight, reverse=True):
        if row is winner:
            found.insert(0, Competitor(row, "wins"))
        elif not holds(row.get("when", {}), facts):
            found.append(Competitor(row, "does not hold"))
        elif row.get("part") != "contract" and (over := _replaced(row, agreed)) is not None:
            found.append(Competitor(row, "replaced by the contract", over))
        else:
            found.append(Competitor(row, "says less", winner))
    return found


def region_of(regions: Mapping[str, Sequence[str]], country: str, subdivision: str = "") -> str:
    """The region that a country (or better, this part of it) belongs to; empty when it belongs to none."""
    for place in (f"{country}-{subdivision}", country):
        for name, places in regions.items():
            if country and place in places:
                return name
    return ""
