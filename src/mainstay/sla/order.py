"""The order of every queue ("Queue order, one formula everywhere"), as one instant that can be indexed.

`queue_at` is
- with a running promise: the earliest due instant of the running promises (goals do not count), minus the head
  start of the ticket's level for its severity: the *effective due*;
- without one: the instant since which the ticket has been ours to move (it was opened, or last became our turn)
  plus the desk's ceiling (5 days as shipped), four times that while it waits for the customer or a third party.

Queues sort by `queue_at`, then by level (higher first), severity (graver first), age and number. A promised ticket
with time left is thus before one without a promise, as promises are mostly due within days; yet whoever has no
promise comes to the front when the ceiling is reached, so nobody starves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .hours import DAY, at
from .policy import WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CEILING = 5 * DAY
WAITING_TIMES = 4  # somebody else's turn takes longer


class Level(NamedTuple):
    """What the order needs of a service level. `head_starts` maps severities to seconds; others have none."""

    name: str
    rank: int  # higher goes first among equals
    head_starts: Mapping[int, int]

    def head_start(self, severity: int) -> int:
        return self.head_starts.get(severity, 0)


class Owed(NamedTuple):
    """A clock as the order sees it: its due instant (None while it stands still) and whether it is promised."""

    clock: str
    due: int | None
    promised: bool


class Place(NamedTuple):
    """Where a ticket stands: the instant to sort by and the facts for saying why."""

    queue_at: int
    has_promise: bool
    clock: str | None  # the promise that decides
    due: int | None
    head_start: int
    severity: int
    level: Level
    waiting: str | None
    ceiling: int = CEILING  # seconds, of a ticket without a running promise

    def sort_key(self, opened_at: int, number: int) -> tuple[int, int, int, int, int]:
        """The whole order, smallest first."""
        return (self.queue_at, -self.level.rank, self.severity, opened_at, number)


def effective_due(owed: Iterable[Owed], level: Level, severity: int) -> int | None:
    """The earliest due instant of the running promises minus the level's head start; None without one."""
    dues = [o.due for o in owed if o.promised and o.due is not None]
    return min(dues) - level.head_start(severity) if dues else None


def place(
    owed: Iterable[Owed],
    *,
    level: Level,
    severity: int,
    our_turn_since: int,
    waiting: str | None = None,
    ceiling: int = CEILING,
) -> Place:
    """Where a ticket stands in every queue.

    `owed` are its running clocks; `our_turn_since` is when it was opened or last became ours to move (while it
    waits: when it began to wait); `waiting` is the state that it waits in, if any; `ceiling` the desk's, in seconds.
    """
    running = [o for o in owed if o.promised and o.due is not None]
    first = min(running, key=lambda o: (o.due or 0, o.clock), default=None)
    if first is not None and first.due is not None:
        head = level.head_start(severity)
        return Place(first.due - head, True, first.clock, first.due, head, severity, level, waiting)
    ceiling *= WAITING_TIMES if waiting in WAITING else 1
    return Place(our_turn_since + ceiling, False, None, None, 0, severity, level, waiting, ceiling)


class Priority(NamedTuple):
    """The band from 1 to 4 that people see, with its reason in words."""

    band: int
    reason: str


def priority(
    standing: Place, *, now: int, shift_end: int, told: Callable[[int], str] | None = None
) -> Priority:
    """The band of a place: 1 effective due passed, 2 before the shift ends, 3 later, 4 no promise running.

    A ticket without a promise whose ceiling has passed is in band 1. `told` writes an instant for the reader
    (in UTC unless given).
    """
    reason = reason_of(standing, told or _in_utc)
    if standing.queue_at <= now:
        return Priority(1, reason)
    if not standing.has_promise:
        return Priority(4, reason)
    return Priority(2 if standing.queue_at < shift_end else 3, reason)


def reason_of(standing: Place, told: Callable[[int], str]) -> str:
    """Why a ticket stands where it stands: "first response due 14:18, head start 60 min for severity 1 at ..."."""
    if standing.due is None or standing.clock is None:
        days = standing.ceiling // DAY
        since = "waiting" if standing.waiting in WAITING else "our turn"
        return f"no promise running, {since}: to the front at {told(standing.queue_at)}, after {days} days"
    due = f"{standing.clock.replace('_', ' ')} due {told(standing.due)}"
    if not standing.head_start:
        return f"{due}, no head start for severity {standing.severity} at {standing.level.name}"
    minutes = standing.head_start // 60
    return f"{due}, head start {minutes} min for severity {standing.severity} at {standing.level.name}"


def _in_utc(t: int) -> str:
    return f"{at(t):%Y-%m-%d %H:%M} UTC"
