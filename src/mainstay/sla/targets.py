"""Targets (clock definition, "Targets"): what "4h", "2bd", "eobd", "1mo" mean, and their seconds.

Units: s, m, h and d are open time of the calendar (a `d` is 86,400 open seconds); `bd`, `eobd` and `mo` are
nominal dates that become open seconds at the instant a clock starts and are plain seconds from then on.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from mainstay.errors import Refused

from .fields import shown
from .hours import DAY, Calendar, date_of, day_of

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": DAY}
_NOMINAL = ("eobd", "bd", "mo")  # the longest first: "eobd" ends in "bd" and in "d"
REMEMBERED = 4096  # nominal targets that a calendar keeps in seconds
_LONGEST = 200 * 366 * DAY  # a promise of two centuries is a mistake in the file


class Target(NamedTuple):
    """A parsed target. `value` is what it is compared by: "60m" and "1h" have the same."""

    text: str
    unit: str  # "s", "bd", "eobd" or "mo"
    number: int

    @property
    def value(self) -> tuple[str, int]:
        return (self.unit, self.number)


def parse_target(text: object, field: str = "target") -> Target:
    """The target that a text such as "30m" or "2eobd" names. Refused: anything else, and zero."""
    if not isinstance(text, str):
        raise Refused(field, f'must be a text such as "4h" or "2bd", not {shown(text)}')
    for unit in (*_NOMINAL, *_SECONDS):
        if text.endswith(unit):
            return _parsed(text, unit, text.removesuffix(unit), field)
    raise _unreadable(text, field)


def _parsed(text: str, unit: str, digits: str, field: str) -> Target:
    if unit == "eobd" and not digits:
        digits = "1"
    if not (digits.isascii() and digits.isdigit()):
        if digits[:1] == "-":
            raise Refused(field, f"a target is positive, not {shown(text)}")
        raise _unreadable(text, field)
    if not digits.strip("0"):
        raise Refused(field, f"a target is positive, not {shown(text)}")
    if len(digits) > 12 or int(digits) * _SECONDS.get(unit, DAY if unit != "mo" else 30 * DAY) > _LONGEST:
        raise Refused(field, f"{shown(text)} is longer than two centuries")
    count = int(digits)
    return Target(text, unit, count) if unit in _NOMINAL else Target(text, "s", count * _SECONDS[unit])


def _unreadable(text: str, field: str) -> Refused:
    return Refused(
        field, f'cannot read {shown(text)}; write "90s", "30m", "4h", "2d", "2bd", "eobd", "2eobd" or "1mo"'
    )


def seconds_at(target: Target, start: int, calendar: Calendar) -> int:
    """The target in open seconds of the calendar when a clock starts at `start`."""
    if target.unit == "s":
        return target.number
    # A ticket is explained again after each of its events, from the same starts.
    known, key = calendar.nominal, (target.unit, target.number, start)
    seconds = known.get(key)
    if seconds is None:
        if len(known) >= REMEMBERED:
            known.clear()
        seconds = known[key] = _nominal_seconds(target, start, calendar)
    return seconds


def _nominal_seconds(target: Target, start: int, calendar: Calendar) -> int:
    if target.unit == "bd" and not calendar.always:
        return calendar.business_days(start, target.number)
    return calendar.elapsed(start, nominal_due(target, start, calendar))


def nominal_due(target: Target, start: int, calendar: Calendar) -> int:
    """The instant that a target in bd, eobd or mo names, seen from `start`."""
    if target.unit == "mo":
        return _months_after(start, target.number, calendar)
    opens = calendar.next_open(start)
    if target.unit == "bd":
        return calendar.same_time_after(opens, target.number)
    return calendar.last_close(calendar.open_day_after(calendar.local_day(opens), target.number))


def _months_after(start: int, months: int, calendar: Calendar) -> int:
    """The same reading `months` calendar months later, on the month's last day if it is shorter."""
    reading = calendar.local(start)
    began = date_of(reading // DAY)
    year, month = divmod(began.year * 12 + began.month - 1 + months, 12)
    if year > 2999:
        raise Refused("target", f"{months} months after {began} lie beyond the year 2999")
    day = min(began.day, _days_in(year, month + 1))
    return calendar.next_open(calendar.first_instant(day_of(date(year, month + 1, day)), reading % DAY))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following.toordinal() - date(year, month, 1).toordinal()
