"""Promises that nobody is there to keep: a target that runs out while its channel, or the whole desk, is closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from mainstay.errors import Refused
from mainstay.policy.calendars import compiled
from mainstay.policy.compile import Place, around, calendars_in, compose
from mainstay.policy.conditions import values
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import DAY, Calendar, day_of
from mainstay.sla.targets import parse_target, seconds_at

NEVER = "never"
ANSWERED = ("first_response", "next_response")


def impossible(
    parts: Mapping[str, Any],
    code: str,
    rows: Sequence[Mapping[str, Any]],
    hours: Sequence[Mapping[str, Any]],
    years: tuple[int, int],
) -> Iterator[tuple[str, str, bool]]:
    """(where, what, is it an error) for each promise of a package that its staffing cannot keep."""
    package = parts["packages"][code]
    level = parts["levels"][package["level"]]
    whole = compose(parts["desk"], level, package)
    known = _Calendars(whole, years)
    rules = whole.get("channel_rules", {})
    told = False
    for row in rows:
        if row["kind"] != "promise" or row["clock"] not in ANSWERED:
            continue
        calendar = row.get("calendar") or _default(row, hours)
        for channel in _channels(row, package):
            staffed = rules.get(channel, {}).get("staffed")
            if staffed is not None:
                gap = known.gap(row["target"], calendar, staffed)
                if gap:
                    said = f"impossible in the channel {channel}: {row['target']} of {calendar} time runs out {gap}"
                    yield row["at"], said, True
        if calendar == "always" and not level["staffing"]["round_the_clock"] and not _staffed(rules):
            gap = known.gap(row["target"], "always", "business")
            if gap and not told:
                told = True
                said = f"promises {row['target']} round the clock ({row['at']}), and is not staffed round the clock"
                yield f"levels.{package['level']}", f"{said}: it runs out {gap}", False


def _channels(row: Mapping[str, Any], package: Mapping[str, Any]) -> list[str]:
    has = [one for one in package["channels"] if one != "documentation"]
    asked = row.get("when", {}).get("channel")
    if asked is None:
        return has
    wanted = ["alerts" if one == "alert" else one for one in values(asked)]
    return [one for one in has if one in wanted]


def _staffed(rules: Mapping[str, Any]) -> bool:
    return any("staffed" in rule for rule in rules.values())


def _default(row: Mapping[str, Any], hours: Sequence[Mapping[str, Any]]) -> str:
    """The calendar of a row that names none, where that can be said without a ticket."""
    fitting = [
        rule for rule in hours if rule.get("severity", "*") in ("*", row["severity"]) and not rule.get("when")
    ]
    exact = [rule for rule in fitting if rule.get("severity", "*") != "*"]
    return str((exact or fitting)[-1]["calendar"]) if fitting else "business"


class _Calendars:
    def __init__(self, whole: Mapping[str, Any], years: tuple[int, int]) -> None:
        self.whole = whole
        self.years = years
        self._kept: dict[str, Calendar] = {}

    def __getitem__(self, name: str) -> Calendar:
        if name not in self._kept:
            made = compiled(name, calendars_in(self.whole), around(Place(), self.years, {}))
            self._kept[name] = calendar_of(made)
        return self._kept[name]

    def gap(self, target: str, counted: str, staffed: str) -> str:
        """In words when a target may run out with nobody there; empty when it cannot."""
        if staffed == NEVER:
            return "though nobody ever staffs it"
        try:
            count, people = self[counted], self[staffed]
        except Refused:  # told where the calendars are
            return ""
        parsed = parse_target(target)
        low = day_of(date(self.years[0], 1, 1)) * DAY
        high = low + 60 * DAY
        closed = low
        for start, end in [*((one.start, one.end) for one in people.intervals(low, high)), (high, high)]:
            if (
                start > closed
                and closed > low
                and count.elapsed(closed, start) >= seconds_at(parsed, closed, count)
            ):
                return f"before anybody is there (closed for {_long(start - closed)} at a time)"
            closed = max(closed, end)
        return ""


def _long(seconds: int) -> str:
    hours = seconds // 3600
    return f"{hours // 24} days" if hours >= 72 else f"{hours} hours" if hours else f"{seconds // 60} minutes"
