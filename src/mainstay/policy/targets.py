"""The tables of targets in a file, written out as rows: a cell for each severity, each row in its part.

A part says targets in three short tables (`promises`, `goals`, `internal`: clock = cells) and in rows (`[[targets]]`)
that may have conditions. A row of the file whose `when` names packages or levels is put there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy import cells
from mainstay.policy.conditions import CONDITIONS
from mainstay.policy.documents import calendars_of
from mainstay.policy.lines import Path
from mainstay.policy.rows import CALENDARS
from mainstay.policy.shapes import meant
from mainstay.policy.source import Source
from mainstay.policy.tidy import one_by_one, rank_of
from mainstay.sla.fields import shown

SHORT = {"promises": "promise", "goals": "goal", "internal": "internal"}
ROW = ("clock", "targets", "target", "severity", "when", "kind", "calendar", "share", "agreed", "words")
_PLACES = {"package": "packages", "level": "levels"}


class _Placed(NamedTuple):
    kind: str  # desk, levels, packages
    code: str | None
    row: Any
    origin: Path
    keys: Mapping[str, Path] = {}  # where single keys of it stand, if elsewhere


class Rows:
    """Rows met so far; `put` writes them into the parts and says where each came from."""

    def __init__(self, source: Source, severities: dict[str, int], parts: dict[str, Any]) -> None:
        self.source = source
        self.severities = severities
        self.parts = parts
        self.rows: list[_Placed] = []
        self.rules: list[_Placed] = []
        self.empty: list[tuple[dict[str, Any], str]] = []
        everything = [parts["desk"], *parts["packages"].values(), *parts["levels"].values()]
        self.calendars = list(dict.fromkeys([*CALENDARS, *calendars_of(*everything)]))

    def spread(self, kind: str, code: str | None, says: dict[str, Any], path: Path) -> None:
        """Take the targets out of one part."""
        for short, target_kind in SHORT.items():
            given = says.pop(short, {})
            if not isinstance(given, dict):
                self.source.wrong((*path, short), 'must be targets by clock, such as first_response = "4h"')
                continue
            for clock, value in given.items():
                row = {"clock": clock, "kind": target_kind}
                where = (*path, short, clock)
                self._cells(row, value, kind, code, where, {"clock": where})
        holder = self.parts[kind] if code is None else self.parts[kind][code]
        for key in ("targets", "hours_rules"):
            if says.get(key) == []:
                self.empty.append((holder, key))
        listed = says.pop("targets", [])
        if not isinstance(listed, list):
            self.source.wrong(
                (*path, "targets"), "must be rows: [[targets]]; short ones stand in promises, goals, internal"
            )
            return
        for i, given in enumerate(listed):
            self._row(given, kind, code, (*path, "targets", i))
        if isinstance(says.get("hours_rules"), list):
            for i, given in enumerate(says.pop("hours_rules")):
                self._rule(given, kind, code, (*path, "hours_rules", i))

    def _rule(self, given: Any, kind: str, code: str | None, path: Path) -> None:
        """One row of default hours; what is no row is left to the check."""
        for to_kind, to_code, when in self._places(given, kind, code, path):
            for rule in one_by_one(given):
                if isinstance(rule, dict):
                    rule = {key: value for key, value in rule.items() if key != "when"}
                    rule |= {} if when is None else {"when": when}
                self.rules.append(_Placed(to_kind, to_code, rule, path))

    def put(self) -> None:
        """Write the rows into the parts."""
        for key, placed in (("targets", self.rows), ("hours_rules", self.rules)):
            for kind, code, row, origin, keys in placed:
                holder = self.parts[kind] if code is None else self.parts[kind][code]
                listed = holder.setdefault(key, [])
                base: Path = (kind,) if code is None else (kind, code)
                self.source.origins[(*base, key, len(listed))] = origin
                for name, stands in keys.items():
                    self.source.origins[(*base, key, len(listed), name)] = stands
                listed.append(row)
        for holder, key in self.empty:
            holder.setdefault(key, [])
        for level in self.parts["levels"].values():
            level.setdefault("targets", [])

    # ---- one row

    def _row(self, given: Any, kind: str, code: str | None, path: Path) -> None:
        if not isinstance(given, dict):
            self.source.wrong(path, 'must be a row such as {clock = "first_response", targets = {1 = "4h"}}')
            return
        for key in given:
            if key not in ROW:
                hint = "; conditions stand in `when`" if key in (*CONDITIONS, *_PLACES) else meant(key, ROW)
                self.source.wrong((*path, key), f"is not known here; expected {', '.join(ROW)}{hint}")
        clocks = given.get("clock")
        if clocks is None:
            self.source.wrong(path, "has no clock; say which clock the targets are for")
            return
        if ("targets" in given) == ("target" in given):
            self.source.wrong(path, "needs either targets by severity, or one target (and its severity)")
            return
        value = given.get("targets", given.get("target"))
        if "target" in given and given.get("severity", "*") not in ("*", "rest"):
            named = given["severity"] if isinstance(given["severity"], list) else [given["severity"]]
            value = {str(one): value for one in named}
        usual = {key: given[key] for key in ("kind", "calendar", "share", "agreed", "words") if key in given}
        where = (*path, "targets") if "targets" in given else path
        for to_kind, to_code, when in self._places(given, kind, code, path):
            for clock in clocks if isinstance(clocks, list) else [clocks]:
                row = {"clock": clock, **usual, **({} if when is None else {"when": when})}
                keys = {name: (*path, name) for name in given if name not in ("targets", "target")}
                self._cells(row, value, to_kind, to_code, where, keys)

    def _places(
        self, given: Any, kind: str, code: str | None, path: Path
    ) -> list[tuple[str, str | None, Any]]:
        """Where a row belongs, each with its conditions (None: it has none): where it stands, or what it names."""
        when = given.get("when") if isinstance(given, dict) else None
        if not isinstance(when, dict):
            return [(kind, code, when)]
        named = [name for name in _PLACES if name in when]
        if not named:
            return [(kind, code, when)]
        if kind != "desk" or len(named) > 1:
            self.source.wrong(
                (*path, "when", named[0]), "may be asked once, by rows outside packages and levels"
            )
            return []
        (name,) = named
        rest = {key: value for key, value in when.items() if key != name} or None
        found: list[tuple[str, str | None, Any]] = []
        for wanted in when[name] if isinstance(when[name], list) else [when[name]]:
            if wanted in self.parts[_PLACES[name]]:
                found.append((_PLACES[name], wanted, rest))
            else:
                known = list(self.parts[_PLACES[name]])
                said = f"{shown(wanted)} is no {name}; there are {', '.join(known)}{meant(wanted, known)}"
                self.source.wrong((*path, "when", name), said)
        return found

    def _cells(
        self,
        row: dict[str, Any],
        value: Any,
        kind: str,
        code: str | None,
        path: Path,
        keys: Mapping[str, Path],
    ) -> None:
        by_severity = value if isinstance(value, dict) and "target" not in value else {"*": value}
        for severity, cell in by_severity.items():
            where = (*path, severity) if by_severity is value else path
            before = len(self.source.mistakes)
            rank = rank_of(severity, where, self.source, self.severities)
            if len(self.source.mistakes) > before:
                continue
            made = self._cell(cell, where)
            if made is None:
                continue
            whole = {"clock": row["clock"], "severity": rank, "kind": "promise", **row, **made}
            if whole["target"] == "none":
                whole = {k: v for k, v in whole.items() if k not in ("calendar", "share", "agreed")}
                whole["kind"] = "none"
            own = {name: stands for name, stands in keys.items() if name not in made}
            self.rows.append(_Placed(kind, code, whole, where, own))

    def _cell(self, cell: Any, path: Path) -> dict[str, Any] | None:
        try:
            if isinstance(cell, dict):
                if cell.get("target") == "none":
                    return {**cell, "kind": "none"}
                return {**cell, "target": cells.duration(cell.get("target"), "target")}
            return cells.read_cell(cell, "target", self.calendars)
        except Refused as refused:
            self.source.wrong(path, refused.message)
            return None
