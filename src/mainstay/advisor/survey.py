"""All ways to answer, looked at without listing them: how many lead where, and whether the law holds.

PURE. `shares` counts exactly: answers that lead to the same points, least and highest level and combinations are
one state. `falls` is the other way to know that the level never falls: it searches, and trusts no check.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod

from mainstay.advisor.recommend import Places, result
from mainstay.advisor.rules import Rules

SAMPLE = 2000


def ways(rules: Rules) -> int:
    """How many ways there are to answer."""
    return prod(len(question.answers) for question in rules.questions)


def shares(rules: Rules) -> dict[str, int]:
    """How many ways to answer lead to each level, exactly."""
    top = len(rules.levels) - 1
    states: Counter[tuple[int, int, int, int]] = Counter({(0, 0, top, (1 << len(rules.combinations)) - 1): 1})
    for n, question in enumerate(rules.questions):
        after: Counter[tuple[int, int, int, int]] = Counter()
        for place, answer in enumerate(question.answers):
            floor = rules.rank(answer.at_least) if answer.at_least else 0
            ceiling = rules.rank(answer.at_most) if answer.at_most else top
            lost = sum(
                1 << m
                for m, one in enumerate(rules.combinations)
                if any(n == q and place < p for q, p in one.frm)
            )
            for (points, least, most, holding), count in states.items():
                key = (points + answer.points, max(least, floor), min(most, ceiling), holding & ~lost)
                after[key] += count
        states = after
    return _by_level(rules, states)


def _by_level(rules: Rules, states: Counter[tuple[int, int, int, int]]) -> dict[str, int]:
    found = dict.fromkeys(rules.levels, 0)
    for (points, least, most, holding), count in states.items():
        rank = min(most, max(rules.rank(level) for frm, level in rules.bands if points >= frm))
        floors = [rules.rank(one.at_least) for m, one in enumerate(rules.combinations) if holding >> m & 1]
        found[rules.levels[max([rank, least, *floors])]] += count
    return found


def every(rules: Rules) -> Iterator[Places]:
    """Each way to answer; only for small documents."""
    return product(*(range(len(question.answers)) for question in rules.questions))


def some(rules: Rules, number: int = SAMPLE, seed: int = 0) -> list[Places]:
    """Some ways to answer, always the same ones."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    return [
        tuple(chance.randrange(len(question.answers)) for question in rules.questions) for _ in range(number)
    ]


def falls(rules: Rules, at: Places) -> tuple[int, Places] | None:
    """A question whose next greater answer lowers the level from here, with those answers; None if none does."""
    here = rules.rank(result(rules, at).level)
    for n, place in enumerate(at):
        if place + 1 < len(rules.questions[n].answers):
            raised = (*at[:n], place + 1, *at[n + 1 :])
            if rules.rank(result(rules, raised).level) < here:
                return n, raised
    return None
