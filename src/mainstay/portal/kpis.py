"""What was agreed for all requests together, whether it was reached, and credits, for who manages the contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Contact, Customer
from mainstay.errors import Refused
from mainstay.portal import frame
from mainstay.reports import claims, figures, kept, words, working
from mainstay.reports.models import Credit
from mainstay.tickets import seen
from mainstay.ui import figures as look
from mainstay.ui.doors import contact_page
from mainstay.ui.fields import field_words

MOST = 50


@require_safe
@contact_page
def kpis(request: HttpRequest) -> HttpResponse:
    """Each measure with its periods and working; credits and how far they are."""
    return _page(request)


def _page(request: HttpRequest, refused: str = "", status: int = 200) -> HttpResponse:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    mine = _managed(contacts)
    now = timezone.now()
    held = [(one, look.of_customer(one, now, inside=False)) for one in mine]
    may = _may_open(contacts, [series for _, all_of_it in held for series in all_of_it])
    listed = [
        {
            "customer": one,
            "series": [_told(series, may) for series in all_of_it],
            "credits": _credits(one, now),
        }
        for one, all_of_it in held
    ]
    context = {
        "now": now, "zone": frame.zone_of(contacts), "listed": listed, "several": len(mine) > 1, "refused": refused
    }  # fmt: skip
    return frame.page(request, "portal/kpis.html", context, here="kpis", status=status)


def _managed(contacts: list[Contact]) -> list[Customer]:
    mine = [one.customer for one in contacts if one.is_admin]
    if not mine:
        raise Http404
    return mine


def _may_open(contacts: list[Contact], listed: list[look.Series]) -> set[int]:
    """Of the requests that missed promises those that this person may open."""
    missed = {number for series in listed for told in _periods(series) for number in _missed(told)}
    return seen.among(contacts, missed) if missed else set()


def _periods(series: look.Series) -> list[look.Shown]:
    return [*([series.now] if series.now else []), *series.before]


def _missed(told: look.Shown) -> list[int]:
    return [one["ticket"] for one in told.document["inputs"].get("missed_ones", [])[:MOST]]


def _told(series: look.Series, may: set[int]) -> dict[str, Any]:
    """A measure; of missed promises those requests that are among `may`."""
    periods = [
        {"told": told, "missed": [number for number in _missed(told) if number in may]}
        for told in _periods(series)
    ]
    return {"one": series, "periods": periods}


def _credits(customer: Customer, now: datetime) -> list[dict[str, Any]]:
    rows = Credit.objects.filter(customer=customer).exclude(state=Credit.State.REPLACED)
    found = list(rows.select_related("figure", "customer").prefetch_related("acts").order_by("-pk")[:MOST])
    named = kept.titles(one.figure_id for one in found)
    return [
        {
            "one": one,
            "title": named[one.figure_id],
            "worth": words.worth(one),
            "may_claim": claims.may_claim(one, now),
            "working": working.of_credit(figures.read(one.figure.text)["credit"]),
            "steps": list(one.acts.all()),
        }
        for one in found
    ]


@require_POST
@contact_page
def claim(request: HttpRequest, credit: int) -> HttpResponse:
    """A customer's manager claims a credit."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    mine = {one.pk: one for one in _managed(contacts)}
    held = Credit.objects.filter(pk=credit, customer__in=mine).exclude(state=Credit.State.REPLACED).first()
    if held is None:
        raise Http404
    who = next(one for one in contacts if one.customer_id == held.customer_id)
    try:
        claims.move(held, "claim", by=Actor.contact(who.pk, who.name), at=timezone.now())
    except Refused as error:
        return _page(request, f"{field_words(error.field)}: {error.message}", 422)
    messages.success(request, _("Claimed. We decide on it and tell you here."))
    return redirect("portal_kpis")
