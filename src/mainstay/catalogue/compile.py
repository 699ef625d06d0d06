"""The terms of a package as the database keeps it: versions in, a terms document out (DESIGN 3).

The compiler itself is `policy.compile`, which knows only documents; here the versions are put into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.policy.closed_days import public_holidays
from mainstay.policy.compile import (
    Agreed,
    Named,
    Place,
    business_calendar,
    canonical,
    compose,
    digest,
    terms,
    years_of,
)
from mainstay.policy.select import resolve

__all__ = [
    "Agreed",
    "Place",
    "business_hours",
    "canonical",
    "compile_terms",
    "digest",
    "effective",
    "public_holidays",
    "resolve",
    "years_of",
]


def effective(
    package: Package | None, desk: DeskPolicy, overrides: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What holds for a contract: desk policy, level, package and the contract's difference composed."""
    if package is None:
        return compose(desk.document)
    return compose(desk.document, package.level.document, package.document, overrides)


def compile_terms(
    package: Package | None,
    desk: DeskPolicy,
    *,
    place: Place,
    years: tuple[int, int],
    facts: Mapping[str, Any],
    agreed: Agreed | None = None,
    business: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The terms document for one package (None: nothing is promised) under the facts of one ticket.

    `years` are the first and last year whose holidays are written out. `facts` is what `when` of a row is
    compared with, such as {"received": "outside_hours"}; those that no row asks for are left out.
    `business` is what `business_hours` gives, where it is known already.
    """
    named = Named(desk.version, _level(package), _named(package) if package else None)
    composed = effective(package, desk, agreed.overrides if agreed else None)
    return terms(composed, named, place=place, years=years, facts=facts, agreed=agreed, business=business)


def business_hours(
    package: Package | None,
    desk: DeskPolicy,
    *,
    place: Place,
    years: tuple[int, int],
    agreed: Agreed | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The business calendar in the case format: the contract's hours, else the package's, else the desk's."""
    composed = effective(package, desk, agreed.overrides if agreed else None)
    return business_calendar(composed, place=place, years=years, facts=facts, agreed=agreed)


def _level(package: Package | None) -> dict[str, Any] | None:
    return {**_named(package.level), "rank": package.level.rank} if package else None


def _named(version: Any) -> dict[str, Any]:
    return {"code": version.code, "name": version.name, "version": version.version}
