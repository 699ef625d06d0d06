"""What a newer edition of a document says, put into one that was edited meanwhile; what both changed stays as edited.

Three documents: what was shipped before (`base`), what is running (`ours`), what is shipped now (`theirs`). Lists whose
rows have a code (a rank, a name) are compared row by row; other lists are one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

NAMED_BY = ("code", "rank", "kpi")
_NOTHING: Any = object()


class Merged(NamedTuple):
    """The document with what is newer, and the places where ours stays although theirs is another one by now."""

    document: dict[str, Any]
    kept: list[str]


def merged(base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """`ours` with every change from `base` to `theirs` that does not meet a change of our own."""
    kept: list[str] = []
    return Merged(_objects(dict(base), dict(ours), dict(theirs), "", kept), kept)


def _value(base: Any, ours: Any, theirs: Any, at: str, kept: list[str]) -> Any:
    if theirs in (base, ours):
        return ours
    three = (base, ours, theirs)
    if all(isinstance(one, dict) for one in three):
        return _objects(base, ours, theirs, at, kept)
    if all(isinstance(one, list) for one in three):
        name = next((name for name in NAMED_BY if all(_named(one, name) for one in three)), "")
        if name:
            by_name = [{str(row[name]): row for row in one} for one in three]
            return list(_objects(by_name[0], by_name[1], by_name[2], at, kept).values())
    if ours == base:
        return theirs
    kept.append(at)
    return ours


def _objects(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], at: str, kept: list[str]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key in dict.fromkeys([*ours, *theirs]):
        where = f"{at}, {key}" if at else key
        three = (base.get(key, _NOTHING), ours.get(key, _NOTHING), theirs.get(key, _NOTHING))
        value = _value(*three, where.replace("_", " "), kept)
        if value is not _NOTHING:
            made[key] = value
    return made


def _named(rows: list[Any], name: str) -> bool:
    """Whether each row is an object with a name of its own."""
    names = [row.get(name) if isinstance(row, dict) else None for row in rows]
    return None not in names and len(set(map(str, names))) == len(names)
