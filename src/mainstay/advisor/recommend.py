"""What the rules recommend for some answers, and which answers decided it (P4).

PURE. Answers are given as places: one number for each question, in the order of the rules. The level is the one
that the points reach, held down by answers that say "at most" and held up by those that say "at least"; what holds
up wins. Each part rises with each answer, so the level does.

What decided it is found by asking again with other answers: the few that, changed, would change the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations as subsets
from typing import Literal

from mainstay.advisor.rules import Answer, Combination, Question, Rules

Places = tuple[int, ...]
Pull = Literal["up", "down", "here", "package"]
SHOWN = 3
TOGETHER = 3  # sets of answers are tried up to this size


@dataclass(frozen=True)
class Result:
    """A level and a package, by code."""

    level: str
    package: str
    points: int


@dataclass(frozen=True)
class Effect:
    """What one answer did. `up`: with a lesser one the level would be lower; `down`: a greater one would raise it;
    `package`: another answer takes another package; `here`: none changes the result by itself.

    `other` is the nearest answer that changes the result, `instead` what would then be recommended; `levels` by
    how many the level could change.
    """

    question: Question
    answer: Answer
    pull: Pull
    levels: int = 0
    other: Answer | None = None
    instead: Result | None = None


@dataclass(frozen=True)
class Decided:
    """The two or three answers that decided it. `together`: only all of them changed would change the result,
    with `more` others that are not shown; `instead` is what it would then be."""

    effects: tuple[Effect, ...]
    together: bool = False
    more: int = 0
    instead: Result | None = None


@dataclass(frozen=True)
class Recommendation:
    """A result with all its reasons. `held_up` are answers and combinations that ask for at least its level."""

    result: Result
    effects: tuple[Effect, ...]
    decided: Decided
    held_up: tuple[Answer | Combination, ...]
    held_down: tuple[Answer, ...]
    needs: tuple[Answer, ...]
    lower: Result | None
    higher: Result | None


def result(rules: Rules, places: Sequence[int]) -> Result:
    """The level and package for a place in each question's answers. Total: every path ends here."""
    chosen = [question.answers[place] for question, place in zip(rules.questions, places, strict=True)]
    points = sum(answer.points for answer in chosen)
    rank = max(rules.rank(level) for least, level in rules.bands if points >= least)
    rank = min([rank, *(rules.rank(answer.at_most) for answer in chosen if answer.at_most)])
    floors = [rules.rank(answer.at_least) for answer in chosen if answer.at_least]
    floors += [rules.rank(one.at_least) for one in rules.combinations if _holds(one.frm, places)]
    level = rules.levels[max([rank, *floors])]
    return Result(level, package_of(rules, level, places), points)


def package_of(rules: Rules, level: str, places: Sequence[int]) -> str:
    """The first package of the level whose conditions hold; the last has none."""
    return next(one.package for one in rules.packages if one.level == level and _holds(one.frm, places))


def _holds(frm: Sequence[tuple[int, int]], places: Sequence[int]) -> bool:
    return all(places[question] >= place for question, place in frm)


def bounds(rules: Rules, known: Mapping[str, int]) -> tuple[Result, Result]:
    """The lowest and the highest result that the answers so far leave open; both the same when it is settled."""
    low = tuple(known.get(one.code, 0) for one in rules.questions)
    high = tuple(known.get(one.code, len(one.answers) - 1) for one in rules.questions)
    return result(rules, low), result(rules, high)


def recommend(rules: Rules, places: Places) -> Recommendation:
    """The result and why: what each answer did, what decided it, what stands one level down and up."""
    found = result(rules, places)
    rank = rules.rank(found.level)
    chosen = [question.answers[place] for question, place in zip(rules.questions, places, strict=True)]
    effects = tuple(_effect(rules, places, n, found) for n in range(len(places)))
    up: list[Answer | Combination] = [
        *chosen,
        *(one for one in rules.combinations if _holds(one.frm, places)),
    ]
    return Recommendation(
        result=found,
        effects=effects,
        decided=_decided(rules, places, found, effects),
        held_up=tuple(one for one in up if one.at_least and rules.rank(one.at_least) == rank > 0),
        held_down=tuple(one for one in chosen if one.at_most == found.level),
        needs=tuple(one for one in chosen if one.needs),
        lower=_beside(rules, places, rank - 1),
        higher=_beside(rules, places, rank + 1),
    )


def _beside(rules: Rules, places: Places, rank: int) -> Result | None:
    """What the same answers would take on another level; None where the ladder ends."""
    if not 0 <= rank < len(rules.levels):
        return None
    level = rules.levels[rank]
    return Result(level, package_of(rules, level, places), 0)


# ---- what each answer did


def _effect(rules: Rules, places: Places, n: int, found: Result) -> Effect:
    """One answer changed, the others kept; the nearest change counts, downwards before upwards."""
    question, here = rules.questions[n], places[n]
    rank = rules.rank(found.level)
    said = (question, question.answers[here])
    for pull, others in (("up", range(here - 1, -1, -1)), ("down", range(here + 1, len(question.answers)))):
        asked = [(place, _with(rules, places, {n: place})) for place in others]
        changed = [(place, one) for place, one in asked if one.level != found.level]
        if changed:
            place, instead = changed[0]
            levels = max(abs(rules.rank(one.level) - rank) for _, one in changed)
            return Effect(*said, "up" if pull == "up" else "down", levels, question.answers[place], instead)
    for place in sorted(set(range(len(question.answers))) - {here}, key=lambda place: abs(place - here)):
        instead = _with(rules, places, {n: place})
        if instead.package != found.package:
            return Effect(*said, "package", 0, question.answers[place], instead)
    return Effect(*said, "here")


def _with(rules: Rules, places: Places, changed: Mapping[int, int]) -> Result:
    return result(rules, [changed.get(n, place) for n, place in enumerate(places)])


# ---- what decided it


def _decided(rules: Rules, places: Places, found: Result, effects: Sequence[Effect]) -> Decided:
    """Those that alone would change the result, the strongest first; where none would lower the level, the
    smallest set that together would: then each of them alone was enough."""
    alone = sorted(
        (one for one in effects if one.pull != "here"),
        key=lambda one: (("up", "package", "down").index(one.pull), -one.levels, -one.answer.points),
    )
    if rules.rank(found.level) == 0 or any(one.pull == "up" for one in alone):
        return Decided(tuple(alone[:SHOWN]))
    together = _together(rules, places, found)
    if not together:  # even the least answers end here: nothing decided it
        return Decided(tuple(alone[:SHOWN]))
    instead = _with(rules, places, dict.fromkeys(together, 0))
    shown = sorted(together, key=lambda n: -effects[n].answer.points)[:SHOWN]
    return Decided(tuple(effects[n] for n in shown), True, len(together) - len(shown), instead)


def _together(rules: Rules, places: Places, found: Result) -> tuple[int, ...]:
    """The smallest set of answers that, each at its least, lower the level; by points among equals.

    The least answer is the strongest change downwards, so nothing else has to be tried. Beyond `TOGETHER` the
    heaviest answers are taken one after the other, and those that turn out not to matter given back.
    """
    heavy = sorted(
        (n for n, place in enumerate(places) if place),
        key=lambda n: -rules.questions[n].answers[places[n]].points,
    )
    for size in range(1, TOGETHER + 1):
        for some in subsets(heavy, size):
            if _with(rules, places, dict.fromkeys(some, 0)).level != found.level:
                return some
    taken: list[int] = []
    while heavy and _with(rules, places, dict.fromkeys(taken, 0)).level == found.level:
        taken.append(heavy.pop(0))
    if _with(rules, places, dict.fromkeys(taken, 0)).level == found.level:
        return ()
    for n in taken[:-1]:
        rest = [one for one in taken if one != n]
        if _with(rules, places, dict.fromkeys(rest, 0)).level != found.level:
            taken = rest
    return tuple(taken)
