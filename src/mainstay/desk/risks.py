"""What may go wrong at customers, each in one sentence that leads to where it is dealt with (a TAM's portfolio).

Each kind asks one statement for all customers together: over what is open, in force, agreed or frozen lately.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.allowances.agreements import Agreement, of_versions
from mainstay.allowances.models import Draw
from mainstay.contracts import renewals
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.reports import kept
from mainstay.reports.kept import Kept
from mainstay.reports.models import Figure
from mainstay.tickets.models import Concern, Ticket

MOST = 200
AHEAD = timedelta(days=90)
SILENT = timedelta(days=90)
NEARLY = 80  # percent of a quota
TREND = timedelta(days=190)


class Risk(NamedTuple):
    """A sentence, and where it is dealt with."""

    said: str
    url: str


Found = Iterator[tuple[int, Risk]]


def of(customers: Sequence[Customer], now: datetime) -> Found:
    """All kinds, by the customer's id; the customers as `with_what_is_asked` gives them."""
    known, today = {one.pk: one for one in customers}, now.date()
    held = _in_force(known, today)
    yield from _concerns(customers, now)
    yield from _contracts(known, today)
    yield from _releases(known, today)
    yield from _trends(known, today)
    yield from _quotas(known, held, today)
    yield from _silent(customers, held, now)


def with_what_is_asked(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Each with when it asked for something last (`last_request`), one look into an index for each, and its concerns
    that wait for an answer (`waiting_concerns`: n, the earliest due, the first ticket if one is about any; None
    without)."""
    newest = Ticket.objects.filter(customer=OuterRef("pk")).order_by("-opened_at").values("opened_at")[:1]
    theirs = Q(ticket__customer=OuterRef("pk")) | Q(customer=OuterRef("pk"))
    counted = (
        Concern.objects.filter(theirs, answered_at=None)
        .order_by()
        .values("answered_at")
        .annotate(said=JSONObject(n=Count("pk"), due=Min("due_at"), first=Min("ticket")))
    )
    found = customers.annotate(
        last_request=Subquery(newest), waiting_concerns=Subquery(counted.values("said"))
    )
    return found.select_related("tam")


def _in_force(known: dict[int, Customer], today: date) -> dict[int, list[Contract]]:
    """Every version of the contracts in force, by customer: their quotas are reckoned by all of them."""
    current = Contract.objects.filter(
        customer=OuterRef("customer"),
        number=OuterRef("number"),
        part=OuterRef("part"),
        period__contains=today,
    )
    found: dict[int, list[Contract]] = defaultdict(list)
    rows = Contract.objects.filter(Exists(current), customer__in=list(known)).select_related("package")
    for one in rows.order_by("number", "part", "period", "version"):
        found[one.customer_id].append(one)
    return found


def _concerns(customers: Sequence[Customer], now: datetime) -> Found:
    for one in customers:
        held: dict[str, Any] | None = getattr(one, "waiting_concerns", None)
        if held is None:
            continue
        said = ngettext(
            "%(n)s concern waits for an answer", "%(n)s concerns wait for an answer", held["n"]
        ) % {"n": held["n"]}  # fmt: skip
        late = datetime.fromisoformat(held["due"]) < now
        words = _("%(said)s, and is late") % {"said": said} if late else said
        first = held["first"]
        where = reverse("desk:ticket", args=[first]) if first is not None else reverse("desk:concerns")
        yield one.pk, Risk(words, where)


def _contracts(known: dict[int, Customer], today: date) -> Found:
    for one in renewals.ending(today, AHEAD.days):
        if one.contract.customer_id in known:
            said = _("contract %(number)s ends in %(days)s days") if one.draft is None else _(
                "contract %(number)s ends in %(days)s days; its renewal is begun"
            )  # fmt: skip
            where = reverse("desk:contract", args=[one.contract.pk])
            words = {"number": one.contract.number, "days": one.days}
            yield one.contract.customer_id, Risk(said % words, where)


def _releases(known: dict[int, Customer], today: date) -> Found:
    """Systems whose release is not looked after any more, or not for long."""
    rows = Environment.objects.filter(customer__in=list(known), release__maintained_until__lte=today + AHEAD)
    found = rows.select_related("release__product").order_by("release__maintained_until")
    for one in found[:MOST]:
        release: Any = one.release
        said = _("%(system)s runs %(release)s, looked after until %(day)s") % {
            "system": one.name, "release": release, "day": f"{release.maintained_until:%Y-%m-%d}",
        }  # fmt: skip
        where = reverse("desk:environment", args=[known[one.customer_id].code, one.pk])
        yield one.customer_id, Risk(said, where)


# ---- promises that are kept less and less


def _trends(known: dict[int, Customer], today: date) -> Found:
    """The newest frozen period against the one before: missed, or fewer kept than then."""
    lines: dict[tuple[int, str], list[Kept]] = defaultdict(list)
    for row in kept.of(Figure.objects.filter(customer__in=list(known), first__gte=today - TREND), MOST * 50):
        lines[(row.customer, row.code)].append(row)
    for (customer, _code), rows in lines.items():
        risk = _trend(known[customer], rows[0], rows[1] if len(rows) > 1 else None)
        if risk is not None:
            yield customer, risk


def _trend(customer: Customer, newest: Kept, before: Kept | None) -> Risk | None:
    fell = before is not None and _share(newest) < _share(before)
    if newest.state != "missed" and not fell:
        return None
    said = {"kpi": newest.name, "now": newest.value, "was": before.value if before else ""}
    where = reverse("desk:kpi_customer", args=[customer.code])
    if newest.state == "missed":
        words = _("%(kpi)s: %(now)s in the last period, less than agreed")
        return Risk((_("%(kpi)s: %(now)s after %(was)s, less than agreed") if fell else words) % said, where)
    return Risk(_("%(kpi)s: %(now)s after %(was)s, still as agreed") % said, where)


def _share(one: Kept) -> float:
    return one.kept / (one.kept + one.missed) if one.kept + one.missed else 1.0


# ---- quotas, and those of whom nothing is heard


def _quotas(known: dict[int, Customer], held: dict[int, list[Contract]], today: date) -> Found:
    """Requests of a quota that are nearly or wholly drawn in the present period."""
    limited = [(one, period, n) for one in _agreements(known, held) for period, n in _limit(one, today)]
    drawn: dict[tuple[int, str, int], list[tuple[date, int]]] = defaultdict(list)
    first = min((period.first for _one, period, _n in limited), default=today)
    rows = Draw.objects.filter(customer__in=list(known), day__gte=first)
    for customer, number, part, day, count in rows.values_list("customer", "number", "part", "day", "count"):
        drawn[(customer, number, part)].append((day, count))
    for one, period, number in limited:
        used = sum(n for day, n in drawn[(one.customer.pk, one.number, one.part)] if period.holds(day))
        if number and 100 * used >= NEARLY * number:
            said = _("%(used)s of %(number)s requests of contract %(contract)s are drawn") % {
                "used": used, "number": number, "contract": one.number,
            }  # fmt: skip
            yield one.customer.pk, Risk(said, reverse("desk:allowances", args=[one.customer.code]))


def _agreements(known: dict[int, Customer], held: dict[int, list[Contract]]) -> Iterable[Agreement]:
    for customer, rows in held.items():
        by_line: dict[tuple[str, int], list[Contract]] = defaultdict(list)
        for one in rows:
            by_line[(one.number, one.part)].append(one)
        yield from (of_versions(known[customer], line) for line in by_line.values())


def _limit(agreement: Agreement, today: date) -> Iterator[Any]:
    limit = agreement.limits_on(today).requests
    period = agreement.period(today, limit.per) if limit else None
    if limit is not None and period is not None:
        yield period, limit.number


def _silent(customers: Sequence[Customer], held: dict[int, list[Contract]], now: datetime) -> Found:
    """Who pays and asks for nothing: content, or gone elsewhere with their questions."""
    for one in customers:
        last: datetime | None = getattr(one, "last_request", None)
        where = reverse("desk:customer", args=[one.code])
        if one.pk not in held or (last is not None and last > now - SILENT):
            continue
        if last is None:
            yield one.pk, Risk(_("they have never asked for anything; is all well?"), where)
        else:
            yield (
                one.pk,
                Risk(_("nothing was asked for %(n)s days; is all well?") % {"n": (now - last).days}, where),
            )
