"""Calendars out of the case format: the dict that holds a zone, weekly hours, holidays and special days."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from mainstay.errors import Refused

from .fields import entries, flag, path, shown
from .hours import Calendar, wall_clock
from .instants import DAY, WEEKDAYS, day_of
from .pieces import Hours
from .zones import zone_of

_kept: dict[tuple[object, ...], Calendar] = {}


def calendar_of(document: object, *, name: str = "", field: str = "") -> Calendar:
    """The calendar that a dict of the case format describes; one object for one content and name.

    Raises Refused with the path of the wrong field: overlapping hours, an unknown zone, a week that never
    opens, `always` beside `week`, `holidays` or `special`, anything unknown.
    """
    field = field or (path("calendars", name) if name else "calendar")
    given = entries(document, field, {"time_zone"}, {"always", "week", "holidays", "special"})
    zone = zone_of(given["time_zone"], f"{field}.time_zone").name
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
                field,
                f"overlapping hours: an interval starts at {wall_clock(start)} before {wall_clock(end)}",
            )
    return tuple(hours)


def _interval(pair: object, field: str) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise Refused(field, 'must be a pair such as ["09:00", "17:00"]')
    start, end = _time(pair[0], f"{field}[0]", last=False), _time(pair[1], f"{field}[1]", last=True)
    if start >= end:
        raise Refused(field, f"must end after it starts; {wall_clock(start)} is not before {wall_clock(end)}")
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
