"""Sending what is pending: one message, one short transaction, any number of senders at once.

To one person about one ticket, mails leave in the order in which they were made. What is refused for good
is put into the ticket's log, so that whoever works on it hears.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from mainstay.accounts.actor import Actor
from mainstay.notices import answers, email, words
from mainstay.notices.models import Delivery
from mainstay.tickets.events import changing, record

log = logging.getLogger("mainstay.notices")
PATIENCE = timedelta(days=3)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
BATCH = 50
BY = Actor.system("outgoing mail")


def send_due(at: datetime, by: email.Transport, most: int = BATCH) -> int:
    """Send what is due, the urgent first; returns how many were dealt with. Raises `answers.Away`.

    When the relay is away the delivery that met it keeps its place, and says so; nothing else is tried.
    """
    return sum(_send(number, at, by) for number in _due(at, most))


def _due(at: datetime, most: int) -> list[int]:
    ready = _ready(at)
    urgent = list(ready.filter(urgent=True).order_by("id").values_list("pk", flat=True)[:most])
    rest = ready.order_by("next_try_at", "id").values_list("pk", flat=True)[: most - len(urgent)]
    return list(dict.fromkeys([*urgent, *rest]))


def _ready(at: datetime) -> QuerySet[Delivery]:
    """Pending and due, with nothing older pending for the same person and ticket."""
    older = Delivery.objects.filter(
        state=Delivery.State.PENDING,
        ticket=OuterRef("ticket"),
        recipient=OuterRef("recipient"),
        pk__lt=OuterRef("pk"),
    )
    return Delivery.objects.filter(~Exists(older), state=Delivery.State.PENDING, next_try_at__lte=at)


def _send(number: int, at: datetime, by: email.Transport) -> int:
    away: answers.Away | None = None
    with transaction.atomic():
        claimed = _ready(at).select_for_update(skip_locked=True, of=("self",)).filter(pk=number).first()
        if claimed is None:
            return 0
        try:
            by.send(claimed, email.build(claimed, at))
        except answers.Away as error:
            away = error
            _keep(claimed, str(error))
        except answers.NeverSo as error:
            _fail(claimed, str(error), at)
        except answers.NotNow as error:
            _later(claimed, str(error), at)
        except Exception as error:
            log.exception("delivery %s could not be sent", claimed.pk)
            _later(claimed, f"{type(error).__name__}: {error}", at)
        else:
            claimed.state, claimed.sent_at, claimed.error = Delivery.State.SENT, at, ""
            claimed.save(update_fields=["state", "sent_at", "error"])
    if away is not None:
        raise away
    return 1


def _keep(delivery: Delivery, error: str) -> None:
    if delivery.error != error:
        delivery.error = error[:2000]
        delivery.save(update_fields=["error"])


def _later(delivery: Delivery, error: str, at: datetime) -> None:
    """In 1, 2, 4, 8 minutes, then each quarter of an hour, for three days."""
    if at - delivery.created_at > PATIENCE and delivery.tries >= 10:
        _fail(delivery, f"given up after {delivery.tries} tries in three days: {error}", at)
        return
    wait = min(FIRST_WAIT * 2 ** min(delivery.tries, 10), LONGEST_WAIT)
    delivery.tries += 1
    delivery.next_try_at, delivery.error = at + wait, error[:2000]
    delivery.save(update_fields=["tries", "next_try_at", "error"])


def _fail(delivery: Delivery, error: str, at: datetime) -> None:
    delivery.state, delivery.error = Delivery.State.FAILED, error[:2000]
    delivery.tries += 1
    delivery.save(update_fields=["state", "error", "tries"])
    log.warning("delivery %s to %s failed: %s", delivery.pk, delivery.recipient, words.one_line(error, 200))
    if delivery.ticket_id is not None:
        with changing(delivery.ticket_id) as ticket:
            detail = {"address": delivery.recipient, "error": error[:500], "delivery": delivery.pk}
            record(ticket, "delivery_failed", by=BY, at=at, detail=detail)
