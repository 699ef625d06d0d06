"""Months, quarters and years of a customer: by the calendar, or of a fiscal year that begins on another day.

A period is days of the customer's zone, first included, end excluded. Its key names it: "2026-03", "2026-Q1",
"2026"; of a fiscal year the number is that of the calendar year in which it begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mainstay.errors import Refused

MONTHS = {"month": 1, "quarter": 3, "year": 12}
JANUARY = "01-01"
_KEY = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2}))?", re.ASCII)
_STARTS = re.compile(r"(\d{2})-(\d{2})", re.ASCII)


@dataclass(frozen=True, order=True)
class Period:
    """`first` and `end` are days: the first one in it, the first one after it."""

    first: date
    end: date
    per: str
    key: str

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The first instant in it and the first after it, in UTC."""
        return midnight(self.first, zone), midnight(self.end, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; where the clocks skip midnight, the first that exists."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def check_starts(text: str, field: str = "year_starts") -> tuple[int, int]:
    """Month and day on which the year begins: "04-01". The day is 28 or less, so that every month has it."""
    found = _STARTS.fullmatch(text) if isinstance(text, str) else None
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (1 <= month <= 12 and 1 <= day <= 28):
        raise Refused(field, f'must be month and day such as "04-01", with a day up to 28, not {text!r}')
    return month, day


def named(key: str, per: str, year_starts: str = JANUARY) -> Period:
    """The period of that key. Raises `Refused` for what is no key of such a period."""
    found = _KEY.fullmatch(key)
    kind = None if found is None else "quarter" if found[2] else "month" if found[3] else "year"
    if found is None or kind != per or not 1990 <= int(found[1]) <= 2190:
        raise Refused("period", f"{key[:20]!r} is no {per}; write 2026-03, 2026-Q1 or 2026")
    year, month, day = int(found[1]), *check_starts(year_starts)
    if kind == "month":
        if not 1 <= int(found[3]) <= 12:
            raise Refused("period", f"{key!r} is no month; write 2026-03")
        return _made(date(year, int(found[3]), day), per, key)
    nth = int(found[2]) - 1 if found[2] else 0
    return _made(_later(date(year, month, day), 3 * nth), per, key)


def containing(day: date, per: str, year_starts: str = JANUARY) -> Period:
    """The period that a day lies in."""
    month, starts = check_starts(year_starts)
    if per == "month":
        first = date(day.year, day.month, starts)
        first = first if first <= day else _later(first, -1)
        return _made(first, per, f"{first.year}-{first.month:02}")
    begins = date(day.year, month, starts)
    begins = begins if begins <= day else date(day.year - 1, month, starts)
    if per == "year":
        return _made(begins, per, str(begins.year))
    nth = next(n for n in range(4) if day < _later(begins, 3 * (n + 1)))
    return _made(_later(begins, 3 * nth), per, f"{begins.year}-Q{nth + 1}")


def before(period: Period, year_starts: str = JANUARY) -> Period:
    """The one before it."""
    return containing(period.first - timedelta(days=1), period.per, year_starts)


def overlapping(first: date, end: date, per: str, year_starts: str = JANUARY) -> list[Period]:
    """Every period that holds some day of [first, end), in order."""
    found: list[Period] = []
    day = first
    while day < end:
        found.append(containing(day, per, year_starts))
        day = found[-1].end
    return found


def kind_of(key: str) -> str:
    """Whether a key names a month, a quarter or a year."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise Refused("period", f"cannot be read: {key[:20]!r}; write 2026-03, 2026-Q1 or 2026")
    return "quarter" if found[2] else "month" if found[3] else "year"


def _made(first: date, per: str, key: str) -> Period:
    return Period(first, _later(first, MONTHS[per]), per, key)


def _later(day: date, months: int) -> date:
    """The same day so many months later; the day is 28 or less."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, day.day)
