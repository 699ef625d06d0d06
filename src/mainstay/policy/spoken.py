"""Words of a policy that customers read, in other languages: `in = { de = { name = "..." } }` beside the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mainstay.policy.shapes import Shape, keyed, matching, record, text

language = matching(r"[a-z]{2,3}(-[a-z0-9]{2,4})?", 'must be a language such as "de"')


def spoken(row: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    """The row with its words in a language, as far as it has them: "de-at" takes those of "de"."""
    own = row.get("in", {})
    return {**row, **(own.get(wanted.lower()) or own.get(wanted.lower().partition("-")[0]) or {})}


def texts(longest: Mapping[str, int]) -> Shape:
    """The shape of `in`: texts by language, each at most so long."""
    return keyed(language, record({}, {name: text(most) for name, most in longest.items()}))
