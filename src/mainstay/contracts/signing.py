"""Signing a contract, and ending one sooner than was signed (P5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team, User
from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.contracts.days import day_words, period_words, today
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.errors import Refused
from mainstay.sla.calendars import calendar_of

SIDES = ("vendor", "customer")


@dataclass(frozen=True)
class Beside:
    """What a contract says beside package, days and environment; all of it may be left out.

    `overrides` is a difference document, checked by whoever negotiated it; `desk_policy` None is the one in
    force. `calendar` overrides the package's hours (time_zone, week, holidays, special).
    """

    overrides: Mapping[str, Any] = field(default_factory=dict)
    calendar: Mapping[str, Any] = field(default_factory=dict)
    price: Mapping[str, Any] = field(default_factory=dict)
    desk_policy: DeskPolicy | None = None
    phone_number: str = ""
    tam: User | None = None
    team: Team | None = None
    signatories: Sequence[Mapping[str, str]] = ()


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
    beside: Beside | None = None,
) -> Contract:
    """Record version 1 of a signed contract, for all environments of the customer or for one.

    `last_day` is included; None is a contract without an end. Raises `Refused` naming number, phone_number,
    period, environment, calendar or signatories.
    """
    beside = beside or Beside(calendar=calendar or {}, phone_number=phone_number)
    number = checked_number(number)
    if Contract.every.filter(number=number).exists():
        raise Refused("number", f"{number} is taken; amend that contract, or use another number")
    return written(
        Version(
            customer,
            number,
            package,
            first_day,
            last_day,
            environment,
            signed_on or today(customer, at),
            beside,
        ),
        by=by,
        at=at,
    )


@dataclass(frozen=True)
class Version:
    """A version that is about to be signed. `supersedes` is what it amends, renews or stands beside."""

    customer: Customer
    number: str
    package: Package
    first_day: date
    last_day: date | None
    environment: Environment | None
    signed_on: date
    beside: Beside
    version: int = 1
    part: int = 1
    how: str = Contract.How.SIGNED
    supersedes: Contract | None = None
    suspended: Sequence[Mapping[str, Any]] = ()
    applies_to_open: bool = False
    reason: str = ""


def written(one: Version, *, by: Actor, at: datetime) -> Contract:
    """Check a version and write it with its act. Raises `Refused` naming what is wrong."""
    beside, phone = one.beside, one.beside.phone_number.strip()
    if len(phone) > 40:
        raise Refused("phone_number", "must be at most 40 characters")
    if one.last_day is not None and one.last_day < one.first_day:
        raise Refused(
            "period", f"ends on {day_words(one.last_day)}, before it begins on {day_words(one.first_day)}"
        )
    if one.environment is not None and one.environment.customer_id != one.customer.pk:
        raise Refused("environment", f"{one.environment.name} is not an environment of {one.customer.name}")
    check_calendar(beside.calendar)
    signatories = checked_signatories(beside.signatories)
    price = beside.price or one.package.document.get("price", {})
    end = one.last_day + timedelta(days=1) if one.last_day else None
    _check_overlap(one.customer, one.environment, one.first_day, end)
    try:
        with transaction.atomic():
            made = Contract.objects.create(
                customer=one.customer, number=one.number, version=one.version, part=one.part, how=one.how,
                supersedes=one.supersedes, package=one.package, environment=one.environment,
                desk_policy=beside.desk_policy or publish.current_desk_policy(),
                period=DateRange(one.first_day, end), suspended=list(one.suspended),
                overrides=dict(beside.overrides), calendar=dict(beside.calendar), price=dict(price),
                phone_number=phone, tam=beside.tam, team=beside.team, signatories=signatories,
                applies_to_open=one.applies_to_open, reason=one.reason.strip()[:500],
                first_signed_on=one.supersedes.first_signed_on if one.supersedes else one.signed_on,
                signed_on=one.signed_on, signed_by_id=by.id if by.kind == "staff" else None,
            )  # fmt: skip
            acts.record(
                f"contract {one.how}", f"{one.number} of {one.customer}",
                by=by, at=at, before=told(one.supersedes) if one.supersedes else {}, after=told(made),
            )  # fmt: skip
            return made
    except IntegrityError:  # somebody else signed one meanwhile
        raise Refused(
            "period", f"{one.customer.name} already has a contract for some of these days"
        ) from None


def told(contract: Contract) -> dict[str, Any]:
    """A contract as the log of the organisation has it."""
    return {
        "version": contract.version,
        "package": str(contract.package),
        "environment": contract.environment.name if contract.environment else "all",
        "holds": period_words(contract),
        "phone_number": contract.phone_number,
        "differs": sorted(contract.overrides),
        "TAM": contract.tam.name if contract.tam else "",
        "team": contract.team.name if contract.team else "",
        "price": ", ".join(str(part) for part in contract.price.values()),
        "signatories": [one["name"] for one in contract.signatories],
        "signed_on": contract.signed_on,
        "reason": contract.reason,
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
                "last_day", f"is before the contract begins, on {day_words(first)}; at least that day holds"
            )
        if end is not None and last_day + timedelta(days=1) >= end:
            raise Refused(
                "last_day", f"is not sooner: it ends on {day_words(end - timedelta(days=1))} already"
            )
        before = {"holds": period_words(held)}
        held.period = DateRange(first, last_day + timedelta(days=1))
        held.save(update_fields=["period"])
        acts.record(
            "contract ended early", f"{held} of {held.customer}",
            by=by, at=at, before=before, after={"holds": period_words(held)},
        )  # fmt: skip
    return held


# ---- checks


def checked_number(number: str) -> str:
    number = number.strip()
    if not number or len(number) > 40:
        raise Refused("number", "must be the contract's number, 1 to 40 characters")
    return number


def checked_signatories(given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Who signed, each with side (vendor or customer), name and title."""
    found = []
    for i, one in enumerate(given):
        name, title = one.get("name", "").strip(), one.get("title", "").strip()
        if one.get("side") not in SIDES:
            raise Refused(f"signatories[{i}].side", f"must be one of {', '.join(SIDES)}")
        if not name or len(name) > 200 or len(title) > 200:
            raise Refused(f"signatories[{i}].name", "must be a name of 1 to 200 characters")
        found.append({"side": one["side"], "name": name, "title": title})
    return found


def _check_overlap(
    customer: Customer, environment: Environment | None, first_day: date, end: date | None
) -> None:
    """Periods of one customer never overlap: two contracts for everything, or two for one environment, or one
    of each, would leave open which of them holds."""
    others = Contract.objects.filter(customer=customer, period__overlap=(first_day, end))
    for other in others.select_related("environment").order_by("pk"):
        if environment is None or other.environment_id in {None, environment.pk}:
            raise Refused(
                "period",
                f"overlaps contract {other}, which holds {period_words(other)}; begin after it or end it",
            )


def check_amendment(last: Contract, first_day: date) -> None:
    """An amendment begins within the newest version, after its first day. Refused otherwise, naming first_day."""
    begin, end = last.first_day, last.last_day
    if begin is not None and first_day < begin:
        raise Refused(
            "first_day",
            f"{day_words(first_day)} lies before {last}, which begins on {day_words(begin)}; amend from a later day",
        )
    if begin is not None and first_day == begin:
        raise Refused(
            "first_day",
            f"{day_words(first_day)} is the first day of {last}, which would be left with a period of minus one"
            " day; amend from a later day",
        )
    if end is not None and first_day > end:
        raise Refused("first_day", f"lies after {last}, which holds {period_words(last)}; renew it instead")


def check_calendar(calendar: Mapping[str, Any]) -> None:
    """A contract's own hours: parts of a calendar, which open at some time. Raises `Refused`."""
    unknown = sorted(set(calendar) - {"time_zone", "week", "holidays", "special"})
    if unknown:
        raise Refused(
            f"calendar.{unknown[0]}", "is not known here; expected time_zone, week, holidays, special"
        )
    whole = {"time_zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}, **calendar}
    if whole.get("holidays") in ("customer", "none"):
        whole["holidays"] = []
    calendar_of(whole, field="calendar")
