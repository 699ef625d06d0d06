"""The traffic of periods: a stem from what is owed to what was reached, tall and in signal where it was missed.

Drawn in user units in one SVG that keeps its shape; the same is said in words as its label and in the table below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mainstay.ui.svg import el, num, text

WIDTH, TOP, BOTTOM, LEFT = 520, 26, 132, 58
HEIGHT = BOTTOM + 26


@dataclass(frozen=True, kw_only=True)
class Point:
    """A period's figure: `value` None where there is none. `shown` are its words, `label` names the period."""

    label: str
    value: float | None
    shown: str
    state: str


def draw(points: Sequence[Point], owed: float, owed_words: str, name: str) -> SafeString:
    """The chart, the oldest period first."""
    low, high = _range([one.value for one in points if one.value is not None], owed)
    step = (WIDTH - LEFT) / max(len(points), 1)
    line = _y(owed, low, high)
    parts = [
        el("path", cls="lim", d=f"M{LEFT} {num(line)}H{WIDTH}"),
        text(owed_words, "end", x=LEFT - 6, y=line + 4),
        el("path", cls="gy", d=f"M{LEFT} {BOTTOM}H{WIDTH}"),
    ]
    for n, one in enumerate(points):
        parts += _stem(one, LEFT + step * (n + 0.5), line, low, high)
    return el(
        "svg",
        parts,
        cls="chart",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=said(points, owed_words, name),
    )


def said(points: Sequence[Point], owed_words: str, name: str) -> str:
    """The chart in words."""
    missed = ", " + _("not reached")
    told = "; ".join(f"{one.label} {one.shown}{missed if one.state == 'missed' else ''}" for one in points)
    said = {"name": name, "owed": owed_words, "told": told or _("no period yet")}
    return _("%(name)s, owed %(owed)s: %(told)s") % said


def _stem(one: Point, x: float, line: float, low: float, high: float) -> list[SafeString]:
    label = text(one.label, "mid", x=x, y=BOTTOM + 18)
    if one.value is None:
        return [text(one.shown or "–", "mid", x=x, y=line - 8), label]
    y = _y(one.value, low, high)
    bar = el(
        "path",
        cls="stm" if one.state == "missed" else "stk",
        d=f"M{num(x)} {num(line)}V{num(y)}M{num(x - 9)} {num(y)}h18",
    )
    above = y <= line
    words = text(one.shown, "mid b", x=x, y=y - 7 if above else y + 15)
    return [bar, words, label]


def _y(value: float, low: float, high: float) -> float:
    return BOTTOM - 16 - (value - low) / (high - low) * (BOTTOM - 16 - TOP)


def _range(values: Sequence[float], owed: float) -> tuple[float, float]:
    """Lowest and highest of the scale: all that is drawn, never a span of nothing."""
    low, high = min([*values, owed]), max([*values, owed])
    return (low, high) if high - low > 1e-9 else (low - 1, high + 1)
