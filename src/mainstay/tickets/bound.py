"""Ends that tickets have a say in: a contract that judged some of them, a contact who asked for some of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.contracts import signing
from mainstay.contracts.models import Contract
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.tickets.models import Message, Participant, State, Ticket


def end_contract(contract: Contract, *, last_day: date, by: Actor, at: datetime) -> Contract:
    """Let a contract end sooner; `last_day` is the last one on which it holds, in the customer's zone.

    Refused, naming last_day: a day before it begins, a day that is not sooner, and a day before the receipt
    of a ticket that the contract judged: what was promised then stays promised.
    """
    zone = ZoneInfo(contract.customer.time_zone or "UTC")
    midnight = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), zone)
    later = Ticket.objects.filter(contract=contract, opened_at__gte=midnight).order_by("-opened_at").first()
    if later is not None:
        day = later.opened_at.astimezone(zone).date()
        raise Refused(
            "last_day",
            f"would leave ticket {later.number}, received on {day.isoformat()}, without the contract that judges"
            " it; choose that day or a later one",
        )
    return signing.end_contract(contract, last_day=last_day, by=by, at=at)


def remove_contact(contact: Contact, *, by: Actor, at: datetime) -> None:
    """Take a person off the customer's list; they may not sign in for this customer any more.

    Refused, naming contact, when tickets know them: those keep who asked and who wrote.
    """
    with transaction.atomic():
        asked = Ticket.objects.filter(requester=contact).count()
        wrote = Message.objects.filter(author_contact=contact).exists()
        if asked:
            tickets = "a ticket" if asked == 1 else f"{asked} tickets"
            raise Refused(
                "contact", f"{contact.name} asked for {tickets}, which keep who asked; they stay listed"
            )
        if wrote or Participant.objects.filter(contact=contact).exists():
            raise Refused(
                "contact", f"{contact.name} takes part in tickets, which keep who did; they stay listed"
            )
        what = f"{contact.name}, {contact.email}, of {contact.customer.name}"
        acts.record("contact removed", what, by=by, at=at)
        contact.delete()


def still_open(user: User) -> int:
    """How many open tickets somebody has who leaves: they want to be handed over."""
    return Ticket.objects.filter(assignee=user).exclude(state=State.CLOSED).count()
