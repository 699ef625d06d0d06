"""Subscriptions after they were added: put right, ended early, renewed, taken away, and which end soon (P1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers import register
from mainstay.customers.models import Customer, Product, Subscription
from mainstay.errors import Refused


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
    """Product and days put right, or an end sooner or later; gives what changed, a sentence each.

    `tickets.bound` holds the verb for people, which keeps what tickets were promised. Raises `Refused` naming
    last_day, first_day (another one holds then) or reason.
    """
    reason = needs_reason(reason)
    if ends_on < starts_on:
        raise Refused("last_day", f"is before the first day, {starts_on.isoformat()}")
    with transaction.atomic():
        held = locked(subscription)
        same = held.customer.subscriptions.filter(
            product=product, starts_on__lte=ends_on, ends_on__gte=starts_on
        )
        other = same.exclude(pk=held.pk).first()
        if other is not None:
            days = register._days(other.starts_on, other.ends_on)
            raise Refused("first_day", f"another one for the same product holds {days}")
        before = _facts(held)
        held.product, held.starts_on, held.ends_on = product, starts_on, ends_on
        after = _facts(held)
        if before != after:
            held.save(update_fields=["product", "starts_on", "ends_on"])
            _log("subscription changed", held, by, at, before, {**after, "because": reason})
    return acts.differences(before, after)


def renew_subscription(subscription: Subscription, *, ends_on: date, by: Actor, at: datetime) -> Subscription:
    """The same product from the day after its end. Raises `Refused` naming last_day, or first_day where one holds."""
    return register.add_subscription(
        subscription.customer, product=subscription.product, by=by, at=at,
        starts_on=subscription.ends_on + timedelta(days=1), ends_on=ends_on,
    )  # fmt: skip


def remove_subscription(subscription: Subscription, *, reason: str, by: Actor, at: datetime) -> None:
    """Take away one that never was (a slip); one that was is ended instead. See `tickets.bound`."""
    reason = needs_reason(reason)
    with transaction.atomic():
        held = locked(subscription)
        _log("subscription removed", held, by, at, _facts(held), {"because": reason})
        held.delete()


def locked(subscription: Subscription) -> Subscription:
    """Freshly read, with its customer's row locked: two changes at once are compared."""
    Customer.objects.select_for_update(of=("self",)).get(pk=subscription.customer_id)
    held = Subscription.objects.select_related("customer", "product").filter(pk=subscription.pk).first()
    if held is None:
        raise Refused("subscription", "is not there any more")
    return held


def needs_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason or len(reason) > 300:
        raise Refused("reason", "must say why, in 1 to 300 characters")
    return reason


def _facts(held: Subscription) -> dict[str, Any]:
    of = held.product.name if held.product else "all products"
    return {"product": of, "holds": register._days(held.starts_on, held.ends_on)}


def _log(
    kind: str, held: Subscription, by: Actor, at: datetime, before: dict[str, Any], after: dict[str, Any]
) -> None:
    what = f"{_facts(held)['product']} for {held.customer.name}"
    acts.record(kind, what, by=by, at=at, before=before, after=after)


# ---- reading


def ending(day: date, *, within: int = 90, past: int = 30) -> QuerySet[Subscription]:
    """Those that end within so many days, or ended lately, and that nothing for the same product follows."""
    same = Q(product=OuterRef("product")) | Q(product__isnull=True)
    follows = Subscription.objects.filter(
        same, customer=OuterRef("customer"), ends_on__gt=OuterRef("ends_on")
    )
    first, last = day - timedelta(days=past), day + timedelta(days=within)
    found = Subscription.objects.filter(~Exists(follows), ends_on__gte=first, ends_on__lte=last)
    return found.select_related("customer__tam", "product").order_by("ends_on", "pk")
