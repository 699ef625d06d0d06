"""Leads: prospects who asked sales to write to them, with the result they had before them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.advisor import leads as verbs
from mainstay.advisor.models import Lead
from mainstay.desk import frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.ui import advice as look
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

PAGE = 50


@require_safe
@staff_page(*frame.AGREE)
def leads(request: StaffRequest) -> HttpResponse:
    """Those who asked, the newest first."""
    return _list(request)


def _list(request: StaffRequest, refused: str = "", which: int = 0, note: str = "") -> HttpResponse:
    after = ids.read(request.GET.get("after", ""))
    found = Lead.objects.select_related("taken_by").order_by("-pk")
    if after is not None:
        found = found.filter(pk__lt=after)
    page = list(found[: PAGE + 1])
    context = {
        "page_title": "Leads",
        "now": timezone.now(),
        "leads": [(one, look.level_name(one.level_code)) for one in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "refused": refused,
        "which": which,
        "note": note,
    }
    return frame.page(request, "desk/leads.html", context, here="advisor", status=422 if refused else 200)


@require_POST
@staff_page(*frame.AGREE)
def taking(request: StaffRequest, lead: int) -> HttpResponse:
    """I see to it."""
    return _done(
        request, lead, lambda one, by: verbs.take(one, by=by, at=timezone.now()), "You see to it now."
    )


@require_POST
@staff_page(*frame.AGREE)
def settlement(request: StaffRequest, lead: int) -> HttpResponse:
    """It is done, and this came of it."""
    note = Typed(request).text("note")
    return _done(
        request, lead, lambda one, by: verbs.settle(one, note=note, by=by, at=timezone.now()), "It is done."
    )


@require_POST
@staff_page(*frame.AGREE)
def removal(request: StaffRequest, lead: int) -> HttpResponse:
    """Forget what the person typed."""
    return _done(
        request,
        lead,
        lambda one, by: verbs.remove(one, by=by, at=timezone.now()),
        "It is removed, with all they typed.",
    )


def _done(request: StaffRequest, number: int, act: Callable[[Lead, Actor], None], words: str) -> HttpResponse:
    lead = Lead.objects.filter(pk=number).first()
    if lead is None:
        raise Http404
    try:
        act(lead, Actor.staff(request.user))
    except Refused as error:
        return _list(request, said(error), number, request.POST.get("note", "")[:500])
    messages.success(request, words)
    return HttpResponseRedirect(reverse("desk:leads"), status=303)
