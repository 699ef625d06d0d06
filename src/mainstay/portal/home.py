"""The customer's start page and list of requests."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.accounts.models import User
from mainstay.catalogue.remembered import remembering
from mainstay.contracts import terms
from mainstay.contracts.entitlement import Entitlement, entitlement_at
from mainstay.customers.models import Contact
from mainstay.portal import agreed, allowances, frame, shown
from mainstay.sla import hours
from mainstay.tickets import seen
from mainstay.tickets.models import State
from mainstay.tickets.seen import MOST, Line
from mainstay.ui.doors import contact_page
from mainstay.ui.shapes import Opening


def start(request: HttpRequest) -> HttpResponseBase:
    """Where `/` leads: staff to the desk, customers home, everyone else to signing in."""
    user = request.user
    if isinstance(user, User) and user.is_staff_member:
        return redirect("/desk/")
    if isinstance(user, User) and user.is_authenticated:
        return home(request)
    return redirect("sign_in")


@contact_page
def home(request: HttpRequest) -> HttpResponse:
    """Open hours now, what we need from the customer, what we owe."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    now = timezone.now()
    zone = frame.zone_of(contacts)
    customer = contacts[0].customer
    tickets = seen.pressing(contacts)
    clocks = seen.running([ticket.pk for ticket in tickets])
    with remembering():
        entitled = entitlement_at(customer, now, keep=False)
        used_up = allowances.used_up(contacts, now)
    return frame.page(
        request,
        "portal/home.html",
        {
            "now": now,
            "zone": zone,
            "greeting": shown.greeting(now, zone, request.user.name),  # type: ignore[union-attr]
            "opening": opening(entitled, now),
            "openings": openings(entitled, now),
            "needs": [need for ticket in tickets if (need := shown.need(ticket))],
            "owed": [shown.owed(one, clocks[one.pk], now, zone) for one in tickets if _is_ours(one)],
            "customer": customer,
            "stand_in": agreed.stand_in(contacts[0]),
            "entitled": entitled,
            "used_up": used_up,
        },
        here="home",
    )


def _is_ours(ticket: Line) -> bool:
    return ticket.state not in {State.PROPOSED}


@require_safe
@contact_page
def requests(request: HttpRequest) -> HttpResponse:
    """All requests this person may see, newest first, a page at a time."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    show, before = request.GET.get("show", "open"), request.GET.get("before", "")
    after = int(before[:18]) if before.isascii() and before.isdigit() else None
    tickets = seen.newest(contacts, closed=show == "closed", before=after)
    now, zone = timezone.now(), frame.zone_of(contacts)
    clocks = seen.running([ticket.pk for ticket in tickets[:MOST] if ticket.state != State.CLOSED])
    return frame.page(
        request,
        "portal/requests.html",
        {
            "now": now,
            "zone": zone,
            "show": show,
            "owed": [shown.owed(one, clocks.get(one.pk, []), now, zone) for one in tickets[:MOST]],
            "more": f"{reverse('requests')}?show={show}&before={tickets[MOST - 1].pk}"
            if len(tickets) > MOST
            else "",
        },
        here="requests",
    )


def opening(entitled: Entitlement, now: datetime) -> str:
    """The first sentence of the page: whether business hours run now, in the customer's zone."""
    calendar = terms.parse(entitled.terms.text).business
    zone, t = ZoneInfo(entitled.zone), hours.instant(now)
    if calendar.is_open(t):
        close = calendar.next_close(t)
        if not close:
            return _("We are open for you")
        return _("We are open for you until %(time)s") % {"time": f"{hours.at(close).astimezone(zone):%H:%M}"}
    opens = hours.at(calendar.next_open(t)).astimezone(zone)
    said = {"time": f"{opens:%H:%M}", "day": date_format(opens, "l")}
    ahead = (opens.date() - now.astimezone(zone).date()).days
    if ahead == 0:
        return _("We open for you at %(time)s") % said
    if ahead == 1:
        return _("We open for you tomorrow at %(time)s") % said
    return _("We open for you %(day)s at %(time)s") % said


def openings(entitled: Entitlement, now: datetime) -> tuple[Opening, ...]:
    """Today's business hours as a strip, and round the clock where severity 1 is answered at any hour."""
    says = terms.parse(entitled.terms.text)
    zone = ZoneInfo(entitled.zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    begin, end = (
        hours.instant(midnight.astimezone(UTC)),
        hours.instant((midnight + timedelta(days=1)).astimezone(UTC)),
    )
    pieces = says.business.intervals(begin, end)
    business = tuple((piece.start - begin, piece.end - begin) for piece in pieces)
    rows = [Opening(name=_("Business hours"), words="", open=business)]
    first = says.row("first_response", 1)
    if first is not None and first.calendar.always:
        rows.insert(0, Opening(name=_("Severity 1"), words=_("at any hour"), open=((0, 86400),)))
    return tuple(rows)
