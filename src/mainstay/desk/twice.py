"""What a double click sends twice is done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from mainstay.accounts.models import User
from mainstay.desk.typed import Typed
from mainstay.tickets.models import Event, Message, Ticket
from mainstay.ui import ids

TWICE = timedelta(minutes=2)

# Acts without a message that people would hear of twice: their event, the field that says why, and whether the
# ticket stands as it would stand afterwards.
DOES: dict[str, tuple[str, str, Callable[[Ticket, Typed], bool]]] = {
    "triage": ("triaged", "reason", lambda ticket, typed: typed.text("severity") == str(ticket.severity)
               and typed.text("category") == ticket.category),
    "escalation": ("escalated", "reason", lambda ticket, typed: True),
    "schedule": ("scheduled", "reason", lambda ticket, typed: typed.when("start") == ticket.scheduled_for),
    "waiting": ("waiting_on_third_party", "for",
                lambda ticket, typed: typed.when("until") == ticket.waiting_until),
}  # fmt: skip


def done(ticket: Ticket, name: str, *, typed: Typed, user: User, at: datetime) -> str:
    """What to say when this act was done a moment ago; empty: it was not.

    The ticket is locked, so the second of two sees the first.
    """
    if not typed.uploads and _was_said(ticket, name, typed, user, at):
        return "That was sent already, a moment ago; it was not sent again."
    if name in DOES and _was_done(ticket, name, typed, user, at):
        return "That was done already, a moment ago; it was not done again."
    return ""


def _was_said(ticket: Ticket, name: str, typed: Typed, user: User, at: datetime) -> bool:
    """Whether this person wrote the same words on it."""
    text, kind = typed.raw("text").strip(), "note" if name == "note" else "out"
    mine = Message.objects.filter(ticket=ticket, author_user=user, kind=kind, at__gt=at - TWICE)
    same = Q(text=text) | Q(text__startswith=f"Root cause: {text}") if name == "cause" else Q(text=text)
    return bool(text) and mine.filter(same).exists()


def _was_done(ticket: Ticket, name: str, typed: Typed, user: User, at: datetime) -> bool:
    """Whether this person did the same, for the same reason, since the page that they see was made."""
    kind, reason, stands = DOES[name]
    seen = ids.read(typed.text("seq"), digits=ids.SEQ)
    if seen is None:
        return False
    mine = Event.objects.filter(ticket=ticket, kind=kind, by_kind="staff", by_id=user.pk)
    same = mine.filter(seq__gt=seen, at__gt=at - TWICE, text__why=typed.text(reason))
    return same.exists() and stands(ticket, typed)
