"""What a request takes from its agreement at receipt, what is given back, and what then waits for a person (P1, P5).

Called by the tickets' verbs, within their transaction.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from mainstay.accounts.actor import Actor
from mainstay.allowances import agreements, decisions, names, statement
from mainstay.allowances.agreements import Agreement
from mainstay.allowances.limits import NAMES, Requests
from mainstay.allowances.models import Draw
from mainstay.allowances.periods import FOREVER, Period
from mainstay.customers.models import Customer

GIVEN_BACK = {"duplicate": "a duplicate", "spam": "spam", "not_entitled": "declined"}
"""Reasons of closing that give a request back, in words."""


def received(ticket: Any, *, by: Actor, at: datetime) -> list[str]:
    """Draw one request and say, in sentences for the entitlement's reasons, how the agreement stands.

    Never refuses: what is used up is said, and put before a person where nothing entitles or the contract says so.
    """
    if ticket.entitlement == "none":
        decisions.ask(ticket, list(ticket.entitled_because), at=at)
        return []
    agreement = _limited(ticket)
    if agreement is None:
        return []
    day = agreements.today(agreement.customer, ticket.opened_at)
    told, beyond = _people(ticket, agreement, day)
    for part in (_requests(ticket, agreement, day, by, at), _hours(agreement, day)):
        told += part[0]
        beyond += part[1]
    if beyond:
        decisions.ask(ticket, beyond, at=at)
    return told


def closed(ticket: Any, reason: str, *, by: Actor, at: datetime) -> None:
    """A ticket is closed: a duplicate or spam gives its request back, and nobody need decide any more."""
    if reason in GIVEN_BACK:
        give_back(ticket, GIVEN_BACK[reason], by=by, at=at)
    decisions.settle(ticket, "moot", by=by, at=at)


def reopened(ticket: Any, *, by: Actor, at: datetime) -> None:
    """A request that was given back counts again."""
    last = Draw.objects.filter(ticket=ticket).order_by("-pk").first()
    if last is not None and last.count < 0 and _standing(ticket) == 0:
        _write(ticket, last.customer, (last.number, last.part), last.day, 1, "reopened", by, at)


def recognised(ticket: Any, *, by: Actor, at: datetime) -> list[str]:
    """Somebody else's request after all, or known only now: what was drawn goes back, and it is drawn anew.

    A decision that was asked for is settled when the request is covered after all.
    """
    give_back(ticket, "recognised as another customer's", by=by, at=at)
    decisions.settle(ticket, "entitled", by=by, at=at)
    return received(ticket, by=by, at=at)


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
    contract = ticket.contract
    if contract is not None:
        document = {**contract.package.document, **contract.overrides}
        if not any(name in document for name in NAMES):
            return None
    return agreements.of_ticket(ticket)


# ---- each kind of limit: what to say, and what is beyond it


def _people(ticket: Any, agreement: Agreement, day: date) -> tuple[list[str], list[str]]:
    why = names.why_not_named(agreement, ticket.requester, ticket.requester_name)
    people = agreement.limits_on(day).people
    decide = people is not None and people.beyond == "decide"
    return ([why] if why else []), ([why] if why and decide else [])


def _requests(
    ticket: Any, agreement: Agreement, day: date, by: Actor, at: datetime
) -> tuple[list[str], list[str]]:
    quota = agreement.limits_on(day).requests
    period = agreement.period(day, quota.per) if quota else None
    if quota is None or period is None:
        return [], []
    customer = agreement.customer
    Customer.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=customer.pk
    )  # two at once are counted
    _write(ticket, customer, (agreement.number, agreement.part), day, 1, "received", by, at)
    drawn = statement.drawn(agreement, period)
    said = _counted(quota, drawn, period, agreement)
    return [said], [said] if drawn > quota.number and quota.beyond == "decide" else []


def _counted(quota: Requests, drawn: int, period: Period, agreement: Agreement) -> str:
    during = f"{agreement.title}, {during_words(period)}"
    if drawn > quota.number:
        return f"The requests of {during}, are used up: this is number {drawn} of {quota.number}."
    return f"Request {drawn} of the {quota.number} of {during}."


def _hours(agreement: Agreement, day: date) -> tuple[list[str], list[str]]:
    hours = agreement.limits_on(day).hours
    if hours is None:
        return [], []
    told = statement.hours(agreement, day)
    if told.left > 0:
        return [], []
    said = f"The included hours of {agreement.title} are used up."
    return [said], [said] if hours.beyond == "decide" else []


def during_words(period: Period) -> str:
    """ "1 March 2026 to 31 March 2026", both included."""
    first = f"{period.first:%-d %B %Y}"
    if period.end == FOREVER:
        return f"from {first}"
    last = date.fromordinal(period.end.toordinal() - 1)
    return f"{first} to {last:%-d %B %Y}"
