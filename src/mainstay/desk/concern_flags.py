"""What a customer wants decided, on top of its ticket: who asked, when, what is needed, and the answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.models import User
from mainstay.tickets import concerns
from mainstay.tickets.models import Concern, Ticket

NEEDED = {
    Concern.Kind.ESCALATION: (gettext_noop("Escalate, or say why not."), "escalation", gettext_noop("Escalate")),
    Concern.Kind.SEVERITY: (
        gettext_noop("Decide the severity, or say why it stays."), "severity", gettext_noop("Severity"),
    ),
    Concern.Kind.COMPLAINT: (gettext_noop("A manager who does not work on the ticket answers it."), "", ""),
}  # fmt: skip
"""What each asks of us, and the drawer whose act answers it by itself."""


@dataclass(frozen=True)
class Waiting:
    """What a customer wants decided, as it stands on top of its ticket."""

    concern: Concern
    needed: str
    drawer: str
    label: str
    mine: bool
    form: str


def on_ticket(ticket: Ticket, user: User, drawers: Collection[str]) -> list[Waiting]:
    """Those that wait for an answer, what is due first first, out of what was read with the ticket: no statement of
    its own. `drawers` are the acts that this reader has on the page."""
    found = []
    for said in getattr(ticket, "open_concerns", []):
        instants = {name: datetime.fromisoformat(said[name]) for name in ("at", "due_at")}
        one = Concern(ticket=ticket, **{**said, **instants})
        needed, drawer, label = NEEDED[Concern.Kind(one.kind)]
        there = drawer if drawer in drawers else ""
        mine = concerns.may_answer(one, ticket, user)
        found.append(Waiting(one, _(needed), there, _(label) if there else "", mine, f"concern-{one.pk}"))
    return found
