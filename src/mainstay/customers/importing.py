"""People of a customer from a list: looked at first, then added; who is a contact already stays as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Lower

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers import contact_file, lookup
from mainstay.customers.contact_file import Person
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused


@dataclass(frozen=True)
class Looked:
    """What importing a list would do: whom it adds, whom it knows, which lines are wrong and why."""

    how: str
    adds: tuple[Person, ...]
    knows: tuple[Person, ...]
    wrong: tuple[Person, ...]
    people: tuple[tuple[Person, str], ...]  # every line in order, with what is to say of it


def look(customer: Customer, text: str, encoding: str = "") -> Looked:
    """Nothing is written. Raises `Refused` naming list when it cannot be read at all."""
    read = contact_file.read(text, encoding)
    checked = [_checked(one) for one in read.people]
    addresses = [one.email for one in checked if not one.wrong]
    theirs = (
        Contact.objects.annotate(small=Lower("email")).filter(small__in=addresses).select_related("customer")
    )
    mine = {one.small for one in theirs if one.customer_id == customer.pk}
    others = {one.small: one.customer.name for one in theirs if one.customer_id != customer.pk}
    people = []
    for one in checked:
        known = "is a contact already" if one.email in mine else ""
        also = f"also a contact of {others[one.email]}" if one.email in others else ""
        people.append((one, one.wrong or known or also))
    return Looked(
        read.how,
        tuple(one for one, _ in people if not one.wrong and one.email not in mine),
        tuple(one for one, _ in people if not one.wrong and one.email in mine),
        tuple(one for one, _ in people if one.wrong),
        tuple(people),
    )  # fmt: skip


def _checked(one: Person) -> Person:
    """The address as it is stored; what no contact may have is said as the form for one person would."""
    if one.wrong:
        return one
    try:
        address = lookup.normal(one.email)
    except Refused as error:
        return one.but(f"its address {error.message}")
    if len(one.name) > 200 or not one.name.isprintable():
        return one.but("its name must be 1 to 200 characters")
    if len(one.phone) > 40 or not one.phone.isprintable():
        return one.but("its phone number must be at most 40 characters")
    return Person(one.line, one.name, address, one.phone, one.sees_all, one.is_admin)


def add_people(
    customer: Customer, text: str, *, by: Actor, at: datetime, without_wrong: bool = False
) -> list[Contact]:
    """Add everybody of the list who is not a contact yet, all or nobody.

    Raises `Refused` naming list where a line is wrong, unless those are to be left out, and where nobody is new.
    """
    with transaction.atomic():
        Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        looked = look(customer, text)
        if looked.wrong and not without_wrong:
            first = looked.wrong[0]
            more = f", and {len(looked.wrong) - 1} more" if len(looked.wrong) > 1 else ""
            raise Refused(
                "list", f"line {first.line} {first.wrong}{more}; put it right, or leave wrong lines out"
            )
        if not looked.adds:
            raise Refused("list", "holds nobody who is not a contact already")
        made = [
            lookup.add_contact(
                customer=customer, email=one.email, name=one.name, phone=one.phone, is_admin=one.is_admin,
                sees=Contact.Sees.ALL if one.sees_all else Contact.Sees.OWN, by=by, at=at,
            )
            for one in looked.adds
        ]  # fmt: skip
        acts.record("contacts imported", customer.name, by=by, at=at, after={"people": len(made)})
    return made
