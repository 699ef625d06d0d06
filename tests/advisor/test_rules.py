"""What the rules recommend, that a greater need never lowers it, and that no document that would is let in."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mainstay.advisor
from mainstay.advisor import link, recommend, survey, text
from mainstay.advisor import rules as reading
from mainstay.advisor.recommend import result
from mainstay.advisor.rules import Rules
from mainstay.errors import Refused

from .random_rules import documents

SHIPPED = text.read((Path(mainstay.advisor.__file__).parent / "shipped.toml").read_text())
RULES = reading.read(SHIPPED)
QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])

ANSWERS = st.tuples(*(st.integers(0, len(one.answers) - 1) for one in RULES.questions))


def places(**answers: str) -> tuple[int, ...]:
    """Answers by their codes; the least for the rest."""
    return tuple(one.place(answers[one.code]) if one.code in answers else 0 for one in RULES.questions)


def level(**answers: str) -> str:
    return result(RULES, places(**answers)).level


SCHOOL = {
    "criticality": "slower",
    "outage": "next_day",
    "loss": "hours",
    "environments": "few",
    "users": "thousand",
}
RAIL = {
    "criticality": "process", "outage": "half_day", "off_hours": "saturdays", "users": "thousand", "tam": "good",
}  # fmt: skip
HOSPITAL = {"criticality": "vital", "outage": "minutes", "off_hours": "nights", "duty": "regulator"}


# ---- the shipped rules


def test_about_a_dozen_questions_each_say_why_they_are_asked() -> None:
    assert 10 <= len(RULES.questions) <= 14
    assert all(len(one.why) > 20 and one.ask.endswith("?") for one in RULES.questions)


def test_each_of_the_shipped_levels_is_somebodys_right_fit() -> None:
    assert [level(), level(**SCHOOL), level(**RAIL), level(**HOSPITAL)] == list(RULES.levels)
    assert min(survey.shares(RULES).values()) > 0


@given(ANSWERS)
@settings(max_examples=500)
def test_every_path_ends_in_a_level_and_a_package_of_it(at: tuple[int, ...]) -> None:
    found = result(RULES, at)
    assert (found.package, found.level) in {(one.package, one.level) for one in RULES.packages}


@given(ANSWERS)
@settings(max_examples=500)
def test_raising_criticality_or_any_other_need_never_lowers_the_level(at: tuple[int, ...]) -> None:
    assert survey.falls(RULES, at) is None


def test_with_all_else_at_both_ends_every_pair_of_shipped_answers_rises() -> None:
    """Exhaustive over every pair of questions, the others at their least and at their greatest."""
    ends = (tuple(0 for _ in RULES.questions), tuple(len(one.answers) - 1 for one in RULES.questions))
    for end in ends:
        for i, first in enumerate(RULES.questions):
            for j, second in enumerate(RULES.questions[:i]):
                for a in range(len(first.answers)):
                    for b in range(len(second.answers)):
                        at = tuple(a if n == i else b if n == j else place for n, place in enumerate(end))
                        assert survey.falls(RULES, at) is None


def test_what_a_vital_system_at_night_needs_is_not_outweighed_by_small_numbers() -> None:
    assert level(criticality="vital", off_hours="nights") == "critical"
    assert level(criticality="vital") == "high"


def test_a_trial_is_not_sold_more_than_it_needs_but_for_what_it_must_have() -> None:
    assert (
        level(environments="trial", users="more", complexity="spread", outage="half_day", loss="none")
        == "standard"
    )
    assert level(environments="trial", phone="must") == "high"


# ---- documents of others


@given(documents())
@QUICK
def test_no_document_that_is_let_in_ever_lowers_the_level(document: dict[str, Any]) -> None:
    """Every way to answer each of these documents, not a sample."""
    rules = reading.read(document)
    counted = dict.fromkeys(rules.levels, 0)
    for at in survey.every(rules):
        counted[result(rules, at).level] += 1
        assert survey.falls(rules, at) is None
    assert counted == survey.shares(rules)  # counting by states is counting
    assert sum(counted.values()) == survey.ways(rules)


@given(documents(), st.data())
@QUICK
def test_a_document_whose_answers_fall_is_refused_at_that_answer(document: dict[str, Any], data: Any) -> None:
    question = data.draw(st.sampled_from(document["questions"]))
    n = data.draw(st.integers(1, len(question["answers"]) - 1))
    broken, answers = copy.deepcopy(document), question["answers"]
    at = next(one for one in broken["questions"] if one["code"] == question["code"])["answers"]
    how = data.draw(st.sampled_from(["points", "at_least", "at_most"]))
    if how == "points":
        at[n - 1]["points"] = answers[n]["points"] + 1
    elif how == "at_least" and len(document["levels"]) > 1:
        at[n - 1]["at_least"], at[n]["at_least"] = document["levels"][-1], document["levels"][0]
    elif how == "at_most" and len(document["levels"]) > 1:
        at[n - 1].pop("at_most", None)
        at[n]["at_most"] = document["levels"][0]
    else:
        return
    with pytest.raises(Refused) as refused:
        reading.read(broken)
    assert refused.value.field.startswith(f"{question['code']}.answers[")
    assert re.search("never lowers the level", refused.value.message)


def lawless(rules: Rules, at: tuple[int, ...]) -> bool:
    return survey.falls(rules, at) is not None


def test_without_the_law_the_level_would_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search finds what the check refuses: neither is idle."""
    broken = copy.deepcopy(SHIPPED)
    broken["questions"][0]["answers"][3] |= {"points": 0}
    del broken["questions"][0]["answers"][3]["at_least"]
    with pytest.raises(Refused, match="fewer than the 12 of process"):
        reading.read(broken)
    monkeypatch.setattr(reading, "_rises", lambda *_: None)
    assert lawless(reading.read(broken), places(criticality="process"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(format=2), "format: is 2"),
        (lambda d: d.update(colour="red"), "colour: is not known"),
        (lambda d: d["bands"][0].update({"from": 1}), "bands[0].from: must be 0"),
        (lambda d: d["bands"][2].update({"from": 9}), "bands[2].from: must be above 9"),
        (lambda d: d["bands"][2].update(level="included"), "bands[2].level: must be above standard"),
        (lambda d: d["bands"][1].update(level="gold"), 'bands[1].level: is "gold"'),
        (lambda d: d["levels"].append("high"), "levels: name a level twice"),
        (lambda d: d["packages"].pop(), "packages: have none for critical"),
        (lambda d: d["packages"].insert(1, d["packages"][0]), "packages[1]: is never reached"),
        (lambda d: d["packages"][0].update({"from": {"users": "more"}}), "packages: have none for included"),
        (lambda d: d["combinations"][0].update({"from": {"mood": "bad"}}), "combinations[0].from.mood: is none"),
        (lambda d: d["combinations"][0].update({"from": {"phone": "maybe"}}), "from.phone: is \"maybe\"; its"),
        (lambda d: d["combinations"][0].update({"from": {}}), "combinations[0].from: names no answer"),
        (lambda d: d["questions"][1].update(code="criticality"), "questions[1].code: criticality is there twice"),
        (lambda d: d["questions"][1].update(code="rules"), "questions[1].code: rules is a word"),
        (lambda d: d["questions"][1].update(why=" "), "outage.why: must be a text"),
        (lambda d: d["questions"][1].pop("why"), "questions[1].why: is missing"),
        (lambda d: d["questions"][1]["answers"].clear(), "outage.answers: has 0 entries"),
        (lambda d: d["questions"][1]["answers"][0].update(points=-1), "outage.answers[0].points: must be a whole"),
        (lambda d: d["questions"][1]["answers"][0].update(points=True), "outage.answers[0].points: must be a whole"),
        (lambda d: d["questions"][1]["answers"][0].update(words="\ud800"), "outage.answers[0].words: must be a text"),
        (lambda d: d["questions"][1]["answers"][0].update(needs={"tam": False}), "needs.tam: must be true"),
        (lambda d: d["questions"][1]["answers"][0].update(needs={"uptime": "much"}), "needs.uptime: must be"),
        (lambda d: d["questions"][1]["answers"][0].update(needs={"channel": "fax"}), "needs.channel: must be one"),
        (lambda d: d.update(questions=[]), "questions: has 0 entries"),
    ],
)  # fmt: skip
def test_a_wrong_document_is_refused_with_the_place_and_the_reason(change: Any, words: str) -> None:
    document = copy.deepcopy(SHIPPED)
    change(document)
    with pytest.raises(Refused) as refused:
        reading.read(document)
    assert words in f"{refused.value.field}: {refused.value.message}"


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, {"format": 1}])
def test_what_is_no_document_is_refused(odd: Any) -> None:
    with pytest.raises(Refused):
        reading.read(odd)


# ---- the file, the link


@given(documents())
@QUICK
def test_a_document_written_as_a_file_and_read_again_is_the_same(document: dict[str, Any]) -> None:
    assert text.read(text.write(document)) == document


def test_words_of_any_kind_survive_the_file() -> None:
    document = copy.deepcopy(SHIPPED)
    document["questions"][0]["ask"] = 'Was "das"? \\ \t\x7f\x01 # ü [x] = """'
    assert text.read(text.write(document)) == document
    assert text.read(text.write(document).replace("\n", "\r\n")) == document


@given(ANSWERS)
def test_a_link_brings_back_the_answers(at: tuple[int, ...]) -> None:
    known = {one.code: place for one, place in zip(RULES.questions, at, strict=True)}
    token = link.token(12, RULES, known)
    assert link.version_of(token) == 12
    assert link.places(token, RULES) == known
    half = dict(list(known.items())[::2])
    assert link.places(link.token(12, RULES, half), RULES) == half


@pytest.mark.parametrize(
    "odd",
    ["", "1", "1-", "0-0000000000000", "1-9999999999999", "1-00", "x-0", "1-²²", "1-" + "0" * 40, "-1-0"],
)
def test_what_is_no_link_of_these_rules_says_nothing(odd: str) -> None:
    assert link.places(odd, RULES) is None


def test_answers_are_carried_to_other_rules_by_their_codes() -> None:
    later = copy.deepcopy(SHIPPED)
    later["questions"].reverse()
    later["questions"][-1]["answers"].pop(0)  # criticality no longer has "nothing"
    del later["questions"][0]  # the TAM is no longer asked for
    rules = reading.read(later)
    known = {"criticality": 3, "outage": 4, "tam": 2}
    assert link.carried(known, RULES, rules) == {"criticality": 2, "outage": 4}
    assert link.carried({"criticality": 0}, RULES, rules) == {}


# ---- why


@given(ANSWERS)
@settings(max_examples=300)
def test_what_is_said_of_an_answer_is_true(at: tuple[int, ...]) -> None:
    """Each claim is asked again: that answer changed, the others kept."""
    found = recommend.recommend(RULES, at)
    rank = RULES.rank(found.result.level)
    for n, effect in enumerate(found.effects):
        others = [result(RULES, (*at[:n], p, *at[n + 1 :])) for p in range(len(effect.question.answers))]
        ranks = [RULES.rank(one.level) for one in others]
        if effect.pull == "here":
            assert {(one.level, one.package) for one in others} == {
                (found.result.level, found.result.package)
            }
            continue
        assert effect.other is not None
        assert effect.instead == others[effect.question.place(effect.other.code)]
        if effect.pull == "up":
            assert RULES.rank(effect.instead.level) < rank
            assert rank - min(ranks) == effect.levels
        else:
            assert (RULES.rank(effect.instead.level) > rank, min(ranks)) == (True, rank)
            assert max(ranks) - rank == effect.levels


@given(ANSWERS)
@settings(max_examples=300)
def test_what_decided_it_did_decide_it(at: tuple[int, ...]) -> None:
    """The answers named would change the result: each alone, or all of them together and no fewer."""
    found = recommend.recommend(RULES, at)
    decided, rank = found.decided, RULES.rank(found.result.level)
    assert len(decided.effects) <= 3
    if not decided.together:
        assert all(one.pull != "here" for one in decided.effects)
        return
    assert rank > 0
    assert all(one.pull != "up" for one in found.effects)  # none alone
    named = [
        n for n, one in enumerate(RULES.questions) if one.code in {e.question.code for e in decided.effects}
    ]
    if decided.more == 0:
        without = tuple(0 if n in named else place for n, place in enumerate(at))
        assert RULES.rank(result(RULES, without).level) < rank
        for n in named:
            kept = tuple(at[n] if m == n else place for m, place in enumerate(without))
            assert RULES.rank(result(RULES, kept).level) == rank


def test_two_answers_that_are_each_enough_are_named_together() -> None:
    found = recommend.recommend(RULES, places(phone="must", tam="must"))
    assert found.result.level == "high"
    assert found.decided.together
    assert {one.question.code for one in found.decided.effects} == {"phone", "tam"}
    assert found.decided.instead is not None
    assert found.decided.instead.level == "included"


def test_one_answer_that_decides_is_named_with_what_else_it_would_be() -> None:
    found = recommend.recommend(RULES, places(**SCHOOL, phone="must"))
    first = found.decided.effects[0]
    assert (first.question.code, first.pull, first.levels) == ("phone", "up", 1)
    assert first.other is not None
    assert first.instead is not None
    assert (first.other.code, first.instead.level) == ("good", "standard")
    assert [one.code for one in found.held_up if isinstance(one, reading.Answer)] == ["must"]


def test_one_level_down_and_up_stand_beside_the_result() -> None:
    found = recommend.recommend(RULES, places(**RAIL))
    assert found.lower is not None
    assert found.higher is not None
    assert (found.lower.level, found.higher.level) == ("standard", "critical")
    assert recommend.recommend(RULES, places()).lower is None
    assert recommend.recommend(RULES, places(**HOSPITAL)).higher is None


@given(ANSWERS, st.sets(st.sampled_from([one.code for one in RULES.questions])))
@settings(max_examples=200)
def test_while_questions_are_open_the_bounds_hold_whatever_is_answered(
    at: tuple[int, ...], known: set[str]
) -> None:
    so_far = {one.code: p for one, p in zip(RULES.questions, at, strict=True) if one.code in known}
    low, high = recommend.bounds(RULES, so_far)
    assert RULES.rank(low.level) <= RULES.rank(result(RULES, at).level) <= RULES.rank(high.level)
