"""Links in our mails: each opens a page with one button, and the button acts."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.notices import links
from mainstay.tickets import closure, resolution
from mainstay.tickets.models import Ticket
from mainstay.tickets.scope import seeing

ASKS = {
    "accept": ("Is it solved?", "Yes, it is solved"),
    "refuse": ("Is it not solved?", "No, it is not solved"),
    "close": ("Close the request?", "Close it"),
    "escalate": ("Escalate the request?", "Escalate now"),
}
DONE = {
    "accept": "Thank you. The request is closed as solved.",
    "refuse": "Noted: not solved. We work on it again.",
    "close": "The request is closed.",
    "escalate": "Escalated. The people and the clocks follow at once.",
}


def follow(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what would be done, POST does it. The signature says who may."""
    try:
        link = links.read(token)
    except Refused as refused:
        return render(request, "portal/link_dead.html", {"message": refused.message}, status=410)
    with seeing(None):
        ticket = Ticket.objects.select_related("customer").filter(pk=link.ticket_id).first()
        if ticket is None:
            return render(request, "portal/link_dead.html", {"message": "leads nowhere"}, status=410)
        if link.action == "view" or link.action not in ASKS:
            return redirect("request", number=ticket.pk)
        if request.method == "POST":
            return _act(request, link, ticket)
        return _ask(request, link, ticket)


def _ask(
    request: HttpRequest, link: links.Link, ticket: Ticket, refused: Refused | None = None
) -> HttpResponse:
    title, button = ASKS[link.action]
    confirm = {
        "title": title,
        "text": f"Request {ticket.pk}: {ticket.subject}",
        "button": button,
        "yours": True,
    }
    return render(
        request,
        "portal/link.html",
        {"confirm": confirm, "action": link.action, "ticket": ticket, "refused": refused,
         "reason": request.POST.get("text", "")},
        status=422 if refused else 200,
    )  # fmt: skip


def _act(request: HttpRequest, link: links.Link, ticket: Ticket) -> HttpResponse:
    at, text = timezone.now(), request.POST.get("text", "")
    try:
        if link.action == "escalate":
            resolution.escalate(ticket, reason=text, by=_tam(link, ticket), at=at)
        else:
            _customer_acts(link, ticket, text, at)
    except Refused as refused:
        return _ask(request, link, ticket, refused)
    messages.success(request, DONE[link.action])
    return render(request, "portal/link_done.html", {"ticket": ticket, "done": DONE[link.action]})


def _customer_acts(link: links.Link, ticket: Ticket, text: str, at: datetime) -> None:
    contact = Contact.objects.filter(pk=link.contact_id or 0, customer=ticket.customer_id).first()
    by = Actor.contact(contact.pk, contact.name) if contact else Actor.unknown(ticket.requester_name)
    if link.action == "accept":
        closure.accept(ticket, by=by, at=at)
    elif link.action == "refuse":
        closure.refuse(ticket, text=text, by=by, at=at, channel="email")
    else:
        closure.close_by_customer(ticket, text=text, by=by, at=at, channel="email")


def _tam(link: links.Link, ticket: Ticket) -> Actor:
    """Whoever the link was made for must still be this customer's TAM (or a manager) today."""
    user = User.objects.filter(pk=link.user_id or 0, is_active=True).first()
    if user is None or not resolution.may_escalate(user, ticket):
        raise Refused("link", "is for the customer's TAM, which you are not now")
    return Actor.staff(user)
