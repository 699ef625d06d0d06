"""What a ticket has to do with: links, what follows it, what was merged into it, defects. One statement."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.prepared import Written
from mainstay.tickets.models import Link, State, Ticket

ASK = Written("""
SELECT 'link', l.kind, t.id, t.subject, t.state, l.ticket_id = %(ticket)s::bigint FROM tickets_link l
  JOIN tickets_ticket t ON t.id = CASE WHEN l.ticket_id = %(ticket)s::bigint THEN l.other_id ELSE l.ticket_id END
 WHERE l.ticket_id = %(ticket)s::bigint OR l.other_id = %(ticket)s::bigint
UNION ALL SELECT 'follow_up', '', id, subject, state, true FROM tickets_ticket WHERE follows_id = %(ticket)s::bigint
UNION ALL SELECT 'merged', '', id, subject, state, true FROM tickets_ticket WHERE merged_into_id = %(ticket)s::bigint
UNION ALL SELECT 'defect', fixed_in, id, reference, url, true FROM tickets_defect WHERE ticket_id = %(ticket)s::bigint
ORDER BY 1, 3 LIMIT 100
""")


@dataclass(frozen=True)
class Related:
    """One thing: `what` is link, follow_up, merged or defect. `first`: a link was written from this ticket's side.

    Of a defect `subject` is its reference, `state` its address and `kind` the release that mends it.
    """

    what: str
    kind: str
    number: int
    subject: str
    state: str
    first: bool

    @property
    def words(self) -> str:
        """The kind of link in words, from this ticket's side."""
        if self.kind == Link.Kind.BLOCKS and not self.first:
            return "blocks"
        return str(dict(Link.Kind.choices).get(self.kind, self.kind))

    @property
    def waits(self) -> bool:
        """Whether this ticket cannot go on before the other one is done, and it is not."""
        return (
            self.what == "link"
            and self.kind == Link.Kind.BLOCKS
            and self.first
            and self.state != State.CLOSED
        )


def of(ticket: Ticket) -> list[Related]:
    """Everything of the ticket that those may see who see the ticket: what it waits for, then by what it is."""
    return sorted((Related(*row) for row in ASK.all(ticket=ticket.pk)), key=lambda one: not one.waits)
