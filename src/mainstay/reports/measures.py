"""Which measures a customer has in a period: the KPI rows of its contracts, cut where they change (P5, P6).

A contract line is a contract's number with one of its covered systems; its versions follow each other. A period
is judged by the row in force: where an amendment changes a row in the middle of one, each part is a figure of
its own, by the days on which that row held. Versions that say the same do not cut it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.errors import Refused
from mainstay.policy.compile import compose
from mainstay.reports.kpis import credits, periods, rows
from mainstay.reports.kpis.periods import Period
from mainstay.reports.kpis.rows import Definition


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
        return list(
            self.customer.environments.filter(kind=Environment.Kind.PRODUCTION).order_by("name", "pk")
        )

    def fee(self) -> credits.Fee:
        """The fee of these days, by the price that was agreed, else the package's."""
        price = self.contract.price or self.contract.package.document.get("price") or {}
        return credits.fee_of(price, self.period, covered=self.days, systems=max(len(self.systems()), 1))


def of_customer(customer: Customer, first: date, end: date) -> list[Measure]:
    """Every measure of the customer for the periods that hold some day of [first, end), in order of their days."""
    found = [one for line in lines_of(customer) for one in _of_line(customer, line, first, end)]
    return sorted(found, key=lambda one: (one.first, one.contract.number, one.contract.part))


def lines_of(customer: Customer) -> list[list[Contract]]:
    """The customer's contracts by number and covered system, each with its versions in order of their days."""
    lines: dict[tuple[str, int], list[Contract]] = {}
    held = Contract.objects.filter(customer=customer, period__isempty=False)
    for one in held.select_related("package__level", "environment", "customer", "desk_policy").order_by(
        "period", "pk"
    ):
        lines.setdefault((one.number, one.part), []).append(one)
    return list(lines.values())


def kpi_rows(contract: Contract) -> list[Mapping[str, Any]]:
    """The KPI rows that hold for a contract, each with a name of its own: of its level, its package and what was
    negotiated, composed as everything else of a policy. A row without a code is named by its KPI."""
    package = contract.package
    whole = compose(
        contract.desk_policy.document, package.level.document, package.document, contract.overrides
    )
    found: dict[str, Mapping[str, Any]] = {}
    for row in whole["kpis"]:
        base = str(row.get("code") or row["kpi"])
        name = next(c for n in range(1, 1000) if (c := base if n == 1 else f"{base}-{n}") not in found)
        found[name] = {**row, "code": name}
    return list(found.values())


def _of_line(customer: Customer, line: list[Contract], first: date, end: date) -> list[Measure]:
    everyone = tuple(one.pk for one in line)
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
                if held[0] < held[1]:
                    _add(found, Measure(customer, contract, everyone, definition, row, period, *held))
    return found


def _add(found: list[Measure], one: Measure) -> None:
    """Days that go on with the same row as those before are one figure with them."""
    for i, earlier in enumerate(found):
        same = earlier.period == one.period and earlier.end == one.first and earlier.row == one.row
        if same and earlier.contract.price == one.contract.price:
            found[i] = Measure(
                one.customer,
                earlier.contract,
                one.line,
                one.definition,
                one.row,
                one.period,
                earlier.first,
                one.end,
            )
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
