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

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role
from mainstay.desk import finding, frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.tickets import access, canned
from mainstay.tickets.models import CannedAnswer, Category, Ticket
from mainstay.ui.doors import StaffRequest, staff_page

WRITERS = (Role.MANAGER, Role.TRIAGE)
MOST = 500
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
    if "look" in request.POST:
        return _show(request, str(found.pk) if found else "new", looked=typed.raw("text"))
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


def _show(
    request: StaffRequest, form: str = "", refused: str = "", *, looked: str | None = None
) -> HttpResponse:
    """`form`: which one was sent, its number or "new"; `looked`: the text to be shown as a ticket would have it."""
    typed = {name: request.POST.get(name, "") for name in FIELDS} if form else {}
    query = finding.asked(request)
    rows = finding.found(((one, _text(one)) for one in CannedAnswer.objects.all()[:MOST]), query)
    past = acts.histories("canned", {one.pk: one.title for one in rows})
    if not form:
        form, typed = _as_it_was(request, rows, past)
    listed = [
        {
            "one": one,
            "v": typed if form == str(one.pk) else one,
            "id": str(one.pk),
            "anchor": f"c-{one.pk}",
            "done": finding.told(past[one.pk]),
        }
        for one in rows
    ]
    context: dict[str, Any] = {
        "page_title": _("Canned answers"),
        "listed": listed,
        "fresh": typed if form == "new" else {},
        "form": form,
        "refused": refused,
        "categories": Category.choices,
        "places": canned.PLACES.items(),
        **finding.context(query, reverse("desk:canned"), _("words of a title or a text")),
        **(_sample(request, looked) if looked is not None else {}),
        "restore": reverse("desk:canned"),
        "may_write": request.user.may_act and request.user.has_role(*WRITERS),
    }
    return frame.page(request, "desk/canned.html", context, here="canned", status=422 if refused else 200)


def _text(one: CannedAnswer) -> str:
    """What an answer is found by."""
    return f"{one.title} {one.text} {one.language} {one.get_category_display()}"


def _as_it_was(
    request: StaffRequest, rows: list[CannedAnswer], past: dict[object, list[Act]]
) -> tuple[str, dict[str, Any]]:
    """With `?before=`, the form of an answer as it was before that act: to be looked at and kept again."""
    found = finding.as_it_was(request, past)
    if found is None:
        return "", {}
    one = next(one for one in rows if one.pk == found[0])
    return str(one.pk), {name: found[1].get(name, getattr(one, name)) for name in FIELDS}


def _sample(request: StaffRequest, text: str) -> dict[str, Any]:
    """A text as the newest ticket would have it, and the places that no ticket fills."""
    newest = (
        Ticket.objects.select_related("customer", "requester", "environment__release").order_by("-pk").first()
    )
    ticket = newest or Ticket(
        subject=_("Badge sign-in is refused"), requester_name="Pat Doe", severity=2, facts={}
    )
    return {
        "looked": canned.fill(text, ticket, request.user),
        "sample": _("ticket %(number)s") % {"number": newest.pk} if newest else _("a made-up ticket"),
        "strange": ", ".join(canned.unknown(text)),
    }
