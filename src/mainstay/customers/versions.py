"""PURE: versions of a product compared as people count them, and ranges of them.

A version is its numbers from left to right: 7.9 is before 7.10, 7.1 before 7.1.3, a preliminary 7.2-rc1 before 7.2.
A range is written as advisories write it: "6.4", ">= 6.0, < 6.4.9", "all".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mainstay.errors import Refused

_PART = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_TERM = re.compile(r"(<=|>=|<|>|=)?\s*([0-9][\w.+-]{0,39})")
_NAMED = re.compile(
    r"(?<![\w.])v?(\d{1,9}(?:\.\d{1,9}){0,5}(?:[-.]?(?:rc|beta|alpha|sp|u)\d{1,4})?)(?![\w])", re.IGNORECASE
)
_BEFORE = {"alpha", "beta", "rc", "pre", "dev", "preview"}
EARLIEST, END, NUMBER, WORD = 0, 1, 3, 2

_NOUGHT = (NUMBER, 0, "")

Key = tuple[tuple[int, int, str], ...]


def key(version: str) -> Key:
    """What versions are ordered by; those that mean the same (7.1, 7.1.0, v7.1) have the same key."""
    parts = _parts(version)
    first = next((n for n, part in enumerate(parts) if part[0] != NUMBER), len(parts))
    plain, rest = parts[:first], parts[first:]
    while len(plain) > 1 and plain[-1] == _NOUGHT:
        plain.pop()
    return (*plain, *rest, (END, 0, ""))


def _parts(version: str) -> list[tuple[int, int, str]]:
    return [
        (NUMBER, int(part), "") if part.isdecimal() else (EARLIEST if part in _BEFORE else WORD, 0, part)
        for part in _PART.findall(version.strip().lower().removeprefix("v"))
    ]


@dataclass(frozen=True)
class Bound:
    """One side of a range: "< 6.4.9"."""

    sign: str
    version: str

    def holds(self, version: str) -> bool:
        """Whether some version of the series `version` is on this side: a system that runs "7.0" may run 7.0.2."""
        one, other = key(version), key(self.version)
        if self.sign in {"=", ">", ">="} and within(self.version, version) and one != other:
            return True
        if self.sign == "=":
            return within(version, self.version)
        if self.sign == "<=" and within(version, self.version):
            return True
        if self.sign == ">" and within(version, self.version):
            return False
        return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[self.sign]


def within(version: str, series: str) -> bool:
    """Whether `version` belongs to a series: 6.4.2 to 6.4, and 6.4 to itself; 7.1 not to 7.0."""
    mine, its = _parts(version), _parts(series)
    mine += [_NOUGHT] * (len(its) - len(mine))
    return mine[: len(its)] == its


def read_range(line: str, field: str = "affected") -> tuple[Bound, ...]:
    """One range; all its bounds have to hold. "all" has none. Raises `Refused` naming `field`."""
    text = " ".join(line.split())
    if text.lower() in {"all", "*"}:
        return ()
    bounds = []
    for part in text.split(","):
        found = _TERM.fullmatch(part.strip())
        if found is None:
            raise Refused(
                field, f"cannot be read: {part.strip()[:40]!r}; write a range such as >= 6.0, < 6.4.9"
            )
        bounds.append(Bound(found[1] or "=", found[2]))
    return tuple(bounds)


def checked_ranges(text: str, field: str = "affected") -> list[str]:
    """The ranges of a text, one on each line, in their plain spelling. Raises `Refused` naming `field`."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > 50 or any(len(line) > 200 for line in lines):
        raise Refused(field, "may be at most 50 lines of 200 characters")
    for line in lines:
        read_range(line, field)
    return lines


def affected(version: str, ranges: Iterable[str]) -> bool:
    """Whether a version, or some version of the series that it names, lies in at least one of the ranges."""
    return any(all(bound.holds(version) for bound in read_range(line)) for line in ranges)


def named_in(text: str) -> list[str]:
    """What looks like a version in a text, in its order: "Atlas 6.4.2 (build 99)" names 6.4.2 and 99."""
    return [found[1] for found in _NAMED.finditer(text[:2000])]


def series_of(version: str, known: Iterable[str]) -> str | None:
    """The known release that a version belongs to: itself, else the longest series that holds it; else None."""
    holding = [one for one in known if within(version, one)]
    return max(holding, key=lambda one: len(key(one)), default=None)
