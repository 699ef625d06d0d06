"""The severities in force: ranks and words come from the desk policy, not from code (V1)."""

from collections.abc import Mapping
from typing import Any

from mainstay.catalogue.publish import current_desk_policy
from mainstay.errors import Refused
from mainstay.policy import opening as rules
from mainstay.policy.spoken import spoken


def all_of_them() -> list[dict[str, Any]]:
    """The definitions, gravest first: rank, name, definition, urgency."""
    return sorted(current_desk_policy().document["severities"], key=lambda severity: severity["rank"])


def spoken_in(language: str) -> list[dict[str, Any]]:
    """The same with the words that the vendor has given in a language; without any, as they are."""
    return [spoken(one, language) for one in all_of_them()]


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
    """The severity that a request opens at, and why (`policy.opening.opening`)."""
    return rules.opening(current_desk_policy().document, asked, facts)


def allowed(rank: int, facts: Mapping[str, Any], *, before: int) -> None:
    """Raise `Refused` naming severity when the desk policy does not let such a ticket have it.

    What a ticket has already it may keep: a rule that came later refuses nothing that was decided before.
    """
    why = "" if rank == before else rules.forbidden(current_desk_policy().document, rank, facts)
    if why:
        raise Refused("severity", f"is {rank}; {why}")
