"""Which measures a customer has in a period: the KPI rows of its contracts, cut where they change (P5, P6).

A contract line is a contract's number with one of its covered systems; its versions follow each other. A period
is judged by the row in force: where an amendment changes a row in the middle of one, each part is a figure of
its own, by the days on which that row held. Versions that say the same do not cut it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.catalogue.remembered import once
from mainstay.contracts import entitlement, terms
from mainstay.contracts.basis import Basis
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.customers.register import place_at
from mainstay.errors import Refused
from mainstay.policy.compile import compose, named_kpis
from mainstay.policy.conditions import AT_RECEIPT, OF_AGREEMENT, holds
from mainstay.prepared import Arg, Prepared
from mainstay.reports import facts
from mainstay.reports.kpis import credits, periods, rows
from mainstay.reports.kpis.periods import Period
from mainstay.reports.kpis.rows import Definition
from mainstay.tickets.models import Ticket


@dataclass(frozen=True)
class Measure:
    """One definition of one contract line over one period, or over the days of it on which the row held."""

    customer: Customer
    contract: Contract  # the version with which these days begin
    line: tuple[int, ...]  # ids of all versions of the line: tickets of any of them count
    definition: Definition
    row: Mapping[str, Any] = field(hash=False)
    period: Period
    first: date
    end: date
    fitting: tuple[int, ...] = ()  # those of the line for which what the row asks of an agreement holds

    @property
    def when(self) -> facts.When:
        """What the row asks of each ticket; what only a version or terms know as those that fit."""
        asked = [one for one in self.definition.when if one[0] not in (*OF_AGREEMENT, *AT_RECEIPT)]
        if self.fitting != self.line:
            asked.append(("version", tuple(str(one) for one in self.fitting)))
        at_receipt = {name: list(said) for name, said in self.definition.when if name in AT_RECEIPT}
        if at_receipt:
            asked.append(("terms", _terms(self.line, at_receipt)))
        if "share" in self.row:
            asked.append(("terms", _sharing(self.line, self.definition, self.row["share"])))
        return tuple(asked)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.customer.time_zone or "UTC")

    @property
    def begins(self) -> datetime:
        return periods.midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        return periods.midnight(self.end, self.zone)

    @property
    def whole(self) -> bool:
        """Whether it is the whole period."""
        return (self.first, self.end) == (self.period.first, self.period.end)

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    def systems(self) -> list[Environment]:
        """The production systems that the contract covers: the one it names, or all of the customer's."""
        if self.contract.environment is not None:
            return [self.contract.environment]
        mine = self.customer.pk
        return once(("production", mine), lambda: _PRODUCTION.all(customer=mine))

    def measured(self) -> list[Environment]:
        """Of those systems the ones that the row is about."""
        products = dict(self.definition.when).get("product")
        return [
            one for one in self.systems() if not products or (one.product and one.product.code in products)
        ]

    def fee(self) -> credits.Fee:
        """The fee of these days, by the price that was agreed, else the package's."""
        price = self.contract.price or self.contract.package.document.get("price") or {}
        return credits.fee_of(price, self.period, covered=self.days, systems=max(len(self.systems()), 1))


_PRODUCTION = Prepared(
    lambda: (
        Environment.objects.filter(customer=Arg("customer"), kind=Environment.Kind.PRODUCTION)
        .select_related("product")
        .order_by("name", "pk")
    )
)


def of_customer(customer: Customer, first: date, end: date) -> list[Measure]:
    """Every measure of the customer for the periods that hold some day of [first, end), in order of their days."""
    found = [one for line in lines_of(customer) for one in _of_line(customer, line, first, end)]
    return sorted(found, key=lambda one: (one.first, one.contract.number, one.contract.part))


def notice_hours(customer: Customer, day: date) -> int | None:
    """How long before it maintenance has to be announced to a customer, by the uptimes agreed on a day: the longest
    of them; None where they say nothing."""
    agreed = [one.definition.notice_hours for one in of_customer(customer, day, day + timedelta(days=1))]
    return max((hours for hours in agreed if hours is not None), default=None)


def lines_of(customer: Customer) -> list[list[Contract]]:
    """The customer's contracts by number and covered system, each with its versions in order of their days."""
    lines: dict[tuple[str, int], list[Contract]] = {}
    for one in _HELD.all(customer=customer.pk):
        lines.setdefault((one.number, one.part), []).append(one)
    return list(lines.values())


_HELD = Prepared(
    lambda: (
        Contract.objects.filter(customer=Arg("customer"), period__isempty=False)
        .select_related("package__level", "environment__product", "customer", "desk_policy")
        .order_by("period", "pk")
    )
)


def kpi_rows(contract: Contract) -> list[Mapping[str, Any]]:
    """The KPI rows that hold for a contract, each with a name of its own: of its level, its package and what was
    negotiated, composed as everything else of a policy. A row without a code is named by its KPI."""
    package = contract.package
    whole = compose(
        contract.desk_policy.document, package.level.document, package.document, contract.overrides
    )
    said = [{**row, "code": name} for name, row in named_kpis(whole["kpis"]).items()]
    return [*said, *(row for row in share_rows(whole) if not any(_says_it(one, row) for one in said))]


def share_rows(whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What targets that are promised for a share of the tickets ("95 % within 4 h") are measured by: an objective a
    month for each clock and share. Where conditions choose among rows, each severity is one of its own."""
    ranks = [int(one["rank"]) for one in whole["severities"]]
    for clock in dict.fromkeys(row["clock"] for row in whole["targets"] if "share" in row):
        own = [row for row in whole["targets"] if row["clock"] == clock]
        named = {row["severity"] for row in own if not row.get("when")}
        rest = [one for one in ranks if one not in named]
        chosen = any(row.get("when") for row in own)
        for share in dict.fromkeys(row["share"] for row in own if "share" in row):
            fits = [row["severity"] for row in own if row.get("share") == share]
            held = sorted({rank for one in fits for rank in (rest if one == "*" else [one])})
            for group in ([one] for one in held) if chosen else [held] if held else []:
                yield {
                    "code": f"share-{clock}-{share}" + (f"-{group[0]}" if chosen else ""),
                    "kpi": "in_time", "clock": clock, "severity": group, "strength": "objective", "per": "month",
                    "percent": str(share), "share": share, "words": f"{share} % of the tickets within their targets",
                }  # fmt: skip


def _says_it(row: Mapping[str, Any], share: Mapping[str, Any]) -> bool:
    """Whether a KPI row measures those tickets already, as an objective or (then it is owed) as a guarantee."""
    clock = row.get("clock", "first_response" if row["kpi"] == "responses_in_time" else "")
    if row["kpi"] not in ("responses_in_time", "in_time") or clock != share["clock"] or row.get("when"):
        return False
    of = row.get("severity", "*")
    return of in ("*", []) or set(share["severity"]) <= set(of if isinstance(of, list) else [of])


def _of_line(customer: Customer, line: list[Contract], first: date, end: date) -> list[Measure]:
    found: list[Measure] = []
    for contract in line:
        for row in kpi_rows(contract):
            try:
                definition = rows.read(row)
            except Refused:
                continue  # shown as such by `unreadable`
            begin, over = contract.period.lower or date.min, contract.period.upper or date.max
            wanted = periods.overlapping(first, end, definition.per, definition.year_starts)
            for period in wanted:
                held = max(period.first, begin), min(period.end, over)
                fitting = _fitting(line, row, held[1]) if held[0] < held[1] else ()
                if contract.pk in fitting:
                    everyone = tuple(one.pk for one in line)
                    one = Measure(customer, contract, everyone, definition, row, period, *held, fitting)
                    _add(found, one)
    return found


def _fitting(line: list[Contract], row: Mapping[str, Any], end: date) -> tuple[int, ...]:
    """The versions for which what a row asks of the agreement itself holds, as it stood before the day `end`."""
    asked = {name: given for name, given in row.get("when", {}).items() if name in OF_AGREEMENT}
    if not asked:
        return tuple(one.pk for one in line)
    customer = line[0].customer
    place = customer.country, customer.subdivision
    if "region" in asked:
        place = place_at(customer, periods.midnight(end, ZoneInfo(customer.time_zone or "UTC")))
    return tuple(one.pk for one in line if holds(asked, entitlement.of_agreement(_basis(one), place)))


def _basis(contract: Contract) -> Basis:
    return Basis("contract", contract, contract.package, contract.desk_policy)


def _terms(line: tuple[int, ...], asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The terms of tickets of this line that remember what is asked."""
    named = Ticket.objects.filter(contract__in=line).values_list("terms", flat=True).distinct()
    return tuple(sorted(one for one in named if one and holds(asked, terms.load(one).document["facts"])))


def _sharing(line: tuple[int, ...], one: Definition, share: int) -> tuple[str, ...]:
    """The terms of tickets of this line that promise the clock for that share of them."""
    named = Ticket.objects.filter(contract__in=line).values_list("terms", flat=True).distinct()
    return tuple(
        sorted(
            name
            for name in named
            if name and share in {terms.load(name).share(one.clock, rank) for rank in one.severities}
        )
    )


def _add(found: list[Measure], one: Measure) -> None:
    """Days that go on with the same row as those before are one figure with them."""
    for i, earlier in enumerate(found):
        same = earlier.period == one.period and earlier.end == one.first and earlier.row == one.row
        if same and earlier.contract.price == one.contract.price:
            found[i] = replace(one, contract=earlier.contract, first=earlier.first)
            return
    found.append(one)


def unreadable(customer: Customer, day: date) -> list[str]:
    """What of the KPI rows in force on a day cannot be measured, in words."""
    said = []
    for contract in (one for line in lines_of(customer) for one in line):
        if (contract.period.lower or day) <= day and (
            contract.period.upper is None or day < contract.period.upper
        ):
            for row in kpi_rows(contract):
                try:
                    rows.read(row)
                except Refused as refused:
                    said.append(f"{contract}, {row['code']}: {refused}")
    return said


def find(customer: Customer, contract: int, code: str, key: str, first: date | None = None) -> Measure | None:
    """The measure of that contract version, name and period; None when there is none."""
    held = Contract.objects.filter(customer=customer, pk=contract).first()
    if held is None:
        return None
    for row in kpi_rows(held):
        if row["code"] == code:
            try:
                one = rows.read(row)
                period = periods.named(key, one.per, one.year_starts)
            except Refused:
                return None
            for found in of_customer(customer, period.first, period.end):
                fits = (found.contract.pk, found.definition.code, found.period) == (contract, code, period)
                if fits and first in (None, found.first):
                    return found
    return None
