"""Closed dates out of an iCalendar file (RFC 5545): its all-day events, repetitions written out.

Events with times do not close a day, nor do those marked as free (`TRANSP:TRANSPARENT`) or cancelled.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from mainstay.errors import Refused

LARGEST = 2_000_000
LAST_YEAR = 2060
MOST = 5000


def closed_dates(data: bytes, field: str) -> list[str]:
    """The closed dates as ISO dates and ranges, sorted. Refused: what is no calendar, or closes no day."""
    from icalendar import Calendar

    if len(data) > LARGEST:
        raise Refused(field, f"is larger than {LARGEST:,} bytes")
    try:
        calendar = Calendar.from_ical(data)
    except (ValueError, IndexError, KeyError) as error:
        raise Refused(field, f"is not an iCalendar file: {error}") from error
    found: set[tuple[date, date]] = set()
    for event in calendar.walk("VEVENT"):
        found.update(_closed(event, field))
        if len(found) > MOST:
            raise Refused(field, f"closes more than {MOST:,} times")
    if not found:
        raise Refused(field, "holds no all-day event")
    return [_written(start, end) for start, end in sorted(found)]


def _closed(event: Any, field: str) -> list[tuple[date, date]]:
    """First and last closed date of each occurrence."""
    if "DTSTART" not in event:
        return []
    start = event.decoded("DTSTART")
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    if isinstance(start, datetime) or free or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return []
    days = _length(event, start)
    begins = _repeated(event, start, field) if "RRULE" in event else [start]
    begins = [*begins, *_dates(event, "RDATE")]
    without = set(_dates(event, "EXDATE"))
    return [(day, day + timedelta(days=days - 1)) for day in dict.fromkeys(begins) if day not in without]


def _length(event: Any, start: date) -> int:
    if "DTEND" in event:
        end = event.decoded("DTEND")
        return max(1, (end - start).days) if not isinstance(end, datetime) else 1
    if "DURATION" in event:
        return max(1, int(event.decoded("DURATION").days))
    return 1


def _repeated(event: Any, start: date, field: str) -> list[date]:
    from dateutil.rrule import rrulestr

    rule = event["RRULE"].to_ical().decode()
    try:
        times = rrulestr(rule, dtstart=datetime(start.year, start.month, start.day), cache=False)  # noqa: DTZ001
    except ValueError as error:
        raise Refused(field, f"repeats an event in a way that cannot be read: {rule[:100]}") from error
    found: list[date] = []
    for time in times:
        if time.year > LAST_YEAR or len(found) > MOST:
            break
        found.append(time.date())
    return found


def _dates(event: Any, name: str) -> list[date]:
    given = event.get(name)
    listed = given if isinstance(given, list) else [given] if given is not None else []
    values = [one.dt for group in listed for one in group.dts]
    return [
        value.date() if isinstance(value, datetime) else value for value in values if isinstance(value, date)
    ]


def _written(start: date, end: date) -> str:
    return start.isoformat() if start == end else f"{start.isoformat()}..{end.isoformat()}"
