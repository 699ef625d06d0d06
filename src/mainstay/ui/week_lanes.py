"""Weeks of opening hours, one ruler from Monday to Sunday over a line for each: open is solid, a holiday grey hatch.

What is drawn is said in words beside each line, and day by day in a table: the drawing itself is hidden from readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from mainstay.ui.draw import tick
from mainstay.ui.svg import el, grid, pct, rect, vline

DAY = 86_400
WEEK = 7 * DAY


@dataclass(frozen=True)
class DayHours:
    """A day of the ruler: its open seconds, and whether it is a holiday or the like."""

    open: Sequence[tuple[int, int]]
    hatched: bool = False


@dataclass(frozen=True)
class Week:
    """A line: its name, its seven days, its words, and where the needle stands in it (seconds after Monday 00:00)."""

    name: str
    days: Sequence[DayHours]
    words: str
    detail: str = ""
    now: int | None = None


@dataclass(frozen=True)
class Line:
    """A week as it is drawn."""

    week: Week
    svg: SafeString


@dataclass(frozen=True)
class Weeks:
    """The ruler's head and a line for each week."""

    axis: SafeString
    rows: list[Line]


def draw(weeks: Sequence[Week], names: Sequence[str]) -> Weeks:
    """All weeks under one ruler; `names` are the short names of the seven days."""
    labels = [tick(100 * n / 7, name, "odd" if n % 2 else "") for n, name in enumerate(names)]
    head = el("svg", labels, cls="axis", aria_hidden="true")
    lines = grid(100 * n / 7 for n in range(7))
    return Weeks(head, [Line(week, _line(week, lines)) for week in weeks])


def _line(week: Week, lines: SafeString) -> SafeString:
    marks: list[SafeString] = []
    for n, day in enumerate(week.days):
        if day.hatched:
            marks += [rect(f"{cls} third", _at(n * DAY), pct(100 / 7), -7, 14) for cls in ("zz", "zh")]
        marks += [rect("ln", _at(n * DAY + a), pct(100 * (b - a) / WEEK), -5, 10) for a, b in day.open]
    needle = [vline("nd", _at(week.now))] if week.now is not None else []
    middle = el("svg", marks, y="50%")
    return el("svg", [lines, middle, *needle], cls="ps", aria_hidden="true")


def _at(seconds: int) -> str:
    return pct(100 * seconds / WEEK)
