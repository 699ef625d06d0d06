"""A calendar of a policy as the fields of a form, and back; what nobody touched stays as it is.

The fields are texts, except `places` (rows of country, part, which, names) and `kept` (the iCalendar files that stay).
`read(shown(says), says) == says` for every calendar that is well formed. Refusals name the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import conditions, weeks
from mainstay.policy.calendars import CUSTOMER, KINDS
from mainstay.policy.closed_days import holidays_shape, known_country, parts_of
from mainstay.policy.combining import END
from mainstay.policy.shapes import meant
from mainstay.sla.calendars import calendar_of
from mainstay.sla.fields import shown as quoted
from mainstay.sla.hours import WEEKDAYS

Fields = dict[str, Any]
DAYS = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
TEXTS = ("kind", "time_zone", *WEEKDAYS, CUSTOMER, "own", "special", "words", "members", "spans", "choices")
PLACE = ("country", "part", "which", "names")
ALL, ONLY, WITHOUT = "all", "only", "without"
_PLACE_ENTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,4})?", re.ASCII)
_SPAN = re.compile(r"(.+\S)\s+(?:-|–|—|until|to)\s+(\S.+)")


# ---- showing


def shown(says: Mapping[str, Any]) -> Fields:
    """The fields of a form that hold this calendar."""
    kind = next((one for one in KINDS if one in says), "week")
    week = says.get("week", {}) if kind == "week" else {}
    named = says[kind] if kind in ("any", "all", "except") else []
    return {
        "kind": kind,
        "time_zone": says.get("time_zone", CUSTOMER),
        **{day: " ".join(f"{a}-{b}" for a, b in week.get(day, [])) for day in WEEKDAYS},
        **_holidays_shown(says.get("holidays", "none")),
        "special": "\n".join(f"{day} {_hours_text(hours)}" for day, hours in says.get("special", {}).items()),
        "words": says.get("words", ""),
        "members": "\n".join(named),
        "spans": "\n".join(f"{one['from']} - {one['until']}" for one in says.get("span", [])),
        "choices": "\n".join(_choice_text(one) for one in says.get("choose", [])),
    }


def _holidays_shown(listed: Any) -> Fields:
    entries = listed if isinstance(listed, list) else [] if listed == "none" else [listed]
    own = [
        one for one in entries if isinstance(one, str) and one != CUSTOMER and not _PLACE_ENTRY.fullmatch(one)
    ]
    return {
        CUSTOMER: "1" if CUSTOMER in entries else "",
        "places": [_place_shown(one) for one in entries if _is_place(one)],
        "own": "\n".join(own),
        "kept": [one["ics"] for one in entries if isinstance(one, dict) and "ics" in one],
    }


def _is_place(entry: Any) -> bool:
    if isinstance(entry, dict):
        return "of" in entry
    return isinstance(entry, str) and bool(_PLACE_ENTRY.fullmatch(entry))


def _place_shown(entry: Any) -> dict[str, str]:
    says = entry if isinstance(entry, dict) else {"of": entry}
    country, _, part = says["of"].partition("-")
    which = ONLY if ONLY in says else WITHOUT if WITHOUT in says else ALL
    return {"country": country, "part": part, "which": which, "names": "; ".join(says.get(which, []))}


def _hours_text(hours: Sequence[Sequence[str]]) -> str:
    return " ".join(f"{start}-{end}" for start, end in hours) or "closed"


def _choice_text(row: Mapping[str, Any]) -> str:
    when = "; ".join(
        f"{name} = {', '.join(conditions.values(asked))}" for name, asked in row.get("when", {}).items()
    )
    return f"{row['calendar']} when {when}" if when else str(row["calendar"])


# ---- reading


def read(
    typed: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    *,
    files: Sequence[tuple[str, Sequence[str]]] = (),
    hours: bool = False,
) -> dict[str, Any]:
    """The calendar that was typed. `before` is what it was; `files` are new (name, closed dates) of iCalendar;
    `hours`: business hours, which are a week and always say their holidays."""
    kind = "week" if hours else typed["kind"]
    if kind not in KINDS:
        raise Refused("kind", f"must be one of {', '.join(KINDS)}, not {quoted(kind)}")
    had = before if before is not None and kind in before else {}
    was = shown(had) if had else None
    made: dict[str, Any] = {}
    if kind in ("week", "always"):
        made |= _zone(typed, had, was, needed=kind == "week" and not hours)
    if kind == "week":
        made["week"] = _week(typed) if was is None or _differ(typed, was, *WEEKDAYS) else had["week"]
        made |= _holidays(typed, had, was, files, needed=hours)
        made |= _special(typed, had, was)
    else:
        made[kind] = (
            had[kind] if was is not None and not _differ(typed, was, *_OF[kind]) else _OTHER[kind](typed)
        )
    if typed["words"] and not hours:
        made["words"] = typed["words"]
    return made


_OF: dict[str, tuple[str, ...]] = {
    "always": (), "any": ("members",), "all": ("members",), "except": ("members",), "span": ("spans",),
    "choose": ("choices",),
}  # fmt: skip


def _differ(typed: Mapping[str, Any], was: Mapping[str, Any], *names: str) -> bool:
    return any(_tidy(typed[name]) != _tidy(was[name]) for name in names)


def _tidy(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


def _zone(
    typed: Mapping[str, Any], had: Mapping[str, Any], was: Fields | None, *, needed: bool
) -> dict[str, Any]:
    zone = typed["time_zone"] or CUSTOMER
    if was is not None and zone == was["time_zone"]:
        return {"time_zone": had["time_zone"]} if "time_zone" in had else {}
    if zone != CUSTOMER:
        try:
            calendar_of({"time_zone": zone, "always": True})
        except Refused:
            said = f"{quoted(zone)} is no time zone; write one such as Europe/Berlin, or customer"
            raise Refused("time_zone", said) from None
    return {"time_zone": zone} if needed or zone != CUSTOMER else {}


def _week(typed: Mapping[str, Any]) -> weeks.Week:
    """The days one by one, so that what cannot be read is named by its day; then together, for overlaps."""
    said = {day: " ".join(re.sub(r"[,;]", " ", typed[day]).split()) for day in WEEKDAYS}
    for day, text in said.items():
        if text:
            _one_day(day, text)
    texts = [f"{day} {text}" for day, text in said.items() if text]
    if not texts:
        raise Refused("week", "opens at no time; give at least one day hours such as 09:00-17:00")
    return weeks.read_week([re.sub(r"(\d)\s*(?:–|—|to)\s*(\d)", r"\1-\2", one) for one in texts], "week")


def _one_day(day: str, text: str) -> None:
    plain = re.sub(r"(\d)\s*(?:–|—|to)\s*(\d)", r"\1-\2", text)
    try:
        weeks.read_week(f"{day} {plain}", DAYS[day])
    except Refused as refused:
        if "overlapping" in refused.message:
            raise Refused(DAYS[day], f"has hours that overlap: {text}") from None
        said = f"cannot be read: {quoted(text)}; write hours such as 09:00-12:30 13:30-17:00"
        raise Refused(DAYS[day], said) from None


def _holidays(
    typed: Mapping[str, Any],
    had: Mapping[str, Any],
    was: Fields | None,
    files: Sequence[tuple[str, Sequence[str]]],
    *,
    needed: bool,
) -> dict[str, Any]:
    rows = [row for row in typed["places"] if any(row[name].strip() for name in ("country", "part", "names"))]
    same = (
        was is not None
        and not files
        and not _differ({**typed, "places": rows}, was, CUSTOMER, "places", "own", "kept")
    )
    if same:
        return {"holidays": had["holidays"]} if "holidays" in had else {}
    listed: list[Any] = [CUSTOMER] if typed[CUSTOMER] else []
    listed += [_place(row, number) for number, row in enumerate(rows, start=1)]
    listed += [_own_day(line, number) for number, line in _lines(typed["own"])]
    listed += [one for one in _kept_files(had) if one["ics"] in typed["kept"]]
    listed += [{"ics": name, "dates": list(dates)} for name, dates in files]
    made: Any = "none" if not listed else CUSTOMER if listed == [CUSTOMER] else listed
    return {"holidays": made} if listed or needed or "holidays" in had else {}


def _kept_files(had: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = had.get("holidays", [])
    return (
        [one for one in entries if isinstance(one, dict) and "ics" in one]
        if isinstance(entries, list)
        else []
    )


def _place(row: Mapping[str, str], number: int) -> Any:
    country, part = row["country"].strip().upper(), row["part"].strip()
    field = f"public holidays, row {number}"
    if not country:
        raise Refused(field, "names no country; choose one, or empty the row")
    if not known_country(country):
        raise Refused(field, f"{quoted(country)} is no country whose public holidays are known")
    if part and not known_country(country, part.upper()) and not known_country(country, part):
        there = ", ".join(parts_of(country)) or "none"
        raise Refused(
            field,
            f"{quoted(part)} is no part of {country}; its parts are {there}{meant(part, parts_of(country))}",
        )
    place = f"{country}-{part.upper()}" if part else country
    names = [one.strip() for one in re.split(r"[;\n]", row["names"]) if one.strip()]
    which = row["which"] or ALL
    if which not in (ALL, ONLY, WITHOUT):
        raise Refused(field, f"must take all, only or without, not {quoted(which)}")
    if which == ALL and names:
        raise Refused(field, "names holidays, but takes all of them; choose only or without")
    if which != ALL and not names:
        raise Refused(field, "names no holiday; write such as Christmas Day; Boxing Day, or take all of them")
    found: Any = place if which == ALL else {"of": place, which: names}
    for problem in holidays_shape([found], "holidays"):
        raise Refused(field, problem.message)
    return found


def _own_day(line: str, number: int) -> str:
    day = re.sub(r"\s*\.\.\s*", "..", line)
    if _PLACE_ENTRY.fullmatch(day) or day == CUSTOMER or any(holidays_shape([day], "own")):
        said = "write a day such as 2026-12-24, 12-24 for every year, or a range 12-28..01-03"
        raise Refused(f"own days, line {number}", f"cannot be read: {quoted(line)}; {said}")
    return day


def _special(typed: Mapping[str, Any], had: Mapping[str, Any], was: Fields | None) -> dict[str, Any]:
    if was is not None and not _differ(typed, was, "special"):
        return {"special": had["special"]} if "special" in had else {}
    made: dict[str, Any] = {}
    for number, line in _lines(typed["special"]):
        day, _, hours = line.partition(" ")
        field = f"days with other hours, line {number}"
        if not re.fullmatch(r"(\d{4}-)?\d\d-\d\d", day, re.ASCII):
            said = "write a day and its hours such as 2026-12-24 09:00-12:00, or 12-31 closed"
            raise Refused(field, f"cannot be read: {quoted(line)}; {said}")
        if day in made:
            raise Refused(field, f"{day} is there twice")
        made[day] = weeks.read_hours(hours.strip(), field)
    return {"special": made} if made else {}


def _lines(text: str) -> list[tuple[int, str]]:
    return [(n, line.strip()) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]


# ---- the other kinds


def _always(typed: Mapping[str, Any]) -> bool:
    return True


def _members(typed: Mapping[str, Any]) -> list[str]:
    names = [one for one in re.split(r"[,\s]+", typed["members"]) if one]
    if len(names) < 2:
        raise Refused("members", "must name two calendars or more, one a line")
    return names


def _spans(typed: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    for number, line in _lines(typed["spans"]):
        said = _SPAN.fullmatch(line)
        if said is None or not END.fullmatch(said[1]) or not END.fullmatch(said[2]):
            example = "Fri 17:00 America/Los_Angeles - Mon 10:00 Australia/Sydney"
            raise Refused(f"stretches, line {number}", f"cannot be read: {quoted(line)}; write {example}")
        found.append({"from": said[1], "until": said[2]})
    if not found:
        raise Refused(
            "stretches", "are missing; write one such as Fri 17:00 Europe/Berlin - Mon 08:00 Europe/Berlin"
        )
    return found


def _choices(typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for number, line in _lines(typed["choices"]):
        name, _, asked = (part.strip() for part in line.partition(" when "))
        row: dict[str, Any] = {"calendar": name}
        when = read_when(asked, f"choices, line {number}")
        found.append(row | ({"when": when} if when else {}))
    if not found:
        raise Refused(
            "choices", "are missing; write one a line, such as japan when language = ja, then english"
        )
    return found


def read_when(text: str, field: str, *, known: Sequence[str] = conditions.CONDITIONS) -> dict[str, Any]:
    """Conditions as they are typed: "language = ja, ko; environment = production"."""
    found: dict[str, Any] = {}
    for piece in (one.strip() for one in text.split(";")):
        if not piece:
            continue
        name, equals, said = (part.strip() for part in piece.partition("="))
        listed = [one.strip() for one in said.split(",") if one.strip()]
        if not equals or not listed:
            raise Refused(field, f"cannot read {quoted(piece)}; write such as environment = production")
        if name in found:
            raise Refused(field, f"asks for {name} twice; write {name} = one, other")
        found[name] = listed[0] if len(listed) == 1 else listed
    for problem in conditions.check_when(found, field, known=known):
        raise problem
    return found


_OTHER: dict[str, Any] = {
    "always": _always, "any": _members, "all": _members, "except": _members, "span": _spans, "choose": _choices,
}  # fmt: skip
