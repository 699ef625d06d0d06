"""From tickets and clocks to what a customer reads: promises in sentences, the story, what we need."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.contracts import terms, wording
from mainstay.tickets import scanning, sentences
from mainstay.tickets.listed import ListedClock
from mainstay.tickets.models import Attachment, CloseReason, Event, Message, State, Ticket
from mainstay.tickets.seen import Line
from mainstay.ui import clock_shapes, words
from mainstay.ui.shapes import Answer, Chapter, Entry, File, Need, Owed, Promise

SAYS = {
    "first_response": gettext_noop("You hear from us"),
    "next_response": gettext_noop("We answer you"),
    "progress_update": gettext_noop("We report to you again"),
    "workaround": gettext_noop("You have a way around it"),
    "resolution": gettext_noop("It is solved"),
    "root_cause": gettext_noop("You have our root-cause report"),
}
AIMS = {
    "first_response": gettext_noop("We aim to answer"),
    "next_response": gettext_noop("We aim to answer you"),
    "progress_update": gettext_noop("We aim to report again"),
    "workaround": gettext_noop("We aim for a way around it"),
    "resolution": gettext_noop("We aim to solve it"),
    "root_cause": gettext_noop("We aim to report the root cause"),
}


def greeting(now: datetime, zone: ZoneInfo, name: str) -> str:
    hour = now.astimezone(zone).hour
    words_ = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
    return f"{words_}, {name.split()[0]}."


def owed(ticket: Line, clocks: Sequence[ListedClock], now: datetime, zone: ZoneInfo) -> Owed:
    """The one promise that matters now, as a sentence."""
    clock = _foremost(clocks)
    url = reverse("request", args=[ticket.pk])
    base = {"number": str(ticket.pk), "subject": ticket.subject, "url": url, "severity": ticket.severity}
    if clock is None or ticket.state == State.CLOSED:
        said = (
            _("Closed: %(reason)s.") % {"reason": _reason(ticket)}
            if ticket.state == State.CLOSED
            else _("Nothing is due now.")
        )
        return Owed(**base, promise=_none(ticket, now), say=said)  # type: ignore[arg-type]
    promise = clock_shapes.promise(clock, ticket, now)
    say, bold, then = _sentence(clock, promise, ticket, now, zone)
    return Owed(**base, promise=promise, say=say, bold=bold, then=then, note=_note(ticket, now, zone))  # type: ignore[arg-type]


def _reason(ticket: Line | Ticket) -> str:
    return str(CloseReason(ticket.close_reason).label) if ticket.close_reason else ""


def _foremost(clocks: Sequence[ListedClock]) -> ListedClock | None:
    running = [c for c in clocks if c.state == "running" and c.due_at is not None]
    promised = [c for c in running if c.kind == "promise"]
    paused = [c for c in clocks if c.state == "paused"]
    for group in (promised, paused, running):
        if group:
            return min(group, key=lambda c: (c.due_at.timestamp() if c.due_at else 0.0, c.position))
    return None


def _none(ticket: Line, now: datetime) -> Promise:
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
    clock: ListedClock, promise: Promise, ticket: Line, now: datetime, zone: ZoneInfo
) -> tuple[str, str, str]:
    if clock.state == "paused":
        if ticket.state == State.OUT_OF_SCOPE:
            return _("Our clock"), _("stands still"), _(" while this is not covered.")
        if ticket.state == State.WAITING_CUSTOMER:
            return _("Our clock"), _("stands still"), _(" until you have an answer for us.")
        return _("Our clock"), _("stands still"), _(" until somebody else has answered.")
    due = words.when(clock.due_at, now, zone) if clock.due_at else ""
    by = _("by %(time)s") % {"time": due}
    if clock.kind == "goal":
        aim = _(AIMS[clock.clock]) if clock.clock in AIMS else _("We aim for")
        return aim, by, _(". This is a goal, not a promise.")
    if promise.k == "over":
        late = _("%(promise)s by %(time)s") % {"promise": promise.name, "time": due}
        return _("We owed you this:"), late, _(". It is late, and we are on it.")
    return (_(SAYS[clock.clock]) if clock.clock in SAYS else promise.name), by, "."


def _note(ticket: Line, now: datetime, zone: ZoneInfo) -> str:
    if ticket.estimate and ticket.estimate > now:
        return _("We expect it solved %(time)s.") % {"time": words.when(ticket.estimate, now, zone)}
    if ticket.assignee:
        return _("%(name)s works on it.") % {"name": ticket.assignee}
    return _("It is being read.")


def reduced(ticket: Ticket) -> str:
    """That less than usual is promised, because of the release it is about; empty where all holds as agreed (X1)."""
    return wording.reduced(terms.load(ticket.terms_id).reduced) if ticket.terms_id else ""


def need(ticket: Line) -> Need | None:
    """What we wait for from the customer on this ticket."""
    if ticket.state == State.PROPOSED:
        accept, refuse = reverse("accept", args=[ticket.pk]), reverse("refuse", args=[ticket.pk])
        return Need(
            title=_("%(number)s: is it solved?") % {"number": ticket.pk},
            text=ticket.subject,
            url=reverse("request", args=[ticket.pk]),
            answers=(
                Answer(label=_("Yes, solved"), url=accept, main=True),
                Answer(label=_("Not solved"), url=refuse),
            ),
        )
    if ticket.state == State.WAITING_CUSTOMER:
        return Need(
            title=f"{ticket.pk}: {ticket.subject}",
            text=ticket.waiting_for,
            url=reverse("request", args=[ticket.pk]),
        )
    return None


def latest(clocks: Sequence[ListedClock]) -> list[ListedClock]:
    """Of a clock that has run several times, the last; in their order."""
    last = {clock.clock: clock for clock in clocks}
    return sorted(last.values(), key=lambda clock: clock.position)


def stands(ticket: Ticket) -> str:
    """How the request stands, said to the customer."""
    if ticket.state == State.CLOSED:
        return _("closed: %(reason)s") % {"reason": _reason(ticket)}
    if ticket.state == State.WAITING_CUSTOMER:
        return _("waiting for you")
    said = str(ticket.get_state_display())
    if ticket.assignee:
        return _("%(stands)s, %(name)s has it") % {"stands": said, "name": ticket.assignee.name}
    return said


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
    role = "" if message.kind == Message.Kind.IN else _("Support")
    text = message.text or message.full_text
    return Entry(kind="in" if message.kind == "in" else "out", at=message.at, who=message.author_name, role=role,
                 text=text, files=files, id=f"m{message.pk}")  # fmt: skip


def _file(one: Attachment) -> File:
    said = scanning.verdict(one)
    url = reverse("file", args=[one.pk]) if said.served else ""
    return File(name=one.name, url=url, size=one.size, note=said.note)
