"""A ticket's conversation: messages and the events between them, in the order of the log, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from mainstay.desk import as_sent
from mainstay.prepared import Arg, Prepared, ahead
from mainstay.tickets import scanning, sentences
from mainstay.tickets.models import Attachment, Event, Message, Ticket
from mainstay.ui.shapes import File

PAGE = 120
END = 2**31 - 1  # after the last event that a log may hold
THANKS = "thanks"  # a flag that the sentence beside it says in words
SAID_BY_MESSAGE = {"received", "staff_replied", "customer_replied", "noted", "thanked"}
PRESSING = {
    "breached", "warned", "emergency_flagged", "escalated", "escalated_by_ladder", "solution_rejected",
    "delivery_failed",
}  # fmt: skip
LABELS = {
    "progress_reported": "Progress report",
    "solution_proposed": "Proposed solution",
    "workaround_provided": "Workaround",
    "information_requested": "Question",
    "asked_customer": "Question",
    "ruled_out_of_scope": "Out of scope",
    "root_cause_reported": "Root-cause report",
    "closed": "Closing words",
    "handed_over": "Handover note",
    "solution_rejected": "Not solved",
    "thanked": "Thanks",
    "reopened": "Reopened with these words",
}


Said = tuple[Message, list[Attachment]]


@dataclass(frozen=True)
class Line:
    """One line of the page: an event's sentence or a message."""

    kind: str
    at: Any
    id: str
    text: str
    who: str = ""
    role: str = ""
    to: str = ""
    why: str = ""
    more: str = ""
    hot: bool = False
    yours: bool = False
    url: str = ""
    files: tuple[File, ...] = ()
    doubt: str = ""
    as_sent: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """Lines in order; `earlier` is the event before which more lie, 0 when this is the beginning. `events` are those
    that the lines were made of."""

    lines: list[Line]
    earlier: int
    later: bool
    events: tuple[Event, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it holds the log from beginning to end."""
        return not self.earlier and not self.later


def page(ticket: Ticket, zone: ZoneInfo, before: int | None, parts: list[int] | None = None) -> Page:
    """The last `PAGE` events (before one, if given) with their messages. A handful of queries, however long the log.

    `parts`: tickets merged into this one, whose messages of the same time stand among its own, with their origin.
    """
    newest = NEWEST.all(ticket=ticket.pk, before=END if before is None else before)
    events = newest[:PAGE][::-1]
    if not events:
        return Page([], 0, before is not None)
    told = [sentences.told(event, zone=zone.key) for event in events]
    messages = _messages(ticket, {one.message for one in told if one.message})
    lines = [line for one in told for line in _lines(one, messages)]
    inside = parts if parts is not None else []
    if inside:
        first = events[0].at if len(newest) > PAGE else None
        lines += _of_parts(inside, first, events[-1].at if before is not None else None)
        lines.sort(key=lambda line: line.at)
    return Page(lines, events[0].seq if len(newest) > PAGE else 0, before is not None, tuple(events))


NEWEST = Prepared(
    lambda: (
        Event.objects.filter(ticket=Arg("ticket"), seq__lt=Arg("before"))
        .select_related("text")
        .order_by("-seq")[: PAGE + 1]
    )
)


def _of_parts(parts: list[int], first: datetime | None, last: datetime | None) -> list[Line]:
    """What was said on the tickets that are part of this one, from `first` to `last`; newest, if it is too much."""
    said = Message.objects.filter(ticket__in=parts).prefetch_related("attachments")
    said = said.filter(at__gte=first) if first else said
    said = said.filter(at__lte=last) if last else said
    newest = list(said.order_by("-at", "-id")[:PAGE])
    return [
        replace(
            _message(one, one.attachments.all(), ""),
            url=reverse("desk:ticket", args=[one.ticket_id]),
            why=str(one.ticket_id),
        )
        for one in newest
    ]


def _messages(ticket: Ticket, named: set[int]) -> dict[int, Said]:
    """The messages that are named, each with its files."""
    files: dict[int, list[Attachment]] = {}
    values = {"ticket": ticket.pk, "named": sorted(named)}
    with ahead((_FILES, _SAID), **values):
        for one in _FILES.all(**values):
            files.setdefault(one.message_id, []).append(one)
        said = _SAID.all(**values)
    return {one.pk: (one, files.get(one.pk, [])) for one in said}


_SAID = Prepared(lambda: Message.objects.filter(ticket=Arg("ticket"), pk__any=Arg("named")))
_FILES = Prepared(
    lambda: scanning.with_scans(Attachment.objects.filter(message__pk__any=Arg("named"))).order_by("pk")
)


def _lines(told: sentences.Told, messages: dict[int, Said]) -> list[Line]:
    message, files = messages.pop(told.message, (None, [])) if told.message else (None, [])
    lines = []
    if message is None or told.kind not in SAID_BY_MESSAGE:
        lines.append(
            Line(
                kind="event", at=told.at, id=f"e{told.seq}", text=told.sentence, why=told.why,
                hot=told.kind in PRESSING, yours=told.kind in {"asked_customer", "information_requested"},
            )
        )  # fmt: skip
    if message is not None:
        lines.append(_message(message, files, LABELS.get(told.kind, ""), told.at))
    return lines


def _message(message: Message, files: Iterable[Attachment], label: str, at: Any = None) -> Line:
    full = message.full_text.strip()
    return Line(
        kind=message.kind,
        at=at or message.at.replace(microsecond=0),
        id=f"m{message.pk}",
        text=message.text,
        who=message.author_name or "unknown",
        role=message.author_address or ("only we see this" if message.kind == "note" else ""),
        to=", ".join(part for part in (label, f"by {message.get_channel_display()}") if part),
        more=full if full and full != message.text.strip() else "",
        files=tuple(file_of(one) for one in files),
        doubt=_doubt(message),
        as_sent=as_sent.address_of(message),
        notes=tuple(note for note in message.notes if note != THANKS),
    )


def _doubt(message: Message) -> str:
    """Why one should doubt who wrote a mail; empty when nothing speaks against it."""
    if message.authenticated == "fail":
        return f"The sender could not be verified: {message.authenticated_why or 'authentication failed'}"
    return ""


def file_of(attachment: Any) -> File:
    url = reverse("desk:attachment", args=[attachment.pk])
    said = scanning.verdict(attachment)
    return File(name=attachment.name, url=url if said.served else "", size=attachment.size, note=said.note)
