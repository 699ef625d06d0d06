"""What a customer is entitled to at an instant, and every step of why (P1, P5): person, customer, contract version,
environment, terms.

The rows of the policy are chosen by all that is known of a request: `Known` is what the request itself says, the
rest comes from the customer, the environment and the contract. Asking again with another `Known` gives the terms
that another fact would have given.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from mainstay.catalogue import compile as terms_of
from mainstay.catalogue import publish
from mainstay.catalogue.compile import Place
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.catalogue.remembered import know, once
from mainstay.contracts import channels
from mainstay.contracts.basis import Basis, Kind, agreed_in
from mainstay.contracts.channels import Channel
from mainstay.contracts.compiled import LASTING, Compiled, shown_to
from mainstay.contracts.days import day_words, period_words
from mainstay.contracts.models import Contract, Terms
from mainstay.customers import lifecycle
from mainstay.customers.models import Customer, Environment, Release, Subscription
from mainstay.customers.places import known_country
from mainstay.policy.select import region_of
from mainstay.prepared import Arg, Prepared
from mainstay.sla import hours

INCLUDED = "included"


@dataclass(frozen=True)
class Known:
    """What a request says that selects rows: its channel, category and language, the flags set on it, the values
    agreed for it alone (clock -> target, calendar), and the version it speaks of in the sender's words."""

    channel: str = ""
    category: str = ""
    language: str = ""
    flags: tuple[str, ...] = ()
    agreed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: str = ""


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
    facts: Mapping[str, Any] = field(default_factory=dict)
    """All that was known, whether a row asked for it or not."""
    channels: tuple[Channel, ...] = ()
    """Those that keep hours, as they stood at the instant."""


def entitlement_at(
    customer: Customer | None,
    at: datetime,
    *,
    environment: Environment | None = None,
    facts: Known | None = None,
    keep: bool = True,
) -> Entitlement:
    """The contract in force at `at`, by the date in the customer's zone; else what a current subscription
    includes; else nothing is promised, and the request is received all the same.

    A contract for the environment comes before one for all of them. While no environment is named, the highest
    level of the contracts in force holds. A contract that has ended, not begun or is suspended is never selected.

    The terms are stored, so that a ticket may name them; with `keep=False` (a page) nothing is written, and what was
    compiled for an earlier page is taken from there: versions and contracts never change.
    """
    because: list[str] = []
    basis = basis_at(customer, at, environment, because)
    compiled = None if keep or facts or environment else shown_to(basis, customer)
    return judged(
        basis,
        customer,
        at,
        environment=environment,
        facts=facts,
        keep=keep,
        because=because,
        compiled=compiled,
    )


def describe(entitlement: Entitlement) -> list[str]:
    """The reasoning and its result, in sentences."""
    return list(entitlement.because)


# ---- choosing


def basis_at(
    customer: Customer | None, at: datetime, environment: Environment | None, because: list[str]
) -> Basis:
    """What judges a request of this customer at `at`; the reasons are added to `because`."""
    if customer is None:
        because.append("Nobody knows yet which customer this is.")
        return Basis("none", None, None, publish.current_desk_policy())
    day = _where(customer, at, because)
    contract = _contract(customer, day, environment, because)
    if contract is not None:
        return Basis("contract", contract, contract.package, contract.desk_policy)
    if _subscribed(customer, day, because):
        return Basis("included", None, publish.current(Package, INCLUDED), publish.current_desk_policy())
    return Basis("none", None, None, publish.current_desk_policy())


def _where(customer: Customer, at: datetime, because: list[str]) -> date:
    zone = _zone(customer.time_zone)
    day = at.astimezone(ZoneInfo(zone)).date()
    because.append(f"{customer.name} is in {zone}, where it is {day_words(day)}.")
    return day


def _contract(
    customer: Customer, day: date, environment: Environment | None, because: list[str]
) -> Contract | None:
    """The contract in force that fits the environment best; says why each other one does not hold."""
    fitting = []
    for contract in signed(customer):
        why_not = _why_not(contract, day, environment)
        if why_not:
            because.append(f"Contract {contract} does not hold: {why_not}.")
        else:
            fitting.append(contract)
    if not fitting:
        return None
    best = min(fitting, key=lambda one: (one.environment_id is None, -one.package.level.rank, one.pk))
    because.append(_holds(best))
    if environment is None and best.environment_id is not None:
        more = " the highest of its contracts holds" if len(fitting) > 1 else " this contract holds"
        because.append(f"No environment is named yet; until it is known,{more}.")
    return best


def _holds(contract: Contract) -> str:
    covers = f"for {contract.environment.name}" if contract.environment else "for all environments"
    return f"Contract {contract}, {covers}, holds {period_words(contract)}."


def foresee(customers: Iterable[Customer]) -> None:
    """Within `remembering`: these customers are about to be asked for, so their contracts are read at once."""
    contracts: dict[int, list[Contract]] = {customer.pk: [] for customer in customers}
    for contract in _FORESEEN.all(customers=list(contracts)) if contracts else ():
        _with_documents(contract)
        contracts[contract.customer_id].append(contract)
    know({("contracts", number): signed for number, signed in contracts.items()})


def signed(customer: Customer) -> list[Contract]:
    """Every version of every contract of a customer, with package, level, environment and desk policy."""
    return once(("contracts", customer.pk), lambda: _OF_CUSTOMER.all(customer=customer.pk))


def _whole() -> QuerySet[Contract]:
    found = Contract.objects.select_related("package__level", "environment", "desk_policy")
    return found.order_by("number", "version", "part")


_OF_CUSTOMER = Prepared(lambda: _whole().filter(customer=Arg("customer")))
_DOCUMENTS = {"says": "package", "promises": "package__level", "holds": "desk_policy"}
_FORESEEN = Prepared(
    lambda: (
        _whole()
        .filter(customer__id__any=Arg("customers"))
        .defer(*(f"{of}__document" for of in _DOCUMENTS.values()))
        .annotate(**{text: Cast(f"{of}__document", TextField()) for text, of in _DOCUMENTS.items()})
    )
)


def _with_documents(contract: Any) -> None:
    """The versions it names, with their documents: one object for one text, whoever reads it. Not to be changed."""
    contract.package.document = _parsed(contract.says)
    contract.package.level.document = _parsed(contract.promises)
    contract.desk_policy.document = _parsed(contract.holds)


def _foreseen(contract: Contract | None) -> bool:
    return contract is not None and "says" in vars(contract)


_parsed = lru_cache(maxsize=512)(json.loads)


def _why_not(contract: Contract, day: date, environment: Environment | None) -> str:
    first, end = contract.period.lower, contract.period.upper
    if end is not None and day >= end:
        return f"it ended on {day_words(end - timedelta(days=1))}"
    if first is not None and day < first:
        return f"it begins on {day_words(first)}"
    if environment is not None and contract.environment_id not in {None, environment.pk}:
        assert contract.environment is not None
        return f"it covers {contract.environment.name}, and this is about {environment.name}"
    suspended = contract.suspension_on(day)
    if suspended is not None:
        why = f": {suspended['why']}" if suspended.get("why") else ""
        return f"it is suspended since {day_words(date.fromisoformat(suspended['from']))}{why}"
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


# ---- asking again


def basis_of(document: Mapping[str, Any], contract: Contract | None) -> Basis:
    """What judged a ticket whose terms are `document`: the very versions it names, whatever was published since."""
    said = document.get("package")
    desk = _version(DeskPolicy, publish.DESK_POLICY, document["desk_policy"]["version"])
    if contract is not None:
        return Basis("contract", contract, contract.package, contract.desk_policy)
    if said:
        return Basis("included", None, _version(Package, said["code"], said["version"]), desk)
    return Basis("none", None, None, desk)


def _version(model: Any, code: str, version: int) -> Any:
    found = model.objects.filter(code=code, version=version).first()
    return found or publish.current(model, code)


def judged(
    basis: Basis,
    customer: Customer | None,
    at: datetime,
    *,
    environment: Environment | None = None,
    facts: Known | None = None,
    keep: bool = True,
    because: list[str] | None = None,
    first: Iterable[str] = (),
    compiled: Compiled | None = None,
) -> Entitlement:
    """The terms under what is known of a request received at `at`, and why. `because` is how the basis was chosen;
    where that is not known, `first` is what is said before it."""
    known = facts or Known()
    if because is None:
        because = [*first]
        if customer is not None:
            _where(customer, at, because)
        if basis.contract is not None:
            because.append(_holds(basis.contract))
    place = Place(_zone(customer.time_zone), customer.country, customer.subdivision) if customer else Place()
    done = compiled or (LASTING if _foreseen(basis.contract) else Compiled())
    around = done.around(basis, place, _years(basis.contract, at))
    selecting = selected_by(basis, customer, environment, known, at)
    selecting["received"] = "inside_hours" if around.calendar.is_open(hours.instant(at)) else "outside_hours"

    def compiled_now() -> dict[str, Any]:
        document = terms_of.compile_terms(
            basis.package, basis.desk, place=place, years=around.years, facts=selecting,
            agreed=agreed_in(basis.contract), business=around.business,
        )  # fmt: skip
        return with_agreed(document, known.agreed)

    judging = done.terms(around.case(selecting, known.agreed), compiled_now, keep=keep)
    because += _reasons(basis, place, at, around.business, selecting["received"])
    stand: tuple[Channel, ...] = ()
    if basis.package is not None:
        stand = around.channels(place, at, selecting)
        because += channels.reasons(around.effective, known.channel, list(stand))
    day = at.astimezone(ZoneInfo(place.zone)).date()
    because += runs(environment, known, day, basis.desk.document)
    return Entitlement(
        kind=basis.kind,
        contract=basis.contract,
        package=basis.package,
        level=basis.package.level if basis.package else None,
        terms=judging,
        zone=str(around.business["time_zone"]),
        because=tuple(because),
        facts=selecting,
        channels=stand,
    )


def with_agreed(document: dict[str, Any], agreed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The terms with the values that hold for one ticket: in the cells that leave room for one, or in those of the
    severities that the value names itself (two tickets were merged, and the earlier promise stands)."""
    for clock, value in agreed.items():
        cells = document["policy"]["clocks"].get(clock)
        room = value.get("severities") or document.get("agreed", {}).get(clock, {})
        for severity in room if cells else ():
            cells["target"][severity] = value["target"]
            cells["calendar"][severity] = value["calendar"]
    if agreed:
        document["for_this_ticket"] = {clock: dict(value) for clock, value in agreed.items()}
    return document


# ---- what selects rows


def selected_by(
    basis: Basis, customer: Customer | None, environment: Environment | None, known: Known, at: datetime
) -> dict[str, Any]:
    """The facts of a request that rows may ask for (but `received`): each only where it is known."""
    contract = basis.contract
    environment = environment or (contract.environment if contract else None)
    product = environment.product if environment else None
    found: dict[str, Any] = {
        **of_agreement(basis, (customer.country, customer.subdivision) if customer else ("", "")),
        "environment": environment.kind if environment else "",
        "category": known.category,
        "channel": known.channel,
        "language": known.language or (customer.language if customer else ""),
        "product": product.code if product else "",
        "phase": _phase(environment, known, at, basis.desk.document),
        "flags": sorted(known.flags),
    }
    return {name: value for name, value in found.items() if value}


def of_agreement(basis: Basis, place: tuple[str, str]) -> dict[str, Any]:
    """What is the same for every request judged by `basis`, for a customer whose country and part of it are `place`."""
    return {
        "package": basis.package.code if basis.package else "",
        "level": basis.package.level.code if basis.package else "",
        "region": region_of(basis.desk.document.get("regions", {}), *place),
        "addons": sorted(basis.contract.overrides.get("addons", [])) if basis.contract else [],
        "bought": _bought(basis.contract),
    }


def _phase(environment: Environment | None, known: Known, at: datetime, desk: Mapping[str, Any]) -> str:
    """The phase that the release it is about was in at receipt; empty where nobody has said which it is."""
    release = _release(environment, known) if environment is not None else None
    return lifecycle.phase_of(release, at.astimezone(UTC).date(), desk).code if release else ""


def _release(environment: Environment, known: Known) -> Release | None:
    """The release in the request's own words, if it is one of the product's, else what the environment runs."""
    if known.version and environment.product is not None:
        named = lifecycle.named(known.version, Release.objects.filter(product=environment.product))
        return named or environment.release
    return environment.release


def _bought(contract: Contract | None) -> str:
    """The day of the contract's first signing: several generations of a policy may be alive at once."""
    day = (contract.first_signed_on or contract.signed_on) if contract else None
    return day.isoformat() if day else ""


# ---- reasons


def _reasons(basis: Basis, place: Place, at: datetime, business: Mapping[str, Any], side: str) -> list[str]:
    if basis.package is None:
        return ["No times are promised; the request is received and somebody decides."]
    said = [_gives(basis.package)]
    local = at.astimezone(ZoneInfo(business["time_zone"]))
    hour = side.replace("_", " business ")
    said.append(f"Received on {day_words(local.date())} at {local:%H:%M} {business['time_zone']}: {hour}.")
    if place.country and not known_country(place.country, place.subdivision):
        said.append(f"No public holidays are known for {place.country} {place.subdivision}".strip() + ".")
    return said


def _gives(package: Package) -> str:
    return f"Package {package}, gives the level {package.level}."


def runs(environment: Environment | None, known: Known, day: date, desk: Mapping[str, Any]) -> list[str]:
    """Which system it is about and how its release stands (X1), as far as somebody has said."""
    if environment is None:
        return []
    release = _release(environment, known)
    what = f", which runs {release}" if release else ""
    said = [f"It is about {environment.name} ({environment.get_kind_display()}){what}."]
    if release is not None and (ended := lifecycle.reason(release, day, desk)):
        said.append(f"{ended[:1].upper()}{ended[1:]}.")
    if release is not None and (less := lifecycle.reduction(release, day, desk)):
        said.append(f"{less[:1].upper()}{less[1:]}.")
    return said


# ---- small parts


def _years(contract: Contract | None, at: datetime) -> tuple[int, int]:
    first = last = at.astimezone(UTC).date()
    if contract is not None:
        first, last = contract.period.lower or first, contract.period.upper or last
    return terms_of.years_of(first, last)


def _zone(name: str) -> str:
    return name or "UTC"
