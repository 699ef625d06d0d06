"""Tickets and their clocks as the lines of a list: columns read as they are, no models made of them.

Fifty tickets with all that they name are 1,500 objects as models, which takes longer than all else on a page.
Ask for tickets that the reader may see (`access`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from mainstay.tickets.models import Clock, Ticket


class Listed(NamedTuple):
    """What a line of a list says of a ticket: read without making a model of it and of all that it names."""

    pk: int
    subject: str
    state: str
    severity: int
    step: str
    last_seq: int
    opened_at: datetime
    queue_at: datetime
    due_at: datetime | None
    level_rank: int
    waiting_for: str
    close_reason: str
    terms_id: str | None
    requester_name: str
    requester_address: str
    customer: str | None
    level: str | None
    rank: int | None
    assignee: str | None


LISTED = (*Listed._fields[:15], "customer__name", "level__name", "level__rank", "assignee__name")


class ListedClock(NamedTuple):
    """A clock row as a list reads it."""

    ticket_id: int
    clock: str
    n: int
    position: int
    kind: str
    state: str
    target: str
    target_seconds: int
    calendar: str
    used: int
    as_of: datetime
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    warn_at: datetime | None
    breached: bool


_CLOCKS = f"""
SELECT {", ".join(ListedClock._fields)} FROM {Clock._meta.db_table}
WHERE ticket_id = ANY(%s) ORDER BY ticket_id, position
"""  # noqa: S608 - names of columns


def read(found: QuerySet[Ticket], most: int) -> list[Listed]:
    """The first of these tickets, in their order. One statement."""
    return [Listed(*row) for row in found.values_list(*LISTED)[:most]]


def of(ticket: Ticket) -> Listed:
    """The same from a ticket that is there with all it names."""
    own = {name: getattr(ticket, name) for name in LISTED[:15]}
    return Listed(
        **own,
        customer=ticket.customer.name if ticket.customer else None,
        level=ticket.level.name if ticket.level else None,
        rank=ticket.level.rank if ticket.level else None,
        assignee=ticket.assignee.name if ticket.assignee else None,
    )


def clocks(tickets: Sequence[int]) -> dict[int, list[ListedClock]]:
    """The clocks of tickets that one may see, by the tickets' numbers. One statement."""
    found: dict[int, list[ListedClock]] = {number: [] for number in tickets}
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS, [list(tickets)])
        for row in cursor.fetchall():
            found[row[0]].append(ListedClock(*row))
    return found
