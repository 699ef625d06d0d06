"""Each event as a sentence: one for staff, one for customers (T2, T3).

The words are in `staff_sentences`, `customer_sentences`, `spoken` and `names`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mainstay.tickets.customer_sentences import CUSTOMER, OUR_WORDS, SAY_WHY
from mainstay.tickets.models import Event, EventText
from mainstay.tickets.names import FACTS, back_because, called, reached
from mainstay.tickets.spoken import Words, speaks_english
from mainstay.tickets.staff_sentences import STAFF

__all__ = [
    "CUSTOMER", "FACTS", "STAFF", "Told", "back_because", "called", "reached", "told", "told_customer",
]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One event for people: when, the sentence, the reason given, the message it carries (its id)."""

    seq: int
    kind: str
    at: datetime
    sentence: str
    why: str
    message: int | None


def told(event: Event, *, zone: str) -> Told:
    """For staff: everything, with who did it; times in `zone`."""
    text = getattr(event, "text", None) or EventText()
    by = text.by_name or ("a contact" if event.by_kind == "contact" else "Mainstay")
    words = Words(event, text, by, zone)
    says = STAFF.get(event.kind)
    sentence = says(words) if says else event.kind.replace("_", " ")
    return Told(event.seq, event.kind, event.at, sentence, text.why, (text.detail or {}).get("message"))


def told_customer(event: Event, *, zone: str) -> Told | None:
    """For the customer: what matters to them, in plain words; None for what is ours alone."""
    text = getattr(event, "text", None) or EventText()
    words = Words(event, text, text.by_name, zone)
    says = CUSTOMER.get(event.kind)
    sentence = says(words) if says else None
    if sentence is None:
        return None
    says_why = event.kind in SAY_WHY and (event.kind not in OUR_WORDS or speaks_english())
    why = text.why if says_why else ""
    return Told(event.seq, event.kind, event.at, sentence, why, (text.detail or {}).get("message"))
