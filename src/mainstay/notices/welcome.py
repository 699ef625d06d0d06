"""The welcome mail to a new customer's people: words that a person edits and sees before it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.allowances import onboarding
from mainstay.contracts import entitlement
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused
from mainstay.notices import edited, house, wording, words
from mainstay.notices.letter import Button, Letter, as_html, as_text
from mainstay.notices.models import Delivery

TWICE = timedelta(minutes=10)
PLACES = ("{name}", "{customer}", "{portal}", "{address}", "{phone}", "{tam}")
"""What stands for something else in the words, and is filled in for each person."""


@dataclass(frozen=True)
class Draft:
    """What the mail says before the places are filled in."""

    subject: str
    text: str


def draft(customer: Customer, at: datetime) -> Draft:
    """The words to begin with, in the customer's language, by what the customer has today."""
    contract = entitlement.entitlement_at(customer, at, keep=False).contract
    missing = {"phone"} if contract is None or not contract.phone_number else set()
    missing |= {"tam"} if customer.tam is None else set()
    with house.writing(customer.language):
        said = edited.wording_of("welcome", wording.language())

        def open_place(name: str) -> str:
            """It stays where it is filled in for each person; nothing names what is not there."""
            if name in missing:
                return ""
            return f"{{{name}}}" if f"{{{name}}}" in PLACES else house.ours().get(name, "")

        parts = (wording.filled(one, open_place) for one in said.parts if not isinstance(one, wording.Block))
        return Draft(
            wording.filled(said.headline, open_place) or "", "\n\n".join(one for one in parts if one)
        )


def filled(customer: Customer, contact: Contact, said: Draft, at: datetime) -> Letter:
    """The letter for one person. Only the known places are filled in; whatever else is typed stays as it is."""
    contract = entitlement.entitlement_at(customer, at, keep=False).contract
    values = {
        "{name}": contact.name,
        "{customer}": customer.name,
        "{portal}": settings.BASE_URL + reverse("home"),
        "{address}": settings.SUPPORT_ADDRESS,
        "{phone}": contract.phone_number if contract else "",
        "{tam}": f"{customer.tam.name} ({customer.tam.email})" if customer.tam else "",
    }
    subject, text = said.subject, said.text
    with house.writing(customer.language):
        label, foot = edited.say("to_portal"), edited.say("reply_to_us")
    for place, value in values.items():
        subject, text = subject.replace(place, value), text.replace(place, value)
    body = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    subject = words.one_line(subject, 200)
    return Letter(
        subject, subject=subject, body=body, buttons=[Button(label, values["{portal}"])], foot=[foot],
    )  # fmt: skip


def checked(subject: str, text: str) -> Draft:
    """The words as typed. Raises `Refused` naming subject or text."""
    subject, text = " ".join(subject.split()), text.replace("\x00", "").strip()
    if not subject or len(subject) > 200:
        raise Refused("subject", "must be 1 to 200 characters")
    if not text or len(text) > 20_000:
        raise Refused("text", "must be 1 to 20,000 characters")
    return Draft(subject, text)


def send(
    customer: Customer, people: Sequence[Contact], said: Draft, *, by: Actor, at: datetime
) -> list[Delivery]:
    """One mail to each of the chosen people; through the outbox like any other.

    Raises `Refused` naming people: nobody chosen, an address whose mail fails, or sent a moment ago already.
    """
    if not people:
        raise Refused("people", "are not chosen; tick whom it goes to")
    failing = [one.name for one in people if one.failing_since is not None]
    if failing:
        raise Refused("people", f"whose mail fails cannot be written to: {', '.join(failing[:3])}")
    with transaction.atomic():
        Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        lately = Delivery.objects.filter(template="welcome", contact__in=people, created_at__gt=at - TWICE)
        if lately.exists():
            raise Refused("people", "had it a few minutes ago already; it was not sent again")
        made = Delivery.objects.bulk_create(
            _delivery(one, filled(customer, one, said, at), at) for one in people
        )
        onboarding.welcomed(customer, len(made), by=by, at=at)
        to = {"to": [one.email for one in people][:50], "subject": said.subject}
        acts.record("welcome mail sent", customer.name, by=by, at=at, after=to)
    return made


def _delivery(contact: Contact, letter: Letter, at: datetime) -> Delivery:
    return Delivery(
        channel=Delivery.Channel.EMAIL, template="welcome", recipient=contact.email, contact=contact,
        subject=letter.subject, text=as_text(letter), html=as_html(letter), created_at=at, next_try_at=at,
    )  # fmt: skip


def welcomed(customer: Customer) -> dict[int, Delivery]:
    """The last welcome mail to each contact, by the contact's id."""
    rows = Delivery.objects.filter(template="welcome", contact__customer=customer).order_by("contact", "-pk")
    return {one.contact_id: one for one in rows.distinct("contact") if one.contact_id is not None}
