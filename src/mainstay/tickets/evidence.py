"""PURE: what in a request speaks for an exclusion of X1: words, the product, a release outside its lifecycle.

A suggestion with its reasons and the words marked; it decides nothing. Evidence is data of the desk policy:
`words` are whole words or phrases, a star at the end takes any ending; `products` are codes of products it is about,
and narrow the words where both are given; `releases: "ended"` asks the lifecycle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST = 20_000
AROUND = 60
MOST = 5


@dataclass(frozen=True)
class Piece:
    """A part of what was said, and where: "the subject", "steps to reproduce"."""

    where: str
    text: str


@dataclass(frozen=True)
class Mark:
    """A word found, with what stands before and after it on one line."""

    where: str
    before: str
    word: str
    after: str


@dataclass(frozen=True)
class Found:
    """An exclusion that may apply, why, and the words that say so."""

    code: str
    title: str
    because: tuple[str, ...]
    marks: tuple[Mark, ...] = ()


def suggest(
    exclusions: Iterable[Mapping[str, Any]], pieces: Sequence[Piece], *, product: str = "", ended: str = ""
) -> list[Found]:
    """The exclusions that something speaks for, in the policy's order.

    `product` is the code of the product it is about; `ended` says why its release is outside its lifecycle, or "".
    """
    found = (_found(one, pieces, product, ended) for one in exclusions)
    return [one for one in found if one is not None]


def _found(exclusion: Mapping[str, Any], pieces: Sequence[Piece], product: str, ended: str) -> Found | None:
    evidence = exclusion.get("evidence") or {}
    words, products = tuple(evidence.get("words", ())), evidence.get("products", ())
    other = bool(products) and bool(product) and product not in products
    marks = () if other else tuple(marked(words, pieces))
    because = []
    if marks:
        told = list(dict.fromkeys(f"“{one.word}” in {one.where}" for one in marks))
        because.append(f"it says {', '.join(told)}")
    if products and not words and product in products:
        because.append(f"it is about {product}")
    if evidence.get("releases") == "ended" and ended:
        because.append(ended)
    return Found(str(exclusion["code"]), str(exclusion["title"]), tuple(because), marks) if because else None


def marked(words: Sequence[str], pieces: Sequence[Piece]) -> list[Mark]:
    """Where the words stand, each once in each piece, at most a few."""
    pattern = _pattern(tuple(words))
    marks: list[Mark] = []
    for piece in pieces if pattern is not None else ():
        seen: set[str] = set()
        for hit in pattern.finditer(piece.text[:LONGEST]) if pattern else ():
            if hit[0].casefold() not in seen and len(marks) < MOST:
                seen.add(hit[0].casefold())
                marks.append(_mark(piece, hit.start(), hit.end()))
    return marks


def _mark(piece: Piece, start: int, end: int) -> Mark:
    before, after = piece.text[max(start - AROUND, 0) : start], piece.text[end : end + AROUND]
    cut_before, cut_after = start > AROUND, end + AROUND < len(piece.text)
    return Mark(
        piece.where,
        ("…" if cut_before else "") + _line(before).lstrip(),
        _line(piece.text[start:end]),
        _line(after).rstrip() + ("…" if cut_after else ""),
    )


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Whole words, whatever their case and the space between them; the longest first."""
    spelled = []
    for word in sorted({one.strip() for one in words if one.strip(" *")}, key=len, reverse=True):
        parts = [re.escape(part) for part in word.rstrip("*").split()]
        spelled.append(r"\s+".join(parts) + (r"\w*" if word.endswith("*") else ""))
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)", re.IGNORECASE) if spelled else None
