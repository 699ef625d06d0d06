"""What is being written and was not sent: kept for each person and ticket, so that no crash and no other machine
loses it. It is nobody else's business and no event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.tickets.messages import LONGEST
from mainstay.tickets.models import Draft, Ticket

KINDS = ("reply", "note", "report", "question", "workaround", "solution")
FIELDS = ("text", "until", "estimate", "change_reason", "next_step")
SHORT = 2_000


def keep(ticket: Ticket, *, user: User, kind: str, said: Mapping[str, str], at: datetime) -> Draft | None:
    """Keep what was typed in place of what was kept; nothing typed keeps nothing. Raises `Refused` naming kind."""
    if kind not in KINDS:
        raise Refused("kind", f"is {kind!r}; it may be {', '.join(KINDS)}")
    typed = {
        name: value.replace("\x00", "")[: LONGEST if name == "text" else SHORT]
        for name in FIELDS
        if (value := said.get(name, ""))
    }
    if not typed.get("text", "").strip():
        drop(ticket, user=user)
        return None
    held = {"kind": kind, "said": typed, "at": at}
    return Draft.objects.update_or_create(ticket=ticket, user=user, defaults=held)[0]


def of(ticket: Ticket, user: User) -> Draft | None:
    """What this person was writing here."""
    return OF_USER.first(ticket=ticket.pk, user=user.pk)


OF_USER = Prepared(lambda: Draft.objects.filter(ticket=Arg("ticket"), user=Arg("user")))


def drop(ticket: Ticket, *, user: User) -> None:
    """It was sent, or emptied."""
    Draft.objects.filter(ticket=ticket, user=user).delete()
