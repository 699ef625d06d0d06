"""The case format (section "The case format"): reading it strictly, and writing the list it expects.

Every mistake is one `Refused` whose field is a path into the file, such as
"events[3].at" or "calendars.office.week.mon".
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from mainstay.errors import Refused

from .calendars import calendar_of
from .clocks import KINDS, REASONS, Event, explain
from .fields import choice, entries, flag, path, shown
from .hours import DAY, WEEKDAYS, Calendar, day_of
from .instances import Instance
from .policy import CLOCKS, MAY_START_LATER, ON_REOPEN, RULES, STARTS_ON, WAITING, Policy, Promise
from .targets import Target, parse_target

_EVENT_KEYS = {
    "received": {"severity"},
    "severity_changed": {"severity", "reason"},
    "agreement_changed": {"policy", "correction", "reason"},
    "closed": {"reason"},
}
_GRAVEST, _MILDEST = 1, 99
_EARLIEST, _LATEST = day_of(date(1900, 1, 1)) * DAY, day_of(date(2500, 1, 1)) * DAY


class Case(NamedTuple):
    """A parsed case. `expect` is what the file says must come out, if it says so."""

    name: str
    calendars: dict[str, Calendar]
    policy: Policy
    events: tuple[Event, ...]
    as_of: int
    expect: list[dict[str, Any]] | None

    def explain(self) -> list[Instance]:
        return explain(self.policy, self.events, self.as_of)


def read_case(data: bytes | str) -> Case:
    """Parse the bytes of a case file. Raises Refused for whatever is wrong with them."""
    return parse_case(read_json(data))


def read_json(data: bytes | str) -> object:
    """One JSON value, without NaN, duplicate keys, or numbers and nesting that nobody means."""
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise Refused("file", f"is not UTF-8 text (byte {error.start})") from error
    if not text.strip():
        raise Refused("file", "is empty; a case is one JSON object")
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twice)
    except json.JSONDecodeError as error:
        raise Refused(
            "file", f"is not JSON: {error.msg}, line {error.lineno} column {error.colno}"
        ) from error
    except ValueError as error:
        raise Refused("file", "holds a number with too many digits") from error
    except RecursionError as error:
        raise Refused("file", "is nested too deeply") from error


def _no_constant(name: str) -> object:
    raise Refused("file", f"{name} is not a number that JSON knows")


def _no_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    given = dict(pairs)
    if len(given) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Refused(path("", twice), "is given twice in one object")
    return given


def parse_case(document: object) -> Case:
    """The case that a JSON object describes."""
    given = entries(document, "", {"calendars", "policy", "events", "as_of"}, {"case", "expect"})
    name = given.get("case", "")
    if not isinstance(name, str):
        raise Refused("case", "must be a text")
    calendars = parse_calendars(given["calendars"])
    policy = parse_policy(given["policy"], calendars)
    events = parse_events(given["events"], calendars)
    return Case(name, calendars, policy, events, parse_instant(given["as_of"], "as_of"), given.get("expect"))


# Calendars and policies


def parse_calendars(document: object, field: str = "calendars") -> dict[str, Calendar]:
    """The named calendars of a case."""
    if not isinstance(document, dict):
        raise Refused(field, "must be an object of calendars by name")
    return {name: calendar_of(entry, name=name, field=path(field, name)) for name, entry in document.items()}


def parse_policy(document: object, calendars: dict[str, Calendar], field: str = "policy") -> Policy:
    """A policy of the case format, with the calendars that its rows may name."""
    given = entries(document, field, {"clocks"}, {"on_raise", "on_lower"})
    clocks = given["clocks"]
    if not isinstance(clocks, dict):
        raise Refused(f"{field}.clocks", "must be an object of promises by clock")
    promises = {}
    for name, promise in clocks.items():
        where = path(f"{field}.clocks", name)
        if name not in CLOCKS:
            raise Refused(where, f"unknown clock; expected one of {', '.join(CLOCKS)}")
        promises[name] = _promise(name, promise, calendars, where)
    return Policy(
        promises,
        on_raise=choice(given.get("on_raise", "from_change"), RULES, f"{field}.on_raise"),
        on_lower=choice(given.get("on_lower", "from_start"), RULES, f"{field}.on_lower"),
    )


def _promise(name: str, document: object, calendars: dict[str, Calendar], field: str) -> Promise:
    given = entries(document, field, {"target", "calendar"}, {"pauses_on", "starts_on", "on_reopen"})
    targets = _targets(given["target"], f"{field}.target")
    named = _calendars(given["calendar"], calendars, f"{field}.calendar")
    for severity in targets:
        if severity not in named and "*" not in named:
            raise Refused(
                f"{field}.calendar", f'has no calendar for severity "{severity}", which has a target'
            )
    return Promise(
        targets,
        named,
        pauses_on=_pauses(given["pauses_on"], f"{field}.pauses_on") if "pauses_on" in given else None,
        starts_on=_starts_on(name, given, f"{field}.starts_on"),
        on_reopen=_on_reopen(name, given, f"{field}.on_reopen"),
    )


def _targets(document: object, field: str) -> dict[str, Target]:
    if not isinstance(document, dict):
        raise Refused(field, 'must be an object of targets by severity, such as {"1": "30m", "*": "1bd"}')
    return {_severity_key(key, field): parse_target(text, path(field, key)) for key, text in document.items()}


def _calendars(document: object, calendars: dict[str, Calendar], field: str) -> dict[str, Calendar]:
    if not isinstance(document, dict):
        raise Refused(field, 'must be an object of calendar names by severity, such as {"*": "office"}')
    found = {}
    for key, name in document.items():
        where = path(field, _severity_key(key, field))
        if not isinstance(name, str) or name not in calendars:
            raise Refused(
                where, f"unknown calendar {shown(name)}; the case has {', '.join(calendars) or 'none'}"
            )
        found[key] = calendars[name]
    return found


def _severity_key(key: str, field: str) -> str:
    if key == "*" or (key.isascii() and key.isdigit() and key[0] != "0" and len(key) <= 2):
        return key
    raise Refused(path(field, key), 'must be a severity such as "1", or "*" for the rest')


def _pauses(document: object, field: str) -> frozenset[str]:
    if not isinstance(document, list):
        raise Refused(field, f"must be a list of {', '.join(WAITING)}")
    return frozenset(choice(state, WAITING, f"{field}[{i}]") for i, state in enumerate(document))


def _starts_on(name: str, given: dict[str, Any], field: str) -> str:
    if "starts_on" in given and name not in MAY_START_LATER:
        raise Refused(field, f"only {', '.join(MAY_START_LATER)} may start later")
    return choice(given.get("starts_on", "received"), STARTS_ON, field)


def _on_reopen(name: str, given: dict[str, Any], field: str) -> str:
    if "on_reopen" in given and name != "resolution":
        raise Refused(field, "only resolution runs on or restarts when a ticket is reopened")
    return choice(given.get("on_reopen", "continue"), ON_REOPEN, field)


# Events


def parse_events(
    document: object, calendars: dict[str, Calendar], field: str = "events"
) -> tuple[Event, ...]:
    """The events of a case, in order, `received` first."""
    if not isinstance(document, list) or not document:
        raise Refused(field, "must be a list of events that begins with received")
    events: list[Event] = []
    for i, entry in enumerate(document):
        event = _event(entry, calendars, f"{field}[{i}]")
        _check_order(events, event, f"{field}[{i}]")
        events.append(event)
    return tuple(events)


def _check_order(before: list[Event], event: Event, field: str) -> None:
    if not before and event.event != "received":
        raise Refused(f"{field}.event", f"must be received, the first event of a ticket, not {event.event}")
    if before and event.event == "received":
        raise Refused(f"{field}.event", "received comes once, as the first event")
    if before and event.at < before[-1].at:
        raise Refused(
            f"{field}.at", f"goes back in time: {written(event.at)} is before {written(before[-1].at)}"
        )


def _event(document: object, calendars: dict[str, Calendar], field: str) -> Event:
    if not isinstance(document, dict):
        raise Refused(field, "must be an object with at and event")
    kind = document.get("event")
    if "event" not in document:
        raise Refused(f"{field}.event", "is missing")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refused(f"{field}.event", f"unknown event {shown(kind)}; expected one of {', '.join(KINDS)}")
    required = {"at", "event"} | {"received": {"severity"}, "severity_changed": {"severity"}}.get(kind, set())
    required |= {"closed": {"reason"}, "agreement_changed": {"policy"}}.get(kind, set())
    given = entries(document, field, required, _EVENT_KEYS.get(kind, set()))
    return Event(
        parse_instant(given["at"], f"{field}.at"),
        kind,
        severity=_severity(given["severity"], f"{field}.severity") if "severity" in given else None,
        reason=_reason(kind, given, f"{field}.reason"),
        policy=parse_policy(given["policy"], calendars, f"{field}.policy") if "policy" in given else None,
        correction=flag(given.get("correction", False), f"{field}.correction"),
    )


def _severity(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not _GRAVEST <= value <= _MILDEST:
        raise Refused(
            field, f"must be a whole number from {_GRAVEST} (gravest) to {_MILDEST}, not {shown(value)}"
        )
    return value


def _reason(kind: str, given: dict[str, Any], field: str) -> str | None:
    if kind == "closed":
        return choice(given["reason"], REASONS, field)
    reason = given.get("reason")
    if reason is not None and not isinstance(reason, str):
        raise Refused(field, "must be a text")
    return reason


def parse_instant(value: object, field: str) -> int:
    """An instant with its offset from UTC (RFC 3339); fractions of a second are cut."""
    if not isinstance(value, str):
        raise Refused(field, f"must be an instant such as 2026-03-02T16:30:00+11:00, not {shown(value)}")
    try:
        if not (value.isascii() and len(value) >= 16 and value[4] == value[7] == "-" and value[10] in "Tt "):
            raise ValueError
        moment = datetime.fromisoformat(value[:10] + "T" + value[11:].upper())
    except ValueError as error:
        wanted = "must be an instant such as 2026-03-02T16:30:00+11:00"
        raise Refused(field, f"{wanted}, not {shown(value)}") from error
    if moment.tzinfo is None:
        raise Refused(field, f"needs its offset from UTC, such as Z or +11:00: {shown(value)}")
    return _in_utc(moment, field)


def _in_utc(moment: datetime, field: str) -> int:
    """Seconds since 1970, without passing through a datetime that the ends of the calendar lack."""
    away = moment.utcoffset()
    assert away is not None
    since = moment.replace(microsecond=0, tzinfo=None) - datetime(1970, 1, 1)  # noqa: DTZ001
    total = since - away
    seconds = total.days * DAY + total.seconds
    if not _EARLIEST <= seconds < _LATEST:
        raise Refused(field, "must lie between the years 1900 and 2500")
    return seconds


# What comes out


def written(t: int) -> str:
    """An instant as the format writes it: UTC with "Z"."""
    return f"{datetime.fromtimestamp(t, UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_expected(instance: Instance) -> dict[str, object]:
    """One entry of `expect`, its keys in the order of the format."""
    return {
        "clock": instance.clock,
        "n": instance.n,
        "state": instance.state,
        "due": None if instance.due is None else written(instance.due),
        "breached": instance.breached,
        "used": instance.used,
        "earlier_breaches": [written(t) for t in instance.earlier_breaches],
    }


__all__ = [
    "WEEKDAYS",
    "Case",
    "as_expected",
    "parse_calendars",
    "parse_case",
    "parse_events",
    "parse_instant",
    "parse_policy",
    "read_case",
    "read_json",
    "written",
]
