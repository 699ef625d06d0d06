"""What changed from one version to the next, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from mainstay.knowledge.models import Version


@dataclass(frozen=True)
class Line:
    """A line of the newer version, or one that it lost. `mark`: "+", "-", nothing; "…" where lines were left out."""

    mark: str
    text: str


def before(version: Version) -> Version | None:
    """What was published before it in its language; for a draft what is published now."""
    earlier = version.article.versions.filter(language=version.language, number__lt=version.number)
    return earlier.filter(state__in=["published", "replaced"]).order_by("-number").first()


def differences(old: Version | None, new: Version, around: int = 2) -> list[Line]:
    """The lines that changed with a few around them; title and summary count as the first two."""
    return list(_lines(_text(old) if old else [], _text(new), around))


def _text(version: Version) -> list[str]:
    return [version.title, version.summary, *version.body.split("\n")]


def _lines(old: list[str], new: list[str], around: int) -> Iterator[Line]:
    first = True
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around):
        if not first:
            yield Line("…", "")
        first = False
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (Line("", text) for text in old[a:b])
                continue
            yield from (Line("-", text) for text in old[a:b])
            yield from (Line("+", text) for text in new[c:d])
