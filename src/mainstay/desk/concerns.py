"""What customers want decided (an escalation, a severity, a complaint): what waits, by when, and the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.desk import beside, frame
from mainstay.desk import ticket as pages
from mainstay.desk.panels import Refusal
from mainstay.errors import Refused
from mainstay.notices import complaints
from mainstay.tickets import concerns as concerning
from mainstay.tickets.models import Concern
from mainstay.ui.doors import StaffRequest, staff_page

PAGE = 50


@require_safe
@staff_page()
def concerns(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, what is due first first; then what was answered last."""
    return _page(request)


def _page(
    request: HttpRequest, which: int = 0, text: str = "", refused: Refused | None = None
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    held = Concern.objects.select_related("ticket__customer", "ticket__assignee", "customer__tam")
    waiting: list[dict[str, Any]] = [
        {"one": one, "mine": _may_answer(one, user)}
        for one in held.filter(answered_at=None).order_by("due_at", "pk")[:PAGE]
    ]
    context = {
        "page_title": _("Concerns"), "waiting": waiting, "now": timezone.now(),
        "answered": list(held.exclude(answered_at=None).order_by("-answered_at", "-pk")[:PAGE]),
        "which": which, "text": text, "refused": refused,
        "gone": refused if refused and all(row["one"].pk != which for row in waiting) else None,
    }  # fmt: skip
    return frame.page(request, "desk/concerns.html", context, here="concerns", status=422 if refused else 200)


def _may_answer(held: Concern, user: User) -> bool:
    if held.ticket is None:
        return complaints.may_answer(held, user)
    return concerning.may_answer(held, held.ticket, user)


@require_POST
@staff_page()
def answer(request: StaffRequest, number: int) -> HttpResponse:
    """The answer, which the customer is told; given on the ticket's page (`back`), one goes on there."""
    user = request.user
    held = Concern.objects.select_related("ticket", "customer").filter(pk=number).first()
    if held is None:
        raise Http404
    text = request.POST.get("text", "").replace("\x00", "")
    decide = concerning.answer if held.ticket_id else complaints.answer
    try:
        decide(held, text=text, by=Actor.staff(user), at=timezone.now())
    except Refused as refused:
        if request.POST.get("back") and held.ticket_id:
            refusal = Refusal(f"concern-{held.pk}", refused.field, refused.message, request.POST)
            return pages.show(request, beside.ticket(user, held.ticket_id), refused=refusal, status=422)
        return _page(request, held.pk, text, refused)
    messages.success(request, _("Answered. The customer is told."))
    return (
        redirect("desk:ticket", held.ticket_id)
        if request.POST.get("back") and held.ticket_id
        else redirect("desk:concerns")
    )
