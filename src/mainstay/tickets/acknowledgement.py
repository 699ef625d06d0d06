"""Step 1, acknowledgement: the request came through a valid channel, a ticket is raised, the customer is told (A1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mainstay import rows
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team
from mainstay.catalogue.remembered import once
from mainstay.contracts import entitlement as entitlements
from mainstay.contracts import terms
from mainstay.contracts.entitlement import Entitlement, Known
from mainstay.customers.models import Contact, Customer, Environment
from mainstay.errors import Refused
from mainstay.tickets import clocks, events, ladder, messages, severities
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Channel, Clock, Link, Message, Participant, State, Step, Ticket


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
    our_address: str = ""  # the mailbox they wrote to, which answers them; empty: the support address
    team: Team | None = None  # of the mailbox they wrote to; triage may say otherwise
    flags: tuple[str, ...] = ()  # known at receipt, such as "by_phone"
    recognised: str = ""  # how the person was recognised, in a sentence; empty: said from the contact
    withhold_answer: str = ""  # why nobody is answered; empty: acknowledge


@dataclass(frozen=True)
class Asked:
    """A request with who makes it and when."""

    request: Request
    by: Actor
    at: datetime


def open_ticket(request: Request, *, by: Actor, at: datetime) -> Ticket:
    """Raise a ticket, from mail at the lowest severity (I1), judged by the contract in force now, and acknowledge it.

    Two events: `received`, then `acknowledged` (or `acknowledgement_withheld` with its reason), in one
    transaction with the message. Raises `Refused` naming subject or message.
    """
    return open_tickets([Asked(request, by, at)])[0]


def open_tickets(asked: Sequence[Asked]) -> list[Ticket]:
    """Raise several, in this order: all of them, or none when one is refused. A statement or so for each table."""
    subjects = [_subject(one.request) for one in asked]
    with transaction.atomic():
        numbers = zip(rows.numbers(Ticket, len(asked)), rows.numbers(Message, len(asked)), strict=True)
        with terms.stored_together():
            raised = [
                _raise(one, subject, number, message)
                for one, subject, (number, message) in zip(asked, subjects, numbers, strict=True)
            ]
        page = events.Page()
        fresh = [clock for one in raised for clock in _told(one, page)]
        rows.insert(Ticket, [one.ticket for one in raised])
        messages.write_all([(one.message, one.request.said) for one in raised])
        rows.insert(Participant, [new for one in raised for new in _participants(one)])
        rows.insert(Link, _related(raised))
        page.write()
        clocks.store(fresh)
        if raised:
            ladder.store_planned((one.ticket for one in raised), max(one.at for one in raised))
        events.draw_received([one.ticket for one in raised], [one.by for one in raised])
    return [one.ticket for one in raised]


@dataclass(frozen=True)
class _Raised:
    """A ticket that is about to be stored, with what is stored beside it."""

    request: Request
    by: Actor
    at: datetime
    ticket: Ticket
    message: Message


def _raise(asked: Asked, subject: str, number: int, message: int) -> _Raised:
    at = events.whole(asked.at)
    ticket = _new(asked.request, subject, at)
    ticket.pk = number
    events.remember(ticket)
    said = messages.build(ticket, "in", asked.request.said, by=asked.by, at=at, number=message)
    return _Raised(asked.request, asked.by, at, ticket, said)


def _told(one: _Raised, page: events.Page) -> list[Clock]:
    """Its events, its place in the queue, and its clocks (unsaved)."""
    ticket, at, system = one.ticket, one.at, Actor.system()
    told = [
        page.record(
            ticket,
            "received",
            by=one.by,
            at=at,
            more={
                "channel": ticket.channel,
                "severity": ticket.severity,
                "terms": ticket.terms_id,
                "customer": ticket.customer_id,
                "contract": ticket.contract_id,
            },
            detail={"message": one.message.pk, "because": ticket.entitled_because},
        )
    ]
    if one.request.emergency:
        detail = {"reasons": list(one.request.emergency)}
        told.append(page.record(ticket, "emergency_flagged", by=system, at=at, detail=detail))
    ticket.step = Step.TRIAGE
    withheld = one.request.withhold_answer
    kind = "acknowledgement_withheld" if withheld else "acknowledged"
    told.append(page.record(ticket, kind, by=system, at=at, why=withheld))
    return clocks.reckon(ticket, [clocks.logged(event) for event in told if clocks.moves(event)], set())


def _subject(request: Request) -> str:
    subject = " ".join(request.subject.replace("\x00", "").split())[:998]
    if request.said.channel == Channel.EMAIL:
        return subject or "(no subject)"  # a mail without a subject is still a request
    if not subject:
        raise Refused("subject", _("is missing; say in one line what the request is about"))
    messages.needs_text(request.said.text, "description")
    return subject


def _new(request: Request, subject: str, at: datetime) -> Ticket:
    entitled = _entitled(request, at)
    severity, because = _severity(request, entitled)
    return Ticket(
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
        our_address=request.our_address[:320],
        flags=sorted(_known(request).flags),
        emergency=[reason[:300] for reason in request.emergency],
        contract=entitled.contract,
        level=entitled.level,
        environment=request.environment,
        team=request.team,
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


def _entitled(request: Request, at: datetime) -> Entitlement:
    """Many requests of one customer within the minute are entitled alike: days and hours change on a minute."""
    customer, environment, known = request.customer, request.environment, _known(request)
    question = (
        "entitlement", customer and customer.pk, environment and environment.pk, at.replace(second=0),
        known.channel, known.category, known.language, known.flags, known.version,
    )  # fmt: skip
    return once(
        question, lambda: entitlements.entitlement_at(customer, at, environment=environment, facts=known)
    )


def _participants(one: _Raised) -> list[Participant]:
    request = one.request
    address = (request.address or (request.contact.email if request.contact else "")).lower()
    if not address:
        return []
    return [
        Participant(
            ticket=one.ticket,
            contact=request.contact,
            address=address[:320],
            name=request.name[:200],
            since=one.at,
        )
    ]


def _related(raised: list[_Raised]) -> list[Link]:
    """A number in the subject is a hint for triage, of the same customer only; also of one raised just before."""
    wanted = {number for one in raised for number in one.request.maybe_related if one.ticket.customer_id}
    if not wanted:
        return []
    whose = dict(Ticket.objects.filter(pk__in=wanted).values_list("pk", "customer"))
    later = [one.ticket.pk for one in raised]
    return [
        Link(ticket_id=number, other=one.ticket, kind=Link.Kind.MAYBE)
        for place, one in enumerate(raised)
        for number in one.request.maybe_related
        if one.ticket.customer_id and whose.get(number) == one.ticket.customer_id
        if number not in later[place:]
    ]
