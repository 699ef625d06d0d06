"""What matters first about a customer: agreement and renewal, promises kept, what is open, concerns, channels.

Each part asks one or two statements, over what is open, in force or recent; none over a customer's history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils.translation import gettext as _

from mainstay.allowances.models import NamedContact
from mainstay.catalogue import publish
from mainstay.contracts import drafts, renewals, wording
from mainstay.contracts.entitlement import Entitlement
from mainstay.contracts.models import Contract, Draft
from mainstay.contracts.sold import Sold
from mainstay.customers.models import Contact, Customer
from mainstay.reports import kept as counted
from mainstay.reports.models import Figure
from mainstay.tickets.models import Concern, State, Ticket

LATELY, YEAR = timedelta(days=90), timedelta(days=366)
MOST = 500  # figures of a year
CONCERNS = 6


@dataclass(frozen=True)
class Graded:
    """The open tickets of one severity: how many, how many of them are late or wait, and what is due next."""

    severity: int
    n: int
    late: int
    waiting: int
    next_due: datetime | None


def open_by_severity(customer: Customer, now: datetime) -> list[Graded]:
    """The gravest first; only what is open is looked at."""
    rows = Ticket.objects.filter(customer=customer).exclude(state=State.CLOSED).order_by("severity")
    waits = Q(state__in=[State.WAITING_CUSTOMER, State.WAITING_THIRD, State.OUT_OF_SCOPE])
    counted = rows.values("severity").annotate(
        n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)), waiting=Count("pk", filter=waits),
        next_due=Min("due_at"),
    )  # fmt: skip
    return [Graded(**row) for row in counted]


# ---- the agreement


@dataclass(frozen=True)
class Agreed:
    """The contract in force and until when it is signed, with the draft that renews it."""

    contract: Contract
    last_day: date | None
    days: int | None
    renewal: Draft | None

    @property
    def near(self) -> bool:
        return self.days is not None and self.days <= max(renewals.AHEAD)


def agreed(entitled: Entitlement, today: date) -> Agreed | None:
    """None without a contract. A version that is signed to follow counts: the last of them says until when."""
    contract = entitled.contract
    if contract is None:
        return None
    same = renewals.last_versions().filter(
        customer=contract.customer_id, number=contract.number, part=contract.part
    )
    last = same.first() or contract
    begun = Draft.objects.filter(base=last, kind=Draft.Kind.RENEWAL, state__in=drafts.OPEN).first()
    days = (last.last_day - today).days if last.last_day else None
    return Agreed(contract, last.last_day, days, begun)


def sold(entitled: Entitlement) -> list[tuple[str, str]]:
    """By what they reach us, and how closely their systems are watched, as agreed."""
    if entitled.package is None:
        return []
    contract = entitled.contract
    desk = contract.desk_policy if contract else publish.current_desk_policy()
    says = Sold(entitled.package, desk).with_difference(contract.overrides if contract else {})
    lines = [(_("Channels"), wording.listed(says.get("channels")))]
    if contract and contract.phone_number:
        lines.append((_("Telephone"), contract.phone_number))
    lines += [(_("Now"), str(one)) for one in entitled.channels]
    return [*lines, (_("Monitoring"), _watched(says.get("monitoring") or {}))]


def _watched(monitoring: Any) -> str:
    depth = wording.known(str(monitoring.get("depth", "none")))
    seconds = int(monitoring.get("interval_seconds") or 0)
    if not seconds:
        return depth
    every = _("a check every %(n)s s") if seconds < 60 else _("a check every %(n)s min")
    said = f"{depth}, {every % {'n': seconds if seconds < 60 else seconds // 60}}"
    return f"{said}, {_('trends')}" if monitoring.get("trends") else said


# ---- promises kept


@dataclass
class Kept:
    """One agreed KPI over frozen periods: kept of all, in periods that ended lately and in those of a year."""

    name: str
    owed: str
    lately: list[int] = field(default_factory=lambda: [0, 0])
    year: list[int] = field(default_factory=lambda: [0, 0])
    missed: int = 0  # periods of the year in which it was not reached

    @property
    def share(self) -> int | None:
        """Of the year, in percent, rounded down: 99.9 is not 100."""
        return 100 * self.year[0] // self.year[1] if self.year[1] else None


def promises_kept(customer: Customer, today: date) -> list[Kept]:
    """From the figures that are frozen (reports.closing): at most a year of them, and nothing is reckoned anew."""
    held = Figure.objects.filter(customer=customer, first__gte=today - YEAR)
    found: dict[str, Kept] = {}
    for row in counted.of(held, MOST):
        one = found.setdefault(row.code, Kept(row.name, row.owed))
        one.missed += row.state == "missed"
        for sums in (one.year, one.lately) if row.end > today - LATELY else (one.year,):
            sums[0] += row.kept
            sums[1] += row.kept + row.missed
    return list(found.values())


def together(kept: Sequence[Kept]) -> Kept | None:
    """All of them in one figure; None where nothing was decided yet."""
    total = Kept("", "")
    for one in kept:
        for sums, more in ((total.lately, one.lately), (total.year, one.year)):
            sums[0] += more[0]
            sums[1] += more[1]
        total.missed += one.missed
    return total if total.year[1] else None


# ---- people and what they want decided


def concerns_of(customer: Customer, now: datetime) -> tuple[list[Concern], list[Concern]]:
    """Those that wait for an answer, about a request or about none, what is due first first; and the last that were
    answered, of three months."""
    mine = Q(ticket__customer=customer) | Q(customer=customer)
    held = Concern.objects.filter(mine).select_related("ticket")
    waiting = list(held.filter(answered_at=None).order_by("due_at", "pk")[:CONCERNS])
    recent = held.filter(at__gte=now - LATELY, answered_at__isnull=False).order_by("-at", "-pk")
    return waiting, list(recent[:CONCERNS])


def people(customer: Customer, most: int) -> list[tuple[Contact, bool]]:
    """Who may still ask, managers of the others first; and whether each is named on an agreement."""
    named = NamedContact.objects.filter(contact=OuterRef("pk"), until__isnull=True)
    held = customer.contacts.filter(ended_at=None).annotate(named=Exists(named))
    return [(one, one.named) for one in held.order_by("-is_admin", "name", "pk")[:most]]
