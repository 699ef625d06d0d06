"""The open pieces of a calendar between two instants, compiled out of its zone and its hours on each date.

An instant is open exactly when its local wall-clock reading lies in an interval of its local date. Compiling
therefore walks stretches of one UTC offset: an hour that happens twice is met twice, a missing hour never.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from .instants import DAY, HIGHEST, date_of, day_of
from .zones import Zone

Hours = tuple[tuple[int, int], ...]
"""Open intervals of one date: (start, end) in seconds after its midnight, sorted, not overlapping."""


class Piece(NamedTuple):
    """A stretch of open time within one local date: [start, end) in UTC seconds."""

    start: int
    end: int
    day: int  # the local date, in days since 1970-01-01


class Closed(NamedTuple):
    """A stretch of closed time within one local date, and why (see `Calendar.why_closed`)."""

    start: int
    end: int
    day: int
    reason: str


class Open(NamedTuple):
    """The compiled pieces of [low, high). Replaced as a whole when it grows, so threads need no lock."""

    low: int
    high: int
    starts: list[int]
    ends: list[int]
    days: list[int]
    # open seconds before piece i, less its start: inside it, `t + shift[i]` is the count at t
    shift: list[int]
    total: list[int]  # open seconds up to the end of piece i
    dates: list[int]  # the local dates that have any open time
    nth: list[int]  # which of `dates` piece i is on
    first: list[int]  # the first piece of each of `dates`, and one past the last piece
    offset: list[int | None]  # seconds that local time is ahead of UTC in piece i; None if that changes in it


NOTHING = Open(0, 0, [], [], [], [], [], [], [], [], [])


def grown(found: Open, a: int, b: int, *, zone: Zone, hours_on: Callable[[int], Hours]) -> Open:
    """What was found, with the whole years that [a, b] lacks compiled."""
    low, high = _year_start(a, 0), _year_start(b, 1)
    if not found.starts:
        return _summed(low, high, _compiled(zone, hours_on, low, high), zone)
    low, high = min(low, found.low), max(high, found.high)
    known = [Piece(*p) for p in zip(found.starts[1:], found.ends[1:], found.days[1:], strict=True)]
    before = _compiled(zone, hours_on, low, found.low) if low < found.low else []
    after = _compiled(zone, hours_on, found.high, high) if high > found.high else []
    return _summed(low, high, _joined(_joined(before, known), after), zone)


def _compiled(zone: Zone, hours_on: Callable[[int], Hours], low: int, high: int) -> list[Piece]:
    pieces: list[Piece] = []
    for start, end, offset in zone.stretches(low, high):
        stretch = []
        for day in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
            midnight = day * DAY - offset
            for opens, closes in hours_on(day):
                a, b = midnight + opens, midnight + closes
                if a < start:
                    a = start
                if b > end:
                    b = end
                if a < b:
                    stretch.append(Piece(a, b, day))
        pieces = _joined(pieces, stretch)
    return pieces


def _summed(low: int, high: int, pieces: list[Piece], zone: Zone) -> Open:
    # An empty piece in front, so that every instant in range has a piece at or before it.
    pieces = [Piece(low, low, low // DAY - 2), *pieces]
    shift, total, count = [], [], 0
    for start, end, _ in pieces:
        shift.append(count - start)
        count += end - start
        total.append(count)
    starts, ends, days = [p.start for p in pieces], [p.end for p in pieces], [p.day for p in pieces]
    dates = sorted(set(days[1:]))
    place = {day: k for k, day in enumerate(dates)}
    met: dict[int, int] = {}
    for i, day in enumerate(days[1:], start=1):
        met.setdefault(day, i)
    nth = [place.get(day, -1) for day in days]
    first = [*(met[day] for day in dates), len(days)]
    return Open(low, high, starts, ends, days, shift, total, dates, nth, first, _offsets(pieces, zone))


def _offsets(pieces: list[Piece], zone: Zone) -> list[int | None]:
    """The one UTC offset of each piece; None where the clocks change in it."""
    at_start = [zone.offset(piece.start) for piece in pieces]
    at_end = [zone.offset(piece.end - 1) for piece in pieces]
    return [a if a == b else None for a, b in zip(at_start, at_end, strict=True)]


def _joined(left: list[Piece], right: list[Piece]) -> list[Piece]:
    """Two lists one after the other; a piece that was only cut between them becomes one again."""
    if left and right and left[-1].end == right[0].start and left[-1].day == right[0].day:
        return [*left[:-1], Piece(left[-1].start, right[0].end, left[-1].day), *right[1:]]
    return left + right


def _year_start(t: int, later: int) -> int:
    return min(HIGHEST, day_of(date(date_of(t // DAY).year + later, 1, 1)) * DAY)
