"""The closing rules of a policy as a form, and back; and when things would happen, worked out in a calendar.

`read(shown(desk), desk)` gives what the desk says. Refusals name the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy import conditions
from mainstay.policy.calendar_sheet import read_when
from mainstay.policy.conditions import TICKET_CHANNELS
from mainstay.policy.rows import CLOSING, REMINDERS
from mainstay.sla import hours
from mainstay.sla.hours import Calendar
from mainstay.sla.targets import parse_target, seconds_at

FLAGS = ("closes", "reopens")
COLUMNS = ("severity", "when", *FLAGS, *CLOSING)
YES, NO = "yes", "no"
Fields = dict[str, Any]


def shown(desk: Mapping[str, Any]) -> Fields:
    """The form that holds what the desk says of closing."""
    return {
        **{name: listed(desk["closing"].get(name, "")) for name in CLOSING},
        "rows": [_row_shown(row) for row in desk.get("closing_rules", [])],
        "channels": list(desk.get("reopen_channels", TICKET_CHANNELS)),
    }


def listed(value: Any) -> str:
    """One time or several, as the form has them: "2bd, 5bd"."""
    return ", ".join(value) if isinstance(value, list) else str(value)


def when_text(when: Mapping[str, Any]) -> str:
    """Conditions as they are typed: "language = ja, ko; environment = production"."""
    return "; ".join(f"{name} = {', '.join(conditions.values(asked))}" for name, asked in when.items())


def _row_shown(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "severity": str(row.get("severity", "")),
        "when": when_text(row.get("when", {})),
        **{name: "" if name not in row else YES if row[name] else NO for name in FLAGS},
        **{name: listed(row.get(name, "")) for name in CLOSING},
    }


def read(typed: Fields, desk: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the desk that closing is about, as typed: closing, closing_rules, reopen_channels."""
    was = shown(desk)
    made: dict[str, Any] = {"closing": {name: _value(name, typed[name], name) for name in CLOSING}}
    rows = [row for row in typed["rows"] if any(row[name].strip() for name in COLUMNS)]
    if rows == was["rows"]:
        made |= {key: desk[key] for key in ("closing_rules",) if key in desk}
    elif rows:
        made["closing_rules"] = [_row(row, f"exception {number}") for number, row in enumerate(rows, start=1)]
    channels = [one for one in TICKET_CHANNELS if one in typed["channels"]]
    if not channels:
        raise Refused("reopen channels", "are none; choose at least one, or all")
    if set(channels) == set(was["channels"]):
        made |= {key: desk[key] for key in ("reopen_channels",) if key in desk}
    elif channels != list(TICKET_CHANNELS):
        made["reopen_channels"] = channels
    return made


def _value(name: str, said: str, field: str) -> Any:
    listed = [one for one in re.split(r"[,;\s]+", said.strip()) if one]
    for one in listed:
        parse_target(one, field)
    if name in REMINDERS:
        return listed
    if len(listed) != 1:
        raise Refused(
            field, "must be one time such as 5bd" if listed else "is missing; write a time such as 5bd"
        )
    return listed[0]


def _row(row: Mapping[str, str], field: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    severity = row["severity"].strip()
    if severity:
        if severity != "*" and not (severity.isascii() and severity.isdigit() and len(severity) < 4):
            raise Refused(f"{field}, severity", f"must be a rank, or * for all, not {severity[:20]!r}")
        made["severity"] = severity if severity == "*" else int(severity)
    if row["when"].strip():
        made["when"] = read_when(row["when"], f"{field}, for")
    for name in FLAGS:
        if row[name] not in ("", YES, NO):
            raise Refused(f"{field}, {name}", "must be yes, no, or nothing")
        if row[name]:
            made[name] = row[name] == YES
    for name in CLOSING:
        if row[name].strip():
            made[name] = _value(name, row[name], f"{field}, {name}")
    if not set(made) - {"severity", "when"}:
        raise Refused(field, "says nothing that differs; write a time, or whether it closes or reopens")
    return made


# ---- worked out


class Happening(NamedTuple):
    """Something that happens by itself: which rule, its time, and when."""

    rule: str
    target: str
    at: datetime


def worked(
    closing: Mapping[str, Any], began: datetime, business: Calendar, always: Calendar
) -> list[Happening]:
    """What happens by itself after `began` (aware) if nobody does anything, in the order of the rules.

    Business days are those of the business hours, everything else days on the wall; a reminder that would come
    after the closing is not sent (C1).
    """
    found: list[Happening] = []
    for rule in CLOSING:
        for target in _several(closing[rule]):
            found.append(Happening(rule, target, _after(began, target, business, always)))
    ends = {one.rule: one.at for one in found}
    return [
        one for one in found
        if one.rule not in REMINDERS or one.at < ends[one.rule.replace("_reminders", "_closes")]
    ]  # fmt: skip


def late(closing: Mapping[str, Any], began: datetime, business: Calendar, always: Calendar) -> list[str]:
    """Reminders that are never sent, since it has closed by then: "solution_reminders 5bd"."""
    sent = {(one.rule, one.target) for one in worked(closing, began, business, always)}
    return [
        f"{rule} {one}" for rule in REMINDERS for one in _several(closing[rule]) if (rule, one) not in sent
    ]


def _several(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else [value]


def _after(began: datetime, target: str, business: Calendar, always: Calendar) -> datetime:
    wanted, start = parse_target(target), hours.instant(began)
    calendar = business if wanted.unit in ("bd", "eobd") else always
    return hours.at(calendar.add(start, seconds_at(wanted, start, calendar)))
