"""Step 1, acknowledgement: the request came through a valid channel, a ticket is raised, the customer is told (A1)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from mainstay.accounts.actor import Actor
from mainstay.contracts import entitlement as entitlements
from mainstay.contracts.entitlement import Entitlement, Known
from mainstay.customers.models import Contact, Customer, Environment
from mainstay.errors import Refused
from mainstay.tickets import events, messages, severities
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Channel, Link, Participant, State, Step, Ticket


@dataclass(frozen=True)
class Request:
    """What somebody asks for, whatever the channel. Only the words are required."""

    subject: str
    said: Said
    customer: Customer | None = None
    contact: Contact | None = None
    address: str = ""
    name: str = ""
    environment: Environment | None = None
    severity: int | None = None  # only from a channel that may say so; mail opens at the lowest, always
    category: str = ""
    customer_reference: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    assessment: dict[str, Any] = field(default_factory=dict)
    emergency: tuple[str, ...] = ()
    follows: Ticket | None = None
    maybe_related: tuple[int, ...] = ()
    language: str = ""  # of the case; empty: the customer's
    flags: tuple[str, ...] = ()  # known at receipt, such as "by_phone"
    recognised: str = ""  # how the person was recognised, in a sentence; empty: said from the contact
    withhold_answer: str = ""  # why nobody is answered; empty: acknowledge


def open_ticket(request: Request, *, by: Actor, at: datetime) -> Ticket:
    """Raise a ticket, from mail at the lowest severity (I1), judged by the contract in force now, and acknowledge it.

    Two events: `received`, then `acknowledged` (or `acknowledgement_withheld` with its reason), in one
    transaction with the message. Raises `Refused` naming subject or message.
    """
    subject = _subject(request)
    at = events.whole(at)
    with transaction.atomic():
        ticket = _new(request, subject, at)
        events.remember(ticket)
        message = messages.write(ticket, "in", request.said, by=by, at=at)
        if request.address or request.contact:
            _participate(ticket, request, at)
        if request.maybe_related:
            _relate(ticket, request.maybe_related)
        events.record(
            ticket,
            "received",
            by=by,
            at=at,
            more={
                "channel": ticket.channel,
                "severity": ticket.severity,
                "terms": ticket.terms_id,
                "customer": ticket.customer_id,
                "contract": ticket.contract_id,
            },
            detail={"message": message.pk, "because": ticket.entitled_because},
        )
        if request.emergency:
            events.record(
                ticket,
                "emergency_flagged",
                by=Actor.system(),
                at=at,
                detail={"reasons": list(request.emergency)},
            )
        ticket.step = Step.TRIAGE
        if request.withhold_answer:
            events.record(
                ticket, "acknowledgement_withheld", by=Actor.system(), at=at, why=request.withhold_answer
            )
        else:
            events.record(ticket, "acknowledged", by=Actor.system(), at=at)
    return ticket


def _subject(request: Request) -> str:
    subject = " ".join(request.subject.replace("\x00", "").split())[:998]
    if request.said.channel == Channel.EMAIL:
        return subject or "(no subject)"  # a mail without a subject is still a request
    if not subject:
        raise Refused("subject", "is missing; say in one line what the request is about")
    messages.needs_text(request.said.text, "description")
    return subject


def _new(request: Request, subject: str, at: datetime) -> Ticket:
    entitled = entitlements.entitlement_at(
        request.customer, at, environment=request.environment, facts=_known(request)
    )
    severity, because = _severity(request, entitled)
    return Ticket.objects.create(
        subject=subject,
        customer=request.customer,
        requester=request.contact,
        requester_address=request.address[:320],
        requester_name=(request.name or request.address)[:200],
        customer_reference=request.customer_reference[:100],
        channel=request.said.channel,
        opened_at=at,
        state=State.OPEN,
        state_since=at,
        severity=severity,
        category=request.category,
        assessment=request.assessment,
        facts=request.facts,
        language=request.language[:8],
        flags=sorted(_known(request).flags),
        emergency=[reason[:300] for reason in request.emergency],
        contract=entitled.contract,
        level=entitled.level,
        environment=request.environment,
        entitlement=entitled.kind,
        entitled_because=[*_recognised(request), *entitled.because, *because],
        terms=entitled.terms,
        follows=request.follows,
        queue_at=at,
        last_at=at,
    )


def _known(request: Request) -> Known:
    """What the request says that selects rows. A call is known to be one."""
    version = request.facts.get("product_version")
    flags = {*request.flags, *(["by_phone"] if request.said.channel == Channel.PHONE else [])}
    return Known(
        channel=request.said.channel,
        category=request.category,
        language=request.language,
        flags=tuple(sorted(flags)),
        version=str(version.get("value", ""))[:200] if isinstance(version, dict) else "",
    )


def _severity(request: Request, entitled: Entitlement) -> tuple[int, list[str]]:
    """Mail opens at the lowest, always (I1); what a channel may say itself is taken as far as the rules allow."""
    if request.said.channel == Channel.EMAIL:
        return severities.lowest(), []
    asked = None if request.severity is None else severities.checked(request.severity)
    return severities.opening(asked, entitled.facts)


def _recognised(request: Request) -> list[str]:
    """Who asks, as the first step of the reasoning."""
    if request.recognised:
        return [request.recognised]
    if request.contact is None:
        return []
    how = request.address or request.contact.email
    return [f"{how} is {request.contact.name} of {request.contact.customer.name}."]


def _participate(ticket: Ticket, request: Request, at: datetime) -> None:
    address = (request.address or (request.contact.email if request.contact else "")).lower()
    if address:
        Participant.objects.create(
            ticket=ticket, contact=request.contact, address=address[:320], name=request.name[:200], since=at
        )


def _relate(ticket: Ticket, numbers: tuple[int, ...]) -> None:
    """A number in the subject is a hint for triage, of the same customer only."""
    same = Ticket.objects.filter(pk__in=numbers, customer=ticket.customer, customer__isnull=False)
    Link.objects.bulk_create(
        Link(ticket=other, other=ticket, kind=Link.Kind.MAYBE) for other in same.exclude(pk=ticket.pk)
    )
