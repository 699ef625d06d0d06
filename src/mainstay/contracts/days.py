"""Days and periods of contracts in words."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from mainstay.contracts.models import Contract


@lru_cache(maxsize=4096)
def day_words(day: date) -> str:
    """ "30 June 2026"."""
    return f"{day.day} {day:%B %Y}"


def period_words(contract: Contract) -> str:
    """ "from 1 January 2026 to 31 December 2026", both included; or "without an end"."""
    return days_words(contract.period.lower, contract.period.upper)


def days_words(first: date | None, end: date | None) -> str:
    """The same of a first day and the day after the last one."""
    begin = f"from {day_words(first)}" if first else "from ever"
    return f"{begin} to {day_words(end - timedelta(days=1))}" if end else f"{begin} without an end"
