"""From tickets, clocks and events to the shapes that the look can draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from django.urls import reverse
from django.utils.translation import gettext as _

from mainstay.contracts import terms
from mainstay.sla.policy import CLOCK_NAMES
from mainstay.tickets import listed
from mainstay.tickets.listed import Listed, ListedClock
from mainstay.tickets.models import Clock, CloseReason, Event, State, Step, Ticket
from mainstay.ui import shapes
from mainstay.ui.clock_shapes import clock_name, level, level_named, promise, target_words

__all__ = ["CLOCK_NAMES", "clock_name", "level", "promise", "target_words"]


WAITS = {State.WAITING_CUSTOMER: "wait", State.WAITING_THIRD: "third", State.OUT_OF_SCOPE: "third"}
STEPS = {name: n for n, name in enumerate(Step.values, 1)}
CLOSED = dict(CloseReason.choices)
TURNS: dict[str, str] = {
    State.WAITING_CUSTOMER: "waiting for customer",
    State.WAITING_THIRD: "waiting for third party",
    State.OUT_OF_SCOPE: "out of scope",
    State.PROPOSED: "solution proposed",
    State.CLOSED: "closed",
}


@lru_cache(maxsize=10_000)
def ticket_url(number: int) -> str:
    return reverse("desk:ticket", args=[number])


@lru_cache(maxsize=10_000)
def position_url(number: int) -> str:
    return reverse("desk:position", args=[number])


def why_url(clock: Clock | ListedClock) -> str:
    return reverse("desk:why", args=[clock.ticket_id, clock.clock, clock.n])


def share(ticket: Ticket, clock: Clock) -> int | None:
    """The percent of the tickets for which this target is promised; None: for each of them."""
    if not ticket.terms_id or clock.severity is None or clock.kind == "internal":
        return None
    return terms.load(ticket.terms_id).share(clock.clock, clock.severity)


def foremost(
    ticket: Ticket | Listed, clocks: Sequence[Clock] | Sequence[ListedClock]
) -> Clock | ListedClock | None:
    """The clock that stands for a ticket in a queue: the promise that breaks first, else what stands still,
    else a goal, else what ended last."""
    if ticket.state == State.CLOSED:
        return max((c for c in clocks if c.stopped_at), key=_stopped, default=None)
    running = [c for c in clocks if c.state == "running" and c.due_at and c.kind == "promise"]
    if running:
        return min(running, key=lambda c: (c.due_at, c.position))
    paused = [c for c in clocks if c.state == "paused"]
    if paused:
        return min(paused, key=lambda c: (c.kind != "promise", c.target_seconds - c.used, c.position))
    goals = [c for c in clocks if c.state == "running" and c.due_at]
    if goals:
        return min(goals, key=lambda c: (c.kind == "internal", c.due_at, c.position))
    return max((c for c in clocks if c.stopped_at), key=_stopped, default=None)


def _stopped(clock: Clock | ListedClock) -> tuple[bool, float, int]:
    """What ended last; of several at once (a solution ends three) the one that started last in the table."""
    at = clock.stopped_at.timestamp() if clock.stopped_at else 0.0
    return clock.kind != "internal", at, clock.position


def stands(ticket: Listed, clock: Clock | ListedClock | None) -> tuple[str, str]:
    """Why a ticket stands where it does, for its row: what decides by the one formula (sla.order), in a sentence of
    two parts that the row ends with the time, of the promise or at which it comes to the front."""
    if ticket.state == State.CLOSED:
        return "", f"closed: {CLOSED.get(ticket.close_reason, '')}"
    grave = _("severity %(severity)s") % {"severity": ticket.severity}
    return f"{grave}, {ticket.level or _('no level')}", _decides(ticket, clock)


def _decides(ticket: Listed, clock: Clock | ListedClock | None) -> str:
    if clock is not None and says_due(clock):
        return _(CLOCK_NAMES.get(clock.clock, clock.clock)).lower()
    if ticket.state in {State.WAITING_CUSTOMER, State.WAITING_THIRD} and ticket.waiting_for:
        what = {"what": ticket.waiting_for.splitlines()[0][:80]}
        asked = ticket.state == State.WAITING_CUSTOMER
        return _("we asked: %(what)s") % what if asked else _("waiting for %(what)s") % what
    if ticket.state in TURNS:
        return _(TURNS[ticket.state])
    if clock is None or clock.state in {"stopped", "cancelled"}:
        return _("nothing promised")
    owed = {"goal": _("a goal of %(target)s"), "internal": _("our own clock of %(target)s")}
    said = {"target": target_words(clock), "promise": _(CLOCK_NAMES.get(clock.clock, clock.clock)).lower()}
    return owed.get(clock.kind, _("the %(promise)s stands still")) % said


def says_due(clock: Clock | ListedClock | None) -> bool:
    """Whether this clock is a running promise: then its due instant decides."""
    return clock is not None and clock.kind == "promise" and clock.state == "running" and bool(clock.due_at)


def row(
    ticket: Ticket | Listed, clocks: Sequence[Clock] | Sequence[ListedClock], now: datetime
) -> shapes.QueueRow:
    """One ticket in a queue."""
    one = listed.of(ticket) if isinstance(ticket, Ticket) else ticket
    clock = foremost(one, clocks)
    head, (grave, why) = head_start_of(one, clock), stands(one, clock)
    return shapes.QueueRow(
        number=str(one.pk),
        subject=one.subject,
        url=ticket_url(one.pk),
        customer=one.customer or who_wrote(one),
        severity=one.severity,
        grave=grave,
        stands=why,
        says_due=says_due(clock),
        front_at=one.queue_at if one.due_at is None and one.state != State.CLOSED else None,
        position_url=position_url(one.pk) if one.state != State.CLOSED else "",
        promise=_without_number(promise(clock, one, now, head_start=head)) if clock else None,
        level=level_named(one.level, one.rank) if one.level and one.rank is not None else None,
        owner=one.assignee or "",
        step=STEPS[one.step],
        turn=TURNS.get(one.state, ""),
        yours=one.state == State.WAITING_CUSTOMER,
    )


def _without_number(found: shapes.Promise) -> shapes.Promise:
    """In a row the room is for the time: "progress report", not "progress report 4"."""
    return replace(found, name=_(CLOCK_NAMES[found.clock]) if found.clock in CLOCK_NAMES else found.name)


def head_start_of(ticket: Ticket | Listed, clock: Clock | ListedClock | None) -> int:
    """Seconds by which the level goes before others: what lies between effective due and due."""
    if ticket.due_at is None or clock is None or clock.due_at != ticket.due_at or clock.kind != "promise":
        return 0
    return max(int((ticket.due_at - ticket.queue_at).total_seconds()), 0)


def who_wrote(ticket: Ticket | Listed) -> str:
    """Who asked, when we know no customer."""
    return ticket.requester_name or ticket.requester_address or "unknown sender"


def pauses(log: Iterable[Event]) -> list[tuple[str, shapes.Pause]]:
    """The stretches in which the ticket waited: (state, stretch), from the log."""
    found: list[tuple[str, shapes.Pause]] = []
    waiting, since = "", None
    for event in log:
        state = event.after.get("state")
        if state is None or state == waiting:
            continue
        if since is not None and event.at > since:
            found.append((waiting, _pause(waiting, since, event.at)))
        waiting, since = (state, event.at) if state in WAITS else ("", None)
    if since is not None:
        found.append((waiting, _pause(waiting, since, None)))
    return found


def _pause(state: str, start: datetime, end: datetime | None) -> shapes.Pause:
    whose = "wait" if state == State.WAITING_CUSTOMER else "third"
    return shapes.Pause(start=start, end=end, whose=whose)  # type: ignore[arg-type]


def pauses_within(
    clock: Clock, waits: Iterable[tuple[str, shapes.Pause]], on: Iterable[str]
) -> tuple[shapes.Pause, ...]:
    """Those stretches in which this clock stood still, cut to its life."""
    states, found = set(on), []
    for state, pause in waits:
        start = max(pause.start, clock.started_at)
        end = min((at for at in (pause.end, clock.stopped_at) if at is not None), default=None)
        if state in states and (end is None or end > start):
            found.append(shapes.Pause(start=start, end=end, whose=pause.whose))
    return tuple(found)
