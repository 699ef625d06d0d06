"""What articles save, counted honestly (I3): shown, opened, no request sent, and said to have helped.

"No request sent" is counted of request forms alone: articles were shown while somebody wrote, they opened one, and
within `WINDOW` no request of theirs came, by this form or any other channel. Whether they found the answer, gave up,
phoned or asked a colleague cannot be known; so it is shown beside what people said, never added to it. When a day has
passed the occasion is settled, and who it was is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mainstay.knowledge.models import Look, Shown
from mainstay.tickets.models import Ticket

WINDOW: Final = timedelta(days=1)
Outcome, Place = Look.Outcome, Look.Place


# ---- settling


def settle(at: datetime, most: int = 500) -> int:
    """Occasions that are a day old: whether a request came of them; who it was is forgotten. Gives how many."""
    with transaction.atomic():
        old = Look.objects.select_for_update(skip_locked=True).filter(settled_at=None, at__lt=at - WINDOW)
        looks = list(old.order_by("at")[:most])
        for look in looks:
            _settle(look, at)
        fields = ["ticket", "outcome", "settled_at", "contact", "customer"]
        Look.objects.bulk_update(looks, fields)
    return len(looks)


def _settle(look: Look, at: datetime) -> None:
    if look.place == Place.FORM:
        look.ticket = look.ticket or _request_after(look)
        look.outcome = Outcome.SENT if look.ticket else Outcome.NOT_SENT
    look.contact, look.customer, look.settled_at = None, None, at


def _request_after(look: Look) -> int | None:
    """The first request of the same person within the window, by whatever channel."""
    if look.contact_id is None:
        return None
    theirs = Ticket.objects.filter(
        requester=look.contact_id, opened_at__gte=look.at, opened_at__lt=look.at + WINDOW
    )
    return theirs.order_by("opened_at").values_list("pk", flat=True).first()


# ---- counting


@dataclass(frozen=True)
class Row:
    """An article in a period. `unsent`: opened at a form from which no request came; `solved`: closed by the link of
    an acknowledgement."""

    article: int
    shown: int
    opened: int
    unsent: int
    helped: int
    failed: int
    solved: int
    open_yes: int
    open_no: int


_COUNTS = {
    "shown": Count("pk", filter=~Q(look__place__in=[Place.PORTAL, Place.OPEN])),
    "opened": Count("pk", filter=~Q(opened_at=None) & ~Q(look__place=Place.OPEN)),
    "unsent": Count(
        "pk", filter=~Q(opened_at=None) & Q(look__place=Place.FORM, look__outcome=Outcome.NOT_SENT)
    ),
    "helped": Count("pk", filter=Q(answer="yes") & ~Q(look__place=Place.OPEN)),
    "failed": Count("pk", filter=Q(answer="no") & ~Q(look__place=Place.OPEN)),
    "solved": Count("pk", filter=Q(answer="yes", look__place=Place.MAIL)),
    "open_yes": Count("pk", filter=Q(answer="yes", look__place=Place.OPEN)),
    "open_no": Count("pk", filter=Q(answer="no", look__place=Place.OPEN)),
}


def by_article(since: datetime, until: datetime) -> list[Row]:
    """What was shown in [since, until), by article; what helped most comes first."""
    rows = list(_shown(since, until).values("article").annotate(**_COUNTS))
    found = [_row(row) for row in rows]
    return sorted(found, key=lambda row: (-row.helped, -row.unsent, -row.opened, -row.shown, row.article))


def _row(counted: Any) -> Row:
    return Row(**counted)


def _shown(since: datetime, until: datetime) -> QuerySet[Shown]:
    return Shown.objects.filter(at__gte=since, at__lt=until).order_by()


@dataclass(frozen=True)
class Forms:
    """Request forms at which articles were shown: how many became a request, how many did not after one was opened
    or without, and how many are not a day old."""

    shown: int
    sent: int
    sent_after_opening: int
    unsent_after_opening: int
    unsent_unopened: int
    waiting: int


def forms(since: datetime, until: datetime) -> Forms:
    """The forms of a period, each counted once however many articles it showed."""
    looks = Look.objects.filter(place=Place.FORM, at__gte=since, at__lt=until)
    opened = Exists(Shown.objects.filter(look=OuterRef("pk")).exclude(opened_at=None))
    sent, unsent = Q(outcome=Outcome.SENT), Q(outcome=Outcome.NOT_SENT)
    counted = looks.annotate(was_opened=opened).aggregate(
        shown=Count("pk"),
        sent=Count("pk", filter=sent),
        sent_after_opening=Count("pk", filter=sent & Q(was_opened=True)),
        unsent_after_opening=Count("pk", filter=unsent & Q(was_opened=True)),
        unsent_unopened=Count("pk", filter=unsent & Q(was_opened=False)),
        waiting=Count("pk", filter=Q(outcome="")),
    )
    return Forms(**counted)
