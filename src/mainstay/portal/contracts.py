"""The customer's own contract: its versions, what is promised in words, its papers; for who manages the contacts."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.allowances.agreements import today
from mainstay.contracts import printed, said
from mainstay.contracts.models import Contract, Paper
from mainstay.customers.models import Contact, Customer
from mainstay.portal import frame
from mainstay.ui import downloads
from mainstay.ui.doors import contact_page

RELATED = ("customer__tam", "package__level", "desk_policy", "environment", "tam", "team")


@require_safe
@contact_page
def contracts(request: HttpRequest) -> HttpResponse:
    """Every contract, the one in force first, with its versions and papers."""
    mine = _managed(request)
    now = timezone.now()
    listed = []
    for customer in mine:
        day = today(customer, now)
        rows = list(Contract.every.filter(customer=customer).select_related(*RELATED))
        rows.sort(key=lambda one: (one.number, one.part, one.version), reverse=True)
        listed.append(
            {
                "customer": customer,
                "contracts": [_told(one, day) for one in rows],
                "papers": Paper.objects.filter(customer=customer).select_related("contract").order_by("-pk"),
            }
        )
    context = {
        "listed": listed,
        "several": len(mine) > 1,
        "now": now,
        "zone": frame.zone_of(_contacts(request)),
    }
    return frame.page(request, "portal/contracts.html", context, here="allowances")


def _told(one: Contract, day: Any) -> dict[str, Any]:
    begun = one.first_day is None or one.first_day <= day
    over = one.last_day is not None and day > one.last_day
    suspended = one.suspension_on(day)
    if one.taken_back:
        state = "taken back"
    else:
        state = "ended" if over else "to come" if not begun else "suspended" if suspended else "in force"
    words = {
        "taken back": _("taken back"), "ended": _("ended"), "to come": _("to come"), "suspended": _("suspended"),
        "in force": _("in force"),
    }  # fmt: skip
    return {
        "one": one,
        "state": state,
        "state_words": words[state],
        "suspended": suspended,
        "says": said.of_contract(one),
    }


@require_safe
@contact_page
def pdf(request: HttpRequest, contract: int) -> FileResponse:
    """A version as it is printed."""
    held = get_object_or_404(
        Contract.every.select_related(*RELATED), pk=contract, customer__in=_managed(request)
    )
    return downloads.made(printed.contract(held), f"contract-{held.number}-v{held.version}.pdf")


@require_safe
@contact_page
def paper(request: HttpRequest, paper: int) -> FileResponse:
    """A paper of the customer's own contract."""
    return downloads.stored(get_object_or_404(Paper, pk=paper, customer__in=_managed(request)))


def _contacts(request: HttpRequest) -> list[Contact]:
    found: list[Contact] = request.contacts  # type: ignore[attr-defined]
    return found


def _managed(request: HttpRequest) -> list[Customer]:
    mine = [one.customer for one in _contacts(request) if one.is_admin]
    if not mine:
        raise Http404
    return mine
