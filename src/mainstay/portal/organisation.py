"""The customer's organisation: hours now, telephone, TAM, agreement, KPIs, papers, and its people with their
rights (LESSON 35)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.catalogue.remembered import remembering
from mainstay.contracts.entitlement import entitlement_at
from mainstay.customers import lookup, register
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused
from mainstay.notices import complaints
from mainstay.portal import agreed, frame, home
from mainstay.prepared import Arg, Prepared
from mainstay.ui import words
from mainstay.ui.doors import contact_page

MOST = 500


@require_safe
@contact_page
def organisation(request: HttpRequest) -> HttpResponse:
    """One customer of this person; who belongs to several switches between them."""
    return _page(request, _me(request, request.GET.get("customer", "")))


def _me(request: HttpRequest, code: str) -> Contact:
    """As whom somebody of several customers looks; without a code as the first."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    found = next((one for one in contacts if not code or one.customer.code == code), None)
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    me: Contact,
    *,
    typed: Any = None,
    which: int = 0,
    refused: Refused | None = None,
    form: str = "people",
) -> HttpResponse:
    with remembering():  # what several parts of the page ask is asked once
        context = _context(request, me)
    context |= {"typed": typed or {}, "which": which, "refused": refused, "form": form}
    return frame.page(
        request, "portal/organisation.html", context, here="organisation", status=422 if refused else 200
    )


def _context(request: HttpRequest, me: Contact) -> dict[str, Any]:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    now, customer = timezone.now(), me.customer
    entitled = entitlement_at(customer, now, keep=False)
    people = _PEOPLE.all(customer=customer.pk)
    return {
        "customer": customer, "me_here": me, "now": now, "zone": customer.time_zone, "entitled": entitled,
        "opening": home.opening(entitled, now), "openings": home.openings(entitled, now),
        "customers": [one.customer for one in contacts] if len(contacts) > 1 else [],
        "people": [one for one in people if one.ended_at is None],
        "ended": [one for one in people if one.ended_at is not None] if me.is_admin else [],
        "sees": Contact.Sees.choices, "undo": _undo(request, me), "complaints": complaints.of(me),
        "phone": agreed.phone(entitled, customer, now), "tam": agreed.tam(customer, entitled, now),
        **(agreed.for_managers(customer, now) if me.is_admin else {}),
    }  # fmt: skip


_PEOPLE = Prepared(
    lambda: (
        Contact.objects.filter(customer=Arg("customer")).select_related("user").order_by("name", "pk")[:MOST]
    )
)


def _undo(request: HttpRequest, me: Contact) -> dict[str, str] | None:
    """The way back right after somebody was removed."""
    gone = request.GET.get("ended", "")
    if not (me.is_admin and gone.isascii() and gone.isdigit() and len(gone) < 19):
        return None
    held = Contact.objects.filter(pk=int(gone), customer=me.customer_id, ended_at__isnull=False).first()
    if held is None:
        return None
    return {
        "words": _("%(name)s has no access any more.") % {"name": held.name},
        "url": reverse("person_restoration", args=[held.pk]),
    }


@require_POST
@contact_page
def complain(request: HttpRequest) -> HttpResponse:
    """A complaint about no request: to the managers and the TAM, with a number and an answer."""
    given = frame.typed(request)
    me = _me(request, given.get("customer", ""))
    at = timezone.now()
    try:
        made = complaints.complain(me, text=given.get("text", ""), at=at)
    except Refused as refused:
        return _page(request, me, typed=given, refused=refused, form="complaint")
    said = {
        "number": made.number,
        "time": words.when(made.due_at, at, ZoneInfo(me.customer.time_zone or "UTC")),
    }
    messages.success(
        request, _("Your complaint has the number %(number)s. You have an answer by %(time)s.") % said
    )
    return _back(me.customer, "#complaints")


# ---- what those do who manage the people


def _managed(request: HttpRequest, number: int) -> tuple[Contact, Contact]:
    """Who manages, and the person; anybody else's person is not there."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    mine = {one.customer_id: one for one in contacts if one.is_admin}
    held = Contact.objects.filter(pk=number, customer__in=mine).select_related("customer").first()
    if held is None:
        raise Http404
    return mine[held.customer_id], held


@require_POST
@contact_page
def invite(request: HttpRequest) -> HttpResponse:
    """A person of the customer, who signs in by link from now on."""
    given = frame.typed(request)
    me = _me(request, given.get("customer", ""))
    if not me.is_admin:
        raise Http404
    by, at = _by(me), timezone.now()
    try:
        made = lookup.add_contact(
            customer=me.customer, email=given.get("email", ""), name=given.get("name", ""), by=by, at=at,
            phone=given.get("phone", ""), sees=given.get("sees", Contact.Sees.OWN), is_admin="is_admin" in given,
            team=given.get("team", ""),
        )  # fmt: skip
    except Refused as refused:
        return _page(request, me, typed=given, refused=refused)
    messages.success(
        request, _("%(name)s may sign in by a link to %(email)s.") % {"name": made.name, "email": made.email}
    )
    return _back(me.customer)


@require_POST
@contact_page
def change(request: HttpRequest, number: int) -> HttpResponse:
    """A person's name, phone, team and rights."""
    me, held = _managed(request, number)
    given = frame.typed(request)
    try:
        register.change_contact(
            held, name=given.get("name", ""), phone=given.get("phone", ""), sees=given.get("sees", ""),
            is_admin="is_admin" in given, team=given.get("team", ""), by=_by(me), at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return _page(request, me, typed=given, which=held.pk, refused=refused)
    messages.success(request, _("Kept."))
    return _back(me.customer)


@require_POST
@contact_page
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody's access ends; the next page has the way back."""
    me, held = _managed(request, number)
    try:
        register.end_contact(held, by=_by(me), at=timezone.now())
    except Refused as refused:
        return _page(request, me, which=held.pk, refused=refused)
    return _back(me.customer, f"&ended={held.pk}")


@require_POST
@contact_page
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """Their access holds again."""
    me, held = _managed(request, number)
    register.restore_contact(held, by=_by(me), at=timezone.now())
    messages.success(request, _("%(name)s has access again.") % {"name": held.name})
    return _back(me.customer)


def _by(me: Contact) -> Actor:
    return Actor.contact(me.pk, me.name)


def _back(customer: Customer, more: str = "") -> HttpResponse:
    return redirect(f"{reverse('organisation')}?customer={customer.code}{more}")
