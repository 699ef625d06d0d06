"""The rows of a policy against each other, package by package: which can never win, between which nothing decides,
which severities have none, which promises cannot be kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy import staffed
from mainstay.policy.compile import Named, Place, business_calendar, calendars_in, compose, terms
from mainstay.policy.conditions import CLOSED, values, words
from mainstay.policy.reach import Reached, equals
from mainstay.policy.read import Parts
from mainstay.sla import cases
from mainstay.sla.targets import parse_target

_DAYS = re.compile(r"(\d+)d", re.ASCII)
MOST_EQUALS = 200
"""So many pairs of rows between which nothing decides are told of a package."""
ANSWERS = ("first_response", "next_response")


class Remark(NamedTuple):
    """Something found, at a path of the parts."""

    field: str
    message: str
    is_error: bool = True


def rows_of(parts: Parts, package: str, key: str = "targets") -> list[dict[str, Any]]:
    """The rows that may judge tickets of a package, each with its `part` and where it stands (`at`)."""
    level = parts["packages"][package]["level"]
    places = (("desk", "desk", parts["desk"]), ("level", f"levels.{level}", parts["levels"][level]),
              ("package", f"packages.{package}", parts["packages"][package]))  # fmt: skip
    return [
        {**row, "part": part, "at": f"{at}.{key}[{i}]"}
        for part, at, says in places
        for i, row in enumerate(says.get(key, []))
    ]


class Competition:
    """The packages one after the other; rows of levels and the desk have to win in one of theirs."""

    def __init__(self, parts: Parts, years: tuple[int, int]) -> None:
        self.parts = parts
        self.years = years
        self.ranks = sorted(one["rank"] for one in parts["desk"]["severities"])
        self.regions: list[dict[str, Any]] = [
            {},
            *({"region": code} for code in parts["desk"].get("regions", {})),
        ]
        self.rows: dict[str, dict[str, Any]] = {}
        self.won: set[str] = set()
        self.shut: set[str] = set()  # rows of severities that a package does not have
        self.told: set[tuple[str, str]] = set()

    def package(self, code: str) -> Iterator[Remark]:
        parts, package = self.parts, self.parts["packages"][code]
        whole = compose(parts["desk"], parts["levels"][package["level"]], package)
        allowed, ranks = self._allowed(code, whole), self._available(code)
        rows, hours = rows_of(parts, code), rows_of(parts, code, "hours_rules")
        self.rows |= {row["at"]: row for row in [*rows, *hours]}
        self.shut |= {row["at"] for row in rows if row["severity"] not in ("*", *ranks)}
        yield from self._channels(code, rows)
        for listed in (rows, hours):
            for one, other in islice(equals(listed), MOST_EQUALS):
                said = f"says as much as {other['at']}, and both may hold{_for(one, other)}; add a condition to one"
                yield from self._once(one["at"], said)
            reached = Reached(listed, ranks, allowed)
            self.won |= {row["at"] for row in listed if id(row) in reached.winners}
            if listed is rows:
                yield from self._missing(code, rows, ranks, reached)
        yield from self._slower(rows)
        yield from self._long_days(whole, rows)
        yield from self._compiles(code, whole)
        for at, said, is_error in staffed.impossible(parts, code, rows, hours, self.years):
            yield from self._once(at, said, is_error=is_error)

    def never(self) -> Iterator[Remark]:
        """Rows that win in no package."""
        for at, row in self.rows.items():
            if at not in self.won and (at, "channel") not in self.told:
                when = f" ({words(row['when'])})" if row.get("when") else ""
                why = "other rows come before it for every ticket it could hold for"
                if at in self.shut:
                    why = "a severity rule says that its severity is not to be had here"
                yield Remark(at, f"is never reached{when}: {why}")

    def _long_days(self, whole: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[Remark]:
        """Days and weeks counted in hours of which no day has 24: they take much longer than they sound."""
        for row in rows:
            days = _DAYS.fullmatch(row["target"])
            name = row.get("calendar", "always" if whole["hours_rules"] else "business")
            if days and any(_closes_daily(week) for week in _weeks(name, calendars_in(whole))):
                n = int(days[1])
                business = n * 5 // 7 if n % 7 == 0 else n
                said = (
                    f"{n}d counts {24 * n} open hours of {name}; write {business}bd for business days,"
                    f' or "{n}d always" for calendar days'
                )
                yield from self._once(row["at"], said, is_error=False)

    def _once(self, at: str, said: str, *, is_error: bool = True) -> Iterator[Remark]:
        if (at, said) not in self.told:
            self.told.add((at, said))
            yield Remark(at, said, is_error)

    def _allowed(self, code: str, whole: Mapping[str, Any]) -> dict[str, list[str]]:
        """What facts of this package's tickets may be."""
        package = self.parts["packages"][code]
        found = {
            "channel": [*_ticket_channels(package), "desk"],
            "environment": list(package.get("environments", CLOSED["environment"])),
            "region": [*self.parts["desk"].get("regions", {}), ""],
        }
        found["received"] = ["inside_hours"] if self._always_open(whole) else list(CLOSED["received"])
        if "addons" in package:
            found["addons"] = list(package["addons"])
        if "languages" in package:
            found["language"] = list(package["languages"])
        return found

    def _always_open(self, whole: Mapping[str, Any]) -> bool:
        """Whether business hours never close, so that nothing is received outside them."""
        try:
            business = business_calendar(whole, place=Place(), years=self.years)
        except Refused:  # told where the calendars are
            return False
        return "choose" not in calendars_in(whole)["business"] and bool(business.get("always"))

    def _available(self, code: str) -> list[int]:
        """The severities that may be opened in a package."""
        level = self.parts["packages"][code]["level"]
        closed = set()
        for rule in self.parts["desk"].get("severity_rules", []):
            when = rule.get("when", {})
            named = {"package": code, "level": level}
            if (
                rule["rule"] == "unavailable"
                and set(when) <= set(named)
                and all(named[name] in values(asked) for name, asked in when.items())
            ):
                closed.add(rule["severity"])
        return [rank for rank in self.ranks if rank not in closed] or self.ranks

    def _channels(self, code: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Remark]:
        """Rows of a package for channels that it does not have."""
        has = [*_ticket_channels(self.parts["packages"][code]), "desk"]
        for row in rows:
            asked = values(row.get("when", {}).get("channel", []))
            missing = [one for one in asked if one not in has]
            if missing and row["at"].startswith(f"packages.{code}."):
                self.told.add((row["at"], "channel"))
                promise = f"a {row['target']} target" if row["target"] != "none" else "this"
                said = f"{promise} in the channel {missing[0]}, which the package does not have, so nobody staffs it"
                yield Remark(f"{row['at']}.when.channel", f"impossible: {said}; it has {', '.join(has)}")

    def _missing(
        self, code: str, rows: Sequence[Mapping[str, Any]], ranks: Sequence[int], reached: Reached
    ) -> Iterator[Remark]:
        for clock in dict.fromkeys(row["clock"] for row in rows):
            own = [row for row in rows if row["clock"] == clock]
            named = {row["severity"] for row in own}
            name = clock.replace("_", " ")
            for rank in ranks:
                if rank not in named and "*" not in named:
                    severity = self._named(rank)
                    said = f'{severity} has no {name} in package {code}; write "none" if nothing is owed'
                    place = own[-1]["at"].rpartition("[")[0]
                    yield from self._once(place, said, is_error=clock in ANSWERS)
                elif (clock, rank) in reached.open and clock in ANSWERS:
                    facts = {k: v for k, v in reached.open[clock, rank].items() if v}
                    such = ", ".join(f"{key} {value}" for key, value in facts.items()) or "no condition holds"
                    said = f"{self._named(rank)} has no {name} in package {code} where {such}"
                    yield from self._once(own[-1]["at"].rpartition("[")[0], said, is_error=False)

    def _named(self, rank: int) -> str:
        name = next(one["name"] for one in self.parts["desk"]["severities"] if one["rank"] == rank)
        return f"severity {rank} ({name})" if str(rank) not in name else name

    def _slower(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Remark]:
        """A graver severity that waits longer than a milder one, in the same hours."""
        alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for row in rows:
            if row["target"] != "none" and row["severity"] != "*":
                key = (row["part"], row["clock"], str(row.get("when")), row.get("calendar"))
                alike.setdefault(key, []).append(row)
        for listed in alike.values():
            listed = sorted(listed, key=lambda row: int(row["severity"]))
            for graver, milder in pairwise(listed):
                a, b = parse_target(graver["target"]), parse_target(milder["target"])
                if a.unit == b.unit and a.number > b.number:
                    said = f"is slower ({graver['target']}) than severity {milder['severity']} ({milder['target']})"
                    yield from self._once(graver["at"], said, is_error=False)

    def _compiles(self, code: str, whole: Mapping[str, Any]) -> Iterator[Remark]:
        for facts in self.regions:
            try:
                made = terms(whole, Named(), place=Place(), years=self.years, facts=facts)
                cases.parse_policy(made["policy"], cases.parse_calendars(made["calendars"]))
            except Refused as refused:
                yield from self._once(f"packages.{code}", f"gives no terms: {refused}")


def _ticket_channels(package: Mapping[str, Any]) -> list[str]:
    """The channels by which tickets of a package come."""
    return ["alert" if one == "alerts" else one for one in package["channels"] if one != "documentation"]


def _for(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    asked = {**one.get("when", {}), **other.get("when", {})}
    return f" ({words(asked)})" if asked else ""


def _weeks(name: str, defined: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The weekly hours that a calendar has, or those that one of its choices has."""
    says = defined.get(name, {})
    if "week" in says:
        yield says["week"]
    for choice in says.get("choose", []):
        yield from _weeks(choice["calendar"], defined)


def _closes_daily(week: Mapping[str, Any]) -> bool:
    return not any(["00:00", "24:00"] in hours for hours in week.values())
