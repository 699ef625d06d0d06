"""Instants and dates as whole numbers.

Instants are whole seconds since 1970-01-01T00:00:00Z (`int`); `at` and `instant` turn them into aware UTC
datetimes and back. Dates are days since 1970-01-01.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
# How far calendars can be read. A search for open time ends here: whatever the hours, within a few seconds.
LOWEST = (date(1600, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY
HIGHEST = (date(3000, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY


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
