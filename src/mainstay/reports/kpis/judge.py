"""From what was counted to a figure and a verdict, exactly and with the working line by line (P6, M5).

An objective is only shown. Of a guarantee, breaches that are excused with an approver are left out. Of a strict
guarantee nothing is left out. Shares are exact fractions: a figure is never rounded before it is judged, and is
shown rounded down where more is better and up where less is, so that it never looks better than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Literal

from mainstay.reports.kpis.rows import STRENGTHS, Definition

State = Literal["reached", "missed", "no_data", "too_few"]
Line = tuple[str, str]
"""One line of the working: what it is, and how much or how it is reckoned."""

PLACES = {"percent": 4, "count": 0, "milliseconds": 0, "days": 2}
SIGNS = {"percent": " %", "count": "", "milliseconds": " ms", "days": " days"}
STATES = {
    "reached": "reached",
    "missed": "not reached",
    "no_data": "no data",
    "too_few": "too few to judge",
}


@dataclass(frozen=True)
class Measured:
    """A figure before it is judged: None where there is nothing to measure. `of`: how many it is made of."""

    value: Fraction | None
    of: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class System:
    """One production system over the measured time, in seconds; `excused` is part of `down`."""

    name: str
    measured: int
    down: int
    excused: int = 0
    closed: int = 0  # agreed maintenance, announced in time: not in `measured`


@dataclass(frozen=True)
class Verdict:
    """A judged figure."""

    state: State
    value: Fraction | None
    lines: tuple[Line, ...]

    @property
    def missed(self) -> bool:
        return self.state == "missed"


# ---- figures


def share(one: Definition, *, kept: int, missed: int, excused: int) -> Measured:
    """Kept of decided, in percent. `excused` of the missed have an approved excuse."""
    left_out = excused if one.strength == "guarantee" else 0
    counted = kept + missed - left_out
    lines = [*_counts(one, kept, missed, excused), ("Counted", f"{counted:,}")]
    if counted == 0:
        return Measured(None, 0, tuple(lines))
    value = Fraction(kept * 100, counted)
    return Measured(value, counted, (*lines, ("Share", f"{kept:,} ÷ {counted:,} = {said(value, one.unit)}")))


def count(one: Definition, *, kept: int, missed: int, excused: int) -> Measured:
    """How many were missed."""
    left_out = excused if one.strength == "guarantee" else 0
    value = missed - left_out
    lines = (*_counts(one, kept, missed, excused), ("Missed, counted", f"{value:,}"))
    return Measured(Fraction(value), kept + missed - left_out, lines)


def _counts(one: Definition, kept: int, missed: int, excused: int) -> list[Line]:
    lines = [("Kept", f"{kept:,}"), ("Missed", f"{missed:,}")]
    if excused:
        why = {
            "guarantee": "left out: a guarantee leaves out what is excused and approved",
            "strict_guarantee": "counted all the same: a strict guarantee takes no excuse",
            "objective": "counted all the same: an objective only shows",
        }[one.strength]
        lines.append(("Of these excused", f"{excused:,}, {why}"))
    return lines


def uptime(one: Definition, systems: Sequence[System]) -> Measured:
    """The share of the measured time in which the worst of the systems was up."""
    lines: list[Line] = []
    values: list[tuple[Fraction, str]] = []
    for system in systems:
        left_out = system.excused if one.strength == "guarantee" else 0
        down = system.down - left_out
        if system.closed:
            lines.append((f"{system.name}: agreed maintenance", f"{seconds(system.closed)}, not measured"))
        if left_out:
            lines.append((f"{system.name}: excused downtime", f"{seconds(left_out)}, left out"))
        if system.measured <= 0:
            lines.append((system.name, "no time is measured"))
            continue
        value = Fraction((system.measured - down) * 100, system.measured)
        values.append((value, system.name))
        lines.append((system.name, f"({seconds(system.measured)} − {seconds(down)} down) ÷ {seconds(system.measured)}"
                                   f" = {said(value, one.unit)}"))  # fmt: skip
    if not values:
        return Measured(None, 0, tuple(lines))
    worst, name = min(values)
    if len(values) > 1:
        lines.append(("The worst counts", name))
    return Measured(worst, len(values), tuple(lines))


def p95(one: Definition, found: Sequence[tuple[str, int, int]]) -> Measured:
    """The worst system's 95th percentile, nearest rank: (name, how many measurements, milliseconds)."""
    if not found:
        return Measured(None, 0, (("Measurements", "none in this period"),))
    lines = [
        (name, f"{many:,} measurements, the {rank95(many):,}th by size is {ms:,} ms")
        for name, many, ms in found
    ]
    _, name, worst = max((ms, name, ms) for name, _, ms in found)
    if len(found) > 1:
        lines.append(("The worst counts", name))
    return Measured(Fraction(worst), sum(many for _, many, _ in found), tuple(lines))


def rank95(many: int) -> int:
    """Which one by size, from 1, is the 95th percentile of so many (nearest rank)."""
    return -(-many * 95 // 100)


def satisfaction(one: Definition, scores: Sequence[int]) -> Measured:
    """Answers of 4 or 5 among all answers."""
    content = sum(score >= 4 for score in scores)
    lines = [("Answers", f"{len(scores):,}"), ("Of these 4 or 5", f"{content:,}")]
    if not scores:
        return Measured(None, 0, tuple(lines))
    value = Fraction(content * 100, len(scores))
    return Measured(
        value, len(scores), (*lines, ("Share", f"{content:,} ÷ {len(scores):,} = {said(value, one.unit)}"))
    )


def backlog(one: Definition, *, many: int, age: int) -> Measured:
    """The mean age of what was open at the end; `age` is the sum in seconds."""
    lines = [("Open at the end", f"{many:,}")]
    if many == 0:
        return Measured(Fraction(0), 0, (*lines, ("Mean age", "nothing was open: 0 days")))
    value = Fraction(age, many * 86_400)
    return Measured(
        value, many, (*lines, ("Mean age", f"{seconds(age)} ÷ {many:,} = {said(value, one.unit)}"))
    )


# ---- judging


def judge(one: Definition, measured: Measured) -> Verdict:
    """Whether the figure is what is owed."""
    lines = list(measured.lines)
    owed = f"{'at least' if one.more_is_better else 'at most'} {plain(one.owed)}{SIGNS[one.unit]}"
    lines.append(("Owed", f"{owed}, {STRENGTHS[one.strength]}"))
    state: State
    if measured.value is None:
        state = "no_data"
        lines.append(("Verdict", "not judged: there is no data"))
    elif one.least and measured.of < one.least:
        state = "too_few"
        lines.append(("Verdict", f"not judged: {measured.of:,} counted, at least {one.least:,} are needed"))
    else:
        owes = Fraction(one.owed)
        fits = measured.value >= owes if one.more_is_better else measured.value <= owes
        state = "reached" if fits else "missed"
        lines.append(("Verdict", STATES[state]))
    return Verdict(state, measured.value, tuple(lines))


# ---- words for numbers


def said(value: Fraction | None, unit: str) -> str:
    """A figure for people: "98.4375 %". Rounded so that it never looks better than it is."""
    return "no data" if value is None else f"{rounded(value, unit)}{SIGNS[unit]}"


def rounded(value: Fraction, unit: str) -> str:
    """The figure's number as text, without zeros at its end."""
    way = ROUND_FLOOR if unit == "percent" else ROUND_CEILING
    scale = 10 ** PLACES[unit]
    whole = (value * scale).__floor__() if way == ROUND_FLOOR else (value * scale).__ceil__()
    return plain(Decimal(whole) / scale)


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without zeros after its point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def seconds(many: int) -> str:
    """A span to the second: "29 d 23 h 4 min 10 s"."""
    parts = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        whole, many = divmod(many, size)
        if whole:
            parts.append(f"{whole:,} {name}")
    return " ".join(parts) or "0 s"
