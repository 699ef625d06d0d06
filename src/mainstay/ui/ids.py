"""Rows, and places in a log, that an address or a form names by their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ROW: Final = 18  # digits that any id of the database holds
SEQ: Final = 9  # digits that any place in a ticket's log holds


def read(text: str, *, digits: int = ROW) -> int | None:
    """The number that `text` is; None when it is none, or has more digits than a column holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def read_all(texts: Iterable[str]) -> list[int]:
    """Those of `texts` that are numbers of rows, in their order."""
    return [found for text in texts if (found := read(text)) is not None]
