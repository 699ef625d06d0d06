"""The facts column of a ticket: what the request holds and where it was found, contract, people, related."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from mainstay.allowances import decisions, draws
from mainstay.contracts import terms, wording
from mainstay.desk import shown
from mainstay.intake.email.fields import wanted
from mainstay.notices import recipients
from mainstay.notices.models import Delivery
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import ladder, sentences, triage
from mainstay.tickets import related as related_to
from mainstay.tickets.models import Participant, State, Step, Ticket

LONG = {"description", "steps", "debugging", "business_impact"}
NAMES = {
    "customer_id": "Customer id", "contact_name": "Contact", "contact_email": "Email",
    "contact_phone": "Phone", "business_impact": "Impact", "desired_severity": "Wanted severity",
    "related_tickets": "Related", "description": "Description", "steps": "Steps", "frequency": "How often",
    "product_version": "Version", "environment": "Environment", "debugging": "Debugging",
    "customer_reference": "Their reference", "since": "Since",
    "invoice": "Invoice", "use_case": "Use case",
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """One thing a request holds (R1): its value and where it was found; empty when it is missing."""

    code: str
    name: str
    value: str
    source: str
    useful: bool
    asked: bool
    long: bool
    tag: str = ""


def held(ticket: Ticket) -> list[Held]:
    """Everything of R1, what is there first asked for least; the useful ones even when they are missing."""
    asked = set(ticket.facts.get("asked", []))
    useful = [
        name for name in wanted(ticket.category or "technical") if name in NAMES and name != "description"
    ]
    found = []
    for code in (*useful, *(name for name in triage.FACTS if name not in useful)):
        fact = ticket.facts.get(code)
        fact = fact if isinstance(fact, dict) else {}
        value = str(fact.get("value", ""))
        if not value and code == "customer_reference":
            value = ticket.customer_reference
        if code == "description" and not value:
            continue
        found.append(
            Held(
                code, NAMES[code], value, _source(fact, value, code in asked), code in useful,
                code in asked, code in LONG, _decided(ticket, code, value),
            )
        )  # fmt: skip
    return found


def _source(fact: dict[str, Any], value: str, asked: bool) -> str:
    if not value:
        return "missing; asked for it" if asked else "missing; not asked yet"
    return str(fact.get("source", "") or "")


def _decided(ticket: Ticket, code: str, value: str) -> str:
    """What triage decided, beside what the customer asked for."""
    if code != "desired_severity" or not value or ticket.step in {"acknowledgement", "triage"}:
        return ""
    return f"triage decided {ticket.severity}"


def completeness(found: list[Held]) -> tuple[int, int]:
    """How many of the useful facts are there, and how many there could be."""
    useful = [fact for fact in found if fact.useful]
    return sum(bool(fact.value) for fact in useful), len(useful)


def missing(found: list[Held]) -> list[Held]:
    """Useful facts that are neither there nor asked for."""
    return [fact for fact in found if fact.useful and not fact.value and not fact.asked]


def polite(ticket: Ticket, lacking: list[Held]) -> str:
    """A prefilled message that asks for what is missing, once (R3)."""
    name = ticket.requester.name if ticket.requester else ticket.requester_name
    hello = f"Dear {name},\n\n" if name and "@" not in name else "Hello,\n\n"
    lines = "\n".join(f"- {sentences.FACTS.get(fact.code, fact.name)}" for fact in lacking)
    return (
        f"{hello}thank you for your request. So that we can help you quickly, please tell us:\n\n{lines}\n\n"
        "What you do not know may stay open. Just answer this message."
    )


def people(ticket: Ticket) -> dict[str, Any]:
    """Who has to do with a ticket, and who gets mail about it."""
    everyone = PEOPLE.all(ticket=ticket.pk)
    return {
        "accepted": [one for one in everyone if one.accepted],
        "listed": [one for one in everyone if not one.accepted],
        "failing": [one.contact for one in everyone if one.contact and one.contact.failing_since],
    }


PEOPLE = Prepared(
    lambda: Participant.objects.filter(ticket=Arg("ticket")).select_related("contact").order_by("pk")
)


def audience(ticket: Ticket, found: dict[str, Any]) -> tuple[str, str]:
    """Whom an answer reaches: how many people and where, and their names."""
    names = [one.name or one.address for one in found["accepted"]]
    where = f" at {ticket.customer.name}" if ticket.customer else ""
    if not names:
        return "Goes to nobody by mail", "no address is known; the answer stands in the portal"
    count = "1 person" if len(names) == 1 else f"{len(names)} people"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"Goes to {count}{where}", ", ".join(names[:5]) + more


EARLY = {Step.ACKNOWLEDGEMENT, Step.TRIAGE}  # when likely duplicates are looked for unasked


def related(ticket: Ticket) -> dict[str, Any]:
    """Links, likely duplicates, defects, what it follows and what follows it."""
    found = related_to.of(ticket)
    early = ticket.step in EARLY and ticket.state != State.CLOSED
    return {
        "all": [(one, shown.ticket_url(one.number)) for one in found],
        "parts": [one.number for one in found if one.what == "merged"],
        "duplicates": duplicates(ticket, found) if early else [],
        "looked": early,
        "follows_url": shown.ticket_url(ticket.follows_id) if ticket.follows_id else "",
        "merged_url": shown.ticket_url(ticket.merged_into_id) if ticket.merged_into_id else "",
    }


def duplicates(ticket: Ticket, found: Iterable[related_to.Related]) -> list[tuple[Ticket, str]]:
    """Recent tickets of the customer that look alike and are not linked yet, likeliest first."""
    known = {one.number for one in found if one.what != "defect"}
    return [(one, shown.ticket_url(one.pk)) for one in triage.likely_duplicates(ticket, known=known)]


def deliveries(ticket: Ticket) -> list[Delivery]:
    """The last mails sent, or not, because of this ticket."""
    return MAILS.all(ticket=ticket.pk)


MAILS = Prepared(
    lambda: (
        Delivery.objects.filter(ticket=Arg("ticket"), channel=Delivery.Channel.EMAIL)
        .order_by("-id")
        .defer("text", "html")[:12]
    )
)


def rungs(ticket: Ticket, clock: str = "", n: int = 0) -> list[dict[str, Any]]:
    """The ladder of the ticket, or of one clock: what was reached, and what will be if nothing happens (S1)."""
    found = ladder.of(ticket)
    if clock:
        found = [one for one in found if (one.says["clock"], one.n) == (clock, n)]
    return [
        {
            "to": sentences.called(one.says["to"]),
            "because": sentences.reached(one.says),
            "due": one.due_at,
            "told": one.told_at,
            "nobody": [
                name for name in one.says["to"] if not recipients.called(name, ticket, timezone.now())
            ],
        }
        for one in found
    ]


def contract(ticket: Ticket) -> dict[str, Any]:
    """What judges the ticket, with every reason."""
    return {
        "kind": ticket.entitlement,
        "reduced": wording.reduced(terms.load(ticket.terms_id).reduced) if ticket.terms_id else "",
        "because": [*ticket.entitled_because, *draws.told(ticket)],
        "decision": decisions.of(ticket),
        "contract": ticket.contract,
        "level": shown.level(ticket.level),
        "tam": ticket.customer.tam if ticket.customer else None,
        "terms_url": reverse("desk:terms", args=[ticket.terms_id]) if ticket.terms_id else "",
        "customer_url": reverse("desk:customer", args=[ticket.customer.code]) if ticket.customer else "",
    }
