"""Levels as rulers side by side: from the instant at which something breaks (the needle) to what each one owes.

One ruler for all, logarithmic like the queue's: quarter hours and weeks are on one axis, so the levels can be
*seen* beside each other. A promise ends in an upright post, a goal in a ring (docs/look.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mainstay.ui.draw import now_label, tick
from mainstay.ui.shapes import Level
from mainstay.ui.svg import el, grid, pct, rect, vline
from mainstay.ui.words import span

MINUTE, HOUR, DAY = 60, 3600, 86400
START, KNEE = 8.0, 10 * MINUTE
TICKS = ((15 * MINUTE, "15 m"), (HOUR, "1 h"), (4 * HOUR, "4 h"), (DAY, "1 d"), (3 * DAY, "3 d"), (7 * DAY, "7 d"),
         (28 * DAY, "28 d"))  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """Something owed so many seconds after it broke; a goal is only hoped for."""

    seconds: int
    promised: bool


@dataclass(frozen=True)
class Ruled:
    """One level: until the first answer, and until the solution, if it owes them."""

    name: str
    level: Level | None
    answer: Mark | None
    workaround: Mark | None = None
    solution: Mark | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Row:
    """One ruler, drawn, with its words."""

    ruled: Ruled
    svg: SafeString
    lead: str
    detail: str

    @property
    def k(self) -> str:
        return "run" if self.ruled.answer and self.ruled.answer.promised else "goal"


@dataclass(frozen=True)
class Rulers:
    """All rulers of one occasion under one axis."""

    title: str
    axis: SafeString
    rows: tuple[Row, ...]


def rulers(title: str, label: str, ruled: Sequence[Ruled]) -> Rulers:
    """`label` is the needle's: when it breaks."""
    marks = [mark for one in ruled for mark in (one.answer, one.workaround, one.solution) if mark]
    end = max([8 * DAY, *(int(mark.seconds * 1.2) for mark in marks)])
    shown = [(seconds, words) for seconds, words in TICKS if seconds < end]
    ticks = [
        tick(_share(seconds, end), words, "" if n else "odd") for n, (seconds, words) in enumerate(shown)
    ]
    head = el("svg", [*ticks, now_label(START, label)], cls="axis", aria_hidden="true")
    lines = grid(_share(seconds, end) for seconds, _ in shown)
    return Rulers(title, head, tuple(_row(one, lines, end) for one in ruled))


def _share(seconds: float, end: int) -> float:
    return START + (98 - START) * log1p(min(seconds, end) / KNEE) / log1p(end / KNEE)


def _row(one: Ruled, lines: SafeString, end: int) -> Row:
    marks: list[SafeString] = []
    if one.solution:
        marks.append(_solution(one.solution, _share(one.solution.seconds, end)))
    if one.workaround:
        marks.append(_workaround(one.workaround, _share(one.workaround.seconds, end)))
    if one.answer:
        marks += _answer(one.answer, _share(one.answer.seconds, end))
    middle = el("svg", marks, y="50%")
    svg = el("svg", [lines, middle, vline("nd", pct(START))], cls="ps", aria_hidden="true")
    return Row(one, svg, _words(one.answer, _("no promise")), _detail(one))


def _solution(mark: Mark, at: float) -> SafeString:
    """A frame up to a solution that is owed; a goal is never drawn with a solid end."""
    return rect("al", pct(START), pct(at - START), -5, 10) if mark.promised else _ring(at, 4)


def _workaround(mark: Mark, at: float) -> SafeString:
    return el("rect", cls="st", x=pct(at), y=-7, width=2, height=14) if mark.promised else _ring(at, 2.5)


def _ring(at: float, radius: float) -> SafeString:
    return el("circle", cls="ring", cx=pct(at), cy=0, r=radius)


def _answer(mark: Mark, at: float) -> list[SafeString]:
    if not mark.promised:
        dots = el("line", cls="dots", x1=pct(START), x2=pct(at), y1=0, y2=0)
        return [dots, _ring(at, 4)]
    post = el("rect", cls="end", x=-1.5, y=-10, width=3, height=20)
    return [rect("ln", pct(START), pct(at - START), -2, 4), el("svg", [post], x=pct(at))]


def _detail(one: Ruled) -> str:
    return _("solved in %(span)s") % {"span": _words(one.solution)} if one.solution else ""


def _words(mark: Mark | None, none: str = "") -> str:
    if mark is None:
        return none
    said = span(mark.seconds)
    return said if mark.promised else _("%(target)s (goal)") % {"target": said}


# ---- where the points lie


def fit(bands: Sequence[tuple[int, str]], points: int, most: int) -> dict[str, SafeString]:
    """The bands of points on one ruler with the needle's place taken by an ink post: these answers' points."""
    whole = max(most, 1)
    ticks = [tick(100 * start / whole, name) for start, name in bands]
    head = el("svg", ticks, cls="axis", aria_hidden="true")
    at = pct(100 * min(points, whole) / whole)
    post = el("svg", [el("rect", cls="end", x=-1.5, y=-12, width=3, height=24)], x=at)
    middle = el("svg", [rect("ln", "0%", at, -2, 4), post], y="50%")
    drawn = el("svg", [grid(100 * start / whole for start, _ in bands), middle], cls="ps", aria_hidden="true")
    return {"axis": head, "scale": drawn}
