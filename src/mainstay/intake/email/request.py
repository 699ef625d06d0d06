"""A mail as a request: what it asks for, what it already says and where, and why it looks like an emergency."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from mainstay.catalogue.models import ServiceLevel
from mainstay.catalogue.remembered import know, once
from mainstay.contracts import entitlement
from mainstay.contracts.days import today
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.intake.email import copied, emergency, fields, html, subjects
from mainstay.intake.email.decide import Sender, escalation
from mainstay.intake.email.fields import Field
from mainstay.intake.email.ours import is_ours
from mainstay.intake.email.who import Case
from mainstay.intake.mailboxes import known
from mainstay.intake.models import Mailbox
from mainstay.tickets import severities
from mainstay.tickets.acknowledgement import Request
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import LONGEST, Said
from mainstay.tickets.models import Channel, Ticket


def request(case: Case, marks: tuple[str, ...] = (), *, follows: Ticket | None = None) -> Request:
    """What `open_ticket` is given for this mail; a follow-up belongs to the customer of the old ticket."""
    found = fields.read(case.message)
    box = known.of(case.mail.recipients, case.mail.mailbox_id)
    customer = follows.customer if follows else _customer(case, found)
    contact = case.contact if case.contact and customer and case.contact.customer_id == customer.pk else None
    return Request(
        subject=case.message.subject,
        said=said(case, marks),
        customer=customer,
        contact=contact,
        address=case.message.from_address,
        name=case.message.from_name or (contact.name if contact else ""),
        environment=_environment(customer, found, box),
        language=box.language if box else "",
        team=box.team if box else None,
        our_address=box.address if box else "",
        customer_reference=_value(found, "customer_reference"),
        facts=_facts(found),
        emergency=_emergency(case, customer),
        follows=follows,
        maybe_related=_related(case, found),
        withhold_answer=_withheld(case),
    )


def said(case: Case, marks: tuple[str, ...] = ()) -> Said:
    """The words of the mail: what is new, all of it when that is more, and what is to be shown beside it."""
    message = case.message
    text = message.reply_text.strip() or message.body_text.strip()
    notes = [*marks, *message.notes, *copied.notes(case), *_ambiguous(case)]
    if len(text) > LONGEST:
        notes.append("the text was cut; the whole is below")
    return Said(
        text=text[:LONGEST] or ("(only files)" if message.attachments else "(no text)"),
        channel=Channel.EMAIL,
        full_text=message.body_text if message.body_text.rstrip() != text[:LONGEST] else "",
        html=html.sanitise(message.body_html) if message.body_html else "",
        attachments=uploads(case),
        address=message.from_address,
        message_id=message.message_id,
        authenticated=case.authentication.result,
        authenticated_why=case.authentication.why,
        notes=tuple(dict.fromkeys(notes)),
    )


def uploads(case: Case) -> tuple[Upload, ...]:
    """The files of the mail, on their way in."""
    return tuple(
        Upload(file.name, file.type, file.content, file.content_id) for file in case.message.attachments
    )


def _ambiguous(case: Case) -> list[str]:
    return [f"ambiguous sender: {reason}" for reason in case.message.from_ambiguous]


def _withheld(case: Case) -> str:
    if case.message.is_auto:
        return f"automatic mail is never answered ({case.message.auto_reason})"
    if is_ours(case.message.from_address):
        return "it says it comes from our own address"
    return "the sender wants no automatic answer" if case.message.suppress_answer else ""


# ---- whose it is


def _customer(case: Case, found: list[Field]) -> Customer | None:
    """By the sender's address. A TAM writes for the customer the mail names, else for their only one."""
    if case.sender != Sender.TAM or not case.authentication.passed:
        return case.found.customer
    theirs = list(Customer.objects.filter(tam=case.user))
    named = _value(found, "customer_id").casefold()
    text = f"{case.message.subject} {named}"
    by_name = [one for one in theirs if _names(text, one.code) or _names(text, one.name)]
    return by_name[0] if len(by_name) == 1 else theirs[0] if len(theirs) == 1 else None


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _environment(customer: Customer | None, found: list[Field], box: Mailbox | None) -> Environment | None:
    """The customer's environment that is named, when only one is; else the only one that runs the product of the
    mailbox they wrote to."""
    said = _value(found, "environment")
    of = box.product_id if box else None
    if customer is None or not (said or of):
        return None
    theirs = once(
        ("environments", customer.pk), lambda: list(Environment.objects.filter(customer=customer))
    )  # fmt: skip
    exact = [one for one in theirs if one.name.casefold() == said.casefold().strip()]
    named = exact or [one for one in theirs if said and _names(said[:2000], one.name)]
    if not named and of:
        named = [one for one in theirs if one.product_id == of]
    return named[0] if len(named) == 1 else None


# ---- what it says


def _facts(found: list[Field]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for one in found:
        if one.name in facts:  # several related tickets
            facts[one.name]["value"] += f", {one.value}"
            continue
        facts[one.name] = {"value": one.value, "source": one.source, "start": one.start, "end": one.end}
        if one.rank:
            facts[one.name]["rank"] = one.rank
    return facts


LEARNT = (
    "business_impact", "steps", "frequency", "product_version", "environment", "debugging",
    "customer_reference", "since",
)  # fmt: skip


def learnt(case: Case, ticket: Ticket) -> dict[str, Any]:
    """What a reply says of what was missing so far (R2); what stands on the ticket is never replaced by it."""
    day = case.mail.received_at
    facts: dict[str, Any] = {}
    for one in fields.read(case.message):
        if one.name in LEARNT and one.name not in ticket.facts and one.source.startswith("body"):
            source = f"reply of {day.day} {day:%B %Y}{one.source.removeprefix('body')}"
            facts[one.name] = {"value": one.value, "source": source, "start": -1, "end": -1}
    return facts


def _value(found: list[Field], name: str) -> str:
    return next((one.value for one in found if one.name == name), "")


def _related(case: Case, found: list[Field]) -> tuple[int, ...]:
    """Numbers in the subject and the text: a hint to people, never a reason to join (ATTACKS 3)."""
    hints = [case.maybe, subjects.ticket_hint(case.message.subject)]
    for one in found:
        if one.name == "related_tickets":
            hints += [int(number) for number in re.findall(r"\d{1,10}", one.value)[:10]]
    return tuple(dict.fromkeys(hint for hint in hints if hint and hint < 2**62))[:20]


def _emergency(case: Case, customer: Customer | None) -> tuple[str, ...]:
    """Why it looks like one: words, the sender's contract with those words, an open outage (I1)."""
    message = case.message
    words = emergency.emergency(message.reply_text or message.body_text, message.subject)
    reasons = _said_words(words)
    if case.sender == Sender.TAM and case.authentication.passed and escalation(message.reply_text):
        reasons.append("the Technical Account Manager asks for escalation")
    if customer is not None:
        if words and (level := _gravest_contract(customer, today(customer, case.mail.received_at))):
            reasons.append(f"the customer's contract is {level}")
        reasons += [
            f"ticket {number} of this customer is open at the gravest severity"
            for number in _outage(customer)
        ]
    return tuple(reasons)


def emergency_in_reply(case: Case) -> list[str]:
    """The words of a reply that say so; its subject and what it quotes were said before."""
    return _said_words(case.alarming)


def _said_words(words: list[str]) -> list[str]:
    return [f"says: {word}" for word in words[:5]]


def _gravest_contract(customer: Customer, day: date) -> str:
    """The name of the highest level there is, when a contract of the customer's gives it that day."""
    return once(("gravest contract", customer.pk, day), lambda: _highest_level(customer, day))


def _highest_level(customer: Customer, day: date) -> str:
    highest = ServiceLevel.objects.aggregate(rank=Max("rank"))["rank"]
    inside = Contract.objects.filter(customer=customer, period__contains=day)
    found = inside.filter(package__level__rank=highest).select_related("package__level").first()
    return found.package.level.name if found else ""


def _outage(customer: Customer) -> list[int]:
    gravest = int(severities.all_of_them()[0]["rank"])
    return once(("outage", customer.pk), lambda: _latest_open(customer, gravest))


def _latest_open(customer: Customer, severity: int) -> list[int]:
    return list(_open_at([customer], severity).values_list("pk", flat=True))


def _open_at(customers: Iterable[Customer], severity: int) -> QuerySet[Ticket]:
    """The newest open ticket of each at a severity."""
    found = Ticket.objects.filter(customer__in=customers, severity=severity).exclude(state="closed")
    return found.order_by("customer", "-opened_at").distinct("customer")


def foresee(customers: Collection[Customer]) -> None:
    """Within `remembering`: requests of these customers are about to be read; what is asked then is read at once."""
    entitlement.foresee(customers)
    environments: dict[int, list[Environment]] = {customer.pk: [] for customer in customers}
    for one in Environment.objects.filter(customer__in=customers):
        environments[one.customer_id].append(one)
    gravest = int(severities.all_of_them()[0]["rank"])
    outages = dict(_open_at(customers, gravest).values_list("customer", "pk"))
    for number, theirs in environments.items():
        outage = [outages[number]] if number in outages else []
        know({("environments", number): theirs, ("outage", number): outage})
