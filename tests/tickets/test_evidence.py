"""What speaks for an exclusion is marked with its reason, and decides nothing (X1)."""

from typing import Any

import pytest

from mainstay.catalogue import shipped
from mainstay.tickets.evidence import Piece, suggest

SIX = shipped.DESK["exclusions"]
ENDED = "release 6.4 left maintenance on 2026-06-30 (X1)"


def codes(text: str, **more: Any) -> list[str]:
    return [one.code for one in suggest(SIX, [Piece("the message", text)], **more)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The third-party reader does not answer", "third_party"),
        ("Our FIREWALLS drop it", "third_party"),
        ("Please put our logo on the mail templates", "cosmetic"),
        ("The custom   connectors we built fail", "bespoke"),
        ("We are over the licence limit now", "licence"),
        ("Sign-in by Microsoft Entra fails", "entra"),
        ("Azure\nActive Directory says no", "entra"),
    ],
)
def test_words_of_each_exclusion_are_found(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_each_of_the_six_has_evidence() -> None:
    assert len(SIX) == 6
    assert all(one["evidence"] for one in SIX)


@pytest.mark.parametrize(
    "text", ["Badges are central entrances", "No analogous case", "It does not start", ""]
)
def test_parts_of_other_words_are_none(text: str) -> None:
    assert codes(text) == []


def test_a_release_outside_its_lifecycle_is_said_with_its_day() -> None:
    (found,) = suggest(SIX, [Piece("the message", "It fails.")], ended=ENDED)
    assert (found.code, found.because, found.marks) == ("lifecycle", (ENDED,), ())


def test_the_words_are_marked_with_what_stands_around_them_on_one_line() -> None:
    text = "x" * 100 + "\nwe use Entra\nfor all of our sites " + "y" * 100
    (found,) = suggest(SIX, [Piece("steps", text)])
    (mark,) = found.marks
    assert (mark.where, mark.word) == ("steps", "Entra")
    assert mark.before.startswith("…")
    assert mark.before.endswith(" we use ")
    assert mark.after.startswith(" for all of our sites")
    assert mark.after.endswith("…")
    assert found.because == ("it says “Entra” in steps",)


def test_products_narrow_the_words_and_speak_alone_where_there_are_none() -> None:
    both = [{"code": "a", "title": "A", "evidence": {"words": ["sync"], "products": ["beacon"]}}]
    alone = [{"code": "a", "title": "A", "evidence": {"products": ["beacon"]}}]
    said = [Piece("the message", "sync stops")]
    assert [bool(suggest(both, said, product=one)) for one in ("beacon", "atlas", "")] == [True, False, True]
    assert [bool(suggest(alone, said, product=one)) for one in ("beacon", "atlas", "")] == [
        True,
        False,
        False,
    ]


def test_odd_words_and_huge_texts_are_only_text() -> None:
    odd = [{"code": "a", "title": "A", "evidence": {"words": ["(", "*", "a.b", "[x"]}}]
    assert suggest(odd, [Piece("m", "aXb ( [x")])[0].marks[0].word == "("
    assert codes("x" * 1_000_000) == []
