"""The only doors to tickets for pages: what one may not see does not exist (404)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject, Now
from django.http import Http404
from django.utils import timezone

from mainstay.accounts import standing_in
from mainstay.accounts.models import User
from mainstay.customers import notes
from mainstay.customers.models import Contact
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import scanning
from mainstay.tickets.listed import Listed
from mainstay.tickets.models import Attachment, Concern, Message, Participant, State, Ticket

CONCERN = ("pk", "kind", "text", "by_name", "at", "due_at")
WITH = ("customer", "requester", "assignee", "level", "contract", "team", "environment")


def visible_to_staff(user: User) -> QuerySet[Ticket]:
    """Every member of staff sees every ticket."""
    return Ticket.objects.select_related(*WITH) if user.is_staff_member else Ticket.objects.none()


AT_ONCE = ("customer__tam", "requester", "assignee", "level", "contract")


def for_staff(user: User, number: int) -> Ticket:
    """One ticket for staff, as `staff_rows` has it; Http404 otherwise."""
    return seen(user, _FOR_STAFF, number)


def seen(user: User, one: Prepared[Ticket], number: int) -> Ticket:
    """The ticket of a statement made out of `staff_rows`; Http404 for all others than staff, or without one."""
    ticket = one.first(user=user.pk, number=number, at=timezone.now()) if user.is_staff_member else None
    if ticket is None:
        raise Http404
    return ticket


def staff_rows() -> QuerySet[Ticket]:
    """Ticket `number` for `user` at the instant `at` (`Arg`s). In the same statement: what is pinned about its
    customer (`pinned_notes`), what waits for an answer (`open_concerns`: the fields of `CONCERN`, instants as text),
    and whether this reader stands in for the TAM (`reader_stands_in`).

    Read with what every page of a ticket shows. What few tickets have (team, system, common cause) is read when it is
    asked for: PostgreSQL takes ten times as long to plan the join of all ten tables (7 ms) as to read it.
    """
    pinned = ArraySubquery(notes.pinned(OuterRef("customer")))
    instead = standing_in.at_work(Arg.instant("at")).filter(
        stand_in=Arg("user"), person=OuterRef("customer__tam")
    )
    held = Concern.objects.filter(ticket=OuterRef("pk"), answered_at=None).order_by("due_at", "pk")
    waiting = ArraySubquery(held.values(said=JSONObject(**{name: name for name in CONCERN})))
    found = Ticket.objects.select_related(*AT_ONCE).filter(pk=Arg("number"))
    return found.annotate(pinned_notes=pinned, open_concerns=waiting, reader_stands_in=Exists(instead))


_FOR_STAFF = Prepared(staff_rows)


@dataclass(frozen=True)
class Seer:
    """A person at one of their customers, and what they see there: the `whole`, what their `team` asked, their own.
    In a statement that is kept, `Arg`s stand for the numbers and the team."""

    contact: int | Arg
    customer: int | Arg
    whole: bool = False
    team: str | Arg = ""

    @classmethod
    def of(cls, contact: Contact) -> Seer:
        team = contact.team if contact.sees == Contact.Sees.TEAM else ""
        return cls(contact.pk, contact.customer_id, sees_whole(contact), team)


def visible_to_contact(contacts: Iterable[Contact]) -> QuerySet[Ticket]:
    """A person's own tickets, those they take part in, and all of the customers whose tickets they may see."""
    return seen_by([Seer.of(contact) for contact in contacts]).select_related(*WITH)


def seen_by(seers: Sequence[Seer]) -> QuerySet[Ticket]:
    """The same tickets, of a person by what they see at each of their customers."""
    customers = {one.customer for one in seers}
    found = Ticket.objects.filter(
        Q(customer=customers.pop()) if len(customers) == 1 else Q(customer__in=customers)
    )
    if {one.customer for one in seers if one.whole} != {one.customer for one in seers}:
        found = found.filter(reduce(or_, map(_own, seers)))
    return found.exclude(close_reason="spam")  # who sees all of their customers' asks nothing more


def _own(one: Seer) -> Q:
    joined = Participant.objects.filter(contact=one.contact, accepted=True).values("ticket")
    own = Q(requester=one.contact) | Q(pk__in=joined)
    if one.team:
        own |= Q(requester__customer=one.customer, requester__team=one.team)
    return own | Q(customer=one.customer) if one.whole else own


def before(found: QuerySet[Ticket], number: int) -> QuerySet[Ticket]:
    """The page that follows ticket `number` among those seen, newest first (keyset)."""
    opened = found.filter(pk=number).values_list("opened_at", flat=True).first()
    if opened is None:
        return found.filter(pk__lt=number)
    return found.filter(opened_at__lte=opened).filter(Q(opened_at__lt=opened) | Q(pk__lt=number))


def reads_from(contacts: Iterable[Contact], ticket: Ticket) -> datetime | None:
    """Since when this person may read the ticket; None: from its beginning.

    Who was copied in later has what is said from then on, never the history (docs/mail.md); the requester and
    those who see all of the customer's tickets have the whole. Ask for tickets that they see.
    """
    here = [one for one in contacts if one.customer_id == ticket.customer_id]
    if any(sees_whole(one) or one.pk == ticket.requester_id or _of_team(one, ticket) for one in here):
        return None
    part = Participant.objects.filter(ticket=ticket, contact__in=here, accepted=True)
    since = part.order_by("since").values_list("since", flat=True).first()
    return since.replace(microsecond=0) if since and since > ticket.opened_at else None


def sees_whole(contact: Contact) -> bool:
    """Whether a person sees every ticket of their customer."""
    return contact.is_admin or contact.sees == Contact.Sees.ALL or contact.customer.shares_tickets


def _of_team(contact: Contact, ticket: Ticket) -> bool:
    """Whether a person sees the ticket because somebody of their team asked (LESSON 35)."""
    if contact.sees != Contact.Sees.TEAM or not contact.team or ticket.requester is None:
        return False
    return ticket.requester.customer_id == contact.customer_id and ticket.requester.team == contact.team


def conversation(
    ticket: Ticket | Arg, *, inside: bool, since: datetime | Arg | None = None
) -> QuerySet[Message]:
    """The messages in order, all or those `since`; notes, and what may still be taken back, only for those inside."""
    files = Prefetch("attachments", scanning.with_scans(Attachment.objects.all()))
    found = Message.objects.filter(ticket=ticket).prefetch_related(files)
    found = found if since is None else found.filter(at__gte=since)
    return found if inside else found.exclude(kind=Message.Kind.NOTE).exclude(out_at__gt=Now())


def attachment_for(request_user: User, contacts: Iterable[Contact], number: int) -> Attachment:
    """A file that this person may download; Http404 otherwise."""
    found = Attachment.objects.select_related("message").filter(pk=number).first()
    if found is None:
        raise Http404
    if request_user.is_staff_member:
        return found
    contacts = list(contacts)
    ticket = visible_to_contact(contacts).filter(pk=found.message.ticket_id).first()
    if ticket is None:
        raise Http404
    since = reads_from(contacts, ticket)
    if found.message.kind == Message.Kind.NOTE or (since is not None and found.message.at < since):
        raise Http404
    return found


QUEUE_ORDER = ("queue_at", "-level_rank", "severity", "opened_at", "pk")


def queue(user: User, **only: Any) -> QuerySet[Ticket]:
    """Open tickets in the one order; `only` are column conditions chosen by the page."""
    return open_in_order().filter(**only) if user.is_staff_member else Ticket.objects.none()


def open_in_order() -> QuerySet[Ticket]:
    """The same for a door that has let staff in already."""
    return Ticket.objects.select_related(*WITH).exclude(state=State.CLOSED).order_by(*QUEUE_ORDER)


def after(found: QuerySet[Ticket], last: Ticket | Listed) -> QuerySet[Ticket]:
    """The page of the queue that follows `last` (keyset): work does not grow with how far one has paged."""
    tie = _tie(last, ("lt", "gt", "gt", "gt"))
    return found.filter(queue_at__gte=last.queue_at).filter(Q(queue_at__gt=last.queue_at) | tie)


def ahead_of(found: QuerySet[Ticket], first: Ticket | Listed) -> QuerySet[Ticket]:
    """The part of the queue that stands before `first`, the other half of `after`."""
    tie = _tie(first, ("gt", "lt", "lt", "lt"))
    return found.filter(queue_at__lte=first.queue_at).filter(Q(queue_at__lt=first.queue_at) | tie)


def _tie(one: Ticket | Listed, sides: Sequence[str]) -> Q:
    """What stands on these sides of `one` among the tickets of its instant: by level, severity, age, number."""
    found, same = Q(), Q()
    for name, side in zip(("level_rank", "severity", "opened_at", "pk"), sides, strict=True):
        value = getattr(one, name)
        found |= same & Q((f"{name}__{side}", value))
        same &= Q((name, value))
    return found
