"""What is being written on a ticket: the draft kept, who else is here, and what was just said taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from mainstay.accounts.actor import Actor
from mainstay.desk import meanwhile, shown
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.tickets import access, drafts, withdrawal
from mainstay.tickets import presence as here
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page


@require_POST
@staff_page()
def draft(request: StaffRequest, number: int) -> HttpResponse:
    """What is being written, kept on the server; says when."""
    ticket, typed = access.for_staff(request.user, number), Typed(request)
    said = {name: typed.raw(name) for name in drafts.FIELDS}
    try:
        kept = drafts.keep(ticket, user=request.user, kind=typed.text("kind"), said=said, at=timezone.now())
    except Refused as error:
        return JsonResponse({"field": error.field, "message": error.message}, status=422)
    return JsonResponse({"at": int(kept.at.timestamp() * 1000) if kept else 0})


@require_POST
@staff_page()
def presence(request: StaffRequest, number: int) -> HttpResponse:
    """Who else is here, and what was said since the page was made; says that this person is here, too."""
    ticket, typed, at = access.for_staff(request.user, number), Typed(request), timezone.now()
    others = here.look(ticket, request.user, typing=typed.flag("typing"), at=at)
    seen = ids.read(typed.text("seq"), digits=ids.SEQ)
    seq = ticket.last_seq if seen is None else seen
    news = (
        meanwhile.news(ticket, user=request.user, seq=seq, zone=typed.zone) if seq < ticket.last_seq else ""
    )
    context = {"others": others, "news": news, "url": shown.ticket_url(number)}
    return render(request, "desk/presence.html", context)


@require_POST
@staff_page()
def undo(request: StaffRequest, number: int, seq: int) -> HttpResponse:
    """Take back what was just said: nobody outside heard of it, and its words stand in the composer again."""
    ticket, at = access.for_staff(request.user, number), timezone.now()
    try:
        said = withdrawal.withdraw(ticket, seq, by=Actor.staff(request.user), at=at)
    except Refused as error:
        messages.error(request, f"It {error.message}.")
        return HttpResponseRedirect(shown.ticket_url(number), status=303)
    drafts.keep(ticket, user=request.user, kind=said["kind"], said=said, at=at)
    messages.success(request, "Taken back: nobody heard of it. Files have to be attached again.")
    return HttpResponseRedirect(f"{shown.ticket_url(number)}#composer", status=303)
