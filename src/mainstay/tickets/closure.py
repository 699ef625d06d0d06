"""Step 5, closure: each way a ticket ends, and how it comes back (C1)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.contracts import terms
from mainstay.errors import Refused
from mainstay.tickets import appointments, lifecycle, messages, timers
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.events import changing, record
from mainstay.tickets.left_open import knowingly
from mainstay.tickets.messages import Said
from mainstay.tickets.models import CloseReason, Event, State, Step, Ticket
from mainstay.tickets.resolution import _working

BY_STAFF = (
    CloseReason.RESOLVED,
    CloseReason.NO_INFORMATION,
    CloseReason.OUT_OF_SCOPE,
    CloseReason.DUPLICATE,
    CloseReason.SPAM,
)
UNASKED = {CloseReason.DUPLICATE, CloseReason.SPAM}  # nothing is called done


def close(ticket: Ticket, *, reason: str, text: str, by: Actor, at: datetime, left_open: str = "") -> Event:
    """An engineer closes: as resolved with the solution in words, or for another reason, said too.

    `left_open`: why open tasks stay open; of duplicates and spam nobody asks.
    """
    if reason not in BY_STAFF:
        raise Refused("reason", f"is {reason!r}; it may be {', '.join(BY_STAFF)}")
    silent = reason == CloseReason.SPAM
    text = text.strip() if silent else messages.needs_text(text)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "close")
        detail: dict[str, object] = {} if reason in UNASKED else knowingly(fresh, left_open)
        if text and not silent:
            detail["message"] = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at).pk
        return _end(
            fresh, reason, by=by, at=at, more={"words": True} if "message" in detail else {}, detail=detail
        )


def accept(ticket: Ticket, *, by: Actor, at: datetime, offer: int = 0) -> Event:
    """The customer accepts the proposed solution, by its button or link.

    `offer`: the event (seq) whose mail is answered; an offer that another one followed is refused.
    """
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "accept")
        _still_offered(fresh, offer)
        return _end(fresh, CloseReason.RESOLVED, by=by, at=at, more={"accepted": True})


def refuse(
    ticket: Ticket, *, text: str, by: Actor, at: datetime, channel: str = "portal", offer: int = 0
) -> Event:
    """The customer says "not solved", with or without words (LESSON 37). `offer` as for `accept`."""
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "refuse")
        _still_offered(fresh, offer)
        detail: dict[str, object] = {}
        if text.strip():
            said = Said(messages.needs_text(text), channel)
            detail["message"] = messages.write(fresh, "in", said, by=by, at=at).pk
        _working(fresh, at)
        return record(fresh, "solution_rejected", by=by, at=at, more={"words": bool(detail)}, detail=detail)


def _still_offered(fresh: Ticket, offer: int) -> None:
    newer = Event.objects.filter(ticket=fresh, kind="solution_proposed", seq__gt=offer)
    if offer and newer.exists():
        raise Refused("link", _("is about an earlier solution; answer to the one in our newest mail"))


def close_by_customer(
    ticket: Ticket, *, text: str, by: Actor, at: datetime, channel: str = "portal"
) -> Event:
    """The customer no longer needs it, or gives up: unresolved."""
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "close")
        detail: dict[str, object] = {}
        if text.strip():
            said = Said(messages.needs_text(text), channel)
            detail["message"] = messages.write(fresh, "in", said, by=by, at=at).pk
        return _end(fresh, CloseReason.CLOSED_BY_CUSTOMER, by=by, at=at, why=text.strip(), detail=detail)


def close_by_itself(ticket: Ticket, *, at: datetime) -> Event | None:
    """Nobody answered in time. Never while the ball is with us (LESSON 30): then nothing happens.

    Nor while somebody's answer is held and nobody has looked at it: then it waits for another business day. Nor
    before an appointment is over: what was agreed with people is not undone by a timer.
    """
    reasons = {
        State.PROPOSED: CloseReason.NO_ANSWER,
        State.WAITING_CUSTOMER: CloseReason.NO_INFORMATION,
    }
    with changing(ticket) as fresh:
        reason = reasons.get(State(fresh.state))
        if reason is None:
            timers.clear(fresh)
            return None
        if fresh.mails.filter(state="held").exists():
            timers.put_off_closing(fresh, at=at)
            return None
        if (meeting := appointments.last_end(fresh, at)) is not None:
            timers.put_off_closing(fresh, at=meeting)
            return None
        return _end(fresh, reason, by=Actor.system(), at=at)


def remind(ticket: Ticket, *, at: datetime) -> Event | None:
    """Ask again before closing by itself, while the customer's answer is still awaited."""
    with changing(ticket) as fresh:
        if fresh.state not in {State.PROPOSED, State.WAITING_CUSTOMER}:
            return None
        closes = timers.closes_at(fresh)
        return record(
            fresh, "reminded", by=Actor.system(), at=at,
            more={"closes_at": closes.isoformat() if closes else ""},
        )  # fmt: skip


def reopens(ticket: Ticket, *, at: datetime, channel: str = "") -> bool:
    """Whether a reply now reopens the closed ticket (inside the window) or starts a follow-up (after it, or by a
    channel that the terms do not let reopen)."""
    if ticket.closed_at is None or at > timers.window_ends(ticket):
        return False
    only = terms.load(ticket.terms_id).document.get("reopen_channels") if ticket.terms_id else None
    return not (only and channel and channel not in only)


def reopen(ticket: Ticket, *, said: Said | None, by: Actor, at: datetime, reason: str = "") -> Event:
    """Back to work: by the customer's reply, by one click after mere thanks, or by us with a reason."""
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "reopen")
        if fresh.merged_into_id is not None:
            raise Refused("ticket", f"is part of {fresh.merged_into_id}; go on there, or take it out first")
        detail: dict[str, object] = {}
        if said is not None:
            messages.needs_text(said.text or ("(attachment)" if said.attachments else ""))
            detail["message"] = messages.write(fresh, "in", said, by=by, at=at).pk
        fresh.closed_at, fresh.close_reason = None, ""
        fresh.step = Step.RESOLUTION if fresh.assignee_id else Step.DISPATCH
        _working(fresh, at)
        return record(
            fresh, "reopened", by=by, at=at, why=reason, more={"words": said is not None}, detail=detail
        )


def thank(ticket: Ticket, *, said: Said, by: Actor, at: datetime) -> Event:
    """Mere thanks on a closed ticket: kept, opens nothing; one click reopens (LESSON 7)."""
    with changing(ticket) as fresh:
        message = messages.write(fresh, "in", said, by=by, at=at)
        return record(fresh, "thanked", by=by, at=at, detail={"message": message.pk})


def follow_up(ticket: Ticket, request: Request, *, by: Actor, at: datetime) -> Ticket:
    """A reply after the window: a new ticket that names the old one."""
    fresh = open_ticket(request, by=by, at=at)
    with changing(ticket) as old:
        record(old, "followed_up", by=Actor.system(), at=at, more={"by_ticket": fresh.pk})
    return fresh


UNDONE_WITHIN = timedelta(minutes=10)
BY_THEMSELVES = ("received", "acknowledged", "acknowledgement_withheld", "nobody_suitable")


def start_follow_up(ticket: Ticket, *, subject: str, text: str, by: Actor, at: datetime) -> Ticket:
    """We begin a new ticket that goes on from a closed one; the customer is told as of any request."""
    text = messages.needs_text(text)
    if ticket.state != State.CLOSED or ticket.merged_into_id is not None:
        raise Refused("ticket", "is not closed for itself; only what follows a closed ticket is a follow-up")
    request = Request(
        subject=subject.strip() or ticket.subject, said=Said(text, "desk"), customer=ticket.customer,
        contact=ticket.requester, address=ticket.requester_address, name=ticket.requester_name,
        environment=ticket.environment, category=ticket.category, customer_reference=ticket.customer_reference,
        language=ticket.language, our_address=ticket.our_address, follows=ticket,
        withhold_answer="" if ticket.requester or ticket.requester_address else "no address is known",
    )  # fmt: skip
    with transaction.atomic():
        fresh = open_ticket(request, by=by, at=at)
        with changing(ticket) as old:
            record(old, "followed_up", by=by, at=at, more={"by_ticket": fresh.pk})
    return fresh


def may_take_back(ticket: Ticket, *, by: int, at: datetime) -> bool:
    """Whether this follow-up was begun by that member of staff a moment ago, and nobody went on with it."""
    if ticket.follows_id is None or ticket.state == State.CLOSED or at > ticket.opened_at + UNDONE_WITHIN:
        return False
    log = Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", "by_kind", "by_id")[:9]
    kinds = list(log)
    begun = bool(kinds) and kinds[0][1:] == ("staff", by)
    return begun and len(kinds) < 9 and all(kind in BY_THEMSELVES for kind, *_who in kinds)


def take_back_follow_up(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """It was begun by mistake: closed, and nothing of the closed ticket any more. Refused once somebody went on."""
    with changing(ticket) as fresh:
        number = fresh.follows_id
        if by.id is None or number is None or not may_take_back(fresh, by=by.id, at=at):
            raise Refused("ticket", "cannot be taken back any more; close it, or merge it with another one")
        fresh.follows = None
        event = _end(fresh, CloseReason.DUPLICATE, by=by, at=at, why="taken back")
        with changing(number) as old:
            record(old, "follow_up_taken_back", by=by, at=at, more={"by_ticket": fresh.pk})
    return event


def _end(
    fresh: Ticket,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    more: dict[str, object] | None = None,
    detail: dict[str, object] | None = None,
) -> Event:
    appointments.cancel_coming(fresh, by=by, at=at)
    fresh.state, fresh.state_since, fresh.step = State.CLOSED, at, Step.CLOSURE
    fresh.closed_at, fresh.close_reason = at, reason
    fresh.waiting_for, fresh.waiting_until, fresh.scheduled_for = "", None, None
    timers.clear(fresh)
    facts = {"reason": str(reason), **(more or {})}
    if fresh.root_cause.get("told"):
        facts["root_cause_told"] = True  # the report that closing makes due has been given already
    return record(fresh, "closed", by=by, at=at, why=why, more=facts, detail=detail)
