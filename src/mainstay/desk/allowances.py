"""What a customer may have and has had: named contacts, requests, included hours, by agreement and period (P5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.allowances import agreements, names, statement
from mainstay.allowances.agreements import Agreement
from mainstay.allowances.models import NamedContact
from mainstay.customers.models import Customer
from mainstay.desk import customers, frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.ui import csvs
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.statements import rows_of, shape


@require_safe
@staff_page()
def allowances(request: StaffRequest, code: str) -> HttpResponse:
    """Every agreement of a customer: who is named, and the statement line by line."""
    return _show(request, customers.found_by(code))


@require_safe
@staff_page()
def as_file(request: StaffRequest, code: str) -> HttpResponse:
    """The statements as CSV."""
    found = customers.found_by(code)
    day = agreements.today(found, timezone.now())
    told = [statement.of(one, day) for one in agreements.held_by(found)]
    return csvs.download(f"allowances-{found.code.lower()}-{day.isoformat()}.csv", rows_of(told))


@require_POST
@staff_page(*frame.AGREE)
def name(request: StaffRequest, code: str) -> HttpResponseBase:
    """Name a person on an agreement; beyond its limit only with the reason why."""
    found = customers.found_by(code)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        person = found.contacts.filter(pk=typed.number("contact", "one of the list")).first()
        if person is None:
            raise Refused("contact", f"is not one of {found.name}")
        made = names.name_contact(
            person, number=typed.text("number"), beyond=typed.text("beyond"), by=by, at=at
        )
        more = ", beyond the limit" if made.beyond else ""
        return f"{person.name} is named{more}."

    return _done(request, found, f"name-{request.POST.get('number', '')}", do)


@require_POST
@staff_page(*frame.AGREE)
def take_off(request: StaffRequest, code: str, named: int) -> HttpResponseBase:
    """A person is named no longer."""
    found = customers.found_by(code)
    row = get_object_or_404(NamedContact.objects.select_related("contact"), pk=named, customer=found)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        names.take_off(row, by=by, at=at)
        return f"{row.contact.name} is named no longer."

    return _done(request, found, f"name-{row.number}", do)


def _done(
    request: StaffRequest, found: Customer, form: str, do: Callable[[Typed, Actor, datetime], str]
) -> HttpResponse:
    try:
        told = do(Typed(request), Actor.staff(request.user), timezone.now())
    except Refused as error:
        return _show(request, found, form, said(error))
    messages.success(request, told)
    return HttpResponseRedirect(reverse("desk:allowances", args=[found.code]), status=303)


def _show(request: StaffRequest, found: Customer, form: str = "", refused: str = "") -> HttpResponse:
    now = timezone.now()
    day = agreements.today(found, now)
    people = list(found.contacts.order_by("name", "pk")[:300])
    numbers: set[str] = set()
    listed = []
    for one in agreements.held_by(found):
        first = one.number not in numbers  # people are named on the whole contract, once
        numbers.add(one.number)
        listed.append(_agreement(one, day, now, people if first else None))
    context = {
        "page_title": f"{found.name}: allowances",
        "customer": found,
        "listed": listed,
        "form": form,
        "v": request.POST if refused else {},
        "refused": refused,
        "now": now,
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/allowances.html", context, here="customers", status=status)


def _agreement(one: Agreement, day: date, now: datetime, people: list[Any] | None) -> dict[str, Any]:
    named = list(names.named(one.customer, one.number)) if people is not None else []
    have = {row.contact_id for row in named}
    return {
        "one": one,
        "holds": any(version.days.holds(day) for version in one.versions),
        "told": shape(statement.of(one, day)),
        "names": people is not None,
        "named": named,
        "most": names.limit(one.customer, one.number, now) if people is not None else None,
        "choices": [(str(p.pk), f"{p.name}, {p.email}") for p in people or [] if p.pk not in have],
        "form": f"name-{one.number}",
    }
