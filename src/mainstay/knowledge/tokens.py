"""PURE: words as search counts them: without case, accents and punctuation; Chinese and Japanese by pairs of signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 60
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_NUMBERED = re.compile(r"v?\d+(?:\.\d+)+")
_SIGNS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_ACCENTS = re.compile("[\u0300-\u036f]")

CONFIGS: Final = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip


def config(language: str) -> str:
    """PostgreSQL's stemming for a language ("pt-br": portuguese); "simple" where it has none."""
    return CONFIGS.get(language.lower().replace("_", "-").partition("-")[0], "simple")


def folded(text: str) -> str:
    """Small letters without accents: "Straße, Zürich" is "strasse, zurich"; other scripts stay as they are."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def tokens(text: str, most: int = 20_000) -> list[str]:
    """The words in their order. "sign-in" is sign, in and signin; "6.4.2" stays whole."""
    found: list[str] = []
    for match in _WORD.finditer(folded(text[: most * 20])):
        found += _parts(match[0])
        if len(found) >= most:
            break
    return found[:most]


def _parts(word: str) -> list[str]:
    if word.isascii() and word.isalnum():
        return [word[:LONGEST]]
    if _NUMBERED.fullmatch(word):
        return [word.removeprefix("v")[:LONGEST]]
    parts = [part for part in re.split(r"[.'’-]", word) if part]
    whole = ["".join(parts)] if 1 < len(parts) <= 4 else []
    return [token for part in (*parts, *whole) for token in _signs(part[:LONGEST])]


def _signs(word: str) -> list[str]:
    """Scripts that put no space between words are looked up by pairs of signs."""
    if not _SIGNS.search(word):
        return [word]
    found: list[str] = []
    for piece in re.findall(rf"{_SIGNS.pattern}|[^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+", word):
        pairs = [piece[n : n + 2] for n in range(len(piece) - 1)] if _SIGNS.match(piece) else []
        found += pairs or [piece]
    return found


def phrases(words: Iterable[str], most: int = 3) -> list[str]:
    """Each run of one to `most` neighbouring words, as synonyms are written: "id card"."""
    listed = list(words)
    runs = (
        " ".join(listed[start : start + n])
        for n in range(1, most + 1)
        for start in range(len(listed) - n + 1)
    )
    return list(dict.fromkeys(runs))
