"""The log of the organisation: who changed which customer, contract, person, product or promise, and how."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mainstay.accounts import acts
from mainstay.accounts.models import Role
from mainstay.desk import frame
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

PAGE = 100


@require_safe
@staff_page(Role.ADMINISTRATOR, Role.AUDITOR)
def log(request: StaffRequest) -> HttpResponse:
    """Acts, the newest first, a page at a time."""
    found = acts.page(ids.read(request.GET.get("after", "")), most=PAGE + 1)
    context = {
        "page_title": "Log",
        "acts": [(one, acts.differences(one.before, one.after)) for one in found[:PAGE]],
        "next": found[PAGE - 1].pk if len(found) > PAGE else None,
        "now": timezone.now(),
    }
    return frame.page(request, "desk/log.html", context, here="log")
