"""Notes about a customer, among ourselves: written, pinned, put away and taken back out.

A pinned note stands on the customer's page and beside each of their tickets. No customer ever sees one. Every verb
writes an act into the log of the organisation, without the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers.models import Customer, CustomerNote
from mainstay.errors import Refused

KIND = "note about a customer"
LONGEST = 2000
PINNED = 5
"""So many stand beside every ticket, and no more: what is pinned has to be read."""


def write_note(customer: Customer, *, text: str, pinned: bool, by: Actor, at: datetime) -> CustomerNote:
    """Words about a customer. Raises `Refused` on note where there are none, or too many are pinned."""
    text = text.replace("\x00", "").strip()
    if not text or len(text) > LONGEST:
        raise Refused("note", f"must say something, in at most {LONGEST:,} characters")
    with transaction.atomic():
        _room(customer, pinned)
        made = CustomerNote.objects.create(
            customer=customer, text=text, pinned=pinned, by_id=by.id, by_name=by.name[:200], at=at
        )
        acts.record(KIND, _what(made), by=by, at=at, after={"pinned": pinned})
    return made


def pin_note(note: CustomerNote, *, pinned: bool, by: Actor, at: datetime) -> CustomerNote:
    """Whether a note stands beside each ticket of the customer."""
    with transaction.atomic():
        held = _locked(note)
        if held.removed_at is not None:
            raise Refused("note", "was put away; bring it back first")
        if held.pinned != pinned:
            _room(held.customer, pinned)
            _record(held, "pinned", pinned, by, at)
            held.pinned = pinned
            held.save(update_fields=["pinned"])
    return held


def put_away(note: CustomerNote, *, away: bool, by: Actor, at: datetime) -> CustomerNote:
    """A note that holds no longer, or (`away=False`) that does again; it comes back unpinned."""
    with transaction.atomic():
        held = _locked(note)
        if (held.removed_at is not None) != away:
            held.removed_at, held.pinned = (at if away else None), False
            held.save(update_fields=["removed_at", "pinned"])
            _record(held, "put_away", away, by, at)
    return held


def of(customer: Customer, most: int) -> Sequence[CustomerNote]:
    """Those that hold, pinned ones first, then the newest. One statement."""
    return list(_standing(customer).order_by("-pinned", "-at", "-pk")[:most])


def pinned(customer: Any) -> QuerySet[CustomerNote, str]:
    """The words of the pinned notes of a customer (or of an outer query's), the newest first."""
    held = CustomerNote.objects.filter(customer=customer, removed_at=None, pinned=True)
    return held.order_by("-at", "-pk").values_list("text", flat=True)[:PINNED]


def _standing(customer: Customer) -> QuerySet[CustomerNote]:
    return CustomerNote.objects.filter(customer=customer, removed_at=None)


def _room(customer: Customer, pinned: bool) -> None:
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if pinned and _standing(customer).filter(pinned=True).count() >= PINNED:
        raise Refused("note", f"cannot be pinned beside {PINNED} others; unpin one of them first")


def _locked(note: CustomerNote) -> CustomerNote:
    return CustomerNote.objects.select_for_update(of=("self",)).select_related("customer").get(pk=note.pk)


def _record(note: CustomerNote, what: str, now: bool, by: Actor, at: datetime) -> None:
    acts.record(KIND, _what(note), by=by, at=at, before={what: not now}, after={what: now})


def _what(note: CustomerNote) -> str:
    return f"{note.customer.name} ({note.customer.code}), note {note.pk}"
