"""Subscriptions: those that end soon, and one to put right, end early, renew or take away (P1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.allowances.agreements import today
from mainstay.customers import subscriptions
from mainstay.customers.models import Customer, Product, Subscription
from mainstay.desk import customers, frame
from mainstay.desk.typed import Typed, changed, said, today_of
from mainstay.errors import Refused
from mainstay.tickets import bound
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 300
WITHIN = (30, 90, 180, 365)
Do = Callable[[Typed, Actor, datetime], str]


@require_safe
@staff_page()
def ending(request: StaffRequest) -> HttpResponse:
    """Subscriptions that end within `?within=` days (90), or ended lately, with nothing that follows."""
    asked = request.GET.get("within", "")
    within = int(asked) if asked in {str(one) for one in WITHIN} else 90
    now = timezone.now()
    rows = list(subscriptions.ending(today_of(request.user, now), within=within)[:MOST])
    context = {
        "page_title": "Subscriptions ending",
        "rows": [(one, (one.ends_on - today(one.customer, now)).days) for one in rows],
        "views": [
            {"label": f"{one} days", "url": f"?within={one}", "count": "", "current": one == within} for one in WITHIN
        ],
        "now": now,
    }  # fmt: skip
    return frame.page(request, "desk/subscriptions.html", context, here="customers")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def subscription(request: StaffRequest, code: str, subscription: int) -> HttpResponse:
    """One subscription; a POST of those who agree with customers puts it right or ends it early."""
    found, held = _found(code, subscription)
    if request.method != "POST":
        return _show(request, found, held)
    if not request.user.has_role(*frame.AGREE):
        raise Http404

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        changes = bound.change_subscription(
            held, product=_product(typed), starts_on=typed.needs_day("first_day"),
            ends_on=typed.needs_day("last_day"), reason=typed.text("reason"), by=by, at=at,
        )  # fmt: skip
        return changed("The subscription", changes)

    return _done(request, found, held, "change", do)


@require_POST
@staff_page(*frame.AGREE)
def renewal(request: StaffRequest, code: str, subscription: int) -> HttpResponseBase:
    """The same again, from the day after."""
    found, held = _found(code, subscription)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        made = subscriptions.renew_subscription(held, ends_on=typed.needs_day("last_day"), by=by, at=at)
        return f"Renewed from {made.starts_on:%-d %B %Y} to {made.ends_on:%-d %B %Y}."

    return _done(request, found, held, "renew", do)


@require_POST
@staff_page(*frame.AGREE)
def removal(request: StaffRequest, code: str, subscription: int) -> HttpResponseBase:
    """Take away one that never was."""
    found, held = _found(code, subscription)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        bound.remove_subscription(held, reason=typed.text("reason"), by=by, at=at)
        return "The subscription is gone."

    return _done(request, found, held, "remove", do)


def _found(code: str, number: int) -> tuple[Customer, Subscription]:
    found = customers.found_by(code)
    return found, get_object_or_404(
        Subscription.objects.select_related("customer", "product"), pk=number, customer=found
    )


def _product(typed: Typed) -> Product | None:
    code = typed.text("product")
    found = Product.objects.filter(code=code).first()
    if code and found is None:
        raise Refused("product", f"{code[:40]!r} is no product")
    return found


def _done(request: StaffRequest, found: Customer, held: Subscription, form: str, do: Do) -> HttpResponse:
    try:
        told = do(Typed(request), Actor.staff(request.user), timezone.now())
    except Refused as error:
        return _show(request, *_found(found.code, held.pk), form, said(error))
    messages.success(request, told)
    return HttpResponseRedirect(reverse("desk:customer", args=[found.code]), status=303)


def _show(
    request: StaffRequest, found: Customer, held: Subscription, form: str = "", refused: str = ""
) -> HttpResponse:
    typed: Any = request.POST if refused else {}
    context = {
        "page_title": f"Subscription of {found.name}",
        "customer": found,
        "held": held,
        "form": form,
        "refused": refused,
        "v": typed if form == "change" else {
            "product": held.product.code if held.product else "", "first_day": held.starts_on.isoformat(),
            "last_day": held.ends_on.isoformat(), "reason": "",
        },
        "again": typed.get("last_day", "") if form == "renew" else _again(held),
        "why": typed.get("reason", "") if form == "remove" else "",
        "products": list(Product.objects.order_by("name").values_list("code", "name")),
    }  # fmt: skip
    status = 422 if refused else 200
    return frame.page(request, "desk/subscription.html", context, here="customers", status=status)


def _again(held: Subscription) -> str:
    """As long again, as a year usually is."""
    first = held.ends_on + timedelta(days=1)
    try:
        return date(first.year + 1, held.ends_on.month, held.ends_on.day).isoformat()
    except ValueError:
        return (first + timedelta(days=364)).isoformat()
