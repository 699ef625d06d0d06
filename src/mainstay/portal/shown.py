"""From tickets and clocks to what a customer reads: promises in sentences, the story, what we need."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from mainstay.tickets import sentences
from mainstay.tickets.models import Attachment, Clock, Event, Message, State, Ticket
from mainstay.ui import clock_shapes, words
from mainstay.ui.shapes import Answer, Chapter, Entry, File, Need, Owed, Promise

SAYS = {
    "first_response": "You hear from us",
    "next_response": "We answer you",
    "progress_update": "We report to you again",
    "workaround": "You have a way around it",
    "resolution": "It is solved",
    "root_cause": "You have our root-cause report",
}
AIMS = {
    "first_response": "We aim to answer",
    "next_response": "We aim to answer you",
    "progress_update": "We aim to report again",
    "workaround": "We aim for a way around it",
    "resolution": "We aim to solve it",
    "root_cause": "We aim to report the root cause",
}


def clocks_of(tickets: Sequence[Ticket]) -> dict[int, list[Clock]]:
    """The clocks a customer may see, by ticket, in one query: never those of our own."""
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket__in=tickets).exclude(kind="internal").order_by("position"):
        found[clock.ticket_id].append(clock)
    return found


def greeting(now: datetime, zone: ZoneInfo, name: str) -> str:
    hour = now.astimezone(zone).hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {name.split()[0]}."


def owed(ticket: Ticket, clocks: Sequence[Clock], now: datetime, zone: ZoneInfo) -> Owed:
    """The one promise that matters now, as a sentence."""
    clock = _foremost(clocks)
    url = reverse("request", args=[ticket.pk])
    base = {"number": str(ticket.pk), "subject": ticket.subject, "url": url, "severity": ticket.severity}
    if clock is None or ticket.state == State.CLOSED:
        said = (
            f"Closed: {ticket.get_close_reason_display()}."
            if ticket.state == State.CLOSED
            else "Nothing is due now."
        )
        return Owed(**base, promise=_none(ticket, now), say=said)  # type: ignore[arg-type]
    promise = clock_shapes.promise(clock, ticket, now)
    say, bold, then = _sentence(clock, promise, ticket, now, zone)
    return Owed(**base, promise=promise, say=say, bold=bold, then=then, note=_note(ticket, now, zone))  # type: ignore[arg-type]


def _foremost(clocks: Sequence[Clock]) -> Clock | None:
    running = [c for c in clocks if c.state == "running" and c.due_at is not None]
    promised = [c for c in running if c.kind == "promise"]
    paused = [c for c in clocks if c.state == "paused"]
    for group in (promised, paused, running):
        if group:
            return min(group, key=lambda c: (c.due_at.timestamp() if c.due_at else 0.0, c.position))
    return None


def _none(ticket: Ticket, now: datetime) -> Promise:
    return Promise(
        clock="",
        name="",
        k="met",
        target=1,
        target_words="",
        started_at=ticket.opened_at,
        used=1,
        stopped_at=now,
    )


def _sentence(
    clock: Clock, promise: Promise, ticket: Ticket, now: datetime, zone: ZoneInfo
) -> tuple[str, str, str]:
    if clock.state == "paused":
        if ticket.state == State.OUT_OF_SCOPE:
            return "Our clock", "stands still", " while this is not covered."
        whose = (
            "you have an answer for us"
            if ticket.state == State.WAITING_CUSTOMER
            else "somebody else has answered"
        )
        return "Our clock", "stands still", f" until {whose}."
    due = words.when(clock.due_at, now, zone) if clock.due_at else ""
    if clock.kind == "goal":
        return AIMS.get(clock.clock, "We aim for"), f"by {due}", ". This is a goal, not a promise."
    if promise.k == "over":
        return "We owed you this:", f"{promise.name.lower()} by {due}", ". It is late, and we are on it."
    return SAYS.get(clock.clock, promise.name), f"by {due}", "."


def _note(ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    if ticket.estimate and ticket.estimate > now:
        return f"We expect it solved {words.when(ticket.estimate, now, zone)}."
    return f"{ticket.assignee.name} works on it." if ticket.assignee else "It is being read."


def need(ticket: Ticket) -> Need | None:
    """What we wait for from the customer on this ticket."""
    if ticket.state == State.PROPOSED:
        accept, refuse = reverse("accept", args=[ticket.pk]), reverse("refuse", args=[ticket.pk])
        return Need(
            title=f"{ticket.pk}: is it solved?",
            text=ticket.subject,
            url=reverse("request", args=[ticket.pk]),
            answers=(
                Answer(label="Yes, solved", url=accept, main=True),
                Answer(label="Not solved", url=refuse),
            ),
        )
    if ticket.state == State.WAITING_CUSTOMER:
        return Need(
            title=f"{ticket.pk}: {ticket.subject}",
            text=ticket.waiting_for,
            url=reverse("request", args=[ticket.pk]),
        )
    return None


def latest(clocks: Sequence[Clock]) -> list[Clock]:
    """Of a clock that has run several times, the last; in their order."""
    last = {clock.clock: clock for clock in clocks}
    return sorted(last.values(), key=lambda clock: clock.position)


def stands(ticket: Ticket) -> str:
    """How the request stands, said to the customer."""
    if ticket.state == State.CLOSED:
        return f"closed: {ticket.get_close_reason_display()}"
    if ticket.state == State.WAITING_CUSTOMER:
        return "waiting for you"
    said = str(ticket.get_state_display())
    return f"{said}, {ticket.assignee.name} has it" if ticket.assignee else said


def solution(messages: Sequence[Message]) -> str:
    """The words of the proposed solution: the last that we said."""
    return next((message.text for message in reversed(messages) if message.kind == Message.Kind.OUT), "")


def story(events: Sequence[Event], zone: str) -> list[Chapter]:
    """The ticket's life in plain words; the customer's own turns are marked as theirs."""
    told = [one for event in events if (one := sentences.told_customer(event, zone=zone)) is not None]
    theirs = {
        "customer_replied",
        "solution_rejected",
        "thanked",
        "asked_customer",
        "information_requested",
        "received",
    }
    return [
        Chapter(at=one.at, title=one.sentence, text=one.why, mark="y" if one.kind in theirs else "d")
        for one in told
    ]


def entry(message: Message) -> Entry:
    """One message of the conversation."""
    files = tuple(_file(one) for one in message.attachments.all())
    role = "" if message.kind == Message.Kind.IN else "Support"
    text = message.text or message.full_text
    return Entry(kind="in" if message.kind == "in" else "out", at=message.at, who=message.author_name, role=role,
                 text=text, files=files, id=f"m{message.pk}")  # fmt: skip


def _file(one: Attachment) -> File:
    return File(name=one.name, url=reverse("file", args=[one.pk]), size=one.size)
