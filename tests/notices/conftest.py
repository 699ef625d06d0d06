"""A ticket of Harbourline's, and what was sent because of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from chromium import browser  # noqa: F401 - a fixture
from mainstay.accounts.actor import Actor
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket


class Desk:
    """Opens tickets and says who heard what."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.now = NOW

    def later(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    def mail(self, text: str = "It does not start.", **more: Any) -> Said:
        return Said(text, "email", authenticated=more.pop("authenticated", "pass"), **more)

    def opens(self, who: Any = None, subject: str = "Sync stops at night", **more: Any) -> Ticket:
        """A ticket by mail of Priya's, or of another contact."""
        who = who or self.cast.priya
        said = more.pop("said", None) or self.mail(message_id="<one@harbourline.example>", address=who.email)
        request = Request(
            subject, said, customer=who.customer, contact=who, address=who.email, name=who.name, **more
        )
        ticket = open_ticket(request, by=acting(who), at=self.now)
        self.announce()
        return ticket

    def stranger(self, address: str, subject: str = "Buy pills", text: str = "Cheap pills here") -> Ticket:
        request = Request(
            subject,
            self.mail(text, authenticated="none", address=address),
            address=address,
            name="Cheap Pills",
        )
        ticket = open_ticket(request, by=Actor.unknown(address), at=self.now)
        self.announce()
        return ticket

    def announce(self) -> None:
        while announce_pending(self.now):
            pass

    def heard(self, ticket: Ticket, kind: str) -> dict[str, set[str]]:
        """Who heard of the last event of that kind: first name -> channels."""
        self.announce()
        event = ticket.events.filter(kind=kind).last()
        found: dict[str, set[str]] = {}
        for one in (
            Delivery.objects.filter(event=event).exclude(state="suppressed").select_related("user", "contact")
        ):
            known = one.user or one.contact
            name = known.name.split()[0].lower() if known else one.recipient
            found.setdefault(name, set()).add(one.channel)
        return found

    def letter(self, ticket: Ticket, template: str, to: str = "") -> Delivery:
        """The last mail of that template to an address."""
        self.announce()
        found = Delivery.objects.filter(ticket=ticket, template=template, channel="email")
        last = (found.filter(recipient=to) if to else found).order_by("id").last()
        assert last is not None, f"no {template} was sent"
        return last


@pytest.fixture
def desk(cast: Any) -> Desk:
    return Desk(cast)
