"""Canned answers: chosen in a ticket's composer, written on a page of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.desk import frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.tickets import access, canned
from mainstay.tickets.models import CannedAnswer, Category
from mainstay.ui.doors import StaffRequest, staff_page

WRITERS = (Role.MANAGER, Role.TRIAGE)
FIELDS = ("title", "language", "category", "text")


@require_safe
@staff_page()
def offered(request: StaffRequest, number: int) -> HttpResponse:
    """Those for a ticket, filled with what it says, each a button that writes it into the composer."""
    ticket = access.for_staff(request.user, number)
    found = [(one, canned.fill(one.text, ticket, request.user)) for one in canned.offered(ticket)[:100]]
    return render(request, "desk/canned_offered.html", {"ticket": ticket, "found": found})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def answers(request: StaffRequest) -> HttpResponse:
    """Every answer with its places; who leads writes them."""
    if request.method != "POST":
        return _show(request)
    if not request.user.has_role(*WRITERS):
        raise Http404
    return _kept(request, None)


@require_POST
@staff_page(*WRITERS)
def answer(request: StaffRequest, number: int) -> HttpResponse:
    """One answer written anew."""
    return _kept(request, get_object_or_404(CannedAnswer, pk=number))


@require_POST
@staff_page(*WRITERS)
def retirement(request: StaffRequest, number: int) -> HttpResponse:
    """Take an answer out of the list, or put it back."""
    found = get_object_or_404(CannedAnswer, pk=number)
    canned.retire(found, by=Actor.staff(request.user), at=timezone.now())
    messages.success(
        request, _("It is not offered any more.") if found.retired_at else _("It is offered again.")
    )
    return HttpResponseRedirect(reverse("desk:canned"), status=303)


def _kept(request: StaffRequest, found: CannedAnswer | None) -> HttpResponse:
    typed = Typed(request)
    try:
        made = canned.write(
            title=typed.text("title"), language=typed.text("language").lower(), category=typed.text("category"),
            text=typed.raw("text"), by=Actor.staff(request.user), at=timezone.now(), answer=found,
        )  # fmt: skip
    except Refused as error:
        return _show(request, str(found.pk) if found else "new", said(error))
    messages.success(request, _("“%(title)s” is kept.") % {"title": made.title})
    if wrong := canned.unknown(made.text):
        names = ", ".join(wrong)
        messages.info(request, _("No ticket fills %(names)s: it is printed as it stands.") % {"names": names})
    return HttpResponseRedirect(reverse("desk:canned"), status=303)


def _show(request: StaffRequest, form: str = "", refused: str = "") -> HttpResponse:
    """`form`: which one was refused, its number or "new"."""
    typed = {name: request.POST.get(name, "") for name in FIELDS} if refused else {}
    listed = [
        {"one": one, "v": typed if form == str(one.pk) else one, "id": str(one.pk)}
        for one in CannedAnswer.objects.all()[:500]
    ]
    context: dict[str, Any] = {
        "page_title": _("Canned answers"),
        "listed": listed,
        "fresh": typed if form == "new" else {},
        "form": form,
        "refused": refused,
        "categories": Category.choices,
        "places": canned.PLACES.items(),
        "may_write": request.user.may_act and request.user.has_role(*WRITERS),
    }
    return frame.page(request, "desk/canned.html", context, here="canned", status=422 if refused else 200)
