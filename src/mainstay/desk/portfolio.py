"""A TAM's portfolio: their customers with what may go wrong at each, what is owed first, and what is to be done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from mainstay.accounts.models import Role, User
from mainstay.contracts import renewals
from mainstay.customers.models import Customer, Environment
from mainstay.desk import frame, queue, shown
from mainstay.maintenance.models import Task
from mainstay.tickets import access
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import QueueBand

MOST = 200
FIRST = 12  # tickets on the scale
AHEAD = timedelta(days=90)
DUE = timedelta(days=14)


@dataclass
class Held:
    """One customer of the portfolio: what is open, and what may go wrong, each with where it is dealt with."""

    customer: Customer
    open: int = 0
    grave: int = 0
    risks: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


@require_safe
@staff_page()
def portfolio(request: StaffRequest) -> HttpResponse:
    """One's own customers, or with `tam` another's; those with most that may go wrong first."""
    now, tam = timezone.now(), _whose(request)
    customers = list(Customer.objects.filter(tam=tam).order_by("name", "pk")[:MOST])
    tickets = list(access.queue(request.user, customer__in=customers, due_at__isnull=False)[:FIRST])
    clocks = queue.clocks_of(tickets)
    rows = tuple(shown.row(one, clocks.get(one.pk, []), now) for one in tickets)
    context = {
        "page_title": _("Portfolio"),
        "tam": tam,
        "tams": User.objects.filter(is_active=True, roles__contains=[Role.TAM]).order_by("name"),
        "held": _held(request.user, customers, now),
        "bands": [QueueBand(code="", title=_("What breaks its promise first"), rows=rows)] if rows else [],
        "now": now,
    }
    return frame.page(request, "desk/portfolio.html", context, here="portfolio")


def _whose(request: StaffRequest) -> User:
    asked = request.GET.get("tam", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        found = User.objects.filter(pk=int(asked), is_active=True, roles__contains=[Role.TAM]).first()
        return found or request.user
    return request.user


def _held(user: User, customers: list[Customer], now: datetime) -> list[Held]:
    """Five queries, however many customers."""
    held = {one.pk: Held(one) for one in customers}
    _open(user, held, now)
    _contracts(held, now.date())
    _releases(held, now.date())
    _tasks(held, now.date())
    return sorted(held.values(), key=lambda one: (-len(one.risks), -one.grave, -one.open, one.customer.name))


def _open(user: User, held: dict[int, Held], now: datetime) -> None:
    late = Q(due_at__lt=now)
    near = Q(queue_at__lte=now, due_at__gte=now)
    rows = access.queue(user, customer__in=list(held)).order_by().values("customer")
    counted = rows.annotate(
        n=Count("pk"), grave=Count("pk", filter=Q(severity=1)), late=Count("pk", filter=late),
        near=Count("pk", filter=near),
    )  # fmt: skip
    for row in counted:
        one = held[row["customer"]]
        one.open, one.grave = row["n"], row["grave"]
        where = reverse("desk:customer", args=[one.customer.code])
        if row["late"]:
            said = ngettext("%(n)s promise is missed", "%(n)s promises are missed", row["late"])
            one.risks.append((said % {"n": row["late"]}, where))
        if row["near"]:
            said = ngettext("%(n)s promise is nearly due", "%(n)s promises are nearly due", row["near"])
            one.risks.append((said % {"n": row["near"]}, where))


def _contracts(held: dict[int, Held], today: date) -> None:
    for one in renewals.ending(today, AHEAD.days):
        if one.contract.customer_id in held:
            said = _("contract %(number)s ends in %(days)s days") if one.draft is None else _(
                "contract %(number)s ends in %(days)s days; its renewal is begun"
            )  # fmt: skip
            words = said % {"number": one.contract.number, "days": one.days}
            held[one.contract.customer_id].risks.append(
                (words, reverse("desk:contract", args=[one.contract.pk]))
            )


def _releases(held: dict[int, Held], today: date) -> None:
    """Systems whose release is not looked after any more, or not for long."""
    rows = Environment.objects.filter(customer__in=list(held), release__maintained_until__lte=today + AHEAD)
    for one in rows.select_related("customer", "release__product").order_by("release__maintained_until")[
        :MOST
    ]:
        release: Any = one.release
        said = _("%(system)s runs %(release)s, looked after until %(day)s") % {
            "system": one.name, "release": release, "day": f"{release.maintained_until:%Y-%m-%d}",
        }  # fmt: skip
        where = reverse("desk:environment", args=[one.customer.code, one.pk])
        held[one.customer_id].risks.append((said, where))


def _tasks(held: dict[int, Held], today: date) -> None:
    rows = Task.objects.filter(customer__in=list(held), state=Task.State.OPEN, due_on__lte=today + DUE)
    found: dict[int, list[Task]] = defaultdict(list)
    for task in rows.select_related("owner").order_by("due_on", "pk")[:MOST]:
        if task.customer_id is not None:
            found[task.customer_id].append(task)
    for customer, listed in found.items():
        held[customer].tasks = listed
