"""A KPI in one cell of a table or negotiation: how people write it, and the row it is (P5, P6).

"99.9% guarantee per month; credits below 99.9: 5%, below 99: 10 days, cap 50, minimum 25.00, claim within 30d", and
before a measure that the catalogue has not, what is measured, with the words of a policy file: "in_time
clock=resolution severity=1,2 environment=production: 95% guarantee per quarter from 04-01, at least 10 tickets".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mainstay.errors import Refused
from mainstay.policy.conditions import values
from mainstay.policy.rows import FIGURES, KPIS, MEASURED_BY, STRENGTHS
from mainstay.policy.shapes import meant
from mainstay.sla.fields import shown

UNITS = {"percent": "%", "milliseconds": " ms", "days": " days", "count": " tickets"}
EXAMPLE = "in_time clock=resolution severity=1: 95% guarantee per month"
BANDS = "credits below 99: 10%, below 95: 25%, cap 50"
_OF_MEASURE = ("clock", "severity", *MEASURED_BY)
_SUBJECT = re.compile(
    r"(?P<kpi>[a-z][a-z0-9_]*(?: [a-z][a-z0-9_]*)*?)(?P<rest>(?:\s+[a-z_]+=[^\s:]+)*)\s*:\s*(?P<said>.*)",
    re.ASCII | re.IGNORECASE,
)
_KPI = re.compile(
    r"(?P<figure>\d+(?:\.\d+)?)\s*(?:%|ms|days?|tickets?)?"
    r"(?:\s+(?P<strength>objective|strict[ _]guarantee|guarantee))?"
    r"(?:\s+(?:per|a)\s+(?P<per>month|quarter|year)(?:\s+from\s+(?P<starts>\d\d-\d\d))?)?"
    r"(?:\s*,\s*at least\s+(?P<least>\d{1,7})(?:\s+tickets?)?)?",
    re.ASCII,
)
_BAND = re.compile(
    r"(?P<side>below|above)\s+(?P<limit>\d+(?:\.\d+)?)\s*(?:%|ms|days?|tickets?)?\s*:"
    r"\s*(?P<gives>\d+(?:\.\d+)?)\s*(?P<unit>%|days?(?: of service)?)?",
    re.ASCII,
)
_PARTS = {
    "cap_percent": re.compile(r"cap\s+(\d+(?:\.\d+)?)\s*%?", re.ASCII),
    "minimum": re.compile(r"minimum\s+(\d+(?:\.\d+)?)", re.ASCII),
    "claim_within": re.compile(r"claim within\s+(\d{1,3}(?:d|w|mo))", re.ASCII),
}
_KEPT = ("of", "words")
"""What the clause of credits has no words for; it stays as the catalogue says."""


# ---- reading


def read_kpi(text: str, start: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The row of a cell; what the cell does not say stays as in `start`. Raises `Refused` naming the cell."""
    subject, said = parted(text, field)
    first, _, credit = (part.strip() for part in said.partition(";"))
    found = _KPI.fullmatch(first)
    if found is None:
        raise Refused(field, f'cannot read {shown(first)}; write "99.5 guarantee per month"')
    row = {**_without_subject(start), **subject} if subject else dict(start)
    unit, figure = FIGURES[row["kpi"]], found["figure"]
    if unit != "percent" and "." in figure:
        raise Refused(field, f"must be a whole number of {unit}, not {figure}")
    row[unit] = figure if unit == "percent" else int(figure)
    row["strength"] = (found["strength"] or row.get("strength", "objective")).replace(" ", "_")
    row["per"] = found["per"] or row.get("per", "month")
    if found["starts"]:
        row["year_starts"] = found["starts"]
    if found["least"]:
        row["least"] = int(found["least"])
    return _with_credits(row, credit, field)


def parted(text: str, field: str) -> tuple[dict[str, Any], str]:
    """What a cell names as measured (empty where it names nothing), and the rest of it."""
    found = _SUBJECT.fullmatch(text)
    if found is None:
        return {}, text
    kpi = found["kpi"].lower().replace(" ", "_")
    if kpi not in KPIS:
        known = f"there is {', '.join(KPIS)}{meant(kpi, KPIS)}"
        raise Refused(field, f"no KPI is called {shown(found['kpi'])}; {known}")
    subject: dict[str, Any] = {"kpi": kpi}
    when: dict[str, Any] = {}
    for word in found["rest"].split():
        name, _, said = word.partition("=")
        if name not in _OF_MEASURE:
            known = f"{', '.join(_OF_MEASURE)}{meant(name, _OF_MEASURE)}"
            raise Refused(field, f"cannot be told apart by {name}; write {known}")
        listed = [one for one in said.split(",") if one]
        if name == "severity":
            subject[name] = _ranks(listed, field)
        elif name == "clock":
            subject[name] = said
        else:
            when[name] = listed[0] if len(listed) == 1 else listed
    return {**subject, **({"when": when} if when else {})}, found["said"]


def _ranks(listed: list[str], field: str) -> Any:
    if not all(one.isascii() and one.isdigit() and len(one) < 3 for one in listed) or not listed:
        raise Refused(field, f"must name severities such as severity=1,2, not {shown(','.join(listed))}")
    ranks = sorted({int(one) for one in listed})
    return ranks[0] if len(ranks) == 1 else ranks


def _without_subject(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what is measured, and so without its figure: another one is named."""
    gone = {"kpi", "clock", "severity", "when", "notice_hours", *FIGURES.values()}
    return {key: value for key, value in row.items() if key not in gone}


def _with_credits(row: dict[str, Any], clause: str, field: str) -> dict[str, Any]:
    """The row with its credits: as the clause says, else as before; an objective keeps none that nobody typed."""
    before = row.pop("credits", None)
    if clause.lower() == "no credits" or (not clause and row["strength"] == "objective"):
        return row
    if not clause:
        return {**row, "credits": before} if before else row
    said = read_credits(clause, field)
    if "bands" not in said:
        if not before:
            raise Refused(field, f'names no band; write "{BANDS}"')
        said["bands"] = before["bands"]
    kept = {name: before[name] for name in _KEPT if before and name in before}
    return {**row, "credits": {**said, **kept}}


def read_credits(clause: str, field: str) -> dict[str, Any]:
    """The credits that a clause names, such as `BANDS`. Raises `Refused` naming the field."""
    found: dict[str, Any] = {}
    bands = []
    for part in (one.strip() for one in clause.removeprefix("credits").split(",")):
        if band := _BAND.fullmatch(part):
            bands.append({band["side"]: band["limit"], **_gives(band)})
            continue
        name, value = next(
            ((name, said[1]) for name, shape in _PARTS.items() if (said := shape.fullmatch(part))), ("", "")
        )
        if not name:
            raise Refused(
                field, f'cannot read {shown(part)}; write "{BANDS}", minimum 25.00, claim within 30d'
            )
        if name in found:
            raise Refused(field, f"says {name.replace('_', ' ').removesuffix(' percent')} twice")
        found[name] = value
    return {**found, "bands": bands} if bands else found


def _gives(band: re.Match[str]) -> dict[str, Any]:
    """Percent as text; whole days as a number, as policy files write them."""
    gives = band["gives"]
    if (band["unit"] or "%") == "%":
        return {"percent": gives}
    return {"days": gives if "." in gives else int(gives)}


# ---- writing


def kpi_text(row: Mapping[str, Any], *, whole: bool = False) -> str:
    """The cell that gives this KPI back; `whole` with what is measured."""
    unit = FIGURES[row["kpi"]]
    said = f"{row[unit]}{UNITS[unit]} {row['strength'].replace('_', ' ')} per {row['per']}"
    if row.get("year_starts"):
        said += f" from {row['year_starts']}"
    if row.get("least"):
        said += f", at least {row['least']} tickets"
    if clause := credits_text(row.get("credits") or {}):
        said += f"; credits {clause}"
    return f"{subject_text(row)}: {said}" if whole else said


def subject_text(row: Mapping[str, Any]) -> str:
    """ "in_time clock=resolution severity=1,2"."""
    words = [str(row["kpi"])]
    if row.get("clock"):
        words.append(f"clock={row['clock']}")
    if row.get("severity", "*") not in ("*", []):
        words.append(f"severity={_joined(row['severity'])}")
    return " ".join([*words, *(f"{name}={_joined(asked)}" for name, asked in row.get("when", {}).items())])


def _joined(given: Any) -> str:
    return ",".join(str(one) for one in given) if isinstance(given, list) else ",".join(values(given))


def credits_text(credit: Mapping[str, Any]) -> str:
    """The clause that gives these credits back, without the word itself."""
    return ", ".join(_credit_parts(credit))


def _credit_parts(credit: Mapping[str, Any]) -> Iterator[str]:
    for one in credit.get("bands", []):
        side = "below" if "below" in one else "above"
        yield f"{side} {one[side]}: " + (f"{one['percent']}%" if "percent" in one else f"{one['days']} days")
    if "cap_percent" in credit:
        yield f"cap {credit['cap_percent']}"
    if "minimum" in credit:
        yield f"minimum {credit['minimum']}"
    if "claim_within" in credit:
        yield f"claim within {credit['claim_within']}"


def code_of(subject: Mapping[str, Any]) -> str:
    """What a measure is called that nobody named: "in-time-resolution-1"."""
    asked = [_joined(one) for one in subject.get("when", {}).values()]
    ranks = _joined(subject["severity"]) if subject.get("severity") else ""
    words = [subject["kpi"], str(subject.get("clock", "")), ranks, *asked]
    said = re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")
    return said if said != subject["kpi"].replace("_", "-") else str(subject["kpi"])


def strength_of(row: Mapping[str, Any]) -> int:
    """0 for an objective, 2 for a strict guarantee."""
    return STRENGTHS.index(row["strength"])
