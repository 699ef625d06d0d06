"""Weekly hours as people write them: "Mon-Fri 09:00-18:00", "Mon-Thu 09:00-12:30 13:30-17:00; Fri 09:00-14:00".

"Mon-Fri 22:00-06:00" passes midnight; "Sun 18:00 - Fri 18:00" is one long interval; "daily" is Mon-Sun, "24x7" all of
it, "24x5" Monday 00:00 to Friday 24:00, "16x5" and the like need their times.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mainstay.errors import Refused
from mainstay.sla.fields import shown
from mainstay.sla.hours import WEEKDAYS

_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_TIME = r"(?:[01]\d|2[0-4]):[0-5]\d"
_DAYS = re.compile(rf"(?:daily|{_DAY}(?:-{_DAY})?(?:,\s*{_DAY}(?:-{_DAY})?)*)", re.ASCII)
_LONG = re.compile(rf"({_DAY})\s+({_TIME})\s*-\s*({_DAY})\s+({_TIME})", re.ASCII)
_HOURS = re.compile(rf"({_TIME})\s*-\s*({_TIME})", re.ASCII)
_WORDS = {"24x7": "daily 00:00-24:00", "24/7": "daily 00:00-24:00", "always": "daily 00:00-24:00",
          "24x7x365": "daily 00:00-24:00", "24/7/365": "daily 00:00-24:00",
          "24x5": "mon 00:00 - fri 24:00", "24/5": "mon 00:00 - fri 24:00"}  # fmt: skip
EXAMPLE = '"Mon-Fri 09:00-18:00", "Mon-Fri 09:00-12:30 13:30-17:00", "Sun 18:00 - Fri 18:00" or "24x5"'
_WEEK = 7 * 1440

Week = dict[str, list[list[str]]]


def read_week(given: object, field: str = "week") -> Week:
    """The week of the case format that a text, or a list of texts, says. Raises `Refused`: what cannot be read,
    and hours that overlap."""
    parts = given if isinstance(given, list) else [given]
    spans: list[tuple[int, int, str]] = []
    for part in parts:
        if not isinstance(part, str) or not part.strip():
            raise Refused(field, f"must be hours such as {EXAMPLE}, not {shown(part)}")
        part = part.replace("\N{EN DASH}", "-")
        for piece in re.split(r";|\n", _WORDS.get(part.strip().lower(), part)):
            if piece.strip():
                spans += _spans(piece.strip().lower(), field)
    return _week(spans, field)


def _spans(piece: str, field: str) -> list[tuple[int, int, str]]:
    """One piece as minutes of the week, each with its words."""
    if found := _LONG.fullmatch(piece):
        start = _minute(found[1], found[2])
        end = _minute(found[3], found[4])
        return [(start, end if end > start else end + _WEEK, piece)]
    days = _DAYS.match(piece)
    if days is None:
        which = " (which hours are they?)" if re.fullmatch(r"\d{1,2}[x/][5-7]", piece) else ""
        if not which and re.fullmatch(r"[a-z][a-z0-9_-]{0,49}", piece, re.ASCII):
            which = f' (a calendar is named behind a target: "4h {piece}")'
        raise Refused(field, f"cannot read {shown(piece)}{which}; write {EXAMPLE}")
    rest = piece[days.end() :].strip()
    hours = _HOURS.findall(rest)
    if not hours or _HOURS.sub("", rest).replace(",", "").strip():
        raise Refused(field, f"cannot read the times in {shown(piece)}; write {EXAMPLE}")
    return [
        (start, end if end > start else end + 1440, piece)
        for day in _named(days[0], field)
        for start, end in ((_minute(day, a), _minute(day, b)) for a, b in hours)
    ]


def _named(days: str, field: str) -> list[str]:
    if days == "daily":
        return list(WEEKDAYS)
    found: list[str] = []
    for part in days.split(","):
        first, _, last = part.strip().partition("-")
        a, b = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found += [WEEKDAYS[k % 7] for k in range(a, (b if b >= a else b + 7) + 1)]
    if len(set(found)) < len(found):
        raise Refused(field, f"names a day twice in {shown(days)}")
    return found


def _minute(day: str, clock: str) -> int:
    minutes = int(clock[:2]) * 60 + int(clock[3:])
    if minutes > 1440:
        raise Refused("week", f"{clock} is no time of day; 24:00 is the last")
    return WEEKDAYS.index(day) * 1440 + minutes


def _week(spans: Sequence[tuple[int, int, str]], field: str) -> Week:
    days: list[list[tuple[int, int, str]]] = [[] for _ in WEEKDAYS]
    for start, end, words in spans:
        while start < end:
            day = start // 1440
            stop = min(end, (day + 1) * 1440)
            days[day % 7].append((start - day * 1440, stop - day * 1440, words))
            start = stop
    for weekday, hours in zip(WEEKDAYS, days, strict=True):
        hours.sort()
        for (_, end, one), (start, _, other) in pairwise(hours):
            if start < end:
                which = f"{shown(one)} and {shown(other)}" if one != other else shown(one)
                raise Refused(field, f"overlapping hours on {weekday.capitalize()}: {which}")
    return {
        WEEKDAYS[k]: _merged([(start, end) for start, end, _ in hours])
        for k, hours in enumerate(days)
        if hours
    }


def _merged(hours: Sequence[tuple[int, int]]) -> list[list[str]]:
    return [[_clock(start), _clock(end)] for start, end in hours]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def read_hours(given: object, field: str) -> list[list[str]]:
    """The intervals of one date: "09:00-12:00", "09:00-12:00 13:00-15:00", or "closed"."""
    if not isinstance(given, str):
        raise Refused(field, f'must be hours such as "09:00-12:00" or "closed", not {shown(given)}')
    if given.strip().lower() == "closed":
        return []
    found = _HOURS.findall(given)
    if not found or _HOURS.sub("", given).replace(",", "").strip():
        raise Refused(field, f'cannot read {shown(given)}; write hours such as "09:00-12:00", or "closed"')
    return [[start, end] for start, end in sorted(found)]


# ---- writing


def written(week: Mapping[str, Any]) -> str | None:
    """The short way to write a week, or None where reading it back would not give just this week."""
    groups: list[tuple[list[str], list[list[str]]]] = []
    for day in WEEKDAYS:
        hours = week.get(day)
        if not hours:
            continue
        if groups and groups[-1][1] == hours and WEEKDAYS.index(groups[-1][0][-1]) + 1 == WEEKDAYS.index(day):
            groups[-1][0].append(day)
        else:
            groups.append(([day], hours))
    said = "; ".join(f"{_days(days)} {_intervals(hours)}" for days, hours in groups)
    try:
        return said if read_week(said) == week else None
    except Refused:
        return None


def _days(days: Sequence[str]) -> str:
    if len(days) == 7:
        return "daily"
    first, last = days[0].capitalize(), days[-1].capitalize()
    return first if len(days) == 1 else f"{first}-{last}"


def _intervals(hours: Sequence[Sequence[str]]) -> str:
    return " ".join(f"{start}-{end}" for start, end in hours)


def words(week: Mapping[str, Any]) -> str:
    """A week for people."""
    said = written(week)
    if said == "daily 00:00-24:00":
        return "round the clock"
    if said == "Mon-Fri 00:00-24:00":
        return "Mon-Fri round the clock"
    return said or "; ".join(
        f"{day.capitalize()} {_intervals(week[day])}" for day in WEEKDAYS if week.get(day)
    )
