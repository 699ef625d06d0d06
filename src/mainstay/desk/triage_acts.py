"""Triage of a ticket: the decision, what is asked and put right, whose it is, what belongs to it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.customers.models import Contact, Customer
from mainstay.desk import beside
from mainstay.desk import ticket as pages
from mainstay.desk.acting import Act, Do, act
from mainstay.desk.panels import Refusal
from mainstay.errors import Refused
from mainstay.sla import severity as guide
from mainstay.tickets import participants, resolution, sentences, triage
from mainstay.tickets.models import Participant
from mainstay.ui.doors import StaffRequest, staff_page


def triaged(one: Act) -> str:
    answers = {question.name: one.typed.text(f"a_{question.name}") for question in guide.GUIDE}
    if not one.typed.text("severity"):
        raise Refused("severity", "is not chosen; choose one by the definitions")
    if not one.typed.text("category"):
        raise Refused("category", "is not chosen; choose the kind of request")
    triage.triage(
        one.ticket, severity=one.typed.text("severity"), category=one.typed.text("category"),
        reason=one.typed.text("reason"), assessment=answers, by=one.by, at=one.at,
    )  # fmt: skip
    return f"Triaged: severity {one.ticket.severity}, {one.ticket.get_category_display().lower()}."


def severity(one: Act) -> str:
    before = one.ticket.severity
    triage.change_severity(
        one.ticket, severity=one.typed.text("severity"), reason=one.typed.text("reason"), by=one.by, at=one.at
    )
    return f"Severity {before} became {one.ticket.severity}; every clock was reckoned anew."


def question(one: Act) -> str:
    names = one.typed.text("names").split() or one.typed.many("names")
    if names:
        triage.ask_information(one.ticket, names=names, text=one.typed.raw("text"), by=one.by, at=one.at)
    else:
        until = one.typed.when("until")
        resolution.reply(one.ticket, said=one.said(), wait=True, until=until, by=one.by, at=one.at)
    return "The question is on its way; the ticket waits for the customer."


def completed(one: Act) -> str:
    triage.complete_information(one.ticket, by=one.by, at=one.at)
    return "Noted: what is needed to start is there."


def links(one: Act) -> str:
    other = one.typed.number("other", "the number of the other ticket")
    if one.typed.flag("remove"):
        triage.unlink(one.ticket, other, by=one.by, at=one.at)
        return f"The link with {other} is gone."
    triage.link(one.ticket, other, kind=one.typed.text("kind"), by=one.by, at=one.at)
    return f"Linked with {other}."


def emergency(one: Act) -> str:
    triage.see_emergency(one.ticket, by=one.by, at=one.at)
    return "The emergency flag was seen by you."


def recognition(one: Act) -> str:
    code = one.typed.text("customer")
    customer = Customer.objects.filter(code__iexact=code).first() if code else None
    if customer is None:
        raise Refused("customer", f"{code!r} is no customer's code" if code else "is not chosen")
    address = one.typed.text("contact")
    contact = Contact.objects.filter(customer=customer, email__iexact=address).first() if address else None
    if address and contact is None:
        raise Refused("contact", f"{address} is not a contact of {customer.name}; add them there first")
    triage.recognise(
        one.ticket, customer=customer, contact=contact, reason=one.typed.text("reason"), by=one.by, at=one.at
    )
    return f"This is {customer.name}; their terms count from receipt."


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("triage", "triage", triaged),
    ("severity", "severity", severity),
    ("question", "question", question),
    ("completion", "information", completed),
    ("links", "links", links),
    ("emergency", "emergency", emergency),
    ("recognition", "customer", recognition),
)


# ---- acts on a part of a ticket


@require_POST
@staff_page()
def suggestion(request: StaffRequest, number: int) -> HttpResponse:
    """What the guide suggests from the answers given: the page with all that was typed; nothing is changed."""
    typed = Refusal("triage", "", "", request.POST)
    return pages.show(request, beside.ticket(request.user, number), refused=typed)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def fact(request: StaffRequest, number: int, name: str) -> HttpResponseBase:
    """Put one fact of the request right, or empty it; GET gives the form for it."""
    if request.method != "POST":
        return pages.fact(request, number, name)

    def do(one: Act) -> str:
        if name not in triage.FACTS:
            raise Http404
        triage.correct_fact(one.ticket, name=name, value=one.typed.raw("value"), by=one.by, at=one.at)
        return f"{sentences.FACTS.get(name, name).capitalize()} is put right."

    return act(f"fact-{name}", do)(request, number)


@require_POST
@staff_page()
def approval(request: StaffRequest, number: int, participant: int) -> HttpResponseBase:
    """Let somebody who asked take part in the ticket."""

    def do(one: Act) -> str:
        found = Participant.objects.filter(ticket=one.ticket, pk=participant).first()
        if found is None:
            raise Http404
        participants.approve(one.ticket, found, by=one.by, at=one.at)
        return f"{found.address} takes part now and gets mail."

    return act("approval", do)(request, number)
