"""Raising a request: the form made of what a good request holds (R1, I5), and its answer at once."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Contact, Environment
from mainstay.errors import Refused
from mainstay.knowledge import looks
from mainstay.portal import articles, frame, uploads
from mainstay.sla import severity as guide
from mainstay.tickets import severities
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Category, Channel, Ticket
from mainstay.ui.doors import contact_page

LONG = {
    "business_impact": gettext_noop("What it does to your business"),
    "steps": gettext_noop("Steps to reproduce"),
    "debugging": gettext_noop("Debugging details"),
}
SHORT = {
    "product_version": gettext_noop("Product version"),
    "frequency": gettext_noop("How often"),
    "since": gettext_noop("Since when"),
    "contact_phone": gettext_noop("Phone for questions"),
    "customer_reference": gettext_noop("Your reference"),
    "related_tickets": gettext_noop("Related requests"),
}
ASKED = (*LONG, *SHORT)
CATEGORIES = {
    Category.TECHNICAL: gettext_noop("Something does not work"),
    Category.BILLING: gettext_noop("An invoice or a licence"),
    Category.FEATURE: gettext_noop("Something you wish for"),
    Category.ENQUIRY: gettext_noop("A question"),
}
OPENED = "opened_by_form"
TWICE = timedelta(minutes=2)


@contact_page
def new(request: HttpRequest) -> HttpResponse:
    """The form; sent, it answers with number, severity, promise and next step on the request's own page."""
    if request.method != "POST":
        return _form(request, {"form_key": timezone.now().isoformat(), "look": looks.key_of_form()})
    if request.POST.get("act") in {"suggest", "look"}:
        return _form(request, frame.typed(request))
    already = _raised_already(request)
    if already:  # the button was pressed twice: one request
        return redirect("request", number=already)
    try:
        ticket = _raise(request)
    except Refused as refused:
        return _form(request, frame.typed(request), refused=refused)
    _remember(request, ticket)
    if ticket.requester is not None:
        looks.sent(frame.typed(request).get("look", ""), ticket.requester, ticket.pk)
    messages.success(
        request,
        _(
            "We got it: request %(number)s, severity %(severity)s. Below is what we promise and what comes next."
        )
        % {"number": ticket.pk, "severity": ticket.severity},
    )
    return redirect("request", number=ticket.pk)


def _raised_already(request: HttpRequest) -> int | None:
    """The request that this very form raised before, or one in the same words a moment ago.

    Of two posts at once neither session knows of the other, so they come here one after the other.
    """
    key = request.POST.get("form_key", "")
    known = request.session.get(OPENED, {}).get(key) if key else None
    if known:
        return int(known)
    contacts, given = request.contacts, frame.typed(request)  # type: ignore[attr-defined]
    list(
        Contact.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[one.pk for one in contacts])
        .order_by("pk")
    )
    same = Ticket.objects.filter(
        requester__in=contacts,
        channel=Channel.PORTAL,
        opened_at__gt=timezone.now() - TWICE,
        subject=" ".join(given.get("subject", "").split()),
        messages__text=given.get("description", "").strip(),
    )
    return same.values_list("pk", flat=True).first()


def _raise(request: HttpRequest) -> Ticket:
    given, contacts = frame.typed(request), request.contacts  # type: ignore[attr-defined]
    contact = _contact(contacts, given.get("customer", ""))
    answers = guide.check_answers(_answers(given))
    category = given.get("category", "")
    if category not in Category.values:
        raise Refused("category", _("is missing; say what it is about"))
    said = Said(
        given.get("description", "").strip(), "portal", attachments=uploads.of(request), address=contact.email
    )
    environment = _environment(contact, given.get("environment", ""))
    return open_ticket(
        Request(
            subject=given.get("subject", ""),
            said=said,
            customer=contact.customer,
            contact=contact,
            address=contact.email,
            name=contact.name,
            environment=environment,
            severity=suggested(answers),
            category=category,
            customer_reference=given.get("customer_reference", "").strip(),
            facts=_facts(given, contact, environment),
            assessment=answers,
            emergency=_emergency(answers),
        ),
        by=Actor.contact(contact.pk, contact.name),
        at=timezone.now(),
    )


def suggested(answers: dict[str, str]) -> int | None:
    """The severity that the answers suggest by the desk's definitions; None when nothing was answered."""
    return guide.assess(answers, _severities()).severity if answers else None


def _severities() -> list[guide.Severity]:
    return [
        guide.Severity(int(one["rank"]), one["name"], one["definition"], one["urgency"])
        for one in severities.all_of_them()
    ]


def _emergency(answers: dict[str, str]) -> tuple[str, ...]:
    if not answers:
        return ()
    found = guide.assess(answers, _severities())
    return found.because[:1] if found.severity == 1 else ()


def _answers(given: Any) -> dict[str, str]:
    return {question.name: given.get(f"guide_{question.name}", "") for question in guide.GUIDE}


def _contact(contacts: list[Contact], code: str) -> Contact:
    if not code:
        return contacts[0]
    found = next((contact for contact in contacts if contact.customer.code == code), None)
    if found is None:
        raise Refused("customer", _("is not one of yours"))
    return found


def _environment(contact: Contact, name: str) -> Environment | None:
    if not name:
        return None
    found = Environment.objects.filter(customer=contact.customer, name=name).select_related("product").first()
    if found is None:
        raise Refused(
            "environment",
            _("“%(name)s” is not one of %(customer)s; choose one of the list")
            % {"name": name[:60], "customer": contact.customer.name},
        )
    return found


def _facts(given: Any, contact: Contact, environment: Environment | None) -> dict[str, Any]:
    facts = {
        name: {"value": value[:5000], "source": "request form"}
        for name in ASKED
        if (value := given.get(name, "").replace("\x00", "").strip())
    }
    facts["contact_name"] = {"value": contact.name, "source": "signed in"}
    facts["contact_email"] = {"value": contact.email, "source": "signed in"}
    facts["customer_id"] = {"value": contact.customer.code, "source": "signed in"}
    if description := given.get("description", "").strip():
        facts["description"] = {"value": description[:5000], "source": "request form"}
    if environment is not None:
        facts["environment"] = {"value": environment.name, "source": "request form"}
    if wanted := given.get("desired_severity", "").strip():
        facts["desired_severity"] = {"value": wanted[:40], "source": "request form"}
    return facts


def _remember(request: HttpRequest, ticket: Ticket) -> None:
    if not request.POST.get("form_key"):
        return
    sent = dict(list(request.session.get(OPENED, {}).items())[-9:])
    sent[request.POST.get("form_key", "")] = ticket.pk
    request.session[OPENED] = sent


def _form(request: HttpRequest, given: Any, refused: Refused | None = None) -> HttpResponse:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    customers = [contact.customer for contact in contacts]
    answers = {name: value for name, value in _answers(given).items() if value}
    try:
        verdict = guide.assess(answers, _severities()) if answers else None
    except Refused:
        verdict = None
    return frame.page(
        request,
        "portal/new_request.html",
        {
            "given": given,
            "refused": refused,
            "customers": customers if len(customers) > 1 else [],
            "categories": [
                {"value": one.value, "label": one.label, "text": _(text)} for one, text in CATEGORIES.items()
            ],
            "category": given.get("category", ""),
            "questions": [_question(question, given) for question in guide.GUIDE],
            "verdict": verdict and {"severity": verdict.severity, "because": _because(verdict, answers)},
            "environments": Environment.objects.filter(customer__in=customers).order_by("name"),
            "long": [_input(name, given) for name in LONG],
            "short": [_input(name, given) for name in SHORT],
            "wanted": [
                {"value": str(one.rank), "label": f"{one.rank} {_(one.name)}"} for one in _severities()
            ],
            "have": sum(
                1 for name in (*ASKED, "subject", "description", "environment") if given.get(name, "").strip()
            ),
            "of": len(ASKED) + 3,
            "look": given.get("look", ""),
            **(articles.suggested(request, given) if given.get("act") == "look" else {}),
        },
        here="new",
        status=422 if refused else 200,
    )


def _because(verdict: guide.Suggestion, answers: dict[str, str]) -> list[str]:
    """Why, in the reader's language, and what the desk means by that severity."""
    found = [_(sentence) for sentence in verdict.because[:-1] if not sentence.startswith("Since: ")]
    if "since" in answers:
        found.append(_("Since: %(when)s") % {"when": answers["since"]})
    meant = next(one for one in _severities() if one.rank == verdict.severity)
    return [*found, f"{_(meant.name)}: {_(meant.definition)}"]


def _input(name: str, given: Any) -> dict[str, str]:
    return {"name": name, "label": _({**LONG, **SHORT}[name]), "value": given.get(name, "")}


def _question(question: guide.Question, given: Any) -> dict[str, Any]:
    return {
        "name": f"guide_{question.name}",
        "legend": _(question.words),
        "options": [{"value": value, "label": _(label)} for value, label in question.choices],
        "chosen": given.get(f"guide_{question.name}", ""),
    }
