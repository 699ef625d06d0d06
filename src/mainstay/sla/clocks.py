"""The fold: what every promise clock of a ticket shows, from its policy and its events (sections "Clocks",
"Pauses" and "When the severity (or the contract) changes" of the clock definition).

`explain` walks the events once. `_Ticket` has a method per kind of event and holds the instances of its clocks
(`instances`). Nothing is stored between calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .instances import Change, Clock, Instance
from .policy import CLOCKS, MAY_START_LATER, WAITING, Policy, Row, same
from .targets import seconds_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


def fold(policy: Policy, events: Iterable[Event], as_of: int) -> list[Clock]:
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


def _started(clock: Clock) -> tuple[int, int]:
    return clock.started_at, _RANK[clock.name]


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
        self.clocks: list[Clock] = []
        self.live: dict[str, Clock] = {}  # running or paused
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
        clock = Clock(name, self.count[name], row, self.severity, at, self.index)
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

    def rule_of(self, event: Event) -> Callable[[Clock, Row], str]:
        """A clock's change is a raise if the new target in seconds at c is shorter than its present one."""
        if event.correction:
            return lambda clock, row: "from_start"
        policy, at = self.policy, event.at

        def rule(clock: Clock, row: Row) -> str:
            shorter = seconds_at(row.target, at, row.calendar) < clock.seconds
            return policy.on_raise if shorter else policy.on_lower

        return rule

    def rereckon(self, at: int, rule_for: Callable[[Clock, Row], str]) -> None:
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

    def drop(self, clock: Clock, at: int) -> None:
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

    def change(self, clock: Clock, row: Row, rule: str, at: int) -> None:
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
