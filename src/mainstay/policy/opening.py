"""Which severity a request opens at and which it may have, by the rules of a policy, and why (V1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.policy.conditions import Facts, holds, words


def opening(
    desk: Mapping[str, Any], asked: int | None, facts: Facts, *, by_us: bool = False
) -> tuple[int, list[str]]:
    """The severity that a request opens at: what was asked for as far as the rules allow, else the default for such a
    request, else the lowest. Never refused: a request is received whatever it says.

    `by_us`: it is we who ask, so that it does not matter whether customers may set one.
    """
    ranks = sorted(int(one["rank"]) for one in desk["severities"])
    forced = rule("forced", desk, facts)
    if forced is not None:
        return int(forced["severity"]), [_said(forced, f"always severity {forced['severity']}")]
    if asked is None or not (by_us or desk.get("set_by", {}).get("customer", True)):
        default = rule("default", desk, facts)
        if default is None:
            return ranks[-1], []
        return int(default["severity"]), [_said(default, f"severity {default['severity']} to begin with")]
    because: list[str] = []
    ceiling = rule("ceiling", desk, facts)
    if ceiling is not None and asked < int(ceiling["severity"]):
        asked = int(ceiling["severity"])
        because.append(_said(ceiling, f"severity {asked} at the gravest"))
    return _available(asked, ranks, desk, facts, because), because


def forbidden(desk: Mapping[str, Any], rank: int, facts: Facts) -> str:
    """Why a ticket may not have a severity, in words; empty when it may."""
    forced, ceiling = rule("forced", desk, facts), rule("ceiling", desk, facts)
    if forced is not None and rank != int(forced["severity"]):
        return _said(forced, f"always severity {forced['severity']}")
    if ceiling is not None and rank < int(ceiling["severity"]):
        return _said(ceiling, f"severity {ceiling['severity']} at the gravest")
    unavailable = next(
        (one for one in _rules("unavailable", desk, facts) if int(one["severity"]) == rank), None
    )
    return _said(unavailable, f"severity {rank} is not to be had") if unavailable is not None else ""


def _available(
    asked: int, ranks: Sequence[int], desk: Mapping[str, Any], facts: Facts, because: list[str]
) -> int:
    """The gravest severity from the one asked for on that such a request may have."""
    for rank in [rank for rank in ranks if rank >= asked]:
        closed = [one for one in _rules("unavailable", desk, facts) if int(one["severity"]) == rank]
        if not closed:
            return rank
        because.append(_said(closed[0], f"severity {rank} is not to be had"))
        if closed[0].get("then"):
            return int(closed[0]["then"])
    return ranks[-1]


def rule(kind: str, desk: Mapping[str, Any], facts: Facts) -> Mapping[str, Any] | None:
    """The rule of a kind that says most of such a request; the first of several that say as much."""
    return max(_rules(kind, desk, facts), key=lambda one: len(one.get("when", {})), default=None)


def _rules(kind: str, desk: Mapping[str, Any], facts: Facts) -> list[Mapping[str, Any]]:
    rules = desk.get("severity_rules", [])
    return [one for one in rules if one["rule"] == kind and holds(one.get("when", {}), facts)]


def _said(one: Mapping[str, Any], what: str) -> str:
    """A rule for people: its own words, else what it asks for."""
    if one.get("words"):
        return f"{what}: {one['words']}"
    asked = words(one.get("when", {}))
    return f"{what} for {asked}" if asked else what
