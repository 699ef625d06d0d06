"""What is well formed and can hardly be meant: reminders after the closing, credits that shrink as it gets worse.

Each doubt is (where, why); a policy may be used with it, but `mainstay policy check` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from mainstay.policy.rows import FIGURES
from mainstay.sla.targets import parse_target

Doubt = tuple[str, str]


def doubts(parts: Mapping[str, Any]) -> Iterator[Doubt]:
    """All of a policy's."""
    desk = parts["desk"]
    places = [("desk", desk)]
    places += [
        (f"{kind}.{code}", says) for kind in ("levels", "packages") for code, says in parts[kind].items()
    ]
    for at, says in places:
        closing = {**desk["closing"], **says.get("closing", {})}
        if "closing" in says:
            yield from _late(closing, says["closing"], f"{at}.closing")
        for i, row in enumerate(says.get("closing_rules", [])):
            if row.get("closes", True):
                yield from _late({**closing, **row}, row, f"{at}.closing_rules[{i}]")
        for i, row in enumerate(says.get("kpis", [])):
            yield from _bands(row, f"{at}.kpis[{i}].credits")


def _late(closing: Mapping[str, Any], says: Mapping[str, Any], at: str) -> Iterator[Doubt]:
    """Reminders that come when the request is closed by itself already; `says` is what is written here."""
    for what in ("solution", "question"):
        reminders, closes = f"{what}_reminders", f"{what}_closes"
        if reminders not in says and closes not in says:
            continue
        end = parse_target(closing[closes])
        for one in closing[reminders]:
            reminder = parse_target(one)
            if reminder.unit == end.unit and reminder.number >= end.number:
                key = reminders if reminders in says else closes
                yield (
                    f"{at}.{key}",
                    f"the reminder after {one} is never sent: it is closed after {closing[closes]}",
                )


def _bands(row: Mapping[str, Any], at: str) -> Iterator[Doubt]:
    """Bands that credit what was kept, or less of it the worse it gets."""
    listed = row.get("credits", {}).get("bands", [])
    side = "below" if FIGURES[row["kpi"]] == "percent" else "above"
    worse = 1 if side == "above" else -1
    promised = Decimal(str(row[FIGURES[row["kpi"]]]))
    for i, band in enumerate(listed):
        if (Decimal(band[side]) - promised) * worse < 0:
            said = f"credits {side} {band[side]}, and {promised} is promised: so it credits what was kept"
            yield f"{at}.bands[{i}]", said
    for unit in ("percent", "days"):
        own = [
            (Decimal(band[side]) * worse, Decimal(str(band[unit])), band) for band in listed if unit in band
        ]
        for (_, mild, milder), (_, grave, graver) in pairwise(sorted(own, key=lambda one: one[0])):
            if grave < mild:
                said = f"credits {grave} {side} {graver[side]}, less than the {mild} {side} {milder[side]}"
                yield f"{at}.bands[{listed.index(graver)}]", said
