"""Concerns about a request: an escalation asked for, an objection to the severity, a complaint (T3, V2).

An escalation goes to the TAM, or to the managers where there is none; an objection to those who triage; a complaint
to the managers, never to the person who has the ticket alone (`notices.complaints` has those about no request). Each
has a time of our own within which somebody answers, counted in the customer's business hours; a late one is told to
the managers.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.contracts import terms
from mainstay.errors import Refused
from mainstay.sla import hours
from mainstay.sla.targets import parse_target, seconds_at
from mainstay.tickets import lifecycle, messages
from mainstay.tickets.events import changing, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Concern, Event, Ticket

Kind = Concern.Kind
WITHIN = {Kind.ESCALATION: "1h", Kind.SEVERITY: "4h", Kind.COMPLAINT: "2bd"}
"""Ours to change: nothing of a contract depends on it."""
MOST_LATE = 100


def concern(ticket: Ticket, *, kind: str, text: str, by: Actor, at: datetime) -> Concern:
    """Somebody of the customer asks for an escalation, objects to the severity or complains, with the reason.

    Once at a time for each kind: `Refused` on concern while one waits for its answer. A complaint may also be
    about a closed ticket.
    """
    text = messages.needs_text(text, "reason")
    if kind not in Kind.values:
        raise Refused("concern", _("must be an escalation, the severity or a complaint"))
    with changing(ticket) as fresh:
        if kind != Kind.COMPLAINT:
            lifecycle.check(fresh.state, "escalate")
        if open_on(fresh).filter(kind=kind).exists():
            raise Refused("concern", _("waits for its answer already; we have not forgotten it"))
        made = Concern.objects.create(
            ticket=fresh, kind=kind, text=text, by_id=by.id, by_name=by.name, at=at,
            due_at=_due(fresh, at, WITHIN[Kind(kind)]),
        )  # fmt: skip
        record(
            fresh,
            "concern_raised",
            by=by,
            at=at,
            why=text,
            more={"concern": kind},
            detail={"concern": made.pk},
        )
        return made


def _due(ticket: Ticket, at: datetime, target: str) -> datetime:
    """Counted in the hours in which the ticket's severity is answered; those of business for two days and more."""
    if not ticket.terms_id:
        return at + timedelta(days=2)
    says, wanted, begun = terms.load(ticket.terms_id), parse_target(target), hours.instant(at)
    row = says.row("first_response", ticket.severity) if wanted.unit == "s" else None
    calendar = row.calendar if row else says.business
    return hours.at(calendar.add(begun, seconds_at(wanted, begun, calendar)))


def answer(held: Concern, *, text: str, by: Actor, at: datetime) -> Event:
    """Somebody of ours answers in words, which the customer is told. A complaint: not whom it may be about."""
    text = messages.needs_text(text)
    assert held.ticket is not None
    with changing(held.ticket) as fresh:
        again = Concern.objects.select_for_update(of=("self",)).get(pk=held.pk)
        if again.answered_at is not None:
            raise Refused("concern", _("was answered already by %(name)s") % {"name": again.answered_name})
        if not may_answer(again, fresh, User.objects.get(pk=by.id or 0)):
            raise Refused("concern", "is for a manager who does not work on the ticket")
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        _answered([again], by, at, text)
        return record(
            fresh, "concern_answered", by=by, at=at, more={"concern": again.kind},
            detail={"message": message.pk, "concern": again.pk},
        )  # fmt: skip


def may_answer(held: Concern, ticket: Ticket, user: User) -> bool:
    """Whoever may act; a complaint only a manager, and not the one who has the ticket unless there is no other."""
    if not user.may_act:
        return False
    if held.kind != Kind.COMPLAINT:
        return True
    return user.has_role(Role.MANAGER) and (user.pk != ticket.assignee_id or not other_managers(user))


def other_managers(user: User) -> bool:
    """Whether somebody else leads here."""
    leading = User.objects.filter(is_active=True, roles__overlap=[Role.MANAGER, Role.ADMINISTRATOR])
    return leading.exclude(pk=user.pk).exists()


def settle(fresh: Ticket, kind: str, *, by: Actor, at: datetime) -> None:
    """What was asked for was decided by the act itself: within the verb that does it, on a locked ticket."""
    if by.kind == "staff":
        _answered(list(open_on(fresh).filter(kind=kind)), by, at, "")


def _answered(held: list[Concern], by: Actor, at: datetime, text: str) -> None:
    for one in held:
        one.answered_at, one.answered_by_id, one.answered_name, one.answer = at, by.id, by.name, text
        one.save(update_fields=["answered_at", "answered_by", "answered_name", "answer"])


def open_on(ticket: Ticket) -> QuerySet[Concern]:
    """Those of a ticket that wait for an answer."""
    return Concern.objects.filter(ticket=ticket, answered_at=None)


def tell_late(at: datetime) -> int:
    """Each concern that is late is told to the managers, once; how many were."""
    late = Concern.objects.filter(answered_at=None, late_told_at=None, due_at__lt=at, ticket__isnull=False)
    late = late.order_by("due_at")
    return sum(_tell_late(one, at) for one in late.values_list("pk", flat=True)[:MOST_LATE])


def _tell_late(number: int, at: datetime) -> int:
    with transaction.atomic():
        held = Concern.objects.filter(pk=number, answered_at=None, late_told_at=None)
        one = held.select_for_update(of=("self",), skip_locked=True).first()
        if one is None or one.ticket_id is None:
            return 0
        with changing(one.ticket_id) as fresh:
            one.late_told_at = at
            one.save(update_fields=["late_told_at"])
            record(
                fresh,
                "concern_late",
                by=Actor.system(),
                at=at,
                more={"concern": one.kind},
                detail={"concern": one.pk},
            )
    return 1
