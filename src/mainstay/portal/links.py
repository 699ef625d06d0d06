"""Links in our mails: each opens a page with one button, and the button acts."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.notices import links
from mainstay.portal import articles, frame
from mainstay.tickets import access, closure, coverage, participants, resolution, satisfaction
from mainstay.tickets.models import Participant, Ticket
from mainstay.tickets.scope import seeing

ASKS = {
    "accept": (gettext_noop("Is it solved?"), gettext_noop("Yes, it is solved")),
    "refuse": (gettext_noop("Is it not solved?"), gettext_noop("No, it is not solved")),
    "close": (gettext_noop("Close the request?"), gettext_noop("Close it")),
    "escalate": (gettext_noop("Escalate the request?"), gettext_noop("Escalate now")),
    "appeal": (gettext_noop("Ask for another decision?"), gettext_noop("Ask for another decision")),
    "pay": (gettext_noop("Accept the offer of paid work?"), gettext_noop("Accept the offer")),
    "let_in": (gettext_noop("May they take part?"), gettext_noop("Let them take part")),
    "decline": (gettext_noop("Not take the offer?"), gettext_noop("No, thank you")),
    "leave": (gettext_noop("Hear no more of this request?"), gettext_noop("Leave the request")),
}
DONE = {
    "accept": gettext_noop("Thank you. The request is closed as solved."),
    "refuse": gettext_noop("Noted: not solved. We work on it again."),
    "close": gettext_noop("The request is closed."),
    "escalate": gettext_noop("Escalated. The people and the clocks follow at once."),
    "appeal": gettext_noop("Somebody else than who decided looks at it, and answers you."),
    "pay": gettext_noop("Thank you. It is agreed, and work on it starts."),
    "let_in": gettext_noop("Noted. They hear what is said from now on, never what was said before."),
    "decline": gettext_noop("Noted: you do not take the offer."),
    "leave": gettext_noop("Done. You hear no more of this request."),
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
            return render(request, "portal/link_dead.html", {"message": _("leads nowhere")}, status=410)
        if link.action == "rate":
            return _rate(request, link, ticket)
        if link.action == "solved":
            return _solved(request, link, ticket)
        if link.action == "view" or link.action not in ASKS:
            return redirect("request", number=ticket.pk)
        if request.method == "POST":
            return _act(request, link, ticket)
        return _ask(request, link, ticket)


def _ask(
    request: HttpRequest, link: links.Link, ticket: Ticket, refused: Refused | None = None
) -> HttpResponse:
    title, button = (_(words) for words in ASKS[link.action])
    asked = participants.waiting(ticket, seq=link.seq) if link.action == "let_in" else []
    confirm = {
        "title": title,
        "text": _("Request %(number)s: %(subject)s") % {"number": ticket.pk, "subject": ticket.subject},
        "offer": ticket.scope_decision.get("offer") if link.action == "pay" else None,
        "people": [one.address for one in asked],
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
    at, text = timezone.now(), frame.typed(request).get("text", "")
    try:
        if link.action == "escalate":
            resolution.escalate(ticket, reason=text, by=_tam(link, ticket, at), at=at)
        else:
            _customer_acts(link, ticket, text, at)
    except Refused as refused:
        return _ask(request, link, ticket, refused)
    messages.success(request, _(DONE[link.action]))
    return render(request, "portal/link_done.html", {"ticket": ticket, "done": _(DONE[link.action])})


def _rate(request: HttpRequest, link: links.Link, ticket: Ticket) -> HttpResponse:
    """How it went: the page has a button for each answer (C1)."""
    words, refused = frame.typed(request), None
    if request.method == "POST":
        try:
            satisfaction.rate(
                ticket, score=frame.score_of(request), words=words.get("words", ""), by=_customer(link, ticket),
                at=timezone.now(),
            )  # fmt: skip
            return render(request, "portal/link_done.html", {"ticket": ticket, "done": _(frame.RATED)})
        except Refused as error:
            refused = error
    context = {
        "ticket": ticket,
        "refused": refused,
        "words": words.get("words", ""),
        "scores": satisfaction.SCORES,
    }
    return render(request, "portal/rate.html", context, status=422 if refused else 200)


def _solved(request: HttpRequest, link: links.Link, ticket: Ticket) -> HttpResponse:
    """An article that the acknowledgement offered: its page says that it solved the request, which then closes."""

    def solve(words: str) -> None:
        by = _customer(link, ticket)
        closure.close_by_customer(ticket, text=words, by=by, at=timezone.now(), channel="email")

    contact = Contact.objects.select_related("user").filter(pk=link.contact_id or 0).first()
    return articles.from_mail(request, link, ticket, contact, solve)


def _customer_acts(link: links.Link, ticket: Ticket, text: str, at: datetime) -> None:
    by = _customer(link, ticket)
    if link.action == "accept":
        closure.accept(ticket, by=by, at=at, offer=link.seq)
    elif link.action == "appeal":
        coverage.appeal(ticket, reason=text, by=by, at=at, channel="email")
    elif link.action == "pay":
        coverage.accept_offer(ticket, by=by, at=at, offer=link.seq)
    elif link.action == "let_in":
        participants.let_in(ticket, seq=link.seq, by=by, at=at)
    elif link.action == "decline":
        coverage.decline_offer(ticket, by=by, at=at, offer=link.seq)
    elif link.action == "leave":
        _leave(link, ticket, by, at)
    elif link.action == "refuse":
        closure.refuse(ticket, text=text, by=by, at=at, channel="email", offer=link.seq)
    else:
        closure.close_by_customer(ticket, text=text, by=by, at=at, channel="email")


def _leave(link: links.Link, ticket: Ticket, by: Actor, at: datetime) -> None:
    mine = Contact.objects.filter(pk=link.contact_id or 0)
    part = participants.may_leave(ticket, list(mine))
    if part is None:
        raise Refused("link", _("is for somebody who takes part in the request, which you do not now"))
    participants.leave(ticket, part, by=by, at=at)


def _customer(link: links.Link, ticket: Ticket) -> Actor:
    """Whoever the link was made for must still see the ticket, or take part in it, today."""
    refused = Refused("link", _("is for somebody who takes part in the request, which you do not now"))
    if link.contact_id is not None:
        contact = Contact.objects.select_related("customer", "user").filter(pk=link.contact_id).first()
        if contact is None or contact.ended_at or (contact.user is not None and not contact.user.is_active):
            raise refused
        if not access.visible_to_contact([contact]).filter(pk=ticket.pk).exists():
            raise refused
        return Actor.contact(contact.pk, contact.name)
    if link.address and link.address == ticket.requester_address.lower():
        return Actor.unknown(ticket.requester_name)
    part = Participant.objects.filter(ticket=ticket, address=link.address, accepted=True).first()
    if part is None:
        raise refused
    return Actor.unknown(part.name or part.address)


def _tam(link: links.Link, ticket: Ticket, at: datetime) -> Actor:
    """Whoever the link was made for must still be this customer's TAM, stand in for them, or be a manager."""
    user = User.objects.filter(pk=link.user_id or 0, is_active=True).first()
    if user is None or not resolution.may_escalate(user, ticket, at):
        raise Refused("link", _("is for the customer's TAM, which you are not now"))
    return Actor.staff(user)
