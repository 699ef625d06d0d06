"""Targets as a table: a line for each clock and case, a column for each severity."""

from __future__ import annotations

from typing import Any

from mainstay.desk import shown
from mainstay.policy.conditions import words as when_words
from mainstay.sla.policy import CLOCKS


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Targets as a table: a line for each clock (and case), a column for each severity."""
    severities = [*sorted({row["severity"] for row in rows if row["severity"] != "*"}), *(
        ["*"] if any(row["severity"] == "*" for row in rows) else []
    )]  # fmt: skip
    lines: dict[tuple[str, str], dict[Any, dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: CLOCKS.index(row["clock"])):
        case = when_words(row.get("when", {}))
        lines.setdefault((row["clock"], case), {})[row["severity"]] = row
    return {
        "severities": severities,
        "lines": [
            (shown.CLOCK_NAMES[clock], case, [_cell(cells.get(s)) for s in severities])
            for (clock, case), cells in lines.items()
        ],
    }


def _cell(row: dict[str, Any] | None) -> dict[str, str] | None:
    if row is None:
        return None
    if row["target"] == "none":
        return {"words": row.get("words", "none"), "kind": "none"}
    calendar = {"always": " 24x7", "business": "", "": ""}.get(
        row.get("calendar", ""), f" {row.get('calendar')}"
    )
    more = (f", {row['share']} % within" if "share" in row else "") + (
        ", or as agreed" if row.get("agreed") else ""
    )
    return {"words": f"{row['target']}{calendar}{more}", "kind": row["kind"]}
