"""Writing the parts of a policy as the file that reads back as just those parts (N2): `read(write(parts)) == parts`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.policy import cells, weeks
from mainstay.policy.documents import calendars_of
from mainstay.policy.rows import CALENDARS

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
WIDE = 100
BLOCKS = ("severities", "calendars", "targets", "hours_rules", "kpis", "exclusions", "severity_rules",
          "closing_rules", "escalations", "lifecycle", "addons", "channel_rules")  # fmt: skip
"""What stands in tables of its own, after the keys that fit on a line."""
FIRST = ("name", "rank", "level", "summary", "generation", "on_sale", "languages", "regions", "hours")


def write(parts: Mapping[str, Any]) -> str:
    """The text of a policy file. The parts are well formed (`read.policy_problems`)."""
    writer = _Writer(parts)
    writer.part(parts["desk"], "")
    for code, level in parts["levels"].items():
        writer.head(f"levels.{key(code)}")
        writer.part(level, f"levels.{key(code)}")
    for code, package in parts["packages"].items():
        writer.head(f"packages.{key(code)}")
        if package["hours"] == parts["desk"]["hours"]:
            package = {name: value for name, value in package.items() if name != "hours"}
        writer.part(package, f"packages.{key(code)}")
    return f"format = 2\nname = {text(parts['name'])}\n" + "\n".join(writer.lines).rstrip() + "\n"


class _Writer:
    def __init__(self, parts: Mapping[str, Any]) -> None:
        self.lines: list[str] = []
        everything = [parts["desk"], *parts["packages"].values(), *parts["levels"].values()]
        self.calendars = [*CALENDARS, *calendars_of(*everything)]
        self.severities = _severity_keys(parts["desk"]["severities"])

    def head(self, name: str, *, each: bool = False) -> None:
        self.lines += ["", f"[[{name}]]" if each else f"[{name}]"]

    def part(self, says: Mapping[str, Any], prefix: str) -> None:
        """One part: first what fits on lines, then its tables."""
        ordered = sorted(says, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
        for name in ordered:
            if name != "format" and not _is_block(name, says[name]):
                value = self._hours(says[name]) if name == "hours" else says[name]
                self.lines.append(f"{key(name)} = {inline(value)}")
        for name in BLOCKS:
            if _is_block(name, says.get(name)):
                self._block(name, says[name], f"{prefix}.{name}" if prefix else name)

    def _block(self, name: str, value: Any, path: str) -> None:
        if name == "targets":
            self._targets(value, path)
        elif isinstance(value, list):
            for row in value:
                self.head(path, each=True)
                self._pairs(row)
        else:
            for inner, row in value.items():
                self.head(f"{path}.{key(inner)}")
                self._pairs(self._hours(row) if name == "calendars" else row)

    def _pairs(self, row: Mapping[str, Any]) -> None:
        self.lines += [f"{key(name)} = {inline(value)}" for name, value in row.items()]

    def _hours(self, says: Mapping[str, Any]) -> dict[str, Any]:
        """Hours with their week and special days as people write them, where that reads back the same."""
        made = dict(says)
        if "week" in made:
            made["week"] = weeks.written(made["week"]) or made["week"]
        if "special" in made:
            made["special"] = {day: _day(hours) for day, hours in made["special"].items()}
        return made

    # ---- targets

    def _targets(self, rows: Sequence[Mapping[str, Any]], path: str) -> None:
        for group in _groups(rows):
            self.head(path, each=True)
            first = group[0]
            self.lines.append(f"clock = {text(first['clock'])}")
            if "when" in first:
                self.lines.append(f"when = {inline(first['when'])}")
            kind, calendar = _usual(group)
            if kind != "promise":
                self.lines.append(f"kind = {text(kind)}")
            if calendar is not None:
                self.lines.append(f"calendar = {text(calendar)}")
            told = {self.severities[str(row["severity"])]: self._cell(row, kind, calendar) for row in group}
            self.lines.append(f"targets = {inline(told)}")

    def _cell(self, row: Mapping[str, Any], kind: str, calendar: str | None) -> Any:
        short = cells.written(row, kind=kind, calendar=calendar, own=self.calendars)
        long = {name: row[name] for name in row if name not in ("clock", "severity", "when")}
        return long if short is None else short


def _is_block(name: str, value: Any) -> bool:
    """Whether a key stands in tables of its own: lists of tables and tables of tables that are not empty."""
    inner = value.values() if isinstance(value, dict) else value
    return name in BLOCKS and bool(value) and all(isinstance(one, dict) for one in inner)


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Rows that stand together as one row of the file: one clock, the same conditions, each severity once."""
    groups: list[list[Mapping[str, Any]]] = []
    for row in rows:
        last = groups[-1] if groups else []
        if (
            last
            and (last[0]["clock"], last[0].get("when")) == (row["clock"], row.get("when"))
            and row["severity"] not in [one["severity"] for one in last]
        ):
            last.append(row)
        else:
            groups.append([row])
    return groups


def _usual(group: Sequence[Mapping[str, Any]]) -> tuple[str, str | None]:
    """The kind and the calendar to say once for the row: those of all its cells that have any, else the commonest."""
    owed = [row for row in group if row["target"] != "none"]
    kinds = [str(row["kind"]) for row in owed]
    kind = max(dict.fromkeys(kinds), key=kinds.count, default="promise")
    named = {row.get("calendar") for row in owed}
    calendar = named.pop() if len(named) == 1 else None
    return kind, calendar if isinstance(calendar, str) else None


def _severity_keys(severities: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """How each severity is called in the file: by its name where all names can stand as keys, else by its rank."""
    names = {str(one["rank"]): str(one["name"]) for one in severities}
    taken = {"rest", "target", "always"}
    plain = all(_NAME.fullmatch(name) and name.lower() not in taken for name in names.values())
    return {"*": "rest", **(names if plain else {rank: rank for rank in names})}


def _day(hours: Any) -> Any:
    if not hours:
        return "closed"
    said = " ".join(f"{start}-{end}" for start, end in hours)
    return said if weeks.read_hours(said, "hours") == hours else hours


# ---- TOML


def key(name: str) -> str:
    """A key, quoted where it has to be."""
    return name if _BARE.fullmatch(name) else text(name)


def text(value: str) -> str:
    """A basic string; the escapes of JSON are those of TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def inline(value: Any, indent: str = "") -> str:
    """A value; a list that gets too long has its parts on lines of their own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inner = ", ".join(f"{key(name)} = {inline(one)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        said = "[" + ", ".join(inline(one) for one in value) + "]"
        if len(said) <= WIDE:
            return said
        deeper = indent + "    "
        return "[\n" + "".join(f"{deeper}{inline(one, deeper)},\n" for one in value) + f"{indent}]"
    return text(value) if isinstance(value, str) else str(value)
