"""Taking back what was just said: for some seconds what we send is held, and whoever sent it may take it back.

Saying it moves the clocks at the instant it was said, held or not: a promise is kept by answering in time, not by
when our mail server sent it. Taking it back is an event of its own. The log keeps both; from then on the clocks are
what they would be had it never been said (`clocks.standing_events`), so nobody gains time by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.tickets import timers
from mainstay.tickets.events import PLAIN, WORDS, changing, record
from mainstay.tickets.models import Clock, Event, Message, Outbox, State, Ticket

HELD = (
    "staff_replied", "asked_customer", "information_requested", "progress_reported", "workaround_provided",
    "solution_proposed",
)  # fmt: skip
QUIET = {
    "work_logged",
    "work_corrected",
    "noted",
    "warned",
    "breached",
    "escalated_by_ladder",
    "delivery_failed",
    "beyond_allowance",
    "task_opened",
    "task_changed",
    "task_done",
    "task_dropped",
    "task_reopened",
    "watched",
    "unwatched",
    "snoozed",
    "snooze_ended",
}
INSTANTS = {"estimate", "waiting_until", "scheduled_for"}


def hold(ticket: Ticket, *, after: int, seconds: int, at: datetime) -> Event | None:
    """Hold what was said since the event `after`, in the transaction that said it. None: nothing to hold."""
    event = Event.objects.filter(ticket=ticket, seq__gt=after, kind__in=HELD).select_related("text").last()
    if event is None or seconds <= 0:
        return None
    until = at + timedelta(seconds=seconds)
    Outbox.objects.filter(event=event).update(not_before=until)
    Message.objects.filter(pk=event.text.detail.get("message")).update(out_at=until)
    return event


def held(ticket: Ticket, *, user: int, at: datetime) -> Outbox | None:
    """What this person said on the ticket and may still take back."""
    mine = Outbox.objects.filter(event__ticket=ticket, event__by_kind="staff", event__by_id=user)
    return mine.filter(not_before__gt=at).select_related("event").order_by("-event").first()


def withdraw(ticket: Ticket, seq: int, *, by: Actor, at: datetime) -> dict[str, str]:
    """Take back what was said by event `seq`; the ticket stands as it stood before. Gives back the words by field.

    Refused, naming message: it has gone out, somebody else said it, or the ticket went on since.
    """
    with changing(ticket) as fresh:
        event = Event.objects.filter(ticket=fresh, seq=seq, kind__in=HELD).select_related("text").first()
        if event is None or (event.by_kind, event.by_id) != (by.kind, by.id):
            raise Refused("message", "is not yours to take back")
        waiting = Outbox.objects.select_for_update().filter(event=event, not_before__gt=at).first()
        if waiting is None:
            raise Refused("message", "has gone out already; write what is to be put right")
        since = Event.objects.filter(ticket=fresh, seq__gt=seq).exclude(kind__in=QUIET)
        if since.exists():
            raise Refused("message", "cannot be taken back: the ticket went on since it was said")
        said = _words(event)
        waiting.delete()
        Message.objects.filter(pk=event.text.detail.get("message")).delete()
        restore(fresh, event)
        Clock.objects.filter(ticket=fresh).delete()  # written anew, without what it started
        offer = event.kind == "solution_proposed"
        record(
            fresh, "solution_withdrawn" if offer else "withdrawn", by=by, at=at,
            more={"withdrawn": seq, "said": event.kind}, tell=False,
        )  # fmt: skip
    return said


KINDS = {
    "staff_replied": "reply", "asked_customer": "question", "information_requested": "question",
    "progress_reported": "report", "workaround_provided": "workaround", "solution_proposed": "solution",
}  # fmt: skip


def _words(event: Event) -> dict[str, str]:
    """What was typed, by the fields of the composer."""
    message = Message.objects.filter(pk=event.text.detail.get("message")).first()
    return {
        "kind": KINDS[event.kind],
        "text": message.text if message else "",
        "change_reason": event.text.why,
    }


def restore(fresh: Ticket, event: Event) -> None:
    """The columns as they were before the event, and what happens by itself again."""
    for name, value in event.before.items():
        if name in PLAIN:
            was: Any = datetime.fromisoformat(value) if name in INSTANTS and value else value
            setattr(fresh, name, was)
    for name, pair in event.text.detail.items():
        if name in WORDS and isinstance(pair, list):
            setattr(fresh, name, pair[0] if pair[0] is not None else "")
    if event.kind == "progress_reported":  # its event says the new one in its own words
        fresh.next_step = _next_step(fresh, event.seq)
    if "state" in event.before:
        earlier = Event.objects.filter(ticket=fresh, seq__lt=event.seq)
        stood = earlier.filter(after__state=fresh.state).order_by("-seq").first()
        fresh.state_since = stood.at if stood else fresh.opened_at
    _timers(fresh, event.seq)


def _next_step(fresh: Ticket, before: int) -> str:
    """What was needed from the customer by the report before."""
    reports = Event.objects.filter(ticket=fresh, kind="progress_reported", seq__lt=before)
    last = reports.exclude(seq__in=gone(fresh)).select_related("text").order_by("-seq").first()
    return str(last.text.detail.get("next_step", "")) if last else ""


def _timers(fresh: Ticket, before: int) -> None:
    """Reminders and closing as the last question, wait or offer that still stands set them."""
    timers.clear(fresh)
    turn = (
        Event.objects.filter(ticket=fresh, seq__lt=before, after__state=fresh.state).order_by("-seq").first()
    )
    if turn is None:
        return
    if fresh.state == State.WAITING_CUSTOMER:
        timers.after_question(fresh, turn)
    elif fresh.state == State.WAITING_THIRD:
        timers.wake(fresh, turn)
    elif fresh.state == State.PROPOSED:
        timers.after_solution(fresh, turn)


def gone(ticket: Ticket) -> set[int]:
    """The events (seq) of a ticket that were taken back, with those that took them back."""
    taken = Event.objects.filter(ticket=ticket).filter(Q(kind="withdrawn") | Q(kind="solution_withdrawn"))
    found = list(taken.values_list("seq", "after__withdrawn"))
    return {seq for pair in found for seq in pair}
