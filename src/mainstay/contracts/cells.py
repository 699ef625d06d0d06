"""What stands in one cell of a negotiation, as people write it, and as a difference document holds it (P5).

"30m always promise", "Mon-Fri 08:00-20:00 | Europe/London | holidays none", "99.9 guarantee per month; credits below
99: 10, cap 50", "8 per month, kept 2 months", "1200.00 EUR, each environment, a year". Each pair reads and writes one
kind of cell; a reader raises `Refused` naming the cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import weeks
from mainstay.policy.rows import FIGURES, PERIODS, STRENGTHS
from mainstay.sla.fields import shown

UNITS = {"percent": "%", "milliseconds": "ms", "days": "days", "count": "tickets"}
_PER = "|".join((*PERIODS, "contract"))
_KPI = re.compile(
    r"(?P<figure>\d+(?:\.\d+)?)\s*(?:%|ms|days?|tickets?)?"
    r"(?:\s+(?P<strength>objective|strict[ _]guarantee|guarantee))?(?:\s+(?:per|a)\s+(?P<per>month|quarter|year))?"
)
_BAND = re.compile(r"(below|above)\s+(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*(%|days?)?")
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{2})?)\s+([A-Z]{3})(?:\s*,\s*(.+))?")


# ---- business hours


def read_calendar(text: str, base: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Hours, zone and holidays, separated by |; what is not said stays as in `base`."""
    found: dict[str, Any] = {"time_zone": "customer", **base}
    for part in (one.strip() for one in text.split("|")):
        if part.lower().startswith("holidays"):
            found["holidays"] = _holidays(part[len("holidays") :].strip(), field)
        elif part in ("customer", "UTC") or ("/" in part and not re.search(r"\d\d:\d\d", part)):
            found["time_zone"] = part
        elif part:
            found["week"] = weeks.read_week(part, field)
    return found


def _holidays(said: str, field: str) -> Any:
    if said in ("customer", "none"):
        return said
    listed = [one.strip() for one in re.split(r"[,\s]+", said) if one.strip()]
    if not listed:
        raise Refused(field, 'says "holidays" without any; write customer, none, a country or dates')
    return listed


def calendar_text(calendar: Mapping[str, Any]) -> str:
    """The cell that gives this calendar back."""
    listed = calendar.get("holidays", "customer")
    holidays = listed if isinstance(listed, str) else ", ".join(str(one) for one in listed)
    week = weeks.written(calendar.get("week", {})) or weeks.words(calendar.get("week", {}))
    return f"{week} | {calendar.get('time_zone', 'customer')} | holidays {holidays}"


# ---- KPIs


def read_kpi(text: str, base: Mapping[str, Any], field: str) -> dict[str, Any]:
    """A KPI's figure, strength and period, and its credits after a semicolon; the rest stays as in `base`."""
    said, _, credit = (part.strip() for part in text.partition(";"))
    found = _KPI.fullmatch(said)
    if found is None:
        raise Refused(field, f'cannot read {shown(said)}; write "99.5 guarantee per month"')
    unit = FIGURES[base["kpi"]]
    figure = found["figure"]
    if unit != "percent" and "." in figure:
        raise Refused(field, f"must be a whole number of {unit}, not {figure}")
    row = {**base, unit: figure if unit == "percent" else int(figure)}
    row["strength"] = (found["strength"] or row.get("strength", "objective")).replace(" ", "_")
    row["per"] = found["per"] or row.get("per", "month")
    if credit:
        row["credits"] = {**row.get("credits", {}), **_credits(credit, field)}
    return row


def _credits(text: str, field: str) -> dict[str, Any]:
    said = text.removeprefix("credits").strip()
    found: dict[str, Any] = {}
    bands = []
    for part in (one.strip() for one in said.split(",")):
        if band := _BAND.fullmatch(part):
            unit = "days" if (band[4] or "%").startswith("day") else "percent"
            bands.append({band[1]: band[2], unit: band[3] if unit == "percent" else int(float(band[3]))})
        elif cap := re.fullmatch(r"cap\s+(\d+(?:\.\d+)?)\s*%?", part):
            found["cap_percent"] = cap[1]
        elif claim := re.fullmatch(r"claim within\s+(\d{1,3}(?:d|w|mo))", part):
            found["claim_within"] = claim[1]
        else:
            raise Refused(
                field, f'cannot read {shown(part)}; write "credits below 99: 10, below 95: 25, cap 50"'
            )
    if bands:
        found["bands"] = bands
    return found


def kpi_text(row: Mapping[str, Any]) -> str:
    """The cell that gives this KPI back."""
    unit = FIGURES[row["kpi"]]
    figure = f"{row[unit]} {UNITS[unit]}" if unit != "percent" else f"{row[unit]}%"
    said = f"{figure} {row['strength'].replace('_', ' ')} per {row['per']}"
    credit = row.get("credits", {})
    parts = [_band_text(one) for one in credit.get("bands", [])]
    if "cap_percent" in credit:
        parts.append(f"cap {credit['cap_percent']}")
    if "claim_within" in credit:
        parts.append(f"claim within {credit['claim_within']}")
    return f"{said}; credits {', '.join(parts)}" if parts else said


def _band_text(band: Mapping[str, Any]) -> str:
    side = "below" if "below" in band else "above"
    what = f"{band['percent']}%" if "percent" in band else f"{band.get('days')} days"
    return f"{side} {band[side]}: {what}"


def strength_of(row: Mapping[str, Any]) -> int:
    """0 for an objective, 2 for a strict guarantee."""
    return STRENGTHS.index(row["strength"])


# ---- lists, numbers, money


def read_list(text: str) -> list[str]:
    """Words separated by commas or spaces."""
    return list(dict.fromkeys(one for one in re.split(r"[,\s]+", text.strip()) if one))


def list_text(words: Sequence[str] | None) -> str:
    return ", ".join(words or ())


def read_people(text: str, field: str) -> int:
    """How many contacts may be named."""
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 8):
        raise Refused(field, f"must be a number of people such as 15, not {shown(text)}")
    return int(text)


def people_text(given: Any) -> str:
    if isinstance(given, Mapping):
        more = f", 1 more for each {given['per_units']} units" if given.get("per_units") else ""
        return f"{given.get('included', 0)}{more}"
    return str(given) if given else ""


def read_quota(text: str, name: str, field: str) -> dict[str, Any]:
    """So many requests or hours in each period: "10 per month", "8 per quarter, kept 2 months"."""
    found = re.fullmatch(rf"(\d{{1,6}})\s+(?:per|a)\s+({_PER})(?:\s*,\s*kept\s+(\d{{1,3}})\s+months?)?", text)
    if found is None or (found[3] and name == "number"):
        raise Refused(field, f'cannot read {shown(text)}; write "10 per month"')
    return {
        name: int(found[1]),
        "per": found[2],
        **({"carry_over_months": int(found[3])} if found[3] else {}),
    }


def quota_text(given: Mapping[str, Any] | None, name: str) -> str:
    if not given:
        return ""
    kept = f", kept {given['carry_over_months']} months" if given.get("carry_over_months") else ""
    return f"{given[name]} per {given['per']}{kept}"


def read_price(text: str, base: Mapping[str, Any], field: str) -> dict[str, Any]:
    """An amount with its currency and, after a comma, what it is for."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Refused(
            field,
            f'cannot read {shown(text)}; write "1200.00 EUR" or "1200.00 EUR, each environment, a year"',
        )
    amount = found[1] if "." in found[1] else f"{found[1]}.00"
    return {**base, "amount": amount, "currency": found[2], "basis": found[3] or base.get("basis", "a year")}


def price_text(price: Mapping[str, Any]) -> str:
    if "amount" not in price:
        return str(price.get("basis", ""))
    return f"{price['amount']} {price.get('currency', '')}, {price.get('basis', '')}".rstrip(", ")
