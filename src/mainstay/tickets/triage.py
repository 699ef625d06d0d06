"""Step 2, triage: understand, assess the severity, categorise, decide the scope, find duplicates (T1, T2)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team
from mainstay.customers import lookup
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.sla import severity as guide
from mainstay.tickets import agreement, circles, concerns, lifecycle, messages, resolve, severities, timers
from mainstay.tickets.events import changing, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Category, Clock, Event, Link, Participant, State, Step, Ticket
from mainstay.tickets.resolution import _waits

FACTS = (
    "customer_id", "contact_name", "contact_email", "contact_phone", "business_impact", "desired_severity",
    "related_tickets", "description", "steps", "frequency", "product_version", "environment", "debugging",
    "customer_reference", "since", "invoice", "use_case",
)  # fmt: skip


def triage(
    ticket: Ticket,
    *,
    severity: object,
    category: str,
    reason: str,
    by: Actor,
    at: datetime,
    assessment: dict[str, Any] | None = None,
) -> Event:
    """Decide severity and category, with the reason and the answers of the assessment guide.

    Re-reckons every clock when the severity changes (V2); a downgrade is told to the customer, who may object.
    Raises `Refused` naming severity, category or reason.
    """
    rank = severities.checked(severity)
    reason = messages.needs_text(reason, "reason")
    if category not in Category.values:
        raise Refused("category", f"is {category!r}; it may be {', '.join(Category.values)}")
    answers = guide.check_answers(assessment or {})
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        _categorise(fresh, category, reason, by=by, at=at)
        severities.allowed(rank, resolve.facts(fresh), before=fresh.severity)
        fresh.severity = rank
        fresh.assessment = answers or fresh.assessment
        fresh.team = _team_for(category) or fresh.team
        if fresh.emergency and fresh.emergency_seen_at is None:
            fresh.emergency_seen_at = at  # whoever triages has seen it
        if fresh.step in {Step.ACKNOWLEDGEMENT, Step.TRIAGE}:
            fresh.step = Step.RESOLUTION if fresh.assignee_id else Step.DISPATCH
        return record(
            fresh, "triaged", by=by, at=at, why=reason, more={"now_severity": rank, "category": category}
        )


def _categorise(fresh: Ticket, category: str, reason: str, *, by: Actor, at: datetime) -> None:
    """The kind of request decides rows of the policy: first set it was so from receipt; changed, from now on.

    The letter of the triage tells what is due, so this says nothing of its own.
    """
    first, fresh.category = not fresh.category, category
    agreement.apply(fresh, resolve.again(fresh), by=by, at=at, why=reason, correction=first, tell=False)


def change_severity(ticket: Ticket, *, severity: object, reason: str, by: Actor, at: datetime) -> Event:
    """Raise or lower the severity after triage, with the reason (V2)."""
    rank = severities.checked(severity)
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        if rank == fresh.severity:
            raise Refused("severity", f"is {rank} already")
        severities.allowed(rank, resolve.facts(fresh), before=fresh.severity)
        fresh.severity = rank
        concerns.settle(fresh, concerns.Kind.SEVERITY, by=by, at=at)
        return record(fresh, "severity_changed", by=by, at=at, why=reason)


def correct_fact(ticket: Ticket, *, name: str, value: str, by: Actor, at: datetime) -> Event:
    """Put a fact of R1 right by hand, or empty it. Where it was found is kept as what it was before (R2)."""
    if name not in FACTS:
        raise Refused("fact", f"{name!r} is not one of what a request holds")
    value = value.replace("\x00", "").strip()[:5000]
    with changing(ticket) as fresh:
        facts = dict(fresh.facts)
        if value:
            facts[name] = {"value": value, "source": f"filled in by {by.name}", "by": by.id}
        else:
            facts.pop(name, None)
        fresh.facts = facts
        if name == "customer_reference":
            fresh.customer_reference = value[:100]
        return record(fresh, "facts_corrected", by=by, at=at, more={"fact": name})


def complete_information(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Say that what is needed to start is there (a clock may start on this)."""
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        return record(fresh, "information_completed", by=by, at=at)


def ask_information(ticket: Ticket, *, names: Iterable[str], text: str, by: Actor, at: datetime) -> Event:
    """Ask for what is missing, once, in one message; the ticket waits for the customer (R3)."""
    asked = [name for name in names if name in FACTS]
    text = messages.needs_text(text)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "ask the customer")
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        fresh.facts = {**fresh.facts, "asked": sorted({*fresh.facts.get("asked", []), *asked})}
        _waits(fresh, State.WAITING_CUSTOMER, at, for_="the information we asked for")
        event = record(
            fresh,
            "information_requested",
            by=by,
            at=at,
            more={"asked": asked},
            detail={"message": message.pk},
        )
        timers.after_question(fresh, event)
        return event


def flag_emergency(
    ticket: Ticket, *, reasons: list[str], message: int | None, by: Actor, at: datetime
) -> Event | None:
    """What was said now reads like an emergency: whoever triages is told; the severity stays (I1).

    None where it says nothing new: the ticket is as grave as can be, or flagged and nobody has looked yet, or
    somebody has seen these very words.
    """
    gravest = int(severities.all_of_them()[0]["rank"])
    reasons = [reason[:300] for reason in reasons]
    with changing(ticket) as fresh:
        unseen = bool(fresh.emergency) and fresh.emergency_seen_at is None
        if not reasons or fresh.severity == gravest or unseen or fresh.emergency == reasons:
            return None
        fresh.emergency, fresh.emergency_seen_at = reasons, None
        return record(
            fresh, "emergency_flagged", by=by, at=at, detail={"reasons": reasons, "message": message}
        )


def see_emergency(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Somebody who triages has seen the flag."""
    with changing(ticket) as fresh:
        if not fresh.emergency:
            raise Refused("ticket", "is not flagged as an emergency")
        fresh.emergency_seen_at = at
        return record(fresh, "emergency_seen", by=by, at=at)


HOLDS_UP = "holds_up"
"""The kind of link that says from the other side what `Link.Kind.BLOCKS` says: the other ticket waits for this one."""


def link(ticket: Ticket, other: int, *, kind: str, by: Actor, at: datetime) -> Event:
    """Link another ticket of the same customer; a link across customers is refused (ATTACKS 46).

    `kind` blocks: this one waits for the other; holds_up: the other waits for this one.
    """
    if kind not in {*Link.Kind.values, HOLDS_UP}:
        raise Refused("kind", f"is {kind!r}; it may be {', '.join((*Link.Kind.values, HOLDS_UP))}")
    with changing(ticket) as fresh:
        target = Ticket.objects.filter(pk=other, customer=fresh.customer).exclude(pk=fresh.pk).first()
        if target is None:
            raise Refused("other", f"there is no other ticket {other} of this customer")
        first, second, stored = _ends(fresh.pk, target.pk, kind)
        if stored == Link.Kind.BLOCKS:
            circles.check(first, second, customer=fresh.customer_id)
        Link.objects.get_or_create(ticket_id=first, other_id=second, kind=stored)
        return record(fresh, "linked", by=by, at=at, more={"other": target.pk, "kind": kind})


def _ends(this: int, other: int, kind: str) -> tuple[int, int, str]:
    """A link as it is written: who waits first, else the smaller number."""
    if kind == Link.Kind.BLOCKS:
        return this, other, kind
    if kind == HOLDS_UP:
        return other, this, Link.Kind.BLOCKS
    return (*sorted((this, other)), kind)  # type: ignore[return-value]


def unlink(ticket: Ticket, other: int, *, by: Actor, at: datetime) -> Event:
    """Take a link away, whichever way it goes."""
    with changing(ticket) as fresh:
        pair = Q(ticket=fresh.pk, other=other) | Q(ticket=other, other=fresh.pk)
        gone, _ = Link.objects.filter(pair).delete()
        if not gone:
            raise Refused("other", f"is not linked: {other}")
        return record(fresh, "unlinked", by=by, at=at, more={"other": other})


def linked(ticket: Ticket) -> list[tuple[Ticket, str]]:
    """The tickets linked with this one, with the kind of link in words."""
    links = Link.objects.filter(Q(ticket=ticket) | Q(other=ticket)).select_related("ticket", "other")
    return [
        (one.other if one.ticket_id == ticket.pk else one.ticket, one.get_kind_display())
        for one in links.order_by("pk")
    ]


def likely_duplicates(ticket: Ticket, *, most: int = 5, known: Iterable[int] | None = None) -> list[Ticket]:
    """Recent tickets of the same customer whose subject shares words with this one's, likeliest first.

    Two shared words, or half of the shorter subject; the beginnings of words count, so that "refused" and
    "refuses" are one. Only the last 300 tickets are looked at, never a long history.
    """
    mine = _words(ticket.subject)
    if ticket.customer_id is None or not mine:
        return []
    recent = _RECENT.all(customer=ticket.customer_id)
    linked_already = {other.pk for other, _ in linked(ticket)} if known is None else set(known)
    found = [
        (shared / min(len(mine), len(theirs)), shared, number)
        for number, subject in recent
        if number not in linked_already
        and number != ticket.pk
        and (theirs := _words(subject))
        and (shared := len(mine & theirs)) >= min(2, len(mine), len(theirs))
    ]
    best = [number for share, _, number in sorted(found, reverse=True)[:most] if share >= 0.3]
    tickets = Ticket.objects.in_bulk(best) if best else {}
    return [tickets[number] for number in best]


_RECENT = Prepared[tuple[int, str]](
    lambda: (
        Ticket.objects.filter(customer=Arg("customer"))
        .order_by("-opened_at", "-id")
        .values_list("pk", "subject")[:300]
    )
)


def _words(subject: str) -> set[str]:
    """The beginnings of the words that say something."""
    plain = "".join(letter if letter.isalnum() else " " for letter in subject.casefold())
    return {word[:5] for word in plain.split() if len(word) > 3 or word.isdigit()}


def recognise(
    ticket: Ticket, *, customer: Customer, contact: Contact | None, reason: str, by: Actor, at: datetime
) -> Event:
    """Say late who the customer is: the right terms count from receipt (CLOCKS: a correction).

    Nothing of another customer's stays on the ticket: its environment goes, its people await approval.
    """
    reason = messages.needs_text(reason, "reason")
    if contact is not None and contact.customer_id != customer.pk:
        raise Refused("contact", f"{contact.name} is not a contact of {customer.name}")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        if fresh.environment is not None and fresh.environment.customer_id != customer.pk:
            fresh.environment = None
        was, fresh.customer = fresh.customer_id, customer
        entitled = resolve.anew(fresh)
        had = {(one.clock, one.n): one.due_at for one in Clock.objects.filter(ticket=fresh)}
        fresh.requester = contact or _person_of(customer, fresh.requester_address)
        if was is not None and was != customer.pk:
            _part_from(was, fresh)
        agreement.take(fresh, entitled)
        event = record(
            fresh, "customer_recognised", by=by, at=at, why=reason,
            more={"terms": fresh.terms_id, "correction": True},
        )  # fmt: skip
        agreement.carry(fresh, had, at)
        return event


def _person_of(customer: Customer, address: str) -> Contact | None:
    found = lookup.by_address(address)
    people = (found.contact, *found.others)
    return next((one for one in people if one is not None and one.customer_id == customer.pk), None)


def _part_from(was: int, fresh: Ticket) -> None:
    """Who took part as a person of the customer it was thought to be hears no more until approved."""
    assert fresh.customer is not None
    for one in Participant.objects.filter(ticket=fresh, accepted=True):
        found = lookup.by_address(one.address)
        theirs = one.contact_id is not None or (found.customer is not None and found.customer.pk == was)
        one.contact = _person_of(fresh.customer, one.address)
        asked = one.address == fresh.requester_address.lower()
        one.accepted = asked or one.contact is not None or not theirs
        one.save(update_fields=["contact", "accepted"])


def _team_for(category: str) -> Team | None:
    return Team.objects.filter(categories__contains=[category]).order_by("pk").first()
