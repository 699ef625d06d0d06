"""What is wrong, or doubtful, about an offer: each finding with its place and its reason (P5).

A finding that `stops` is put right before anybody is asked to approve; the others are for people to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import entitlement, kpi_lint
from mainstay.contracts.basis import Basis
from mainstay.contracts.clock_lines import pauses_of, starts_of
from mainstay.contracts.entitlement import INCLUDED
from mainstay.contracts.models import Contract
from mainstay.contracts.sold import Difference, Sold, target_key
from mainstay.contracts.target_lines import target_label, target_words
from mainstay.customers.models import Customer
from mainstay.errors import Refused
from mainstay.policy import compile as policy
from mainstay.sla.hours import WEEKDAYS
from mainstay.sla.policy import STARTS_ON
from mainstay.sla.targets import parse_target

DAY = 86_400.0
_ORDER = (("first_response", "workaround"), ("first_response", "resolution"), ("workaround", "resolution"))


@dataclass(frozen=True)
class Finding:
    """`place` is a line's words, `key` the line's key ("" for what no line shows)."""

    place: str
    reason: str
    stops: bool = True
    key: str = ""


def findings(
    sold: Sold, offered: Difference, *, contract: Contract, customer: Customer, at: datetime
) -> list[Finding]:
    """Everything found in an offer; `contract` is the version it would become, not yet written."""
    effective = sold.with_difference(offered)
    found = [
        *_compiles(contract, customer, at),
        *_impossible(sold, offered, effective),
        *_out_of_order(sold, effective),
        *_less_than_included(sold, effective),
        *_channels(effective, contract),
        *(Finding(*one) for one in kpi_lint.findings(offered)),
    ]
    return sorted(found, key=lambda one: not one.stops)


def _compiles(contract: Contract, customer: Customer, at: datetime) -> Iterator[Finding]:
    """The terms of a ticket can be made of it: no calendar that never opens, no two equal rows."""
    basis = Basis("contract", contract, contract.package, contract.desk_policy)
    try:
        entitlement.judged(basis, customer, at, environment=contract.environment, keep=False)
    except Refused as error:
        yield Finding(error.field.replace("_", " ").capitalize(), error.message)


def _impossible(sold: Sold, offered: Difference, effective: Mapping[str, Any]) -> Iterator[Finding]:
    """A promise round the clock that is shorter than the nights nobody works."""
    staffed = bool(effective.get("staffing", {}).get("round_the_clock"))
    for row in offered.get("targets", []):
        if row["kind"] != "promise" or row == sold.targets.get(target_key(row)):
            continue
        asleep = _longest_closed(sold, effective)
        if row.get("calendar") == "always" and not staffed and wall(row, sold, effective) < asleep:
            yield Finding(
                target_label(row),
                f"{target_words(row)}, but nobody is there for up to {asleep / 3600:.0f} hours:"
                f" {sold.package.level.name} is not staffed round the clock",
                key=target_key(row),
            )


def _out_of_order(sold: Sold, effective: Mapping[str, Any]) -> Iterator[Finding]:
    """A resolution sooner than the first response; a lesser severity promised more than a graver one."""
    rows = policy.chosen_rows(effective, {})
    owed = {key: row for key, row in rows.items() if row["kind"] == "promise"}
    for earlier, later in _ORDER:
        for rank in map(str, sold.ranks):
            first, last = owed.get((earlier, rank)), owed.get((later, rank))
            if first and last and wall(last, sold, effective) < wall(first, sold, effective):
                yield Finding(
                    target_label(last),
                    f"is promised within {target_words(last)}, before the {earlier.replace('_', ' ')}"
                    f" ({target_words(first)})",
                    key=target_key({**last, "severity": int(rank)}),
                )
    for (clock, severity), row in owed.items():
        graver = owed.get((clock, str(int(severity) - 1))) if severity.isdigit() else None
        if graver and wall(row, sold, effective) < wall(graver, sold, effective):
            said = f"is promised sooner than the graver severity {int(severity) - 1}: {target_words(graver)}"
            yield Finding(target_label(row), said, stops=False, key=target_key(row))


def _less_than_included(sold: Sold, effective: Mapping[str, Any]) -> Iterator[Finding]:
    """Nothing that is paid for may be less than what every subscription includes."""
    if sold.package.code == INCLUDED:
        return
    free = Sold(publish.current(Package, INCLUDED), sold.desk_policy)
    theirs = policy.chosen_rows(free.effective, {})
    mine = policy.chosen_rows(effective, {})
    for rank in map(str, sold.ranks):
        base = theirs.get(("first_response", rank)) or theirs.get(("first_response", "*"))
        row = mine.get(("first_response", rank)) or mine.get(("first_response", "*"))
        if base is None or base["target"] == "none":
            continue
        place = f"First response, severity {rank}"
        said = f"less than what every subscription includes ({target_words(base)})"
        key = target_key({"clock": "first_response", "severity": int(rank)})
        if row is None or row["target"] == "none":
            yield Finding(place, f"nothing, which is {said}", key=key)
        elif wall(row, sold, effective) > wall(base, free, free.effective):
            yield Finding(place, f"{target_words(row)} is {said}", key=key)
    people, others = effective.get("contacts"), free.effective.get("contacts")
    if isinstance(people, int) and isinstance(others, int) and people < others:
        yield Finding(
            "Named contacts", f"{people} is less than the {others} of every subscription", key="contacts"
        )


def _channels(effective: Mapping[str, Any], contract: Contract) -> Iterator[Finding]:
    """A phone needs a number to call, and a number a phone."""
    phone = "phone" in effective.get("channels", [])
    if phone and not contract.phone_number:
        yield Finding(
            "Channels", "the phone is among them, but no number to call is given", False, "channels"
        )
    if contract.phone_number and not phone:
        yield Finding(
            "Channels", "a number to call is given, but the phone is not among them", key="channels"
        )


# ---- what exceeds the catalogue


def exceeding(sold: Sold, offered: Difference) -> dict[str, str]:
    """By line key why the offer promises more than the catalogue; then a second person approves."""
    effective = sold.with_difference(offered)
    found: dict[str, str] = {}
    for row in offered.get("targets", []):
        if row["kind"] == "promise" and (why := _tighter(row, sold, effective)):
            found[target_key(row)] = why
    found |= kpi_lint.exceeding(sold.effective["kpis"], offered)
    return found | dict(_clocks_stricter(sold.effective, effective))


def _clocks_stricter(usual: Mapping[str, Any], effective: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Clocks that stand still less often, or start sooner, than in the catalogue."""
    for clock in effective.get("pauses", {}):
        less = set(pauses_of(usual, clock)) - set(pauses_of(effective, clock))
        if less:
            states = ", ".join(one.replace("_", " ") for one in sorted(less))
            yield f"pauses {clock}", f"goes on while the catalogue's stands still: {states}"
    for clock in effective.get("starts_on", {}):
        before, after = starts_of(usual, clock), starts_of(effective, clock)
        if STARTS_ON.index(after) < STARTS_ON.index(before):
            yield (
                f"starts_on {clock}",
                f"counts from {after}, in the catalogue from {before}".replace("_", " "),
            )


def _tighter(row: Mapping[str, Any], sold: Sold, effective: Mapping[str, Any]) -> str:
    key = target_key(row)
    base = sold.targets.get(key) or sold.targets.get(target_key({**row, "severity": "*"}))
    if base == row:
        return ""
    if base is None or base["kind"] != "promise":
        return f"a promise where the catalogue has {'none' if base is None else 'a ' + base['kind']}"
    if wall(row, sold, effective) < wall(base, sold, sold.effective):
        return f"sooner than the catalogue's {target_words(base)}"
    if row.get("calendar") == "always" and base.get("calendar", "business") != "always":
        return "round the clock, which the catalogue is not"
    return ""


# ---- how long a target is on the wall


def wall(row: Mapping[str, Any], sold: Sold, effective: Mapping[str, Any]) -> float:
    """About how many seconds pass on the wall: business time is stretched by the hours nobody works."""
    target = parse_target(row["target"])
    open_seconds, open_days = _week(sold, effective, str(row.get("calendar", "business")))
    if target.unit == "mo":
        return target.number * 30 * DAY
    if target.unit in ("bd", "eobd"):
        return target.number * DAY * 7 / open_days
    return target.number * 7 * DAY / open_seconds


def _week(sold: Sold, effective: Mapping[str, Any], name: str) -> tuple[float, int]:
    """How many seconds and days of a week a calendar is open; of one without a plain week, the business hours."""
    calendars = policy.calendars_in(effective)
    week = calendars.get(name, {}).get("week") or (
        {} if name == "always" else calendars["business"].get("week")
    )
    if not week:
        return 7 * DAY, 7
    spans = [_seconds(span) for day in WEEKDAYS for span in week.get(day, [])]
    days = sum(1 for day in WEEKDAYS if week.get(day))
    return (sum(spans) or DAY), days or 1


def _seconds(span: list[str]) -> float:
    start, end = (int(one[:2]) * 3600 + int(one[3:5]) * 60 for one in span)
    return float(end - start)


def _longest_closed(sold: Sold, effective: Mapping[str, Any]) -> float:
    """The longest stretch of a week in which the business hours are closed, in seconds."""
    week = policy.calendars_in(effective)["business"].get("week") or {}
    ends = []
    for number, day in enumerate(WEEKDAYS):
        for start, end in week.get(day, []):
            base = number * DAY
            ends.append((base + _seconds(["00:00", start]), base + _seconds(["00:00", end])))
    if not ends:
        return 0.0
    gaps = [after[0] - before[1] for before, after in pairwise(ends)]
    return max(*gaps, ends[0][0] + 7 * DAY - ends[-1][1], 0.0)
