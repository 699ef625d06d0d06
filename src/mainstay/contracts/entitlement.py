"""What a customer is entitled to at an instant, and every step of why (P1, P5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.catalogue import compile as terms_of
from mainstay.catalogue import publish
from mainstay.catalogue.compile import Agreed, Place
from mainstay.catalogue.models import Package, ServiceLevel
from mainstay.catalogue.remembered import know, once
from mainstay.contracts import terms
from mainstay.contracts.models import Contract, Terms
from mainstay.customers.models import Customer, Environment, Subscription
from mainstay.customers.places import known_country
from mainstay.errors import Refused
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
    because = [f"{customer.name} is in {place.zone}, where it is {_day(day)}."]
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
    signed = once(("contracts", customer.pk), lambda: list(_signed([customer])))
    fitting = []
    for contract in signed:
        why_not = _why_not(contract, day, environment)
        if why_not:
            because.append(f"Contract {contract} does not hold: {why_not}.")
        else:
            fitting.append(contract)
    if not fitting:
        return None
    best = min(fitting, key=lambda one: (one.environment_id is None, -one.package.level.rank, one.pk))
    covers = f"for {best.environment.name}" if best.environment else "for all environments"
    because.append(f"Contract {best}, {covers}, holds {_period(best)}.")
    if environment is None and best.environment_id is not None:
        more = " the highest of its contracts holds" if len(fitting) > 1 else " this contract holds"
        because.append(f"No environment is named yet; until it is known,{more}.")
    return best


def foresee(customers: Iterable[Customer]) -> None:
    """Within `remembering`: these customers are about to be asked for, so their contracts are read at once."""
    contracts: dict[int, list[Contract]] = {customer.pk: [] for customer in customers}
    for contract in _signed(customers):
        contracts[contract.customer_id].append(contract)
    know({("contracts", number): signed for number, signed in contracts.items()})


def _signed(customers: Iterable[Customer]) -> QuerySet[Contract]:
    signed = Contract.objects.filter(customer__in=customers).select_related("package__level", "environment")
    return signed.order_by("number", "version")


def _why_not(contract: Contract, day: date, environment: Environment | None) -> str:
    first, end = contract.period.lower, contract.period.upper
    if end is not None and day >= end:
        return f"it ended on {_day(end - timedelta(days=1))}"
    if first is not None and day < first:
        return f"it begins on {_day(first)}"
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
            f"No contract holds; the subscription{of}, until {_day(current.ends_on)}, includes support."
        )
        return True
    ended = f"; the last one ended on {_day(newest[0].ends_on)}" if newest and newest[0].ends_on < day else ""
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
        because.append(f"Received on {_day(local.date())} at {local:%H:%M} {business['time_zone']}: {side}.")
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


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _period(contract: Contract) -> str:
    first, end = contract.period.lower, contract.period.upper
    begin = f"from {_day(first)}" if first else "from ever"
    return f"{begin} to {_day(end - timedelta(days=1))}" if end else f"{begin} without an end"


# ---- signing


def sign_contract(
    *,
    customer: Customer,
    number: str,
    package: Package,
    first_day: date,
    last_day: date | None,
    by: Actor,
    at: datetime,
    environment: Environment | None = None,
    calendar: Mapping[str, Any] | None = None,
    phone_number: str = "",
    signed_on: date | None = None,
) -> Contract:
    """Record version 1 of a signed contract, for all environments of the customer or for one.

    `last_day` is included; None is a contract without an end. `calendar` overrides the package's hours
    (time_zone, week, holidays, special). Raises `Refused` naming number, phone_number, period, environment or
    calendar.
    """
    number, phone_number = number.strip(), phone_number.strip()
    if not number or len(number) > 40:
        raise Refused("number", "must be the contract's number, 1 to 40 characters")
    if len(phone_number) > 40:
        raise Refused("phone_number", "must be at most 40 characters")
    if last_day is not None and last_day < first_day:
        raise Refused("period", f"ends on {_day(last_day)}, before it begins on {_day(first_day)}")
    if environment is not None and environment.customer_id != customer.pk:
        raise Refused("environment", f"{environment.name} is not an environment of {customer.name}")
    _check_calendar(calendar or {})
    if Contract.objects.filter(number=number).exists():
        raise Refused("number", f"{number} is taken; amend that contract, or use another number")
    end = last_day + timedelta(days=1) if last_day else None
    _check_overlap(customer, environment, first_day, end)
    try:
        with transaction.atomic():
            made = Contract.objects.create(
                customer=customer,
                number=number,
                package=package,
                environment=environment,
                period=DateRange(first_day, end),
                calendar=dict(calendar or {}),
                phone_number=phone_number,
                signed_on=signed_on or at.date(),
                signed_by_id=by.id if by.kind == "staff" else None,
            )
            acts.record("contract signed", f"{number} of {customer}", by=by, at=at, after=_written(made))
            return made
    except IntegrityError:  # somebody else signed one meanwhile
        raise Refused("period", f"{customer.name} already has a contract for some of these days") from None


def _written(contract: Contract) -> dict[str, Any]:
    """A contract as the log of the organisation has it."""
    return {
        "package": str(contract.package),
        "environment": contract.environment.name if contract.environment else "all",
        "holds": _period(contract),
        "phone_number": contract.phone_number,
        "signed_on": contract.signed_on,
    }


def end_contract(contract: Contract, *, last_day: date, by: Actor, at: datetime) -> Contract:
    """Let a contract end sooner than was signed; `last_day` is the last one on which it holds.

    Only that is ever changed of a contract. `tickets.bound.end_contract` is the verb for people: it also sees
    to the tickets that the contract judged. Raises `Refused` naming last_day.
    """
    with transaction.atomic():
        held = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
        first, end = held.period.lower, held.period.upper
        if first is not None and last_day < first:
            raise Refused(
                "last_day", f"is before the contract begins, on {_day(first)}; at least that day holds"
            )
        if end is not None and last_day + timedelta(days=1) >= end:
            raise Refused("last_day", f"is not sooner: it ends on {_day(end - timedelta(days=1))} already")
        before = {"holds": _period(held)}
        held.period = DateRange(first, last_day + timedelta(days=1))
        held.save(update_fields=["period"])
        acts.record(
            "contract ended early", f"{held} of {held.customer}",
            by=by, at=at, before=before, after={"holds": _period(held)},
        )  # fmt: skip
    return held


def _check_overlap(
    customer: Customer, environment: Environment | None, first_day: date, end: date | None
) -> None:
    """Periods of one customer never overlap: two contracts for everything, or two for one environment, or one
    of each, would leave open which of them holds."""
    others = Contract.objects.filter(customer=customer, period__overlap=(first_day, end))
    for other in others.select_related("environment").order_by("pk"):
        if environment is None or other.environment_id in {None, environment.pk}:
            raise Refused(
                "period", f"overlaps contract {other}, which holds {_period(other)}; begin after it or end it"
            )


def _check_calendar(calendar: Mapping[str, Any]) -> None:
    unknown = sorted(set(calendar) - {"time_zone", "week", "holidays", "special"})
    if unknown:
        raise Refused(
            f"calendar.{unknown[0]}", "is not known here; expected time_zone, week, holidays, special"
        )
    whole = {"time_zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}, **calendar}
    if whole.get("holidays") in ("customer", "none"):
        whole["holidays"] = []
    calendar_of(whole, field="calendar")
