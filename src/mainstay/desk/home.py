"""What needs me now, a new ticket by hand, and the rail as a page for small screens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact, Customer
from mainstay.desk import first_hour, frame, needs, shown
from mainstay.desk.typed import Typed, zone_of
from mainstay.errors import Refused
from mainstay.notices import deliveries
from mainstay.prepared import Arg, Prepared
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Category, Ticket
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

NOTICES = 8  # the newest; the rest when these are seen
CHANNELS = (("phone", "A call"), ("desk", "Raised by us"))


@require_safe
@staff_page()
def now(request: StaffRequest) -> HttpResponse:
    """What needs this person now, in one screen: by what they do here, what presses first."""
    at, user = timezone.now(), request.user
    found = frame.counts(user)
    context = {
        "page_title": "Now",
        "needs": needs.of(user, found, at),
        "first_hour": first_hour.of(user).left,
        "notices": _NOTICES.all(user=user.pk),
        "now": at,
    }
    return frame.page(request, "desk/now.html", context, here="now", found=found)


_NOTICES = Prepared(lambda: deliveries.unseen(Arg("user"), most=NOTICES))


@require_POST
@staff_page()
def seen(request: StaffRequest) -> HttpResponse:
    """I have seen these notices."""
    given = ids.read_all(request.POST.getlist("notice"))[:200]
    deliveries.mark_seen(request.user, given, timezone.now())
    return HttpResponseRedirect(reverse("desk:now"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new(request: StaffRequest) -> HttpResponse:
    """A ticket raised by hand: a call taken, something we noticed."""
    if request.method != "POST":
        return _form(request, {"customer": request.GET.get("customer", ""), "channel": "phone"})
    typed, at = Typed(request), timezone.now()
    try:
        ticket = _raise(typed, request.user, at)
    except Refused as error:
        return _form(
            request, request.POST, f"{error.field.replace('_', ' ').capitalize()}: {error.message}", 422
        )
    messages.success(request, f"Ticket {ticket.number} is raised and acknowledged.")
    return HttpResponseRedirect(shown.ticket_url(ticket.pk), status=303)


def _raise(typed: Typed, user: User, at: datetime) -> Ticket:
    channel = typed.text("channel")
    if channel not in dict(CHANNELS):
        raise Refused("channel", "is not chosen; a call, or raised by us")
    customer = _customer(typed.text("customer"))
    contact = _contact(customer, typed.text("contact"))
    by = Actor.contact(contact.pk, contact.name) if contact and channel == "phone" else Actor.staff(user)
    said = Said(typed.raw("description").strip(), channel, attachments=typed.files())
    request = Request(
        subject=typed.text("subject"), said=said, customer=customer, contact=contact,
        address=contact.email if contact else "", name=contact.name if contact else typed.text("caller"),
        category=typed.text("category") if typed.text("category") in Category.values else "",
        customer_reference=typed.text("reference"),
        withhold_answer="" if contact else "no address is known",
    )  # fmt: skip
    return open_ticket(request, by=by, at=at)


def _customer(code: str) -> Customer | None:
    if not code:
        return None
    found = Customer.objects.filter(code__iexact=code).first()
    if found is None:
        raise Refused("customer", f"{code!r} is no customer's code; leave it empty if nobody knows")
    return found


def _contact(customer: Customer | None, address: str) -> Contact | None:
    if not address:
        return None
    if customer is None:
        raise Refused("customer", "is not chosen, though a contact is given")
    found = (
        Contact.objects.filter(customer=customer, email__iexact=address).select_related("customer").first()
    )
    if found is None:
        raise Refused(
            "contact", f"{address} is not a contact of {customer.name}; add them first, or leave it empty"
        )
    return found


def _form(request: StaffRequest, values: Any, error: str = "", status: int = 200) -> HttpResponse:
    code = str(values.get("customer", "")).replace("\x00", "")
    people = (
        Contact.objects.filter(customer__code__iexact=code).order_by("name")
        if code
        else Contact.objects.none()
    )
    context = {
        "page_title": "New ticket",
        "v": values,
        "error": error,
        "channels": CHANNELS,
        "categories": Category.choices,
        "customers": list(Customer.objects.order_by("name").values_list("code", "name")[:1000]),
        "contacts": list(people.values_list("email", "name")[:200]),
        "zone": zone_of(request.user),
    }
    return frame.page(request, "desk/new.html", context, here="queue", status=status)
