"""Who is on duty: an engineer's week in their own zone, without their absences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mainstay.sla import hours
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import WEEKDAYS, Calendar
from mainstay.staffing.models import Absence, Engineer


@dataclass(frozen=True)
class Duty:
    """Whether somebody is on duty at an instant; `until` when, or `next` when again (None: not foreseen)."""

    now: bool
    until: datetime | None = None
    next: datetime | None = None
    why_not: str = ""


def duty(engineer: Engineer, at: datetime, absences: Iterable[Absence] | None = None) -> Duty:
    """Whether an engineer is on duty at `at`. `absences` spares the query when they are at hand."""
    away = sorted(engineer.absences.all() if absences is None else absences, key=lambda one: one.starts_at)
    calendar = week_of(engineer)
    if calendar is None:
        return Duty(False, why_not="has no hours")
    present = next((one for one in away if one.starts_at <= at < one.ends_at), None)
    if present is None and calendar.is_open(hours.instant(at)):
        return Duty(True, until=_until(calendar, at, away))
    return Duty(False, next=_next(calendar, at, away), why_not="is away" if present else "is off duty")


def on_duty(engineer: Engineer, at: datetime) -> bool:
    """Whether an engineer is on duty at `at`."""
    return duty(engineer, at).now


def week_of(engineer: Engineer) -> Calendar | None:
    """The engineer's week in their own zone; None when it never opens."""
    if not any(engineer.week.get(day) for day in WEEKDAYS):
        return None
    return calendar_of({"time_zone": engineer.user.time_zone or "UTC", "week": engineer.week}, name="duty")


def _until(calendar: Calendar, at: datetime, away: list[Absence]) -> datetime | None:
    """The end of the shift, or the beginning of an absence before it."""
    closes = calendar.next_close(hours.instant(at))
    ends = [hours.at(closes)] if closes is not None else []
    ends += [one.starts_at for one in away if one.starts_at > at]
    return min(ends, default=None)


def _next(calendar: Calendar, at: datetime, away: list[Absence]) -> datetime | None:
    """The first instant on duty after `at`; absences that meet or overlap are gone through in order."""
    instant = hours.instant(at)
    for _ in range(len(away) + 1):
        opens = hours.at(calendar.next_open(instant))
        ends = [one.ends_at for one in away if one.starts_at <= opens < one.ends_at]
        if not ends:
            return opens
        instant = hours.instant(max(ends))
        if hours.at(instant) < max(ends):
            instant += 1  # absences may end within a second
    return None
