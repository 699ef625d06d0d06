"""How much a package, and what was negotiated on it, lets a customer have: people, requests, hours (P1, P2, P5).

Read from the two documents as they stand: what the contract says replaces what its package says, part by part.
A limit that is not there is no limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Beyond = Literal["serve", "decide"]


@dataclass(frozen=True)
class People:
    """So many contacts may be named: `included`, one more for each `per_units` units bought, never over `most`."""

    most: int
    beyond: Beyond = "serve"


@dataclass(frozen=True)
class Requests:
    """So many requests in each month, quarter, year, or the whole contract."""

    number: int
    per: str
    beyond: Beyond = "serve"


@dataclass(frozen=True)
class Hours:
    """So many minutes of work in each period; what is left may be used for so many months longer."""

    minutes: int
    per: str
    carry_over_months: int = 0
    beyond: Beyond = "serve"


@dataclass(frozen=True)
class Limits:
    """What is limited; None: as much as they like (people, requests), or none at all (hours)."""

    people: People | None = None
    requests: Requests | None = None
    hours: Hours | None = None


def read(package: Mapping[str, Any], overrides: Mapping[str, Any], *, units: int = 0) -> Limits:
    """The limits of a package's document under what a contract says differently. Both were checked when kept."""
    said = {**package, **{name: overrides[name] for name in NAMES if name in overrides}}
    if "requests" in overrides:
        said.pop("requests_per_month", None)
    return Limits(_people(said.get("contacts"), units), _requests(said), _hours(said.get("included_hours")))


NAMES = ("contacts", "requests", "requests_per_month", "included_hours")


def _people(given: Any, units: int) -> People | None:
    if isinstance(given, int):
        return People(given)
    if not given:
        return None
    every = int(given.get("per_units") or 0)
    many = int(given.get("included", 0)) + (units // every if every else 0)
    return People(min(many, int(given.get("most") or many)), _beyond(given))


def _requests(said: Mapping[str, Any]) -> Requests | None:
    given = said.get("requests")
    if given:
        return Requests(int(given["number"]), str(given["per"]), _beyond(given))
    monthly = said.get("requests_per_month")
    return Requests(int(monthly), "month") if monthly else None


def _hours(given: Any) -> Hours | None:
    if not given:
        return None
    minutes = round(float(given["hours"]) * 60)
    return Hours(minutes, str(given["per"]), int(given.get("carry_over_months", 0)), _beyond(given))


def _beyond(given: Mapping[str, Any]) -> Beyond:
    return "decide" if given.get("beyond") == "decide" else "serve"
