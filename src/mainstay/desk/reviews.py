"""Service reviews of one customer: the day of the next one, what was agreed, and who does what until when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Customer
from mainstay.desk import customers, frame, tasks
from mainstay.desk.typed import Typed, said, zone_of
from mainstay.errors import Refused
from mainstay.maintenance import reviews as reviewing
from mainstay.maintenance.models import Review
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 20


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def reviews(request: StaffRequest, code: str) -> HttpResponse:
    """The page; a POST plans the next review, or with an empty day none."""
    found = customers.found_by(code)
    if request.method != "POST":
        return _page(request, found)
    try:
        on = Typed(request).day("on")
        reviewing.plan(found, on=on, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _page(request, found, "plan", said(error))
    messages.success(
        request, f"The next review is on {on:%-d %B %Y}." if on else "No review is planned any more."
    )
    return _back(found)


@require_POST
@staff_page()
def holding(request: StaffRequest, code: str) -> HttpResponse:
    """A review was held: when, what was agreed, and when the next one is."""
    found, typed = customers.found_by(code), Typed(request)
    try:
        reviewing.hold(
            found, held_on=typed.needs_day("held_on"), agreed=typed.raw("agreed"), next_on=typed.day("next_on"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _page(request, found, "holding", said(error))
    messages.success(request, "Written down. Who does what until when is added below it.")
    return _back(found)


@require_POST
@staff_page()
def agreement(request: StaffRequest, code: str, review: int) -> HttpResponse:
    """An action item of a review: a task with an owner and a day."""
    found, typed = customers.found_by(code), Typed(request)
    held = get_object_or_404(Review.objects.select_related("customer"), pk=review, customer=found)
    try:
        made = reviewing.agree(held, tasks.work_of(typed), by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _page(request, found, f"item-{held.pk}", said(error))
    messages.success(request, f"A task for {made.hands}, due {made.due_on:%-d %B %Y}.")
    return _back(found)


def _page(request: StaffRequest, found: Customer, form: str = "", refused: str = "") -> HttpResponse:
    now = timezone.now()
    typed: Any = request.POST if refused else {}
    held = reviewing.held(found, MOST)
    context = {
        "page_title": f"Reviews · {found.name}",
        "customer": found,
        "planned": reviewing.planned(found),
        "held": [(one, f"item-{one.pk}", list(one.tasks.all())) for one in held],
        "owners": tasks.owners(),
        "today": now.astimezone(zone_of(request.user)).date(),
        "form": form,
        "refused": refused,
        "v": typed,
        "now": now,
    }
    return frame.page(request, "desk/reviews.html", context, here="customers", status=422 if refused else 200)


def _back(found: Customer) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:reviews", args=[found.code]), status=303)
