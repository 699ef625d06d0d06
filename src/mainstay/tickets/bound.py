"""Ends that tickets have a say in: a contract that judged some of them, a contact who asked for some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.contracts import amendments, drafts, negotiation, signing
from mainstay.contracts.drafts import as_contract
from mainstay.contracts.lint import Finding
from mainstay.contracts.models import Contract, Draft
from mainstay.customers import subscriptions
from mainstay.customers.models import Contact, Product, Subscription
from mainstay.errors import Refused
from mainstay.tickets import agreement
from mainstay.tickets.agreement import Effect
from mainstay.tickets.models import Change, Message, Participant, State, Ticket

MOST_SHOWN = 500  # open tickets of one contract that are looked at before an amendment


def end_contract(contract: Contract, *, last_day: date, by: Actor, at: datetime) -> Contract:
    """Let a contract end sooner; `last_day` is the last one on which it holds, in the customer's zone.

    Refused, naming last_day: a day before it begins, a day that is not sooner, and a day before the receipt
    of a ticket that the contract judged: what was promised then stays promised.
    """
    later = _received_from(contract, last_day + timedelta(days=1))
    if later is not None:
        raise Refused(
            "last_day",
            f"would leave ticket {later[0].number}, received on {later[1].isoformat()}, without the contract that"
            " judges it; choose that day or a later one",
        )
    return signing.end_contract(contract, last_day=last_day, by=by, at=at)


def _received_from(contract: Contract, day: date) -> tuple[Ticket, date] | None:
    """The newest ticket that a version judges and that was received on `day` or later, and its day there."""
    zone = ZoneInfo(contract.customer.time_zone or "UTC")
    midnight = datetime.combine(day, datetime.min.time(), zone)
    later = Ticket.objects.filter(contract=contract, opened_at__gte=midnight).order_by("-opened_at").first()
    return (later, later.opened_at.astimezone(zone).date()) if later else None


def findings(draft: Draft, *, at: datetime) -> list[Finding]:
    """What is wrong or doubtful about an offer (`contracts.lint`), and what its first day would do to tickets."""
    return [*_too_early(draft), *drafts.findings(draft, at)]


def _too_early(draft: Draft) -> list[Finding]:
    """Each ticket keeps the version in force at its receipt, so no amendment begins before one."""
    if draft.kind != Draft.Kind.AMENDMENT or draft.base is None:
        return []
    later = _received_from(draft.base, draft.first_day)
    if later is None:
        return []
    number, day = later[0].number, later[1].isoformat()
    reason = f"is before the receipt of ticket {number}, on {day}, which {draft.base} judges; amend from a later day"
    return [Finding("First day", reason, key="first_day")]


def submit_draft(draft: Draft, *, by: Actor, at: datetime) -> Draft:
    """Ask for approval. Refused, naming the place, while a finding stops it."""
    for one in _too_early(draft):
        raise Refused(one.key, one.reason)
    return negotiation.submit(draft, by=by, at=at)


def sign_draft(
    draft: Draft, *, signed_on: date, signatories: Sequence[Mapping[str, str]], by: Actor, at: datetime
) -> Contract:
    """Sign what was approved. An amendment or renewal that is also for open tickets is brought to each of them at
    its first day, once, in the background (LESSON 14).

    Refused, naming first_day: an amendment from before the receipt of a ticket that the version before it judged:
    each ticket keeps the version in force at its receipt.
    """
    with transaction.atomic():
        for one in _too_early(draft):
            raise Refused(one.key, one.reason)
        made = amendments.sign_draft(draft, signed_on=signed_on, signatories=signatories, by=by, at=at)
        if made.applies_to_open and made.supersedes is not None:
            why = f"Contract {made} holds from then on, also for requests that are open"
            agreement.schedule(scope=made, why=why, by=by, at=at, effective=draft.first_day)
    return made


def take_back(contract: Contract, *, reason: str, by: Actor, at: datetime) -> Contract | None:
    """Take back a version that has not begun (`amendments.take_back`); what was to be brought to open tickets on its
    first day is not."""
    with transaction.atomic():
        restored = amendments.take_back(contract, reason=reason, by=by, at=at)
        Change.objects.filter(contract=contract, state=Change.State.WAITING).delete()
    return restored


def would_change(draft: Draft, *, at: datetime) -> list[Effect]:
    """The open tickets whose promises an amendment or renewal would move if it also judged them from its first
    day on; nothing is written."""
    if draft.base is None or draft.kind == Draft.Kind.ADDITION:
        return []
    zone = ZoneInfo(draft.customer.time_zone or "UTC")
    begins = datetime.combine(draft.first_day, datetime.min.time(), zone)
    tickets = agreement.judged_by(draft.base)
    found = agreement.preview(
        tickets, agreement.under(as_contract(draft)), at=max(at, begins), most=MOST_SHOWN
    )
    return [one for one in found if one.seen]


def change_subscription(
    subscription: Subscription,
    *,
    product: Product | None,
    starts_on: date,
    ends_on: date,
    reason: str,
    by: Actor,
    at: datetime,
) -> list[str]:
    """Put a subscription right, or end it early. Refused, naming the day, where a ticket that was received with
    what it includes would lose its ground: what was said then stays said."""
    with transaction.atomic():
        held = subscriptions.locked(subscription)
        day = timedelta(days=1)
        _check_lost(held, "first_day", held.starts_on, starts_on)
        _check_lost(held, "last_day", ends_on + day, held.ends_on + day)
        return subscriptions.change_subscription(
            held, product=product, starts_on=starts_on, ends_on=ends_on, reason=reason, by=by, at=at
        )


def remove_subscription(subscription: Subscription, *, reason: str, by: Actor, at: datetime) -> None:
    """Take away a subscription that never was. Refused, naming subscription, where tickets were received with it."""
    with transaction.atomic():
        held = subscriptions.locked(subscription)
        _check_lost(held, "subscription", held.starts_on, held.ends_on + timedelta(days=1))
        subscriptions.remove_subscription(held, reason=reason, by=by, at=at)


def _check_lost(held: Subscription, field: str, first: date, end: date) -> None:
    """No ticket may have been received from `first` to before `end` that nothing but this subscription covered."""
    if first >= end:
        return
    zone = ZoneInfo(held.customer.time_zone or "UTC")
    begin, over = (datetime.combine(day, datetime.min.time(), zone) for day in (first, end))
    taken = Ticket.objects.filter(
        customer=held.customer, entitlement="included", opened_at__gte=begin, opened_at__lt=over
    )
    others = held.customer.subscriptions.exclude(pk=held.pk)
    for ticket in taken.order_by("-opened_at")[:1000]:
        day = ticket.opened_at.astimezone(zone).date()
        if not others.filter(starts_on__lte=day, ends_on__gte=day).exists():
            raise Refused(
                field, f"would leave ticket {ticket.number}, received on {day.isoformat()}, without the subscription"
                " that includes it",
            )  # fmt: skip


def remove_contact(contact: Contact, *, by: Actor, at: datetime) -> None:
    """Take a person off the customer's list; they may not sign in for this customer any more.

    Refused, naming contact, when tickets know them: those keep who asked and who wrote.
    """
    with transaction.atomic():
        asked = Ticket.objects.filter(requester=contact).count()
        wrote = Message.objects.filter(author_contact=contact).exists()
        if asked:
            tickets = "a ticket" if asked == 1 else f"{asked} tickets"
            raise Refused(
                "contact", f"{contact.name} asked for {tickets}, which keep who asked; they stay listed"
            )
        if wrote or Participant.objects.filter(contact=contact).exists():
            raise Refused(
                "contact", f"{contact.name} takes part in tickets, which keep who did; they stay listed"
            )
        what = f"{contact.name}, {contact.email}, of {contact.customer.name}"
        acts.record("contact removed", what, by=by, at=at)
        contact.delete()


def still_open(user: User) -> int:
    """How many open tickets somebody has who leaves: they want to be handed over."""
    return Ticket.objects.filter(assignee=user).exclude(state=State.CLOSED).count()
