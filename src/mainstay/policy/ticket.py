"""A ticket as the command line describes it: 'severity=1 environment=production channel=phone flag=by_phone'."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mainstay.errors import Refused
from mainstay.policy.check import FLAGS
from mainstay.policy.closed_days import known_place
from mainstay.policy.compile import Place
from mainstay.policy.conditions import CLOSED, day_of
from mainstay.policy.read import Parts
from mainstay.policy.shapes import meant
from mainstay.sla.calendars import calendar_of
from mainstay.sla.cases import parse_instant
from mainstay.sla.fields import shown

KEYS = ("severity", "environment", "category", "channel", "region", "language", "product", "phase", "flag", "addon",
        "received", "bought", "at", "place")  # fmt: skip
_SETS = {"flag": "flags", "flags": "flags", "addon": "addons", "addons": "addons"}


@dataclass(frozen=True)
class Ticket:
    """The facts of a ticket, the severity asked for (None: none was), when it came and where its customer is."""

    facts: Mapping[str, Any]
    severity: int | None = None
    at: int | None = None
    place: Place = field(default_factory=Place)


def read_ticket(text: str, parts: Parts) -> Ticket:
    """The ticket that a text describes. Raises `Refused` for words that the policy does not know."""
    facts: dict[str, Any] = {}
    severity = at = None
    place = Place()
    said: set[str] = set()
    for word in _words(text):
        name, is_given, value = word.partition("=")
        if not is_given or not value:
            raise Refused(
                "ticket", f"cannot read {shown(word)}; write facts such as severity=1 channel=phone"
            )
        if name in said and name not in _SETS:
            raise Refused(f"ticket.{name}", "is said twice; say it once")
        said.add(name)
        if name == "severity":
            severity = severity_of(value, parts["desk"])
        elif name == "at":
            at = parse_instant(value, "ticket.at")
        elif name == "place":
            place = read_place(value, parts)
        elif name in _SETS:
            facts[_SETS[name]] = sorted({*facts.get(_SETS[name], []), *_members(name, value, parts)})
        elif name in KEYS:
            facts[name] = _fact(name, value, parts)
        else:
            raise Refused(
                f"ticket.{name}", f"is not known; a ticket has {', '.join(KEYS)}{meant(name, KEYS)}"
            )
    return Ticket(facts, severity, at, place)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Refused("ticket", f"cannot be read: {error}") from error


def severity_of(text: str, desk: Mapping[str, Any]) -> int:
    """The rank of a severity named by rank or name."""
    for one in desk["severities"]:
        if text == str(one["rank"]) or text.lower() == one["name"].lower():
            return int(one["rank"])
    names = [one["name"] for one in desk["severities"]]
    known = ", ".join(f"{one['rank']} ({one['name']})" for one in desk["severities"])
    raise Refused("ticket.severity", f"{shown(text)} is none of {known}{meant(text, names)}")


def _members(name: str, value: str, parts: Parts) -> list[str]:
    name = name.removesuffix("s")
    flags = dict.fromkeys([*FLAGS, *parts["desk"].get("flags", {})])
    known = list(flags if name == "flag" else parts["desk"].get("addons", {}))
    found = value.split(",")
    for one in found:
        if one not in known:
            there = ", ".join(known)
            said = (
                f"is none of {there}{meant(one, known)}"
                if known
                else f"is not known: the policy names no {name}s"
            )
            raise Refused(f"ticket.{name}", f"{shown(one)} {said}")
    return found


def _fact(name: str, value: str, parts: Parts) -> str:
    if name == "bought":
        if day_of(value) is None:
            raise Refused("ticket.bought", f"must be a date such as 2018-09-17, not {shown(value)}")
        return value
    known: list[str] = list(CLOSED.get(name, ()))
    if name == "region":
        known = list(parts["desk"].get("regions", {}))
    if name == "phase":
        known = [one["code"] for one in parts["desk"].get("lifecycle", [])]
    if (name in CLOSED or name in ("region", "phase")) and value not in known:
        there = ", ".join(known)
        said = (
            f"is none of {there}{meant(value, known)}"
            if known
            else f"is not known: the policy names no {name}s"
        )
        raise Refused(f"ticket.{name}", f"{shown(value)} {said}")
    return value


def read_place(text: str, parts: Parts) -> Place:
    """ "Australia/Sydney,AU-NSW": the customer's zone and the place whose holidays it keeps. Raises `Refused` for a
    place whose holidays nobody knows, unless it is one of a region of the policy."""
    zone, _, where = (one.strip() for one in text.partition(","))
    calendar_of({"time_zone": zone, "always": True}, field="place")
    named = [one for places in parts["desk"].get("regions", {}).values() for one in places]
    if where and where not in named:
        for refused in known_place(where, "place"):
            raise Refused("place", f"{refused.message}; a place is such as Australia/Sydney,AU-NSW")
    country, _, part = where.partition("-")
    return Place(zone, country, part)


def told(facts: Mapping[str, Any]) -> str:
    """Facts for people."""
    said = []
    for name, value in facts.items():
        word = name.removesuffix("s") if name in ("flags", "addons") else name
        said.append(f"{word} {', '.join(value) if isinstance(value, list) else value}".replace("_", " "))
    return ", ".join(said)
