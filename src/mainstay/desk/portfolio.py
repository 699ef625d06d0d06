"""A TAM's portfolio: their customers with what may go wrong at each, what is owed first, what is to be done, and who
looks after them while the TAM is away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from mainstay.accounts import standing_in
from mainstay.accounts.models import Role, User
from mainstay.customers.models import Customer
from mainstay.desk import frame, queue, risks, shown
from mainstay.desk.risks import Risk
from mainstay.desk.typed import today_of
from mainstay.maintenance.models import Review, Task
from mainstay.tickets import access
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import QueueBand

MOST = 200
FIRST = 12  # tickets on the scale
DUE = timedelta(days=14)


@dataclass
class Held:
    """One customer of the portfolio: what is open, and what may go wrong, each with where it is dealt with."""

    customer: Customer
    open: int = 0
    grave: int = 0
    risks: list[Risk] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    review: date | None = None  # when the next one is planned
    instead_of: str = ""


@require_safe
@staff_page()
def portfolio(request: StaffRequest) -> HttpResponse:
    """One's own customers and those of whom one stands in for, or with `tam` another's; what may go wrong first."""
    return show(request)


def show(request: StaffRequest, refused: str = "") -> HttpResponse:
    """The page; after a refusal with the form about standing in open, what was typed and why (422)."""
    now, tam = timezone.now(), _whose(request)
    instead, stand_ins = standing_in.around(tam, now)
    staff = list(User.objects.filter(is_active=True).exclude(roles=[]).order_by("name"))
    whose = [tam, *(one.person for one in instead)]
    planned = Review.objects.filter(customer=OuterRef("pk"), held_on=None).values("planned_on")
    mine = Customer.objects.filter(tam__in=whose).annotate(next_review=Subquery(planned))
    customers = list(risks.with_what_is_asked(mine).order_by("name", "pk")[:MOST])
    tickets = list(access.queue(request.user, customer__in=customers, due_at__isnull=False)[:FIRST])
    clocks = queue.clocks_of(tickets)
    rows = tuple(shown.row(one, clocks.get(one.pk, []), now) for one in tickets)
    context = {
        "page_title": _("Portfolio"),
        "tam": tam,
        "tams": [one for one in staff if Role.TAM in one.roles],
        "held": _held(request.user, customers, tam, now),
        "bands": [QueueBand(code="", title=_("What breaks its promise first"), rows=rows)] if rows else [],
        "instead": instead,
        "stand_ins": stand_ins,
        "may_name": may_name(request.user, tam),
        "people": [(str(one.pk), one.name) for one in staff if one.may_act and one.pk != tam.pk],
        "refused": refused,
        "v": request.POST if refused else {},
        "now": now,
    }
    return frame.page(
        request, "desk/portfolio.html", context, here="portfolio", status=422 if refused else 200
    )


def may_name(user: User, tam: User) -> bool:
    """Who may say who stands in for a TAM: they themself, and those who manage."""
    return user.may_act and Role.TAM in tam.roles and (user.pk == tam.pk or user.has_role(Role.MANAGER))


def _whose(request: StaffRequest) -> User:
    number = ids.read(request.POST.get("person", "") or request.GET.get("tam", "")) or 0
    found = (
        User.objects.filter(pk=number, is_active=True, roles__contains=[Role.TAM]).first() if number else None
    )
    return found or request.user


def _held(user: User, customers: list[Customer], tam: User, now: datetime) -> list[Held]:
    """Ten statements, however many customers."""
    held = {one.pk: Held(one) for one in customers}
    for one in customers:
        if one.tam_id != tam.pk and one.tam is not None:
            held[one.pk].instead_of = one.tam.name
    _open(user, held, now)
    _reviews(held, today_of(user, now))
    _tasks(held, today_of(user, now))
    for customer, risk in risks.of(customers, now):
        held[customer].risks.append(risk)
    return sorted(held.values(), key=lambda one: (-len(one.risks), -one.grave, -one.open, one.customer.name))


def _reviews(held: dict[int, Held], today: date) -> None:
    """The day of the next review with each; one that has passed is a risk."""
    for mine in held.values():
        mine.review = getattr(mine.customer, "next_review", None)
        if mine.review is not None and mine.review < today:
            said = _("the review planned for %(day)s has not been written down")
            where = reverse("desk:reviews", args=[mine.customer.code])
            mine.risks.append(Risk(said % {"day": f"{mine.review:%-d %b %Y}"}, where))


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
            one.risks.append(Risk(said % {"n": row["late"]}, where))
        if row["near"]:
            said = ngettext("%(n)s promise is nearly due", "%(n)s promises are nearly due", row["near"])
            one.risks.append(Risk(said % {"n": row["near"]}, where))


def _tasks(held: dict[int, Held], today: date) -> None:
    rows = Task.objects.filter(customer__in=list(held), state=Task.State.OPEN, due_on__lte=today + DUE)
    found: dict[int, list[Task]] = defaultdict(list)
    for task in rows.select_related("owner", "team").order_by("due_on", "pk")[:MOST]:
        if task.customer_id is not None:
            found[task.customer_id].append(task)
    for customer, listed in found.items():
        held[customer].tasks = listed
