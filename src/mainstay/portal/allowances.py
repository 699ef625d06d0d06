"""What a customer's agreement includes and how it stands, for those who manage the customer's contacts (P5)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.allowances import agreements, names, statement
from mainstay.customers.models import Contact
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
    for customer in mine:
        day = agreements.today(customer, now)
        for one in agreements.held_by(customer):
            listed.append(
                {
                    "one": one,
                    "customer": customer,
                    "holds": any(version.days.holds(day) for version in one.versions),
                    "named": list(names.named(customer, one.number)),
                    "most": names.limit(customer, one.number, now),
                    "told": shape(statement.of(one, day), inside=False),
                }
            )
    context = {"now": now, "zone": frame.zone_of(contacts), "listed": listed, "several": len(mine) > 1}
    return frame.page(request, "portal/allowances.html", context, here="allowances")


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
