"""What differs between two policies, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mainstay.policy import weeks
from mainstay.policy.conditions import words
from mainstay.sla.hours import WEEKDAYS


def policies(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two policies, a sentence each; empty when nothing does."""
    said = [] if before["name"] == after["name"] else [f"name: {before['name']} became {after['name']}"]
    said += documents(before["desk"], after["desk"])
    for kind, word in (("levels", "level"), ("packages", "package")):
        was, now = before[kind], after[kind]
        for code in [*was, *(code for code in now if code not in was)]:
            if code not in now:
                said.append(f"{word} {was[code]['name']} is gone")
            elif code not in was:
                said.append(f"{word} {now[code]['name']} is new")
            else:
                said += [f"{word} {now[code]['name']}: {one}" for one in documents(was[code], now[code])]
    return said


def documents(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two documents, a sentence each."""
    was, now = dict(facts(before)), dict(facts(after))
    found = []
    for fact in [*was, *(fact for fact in now if fact not in was)]:
        old, new = was.get(fact), now.get(fact)
        if old != new:
            found.append(changed(fact, old, new))
    return found


def changed(fact: str, old: str | None, new: str | None) -> str:
    """One difference as a sentence."""
    if old is None:
        return f"{fact}: {new} is new"
    if new is None:
        return f"{fact}: {old} is gone"
    return f"{fact}: {old} became {new}"


def facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each thing a document says, as (what, how much), in its order."""
    for name, value in document.items():
        if name == "targets":
            yield from (target(row) for row in value)
        else:
            yield from _plain(name.replace("_", " "), value)


def target(row: Mapping[str, Any]) -> tuple[str, str]:
    """A target row as (what, how much)."""
    severity = "every severity" if row["severity"] == "*" else f"severity {row['severity']}"
    what = f"{row['clock'].replace('_', ' ')}, {severity}"
    when = words(row.get("when", {}))
    return f"{what}, {when}" if when else what, owed(row)


def owed(row: Mapping[str, Any]) -> str:
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
        if set(value) <= {*WEEKDAYS} and value:
            yield what, weeks.words(value)
            return
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
