"""What needs a person now, by what they are here for: the parts of the desk's first page.

Each part is one indexed query of a few rows, and is asked only for those whose work it is. What presses stands first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.accounts.models import Role, User
from mainstay.desk import agreement_needs, bands, house_needs, own_needs
from mainstay.desk.waiting import Asking, Part
from mainstay.notices import recipients
from mainstay.ui.shapes import QueueBand


@dataclass(frozen=True)
class Needs:
    """A person's first page: tickets in bands on one scale, then what waits beside them, what presses first."""

    bands: tuple[QueueBand, ...]
    parts: tuple[Part, ...]
    rest: str  # what happens next when nothing waits


def roles_of(user: User) -> frozenset[str]:
    """What a person does: their roles, and triage where nobody else does it (a house of three)."""
    held = set(user.roles)
    if any(one.pk == user.pk for one in recipients.leads()):
        held.add(Role.TRIAGE)
    return frozenset(str(role) for role in held)


def of(user: User, found: dict[str, int], at: datetime) -> Needs:
    """Everything that needs `user` at `at`; `found` are the counts of `frame.counts`."""
    asking = Asking(user, at, roles_of(user))
    made = [make(asking) for roles, make in PARTS if roles is EVERYBODY or asking.roles & roles]
    parts = [part for part in made if part is not None and part.lines]
    return Needs(
        bands.of(user, asking.roles, found, at),
        tuple(sorted(parts, key=lambda one: not one.hot)),
        _rest(asking, found),
    )


WORKING: Final = frozenset({Role.ENGINEER, Role.TRIAGE, Role.MANAGER})
"""Who takes a ticket from the queue."""


def _rest(asking: Asking, found: dict[str, int]) -> str:
    """What happens next, where nothing waits."""
    if not asking.user.may_act:
        return _("You read everything and change nothing; the log and every “why” are open to you.")
    if not asking.roles & WORKING:
        return _("What needs you comes up here by itself, and is told in your notices.")
    if Role.TRIAGE in asking.roles or not found["nobody"]:
        return _("A new request comes up here by itself, and is told in your notices.")
    return ngettext(
        "%(n)s open ticket has no owner yet: take it from the queue.",
        "%(n)s open tickets have no owner yet: take the first from the queue.",
        found["nobody"],
    ) % {"n": found["nobody"]}  # fmt: skip


# ---- what waits beside them

EVERYBODY: Final = frozenset[str]()
SELLING: Final = frozenset({Role.SALES})
Make = Callable[[Asking], "Part | None"]
PARTS: tuple[tuple[frozenset[Any], Make], ...] = (
    (EVERYBODY, own_needs.own),
    (EVERYBODY, own_needs.meetings),
    (EVERYBODY, own_needs.handed),
    (EVERYBODY, own_needs.instead),
    (EVERYBODY, own_needs.work),
    (frozenset({Role.TRIAGE, Role.ADMINISTRATOR}), house_needs.held),
    (frozenset({Role.ADMINISTRATOR}), house_needs.mail_out),
    (frozenset({Role.TRIAGE, Role.MANAGER, Role.SALES}), agreement_needs.undecided),
    (frozenset({Role.MANAGER}), agreement_needs.excuses),
    (frozenset({Role.MANAGER, Role.SALES}), agreement_needs.negotiated),
    (frozenset({Role.MANAGER, Role.SALES}), agreement_needs.credits),
    (frozenset({Role.TAM, Role.SALES, Role.MANAGER}), agreement_needs.ending),
    (SELLING, agreement_needs.leads),
    (SELLING, agreement_needs.subscribed),
    (frozenset({Role.MANAGER, Role.TRIAGE}), house_needs.away),
    (frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), house_needs.acts),
    (frozenset({Role.AUDITOR}), house_needs.figures),
    (frozenset({Role.AUDITOR}), agreement_needs.excused),
)
