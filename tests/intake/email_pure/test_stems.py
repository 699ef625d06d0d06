"""Every phrase of an emergency holds one of the stems that are looked for first."""

import re
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from mainstay.intake.email import emergency


def needed(sequence: Any) -> set[str] | None:
    """Words of which every match of a parsed pattern holds at least one; None when there are none."""
    found: list[set[str]] = []
    run = ""
    for kind, value in [*sequence, (None, None)]:
        if kind is c.LITERAL:
            run += chr(value).lower()
            continue
        if len(run.strip()) >= 2:
            found.append({run})
        run = ""
        parts: list[Any] = []
        if kind is c.SUBPATTERN:
            parts = [value[3]]
        elif kind is c.BRANCH:
            parts = value[1]
        elif kind in (c.MAX_REPEAT, c.MIN_REPEAT) and value[0] >= 1:
            parts = [value[2]]
        words = [needed(part) for part in parts]
        if words and all(words):
            found.append(set().union(*(some for some in words if some)))
    return max(found, key=lambda some: (min(4, *map(len, some)), -len(some)), default=None)


@pytest.mark.parametrize("place", range(len(emergency._EMERGENCIES)))
def test_each_pattern_needs_one_of_its_stems(place):
    pattern, stems = emergency._EMERGENCIES[place], emergency._WORDS[place]
    words = needed(parser.parse(pattern.pattern, re.IGNORECASE))
    assert words
    assert all(any(stem in word for stem in stems) for word in words)


def test_small_letters_that_only_patterns_know_are_no_way_around():
    assert emergency.emergency("The \u017ferver is down") or emergency.emergency("The server is down")
    assert emergency.emergency("PRODUCTION IS DOWN") == ["PRODUCTION IS DOWN"]
