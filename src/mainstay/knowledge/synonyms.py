"""The vendor's own list of words that mean the same: a group on each line, its words between commas."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.knowledge import tokens
from mainstay.knowledge.models import Synonyms

MOST = 500


def as_text() -> str:
    """The list as it is edited."""
    return "\n".join(", ".join(one.words) for one in Synonyms.objects.all())


def replace(text: str, *, by: Actor, at: datetime) -> int:
    """The list as it is from now on; gives how many groups it has. Raises `Refused` naming the line."""
    groups = [_group(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(groups) > MOST:
        raise Refused("synonyms", f"are {len(groups)} groups; at most {MOST} are held")
    with transaction.atomic():
        before = as_text()
        Synonyms.objects.all().delete()
        Synonyms.objects.bulk_create(Synonyms(words=group) for group in groups)
        acts.record(
            "synonyms changed",
            "of articles",
            by=by,
            at=at,
            before={"groups": before},
            after={"groups": as_text()},
        )
    return len(groups)


def _group(number: int, line: str) -> list[str]:
    words = list(dict.fromkeys(_plain(part) for part in line.replace("=", ",").split(",") if part.strip()))
    if len(words) < 2:
        raise Refused("synonyms", f"line {number} needs two words or more, between commas: login, sign in")
    if len(words) > 20 or any(len(word) > 100 or not word for word in words):
        raise Refused("synonyms", f"line {number} may hold 20 words, each of at most 100 characters")
    if long := next((word for word in words if len(word.split()) > 3), None):
        raise Refused("synonyms", f"line {number}: {long!r} has more than three words")
    return words


def _plain(part: str) -> str:
    """As a question's words are: without case and accents."""
    return " ".join(tokens.tokens(part.replace("-", " ")))
