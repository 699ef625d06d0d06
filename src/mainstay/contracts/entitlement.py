"""What a customer is entitled to at an instant, and every step of why (P1, P5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from mainstay.catalogue import compile as terms_of
from mainstay.catalogue import publish
from mainstay.catalogue.compile import Agreed, Place
from mainstay.catalogue.models import Package, ServiceLevel
from mainstay.contracts import terms
from mainstay.contracts.days import day_words, period_words
from mainstay.contracts.models import Contract, Terms
from mainstay.customers.models import Customer, Environment, Subscription
from mainstay.customers.places import known_country
from mainstay.sla import hours
from mainstay.sla.hours import calendar_of

INCLUDED = "included"
Kind = Literal["contract", "included", "none"]


@dataclass(frozen=True)
class Entitlement:
    """What judges a ticket received at an instant. `because` are sentences, in the order of the reasoning."""

    kind: Kind
    contract: Contract | None
    package: Package | None
    level: ServiceLevel | None
    terms: Terms
    zone: str
    because: tuple[str, ...]


def entitlement_at(
    customer: Customer | None, at: datetime, *, environment: Environment | None = None, keep: bool = True
) -> Entitlement:
    """The contract in force at `at`, by the date in the customer's zone; else what a current subscription
    includes; else nothing is promised, and the request is received all the same.

    A contract for the environment comes before one for all of them. While no environment is named, the highest
    level of the contracts in force holds. A contract that has ended or not begun is never selected.

    The terms are stored, so that a ticket may name them; with `keep=False` (a page) nothing is written.
    """
    if customer is None:
        return _settled("none", None, None, at, Place(), ["Nobody knows yet which customer this is."], keep)
    place = Place(_zone(customer.time_zone), customer.country, customer.subdivision)
    day = at.astimezone(ZoneInfo(place.zone)).date()
    because = [f"{customer.name} is in {place.zone}, where it is {day_words(day)}."]
    contract = _contract(customer, day, environment, because)
    if contract is not None:
        return _settled("contract", contract, contract.package, at, place, because, keep)
    if _subscribed(customer, day, because):
        package = publish.current(Package, INCLUDED)
        return _settled("included", None, package, at, place, because, keep)
    return _settled("none", None, None, at, place, because, keep)


def describe(entitlement: Entitlement) -> list[str]:
    """The reasoning and its result, in sentences."""
    return list(entitlement.because)


# ---- choosing


def _contract(
    customer: Customer, day: date, environment: Environment | None, because: list[str]
) -> Contract | None:
    """The contract in force that fits the environment best; says why each other one does not hold."""
    signed = Contract.objects.filter(customer=customer).select_related("package__level", "environment")
    fitting = []
    for contract in signed.order_by("number", "version"):
        why_not = _why_not(contract, day, environment)
        if why_not:
            because.append(f"Contract {contract} does not hold: {why_not}.")
        else:
            fitting.append(contract)
    if not fitting:
        return None
    best = min(fitting, key=lambda one: (one.environment_id is None, -one.package.level.rank, one.pk))
    covers = f"for {best.environment.name}" if best.environment else "for all environments"
    because.append(f"Contract {best}, {covers}, holds {period_words(best)}.")
    if environment is None and best.environment_id is not None:
        more = " the highest of its contracts holds" if len(fitting) > 1 else " this contract holds"
        because.append(f"No environment is named yet; until it is known,{more}.")
    return best


def _why_not(contract: Contract, day: date, environment: Environment | None) -> str:
    first, end = contract.period.lower, contract.period.upper
    if end is not None and day >= end:
        return f"it ended on {day_words(end - timedelta(days=1))}"
    if first is not None and day < first:
        return f"it begins on {day_words(first)}"
    if environment is not None and contract.environment_id not in {None, environment.pk}:
        assert contract.environment is not None
        return f"it covers {contract.environment.name}, and this is about {environment.name}"
    return ""


def _subscribed(customer: Customer, day: date, because: list[str]) -> bool:
    """Whether a subscription is current; a customer may have several."""
    newest = Subscription.objects.filter(customer=customer).order_by("-ends_on").select_related("product")
    current = next((one for one in newest if one.starts_on <= day <= one.ends_on), None)
    if current is not None:
        of = f" to {current.product.name}" if current.product else ""
        because.append(
            f"No contract holds; the subscription{of}, until {day_words(current.ends_on)}, includes support."
        )
        return True
    ended = (
        f"; the last one ended on {day_words(newest[0].ends_on)}"
        if newest and newest[0].ends_on < day
        else ""
    )
    because.append(f"No contract holds and there is no current subscription{ended}: not entitled.")
    return False


# ---- compiling


def _settled(
    kind: Kind,
    contract: Contract | None,
    package: Package | None,
    at: datetime,
    place: Place,
    because: list[str],
    keep: bool,
) -> Entitlement:
    """Compile the terms under the facts at `at`, and store them if they are to be kept."""
    desk = publish.current_desk_policy()
    agreed = Agreed(contract.number, contract.version, contract.calendar) if contract else None
    years = _years(contract, at)
    business = terms_of.business_hours(package, desk, place=place, years=years, agreed=agreed)
    facts = {"received": "inside_hours" if _open(business, at) else "outside_hours"}
    document = terms_of.compile_terms(
        package, desk, place=place, years=years, facts=facts, agreed=agreed, business=business
    )
    if package is None:
        because.append("No times are promised; the request is received and somebody decides.")
    else:
        because.append(f"Package {package}, gives the level {package.level}.")
        local = at.astimezone(ZoneInfo(business["time_zone"]))
        side = facts["received"].replace("_hours", " business hours")
        because.append(
            f"Received on {day_words(local.date())} at {local:%H:%M} {business['time_zone']}: {side}."
        )
        if place.country and not known_country(place.country, place.subdivision):
            because.append(
                f"No public holidays are known for {place.country} {place.subdivision}".strip() + "."
            )
    return Entitlement(
        kind=kind,
        contract=contract,
        package=package,
        level=package.level if package else None,
        terms=terms.store(document) if keep else terms.unsaved(document),
        zone=str(business["time_zone"]),
        because=tuple(because),
    )


def _years(contract: Contract | None, at: datetime) -> tuple[int, int]:
    first = last = at.astimezone(UTC).date()
    if contract is not None:
        first, last = contract.period.lower or first, contract.period.upper or last
    return terms_of.years_of(first, last)


def _open(business: Mapping[str, Any], at: datetime) -> bool:
    return calendar_of(business, name="business").is_open(hours.instant(at))


def _zone(name: str) -> str:
    return name or "UTC"
