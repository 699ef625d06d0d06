"""Business time (clock definition, "Business time"): which instants count, and arithmetic on them.

A calendar is compiled into the list of its open pieces in UTC with the seconds open before each (`pieces`), so
`elapsed` and `add` are two or three binary searches. Years are compiled when first asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime

from mainstay.errors import Refused

from .fields import path
from .instants import DAY, HIGHEST, LOWEST, WEEKDAYS, at, date_of, day_of, instant
from .pieces import NOTHING, Closed, Hours, Open, Piece, grown
from .zones import zone_of

__all__ = ["DAY", "WEEKDAYS", "Calendar", "at", "date_of", "day_of", "instant", "wall_clock"]

_ALL_DAY: Hours = ((0, DAY),)


class Calendar:
    """Open hours in a zone. Two calendars are equal when their content is ("calendar", by value).

    Make one with `calendars.calendar_of` (shared and kept compiled) from the dict of the case format.
    """

    def __init__(
        self, zone: str, week: tuple[Hours, ...] | None, special: dict[int, Hours], *, name: str = ""
    ) -> None:
        """`week`: seven days from Monday, or None for round the clock. `special` maps days to hours."""
        self.name = name
        self.time_zone = zone
        self.always = week is None
        self._zone = zone_of(zone, "time_zone")
        self._week = week
        self._special = special
        self.holidays: frozenset[int] = frozenset()
        self.key: tuple[object, ...] = (zone, week, tuple(sorted(special.items())))
        self._open = NOTHING
        self.nominal: dict[tuple[str, int, int], int] = {}  # seconds of "2bd" and the like from a start

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Calendar) and self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"<Calendar {self.name or self.time_zone}>"

    # Arithmetic on business time

    def elapsed(self, a: int, b: int) -> int:
        """Open seconds in [a, b); 0 when b is not after a."""
        if b <= a:
            return 0
        if self.always:
            return b - a
        low, high, starts, ends, _, shift, total, *_ = self._open
        if a < low or b >= high:
            low, high, starts, ends, _, shift, total, *_ = self._cover(a, b)
        i = bisect_right(starts, a) - 1
        j = bisect_right(starts, b, i) - 1
        return (b + shift[j] if b < ends[j] else total[j]) - (a + shift[i] if a < ends[i] else total[i])

    def add(self, start: int, seconds: int) -> int:
        """The earliest t >= start with `elapsed(start, t) == seconds`. Refused if beyond the year 3000."""
        if seconds <= 0:
            if seconds < 0:
                raise ValueError("cannot add a negative duration; see `subtract`")
            return start
        if self.always:
            return self._in_range(start + seconds)
        low, high, starts, ends, _, shift, total, *_ = self._open
        if start < low or start >= high:
            low, high, starts, ends, _, shift, total, *_ = self._cover(start, start)
        i = bisect_right(starts, start) - 1
        wanted = seconds + (start + shift[i] if start < ends[i] else total[i])
        if wanted > total[-1]:
            return self._grow_until(start, seconds).add(start, seconds)
        return wanted - shift[bisect_left(total, wanted, i)]

    def subtract(self, end: int, seconds: int) -> int:
        """The earliest t <= end with `elapsed(t, end) == seconds`: "30m before" a due instant."""
        if seconds <= 0:
            return end
        back = seconds
        while back < end - LOWEST:
            start = end - back
            if self.elapsed(start, end) > seconds:
                return self.add(start, self.elapsed(start, end) - seconds)
            back *= 2
        raise Refused(self._field, f"has fewer than {seconds} open seconds before {at(end):%Y-%m-%d}")

    def elapsed_between(self, a: datetime, b: datetime) -> int:
        """`elapsed` on aware datetimes, in seconds."""
        return self.elapsed(instant(a), instant(b))

    def add_to(self, start: datetime, seconds: int) -> datetime:
        """`add` on aware datetimes; the answer is in UTC."""
        return datetime.fromtimestamp(self.add(instant(start), seconds), UTC)

    # Questions about one instant

    def is_open(self, t: int) -> bool:
        """Whether t is business time."""
        return self.always or self._piece_at(t) is not None

    def next_open(self, t: int) -> int:
        """The first open instant >= t. Refused when the calendar never opens again before the year 3000."""
        if self.always:
            return t
        found = self._open
        if t < found.low or t >= found.high:
            found = self._cover(t, t)
        i = bisect_right(found.starts, t) - 1
        if t < found.ends[i]:
            return t
        while i + 1 == len(found.starts):
            found = self._longer(found, t)
            i = bisect_right(found.starts, t) - 1
        return found.starts[i + 1]

    def next_close(self, t: int) -> int | None:
        """The first closed instant >= t, None if ten years have none. Hours that meet do not close."""
        limit = t + 3653 * DAY
        piece = None if self.always else self._piece_at(t)
        while piece is not None and t < limit:
            t = piece.end
            piece = self._piece_at(t)
        return None if self.always or piece is not None else t

    def local(self, t: int) -> int:
        """The wall-clock reading at t, given like an instant as if the wall clock were UTC."""
        return t + self._zone.offset(t)

    def local_day(self, t: int) -> int:
        """The local date at t, in days since 1970-01-01."""
        return self.local(t) // DAY

    def first_instant(self, day: int, second: int) -> int:
        """The first instant that reads `second` after a date's midnight, or the end of the gap over it."""
        return self._zone.first(day * DAY + second)

    def day_starts(self, day: int) -> int:
        """The first instant of a local date."""
        return self.first_instant(day, 0)

    # Questions about dates

    def hours_on(self, day: int) -> Hours:
        """The wall-clock intervals of a local date."""
        if self._week is None:
            return _ALL_DAY
        hours = self._special.get(day)
        return self._week[(day + 3) % 7] if hours is None else hours

    def row(self, day: int) -> str:
        """Which line of the calendar decides a date: "Mon 09:00-17:00", "holiday 2026-12-25", ..."""
        if self._week is None:
            return "round the clock"
        if day in self.holidays:
            return f"holiday {date_of(day)}"
        words = ", ".join(f"{wall_clock(a)}-{wall_clock(b)}" for a, b in self.hours_on(day)) or "closed"
        if day in self._special:
            return f"special {date_of(day)} {words}"
        weekday = WEEKDAYS[(day + 3) % 7].capitalize()
        return f"{weekday} {words}" if words != "closed" else f"no row {weekday}"

    def why_closed(self, day: int) -> str:
        """Why time outside the hours of a date does not count."""
        if day in self.holidays:
            return "holiday"
        if day in self._special and not self._special[day]:
            return "special"
        if not self.hours_on(day):
            return "weekend" if (day + 3) % 7 >= 5 else "no row"
        return "outside hours"

    def open_day_after(self, day: int, number: int) -> int:
        """The number-th local date after `day` that has any open time (real instants)."""
        if self.always:
            return self._day_after(day, number)
        t = day * DAY
        found = self._cover(t, t)
        while (i := bisect_right(found.dates, day) + number - 1) >= len(found.dates):
            found = self._longer(found, t)
        return found.dates[i]

    def _day_after(self, day: int, number: int) -> int:
        """The same round the clock: every date counts, but for one that a zone has left out."""
        for _ in range(number):
            day = self.local_day(self._zone.first((day + 1) * DAY))
        return day

    def same_time_after(self, opens: int, number: int) -> int:
        """The reading of an open instant on the number-th later date with open time, moved to an opening."""
        reading = opens + self._zone.offset(opens)
        day = self.open_day_after(reading // DAY, number)
        return self.next_open(self._zone.first(day * DAY + reading % DAY))

    def business_days(self, start: int, number: int) -> int:
        """Open seconds from `start` to the same reading `number` open dates later (the target "2bd").

        Nearly always both readings have one UTC offset and the later one is open: one search finds it. All
        else, a change of the clocks, a reading that is closed, takes the definition's own way.
        """
        found = self._open
        if found.low <= start < found.high:
            starts, ends, shift, offset, first = (
                found.starts,
                found.ends,
                found.shift,
                found.offset,
                found.first,
            )
            i = bisect_right(starts, start) - 1
            if start >= ends[i]:
                i += 1
                start = starts[i] if i < len(starts) else start
            later = found.nth[i] + number if 0 < i < len(starts) else len(found.dates)
            if later < len(found.dates):
                j, stop, away = first[later], first[later + 1], offset[i]
                if away is not None and offset[j] == away:
                    then = start + (found.dates[later] - found.days[i]) * DAY
                    while then >= ends[j] and j + 1 < stop:
                        j += 1
                    if starts[j] <= then < ends[j] and offset[j] == away:
                        return then + shift[j] - start - shift[i]
        opens = self.next_open(start)
        return self.elapsed(opens, self.same_time_after(opens, number))

    def last_close(self, day: int) -> int:
        """The close of the last interval of a local date that has open time."""
        begin = self.day_starts(day)
        return max(p.end for p in self.intervals(begin - DAY, begin + 3 * DAY) if p.day == day)

    def intervals(self, a: int, b: int) -> list[Piece]:
        """The open pieces within [a, b), each with its local date, cut at a and b and at local midnights."""
        if b <= a:
            return []
        if self.always:
            return [Piece(s, e, day) for s, e, day in self.days_between(a, b)]
        found = self._cover(a, b)
        i = max(bisect_right(found.starts, a) - 1, 0)
        pieces = []
        while i < len(found.starts) and found.starts[i] < b:
            start, end = max(found.starts[i], a), min(found.ends[i], b)
            if start < end:
                pieces.append(Piece(start, end, found.days[i]))
            i += 1
        return pieces

    def closures(self, a: int, b: int) -> list[Closed]:
        """The closed stretches within [a, b), cut at local midnights, each with its reason."""
        gaps, cursor = [], a
        for piece in [*self.intervals(a, b), Piece(b, b, 0)]:
            if piece.start > cursor:
                gaps.append((cursor, piece.start))
            cursor = piece.end
        return [
            Closed(start, end, day, self.why_closed(day))
            for gap_start, gap_end in gaps
            for start, end, day in self.days_between(gap_start, gap_end)
        ]

    # Compiling

    @property
    def _field(self) -> str:
        return path("calendars", self.name) if self.name else "calendar"

    def days_between(self, a: int, b: int) -> list[tuple[int, int, int]]:
        """[a, b) cut wherever the local date changes."""
        cuts: list[tuple[int, int, int]] = []
        for start, end, offset in self._zone.stretches(a, b):
            while start < end:
                day = (start + offset) // DAY
                stop = min((day + 1) * DAY - offset, end)
                if cuts and cuts[-1][2] == day:
                    cuts[-1] = (cuts[-1][0], stop, day)
                else:
                    cuts.append((start, stop, day))
                start = stop
        return cuts

    def _piece_at(self, t: int) -> Piece | None:
        found = self._cover(t, t)
        i = bisect_right(found.starts, t) - 1
        return Piece(found.starts[i], found.ends[i], found.days[i]) if t < found.ends[i] else None

    def _grow_until(self, start: int, seconds: int) -> Calendar:
        """Compile as far as `seconds` after start reach, in doubling steps; never beyond the year 3000."""
        while True:
            high = self._open.high
            if high >= HIGHEST:
                raise Refused(
                    self._field, f"{seconds} open seconds after {at(start):%Y-%m-%d} lie beyond the year 3000"
                )
            found = self._longer(self._open, start)
            if found.total[-1] - self._count(found, start) >= seconds:
                return self

    @staticmethod
    def _count(found: Open, t: int) -> int:
        i = bisect_right(found.starts, t) - 1
        return t + found.shift[i] if t < found.ends[i] else found.total[i]

    def _longer(self, found: Open, t: int) -> Open:
        """Twice as many years compiled; the search for an opening after t is refused at the year 3000."""
        if found.high >= HIGHEST:
            raise Refused(self._field, f"does not open after {at(t):%Y-%m-%d} before the year 3000")
        return self._cover(t, min(2 * found.high - found.low, HIGHEST) - 1)

    @staticmethod
    def _in_range(t: int) -> int:
        if t > HIGHEST:
            raise Refused("target", "is due beyond the year 3000")
        return t

    def _cover(self, a: int, b: int) -> Open:
        """The compiled pieces with at least [a, b] inside, compiling whole years that are missing."""
        found = self._open
        if a < found.low or b >= found.high:
            if a < LOWEST or b > HIGHEST:
                raise Refused(self._field, "can only be read from the year 1600 to the year 3000")
            found = self._open = grown(found, a, b, zone=self._zone, hours_on=self.hours_on)
        return found


def wall_clock(second: int) -> str:
    """A second of a day as it is read: "09:00"."""
    return f"{second // 3600:02}:{second % 3600 // 60:02}"
