"""The ladder of a contract for whoever signs it: who is told when so much of a promise, or of a request's life, is
used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.contracts import wording
from mainstay.contracts.target_lines import ALWAYS, BUSINESS
from mainstay.contracts.terms import in_words
from mainstay.policy import conditions
from mainstay.policy.ladders import role_of
from mainstay.sla.ladder import AT_ONCE, OF_RESOLUTION
from mainstay.sla.targets import parse_target

WHO = {
    "assignee": gettext_noop("whoever works on it"),
    "triage": gettext_noop("those who triage"),
    "manager": gettext_noop("the support managers"),
    "tam": gettext_noop("your Technical Account Manager"),
    "sales": gettext_noop("sales"),
    "administrator": gettext_noop("the administrators"),
    "team": gettext_noop("the team that has it"),
}


def rungs_of(effective: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each rung as when and who: ("Severity 1: 50 % of the time for Resolution used", "the support managers")."""
    return [(_when(row, effective), _told(row)) for row in effective.get("escalations", [])]


def _told(row: Mapping[str, Any]) -> str:
    names = [row["to"]] if isinstance(row["to"], str) else row["to"]
    said = [_(WHO[role]) if (role := role_of(name)) else str(name).replace("_", " ") for name in names]
    who = ", ".join(dict.fromkeys(said))
    return f"{who}: {row['words']}" if row.get("words") else who


def _when(row: Mapping[str, Any], effective: Mapping[str, Any]) -> str:
    rank = str(row.get("severity", "*"))
    heads = [] if rank == "*" else [_("severity %(rank)s") % {"rank": rank}]
    if row.get("when"):
        heads.append(wording.condition(conditions.words(row["when"])))
    said = _used(row, effective)
    return f"{', '.join(heads)}: {said}" if heads else said


def _used(row: Mapping[str, Any], effective: Mapping[str, Any]) -> str:
    after, clock = str(row["after"]), str(row.get("clock", ""))
    if after.endswith("%"):
        named = {"percent": after[:-1], "clock": wording.clock(clock or OF_RESOLUTION)}
        return _("%(clock)s: %(percent)s %% of its time used") % named
    if after == AT_ONCE:
        return (
            _("%(clock)s: as soon as it counts") % {"clock": wording.clock(clock)} if clock else _("at once")
        )
    span = in_words(parse_target(after), ALWAYS if _round_the_clock(row, effective) else BUSINESS)
    if clock:
        return _("%(clock)s: %(span)s of its time used") % {"clock": wording.clock(clock), "span": span}
    return _("open for %(span)s") % {"span": span}


def _round_the_clock(row: Mapping[str, Any], effective: Mapping[str, Any]) -> bool:
    """Whether its time counts at any hour: as it says itself, else as the clock whose hours it takes."""
    if "calendar" in row:
        return bool(row["calendar"] == "always")
    clock, rank = row.get("clock") or "first_response", row.get("severity", "*")
    named = {
        one.get("calendar", "business")
        for one in effective["targets"]
        if one["clock"] == clock
        and one["target"] != "none"
        and ("*" in (rank, one["severity"]) or one["severity"] == rank)
    }
    return named == {"always"}
