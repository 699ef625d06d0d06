"""Whoever looks after a contract is told that it ends: 90, 60 and 30 days before, once each (P5)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mainstay.accounts.models import User
from mainstay.contracts import renewals
from mainstay.contracts.days import day_words
from mainstay.contracts.models import Contract
from mainstay.notices.models import Delivery


def tell(at: datetime) -> int:
    """Tell what is due at `at`; returns how many notices were written. Any number may ask: each is told once."""
    with transaction.atomic():
        made = [
            notice
            for contract, days, people in renewals.claim_reminders(at)
            for user in people
            for notice in _notices(contract, days, user, at)
        ]
        Delivery.objects.bulk_create(made)
    return len(made)


def _notices(contract: Contract, days: int, user: User, at: datetime) -> list[Delivery]:
    assert contract.last_day is not None
    left = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    subject = f"Contract {contract.number} of {contract.customer.name} ends {left}"
    price = contract.price.get("amount", "")
    words = [
        f"The last day of contract {contract} is {day_words(contract.last_day)}; nothing follows it yet.",
        f"{contract.package.name}"
        + (
            f", {price} {contract.price.get('currency', '')} {contract.price.get('basis', '')}"
            if price
            else ""
        ),
        "Renew it, amend it, or let it end: "
        + settings.BASE_URL
        + reverse("desk:contract", args=[contract.pk]),
    ]
    return [
        Delivery(
            channel=channel,
            template="contract_ends",
            recipient=f"user:{user.pk}" if channel == Delivery.Channel.DESK else user.email.lower(),
            user=user,
            subject=subject[:998],
            text="\n\n".join(words) + "\n",
            automatic="auto-generated",
            state=Delivery.State.SENT if channel == Delivery.Channel.DESK else Delivery.State.PENDING,
            sent_at=at if channel == Delivery.Channel.DESK else None,
            created_at=at,
            next_try_at=at,
        )
        for channel in (Delivery.Channel.DESK, Delivery.Channel.EMAIL)
    ]
