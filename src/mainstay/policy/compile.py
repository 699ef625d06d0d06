"""Compiling: the parts of a policy that hold for one contract, composed, and the terms that judge one ticket.

`compose` puts desk, level, package and contract on top of each other; every row keeps the part it came from. `terms`
resolves what is left under the facts of one ticket into a document of the clock core's case format. What selects rows
besides the severity is resolved here, so two facts give two documents. A terms document holds only texts, whole
numbers, true and false; its canonical bytes are its identity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mainstay.policy.calendars import Around, Where, compiled
from mainstay.policy.closed_days import closed_days
from mainstay.policy.conditions import AT_RECEIPT, FACT, holds, values, weight
from mainstay.policy.select import best, in_order, region_of


@dataclass(frozen=True)
class Place:
    """Where the customer is: the zone of its clocks, the country whose public holidays are closed."""

    zone: str = "UTC"
    country: str = ""
    subdivision: str = ""


@dataclass(frozen=True)
class Agreed:
    """What a contract adds: its number, its own hours if it has any, and its difference from the package.

    `calendar` may hold time_zone, week, holidays ("customer", "none" or entries) and special; `overrides` is a
    difference document (`documents.check_overrides`).
    """

    number: str
    version: int
    calendar: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """The versions that terms name: each {"code", "name", "version"}, the level with its "rank"."""

    desk_version: int = 1
    level: Mapping[str, Any] | None = None
    package: Mapping[str, Any] | None = None


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one spelling of a document. Raises `ValueError` for NaN and infinities, which no document holds."""
    said = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return said.encode()


def digest(document: Mapping[str, Any]) -> str:
    """The hash that names a document: SHA-256 of its canonical bytes, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


# ---- composing

_NOTHING: dict[str, Any] = {
    "on_raise": "from_change",
    "on_lower": "from_start",
    "warn_at": 75,
    "head_start_minutes": {},
    "escalation": {"severity": 1, "page": False},
}
_ROWS = ("targets", "hours_rules", "closing_rules", "escalations")
_MERGED = ("calendars", "closing", "pauses", "starts_on", "channel_rules", "head_start_minutes")
_REDUCED = ("goal", "none")
_INNER = ("name", "rank", "level", "format", "summary")


def compose(
    desk: Mapping[str, Any],
    level: Mapping[str, Any] | None = None,
    package: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What holds for a contract: rows of all parts, each with its `part`; of everything else the last word of
    desk, level, package and contract. Without a package nothing is promised."""
    stacked = [("desk", desk), ("level", level), ("package", package), ("contract", _renamed(overrides))]
    if package is None:
        stacked = [("desk", {key: part for key, part in desk.items() if key not in _ROWS})]
    found: dict[str, Any] = dict(_NOTHING)
    for part, says in stacked:
        for key, value in (says or {}).items():
            if key in _ROWS:
                found.setdefault(key, [])
                found[key] = [*found[key], *({**row, "part": part} for row in value)]
            elif key in _MERGED:
                found[key] = {**found.get(key, {}), **value}
            elif key == "kpis":
                found[key] = _kpis(found.get(key, []), value)
            elif key not in _INNER:
                found[key] = value
    for key in _ROWS:
        found.setdefault(key, [])
    found.setdefault("kpis", [])
    return found


def _renamed(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    """A difference with its rows under the keys that the parts use."""
    found = dict(overrides or {})
    if "hours" in found:
        found["hours_rules"] = [*found.pop("hours"), *found.get("hours_rules", [])]
    return found


def _kpis(before: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """KPIs of two parts: one of the same name is replaced where it stood, others are added."""
    own = named_kpis(more)
    kept = [own.pop(name, one) for name, one in named_kpis(before).items()]
    return [*kept, *own.values()]


def named_kpis(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """KPI rows by name: their code, else their KPI; a second one of the same name is "uptime-2"."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        name = base = str(row.get("code") or row["kpi"])
        n = 1
        while name in found:
            n += 1
            name = f"{base}-{n}"
        found[name] = row
    return found


# ---- calendars


def calendars_in(effective: Mapping[str, Any]) -> dict[str, Any]:
    """Every calendar by name: those defined, "always", and "business" (unless defined: the hours)."""
    hours = effective["hours"]
    business = {"time_zone": "customer", **hours}
    return {"business": business, "always": {"always": True}, **effective.get("calendars", {})}


def around(place: Place, years: tuple[int, int], facts: Mapping[str, Any]) -> Around:
    """What calendars are compiled for."""
    return Around(place.zone, Where(place.country, place.subdivision), years, facts)


def business_calendar(
    effective: Mapping[str, Any],
    *,
    place: Place,
    years: tuple[int, int],
    facts: Mapping[str, Any] | None = None,
    agreed: Agreed | None = None,
) -> dict[str, Any]:
    """The business hours in the case format: the contract's own, else the calendar named business, else the hours
    of the package, else of the desk."""
    seen = around(place, years, with_region(effective, facts or {}, place))
    found = compiled("business", calendars_in(effective), seen)
    own = agreed.calendar if agreed else {}
    if not own or found.get("always"):
        return found
    made = {**found, "time_zone": own.get("time_zone") or found["time_zone"]}
    made["week"] = own.get("week") or found["week"]
    if "holidays" in own:
        made["holidays"] = closed_days(own["holidays"], seen.where, years)
    if own.get("special"):
        made["special"] = own["special"]
    return made


def with_region(effective: Mapping[str, Any], facts: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The facts, with the region that the place belongs to unless one is known already."""
    found = dict(facts)
    region = region_of(effective.get("regions", {}), place.country, place.subdivision)
    if region and not found.get("region"):
        found["region"] = region
    return found


# ---- rows


def chosen_rows(
    effective: Mapping[str, Any], facts: Mapping[str, Any]
) -> dict[tuple[str, str], dict[str, Any]]:
    """For each clock and severity the row that wins, with its calendar; rows of kind none are among them.

    Severities are named where a row names them; where one owes nothing or has hours of its own, all of them are.
    """
    ranks = [int(one["rank"]) for one in effective["severities"]]
    targets = _holding(effective["targets"], facts)
    hours = _holding(effective["hours_rules"], facts)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for clock in dict.fromkeys(row["clock"] for row in targets):
        own = [row for row in targets if row["clock"] == clock]
        named: Iterable[object] = dict.fromkeys(row["severity"] for row in own)
        by_hours = any(row.get("severity", "*") != "*" for row in hours) and any(
            "calendar" not in row for row in own
        )
        if by_hours or any(row["target"] == "none" for row in own):
            named = ranks
        for severity in named:
            row = best(own, clock, severity)
            if row is not None:
                found[clock, str(severity)] = {**row, "calendar": _calendar(row, severity, hours)}
    reduced = _reduced(effective, facts)
    return {key: in_phase(row, reduced) for key, row in sorted(found.items())}


def _reduced(effective: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """What the phase that the release is in makes of targets: "goal", "none", or "" (as agreed)."""
    return str(reduced_phase(effective, facts).get("targets", ""))


def reduced_phase(effective: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The phase of reduced support that the release is in: its name, what it makes of targets, its clause; or none."""
    for one in effective.get("lifecycle", []):
        if one["code"] == facts.get("phase") and one.get("targets") in _REDUCED:
            return {key: one[key] for key in ("code", "name", "targets", "covers", "words") if key in one}
    return {}


def in_phase(row: dict[str, Any], reduced: str) -> dict[str, Any]:
    """A row as it holds for a release with reduced support; a row that names the phase itself stays as it is, and
    so do clocks of our own."""
    if not reduced or row["kind"] == "internal" or "phase" in row.get("when", {}):
        return row
    if reduced == "none":
        return {**row, "target": "none", "kind": "none"}
    return {**row, "kind": "goal"} if row["kind"] == "promise" else row


def _holding(rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in in_order(rows) if holds(row.get("when", {}), facts)]


def _calendar(row: Mapping[str, Any], severity: object, hours: Sequence[Mapping[str, Any]]) -> str:
    if "calendar" in row:
        return str(row["calendar"])
    rule = best(hours, "", severity)
    return str(rule["calendar"]) if rule is not None else "business"


# ---- terms


def terms(
    effective: Mapping[str, Any],
    named: Named,
    *,
    place: Place,
    years: tuple[int, int],
    facts: Mapping[str, Any],
    agreed: Agreed | None = None,
    business: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The terms document of one ticket.

    `years` are the first and last year whose holidays are written out. `facts` is what conditions are compared with;
    those that nothing asks for are left out. `business` is what `business_calendar` gives, where it is known already.
    """
    facts = with_region(effective, facts, place)
    rows = chosen_rows(effective, facts)
    owed = {key: row for key, row in rows.items() if row["target"] != "none"}
    if business is None:
        business = business_calendar(effective, place=place, years=years, facts=facts, agreed=agreed)
    defined = calendars_in(effective)
    calendars = {
        "business": business,
        "always": {"time_zone": business["time_zone"], "always": True},
    }
    hours = {row["calendar"] for row in owed.values()}
    hours |= {row["calendar"] for row in _ladders(effective, facts) if "calendar" in row}
    for name in sorted(hours - set(calendars)):
        calendars[name] = compiled(name, defined, around(place, years, facts))
    return {
        "format": 1,
        "level": dict(named.level) if named.level else None,
        "package": dict(named.package) if named.package else None,
        "desk_policy": {"version": named.desk_version},
        "contract": {"number": agreed.number, "version": agreed.version} if agreed else None,
        "facts": asked(effective, facts),
        "zone": business["time_zone"],
        "calendars": calendars,
        "policy": {
            "clocks": _clocks(effective, owed),
            "on_raise": effective["on_raise"],
            "on_lower": effective["on_lower"],
        },
        "kinds": _by_clock(owed, "kind"),
        "warn_at": effective["warn_at"],
        "head_start": {key: minutes * 60 for key, minutes in effective["head_start_minutes"].items()},
        "closing": {key: effective["closing"][key] for key in sorted(effective["closing"])},
        "escalation": dict(effective["escalation"]),
        "kpis": [dict(one) for one in effective["kpis"]],
        "queue_ceiling_days": effective["queue_ceiling_days"],
        **_beside(effective, rows, facts),
    }


def _beside(
    effective: Mapping[str, Any], rows: Mapping[tuple[str, str], Mapping[str, Any]], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What terms say only where the policy does, so that those of simpler policies keep their hash."""
    some = {
        "shares": _by_clock(rows, "share"),
        "agreed": _by_clock(rows, "agreed"),
        "words": _by_clock(rows, "words"),
        "closing_by_severity": closing_by_severity(effective, facts),
        "escalations": _ladders(effective, facts),
        "reduced": reduced_phase(effective, facts),
        "reopen_channels": list(effective.get("reopen_channels", [])),
    }
    return {key: value for key, value in some.items() if value}


def _ladders(effective: Mapping[str, Any], facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {key: part for key, part in row.items() if key not in ("part", "when")}
        for row in effective["escalations"]
        if holds(row.get("when", {}), facts)
    ]


def closing_by_severity(effective: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By severity ("*": the rest) what differs from `closing`; "closes": false is never by itself."""
    holding = _holding(effective["closing_rules"], facts)
    found: dict[str, dict[str, Any]] = {}
    for severity in dict.fromkeys(str(row.get("severity", "*")) for row in holding):
        said: dict[str, Any] = {}
        for row in sorted(holding, key=weight):
            if str(row.get("severity", "*")) in ("*", severity):
                said.update({k: v for k, v in row.items() if k not in ("part", "when", "severity")})
        found[severity] = said
    return found


def asked(effective: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that some row or calendar asks for, and of sets their members that one asks for."""
    return given(wanted(effective), facts)


def wanted(effective: Mapping[str, Any]) -> dict[str, set[str]]:
    """Which facts some row or calendar asks for, in the order of their names, each with what is asked of it."""
    rows = [row for key in _ROWS for row in effective[key]]
    phases = effective.get("lifecycle", [])
    rows += [{"when": {"phase": one["code"]}} for one in phases if one.get("targets") in _REDUCED]
    for calendar in effective.get("calendars", {}).values():
        rows += calendar.get("choose", [])
    rows += [{"when": _at_receipt(row.get("when", {}))} for row in effective["kpis"]]
    found: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.get("when", {}).items():
            members = {one.strip() for each in values(value) for one in each.split("+")}
            found.setdefault(FACT.get(name, name), set()).update(members)
    return dict(sorted(found.items()))


def given(wanted: Mapping[str, set[str]], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a ticket answers to what is asked for."""
    found: dict[str, Any] = {}
    for name, members in wanted.items():
        has = facts.get(name)
        if isinstance(has, str) and has:
            found[name] = has
        elif has and (both := sorted(members.intersection(has))):
            found[name] = both
    return found


def _at_receipt(when: Mapping[str, Any]) -> dict[str, Any]:
    """What a figure asks of its tickets that only their terms remember."""
    return {name: when[name] for name in AT_RECEIPT if name in when}


def _clocks(
    effective: Mapping[str, Any], rows: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    targets, calendars = _by_clock(rows, "target"), _by_clock(rows, "calendar")
    clocks: dict[str, Any] = {}
    for clock in targets:
        clocks[clock] = {"target": targets[clock], "calendar": calendars[clock]}
        if clock in effective.get("pauses", {}):
            clocks[clock]["pauses_on"] = sorted(effective["pauses"][clock])
        if clock in effective.get("starts_on", {}):
            clocks[clock]["starts_on"] = effective["starts_on"][clock]
    if "resolution" in clocks and "on_reopen" in effective:
        clocks["resolution"]["on_reopen"] = effective["on_reopen"]
    return clocks


def _by_clock(rows: Mapping[tuple[str, str], Mapping[str, Any]], part: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for (clock, severity), row in rows.items():
        if part in row:
            found.setdefault(clock, {})[severity] = row[part]
    return found


def years_of(first: date, last: date) -> tuple[int, int]:
    """The years whose holidays terms need for a period: one before, three after."""
    return first.year - 1, last.year + 3
