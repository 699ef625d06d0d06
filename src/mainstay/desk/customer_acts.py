"""What is agreed and recorded on a customer's page: each act is a resource that takes a POST and calls one verb.

A refused act shows the page again with its form open and what was typed (422).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import sign_contract
from mainstay.customers import lifecycle, lookup, notes, register
from mainstay.customers.models import Contact, Customer, Environment, Product, Release
from mainstay.desk import customers, frame
from mainstay.desk.typed import RefusedForm, Typed, changed, said, today_of
from mainstay.errors import Refused
from mainstay.maintenance import publish as publish_of
from mainstay.maintenance import tasks
from mainstay.tickets import bound
from mainstay.ui.doors import StaffRequest, staff_page


@dataclass(frozen=True)
class Change:
    """One change on its way: to which customer, what was typed, who does it and when."""

    customer: Customer
    typed: Typed
    by: Actor
    at: datetime


Do = Callable[[Change], str]


def _act(form: str, do: Do, *roles: str) -> Callable[..., HttpResponseBase]:
    """The view of one act. `do` calls the verb and returns what to tell the person."""

    @require_POST
    @staff_page(*roles)
    def view(request: StaffRequest, code: str) -> HttpResponse:
        return _done(request, customers.found_by(code), form, do)

    return view


def _done(request: StaffRequest, found: Customer, form: str, do: Do) -> HttpResponse:
    try:
        told = do(Change(found, Typed(request), Actor.staff(request.user), timezone.now()))
    except Refused as error:
        return customers.show(request, found, RefusedForm(form, said(error), request.POST))
    messages.success(request, told)
    return _back(found)


def _back(found: Customer) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:customer", args=[found.code]), status=303)


# ---- the customer and what is agreed


def _profile(one: Change) -> str:
    typed = one.typed
    tam = typed.number("tam", "somebody of the list") if typed.text("tam") else None
    found = User.objects.filter(pk=tam).first() if tam is not None else None
    if tam is not None and found is None:
        raise Refused("TAM", "is nobody who works here")
    changes = register.change_customer(
        one.customer, name=typed.text("name"), time_zone=typed.text("time_zone"), country=typed.text("country"),
        subdivision=typed.text("subdivision"), tam=found, shares_tickets=typed.flag("shares_tickets"),
        language=typed.text("language") if "language" in typed.data else None, by=one.by, at=one.at,
    )  # fmt: skip
    return changed(one.customer.name, changes)


def _sign(one: Change) -> str:
    typed = one.typed
    if not typed.text("package"):
        raise Refused("package", "is not chosen")
    made = sign_contract(
        customer=one.customer, number=typed.text("number"), package=publish.current(Package, typed.text("package")),
        first_day=typed.needs_day("first_day"), last_day=typed.day("last_day"), environment=_environment(one),
        phone_number=typed.text("phone_number"), signed_on=typed.day("signed_on"), by=one.by, at=one.at,
    )  # fmt: skip
    return f"Contract {made.number} is signed: {made.package.name}, {_lasts(made)}. It judges requests from then on."


def _lasts(contract: Contract) -> str:
    first, end = contract.period.lower, contract.period.upper
    return f"from {first:%-d %B %Y} " + (f"to before {end:%-d %B %Y}" if end else "without an end")


def _environment(one: Change) -> Environment | None:
    if not one.typed.text("environment"):
        return None
    found = one.customer.environments.filter(pk=one.typed.number("environment", "one of the list")).first()
    if found is None:
        raise Refused("environment", f"is not one of {one.customer.name}")
    return found


def _ended(contract: Contract, one: Change) -> str:
    last_day = one.typed.needs_day("last_day")
    held = bound.end_contract(contract, last_day=last_day, by=one.by, at=one.at)
    until = f"{last_day:%-d %B %Y}, that day included"
    return f"Contract {held.number} holds until {until}. What it promised stays promised."


@require_POST
@staff_page(*frame.AGREE)
def end(request: StaffRequest, code: str, contract: int) -> HttpResponse:
    """Let a contract end sooner than was signed."""
    found = customers.found_by(code)
    held = get_object_or_404(Contract.objects.select_related("customer"), pk=contract, customer=found)
    return _done(request, found, f"end-{held.pk}", partial(_ended, held))


def _subscribe(one: Change) -> str:
    typed = one.typed
    made = register.add_subscription(
        one.customer, product=_product(typed), starts_on=typed.needs_day("first_day"),
        ends_on=typed.needs_day("last_day"), by=one.by, at=one.at,
    )  # fmt: skip
    of = made.product.name if made.product else "all products"
    return f"{one.customer.name} subscribes to {of} until {made.ends_on:%-d %B %Y}; that includes support."


def _product(typed: Typed) -> Product | None:
    code = typed.text("product")
    found = Product.objects.filter(code=code).first()
    if code and found is None:
        raise Refused("product", f"{code[:40]!r} is no product")
    return found


def _release(typed: Typed) -> Release | None:
    if not typed.text("release"):
        return None
    found = (
        Release.objects.select_related("product")
        .filter(pk=typed.number("release", "one of the list"))
        .first()
    )
    if found is None:
        raise Refused("release", "is not one of the list")
    return found


# ---- their people and systems


def _contact(one: Change) -> str:
    typed = one.typed
    made = lookup.add_contact(
        customer=one.customer, email=typed.text("email"), name=typed.text("name"), phone=typed.text("phone"),
        sees=typed.text("sees") or Contact.Sees.OWN, is_admin=typed.flag("is_admin"), by=one.by, at=one.at,
    )  # fmt: skip
    return f"{made.name} is a contact of {one.customer.name} and may sign in by link."


def _domain(one: Change) -> str:
    made = lookup.add_domain(customer=one.customer, domain=one.typed.text("domain"), by=one.by, at=one.at)
    return f"Mail from {made.domain} is from {one.customer.name} now."


def _system(one: Change) -> str:
    typed = one.typed
    made = register.add_environment(
        one.customer, name=typed.text("name"), kind=typed.text("kind"), product=_product(typed),
        release=_release(typed), criticality=typed.text("criticality"), by=one.by, at=one.at,
    )  # fmt: skip
    runs = made.release or made.product
    return f"{made.name} is an environment of {one.customer.name}{f', running {runs}' if runs else ''}."


def _note(one: Change) -> str:
    typed = one.typed
    made = notes.write_note(
        one.customer, text=typed.raw("note"), pinned=typed.flag("pinned"), by=one.by, at=one.at
    )
    return "Noted, and pinned to each of their tickets." if made.pinned else "Noted."


TOLD_OF_NOTES = {"pin": "Pinned to each of their tickets.", "unpin": "No longer pinned.",
                 "away": "", "back": "The note holds again."}  # fmt: skip


@require_POST
@staff_page()
def keeping(request: StaffRequest, code: str) -> HttpResponse:
    """What becomes of a note: pinned to the customer's tickets or not any more, put away or brought back (`act`)."""
    found, typed = customers.found_by(code), Typed(request)
    act, by, at = typed.text("act"), Actor.staff(request.user), timezone.now()
    try:
        held = found.notes.filter(pk=typed.number("note", "one of the list")).first()
        if held is None:
            raise Refused("note", f"is not one about {found.name}")
        if act not in TOLD_OF_NOTES:
            raise Refused("act", "may be pin, unpin, away or back")
        if act in {"pin", "unpin"}:
            notes.pin_note(held, pinned=act == "pin", by=by, at=at)
        else:
            notes.put_away(held, away=act == "away", by=by, at=at)
    except Refused as error:
        return customers.show(request, found, RefusedForm("keeping", said(error), request.POST))
    if act == "away":
        return HttpResponseRedirect(
            f"{reverse('desk:customer', args=[found.code])}?away={held.pk}", status=303
        )
    messages.success(request, TOLD_OF_NOTES[act])
    return _back(found)


profile = _act("profile", _profile, *frame.AGREE)
contracts = _act("contract", _sign, *frame.AGREE)
subscriptions = _act("subscription", _subscribe, *frame.AGREE)
contacts = _act("contact", _contact)
domains = _act("domain", _domain)
environments = _act("environment", _system)
customer_notes = _act("note", _note)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def contact(request: StaffRequest, code: str, contact: int) -> HttpResponse:
    """One person of a customer; a POST of those who agree with customers changes name, phone and rights."""
    found = customers.found_by(code)
    person = get_object_or_404(found.contacts.select_related("customer"), pk=contact)
    if request.method != "POST":
        return _show_contact(request, person)
    if not request.user.has_role(*frame.AGREE):
        raise Http404
    typed = Typed(request)
    try:
        changes = register.change_contact(
            person, name=typed.text("name"), phone=typed.text("phone"), sees=typed.text("sees"),
            is_admin=typed.flag("is_admin"), by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show_contact(request, person, said(error), request.POST)
    messages.success(request, changed(person.name, changes))
    return _back(found)


@require_POST
@staff_page(*frame.AGREE)
def contact_removal(request: StaffRequest, code: str, contact: int) -> HttpResponse:
    """Take a person off the list."""
    found = customers.found_by(code)
    person = get_object_or_404(found.contacts.select_related("customer"), pk=contact)
    try:
        bound.remove_contact(person, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show_contact(request, person, said(error))
    messages.success(request, f"{person.name} is no contact of {found.name} any more.")
    return _back(found)


def _show_contact(
    request: StaffRequest, person: Contact, refused: str = "", values: Any = None
) -> HttpResponse:
    context = {
        "page_title": person.name,
        "customer": person.customer,
        "person": person,
        "sees": Contact.Sees.choices,
        "v": values
        or {
            "name": person.name,
            "phone": person.phone,
            "sees": person.sees,
            "is_admin": "1" if person.is_admin else "",
        },
        "asked": person.tickets.count(),
        "refused": refused,
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/contact.html", context, here="customers", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def environment(request: StaffRequest, code: str, environment: int) -> HttpResponse:
    """One system of a customer; a POST records what it is and runs now."""
    found = customers.found_by(code)
    systems = found.environments.select_related("customer", "product", "release__product")
    system = get_object_or_404(systems, pk=environment)
    if request.method != "POST":
        return _show_environment(request, system)
    typed = Typed(request)
    try:
        changes = register.change_environment(
            system, name=typed.text("name"), kind=typed.text("kind"), product=_product(typed),
            release=_release(typed), criticality=typed.text("criticality"), by=Actor.staff(request.user),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show_environment(
            request, get_object_or_404(systems, pk=environment), said(error), request.POST
        )
    messages.success(request, changed(system.name, changes))
    return _back(found)


def _show_environment(
    request: StaffRequest, system: Environment, refused: str = "", values: Any = None
) -> HttpResponse:
    today, policy = today_of(request.user, timezone.now()), publish.current_desk_policy().document
    context = {
        "page_title": system.name,
        "customer": system.customer,
        "system": system,
        "stands": lifecycle.words(system.release, today, policy) if system.release else "",
        "life": lifecycle.life(system.release, policy) if system.release else [],
        "told": publish_of.concerning(system),
        "tasks": list(tasks.due().filter(environment=system)),
        "today": today,
        "v": values
        or {
            "name": system.name,
            "kind": system.kind,
            "criticality": system.criticality,
            "product": system.product.code if system.product else "",
            "release": str(system.release_id or ""),
        },
        "refused": refused,
        **customers.products_to_choose(),
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/environment.html", context, here="customers", status=status)
