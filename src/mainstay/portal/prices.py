"""The price list for everybody: no account, prints as it stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.allowances.prices import price_list


@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """What each package costs today."""
    listed = price_list(timezone.now().date())
    context = {"page_title": _("Prices"), "listed": listed, "nav": [], "me": None, "home_url": "/"}
    return render(request, "portal/prices.html", context)
