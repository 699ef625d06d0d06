"""What was compiled of a basis already, so that each combination of facts that rows ask for is compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any

from mainstay.catalogue import compile as terms_of
from mainstay.catalogue.compile import Place
from mainstay.contracts import channels, terms
from mainstay.contracts.basis import Basis, agreed_in
from mainstay.contracts.channels import Channel
from mainstay.contracts.models import Terms
from mainstay.customers.models import Customer
from mainstay.policy.compile import given, wanted
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import Calendar


@dataclass(frozen=True)
class Around:
    """What is the same for every request judged by one basis at one place."""

    number: int
    years: tuple[int, int]
    effective: dict[str, Any]
    business: dict[str, Any]
    calendar: Calendar
    wanted: Mapping[str, set[str]]
    """The facts that rows ask for."""
    held: Any
    """What it was made of, so that nothing is taken for something else of its address."""

    def case(self, facts: Mapping[str, Any], agreed: Mapping[str, Any]) -> str:
        """The same for requests that get the same terms."""
        return f"{self.number} {given(self.wanted, facts)} {agreed}"

    def channels(self, place: Place, at: datetime, facts: Mapping[str, Any]) -> tuple[Channel, ...]:
        """The channels of the package that keep hours, as they stand at `at`."""
        return tuple(
            channels.with_hours(
                self.effective, at, place=place, years=self.years, facts=facts, business=self.calendar
            )
        )


class Compiled:
    """What was compiled already, for many requests in a row: each combination of facts that rows ask for once."""

    def __init__(self) -> None:
        self._terms: dict[str, Terms] = {}
        self._around: dict[Any, Around] = {}
        self._numbers = count()

    def around(self, basis: Basis, place: Place, years: tuple[int, int]) -> Around:
        key, held = self._key(basis)
        found = self._around.get((key, place, years))
        if found is None:
            agreed = agreed_in(basis.contract)
            says = terms_of.effective(basis.package, basis.desk, agreed.overrides if agreed else None)
            business = terms_of.business_hours(
                basis.package, basis.desk, place=place, years=years, agreed=agreed
            )
            calendar = calendar_of(business, name="business")
            found = Around(next(self._numbers), years, says, business, calendar, wanted(says), held)
            self._around[key, place, years] = found
        return found

    def terms(self, case: str, compile: Callable[[], dict[str, Any]], *, keep: bool) -> Terms:
        """The terms of a case; stored when they are compiled, unless nothing is to be written."""
        if case not in self._terms:
            self._terms[case] = terms.store(compile()) if keep else terms.unsaved(compile())
        return self._terms[case]

    def _key(self, basis: Basis) -> tuple[Any, Any]:
        """What tells this basis from others, and what must be held so that it goes on doing so."""
        parts = (basis.contract, basis.package, basis.desk)
        return tuple(part and (part.pk or id(part)) for part in parts), basis


class Lasting(Compiled):
    """The same for the life of a process, told apart by what documents say and by nothing that may come to say
    something else. Documents that are one object to all readers are compiled once (see `foresee`)."""

    MOST = 1_000

    def around(self, basis: Basis, place: Place, years: tuple[int, int]) -> Around:
        if len(self._around) >= self.MOST:
            self._around, self._terms = {}, {}
        return super().around(basis, place, years)

    def terms(self, case: str, compile: Callable[[], dict[str, Any]], *, keep: bool) -> Terms:
        """Stored whenever they are asked for: what was stored before may have been rolled back."""
        found = self._terms.get(case) or terms.unsaved(compile())
        self._terms[case] = found
        return terms.keep(found) if keep else found

    def _key(self, basis: Basis) -> tuple[Any, Any]:
        contract, package, desk = basis.contract, basis.package, basis.desk
        versions = (desk, package, package.level) if package else (desk,)
        documents = [one.document for one in versions]
        named = [(one.code, one.version, one.name) for one in versions]
        signed = contract and (contract.number, contract.version, contract.overrides, contract.calendar)
        key = f"{[id(one) for one in documents]} {named} {package and package.level.rank} {signed}"
        return key, documents


LASTING = Lasting()


def shown_to(basis: Basis, customer: Customer | None) -> Compiled:
    """What pages have compiled of this basis, for a customer of this place and language."""
    of = (one and one.pk for one in (basis.contract, basis.package, basis.desk))
    at = (customer.time_zone, customer.country, customer.subdivision, customer.language) if customer else ()
    return _compiled_of(*of, *at)


@lru_cache(maxsize=200)
def _compiled_of(*_: Any) -> Compiled:
    return Compiled()
