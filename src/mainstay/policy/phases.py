"""What phases of reduced support do to the gravest requests, where the policy does not say that they do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mainstay.policy.compile import compose
from mainstay.policy.conditions import values

BECOMES = {"goal": "a goal, measured but not owed", "none": "nothing at all"}


def unsaid(parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Phases in which what is promised at severity 1 is no promise any more, without words that say so (X1).

    A row that asks for the phase says it too: what stands in it is meant.
    """
    for i, phase in enumerate(parts["desk"].get("lifecycle", [])):
        becomes = BECOMES.get(phase.get("targets", ""))
        if becomes is None or phase.get("words"):
            continue
        lost = _promised(parts, phase["code"])
        if lost:
            said = f"makes of what is promised at severity 1 ({', '.join(lost)}) {becomes}"
            why = "add words that say so to customers, or rows that ask for the phase"
            yield f"desk.lifecycle[{i}].targets", f"{said}; {why}"


def _promised(parts: Mapping[str, Any], phase: str) -> list[str]:
    """The clocks with a promise at the gravest severity in some package, and no row of its own for the phase."""
    found: dict[str, None] = {}
    for says in parts["packages"].values():
        rows = compose(parts["desk"], parts["levels"][says["level"]], says)["targets"]
        grave = [row for row in rows if row["severity"] in (1, "*")]
        spoken = {row["clock"] for row in grave if phase in values(row.get("when", {}).get("phase", []))}
        found |= {
            row["clock"]: None for row in grave if row["kind"] == "promise" and row["clock"] not in spoken
        }
    return [clock.replace("_", " ") for clock in found]
