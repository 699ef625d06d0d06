"""What a missed guarantee credits: bands, the cap of each measure and of all, the minimum, the deadline (P6).

Money is decimal, rounded half up to the currency's own places, once for each measure. A credit is never above
its cap, and all credits of a contract for one period are never above the greatest cap among them nor the fee.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from mainstay.reports.kpis.judge import Line, Verdict, plain
from mainstay.reports.kpis.periods import MONTHS, Period
from mainstay.reports.kpis.rows import Band, Definition

NO_PLACES = {
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
}
THREE_PLACES = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}


@dataclass(frozen=True)
class Fee:
    """The fee of a period. `amount` None: the contract names none, so a credit stays a percentage."""

    amount: Decimal | None
    currency: str
    days: int  # of the period that the contract covers
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Credit:
    """What one measure credits; `percent` of the fee, `days` of service, `amount` where the fee is known."""

    percent: Decimal
    days: Decimal
    amount: Decimal | None
    currency: str
    cap_percent: Decimal
    lines: tuple[Line, ...]

    @property
    def nothing(self) -> bool:
        return self.percent == 0


def fee_of(price: Mapping[str, Any], period: Period, *, covered: int, systems: int) -> Fee:
    """The fee of a period out of the price as agreed: `covered` days of it, so many systems.

    The basis says what the amount is for: a month, a quarter or (where it says neither) a year; "each
    environment" and "per environment" multiply by the systems covered.
    """
    currency = str(price.get("currency") or "")
    amount = price.get("amount")
    if amount in (None, ""):
        return Fee(None, currency, covered, (("Fee of the period", "the contract names no amount"),))
    basis = str(price.get("basis", "")).lower()
    unit = "month" if "month" in basis else "quarter" if "quarter" in basis else "year"
    many = systems if ("each environment" in basis or "per environment" in basis) else 1
    whole = Fraction(Decimal(str(amount))) * many * MONTHS[period.per] / MONTHS[unit]
    part = whole * covered / period.days
    fee = money(part, currency)
    times = f" × {many:,} environments" if many != 1 else ""
    reckoned = f"{amount} {currency} a {unit}{times} × {MONTHS[period.per]}/{MONTHS[unit]}"
    if covered != period.days:
        reckoned += f" × {covered} of {period.days} days"
    return Fee(fee, currency, covered, (("Fee of the period", f"{reckoned} = {fee} {currency}"),))


def credit(one: Definition, verdict: Verdict, fee: Fee) -> Credit:
    """What a judged measure credits; nothing unless a guarantee was missed and a band is reached."""
    none = Credit(Decimal(0), Decimal(0), Decimal(0), fee.currency, Decimal(100), ())
    if not verdict.missed or verdict.value is None or one.strength == "objective":
        return none
    if one.credits is None:
        return replace(none, lines=(("Credit", "none is agreed for this measure"),))
    band = reached(one, verdict.value, fee.days)
    if band is None:
        return replace(none, lines=(("Credit", "none: no band is reached"),))
    percent, lines = _percent(one, band, fee)
    cap = Decimal(100) if one.credits.cap_percent is None else min(one.credits.cap_percent, Decimal(100))
    if percent > cap:
        lines.append(("Cap of the measure", f"{plain(cap)} % of the fee"))
        percent = cap
    found = _priced(one, percent, fee, lines)
    days = (band.days or Decimal(0)) if percent else Decimal(0)
    return replace(found, days=days, cap_percent=cap, lines=tuple(lines))


def reached(one: Definition, value: Fraction, days: int) -> Band | None:
    """The band of a figure: of those it is beyond, the one that credits most; `days` are those of the fee."""
    assert one.credits is not None
    beyond = [
        band
        for band in one.credits.bands
        if (value < Fraction(band.limit) if one.more_is_better else value > Fraction(band.limit))
    ]
    return max(beyond, key=lambda band: _share(band, days), default=None)


def _share(band: Band, days: int) -> Decimal:
    """What a band credits, in percent of the fee."""
    if band.percent is not None:
        return band.percent
    share = (band.days or Decimal(0)) * 100 / max(days, 1)
    return min(share, Decimal(100)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _percent(one: Definition, band: Band, fee: Fee) -> tuple[Decimal, list[Line]]:
    side = "below" if one.more_is_better else "above"
    where = f"{side} {plain(band.limit)}"
    if band.percent is not None:
        return band.percent, [("Band", f"{where}: {plain(band.percent)} % of the {one.credits.of}")]  # type: ignore[union-attr]
    assert band.days is not None
    days, percent = max(fee.days, 1), _share(band, fee.days)
    return percent, [
        ("Band", f"{where}: {plain(band.days)} days of service"),
        ("As a share", f"{plain(band.days)} of {days} days = {plain(percent)} % of the fee"),
    ]


def _priced(one: Definition, percent: Decimal, fee: Fee, lines: list[Line]) -> Credit:
    nothing = Credit(Decimal(0), Decimal(0), Decimal(0), fee.currency, Decimal(100), ())
    lines.extend(fee.lines)
    if fee.amount is None:
        lines.append(("Credit", f"{plain(percent)} % of the fee"))
        return replace(nothing, percent=percent, amount=None)
    amount = money(Fraction(fee.amount) * Fraction(percent) / 100, fee.currency)
    lines.append(("Credit", f"{plain(percent)} % of {fee.amount} = {amount} {fee.currency}".rstrip()))
    least = one.credits.minimum if one.credits else None
    if least is not None and amount < least:
        lines.append(("Minimum", f"{plain(least)} {fee.currency}: smaller credits are not given"))
        return nothing
    return replace(nothing, percent=percent, amount=amount)


def together(found: Sequence[Credit], fee: Fee) -> tuple[list[Credit], tuple[Line, ...]]:
    """All credits of one contract and period under one cap: the greatest of theirs. Later ones give way first.

    Returns them as they are paid, and the working.
    """
    given = [one for one in found if not one.nothing]
    if not given:
        return list(found), (("All credits", "none"),)
    cap = max(one.cap_percent for one in given)
    most = None if fee.amount is None else money(Fraction(fee.amount) * Fraction(cap) / 100, fee.currency)
    left, paid = cap, []
    for one in found:
        percent = min(one.percent, left)
        left -= percent
        paid.append(_at_most(one if percent == one.percent else _reduced(one, percent, fee), most))
        most = None if most is None else most - (paid[-1].amount or Decimal(0))
    total = sum((one.percent for one in paid), Decimal(0))
    asked = sum((one.percent for one in found), Decimal(0))
    lines = [
        ("All credits", f"{' + '.join(plain(one.percent) for one in given)} = {plain(asked)} % of the fee")
    ]
    lines.append(("Cap of all", f"{plain(cap)} %: " + ("applies" if asked > cap else "not reached")))
    if fee.amount is not None:
        amount = sum((one.amount or Decimal(0) for one in paid), Decimal(0))
        lines.append(("Credited", f"{plain(total)} % of the fee, {amount} {fee.currency}".rstrip()))
    return paid, tuple(lines)


def _reduced(one: Credit, percent: Decimal, fee: Fee) -> Credit:
    amount = (
        None if fee.amount is None else money(Fraction(fee.amount) * Fraction(percent) / 100, fee.currency)
    )
    line = ("Cap of all measures", f"{plain(percent)} % of the fee is left for this one")
    return replace(one, percent=percent, amount=amount, days=Decimal(0), lines=(*one.lines, line))


def _at_most(one: Credit, most: Decimal | None) -> Credit:
    """Rounding every measure may add a cent; not beyond the cap."""
    return one if most is None or one.amount is None or one.amount <= most else replace(one, amount=most)


def claim_until(one: Definition, period: Period) -> date | None:
    """The last day on which a credit of that period may be claimed; None without a deadline."""
    if one.credits is None or one.credits.claim is None:
        return None
    many, unit = one.credits.claim
    if unit == "mo":
        return _months_later(period.last, many)
    return period.last + timedelta(days=many * (7 if unit == "w" else 1))


def by_itself(one: Definition) -> bool:
    """Whether a credit is given without being claimed: of a strict guarantee."""
    return one.strength == "strict_guarantee"


def money(value: Fraction, currency: str) -> Decimal:
    """An amount in the currency's own places, half up."""
    places = 0 if currency in NO_PLACES else 3 if currency in THREE_PLACES else 2
    scaled = value * 10**places
    whole = (scaled + Fraction(1, 2)).__floor__()
    return Decimal(whole).scaleb(-places) if places else Decimal(whole)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
