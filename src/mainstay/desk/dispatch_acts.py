"""Dispatch of a ticket: who has it, and when they begin."""

from __future__ import annotations

from mainstay.accounts.models import User
from mainstay.desk.acting import Act, Do
from mainstay.errors import Refused
from mainstay.tickets import dispatch


def assignment(one: Act) -> str:
    to, because = engineer(one), one.typed.many("because")
    dispatch.assign(one.ticket, to=to, reason=one.typed.text("reason"), because=because, by=one.by, at=one.at)
    return "You have this ticket now." if to.pk == one.user.pk else f"{to.name} has this ticket now."


def schedule(one: Act) -> str:
    start = one.typed.needs_when("start")
    dispatch.schedule(one.ticket, start=start, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return f"Planned for {one.told(start)}."


def engineer(one: Act) -> User:
    """The person of the desk that a form names."""
    number = one.typed.number("engineer", "a person of the desk")
    found = User.objects.filter(pk=number, is_active=True).exclude(roles=[]).first()
    if found is None:
        raise Refused("engineer", "is nobody of the desk; choose one from the list")
    return found


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("assignment", "assignment", assignment),
    ("schedule", "schedule", schedule),
)
