"""Phases of reduced support: what is promised for a maintained release is a goal, or nothing, later in its life."""

import json
from typing import Any

import pytest

from mainstay.catalogue import shipped
from mainstay.policy.compile import Named, Place, asked, compose, terms

PHASES = [
    {"code": "full", "name": "Full support"},
    {"code": "maintenance", "name": "Maintenance", "targets": "goal", "covers": ["security"]},
    {"code": "extended", "name": "Extended life", "targets": "none"},
]


def parts(**more: Any) -> dict[str, Any]:
    desk = json.loads(json.dumps(shipped.DESK))
    level = json.loads(json.dumps(next(one for one in shipped.LEVELS if one[0] == "critical")[-1]))
    package = json.loads(json.dumps(next(one for one in shipped.PACKAGES if one[0] == "critical")[-1]))
    return compose({**desk, **more}, level, package)


def compiled(effective: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return terms(effective, Named(), place=Place("UTC"), years=(2026, 2026), facts=facts)


@pytest.mark.parametrize(
    ("phase", "kind"), [("full", "promise"), ("maintenance", "goal"), ("", "promise"), ("ended", "promise")]
)
def test_a_promise_becomes_a_goal_in_a_reduced_phase(phase: str, kind: str) -> None:
    made = compiled(parts(lifecycle=PHASES), phase=phase)
    assert made["kinds"]["first_response"]["1"] == kind
    assert made["kinds"]["triage"]["1"] == "internal", "our own clocks stay"
    assert made["policy"]["clocks"]["first_response"]["target"]["1"] == "15m", "it is still measured"


def test_in_a_phase_without_targets_nothing_is_owed_but_our_own_clocks_run() -> None:
    made = compiled(parts(lifecycle=PHASES), phase="extended")
    assert set(made["kinds"]) == {"triage", "dispatch"}


def test_a_row_that_names_the_phase_says_what_holds_in_it() -> None:
    effective = parts(lifecycle=PHASES)
    effective["targets"].append(
        {"clock": "first_response", "severity": "*", "target": "5d", "kind": "promise", "calendar": "business",
         "when": {"phase": "extended"}, "part": "desk"}
    )  # fmt: skip
    made = compiled(effective, phase="extended")
    assert "promise" in made["kinds"]["first_response"].values()
    assert "5d" in made["policy"]["clocks"]["first_response"]["target"].values()


def test_the_phase_is_asked_for_only_where_it_matters() -> None:
    assert asked(parts(lifecycle=PHASES), {"phase": "maintenance"}) == {"phase": "maintenance"}
    assert asked(parts(lifecycle=PHASES[:1]), {"phase": "full"}) == {}
    whole = parts(lifecycle=PHASES[:1])
    assert compiled(whole, phase="full") == compiled(whole)
