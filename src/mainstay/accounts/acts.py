"""The log of what is done to the organisation: who changed which customer, contract, person or product, and how.

Tickets have their events; this is the same for everything else. Rows are only ever added: the running role may
not change or remove one, and a trigger refuses whoever may.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act


def record(
    kind: str,
    what: str,
    *,
    by: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    about: str = "",
) -> Act:
    """Write down that `kind` was done to `what`. Called by verbs, inside their transaction.

    `about` names what has a page with a history ("team 3"): by it the history is found, whatever it is called by then.
    Of `before` and `after` only the fields that differ are kept; days are written as 2026-11-24.
    """
    was, now = differing(before or {}, after or {})
    return Act.objects.create(
        at=at.replace(microsecond=0),
        by_id=by.id if by.kind == "staff" else None,
        by_name=by.name[:200],
        kind=kind,
        what=what[:500],
        before=was,
        after=now,
        about=about,
    )


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that are not the same in both, as they were and as they are; nothing and empty are the same."""
    names = dict.fromkeys([*before, *after])
    fields = [name for name in names if (before.get(name) or None) != (after.get(name) or None)]
    was = {name: _plain(before[name]) for name in fields if name in before}
    return was, {name: _plain(after[name]) for name in fields if name in after}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Promise):  # words that wait for a language: kept in the one they are said in now
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed, a sentence each: "time zone: UTC became Europe/London"."""
    was, now = differing(before, after)
    return [_difference(name, was.get(name), now.get(name)) for name in dict.fromkeys([*was, *now])]


def _difference(name: str, was: Any, now: Any) -> str:
    words = name.replace("_", " ")
    if was in (None, "", [], {}):
        return f"{words}: {_said(now)}"
    return f"{words}: {_said(was)} became {_said(now)}"


def _said(value: Any) -> str:
    """A value of a field for people; nothing is "none"."""
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(one) for one in value)
    return str(value)


def histories(kind: str, names: Mapping[object, str], *, most: int = 200) -> dict[object, list[Act]]:
    """The newest acts of several things of a kind, by key, the newest first: one statement.

    `names` are what they are called now, by key: acts from before things were named by `about` are found by it.
    """
    keys = {f"{kind} {key}": key for key in names}
    called = {name: key for key, name in names.items()}
    older = Q(about="", kind__startswith=f"{kind} ", what__in=called)
    rows = Act.objects.filter(Q(about__in=keys) | older).order_by("-pk")[:most]
    found: dict[object, list[Act]] = {key: [] for key in names}
    for act in rows:
        found[keys[act.about] if act.about else called[act.what]].append(act)
    return found


def latest(kinds: Iterable[str]) -> dict[str, Act]:
    """The newest act of each kind that there is: one statement, a look into an index for each."""
    each = [Act.objects.filter(kind=kind).order_by("-pk")[:1] for kind in dict.fromkeys(kinds)]
    if not each:
        return {}
    return {act.kind: act for act in (each[0].union(*each[1:], all=True) if each[1:] else each[0])}


def page(older_than: int | None, *, most: int) -> list[Act]:
    """Acts, the newest first; `older_than` is the id of the last one that was seen."""
    found = Act.objects.order_by("-pk")
    return list((found.filter(pk__lt=older_than) if older_than else found)[:most])
