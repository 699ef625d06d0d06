"""Who of a customer's people is named on an agreement, and whether a request came from one of them (P5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.allowances import agreements
from mainstay.allowances.agreements import Agreement
from mainstay.allowances.models import NamedContact
from mainstay.catalogue.remembered import know, once
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused


def named(customer: Customer, number: str) -> QuerySet[NamedContact]:
    """Those named now, in the order in which they were."""
    rows = NamedContact.objects.filter(customer=customer, number=number, until__isnull=True)
    return rows.select_related("contact").order_by("since", "pk")


def limit(customer: Customer, number: str, at: datetime) -> int | None:
    """How many people may be named today: the most that any covered system's version says. None: no limit."""
    day = agreements.today(customer, at)
    held = [one for one in agreements.held_by(customer) if one.number == number]
    limits = [one.limits_on(day).people for one in held if any(v.days.holds(day) for v in one.versions)]
    if not limits or None in limits:
        return None
    return max(one.most for one in limits if one is not None)


# ---- verbs


def name_contact(contact: Contact, *, number: str, by: Actor, at: datetime, beyond: str = "") -> NamedContact:
    """Name a person on the customer's contract `number` (empty: on what the subscription includes).

    One more than the limit is refused with the limit, unless `beyond` says why a person lets them in all the
    same; that is kept beside the name. Raises `Refused` naming contract or contact.
    """
    customer, beyond = contact.customer, " ".join(beyond.split())
    agreement = agreements.of_number(customer, number, _part(customer, number))
    if len(beyond) > 300:
        raise Refused("why", "must be at most 300 characters")
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
        have, most = named(customer, number), limit(customer, number, at)
        if have.filter(contact=contact).exists():
            raise Refused("contact", f"{contact.name} is named on {agreement.title} already")
        over = most is not None and have.count() >= most
        if over and not beyond:
            raise Refused("contact", _full(agreement, most or 0, contact))
        try:
            with transaction.atomic():
                made = NamedContact.objects.create(
                    customer=customer, contact=contact, number=number, since=at.replace(microsecond=0),
                    beyond=beyond if over else "", by_name=by.name[:200],
                )  # fmt: skip
        except IntegrityError:
            raise Refused("contact", f"{contact.name} is named on {agreement.title} already") from None
        after = {"beyond_the_limit": made.beyond} if made.beyond else {}
        acts.record("contact named", f"{contact.name} on {agreement.title} of {customer.name}", by=by, at=at,
                    after=after)  # fmt: skip
    return made


def _part(customer: Customer, number: str) -> int:
    """The first part of a contract; what its other systems limit is asked for where it matters."""
    first = customer.contracts.filter(number=number).order_by("part").first() if number else None
    return first.part if first else 1


def _full(agreement: Agreement, most: int, contact: Contact) -> str:
    people = "1 person" if most == 1 else f"{most} people"
    return (
        f"{agreement.title} names {people} and all are named; take somebody off, or say why {contact.name} is"
        " let in beyond the limit"
    )


def take_off(row: NamedContact, *, by: Actor, at: datetime) -> None:
    """A person is named no longer; that they were stays written."""
    with transaction.atomic():
        held = NamedContact.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if held.until is not None:
            raise Refused("contact", "is taken off already")
        held.until = at.replace(microsecond=0)
        held.save(update_fields=["until"])
        title = f"contract {held.number}" if held.number else "the subscription"
        what = f"{held.contact.name} on {title} of {held.customer.name}"
        acts.record("contact named no longer", what, by=by, at=at)


# ---- of a request


def why_not_named(agreement: Agreement, contact: Contact | None, name: str) -> str:
    """Why a request counts as not from a named contact, in a sentence; empty when it does, or nobody is named."""
    people = once(
        ("named", agreement.customer.pk, agreement.number),
        lambda: list(named(agreement.customer, agreement.number).values_list("contact_id", flat=True)),
    )
    if not people or (contact is not None and contact.pk in people):
        return ""
    who = contact.name if contact is not None else name or "The sender"
    count = "the one named contact" if len(people) == 1 else f"one of the {len(people)} named contacts"
    return f"{who} is not {count} of {agreement.title}."


def foresee(agreed: Iterable[Agreement]) -> None:
    """Within `remembering`: who is named on these is about to be asked; all of it is read at once."""
    people: dict[tuple[int, str], list[int]] = {(one.customer.pk, one.number): [] for one in agreed}
    held = NamedContact.objects.filter(customer__in={pk for pk, _ in people}, until__isnull=True)
    for customer, number, contact in held.values_list("customer_id", "number", "contact_id"):
        people.get((customer, number), []).append(contact)
    know({("named", *key): found for key, found in people.items()})
