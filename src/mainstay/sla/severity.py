"""Severity (row V1): three ranks shipped as data, and the guide that suggests one from answers about the effect.

A suggestion is never a decision: triage decides, with a reason. The answers are kept with the ticket so that the
suggestion can be made again. Unanswered questions are allowed; what they leave open is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mainstay.errors import Refused

from .fields import marked, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Severity(NamedTuple):
    """One rank of a desk. `rank` 1 is the gravest; the words are the desk's own and may be edited."""

    rank: int
    name: str
    definition: str
    urgency: str


SHIPPED = (
    Severity(
        1,
        marked("Severity 1"),
        marked(
            "The availability or function of a production system, or critical business operations, are disrupted."
        ),
        "at once",
    ),
    Severity(
        2,
        marked("Severity 2"),
        marked("Usability or experience is affected, without significant disruption."),
        "moderate",
    ),
    Severity(3, marked("Severity 3"), marked("Enquiries, cosmetic and minor issues."), "low"),
)


class Question(NamedTuple):
    """One question of the guide: its name in the answers, its words, and the answers that it may have."""

    name: str
    words: str
    choices: tuple[tuple[str, str], ...]  # (value, words); none for free text


_YES_NO = (("yes", marked("Yes")), ("no", marked("No")))
GUIDE = (
    Question("production", marked("Is it a production system?"), _YES_NO),
    Question(
        "available",
        marked("Can the system be used?"),
        (("yes", marked("Yes")), ("partly", marked("In part")), ("no", marked("Not at all"))),
    ),
    Question("process_stopped", marked("Has a business process stopped because of it?"), _YES_NO),
    Question(
        "affected",
        marked("How many people are affected?"),
        (
            ("nobody", marked("Nobody yet")),
            ("one", marked("One")),
            ("some", marked("Some")),
            ("most", marked("Most or all")),
        ),
    ),
    Question("workaround", marked("Is there a way around it?"), _YES_NO),
    Question("since", marked("Since when?"), ()),
)
_CHOICES = {question.name: tuple(value for value, _ in question.choices) for question in GUIDE}


class Suggestion(NamedTuple):
    """A suggested rank, the sentences that led to it, and the questions whose answers might change it."""

    severity: int
    because: tuple[str, ...]
    unanswered: tuple[str, ...]


def check_answers(answers: Mapping[str, object]) -> dict[str, str]:
    """The answers given, without the empty ones. Refused names the question that has another answer."""
    given: dict[str, str] = {}
    for name, answer in answers.items():
        if name not in _CHOICES:
            raise Refused(str(name)[:60], f"is not a question of the guide; it asks {', '.join(_CHOICES)}")
        if answer is None or answer == "":
            continue
        given[name] = _answer(name, answer)
    return given


def _answer(name: str, answer: object) -> str:
    allowed = _CHOICES[name]
    if isinstance(answer, bool) and "yes" in allowed:
        answer = "yes" if answer else "no"
    if not isinstance(answer, str):
        raise Refused(name, f"must be a text, not {shown(answer)}")
    if allowed and answer not in allowed:
        raise Refused(name, f"must be one of {', '.join(allowed)}, not {shown(answer)}")
    if len(answer) > 200:
        raise Refused(name, "must be at most 200 characters")
    return answer


def assess(answers: Mapping[str, object], severities: Sequence[Severity] = SHIPPED) -> Suggestion:
    """Suggest a severity from the answers by the definitions of the desk, gravest first, and say why.

    The first severity is for disruption, the last for enquiries and minor issues, the second for what lies
    between; a desk with two has no between. Raises Refused for an answer that the guide does not know.
    """
    given = check_answers(answers)
    ranked = sorted(severities, key=lambda severity: severity.rank)
    if not ranked:
        raise Refused("severities", "a desk needs at least one severity")
    disrupted, affected = _disruption(given), _effect(given)
    if disrupted:
        chosen, because = ranked[0], disrupted
    elif affected:
        chosen, because = ranked[min(1, len(ranked) - 1)], affected
    else:
        chosen, because = (
            ranked[-1],
            [marked("Nothing that was answered says that use or business is affected")],
        )
    if "since" in given:
        because = [*because, f"Since: {given['since']}"]
    open_questions = tuple(name for name in _CHOICES if name not in given and name != "since")
    return Suggestion(chosen.rank, (*because, f"{chosen.name}: {chosen.definition}"), open_questions)


def _disruption(given: dict[str, str]) -> list[str]:
    """Why this disrupts a production system or critical business; empty when it does not."""
    production = given.get("production") != "no"
    around = given.get("workaround") == "yes"
    because = []
    if given.get("available") == "no" and given.get("production") == "yes":
        because.append(marked("A production system cannot be used"))
    if given.get("process_stopped") == "yes" and not around:
        because.append(marked("A business process has stopped and there is no known way around it"))
    if given.get("available") == "partly" and production and given.get("affected") == "most" and not around:
        because.append(marked("A part of the system fails for most people, with no known way around it"))
    return because


def _effect(given: dict[str, str]) -> list[str]:
    """Why use or experience is affected; empty when nothing says so."""
    because = []
    if given.get("available") == "no":
        test_only = marked("A system cannot be used, but it is not in production")
        because.append(test_only if given.get("production") == "no" else marked("A system cannot be used"))
    if given.get("available") == "partly":
        because.append(marked("The system can be used in part only"))
    if given.get("process_stopped") == "yes":
        because.append(marked("A business process stopped, but there is a way around it"))
    if given.get("affected") in ("some", "most"):
        because.append(marked("Several people are affected"))
    return because
