"""Articles that an acknowledgement offers: found for many requests at once, and counted as shown (I3).

Offered is what is likely to answer, to somebody whom we know, for a request by mail that presses nobody: whoever
reports an outage, or wrote in the portal with the same articles beside the form, is not sent reading. The whole
process sees everything, so who may read what is asked of `knowledge.access` for each (ATTACKS 51).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mainstay.catalogue.remembered import once
from mainstay.customers.models import Customer
from mainstay.knowledge import access, looks, suggest
from mainstay.knowledge.models import Entry
from mainstay.knowledge.search import Hit, Question
from mainstay.tickets.models import Channel, Event, Message, Ticket

WORDS = 2_000  # characters of a request that are looked at


def found(events: Sequence[Event], asked: dict[int, tuple[Ticket, Message | None]]) -> dict[int, list[Hit]]:
    """For each ticket that is being acknowledged what may answer it; two statements or so for all of them.

    `asked`: the tickets with the message that each began with.
    """
    wanted = [event for event in events if event.kind == "acknowledged" and event.ticket_id in asked]
    questions = {
        event.ticket_id: question
        for event in wanted
        if (question := _question(*asked[event.ticket_id], event.at)) is not None
    }
    if not questions or not Entry.objects.exists():
        return {}
    hits = suggest.for_mails(list(questions.values()))
    return dict(zip(questions, hits, strict=True))


def _question(ticket: Ticket, message: Message | None, at: datetime) -> Question | None:
    if message is None or ticket.customer is None or ticket.requester_id is None:
        return None
    if ticket.channel != Channel.EMAIL or ticket.severity == 1 or ticket.emergency:
        return None
    proved = message.authenticated in {"", "pass"}
    audiences = _audiences(ticket.customer, at) if proved else access.OPEN
    version = ticket.facts.get("product_version")
    return Question(
        message.text[:WORDS], audiences, title=ticket.subject[:300],
        languages=tuple(one for one in (ticket.language, ticket.customer.language, "en") if one),
        product=ticket.environment.product_id if ticket.environment else None,
        version=str(version.get("value", ""))[:200] if isinstance(version, dict) else "",
    )  # fmt: skip


def _audiences(customer: Customer, at: datetime) -> access.Audiences:
    return once(("audiences", customer.pk, at.date()), lambda: access.of_customer(customer, at))


def published() -> int:
    """How many articles anybody may read; asked once for all letters of a transaction."""
    return once(
        "public articles",
        lambda: Entry.objects.filter(audience__in=access.OPEN).values("article").distinct().count(),
    )


def record(offered: dict[int, tuple[Ticket, list[Hit]]], at: datetime) -> None:
    """Within the transaction of the letters: what they offer was shown."""
    looks.offer_all(
        (
            looks.Offer(
                number,
                ticket.environment.product_id if ticket.environment else None,
                [hit.entry for hit in hits],
            )
            for number, (ticket, hits) in offered.items()
        ),
        at=at,
    )
