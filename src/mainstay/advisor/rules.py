"""The advisor's rules: one document of questions, points and least levels, read strictly (P4).

PURE. `levels` is the ladder of service levels, lowest first. The answers of a question stand from the least need
to the greatest, and neither their points nor their least and highest level may fall along the list; an addition
such as a combination holds from an answer on. So every part rises with every answer, and with it the level:
"raising criticality never lowers the level" is a property of any document that is let in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from mainstay.errors import Refused
from mainstay.sla.fields import entries, path, shown

MOST_QUESTIONS, MOST_ANSWERS, MOST_COMBINATIONS, MOST_POINTS = 30, 9, 8, 100
CHANNELS = ("documentation", "email", "portal", "phone", "api", "alerts")
NEEDS = {"channel", "tam", "contacts", "uptime"}


Texts = Mapping[str, Mapping[str, Any]]
"""Language -> name of a text -> the text in it; what is not there is said as the document says it."""


@dataclass(frozen=True)
class Answer:
    """One answer. `because` says it as a reason; `needs` is what a package must have to meet it."""

    code: str
    words: str
    because: str
    points: int
    more: str = ""
    at_least: str | None = None
    at_most: str | None = None
    needs: Mapping[str, Any] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """`why` is said to whoever answers: what the answer decides."""

    code: str
    ask: str
    why: str
    answers: tuple[Answer, ...]
    help: str = ""
    part: str = ""
    texts: Texts = field(default_factory=dict)

    def place(self, code: str) -> int:
        """Where an answer stands, 0 the least need. Raises KeyError for an answer that is none."""
        for n, answer in enumerate(self.answers):
            if answer.code == code:
                return n
        raise KeyError(code)


@dataclass(frozen=True)
class Combination:
    """Answers that together ask for at least a level: each of `frm` or one that needs more."""

    frm: tuple[tuple[int, int], ...]  # places of question and answer
    at_least: str
    because: str
    texts: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A package of a level, chosen when the conditions hold; the last of a level has none."""

    package: str
    level: str
    frm: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Rules:
    """A document that has passed the check. `bands` are (points from which, level), rising."""

    levels: tuple[str, ...]
    bands: tuple[tuple[int, str], ...]
    questions: tuple[Question, ...]
    combinations: tuple[Combination, ...]
    packages: tuple[Choice, ...]
    intro: str = ""
    texts: Texts = field(default_factory=dict)

    def spoken(self, language: str) -> Rules:
        """The same rules with their texts in a language, where they have them; points and levels are untouched."""
        return replace(
            self,
            **self.texts.get(language, {}),
            combinations=tuple(replace(one, **one.texts.get(language, {})) for one in self.combinations),
            questions=tuple(
                replace(
                    question,
                    **question.texts.get(language, {}),
                    answers=tuple(replace(one, **one.texts.get(language, {})) for one in question.answers),
                )
                for question in self.questions
            ),
        )

    def rank(self, level: str) -> int:
        """The place of a level on the ladder, 0 the lowest."""
        return self.levels.index(level)

    def question(self, code: str) -> Question | None:
        return next((one for one in self.questions if one.code == code), None)


def read(document: object) -> Rules:
    """The rules that a document holds. Raises `Refused` naming question and answer that break a law."""
    given = entries(
        document, "", {"format", "levels", "bands", "questions", "packages"}, {"combinations", "intro", "in"}
    )
    if given["format"] != 1 or isinstance(given["format"], bool):
        raise Refused("format", f"is {shown(given['format'])}; this version reads format 1")
    intro = _text(given["intro"], "intro", 1000) if "intro" in given else ""
    levels = _levels(given["levels"])
    questions = _questions(given["questions"], levels)
    return Rules(
        levels=levels,
        bands=_bands(given["bands"], levels),
        questions=questions,
        combinations=_combinations(given.get("combinations", []), levels, questions),
        packages=_packages(given["packages"], levels, questions),
        intro=intro,
        texts=_texts(given.get("in", {}), "in", {"intro": 1000}),
    )


# ---- levels and points


def _levels(given: object) -> tuple[str, ...]:
    found = [_code(one, f"levels[{n}]") for n, one in enumerate(_list(given, "levels", 1, 9))]
    if len(set(found)) < len(found):
        raise Refused("levels", "name a level twice; each stands once, the lowest first")
    return tuple(found)


def _bands(given: object, levels: Sequence[str]) -> tuple[tuple[int, str], ...]:
    found = []
    for n, one in enumerate(_list(given, "bands", 1, 9)):
        row = entries(one, f"bands[{n}]", {"from", "level"}, set())
        points = _whole(row["from"], f"bands[{n}].from", 0, MOST_POINTS * MOST_QUESTIONS)
        found.append((points, _level(row["level"], f"bands[{n}].level", levels)))
    if found[0][0] != 0:
        raise Refused("bands[0].from", "must be 0: whoever has no points gets a recommendation too")
    for n, (lower, higher) in enumerate(pairwise(found), start=1):
        if higher[0] <= lower[0]:
            raise Refused(f"bands[{n}].from", f"must be above {lower[0]}, where the band before it begins")
        if levels.index(higher[1]) <= levels.index(lower[1]):
            raise Refused(f"bands[{n}].level", f"must be above {lower[1]}: more points never lower the level")
    return tuple(found)


# ---- questions


def _questions(given: object, levels: Sequence[str]) -> tuple[Question, ...]:
    found: list[Question] = []
    for n, one in enumerate(_list(given, "questions", 1, MOST_QUESTIONS)):
        question = _question(one, f"questions[{n}]", levels)
        if any(question.code == other.code for other in found):
            raise Refused(f"questions[{n}].code", f"{question.code} is there twice")
        found.append(question)
    return tuple(found)


def _question(given: object, where: str, levels: Sequence[str]) -> Question:
    row = entries(given, where, {"code", "ask", "why", "answers"}, {"help", "part", "in"})
    code = _code(row["code"], f"{where}.code")
    if code in RESERVED:
        raise Refused(f"{where}.code", f"{code} is a word of the page's own address; take another")
    answers = tuple(
        _answer(one, f"{code}.answers[{n}]", levels)
        for n, one in enumerate(_list(row["answers"], f"{code}.answers", 2, MOST_ANSWERS))
    )
    if len({one.code for one in answers}) < len(answers):
        raise Refused(f"{code}.answers", "have a code twice")
    _rises(code, answers, levels)
    return Question(
        code=code,
        ask=_text(row["ask"], f"{code}.ask", 200),
        why=_text(row["why"], f"{code}.why", 300),
        answers=answers,
        help=_text(row["help"], f"{code}.help", 300) if "help" in row else "",
        part=_text(row["part"], f"{code}.part", 60) if "part" in row else "",
        texts=_texts(row.get("in", {}), f"{code}.in", {"ask": 200, "why": 300, "help": 300, "part": 60}),
    )


RESERVED = ("rules", "customer", "form", "csrfmiddlewaretoken", "show")


def _answer(given: object, where: str, levels: Sequence[str]) -> Answer:
    row = entries(
        given, where, {"code", "words", "because", "points"}, {"more", "at_least", "at_most", "needs", "in"}
    )
    return Answer(
        code=_code(row["code"], f"{where}.code"),
        words=_text(row["words"], f"{where}.words", 120),
        because=_text(row["because"], f"{where}.because", 200),
        points=_whole(row["points"], f"{where}.points", 0, MOST_POINTS),
        more=_text(row["more"], f"{where}.more", 200) if "more" in row else "",
        at_least=_level(row["at_least"], f"{where}.at_least", levels) if "at_least" in row else None,
        at_most=_level(row["at_most"], f"{where}.at_most", levels) if "at_most" in row else None,
        needs=_needs(row.get("needs", {}), f"{where}.needs"),
        texts=_texts(row.get("in", {}), f"{where}.in", {"words": 120, "because": 200, "more": 200}),
    )


def _rises(code: str, answers: Sequence[Answer], levels: Sequence[str]) -> None:
    """The law: along the list of answers nothing falls, so that a greater need never lowers the level."""
    top = len(levels) - 1
    for n, (less, more) in enumerate(pairwise(answers), start=1):
        where = f"{code}.answers[{n}]"
        if more.points < less.points:
            raise Refused(
                f"{where}.points",
                f"are {more.points}, fewer than the {less.points} of {less.code} before it; answers stand from"
                " the least need to the greatest, and a greater need never lowers the level",
            )
        for name, beyond in (("at_least", 0), ("at_most", top)):
            was, now = (
                levels.index(level) if (level := getattr(one, name)) else beyond for one in (less, more)
            )
            if now < was:
                raise Refused(
                    f"{where}.{name}",
                    f"is {levels[now]}, below the {levels[was]} of {less.code} before it; a greater need"
                    " never lowers the level",
                )


def _needs(given: object, where: str) -> dict[str, Any]:
    row = entries(given, where, set(), NEEDS)
    if "channel" in row and row["channel"] not in CHANNELS:
        raise Refused(f"{where}.channel", f"must be one of {', '.join(CHANNELS)}")
    if "tam" in row and row["tam"] is not True:
        raise Refused(f"{where}.tam", "must be true, or be left out")
    if "contacts" in row:
        _whole(row["contacts"], f"{where}.contacts", 1, 100_000)
    if "uptime" in row and not _percent(row["uptime"]):
        raise Refused(f"{where}.uptime", 'must be a text such as "99.9"')
    return dict(row)


def _percent(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(re.fullmatch(r"\d{1,3}(\.\d{1,4})?", value, re.ASCII))
        and 0 < float(value) <= 100
    )


# ---- combinations and packages


def _combinations(
    given: object, levels: Sequence[str], questions: Sequence[Question]
) -> tuple[Combination, ...]:
    found = []
    for n, one in enumerate(_list(given, "combinations", 0, MOST_COMBINATIONS)):
        where = f"combinations[{n}]"
        row = entries(one, where, {"from", "at_least", "because"}, {"in"})
        frm = _from(row["from"], f"{where}.from", questions)
        if not frm:
            raise Refused(f"{where}.from", "names no answer; put the least level with an answer instead")
        level = _level(row["at_least"], f"{where}.at_least", levels)
        texts = _texts(row.get("in", {}), f"{where}.in", {"because": 200})
        found.append(Combination(frm, level, _text(row["because"], f"{where}.because", 200), texts))
    return tuple(found)


def _packages(given: object, levels: Sequence[str], questions: Sequence[Question]) -> tuple[Choice, ...]:
    found: list[Choice] = []
    settled: set[str] = set()
    for n, one in enumerate(_list(given, "packages", 1, 60)):
        where = f"packages[{n}]"
        row = entries(one, where, {"package", "level"}, {"from"})
        level = _level(row["level"], f"{where}.level", levels)
        if level in settled:
            raise Refused(where, f"is never reached: a package of {level} before it is taken in every case")
        choice = Choice(
            _code(row["package"], f"{where}.package"),
            level,
            _from(row.get("from", {}), f"{where}.from", questions),
        )
        found.append(choice)
        settled |= set() if choice.frm else {level}
    for level in levels:
        if level not in settled:
            raise Refused(
                "packages", f"have none for {level} that is taken in every case; every path must end"
            )
    return tuple(found)


def _from(given: object, where: str, questions: Sequence[Question]) -> tuple[tuple[int, int], ...]:
    """Conditions as places: {"criticality": "vital"} holds for that answer and those after it."""
    if not isinstance(given, dict):
        raise Refused(where, "must name answers by question")
    found = []
    for code, answer in given.items():
        n = next((n for n, one in enumerate(questions) if one.code == code), None)
        if n is None:
            raise Refused(path(where, str(code)), "is none of the questions")
        try:
            found.append((n, questions[n].place(answer)))
        except (KeyError, TypeError):
            known = ", ".join(one.code for one in questions[n].answers)
            raise Refused(path(where, code), f"is {shown(answer)}; its answers are {known}") from None
    return tuple(sorted(found))


# ---- small parts


def _code(value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_-]{1,39}", value):
        raise Refused(where, f"must be 2 to 40 small letters, digits and dashes, not {shown(value)}")
    return value


def _text(value: object, where: str, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not _storable(value):
        raise Refused(where, f"must be a text of 1 to {longest} characters")
    return value


def _texts(given: object, where: str, longest: Mapping[str, int]) -> Texts:
    """Texts in further languages: {"de": {"ask": "..."}}, each as long as the text it stands for may be."""
    if not isinstance(given, dict):
        raise Refused(where, "must name texts by language, such as { de = { ... } }")
    for language, said in given.items():
        if not re.fullmatch(r"[a-z]{2,3}(-[a-z]{2,8})?", str(language)):
            raise Refused(path(where, str(language)), 'is no code of a language such as "de"')
        row = entries(said, f"{where}.{language}", set(), set(longest))
        for name, value in row.items():
            _text(value, f"{where}.{language}.{name}", longest[name])
    return given


def _storable(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


def _list(value: object, where: str, least: int, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(where, "must be a list")
    if not least <= len(value) <= most:
        raise Refused(where, f"has {len(value)} entries; it may have {least} to {most}")
    return value


def _whole(value: object, where: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(where, f"must be a whole number from {least} to {most}, not {shown(value)}")
    return value


def _level(value: object, where: str, levels: Iterable[str]) -> str:
    if value not in (known := tuple(levels)):
        raise Refused(where, f"is {shown(value)}; the ladder has {', '.join(known)}")
    return str(value)
