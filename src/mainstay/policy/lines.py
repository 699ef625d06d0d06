"""Where in a TOML text each key and each element of an array stands; `tomllib` does not say.

The text has been read by `tomllib` before, so only what it takes comes here, and the walk may be brief.
"""

from __future__ import annotations

import re
from bisect import bisect_right

Path = tuple[str | int, ...]
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}\n#]+")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest thing around it that is written; 1 for the whole file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def index(source: str) -> dict[Path, int]:
    """The line (from 1) of every key, table and array element of a TOML text that is in order."""
    return _Walk(source).walked()


class _Walk:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._breaks = [found.start() for found in re.finditer("\n", source)]
        self._arrays: dict[Path, int] = {}  # arrays of tables: how many there are so far

    def walked(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.source):
            if self._next("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)
        return self.lines

    def _header(self) -> Path:
        start, twice = self.at, self.source.startswith("[[", self.at)
        self.at += 2 if twice else 1
        path: Path = ()
        for name in (keys := self._keys()):
            path = (*path, name)
            if path in self._arrays and (not twice or name is not keys[-1]):
                path = (*path, self._arrays[path] - 1)
            self._mark(path, start)
        if twice:
            self._arrays[path] = self._arrays.get(path, 0) + 1
            path = (*path, self._arrays[path] - 1)
            self._mark(path, start)
        self.at += 2 if twice else 1
        return path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = table
        for name in self._keys():
            path = (*path, name)
            self._mark(path, start)
        self.at += 1  # "="
        self._skip(_BLANK)
        self._value(path)

    def _keys(self) -> list[str]:
        """A dotted key; the walk stands behind it."""
        keys = []
        while True:
            self._skip(_BLANK)
            keys.append(self._key())
            self._skip(_BLANK)
            if not self._next("."):
                return keys
            self.at += 1

    def _key(self) -> str:
        if self._next('"') or self._next("'"):
            return self._text()
        found = _BARE.match(self.source, self.at)
        if found is None:  # cannot be, tomllib has read it
            raise ValueError(f"no key at {self.at}")
        self.at = found.end()
        return found[0]

    def _value(self, path: Path) -> None:
        if self._next('"') or self._next("'"):
            self._text()
        elif self._next("["):
            self._array(path)
        elif self._next("{"):
            self._table(path)
        else:
            found = _PLAIN.match(self.source, self.at)
            self.at = found.end() if found else self.at + 1

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        self._skip(_SPACE)
        while not self._next("]"):
            self._mark((*path, number), self.at)
            self._value((*path, number))
            number += 1
            self._skip(_SPACE)
            if self._next(","):
                self.at += 1
                self._skip(_SPACE)
        self.at += 1

    def _table(self, path: Path) -> None:
        self.at += 1
        self._skip(_SPACE)
        while not self._next("}"):
            self._pair(path)
            self._skip(_SPACE)
            if self._next(","):
                self.at += 1
                self._skip(_SPACE)
        self.at += 1

    def _text(self) -> str:
        quote = self.source[self.at]
        if self.source.startswith(quote * 3, self.at):
            return self._long(quote * 3)
        start = self.at = self.at + 1
        while self.source[self.at] != quote:
            self.at += 2 if quote == '"' and self.source[self.at] == "\\" else 1
        text = self.source[start : self.at]
        self.at += 1
        return _ESCAPE.sub(_escaped, text) if quote == '"' else text

    def _long(self, quote: str) -> str:
        self.at += 3
        while not self.source.startswith(quote, self.at):
            self.at += 2 if quote == '"""' and self.source[self.at] == "\\" else 1
        self.at += 3
        while self._next(quote[0]):  # up to two quotes may stand before the end
            self.at += 1
        return ""

    def _next(self, sign: str) -> bool:
        return self.source.startswith(sign, self.at)

    def _skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self.source, self.at)
        if found is not None:
            self.at = found.end()

    def _mark(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._breaks, at - 1) + 1)


def _escaped(found: re.Match[str]) -> str:
    said = found[1]
    if said[0] in "uU":
        return chr(int(said[1:], 16))
    return {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}.get(said, said)
