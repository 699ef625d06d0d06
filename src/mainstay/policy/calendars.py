"""Calendars of a policy: what they may say, and compiling them to the case format for given years.

A calendar is a week in a zone with closed days; round the clock (`always`); weekly spans whose ends may lie in
different zones; a combination of others (`any`, `all`, `except`); or a choice by the ticket's facts (`choose`).
How several become one is in `combining`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from mainstay.errors import Refused
from mainstay.policy.closed_days import Where, closed_days, holidays_shape, place, public_holidays
from mainstay.policy.combining import END, combined, minutes, spanned
from mainstay.policy.conditions import CONDITIONS, Facts, check_when, holds, weight
from mainstay.policy.shapes import Problems, each, record, text
from mainstay.sla.calendars import calendar_of
from mainstay.sla.fields import path, shown
from mainstay.sla.hours import WEEKDAYS

__all__ = ["Where", "calendar_shape", "compiled", "hours_problems", "place", "public_holidays"]
KINDS = ("week", "always", "span", "any", "all", "except", "choose")
CUSTOMER = "customer"
DEEPEST = 12
"""So many calendars may stand within each other."""
_YEARLY = re.compile(r"\d\d-\d\d", re.ASCII)


class Around(NamedTuple):
    """What calendars are compiled for: the customer's zone and place, the years, the ticket's facts."""

    zone: str
    where: Where
    years: tuple[int, int]
    facts: Facts


# ---- reading


def hours_problems(value: Any, field: str) -> Problems:
    """Business hours: a week that opens at least once, and which holidays are closed."""
    yield from record(
        {"week": _any, "holidays": holidays_shape},
        {"time_zone": _zone, "special": _special_shape},
    )(value, field)
    if isinstance(value, dict) and "week" in value:
        yield from _week_problems(value["week"], f"{field}.week")


def calendar_shape(value: Any, field: str) -> Problems:
    """What one calendar of a policy must look like."""
    kinds = [kind for kind in KINDS if isinstance(value, dict) and kind in value]
    if len(kinds) != 1:
        yield Refused(field, f"must be an object with just one of {', '.join(KINDS)}")
        return
    (kind,) = kinds
    if kind == "week":
        optional = {"holidays": holidays_shape, "special": _special_shape, "words": text(300)}
        yield from record({"time_zone": _zone, "week": _any}, optional)(value, field)
        yield from _week_problems(value["week"], f"{field}.week")
        return
    shape = {
        "always": _true, "span": each(_span_shape, least=1), "choose": each(_choice_shape, least=1),
    }.get(kind, each(text(60), least=2))  # fmt: skip
    beside = {"time_zone": _zone, "words": text(300)} if kind == "always" else {"words": text(300)}
    yield from record({kind: shape}, beside)(value, field)


def _any(value: Any, field: str) -> Problems:
    return iter(())


def _true(value: Any, field: str) -> Problems:
    if value is not True:
        yield Refused(field, f"must be true, not {shown(value)}")


def _zone(value: Any, field: str) -> Problems:
    if value != CUSTOMER:
        try:
            calendar_of({"time_zone": value, "always": True}, field="zone")
        except Refused as refused:
            said = f'{refused.message}; write one such as Europe/Berlin, or "customer"'
            yield Refused(field, said + _zone_meant(value))


def _zone_meant(given: object) -> str:
    """The zone of a city, or of other letters: '; did you mean "Europe/Berlin"?'."""
    said = given.strip().lower().replace(" ", "_") if isinstance(given, str) else ""
    for name in sorted(available_timezones()):
        if said in (name.lower(), name.lower().rpartition("/")[2]):
            return f'; did you mean "{name}"?'
    return ""


def _week_problems(week: Any, field: str) -> Problems:
    if not isinstance(week, dict) or not any(week.get(day) for day in WEEKDAYS):
        yield Refused(field, 'opens at no time; give hours such as {"mon": [["09:00", "17:00"]]}')
        return
    try:
        calendar_of({"time_zone": "UTC", "week": week}, field=field.removesuffix(".week"))
    except Refused as refused:
        yield refused


def _special_shape(value: Any, field: str) -> Problems:
    if not isinstance(value, dict):
        yield Refused(field, "must map dates to lists of intervals")
        return
    for day, hours in value.items():
        dated = f"2024-{day}" if _YEARLY.fullmatch(str(day)) else day
        try:
            calendar_of(
                {"time_zone": "UTC", "week": {"mon": [["00:00", "24:00"]]}, "special": {dated: hours}}
            )
        except Refused as refused:
            yield Refused(path(field, str(day)), refused.message)


def _span_shape(value: Any, field: str) -> Problems:
    yield from record({"from": _end_shape, "until": _end_shape})(value, field)


def _end_shape(value: Any, field: str) -> Problems:
    found = END.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        yield Refused(field, f'must be such as "Fri 17:00 America/Los_Angeles", not {shown(value)}')
        return
    if minutes(found[2]) > 24 * 60 or found[2][3:] > "59":
        yield Refused(field, f"{found[2]} is no time of day")
    yield from _zone(found[3], field)


def _choice_shape(value: Any, field: str) -> Problems:
    known = [name for name in CONDITIONS if name != "received"]
    when = lambda asked, where: check_when(asked, where, known=known)  # noqa: E731
    yield from record({"calendar": text(60)}, {"when": when})(value, field)


# ---- compiling


def compiled(name: str, defined: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """The calendar of that name in the case format. `defined` has every calendar by name, "business" and "always"
    among them. Raises `Refused` for a name that is not there, a circle, or hours that never open."""
    return _compiled(name, defined, around, (), {})


def _compiled(
    name: str,
    defined: Mapping[str, Any],
    around: Around,
    within: tuple[str, ...],
    made: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """One calendar of those that are `within` each other; `made` keeps what was compiled on the way."""
    if name not in made:
        made[name] = _made(name, defined, around, within, made)
    return made[name]


def _made(
    name: str,
    defined: Mapping[str, Any],
    around: Around,
    within: tuple[str, ...],
    made: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    field = path("calendars", within[0] if within else name)
    if name in within:
        raise Refused(field, f"refers to itself: {' -> '.join((*within, name))}")
    if len(within) > DEEPEST:
        raise Refused(
            field, f"combines calendars that combine calendars, more than {DEEPEST} times; name them directly"
        )
    if name not in defined:
        raise Refused(field, f"names the calendar {shown(name)}; there are {', '.join(sorted(defined))}")
    says = defined[name]
    if "week" in says:
        return simple(says, around)
    if "always" in says:
        return {"time_zone": _in_zone(says.get("time_zone", CUSTOMER), around), "always": True}
    if "span" in says:
        return spanned(says["span"], around.zone, around.years)
    if "choose" in says:
        return _compiled(chosen(says["choose"], around.facts, field), defined, around, (*within, name), made)
    kind = next(kind for kind in ("any", "all", "except") if kind in says)
    members = [_compiled(one, defined, around, (*within, name), made) for one in says[kind]]
    return combined(kind, members, around.years, field)


def chosen(rows: Sequence[Mapping[str, Any]], facts: Facts, field: str = "calendar") -> str:
    """The calendar of the row that says most of such a ticket."""
    holding = [row for row in rows if holds(row.get("when", {}), facts)]
    if not holding:
        raise Refused(field, "chooses no calendar for such a ticket; add a row without conditions")
    return str(max(holding, key=weight)["calendar"])


def simple(says: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """A week in a zone with its closed days written out for the years."""
    made: dict[str, Any] = {
        "time_zone": _in_zone(says.get("time_zone", CUSTOMER), around),
        "week": says["week"],
        "holidays": closed_days(says.get("holidays", "none"), around.where, around.years),
    }
    if says.get("special"):
        made["special"] = _special(says["special"], around.years)
    return made


def _in_zone(name: str, around: Around) -> str:
    return around.zone if name == CUSTOMER else name


def _special(given: Mapping[str, Any], years: tuple[int, int]) -> dict[str, Any]:
    """Special dates, the yearly ones written out; a date of one year comes before a yearly one."""
    yearly: dict[str, Any] = {}
    for day, hours in given.items():
        if _YEARLY.fullmatch(day):
            for year in range(years[0], years[1] + 1):
                if day != "02-29" or date_exists(year, day):
                    yearly[f"{year}-{day}"] = hours
    exact = {day: hours for day, hours in given.items() if not _YEARLY.fullmatch(day)}
    return dict(sorted({**yearly, **exact}.items()))


def date_exists(year: int, month_day: str) -> bool:
    """Whether a year has such a date."""
    try:
        date.fromisoformat(f"{year}-{month_day}")
    except ValueError:
        return False
    return True
