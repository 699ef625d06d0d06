"""Who takes part in a ticket: people of the customer who are added, and who is listed and awaits approval."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.prepared import Arg
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


def may_add(contact: Contact) -> QuerySet[Contact]:
    """Whom a contact may add: the people of their own customer whose access has not ended, without themselves."""
    return others(contact.customer_id, contact.pk)


def others(customer: int | Arg, contact: int | Arg) -> QuerySet[Contact]:
    """The same people, by the numbers of the customer and the contact."""
    mine = Contact.objects.filter(customer=customer, ended_at=None).exclude(pk=contact)
    return mine.filter(Q(user=None) | Q(user__is_active=True)).order_by("name", "pk")


def add(ticket: Ticket, people: Sequence[Contact], *, by: Actor, at: datetime, whole: bool = False) -> Event:
    """From now on these people of the customer hear of the ticket and may join it.

    They read what is said from now on, or the `whole` of it where who adds them reads it and says so. Raises
    `Refused` on participant for somebody of another customer, or when all of them take part already. Each of them is
    told once, by the event.
    """
    if any(one.customer_id != ticket.customer_id for one in people):
        raise Refused("participant", _("is of another customer"))
    with changing(ticket) as fresh:
        known = set(Participant.objects.filter(ticket=fresh, accepted=True).values_list("address", flat=True))
        new = [one for one in people if one.email.lower() not in known and one.pk != fresh.requester_id]
        if not new:
            raise Refused("participant", _("is missing; everybody you chose takes part already"))
        since = fresh.opened_at if whole else at
        for one in new:
            Participant.objects.update_or_create(
                ticket=fresh, address=one.email.lower(),
                defaults={"contact": one, "name": one.name, "since": since, "accepted": True},
            )  # fmt: skip
        return record(
            fresh, "participants_added", by=by, at=at,
            detail={"accepted": [one.name for one in new], "added": [one.pk for one in new], "whole": whole},
        )  # fmt: skip


def may_leave(ticket: Ticket, contacts: Sequence[Contact]) -> Participant | None:
    """As whom one of these people takes part and may leave; whoever asked stays."""
    mine = Participant.objects.filter(ticket=ticket, contact__in=[one.pk for one in contacts], accepted=True)
    return mine.exclude(contact=ticket.requester_id or 0).order_by("pk").first()


def leave(ticket: Ticket, participant: Participant, *, by: Actor, at: datetime) -> Event:
    """From now on this person hears nothing of the ticket. Refused when they take no part (any more)."""
    with changing(ticket) as fresh:
        gone, _rows = Participant.objects.filter(pk=participant.pk, ticket=fresh, accepted=True).delete()
        if not gone:
            raise Refused("participant", _("takes no part in it any more"))
        return record(fresh, "participant_left", by=by, at=at, detail={"address": participant.address})


def has_left(ticket: Ticket, address: str) -> bool:
    """Whether somebody left this ticket by themselves before."""
    left = Event.objects.filter(ticket=ticket, kind="participant_left", text__detail__address=address.lower())
    return left.exists()


def waiting(ticket: Ticket, *, seq: int | None = None) -> list[Participant]:
    """Who was copied in and awaits approval; with `seq` those of one event alone."""
    found = Participant.objects.filter(ticket=ticket, accepted=False).order_by("pk")
    if seq is not None:
        event = Event.objects.select_related("text").filter(ticket=ticket, seq=seq).first()
        found = found.filter(address__in=event.text.detail.get("waiting", []) if event else [])
    return list(found)


def let_in(ticket: Ticket, *, seq: int, by: Actor, at: datetime) -> list[Event]:
    """Everybody whom the mail of this event asked about. Refused when none of them waits any more."""
    with transaction.atomic():
        people = waiting(ticket, seq=seq)
        if not people:
            raise Refused("participant", _("takes part already, or was taken off the request"))
        return [approve(ticket, one, by=by, at=at) for one in people]
