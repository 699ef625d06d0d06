"""Several calendars as one: any of them open, all of them, one without others, and weekly spans across zones.

In one zone it is done date by date on wall-clock hours, exact for ever. Across zones it is done on instants, for the
years asked for, and written as one calendar in UTC: its week, and as special dates those that differ from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mainstay.errors import Refused
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import DAY, WEEKDAYS, Calendar, date_of, day_of

Interval = tuple[int, int]
END = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d\d:\d\d) (\S+)", re.ASCII | re.IGNORECASE)


def combined(
    kind: str, members: Sequence[Mapping[str, Any]], years: tuple[int, int], field: str
) -> dict[str, Any]:
    """Calendars of the case format as one: any of them open, all of them, or the first without the others."""
    zones = {str(member["time_zone"]) for member in members if not member.get("always")}
    first, last = day_of(date(years[0], 1, 1)), day_of(date(years[1], 12, 31))
    if len(zones) <= 1:
        zone = zones.pop() if zones else str(members[0]["time_zone"])
        opened = [calendar_of({**member, "time_zone": zone}) for member in members]
        days = {
            day: _joined(kind, [_by_minute(one, day) for one in opened]) for day in range(first, last + 1)
        }
        return _written(zone, days, field)
    pieces = [_pieces(calendar_of(dict(member)), first * DAY, (last + 1) * DAY) for member in members]
    return _written("UTC", _cut(_joined(kind, pieces), first, last), field)


def _by_minute(calendar: Calendar, day: int) -> list[Interval]:
    return list(calendar.hours_on(day))


def _pieces(calendar: Calendar, low: int, high: int) -> list[Interval]:
    return [(piece.start, piece.end) for piece in calendar.intervals(low, high)]


def _joined(kind: str, members: Sequence[list[Interval]]) -> list[Interval]:
    found = _union(members[0])
    for other in members[1:]:
        if kind == "any":
            found = _union([*found, *other])
        elif kind == "all":
            found = _without(found, _without([(_LOW, _HIGH)], _union(other)))
        else:
            found = _without(found, _union(other))
    return found


_LOW, _HIGH = -(10**15), 10**15


def _union(intervals: Sequence[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(left: Sequence[Interval], right: Sequence[Interval]) -> list[Interval]:
    """What of `left` no interval of `right` has; both sorted and apart."""
    found: list[Interval] = []
    k = 0
    for start, end in left:
        while k < len(right) and right[k][1] <= start:
            k += 1
        j = k
        while j < len(right) and right[j][0] < end:
            if right[j][0] > start:
                found.append((start, right[j][0]))
            start = max(start, right[j][1])
            j += 1
        if start < end:
            found.append((start, end))
    return found


def _cut(pieces: Sequence[Interval], first: int, last: int) -> dict[int, list[Interval]]:
    """Instants as seconds of UTC dates."""
    days: dict[int, list[Interval]] = {day: [] for day in range(first, last + 1)}
    for start, end in pieces:
        while start < end:
            day = start // DAY
            stop = min(end, (day + 1) * DAY)
            if first <= day <= last:
                days[day].append((start - day * DAY, stop - day * DAY))
            start = stop
    return days


def _written(zone: str, days: Mapping[int, Sequence[Interval]], field: str) -> dict[str, Any]:
    """Open seconds by date as a week and the dates that differ from it."""
    usual: dict[int, tuple[Interval, ...]] = {}
    for weekday in range(7):
        met = Counter(tuple(hours) for day, hours in days.items() if (day + 3) % 7 == weekday)
        usual[weekday] = met.most_common(1)[0][0]
    if not any(days.values()):
        raise Refused(field, "never opens: its parts have no open time in common")
    if not any(usual.values()):  # open on few dates only: a week has to open at least once
        day = next(day for day, hours in days.items() if hours)
        usual[(day + 3) % 7] = tuple(days[day])
    if all(hours == ((0, DAY),) for hours in usual.values()) and all(
        tuple(hours) == ((0, DAY),) for hours in days.values()
    ):
        return {"time_zone": zone, "always": True}
    special = {
        date_of(day).isoformat(): _clocked(hours)
        for day, hours in days.items()
        if tuple(hours) != usual[(day + 3) % 7]
    }
    week = {WEEKDAYS[weekday]: _clocked(hours) for weekday, hours in usual.items() if hours}
    made: dict[str, Any] = {"time_zone": zone, "week": week, "holidays": []}
    return {**made, "special": special} if special else made


def _clocked(hours: Sequence[Interval]) -> list[list[str]]:
    if any(second % 60 for interval in hours for second in interval):
        raise Refused("calendars", "cannot be combined to the minute in years with odd offsets from UTC")
    return [[_time(start), _time(end)] for start, end in hours]


def _time(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"


def minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


# ---- spans


def spanned(spans: Sequence[Mapping[str, str]], customer: str, years: tuple[int, int]) -> dict[str, Any]:
    """Weekly intervals as one calendar, in their own zone where all ends have the same, else in UTC."""
    ends = [tuple(_read_end(span[side], customer) for side in ("from", "until")) for span in spans]
    zones = {zone for pair in ends for _, _, zone in pair}
    if len(zones) == 1:
        week = _in_week([((a[0] * 1440 + a[1]), (b[0] * 1440 + b[1])) for a, b in ends])
        (zone,) = zones
        if all(week.get(day) == [["00:00", "24:00"]] for day in WEEKDAYS):
            return {"time_zone": zone, "always": True}
        return {"time_zone": zone, "week": week, "holidays": []}
    first, last = day_of(date(years[0], 1, 1)), day_of(date(years[1], 12, 31))
    pieces = [piece for a, b in ends for piece in _met(a, b, first - 14, last + 14)]
    return _written("UTC", _cut(_union(pieces), first, last), "calendars")


_End = tuple[int, int, str]


def _read_end(text: str, customer: str) -> _End:
    """(weekday from Monday, minutes after midnight, zone)."""
    found = END.fullmatch(text)
    assert found is not None
    return (
        WEEKDAYS.index(found[1].lower()),
        minutes(found[2]),
        customer if found[3] == "customer" else found[3],
    )


def _in_week(spans: Sequence[Interval]) -> dict[str, list[list[str]]]:
    """Spans in minutes of the week as hours of its days; one that ends before it starts runs over Sunday."""
    found: list[list[Interval]] = [[] for _ in WEEKDAYS]
    for start, end in spans:
        end = end if end > start else end + 7 * 1440
        while start < end:
            day = start // 1440
            stop = min(end, (day + 1) * 1440)
            found[day % 7].append(((start - day * 1440) * 60, (stop - day * 1440) * 60))
            start = stop
    return {WEEKDAYS[i]: _clocked(_union(hours)) for i, hours in enumerate(found) if hours}


def _met(begins: _End, ends: _End, first: int, last: int) -> list[Interval]:
    """The span of each week: from the instant that reads `begins` to the next one that reads `ends`."""
    here, there = (Calendar(zone, None, {}) for zone in (begins[2], ends[2]))
    found = []
    for day in range(first, last + 1):
        if (day + 3) % 7 != begins[0]:
            continue
        start = here.first_instant(day, begins[1] * 60)
        other = there.local_day(start)
        other += (ends[0] - (other + 3)) % 7
        end = there.first_instant(other, ends[1] * 60)
        found.append((start, end if end > start else there.first_instant(other + 7, ends[1] * 60)))
    return found
