"""Calendars of a policy: what they may say, and compiling them to the case format for given years.

A calendar is a week in a zone with closed days; round the clock (`always`); weekly spans whose ends may lie in
different zones; a combination of others (`any`, `all`, `except`); or a choice by the ticket's facts (`choose`).
What combines zones becomes one calendar in UTC: its week, and as special dates those that differ from it. It is
exact to the minute within the years compiled.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy.closed_days import Where, closed_days, holidays_shape, place, public_holidays
from mainstay.policy.conditions import CONDITIONS, Facts, check_when, holds, weight
from mainstay.policy.shapes import Problems, each, record, text
from mainstay.sla.fields import path, shown
from mainstay.sla.hours import DAY, WEEKDAYS, Calendar, calendar_of, date_of, day_of

__all__ = ["Where", "calendar_shape", "compiled", "hours_problems", "place", "public_holidays"]
KINDS = ("week", "always", "span", "any", "all", "except", "choose")
CUSTOMER = "customer"
Interval = tuple[int, int]
_END = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d\d:\d\d) (\S+)", re.ASCII | re.IGNORECASE)
_YEARLY = re.compile(r"\d\d-\d\d", re.ASCII)


class Around(NamedTuple):
    """What calendars are compiled for: the customer's zone and place, the years, the ticket's facts."""

    zone: str
    where: Where
    years: tuple[int, int]
    facts: Facts


# ---- reading


def hours_problems(value: Any, field: str) -> Problems:
    """Business hours: a week that opens at least once, and which holidays are closed."""
    yield from record(
        {"week": _any, "holidays": holidays_shape},
        {"time_zone": _zone, "special": _special_shape},
    )(value, field)
    if isinstance(value, dict) and "week" in value:
        yield from _week_problems(value["week"], f"{field}.week")


def calendar_shape(value: Any, field: str) -> Problems:
    """What one calendar of a policy must look like."""
    kinds = [kind for kind in KINDS if isinstance(value, dict) and kind in value]
    if len(kinds) != 1:
        yield Refused(field, f"must be an object with just one of {', '.join(KINDS)}")
        return
    (kind,) = kinds
    if kind == "week":
        optional = {"holidays": holidays_shape, "special": _special_shape, "words": text(300)}
        yield from record({"time_zone": _zone, "week": _any}, optional)(value, field)
        yield from _week_problems(value["week"], f"{field}.week")
        return
    shape = {
        "always": _true, "span": each(_span_shape, least=1), "choose": each(_choice_shape, least=1),
    }.get(kind, each(text(60), least=2))  # fmt: skip
    beside = {"time_zone": _zone, "words": text(300)} if kind == "always" else {"words": text(300)}
    yield from record({kind: shape}, beside)(value, field)


def _any(value: Any, field: str) -> Problems:
    return iter(())


def _true(value: Any, field: str) -> Problems:
    if value is not True:
        yield Refused(field, f"must be true, not {shown(value)}")


def _zone(value: Any, field: str) -> Problems:
    if value != CUSTOMER:
        try:
            calendar_of({"time_zone": value, "always": True}, field="zone")
        except Refused as refused:
            yield Refused(field, f'{refused.message}, or "customer"')


def _week_problems(week: Any, field: str) -> Problems:
    if not isinstance(week, dict) or not any(week.get(day) for day in WEEKDAYS):
        yield Refused(field, 'opens at no time; give hours such as {"mon": [["09:00", "17:00"]]}')
        return
    try:
        calendar_of({"time_zone": "UTC", "week": week}, field=field.removesuffix(".week"))
    except Refused as refused:
        yield refused


def _special_shape(value: Any, field: str) -> Problems:
    if not isinstance(value, dict):
        yield Refused(field, "must map dates to lists of intervals")
        return
    for day, hours in value.items():
        dated = f"2024-{day}" if _YEARLY.fullmatch(str(day)) else day
        try:
            calendar_of(
                {"time_zone": "UTC", "week": {"mon": [["00:00", "24:00"]]}, "special": {dated: hours}}
            )
        except Refused as refused:
            yield Refused(path(field, str(day)), refused.message)


def _span_shape(value: Any, field: str) -> Problems:
    yield from record({"from": _end_shape, "until": _end_shape})(value, field)


def _end_shape(value: Any, field: str) -> Problems:
    found = _END.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        yield Refused(field, f'must be such as "Fri 17:00 America/Los_Angeles", not {shown(value)}')
        return
    if _minutes(found[2]) > 24 * 60 or found[2][3:] > "59":
        yield Refused(field, f"{found[2]} is no time of day")
    yield from _zone(found[3], field)


def _choice_shape(value: Any, field: str) -> Problems:
    known = [name for name in CONDITIONS if name != "received"]
    when = lambda asked, where: check_when(asked, where, known=known)  # noqa: E731
    yield from record({"calendar": text(60)}, {"when": when})(value, field)


# ---- compiling


def compiled(name: str, defined: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """The calendar of that name in the case format. `defined` has every calendar by name, "business" and "always"
    among them. Raises `Refused` for a name that is not there, a circle, or hours that never open."""
    return _compiled(name, defined, around, ())


def _compiled(
    name: str, defined: Mapping[str, Any], around: Around, within: tuple[str, ...]
) -> dict[str, Any]:
    field = path("calendars", within[0] if within else name)
    if name in within:
        raise Refused(field, f"refers to itself: {' -> '.join((*within, name))}")
    if name not in defined:
        raise Refused(field, f"names the calendar {shown(name)}; there are {', '.join(sorted(defined))}")
    says = defined[name]
    if "week" in says:
        return simple(says, around)
    if "always" in says:
        return {"time_zone": _in_zone(says.get("time_zone", CUSTOMER), around), "always": True}
    if "span" in says:
        return _spans(says["span"], around)
    if "choose" in says:
        return _compiled(chosen(says["choose"], around.facts, field), defined, around, (*within, name))
    kind = next(kind for kind in ("any", "all", "except") if kind in says)
    members = [_compiled(one, defined, around, (*within, name)) for one in says[kind]]
    return combined(kind, members, around.years, field)


def chosen(rows: Sequence[Mapping[str, Any]], facts: Facts, field: str = "calendar") -> str:
    """The calendar of the row that says most of such a ticket."""
    holding = [row for row in rows if holds(row.get("when", {}), facts)]
    if not holding:
        raise Refused(field, "chooses no calendar for such a ticket; add a row without conditions")
    return str(max(holding, key=weight)["calendar"])


def simple(says: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """A week in a zone with its closed days written out for the years."""
    made: dict[str, Any] = {
        "time_zone": _in_zone(says.get("time_zone", CUSTOMER), around),
        "week": says["week"],
        "holidays": closed_days(says.get("holidays", "none"), around.where, around.years),
    }
    if says.get("special"):
        made["special"] = _special(says["special"], around.years)
    return made


def _in_zone(name: str, around: Around) -> str:
    return around.zone if name == CUSTOMER else name


def _special(given: Mapping[str, Any], years: tuple[int, int]) -> dict[str, Any]:
    """Special dates, the yearly ones written out; a date of one year comes before a yearly one."""
    yearly: dict[str, Any] = {}
    for day, hours in given.items():
        if _YEARLY.fullmatch(day):
            for year in range(years[0], years[1] + 1):
                if day != "02-29" or date_exists(year, day):
                    yearly[f"{year}-{day}"] = hours
    exact = {day: hours for day, hours in given.items() if not _YEARLY.fullmatch(day)}
    return dict(sorted({**yearly, **exact}.items()))


def date_exists(year: int, month_day: str) -> bool:
    """Whether a year has such a date."""
    try:
        date.fromisoformat(f"{year}-{month_day}")
    except ValueError:
        return False
    return True


# ---- combining


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


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


# ---- spans


def _spans(spans: Sequence[Mapping[str, str]], around: Around) -> dict[str, Any]:
    """Weekly intervals as one calendar, in their own zone where all ends have the same, else in UTC."""
    ends = [tuple(_read_end(span[side], around) for side in ("from", "until")) for span in spans]
    zones = {zone for pair in ends for _, _, zone in pair}
    if len(zones) == 1:
        week = _in_week([((a[0] * 1440 + a[1]), (b[0] * 1440 + b[1])) for a, b in ends])
        (zone,) = zones
        if all(week.get(day) == [["00:00", "24:00"]] for day in WEEKDAYS):
            return {"time_zone": zone, "always": True}
        return {"time_zone": zone, "week": week, "holidays": []}
    first, last = day_of(date(around.years[0], 1, 1)), day_of(date(around.years[1], 12, 31))
    pieces = [piece for a, b in ends for piece in _met(a, b, first - 14, last + 14)]
    return _written("UTC", _cut(_union(pieces), first, last), "calendars")


_End = tuple[int, int, str]


def _read_end(text_: str, around: Around) -> _End:
    """(weekday from Monday, minutes after midnight, zone)."""
    found = _END.fullmatch(text_)
    assert found is not None
    return WEEKDAYS.index(found[1].lower()), _minutes(found[2]), _in_zone(found[3], around)


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
