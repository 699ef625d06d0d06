"""Raising a request: the form made of what a good request holds (R1, I5), and its answer at once."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.contracts import terms, wording
from mainstay.contracts.entitlement import entitlement_at
from mainstay.customers.models import Contact, Customer, Environment
from mainstay.errors import Refused
from mainstay.intake import drafts, uploads
from mainstay.intake.models import FormDraft
from mainstay.knowledge import looks
from mainstay.portal import articles, asked, files, frame
from mainstay.prepared import Arg, Prepared
from mainstay.sla import severity as guide
from mainstay.tickets import participants, severities
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Category, Channel, Ticket
from mainstay.ui.doors import contact_page

FORM = "request"
OPENED = "opened_by_form"
TWICE = timedelta(minutes=2)
MOST_COLLEAGUES = 200


@contact_page
def new(request: HttpRequest) -> HttpResponse:
    """The form; sent, it answers with number, severity, promise and next step on the request's own page."""
    if request.method != "POST":
        held = drafts.found(request.user, FORM)  # type: ignore[arg-type]
        return _form(request, _started(request, held), draft=held)
    given = frame.typed(request)
    already = _raised_already(request)
    if already and not given.get("act"):  # the button was pressed twice: one request
        return redirect("request", number=already)
    try:
        files.receive(request, FORM)
        if files.act(request, FORM) or given.get("act") in {"suggest", "look"}:
            return _form(request, given)
        if given.get("act") in {"keep", "discard"}:
            return _put_aside(request, given)
        with transaction.atomic():  # what is refused leaves the files where they are
            ticket = _raise(request)
    except Refused as refused:
        return _form(request, given, refused=refused)
    _remember(request, ticket)
    drafts.forget(request.user, FORM)  # type: ignore[arg-type]
    if ticket.requester is not None:
        looks.sent(given.get("look", ""), ticket.requester, ticket.pk)
    messages.success(
        request,
        _(
            "We got it: request %(number)s, severity %(severity)s. Below is what we promise and what comes next."
        )
        % {"number": ticket.pk, "severity": ticket.severity},
    )
    return redirect("request", number=ticket.pk)


def _started(request: HttpRequest, held: FormDraft | None) -> dict[str, str]:
    """The draft, if there is one; a category may stand in the address."""
    category = request.GET.get("category", "")
    given = {"category": category} if category in Category.values else {}
    fresh = {"form_key": timezone.now().isoformat(), "look": looks.key_of_form()}
    return {**given, **(held.values if held else {}), **fresh}


def _put_aside(request: HttpRequest, given: dict[str, str]) -> HttpResponse:
    """Keep what was typed for later, or throw it away with its files."""
    user = request.user
    if given["act"] == "keep":
        drafts.keep(user, FORM, given, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("Kept. You find it here on every machine of yours."))
    else:
        drafts.forget(user, FORM)  # type: ignore[arg-type]
        for one in uploads.of(user, FORM):  # type: ignore[arg-type]
            uploads.remove(one)
        messages.success(request, _("The draft is gone."))
    return redirect("new_request")


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
    category = given.get("category", "")
    if category not in Category.values:
        raise Refused("category", _("is missing; say what it is about"))
    guided = category in asked.GUIDED
    answers = guide.check_answers(_answers(given) if guided else {})
    environment = _environment(contact, given.get("environment", "")) if guided else None
    colleagues = _colleagues(contact, request.POST.getlist("inform"))
    files.look_first(request, FORM)
    attachments = uploads.take(request.user, FORM)  # type: ignore[arg-type]
    said = Said(
        given.get("description", "").strip(), "portal", attachments=attachments, address=contact.email
    )
    by, at = Actor.contact(contact.pk, contact.name), timezone.now()
    ticket = open_ticket(
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
        by=by,
        at=at,
    )
    if colleagues:
        participants.add(ticket, colleagues, by=by, at=at)
    return ticket


def _colleagues(contact: Contact, numbers: list[str]) -> list[Contact]:
    """The people of the same customer who were ticked."""
    wanted = [int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 19]
    return list(participants.may_add(contact).filter(pk__in=wanted))


def suggested(answers: dict[str, str]) -> int | None:
    """The severity that the answers suggest by the desk's definitions; None when nothing was answered."""
    return guide.assess(answers, _severities()).severity if answers else None


def _severities() -> list[guide.Severity]:
    return [
        guide.Severity(
            int(one["rank"]), *(wording.severity(one, what) for what in ("name", "definition", "urgency"))
        )
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
    filled = asked.given(given, given.get("category", ""))
    facts = {name: {"value": value, "source": "request form"} for name, value in filled.items()}
    facts["contact_name"] = {"value": contact.name, "source": "signed in"}
    facts["contact_email"] = {"value": contact.email, "source": "signed in"}
    facts["customer_id"] = {"value": contact.customer.code, "source": "signed in"}
    if description := given.get("description", "").strip():
        facts["description"] = {"value": description[:5000], "source": "request form"}
    if environment is not None:
        facts["environment"] = {"value": environment.name, "source": "request form"}
    wanted = given.get("desired_severity", "").strip()
    if wanted and given.get("category") in asked.GUIDED:
        facts["desired_severity"] = {"value": wanted[:40], "source": "request form"}
    return facts


def _remember(request: HttpRequest, ticket: Ticket) -> None:
    if not request.POST.get("form_key"):
        return
    sent = dict(list(request.session.get(OPENED, {}).items())[-9:])
    sent[request.POST.get("form_key", "")] = ticket.pk
    request.session[OPENED] = sent


def _form(
    request: HttpRequest, given: Any, refused: Refused | None = None, draft: FormDraft | None = None
) -> HttpResponse:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    customers = [contact.customer for contact in contacts]
    mine = next((one for one in contacts if one.customer.code == given.get("customer")), contacts[0])
    environments = _SYSTEMS.all(customers=[one.pk for one in customers])
    if draft is None and request.method == "POST" and not refused:
        draft = drafts.found(request.user, FORM)  # type: ignore[arg-type]
    return frame.page(
        request,
        "portal/new_request.html",
        {
            "given": given,
            "refused": refused,
            "customers": customers if len(customers) > 1 else [],
            "categories": [
                {"value": one.value, "label": one.label, "text": _(text)}
                for one, text in asked.CATEGORIES.items()
            ],
            "category": given.get("category", ""),
            "questions": [_question(question, given) for question in guide.GUIDE],
            "verdict": _verdict(given, mine.customer),
            "environments": environments,
            "long": [_input(one, given) for one in asked.FIELDS if one.rows],
            "short": [_input(one, given) for one in asked.FIELDS if not one.rows],
            "wanted": [{"value": str(one.rank), "label": f"{one.rank} {one.name}"} for one in _severities()],
            "complete": asked.complete(given, given.get("category", ""), environments=bool(environments)),
            "uploads": files.listed(request, FORM),
            "form": FORM,
            "draft_at": draft.updated_at if draft and not refused else None,
            "colleagues": _COLLEAGUES.all(customer=mine.customer_id, contact=mine.pk),
            "informed": set(request.POST.getlist("inform")),
            "now": timezone.now(),
            "zone": frame.zone_of(contacts),
            "look": given.get("look", ""),
            **(articles.suggested(request, given) if given.get("act") == "look" else {}),
        },
        here="new",
        status=422 if refused else 200,
    )


_SYSTEMS = Prepared(lambda: Environment.objects.filter(customer__pk__any=Arg("customers")).order_by("name"))
_COLLEAGUES = Prepared(lambda: participants.others(Arg("customer"), Arg("contact"))[:MOST_COLLEAGUES])


def _verdict(given: Any, customer: Customer) -> dict[str, Any] | None:
    """The severity that the answers suggest, why, and what is promised for it."""
    answers = {name: value for name, value in _answers(given).items() if value}
    try:
        found = guide.assess(answers, _severities()) if answers else None
    except Refused:
        return None
    if found is None:
        return None
    says = terms.parse(entitlement_at(customer, timezone.now(), keep=False).terms.text)
    return {
        "severity": found.severity,
        "because": _because(found, answers),
        "promise": says.target_words("first_response", found.severity),
        "workaround": says.target_words("workaround", found.severity),
    }


def _because(verdict: guide.Suggestion, answers: dict[str, str]) -> list[str]:
    """Why, in the reader's language, and what the desk means by that severity."""
    found = [_(sentence) for sentence in verdict.because[:-1] if not sentence.startswith("Since: ")]
    if "since" in answers:
        found.append(_("Since: %(when)s") % {"when": answers["since"]})
    meant = next(one for one in _severities() if one.rank == verdict.severity)
    return [*found, f"{meant.name}: {meant.definition}"]


def _input(one: asked.Field, given: Any) -> dict[str, Any]:
    return {
        "name": one.name, "label": _(one.label), "value": given.get(one.name, ""), "rows": one.rows,
        "only": " ".join(one.only), "hint": _("speeds it up") if one.quick else "",
        "placeholder": _(one.placeholder) if one.placeholder else "",
    }  # fmt: skip


def _question(question: guide.Question, given: Any) -> dict[str, Any]:
    return {
        "name": f"guide_{question.name}",
        "legend": _(question.words),
        "options": [{"value": value, "label": _(label)} for value, label in question.choices],
        "chosen": given.get(f"guide_{question.name}", ""),
    }
