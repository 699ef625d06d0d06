"""Complaints about no request: to the managers and the TAM at once, with a number, a time and an answer (T3).

They are rows of `Concern` beside those about requests. Nobody's log of a ticket tells of them, so the mails are
written by the verbs themselves, in their transaction.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.contracts import terms
from mainstay.contracts.entitlement import entitlement_at
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused
from mainstay.notices import house, recipients, words
from mainstay.notices.edited import say
from mainstay.notices.letter import Button
from mainstay.notices.models import Delivery
from mainstay.prepared import Arg, Prepared
from mainstay.sla import hours
from mainstay.sla.targets import parse_target, seconds_at
from mainstay.tickets import concerns, messages
from mainstay.tickets.models import Concern
from mainstay.tickets.scope import seeing

MOST, MOST_LATE = 20, 100


def complain(contact: Contact, *, text: str, at: datetime) -> Concern:
    """Somebody of a customer complains about no request. They are told its number and until when it is answered.

    Raises `Refused` on reason when it is empty, and on concern while an earlier one of theirs waits.
    """
    said = messages.needs_text(text, "reason")
    customer = contact.customer
    subject = f"{contact.name} of {customer.name} complains"
    with transaction.atomic(), seeing(None):
        made = _made(contact, said, at)
        acts.record("complaint made", _named(made), by=Actor.contact(contact.pk, contact.name), at=at)
        told = house.to_staff(
            _hear(customer), f"{made.number}: {subject}", _to_ours(made), template="complaint", at=at
        )
        Delivery.objects.bulk_create([_to_them(made, contact, "complaint", at), *told])
    return made


def _made(contact: Contact, text: str, at: datetime) -> Concern:
    try:
        with transaction.atomic():
            return Concern.objects.create(
                customer=contact.customer, kind=Concern.Kind.COMPLAINT, text=text, by=contact, by_name=contact.name,
                at=at, due_at=_due(contact.customer, at),
            )  # fmt: skip
    except IntegrityError:
        raise Refused("concern", _("waits for its answer already; we have not forgotten it")) from None


def _named(held: Concern) -> str:
    return f"{held.number}, {held.customer}"


def _due(customer: Customer, at: datetime) -> datetime:
    """Counted in the customer's business hours."""
    says = terms.parse(entitlement_at(customer, at, keep=False).terms.text)
    target, begun = parse_target(concerns.WITHIN[Concern.Kind.COMPLAINT]), hours.instant(at)
    return hours.at(says.business.add(begun, seconds_at(target, begun, says.business)))


def _hear(customer: Customer) -> list[User]:
    """The managers (else administrators), and the TAM."""
    leading = recipients.holding(Role.MANAGER) or recipients.holding(Role.ADMINISTRATOR)
    tam = customer.tam
    return [*leading, *([tam] if tam is not None and tam.may_act else [])]


def _to_ours(held: Concern) -> str:
    page = f"{settings.BASE_URL}{reverse('desk:concerns')}#c{held.pk}"
    return f"{held.text}\n\nIt waits for the answer of a manager: {page}\n"


def _to_them(held: Concern, contact: Contact, name: str, at: datetime) -> Delivery:
    zone = words.zone_of(contact.customer.time_zone)
    with house.writing(house.language_of(contact)):
        due = words.moment(held.due_at, zone, now=at)
        values = {"complaint": held.number, "name": words.one_line(contact.name, 150), "due": due}
        made = house.letter(name, values)
        made.said_by, made.said = say("you_wrote"), held.text
        if held.answered_at is not None:
            made.said_by, made.said = say("writes", name=words.one_line(held.answered_name)), held.answer
        made.buttons = [Button(say("see_organisation"), house.ours()["organisation"] + "#complaints")]
        return house.mail(made, contact, template=name, at=at)


def may_answer(held: Concern, user: User) -> bool:
    """A manager, who is not the customer's TAM unless there is no other."""
    if not user.may_act or not user.has_role(Role.MANAGER):
        return False
    tam = held.customer.tam_id if held.customer else None
    return user.pk != tam or not concerns.other_managers(user)


def answer(held: Concern, *, text: str, by: Actor, at: datetime) -> Concern:
    """A manager answers in words, which whoever complained is told. Raises `Refused`: answered already, not theirs."""
    text = messages.needs_text(text)
    with transaction.atomic():
        fresh = Concern.objects.select_for_update(of=("self",)).select_related("customer").get(pk=held.pk)
        if fresh.answered_at is not None:
            raise Refused("concern", _("was answered already by %(name)s") % {"name": fresh.answered_name})
        if not may_answer(fresh, User.objects.get(pk=by.id or 0)):
            raise Refused("concern", "is for a manager who does not look after the customer")
        fresh.answered_at, fresh.answered_by_id, fresh.answered_name, fresh.answer = at, by.id, by.name, text
        fresh.save(update_fields=["answered_at", "answered_by", "answered_name", "answer"])
        acts.record("complaint answered", _named(fresh), by=by, at=at)
        contact = Contact.objects.select_related("customer", "user").filter(pk=fresh.by_id or 0).first()
        if contact is not None:
            _to_them(fresh, contact, "complaint_answered", at).save()
    return fresh


def tell_late(at: datetime) -> int:
    """Each that is late is told to those who lead, once; how many were."""
    late = Concern.objects.filter(answered_at=None, late_told_at=None, due_at__lt=at, customer__isnull=False)
    return sum(
        _tell_late(one, at) for one in late.order_by("due_at").values_list("pk", flat=True)[:MOST_LATE]
    )


def _tell_late(number: int, at: datetime) -> int:
    with transaction.atomic():
        held = Concern.objects.filter(pk=number, answered_at=None, late_told_at=None)
        one = held.select_for_update(of=("self",), skip_locked=True).select_related("customer__tam").first()
        if one is None or one.customer is None:
            return 0
        one.late_told_at = at
        one.save(update_fields=["late_told_at"])
        subject = f"The complaint {one.number} of {one.customer.name} is not answered in time"
        told = house.to_staff(_hear(one.customer), subject, _to_ours(one), template="complaint", at=at)
        Delivery.objects.bulk_create(told)
    return 1


def of(contact: Contact) -> list[Concern]:
    """What this person complained of, the newest first."""
    return _OF.all(customer=contact.customer_id, contact=contact.pk)


_OF = Prepared(
    lambda: Concern.objects.filter(customer=Arg("customer"), by=Arg("contact")).order_by("-pk")[:MOST]
)
