"""What a calendar gives in the weeks to come: each day's open hours and why it is closed, and a promise worked out.

Days are those of one zone; an interval is seconds after its midnight by the wall clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mainstay.errors import Refused
from mainstay.policy.calendars import CUSTOMER, Around, compiled
from mainstay.policy.closed_days import named_days
from mainstay.sla import hours
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import Calendar
from mainstay.sla.targets import parse_target, seconds_at

DAY = 86_400
OTHER_HOURS = "other hours"


class Day(NamedTuple):
    """One date: its open intervals, and what it is called (a holiday's name) where it is no ordinary day."""

    date: date
    open: tuple[tuple[int, int], ...]
    called: str

    @property
    def seconds(self) -> int:
        return sum(end - start for start, end in self.open)

    @property
    def words(self) -> str:
        """The hours for people: "09:00-12:30 13:30-17:00", "closed"."""
        if self.open == ((0, DAY),):
            return "round the clock"
        return " ".join(f"{_clock(start)}-{_clock(end)}" for start, end in self.open) or "closed"


class Worked(NamedTuple):
    """A target from its receipt to the due instant, with what counted on each day; all in one zone."""

    target: str
    received: datetime
    due: datetime
    counted: list[tuple[datetime, datetime]]


class Coming(NamedTuple):
    """A calendar as it will be: whole weeks from a Monday, in the zone in which its days are told."""

    zone: ZoneInfo
    calendar: Calendar
    weeks: list[list[Day]]


def coming(name: str, defined: Mapping[str, Any], around: Around, *, first: date, weeks: int) -> Coming:
    """The calendar of that name from the Monday of `first` on. Raises `Refused` as compiling does."""
    calendar = calendar_of(compiled(name, defined, around))
    mixed = calendar.time_zone == "UTC" and not {"week", "always"} & set(defined[name])
    zone = ZoneInfo(around.zone if mixed else calendar.time_zone)
    names = named(name, defined, around)
    monday = first - timedelta(days=first.weekday())
    days = [_day(calendar, zone, monday + timedelta(days=n), names) for n in range(7 * weeks)]
    return Coming(zone, calendar, [days[n : n + 7] for n in range(0, len(days), 7)])


def named(
    name: str, defined: Mapping[str, Any], around: Around, seen: tuple[str, ...] = ()
) -> dict[str, str]:
    """What the closed dates of a calendar, and of those it is made of, are called."""
    says = defined.get(name, {})
    members = [*says.get("any", []), *says.get("all", []), *says.get("except", [])]
    members += [row["calendar"] for row in says.get("choose", [])]
    found = named_days(says.get("holidays", "none"), around.where, around.years)
    for one in members:
        if one not in (name, *seen):
            found = {**named(one, defined, around, (*seen, name)), **found}
    return found


def _day(calendar: Calendar, zone: ZoneInfo, day: date, names: Mapping[str, str]) -> Day:
    start, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    pieces = calendar.intervals(start, end)
    found: list[tuple[int, int]] = []
    for piece in pieces:
        a, b = _reading(piece.start, day, zone), _reading(piece.end, day, zone)
        if found and found[-1][1] == a:
            found[-1] = (found[-1][0], b)
        elif a < b:
            found.append((a, b))
    called = names.get(day.isoformat(), "")
    number = hours.day_of(day)
    if not called and zone.key == calendar.time_zone and calendar.row(number).startswith("special"):
        called = OTHER_HOURS
    return Day(day, tuple(found), called)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return hours.instant(datetime.combine(day, time(), zone).astimezone(UTC))


def _reading(instant: int, day: date, zone: ZoneInfo) -> int:
    """What the wall clock shows, in seconds after a date's midnight."""
    local = hours.at(instant).astimezone(zone).replace(tzinfo=None)
    return min(DAY, int((local - datetime.combine(day, time())).total_seconds()))


def worked(coming_: Coming, target: str, received: datetime) -> Worked:
    """When such a target is due that begins at `received` (aware), and what counts until then."""
    wanted, start = parse_target(target, "try_target"), hours.instant(received)
    calendar, zone = coming_.calendar, coming_.zone
    try:
        due = calendar.add(start, seconds_at(wanted, start, calendar))
    except Refused as refused:
        raise Refused("try_target", refused.message) from None
    counted = [
        (hours.at(piece.start).astimezone(zone), hours.at(piece.end).astimezone(zone))
        for piece in calendar.intervals(start, min(due, start + 60 * DAY))
    ]
    return Worked(target, received.astimezone(zone), hours.at(due).astimezone(zone), counted)


def friday_afternoon(first: date, zone: ZoneInfo) -> datetime:
    """The next Friday 16:30: the hour at which a promise's hours are asked about most."""
    days = (4 - first.weekday()) % 7
    return datetime.combine(first + timedelta(days=days), time(16, 30), zone)


def zone_is(says: Mapping[str, Any]) -> str:
    """The zone that a calendar names; "customer" where it leaves it to the customer."""
    return str(says.get("time_zone", CUSTOMER))


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
