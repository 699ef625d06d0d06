"""Words beside the marks of the "why" chart: none lies on another, each as near to its mark as there is room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from mainstay.ui.svg import text

LEFT, RIGHT, TOP, BOTTOM = 62.0, 1028.0, 56.0, 282.0
"""The drawing's edges, which no words leave."""
WIDE, BOLD, HIGH, LINE = 6.1, 6.7, 12.0, 13.0
"""A letter's width at most, also in bold; a line's height; how far words move at a time."""
Box = tuple[float, float, float, float]


@dataclass
class Labels:
    """The words that are placed so far. Ask in the order of what matters most: who comes later gives way."""

    taken: list[Box] = field(default_factory=list)

    def reserve(self, left: float, right: float, top: float, bottom: float) -> None:
        """Something else is drawn there."""
        self.taken.append((left, right, top, bottom))

    def put(self, x: float, y: float, said: str, cls: str = "") -> SafeString:
        """Words that begin at x (with the class "end": that end there), on the line y or the nearest that is free.

        Turned to the other side of their mark where they would leave the drawing, or where only there is room.
        """
        width = (BOLD if "b" in cls.split() else WIDE) * len(said)
        ways = [_way(x, cls, width), _other(x, cls, width)]
        for turned, looks in ways:
            for line in _lines(y):
                box = _box(turned, line, width, looks)
                if (
                    box[0] >= LEFT - 1
                    and box[1] <= RIGHT + 1
                    and not any(_meet(box, one) for one in self.taken)
                ):
                    return self._placed(turned, line, said, looks, box)
        turned, looks = ways[0]
        return self._placed(turned, y, said, looks, _box(turned, y, width, looks))

    def _placed(self, x: float, y: float, said: str, cls: str, box: Box) -> SafeString:
        self.taken.append(box)
        return text(said, f"lb {cls}".strip(), x=x, y=y)


def _way(x: float, cls: str, width: float) -> tuple[float, str]:
    """As asked, or on the other side of the mark where it would leave the drawing."""
    ends = "end" in cls.split()
    leaves = x - width < LEFT if ends else x + width > RIGHT
    return _other(x, cls, width) if leaves else (x, cls)


def _other(x: float, cls: str, _width: float) -> tuple[float, str]:
    looks = cls.split()
    if "end" in looks:
        return x + 18, " ".join(one for one in looks if one != "end")
    return x - 16, " ".join([*looks, "end"])


def _lines(y: float) -> Iterator[float]:
    """The line that was asked for, then those around it, the nearest first, inside the drawing."""
    yield y
    for n in range(1, 18):
        for line in (y - n * LINE, y + n * LINE):
            if TOP + HIGH < line < BOTTOM - 2:
                yield line


def _box(x: float, y: float, width: float, cls: str) -> Box:
    left = x - width if "end" in cls.split() else x
    return left, left + width, y - HIGH + 2, y + 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
