"""A ticket goes to another person, with what they need, and they say that they have it (T2).

Who is given a ticket has it at once, so that it is never nobody's; accepting says that they know. What is not
accepted within the time that the desk policy states is told to those who lead, once, by the watch.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.catalogue.publish import current_desk_policy
from mainstay.errors import Refused
from mainstay.staffing.duty import duty
from mainstay.staffing.models import Engineer
from mainstay.tickets import lifecycle, messages
from mainstay.tickets.dispatch import works_on_it
from mainstay.tickets.events import changing, record, whole
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Handover, ShiftHandover, State, Ticket

MINUTES: Final = {1: 15, 2: 60}  # to accept within, where the desk policy says nothing
REST: Final = 240
MOST: Final = 200  # tickets of a shift
AHEAD: Final = timedelta(days=3)  # somebody who is not on duty before then is not waited for


# ---- verbs


def hand_over(
    ticket: Ticket, *, to: User, note: str, by: Actor, at: datetime, shift: ShiftHandover | None = None
) -> Event:
    """Pass the ticket on with the words the next person needs (T2); they accept it, or give it back."""
    note = messages.needs_text(note, "note")
    if not to.may_act:
        raise Refused("engineer", f"{to.name} cannot work on tickets")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "assign")
        if fresh.assignee_id == to.pk:
            raise Refused("engineer", f"{to.name} has this ticket already")
        message = messages.write(fresh, "note", Said(note, "desk"), by=by, at=at)
        fresh.assignee = to
        fresh.assigned_because = [f"handed over by {by.name}"]
        works_on_it(fresh)
        until = accept_by(fresh, to, at)
        event = record(
            fresh, "handed_over", by=by, at=at, why=note, more={"accept_by": until.isoformat()},
            detail={"to": to.name, "message": message.pk},
        )  # fmt: skip
        _ask(fresh, event, to, until, message.pk, shift)
        return event


def hand_over_shift(
    tickets: Sequence[tuple[Ticket, str]], *, to: User, note: str, until: datetime, by: Actor, at: datetime
) -> ShiftHandover:
    """Pass on several tickets at once, each with its own words, and words for the whole shift until `until`.

    All of them or none. Raises `Refused` where there is nothing to give, or nobody to give it to.
    """
    note = note.replace("\x00", "").strip()
    if not tickets and not note:
        raise Refused("ticket", "none is chosen and nothing is said; choose what the next person takes over")
    if len(tickets) > MOST:
        raise Refused("ticket", f"at most {MOST} at once")
    if by.kind != "staff" or by.id is None or by.id == to.pk:
        raise Refused("engineer", "must be somebody else than who hands over")
    if len(note) > 20_000:
        raise Refused("note", "must be at most 20,000 characters")
    with transaction.atomic():
        shift = ShiftHandover.objects.create(
            given_by_id=by.id, to=to, given_at=whole(at), until=until, note=note
        )
        for ticket, words in sorted(tickets, key=lambda pair: pair[0].pk):
            said = words.strip() or _("Handed over with the shift.")
            hand_over(ticket, to=to, note=said, by=by, at=at, shift=shift)
    return shift


def accept(handover: Handover, *, by: Actor, at: datetime) -> Event:
    """The person it was given to has it and knows what there is to know."""
    with changing(handover.ticket_id) as fresh:
        held = _waiting(handover, fresh, by)
        _end(held, Handover.State.ACCEPTED, at)
        return record(fresh, "handover_accepted", by=by, at=at)


def decline(handover: Handover, *, reason: str, by: Actor, at: datetime) -> Event:
    """It goes back to who gave it, who is told why; where they are gone, nobody has it and dispatch looks again."""
    reason = messages.needs_text(reason, "reason")[:1000]
    with changing(handover.ticket_id) as fresh:
        held = _waiting(handover, fresh, by)
        back = held.given_by if held.given_by is not None and held.given_by.may_act else None
        _end(held, Handover.State.DECLINED, at)
        fresh.assignee = back
        fresh.assigned_because = [f"given back by {by.name}"] if back else []
        to = back.name if back else ""
        return record(fresh, "handover_declined", by=by, at=at, why=reason, detail={"to": to})


def look(number: int, *, by: Actor, at: datetime) -> bool:
    """What became of a handover that was to be accepted by now: taken up, overtaken, or told to those who lead."""
    held = Handover.objects.filter(pk=number).first()
    if held is None:
        return False
    with changing(held.ticket_id) as fresh:
        held = Handover.objects.select_for_update().get(pk=number)
        if held.look_at is None or held.look_at > at or held.state != Handover.State.WAITING:
            return False
        if fresh.assignee_id != held.to_id or fresh.state == State.CLOSED:
            _end(held, Handover.State.MOOT, at)
        elif _worked_on(held):
            _end(held, Handover.State.ACCEPTED, at)
            record(fresh, "handover_accepted", by=by, at=at, more={"by_working": True},
                   detail={"to": held.to.name})  # fmt: skip
        else:
            held.look_at, held.told_at = None, whole(at)
            held.save(update_fields=["look_at", "told_at"])
            record(fresh, "handover_unaccepted", by=by, at=at, detail={"to": held.to.name})
    return True


# ---- reading


def accept_by(ticket: Ticket, to: User, at: datetime) -> datetime:
    """Until when it has to be accepted: so many minutes for its severity from when the person is on duty.

    Severity 1 waits for nobody's morning.
    """
    listed = current_desk_policy().document.get("accept_within_minutes", {})
    minutes = listed.get(str(ticket.severity), MINUTES.get(ticket.severity, REST))
    start = at
    if ticket.severity != 1:
        engineer = Engineer.objects.filter(user=to).select_related("user").first()
        stands = duty(engineer, at) if engineer else None
        if stands is not None and stands.next is not None and stands.next - at <= AHEAD:
            start = max(at, stands.next)
    return whole(start + timedelta(minutes=int(minutes)))


def waiting() -> QuerySet[Handover]:
    """Handovers that nobody has accepted and that still stand, what has to be accepted first at the top."""
    found = Handover.objects.filter(state=Handover.State.WAITING, ticket__assignee=F("to"))
    related = ("ticket__customer", "ticket__level", "given_by", "to", "shift", "message")
    return found.exclude(ticket__state=State.CLOSED).select_related(*related).order_by("accept_by", "pk")


def due(at: datetime, most: int) -> list[Handover]:
    """What the watch has to look at. One probe of a partial index."""
    return list(Handover.objects.filter(look_at__lte=at).order_by("look_at").only("ticket_id")[:most])


# ---- what they share


def _ask(
    fresh: Ticket, event: Event, to: User, until: datetime, message: int, shift: ShiftHandover | None
) -> None:
    """Wait for their word; whoever takes a ticket themselves has given it."""
    Handover.objects.filter(ticket=fresh, state=Handover.State.WAITING).update(
        state=Handover.State.MOOT, ended_at=event.at, look_at=None
    )
    taken = event.by_kind == "staff" and event.by_id == to.pk
    Handover.objects.create(
        ticket=fresh, shift=shift, given_by_id=event.by_id if event.by_kind == "staff" else None, to=to,
        message_id=message, given_at=event.at, given_seq=event.seq, accept_by=until,
        look_at=None if taken else until, ended_at=event.at if taken else None,
        state=Handover.State.ACCEPTED if taken else Handover.State.WAITING,
    )  # fmt: skip


def _waiting(handover: Handover, fresh: Ticket, by: Actor) -> Handover:
    """The row, locked behind its ticket; refused when it is not theirs, or over."""
    held = Handover.objects.select_for_update(of=("self",)).select_related("given_by").get(pk=handover.pk)
    if by.kind != "staff" or by.id != held.to_id:
        raise Refused("handover", "is for somebody else to accept")
    if held.state != Handover.State.WAITING:
        raise Refused("handover", f"is {held.get_state_display()}")
    if fresh.state == State.CLOSED or fresh.assignee_id != held.to_id:
        raise Refused("handover", f"is {Handover.State.MOOT.label}")
    return held


def _end(held: Handover, state: str, at: datetime) -> None:
    held.state, held.ended_at, held.look_at = state, whole(at), None
    held.save(update_fields=["state", "ended_at", "look_at"])


def _worked_on(held: Handover) -> bool:
    """Whether the person has done something on the ticket since: they have it, whatever they pressed."""
    since = Event.objects.filter(ticket=held.ticket_id, seq__gt=held.given_seq)
    return since.filter(by_kind="staff", by_id=held.to_id).exists()
