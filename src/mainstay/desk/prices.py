"""The price list: as it is on a day, to read, print, take along as a file, and to set from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.accounts.actor import Actor
from mainstay.allowances import prices as price_list
from mainstay.allowances import printed as paper
from mainstay.desk import frame
from mainstay.desk.typed import YEARS, Typed, said, zone_of
from mainstay.errors import Refused
from mainstay.ui import csvs
from mainstay.ui.doors import StaffRequest, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def prices(request: StaffRequest) -> HttpResponse:
    """The list on `?day=` (today); a POST of those who agree with customers sets a price from a day on."""
    if request.method != "POST":
        return _show(request)
    if not request.user.has_role(*frame.AGREE):
        raise Http404
    typed = Typed(request)
    try:
        made = price_list.set_price(
            package=typed.text("package"), currency=typed.text("currency"), amount=typed.text("amount"),
            from_day=typed.needs_day("from_day"), note=typed.text("note"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, said(error))
    messages.success(request, f"{made.amount} {made.currency} from {made.from_day:%-d %B %Y}.")
    return HttpResponseRedirect(reverse("desk:prices"), status=303)


@require_safe
@staff_page()
def as_file(request: StaffRequest) -> HttpResponse:
    """The list on a day, as CSV."""
    listed = price_list.price_list(_day(request), _currency(request))
    return csvs.download(f"prices-{listed.day.isoformat()}.csv", price_list.as_rows(listed))


@require_safe
@staff_page()
def printed(request: StaffRequest) -> HttpResponse:
    """The list on a day, as a PDF: in `language`, else in that of whoever reads."""
    now = timezone.now()
    listed = price_list.price_list(_day(request), _currency(request))
    wanted = request.GET.get("language", "")
    with translation.override(wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()):
        made = paper.price_list(listed, at=now)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="prices-{listed.day.isoformat()}.pdf"'
    return response


def _show(request: StaffRequest, refused: str = "") -> HttpResponse:
    listed = price_list.price_list(_day(request), _currency(request))
    names = {line.package.code: line.package.name for line in listed.lines}
    context: dict[str, Any] = {
        "page_title": "Prices",
        "listed": listed,
        "to_come": [(names.get(one.package, one.package), one) for one in listed.to_come],
        "packages": sorted(names.items()),
        "form": "price" if refused else "",
        "v": request.POST if refused else {},
        "refused": refused,
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/prices.html", context, here="prices", status=status)


def _day(request: StaffRequest) -> date:
    """The day asked for, if it is one that a price list may have; else today where the person is."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = date.min
    today = timezone.now().astimezone(zone_of(request.user)).date()
    return day if YEARS[0] <= day.year <= YEARS[1] else today


def _currency(request: StaffRequest) -> str:
    asked = request.GET.get("currency", "").strip().upper()
    return asked if len(asked) == 3 and asked.isascii() and asked.isalpha() else ""
