"""One cell of a table of targets as people write it: "4h", "30m always", "1bd goal", "8h business or as agreed",
"95% within 4h", "best effort", "none: fix in a future release".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from mainstay.errors import Refused
from mainstay.policy.shapes import meant
from mainstay.sla.fields import shown
from mainstay.sla.targets import parse_target

_KINDS = ("promise", "goal", "internal")
_CLOCKWISE = {"24x7": "always", "24/7": "always", "24x7x365": "always", "round-the-clock": "always"}
_SHARE = re.compile(r"(\d{1,3})%(?: within)? ")
_DURATION = re.compile(r"(\d+)([a-z]+)|eobd")
_LONG = re.compile(
    r"(\d{1,4})[\s-]*(business|working|calendar)?[\s-]*(minute|min|hour|day|week|month)", re.ASCII
)
_SHORT = {"minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w", "month": "mo"}
EXAMPLES = '"30m", "4h goal", "1h always", "2bd", "95% within 4h", "4h or as agreed", "best effort" or "none"'


def read_cell(given: object, field: str, calendars: Collection[str]) -> dict[str, Any]:
    """The parts of a target row that a cell says: target, and kind, calendar, share, agreed, words where it does."""
    if not isinstance(given, str) or not given.strip():
        raise Refused(field, f"must be a target such as {EXAMPLES}, not {shown(given)}")
    said, _, words = (part.strip() for part in given.partition(":"))
    lowered = " ".join(said.lower().split())
    if lowered in ("none", "-", "n/a"):
        return {"target": "none", "kind": "none", **({"words": words} if words else {})}
    if lowered in ("best effort", "reasonable effort"):
        return {"target": "none", "kind": "none", "words": words or lowered}
    found: dict[str, Any] = {"words": words} if words else {}
    if lowered.startswith("best effort "):
        lowered, found["kind"] = lowered.removeprefix("best effort "), "goal"
    if lowered.endswith(" or as agreed"):
        lowered, found["agreed"] = lowered.removesuffix(" or as agreed"), True
    if share := _SHARE.match(lowered):
        lowered, found["share"] = lowered[share.end() :], int(share[1])
    target, *rest = lowered.split(" ")
    if rest and target.isdigit():
        raise Refused(field, f"cannot read {shown(given)}{in_short(lowered)}")
    found["target"] = duration(target, field)
    for word in rest:
        _also(found, word, field, calendars)
    return found


def _also(found: dict[str, Any], word: str, field: str, calendars: Collection[str]) -> None:
    word = _CLOCKWISE.get(word, word)
    if word in _KINDS and "kind" not in found:
        found["kind"] = word
    elif word in calendars and "calendar" not in found:
        found["calendar"] = word
    elif re.fullmatch(r"\d{1,3}%", word) and "share" not in found:
        found["share"] = int(word[:-1])
    else:
        known = [*_KINDS, *calendars]
        raise Refused(field, f"cannot read {shown(word)}; expected {', '.join(known)}{meant(word, known)}")


def in_short(text: str) -> str:
    """How to write a duration that somebody wrote out, "3 business days": '; for that write "3bd"'; else examples."""
    found = _LONG.search(text.lower())
    if found is None:
        return f"; write {EXAMPLES}"
    number, kind, unit = int(found[1]), (found[2] or "").replace("working", "business"), found[3]
    if unit == "day" and not kind:
        return f'; a business day is "{number}bd", a calendar day "{number}d always"'
    if kind == "business" and unit in ("week", "month"):
        return f'; count business days, such as "{number * (5 if unit == "week" else 21)}bd"'
    short = f"{number}{'bd' if (kind, unit) == ('business', 'day') else _SHORT[unit]}"
    return f'; for that write "{short}{" always" if unit in ("day", "week") and kind != "business" else ""}"'


def duration(given: object, field: str) -> str:
    """A target as documents have it: weeks are written out as days. Raises `Refused`."""
    if isinstance(given, str) and re.fullmatch(r"[1-9]\d{0,3}w", given):
        return f"{int(given[:-1]) * 7}d"
    if isinstance(given, str) and _DURATION.fullmatch(given) is None and not given.startswith("-"):
        raise Refused(field, f"cannot read {shown(given)}{in_short(given)}")
    parse_target(given, field)
    return str(given)


def written(row: Mapping[str, Any], *, kind: str, calendar: str | None, own: Collection[str]) -> str | None:
    """The short way to write a row's cell beside the row's usual kind and calendar; None: it needs the long way.

    `own` are the names of calendars that a cell may say.
    """
    if row["target"] == "none":
        words = row.get("words", "")
        said = f"none: {words}" if words else "none"
    else:
        share = f"{row['share']}% within " if "share" in row else ""
        said = f"{share}{row['target']}"
        if row["kind"] != kind:
            said += f" {row['kind']}"
        if "calendar" in row and row["calendar"] != calendar:
            said += f" {row['calendar']}"
        if row.get("agreed"):
            said += " or as agreed"
        if row.get("words"):
            said += f": {row['words']}"
    try:
        back = read_cell(said, "cell", own)
    except Refused:
        return None
    if row["target"] != "none":
        back = {"kind": kind, **({"calendar": calendar} if calendar else {}), **back}
    wanted = {key: row[key] for key in row if key not in ("clock", "severity", "when")}
    return said if back == wanted else None
