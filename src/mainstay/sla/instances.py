"""One instance of a clock: it runs, stands still, is re-reckoned and ends (sections "Clocks" and "Pauses").

`Instance` is what it shows at an instant; `Clock` is what it goes through while the events of a ticket are told.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .policy import Row
from .targets import Target, seconds_at

if TYPE_CHECKING:
    from .hours import Calendar


class Instance(NamedTuple):
    """One instance of a clock at `as_of`. Instants are UTC seconds, durations open seconds of `calendar`.

    `used` counts against the present target. While it runs, used(t) = used_at_anchor + elapsed(anchor, t).
    """

    clock: str
    n: int
    state: str  # running, paused, stopped, cancelled
    due: int | None
    breached: bool
    used: int
    earlier_breaches: tuple[int, ...]
    severity: int  # under which the present target was taken
    target: Target
    target_seconds: int
    calendar: Calendar
    started_at: int
    anchor: int | None  # since when it has been running, None unless it runs
    used_at_anchor: int
    paused_since: int | None
    paused_by: str | None  # the state that it stands still in
    stopped_at: int | None  # when it was met or ended unmet
    missed_at: int | None = None  # the first second beyond a target of its; while it runs, when that will be

    @property
    def left(self) -> int:
        """Open seconds until the target is used up; negative when it is breached."""
        return self.target_seconds - self.used


def warning_at(instance: Instance, share: float | Fraction | str) -> int | None:
    """The instant at which used time reaches `share` of the target, rounded up; None unless the clock runs.

    It may lie before `anchor` only when that much had been used by then: the warning has passed already.
    """
    if instance.anchor is None:
        return None
    numerator, denominator = _exactly(str(share))
    return reaches(instance, -(-numerator * instance.target_seconds // denominator))


@lru_cache(maxsize=64)
def _exactly(share: str) -> tuple[int, int]:
    return Fraction(share).as_integer_ratio()


def warning_before(instance: Instance, seconds: int) -> int | None:
    """The instant `seconds` of business time of its calendar before due; None unless the clock runs."""
    if instance.anchor is None or instance.due is None:
        return None
    return instance.calendar.subtract(instance.due, seconds)


def reaches(instance: Instance, used: int) -> int:
    """The instant at which a running instance will have used so many seconds; its anchor when it has already."""
    assert instance.anchor is not None
    if used >= instance.used_at_anchor:
        return instance.calendar.add(instance.anchor, used - instance.used_at_anchor)
    return instance.anchor


Fact = tuple[int, str, int, str | None]
"""What happened to an instance: (at, what, index of the event that did it, waiting state if it pauses).

`what` is "starts", "runs", "pauses", "stopped" or "cancelled".
"""


class Change(NamedTuple):
    """A re-reckoning: what was owed before and after, and which rule took.

    `rule` is from_start, from_change, proportional, "goes_on" (the old target is due earlier) or "cancelled".
    The dues are as if the clock ran from the change on.
    """

    at: int
    event: int
    rule: str
    severity_before: int
    severity_after: int
    row_before: Row
    row_after: Row | None
    seconds_before: int
    seconds_after: int
    used_before: int
    due_before: int
    due_after: int | None
    offered_due: int | None  # what the new target would have given, where the old one goes on


class Clock:
    """One instance. `runs` are its finished runs since its start; from `first_run` on they count now."""

    __slots__ = (
        "basis",
        "calendar",
        "changes",
        "earlier",
        "ended_at",
        "facts",
        "first_run",
        "lapses",
        "n",
        "name",
        "paused_by",
        "paused_since",
        "row",
        "running_since",
        "runs",
        "seconds",
        "severity",
        "started_at",
        "state",
        "used_in_runs",
    )

    def __init__(self, name: str, n: int, row: Row, severity: int, at: int, event: int) -> None:
        self.name = name
        self.n = n
        self.row = row
        self.calendar = row.calendar
        self.severity = severity
        self.started_at = self.basis = at
        self.seconds = seconds_at(row.target, at, row.calendar)
        self.state = "running"
        self.running_since: int | None = at
        self.paused_since: int | None = None
        self.paused_by: str | None = None
        self.ended_at: int | None = None
        self.runs: list[tuple[int, int]] = []
        self.first_run = 0
        self.used_in_runs = 0
        self.earlier: list[int] = []
        self.lapses: list[int] = []  # the first second beyond each of them
        self.facts: list[Fact] = [(at, "starts", event, None)]
        self.changes: list[Change] = []

    # How much is used, and when it is used up

    def used(self, at: int) -> int:
        """Business seconds used against the present target at an instant not before the last event."""
        if self.running_since is None:
            return self.used_in_runs
        return self.used_in_runs + self.calendar.elapsed(self.running_since, at)

    def due(self, resumed: int) -> int:
        """When used time reaches the target; if it stands still, as if it resumed at `resumed`."""
        return self._reaches(self.seconds, resumed)

    def _reaches(self, seconds: int, resumed: int) -> int:
        """When used time reaches `seconds`; if it stands still before, as if it resumed at `resumed`."""
        since = resumed if self.running_since is None else self.running_since
        if self.used_in_runs < seconds or self.first_run == len(self.runs):
            return self.calendar.add(since, seconds - self.used_in_runs)
        left = seconds
        for start, end in self.runs[self.first_run :]:
            amount = self.calendar.elapsed(start, end)
            if amount >= left:
                return self.calendar.add(start, left)
            left -= amount
        raise AssertionError("the runs do not reach what they have used")

    # Running and standing still

    def pause(self, at: int, state: str, event: int) -> None:
        self._end_run(at)
        self.state, self.paused_since, self.paused_by = "paused", at, state
        self.facts.append((at, "pauses", event, state))

    def run(self, at: int, event: int) -> None:
        """Run on, after a pause or (a resolution) after it had ended."""
        self.state, self.running_since = "running", at
        self.paused_since = self.paused_by = self.ended_at = None
        self.facts.append((at, "runs", event, None))

    def end(self, at: int, state: str, event: int) -> None:
        """Met ("stopped") or ended unmet ("cancelled")."""
        self._end_run(at)
        self.state, self.ended_at = state, at
        self.paused_since = self.paused_by = None
        self.facts.append((at, state, event, None))

    def _end_run(self, at: int) -> None:
        since = self.running_since
        if since is not None and at > since:
            self.used_in_runs += self.calendar.elapsed(since, at)
            self.runs.append((since, at))
        self.running_since = None

    # Re-reckoning

    def note_breach(self, used: int, due: int, at: int) -> None:
        """A present target that has lapsed at a change is listed, each instant once."""
        if used > self.seconds and due not in self.earlier:
            self.earlier.append(due)
            self.lapses.append(self._reaches(self.seconds + 1, at))

    def from_start(self, row: Row) -> None:
        """As if the new target and calendar had held since the start; pauses and gaps are kept."""
        calendar = row.calendar
        self.seconds = seconds_at(row.target, self.started_at, calendar)
        self.row, self.calendar = row, calendar
        self.basis, self.first_run = self.started_at, 0
        self.used_in_runs = sum(calendar.elapsed(start, end) for start, end in self.runs)

    def from_now(self, row: Row, seconds: int, at: int) -> None:
        """A target of `seconds` counted from the change on."""
        running = self.running_since is not None
        self._end_run(at)
        if running:
            self.running_since = at
        self.seconds, self.row, self.calendar = seconds, row, row.calendar
        self.basis, self.first_run, self.used_in_runs = at, len(self.runs), 0

    def scaled(self, seconds: int, used: int) -> int:
        """The unused fraction of the present target times `seconds`, rounded down."""
        left = self.seconds - used
        return left * seconds // self.seconds if left > 0 else 0

    def shown(self, as_of: int) -> Instance:
        """What it shows at an instant not before the last event."""
        state = self.state
        used = self.used(as_of)
        due = None
        lapsed = list(self.lapses)
        if state == "running" or used > self.seconds:
            lapsed.append(self._reaches(self.seconds + 1, as_of))
        if state == "running" or state == "stopped":
            due = self.due(as_of if self.ended_at is None else self.ended_at)
        return Instance(
            self.name,
            self.n,
            state,
            due,
            used > self.seconds,
            used,
            tuple(self.earlier),
            self.severity,
            self.row.target,
            self.seconds,
            self.calendar,
            self.started_at,
            self.running_since,
            self.used_in_runs,
            self.paused_since,
            self.paused_by,
            self.ended_at,
            min(lapsed, default=None),
        )
