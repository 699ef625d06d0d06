"""Whom ladders may name without saying who it is: the words for roles. All else is a team or a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mainstay.policy.compile import compose
from mainstay.policy.conditions import values

ROLES = {
    "assignee": "assignee", "owner": "assignee", "engineer": "assignee", "support_engineer": "assignee",
    "triage": "triage", "triage_lead": "triage", "lead": "triage", "team_lead": "triage",
    "manager": "manager", "support_manager": "manager",
    "tam": "tam", "technical_account_manager": "tam",
    "sales": "sales", "administrator": "administrator", "team": "team",
}  # fmt: skip
"""What a ladder may say -> whom it means: who works on the ticket, a role, the TAM of its customer, its team."""


def role_of(name: str) -> str:
    """The role that a name in a ladder means; empty when it is one of a team or a person."""
    return ROLES.get(name.strip().lower().replace(" ", "_").replace("-", "_"), "")


def rungs(parts: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every rung of the parts of a policy, with where it stands."""
    places = [("desk", parts["desk"])]
    places += [(f"levels.{code}", says) for code, says in parts["levels"].items()]
    places += [(f"packages.{code}", says) for code, says in parts["packages"].items()]
    for at, says in places:
        for i, row in enumerate(says.get("escalations", [])):
            yield f"{at}.escalations[{i}]", row


def others(parts: Mapping[str, Any]) -> dict[str, str]:
    """The names that are no role, each with where it stands first: there must be a team or person of that name."""
    found: dict[str, str] = {}
    for at, row in rungs(parts):
        for name in values(row["to"]):
            if not role_of(name):
                found.setdefault(name, f"{at}.to")
    return found


def unclear(parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Rungs that count a share of a target and do not say of which clock: it is taken to be the resolution's."""
    for at, row in rungs(parts):
        if row["after"].endswith("%") and "clock" not in row:
            said = f'counts {row["after"]} of the resolution, since it names no clock; write clock = "resolution"'
            yield at, f"{said} if that is meant, or the clock that is"


def idle(parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Rungs that no ticket ever reaches, with why: they hang on a clock for which nothing is said anywhere."""
    wholes = [
        compose(parts["desk"], parts["levels"][says["level"]], says) for says in parts["packages"].values()
    ]
    timed = {
        (row["clock"], str(row.get("severity", "*")))
        for whole in wholes
        for row in whole["targets"]
        if row["target"] != "none"
    }
    for at, row in rungs(parts):
        clock = row.get("clock") or ("resolution" if row["after"].endswith("%") else "")
        severity = str(row.get("severity", "*"))
        fits = [one for one in timed if one[0] == clock and ("*" in (severity, one[1]) or severity == one[1])]
        if clock and not fits:
            yield at, f"is never reached: no package has a target for {clock} at its severity"
