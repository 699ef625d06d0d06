"""What is wrong with a policy as a whole, beyond each part being well formed: rows that can never win, rows between
which nothing decides, severities without a target, promises that nobody is there to keep, hours that never open.

Remarks that are no errors are worth a look; the policy may be used all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy import staffed
from mainstay.policy.calendars import KINDS as CALENDAR_KINDS
from mainstay.policy.calendars import compiled
from mainstay.policy.closed_days import names_known
from mainstay.policy.compile import Named, Place, around, business_calendar, calendars_in, compose, terms
from mainstay.policy.conditions import CLOSED, SETS, needs, values, words
from mainstay.policy.reach import Reached, equals
from mainstay.policy.read import Load, Parts, parts_of
from mainstay.policy.shapes import meant
from mainstay.policy.source import Mistake, Source
from mainstay.sla import cases
from mainstay.sla.fields import shown
from mainstay.sla.targets import parse_target

FLAGS = ("by_phone", "round_the_clock")
"""The flags that every desk knows."""
ANSWERS = ("first_response", "next_response")


class Remark(NamedTuple):
    """Something found, at a path of the parts."""

    field: str
    message: str
    is_error: bool = True


def checked(
    text: str, *, name: str, load: Load | None, years: tuple[int, int]
) -> tuple[Parts, list[Mistake]]:
    """The parts of a file without error, and what is worth a look. Raises `Wrong` with every mistake."""
    source = Source(text, name)
    parts = parts_of(source, load)
    if not any(mistake.is_error for mistake in source.mistakes):
        for remark in remarks(parts, years):
            source.take([Refused(remark.field, remark.message)], is_error=remark.is_error)
    source.settle()
    return parts, source.mistakes


def check(parts: Parts, years: tuple[int, int]) -> None:
    """Raise `Refused` for the first error in parts that are well formed."""
    for remark in remarks(parts, years):
        if remark.is_error:
            raise Refused(remark.field, remark.message)


def remarks(parts: Parts, years: tuple[int, int]) -> Iterator[Remark]:
    """Everything worth saying of parts that are well formed."""
    yield from _words(parts)
    seen = _Seen(parts, years)
    yield from _calendars(parts, seen)
    for code in parts["packages"]:
        yield from seen.package(code)
    yield from seen.never()
    sold = {package["level"] for package in parts["packages"].values()}
    for code in parts["levels"]:
        if code not in sold:
            yield Remark(f"levels.{code}", "is a level that no package sells", is_error=False)


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


# ---- words that nothing explains


def _words(parts: Parts) -> Iterator[Remark]:
    desk = parts["desk"]
    known: dict[str, Sequence[str]] = {
        "flag": list(dict.fromkeys([*FLAGS, *desk.get("flags", {})])),
        "addon": list(desk.get("addons", {})),
        "region": list(desk.get("regions", {})),
        "phase": [one["code"] for one in desk.get("lifecycle", [])],
        "package": list(parts["packages"]),
        "level": list(parts["levels"]),
    }
    spoken = [
        *desk.get("languages", []),
        *(one for p in parts["packages"].values() for one in p.get("languages", [])),
    ]
    if spoken:
        known["language"] = list(dict.fromkeys(spoken))
    for field, when in _whens(parts):
        for name, asked in when.items():
            for value in values(asked):
                for one in needs(value) if name in SETS else (value,):
                    if name in known and one not in known[name]:
                        said = ", ".join(known[name]) or "none"
                        hint = meant(one, known[name])
                        where = {"flag": "flags", "addon": "addons", "region": "regions", "phase": "lifecycle",
                                 "language": "languages"}.get(name, f"{name}s")  # fmt: skip
                        yield Remark(
                            f"{field}.when.{name}", f"{shown(one)} is not among the {where}: {said}{hint}"
                        )
    for code, package in parts["packages"].items():
        for i, addon in enumerate(package.get("addons", [])):
            if addon not in known["addon"]:
                said = f"{shown(addon)} is not among the addons: {', '.join(known['addon']) or 'none'}"
                yield Remark(f"packages.{code}.addons[{i}]", said + meant(addon, known["addon"]))


def _whens(value: Any, field: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every `when` in the parts, with the path of what it stands in."""
    if isinstance(value, dict):
        if isinstance(value.get("when"), dict):
            yield field, value["when"]
        for key, inner in value.items():
            if key not in ("format", "name"):
                yield from _whens(inner, f"{field}.{key}" if field else key)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _whens(inner, f"{field}[{i}]")


# ---- calendars


def _calendars(parts: Parts, seen: _Seen) -> Iterator[Remark]:
    places = [("desk", parts["desk"]), *((f"packages.{c}", p) for c, p in parts["packages"].items())]
    for at, says in places:
        if at == "desk" and any("calendars" in p for p in parts["packages"].values()):
            continue  # with those of the packages, below
        for name in says.get("calendars", {}):
            if name == "always":
                yield Remark(
                    f"{at}.calendars.always", "is always there, round the clock; choose another name"
                )
    for code, package in parts["packages"].items():
        whole = compose(parts["desk"], parts["levels"][package["level"]], package)
        defined = calendars_in(whole)
        for name, says in defined.items():
            at = f"packages.{code}" if name in package.get("calendars", {}) else "desk"
            field = f"{at}.calendars.{name}"
            yield from _names(says, defined, field)
            yield from _holidays(says, field, seen.years[0])
            try:
                for facts in seen.regions:
                    compiled(name, defined, around(Place(), seen.years, facts))
            except Refused as refused:
                yield Remark(field, refused.message)
        yield from _open_channels(package, defined, f"packages.{code}")
        if "business" in whole.get("calendars", {}) and package["hours"] != parts["desk"]["hours"]:
            said = "are never used: the calendar named business takes their place"
            yield Remark(f"packages.{code}.hours", said)


def _open_channels(package: Mapping[str, Any], defined: Mapping[str, Any], field: str) -> Iterator[Remark]:
    """Channels whose hours are no calendar, or that the package does not have."""
    for channel, rule in package.get("channel_rules", {}).items():
        for key in ("hours", "staffed"):
            name = rule.get(key)
            if name is not None and name not in defined and (key, name) != ("staffed", staffed.NEVER):
                said = f"{shown(name)} is no calendar; there are {', '.join(sorted(defined))}"
                yield Remark(f"{field}.channel_rules.{channel}.{key}", said + meant(name, defined))
        if channel not in package["channels"] and channel not in ("alert", "desk"):
            said = f"is not among the channels of the package: {', '.join(package['channels'])}"
            yield Remark(f"{field}.channel_rules.{channel}", said)


def _names(says: Mapping[str, Any], defined: Mapping[str, Any], field: str) -> Iterator[Remark]:
    kind = next(kind for kind in CALENDAR_KINDS if kind in says)
    if kind in ("any", "all", "except"):
        named = [(f"{field}.{kind}[{i}]", name) for i, name in enumerate(says[kind])]
    elif kind == "choose":
        named = [(f"{field}.choose[{i}].calendar", row["calendar"]) for i, row in enumerate(says["choose"])]
        if all(row.get("when") for row in says["choose"]):
            yield Remark(f"{field}.choose", "leaves some tickets without hours; add a row without conditions")
    else:
        return
    for where, name in named:
        if name not in defined:
            said = f"{shown(name)} is no calendar; there are {', '.join(sorted(defined))}"
            yield Remark(where, said + meant(name, defined))


def _holidays(says: Mapping[str, Any], field: str, year: int) -> Iterator[Remark]:
    listed = says.get("holidays")
    for i, entry in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(entry, dict) and "of" in entry:
            for name in names_known(entry, year):
                said = f"{shown(name)} is the name of no public holiday of {entry['of']}"
                yield Remark(f"{field}.holidays[{i}]", said)


# ---- rows


class _Seen:
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
        self.told: set[tuple[str, str]] = set()

    def package(self, code: str) -> Iterator[Remark]:
        parts, package = self.parts, self.parts["packages"][code]
        whole = compose(parts["desk"], parts["levels"][package["level"]], package)
        allowed, ranks = self._allowed(code, whole), self._available(code)
        rows, hours = rows_of(parts, code), rows_of(parts, code, "hours_rules")
        self.rows |= {row["at"]: row for row in [*rows, *hours]}
        yield from self._channels(code, rows)
        for listed in (rows, hours):
            for one, other in equals(listed):
                said = f"says as much as {other['at']}, and both may hold{_for(one, other)}; add a condition to one"
                yield from self._once(one["at"], said)
            reached = Reached(listed, ranks, allowed)
            self.won |= {row["at"] for row in listed if id(row) in reached.winners}
            if listed is rows:
                yield from self._missing(code, rows, ranks, reached)
        yield from self._slower(rows)
        yield from self._compiles(code, whole)
        for at, said, is_error in staffed.impossible(parts, code, rows, hours, self.years):
            yield from self._once(at, said, is_error=is_error)

    def never(self) -> Iterator[Remark]:
        """Rows that win in no package."""
        for at, row in self.rows.items():
            if at not in self.won and (at, "channel") not in self.told:
                when = f" ({words(row['when'])})" if row.get("when") else ""
                yield Remark(
                    at,
                    f"is never reached{when}: other rows come before it for every ticket it could hold for",
                )

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
        business = business_calendar(whole, place=Place(), years=self.years) if _plain(whole) else {}
        found["received"] = ["inside_hours"] if business.get("always") else list(CLOSED["received"])
        if "addons" in package:
            found["addons"] = list(package["addons"])
        if "languages" in package:
            found["language"] = list(package["languages"])
        return found

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


def _plain(whole: Mapping[str, Any]) -> bool:
    return "choose" not in calendars_in(whole)["business"]


def _for(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    asked = {**one.get("when", {}), **other.get("when", {})}
    return f" ({words(asked)})" if asked else ""
