"""What people would be sent because of an act, exactly, before anybody does it: the act is done and taken back."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from mainstay.catalogue.remembered import remembering
from mainstay.notices import limits
from mainstay.notices.announce import of_event
from mainstay.notices.models import Delivery
from mainstay.notices.reading import Reading
from mainstay.tickets.models import Event, Ticket


def of(act: Callable[[], Sequence[Event]], at: datetime) -> list[tuple[Event, list[Delivery]]]:
    """The deliveries (never saved) to customers that each event of `act` makes. Nothing is left in the database."""
    with transaction.atomic(), remembering():
        found = [(event, _to_customer(event, at)) for event in act()]
        transaction.set_rollback(True)
    return found


def _to_customer(event: Event, at: datetime) -> list[Delivery]:
    ticket = Ticket.objects.select_related("customer", "requester", "assignee", "level").get(
        pk=event.ticket_id
    )
    reading = Reading([ticket], [event])
    made = of_event(event, ticket, at, reading, limits.Answers(reading, at))
    return [one for one in made if one.user_id is None and one.channel == Delivery.Channel.EMAIL]
