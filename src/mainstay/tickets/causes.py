"""Common causes: one thing that went wrong, behind tickets of any number of customers.

Only staff see that tickets belong together; a customer never learns of another's (ATTACKS 46). Links between two
tickets stay within one customer; this is the one relation that does not.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.tickets import events, messages
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import CommonCause, Event, State, Ticket


def begin(title: str, *, at: datetime) -> CommonCause:
    """Name a cause. Raises `Refused` naming title."""
    title = messages.needs_text(title, "title")
    if len(title) > 200:
        raise Refused("title", "is longer than 200 characters; say it in a line")
    return CommonCause.objects.create(title=title, since=events.whole(at))


def known() -> QuerySet[CommonCause]:
    """Those that have not ended, the newest first."""
    return CommonCause.objects.filter(ended_at=None).order_by("-since", "-pk")


def tickets_of(cause: CommonCause | int) -> QuerySet[Ticket]:
    """The open tickets of a cause, in the order in which they came."""
    return Ticket.objects.filter(common_cause=cause).exclude(state=State.CLOSED).order_by("opened_at", "pk")


def join(ticket: Ticket, cause: CommonCause, *, by: Actor, at: datetime) -> Event:
    """The ticket is one of those that the cause is behind."""
    with changing(ticket) as fresh:
        if fresh.common_cause_id == cause.pk:
            raise Refused("cause", f"is {cause.title!r} already")
        fresh.common_cause = cause
        return record(fresh, "cause_joined", by=by, at=at, detail={"title": cause.title}, tell=False)


def leave(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """It is another cause after all."""
    with changing(ticket) as fresh:
        if fresh.common_cause is None:
            raise Refused("cause", "is not set on this ticket")
        title, fresh.common_cause = fresh.common_cause.title, None
        return record(fresh, "cause_left", by=by, at=at, detail={"title": title}, tell=False)


def end(cause: CommonCause, *, at: datetime) -> None:
    """It is mended: no further ticket joins it."""
    CommonCause.objects.filter(pk=cause.pk, ended_at=None).update(ended_at=events.whole(at))
