"""`@name` in a note: who of us is meant. What means nobody, or several, stays text.

A person goes by their first name, by all their names joined by dots, or by the part of their address before the @;
case and accents do not matter. Quoted lines call nobody again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.accounts.models import User

NAMED = re.compile(r"(?<![\w.@/+-])@(\w[\w.'’-]*)")
MOST = 20  # of one note


@dataclass(frozen=True)
class Unclear:
    """A name that means nobody, or several of us by the names that would mean each."""

    name: str
    several: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mentions:
    """Who is meant, once each and in order, and what could not be told."""

    people: tuple[User, ...] = ()
    unclear: tuple[Unclear, ...] = ()


def read(text: str) -> Mentions:
    """The mentions of a note. One statement, and none where there is no @."""
    names = named(text)
    if not names:
        return Mentions()
    known = staff()
    people: dict[int, User] = {}
    unclear: list[Unclear] = []
    for name in names:
        meant = [one for one in known if plain(name) in goes_by(one)]
        if len(meant) == 1:
            people[meant[0].pk] = meant[0]
        else:
            unclear.append(Unclear(name, tuple(handle(one, known) for one in meant)))
    return Mentions(tuple(people.values()), tuple(unclear))


def named(text: str) -> list[str]:
    """The names after an @, once each, but for quoted lines and addresses."""
    said = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    found = (name.rstrip(".'’-") for name in NAMED.findall(said))
    return list(dict.fromkeys(name for name in found if name))[:MOST]


def staff() -> list[User]:
    """Who can be called: everybody of the desk who may act."""
    found = User.objects.filter(is_active=True).exclude(roles=[]).order_by("name", "pk")
    return [one for one in found if one.may_act]


def goes_by(user: User) -> set[str]:
    """Every name that may stand for somebody, plain."""
    words = plain(user.name).split()
    return {one for one in (*words[:1], ".".join(words), plain(user.email.partition("@")[0])) if one}


def handle(user: User, known: Sequence[User]) -> str:
    """The shortest name that means this person alone."""
    words = plain(user.name).split()
    wanted = [*words[:1], ".".join(words), plain(user.email.partition("@")[0])]
    alone = (one for one in wanted if one and sum(one in goes_by(other) for other in known) == 1)
    return next(alone, wanted[-1])


def plain(name: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))
