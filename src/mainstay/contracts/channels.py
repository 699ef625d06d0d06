"""Which channels a customer may use, and whether somebody is there: "phone: closed, opens Monday 09:00 Sydney" (I4).

A channel of the package is open in the hours that its rule names, the phone in business hours where none does, the
others always. What came by a channel that the package does not have is received all the same, and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.policy.calendars import compiled
from mainstay.policy.compile import Place, around, calendars_in
from mainstay.sla import hours
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import Calendar

PHONE = "phone"
NAMES = {"alert": "alerts"}
"""Channels of tickets that packages call otherwise."""
ALWAYS_TAKEN = {"desk", ""}


@dataclass(frozen=True)
class Channel:
    """A channel with hours: open at an instant or not, and until when it stays so (None: for ever)."""

    name: str
    open: bool
    until: datetime | None
    zone: str

    def __str__(self) -> str:
        """ "phone: closed, opens Monday 09:00 Sydney"."""
        city = self.zone.rpartition("/")[2].replace("_", " ")
        if self.until is None:
            return f"{self.name}: open at all hours"
        local = self.until.astimezone(ZoneInfo(self.zone))
        if self.open:
            return f"{self.name}: open until {local:%A} {local:%H:%M} {city}"
        return f"{self.name}: closed, opens {local:%A} {local:%H:%M} {city}"


def with_hours(
    effective: Mapping[str, Any],
    at: datetime,
    *,
    place: Place,
    years: tuple[int, int],
    facts: Mapping[str, Any],
    business: Calendar,
) -> list[Channel]:
    """How the channels of the package that keep hours stand at `at`."""
    found = []
    for name in effective.get("channels", []):
        named = hours_named(effective, name)
        if named == "business":
            found.append(_stands(name, business, at))
        elif named:
            says = compiled(named, calendars_in(effective), around(place, years, facts))
            found.append(_stands(name, calendar_of(says, name=named), at))
    return found


def hours_named(effective: Mapping[str, Any], name: str) -> str:
    """The calendar that a channel of the package keeps; empty: it is always open."""
    rules: Mapping[str, Mapping[str, Any]] = effective.get("channel_rules", {})
    return str(rules.get(name, {}).get("hours") or ("business" if name == PHONE else ""))


def _stands(name: str, calendar: Calendar, at: datetime) -> Channel:
    now = hours.instant(at)
    if calendar.always:
        return Channel(name, True, None, calendar.time_zone)
    if calendar.is_open(now):
        until = calendar.next_close(now)
        return Channel(name, True, hours.at(until) if until is not None else None, calendar.time_zone)
    return Channel(name, False, hours.at(calendar.next_open(now)), calendar.time_zone)


def reasons(effective: Mapping[str, Any], channel: str, stand: list[Channel]) -> list[str]:
    """What is to be said of channels: those with hours, and the one that was used where it is not part of it."""
    said = [f"{str(one)[:1].upper()}{str(one)[1:]}." for one in stand]
    used = NAMES.get(channel, channel)
    if channel not in ALWAYS_TAKEN and effective.get("channels") and used not in effective["channels"]:
        has = ", ".join(effective["channels"])
        said.append(
            f"It came by {channel}, which the package does not have ({has}); it is received all the same."
        )
    return said
