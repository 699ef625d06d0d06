"""Deliveries as pages ask for them: a person's notices, a ticket's mails, the outbox, trying again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Min, QuerySet

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.notices.models import Delivery, Setback
from mainstay.prepared import Arg
from mainstay.tickets.models import Ticket

LATE: Final = timedelta(minutes=5)


# ---- a person's notices in the desk


OWN = ("snooze_ended", "mentioned")
"""What a person asked to be told, or was asked by name: before all other notices."""


def unseen(user: User | Arg, most: int = 50) -> QuerySet[Delivery]:
    """The notices this person has not seen, the newest first, without those that are their `own`."""
    found = _notices(user).filter(seen_at=None).exclude(template__in=OWN)
    return found.select_related("ticket").order_by("-id")[:most]


def own(user: User | Arg, most: int = 50) -> QuerySet[Delivery]:
    """Reminders and what others ask of this person by name, not seen yet, the newest first."""
    found = _notices(user).filter(seen_at=None, template__in=OWN)
    return found.select_related("ticket", "event__text").order_by("-id")[:most]


def unseen_count(user: User) -> int:
    """How many there are, counted up to 99."""
    return len(_notices(user).filter(seen_at=None).values_list("pk", flat=True)[:99])


def mark_seen(user: User, ids: Iterable[int], at: datetime) -> int:
    """Say that this person has seen these notices; those of others stay as they are."""
    return _notices(user).filter(pk__in=list(ids), seen_at=None).update(seen_at=at)


def _notices(user: User | Arg) -> QuerySet[Delivery]:
    return Delivery.objects.filter(user=user, channel=Delivery.Channel.DESK)


# ---- mails


def of_ticket(ticket: Ticket) -> QuerySet[Delivery]:
    """Every mail of a ticket with its state, recipient and error, oldest first."""
    return Delivery.objects.filter(ticket=ticket, channel=Delivery.Channel.EMAIL).order_by("id")


def outbox_page(
    after: int | None = None, *, state: str = Delivery.State.PENDING, most: int = 50
) -> list[Delivery]:
    """Mails in a state, the newest first; `after` is the id of the last one of the page before."""
    found = Delivery.objects.filter(state=state, channel=Delivery.Channel.EMAIL).select_related("ticket")
    if after is not None:
        found = found.filter(pk__lt=after)
    return list(found.order_by("-id")[:most])


@dataclass(frozen=True)
class Backlog:
    """How outgoing mail stands. `late`: something has waited for more than five minutes, so people are told."""

    pending: int
    oldest: datetime | None
    failed: int
    unannounced: int  # events that could not be announced after three tries
    error: str
    late: bool


def backlog(at: datetime) -> Backlog:
    """What waits, since when, and what the relay said last. Pending mails are counted up to 1,000."""
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING)
    oldest: datetime | None = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    error = waiting.exclude(error="").order_by("next_try_at").values_list("error", flat=True).first()
    return Backlog(
        pending=len(waiting.values_list("pk", flat=True)[:1000]),
        oldest=oldest,
        failed=Delivery.objects.filter(state=Delivery.State.FAILED).count(),
        unannounced=Setback.objects.filter(again_at=None).count(),
        error=error or "",
        late=oldest is not None and at - oldest > LATE,
    )


def retry(delivery: Delivery, *, by: Actor, at: datetime) -> Delivery:
    """Send a failed mail again, or one that waits now rather than later. Same Message-ID, so never two."""
    with transaction.atomic():
        fresh = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if fresh.state not in {Delivery.State.FAILED, Delivery.State.PENDING}:
            raise Refused(
                "delivery", f"is {fresh.get_state_display()}; only what failed or waits is sent again"
            )
        fresh.state, fresh.tries, fresh.next_try_at = Delivery.State.PENDING, 0, at
        fresh.error = f"sent again by {by.name}" if by.kind == "staff" else ""
        fresh.save(update_fields=["state", "tries", "next_try_at", "error"])
    return fresh
