"""Compiling a level, a package and the desk policy into the terms that judge tickets (DESIGN 3).

Terms hold everything: targets, calendars with their holidays as dates, kinds, head starts, closing rules. What
selects rows of a level besides the severity (hours at receipt) is resolved here, so two facts give two terms.
A terms document holds only texts, whole numbers, true and false; its canonical bytes are its identity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from mainstay.catalogue.documents import Hours, TargetRow
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.customers.places import known_country


@dataclass(frozen=True)
class Place:
    """Where the customer is: the zone of its clocks, the country whose public holidays are closed."""

    zone: str = "UTC"
    country: str = ""
    subdivision: str = ""


@dataclass(frozen=True)
class Agreed:
    """What a contract adds: its number, and its own hours if it has any.

    `calendar` may hold time_zone, week, holidays ("customer", "none" or dates) and special.
    """

    number: str
    version: int
    calendar: Mapping[str, Any] = field(default_factory=dict)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one spelling of a terms document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    """The hash that names a terms document: SHA-256 of its canonical bytes, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def compile_terms(
    package: Package | None,
    desk: DeskPolicy,
    *,
    place: Place,
    years: tuple[int, int],
    facts: Mapping[str, str],
    agreed: Agreed | None = None,
    business: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The terms document for one package (None: nothing is promised) under the facts of one ticket.

    `years` are the first and last year whose holidays are written out. `facts` is what `when` of a row is
    compared with, such as {"received": "outside_hours"}; those that no row asks for are left out.
    `business` is what `business_hours` gives, where it is known already.
    """
    says: Mapping[str, Any] = package.level.document if package else _NOTHING
    policy = desk.document
    business = business or business_hours(package, desk, place=place, years=years, agreed=agreed)
    matter = {fact for row in says["targets"] for fact in row.get("when", {})}
    facts = {fact: value for fact, value in sorted(facts.items()) if fact in matter}
    rows = resolve(says["targets"], facts)
    return {
        "format": 1,
        "level": _level(package),
        "package": _named(package) if package else None,
        "desk_policy": {"version": desk.version},
        "contract": {"number": agreed.number, "version": agreed.version} if agreed else None,
        "facts": facts,
        "zone": business["time_zone"],
        "calendars": {
            "business": business,
            "always": {"time_zone": business["time_zone"], "always": True},
        },
        "policy": {"clocks": _clocks(says, rows), "on_raise": says["on_raise"], "on_lower": says["on_lower"]},
        "kinds": _by_clock(rows, "kind"),
        "warn_at": says["warn_at"],
        "head_start": {severity: minutes * 60 for severity, minutes in says["head_start_minutes"].items()},
        "closing": {**policy["closing"], **says.get("closing", {})},
        "escalation": dict(says["escalation"]),
        "kpis": list(says["kpis"]),
        "queue_ceiling_days": policy["queue_ceiling_days"],
    }


_NOTHING: dict[str, Any] = {
    "targets": [],
    "on_raise": "from_change",
    "on_lower": "from_start",
    "warn_at": 75,
    "head_start_minutes": {},
    "escalation": {"severity": 1, "page": False},
    "kpis": [],
}


def business_hours(
    package: Package | None,
    desk: DeskPolicy,
    *,
    place: Place,
    years: tuple[int, int],
    agreed: Agreed | None = None,
) -> dict[str, Any]:
    """The business calendar in the case format: the contract's hours, else the package's, else the desk's."""
    hours: Hours = package.document["hours"] if package else desk.document["hours"]
    own = agreed.calendar if agreed else {}
    listed = own.get("holidays", hours["holidays"])
    calendar: dict[str, Any] = {
        "time_zone": own.get("time_zone") or place.zone,
        "week": own.get("week") or hours["week"],
        "holidays": list(public_holidays(place.country, place.subdivision, *years))
        if listed == "customer"
        else []
        if listed == "none"
        else sorted(listed),
    }
    if own.get("special"):
        calendar["special"] = own["special"]
    return calendar


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, first: int, last: int) -> tuple[str, ...]:
    """The public holidays of a country (ISO 3166-1 and the part of 3166-2), as dates; none if it is unknown."""
    if not known_country(country):
        return ()
    import holidays

    part = subdivision if known_country(country, subdivision) else None
    days: Mapping[date, str] = holidays.country_holidays(country, subdiv=part, years=range(first, last + 1))
    return tuple(sorted(day.isoformat() for day in days if first <= day.year <= last))


# ---- rows to a policy of the clock definition


def resolve(rows: list[TargetRow], facts: Mapping[str, str]) -> dict[tuple[str, str], TargetRow]:
    """The one row for each clock and severity: a row whose `when` holds beats one without, then a row for
    the severity itself beats one for the rest. No two rows are alike, so the choice is always the same."""
    best: dict[tuple[str, str], tuple[tuple[bool, bool], TargetRow]] = {}
    holding = [row for row in rows if all(facts.get(k) == v for k, v in row.get("when", {}).items())]
    named = {(row["clock"], str(row["severity"])) for row in holding}
    for clock, severity in named:
        for row in holding:
            if row["clock"] == clock and row["severity"] in ("*", _rank(severity)):
                weight = (bool(row.get("when")), row["severity"] != "*")
                if (clock, severity) not in best or weight > best[clock, severity][0]:
                    best[clock, severity] = (weight, row)
    return {key: row for key, (_, row) in sorted(best.items())}


def _rank(severity: str) -> int | None:
    return int(severity) if severity != "*" else None


def _clocks(says: Mapping[str, Any], rows: Mapping[tuple[str, str], TargetRow]) -> dict[str, Any]:
    targets, calendars = _by_clock(rows, "target"), _by_clock(rows, "calendar")
    clocks: dict[str, Any] = {}
    for clock in targets:
        clocks[clock] = {"target": targets[clock], "calendar": calendars[clock]}
        if clock in says.get("pauses", {}):
            clocks[clock]["pauses_on"] = sorted(says["pauses"][clock])
        if clock in says.get("starts_on", {}):
            clocks[clock]["starts_on"] = says["starts_on"][clock]
    if "resolution" in clocks and "on_reopen" in says:
        clocks["resolution"]["on_reopen"] = says["on_reopen"]
    return clocks


def _by_clock(rows: Mapping[tuple[str, str], TargetRow], part: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (clock, severity), row in rows.items():
        found.setdefault(clock, {})[severity] = str(row[part])  # type: ignore[literal-required]
    return found


def _level(package: Package | None) -> dict[str, Any] | None:
    return {**_named(package.level), "rank": package.level.rank} if package else None


def _named(version: Any) -> dict[str, Any]:
    return {"code": version.code, "name": version.name, "version": version.version}


def years_of(first: date, last: date) -> tuple[int, int]:
    """The years whose holidays terms need for a period: one before, three after."""
    return first.year - 1, last.year + 3
