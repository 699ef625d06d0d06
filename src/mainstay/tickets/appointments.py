"""Appointments: a time agreed with the customer, moved, cancelled, and another one asked for (D1, T3).

Each change is an event with all that a calendar has to know, so that the file that goes with the letter is made of the
event alone; the number of the change is raised with each (RFC 5545, SEQUENCE).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.prepared import Arg
from mainstay.tickets.events import changing, record, whole
from mainstay.tickets.models import Appointment, Attendee, Event, Participant, State, Ticket

SHORTEST, LONGEST = 5, 24 * 60  # minutes
AHEAD = timedelta(days=366)
MOST = 20  # people of each side


@dataclass(frozen=True)
class Plan:
    """What is agreed: when (an instant) and for how long, what for, where, and who takes part of both sides."""

    kind: str
    starts_at: datetime
    minutes: int
    about: str
    place: str = ""
    staff: tuple[User, ...] = ()
    contacts: tuple[Contact, ...] = ()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


# ---- verbs


def agree(ticket: Ticket, plan: Plan, *, by: Actor, at: datetime, anyway: bool = False) -> Event:
    """A new appointment. `anyway`: they know that somebody has another one then. Raises `Refused` naming the field."""
    plan = _checked(plan, at)
    with changing(ticket) as fresh:
        if fresh.state == State.CLOSED:
            raise Refused("ticket", _("is closed; reopen it first"))
        _of_the_customer(fresh, plan)
        _free(plan, None, anyway)
        made = Appointment.objects.create(
            ticket=fresh, uid=_uid(fresh), kind=plan.kind, about=plan.about, place=plan.place,
            starts_at=plan.starts_at, ends_at=plan.ends_at,
        )  # fmt: skip
        _attend(made, plan, fresh, at)
        return _record(made, "appointment_agreed", fresh, by=by, at=at)


def move(
    appointment: Appointment, plan: Plan, *, reason: str, by: Actor, at: datetime, anyway: bool = False
) -> Event:
    """Another time, place, matter or other people; the customer is told the reason."""
    plan, reason = _checked(plan, at), _one_line(reason, 500, "reason")
    with changing(appointment.ticket_id) as fresh:
        held = _standing(appointment, at)
        _of_the_customer(fresh, plan)
        was, before = held.starts_at, _said(held)
        _free(plan, held, anyway)
        held.kind, held.about, held.place = plan.kind, plan.about, plan.place
        held.starts_at, held.ends_at = plan.starts_at, plan.ends_at
        gone = _attend(held, plan, fresh, at)
        if before == _said(held) and not held.wish:
            raise Refused("start", _("is as it was, and so is everything else; change something first"))
        held.sequence, held.wish, held.wish_by = held.sequence + 1, "", ""
        held.save()
        more = {"was": was.isoformat(), "left": gone}
        return _record(held, "appointment_moved", fresh, by=by, at=at, why=reason, more=more)


def cancel(appointment: Appointment, *, reason: str, by: Actor, at: datetime) -> Event:
    """It will not be; the customer is told the reason."""
    reason = _one_line(reason, 500, "reason")
    if not reason:
        raise Refused("reason", _("is missing; say why, the customer reads it"))
    with changing(appointment.ticket_id) as fresh:
        return _cancel(_standing(appointment, at), fresh, by=by, at=at, why=reason)


def cancel_coming(ticket: Ticket, *, by: Actor, at: datetime) -> None:
    """What has not begun goes with its ticket, which is about to be closed; everybody who takes part is told why.

    Within `changing(ticket)`. Opening the ticket again brings none back: people have made other plans.
    """
    for held in coming(ticket, at).select_for_update(of=("self",)):
        _cancel(held, ticket, by=by, at=at, more={"with": "closed"})


def _cancel(
    held: Appointment,
    ticket: Ticket,
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    more: dict[str, Any] | None = None,
) -> Event:
    held.state, held.sequence = Appointment.State.CANCELLED, held.sequence + 1
    held.wish = held.wish_by = ""
    held.save(update_fields=["state", "sequence", "wish", "wish_by"])
    return _record(held, "appointment_cancelled", ticket, by=by, at=at, why=why, more=more)


def ask_for_another_time(appointment: Appointment, *, text: str, by: Actor, at: datetime) -> Event:
    """The customer says that it does not suit them, and what would; it stands until somebody of ours moves it."""
    text = text.replace("\x00", "").strip()
    if not text or len(text) > 2000:
        raise Refused("wish", _("must say which times suit you, in at most 2,000 characters"))
    with changing(appointment.ticket_id) as fresh:
        held = _standing(appointment, at)
        held.wish, held.wish_by = text, by.name[:200]
        held.save(update_fields=["wish", "wish_by"])
        return _record(held, "appointment_wished", fresh, by=by, at=at, why=text)


# ---- reading


def coming(ticket: Ticket, at: datetime) -> QuerySet[Appointment]:
    """What is agreed on a ticket and has not begun, the next first."""
    found = Appointment.objects.filter(ticket=ticket, state=Appointment.State.AGREED, starts_at__gt=at)
    return found.order_by("starts_at", "pk")


def last_end(ticket: Ticket, at: datetime) -> datetime | None:
    """When the last appointment of a ticket that is not over ends; None where there is none."""
    found = Appointment.objects.filter(ticket=ticket, state=Appointment.State.AGREED, ends_at__gt=at)
    last: datetime | None = found.aggregate(last=Max("ends_at"))["last"]
    return last


def of(user: User | Arg, *, since: datetime | Arg, until: datetime | Arg) -> QuerySet[Appointment]:
    """What somebody of ours takes part in and is not over, the next first."""
    found = Appointment.objects.filter(attendees__user=user, state=Appointment.State.AGREED)
    return found.filter(ends_at__gt=since, starts_at__lt=until).select_related("ticket__customer")


# ---- what they share


def _checked(plan: Plan, at: datetime) -> Plan:
    start = whole(plan.starts_at)
    if plan.kind not in Appointment.Kind.values:
        raise Refused("kind", _("is not chosen; a call, a remote session or a visit"))
    if not SHORTEST <= plan.minutes <= LONGEST:
        raise Refused("minutes", _("must be %(least)s to %(most)s") % {"least": SHORTEST, "most": LONGEST})
    if start <= at:
        raise Refused("start", _("lies in the past; choose a time to come"))
    if start > at + AHEAD:
        raise Refused("start", _("lies more than a year ahead; choose an earlier time"))
    if not plan.staff:
        raise Refused("staff", _("is missing; choose who of us takes part"))
    if len(plan.staff) > MOST or len(plan.contacts) > MOST:
        raise Refused("staff", _("are too many; at most %(most)s of each side") % {"most": MOST})
    about = _one_line(plan.about, 200, "about")
    if not about:
        raise Refused("about", _("is missing; say in one line what it is about"))
    place = _one_line(plan.place, 500, "place")
    return Plan(plan.kind, start, plan.minutes, about, place, plan.staff, plan.contacts)


def _one_line(text: str, most: int, field: str) -> str:
    said = " ".join(text.replace("\x00", "").split())
    if len(said) > most:
        raise Refused(field, _("is longer than %(most)s characters") % {"most": most})
    return said


def _of_the_customer(ticket: Ticket, plan: Plan) -> None:
    for one in plan.contacts:
        if one.customer_id != ticket.customer_id or one.ended_at is not None:
            raise Refused("contact", _("%(name)s is nobody of this customer") % {"name": one.name})


def _free(plan: Plan, besides: Appointment | None, anyway: bool) -> None:
    """Whether everybody is free then. Raises `Refused` naming anyway and who is not.

    Whoever agrees with somebody waits for who is agreeing with them at the same time, and sees that appointment.
    """
    _one_at_a_time(plan)
    if anyway:
        return
    theirs = Q(user__in=plan.staff) | Q(contact__in=plan.contacts)
    same = Q(appointment__starts_at__lt=plan.ends_at, appointment__ends_at__gt=plan.starts_at)
    found = Attendee.objects.filter(theirs, same, appointment__state=Appointment.State.AGREED)
    if besides is not None:
        found = found.exclude(appointment=besides)
    busy = (
        found.select_related("appointment", "user", "contact")
        .order_by("appointment__starts_at", "pk")
        .first()
    )
    if busy is not None:
        said = {"name": _name(busy), "number": busy.appointment.ticket_id}
        raise Refused(
            "anyway",
            _(
                "%(name)s has another appointment then, on %(number)s; choose another time, or say that you know"
            )
            % said,
        )


def _one_at_a_time(plan: Plan) -> None:
    """Lock the rows of all who take part, of ours first and each in order, so that no two wait for each other.
    What only refers to these people (a reply, a task) does not wait."""
    for people in (User.objects.filter(pk__in=[one.pk for one in plan.staff]),
                   Contact.objects.filter(pk__in=[one.pk for one in plan.contacts])):  # fmt: skip
        list(people.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _standing(appointment: Appointment, at: datetime) -> Appointment:
    held = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
    if held.state != Appointment.State.AGREED:
        raise Refused("appointment", _("was cancelled already"))
    if held.ends_at <= at:
        raise Refused("appointment", _("is over; agree another one"))
    return held


def _attend(held: Appointment, plan: Plan, ticket: Ticket, at: datetime) -> list[int]:
    """Exactly these people take part; contacts among them hear of the ticket. Gives those of us who do no longer."""
    known = {one.user_id or -(one.contact_id or 0): one for one in held.attendees.all()}
    wanted = {one.pk: one for one in plan.staff} | {-one.pk: one for one in plan.contacts}
    gone = [number for number in known if number not in wanted]
    Attendee.objects.filter(pk__in=[known[number].pk for number in gone]).delete()
    Attendee.objects.bulk_create(
        Attendee(appointment=held, **({"user": who} if isinstance(who, User) else {"contact": who}))
        for number, who in wanted.items()
        if number not in known
    )
    _hear(ticket, plan.contacts, at)
    return [number for number in gone if number > 0]


def _hear(ticket: Ticket, contacts: Iterable[Contact], at: datetime) -> None:
    """Who takes part hears of the ticket, from now on; whoever waited to be let in is."""
    for one in contacts:
        if one.pk == ticket.requester_id:
            continue
        own = {"contact": one, "name": one.name, "since": at}
        found, new = Participant.objects.get_or_create(ticket=ticket, address=one.email.lower(), defaults=own)
        if not new and not found.accepted:
            found.contact, found.name, found.since, found.accepted = one, one.name, at, True
            found.save()


def _uid(ticket: Ticket) -> str:
    """The same appointment is the same in every calendar, whatever becomes of it."""
    return f"appointment-{ticket.pk}-{ticket.last_seq + 1}@{settings.SUPPORT_ADDRESS.rpartition('@')[2]}"


def _name(one: Attendee) -> str:
    return one.user.name if one.user is not None else one.contact.name if one.contact is not None else ""


def _people(held: Appointment) -> list[Attendee]:
    return list(Attendee.objects.filter(appointment=held).select_related("user", "contact").order_by("pk"))


def _said(held: Appointment) -> dict[str, Any]:
    """What a change is a change of."""
    return {
        "kind": held.kind, "about": held.about, "place": held.place, "starts_at": held.starts_at,
        "ends_at": held.ends_at, "people": [(one.user_id, one.contact_id) for one in _people(held)],
    }  # fmt: skip


def _record(
    held: Appointment,
    kind: str,
    ticket: Ticket,
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    more: dict[str, Any] | None = None,
) -> Event:
    people = _people(held)
    ours = next((one.user.time_zone for one in people if one.user is not None), "") or "UTC"
    facts = {
        "appointment": held.pk, "uid": held.uid, "sequence": held.sequence, "what": held.kind,
        "starts_at": held.starts_at.isoformat(), "ends_at": held.ends_at.isoformat(), "our_zone": ours,
        "staff": [one.user_id for one in people if one.user_id is not None],
    }  # fmt: skip
    detail = {
        "about": held.about,
        "place": held.place,
        "people": [[_name(one), one.user.email if one.user else one.contact.email if one.contact else ""]
                   for one in people],
    }  # fmt: skip
    return record(ticket, kind, by=by, at=at, why=why, more={**facts, **(more or {})}, detail=detail)
