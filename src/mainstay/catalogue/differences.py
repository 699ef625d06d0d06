"""What changed between two published versions, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mainstay.catalogue.models import Package, ServiceLevel, Sold, Version
from mainstay.policy.conditions import words


def differences(before: Version, after: Version) -> list[str]:
    """What changed between two versions, a sentence each; empty when nothing did."""
    sentences = []
    if before.name != after.name:
        sentences.append(f"name: {before.name} became {after.name}")
    if isinstance(before, ServiceLevel) and isinstance(after, ServiceLevel) and before.rank != after.rank:
        sentences.append(f"rank: {before.rank} became {after.rank}")
    if isinstance(before, Sold) and isinstance(after, Sold) and before.withdrawn != after.withdrawn:
        sentences.append("withdrawn: nobody new gets it" if after.withdrawn else "back in the catalogue")
    if isinstance(before, Package) and isinstance(after, Package) and before.level_id != after.level_id:
        sentences.append(f"service level: {before.level} became {after.level}")
    was, now = dict(_facts(before.document)), dict(_facts(after.document))
    for fact in [*was, *(fact for fact in now if fact not in was)]:
        old, new = was.get(fact), now.get(fact)
        if old != new:
            sentences.append(_changed(fact, old, new))
    return sentences


def _changed(fact: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{fact}: {new} is new"
    if new is None:
        return f"{fact}: {old} is gone"
    return f"{fact}: {old} became {new}"


def _facts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each thing a document says, as (what, how much), in its order."""
    for name, value in document.items():
        if name == "targets":
            yield from (_target_fact(row) for row in value)
        else:
            yield from _plain(name.replace("_", " "), value)


def _target_fact(row: dict[str, Any]) -> tuple[str, str]:
    severity = "every severity" if row["severity"] == "*" else f"severity {row['severity']}"
    what = f"{row['clock'].replace('_', ' ')}, {severity}"
    when = words(row.get("when", {}))
    return f"{what}, {when}" if when else what, _owed(row)


def _owed(row: dict[str, Any]) -> str:
    """A target in words: "4h round the clock, promise"."""
    if row["target"] == "none":
        return f"none, {row['words']}" if row.get("words") else "none"
    named = row.get("calendar", "")
    hours = {"always": "round the clock", "business": "business time", "": "in the usual hours"}.get(
        named, named
    )
    share = f", {row['share']} % within" if "share" in row else ""
    return f"{row['target']} {hours}, {row['kind']}{share}" + (", or as agreed" if row.get("agreed") else "")


def _plain(what: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _plain(f"{what}, {key.replace('_', ' ')}", inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value, start=1):
            called = str(inner.get("code") or inner.get("kpi") or inner.get("rank") or number)
            rest = {key: part for key, part in inner.items() if key not in {"code", "kpi", "rank"}}
            yield from _plain(f"{what}, {called.replace('_', ' ')}", rest)
    elif isinstance(value, list):
        yield what, " ".join(_word(part) for part in value) or "nothing"
    else:
        yield what, _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "-".join(str(part) for part in value)
    return str(value)
