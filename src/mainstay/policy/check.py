"""What is wrong with a policy as a whole, beyond each part being well formed: rows that can never win, rows between
which nothing decides, severities without a target, promises that nobody is there to keep, hours that never open.

Remarks that are no errors are worth a look; the policy may be used all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import ladders, phases, staffed
from mainstay.policy.calendars import KINDS as CALENDAR_KINDS
from mainstay.policy.calendars import compiled
from mainstay.policy.closed_days import names_known
from mainstay.policy.competing import Competition, Remark
from mainstay.policy.compile import Place, around, calendars_in, compose
from mainstay.policy.conditions import SETS, needs, values
from mainstay.policy.doubts import doubts
from mainstay.policy.read import Load, Parts, parts_of
from mainstay.policy.shapes import meant
from mainstay.policy.source import Mistake, Source
from mainstay.sla.fields import shown

FLAGS = ("by_phone", "round_the_clock")
"""The flags that every desk knows."""


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
    seen = Competition(parts, years)
    yield from _calendars(parts, seen)
    for code in parts["packages"]:
        yield from seen.package(code)
    yield from seen.never()
    for name, at in ladders.others(parts).items():
        said = (
            f"{shown(name)} is no role; without a team or person of that name triage and management are told"
        )
        yield Remark(at, said, is_error=False)
    for at, why in (*ladders.unclear(parts), *ladders.idle(parts), *phases.unsaid(parts), *doubts(parts)):
        yield Remark(at, why, is_error=False)
    sold = {package["level"] for package in parts["packages"].values()}
    for code in parts["levels"]:
        if code not in sold:
            yield Remark(f"levels.{code}", "is a level that no package sells", is_error=False)


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


def _calendars(parts: Parts, seen: Competition) -> Iterator[Remark]:
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
        yield from _named_hours(parts, code, defined)
        if "business" in whole.get("calendars", {}) and package["hours"] != parts["desk"]["hours"]:
            said = "are never used: the calendar named business takes their place"
            yield Remark(f"packages.{code}.hours", said)


def _named_hours(parts: Parts, code: str, defined: Mapping[str, Any]) -> Iterator[Remark]:
    """Channels and ladders of a package whose hours are no calendar; channels that it does not have."""
    package = parts["packages"][code]
    level = f"levels.{package['level']}"
    places = (
        ("desk", parts["desk"]),
        (level, parts["levels"][package["level"]]),
        (f"packages.{code}", package),
    )
    for at, says in places:
        named = [
            (f"{at}.channel_rules.{channel}.{key}", rule[key])
            for channel, rule in says.get("channel_rules", {}).items()
            for key in ("hours", "staffed")
            if key in rule and (key, rule[key]) != ("staffed", staffed.NEVER)
        ]
        named += [
            (f"{at}.escalations[{i}].calendar", row["calendar"])
            for i, row in enumerate(says.get("escalations", []))
            if "calendar" in row
        ]
        for field, name in named:
            if name not in defined:
                said = f"{shown(name)} is no calendar; there are {', '.join(sorted(defined))}"
                yield Remark(field, said + meant(name, defined))
    for channel in package.get("channel_rules", {}):
        if channel not in package["channels"] and channel not in ("alert", "desk"):
            said = f"is not among the channels of the package: {', '.join(package['channels'])}"
            yield Remark(f"packages.{code}.channel_rules.{channel}", said)


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
