"""What a customer's agreement includes and how it stands, for those who manage the customer's contacts (P5)."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.allowances import agreements, names, statement
from mainstay.catalogue.remembered import remembering
from mainstay.customers.models import Contact, Customer
from mainstay.portal import frame
from mainstay.ui.doors import contact_page
from mainstay.ui.statements import shape


@require_safe
@contact_page
def allowances(request: HttpRequest) -> HttpResponse:
    """Each agreement of each customer that this person manages: who is named, requests, hours, line by line."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    mine = [one.customer for one in contacts if one.is_admin]
    if not mine:
        raise Http404
    now = timezone.now()
    listed: list[dict[str, Any]] = []
    with remembering():  # what several parts of an agreement ask is asked once
        for customer in mine:
            listed += _of_customer(customer, now)
    context = {"now": now, "zone": frame.zone_of(contacts), "listed": listed, "several": len(mine) > 1}
    return frame.page(request, "portal/allowances.html", context, here="allowances")


def _of_customer(customer: Customer, now: datetime) -> list[dict[str, Any]]:
    day = agreements.today(customer, now)
    return [
        {
            "one": one,
            "customer": customer,
            "holds": any(version.days.holds(day) for version in one.versions),
            "named": list(names.named(customer, one.number)),
            "most": names.limit(customer, one.number, now),
            "told": shape(statement.of(one, day), inside=False),
        }
        for one in agreements.held_by(customer)
    ]


def used_up(contacts: list[Contact], now: Any) -> list[str]:
    """What of the present agreements is used up, in sentences, for everybody of the customer."""
    said = []
    for customer in {one.customer_id: one.customer for one in contacts}.values():
        day = agreements.today(customer, now)
        for one in agreements.held_by(customer):
            if any(version.days.holds(day) for version in one.versions):
                gone = _(" and ").join(_(what) for what in statement.used_up(one, day))
                if gone:
                    said.append(
                        _("The %(what)s of %(agreement)s are used up; we read every request all the same.")
                        % {"what": gone, "agreement": one.title}
                    )
    return said
