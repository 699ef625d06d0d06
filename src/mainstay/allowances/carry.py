"""PURE: the law of included hours: what is granted, carried over, used, left and gone.

Work takes from the oldest grant that is still good on the day of the work (of two that began together, the one
that ends sooner). A grant that has run out is never used, none falls below nought, and what no grant covers is
beyond. For each grant: granted = used + expired + left. The whole is reckoned anew from grants and work each
time, so that work written down late counts on its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mainstay.allowances.periods import Period, later


@dataclass(frozen=True)
class Grant:
    """`minutes` good from the first day of `period` until `expires` (excluded)."""

    period: Period
    minutes: int
    expires: date

    @classmethod
    def of(cls, period: Period, minutes: int, carry_over_months: int) -> Grant:
        return cls(period, minutes, later(period.end, carry_over_months))

    def good_on(self, day: date) -> bool:
        return self.period.first <= day < self.expires


@dataclass(frozen=True)
class Use:
    """Minutes of work on a day; `of` is what it was, for whoever reads the lines."""

    day: date
    minutes: int
    of: Any = None


@dataclass(frozen=True)
class Line:
    """One use and where it was taken from; `beyond` is what no grant covered."""

    use: Use
    taken: tuple[tuple[Grant, int], ...]
    beyond: int


@dataclass
class _Pot:
    grant: Grant
    left: int
    lines: list[tuple[Use, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Account:
    """How one grant stands on a day."""

    grant: Grant
    used: int
    expired: int
    left: int


@dataclass(frozen=True)
class Reckoned:
    """Everything on `day`: each grant, each use with where it was taken from."""

    day: date
    accounts: tuple[Account, ...]
    lines: tuple[Line, ...]

    @property
    def left(self) -> int:
        return sum(one.left for one in self.accounts)

    @property
    def good(self) -> bool:
        """Whether any hours are granted for the day, used or not."""
        return any(one.grant.good_on(self.day) for one in self.accounts)

    @property
    def beyond(self) -> int:
        return sum(line.beyond for line in self.lines)


def reckon(grants: Iterable[Grant], uses: Iterable[Use], day: date) -> Reckoned:
    """The law, as of the end of `day`. Uses after `day` and grants that begin after it do not count yet."""
    pots = [_Pot(one, one.minutes) for one in sorted(grants, key=_oldest) if one.period.first <= day]
    lines = []
    for use in sorted((one for one in uses if one.day <= day), key=lambda one: one.day):
        lines.append(_take(pots, use))
    return Reckoned(day, tuple(_account(pot, day) for pot in pots), tuple(lines))


def _oldest(grant: Grant) -> tuple[date, date]:
    return grant.period.first, grant.expires


def _take(pots: Sequence[_Pot], use: Use) -> Line:
    wanted, taken = use.minutes, []
    for pot in pots:
        part = min(pot.left, wanted) if pot.grant.good_on(use.day) else 0
        if part > 0:
            pot.left -= part
            wanted -= part
            taken.append((pot.grant, part))
    return Line(use, tuple(taken), wanted)


def _account(pot: _Pot, day: date) -> Account:
    gone = pot.left if pot.grant.expires <= day else 0
    return Account(pot.grant, pot.grant.minutes - pot.left, gone, pot.left - gone)


# ---- in words


def minutes_words(minutes: int) -> str:
    """ "1 h 20 min", "45 min", "2 h"."""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])


# ---- period by period


@dataclass(frozen=True)
class Stretch:
    """One period of a statement, in minutes. granted + carried = used + left + expired, up to its end (or today)."""

    period: Period
    granted: int
    carried: int
    used: int
    beyond: int
    expired: int
    left: int
    lines: tuple[Line, ...]


def stretches(grants: Sequence[Grant], uses: Sequence[Use], day: date) -> list[Stretch]:
    """The statement: for each period that has begun, what came in, what was carried, what went and what is left."""
    whole = reckon(grants, uses, day)
    begun = [one.grant for one in whole.accounts]
    return [_stretch(grant, grants, uses, whole, day) for grant in begun]


def _stretch(
    grant: Grant, grants: Sequence[Grant], uses: Sequence[Use], whole: Reckoned, day: date
) -> Stretch:
    period = grant.period
    lines = tuple(line for line in whole.lines if period.holds(line.use.day))
    before = _left_over(period.first, [one for one in grants if one.period.first < period.first], uses)
    mine = [one for one in grants if one.period.first <= period.first]
    left = _left_over(period.end, mine, uses) if period.end <= day else reckon(mine, uses, day).left
    used = sum(part for line in lines for _, part in line.taken)
    gone = grant.minutes + before - used - left
    return Stretch(
        period, grant.minutes, before, used, sum(line.beyond for line in lines), gone, left, lines
    )  # fmt: skip


def _left_over(first: date, grants: Sequence[Grant], uses: Sequence[Use]) -> int:
    """What these grants still hold as the day `first` begins: nothing of those that run out on that very day."""
    eve = reckon(grants, uses, date.fromordinal(first.toordinal() - 1))
    return sum(one.left for one in eve.accounts if one.grant.expires > first)
