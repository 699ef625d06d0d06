"""Reading a policy file: TOML as people like to write it into the parts that are kept (N2).

What is short in the file is written out here: weeks as texts, one row for several severities, severities by name,
rows that name their package. Then the parts are checked as strictly as those that come from anywhere else, and every
mistake is named with the line that it stands on. docs/policy.md describes the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as File
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import documents, shapes, targets, tidy
from mainstay.policy.documents import DeskDocument, LevelDocument, PackageDocument
from mainstay.policy.lines import Path
from mainstay.policy.shapes import Problems
from mainstay.policy.source import LARGEST, Mistake, Source, Wrong, plain
from mainstay.sla.fields import shown

FORMAT = 2
Parts = dict[str, Any]
Load = Callable[[str], bytes]

DESK: dict[str, Any] = {
    "hours": {
        "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": "customer",
    },
    "closing": {
        "solution_reminders": ["2bd"],
        "solution_closes": "5bd",
        "question_reminders": ["2bd", "5bd"],
        "question_closes": "10bd",
        "reopen_window": "10bd",
    },
    "exclusions": [],
    "queue_ceiling_days": 5,
    "acknowledgements": {"unknown_per_address_per_day": 1, "unknown_per_domain_per_day": 5},
}
LEVEL: dict[str, Any] = {
    "targets": [],
    "head_start_minutes": {},
    "warn_at": 75,
    "on_raise": "from_change",
    "on_lower": "from_start",
    "kpis": [],
    "monitoring": {"depth": "none"},
    "staffing": {"team": "shared", "round_the_clock": False},
    "escalation": {"severity": 1, "page": True},
}
PACKAGE: dict[str, Any] = {
    "channels": ["documentation", "email", "portal"],
    "tam": False,
    "price": {"basis": "as agreed"},
}
"""What holds where a file does not say: docs/policy.md lists them."""
OF_LEVELS = (
    "head_start_minutes",
    "warn_at",
    "on_raise",
    "on_lower",
    "monitoring",
    "staffing",
    "escalation",
    "rank",
)
"""What a package may say that has no level of another name: it is its level's."""


def read_file(name: str) -> Parts:
    """The parts of a policy file. Raises `Wrong` with every mistake, or `Refused` where the file cannot be read."""
    return read(text_of(name), name=name, load=beside(name))


def text_of(name: str) -> str:
    """The text of a file. Raises `Refused` naming it."""
    if not name.strip():
        raise Refused("file", "has no name; say which file, such as policy.toml")
    try:
        with File(name).open("rb") as file:
            raw = file.read(4 * LARGEST + 4)  # no more: it may never end
    except OSError as error:
        raise Refused(name, f"cannot be read: {error.strerror}") from error
    return decoded(raw, name)


def decoded(raw: bytes, name: str) -> str:
    """The text of a file's bytes. Raises `Wrong` with the line that is no UTF-8."""
    if len(raw) > 4 * LARGEST + 3:
        raise Wrong(name, [Mistake(1, "", f"is larger than {LARGEST:,} characters")])
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        said = f"is not UTF-8 text (byte {error.start}); save the file as UTF-8"
        raise Wrong(name, [Mistake(line, "", said)]) from error


def beside(name: str) -> Load:
    """Reads files that stand beside a policy file, and no others."""
    folder = File(name).resolve().parent

    def load(other: str) -> bytes:
        wanted = (folder / other).resolve()
        if folder not in wanted.parents:
            raise Refused("ics", f"{other} does not stand beside the policy file")
        try:
            return wanted.read_bytes()
        except OSError as error:
            raise Refused("ics", f"{other} cannot be read: {error.strerror}") from error

    return load


def read(text: str, *, name: str = "policy.toml", load: Load | None = None) -> Parts:
    """The parts that a text says. Raises `Wrong` with every mistake that can be found by reading."""
    source = Source(text, name)
    parts = parts_of(source, load)
    source.settle()
    return parts


def parts_of(source: Source, load: Load | None = None) -> Parts:
    """The parts, as far as they can be read; mistakes are noted in the source."""
    return _Reader(source, load).parts()


class _Reader:
    def __init__(self, source: Source, load: Load | None) -> None:
        self.source = source
        self.load = load
        source.top = DeskDocument.__required_keys__ | DeskDocument.__optional_keys__ | {"name", "format"}
        self.raw: dict[str, Any] = source.tables
        self.severities: dict[str, int] = {}
        self.hours: Any = DESK["hours"]

    def parts(self) -> Parts:
        raw, source = self.raw, self.source
        source.origins[("desk",)] = ()
        if raw.get("format") != FORMAT or isinstance(raw.get("format"), bool):
            source.wrong(("format",), f"is {shown(raw.get('format'))}; a policy begins with: format = 2")
        desk = self._desk()
        self._tidied(desk, ("desk",))
        self.hours = desk["hours"]
        packages = {code: self._package(code, says) for code, says in self._tables("packages")}
        levels = {code: self._level(code, says) for code, says in self._tables("levels")}
        for code, says in packages.items():
            if says.setdefault("level", code) == code and code not in levels:
                source.origins["levels", code] = ("packages", code)
                own = {key: says.pop(key) for key in OF_LEVELS if key in says}
                levels[code] = self._level(code, {"name": says["name"], "summary": says["summary"], **own})
        for k, level in enumerate(levels.values(), start=1):
            level.setdefault("rank", k)
        parts = {
            "format": FORMAT, "name": raw.get("name"), "desk": desk, "levels": levels, "packages": packages,
        }  # fmt: skip
        self._targets(parts)
        source.take(policy_problems(parts))
        return parts

    # ---- the three kinds of part

    def _desk(self) -> dict[str, Any]:
        own = self._known(self.raw, DeskDocument, ())
        own = {
            key: value for key, value in own.items() if key not in ("format", "name", "levels", "packages")
        }
        desk = {"format": 1, **plain(DESK), **own}
        if isinstance(own.get("closing"), dict):
            desk["closing"] = {**DESK["closing"], **own["closing"]}
        desk["severities"] = self._ranked(own.get("severities"))
        return desk

    def _ranked(self, given: Any) -> Any:
        """Severities; the first is the gravest where no ranks are given."""
        if not isinstance(given, list):
            return [] if given is None else given
        ranked = []
        for k, row in enumerate(given, start=1):
            if isinstance(row, dict):
                name = str(row.get("name", "")).strip()
                row = {"rank": k, "definition": name or "-", "urgency": "-", **row}
                if isinstance(row["rank"], int):
                    self.severities[name.lower()] = row["rank"]
            ranked.append(row)
        return ranked

    def _level(self, code: str, says: dict[str, Any]) -> dict[str, Any]:
        name = says.get("name", _titled(code))
        level = {"format": 1, **plain(LEVEL), "name": name, "summary": name}
        level |= self._known(says, LevelDocument, self.source.origin(("levels", code)))
        if isinstance(level["staffing"], dict):
            level["staffing"] = {**LEVEL["staffing"], **level["staffing"]}
        self._tidied(level, ("levels", code))
        return level

    def _package(self, code: str, says: dict[str, Any]) -> dict[str, Any]:
        name = says.get("name", _titled(code))
        package = {"format": 1, **plain(PACKAGE), "name": name, "summary": name}
        known = self._known(
            says, PackageDocument, ("packages", code), OF_LEVELS if "level" not in says else ()
        )
        package |= known
        self._tidied(package, ("packages", code))
        if "hours" not in package:
            self.source.origins["packages", code, "hours"] = ("hours",)
        return {"hours": plain(self.hours), **package}

    def _known(
        self, says: dict[str, Any], document: Any, path: Path, more: Sequence[str] = ()
    ) -> dict[str, Any]:
        """What the file may say in such a part; for the rest it is said what may have been meant."""
        beside = {"name", "rank", "level", *more} if path else {"name", "levels", "packages"}
        known = sorted({*document.__required_keys__, *document.__optional_keys__, *targets.SHORT, *beside})
        for key in says:
            if key not in known:
                expected = ", ".join(known)
                said = f"is not known here{shapes.meant(key, known)}; there are {expected}"
                self.source.wrong((*path, key), said)
        return {key: value for key, value in says.items() if key in known}

    def _tables(self, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        given = self.raw.get(key, {})
        if not isinstance(given, dict):
            self.source.wrong((key,), f"must be tables such as [{key}.gold]")
            return
        for code, says in given.items():
            if not isinstance(says, dict):
                self.source.wrong((key, code), f"must be a table: [{key}.{code}]")
            else:
                yield code, says

    def _tidied(self, says: dict[str, Any], path: Path) -> None:
        raw = self.source.origin(path)
        tidy.part(says, raw, self.source, self.severities, self.load)
        for key in ("severity_rules", "closing_rules", "escalations"):
            if isinstance(says.get(key), list):
                says[key] = self._for_each_severity(says[key], (*path, key), (*raw, key))

    def _for_each_severity(self, rows: list[Any], path: Path, raw: Path) -> list[Any]:
        """A row for several severities as one for each."""
        made: list[Any] = []
        for k, row in enumerate(rows):
            for one in tidy.one_by_one(row):
                self.source.origins[(*path, len(made))] = (*raw, k)
                made.append(one)
        return made

    # ---- targets

    def _targets(self, parts: Parts) -> None:
        """Rows of all parts, each put where it says that it belongs."""
        reader = targets.Rows(self.source, self.severities, parts)
        reader.spread("desk", None, parts["desk"], ())
        for kind in ("levels", "packages"):
            for code, says in parts[kind].items():
                reader.spread(kind, code, says, (kind, code))
        reader.put()


def policy_problems(parts: Any) -> Problems:
    """All that is wrong with the parts of a policy one by one, and with how they fit."""
    known = {"format", "name", "desk", "levels", "packages"}
    if not isinstance(parts, dict) or set(parts) != known:
        yield Refused("", f"must have {', '.join(sorted(known))}")
        return
    yield from shapes.text(100)(parts["name"], "name")
    desk = parts["desk"]
    yield from documents.at("desk", documents.desk_problems(desk))
    ranks = documents.ranks_in(desk)
    for code, says in parts["levels"].items():
        field = f"levels.{code}"
        yield from _coded(code, says, field)
        sold = [one for one in parts["packages"].values() if one.get("level") == code]
        calendars = documents.calendars_of(desk, *sold)
        yield from shapes.whole(1, 99, "1 is the lowest")(says.get("rank"), f"{field}.rank")
        yield from documents.at(
            field, documents.level_problems(_body(says), ranks=ranks, calendars=calendars)
        )
    for code, says in parts["packages"].items():
        field = f"packages.{code}"
        yield from _coded(code, says, field)
        yield from shapes.word(list(parts["levels"]))(says.get("level"), f"{field}.level")
        calendars = documents.calendars_of(desk, says)
        yield from documents.at(
            field, documents.package_problems(_body(says), ranks=ranks, calendars=calendars)
        )
    if not parts["packages"]:
        yield Refused("packages", "are missing: a policy sells at least one, such as [packages.standard]")


_code = shapes.matching(
    r"[a-z][a-z0-9_-]{1,49}",
    'must be named by 2 to 50 small letters, digits, "-" and "_", a letter first, such as "gold"',
)


def _coded(code: str, says: dict[str, Any], field: str) -> Problems:
    yield from _code(code, field)
    yield from shapes.text(100)(says.get("name"), f"{field}.name")


def _body(says: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in says.items() if key not in ("name", "rank", "level")}


def _titled(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").title()


__all__ = ["Parts", "Wrong", "parts_of", "policy_problems", "read", "read_file"]
