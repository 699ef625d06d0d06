"""Who takes part in a ticket: letting somebody in who is listed and awaits approval."""

from datetime import datetime

from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Event, Participant, Ticket


def approve(ticket: Ticket, participant: Participant, *, by: Actor, at: datetime) -> Event:
    """From now on this person gets mail about the ticket and may join it. Refused when they take part already."""
    with changing(ticket) as fresh:
        let_in = Participant.objects.filter(pk=participant.pk, ticket=fresh, accepted=False).update(
            accepted=True, since=at
        )
        if not let_in:
            raise Refused("participant", f"{participant.address} takes part already")
        return record(
            fresh, "participant_approved", by=by, at=at, detail={"address": participant.address}
        )  # fmt: skip
