"""The link that reproduces a result: the version of the rules and the place of each answer, "3-20131".

PURE. Nothing is signed, for nothing in it is secret or owed; a published version of the rules never changes, so
the places mean the same for ever. A question without an answer is written as a dot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mainstay.advisor.rules import Rules

_SHAPE = re.compile(r"([1-9][0-9]{0,5})-([0-9.]{1,30})")


def token(version: int, rules: Rules, known: Mapping[str, int]) -> str:
    """Version and answers as one word of an address; `known` are places by question."""
    return f"{version}-" + "".join(str(known.get(one.code, ".")) for one in rules.questions)


def version_of(text: str) -> int | None:
    """The version of the rules that a token was made with; None for what is no token."""
    found = _SHAPE.fullmatch(text)
    return int(found[1]) if found else None


def places(text: str, rules: Rules) -> dict[str, int] | None:
    """The places by question that a token holds; None if it does not fit these rules."""
    found = _SHAPE.fullmatch(text)
    if not found or len(found[2]) != len(rules.questions):
        return None
    known = {}
    for question, mark in zip(rules.questions, found[2], strict=True):
        if mark == ".":
            continue
        if int(mark) >= len(question.answers):
            return None
        known[question.code] = int(mark)
    return known


def carried(known: Mapping[str, int], frm: Rules, to: Rules) -> dict[str, int]:
    """The same answers under other rules: those whose question and answer are still there, by their codes."""
    found = {}
    for code, place in known.items():
        was, now = frm.question(code), to.question(code)
        if was is None or now is None:
            continue
        try:
            found[code] = now.place(was.answers[place].code)
        except KeyError:
            continue
    return found
