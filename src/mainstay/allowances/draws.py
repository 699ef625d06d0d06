"""What a request takes from its agreement at receipt, what is given back, and what then waits for a person (P1, P5).

Called by the log's only writer, within the transaction of the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from mainstay import rows
from mainstay.accounts.actor import Actor
from mainstay.allowances import agreements, decisions, names, statement
from mainstay.allowances.agreements import Agreement
from mainstay.allowances.carry import Grant, minutes_words
from mainstay.allowances.limits import NAMES
from mainstay.allowances.models import Draw, Receipt
from mainstay.allowances.periods import FOREVER, Period
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer
from mainstay.prepared import Arg, Prepared

GIVEN_BACK = {"duplicate": "a duplicate", "spam": "spam", "not_entitled": "declined"}
"""Reasons of closing that give a request back, in words."""
FOLLOWED = {"received", "customer_recognised", "agreement_changed", "closed", "reopened", "unmerged"}
"""Events after which an agreement's allowances stand otherwise."""


def follow(ticket: Any, kind: str, *, by: Actor, at: datetime) -> list[str]:
    """What an event of a ticket does to the allowances; gives what is now beyond them, to be told to people.

    Never refuses: what is used up is said, and put before a person where nothing entitles or the contract says so.
    """
    if kind == "closed":
        _closed(ticket, by=by, at=at)
    elif kind in {"reopened", "unmerged"}:
        _reopened(ticket, by=by, at=at)
    elif kind == "received":
        return _reckoned(ticket, by=by, at=at)
    elif kind in FOLLOWED and _another(ticket, unknown=kind == "customer_recognised"):
        give_back(ticket, "another agreement holds after all", by=by, at=at)
        if ticket.entitlement != "none":
            decisions.settle(ticket, "entitled", by=by, at=at)
        return _reckoned(ticket, by=by, at=at)
    return []


def received(tickets: Sequence[Any], *, by: Sequence[Actor]) -> list[list[str]]:
    """What `follow` does at receipt, for tickets just stored, in their order. What it asks of contracts is read for
    all of them at once, and their receipts are written together."""
    agreements.foresee(
        [
            (one.customer, one.contract)
            for one in tickets
            if one.contract is not None and _may_limit(one.contract)
        ]
    )
    agreed = [_limited(one) if one.entitlement != "none" else None for one in tickets]
    names.foresee([one for one in agreed if one is not None])
    said = [
        _said_of(ticket, agreement, by=who, at=ticket.opened_at)
        for ticket, agreement, who in zip(tickets, agreed, by, strict=True)
    ]
    decisions.ask_all(one.undecided for one in said if one.undecided is not None)
    rows.insert(
        Receipt,
        [
            Receipt(ticket_id=ticket.pk, because=one.because, **_of(ticket))
            for ticket, one in zip(tickets, said, strict=True)
        ],
    )
    return [one.beyond for one in said]


def told(ticket: Any) -> list[str]:
    """The sentences of its receipt: who asked, which request it was, what was used up."""
    return list(BECAUSE.first(ticket=ticket.pk) or [])


BECAUSE = Prepared[list[str]](
    lambda: Receipt.objects.filter(ticket=Arg("ticket")).values_list("because", flat=True)
)


def _key(ticket: Any) -> tuple[int | None, str, str, int]:
    of = ticket.contract
    return ticket.customer_id, ticket.entitlement, of.number if of else "", of.part if of else 0


def _another(ticket: Any, *, unknown: bool = False) -> bool:
    """Whether the agreement is another one than that which was drawn on; `unknown`: what to say of a ticket that
    came before anything was drawn."""
    had = Receipt.objects.filter(ticket=ticket).first()
    return unknown if had is None else (had.customer_id, had.kind, had.number, had.part) != _key(ticket)


def _reckoned(ticket: Any, *, by: Actor, at: datetime) -> list[str]:
    agreement = _limited(ticket) if ticket.entitlement != "none" else None
    said = _said_of(ticket, agreement, by=by, at=at)
    decisions.ask_all([said.undecided] if said.undecided is not None else [])
    _keep(ticket, said.because)
    return said.beyond


@dataclass(frozen=True)
class _Received:
    """What a request comes to: the sentences of its receipt, those of what is beyond the agreement, and what a person
    is to decide."""

    because: list[str]
    beyond: list[str]
    undecided: decisions.Undecided | None


def _said_of(ticket: Any, agreement: Agreement | None, *, by: Actor, at: datetime) -> _Received:
    """The agreement may limit nothing (None); nothing is, where nothing entitles."""
    if agreement is None:
        nothing = ticket.entitlement == "none"
        why = list(ticket.entitled_because)
        return _Received([], [], decisions.Undecided(ticket, why, at) if nothing else None)
    day = agreements.today(agreement.customer, ticket.opened_at)
    said = [
        _people(ticket, agreement, day),
        _requests(ticket, agreement, day, by, at),
        _hours(agreement, day),
    ]
    undecided = [one.text for one in said if one.decide]
    return _Received(
        [one.text for one in said if one.text],
        [one.text for one in said if one.beyond or one.decide],
        decisions.Undecided(ticket, undecided, at) if undecided else None,
    )


def _keep(ticket: Any, because: list[str]) -> None:
    Receipt.objects.update_or_create(ticket=ticket, defaults={**_of(ticket), "because": because})


def _of(ticket: Any) -> dict[str, Any]:
    customer, kind, number, part = _key(ticket)
    return {"customer_id": customer, "kind": kind, "number": number, "part": part}


def _closed(ticket: Any, *, by: Actor, at: datetime) -> None:
    """A duplicate or spam gives its request back, and nobody need decide any more."""
    if ticket.close_reason in GIVEN_BACK:
        give_back(ticket, GIVEN_BACK[ticket.close_reason], by=by, at=at)
    decisions.settle(ticket, "moot", by=by, at=at)


def _reopened(ticket: Any, *, by: Actor, at: datetime) -> None:
    """A request that was given back counts again; one that nothing covers is put before a person again."""
    last = Draw.objects.filter(ticket=ticket).order_by("-pk").first()
    if last is not None and last.count < 0 and _standing(ticket) == 0 and not _another(ticket):
        _write(ticket, last.customer, (last.number, last.part), last.day, 1, "reopened", by, at)
    before = decisions.of(ticket)
    if before is not None and before.outcome in {"moot", "decline"}:
        decisions.ask(ticket, before.because, at=at)


def give_back(ticket: Any, why: str, *, by: Actor, at: datetime) -> None:
    """Undo what stands drawn by this ticket, in the period it was drawn in."""
    for row in Draw.objects.filter(ticket=ticket).values("customer", "number", "part", "day").annotate(
        n=Sum("count")
    ).order_by():  # fmt: skip
        if row["n"] > 0:
            customer = Customer.objects.get(pk=row["customer"])
            _write(ticket, customer, (row["number"], row["part"]), row["day"], -row["n"], why, by, at)


def _standing(ticket: Any) -> int:
    return Draw.objects.filter(ticket=ticket).aggregate(n=Sum("count"))["n"] or 0


def _write(
    ticket: Any, customer: Customer, of: tuple[str, int], day: date, count: int, why: str, by: Actor, at: datetime
) -> None:  # fmt: skip
    Draw.objects.create(
        ticket=ticket, customer=customer, number=of[0], part=of[1], day=day, count=count, why=why,
        by_name=by.name[:200], at=at,
    )  # fmt: skip


def _limited(ticket: Any) -> Agreement | None:
    """The agreement, if it limits anything; asked of the documents at hand first, as most limit little."""
    if ticket.contract is not None and not _may_limit(ticket.contract):
        return None
    return agreements.of_ticket(ticket)


def _may_limit(contract: Contract) -> bool:
    return any(name in contract.package.document or name in contract.overrides for name in NAMES)


# ---- each kind of limit: what to say of it


@dataclass(frozen=True)
class Said:
    """A sentence about one limit; empty: nothing to say. `decide`: the contract wants a person to decide."""

    text: str = ""
    beyond: bool = False
    decide: bool = False


def _people(ticket: Any, agreement: Agreement, day: date) -> Said:
    people = agreement.limits_on(day).people
    why = names.why_not_named(agreement, ticket.requester, ticket.requester_name) if people else ""
    return Said(why, decide=bool(why) and people is not None and people.beyond == "decide")


def _requests(ticket: Any, agreement: Agreement, day: date, by: Actor, at: datetime) -> Said:
    quota = agreement.limits_on(day).requests
    period = agreement.period(day, quota.per) if quota else None
    if quota is None or period is None:
        return Said()
    customer = agreement.customer
    Customer.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=customer.pk
    )  # two at once are counted
    _write(ticket, customer, (agreement.number, agreement.part), day, 1, "received", by, at)
    drawn = statement.drawn(agreement, period)
    over = drawn > quota.number
    during = f"{agreement.title}, {during_words(period)}"
    if over:
        text = f"The requests of {during}, are used up: this is number {drawn} of {quota.number}."
    else:
        text = f"Request {drawn} of the {quota.number} of {during}."
    return Said(text, over, over and quota.beyond == "decide")


def _hours(agreement: Agreement, day: date) -> Said:
    hours = agreement.limits_on(day).hours
    told = statement.hours(agreement, day) if hours is not None else None
    if hours is None or told is None or told.left > 0:
        return Said()
    gone = "are used up" if told.good else "have not begun"
    coming = agreement.coming(day)
    later = f" F{coming_words(coming)[1:]}." if coming else ""
    text = f"The included hours of {agreement.title} {gone}.{later}"
    return Said(text, True, hours.beyond == "decide")


def coming_words(coming: Grant) -> str:
    """ "from 1 March 2026: 10 h"."""
    return f"from {coming.period.first:%-d %B %Y}: {minutes_words(coming.minutes)}"


def during_words(period: Period) -> str:
    """ "1 March 2026 to 31 March 2026", both included."""
    first = f"{period.first:%-d %B %Y}"
    if period.end == FOREVER:
        return f"from {first}"
    last = date.fromordinal(period.end.toordinal() - 1)
    return f"{first} to {last:%-d %B %Y}"
