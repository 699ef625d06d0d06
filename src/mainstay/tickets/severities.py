"""The severities in force: ranks and words come from the desk policy, not from code (V1)."""

from typing import Any

from mainstay.catalogue.publish import current_desk_policy
from mainstay.errors import Refused


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
