"""Escalation ladders: who is told when so much of a clock, or of a ticket's life, has been used.

A rung that names a clock counts that clock's own used time, so it stands still and is re-reckoned with it. One that
names none counts from receipt, or from when the ticket came to the rung's severity, and stands still as a resolution
does; a solution or closing ends it. Pure: it says when each rung is due, somebody else tells people.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from .clocks import explain
from .instances import reaches, warning_at
from .policy import Policy, Promise
from .targets import parse_target, seconds_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .clocks import Event
    from .hours import Calendar
    from .instances import Instance

OF_RESOLUTION = "resolution"
"""The clock of a share that names none."""
AT_ONCE = "0m"


class Rung(NamedTuple):
    """One step of a ladder. `key` says which it is when only its time changes: for whom, at which severity, of
    which clock, and the how-manieth of those alike."""

    key: str
    after: str
    to: tuple[str, ...]
    severity: str  # "1", "2", ... or "*"
    clock: str  # empty: of the ticket itself
    calendar: str
    words: str

    @property
    def percent(self) -> int | None:
        return int(self.after[:-1]) if self.after.endswith("%") else None


class Due(NamedTuple):
    """When a rung is due: for the n-th instance of its clock, at a UTC second."""

    rung: Rung
    n: int
    at: int


def rungs_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """The rungs that rows of a policy (`escalations`) make."""
    found, seen = [], Counter[str]()
    for row in rows:
        to = (row["to"],) if isinstance(row["to"], str) else tuple(row["to"])
        severity, clock = str(row.get("severity", "*")), row.get("clock", "")
        if row["after"].endswith("%"):
            clock = clock or OF_RESOLUTION
        alike = f"{severity} {clock} {' '.join(to)}"
        seen[alike] += 1
        found.append(
            Rung(
                f"{alike} {seen[alike]}", row["after"], to, severity, clock, row.get("calendar", ""),
                row.get("words", ""),
            )
        )  # fmt: skip
    return tuple(found)


def dues(
    rungs: Iterable[Rung],
    instances: Sequence[Instance],
    policy: Policy,
    calendars: Mapping[str, Calendar],
    events: Sequence[Event],
    *,
    severity: int,
    as_of: int,
) -> list[Due]:
    """When the rungs that hold at the severity are due as things stand; none for a clock that stands still."""
    found = []
    for rung in rungs:
        if rung.severity not in ("*", str(severity)):
            continue
        if rung.clock:
            of = [one for one in instances if one.clock == rung.clock and one.state == "running"]
            found += [Due(rung, one.n, at) for one in of if (at := _used(rung, one)) is not None]
        else:
            found += _lived(rung, policy, calendars, events, severity, as_of)
    return found


def _used(rung: Rung, one: Instance) -> int | None:
    if rung.percent is not None:
        return warning_at(one, f"{rung.percent}/100")
    if rung.after == AT_ONCE:
        return one.started_at
    return reaches(one, seconds_at(parse_target(rung.after), one.started_at, one.calendar))


def _lived(
    rung: Rung,
    policy: Policy,
    calendars: Mapping[str, Calendar],
    events: Sequence[Event],
    severity: int,
    as_of: int,
) -> list[Due]:
    """As a resolution of that length would be due, were it promised at the rung's severity."""
    target = parse_target("1s" if rung.after == AT_ONCE else rung.after)
    row = policy.row("first_response", severity)
    calendar = calendars.get(rung.calendar) or (row.calendar if row else None) or calendars["business"]
    promise = Promise({rung.severity: target}, {"*": calendar}, policy.pauses["resolution"])
    own = Policy({"resolution": promise})
    told = [one for one in events if one.event != "agreement_changed"]
    return [
        Due(rung, one.n, one.due)
        for one in explain(own, told, as_of)
        if one.state == "running" and one.due is not None
    ]
