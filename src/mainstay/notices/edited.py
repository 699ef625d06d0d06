"""The vendor's own words for letters: a version for each change, the shipped words again at any time."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.catalogue.remembered import know, once, remembering
from mainstay.errors import Refused
from mainstay.notices import models, wording
from mainstay.notices.wording import Block, Wording

LONGEST: Final = 8_000
PHRASES: Final = "phrases"
"""The name under which the labels and sentences that letters share are kept, all of a language together."""
LONGEST_PHRASE: Final = 300
_BLOCKS = {f"{{{one}}}" for one in Block}
COMMON: Final = (
    "number", "subject", "name", "customer", "severity", "severity_name", "agreement", "engineer", "tam",
    "tam_address", "phone", "vendor", "address", "portal",
)  # fmt: skip
"""What every letter about a request may name (see `letters.PLACES`)."""
HOUSE: Final = ("name", "vendor", "address", "portal", "organisation")
"""What every letter about no request may name (see `house.ours`)."""


def wording_of(letter: str, language: str) -> Wording:
    """The words that hold for a letter now."""
    text = _in_force().get((letter, language)) or wording.shipped(letter, language)
    return wording.compiled(text)


def _in_force() -> dict[tuple[str, str], str]:
    """The vendor's own words that hold; asked once for all letters of a transaction."""
    return once("wordings", lambda: {key: one.text for key, one in newest().items() if one.text})


def newest() -> dict[tuple[str, str], models.Wording]:
    """The last version of each letter that was ever changed."""
    rows = models.Wording.objects.order_by("letter", "language", "-version").distinct("letter", "language")
    return {(one.letter, one.language): one for one in rows}


def versions(letter: str, language: str) -> list[models.Wording]:
    """All versions, the newest first."""
    return list(models.Wording.objects.filter(letter=letter, language=language).order_by("-version"))


def places(letter: str) -> list[str]:
    """What the words of a letter may name: what every letter may, and what is its own."""
    own = wording.compiled(wording.shipped(letter, "en")).places
    common = HOUSE if letter in wording.house() else COMMON
    return [*sorted(own - set(common)), *common]


# ---- labels and sentences that letters share


def say(phrase: str, **values: object) -> str:
    """A phrase that letters share, in the language that is being written in: the vendor's own words, else ours."""
    language = wording.language()
    return wording.put(own_phrases(language).get(phrase) or wording.phrase(phrase, language), values)


def own_phrases(language: str) -> Mapping[str, str]:
    """The vendor's own words for phrases, by name; asked once for all letters of a transaction."""

    def ask() -> Mapping[str, str]:
        found: dict[str, str] = json.loads(_in_force().get((PHRASES, language)) or "{}")
        return found

    return once((PHRASES, language), ask)


@contextmanager
def trying(language: str, typed: Mapping[str, str]) -> Iterator[None]:
    """Within it letters are written with these phrases, which hold for nobody else."""
    with remembering():
        know({(PHRASES, language): typed})
        yield


def checked_phrases(language: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Those that differ from the shipped ones. Raises `Refused` naming the phrase: too long, or other places than
    the shipped one has (a promise without its due instant says nothing)."""
    found = {}
    for name in wording.phrases():
        shipped = wording.phrase(name, language)
        said = " ".join(typed.get(name, "").replace("\x00", "").split()) or shipped
        if len(said) > LONGEST_PHRASE:
            raise Refused(shipped, f"is longer than {LONGEST_PHRASE} characters")
        if said != shipped:
            _same_places(shipped, said)
            found[name] = said
    return found


def _same_places(shipped: str, said: str) -> None:
    wanted, named = wording.places_in(shipped), set(re.findall(r"\{([^{}]*)\}", said))
    there = ", ".join(f"{{{one}}}" for one in sorted(wanted)) or "nothing"
    for one in sorted(named - wanted):
        raise Refused(shipped, f"names {{{one[:40]}}}, which it does not know; it knows {there}")
    for one in sorted(wanted - named):
        raise Refused(shipped, f"must name {{{one}}}")


# ---- verbs


def reword_phrases(
    language: str, typed: Mapping[str, str], *, over: int, why: str = "", by: Actor, at: datetime
) -> models.Wording:
    """Other labels and sentences from now on, one version for all of a language; what is empty is as shipped."""
    if language not in wording.LANGUAGES:
        raise Refused("language", "is not known")
    found = checked_phrases(language, typed)
    text = json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""
    return _add(PHRASES, language, text, over=over, why=why, by=by, at=at)


def reword(
    letter: str, language: str, text: str, *, over: int, why: str = "", by: Actor, at: datetime
) -> models.Wording:
    """Other words from now on. `over` is the version that was being looked at (0: as shipped).

    Raises `Refused` naming text: a place that is none, a block that is missing, or somebody else was faster.
    """
    said = checked(letter, text)
    if said == wording.shipped(letter, language).strip():
        said = ""
    return _add(letter, language, said, over=over, why=why, by=by, at=at)


def as_shipped(letter: str, language: str, *, over: int, by: Actor, at: datetime) -> models.Wording:
    """The shipped words from now on; the own ones stay in the history."""
    return _add(letter, language, "", over=over, why="", by=by, at=at)


def checked(letter: str, text: str) -> str:
    """The words as they are kept. Raises `Refused` naming text."""
    said = "\n".join(line.rstrip() for line in text.replace("\x00", "").splitlines()).strip()
    if not said or len(said) > LONGEST:
        raise Refused("text", f"must be 1 to {LONGEST:,} characters")
    first = said.partition("\n\n")[0].strip()
    if first == "--" or first in _BLOCKS:
        raise Refused("text", "must begin with a headline")
    found = wording.compiled(said)
    for block in Block:
        once = sum(line.strip() == f"{{{block}}}" for line in said.split("\n\n")) == 1
        if not once or block in found.places:
            raise Refused("text", f"must have {{{block}}} once, in a paragraph of its own above the foot")
    _may_name(letter, found.places)
    return said


def _may_name(letter: str, named: Collection[str]) -> None:
    may = places(letter)
    for one in sorted(named):
        if one not in may:
            there = ", ".join(f"{{{name}}}" for name in may)
            raise Refused("text", f"names {{{one}}}, which this letter does not know; it knows {there}")


def _add(
    letter: str, language: str, text: str, *, over: int, why: str, by: Actor, at: datetime
) -> models.Wording:
    if language not in wording.LANGUAGES or letter not in (*wording.letters(), *wording.house(), PHRASES):
        raise Refused("letter", "is not known")
    last = models.Wording.objects.filter(letter=letter, language=language).order_by("-version").first()
    number = last.version if last else 0
    if number != over:
        raise Refused("text", f"was changed by {last.by_name if last else 'somebody'} meanwhile; look again")
    try:
        with transaction.atomic():
            made = models.Wording.objects.create(
                letter=letter, language=language, version=over + 1, text=text,
                why=" ".join(why.split())[:300], by_name=by.name[:200], at=at,
            )  # fmt: skip
            what = f"{letter.replace('_', ' ')}, {wording.LANGUAGES[language]}"
            acts.record(
                "letter worded" if text else "letter as shipped again", what, by=by, at=at,
                after={"version": over + 1},
            )  # fmt: skip
    except IntegrityError:
        raise Refused("text", "was changed by somebody meanwhile; look again") from None
    return made
