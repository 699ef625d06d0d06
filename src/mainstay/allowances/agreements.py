"""What a customer holds, as allowances see it: a contract by its number, through all its versions and renewals, or
what a subscription includes.

A *term* is one signing: from the first day of the version that was signed or renewed to the end of its last
amendment. Periods are reckoned from the term's first day; each grants what the version in force on its own first
day says. What a subscription includes goes by calendar months.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from mainstay.allowances import limits
from mainstay.allowances.carry import Grant
from mainstay.allowances.limits import Limits
from mainstay.allowances.periods import FOREVER, Period, period_of, periods
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.catalogue.remembered import know, once
from mainstay.contracts.days import today as today
from mainstay.contracts.entitlement import INCLUDED, signed
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Subscription
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared


@dataclass(frozen=True)
class Version:
    """One version: the days on which it holds and what it limits."""

    days: Period
    limits: Limits
    begins_term: bool


@dataclass(frozen=True)
class Agreement:
    """Everything of one number and part, oldest version first. Number "": with the subscription."""

    customer: Customer
    number: str
    part: int
    name: str
    versions: tuple[Version, ...]

    @property
    def title(self) -> str:
        """As people say it: "contract HA-2025-1" or "the subscription"."""
        return f"contract {self.number}" if self.number else "the subscription"

    def limits_on(self, day: date) -> Limits:
        """What holds on a day; nothing is limited when no version holds."""
        return next((one.limits for one in reversed(self.versions) if one.days.holds(day)), Limits())

    def terms(self) -> list[Period]:
        """Each signing from its first to its last day."""
        found: list[Period] = []
        for one in self.versions:
            if found and not one.begins_term and found[-1].end == one.days.first:
                found[-1] = Period(found[-1].first, one.days.end)
            else:
                found.append(one.days)
        return found

    def period(self, day: date, per: str) -> Period | None:
        """The period of `per` that a day lies in."""
        if not self.number and per != "contract":  # calendar months, quarters and years
            return period_of(day, per, Period(date(1980, 1, 1), FOREVER))
        return next((found for term in self.terms() if (found := period_of(day, per, term))), None)

    def grants(self, until: date) -> list[Grant]:
        """The included hours granted so far, one for each period that has begun under a version that includes some:
        an amendment may bring them in the midst of a term."""
        found = []
        for term in self.terms():
            for per in self._rhythms(term):
                for one in periods(per, term, until):
                    said = self.limits_on(one.first).hours
                    if said is not None and said.per == per:
                        found.append(Grant.of(one, said.minutes, said.carry_over_months))
        return found

    def coming(self, day: date) -> Grant | None:
        """The first hours that are granted after a day; None where no version grants any more."""
        found = []
        for term in self.terms():
            last = max(
                one.days.first for one in self.versions
            )  # later ones than its next period say the same
            for per in self._rhythms(term):
                one = period_of(max(day, term.first), per, term)
                if term.first > day and one is not None:
                    one = Period(term.first, term.first)  # the term's first period is to come
                while one is not None and (one := self.period(one.end, per)) is not None:
                    said = self.limits_on(one.first).hours
                    if said is not None and said.per == per:
                        found.append(Grant.of(one, said.minutes, said.carry_over_months))
                        break
                    if one.first > last:
                        break
        return min(found, key=lambda one: one.period.first, default=None)

    def _rhythms(self, term: Period) -> list[str]:
        """How often the versions of a term grant hours, oldest first."""
        held = [one.limits.hours for one in self.versions if term.holds(one.days.first)]
        return list(dict.fromkeys(hours.per for hours in held if hours is not None))


def of_number(customer: Customer, number: str, part: int = 1) -> Agreement:
    """The agreement of that number; raises `Refused` naming contract when the customer has none."""
    if not number:
        return included(customer)
    rows = once(
        ("signed", customer.pk, number, part),
        lambda: _OF_NUMBER.all(customer=customer.pk, number=number, part=part),
    )
    if not rows:
        raise Refused("contract", f"{customer.name} has no contract {number[:40]}")
    return of_versions(customer, rows)


def of_versions(customer: Customer, versions: Sequence[Contract]) -> Agreement:
    """The agreement of all versions of one number and part, as they are at hand with their packages."""
    rows = sorted(versions, key=lambda one: (one.period.lower or date.min, one.version))
    told = tuple(_version(one) for one in rows)
    return Agreement(customer, rows[-1].number, rows[-1].part, rows[-1].package.name, told)


def _signed() -> QuerySet[Contract]:
    return Contract.objects.select_related("package")


_OF_NUMBER = Prepared(
    lambda: _signed().filter(customer=Arg("customer"), number=Arg.text("number"), part=Arg("part"))
)


def foresee(held: Iterable[tuple[Customer, Contract]]) -> None:
    """Within `remembering`: the agreements of these versions are about to be asked for. What judged their requests
    was chosen among all versions that the customer has; they are at hand still."""
    wanted = {(customer.pk, one.number, one.part): customer for customer, one in held}
    know(
        {
            ("signed", *key): [one for one in signed(customer) if (one.number, one.part) == key[1:]]
            for key, customer in wanted.items()
        }
    )


def _version(one: Contract) -> Version:
    first, end = one.period.lower or date(1980, 1, 1), one.period.upper or FOREVER
    price = {**one.package.document["price"], **one.overrides.get("price", {}), **one.price}
    told = limits.read(one.package.document, one.overrides, units=int(price.get("units") or 0))
    return Version(Period(first, end), told, one.how in {"signed", "renewed", "added"})


def included(customer: Customer) -> Agreement:
    """What subscriptions include, on the days on which one holds, by the package as it is sold now."""
    return _included(customer, _days(customer))


def _included(customer: Customer, held: list[tuple[date, date]]) -> Agreement:
    package = publish.current(Package, INCLUDED)
    told = limits.read(package.document, {})
    days = [Period(first, _after(last)) for first, last in held]
    return Agreement(customer, "", 0, package.name, tuple(Version(one, told, True) for one in _merged(days)))


def _days(customer: Customer) -> list[tuple[date, date]]:
    """First and last day of each subscription."""
    return once(("subscriptions", customer.pk), lambda: _SUBSCRIBED.all(customer=customer.pk))


_SUBSCRIBED = Prepared[tuple[date, date]](
    lambda: (
        Subscription.objects.filter(customer=Arg("customer"))
        .order_by("starts_on")
        .values_list("starts_on", "ends_on")
    )
)


def _after(day: date) -> date:
    return FOREVER if day == FOREVER else date.fromordinal(day.toordinal() + 1)


def _merged(days: list[Period]) -> list[Period]:
    """Stretches that touch or overlap are one; `days` in their order."""
    found: list[Period] = []
    for one in days:
        if found and one.first <= found[-1].end:
            found[-1] = Period(found[-1].first, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def held_by(customer: Customer) -> list[Agreement]:
    """Every agreement the customer has or had: contracts by number, then what a subscription includes."""
    held: dict[tuple[str, int], list[Contract]] = {}
    for one in signed(customer):
        held.setdefault((one.number, one.part), []).append(one)
    found = [of_versions(customer, held[key]) for key in sorted(held)]
    days = _days(customer)
    return [*found, _included(customer, days)] if days else found


def of_ticket(ticket: Any) -> Agreement | None:
    """What a ticket draws on: the contract that judges it, else the subscription; None without either."""
    if ticket.customer is None or ticket.entitlement == "none":
        return None
    if ticket.contract is not None:
        return of_number(ticket.customer, ticket.contract.number, ticket.contract.part)
    return included(ticket.customer)
