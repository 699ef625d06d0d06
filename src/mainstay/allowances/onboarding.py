"""A new customer's first days: a list whose items tick themselves where a fact shows it, else by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.allowances import agreements, names
from mainstay.allowances.models import NamedContact, Tick
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer
from mainstay.errors import Refused

ITEMS = {
    "agreement": "Contract signed, or subscription recorded",
    "contacts": "Their people are contacts",
    "named": "Who may ask is named",
    "domain": "Their mail domain is known",
    "environments": "Their environments are recorded",
    "tam": "A Technical Account Manager is named",
    "introduced": "The Technical Account Manager was introduced",
    "phone": "The phone number was told",
    "welcomed": "A welcome mail was sent",
    "signed_in": "Somebody of theirs signed in to the portal",
}


@dataclass(frozen=True)
class Item:
    """One item: done by a fact (`why` says which) or by hand (`tick`); or not needed here."""

    code: str
    label: str
    done: bool
    why: str = ""
    tick: Tick | None = None
    needed: bool = True


@dataclass(frozen=True)
class Checklist:
    items: tuple[Item, ...]

    @property
    def done(self) -> int:
        return sum(one.done for one in self.items if one.needed)

    @property
    def of(self) -> int:
        return sum(one.needed for one in self.items)


def checklist(customer: Customer, at: datetime) -> Checklist:
    """How far the onboarding of a customer is."""
    facts, ticks = _facts(customer, at), {one.item: one for one in customer.ticks.all()}
    items = []
    for code, label in ITEMS.items():
        why, needed = facts.get(code, ("", True))
        tick = ticks.get(code)
        items.append(
            Item(code, label, bool(why and needed) or tick is not None, why, tick, needed or tick is not None)
        )
    return Checklist(tuple(items))


def _facts(customer: Customer, at: datetime) -> dict[str, tuple[str, bool]]:
    """By item: what shows that it is done (empty: nothing does), and whether it is needed at all."""
    day = agreements.today(customer, at)
    held = Contract.objects.filter(customer=customer)
    numbers = sorted(set(held.values_list("number", flat=True)))
    subscribed = customer.subscriptions.filter(ends_on__gte=day).exists()
    limited = [one for one in numbers if names.limit(customer, one, at) is not None]
    named = set(
        NamedContact.objects.filter(customer=customer, until__isnull=True).values_list("number", flat=True)
    )
    people, systems = customer.contacts.count(), customer.environments.count()
    domains = list(customer.domains.values_list("domain", flat=True)[:3])
    signed_in = customer.contacts.filter(user__last_login__isnull=False).order_by("pk").first()
    phones = [one for one in held.exclude(phone_number="").values_list("phone_number", flat=True)[:1] if one]
    agreed = ", ".join(numbers[:3]) or ("a current subscription" if subscribed else "")
    return {
        "agreement": (agreed, True),
        "contacts": (_count(people, "contact"), True),
        "named": (
            _count(len(named), "agreement") if limited and set(limited) <= named else "",
            bool(limited),
        ),
        "domain": (", ".join(domains), True),
        "environments": (_count(systems, "environment"), True),
        "tam": (customer.tam.name if customer.tam else "", bool(customer.tam) or _with_tam(customer)),
        "introduced": ("", bool(customer.tam) or _with_tam(customer)),
        "phone": ("", bool(phones)),
        "signed_in": (signed_in.name if signed_in else "", True),
    }


def _with_tam(customer: Customer) -> bool:
    """Whether a package of theirs comes with a Technical Account Manager."""
    return Contract.objects.filter(Q(package__document__tam=True), customer=customer).exists()


def _count(n: int, what: str) -> str:
    return "" if not n else f"{n} {what}{'s' if n > 1 else ''}"


def tick(customer: Customer, item: str, *, note: str, by: Actor, at: datetime) -> None:
    """Say by hand that an item is done. Raises `Refused` naming item or note."""
    note = " ".join(note.split())
    if item not in ITEMS:
        raise Refused("item", "is not one of the list")
    if len(note) > 200 or not note.isprintable():
        raise Refused("note", "must be at most 200 characters")
    with transaction.atomic():
        made, fresh = Tick.objects.get_or_create(
            customer=customer, item=item, defaults={"note": note, "by_name": by.name[:200], "at": at}
        )
        if not fresh:
            raise Refused("item", f"was ticked already, by {made.by_name}")
        acts.record(
            "onboarding step done", f"{ITEMS[item]}: {customer.name}", by=by, at=at, after={"note": note}
        )


def untick(customer: Customer, item: str, *, by: Actor, at: datetime) -> None:
    """Take a tick back. Raises `Refused` naming item where there is none."""
    with transaction.atomic():
        gone, _ = Tick.objects.filter(customer=customer, item=item).delete()
        if not gone:
            raise Refused("item", "is not ticked by hand")
        acts.record("onboarding step taken back", f"{ITEMS.get(item, item)}: {customer.name}", by=by, at=at)


def welcomed(customer: Customer, people: int, *, by: Actor, at: datetime) -> None:
    """The welcome mail went out; the first one ticks the item."""
    Tick.objects.get_or_create(
        customer=customer,
        item="welcomed",
        defaults={"note": f"to {people}", "by_name": by.name[:200], "at": at},
    )
