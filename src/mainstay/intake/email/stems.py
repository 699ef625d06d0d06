"""PURE: patterns that are looked for only in texts that hold one of their stems.

A pattern of many words tries each of them at each place of a text; whether a word stands anywhere is known a
hundred times sooner, and most texts hold none. The tests hold the stems against their patterns.
"""

import re
from typing import Final, NamedTuple

_ODD_SMALL: Final = re.compile("[\u017f\u0130\u0131]")  # letters that only patterns take for s and i


class Sought(NamedTuple):
    """A pattern, and words of which every match holds one: in small letters where it ignores case. No words: look
    for it always."""

    pattern: re.Pattern[str]
    stems: tuple[str, ...] = ()


def sought(pattern: re.Pattern[str], stems: str) -> Sought:
    """`stems` are parted by `|`."""
    return Sought(pattern, tuple(stems.split("|")))


class Text:
    """A text that is about to be searched for many patterns."""

    def __init__(self, text: str) -> None:
        self._text, self._small = text, text.lower()
        self._odd = not text.isascii() and _ODD_SMALL.search(text) is not None

    def may_hold(self, one: Sought) -> bool:
        """Whether the pattern may match anywhere in it."""
        if self._odd or not one.stems:
            return True
        text = self._small if one.pattern.flags & re.IGNORECASE else self._text
        return any(map(text.__contains__, one.stems))
