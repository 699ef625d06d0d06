"""A policy compiled for the fold: which target, calendar and pauses hold for a clock at a severity.

Nothing is decided here; `cases.parse_policy` reads one from the case format, and callers with terms of their
own may build one from `Promise`s.
"""

from __future__ import annotations

from typing import NamedTuple

from .fields import marked
from .hours import Calendar
from .targets import Target

CLOCKS = (
    "first_response",
    "next_response",
    "progress_update",
    "workaround",
    "resolution",
    "triage",
    "dispatch",
    "root_cause",
)
CLOCK_NAMES = {
    "first_response": marked("First response"),
    "next_response": marked("Next response"),
    "progress_update": marked("Progress report"),
    "workaround": marked("Workaround"),
    "resolution": marked("Resolution"),
    "triage": marked("Triage"),
    "dispatch": marked("Dispatch"),
    "root_cause": marked("Root-cause report"),
}
"""What pages call them."""
"""The clocks in the order of the definition's table."""

MAY_START_LATER = ("first_response", "workaround", "resolution")
STARTS_ON = ("received", "triaged", "information_completed")
WAITING = ("waiting_on_customer", "waiting_on_third_party", "out_of_scope")
RULES = ("from_start", "from_change", "proportional")
ON_REOPEN = ("continue", "restart")

PAUSES = dict.fromkeys(CLOCKS, frozenset({"out_of_scope"})) | dict.fromkeys(
    ("resolution", "workaround", "progress_update"), frozenset({"waiting_on_customer", "out_of_scope"})
)
PAUSES["root_cause"] = frozenset()
"""The states in which each clock stands still unless a policy says otherwise."""


class Row(NamedTuple):
    """One cell of the policy: what is owed for one clock at one severity."""

    clock: str
    severity: str  # the row's own name: "1", "2", ... or "*"
    target: Target
    calendar: Calendar

    @property
    def owed(self) -> tuple[object, ...]:
        """What two rows are compared by: target by value, calendar by content."""
        return (self.target.value, self.calendar.key)


class Promise(NamedTuple):
    """All that a policy says of one clock. `targets` and `calendars` are by severity ("1", ...) or "*"."""

    targets: dict[str, Target]
    calendars: dict[str, Calendar]
    pauses_on: frozenset[str] | None = None
    starts_on: str = "received"
    on_reopen: str = "continue"


class Policy:
    """The promises of one agreement, by clock, and its two rules for a changed severity."""

    def __init__(
        self, promises: dict[str, Promise], *, on_raise: str = "from_change", on_lower: str = "from_start"
    ) -> None:
        self.promises = promises
        self.on_raise = on_raise
        self.on_lower = on_lower
        self._rows: dict[int, dict[str, Row]] = {}
        self.pauses = {
            clock: PAUSES[clock] if (p := promises.get(clock)) is None or p.pauses_on is None else p.pauses_on
            for clock in CLOCKS
        }
        self.pauses["root_cause"] = frozenset()  # it runs on a closed ticket and never pauses
        self.starts_on = {clock: p.starts_on for clock, p in promises.items()}
        self.restarts = "resolution" in promises and promises["resolution"].on_reopen == "restart"

    def rows(self, severity: int) -> dict[str, Row]:
        """What is owed at a severity, by clock; a clock without a target is not there."""
        found = self._rows.get(severity)
        if found is None:
            cells = {clock: self._find(clock, severity) for clock in self.promises}
            found = self._rows[severity] = {clock: row for clock, row in cells.items() if row is not None}
        return found

    def row(self, clock: str, severity: int) -> Row | None:
        """What is owed at a severity, or None: then there is no such clock while that severity holds."""
        return self.rows(severity).get(clock)

    def _find(self, clock: str, severity: int) -> Row | None:
        promise = self.promises[clock]
        name = str(severity)
        severity_row = name if name in promise.targets else "*"
        target = promise.targets.get(severity_row)
        if target is None:
            return None
        calendar = promise.calendars.get(name) or promise.calendars["*"]
        return Row(clock, severity_row, target, calendar)


def same(before: Row | None, after: Row | None) -> bool:
    """Whether a change leaves a clock's target (by value) and calendar (by content) as they were."""
    if before is after:
        return True
    return before is not None and after is not None and before.owed == after.owed
