"""Writing out what a file may say shortly: weeks, holidays, severities by name, weeks as days, numbers as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import ics, weeks
from mainstay.policy.lines import Path
from mainstay.policy.rows import CLOSING
from mainstay.policy.shapes import meant
from mainstay.policy.source import Source
from mainstay.sla.fields import shown

Load = Callable[[str], bytes]
TEXT_NUMBERS = ("percent", "cap_percent", "below", "above", "amount", "floor", "per_unit", "minimum")
BY_SEVERITY = ("severity_rules", "closing_rules", "hours_rules", "escalations", "kpis", "escalation")
ROUND_THE_CLOCK = ("24x7", "24/7", "24x7x365", "24/7/365", "always")
MONEY = ("amount", "floor", "per_unit")
MINUTES = ("head_start_minutes", "accept_within_minutes")
DURATIONS = (*CLOSING, "after", "lasts")
_DIMES = re.compile(r"\d{1,12}\.\d", re.ASCII)
_WEEKS = re.compile(r"([1-9]\d{0,3})w", re.ASCII)


def part(
    says: dict[str, Any], path: Path, source: Source, severities: Mapping[str, int], load: Load | None
) -> None:
    """Write out everything in one part (desk, level or package) but its targets. `path` is where it stands."""
    for name, calendar in _items(says.get("calendars")):
        says["calendars"][name] = week_of(calendar, (*path, "calendars", name), source, load)
    if "hours" in says:
        says["hours"] = hours(says["hours"], (*path, "hours"), source, load)
    for key in BY_SEVERITY:
        if key in says:
            says[key] = ranked(says[key], (*path, key), source, severities)
    for key in MINUTES:
        if isinstance(says.get(key), dict):
            says[key] = _by_rank(says[key], (*path, key), source, severities)
    for channel, rule in _items(says.get("channel_rules")):
        if isinstance(rule, dict) and isinstance(rule.get("severities"), list):
            where = (*path, "channel_rules", channel, "severities")
            rule["severities"] = [
                rank_of(one, (*where, i), source, severities) for i, one in enumerate(rule["severities"])
            ]
    for key in ("closing", "closing_rules", "escalations", "lifecycle"):
        if key in says:
            says[key] = in_days(says[key])
    for key in ("price", "kpis", "addons"):
        if key in says:
            says[key] = numbers(says[key])


def _items(given: Any) -> list[tuple[str, Any]]:
    return list(given.items()) if isinstance(given, dict) else []


# ---- hours


def hours(given: Any, path: Path, source: Source, load: Load | None) -> Any:
    """Business hours: a text is a week in the customer's zone without its public holidays."""
    if isinstance(given, str | list):
        given = {"week": given}
    if isinstance(given, dict) and "holidays" not in given:
        given = {**given, "holidays": "customer"}
    return week_of(given, path, source, load)


def week_of(given: Any, path: Path, source: Source, load: Load | None) -> Any:
    """A calendar with its week, special days and holidays written out."""
    if isinstance(given, str) and given.strip().lower() in ROUND_THE_CLOCK:
        return {"always": True}
    if isinstance(given, str):
        given = {"week": given}
    if not isinstance(given, dict):
        return given
    made = dict(given)
    if isinstance(made.get("week"), str | list):
        made["week"] = _tried(
            lambda: weeks.read_week(given["week"], "week"), made["week"], (*path, "week"), source
        )
    elif isinstance(made.get("week"), dict):
        made["week"] = {day: _day(hours, (*path, "week", day), source) for day, hours in made["week"].items()}
    if "week" in made and "time_zone" not in made and path[-1:] != ("hours",):
        made["time_zone"] = "customer"
    for day, said in _items(made.get("special")):
        made["special"] = {**made["special"], day: _day(said, (*path, "special", day), source)}
    if "holidays" in made:
        made["holidays"] = _holidays(made["holidays"], (*path, "holidays"), source, load)
    return made


def _day(given: Any, path: Path, source: Source) -> Any:
    if not isinstance(given, str):
        return given
    return _tried(lambda: weeks.read_hours(given, "hours"), given, path, source)


def _tried(read: Callable[[], Any], given: Any, path: Path, source: Source) -> Any:
    """What reading gives; where it refuses, the mistake is noted and something harmless stands in."""
    try:
        return read()
    except Refused as refused:
        source.wrong(path, refused.message)
        return {"mon": [["00:00", "24:00"]]} if path[-1] == "week" else []


def _holidays(given: Any, path: Path, source: Source, load: Load | None) -> Any:
    if isinstance(given, str) and given not in ("customer", "none"):
        given = [given]
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list):
        return given
    return [_from_file(entry, (*path, i), source, load) for i, entry in enumerate(given)]


def _from_file(entry: Any, path: Path, source: Source, load: Load | None) -> Any:
    """{"ics": file} with the dates that the file holds; dates that are given stay."""
    if not isinstance(entry, dict) or not isinstance(entry.get("ics"), str) or "dates" in entry:
        return entry
    if load is None:
        source.wrong(path, f"{entry['ics']} cannot be read from here; give its dates as well: dates = [...]")
        return {**entry, "dates": []}
    try:
        return {**entry, "dates": ics.closed_dates(load(entry["ics"]), entry["ics"])}
    except Refused as refused:
        source.wrong(
            path, f"{entry['ics']}: {refused.message}" if refused.field != "ics" else refused.message
        )
        return {**entry, "dates": []}


# ---- severities, numbers, durations


def one_by_one(row: Any) -> list[Any]:
    """A row that names several severities as rows that name one."""
    named = row.get("severity") if isinstance(row, dict) else None
    return [{**row, "severity": one} for one in named] if isinstance(named, list) and named else [row]


def _by_rank(
    given: Mapping[str, Any], path: Path, source: Source, severities: Mapping[str, int]
) -> dict[str, Any]:
    """Values by severity as values by rank; "rest" is written out for those that are not named."""
    made = {str(rank_of(name, (*path, name), source, severities)): value for name, value in given.items()}
    if "*" in made and severities:
        rest = made.pop("*")
        made |= {str(rank): rest for rank in sorted(severities.values()) if str(rank) not in made}
    return made


def ranked(value: Any, path: Path, source: Source, severities: Mapping[str, int]) -> Any:
    """The same with severities as ranks wherever they are named."""
    if isinstance(value, list):
        return [ranked(inner, (*path, i), source, severities) for i, inner in enumerate(value)]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, inner in value.items():
        if key in ("severity", "then"):
            made[key] = (
                [rank_of(one, (*path, key, i), source, severities) for i, one in enumerate(inner)]
                if isinstance(inner, list)
                else rank_of(inner, (*path, key), source, severities)
            )
        else:
            made[key] = inner
    return made


def rank_of(given: Any, path: Path, source: Source, severities: Mapping[str, int]) -> Any:
    """The rank of a severity that is given by name or rank; "*" and "rest" are the rest."""
    if given in ("*", "rest") or not isinstance(given, str):
        return "*" if given == "rest" else given
    said = given.strip().lower()
    ranks = set(severities.values())
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    found = number if number in ranks else severities.get(said)
    if found is None:
        known = ", ".join(severities) or "none"
        source.wrong(path, f"{shown(given)} is no severity; there are {known}{meant(given, severities)}")
        return "*"
    return found


def numbers(value: Any, key: str = "") -> Any:
    """Numbers that documents keep as text, such as percentages."""
    if isinstance(value, dict):
        return {name: numbers(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbers(inner) for inner in value]
    if key in TEXT_NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if key in MONEY and isinstance(value, str) and _DIMES.fullmatch(value):
        return f"{value}0"
    return value


def in_days(value: Any, key: str = "") -> Any:
    """Durations in weeks as days."""
    if isinstance(value, dict):
        return {name: in_days(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_days(inner, key) for inner in value]
    found = _WEEKS.fullmatch(value) if isinstance(value, str) and key in DURATIONS else None
    return f"{int(found[1]) * 7}d" if found else value
