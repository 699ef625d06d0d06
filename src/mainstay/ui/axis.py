"""Where an instant lies on a ruler. Pure arithmetic on seconds; shares run from 0 to 100.

The queue's ruler is logarithmic, so that the order of all rows can be seen on one axis; a ticket's ruler is linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log1p
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = 60, 3600, 86400

NEEDLE = 17.0
PAST, PAST_EDGE = 90 * MINUTE, 5.0
AHEAD = 6 * DAY
KNEE = 8 * MINUTE

QUEUE_TICKS = (
    (-30 * MINUTE, "30 m", True),
    (15 * MINUTE, "15 m", True),
    (HOUR, "1 h", False),
    (4 * HOUR, "4 h", False),
    (DAY, "1 d", False),
    (3 * DAY, "3 d", False),
)
"""Seconds from now, label, and whether only a wide screen has room for the label."""

STEPS = (5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 10080, 20160, 40320)
"""Distances between ticks of a linear ruler, in minutes."""


def queue_share(seconds: float) -> float:
    """The place on the queue's ruler of an instant so many seconds from now; clamped to the ruler's ends."""
    if seconds < 0:
        past = log1p(min(-seconds, PAST) / KNEE) / log1p(PAST / KNEE)
        return NEEDLE - (NEEDLE - PAST_EDGE) * past
    return NEEDLE + (100 - NEEDLE) * log1p(min(seconds, AHEAD) / KNEE) / log1p(AHEAD / KNEE)


def is_beyond(seconds: float) -> bool:
    """Whether an instant lies off the queue's ruler, so that its mark says "and further"."""
    return seconds > AHEAD


@dataclass(frozen=True)
class Ruler:
    """A linear axis from `start` to `end`, with ticks at round local times."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def share(self, at: datetime) -> float:
        """The place of an instant, clamped to the ruler."""
        whole = (self.end - self.start).total_seconds()
        return max(0.0, min(100.0, 100 * (at - self.start).total_seconds() / whole))

    def ticks(self, most: int = 10) -> list[tuple[datetime, str]]:
        """Round local times on the ruler, at most `most`, with labels: times, or days where the step is a day."""
        step = next((s for s in STEPS if self._minutes() / s <= most), STEPS[-1])
        days = step >= DAY // MINUTE
        marks = [at for at in self._round(step) if self.start <= at <= self.end]
        return [(at, self._label(at, days)) for at in marks]

    def _minutes(self) -> float:
        return (self.end - self.start).total_seconds() / MINUTE

    def _round(self, step: int) -> Iterable[datetime]:
        """Local midnight of the first day, then every `step` minutes on the wall clock of each day."""
        midnight = self.start.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        days = max(1, step * MINUTE // DAY)
        a_day = range(0, DAY // MINUTE, step) if days == 1 else range(1)
        count = int(self._minutes() * MINUTE // DAY) + 2
        for n in range(0, count, days):
            for minutes in a_day:
                yield midnight + timedelta(days=n, minutes=minutes)

    def _label(self, at: datetime, days: bool) -> str:
        local = at.astimezone(self.zone)
        if days or (local.hour, local.minute) == (0, 0):
            return f"{local:%a} {local.day}"
        return f"{local:%H:%M}"


def ruler_over(instants: Iterable[datetime], zone: ZoneInfo, pad: float = 0.03) -> Ruler:
    """A ruler that holds all instants with a little room at both ends; never shorter than half an hour."""
    known = sorted(instants)
    first, last = known[0], known[-1]
    room = max((last - first) * pad, timedelta(minutes=2))
    if last - first < timedelta(minutes=30):
        last = first + timedelta(minutes=30)
    return Ruler(first - room, last + room, zone)
