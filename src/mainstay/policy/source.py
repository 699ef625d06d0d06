"""A policy file as it was written: its TOML, and where each thing in it stands, for messages with file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy.lines import Path, index, line_of
from mainstay.sla.fields import path as key_path

LARGEST = 4_000_000
DEEPEST = 40
MOST_TOLD = 200
_STEP = re.compile(r'\[(\d+)\]|"((?:[^"\\]|\\.)*)"|([^.\[\]"]+)')
_PLACE = re.compile(r"\b(?:desk|levels\.[\w-]+|packages\.[\w-]+)\.(?:targets|hours_rules)\[\d+\]")
_PART = re.compile(r"(?:desk|levels\.[\w-]+|packages\.[\w-]+)\.")
_OWN = re.compile(r"(?<![\w.\]])(?:targets|hours_rules)\[\d+\]")  # of the part that is looked at
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")


class Mistake(NamedTuple):
    """Something wrong in a file. `is_error` false: worth a look, but the policy may be used."""

    line: int
    path: str
    message: str
    is_error: bool = True

    def told(self, name: str) -> str:
        """As a compiler would say it: `policy.toml:12: levels.gold.targets[0].clock: ...`."""
        mark = "" if self.is_error else "look: "
        where = f"{self.path}: " if self.path else ""
        return f"{name}:{self.line}: {mark}{where}{self.message}"


class Wrong(Refused):
    """A policy file that cannot be used: every mistake, and the first as what is refused."""

    def __init__(self, name: str, mistakes: Iterable[Mistake]) -> None:
        self.name = name
        self.mistakes = [mistake for mistake in mistakes if mistake.is_error]
        first = self.mistakes[0]
        where = f"{name}:{first.line}" + (f": {first.path}" if first.path else "")
        super().__init__(where, first.message)

    def lines(self) -> list[str]:
        """Every mistake; of very many the first, and how many more there are."""
        told = [mistake.told(self.name) for mistake in self.mistakes[:MOST_TOLD]]
        more = len(self.mistakes) - len(told)
        return [*told, f"{self.name}: and {more:,} mistakes more"] if more else told


class Source:
    """The raw tables of a file, the lines of their keys, and the mistakes met so far.

    `origins` says, for paths of the parts that reading makes, which path of the file they came from.
    """

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.top: frozenset[str] = frozenset()  # keys that stand at the top of a file
        self.mistakes: list[Mistake] = []
        self.origins: dict[Path, Path] = {}
        self.tables = plain(_tables(text, name))
        self.lines = index(text)

    def wrong(self, path: Path, message: str, *, is_error: bool = True) -> None:
        """Note a mistake at a path of the file."""
        if len(path) > 1 and path[-1] in self.top and "is not known here" in message:
            message += f"; if it is meant for the whole policy, `{path[-1]}` stands above the first [table]"
        mistake = Mistake(line_of(self.lines, path), spelled(path), " ".join(message.split()), is_error)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def take(self, problems: Iterable[Refused], below: Path = (), *, is_error: bool = True) -> bool:
        """Note problems of the parts at the places of the file that they came from; whether there were any."""
        found = False
        for problem in problems:
            message = _PLACE.sub(self._placed, _whole_places(problem))
            self.wrong(self.origin((*below, *steps(problem.field))), message, is_error=is_error)
            found = True
        return found

    def _placed(self, found: re.Match[str]) -> str:
        """A row of the parts that a message speaks of, as it stands in the file."""
        path = self.origin(steps(found[0]))
        return f"{spelled(path)} (line {line_of(self.lines, path)})"

    def origin(self, path: Path) -> Path:
        """The path of the file that a path of the parts came from."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]] + path[length:]
        return path

    def settle(self) -> None:
        """Raise all mistakes, in the order of the file."""
        self.mistakes.sort(key=lambda mistake: (mistake.line, mistake.path))
        if any(mistake.is_error for mistake in self.mistakes):
            raise Wrong(self.name, self.mistakes)


def _whole_places(problem: Refused) -> str:
    """A message whose rows are named with the part that the problem lies in."""
    part = _PART.match(problem.field)
    return _OWN.sub(lambda bare: f"{part[0]}{bare[0]}" if part else bare[0], problem.message)


def _tables(text: str, name: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise Wrong(name, [Mistake(1, "", f"is larger than {LARGEST:,} characters")])
    if not text.strip():
        raise Wrong(name, [Mistake(1, "", "is empty; a policy begins with: format = 2")])
    try:
        return tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        said = _AT.sub("", str(error)).strip()
        raise Wrong(name, [Mistake(line, "", f"is not TOML: {said[:1].lower()}{said[1:]}")]) from None
    except (RecursionError, ValueError):
        raise Wrong(
            name, [Mistake(1, "", "is not TOML that can be read: too deep, or a number too long")]
        ) from None


def plain(value: Any, depth: int = 0) -> Any:
    """TOML values as documents have them: dates are texts, and nothing is nested without end."""
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {key: plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, depth + 1) for inner in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def steps(field: str) -> Path:
    """The path that a field such as `levels.gold.targets[3]."odd key"` names."""
    found: list[str | int] = []
    for number, quoted, word in _STEP.findall(field):
        found.append(int(number) if number else quoted or word)
    return tuple(found)


def spelled(path: Path) -> str:
    """A path as people read it."""
    said = ""
    for step in path:
        said = f"{said}[{step}]" if isinstance(step, int) else key_path(said, step)
    return said
