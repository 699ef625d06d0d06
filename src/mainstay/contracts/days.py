"""Days and periods of contracts in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer


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


def today(customer: Customer, at: datetime) -> date:
    """The day that it is in the customer's zone."""
    return at.astimezone(ZoneInfo(customer.time_zone or "UTC")).date()
