"""From the log to the clock rows: which events of ours are which of the clock definition, and the indexed copy.

The rows may be thrown away: `explained` reads them out of the log again, `verify` compares.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from mainstay import rows as stored
from mainstay.contracts import terms
from mainstay.sla import clocks as sla
from mainstay.sla import hours, order
from mainstay.sla.instances import Instance, warning_at
from mainstay.tickets import ladder
from mainstay.tickets.models import Clock, CloseReason, Event, State, Ticket

# Kinds of ours -> names of the clock definition. Kinds that are not here move no clock.
NAMES: dict[str, tuple[str, ...]] = {
    "received": ("received",),
    "acknowledged": ("acknowledged",),
    "triaged": ("triaged",),
    "information_completed": ("information_completed",),
    "information_requested": ("staff_replied", "waiting_on_customer"),
    "dispatched": ("dispatched",),
    "handed_over": ("dispatched",),
    "staff_replied": ("staff_replied",),
    "asked_customer": ("staff_replied", "waiting_on_customer"),
    "progress_reported": ("progress_reported",),
    "workaround_provided": ("workaround_provided",),
    "solution_proposed": ("solution_proposed",),
    "solution_rejected": ("solution_rejected",),
    "customer_replied": ("customer_replied",),
    "waiting_on_third_party": ("waiting_on_third_party",),
    "ruled_out_of_scope": ("staff_replied", "out_of_scope"),
    "brought_into_scope": ("resumed",),
    "paid_work_offered": ("staff_replied",),
    "paid_work_agreed": ("resumed",),
    "scope_appealed": (),
    "appeal_rejected": ("staff_replied",),
    "served_once": ("staff_replied",),
    "package_offered": ("staff_replied", "waiting_on_customer"),
    "resumed": ("resumed",),
    "severity_changed": (),
    "escalated": (),
    "agreement_changed": ("agreement_changed",),
    "customer_recognised": ("agreement_changed",),
    "closed": ("closed",),
    "reopened": ("reopened",),
    "withdrawn": (),
    "merged_in": (),
    "unmerged": (),
    "taken_apart": (),
    "solution_withdrawn": (),
    "root_cause_reported": ("root_cause_reported",),
}
WITH_WORDS = {
    "solution_rejected",
    "reopened",
    "scope_appealed",
    "merged_in",
}  # a reply that does this is also a reply


READ = ("severity", "terms", "correction", "reason", "words", "root_cause_told", "withdrawn")
"""What `_named` reads out of an event's facts; of those before it only the severity."""


class Logged(NamedTuple):
    """What a clock needs of an event row."""

    kind: str
    at: datetime
    before: dict[str, Any]
    after: dict[str, Any]
    seq: int


Beside = Mapping[str, terms.TermsDocument]
"""Terms by hash that are not stored yet: of a change that is only looked at."""


def logged(event: Event) -> Logged:
    """An event as the log has it."""
    return Logged(event.kind, event.at, event.before, event.after, event.seq)


def clock_events(log: Iterable[Logged], beside: Beside | None = None) -> list[sla.Event]:
    """The log in the words of the clock definition. A changed severity counts before what changed it."""
    return [event for logged in standing_events(log) for event in _named(logged, beside or {})]


def standing_events(log: Iterable[Logged]) -> list[Logged]:
    """The log without what was taken back before anybody outside heard of it: as if it had never been said."""
    log = list(log)
    gone = {seq for logged in log for seq in taken_back(logged.after)}
    return [logged for logged in log if logged.seq not in gone] if gone else log


def taken_back(after: Mapping[str, Any]) -> list[int]:
    """The events (seq) that an event takes back: one, several, or as a rule none."""
    said = after.get("withdrawn", [])
    return said if isinstance(said, list) else [said]


def _named(logged: Logged, beside: Beside) -> list[sla.Event]:
    at, found = hours.instant(logged.at), []
    if logged.kind != "received" and "severity" in logged.after and "severity" in logged.before:
        found.append(sla.Event(at, "severity_changed", severity=int(logged.after["severity"])))
    for name in NAMES.get(logged.kind, ()):
        if name == "received":
            found.append(sla.Event(at, name, severity=int(logged.after["severity"])))
        elif name == "closed":
            if logged.after.get("words"):  # words that close are an answer first (LESSON 4)
                solved = logged.after["reason"] == "resolved"
                found.append(sla.Event(at, "solution_proposed" if solved else "staff_replied"))
            found.append(sla.Event(at, name, reason=_reason(str(logged.after["reason"]))))
            if logged.after.get("root_cause_told"):  # reported before it was owed: met as it starts
                found.append(sla.Event(at, "root_cause_reported"))
        elif name == "agreement_changed":
            named = logged.after["terms"]
            policy = (beside.get(named) or terms.load(named)).policy
            correction = bool(logged.after.get("correction"))
            found.append(sla.Event(at, name, policy=policy, correction=correction))
        else:
            found.append(sla.Event(at, name))
    if logged.kind in WITH_WORDS and logged.after.get("words"):
        found.append(sla.Event(at, "customer_replied"))
    return found


def _reason(reason: str) -> str:
    """A reason of closing in the words of the clock definition: what nothing covers is out of scope there."""
    return "out_of_scope" if reason == CloseReason.NOT_ENTITLED else reason


def log_of(ticket: Ticket | int) -> list[Logged]:
    """The ticket's events that move clocks, in order. One query."""
    rows = Event.objects.filter(ticket=ticket, kind__in=NAMES).order_by("seq")
    return [Logged(*row) for row in rows.values_list("kind", "at", "before", "after", "seq")]


def logs_of(tickets: Iterable[Ticket]) -> dict[int, list[Logged]]:
    """The same of many tickets, by their numbers. One query."""
    logs: dict[int, list[Logged]] = {ticket.pk: [] for ticket in tickets}
    rows = Event.objects.filter(ticket__in=logs, kind__in=NAMES).order_by("ticket", "seq")
    for number, *row in rows.values_list("ticket", "kind", "at", "before", "after", "seq"):
        logs[number].append(Logged(*row))
    return logs


def explained(log: Sequence[Logged], as_of: datetime) -> list[Instance]:
    """Every clock instance as the log says, at `as_of`. Empty for a ticket without terms."""
    if not log or not log[0].after.get("terms"):
        return []
    policy = terms.load(log[0].after["terms"]).policy
    return sla.explain(policy, clock_events(log), hours.instant(as_of))


def explained_some(
    log: Sequence[Logged], as_of: datetime, beside: Beside, wanted: Callable[[str, int, str, int], bool]
) -> list[tuple[int, Instance]]:
    """The same of the instances that are `wanted` (see `sla.explain_some`), each with its position."""
    if not log or not log[0].after.get("terms"):
        return []
    policy = terms.load(log[0].after["terms"]).policy
    return sla.explain_some(policy, clock_events(log, beside), hours.instant(as_of), wanted)


def refresh(ticket: Ticket, event: Event) -> None:
    """Rewrite the ticket's clock rows and what the queue sorts by, after `event`. Does not save the ticket.

    Events that move no clock leave the rows alone.
    """
    ticket.level_rank = ticket.level.rank if ticket.level else 0
    if moves(event):
        log = log_of(ticket)
        found = explained(log, event.at)
        write(ticket, rows(ticket, found, event.at))
        if ladder.has_one(ticket) or "terms" in event.after:  # other terms may have taken it away
            ladder.store({ticket.pk: ladder.plan(ticket, found, clock_events(log), event.at)}, event.at)
    set_order(ticket)


def moves(event: Event) -> bool:
    """Whether an event moves clocks."""
    return event.kind in NAMES or "severity" in event.after


Rung = set[tuple[str, int, str, datetime]]
"""What was noticed of a ticket: clock, n, kind of alarm, and when it was due."""


def reckon(ticket: Ticket, log: list[Logged], rung: Rung) -> list[Clock]:
    """What `refresh` does, without storing: sets the ticket's place and gives its clock rows (unsaved).

    `log` holds every event that moves clocks up to now; it is empty when nothing has moved them, and then only
    the place is set.
    """
    ticket.level_rank = ticket.level.rank if ticket.level else 0
    found = explained(log, log[-1].at) if log else []
    fresh = rows(ticket, found, log[-1].at) if log else []
    if log and ladder.has_one(ticket):
        ticket.__dict__[ladder.WAITING] = ladder.plan(ticket, found, clock_events(log), log[-1].at)
    for row in fresh:
        row.next_alarm_at, row.next_alarm = next_alarm(row, rung)
    if log:
        ticket.__dict__["_clocks"] = fresh
    set_order(ticket)
    return fresh


def rung_of(numbers: Iterable[int]) -> dict[int, Rung]:
    """The alarms of many tickets, by their numbers. One query."""
    rung: dict[int, Rung] = {number: set() for number in numbers}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ticket_id, clock, n, kind, extract(epoch FROM due_at)::bigint FROM tickets_alarm"
            " WHERE ticket_id = ANY(%s)",
            [list(rung)],
        )
        for number, clock, n, kind, due in cursor.fetchall():
            rung[number].add((clock, n, kind, hours.at(due)))
    return rung


def store(fresh: Sequence[Clock]) -> None:
    """Store clock rows of any number of tickets in place of what was there."""
    stored.upsert(Clock, fresh, unique=["ticket", "clock", "n"], copied=COPIED)


def rows(ticket: Ticket, instances: list[Instance], as_of: datetime) -> list[Clock]:
    """The clock rows (unsaved) that these instances make."""
    return [Clock(ticket=ticket, **said) for said in columns(ticket, enumerate(instances), as_of)]


def columns(
    ticket: Ticket, instances: Iterable[tuple[int, Instance]], as_of: datetime
) -> list[dict[str, Any]]:
    """The same as columns, of instances with their positions: quicker, for many tickets."""
    says = terms.load(ticket.terms_id) if ticket.terms_id else None
    return [_columns(says, position, one, as_of) for position, one in instances]


def _columns(
    says: terms.TermsDocument | None, position: int, one: Instance, as_of: datetime
) -> dict[str, Any]:
    kind = (says.kind(one.clock, one.severity) if says else None) or "goal"
    warn = warning_at(one, says.warn_at) if says and one.state == "running" else None
    return {
        "clock": one.clock,
        "n": one.n,
        "position": position,
        "kind": kind,
        "state": one.state,
        "target": one.target.text,
        "target_seconds": one.target_seconds,
        "calendar": one.calendar.name[:40],
        "used": one.used,
        "as_of": as_of,
        "started_at": hours.at(one.started_at),
        "stopped_at": hours.at(one.stopped_at) if one.stopped_at is not None else None,
        "due_at": hours.at(one.due) if one.due is not None else None,
        "warn_at": hours.at(warn) if warn is not None else None,
        "breached": one.breached if one.state in {"stopped", "cancelled"} else False,
        "earlier_breaches": [hours.at(instant).isoformat() for instant in one.earlier_breaches],
        "severity": one.severity,
        "missed_at": hours.at(one.missed_at) if one.missed_at is not None else None,
    }


COPIED = [
    "position", "kind", "state", "target", "target_seconds", "calendar", "used", "as_of", "started_at",
    "stopped_at", "due_at", "warn_at", "breached", "earlier_breaches", "severity", "missed_at",
    "next_alarm_at", "next_alarm",
]  # fmt: skip


def write(ticket: Ticket, fresh: list[Clock]) -> None:
    """Store the rows in place of what was there, each with its next alarm."""
    rung = rung_of([ticket.pk])[ticket.pk]
    for row in fresh:
        row.next_alarm_at, row.next_alarm = next_alarm(row, rung)
    store(fresh)
    ticket.__dict__["_clocks"] = fresh


def next_alarm(row: Clock, rung: Rung) -> tuple[datetime | None, str]:
    """The next instant at which a running clock wants to be noticed: the warning, then the breach.

    Met exactly at the due instant is kept, so a breach is noticed a second after it.
    """
    if row.state != "running" or row.due_at is None:
        return None, ""
    if (
        row.warn_at is not None
        and row.warn_at < row.due_at
        and (row.clock, row.n, "warn", row.due_at) not in rung
    ):
        return row.warn_at, "warn"
    if (row.clock, row.n, "breach", row.due_at) not in rung:
        return row.due_at + timedelta(seconds=1), "breach"
    return None, ""


def set_order(ticket: Ticket) -> None:
    """Where the ticket stands in the queue, by the one formula (sla.order)."""
    fresh: list[Clock] | None = ticket.__dict__.get("_clocks")
    if fresh is None:
        fresh = list(Clock.objects.filter(ticket=ticket))
    place = standing(ticket, fresh)
    ticket.queue_at = hours.at(place.queue_at)
    ticket.due_at = hours.at(place.due) if place.due is not None else None
    ticket.due_clock = place.clock or ""


def standing(ticket: Ticket, rows: Iterable[Clock]) -> order.Place:
    """The ticket's place in every queue with the facts that say why; `rows` are its clocks."""
    says = terms.load(ticket.terms_id) if ticket.terms_id else None
    head_starts = {ticket.severity: says.head_start(ticket.severity)} if says else {}
    level = order.Level(says.level_name if says else "", says.level_rank if says else 0, head_starts)
    owed = [
        order.Owed(row.clock, hours.instant(row.due_at), row.kind == "promise")
        for row in rows
        if row.state == "running" and row.due_at is not None
    ]
    waiting = State.WAITING_CUSTOMER if ticket.state == State.PROPOSED else ticket.state
    return order.place(
        owed,
        level=level,
        severity=ticket.severity,
        our_turn_since=hours.instant(ticket.state_since),
        waiting=waiting,
        ceiling=says.queue_ceiling_days * hours.DAY if says else order.CEILING,
    )
