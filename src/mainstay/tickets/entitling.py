"""A request that nothing covers, put before a person: serve it once, offer a package, or decline courteously (P1).

Each is a decision with its reason, told to the customer in words; the clocks run on as the ticket's terms say.
"""

from __future__ import annotations

from datetime import datetime

from mainstay.accounts.actor import Actor
from mainstay.allowances import decisions
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.tickets import lifecycle, messages, timers
from mainstay.tickets.closure import _end
from mainstay.tickets.events import changing, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import CloseReason, Event, State, Ticket
from mainstay.tickets.resolution import _waits


def serve_once(ticket: Ticket, *, text: str, reason: str, by: Actor, at: datetime) -> Event:
    """Take it up this once, as a courtesy. The words go to the customer and are an answer. The terms stay what
    they are: nothing becomes a promise by it. Raises `Refused` naming ticket, reason or message."""
    reason, text = messages.needs_text(reason, "reason"), messages.needs_text(text)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "reply")
        decisions.decide(fresh, "serve", reason, by=by, at=at)
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        return record(fresh, "served_once", by=by, at=at, why=reason, detail={"message": message.pk})


def offer_package(ticket: Ticket, *, package: str, text: str, reason: str, by: Actor, at: datetime) -> Event:
    """Offer a package that would cover it; the ticket waits for the customer, is reminded and closes by itself.

    Raises `Refused` naming ticket, code (no such package), reason or message.
    """
    reason, text = messages.needs_text(reason, "reason"), messages.needs_text(text)
    offered = publish.current(Package, package)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "ask the customer")
        decisions.decide(fresh, "offer", reason, by=by, at=at)
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        _waits(fresh, State.WAITING_CUSTOMER, at, for_="your answer to our offer")
        event = record(
            fresh, "package_offered", by=by, at=at, why=reason, more={"package": offered.code},
            detail={"message": message.pk, "name": offered.name},
        )  # fmt: skip
        timers.after_question(fresh, event)
        return event


def decline(ticket: Ticket, *, text: str, reason: str, by: Actor, at: datetime) -> Event:
    """Say courteously that it is not covered, and close. A reply brings it back, and before a person again."""
    reason, text = messages.needs_text(reason, "reason"), messages.needs_text(text)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "close")
        decisions.decide(fresh, "decline", reason, by=by, at=at)
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        detail: dict[str, object] = {"message": message.pk}
        return _end(
            fresh, CloseReason.NOT_ENTITLED, by=by, at=at, why=reason, more={"words": True}, detail=detail
        )
