"""Why a ticket gets the targets and hours that it gets: which rows competed for each clock, and why one won (M5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mainstay.policy.calendars import chosen, compiled
from mainstay.policy.competing import rows_of
from mainstay.policy.compile import (
    around,
    business_calendar,
    calendars_in,
    compose,
    in_phase,
    reduced_phase,
    with_region,
)
from mainstay.policy.conditions import ORDER, holds, weight, words
from mainstay.policy.opening import opening
from mainstay.policy.read import Parts
from mainstay.policy.select import Competitor, competitors
from mainstay.policy.spelled import STARTS
from mainstay.policy.ticket import Ticket, told
from mainstay.sla.calendars import calendar_of
from mainstay.sla.cases import written
from mainstay.sla.policy import CLOCKS
from mainstay.sla.targets import parse_target, seconds_at

Where = Callable[[str], int]


def explained(
    parts: Parts, package: str, ticket: Ticket, where: Where, years: tuple[int, int]
) -> dict[str, Any]:
    """Everything that is to be said of one ticket in one package, ready for JSON. `where` gives the line of a path."""
    said = parts["packages"][package]
    whole = compose(parts["desk"], parts["levels"][said["level"]], said)
    facts = with_region(whole, ticket.facts, ticket.place)
    facts = {"package": package, "level": said["level"], **facts}
    if ticket.at is not None and "received" not in facts:
        business = business_calendar(whole, place=ticket.place, years=years, facts=facts)
        is_open = calendar_of(business).is_open(ticket.at)
        facts["received"] = "inside_hours" if is_open else "outside_hours"
    severity, because = opening(parts["desk"], ticket.severity, facts, by_us=True)
    if ticket.severity is not None and not parts["desk"].get("set_by", {}).get("customer", True):
        at_first, _ = opening(parts["desk"], ticket.severity, facts)
        because.append(f"set by us: customers do not set it, and a request opens at {at_first}")
    name = next(one["name"] for one in parts["desk"]["severities"] if one["rank"] == severity)
    rows, hours = rows_of(parts, package), rows_of(parts, package, "hours_rules")
    asked = [clock for clock in CLOCKS if any(row["clock"] == clock for row in rows)]
    made = _Clock(whole, facts, severity, ticket, where, years)
    return {
        "package": package,
        "severity": severity,
        "severity_name": name,
        "severity_because": because,
        "facts": facts,
        "clocks": [made.explained(clock, rows, hours) for clock in asked],
    }


class _Clock:
    def __init__(
        self,
        whole: Mapping[str, Any],
        facts: Mapping[str, Any],
        severity: int,
        ticket: Ticket,
        where: Where,
        years: tuple[int, int],
    ) -> None:
        self.whole = whole
        self.facts = facts
        self.severity = severity
        self.ticket = ticket
        self.where = where
        self.years = years
        self.phase = reduced_phase(whole, facts)

    def explained(self, clock: str, rows: Sequence[Any], hours: Sequence[Any]) -> dict[str, Any]:
        found = competitors(rows, clock, self.severity, self.facts)
        winner = found[0].row if found and found[0].why == "wins" else None
        made: dict[str, Any] = {
            "clock": clock,
            "target": None,
            "rows": [self._row(one, winner) for one in found],
        }
        if winner is None or winner["target"] == "none":
            return {**made, "words": (winner or {}).get("words", "")}
        held = in_phase(dict(winner), self.phase.get("targets", ""))
        if (held["target"], held["kind"]) != (winner["target"], winner["kind"]):
            made["phase"] = self._phase(held)
        if held["target"] == "none":
            return {**made, "words": self.phase.get("words", "")}
        made |= {key: held[key] for key in ("target", "kind", "share", "agreed", "words") if key in held}
        made |= self._calendar(clock, winner, hours)
        start = self.whole.get("starts_on", {}).get(clock, "received")
        return made if start == "received" else {**made, "starts_on": start}

    def _phase(self, held: Mapping[str, Any]) -> str:
        """What the release's phase makes of a row."""
        made = "no target" if held["target"] == "none" else "a goal"
        return f"the release is in the phase {self.phase['name']}, which makes {made} of it"

    def _row(self, one: Competitor, winner: Mapping[str, Any] | None) -> dict[str, Any]:
        row = one.row
        return {
            "row": row["at"],
            "line": self.where(row["at"]),
            "asks": asks(row),
            "target": row["target"],
            "result": one.why,
            "because": _because(one, winner, self.facts),
        }

    def _calendar(self, clock: str, winner: Mapping[str, Any], hours: Sequence[Any]) -> dict[str, Any]:
        if "calendar" in winner:
            name, because, rules = winner["calendar"], "the row names it", []
        else:
            found = competitors(hours, "", self.severity, self.facts)
            rules = [self._rule(one, found[0].row) for one in found]
            if found and found[0].why == "wins":
                name = found[0].row["calendar"]
                because = f"the row names none; of the default hours, {found[0].row['at']} wins"
            else:
                name, because = "business", "neither the row nor default hours name one"
        field, defined = name, calendars_in(self.whole)
        while "choose" in defined[name]:
            name = chosen(defined[name]["choose"], self.facts)
            because += f"; {field} chooses {name} for such a ticket"
        made = compiled(name, defined, around(self.ticket.place, self.years, self.facts))
        told_ = {
            "calendar": name,
            "calendar_because": because,
            "hours_rules": rules,
            "time_zone": made["time_zone"],
        }
        if (
            self.ticket.at is not None
            and self.whole.get("starts_on", {}).get(clock, "received") == "received"
        ):
            told_ |= self._due(winner["target"], made)
        return told_

    def _rule(self, one: Competitor, winner: Mapping[str, Any]) -> dict[str, Any]:
        row = one.row
        return {
            "row": row["at"], "line": self.where(row["at"]), "asks": asks(row), "calendar": row["calendar"],
            "result": one.why, "because": _because(one, winner, self.facts),
        }  # fmt: skip

    def _due(self, target: str, calendar: Mapping[str, Any]) -> dict[str, str]:
        """When a clock that starts at receipt would be due."""
        assert self.ticket.at is not None
        hours = calendar_of(dict(calendar))
        due = hours.add(self.ticket.at, seconds_at(parse_target(target), self.ticket.at, hours))
        return {"starts": written(self.ticket.at), "due": written(due)}


def asks(row: Mapping[str, Any]) -> str:
    """What a row asks for, in words."""
    severity = row.get("severity", "*")
    said = [f"severity {severity}" if severity != "*" else "any severity"]
    if row.get("part", "desk") != "desk":
        said.insert(0, f"this {row['part']}")
    if row.get("when"):
        said.append(words(row["when"]))
    return ", ".join(said)


def _because(one: Competitor, winner: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> str:
    if one.why == "does not hold":
        failed = {k: v for k, v in one.row["when"].items() if not holds({k: v}, facts)}
        return f"asks for {words(failed)}"
    mine, names = weight(one.row)
    if one.why == "wins":
        return f"holds and says most: {_counted(mine, names)}"
    if one.why == "replaced by the contract":
        return "the contract says something else for all that it holds for"
    assert winner is not None
    other, others = weight(winner)
    if other != mine:
        return f"holds, but says less: {_counted(mine, names)} against {other}"
    decisive = (
        next(name for name, a, b in zip(ORDER, names, others, strict=True) if a != b)
        if names != others
        else ""
    )
    if decisive:
        return f"holds and says as much, but {decisive} comes first in the order of conditions"
    return "holds and says as much, but stands later"


def _counted(number: int, names: Sequence[int]) -> str:
    said = ", ".join(name for name, count in zip(ORDER, names, strict=True) if count)
    return f"{number} condition{'' if number == 1 else 's'} ({said})" if said else "no condition"


# ---- in words


def as_text(parts: Parts, found: Mapping[str, Any], name: str) -> str:
    """The same for a person."""
    facts = {key: value for key, value in found["facts"].items() if key not in ("package", "level")}
    title = parts["packages"][found["package"]]["name"]
    lines = [
        f"{title}, severity {found['severity']} ({found['severity_name']})"
        + (f": {told(facts)}" if facts else "")
    ]
    lines += [f"  {sentence}" for sentence in found["severity_because"]]
    for clock in found["clocks"]:
        lines += ["", *_clock_text(clock, name)]
    if not found["clocks"]:
        lines += ["", "No targets: this package promises no times."]
    return "\n".join(lines)


def _clock_text(clock: Mapping[str, Any], name: str) -> list[str]:
    title = clock["clock"].replace("_", " ").capitalize()
    if clock["target"] is None:
        lines = [f"{title}: none" + (f" ({clock['words']})" if clock.get("words") else "")]
    else:
        share = f"{clock['share']} % within " if "share" in clock else ""
        agreed = ", or as agreed" if clock.get("agreed") else ""
        due = f", due {clock['due']}" if "due" in clock else ""
        hours = f"calendar {clock['calendar']} ({clock['time_zone']})"
        lines = [f"{title}: {share}{clock['target']}{agreed}, {clock['kind']}, {hours}{due}"]
    lines += [_row_text(row, name, row["target"]) for row in clock["rows"]]
    if "phase" in clock:
        lines.append(f"  phase: {clock['phase']}")
    if "starts_on" in clock:
        lines.append(f"  counts from when {STARTS[clock['starts_on']]}")
    if clock["target"] is not None:
        lines.append(f"  hours: {clock['calendar_because']}")
        lines += [_row_text(row, name, row["calendar"]) for row in clock["hours_rules"]]
    return lines


def _row_text(row: Mapping[str, Any], name: str, says: str) -> str:
    mark = "*" if row["result"] == "wins" else " "
    return f"  {mark} {says} ({row['asks']}) {name}:{row['line']}: {row['because']}"
