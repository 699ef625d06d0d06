"""The lines of a negotiation that are KPIs: those of the catalogue, and measures that were agreed beside them (P6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mainstay.contracts import kpi_words
from mainstay.contracts.sold import Difference, Line, Sold
from mainstay.errors import Refused
from mainstay.policy.compile import named_kpis
from mainstay.policy.kpi_cells import EXAMPLE, code_of, kpi_text, parted, read_kpi, subject_text
from mainstay.policy.rows import BY_CLOCK, KPIS

GROUP = "KPI"
ANOTHER = "kpis +"
"""The key of the line in which one more measure is written."""
MOST = 48  # characters of a code that a cell gave


def kpi_lines(sold: Sold, given: Iterable[Difference]) -> list[Line]:
    """A line for each KPI of the catalogue, each that a difference has, each that needs nothing but its name, and
    one for another measure."""
    rows = named_kpis(sold.effective["kpis"])
    known = dict(rows)
    for difference in given:
        for name, row in named_kpis(difference.get("kpis", [])).items():
            known.setdefault(name, row)
    for name in KPIS:
        if name not in BY_CLOCK[1:] and all(row["kpi"] != name for row in known.values()):
            known[name] = {"kpi": name}
    return [*(_line(code, rows.get(code), known[code]) for code in known), _another(set(known))]


def typed_rows(typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """What typed cells name as measured, by the code in their keys: lines that the catalogue may not have."""
    found = []
    for key, text in typed.items():
        code = key.removeprefix("kpis ")
        if key.startswith("kpis ") and key != ANOTHER and text.strip():
            subject, _ = parted(" ".join(text.split()), place_of_code(code))
            if subject:
                found.append({**subject, "code": code})
    return found


def check_known(typed: Mapping[str, str], lines: Iterable[Line]) -> None:
    """Raises `Refused` where a cell is typed for a measure that nobody knows and that does not say what it is."""
    known = {line.key for line in lines}
    for key, text in typed.items():
        if key.startswith("kpis ") and text.strip() and key not in known:
            raise Refused(
                place_of_code(key.removeprefix("kpis ")),
                f'is no measure of the catalogue; say first what is measured, such as "{EXAMPLE}"',
            )


def place_of_code(code: str) -> str:
    return f"{GROUP}, {code.replace('_', ' ')[:60]}"


def label(row: Mapping[str, Any]) -> str:
    """What a line is called: "uptime", "resolutions in time, severity 1"."""
    if str(row.get("code") or row["kpi"]) in KPIS:
        return str(row["kpi"]).replace("_", " ")
    said = kpi_words.name(row)
    return said[:1].lower() + said[1:]


def place_of(row: Mapping[str, Any], inside: str = "") -> str:
    """A row in messages, and what of it: "KPI, uptime, credits, band 2, percent"."""
    steps = re.sub(r"bands\[(\d+)\]", lambda found: f"band {int(found[1]) + 1}", inside).split(".")
    return ", ".join([f"{GROUP}, {label(row)}", *(step.replace("_", " ") for step in steps if step)])


def _line(code: str, base: Mapping[str, Any] | None, start: Mapping[str, Any]) -> Line:
    """One KPI. A cell says what is measured only where that is something else than the line is for."""
    own = base is None and code not in KPIS
    begin = dict(base) if base is not None else {"code": code, **_subject(start)} if own else {"kpi": code}
    if str(begin.get("code") or begin["kpi"]) != code:
        begin["code"] = code
    place = f"{GROUP}, {label(start)}"
    usual = kpi_text(base) if base else ""

    def read(difference: Difference, text: str) -> None:
        subject, _ = parted(text, place)
        if subject and subject["kpi"] != begin["kpi"] and not own:
            raise Refused(place, f"is about {begin['kpi']}; write another measure in the line for one")
        row = read_kpi(text, begin, place)
        if row != (begin if base else None):
            difference.setdefault("kpis", []).append(row)

    def text(difference: Difference) -> str:
        row = named_kpis(difference.get("kpis", [])).get(code)
        if row is None or row == base:
            return ""
        return kpi_text(row, whole=own or subject_text(row) != subject_text(begin))

    return Line(f"kpis {code}", GROUP, label(start), usual, usual, text, read, text)


def _subject(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("kpi", "clock", "severity", "when") if key in row}


def _another(taken: set[str]) -> Line:
    words = "another measure"

    def read(difference: Difference, text: str) -> None:
        place = f"{GROUP}, {words}"
        subject, _ = parted(text, place)
        if not subject:
            raise Refused(place, f'must say first what is measured, such as "{EXAMPLE}"')
        code = code_of(subject)[:MOST]
        if code in taken or any(one.get("code") == code for one in difference.get("kpis", [])):
            raise Refused(
                place, f"{label({**subject, 'code': code})} has a line of its own above; write it there"
            )
        row = read_kpi(text, {}, place)
        difference.setdefault("kpis", []).append({"code": code, **row} if code != subject["kpi"] else row)

    return Line(ANOTHER, GROUP, words, "", "", lambda difference: "", read, lambda difference: "")
