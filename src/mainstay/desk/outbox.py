"""What is sent, waits, failed or was held back on purpose, with the whole mail; what failed is sent again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.desk import frame
from mainstay.errors import Refused
from mainstay.notices import deliveries
from mainstay.notices.models import Delivery
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import NavItem

PAGE = 50
STATES = (
    (Delivery.State.PENDING, "Waiting"),
    (Delivery.State.FAILED, "Failed"),
    (Delivery.State.SENT, "Sent"),
    (Delivery.State.SUPPRESSED, "Not sent, on purpose"),
)


@require_safe
@staff_page()
def outbox(request: StaffRequest) -> HttpResponse:
    """Mails of one state, the newest first, a page at a time."""
    now = timezone.now()
    state = request.GET.get("state", "")
    state = state if state in Delivery.State.values else Delivery.State.PENDING
    last = ids.read(request.GET.get("after", ""))
    found = deliveries.outbox_page(last, state=state, most=PAGE + 1)
    backlog = deliveries.backlog(now)
    counts = {Delivery.State.PENDING: backlog.pending, Delivery.State.FAILED: backlog.failed}
    context = {
        "page_title": "Outbox",
        "views": [
            NavItem(
                label=label,
                url=f"{reverse('desk:outbox')}?state={code}",
                current=code == state,
                count=counts.get(code, ""),
            )
            for code, label in STATES
        ],
        "found": found[:PAGE],
        "next": found[PAGE - 1].pk if len(found) > PAGE else None,
        "state": state,
        "backlog": backlog,
        "now": now,
    }
    return frame.page(request, "desk/outbox.html", context, here="outbox")


@require_safe
@staff_page()
def delivery(request: StaffRequest, number: int) -> HttpResponse:
    """One mail in full, as it is or was sent."""
    return _show(request, number)


def _show(request: StaffRequest, number: int, error: str = "", status: int = 200) -> HttpResponse:
    found = get_object_or_404(
        Delivery.objects.select_related("ticket"), pk=number, channel=Delivery.Channel.EMAIL
    )
    context = {
        "page_title": f"Mail: {found.subject[:80]}",
        "one": found,
        "error": error,
        "may_retry": found.state in {Delivery.State.FAILED, Delivery.State.PENDING},
    }
    return frame.page(request, "desk/delivery.html", context, here="outbox", status=status)


@require_POST
@staff_page()
def retry(request: StaffRequest, number: int) -> HttpResponse:
    """Send it again."""
    found = get_object_or_404(Delivery, pk=number, channel=Delivery.Channel.EMAIL)
    try:
        deliveries.retry(found, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, number, f"{error.field.capitalize()}: {error.message}", 422)
    messages.success(request, f"The mail to {found.recipient} is sent again.")
    return HttpResponseRedirect(reverse("desk:delivery", args=[number]), status=303)
