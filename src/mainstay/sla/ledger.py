"""Why a deadline is what it is: every interval of one clock, what it counted and by which event and row.

A ledger tells the same as `clocks.explain`, to the second: the counted pieces add up to `used`, and while the
clock runs `used + to_come` is the target. Each instant between the start and the end stands in one piece.

Where a change began a new count (`from_change`, `proportional`) the pieces before it are superseded: counted
against the old target. Where it counted again (`from_start`) the pieces are those of the new count, and the
sections before it keep only what was owed then.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mainstay.errors import Refused

from .clocks import Event, fold
from .hours import DAY, Calendar, date_of
from .instances import Change, Clock, Instance
from .policy import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .policy import Policy

_IN_FULL = 1500 * DAY  # a longer stretch is summed up in one piece after so long
_RUNS, _PAUSES, _ENDED = "runs", "paused", "ended"


class Piece(NamedTuple):
    """One interval [start, end). `counted` and `left` (after it) are open seconds of its calendar.

    `kind`: counted, superseded (counted against an old target), to_come, closed, paused, or ended (it was met or
    cancelled, and ran on later). `left` is negative once the target is exceeded.
    """

    start: int
    end: int
    kind: str
    counted: int
    left: int
    reason: str  # "open", "outside hours, weekend, holiday 2026-11-23", "waiting_on_customer", ...
    rows: tuple[str, ...]  # of the calendar: "Mon 09:00-17:00", "holiday 2026-11-23", ...
    event: int  # index of the event by which the clock runs or stands still
    begins: bool  # whether that event is what begins this piece
    calendar: Calendar

    @property
    def stood_still(self) -> int:
        """Open seconds that a pause kept from counting."""
        return self.calendar.elapsed(self.start, self.end) if self.kind == _PAUSES else 0


class Section(NamedTuple):
    """What was owed from an event on: the start of the clock, or a change and the rule that took.

    `rule` is "start", from_start, from_change, proportional, goes_on or cancelled. `due` is as it looked at `at`.
    `recounted` says that a later `from_start` counts this section's time again, so it has no pieces.
    """

    at: int
    event: int
    rule: str
    severity: int
    row: Row
    seconds: int
    due: int | None
    change: Change | None
    recounted: bool
    pieces: tuple[Piece, ...]


class Line(NamedTuple):
    """A polyline of time left: "old", "now", "to_come", or "ghost" (if the last change had not been)."""

    kind: str
    points: tuple[tuple[int, int], ...]


class Day(NamedTuple):
    """One local date of the ledger, the text alternative of the chart. `left` is carried forward."""

    date: str
    counted: int
    superseded: int
    to_come: int
    left: int
    notes: tuple[str, ...]


class Ledger(NamedTuple):
    """All of it. Instants are UTC seconds; `instance` is what `explain` gives for the same clock."""

    instance: Instance
    as_of: int
    start: int
    end: int
    used: int
    to_come: int
    target: int
    due: int | None
    sections: tuple[Section, ...]
    lines: tuple[Line, ...]
    days: tuple[Day, ...]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every piece in the order of time."""
        return tuple(sorted((p for s in self.sections for p in s.pieces), key=lambda p: (p.start, p.end)))


class _Span(NamedTuple):
    """What the clock did from `start` on: it runs, is paused or had ended; `end` None is for ever."""

    start: int
    end: int
    what: str
    event: int
    state: str | None


class _Count(NamedTuple):
    """A reckoning: a target on a calendar, counted since `basis`, by the section with this index."""

    section: int
    basis: int
    row: Row
    seconds: int

    @property
    def calendar(self) -> Calendar:
        return self.row.calendar


def why(policy: Policy, events: Sequence[Event], as_of: int, clock: str, n: int) -> Ledger:
    """The ledger of one instance. Raises Refused when there is no such instance at `as_of`."""
    for found in fold(policy, events, as_of):
        if found.name == clock and found.n == n:
            return _ledger(found, as_of)
    raise Refused("clock", f"there is no {clock} number {n} at that instant")


def why_all(policy: Policy, events: Sequence[Event], as_of: int) -> list[Ledger]:
    """The ledgers of all instances, in the order of `explain`."""
    return [_ledger(found, as_of) for found in fold(policy, events, as_of)]


def _ledger(clock: Clock, as_of: int) -> Ledger:
    shown = clock.shown(as_of)
    end = _end(shown, as_of)
    spans = _spans(clock, end)
    counts = _counts(clock)
    sections = _sections(clock, counts, spans, end, as_of)
    return Ledger(
        shown,
        as_of,
        clock.started_at,
        end,
        shown.used,
        max(shown.left, 0) if shown.state == "running" else 0,
        shown.target_seconds,
        shown.due,
        sections,
        _lines(clock, counts, spans, end, as_of),
        _days(sections, shown.calendar),
    )


def _end(shown: Instance, as_of: int) -> int:
    if shown.stopped_at is not None:
        return shown.stopped_at
    return as_of if shown.due is None else max(shown.due, as_of)


def _spans(clock: Clock, end: int) -> list[_Span]:
    """What the clock did, from its facts, without the spans that took no time."""
    kinds = {"starts": _RUNS, "runs": _RUNS, "pauses": _PAUSES, "stopped": _ENDED, "cancelled": _ENDED}
    spans = []
    for fact, following in pairwise([*clock.facts, (end, "end", -1, None)]):
        at, what, event, state = fact
        if following[0] > at:
            spans.append(_Span(at, following[0], kinds[what], event, state))
    return spans


def _counts(clock: Clock) -> list[_Count]:
    """The reckoning in force from the start and from each change on; one that goes on is repeated."""
    first = clock.changes[0] if clock.changes else None
    row = first.row_before if first else clock.row
    counts = [_Count(0, clock.started_at, row, first.seconds_before if first else clock.seconds)]
    for i, change in enumerate(clock.changes, start=1):
        if change.rule in ("goes_on", "cancelled") or change.row_after is None:
            counts.append(counts[-1])
        else:
            basis = clock.started_at if change.rule == "from_start" else change.at
            counts.append(_Count(i, basis, change.row_after, change.seconds_after))
    return counts


def _layers(counts: list[_Count], clock: Clock, end: int) -> list[tuple[int, int, _Count]]:
    """Which reckoning counts which stretch of time, each instant once, the last reckoning first."""
    layers = []
    count = counts[-1]
    while True:
        layers.append((count.basis, end, count))
        if count.section == 0 or clock.changes[count.section - 1].rule == "from_start":
            return layers[::-1]
        end, count = count.basis, counts[count.section - 1]


def _sections(
    clock: Clock, counts: list[_Count], spans: list[_Span], end: int, as_of: int
) -> tuple[Section, ...]:
    pieces: list[list[Piece]] = [[] for _ in counts]
    layers = _layers(counts, clock, end)
    for low, high, count in layers:
        last = count is counts[-1]
        for piece in _pieces(spans, low, high, count, _cuts(clock, counts, count, as_of), as_of, last):
            pieces[_place(clock, counts, count, piece.start)].append(piece)
    kept = {count.section for _, _, count in layers}
    return tuple(
        _section(clock, counts, i, tuple(pieces[i]), counts[i].section not in kept)
        for i in range(len(counts))
    )


def _cuts(clock: Clock, counts: list[_Count], count: _Count, as_of: int) -> list[int]:
    """Where pieces end besides the hours and the states: at as_of and where a change let this count go on."""
    return [as_of, *(c.at for i, c in enumerate(clock.changes, start=1) if counts[i] is count)]


def _place(clock: Clock, counts: list[_Count], count: _Count, start: int) -> int:
    """The section that a piece belongs to: the last change so far that let its count go on, or its own."""
    place = count.section
    for i, change in enumerate(clock.changes, start=1):
        if i > place and counts[i] is count and change.at <= start:
            place = i
    return place


def _section(
    clock: Clock, counts: list[_Count], i: int, pieces: tuple[Piece, ...], recounted: bool
) -> Section:
    count = counts[i]
    if i == 0:
        _, _, event, _ = clock.facts[0]
        first_due = count.calendar.add(clock.started_at, count.seconds)
        severity = clock.changes[0].severity_before if clock.changes else clock.severity
        return Section(
            clock.started_at,
            event,
            "start",
            severity,
            count.row,
            count.seconds,
            first_due,
            None,
            recounted,
            pieces,
        )
    change = clock.changes[i - 1]
    due = change.due_after
    severity = change.severity_before if change.rule == "goes_on" else change.severity_after
    return Section(
        change.at,
        change.event,
        change.rule,
        severity,
        count.row,
        count.seconds,
        due,
        change,
        recounted,
        pieces,
    )


# Pieces


def _pieces(
    spans: list[_Span], low: int, high: int, count: _Count, cuts: list[int], as_of: int, last: bool
) -> list[Piece]:
    found: list[Piece] = []
    left = count.seconds
    for span in spans:
        start, end = max(span.start, low), min(span.end, high)
        if start >= end:
            continue
        if span.what == _RUNS:
            made = _running(span, start, end, count, left, cuts, as_of, last)
        else:
            reason = span.state or _ENDED
            begins = start == span.start
            made = [Piece(start, end, span.what, 0, left, reason, (), span.event, begins, count.calendar)]
        found += made
        left = found[-1].left
    return found


def _running(
    span: _Span, low: int, high: int, count: _Count, left: int, cuts: list[int], as_of: int, last: bool
) -> list[Piece]:
    """The open and closed pieces of one run, cut where the target is reached and at `cuts`."""
    calendar = count.calendar
    edges = sorted({low, high, *(cut for cut in cuts if low < cut < high), *_due(calendar, low, high, left)})
    found: list[Piece] = []
    for start, end in pairwise(edges):
        for opened, closed, rows in _open_and_closed(calendar, start, end):
            amount = 0 if rows is None else calendar.elapsed(opened, closed)
            left -= amount
            kind, reason = "closed", "open"
            if rows is None:
                reason, rows = _why_closed(calendar, opened, closed)
            else:
                kind = "superseded" if not last else "to_come" if opened >= as_of else "counted"
            begins = opened == span.start
            found.append(
                Piece(opened, closed, kind, amount, left, reason, rows, span.event, begins, calendar)
            )
    return found


def _due(calendar: Calendar, low: int, high: int, left: int) -> list[int]:
    """Where in a run the target is reached, if it is."""
    if 0 < left <= calendar.elapsed(low, high):
        return [calendar.add(low, left)]
    return []


def _open_and_closed(
    calendar: Calendar, low: int, high: int
) -> list[tuple[int, int, tuple[str, ...] | None]]:
    """[low, high) in turns of open (with its calendar rows) and closed (None); hours that meet become one."""
    found: list[tuple[int, int, tuple[str, ...] | None]] = []
    full = min(high, low + _IN_FULL)
    cursor = low
    for piece in calendar.intervals(low, full):
        row = (calendar.row(piece.day),)
        if piece.start > cursor:
            found.append((cursor, piece.start, None))
        if found and found[-1][1] == piece.start and found[-1][2] == row:
            found[-1] = (found[-1][0], piece.end, row)
        else:
            found.append((piece.start, piece.end, row))
        cursor = piece.end
    if cursor < full:
        found.append((cursor, full, None))
    if full < high:
        found.append((full, high, ("all hours of the rest",)))
    return found


def _why_closed(calendar: Calendar, low: int, high: int) -> tuple[str, tuple[str, ...]]:
    """The reasons and the calendar rows of a closed stretch, each once, in order."""
    reasons: dict[str, None] = {}
    rows: dict[str, None] = {}
    for gap in calendar.closures(low, high):
        named = gap.reason in ("holiday", "special")
        reasons[f"{gap.reason} {date_of(gap.day)}" if named else gap.reason] = None
        if gap.reason != "outside hours":
            rows[calendar.row(gap.day)] = None
    return ", ".join(reasons), tuple(rows)


# The chart and its text alternative


def _lines(clock: Clock, counts: list[_Count], spans: list[_Span], end: int, as_of: int) -> tuple[Line, ...]:
    """Time left as it looked: each target while it held, what is to come, and what would have been."""
    begins = [clock.started_at, *(change.at for change in clock.changes)]
    lines = []
    for i, count in enumerate(counts):
        until = begins[i + 1] if i + 1 < len(begins) else min(end, as_of)
        lines.append(Line("old" if i + 1 < len(counts) else "now", _points(spans, count, begins[i], until)))
    if end > as_of:
        lines.append(Line("to_come", _points(spans, counts[-1], as_of, end)))
    if len(counts) > 1 and counts[-1] is not counts[-2]:
        lines.append(Line("ghost", _ghost(spans, counts[-2], begins[-1], end)))
    return tuple(line for line in lines if len(line.points) > 1)


def _points(spans: list[_Span], count: _Count, low: int, high: int) -> tuple[tuple[int, int], ...]:
    """(instant, seconds left) wherever the slope changes within [low, high]."""
    left = count.seconds - _used(spans, count, low)
    points = [(low, left)]
    for span in spans:
        start, end = max(span.start, low), min(span.end, high)
        if start >= end:
            continue
        pieces = count.calendar.intervals(start, min(end, start + _IN_FULL)) if span.what == _RUNS else []
        for piece in pieces:
            points.append((piece.start, left))
            left -= piece.end - piece.start
            points.append((piece.end, left))
        if span.what == _RUNS and end - start > _IN_FULL:
            left -= count.calendar.elapsed(start + _IN_FULL, end)
        points.append((end, left))
    return _bends(points)


def _used(spans: list[_Span], count: _Count, at: int) -> int:
    return sum(
        count.calendar.elapsed(max(span.start, count.basis), min(span.end, at))
        for span in spans
        if span.what == _RUNS
    )


def _ghost(spans: list[_Span], count: _Count, low: int, end: int) -> tuple[tuple[int, int], ...]:
    """The old target from the last change on, as if it had gone on: through the same pauses to its due."""
    left = count.seconds - _used(spans, count, low)
    if left <= 0:
        return ()
    for span in spans:
        start, stop = max(span.start, low), span.end
        if span.what == _RUNS and start < stop:
            amount = count.calendar.elapsed(start, stop)
            if amount >= left:
                return _points(spans, count, low, count.calendar.add(start, left))
            left -= amount
    if not spans or spans[-1].what != _RUNS:
        return _points(spans, count, low, end)
    due = count.calendar.add(end, left)
    return _points([*spans[:-1], spans[-1]._replace(end=due)], count, low, due)


def _bends(points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Without repeated points and without points in the middle of a level stretch."""
    kept: list[tuple[int, int]] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and kept[-2][1] == kept[-1][1] == point[1]:
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)


def _days(sections: tuple[Section, ...], calendar: Calendar) -> tuple[Day, ...]:
    """One row per local date of the present calendar's zone on which something is counted or changes."""
    days: dict[int, Day] = {}
    for piece in sorted((p for s in sections for p in s.pieces), key=lambda p: (p.start, p.end)):
        left = piece.left + piece.counted
        for start, end, day in calendar.days_between(piece.start, min(piece.end, piece.start + _IN_FULL)):
            amount = piece.calendar.elapsed(start, end) if piece.counted else 0
            left -= amount
            days[day] = _add(days.get(day), date_of(day).isoformat(), piece, amount, left)
    return tuple(days[day] for day in sorted(days))


def _add(day: Day | None, date: str, piece: Piece, amount: int, left: int) -> Day:
    before = day or Day(date, 0, 0, 0, left, ())
    note = piece.reason if piece.kind in (_PAUSES, _ENDED) else ""
    if piece.kind == "closed" and "holiday " + date in piece.reason:
        note = "holiday"
    return Day(
        date,
        before.counted + (amount if piece.kind == "counted" else 0),
        before.superseded + (amount if piece.kind == "superseded" else 0),
        before.to_come + (amount if piece.kind == "to_come" else 0),
        left,
        before.notes if not note or note in before.notes else (*before.notes, note),
    )
