"""Customers: whom we serve, under which contract, their people, systems and open tickets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.contracts import entitlement
from mainstay.contracts.models import Contract, Terms
from mainstay.customers import lookup, register
from mainstay.customers.models import Contact, Customer
from mainstay.desk import frame, queue, shown
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.tickets import access
from mainstay.tickets.models import State
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import QueueBand

PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def customers(request: StaffRequest) -> HttpResponse:
    """The list with search; a POST adds a customer and its first domain."""
    if request.method != "POST":
        return _list(request, {}, "")
    try:
        typed = Typed(request)
        added = register.add_customer(
            code=typed.text("code"), name=typed.text("name"), time_zone=typed.text("time_zone"),
            country=typed.text("country"), domain=typed.text("domain"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _list(
            request, request.POST, f"{error.field.replace('_', ' ').capitalize()}: {error.message}", 422
        )
    messages.success(
        request, f"{added.name} is a customer now. Without a contract or subscription nothing is promised."
    )
    return HttpResponseRedirect(reverse("desk:customer", args=[added.code]), status=303)


def _list(request: StaffRequest, values: Any, error: str, status: int = 200) -> HttpResponse:
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = Customer.objects.select_related("tam").order_by("name", "pk")
    if asked:
        found = found.filter(
            Q(name__icontains=asked) | Q(code__iexact=asked) | Q(domains__domain__icontains=asked)
        ).distinct()
    open_ = Count("tickets", filter=~Q(tickets__state=State.CLOSED), distinct=True)
    after = request.GET.get("from", "").replace("\x00", "")
    if after:
        found = found.filter(name__gt=after)
    page = list(found.annotate(n=open_)[: PAGE + 1])
    context = {
        "page_title": "Customers",
        "customers": page[:PAGE],
        "next": page[PAGE - 1].name if len(page) > PAGE else "",
        "query": asked,
        "query_url": reverse("desk:customers"),
        "query_hint": "name, code, domain",
        "v": values,
        "error": error,
    }
    return frame.page(request, "desk/customers.html", context, here="customers", status=status)


@require_safe
@staff_page()
def customer(request: StaffRequest, code: str) -> HttpResponse:
    """One customer, whole."""
    return _one(request, _found(code))


def _found(code: str) -> Customer:
    found = Customer.objects.select_related("tam").filter(code__iexact=code.replace("\x00", "")).first()
    if found is None:
        raise Http404
    return found


def _one(
    request: StaffRequest,
    found: Customer,
    *,
    values: Any = None,
    form: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    tickets = list(access.queue(request.user, customer=found)[:50])
    clocks = queue.clocks_of(tickets)
    rows = tuple(shown.row(ticket, clocks.get(ticket.pk, []), now) for ticket in tickets)
    entitled = entitlement.entitlement_at(found, now, keep=False)
    contracts = Contract.objects.filter(customer=found).select_related("package__level", "environment")
    context = {
        "page_title": found.name,
        "customer": found,
        "entitled": entitled,
        "terms_kept": Terms.objects.filter(pk=entitled.terms.pk).exists(),
        "level": shown.level(entitled.level),
        "contracts": [
            (one, shown.level(one.package.level)) for one in contracts.order_by("-period", "-version")
        ],
        "contacts": list(found.contacts.order_by("name", "pk")[:300]),
        "environments": list(found.environments.select_related("product", "release").order_by("name")),
        "subscriptions": list(found.subscriptions.select_related("product").order_by("-ends_on")),
        "domains": list(found.domains.order_by("domain")),
        "bands": [QueueBand(code="", title="Open tickets", rows=rows)] if rows else [],
        "sees": Contact.Sees.choices,
        "v": values or {},
        "form": form,
        "error": error,
        "now": now,
    }
    return frame.page(request, "desk/customer.html", context, here="customers", status=status)


@require_POST
@staff_page()
def contacts(request: StaffRequest, code: str) -> HttpResponse:
    """Add a person of this customer."""
    found, typed = _found(code), Typed(request)
    try:
        made = lookup.add_contact(
            customer=found, email=typed.text("email"), name=typed.text("name"), phone=typed.text("phone"),
            sees=typed.text("sees") or Contact.Sees.OWN, is_admin=typed.flag("is_admin"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        said = f"{error.field.capitalize()}: {error.message}"
        return _one(request, found, values=request.POST, form="contact", error=said, status=422)
    messages.success(request, f"{made.name} is a contact of {found.name} and may sign in by link.")
    return HttpResponseRedirect(reverse("desk:customer", args=[found.code]), status=303)


@require_POST
@staff_page()
def domains(request: StaffRequest, code: str) -> HttpResponse:
    """Say that mail from a domain is from this customer."""
    found, typed = _found(code), Typed(request)
    try:
        made = lookup.add_domain(
            customer=found, domain=typed.text("domain"), by=Actor.staff(request.user), at=timezone.now()
        )
    except Refused as error:
        said = f"{error.field.capitalize()}: {error.message}"
        return _one(request, found, values=request.POST, form="domain", error=said, status=422)
    messages.success(request, f"Mail from {made.domain} is from {found.name} now.")
    return HttpResponseRedirect(reverse("desk:customer", args=[found.code]), status=303)
