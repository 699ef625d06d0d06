"""The lines of a negotiation that are targets: one for each clock, severity and condition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mainstay.contracts.sold import Difference, Line, Sold, target_key
from mainstay.contracts.terms import in_words
from mainstay.policy import conditions
from mainstay.policy.cells import read_cell
from mainstay.sla.calendars import calendar_of
from mainstay.sla.policy import CLOCKS
from mainstay.sla.targets import parse_target

ALWAYS = calendar_of({"time_zone": "UTC", "always": True}, name="always")
BUSINESS = calendar_of({"time_zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}, "holidays": []})


def target_words(row: Mapping[str, Any]) -> str:
    """A row for people: "4 business hours, promise"."""
    words = str(row.get("words", ""))
    if row["target"] == "none":
        return words or _("none")
    calendar = str(row.get("calendar", "business"))
    said = in_words(parse_target(row["target"]), ALWAYS if calendar == "always" else BUSINESS)
    if calendar not in ("always", "business"):
        said += f" ({calendar})"
    if "share" in row:
        said = _("%(share)s %% within %(span)s") % {"share": row["share"], "span": said}
    said = f"{said}, {kind_words(row['kind'])}"
    if row.get("agreed"):
        said = _("%(target)s or as agreed") % {"target": said}
    return f"{said}: {words}" if words else said


def kind_words(kind: str) -> str:
    return {"promise": _("promise"), "goal": _("goal"), "internal": _("internal")}.get(kind, kind)


def target_text(row: Mapping[str, Any]) -> str:
    """The cell that gives this row back, whole."""
    words = f": {row['words']}" if row.get("words") else ""
    if row["target"] == "none":
        return f"none{words}"
    share = f"{row['share']}% within " if "share" in row else ""
    calendar = f" {row['calendar']}" if "calendar" in row else ""
    agreed = " or as agreed" if row.get("agreed") else ""
    return f"{share}{row['target']}{calendar} {row['kind']}{agreed}{words}"


def target_lines(sold: Sold, given: Iterable[Difference]) -> list[Line]:
    """A line for each clock and severity of the desk, and for each case with conditions that somebody names."""
    known = dict(sold.targets)
    for difference in given:
        for row in difference.get("targets", []):
            known.setdefault(target_key(row), {**row, "target": ""})
    whole = [{"clock": clock, "severity": rank} for clock in CLOCKS for rank in sold.ranks]
    for case in whole:
        known.setdefault(target_key(case), {**case, "target": ""})
    order = sorted(known.values(), key=_order)
    return [_target_line(sold, row) for row in order]


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return CLOCKS.index(row["clock"]), str(row["severity"]).replace("*", "~"), target_key(row)


def _target_line(sold: Sold, case: Mapping[str, Any]) -> Line:
    key = target_key(case)
    base = sold.targets.get(key)
    rest = base or sold.targets.get(target_key({**case, "severity": "*"}))
    place = target_label(case)

    def read(difference: Difference, text: str) -> None:
        row = _read_target(text, case, rest, place, sold.calendars)
        if row != base:
            difference.setdefault("targets", []).append(row)

    def row_in(difference: Difference) -> Mapping[str, Any] | None:
        found = (row for row in difference.get("targets", []) if target_key(row) == key)
        row = next(found, None)
        return None if row == base else row

    return Line(
        key,
        case["clock"].replace("_", " ").capitalize(),
        place.partition(", ")[2],
        target_words(rest) if rest else "",
        target_text(rest) if rest else "",
        lambda difference: target_text(row) if (row := row_in(difference)) else "",
        read,
        lambda difference: target_words(row) if (row := row_in(difference)) else "",
    )


def target_label(case: Mapping[str, Any]) -> str:
    """ "First response, severity 1, received outside hours"."""
    clock = case["clock"].replace("_", " ").capitalize()
    severity = "any other severity" if case["severity"] == "*" else f"severity {case['severity']}"
    when = conditions.words(case["when"]) if case.get("when") else ""
    return f"{clock}, {severity}" + (f", {when}" if when else "")


def _read_target(
    text: str,
    case: Mapping[str, Any],
    base: Mapping[str, Any] | None,
    place: str,
    calendars: Sequence[str],
) -> dict[str, Any]:
    said = read_cell(text, place, calendars)
    row: dict[str, Any] = {"clock": case["clock"], "severity": case["severity"], **said}
    if case.get("when"):
        row["when"] = dict(case["when"])
    if row["target"] != "none":
        usual = "promise" if base is None or base["kind"] == "none" else base["kind"]
        row.setdefault("kind", usual)
        if "calendar" not in row:
            row["calendar"] = base["calendar"] if base and "calendar" in base else "business"
    return row


def kept_beside(sold: Sold, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An agreed row beats every narrower one of the catalogue; those that nobody touched are agreed with it, so
    that changing the case in business hours leaves the one outside them as it was."""
    mine = {target_key(row) for row in rows}
    covered = [
        row
        for key, row in sold.targets.items()
        if key not in mine
        and any(row["clock"] == one["clock"] and conditions.covers(one, row) for one in rows)
    ]
    return [*rows, *covered]


def case_of(key: str) -> dict[str, Any] | None:
    """The case that a target line's key names; None for what is no such key."""
    parts = key.split(" ", 3)
    if len(parts) < 3 or parts[1] not in CLOCKS or not (parts[2] == "*" or parts[2].isdigit()):
        return None
    severity: Any = "*" if parts[2] == "*" else int(parts[2][:3])
    try:
        when = json.loads(parts[3]) if len(parts) > 3 else None
    except ValueError:
        return None
    case: dict[str, Any] = {"clock": parts[1], "severity": severity, "target": "1h", "kind": "goal"}
    return {**case, **({"when": when} if isinstance(when, dict) else {})}
