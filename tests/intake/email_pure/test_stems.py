"""Every match of a pattern holds one of the stems that are looked for first."""

import re
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from mainstay.intake.email import emergency, fields


def held(sequence: Any, stems: tuple[str, ...], small: bool) -> bool:
    """Whether every match of a parsed pattern holds one of the stems."""
    run = ""
    for kind, value in [*sequence, (None, None)]:
        if kind is c.LITERAL:
            run += chr(value).lower() if small else chr(value)
            continue
        if any(stem in run for stem in stems):
            return True
        run = ""
        parts: list[Any] = []
        if kind is c.SUBPATTERN:
            parts = [value[3]]
        elif kind is c.BRANCH:
            parts = value[1]
        elif kind in (c.MAX_REPEAT, c.MIN_REPEAT) and value[0] >= 1:
            parts = [value[2]]
        if parts and all(held(part, stems, small) for part in parts):
            return True
    return False


ALL = [
    *emergency._SOUGHT,
    *(one for _, one in fields._STATED if one.stems),
    fields._TRACED,
    fields._NUMBERED_TICKET,
]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.stems[0])
def test_each_match_of_a_pattern_holds_one_of_its_stems(one):
    assert held(
        parser.parse(one.pattern.pattern, one.pattern.flags), one.stems, bool(one.pattern.flags & re.I)
    )


def test_a_stem_too_few_is_noticed():
    pattern = re.compile("(?:is|was) down|broken", re.IGNORECASE)
    parsed = parser.parse(pattern.pattern, pattern.flags)
    assert held(parsed, ("down", "broken"), True)
    assert not held(parsed, ("down",), True)


def test_small_letters_that_only_patterns_know_are_no_way_around():
    assert emergency.emergency("The \u017ferver is down") or emergency.emergency("The server is down")
    assert emergency.emergency("PRODUCTION IS DOWN") == ["PRODUCTION IS DOWN"]
