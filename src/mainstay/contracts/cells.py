"""What stands in one cell of a negotiation, as people write it, and as a difference document holds it (P5).

"Mon-Fri 08:00-20:00 | Europe/London | holidays none", "8 per month, kept 2 months", "1200.00 EUR, each environment, a
year". Each pair reads and writes one kind of cell; a reader raises `Refused` naming the cell. Targets are read by
`policy.cells`, KPIs by `kpi_cells`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import weeks
from mainstay.policy.rows import PERIODS
from mainstay.sla.fields import shown

_PER = "|".join((*PERIODS, "contract"))
_BEYOND = {"beyond that a person decides": "decide", "beyond that served": "serve"}
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


# ---- lists, numbers, money


def read_list(text: str) -> list[str]:
    """Words separated by commas or spaces."""
    return list(dict.fromkeys(one for one in re.split(r"[,\s]+", text.strip()) if one))


def list_text(words: Sequence[str] | None) -> str:
    return ", ".join(words or ())


def read_people(text: str, field: str, base: Any = None) -> int | dict[str, Any]:
    """How many contacts may be named: "15"; "5, 1 more for each 100 units, most 20, beyond that a person decides".

    What such a cell cannot say (what the units are, roles) stays as in `base`.
    """
    head, *rest = _parts(text)
    if not (head.isascii() and head.isdigit() and int(head[:9]) > 0 and len(head) < 8):
        raise Refused(field, f"must be a number of people such as 15, not {shown(text)}")
    if not rest:
        return int(head)
    found: dict[str, Any] = {**_kept(base, "of", "roles"), "included": int(head)}
    for part in rest:
        if said := re.fullmatch(r"1 more for each (\d{1,9}) units?", part):
            found["per_units"] = int(said[1])
        elif said := re.fullmatch(r"most (\d{1,7})", part):
            found["most"] = int(said[1])
        elif part in _BEYOND:
            found["beyond"] = _BEYOND[part]
        else:
            raise Refused(
                field, f"cannot read {shown(part)}; write {_listed('1 more for each 100 units', 'most 20')}"
            )
    return found


def people_text(given: Any) -> str:
    if not isinstance(given, Mapping):
        return str(given) if given else ""
    more = [f"1 more for each {given['per_units']} units"] if given.get("per_units") else []
    most = [f"most {given['most']}"] if given.get("most") else []
    return ", ".join([str(given.get("included", 0)), *more, *most, *_beyond_text(given)])


def read_quota(text: str, name: str, field: str, base: Any = None) -> dict[str, Any]:
    """So many requests or hours in each period: "10 per month", "8 per quarter, kept 2 months".

    Both may say who is beyond: "10 per month, beyond that a person decides". What hours are for stays as in `base`.
    """
    head, *rest = _parts(text)
    amount = re.fullmatch(rf"(\d{{1,6}})\s+(?:per|a)\s+({_PER})", head)
    kept = '"8 per quarter, kept 2 months"'
    if amount is None:
        example = '"10 per month"' + (f" or {kept}" if name == "hours" else "")
        raise Refused(field, f"cannot read {shown(text)}; write {example}")
    found: dict[str, Any] = {**_kept(base, "for"), name: int(amount[1]), "per": amount[2]}
    for part in rest:
        said = re.fullmatch(r"kept (\d{1,3}) months?", part)
        if said and name == "hours":
            found["carry_over_months"] = int(said[1])
        elif part in _BEYOND:
            found["beyond"] = _BEYOND[part]
        else:
            examples = _listed("kept 2 months") if name == "hours" else _listed()
            raise Refused(field, f"cannot read {shown(part)}; write {examples}")
    return found


def quota_text(given: Mapping[str, Any] | None, name: str) -> str:
    if not given:
        return ""
    months = given.get("carry_over_months")
    kept = [f"kept {months} {'month' if months == 1 else 'months'}"] if months else []
    return ", ".join([f"{given[name]} per {given['per']}", *kept, *_beyond_text(given)])


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split(",")]


def _kept(base: Any, *names: str) -> dict[str, Any]:
    """What a cell cannot say stays as the catalogue says."""
    return {name: base[name] for name in names if name in base} if isinstance(base, Mapping) else {}


def _beyond_text(given: Mapping[str, Any]) -> list[str]:
    return [words for words, beyond in _BEYOND.items() if given.get("beyond") == beyond]


def _listed(*examples: str) -> str:
    return " or ".join(f'"{one}"' for one in (*examples, *_BEYOND))


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
