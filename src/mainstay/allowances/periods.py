"""PURE: the stretches by which something is granted: months, quarters, years from a contract's first day.

A period begins on the day of the month on which the term began (the month's last day where it is shorter), so
that nobody gets half a month for a whole one, and never reaches past the term's end. Ends are excluded.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MONTHS = {"month": 1, "quarter": 3, "year": 12}
FOREVER = date.max


@dataclass(frozen=True)
class Period:
    """`first` day included, `end` excluded; `FOREVER` where there is none."""

    first: date
    end: date

    def holds(self, day: date) -> bool:
        return self.first <= day < self.end


def later(day: date, months: int) -> date:
    """The same day of the month, `months` later; the month's last day if it is shorter. `FOREVER` stays."""
    if day == FOREVER:
        return FOREVER
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > 9998:
        return FOREVER
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_of(day: date, per: str, term: Period) -> Period | None:
    """The period of `term` that `day` lies in; None outside the term. Reckoned from the term's first day each
    time, so that the 31st comes back after February."""
    if not term.holds(day):
        return None
    if per == "contract":
        return term
    step = MONTHS[per]
    apart = (day.year - term.first.year) * 12 + day.month - term.first.month
    n = max(apart // step, 0)
    if later(term.first, n * step) > day:
        n -= 1
    first, end = later(term.first, n * step), later(term.first, (n + 1) * step)
    return Period(first, min(end, term.end))


def periods(per: str, term: Period, until: date) -> list[Period]:
    """Every period of the term that has begun by `until`, oldest first."""
    found: list[Period] = []
    day = term.first
    while day <= until and (one := period_of(day, per, term)) is not None:
        found.append(one)
        if one.end == FOREVER:
            break
        day = one.end
    return found
