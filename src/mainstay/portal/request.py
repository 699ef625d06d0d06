"""One request of a customer: its page, and what the customer may do with it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.portal import frame, shown, uploads
from mainstay.tickets import access, closure, resolution
from mainstay.tickets.acknowledgement import Request
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Message, State, Ticket
from mainstay.ui.clock_shapes import level, promise
from mainstay.ui.doors import contact_page

LAST = 100


def _ticket(request: HttpRequest, number: int) -> Ticket:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    return access.for_contact(contacts, number)


@require_GET
@contact_page
def show(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, _ticket(request, number))


def _page(
    request: HttpRequest, ticket: Ticket, *, status: int = 200, text: str = "", refused: Refused | None = None
) -> HttpResponse:
    now = timezone.now()
    zone = frame.zone_of(request.contacts)  # type: ignore[attr-defined]
    clocks = shown.clocks_of([ticket]).get(ticket.pk, [])
    conversation = list(
        Message.objects.filter(ticket=ticket)
        .exclude(kind=Message.Kind.NOTE)
        .prefetch_related("attachments")
        .order_by("-at", "-id")[:LAST]
    )
    events = list(Event.objects.filter(ticket=ticket).select_related("text").order_by("-seq")[:LAST])
    return frame.page(
        request,
        "portal/request.html",
        {
            "ticket": ticket,
            "now": now,
            "zone": zone,
            "level": level(ticket.level),
            "promises": [promise(clock, ticket, now) for clock in clocks],
            "owed": [shown.owed(ticket, clocks, now, zone)],
            "needs": [need] if (need := shown.need(ticket)) else [],
            "entries": [shown.entry(message) for message in reversed(conversation)],
            "story": shown.story(list(reversed(events)), str(zone)),
            "is_open": ticket.state != State.CLOSED,
            "may_accept": ticket.state == State.PROPOSED,
            "reopens": ticket.state == State.CLOSED and closure.reopens(ticket, at=now),
            "text": text,
            "refused": refused,
        },
        here="requests",
        status=status,
    )


@require_POST
@contact_page
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Words from the customer: on an open ticket a reply, on a closed one a reopening or a follow-up."""
    ticket = _ticket(request, number)
    by, contact = frame.acting(request, ticket)
    text = request.POST.get("text", "")
    at = timezone.now()
    try:
        said = Said(text.strip(), "portal", attachments=uploads.of(request), address=contact.email)
        if not said.text and not said.attachments:
            raise Refused("message", "is empty; write what you want to say")
        if ticket.state != State.CLOSED:
            resolution.customer_replied(ticket, said=said, by=by, at=at)
        elif closure.reopens(ticket, at=at):
            closure.reopen(ticket, said=said, by=by, at=at)
        else:
            follow = _follow_up(ticket, said, contact)
            ticket = closure.follow_up(ticket, follow, by=by, at=at)
            messages.success(request, f"This is now request {ticket.pk}, which follows {number}.")
            return redirect("request", number=ticket.pk)
    except Refused as refused:
        return _page(request, ticket, status=422, text=text, refused=refused)
    messages.success(request, "Sent. You see it below, and so do we.")
    return redirect("request", number=ticket.pk)


def _follow_up(ticket: Ticket, said: Said, contact: Contact) -> Request:
    return Request(
        subject=ticket.subject,
        said=said,
        customer=ticket.customer,
        contact=contact,
        address=contact.email,
        name=contact.name,
        environment=ticket.environment,
        follows=ticket,
    )


@require_POST
@contact_page
def accept(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by, _ = frame.acting(request, ticket)
    closure.accept(ticket, by=by, at=timezone.now())
    messages.success(request, "Thank you. The request is closed as solved.")
    return redirect("request", number=number)


@require_POST
@contact_page
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by, _ = frame.acting(request, ticket)
    closure.refuse(ticket, text=request.POST.get("text", ""), by=by, at=timezone.now())
    messages.success(request, "Noted: not solved. We work on it again, and the clock runs on.")
    return redirect("request", number=number)


@require_POST
@contact_page
def close(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by, _ = frame.acting(request, ticket)
    closure.close_by_customer(ticket, text=request.POST.get("text", ""), by=by, at=timezone.now())
    messages.success(request, "The request is closed.")
    return redirect("request", number=number)


@require_POST
@contact_page
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by, _ = frame.acting(request, ticket)
    at = timezone.now()
    if not closure.reopens(ticket, at=at):
        raise Refused("request", "was closed too long ago to reopen; write below and a follow-up is raised")
    closure.reopen(ticket, said=None, by=by, at=at, reason="reopened in the portal")
    messages.success(request, "Reopened. We work on it again.")
    return redirect("request", number=number)
