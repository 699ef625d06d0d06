"""Who is this address? By the address itself, else by its domain, else nobody knows; and the people of customers.

Addresses are compared as they stand after `normal`: the domain as its A-label, ASCII letters small. Nothing
else is folded, so a letter that only looks like another one never matches (ATTACKS 12).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact, Customer, CustomerDomain
from mainstay.errors import Refused

_PUBLIC = """
    126.com 163.com aol.com btinternet.com comcast.net duck.com fastmail.com free.fr gmail.com gmx.at gmx.ch
    gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.fr icloud.com laposte.net
    libero.it live.com mac.com mail.com mail.ru me.com msn.com orange.fr outlook.com outlook.de pm.me proton.me
    protonmail.com qq.com rediffmail.com seznam.cz sina.com t-online.de tutanota.com verizon.net wanadoo.fr web.de
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com
"""
PUBLIC_DOMAINS = frozenset(_PUBLIC.split())
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True)
class Found:
    """Who an address belongs to. `others` are further contacts with the same address, at other customers."""

    contact: Contact | None
    customer: Customer | None
    because: str
    others: tuple[Contact, ...] = ()

    @property
    def ambiguous(self) -> bool:
        return bool(self.others)


def by_address(address: str) -> Found:
    """The contact with this address, else the customer of its domain, else nobody; always with the reason.

    A person who is a contact of several customers is the one recorded first; the others are listed, so that
    triage sees them and may choose. Two queries at most. Never raises: what is no address belongs to nobody.
    """
    return by_addresses([address])[address]


def by_addresses(addresses: Iterable[str]) -> dict[str, Found]:
    """The same for any number of addresses, by the address as it was given. Two queries at most."""
    wanted = {address: _normal(address) for address in addresses}
    people = _people(set(wanted.values()) - {""})
    domains = {one.rpartition("@")[2] for one in wanted.values() if one and one not in people}
    known = CustomerDomain.objects.filter(domain__in=domains).select_related("customer") if domains else ()
    customers = {one.domain: one.customer for one in known}
    return {address: _found(one, people.get(one, []), customers) for address, one in wanted.items()}


def _normal(address: str) -> str:
    try:
        return normal(address)
    except Refused:
        return ""


def _people(addresses: set[str]) -> dict[str, list[Contact]]:
    """Contacts by their addresses, those recorded first first."""
    found: dict[str, list[Contact]] = {}
    if addresses:
        people = Contact.objects.annotate(small=Lower("email")).filter(small__in=addresses, ended_at=None)
        for one in people.select_related("customer", "user").order_by("pk"):
            found.setdefault(one.email.translate(_SMALL), []).append(one)
    return found


def _found(wanted: str, contacts: Sequence[Contact], customers: Mapping[str, Customer]) -> Found:
    if not wanted:
        return Found(None, None, "The address cannot be read.")
    if contacts:
        return _person(wanted, contacts)
    domain = wanted.rpartition("@")[2]
    if domain in customers:
        because = f"Mail from {domain} is from {customers[domain].name}; the person is not known yet."
        return Found(None, customers[domain], because)
    return Found(None, None, f"Neither {wanted} nor the domain {domain} is known.")


def _person(address: str, contacts: Sequence[Contact]) -> Found:
    first, *others = contacts
    because = f"{address} is {first.name} of {first.customer.name}."
    if others:
        names = ", ".join(other.customer.name for other in others)
        because += f" The same address is also a contact of {names}; the one recorded first was taken."
    return Found(first, first.customer, because, tuple(others))


# ---- addresses


def normal(address: str, field: str = "email") -> str:
    """The address as it is stored and compared. Raises `Refused` for what is no address."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or len(local) > 64 or any(c.isspace() or c in '<>(),;:"\\@' for c in local):
        raise Refused(field, "must be one mail address, such as priya@harbourline.example")
    if not local.isprintable():
        raise Refused(field, "holds characters that no address has")
    return f"{local.translate(_SMALL)}@{normal_domain(domain, field)}"


def normal_domain(domain: str, field: str = "domain") -> str:
    """The domain as its A-label. Raises `Refused` for what is no domain, or only looks like a plain one."""
    wanted = domain.strip().translate(_SMALL).removesuffix(".")
    try:
        label = wanted.encode("idna").decode("ascii").translate(_SMALL)
    except UnicodeError:
        raise Refused(field, "must be a domain such as harbourline.example") from None
    parts = label.split(".")
    if len(parts) < 2 or len(label) > 253 or not all(_LABEL.fullmatch(part) for part in parts):
        raise Refused(field, "must be a domain such as harbourline.example")
    if not wanted.isascii() and "xn--" not in label:
        raise Refused(field, f"is not {label}, though it looks like it")
    return label


# ---- verbs


def add_contact(
    *,
    customer: Customer | None,
    email: str,
    name: str,
    by: Actor,
    at: datetime,
    phone: str = "",
    sees: str = Contact.Sees.OWN,
    is_admin: bool = False,
    team: str = "",
) -> Contact:
    """A person of a customer, who may sign in by link from now on. Raises `Refused` naming the field."""
    if customer is None:
        raise Refused("customer", "is missing; a contact is a person of some customer")
    address = normal(email)
    name = " ".join(name.split())
    if not name or len(name) > 200 or not name.isprintable():
        raise Refused("name", "must be a name of 1 to 200 characters")
    if sees not in Contact.Sees.values:
        raise Refused("sees", f"is {sees!r}; it may be {', '.join(Contact.Sees.values)}")
    taken = Refused("email", f"{address} is a contact of {customer.name} already")
    if Contact.objects.annotate(small=Lower("email")).filter(customer=customer, small=address).exists():
        raise taken
    try:
        with transaction.atomic():
            made = Contact.objects.create(
                customer=customer,
                user=_user(address, name, customer),
                email=address,
                name=name,
                phone=phone.strip()[:40],
                sees=sees,
                is_admin=is_admin,
                team=" ".join(team.split())[:100],
            )
            rights = {"sees": str(Contact.Sees(sees).label), "manages_contacts": is_admin}
            acts.record("contact added", f"{name}, {address}, of {customer.name}", by=by, at=at, after=rights)
            return made
    except IntegrityError:
        raise taken from None


def _user(address: str, name: str, customer: Customer) -> User:
    """The person who signs in with this address; one person for however many customers."""
    found = User.objects.filter(email=address).first()
    return found or User.objects.create_user(
        address, name, time_zone=customer.time_zone, language=customer.language
    )


def add_domain(*, customer: Customer, domain: str, by: Actor, at: datetime) -> CustomerDomain:
    """Mail from this domain is from this customer. A domain anybody can have an address at is refused."""
    label = normal_domain(domain)
    if label in PUBLIC_DOMAINS:
        raise Refused("domain", f"{label} is a public mail service; add the people's addresses instead")
    held = CustomerDomain.objects.filter(domain=label).select_related("customer").first()
    if held is not None:
        raise Refused("domain", f"{label} belongs to {held.customer.name} already")
    with transaction.atomic():
        acts.record("mail domain added", f"{label} of {customer.name}", by=by, at=at)
        return CustomerDomain.objects.create(customer=customer, domain=label)
