"""Who else has a ticket before them, and whether they are writing. No event, nothing kept beyond minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from mainstay.accounts.models import User
from mainstay.tickets.models import Ticket

FRESH = 45  # seconds for which somebody counts as here
WRITES = 30  # seconds for which somebody counts as writing
KEPT = 600

_LOOK = """
WITH old AS (
  DELETE FROM tickets_presence WHERE id IN (
    SELECT id FROM tickets_presence WHERE seen_at < %(at)s - make_interval(secs => %(kept)s)
       AND (ticket_id, user_id) <> (%(ticket)s, %(user)s) LIMIT 20 FOR UPDATE SKIP LOCKED)
), mine AS (
  INSERT INTO tickets_presence (ticket_id, user_id, seen_at, typing_at)
  VALUES (%(ticket)s, %(user)s, %(at)s, %(typing)s)
  ON CONFLICT (ticket_id, user_id) DO UPDATE SET seen_at = EXCLUDED.seen_at,
    typing_at = coalesce(EXCLUDED.typing_at, tickets_presence.typing_at)
)
SELECT u.name, coalesce(p.typing_at > %(at)s - make_interval(secs => %(writes)s), false)
  FROM tickets_presence p JOIN accounts_user u ON u.id = p.user_id
 WHERE p.ticket_id = %(ticket)s AND p.user_id <> %(user)s
   AND p.seen_at > %(at)s - make_interval(secs => %(fresh)s)
 ORDER BY u.name LIMIT 10
"""


@dataclass(frozen=True)
class Here:
    """Somebody else who has the ticket before them."""

    name: str
    writes: bool


def look(ticket: Ticket, user: User, *, typing: bool, at: datetime) -> list[Here]:
    """Say that this person is here, and hear who else is. One statement; what has expired goes with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOK,
            {
                "ticket": ticket.pk, "user": user.pk, "at": at, "typing": at if typing else None,
                "kept": KEPT, "fresh": FRESH, "writes": WRITES,
            },
        )  # fmt: skip
        return [Here(*row) for row in cursor.fetchall()]
