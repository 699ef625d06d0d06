"""The lives of releases on one ruler: outline to come, solid lived, grey hatch reduced support, upright the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from mainstay.ui.draw import now_label, tick
from mainstay.ui.shapes import State
from mainstay.ui.svg import el, grid, num, pct, rect, vline

NEAR = timedelta(days=92)
PAST, AHEAD = timedelta(days=3 * 366), timedelta(days=366)


@dataclass(frozen=True)
class Stretch:
    """A phase of a life, both days included; `until` None: no end is set."""

    since: date
    until: date | None
    reduced: bool = False


@dataclass(frozen=True)
class Life:
    """One release: its name, its stretches in order, and how it stands in words."""

    name: str
    stretches: Sequence[Stretch]
    words: str
    detail: str = ""
    url: str = ""
    phase: str = ""

    @property
    def end(self) -> date | None:
        return self.stretches[-1].until if self.stretches else None

    def k(self, today: date) -> State:
        """How the line is drawn: ended, leaving soon, or running."""
        if self.end is None:
            return "run"
        return "was" if self.end < today else "warn" if self.end - today <= NEAR else "run"


@dataclass(frozen=True)
class Lane:
    """One release as it is drawn."""

    life: Life
    k: State
    svg: SafeString


@dataclass(frozen=True)
class Drawn:
    """The ruler's head and a line for each release."""

    axis: SafeString
    rows: list[Lane]


@dataclass(frozen=True)
class Days:
    """The ruler: shares of the way from its first to its last day."""

    first: date
    last: date

    def share(self, day: date) -> float:
        return max(0.0, min(100.0, 100 * (day - self.first).days / max((self.last - self.first).days, 1)))

    def ticks(self) -> list[tuple[date, str]]:
        """New year's days, and the quarters between them where there is room."""
        years = range(self.first.year, self.last.year + 1)
        months = (1, 4, 7, 10) if len(years) <= 3 else (1, 7) if len(years) <= 5 else (1,)
        marks = [date(year, month, 1) for year in years for month in months]
        return [
            (day, f"{day:%Y}" if day.month == 1 else f"{day:%b}")
            for day in marks
            if self.first <= day <= self.last
        ]


def draw(lives: Sequence[Life], today: date) -> Drawn:
    """All releases on one ruler of days, at most three years back, and at least one ahead."""
    known = [day for life in lives for one in life.stretches for day in (one.since, one.until) if day]
    first = max(min([today - NEAR, *known]), today - PAST)
    days = Days(first, max([today + AHEAD, *known]) + timedelta(days=30))
    needle = days.share(today)
    labels = [
        tick(days.share(day), label, "gone" if abs(days.share(day) - needle) < 6 else "odd" if n % 2 else "")
        for n, (day, label) in enumerate(days.ticks())
    ]
    said = f"{today.day} {today:%b}"
    head = el("svg", [*labels, now_label(needle, said)], cls="axis", aria_hidden="true")
    lines = grid(days.share(day) for day, _ in days.ticks())
    return Drawn(head, [_lane(life, days, lines, today) for life in lives])


def _lane(life: Life, days: Days, lines: SafeString, today: date) -> Lane:
    marks = [mark for one in life.stretches for mark in _stretch(one, days, today)]
    middle = el("svg", [*marks, *_end(life, days)], y="50%")
    drawn = el("svg", [lines, middle, vline("nd", pct(days.share(today)))], cls="ps", aria_hidden="true")
    return Lane(life, life.k(today), drawn)


def _stretch(one: Stretch, days: Days, today: date) -> list[SafeString]:
    start, end = days.share(one.since), days.share(one.until) if one.until else 100.0
    lived = max(start, min(end, days.share(today)))
    if one.reduced:
        marks = [_span(f"{cls} third", start, end, 10) for cls in ("zz", "zh")]
    else:
        marks = [_span("al", start, end, 10), *([_span("ln", start, lived, 10)] if lived > start else [])]
    return [*marks, el("rect", cls="st", x=pct(start), y=-7, width=1, height=14)]


def _span(cls: str, a: float, b: float, height: float) -> SafeString:
    return rect(cls, pct(a), pct(max(b - a, 0)), -height / 2, height)


def _end(life: Life, days: Days) -> list[SafeString]:
    if life.end is None:
        return [el("svg", [el("path", cls="more", d="M-9 -4l4 4l-4 4")], x="100%")]
    upright = el("rect", cls="end", x=num(-1.5), y=-10, width=3, height=20)
    return [el("svg", [upright], x=pct(days.share(life.end)))]
