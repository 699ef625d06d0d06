"""The words of letters to customers: texts with named places, in the language of the reader.

A text is paragraphs. The first is the headline; `{words}`, `{facts}` and `{buttons}` stand for blocks of the letter;
what follows `--` is the foot. A paragraph that names something that is not there is left out, so a text needs no
conditions, and there is no language in it that could be made to run: what is put in is never looked at again
(ATTACKS 40). Words are shipped in `shipped/`, and a vendor's own take their place (see `edited`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language

LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
"""What letters are written in; who wants another has the first."""


class Block(StrEnum):
    """A part of a letter that is made of facts, not of words that somebody chose beforehand."""

    WORDS = "words"
    FACTS = "facts"
    BUTTONS = "buttons"


Tokens = tuple[str, ...]  # words and names of places in turn; the first are words
_PLACE = re.compile(r"\{([a-z_]+)\}")
_FOOT = "--"


@dataclass(frozen=True)
class Wording:
    """A text, taken apart once."""

    headline: Tokens
    parts: tuple[Tokens | Block, ...]
    foot: tuple[Tokens, ...]

    @property
    def places(self) -> set[str]:
        """The names of everything that is filled in, blocks aside."""
        tokens = [self.headline, *(one for one in self.parts if not isinstance(one, Block)), *self.foot]
        return {name for one in tokens for name in one[1::2]}


@lru_cache(maxsize=512)
def compiled(text: str) -> Wording:
    """A text taken apart. Blocks that it does not place stand at its end. Never fails."""
    paragraphs = [one for one in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")) if one.strip()]
    at = next((place for place, one in enumerate(paragraphs) if one.strip() == _FOOT), len(paragraphs))
    above, beneath = paragraphs[:at], paragraphs[at + 1 :]
    blocks: dict[str, Block] = {f"{{{one}}}": one for one in Block}
    parts: list[Tokens | Block] = [
        blocks.get(one.strip()) or tuple(_PLACE.split(one.strip())) for one in above[1:]
    ]
    parts += [one for one in Block if one not in parts]
    headline = tuple(_PLACE.split(" ".join(above[0].split()) if above else ""))
    return Wording(headline, tuple(parts), tuple(tuple(_PLACE.split(one.strip())) for one in beneath))


def filled(tokens: Tokens, value: Callable[[str], str]) -> str | None:
    """A paragraph with its places filled in; None when something that it names is not there."""
    if len(tokens) == 1:
        return tokens[0]
    said = list(tokens)
    for place in range(1, len(said), 2):
        said[place] = value(said[place])
        if not said[place]:
            return None
    return "".join(said)


# ---- what is shipped


def language() -> str:
    """The language that is being written in."""
    wanted = (get_language() or "en").partition("-")[0]
    return wanted if wanted in LANGUAGES else "en"


def shipped(letter: str, language: str) -> str:
    """The shipped words of a letter. Raises `KeyError` for a name that is no letter's."""
    file = _file(language)
    text: str = file["letters"].get(letter) or file["house"][letter]
    return text


def letters() -> list[str]:
    """The names of the letters about a request, in the order of its life."""
    return list(_file("en")["letters"])


def house() -> list[str]:
    """The names of the letters that are about no request."""
    return list(_file("en")["house"])


FORMATS: Final = ("day", "day_year")
"""Phrases that are no words but forms of dates."""


def phrases() -> list[str]:
    """The names of the labels and sentences that letters share, and that a vendor may word."""
    return [one for one in _file("en")["phrases"] if one not in FORMATS]


def phrase(name: str, language: str) -> str:
    """The shipped words of a label or sentence that letters share."""
    text: str = _file(language)["phrases"][name]
    return text


def put(text: str, values: Mapping[str, object]) -> str:
    """A phrase with its places filled in. Values are put in as they are."""
    return _PLACE.sub(lambda place: str(values.get(place[1], "")), text) if values else text


def places_in(text: str) -> set[str]:
    """What a phrase names."""
    return set(_PLACE.findall(text))


def known(phrase: str) -> bool:
    """Whether there is such a phrase in the language that is being written in."""
    return phrase in _file(language())["phrases"]


def sample(place: str, language: str) -> str:
    """What is shown for a place where there is no request to tell of."""
    said: str = _file(language)["samples"].get(place, "")
    return said


@cache
def _file(language: str) -> dict[str, Any]:
    with (Path(__file__).parent / "shipped" / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)
