"""The lines of a negotiation that say when clocks start and stand still, and what a TAM's escalation does.

"waiting on customer, waiting on third party" or "never"; "received", "triaged" or "information completed"; "severity 1,
pages" or "severity 2, without paging". What is written here is what the clock definition calls these things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mainstay.contracts.sold import Difference, Line, Sold
from mainstay.errors import Refused
from mainstay.policy.shapes import meant
from mainstay.sla.fields import shown
from mainstay.sla.policy import CLOCKS, MAY_START_LATER, ON_REOPEN, PAUSES, STARTS_ON, WAITING

SHOWN = ("pauses", "starts_on", "on_reopen", "escalation")
NEVER = "never"
_PAUSING = tuple(clock for clock in CLOCKS if PAUSES[clock])
_ESCALATION = re.compile(r"(?:severity\s+)?(\d)\s*,\s*(pages|without paging)", re.IGNORECASE)


def clock_lines(sold: Sold) -> list[Line]:
    """A line for each clock that may stand still or start later, for reopening, and for the TAM's escalation."""
    says = sold.effective
    return [
        *(_keyed("pauses", "Stands still while", clock, pauses_of(says, clock), states_text, _read_states)
          for clock in _PAUSING),
        *(_keyed("starts_on", "Starts when", clock, starts_of(says, clock), _spaced, _read_start)
          for clock in MAY_START_LATER),
        _whole("on_reopen", "reopened resolution", str(says.get("on_reopen", ON_REOPEN[0])), str, _read_reopen),
        _whole("escalation", "escalation by the TAM", dict(says["escalation"]), escalation_text, read_escalation),
    ]  # fmt: skip


def pauses_of(says: Mapping[str, Any], clock: str) -> list[str]:
    """The states in which a clock stands still: the policy's, else the clock definition's."""
    return sorted(says.get("pauses", {}).get(clock, PAUSES[clock]))


def starts_of(says: Mapping[str, Any], clock: str) -> str:
    return str(says.get("starts_on", {}).get(clock, STARTS_ON[0]))


def _keyed(
    name: str,
    group: str,
    clock: str,
    usual: Any,
    write: Callable[[Any], str],
    read: Callable[[str, str], Any],
) -> Line:
    """A line that is one clock's value of a key of the difference."""
    label = clock.replace("_", " ")

    def put(difference: Difference, text: str) -> None:
        value = read(text, f"{group}, {label}")
        if value != usual:
            difference[name] = {**difference.get(name, {}), clock: value}

    def text(difference: Difference) -> str:
        return write(difference[name][clock]) if clock in difference.get(name, {}) else ""

    return Line(f"{name} {clock}", group, label, write(usual), write(usual), text, put, text)


def _whole(
    name: str, label: str, usual: Any, write: Callable[[Any], str], read: Callable[[str, str], Any]
) -> Line:
    group = "Reopening, escalation"

    def put(difference: Difference, text: str) -> None:
        value = read(text, f"{group}, {label}")
        if value != usual:
            difference[name] = value

    def text(difference: Difference) -> str:
        return write(difference[name]) if name in difference else ""

    return Line(name, group, label, write(usual), write(usual), text, put, text)


# ---- cells


def states_text(states: Sequence[str]) -> str:
    return ", ".join(_spaced(one) for one in sorted(states)) or NEVER


def _read_states(text: str, field: str) -> list[str]:
    if text.strip().lower() == NEVER:
        return []
    return sorted(
        {_one_of(part, WAITING, field, f'or "{NEVER}"') for part in text.split(",") if part.strip()}
    )


def _read_start(text: str, field: str) -> str:
    return _one_of(text, STARTS_ON, field)


def _read_reopen(text: str, field: str) -> str:
    return _one_of(text, ON_REOPEN, field)


def escalation_text(given: Mapping[str, Any]) -> str:
    return f"severity {given['severity']}, {'pages' if given.get('page') else 'without paging'}"


def read_escalation(text: str, field: str) -> dict[str, Any]:
    """The severity that a TAM's escalation raises to, and whether somebody is woken."""
    found = _ESCALATION.fullmatch(text.strip())
    if found is None:
        raise Refused(
            field, f'cannot read {shown(text)}; write "severity 1, pages" or "severity 1, without paging"'
        )
    return {"severity": int(found[1]), "page": found[2].lower() == "pages"}


def _one_of(text: str, known: Sequence[str], field: str, also: str = "") -> str:
    said = "_".join(text.lower().split())
    if said not in known:
        words = [_spaced(one) for one in known]
        more = f" {also}" if also else ""
        hint = meant(text.strip(), words)
        raise Refused(field, f"cannot read {shown(text.strip())}; write {', '.join(words)}{more}{hint}")
    return said


def _spaced(name: str) -> str:
    return name.replace("_", " ")
