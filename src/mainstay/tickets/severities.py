"""The severities in force: ranks and words come from the desk policy, not from code (V1)."""

from collections.abc import Mapping
from typing import Any

from mainstay.catalogue.publish import current_desk_policy
from mainstay.errors import Refused
from mainstay.policy.conditions import holds, words


def all_of_them() -> list[dict[str, Any]]:
    """The definitions, gravest first: rank, name, definition, urgency."""
    return sorted(current_desk_policy().document["severities"], key=lambda severity: severity["rank"])


def lowest() -> int:
    """The rank at which mail opens, always (I1)."""
    return int(all_of_them()[-1]["rank"])


def checked(severity: object) -> int:
    """`severity` as a rank that exists; `Refused` otherwise, naming those that do."""
    ranks = [int(one["rank"]) for one in all_of_them()]
    try:
        rank = int(str(severity))
    except ValueError:
        rank = 0
    if rank not in ranks:
        raise Refused("severity", f"is {severity!r}; it may be {ranks[0]} to {ranks[-1]}")
    return rank


# ---- the rules of the desk policy


def opening(asked: int | None, facts: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The severity that a request opens at, and why: what was asked for as far as the rules allow, else the
    default for such a request, else the lowest. Never refused: a request is received whatever it says."""
    forced = _rule("forced", facts)
    if forced is not None:
        return int(forced["severity"]), [_said(forced, f"always severity {forced['severity']}")]
    by_customer = current_desk_policy().document.get("set_by", {}).get("customer", True)
    if asked is None or not by_customer:
        default = _rule("default", facts)
        if default is None:
            return lowest(), []
        return int(default["severity"]), [_said(default, f"severity {default['severity']} to begin with")]
    because: list[str] = []
    ceiling = _rule("ceiling", facts)
    if ceiling is not None and asked < int(ceiling["severity"]):
        asked = int(ceiling["severity"])
        because.append(_said(ceiling, f"severity {asked} at the gravest"))
    return _available(asked, facts, because), because


def _available(rank: int, facts: Mapping[str, Any], because: list[str]) -> int:
    """The gravest severity from `rank` on that such a request may have."""
    for one in [int(one["rank"]) for one in all_of_them() if int(one["rank"]) >= rank]:
        rule = _unavailable(one, facts)
        if rule is None:
            return one
        because.append(_said(rule, f"severity {one} is not to be had"))
        if rule.get("then"):
            return int(rule["then"])
    return lowest()


def allowed(rank: int, facts: Mapping[str, Any], *, before: int) -> None:
    """Raise `Refused` naming severity when the desk policy does not let such a ticket have it.

    What a ticket has already it may keep: a rule that came later refuses nothing that was decided before.
    """
    if rank == before:
        return
    forced, ceiling = _rule("forced", facts), _rule("ceiling", facts)
    if forced is not None and rank != int(forced["severity"]):
        raise Refused("severity", f"is {rank}; " + _said(forced, f"always severity {forced['severity']}"))
    if ceiling is not None and rank < int(ceiling["severity"]):
        raise Refused(
            "severity", f"is {rank}; " + _said(ceiling, f"severity {ceiling['severity']} at the gravest")
        )
    unavailable = _unavailable(rank, facts)
    if unavailable is not None:
        raise Refused("severity", f"is {rank}; " + _said(unavailable, f"severity {rank} is not to be had"))


def _rule(kind: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rule of that kind that says most of such a request; the first of several that say as much."""
    return max(_rules(kind, facts), key=lambda rule: len(rule.get("when", {})), default=None)


def _unavailable(rank: int, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    return next((rule for rule in _rules("unavailable", facts) if int(rule["severity"]) == rank), None)


def _rules(kind: str, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    rules = current_desk_policy().document.get("severity_rules", [])
    return [rule for rule in rules if rule["rule"] == kind and holds(rule.get("when", {}), facts)]


def _said(rule: Mapping[str, Any], what: str) -> str:
    """A rule for people: with its own words, else for which requests it is."""
    if rule.get("words"):
        return f"{what}: {rule['words']}"
    asked = words(rule.get("when", {}))
    return f"{what} for {asked}" if asked else what
