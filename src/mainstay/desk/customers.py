"""Customers: whom we serve, under which contract, their people, systems and open tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.accounts import standing_in
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.catalogue import publish
from mainstay.contracts import entitlement
from mainstay.contracts.models import Contract, Terms
from mainstay.customers import lifecycle, notes, register
from mainstay.customers.models import Contact, Customer, Environment, Product, Release
from mainstay.desk import customer_glance as glance
from mainstay.desk import frame, queue, shown
from mainstay.desk.typed import RefusedForm, Typed, said
from mainstay.errors import Refused
from mainstay.maintenance import reviews
from mainstay.tickets import access
from mainstay.tickets.models import State, Ticket
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import QueueBand

PAGE = 100
FIRST = 10  # open tickets on the page; the queue has all of them
MOST = 50
NOTES = 30
PEOPLE, SHOWN = 300, 12


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def customers(request: StaffRequest) -> HttpResponse:
    """The list with search; a POST adds a customer and its first domain."""
    if request.method != "POST":
        return _list(request, {}, "")
    try:
        typed = Typed(request)
        added = register.add_customer(
            code=typed.text("code"), name=typed.text("name"), time_zone=typed.text("time_zone"),
            country=typed.text("country"), domain=typed.text("domain"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _list(request, request.POST, said(error), 422)
    messages.success(
        request, f"{added.name} is a customer now. Without a contract or subscription nothing is promised."
    )
    return HttpResponseRedirect(reverse("desk:customer", args=[added.code]), status=303)


def _list(request: StaffRequest, values: Any, refused: str, status: int = 200) -> HttpResponse:
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = Customer.objects.select_related("tam").order_by("name", "pk")
    if asked:
        found = found.filter(
            Q(name__icontains=asked) | Q(code__iexact=asked) | Q(domains__domain__icontains=asked)
        ).distinct()
    after = request.GET.get("from", "").replace("\x00", "")
    if after:
        found = found.filter(name__gt=after)
    page = list(found[: PAGE + 1])
    context = {
        "page_title": "Customers",
        "customers": _with_open(page[:PAGE]),
        "next": page[PAGE - 1].name if len(page) > PAGE else "",
        "query": asked,
        "query_url": reverse("desk:customers"),
        "query_hint": "name, code, domain",
        "v": values,
        "refused": refused,
    }
    return frame.page(request, "desk/customers.html", context, here="customers", status=status)


def _with_open(customers: list[Customer]) -> list[tuple[Customer, int]]:
    """Each with how many tickets are open: asked of the open ones only, never of a customer's whole history."""
    rows = (
        Ticket.objects.filter(customer__in=customers)
        .exclude(state=State.CLOSED)
        .values("customer")
        .annotate(n=Count("pk"))
        .order_by()
    )
    counts = {row["customer"]: row["n"] for row in rows}
    return [(one, counts.get(one.pk, 0)) for one in customers]


@require_safe
@staff_page()
def customer(request: StaffRequest, code: str) -> HttpResponse:
    """One customer, whole."""
    return show(request, found_by(code))


def found_by(code: str) -> Customer:
    found = Customer.objects.select_related("tam").filter(code__iexact=code.replace("\x00", "")).first()
    if found is None:
        raise Http404
    return found


def show(request: StaffRequest, found: Customer, refused: RefusedForm | None = None) -> HttpResponse:
    """The customer's page; after a refusal with the form open, what was typed and why it was refused (422)."""
    now = timezone.now()
    entitled = entitlement.entitlement_at(found, now, keep=False)
    context = {
        "page_title": found.name,
        "customer": found,
        "entitled": entitled,
        "terms_kept": Terms.objects.filter(pk=entitled.terms.pk).exists(),
        "level": shown.level(entitled.level),
        "contracts": _contracts(found, now, refused),
        "subscriptions": list(
            found.subscriptions.select_related("product").order_by("-ends_on", "pk")[:MOST]
        ),
        "domains": list(found.domains.order_by("domain")),
        "environments": _systems(found, now),
        "sees": Contact.Sees.choices,
        "f": {"profile": _profile(found)} | ({refused.form: refused.typed} if refused else {}),
        "form": refused.form if refused else "",
        "refused": refused.message if refused else "",
        "now": now,
        **_first(request, found, entitled, now),
        **(_choices(found) if request.user.may_act else {}),
    }
    return frame.page(
        request, "desk/customer.html", context, here="customers", status=422 if refused else 200
    )


def _first(
    request: StaffRequest, found: Customer, entitled: entitlement.Entitlement, now: datetime
) -> dict[str, Any]:
    """What stands on the first screen, and what is read there first."""
    today = now.astimezone(ZoneInfo(found.time_zone or "UTC")).date()
    tickets = list(access.queue(request.user, customer=found)[:FIRST])
    clocks = queue.clocks_of(tickets)
    rows = tuple(shown.row(ticket, clocks.get(ticket.pk, []), now) for ticket in tickets)
    kept = glance.promises_kept(found, today)
    waiting, answered = glance.concerns_of(found, now)
    graded = glance.open_by_severity(found, now)
    contacts = glance.people(found, PEOPLE)
    return {
        "today": today,
        "there": ZoneInfo(found.time_zone or "UTC"),
        "agreed": glance.agreed(entitled, today),
        "sold": glance.sold(entitled),
        "kept": kept,
        "kept_together": glance.together(kept),
        "graded": graded,
        "open": sum(one.n for one in graded),
        "bands": [QueueBand(code="", title="What presses first", rows=rows)] if rows else [],
        "instead": list(standing_in.at_work(now).filter(person=found.tam)) if found.tam else [],
        "review": reviews.planned(found),
        "waiting": waiting,
        "answered": answered,
        "notes": notes.of(found, NOTES),
        "undo_note": _put_away(request, found),
        "contacts": contacts[:SHOWN],
        "more_contacts": contacts[SHOWN:],
    }


def _put_away(request: StaffRequest, found: Customer) -> int | None:
    """The note that was put away a moment ago, which can be brought back."""
    number = ids.read(request.GET.get("away", ""))
    if number is None:
        return None
    gone = found.notes.filter(pk=number, removed_at__isnull=False)
    return gone.values_list("pk", flat=True).first()


def _contracts(found: Customer, now: datetime, refused: RefusedForm | None) -> list[dict[str, Any]]:
    """Each contract with its days, both included, and whether it holds, has ended or is yet to begin."""
    today = now.astimezone(ZoneInfo(found.time_zone or "UTC")).date()
    signed = Contract.objects.filter(customer=found).select_related("package__level", "environment")
    listed = []
    for one in signed.order_by("-period", "-version")[:MOST]:
        first, end = one.period.lower, one.period.upper
        ended, begun = end is not None and end <= today, first is None or first <= today
        listed.append(
            {
                "one": one,
                "level": shown.level(one.package.level),
                "first_day": first,
                "last_day": end - timedelta(days=1) if end else None,
                "holds": "ended" if ended else "holds" if begun else "to come",
                "form": (form := f"end-{one.pk}"),
                "typed": refused.typed if refused and refused.form == form else {},
            }
        )
    return listed


def _systems(found: Customer, now: datetime) -> list[tuple[Environment, str]]:
    """Each system, and how the release that it runs stands."""
    policy, today = publish.current_desk_policy().document, now.date()
    return [
        (one, lifecycle.words(one.release, today, policy) if one.release else "")
        for one in found.environments.select_related("product", "release__product").order_by("name")
    ]


def _profile(found: Customer) -> dict[str, Any]:
    """What the form about the customer shows before anything is typed."""
    return {
        "name": found.name,
        "time_zone": found.time_zone,
        "country": found.country,
        "subdivision": found.subdivision,
        "language": found.language,
        "tam": str(found.tam_id or ""),
        "shares_tickets": "1" if found.shares_tickets else "",
    }


def _choices(found: Customer) -> dict[str, Any]:
    """What the forms let people choose from."""
    tams = User.objects.filter(Q(is_active=True, roles__contains=[Role.TAM]) | Q(pk=found.tam_id))
    return {
        "packages": [(one.code, one.name) for one in publish.current_packages()],
        "tams": [(str(pk), name) for pk, name in tams.order_by("name").values_list("pk", "name")],
        "systems": [(str(one.pk), one.name) for one in found.environments.order_by("name")],
        **products_to_choose(),
    }


def products_to_choose() -> dict[str, Any]:
    """Products by code, releases by their number with the newest first, kinds of environments."""
    releases = Release.objects.select_related("product").order_by("product__name", "-released_on")
    return {
        "products": list(Product.objects.order_by("name").values_list("code", "name")),
        "releases": [(str(one.pk), str(one)) for one in releases],
        "kinds": Environment.Kind.choices,
        "criticalities": Environment.Criticality.choices,
    }
