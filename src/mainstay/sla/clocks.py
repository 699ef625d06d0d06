"""The fold: what every promise clock of a ticket shows, from its policy and its events (sections "Clocks",
"Pauses" and "When the severity (or the contract) changes" of the clock definition).

`explain` walks the events once. `_Ticket` has a method per kind of event; `_Clock` is one instance: it runs,
stands still, is re-reckoned and ends. Nothing is stored between calls.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .policy import CLOCKS, MAY_START_LATER, WAITING, Policy, Row, same
from .targets import Target, seconds_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .hours import Calendar

STAFF_MESSAGES = ("staff_replied", "progress_reported", "workaround_provided", "solution_proposed")
REASONS = (
    "resolved",
    "closed_by_customer",
    "no_answer_to_solution",
    "no_information",
    "out_of_scope",
    "duplicate",
    "spam",
)
SOLVED = ("resolved", "no_answer_to_solution")
_MOVES_WHILE_CLOSED = ("reopened", "root_cause_reported", "severity_changed", "agreement_changed")
_RANK = {clock: i for i, clock in enumerate(CLOCKS)}


class Event(NamedTuple):
    """One event of a ticket. `at` is in UTC seconds; the rest is set for the kinds that have it."""

    at: int
    event: str
    severity: int | None = None  # received, severity_changed
    reason: str | None = None  # closed
    policy: Policy | None = None  # agreement_changed
    correction: bool = False  # agreement_changed


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


def explain(policy: Policy, events: Iterable[Event], as_of: int) -> list[Instance]:
    """Every instance in the order in which they started (ties: the order of the table), as it is at `as_of`.

    `events` are in order, the first is `received`; those after `as_of` are ignored. Raises Refused only
    where a due instant would lie beyond the year 3000 or a calendar never opens again.
    """
    return [clock.shown(as_of) for clock in fold(policy, events, as_of)]


def explain_some(
    policy: Policy, events: Iterable[Event], as_of: int, wanted: Callable[[str, int, str, int], bool]
) -> list[tuple[int, Instance]]:
    """The same of those instances for which `wanted(clock, n, state, severity)` holds, each with its place among
    all. For many tickets, of which nobody reads what has ended."""
    clocks = enumerate(fold(policy, events, as_of))
    return [
        (place, one.shown(as_of)) for place, one in clocks if wanted(one.name, one.n, one.state, one.severity)
    ]


def fold(policy: Policy, events: Iterable[Event], as_of: int) -> list[_Clock]:
    """The instances with their histories, for `explain` and the ledger."""
    ticket = _Ticket(policy)
    for index, event in enumerate(events):
        if event.at > as_of:
            break
        kind = event.event
        if not ticket.closed or kind in _MOVES_WHILE_CLOSED:
            ticket.index = index
            _VERBS[kind](ticket, event)
    return sorted(ticket.clocks, key=_started)


def _started(clock: _Clock) -> tuple[int, int]:
    return clock.started_at, _RANK[clock.name]


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


class _Clock:
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


class _Ticket:
    """What the fold knows of a ticket after the events so far."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.severity = 0
        self.waiting: str | None = None  # the state that may make clocks stand still
        self.closed = False
        self.ever_closed = False
        self.answered = False  # there has been a staff message
        self.dispatched = False
        self.happened = {"received"}  # which of the events that `starts_on` may name
        self.reopened_or_rejected = False
        self.workaround_met = False
        self.resolution_met = False  # since it was received, last reopened or last rejected
        self.clocks: list[_Clock] = []
        self.live: dict[str, _Clock] = {}  # running or paused
        self.count = dict.fromkeys(CLOCKS, 0)
        self.index = 0  # of the event that is happening
        self.rows: dict[str, Row] = {}  # what is owed by the policy at the severity

    # Starting and ending clocks

    def start(self, name: str, at: int) -> None:
        """A new instance, if there is a target and none is live; it stands still if the ticket waits."""
        row = self.rows.get(name)
        if row is None or name in self.live:
            return
        self.count[name] += 1
        clock = _Clock(name, self.count[name], row, self.severity, at, self.index)
        self.clocks.append(clock)
        self.live[name] = clock
        if self.waiting is not None and self.waiting in self.policy.pauses[name]:
            clock.pause(at, self.waiting, self.index)

    def end(self, name: str, at: int, state: str) -> None:
        if name in self.live:
            self.live.pop(name).end(at, state, self.index)

    def wait(self, state: str | None, at: int) -> None:
        """Begin a waiting state in place of any other, or end whichever holds."""
        if state != self.waiting:
            self.waiting = state
            self.settle(at)

    def settle(self, at: int) -> None:
        """Let each live clock run or stand still as the present state and policy say."""
        pauses = self.policy.pauses
        for name, clock in self.live.items():
            if self.waiting is not None and self.waiting in pauses[name]:
                if clock.paused_by != self.waiting:
                    clock.pause(at, self.waiting, self.index)
            elif clock.state == "paused":
                clock.run(at, self.index)

    # The events, one method each

    def received(self, event: Event) -> None:
        assert event.severity is not None
        self.severity = event.severity
        self.rows = self.policy.rows(event.severity)
        self.begin("received", event.at)
        self.start("triage", event.at)

    def nothing(self, event: Event) -> None:
        """The automatic answer moves no clock."""

    def triaged(self, event: Event) -> None:
        first = "triaged" not in self.happened
        self.end("triage", event.at, "stopped")
        self.begin("triaged", event.at)
        if first and not self.dispatched and not self.ever_closed:
            self.start("dispatch", event.at)

    def information_completed(self, event: Event) -> None:
        self.begin("information_completed", event.at)

    def begin(self, starting: str, at: int) -> None:
        """The first event of a kind that `starts_on` may name; not on a ticket that was closed."""
        first = starting == "received" or starting not in self.happened
        self.happened.add(starting)
        if first and not self.ever_closed:
            for name in MAY_START_LATER:
                if self.policy.starts_on.get(name) == starting and not self.is_met(name):
                    self.start(name, at)

    def is_met(self, name: str) -> bool:
        if name == "first_response":
            return self.answered
        return self.workaround_met if name == "workaround" else self.resolution_met

    def was_dispatched(self, event: Event) -> None:
        self.dispatched = True
        self.end("dispatch", event.at, "stopped")

    def staff_message(self, event: Event) -> None:
        """`staff_replied` and `progress_reported`; the two below add to it."""
        self.answer(event.at)
        self.report(event.at)

    def workaround_provided(self, event: Event) -> None:
        self.answer(event.at)
        self.workaround_met = True
        self.end("workaround", event.at, "stopped")
        self.report(event.at)

    def solution_proposed(self, event: Event) -> None:
        self.answer(event.at)
        self.workaround_met = self.resolution_met = True
        self.end("workaround", event.at, "stopped")
        self.end("resolution", event.at, "stopped")
        self.end("progress_update", event.at, "cancelled")

    def answer(self, at: int) -> None:
        self.answered = True
        self.end("first_response", at, "stopped")
        self.end("next_response", at, "stopped")

    def report(self, at: int) -> None:
        """A report meets the running `progress_update` and starts the next."""
        self.end("progress_update", at, "stopped")
        self.start("progress_update", at)

    def customer_replied(self, event: Event) -> None:
        if self.waiting == "waiting_on_customer":
            self.wait(None, event.at)
        if self.answered:
            self.start("next_response", event.at)

    def waits(self, event: Event) -> None:
        self.wait(event.event, event.at)

    def resumed(self, event: Event) -> None:
        self.wait(None, event.at)

    def solution_rejected(self, event: Event) -> None:
        self.wait(None, event.at)
        self.reopened_or_rejected = True
        self.resolution_met = False
        if self.answered:
            self.start("progress_update", event.at)
        self.run_on(event.at)

    def reopened(self, event: Event) -> None:
        self.closed = False
        self.end("root_cause", event.at, "cancelled")
        self.solution_rejected(event)

    def run_on(self, at: int) -> None:
        """A stopped or cancelled resolution runs on as the same instance, or a new one starts."""
        if "resolution" in self.live:
            return
        last = next((c for c in reversed(self.clocks) if c.name == "resolution"), None)
        if last is None or self.policy.restarts:
            self.start("resolution", at)
            return
        last.run(at, self.index)
        self.live["resolution"] = last

    def was_closed(self, event: Event) -> None:
        at, solved = event.at, event.reason in SOLVED
        self.end("resolution", at, "stopped" if solved else "cancelled")
        for name in list(self.live):
            self.end(name, at, "cancelled")
        self.waiting = None
        self.closed = self.ever_closed = True
        if solved:
            self.start("root_cause", at)

    def root_cause_reported(self, event: Event) -> None:
        self.end("root_cause", event.at, "stopped")

    # Changes of severity and agreement

    def severity_changed(self, event: Event) -> None:
        assert event.severity is not None
        policy, before = self.policy, self.severity
        self.severity = event.severity
        rule = policy.on_raise if event.severity < before else policy.on_lower
        self.rereckon(event.at, lambda clock, row: rule)

    def agreement_changed(self, event: Event) -> None:
        assert event.policy is not None
        self.policy = event.policy
        self.rereckon(event.at, self.rule_of(event))
        self.settle(event.at)

    def rule_of(self, event: Event) -> Callable[[_Clock, Row], str]:
        """A clock's change is a raise if the new target in seconds at c is shorter than its present one."""
        if event.correction:
            return lambda clock, row: "from_start"
        policy, at = self.policy, event.at

        def rule(clock: _Clock, row: Row) -> str:
            shorter = seconds_at(row.target, at, row.calendar) < clock.seconds
            return policy.on_raise if shorter else policy.on_lower

        return rule

    def rereckon(self, at: int, rule_for: Callable[[_Clock, Row], str]) -> None:
        """Compare what was owed with what is owed now, clock by clock."""
        owed, self.rows = self.rows, self.policy.rows(self.severity)
        for name in CLOCKS:
            before, after = owed.get(name), self.rows.get(name)
            if same(before, after):
                continue
            clock = self.live.get(name)
            if clock is None:
                if before is None and self.may_start(name):
                    self.start(name, at)
            elif after is None:
                self.drop(clock, at)
            else:
                self.change(clock, after, rule_for(clock, after), at)

    def may_start(self, name: str) -> bool:
        """Whether a clock without a target until now starts at the change: its starting event has come."""
        if self.closed or name not in MAY_START_LATER or self.is_met(name):
            return False
        come = self.policy.starts_on.get(name) in self.happened
        if name == "resolution":
            return come or self.reopened_or_rejected
        return come and not self.ever_closed

    def drop(self, clock: _Clock, at: int) -> None:
        """No target for the new severity: the instance is cancelled, visibly."""
        used, due = clock.used(at), clock.due(at)
        clock.note_breach(used, due, at)
        clock.changes.append(
            Change(
                at, self.index, "cancelled", clock.severity, self.severity, clock.row, None, clock.seconds, 0,
                used, due, None, None,
            )
        )  # fmt: skip
        self.end(clock.name, at, "cancelled")

    def change(self, clock: _Clock, row: Row, rule: str, at: int) -> None:
        """Re-reckon one instance by `rule` and keep what was owed before for the ledger."""
        used, due, offered = clock.used(at), clock.due(at), None
        was, row_before, seconds_before = clock.severity, clock.row, clock.seconds
        clock.note_breach(used, due, at)
        if rule == "from_start":
            clock.from_start(row)
            due_after = clock.due(at)
        else:
            seconds = seconds_at(row.target, at, row.calendar)
            if rule == "proportional":
                seconds = clock.scaled(seconds, used)
            due_after = row.calendar.add(at, seconds)
            if rule == "from_change" and due < due_after:
                rule, offered, due_after = "goes_on", due_after, due
            else:
                clock.from_now(row, seconds, at)
        if rule != "goes_on":
            clock.severity = self.severity
        clock.changes.append(
            Change(
                at, self.index, rule, was, self.severity, row_before, row, seconds_before, clock.seconds, used,
                due, due_after, offered,
            )
        )  # fmt: skip


_VERBS: dict[str, Callable[[_Ticket, Event], None]] = {
    "received": _Ticket.received,
    "acknowledged": _Ticket.nothing,
    "triaged": _Ticket.triaged,
    "information_completed": _Ticket.information_completed,
    "dispatched": _Ticket.was_dispatched,
    "staff_replied": _Ticket.staff_message,
    "progress_reported": _Ticket.staff_message,
    "workaround_provided": _Ticket.workaround_provided,
    "solution_proposed": _Ticket.solution_proposed,
    "solution_rejected": _Ticket.solution_rejected,
    "customer_replied": _Ticket.customer_replied,
    **dict.fromkeys(WAITING, _Ticket.waits),
    "resumed": _Ticket.resumed,
    "severity_changed": _Ticket.severity_changed,
    "agreement_changed": _Ticket.agreement_changed,
    "closed": _Ticket.was_closed,
    "reopened": _Ticket.reopened,
    "root_cause_reported": _Ticket.root_cause_reported,
}
KINDS = tuple(_VERBS)
"""The kinds of event, in the order in which the definition lists them."""
