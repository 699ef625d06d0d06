"""Watching a ticket: one of us hears of what the customer writes on it, whoever has it (S1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.tickets.events import changing, record, whole
from mainstay.tickets.models import Event, Ticket, Watcher


def watch(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Whoever asks watches it from now on."""
    if by.kind != "staff" or by.id is None:
        raise Refused("ticket", "is watched by people of the desk only")
    with changing(ticket) as fresh:
        _row, new = Watcher.objects.get_or_create(ticket=fresh, user_id=by.id, defaults={"since": whole(at)})
        if not new:
            raise Refused("ticket", _("is watched by you already"))
        return record(fresh, "watched", by=by, at=at)


def unwatch(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Whoever asks watches it no longer."""
    with changing(ticket) as fresh:
        gone, _rows = Watcher.objects.filter(ticket=fresh, user=by.id or 0).delete()
        if by.kind != "staff" or not gone:
            raise Refused("ticket", _("is not watched by you"))
        return record(fresh, "unwatched", by=by, at=at)


def add(ticket: Ticket, people: Iterable[User], at: datetime) -> None:
    """They watch it from now on; for a verb that has the ticket locked and says why in its own event."""
    rows = [Watcher(ticket=ticket, user=one, since=whole(at)) for one in people]
    Watcher.objects.bulk_create(rows, ignore_conflicts=True)


def by(user: User) -> QuerySet[Watcher]:
    """What this person watches."""
    return Watcher.objects.filter(user=user)


def watched(user: User) -> Q:
    """The condition on tickets that this person watches them."""
    return Q(pk__in=by(user).values("ticket"))
