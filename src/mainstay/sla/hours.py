"""Business time (clock definition, "Business time"): which instants count, and arithmetic on them.

Instants are whole seconds since 1970-01-01T00:00:00Z (`int`); `at` and `instant` turn them into aware UTC
datetimes and back. A calendar is compiled into the list of its open pieces in UTC with the seconds open
before each, so `elapsed` and `add` are two or three binary searches. Years are compiled when first asked for.

An instant is open exactly when its local wall-clock reading lies in an interval of its local date. Compiling
therefore walks stretches of one UTC offset: an hour that happens twice is met twice, a missing hour never.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mainstay.errors import Refused

from .fields import entries, flag, path, shown

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
# How far calendars can be read. A search for open time ends here: whatever the hours, within a few seconds.
LOWEST = (date(1600, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY
HIGHEST = (date(3000, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY

Hours = tuple[tuple[int, int], ...]
"""Open intervals of one date: (start, end) in seconds after its midnight, sorted, not overlapping."""

_ALL_DAY: Hours = ((0, DAY),)
_MARGIN = 400 * DAY


def instant(moment: datetime) -> int:
    """The instant of an aware datetime; fractions of a second are cut ("Instants are whole seconds")."""
    since = moment - _EPOCH  # a TypeError when it is naive
    return since.days * DAY + since.seconds


def at(seconds: int) -> datetime:
    """The instant as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def day_of(day: date) -> int:
    """Days since 1970-01-01, the key that dates have in here."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


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


class _Open(NamedTuple):
    """The compiled pieces of [low, high). Replaced as a whole when it grows, so threads need no lock."""

    low: int
    high: int
    starts: list[int]
    ends: list[int]
    days: list[int]
    shift: list[
        int
    ]  # open seconds before piece i, less its start: inside it, `t + shift[i]` is the count at t
    total: list[int]  # open seconds up to the end of piece i
    dates: list[int]  # the local dates that have any open time
    nth: list[int]  # which of `dates` piece i is on
    first: list[int]  # the first piece of each of `dates`, and one past the last piece
    offset: list[int | None]  # seconds that local time is ahead of UTC in piece i; None if that changes in it


class _Zone:
    """The UTC offsets of a zone as stretches, found by looking at each day and halving where they differ."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._info = ZoneInfo(name)
        # (low, high, starts, offsets) of what was looked at, replaced as a whole, so threads need no lock.
        self._known: tuple[int, int, list[int], list[int]] = (LOWEST, LOWEST, [], [])

    def stretches(self, low: int, high: int) -> list[tuple[int, int, int]]:
        """(start, end, offset in seconds) of each stretch of one offset within [low, high)."""
        _, _, starts, offsets = self._cover(low, high)
        found = []
        i = bisect_right(starts, low) - 1
        while i < len(starts) and starts[i] < high:
            end = starts[i + 1] if i + 1 < len(starts) else high
            found.append((max(starts[i], low), min(end, high), offsets[i]))
            i += 1
        return found

    def offset(self, t: int) -> int:
        """Seconds that local time is ahead of UTC at t."""
        low, high, starts, offsets = self._known
        if t < low or t >= high:
            _, _, starts, offsets = self._cover(t, t + 1)
        return offsets[bisect_right(starts, t) - 1]

    def first(self, reading: int) -> int:
        """The first instant with this wall-clock reading, or the end of the gap that swallowed it.

        A reading is given like an instant, as if the wall clock were UTC.
        """
        low, high, starts, offsets = self._known
        if low <= reading - 2 * DAY and reading + 2 * DAY <= high:
            i = bisect_right(starts, reading - 2 * DAY)
            if i == len(starts) or starts[i] > reading + 2 * DAY:  # no change of the clocks near
                return reading - offsets[i - 1]
        around = self.stretches(max(reading - 2 * DAY, LOWEST), min(reading + 2 * DAY, HIGHEST))
        for start, end, offset in around:
            if start <= reading - offset < end:
                return reading - offset
        return next(start for start, _, offset in around if start + offset > reading)

    def _cover(self, low: int, high: int) -> tuple[int, int, list[int], list[int]]:
        known = self._known
        if low < known[0] or high > known[1]:
            known = self._known = self._grown(known, max(LOWEST, low - _MARGIN), min(HIGHEST, high + _MARGIN))
        return known

    def _grown(
        self, known: tuple[int, int, list[int], list[int]], low: int, high: int
    ) -> tuple[int, int, list[int], list[int]]:
        known_low, known_high, starts, offsets = known
        if not starts:
            return (low, high, *self._scan(low, high))
        if low < known_low:
            earlier, before = self._scan(low, known_low)
            # The last stretch reaches over the old edge: the first one known began with it.
            starts, offsets, known_low = earlier + starts[1:], before + offsets[1:], low
        if high > known_high:
            later, after = self._scan(known_high, high)
            starts, offsets, known_high = starts + later[1:], offsets + after[1:], high
        return known_low, known_high, starts, offsets

    def _scan(self, low: int, high: int) -> tuple[list[int], list[int]]:
        starts, offsets = [low], [self._look(low)]
        for t in range(low, high, DAY):
            after = min(t + DAY, high)
            offset = self._look(after)
            if offset != offsets[-1]:
                starts.append(self._change(t, after, offset))
                offsets.append(offset)
        return starts, offsets

    def _change(self, before: int, after: int, offset: int) -> int:
        """The first instant in (before, after] from which `offset` holds."""
        while after - before > 1:
            middle = (before + after) // 2
            if self._look(middle) == offset:
                after = middle
            else:
                before = middle
        return after

    def _look(self, t: int) -> int:
        away = datetime.fromtimestamp(t, self._info).utcoffset()
        assert away is not None
        return away.days * DAY + away.seconds


_zones: dict[str, _Zone] = {}


def _zone(name: object, field: str) -> _Zone:
    if not isinstance(name, str) or not name:
        raise Refused(field, "must be the name of an IANA time zone, such as Australia/Sydney")
    known = _zones.get(name)
    if known is None:
        known = _zones[name] = _load_zone(name, field)
    return known


def _load_zone(name: str, field: str) -> _Zone:
    # These lie beside the zones on some machines, but are not names in the IANA list.
    if name.startswith(("posix/", "right/")) or name in ("localtime", "posixrules", "Factory"):
        raise Refused(field, f"unknown time zone {shown(name)}")
    try:
        return _Zone(name)
    except (KeyError, ValueError, OSError) as error:
        raise Refused(field, f"unknown time zone {shown(name)}") from error


class Calendar:
    """Open hours in a zone. Two calendars are equal when their content is ("calendar", by value).

    Make one with `calendar_of` (shared and kept compiled) from the dict of the case format.
    """

    def __init__(
        self, zone: str, week: tuple[Hours, ...] | None, special: dict[int, Hours], *, name: str = ""
    ) -> None:
        """`week`: seven days from Monday, or None for round the clock. `special` maps days to hours."""
        self.name = name
        self.time_zone = zone
        self.always = week is None
        self._zone = _zone(zone, "time_zone")
        self._week = week
        self._special = special
        self.holidays: frozenset[int] = frozenset()
        self.key: tuple[object, ...] = (zone, week, tuple(sorted(special.items())))
        self._open = _Open(0, 0, [], [], [], [], [], [], [], [], [])
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
        words = ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in self.hours_on(day)) or "closed"
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
    def _count(found: _Open, t: int) -> int:
        i = bisect_right(found.starts, t) - 1
        return t + found.shift[i] if t < found.ends[i] else found.total[i]

    def _longer(self, found: _Open, t: int) -> _Open:
        """Twice as many years compiled; the search for an opening after t is refused at the year 3000."""
        if found.high >= HIGHEST:
            raise Refused(self._field, f"does not open after {at(t):%Y-%m-%d} before the year 3000")
        return self._cover(t, min(2 * found.high - found.low, HIGHEST) - 1)

    @staticmethod
    def _in_range(t: int) -> int:
        if t > HIGHEST:
            raise Refused("target", "is due beyond the year 3000")
        return t

    def _cover(self, a: int, b: int) -> _Open:
        """The compiled pieces with at least [a, b] inside, compiling whole years that are missing."""
        found = self._open
        if a < found.low or b >= found.high:
            if a < LOWEST or b > HIGHEST:
                raise Refused(self._field, "can only be read from the year 1600 to the year 3000")
            found = self._open = self._grown(found, a, b)
        return found

    def _grown(self, found: _Open, a: int, b: int) -> _Open:
        low, high = _year_start(a, 0), _year_start(b, 1)
        if not found.starts:
            pieces = self._compile(low, high)
            # An empty piece in front, so that every instant in range has a piece at or before it.
            return self._summed(low, high, [Piece(low, low, low // DAY - 2), *pieces])
        low, high = min(low, found.low), max(high, found.high)
        known = [Piece(*p) for p in zip(found.starts[1:], found.ends[1:], found.days[1:], strict=True)]
        before = self._compile(low, found.low) if low < found.low else []
        after = self._compile(found.high, high) if high > found.high else []
        pieces = _joined(_joined(before, known), after)
        return self._summed(low, high, [Piece(low, low, low // DAY - 2), *pieces])

    def _compile(self, low: int, high: int) -> list[Piece]:
        pieces: list[Piece] = []
        hours_on = self.hours_on
        for start, end, offset in self._zone.stretches(low, high):
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

    def _summed(self, low: int, high: int, pieces: list[Piece]) -> _Open:
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
        return _Open(low, high, starts, ends, days, shift, total, dates, nth, first, self._offsets(pieces))

    def _offsets(self, pieces: list[Piece]) -> list[int | None]:
        """The one UTC offset of each piece; None where the clocks change in it."""
        at_start = [self._zone.offset(piece.start) for piece in pieces]
        at_end = [self._zone.offset(piece.end - 1) for piece in pieces]
        return [a if a == b else None for a, b in zip(at_start, at_end, strict=True)]


def _joined(left: list[Piece], right: list[Piece]) -> list[Piece]:
    """Two lists one after the other; a piece that was only cut between them becomes one again."""
    if left and right and left[-1].end == right[0].start and left[-1].day == right[0].day:
        return [*left[:-1], Piece(left[-1].start, right[0].end, left[-1].day), *right[1:]]
    return left + right


def _year_start(t: int, later: int) -> int:
    return min(HIGHEST, day_of(date(date_of(t // DAY).year + later, 1, 1)) * DAY)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"


# Reading a calendar from the case format

_kept: dict[tuple[object, ...], Calendar] = {}


def calendar_of(document: object, *, name: str = "", field: str = "") -> Calendar:
    """The calendar that a dict of the case format describes; one object for one content and name.

    Raises Refused with the path of the wrong field: overlapping hours, an unknown zone, a week that never
    opens, `always` beside `week`, `holidays` or `special`, anything unknown.
    """
    field = field or (path("calendars", name) if name else "calendar")
    given = entries(document, field, {"time_zone"}, {"always", "week", "holidays", "special"})
    zone = _zone(given["time_zone"], f"{field}.time_zone").name
    always = flag(given.get("always", False), f"{field}.always")
    holidays: frozenset[int] = frozenset()
    special: dict[int, Hours] = {}
    week: tuple[Hours, ...] | None = None
    if always:
        _refuse_beside_always(given, field)
    else:
        week = _week(given, f"{field}.week")
        listed = _holidays(given.get("holidays", []), f"{field}.holidays")
        special = _special(given.get("special", {}), f"{field}.special")
        holidays = frozenset(day for day in listed if day not in special)
        special |= dict.fromkeys(holidays, ())
    return _keep(zone, week, special, holidays, name)


def _keep(
    zone: str, week: tuple[Hours, ...] | None, special: dict[int, Hours], holidays: frozenset[int], name: str
) -> Calendar:
    made = Calendar(zone, week, special, name=name)
    made.holidays = holidays
    kept = _kept.get((name, made.key, holidays))
    if kept is None:
        if len(_kept) >= 4096:  # a long-lived process that meets ever new calendars must not grow for ever
            _kept.clear()
        kept = _kept[(name, made.key, holidays)] = made
    return kept


def _refuse_beside_always(given: dict[str, Any], field: str) -> None:
    for key in ("week", "holidays", "special"):
        if key in given:
            raise Refused(f"{field}.{key}", "cannot stand beside always: true")


def _week(given: dict[str, Any], field: str) -> tuple[Hours, ...]:
    if "week" not in given:
        raise Refused(field, "is missing; a calendar has either always: true or a week")
    week = entries(given["week"], field, set(), set(WEEKDAYS))
    days = tuple(_intervals(week.get(day, []), f"{field}.{day}") for day in WEEKDAYS)
    if not any(days):
        raise Refused(field, "must open at least once")
    return days


def _holidays(listed: object, field: str) -> list[int]:
    if not isinstance(listed, list):
        raise Refused(field, "must be a list of dates")
    return [_date(text, f"{field}[{i}]") for i, text in enumerate(listed)]


def _special(listed: object, field: str) -> dict[int, Hours]:
    if not isinstance(listed, dict):
        raise Refused(field, "must map dates to lists of intervals")
    return {
        _date(day, path(field, day)): _intervals(hours, path(field, day)) for day, hours in listed.items()
    }


def _date(text: object, field: str) -> int:
    if isinstance(text, str) and len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
        try:
            return day_of(date.fromisoformat(text))
        except ValueError:
            pass
    raise Refused(field, f"must be a date such as 2026-12-25, not {shown(text)}")


def _intervals(listed: object, field: str) -> Hours:
    if not isinstance(listed, list):
        raise Refused(field, 'must be a list of intervals such as ["09:00", "17:00"]')
    hours = sorted(_interval(pair, f"{field}[{i}]") for i, pair in enumerate(listed))
    for (_, end), (start, _) in pairwise(hours):
        if start < end:
            raise Refused(
                field, f"overlapping hours: an interval starts at {_clock(start)} before {_clock(end)}"
            )
    return tuple(hours)


def _interval(pair: object, field: str) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise Refused(field, 'must be a pair such as ["09:00", "17:00"]')
    start, end = _time(pair[0], f"{field}[0]", last=False), _time(pair[1], f"{field}[1]", last=True)
    if start >= end:
        raise Refused(field, f"must end after it starts; {_clock(start)} is not before {_clock(end)}")
    return start, end


def _time(text: object, field: str, *, last: bool) -> int:
    if isinstance(text, str) and len(text) == 5 and text[2] == ":" and text.isascii():
        hour, minute = text[:2], text[3:]
        if hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60:
            return int(hour) * 3600 + int(minute) * 60
        if last and text == "24:00":
            return DAY
    raise Refused(
        field, f"must be a time such as 09:00{' (24:00 at the latest)' if last else ''}, not {shown(text)}"
    )
