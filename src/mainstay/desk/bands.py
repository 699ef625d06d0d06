"""The tickets on a person's first page: each once, in the first band that it belongs to, all on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mainstay.accounts.models import Role, User
from mainstay.customers.models import Customer
from mainstay.desk import frame, rows
from mainstay.desk.typed import zone_of
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import access, listed, snoozes
from mainstay.tickets.listed import Listed
from mainstay.tickets.models import Step, Ticket
from mainstay.ui.shapes import QueueBand

MINE: Final = 12  # one's own tickets
FEW: Final = 8
LEADING: Final = frozenset({Role.MANAGER, Role.AUDITOR})


def of(user: User, roles: frozenset[str], counts: Mapping[str, int], at: datetime) -> tuple[QueueBand, ...]:
    """What this person has before them at `at`; `counts` as of `frame.counts`: what they say is none is not asked."""
    seen: set[int] = set()
    bands: list[tuple[str, list[Listed]]] = []
    for title, tickets in _wanted(user.pk, roles, counts):
        fresh = [one for one in tickets if one.pk not in seen]
        seen |= {one.pk for one in fresh}
        bands.append((title, fresh))
    every = [one for _, tickets in bands for one in tickets]
    drawn = rows.drawn(every, at, zone_of(user), selectable=False)
    return tuple(
        QueueBand(
            code="",
            title=title,
            count=len(tickets),
            drawn=SafeString("".join([drawn[one.pk] for one in tickets])),
        )
        for title, tickets in bands
        if tickets
    )


def _wanted(user: int, roles: frozenset[str], counts: Mapping[str, int]) -> list[tuple[str, list[Listed]]]:
    wanted: list[tuple[str, list[Listed]]] = []
    if counts["emergencies"]:
        wanted.append((_("Looks like an emergency, and nobody has seen it"), _tickets(_UNSEEN)))
    if counts["mine"]:
        wanted.append((_("Yours, in their order"), _tickets(_MINE, user=user)))
    if Role.TRIAGE in roles and counts["triage"]:
        wanted.append((_("To triage"), _tickets(_TO_TRIAGE)))
    if Role.TRIAGE in roles and counts["nobody"]:
        wanted.append((_("Triaged, and nobody has them yet"), _tickets(_FREE)))
    if Role.TAM in roles:
        theirs = _tickets(_OF_CUSTOMERS, user=user)
        wanted.append((_("Of your customers, what breaks its promise first"), theirs))
    if roles & LEADING:
        wanted.append((_("Whoever has them: what breaks its promise first"), _tickets(_PROMISED)))
    return wanted


def _tickets(kept: Prepared[Any], **values: Any) -> list[Listed]:
    return [Listed(*row) for row in kept.all(**values)]


def _first(most: int, *only: Q, **more: Any) -> QuerySet[Ticket, Any]:
    return access.open_in_order().filter(*only, **more).values_list(*listed.LISTED)[:most]


_UNSEEN = Prepared(lambda: _first(10, ~Q(emergency=[]), emergency_seen_at__isnull=True))
_MINE = Prepared(lambda: _first(MINE, ~snoozes.away(Arg("user")), assignee=Arg("user")))
_TO_TRIAGE = Prepared(lambda: _first(FEW, step__in=frame.UNTRIAGED))
_FREE = Prepared(lambda: _first(FEW, step=Step.DISPATCH, assignee__isnull=True))
_OF_CUSTOMERS = Prepared(
    lambda: _first(
        FEW, customer__in=Customer.objects.filter(tam=Arg("user")).values("pk"), due_at__isnull=False
    )
)
_PROMISED = Prepared(lambda: _first(FEW, due_at__isnull=False))
