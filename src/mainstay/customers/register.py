"""The register of customers: taking one on, what they run, what they subscribe to, and changing what is known.

Every verb writes an act into the log of the organisation (see accounts.acts).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role, User
from mainstay.customers import lookup, places
from mainstay.customers.models import Contact, Customer, Environment, Product, Release, Subscription
from mainstay.errors import Refused

CHANGED = "customer changed"


def add_customer(
    *,
    code: str,
    name: str,
    by: Actor,
    at: datetime,
    time_zone: str = "",
    country: str = "",
    subdivision: str = "",
    domain: str = "",
) -> Customer:
    """A customer and, if one is given, its domain: both or neither. Raises `Refused` naming the field."""
    name, code = _name(name), code.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{1,39}", code):
        raise Refused("code", "must be 2 to 40 letters, digits and hyphens, such as ACME")
    if Customer.objects.filter(code__iexact=code).exists():
        raise Refused("code", f"{code} is taken")
    zone = places.checked_zone(time_zone)
    country, subdivision = places.checked_place(country, subdivision)
    try:
        with transaction.atomic():
            made = Customer.objects.create(
                code=code, name=name, time_zone=zone, country=country, subdivision=subdivision
            )
            acts.record("customer added", f"{name} ({code})", by=by, at=at, after=_profile(made))
            if domain:
                lookup.add_domain(customer=made, domain=domain, by=by, at=at)
            return made
    except IntegrityError:
        raise Refused("code", f"{code} is taken") from None


def change_customer(
    customer: Customer,
    *,
    name: str,
    time_zone: str,
    country: str,
    subdivision: str,
    tam: User | None,
    shares_tickets: bool,
    by: Actor,
    at: datetime,
    language: str | None = None,
) -> list[str]:
    """What we know of a customer, put right; gives what changed, a sentence each. `language`: None leaves it.

    Tickets that are open keep the terms they were received under. Raises `Refused` naming the field.
    """
    name, zone = _name(name), places.checked_zone(time_zone)
    country, subdivision = places.checked_place(country, subdivision)
    if tam is not None and tam.pk != customer.tam_id and not (tam.is_active and Role.TAM in tam.roles):
        raise Refused("TAM", f"{tam.name} is no Technical Account Manager; give them that role first")
    with transaction.atomic():
        held = Customer.objects.select_for_update(of=("self",)).select_related("tam").get(pk=customer.pk)
        before = _profile(held)
        held.name, held.time_zone, held.country, held.subdivision = name, zone, country, subdivision
        held.tam, held.shares_tickets = tam, shares_tickets
        held.language = held.language if language is None else places.checked_language(language)
        after = _profile(held)
        if before != after:
            held.save(
                update_fields=[
                    "name",
                    "time_zone",
                    "country",
                    "subdivision",
                    "language",
                    "tam",
                    "shares_tickets",
                ]
            )
            acts.record(CHANGED, f"{name} ({held.code})", by=by, at=at, before=before, after=after)
    return acts.differences(before, after)


def place_at(customer: Customer, at: datetime) -> tuple[str, str]:
    """Country and part of it in which a customer was just before `at`, by the log of what was changed since."""
    place = {"country": customer.country, "subdivision": customer.subdivision}
    moved = Act.objects.filter(kind=CHANGED, what__endswith=f"({customer.code})", at__gte=at).order_by("-pk")
    for before in moved.values_list("before", flat=True):
        place |= {name: before[name] or "" for name in place if name in before}
    return place["country"], place["subdivision"]


def _profile(customer: Customer) -> dict[str, Any]:
    return {
        "name": customer.name,
        "time_zone": customer.time_zone,
        "country": customer.country,
        "subdivision": customer.subdivision,
        "language": customer.language,
        "TAM": customer.tam.name if customer.tam else "",
        "people_see_each_other's_tickets": customer.shares_tickets,
    }


# ---- what they run


def add_environment(
    customer: Customer,
    *,
    name: str,
    kind: str,
    product: Product | None,
    release: Release | None,
    by: Actor,
    at: datetime,
    criticality: str = "",
) -> Environment:
    """A system of the customer. A release says its product too. Raises `Refused` naming the field."""
    made = Environment(customer=customer, name=" ".join(name.split()), kind=kind, criticality=criticality)
    made.product, made.release = product or (release.product if release else None), release
    return _kept(made, "environment added", {}, by, at)


def change_environment(
    environment: Environment,
    *,
    name: str,
    kind: str,
    product: Product | None,
    release: Release | None,
    by: Actor,
    at: datetime,
    criticality: str = "",
) -> list[str]:
    """A system as it is now; gives what changed, a sentence each. Raises `Refused` naming the field."""
    before = _system(environment)
    environment.name, environment.kind = " ".join(name.split()), kind
    environment.criticality = criticality
    environment.product, environment.release = product or (release.product if release else None), release
    _kept(environment, "environment changed", before, by, at)
    return acts.differences(before, _system(environment))


def _kept(
    environment: Environment, done: str, before: dict[str, Any], by: Actor, at: datetime
) -> Environment:
    """The environment checked, saved and logged."""
    customer, product, release = environment.customer, environment.product, environment.release
    if not environment.name or len(environment.name) > 100 or not environment.name.isprintable():
        raise Refused("name", "must be what they call it, 1 to 100 characters, such as Production")
    if environment.kind not in Environment.Kind.values:
        raise Refused("kind", f"may be {', '.join(Environment.Kind.values)}")
    if environment.criticality not in ("", *Environment.Criticality.values):
        raise Refused("criticality", f"may be {', '.join(Environment.Criticality.values)}")
    if release is not None and release.product != product:
        raise Refused("release", f"{release} is not a release of {product}")
    taken = Refused("name", f"{customer.name} has an environment {environment.name} already")
    if customer.environments.filter(name=environment.name).exclude(pk=environment.pk).exists():
        raise taken
    try:
        with transaction.atomic():
            environment.save()
            what = f"{environment.name} of {customer.name}"
            acts.record(done, what, by=by, at=at, before=before, after=_system(environment))
    except IntegrityError:
        raise taken from None
    return environment


def _system(environment: Environment) -> dict[str, Any]:
    return {
        "name": environment.name,
        "kind": environment.kind,
        "criticality": environment.get_criticality_display(),
        "product": environment.product.name if environment.product else "",
        "release": environment.release.version if environment.release else "",
    }


# ---- what they subscribe to


def add_subscription(
    customer: Customer, *, product: Product | None, starts_on: date, ends_on: date, by: Actor, at: datetime
) -> Subscription:
    """A subscription to one product or (None) to all, from its first to its last day, both included.

    Raises `Refused` naming ends_on, or product where one for the same product holds on some of these days.
    """
    if ends_on < starts_on:
        raise Refused("last_day", f"is before the first day, {starts_on.isoformat()}")
    with transaction.atomic():
        Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)  # two at once are compared
        same = customer.subscriptions.filter(product=product, starts_on__lte=ends_on, ends_on__gte=starts_on)
        held = same.first()
        if held is not None:
            raise Refused(
                "first_day", f"one holds already, {_days(held.starts_on, held.ends_on)}; begin after it"
            )
        made = Subscription.objects.create(
            customer=customer, product=product, starts_on=starts_on, ends_on=ends_on
        )
        of = product.name if product else "all products"
        days = {"holds": _days(starts_on, ends_on)}
        acts.record("subscription added", f"{of} for {customer.name}", by=by, at=at, after=days)
    return made


def _days(first: date, last: date) -> str:
    return f"{first.isoformat()} to {last.isoformat()}"


# ---- their people


def change_contact(
    contact: Contact, *, name: str, phone: str, sees: str, is_admin: bool, by: Actor, at: datetime,
    team: str | None = None,
) -> list[str]:  # fmt: skip
    """A person's name, phone and rights; gives what changed, a sentence each. Raises `Refused` naming the field.

    The address stays: another address is another person, so that nobody is handed somebody else's tickets.
    """
    name, phone = " ".join(name.split()), phone.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise Refused("name", "must be a name of 1 to 200 characters")
    if len(phone) > 40:
        raise Refused("phone", "must be at most 40 characters")
    if sees not in Contact.Sees.values:
        raise Refused("sees", f"may be {', '.join(Contact.Sees.values)}")
    with transaction.atomic():
        held = Contact.objects.select_for_update(of=("self",)).select_related("customer").get(pk=contact.pk)
        before = _rights(held)
        held.name, held.phone, held.sees, held.is_admin = name, phone, sees, is_admin
        if team is not None:
            held.team = " ".join(team.split())[:100]
        if sees == Contact.Sees.TEAM and not held.team:
            raise Refused("team", _("is missing; say which one, as the others of it have it"))
        if before["manages_contacts"] and not is_admin:
            _somebody_manages(held)
        if before != _rights(held):
            held.save(update_fields=["name", "phone", "sees", "is_admin", "team"])
            what = f"{name} of {held.customer.name}"
            acts.record("contact changed", what, by=by, at=at, before=before, after=_rights(held))
    return acts.differences(before, _rights(held))


def end_contact(contact: Contact, *, by: Actor, at: datetime) -> None:
    """Somebody's access to this customer ends; what they asked and wrote stays theirs. Undone by `restore_contact`."""
    with transaction.atomic():
        held = Contact.objects.select_for_update(of=("self",)).select_related("customer").get(pk=contact.pk)
        if held.ended_at is not None:
            return
        if held.is_admin:
            _somebody_manages(held)
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        acts.record("contact ended", f"{held.name} of {held.customer.name}", by=by, at=at)


def restore_contact(contact: Contact, *, by: Actor, at: datetime) -> None:
    """Their access holds again, with the rights they had."""
    with transaction.atomic():
        held = Contact.objects.select_for_update(of=("self",)).select_related("customer").get(pk=contact.pk)
        if held.ended_at is not None:
            held.ended_at = None
            held.save(update_fields=["ended_at"])
            acts.record("contact restored", f"{held.name} of {held.customer.name}", by=by, at=at)


def _somebody_manages(contact: Contact) -> None:
    """A customer that manages its people is never left without somebody who can; two at once wait for each other."""
    Customer.objects.select_for_update(of=("self",)).get(pk=contact.customer_id)
    others = Contact.objects.filter(customer=contact.customer_id, is_admin=True, ended_at=None).exclude(
        pk=contact.pk
    )
    if not others.exists():
        raise Refused(
            "contact", _("is the only one who manages your people; let somebody else manage them first")
        )


def _rights(contact: Contact) -> dict[str, Any]:
    return {
        "team": contact.team,
        "name": contact.name,
        "phone": contact.phone,
        "sees": contact.get_sees_display(),
        "manages_contacts": contact.is_admin,
    }


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 200:
        raise Refused("name", "must be the organisation's name, at most 200 characters")
    return name
