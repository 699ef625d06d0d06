"""Draws promises and small marks as SVG from plain shapes. What the marks mean: docs/look.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString

from mainstay.ui import axis, words
from mainstay.ui.axis import NEEDLE, Ruler, queue_share
from mainstay.ui.shapes import Promise, State
from mainstay.ui.svg import el, escaped, grid, join, num, pct, rect, text, vline

LINE_HEIGHT: dict[State, float] = {
    "run": 4,
    "warn": 8,
    "over": 16,
    "wait": 10,
    "third": 10,
    "goal": 2,
    "met": 2,
    "was": 2,
}
PAUSED_WIDTH = 9.0
TRIANGLE = "M-3.5 0h7L0 5z"


# ---- the queue's row ----------------------------------------------------------------------------


def scale_axis(now: datetime, zone: ZoneInfo) -> SafeString:
    """The ruler above the queue: ticks to both sides of the needle's time."""
    ticks = [tick(queue_share(s), label, "lo" if wide else "") for s, label, wide in axis.QUEUE_TICKS]
    return el("svg", [*ticks, now_label(NEEDLE, words.clock(now, zone))], cls="axis", aria_hidden="true")


def promise_scale(promise: Promise | None, now: datetime) -> SafeString:
    """One row of the queue: the time from now to the due instant, on the ruler that all rows share."""
    marks = _row_marks(promise, now) if promise else []
    middle = el("svg", marks, y="50%") if marks else ""
    return SafeString(
        f'<span class="psw" data-k="{promise.k if promise else "none"}">'
        f'<svg class="ps" aria-hidden="true">{_ROW_TICKS}{middle}{_ROW_NEEDLE}</svg></span>'
    )


_ROW_TICKS = grid(queue_share(seconds) for seconds, _label, _wide in axis.QUEUE_TICKS)
_ROW_NEEDLE = vline("nd", pct(NEEDLE))


def _row_marks(promise: Promise, now: datetime) -> list[SafeString]:
    k = promise.k
    if k in ("wait", "third"):
        return _hatched(k, NEEDLE, NEEDLE + PAUSED_WIDTH, LINE_HEIGHT[k])
    if k in ("met", "was") or promise.stopped_at is not None:
        return [_line("met", 0, NEEDLE)]
    if promise.due is None:
        return []
    seconds = (promise.due - now).total_seconds()
    due = queue_share(seconds)
    if k == "over":
        return [_line(k, min(due, NEEDLE - 0.8), NEEDLE), _cross(due)]
    if k == "goal":
        return [_dots(NEEDLE, due), _ring(due)]
    return [_line(k, NEEDLE, due), *_head_start(promise, seconds, due), _row_end(k, seconds, due)]


def _head_start(promise: Promise, seconds: float, due: float) -> list[SafeString]:
    """The bracket above the line's end: its left edge is the effective due, by which rows are sorted."""
    if not promise.head_start or axis.is_beyond(seconds):
        return []
    start = queue_share(seconds - promise.head_start)
    edge = el("rect", cls="hl", x=pct(start), y=-10, width=1.5, height=9)
    return [rect("hs", pct(start), pct(due - start), -10, 7), edge]


def _row_end(k: State, seconds: float, due: float) -> SafeString:
    if axis.is_beyond(seconds):
        arrow = el("path", cls="more", d="M-10 -5l5 5l-5 5M-4 -5l5 5l-5 5")
        return el("svg", [arrow], x=pct(due))
    return _post(due, 18 if k == "warn" else 16, 3 if k == "warn" else 2)


# ---- a ticket's lanes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Lane:
    """A drawn promise with its words."""

    promise: Promise
    svg: SafeString
    lead: SafeString
    detail: str


@dataclass(frozen=True)
class Lanes:
    """All lanes of a ticket under one ruler."""

    axis: SafeString
    rows: list[Lane]


def lanes(promises: Sequence[Promise], now: datetime, zone: ZoneInfo) -> Lanes:
    """All promises on one linear ruler from the first start to the last due instant."""
    ruler = axis.ruler_over([now, *(at for promise in promises for at in _instants(promise))], zone)
    ticks = ruler.ticks()
    needle = ruler.share(now)
    labels = [_lane_tick(ruler.share(at), label, needle, n) for n, (at, label) in enumerate(ticks)]
    head = el("svg", [*labels, now_label(needle, words.clock(now, zone))], cls="axis", aria_hidden="true")
    lines = grid(ruler.share(at) for at, _label in ticks)
    return Lanes(head, [_lane(promise, ruler, lines, now) for promise in promises])


def _instants(promise: Promise) -> list[datetime]:
    return [at for at in (promise.started_at, promise.due, promise.stopped_at) if at is not None]


def _lane_tick(share: float, label: str, needle: float, n: int) -> SafeString:
    """A tick; its label gives way to the needle's, and every second one to a narrow screen."""
    return tick(share, label, "gone" if abs(share - needle) < 5 else "odd" if n % 2 else "")


def _lane(promise: Promise, ruler: Ruler, lines: SafeString, now: datetime) -> Lane:
    said, detail = words.lane_words(promise, now, ruler.zone)
    middle = el("svg", _lane_marks(promise, ruler, now), y="50%")
    drawn = el("svg", [lines, middle, vline("nd", pct(ruler.share(now)))], cls="ps", aria_hidden="true")
    return Lane(promise, drawn, ticking(promise, said, _lane_form(promise, now)), detail)


def _lane_form(promise: Promise, now: datetime) -> str:
    """What is left ticks only while it is the time on the wall: nothing closed lies between now and the due."""
    if promise.k == "over":
        return "in"
    wall = int((promise.due - now).total_seconds()) if promise.due else None
    return "left" if wall is not None and abs(wall - promise.left) < 2 else ""


def _lane_marks(promise: Promise, ruler: Ruler, now: datetime) -> list[SafeString]:
    k, start = promise.k, ruler.share(promise.started_at)
    until = ruler.share(promise.stopped_at or now)
    due = ruler.share(promise.due) if promise.due else None
    marks = [_span("al", start, due if due is not None else until, -5, 10)] if k != "goal" else []
    marks += [_dots(start, until)] if k == "goal" else [_line_of(k, start, until, due)]
    marks += [
        mark for pause in promise.pauses for mark in _pause(pause.whose, pause.start, pause.end or now, ruler)
    ]
    marks.append(el("rect", cls="st", x=pct(start), y=-7, width=1, height=14))
    if promise.warn_at and not promise.stopped_at and k != "goal":
        marks.append(_warn_mark(ruler.share(promise.warn_at), -11))
    return [*marks, *_lane_end(promise, due)]


def _line_of(k: State, start: float, until: float, due: float | None) -> SafeString:
    if k == "over" and due is not None:
        return join([_span("run", start, due, -5, 10), _span("ln", due, max(until, due + 0.3), -8, 16)])
    height = 12 if k == "warn" else 10
    return _span("ln", start, until, -height / 2, height)


def _lane_end(promise: Promise, due: float | None) -> list[SafeString]:
    if due is None:
        return []
    if promise.k == "goal":
        return [_ring(due)]
    return [_cross_on(due)] if promise.k == "over" else [_post(due, 20, 3)]


def _pause(whose: str, start: datetime, end: datetime, ruler: Ruler) -> list[SafeString]:
    a, b = ruler.share(start), ruler.share(end)
    return _hatched(whose, a, max(b, a + 0.2), 12)


# ---- one promise of its own ---------------------------------------------------------------------


def gauge(promise: Promise, now: datetime) -> SafeString:
    """One promise on a ruler of counted time, from its start (left) to its target (right post)."""
    whole = max(promise.target, promise.used, 1)
    used, target = 100 * max(promise.used, 0) / whole, 100 * promise.target / whole
    ruler = grid((100 * tick / whole for tick in _gauge_ticks(whole)), "tk", top=0.6)
    base = el("line", cls="tk", x1="0", x2="100%", y1=24, y2=24)
    ends = [vline("tk", "0", 12, 24), vline("post", pct(target), 12, 24)]
    marks = [el("svg", [ruler], y=16, height=8), base, *ends, *_gauge_bar(promise.k, used, target)]
    if promise.warn_used and promise.k != "goal":
        marks.append(_warn_mark(100 * promise.warn_used / whole, 6))
    needle = vline("nd", pct(used), 4, 26) if promise.k != "met" else SafeString("")
    drawn = el("svg", [*marks, needle], cls="gauge", data_k=promise.k, aria_hidden="true")
    return format_html('<span class="gw" data-k="{}">{}</span>', promise.k, drawn)


def _gauge_bar(k: State, used: float, target: float) -> list[SafeString]:
    if k == "goal":
        return [el("line", cls="dots", x1="0", x2=pct(used), y1=16, y2=16)]
    if k in ("wait", "third"):
        return [el("svg", _hatched(k, 0, used, 8), y=15)]
    if k == "over":
        late = _span("u", target, max(used, target + 0.5), 8, 12)
        return [_span("u", 0, target, 12, 6), late]
    return [_span("u", 0, used, 14 if k == "met" else 11, 2 if k == "met" else 6)]


def _gauge_ticks(whole: int) -> list[int]:
    """Round parts of the target, at most 24: quarter hours, hours, eight hours, days."""
    steps = (60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800)
    step = next((s for s in steps if whole / s <= 24), steps[-1])
    return list(range(step, whole, step))


def ticking(promise: Promise, said: str, form: str) -> SafeString:
    """Words that the page keeps ticking: `form` is "in" (to an instant), "at" (when it gets near) or "left"."""
    if promise.due is None or promise.stopped_at or promise.k in ("wait", "third", "was", "met") or not form:
        return SafeString(f'<b class="num">{escaped(said)}</b>')
    due = f"{promise.due.astimezone(UTC).isoformat()[:19]}Z"
    return SafeString(f'<b class="num" data-due="{due}" data-form="{form}">{escaped(said)}</b>')


# ---- marks shared by all ------------------------------------------------------------------------


def _span(cls: str, a: float, b: float, y: float, height: float) -> SafeString:
    return SafeString(
        f'<rect class="{cls}" x="{a:.2f}%" width="{max(b - a, 0):.2f}%" y="{num(y)}" height="{num(height)}"/>'
    )


def _line(k: State, a: float, b: float) -> SafeString:
    return _span("ln", a, b, -LINE_HEIGHT[k] / 2, LINE_HEIGHT[k])


def _hatched(whose: str, a: float, b: float, height: float) -> list[SafeString]:
    return [_span(f"{cls} {whose}", a, b, -height / 2, height) for cls in ("zz", "zh")]


def _dots(a: float, b: float) -> SafeString:
    return SafeString(f'<line class="dots" x1="{a:.2f}%" x2="{b:.2f}%" y1="0" y2="0"/>')


def _post(at: float, height: float, width: float) -> SafeString:
    return SafeString(
        f'<svg x="{at:.2f}%"><rect class="end" x="{num(-width / 2)}" y="{num(-height / 2)}" width="{num(width)}"'
        f' height="{num(height)}"/></svg>'
    )


def _ring(at: float) -> SafeString:
    return SafeString(f'<circle class="ring" cx="{at:.2f}%" cy="0" r="4"/>')


def _cross(at: float) -> SafeString:
    """The cross of a missed instant, beside the block that begins there."""
    return SafeString(f'<svg x="{at:.2f}%"><path class="x" d="M-14 -5l10 10m0 -10l-10 10"/></svg>')


def _cross_on(at: float) -> SafeString:
    return el(
        "svg", [el("path", cls="x", d="M-14 -5l10 10m0 -10l-10 10"), vline("x", "0", -10, 10)], x=pct(at)
    )


def _warn_mark(at: float, y: float) -> SafeString:
    return el("svg", [el("path", cls="wn", d=TRIANGLE)], x=pct(at), y=num(y))


def tick(share: float, label: str, cls: str = "") -> SafeString:
    """A tick of a ruler with its label; "gone" leaves the label out."""
    if cls == "gone":
        return vline("", pct(share), 15, 20)
    where = "first" if share < 2 else "last" if share > 98 else ""
    inside = [text(label, where, x=pct(share), y=11), vline("", pct(share), 15, 20)]
    return el("g", inside, cls=cls or None)


def now_label(share: float, label: str) -> SafeString:
    """The needle's time on its fill, kept within the ruler's ends."""
    width = 7 * len(label) + 4
    shift = -width / 2
    box = [el("rect", cls="nb", x=shift, y=0, width=width, height=15, rx=2), text(label, "nt", x=0, y=11)]
    return el("svg", box, x=pct(share))
