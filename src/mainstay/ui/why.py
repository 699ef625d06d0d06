"""The "why" chart: a strip chart of the time left of one promise, from its start to its due instant.

White is open, grey is closed, hatched is a holiday or somebody's turn; the line falls only where time counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mainstay.ui import words
from mainstay.ui.shapes import WhyChart, WhyPiece, WhySection
from mainstay.ui.svg import el, join, num, rect, text
from mainstay.ui.why_labels import BOTTOM, LEFT, RIGHT, TOP, Labels

WIDTH, HEIGHT = 1044, 410
ROW_SEVERITY, ROW_STATE, ROW_COUNTED = 304.0, 330.0, 356.0
COUNTS = ("counted", "to_come", "superseded")
SCALE_STEPS = tuple(round(hours * 3600) for hours in (0.25, 0.5, 1, 2, 4, 8, 24, 40, 80))
GHOST_DAYS = 2  # how many times half of its own days a chart grows to show what would have been
Point = tuple[float, float]


def letters(chart: WhyChart) -> dict[WhyPiece, str]:
    """A letter for each piece in order: a to z, then aa, ab..."""
    return {piece: letter(n) for n, piece in enumerate(chart.pieces)}


def letter(n: int) -> str:
    """The n-th letter, counted from nought, as columns of a table are lettered."""
    head, rest = divmod(n, 26)
    return (letter(head - 1) if head else "") + chr(ord("a") + rest)


def open_hours(chart: WhyChart) -> Sequence[tuple[datetime, datetime]]:
    """The open intervals to show: the calendar's, or else those that counted."""
    known = [(p.start, p.end) for p in chart.pieces if p.kind in COUNTS]
    return chart.open_hours or known


@dataclass(frozen=True)
class Plane:
    """Where an instant and an amount of time left lie on the drawing."""

    first: datetime
    last: datetime
    most: float
    least: float
    zone: ZoneInfo

    def x(self, at: datetime) -> float:
        """Across: local midnight of the first day is at the left edge."""
        share = (at - self.first).total_seconds() / (self.last - self.first).total_seconds()
        return LEFT + (RIGHT - LEFT) * max(0.0, min(1.0, share))

    def y(self, left: float) -> float:
        """Down: nothing left is the due instant's level."""
        return BOTTOM - (BOTTOM - TOP - 18) * (left - self.least) / (self.most - self.least)

    def days(self) -> Iterator[tuple[datetime, datetime]]:
        """Local days, each from its midnight to the next."""
        day, n = self.first, 0
        while day < self.last:
            n += 1
            following = _midnight(self.first.date() + timedelta(days=n), self.zone)
            yield day, following
            day = following


def plane_of(chart: WhyChart) -> Plane:
    """The plane that holds all of a chart, in whole days of the contract's zone."""
    zone = ZoneInfo(chart.zone)
    points = [point for line in chart.lines for point in line.points]
    own = [
        chart.started_at,
        chart.now,
        *(p.end for p in chart.pieces),
        *(at for line in chart.lines if line.kind != "ghost" for at, _left in line.points),
        *(at for at in (chart.due, chart.stopped_at) if at is not None),
    ]
    begins = min(own).astimezone(zone).date()
    ends = max(own).astimezone(zone).date()
    beyond = max([*(at for at, _left in points), *_dues(chart), max(own)]).astimezone(zone).date()
    # what would have been may lie weeks later: it leaves the drawing rather than squeeze what is
    ends = min(beyond, ends + GHOST_DAYS * max((ends - begins) // 2, timedelta(days=1)))
    first = _midnight(begins, zone)
    last = _midnight(ends + timedelta(days=1), zone)
    lefts = [0, *(s.target for s in chart.sections), *(left for _at, left in points)]
    return Plane(first, last, max(max(lefts), 1), min(lefts), zone)


def draw(chart: WhyChart) -> SafeString:
    """The whole chart as one SVG with a title and a description."""
    plane, labels = plane_of(chart), Labels()
    now = list(_now(chart, plane, labels))
    due = list(_due_drawn(chart, plane, labels))  # its words are placed before all others
    parts = [
        el("title", title(chart), id="why-title"),
        el("desc", description(chart), id="why-desc"),
        *_ground(chart, plane),
        *_scale(plane),
        *_lines(chart, plane, labels),
        *_dues_before(chart, plane, labels),
        *due,
        *_rows(chart, plane),
        *now,
    ]
    view = f"0 0 {WIDTH} {HEIGHT}"
    return el("svg", parts, viewBox=view, cls="why", role="img", aria_labelledby="why-title why-desc")


def title(chart: WhyChart) -> str:
    """What the chart shows, in one line."""
    plane = plane_of(chart)
    span = (
        f"{words.day(plane.first, plane.zone)} – {words.day(plane.last - timedelta(seconds=1), plane.zone)}"
    )
    return _("Time left: %(name)s, %(span)s, %(zone)s") % {
        "name": chart.name,
        "span": span,
        "zone": chart.zone,
    }


def description(chart: WhyChart) -> str:
    """The chart in words; the ledger beneath has every piece."""
    zone = ZoneInfo(chart.zone)
    said = [
        _("From %(target)s at %(start)s.")
        % {
            "target": words.hms(chart.sections[0].target),
            "start": words.clock(chart.started_at, zone, precise=True),
        }
    ]
    for section in chart.sections[1:]:
        change = {"at": _moment(section.at, zone), "target": words.hms(section.target)}
        said.append(_("At %(at)s the target became %(target)s.") % change)
    if chart.due:
        said.append(_("It reaches zero at %(due)s.") % {"due": _moment(chart.due, zone)})
    return " ".join([*said, _("The table beneath has each day.")])


# ---- the ground: days, open hours, what stood still ---------------------------------------------


def _ground(chart: WhyChart, plane: Plane) -> Iterator[SafeString]:
    yield _box("closed", LEFT, RIGHT, TOP, BOTTOM - TOP)
    for start, end in open_hours(chart):
        yield _box("open", plane.x(start), plane.x(end), TOP, BOTTOM - TOP)
    every = max(1, round(len(list(plane.days())) / 11))
    for n, (day, following) in enumerate(plane.days()):
        yield from _day(chart, plane, day, following, labelled=n % every == 0)
    for start, end, whose in _still(chart):
        yield _box(f"pz {whose}", plane.x(start), plane.x(end), TOP, BOTTOM - TOP)


def _day(
    chart: WhyChart, plane: Plane, day: datetime, following: datetime, *, labelled: bool
) -> Iterator[SafeString]:
    x, holiday = plane.x(day), chart.holidays.get(day.date().isoformat(), "")
    opened = [(max(a, day), min(b, following)) for a, b in open_hours(chart) if a < following and b > day]
    if holiday:
        yield _box("holiday", x, plane.x(following), TOP, BOTTOM - TOP)
    if x > LEFT:
        yield el("path", cls="dy", d=f"M{num(x)} 12V{num(BOTTOM)}")
    hours = (plane.x(following) - x) / 24
    step = 1 if hours > 4 else 6 if hours > 1 else 24
    ticks = "".join(f"M{num(x + h * hours)} {48 if h % 6 == 0 else 52}V56" for h in range(0, 24, step))
    yield el("path", cls="tk", d=ticks)
    if labelled:
        yield text(words.day(day, plane.zone), "dl" if opened else "dl off", x=x + 6, y=22)
        yield text(holiday or _hours_words(opened, plane.zone), "ds", x=x + 6, y=36)


def _hours_words(opened: Sequence[tuple[datetime, datetime]], zone: ZoneInfo) -> str:
    if not opened:
        return _("closed")
    first, last = opened[0][0].astimezone(zone), opened[-1][1].astimezone(zone)
    if last - first >= timedelta(hours=23):
        return _("all day")
    return f"{_short(first)}–{_short(last)}"


def _short(at: datetime) -> str:
    return f"{at.hour}:{at.minute:02d}" if at.minute else f"{at.hour}"


def _scale(plane: Plane) -> Iterator[SafeString]:
    step = next((s for s in SCALE_STEPS if plane.most / s <= 5), 240 * 3600)
    for left in range(int(plane.least // step) * step, int(plane.most) + 1, step):
        y = plane.y(left)
        if y > BOTTOM + 1:
            continue
        yield el("path", cls="gy", d=f"M57 {num(y)}H{num(RIGHT)}")
        yield text(_amount(left), "yl", x=53, y=y + 4)


def _amount(left: int) -> str:
    return f"{left // 3600} h" if left % 3600 == 0 else words.counted(left)


# ---- the line ------------------------------------------------------------------------------------

LOOKS = {"old": "ln-old", "now": "ln-now", "to_come": "ln-next", "ghost": "ghost"}


def _lines(chart: WhyChart, plane: Plane, labels: Labels) -> Iterator[SafeString]:
    for line in sorted(chart.lines, key=lambda line: line.kind != "ghost"):
        points = _until(line.points, plane.last) if line.kind == "ghost" else line.points
        yield _path(LOOKS[line.kind], [(plane.x(at), plane.y(left)) for at, left in points])
    course = [line for line in chart.lines if line.kind in ("old", "now")]
    yield from _start(chart, plane, labels)
    for old, new in pairwise(course):
        yield from _drop(chart, old.points[-1], new.points[0], plane, labels)
    for start, end, whose in _still(chart)[:3]:
        y = plane.y(_left_at(chart, start)) - 8
        said = _still_words(whose, start, end)
        yield labels.put(plane.x(start) + 6, y, said, "blue" if whose == "wait" else "")


def _until(points: Sequence[tuple[datetime, int]], last: datetime) -> list[tuple[datetime, float]]:
    """The part of a line up to the right edge of the drawing."""
    kept: list[tuple[datetime, float]] = []
    for (a, high), (b, low) in pairwise(points):
        if a >= last:
            break
        kept = kept or [(a, high)]
        share = min(1.0, (last - a) / (b - a)) if b > a else 1.0
        kept.append((min(b, last), high + (low - high) * share))
    return kept


def _start(chart: WhyChart, plane: Plane, labels: Labels) -> Iterator[SafeString]:
    x, y = plane.x(chart.started_at), plane.y(chart.sections[0].target)
    yield el("circle", cls="dot", cx=x, cy=y, r=3.5)
    said = chart.start_words or words.clock(chart.started_at, plane.zone, precise=True)
    yield labels.put(x + 8, y - 5, said, "b")


def _drop(
    chart: WhyChart, old: tuple[datetime, int], new: tuple[datetime, int], plane: Plane, labels: Labels
) -> Iterator[SafeString]:
    """The upright step where a change gave another target, with its reason and both amounts."""
    section = next((s for s in chart.sections if s.at == new[0]), None)
    if section is None or old[1] == new[1]:
        return
    x, above, below = plane.x(new[0]), plane.y(old[1]), plane.y(new[1])
    yield el("path", cls="drop", d=f"M{num(x)} {num(above)}V{num(below)}")
    yield labels.put(x + 8, min(above, below) - 9, section.reason or section.title, "b")
    said = _("%(before)s left became %(after)s") % {"before": words.hms(old[1]), "after": words.hms(new[1])}
    yield labels.put(x + 8, (above + below) / 2 + 6, said)


def _left_at(chart: WhyChart, at: datetime) -> float:
    """What was left at an instant, by the line that holds it."""
    for line in chart.lines:
        for (a, high), (b, low) in pairwise(line.points):
            if line.kind != "ghost" and a <= at <= b and a < b:
                return high + (low - high) * ((at - a) / (b - a))
    return chart.sections[0].target


def _still(chart: WhyChart) -> list[tuple[datetime, datetime, str]]:
    """Stretches that stood still, neighbours joined, with whose turn it was."""
    joined: list[tuple[datetime, datetime, str]] = []
    for piece in (p for p in chart.pieces if p.kind in ("paused", "third")):
        whose = "wait" if piece.kind == "paused" else "third"
        if joined and joined[-1][1] == piece.start and joined[-1][2] == whose:
            joined[-1] = (joined[-1][0], piece.end, whose)
        else:
            joined.append((piece.start, piece.end, whose))
    return joined


def _still_words(whose: str, start: datetime, end: datetime) -> str:
    said = _("stands still: customer’s turn") if whose == "wait" else _("stands still: third party")
    return f"{said}, {words.span(int((end - start).total_seconds()))}"


# ---- due instants and now ------------------------------------------------------------------------


def _dues(chart: WhyChart) -> list[datetime]:
    known = [chart.due, chart.stopped_at, *(section.was_due for section in chart.sections)]
    return [at for at in known if at is not None]


def _dues_before(chart: WhyChart, plane: Plane, labels: Labels) -> Iterator[SafeString]:
    """The due instants that held before a change."""
    zero = plane.y(0)
    for section in chart.sections:
        if section.was_due and section.was_due != chart.due:
            x, said = (
                plane.x(section.was_due),
                _("was %(time)s") % {"time": _moment(section.was_due, plane.zone)},
            )
            if section.was_due > plane.last:
                far = _("was %(time)s") % {"time": words.day(section.was_due, plane.zone)}
                yield labels.put(x - 9, zero - 24, f"{far} →", "end")
                continue
            yield el("path", cls="was", d=f"M{num(x)} {num(zero - 16)}V{num(zero + 8)}")
            yield labels.put(x - 9, zero - 24, said, "end")


def _due_drawn(chart: WhyChart, plane: Plane, labels: Labels) -> Iterator[SafeString]:
    if chart.due:
        x, late, zero = plane.x(chart.due), chart.k == "over", plane.y(0)
        yield el("path", cls="due over" if late else "due", d=f"M{num(x)} {num(zero - 30)}V{num(zero + 10)}")
        said = _("due %(time)s") % {"time": _moment(chart.due, plane.zone)}
        yield labels.put(x - 9, zero - 7, said, "b end")


def _now(chart: WhyChart, plane: Plane, labels: Labels) -> Iterator[SafeString]:
    x, said = plane.x(chart.now), _("now %(time)s") % {"time": words.clock(chart.now, plane.zone)}
    width = 6.6 * len(said) + 10
    middle = max(LEFT + width / 2, min(RIGHT - width / 2, x))
    labels.reserve(middle - width / 2, middle + width / 2, 57, 74)
    yield el("path", cls="needle", d=f"M{num(x)} 44V380")
    yield rect("nb", num(middle - width / 2), num(width), 57, 17)
    yield text(said, "nt", x=middle, y=69.5)


# ---- three rows below ----------------------------------------------------------------------------


def _rows(chart: WhyChart, plane: Plane) -> Iterator[SafeString]:
    for name, y in ((_("target"), ROW_SEVERITY), (_("state"), ROW_STATE), (_("counted"), ROW_COUNTED)):
        yield text(name, "yl", x=53, y=y + 13)
        yield el("path", cls="gy", d=f"M{num(LEFT)} {num(y + 20.5)}H{num(RIGHT)}")
    ends = [*(section.at for section in chart.sections[1:]), _end(chart)]
    for section, end in zip(chart.sections, ends, strict=True):
        yield from _target_row(section, end, plane, last=section is chart.sections[-1])
    yield from _state_row(chart, plane)
    yield from _counted_row(chart, plane)


def _end(chart: WhyChart) -> datetime:
    return max((chart.started_at, *(piece.end for piece in chart.pieces)))


def _target_row(section: WhySection, end: datetime, plane: Plane, *, last: bool) -> Iterator[SafeString]:
    a, b = plane.x(section.at), plane.x(end)
    look = "t-1" if section.severity == 1 else "t-2" if last else "t-3"
    yield _box(look, a, b, ROW_SEVERITY, 18)
    said = section.label or section.title
    if b - a > 6.2 * len(said) + 12:
        yield text(said, "inv" if look == "t-1" else "", x=a + 6, y=ROW_SEVERITY + 12.5)
    elif section.severity and b - a > 14:
        yield text(str(section.severity), "inv" if look == "t-1" else "", x=a + 5, y=ROW_SEVERITY + 12.5)


def _state_row(chart: WhyChart, plane: Plane) -> Iterator[SafeString]:
    a, b = plane.x(chart.started_at), plane.x(_end(chart))
    yield _box("st0", a, b, ROW_STATE, 18)
    for start, end, whose in _still(chart):
        yield _box(f"stp {whose}", plane.x(start), plane.x(end), ROW_STATE, 18)


def _counted_row(chart: WhyChart, plane: Plane) -> Iterator[SafeString]:
    marks, taken = letters(chart), [-99.0, -99.0, -99.0]
    for section in chart.sections:
        for piece in (p for p in section.pieces if p.counted):
            look = "next" if piece.kind == "to_come" else "" if section is chart.sections[-1] else "old"
            a, b = plane.x(piece.start), plane.x(piece.end)
            yield _box(f"cnt {look}", a, max(b, a + 1.5), ROW_COUNTED, 18)
            said, middle = f"{marks[piece]} {words.hms(piece.counted)}", (a + b) / 2
            line = next((n for n, edge in enumerate(taken) if middle - 31 > edge), None)
            if line is not None:
                taken[line] = middle + 31
                yield text(
                    said, "mid" if look == "old" else "mid b", x=middle, y=ROW_COUNTED + 32 + 11 * line
                )


# ---- small ---------------------------------------------------------------------------------------


def _box(cls: str, a: float, b: float, y: float, height: float) -> SafeString:
    return rect(cls.strip(), num(a), num(max(b - a, 0)), y, height)


def _path(cls: str, points: Sequence[Point]) -> SafeString:
    if len(points) < 2:
        return join(())
    return el("path", cls=cls, d="M" + "L".join(f"{num(x)} {num(y)}" for x, y in points))


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{words.day(at, zone).split()[0]} {words.clock(at, zone, precise=True)}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
