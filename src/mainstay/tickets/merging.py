"""Two requests that are one: merged into each other and taken apart again. And one that is two: split.

What was promised survives. Of each promise that runs on both tickets the earlier due instant stands, by a value
agreed for this one ticket that counts from receipt; the graver severity stands; words of the customer that nobody
answered are unanswered on the ticket that stays. Taking apart is an event as well: the fold leaves out what the
merge had done, so both tickets' clocks are what they would be had nobody merged them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mainstay.accounts.actor import Actor
from mainstay.contracts import terms
from mainstay.errors import Refused
from mainstay.tickets import (
    agreement,
    clocks,
    events,
    files,
    lifecycle,
    messages,
    resolve,
    timers,
    withdrawal,
)
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.events import changing, changing_all, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, CloseReason, Event, Link, Message, Participant, State, Step, Ticket
from mainstay.tickets.resolution import Reply, _working, customers_replied

ASKED = {"first_response", "next_response"}
LIVE = ("running", "paused")


def merge(ticket: Ticket, into: int, *, reason: str, by: Actor, at: datetime) -> Event:
    """Merge `ticket` into another open ticket of the same customer; what is said on it lands there from now on.

    Raises `Refused` naming other or reason. Never across customers (ATTACKS 46).
    """
    reason = messages.needs_text(reason, "reason")
    target = Ticket.objects.filter(pk=into).first()
    if target is None or ticket.customer_id is None or target.customer_id != ticket.customer_id:
        raise Refused("other", f"there is no other ticket {into} of this customer")
    if target.pk == ticket.pk:
        raise Refused("other", "is this very ticket; name the one it shall be part of")
    with changing_all([ticket, target]) as (old, new):
        lifecycle.check(old.state, "close")
        if new.merged_into_id is not None:
            raise Refused("other", f"{into} is part of {new.merged_into_id} itself; merge into that one")
        if new.state == State.CLOSED:
            raise Refused("other", f"{into} is closed; reopen it first, or merge the other way round")
        rows = list(Clock.objects.filter(ticket=old, state__in=LIVE))
        taken = _take_in(old, new, rows, reason, by=by, at=at)
        agreed = _earliest_stands(old, new, rows, by=by, at=at)
        old.merged_into = new
        _close(old, at)
        return record(
            old, "closed", by=by, at=at, why=reason,
            more={"reason": str(CloseReason.DUPLICATE), "into": new.pk, "taken": taken.seq,
                  "agreed": agreed.seq if agreed else None},
        )  # fmt: skip


def _close(old: Ticket, at: datetime) -> None:
    old.state, old.state_since, old.step = State.CLOSED, at, Step.CLOSURE
    old.closed_at, old.close_reason = at, CloseReason.DUPLICATE
    old.waiting_for, old.waiting_until, old.scheduled_for = "", None, None
    timers.clear(old)


def _take_in(
    old: Ticket, new: Ticket, rows: Sequence[Clock], reason: str, *, by: Actor, at: datetime
) -> Event:
    """The event on the ticket that stays: severity, people, and words that wait for an answer."""
    unanswered = any(row.clock in ASKED for row in rows)
    new.severity = min(old.severity, new.severity)
    if unanswered and new.state in {State.WAITING_CUSTOMER, State.PROPOSED}:
        _working(new, at)
    known = set(Participant.objects.filter(ticket=new).values_list("address", flat=True))
    theirs = Participant.objects.filter(ticket=old, accepted=True).exclude(address__in=known)
    joined = Participant.objects.bulk_create(
        Participant(ticket=new, contact_id=one.contact_id, address=one.address, name=one.name, since=at)
        for one in theirs
    )
    return record(
        new, "merged_in", by=by, at=at, why=reason, more={"other": old.pk, "words": unanswered},
        detail={"subject": old.subject, "joined": [one.pk for one in joined]}, tell=False,
    )  # fmt: skip


# ---- the earliest promise


def _earliest_stands(
    old: Ticket, new: Ticket, rows: Sequence[Clock], *, by: Actor, at: datetime
) -> Event | None:
    """Agree, for this ticket alone, what brings each running promise to the earlier of both due instants."""
    events.remember(new)
    owed = {row.clock: row.due_at for row in rows if row.kind == "promise" and row.due_at is not None}
    here = {row.clock: row for row in Clock.objects.filter(ticket=new, state="running")}
    if "first_response" in owed and "first_response" not in here:  # there somebody has answered already
        first = owed.pop("first_response")
        owed["next_response"] = min(first, owed.get("next_response", first))
    later = {
        clock: due
        for clock, due in owed.items()
        if clock in here and (mine := here[clock].due_at) is not None and due < mine
    }
    found = {clock: _brought_to(here[clock], new, due, at) for clock, due in later.items()}
    if not found or new.terms_id is None:
        return None
    new.agreed = {**new.agreed, **found}
    why = f"Request {old.pk} was merged in; of each promise the earlier due instant stands"
    return agreement.apply(new, resolve.again(new), by=by, at=at, why=why, correction=True, tell=False)


def _brought_to(row: Clock, new: Ticket, due: datetime, at: datetime) -> dict[str, Any]:
    """The target that, counted from the clock's start, is used up at `due`: at least a second."""
    calendar = terms.load(new.terms_id).calendars[row.calendar]
    used = row.used + (calendar.elapsed_between(row.as_of, at) if at > row.as_of else 0)
    rest = calendar.elapsed_between(at, due) if due > at else -calendar.elapsed_between(due, at)
    return {
        "target": f"{max(used + rest, 1)}s",
        "calendar": row.calendar,
        "severities": [str(new.severity)],
    }


# ---- apart again


def unmerge(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Take a merged ticket out again: it stands as before the merge, and so does the other while nothing moved it."""
    if ticket.merged_into is None:
        raise Refused("ticket", "is not part of another one")
    with changing_all([ticket, ticket.merged_into]) as (old, new):
        if old.merged_into_id != new.pk:
            raise Refused("ticket", "was taken out meanwhile")
        closed = _merge_of(old)
        _give_up(new, closed, by=by, at=at)
        withdrawal.restore(old, closed)
        old.closed_at = None
        Clock.objects.filter(ticket=old).delete()
        return record(old, "unmerged", by=by, at=at, more={"withdrawn": closed.seq, "from": new.pk})


def _merge_of(old: Ticket) -> Event:
    told = Event.objects.filter(ticket=old, kind="closed", after__has_key="into").select_related("text")
    return told.latest("seq")


def _give_up(new: Ticket, closed: Event, *, by: Actor, at: datetime) -> None:
    """The other ticket: what the merge had done to it is undone, unless its clocks have moved since."""
    taken = Event.objects.select_related("text").get(ticket=new, seq=closed.after["taken"])
    agreed = Event.objects.filter(ticket=new, seq=closed.after["agreed"] or 0).select_related("text").first()
    done = [event for event in (agreed, taken) if event is not None]
    since = Event.objects.filter(ticket=new, seq__gt=taken.seq, kind__in=clocks.NAMES)
    gone: list[int] = []
    if not since.exclude(seq__in=[event.seq for event in done]).exists():
        gone = [event.seq for event in done]
        for event in done:
            withdrawal.restore(new, event)
        Clock.objects.filter(ticket=new).delete()
    Participant.objects.filter(ticket=new, pk__in=taken.text.detail.get("joined", [])).delete()
    record(
        new, "taken_apart", by=by, at=at, tell=False,
        more={"other": closed.ticket_id, **({"withdrawn": gone} if gone else {})},
    )  # fmt: skip


# ---- one that is two


def split(
    ticket: Ticket, *, named: Sequence[int], subject: str, reason: str, by: Actor, at: datetime
) -> Ticket:
    """Make a request of its own out of words of the customer; it was received when they were said.

    The words stay where they were, too, and say where they went on. Merging it back undoes it.
    Raises `Refused` naming messages, subject or reason.
    """
    reason = messages.needs_text(reason, "reason")
    theirs = Message.objects.filter(ticket=ticket, kind=Message.Kind.IN).order_by("at", "id")
    chosen = [one for one in theirs.prefetch_related("attachments") if one.pk in set(named)]
    if not chosen or len(chosen) < len(set(named)):
        raise Refused("messages", "are not chosen; choose what the customer said and what is another request")
    if theirs.count() == len(chosen):
        raise Refused("messages", "are all that the customer said; leave what this ticket is about")
    first, *rest = chosen
    asked = Request(
        subject=subject, said=_said(first), customer=ticket.customer,
        contact=first.author_contact or ticket.requester, address=first.author_address or ticket.requester_address,
        name=first.author_name, environment=ticket.environment, category=ticket.category,
        language=ticket.language, team=ticket.team,
    )  # fmt: skip
    with changing(ticket) as old:
        fresh = open_ticket(asked, by=_author(first), at=first.at)
        for one in rest:
            customers_replied([Reply(fresh, _said(one), _author(one), one.at)])
        Link.objects.create(ticket=old, other=fresh, kind=Link.Kind.RELATED)
        record(old, "split_off", by=by, at=at, why=reason, more={"other": fresh.pk, "messages": list(named)})
    with changing(fresh) as new:
        record(new, "split_from", by=by, at=at, why=reason, more={"other": ticket.pk}, tell=False)
    return fresh


def _said(one: Message) -> Said:
    uploads = tuple(
        files.Upload(file.name, file.content_type, files.where(file.sha256).read_bytes(), file.content_id)
        for file in one.attachments.all()
    )
    return Said(
        one.text, one.channel, full_text=one.full_text, html=one.html, attachments=uploads,
        address=one.author_address, authenticated=one.authenticated, authenticated_why=one.authenticated_why,
    )  # fmt: skip


def _author(one: Message) -> Actor:
    if one.author_contact_id is not None:
        return Actor.contact(one.author_contact_id, one.author_name)
    return Actor.unknown(one.author_name)


def standing(ticket: Ticket) -> Ticket:
    """The ticket itself, or the one that it is part of by now."""
    seen = {ticket.pk}
    while ticket.merged_into is not None and ticket.merged_into_id not in seen:
        ticket = ticket.merged_into
        seen.add(ticket.pk)
    return ticket


def parts(ticket: Ticket) -> list[int]:
    """The numbers of the tickets that are part of this one, and of those that are part of them."""
    found: list[int] = []
    level = [ticket.pk]
    while level:
        level = list(
            Ticket.objects.filter(merged_into__in=level).exclude(pk__in=found).values_list("pk", flat=True)
        )
        found += level
    return found
