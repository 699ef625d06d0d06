"""A follow-up that we begin from a closed ticket, and taking it back a moment later."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mainstay.accounts.actor import Actor
from mainstay.desk import beside, shown, twice
from mainstay.desk import ticket as pages
from mainstay.desk.panels import Refusal
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.tickets import access, closure
from mainstay.tickets.models import Message, Ticket
from mainstay.ui.doors import StaffRequest, staff_page


@require_POST
@staff_page()
def begin(request: StaffRequest, number: int) -> HttpResponse:
    """The new ticket's page follows; a double click begins one."""
    ticket, typed, at = access.for_staff(request.user, number), Typed(request), timezone.now()
    text = typed.raw("text").strip()
    again = _begun_already(request, ticket, text)
    if again is not None:
        return HttpResponseRedirect(shown.ticket_url(again), status=303)
    try:
        made = closure.start_follow_up(
            ticket, subject=typed.text("subject"), text=text, by=Actor.staff(request.user), at=at
        )
    except Refused as error:
        refusal = Refusal("follow_up", error.field, error.message, request.POST)
        return pages.show(request, beside.ticket(request.user, number), refused=refusal, status=422)
    messages.success(request, _("This is %(number)s, which follows %(earlier)s.") % {
        "number": made.pk, "earlier": number,
    })  # fmt: skip
    return HttpResponseRedirect(shown.ticket_url(made.pk), status=303)


def _begun_already(request: StaffRequest, ticket: Ticket, text: str) -> int | None:
    since = timezone.now() - twice.TWICE
    mine = Q(author_user=request.user) | Q(author_name=request.user.name)
    same = Message.objects.filter(mine, ticket__follows=ticket, text=text, at__gt=since)
    return same.values_list("ticket_id", flat=True).first() if text else None


@require_POST
@staff_page()
def undo(request: StaffRequest, number: int) -> HttpResponse:
    """The follow-up is closed and follows nothing any more; back to the ticket that it followed."""
    ticket = access.for_staff(request.user, number)
    earlier = ticket.follows_id
    try:
        closure.take_back_follow_up(ticket, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        refusal = Refusal("follow_up_undoing", error.field, error.message, request.POST)
        return pages.show(request, beside.ticket(request.user, number), refused=refusal, status=422)
    messages.success(request, _("%(number)s is taken back; this one stays closed.") % {"number": number})
    return HttpResponseRedirect(shown.ticket_url(earlier or number), status=303)
