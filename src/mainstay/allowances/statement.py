"""How an agreement stands: each period's requests and hours, line by line to the tickets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_noop

from mainstay.allowances import carry
from mainstay.allowances.agreements import Agreement
from mainstay.allowances.carry import Grant, Line, Reckoned, Stretch, Use
from mainstay.allowances.models import Draw, Work
from mainstay.allowances.periods import Period


@dataclass(frozen=True)
class Quota:
    """One period's requests: so many of so many, and each draw. `over`: how many beyond the quota."""

    period: Period
    number: int
    drawn: int
    lines: tuple[Draw, ...]

    @property
    def left(self) -> int:
        return max(self.number - self.drawn, 0)

    @property
    def over(self) -> int:
        return max(self.drawn - self.number, 0)


@dataclass(frozen=True)
class Statement:
    """An agreement on a day: the newest period first."""

    agreement: Agreement
    day: date
    requests: tuple[Quota, ...]
    hours: tuple[Stretch, ...]
    outside: tuple[Line, ...]  # work on days of no period
    not_counted: tuple[Work, ...]
    hours_left: int | None  # minutes; None: none are granted for the day
    coming: Grant | None  # the hours that are granted next
    expiring: tuple[tuple[date, int], ...]  # minutes that run out, by the first day without them

    @property
    def used_up(self) -> tuple[str, ...]:
        """What there is no more of today, in words."""
        found = []
        now = next((one for one in self.requests if one.period.holds(self.day)), None)
        if now is not None and not now.left:
            found.append(gettext_noop("requests"))
        if self.hours_left == 0:
            found.append(gettext_noop("hours"))
        return tuple(found)


def of(agreement: Agreement, day: date) -> Statement:
    """The whole statement as of the end of `day`."""
    entries = list(_work(agreement))
    uses = [_use(one) for one in entries if one.billable]
    grants = agreement.grants(day)
    told = carry.reckon(grants, uses, day)
    rows = carry.stretches(grants, uses, day)
    inside = {id(line.use) for row in rows for line in row.lines}
    return Statement(
        agreement, day,
        tuple(_quotas(agreement, day)),
        tuple(reversed(rows)),
        tuple(line for line in told.lines if id(line.use) not in inside),
        tuple(one for one in entries if not one.billable),
        told.left if told.good else None,
        agreement.coming(day),
        _expiring(told),
    )  # fmt: skip


def used_up(agreement: Agreement, day: date) -> tuple[str, ...]:
    """What there is no more of on a day, as `Statement.used_up` says it; asks nothing where nothing is limited."""
    found, limited = [], agreement.limits_on(day)
    period = agreement.period(day, limited.requests.per) if limited.requests else None
    if limited.requests and period is not None and drawn(agreement, period) >= limited.requests.number:
        found.append(gettext_noop("requests"))
    told = hours(agreement, day) if limited.hours else None
    if told is not None and told.good and told.left == 0:
        found.append(gettext_noop("hours"))
    return tuple(found)


def hours(agreement: Agreement, day: date) -> Reckoned:
    """The included hours alone, as of the end of `day`."""
    uses = [_use(one) for one in _work(agreement) if one.billable]
    return carry.reckon(agreement.grants(day), uses, day)


def drawn(agreement: Agreement, period: Period) -> int:
    """How many requests stand drawn in a period."""
    return _draws(agreement, period).aggregate(n=Sum("count"))["n"] or 0


def _use(one: Work) -> Use:
    return Use(one.day, one.minutes, one)


def _work(agreement: Agreement) -> QuerySet[Work]:
    """What was worked under the agreement, as it stands after corrections, in the order of days."""
    rows = Work.objects.filter(
        corrected_by__isnull=True, minutes__gt=0, ticket__customer=agreement.customer
    ).select_related("ticket")
    if agreement.number:
        rows = rows.filter(ticket__contract__number=agreement.number, ticket__contract__part=agreement.part)
    else:
        rows = rows.filter(ticket__entitlement="included")
    return rows.order_by("day", "pk")


def _draws(agreement: Agreement, period: Period) -> QuerySet[Draw]:
    rows = Draw.objects.filter(
        customer=agreement.customer, number=agreement.number, part=agreement.part, day__gte=period.first
    )
    return rows.filter(day__lt=period.end)


def _quotas(agreement: Agreement, day: date) -> Iterable[Quota]:
    """Today's period, and each before it in which something was drawn."""
    quota = agreement.limits_on(day).requests
    days = list(
        Draw.objects.filter(
            customer=agreement.customer, number=agreement.number, part=agreement.part, day__lte=day
        ).values_list("day", flat=True).distinct()
    )  # fmt: skip
    found: dict[Period, int] = {}
    for one in sorted({*days, *([day] if quota else [])}, reverse=True):
        said = agreement.limits_on(one).requests
        period = agreement.period(one, said.per) if said else None
        if said is not None and period is not None:
            found.setdefault(period, said.number)
    for period, number in found.items():
        lines = tuple(_draws(agreement, period).select_related("ticket").order_by("at", "pk"))
        yield Quota(period, number, sum(one.count for one in lines), lines)


def _expiring(told: Reckoned) -> tuple[tuple[date, int], ...]:
    days: dict[date, int] = {}
    for one in told.accounts:
        if one.left and one.grant.expires != date.max:
            days[one.grant.expires] = days.get(one.grant.expires, 0) + one.left
    return tuple(sorted(days.items()))
