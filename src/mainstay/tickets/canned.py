"""Answers that are written once and used often, with places that the ticket fills.

A place is `{{name}}`. Only the names below are filled, each once over the text as it was written, so that nothing a
customer wrote is ever a place itself; whatever else stands in braces is printed as it stands (ATTACKS 40).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as later

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.tickets import messages
from mainstay.tickets.models import CannedAnswer, Category, Ticket

PLACES = {
    "contact": later("the name of who asked"),
    "first_name": later("their first name"),
    "customer": later("the customer's name"),
    "number": later("the ticket's number"),
    "subject": later("its subject"),
    "severity": later("its severity"),
    "reference": later("the customer's own reference"),
    "system": later("the system it is about"),
    "release": later("the release that the request names"),
    "me": later("your name"),
}
_PLACE = re.compile(r"\{\{ *([a-z_]{1,20}) *\}\}")
LONGEST = 20_000


def fill(text: str, ticket: Ticket, user: User) -> str:
    """The answer for a ticket. A place that nothing is known for stays, so that whoever sends it sees it."""
    known = _values(ticket, user)
    return _PLACE.sub(lambda place: known.get(place[1], "") or place[0], text)


def _values(ticket: Ticket, user: User) -> Mapping[str, str]:
    name = ticket.requester.name if ticket.requester else ticket.requester_name
    name = "" if "@" in name else name
    said = ticket.facts.get("product_version")
    return {
        "contact": name,
        "first_name": name.split()[0] if name else "",
        "customer": ticket.customer.name if ticket.customer else "",
        "number": str(ticket.pk),
        "subject": ticket.subject,
        "severity": str(ticket.severity),
        "reference": ticket.customer_reference,
        "system": ticket.environment.name if ticket.environment else "",
        "release": str(said.get("value", "")) if isinstance(said, dict) else "",
        "me": user.name,
    }


def unknown(text: str) -> list[str]:
    """Places in a text that no ticket fills: most likely misspelt."""
    return sorted({name for name in _PLACE.findall(text) if name not in PLACES})


def offered(ticket: Ticket) -> QuerySet[CannedAnswer]:
    """Those for a ticket's language and kind, those in its language first."""
    language = ticket.language or (ticket.customer.language if ticket.customer else "") or "en"
    found = CannedAnswer.objects.filter(retired_at=None, language__in=["", language])
    return found.filter(Q(category="") | Q(category=ticket.category)).order_by("title", "-language", "id")


def write(
    *,
    title: str,
    language: str,
    category: str,
    text: str,
    by: Actor,
    at: datetime,
    answer: CannedAnswer | None = None,
) -> CannedAnswer:
    """Write an answer, or write one anew. Raises `Refused` naming title, language, category or text."""
    title, text = messages.needs_text(title, "title"), messages.needs_text(text, "text")
    if len(title) > 100:
        raise Refused("title", "is longer than 100 characters")
    if len(text) > LONGEST:
        raise Refused("text", f"is longer than {LONGEST} characters")
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,4})?", language) and language:
        raise Refused("language", f"is {language[:20]!r}; a code such as en or de, or nothing for all")
    if category and category not in Category.values:
        raise Refused("category", f"is {category[:20]!r}; it may be {', '.join(Category.values)}")
    said: dict[str, Any] = {"title": title, "language": language, "category": category, "text": text}
    with transaction.atomic():
        before = {name: getattr(answer, name) for name in said} if answer else {}
        made = answer or CannedAnswer()
        for name, value in said.items():
            setattr(made, name, value)
        made.save()
        acts.record(
            "canned answer written", title, by=by, at=at, before=before, after=said, about=f"canned {made.pk}"
        )
    return made


def retire(answer: CannedAnswer, *, by: Actor, at: datetime) -> None:
    """Nobody is offered it any more, or is again."""
    with transaction.atomic():
        answer.retired_at = None if answer.retired_at else at
        answer.save(update_fields=["retired_at"])
        kind = "canned answer retired" if answer.retired_at else "canned answer offered again"
        acts.record(kind, answer.title, by=by, at=at, about=f"canned {answer.pk}")
