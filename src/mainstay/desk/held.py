"""Mail that waits for a person, and what was put away: read it, decide with one click, take it back."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.desk import frame, shown
from mainstay.errors import Refused
from mainstay.intake.email import handle, hold
from mainstay.intake.models import Mail
from mainstay.tickets.models import Ticket
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.downloads import download
from mainstay.ui.shapes import NavItem

PAGE = 50
LISTS = {
    "": ("Waiting", [Mail.State.HELD, Mail.State.QUARANTINE]),
    "noted": ("Noted, no ticket", [Mail.State.NOTED]),
    "spam": ("Spam", [Mail.State.SPAM]),
    "trash": ("Trash", [Mail.State.TRASH]),
}
DECISIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "join": (hold.release_to_ticket, "It joined the ticket."),
    "ticket": (hold.make_ticket, "It is a ticket now."),
    "spam": (hold.mark_spam, "Put away as spam."),
    "trash": (hold.trash, "Put into the trash."),
    "restore": (hold.restore, "It is back where it was."),
    "retry": (hold.retry, "It will be handled again in a moment."),
}


@require_safe
@staff_page()
def held(request: StaffRequest) -> HttpResponse:
    """The list, a page at a time, the newest first; after putting one away with the way back."""
    chosen = request.GET.get("list", "")
    chosen = chosen if chosen in LISTS else ""
    found = (
        Mail.objects.filter(state__in=LISTS[chosen][1]).defer("raw").select_related("ticket", "decided_by")
    )
    after = ids.read(request.GET.get("after", ""))
    if after is not None:
        found = found.filter(pk__lt=after)
    mails = list(found.order_by("-id")[: PAGE + 1])
    undo = ids.read(request.GET.get("undo", ""))
    context: dict[str, Any] = {
        "page_title": "Held mail",
        "views": [
            NavItem(label=label, url=_list_url(code), current=code == chosen)
            for code, (label, _) in LISTS.items()
        ],
        "mails": mails[:PAGE],
        "next": mails[PAGE - 1].pk if len(mails) > PAGE else None,
        "chosen": chosen,
    }
    if undo is not None and request.user.may_act:
        context["undo"] = {
            "words": "Changed your mind?",
            "url": reverse("desk:decide", args=[undo, "restore"]),
        }
    return frame.page(request, "desk/held.html", context, here="held")


def _list_url(code: str) -> str:
    return reverse("desk:held") + (f"?list={code}" if code else "")


@require_safe
@staff_page()
def mail(request: StaffRequest, number: int) -> HttpResponse:
    """One mail as we read it, why it waits, and what may be done with it."""
    found = get_object_or_404(Mail.objects.select_related("ticket", "decided_by"), pk=number)
    return _show(request, found)


def _show(request: StaffRequest, found: Mail, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "page_title": f"Held mail: {found.subject[:80]}",
        "mail": found,
        "read": _read(found),
        "may": _may(found),
        "error": error,
        "ticket_url": shown.ticket_url(found.ticket_id) if found.ticket_id else "",
    }
    return frame.page(request, "desk/mail.html", context, here="held", status=status)


def _read(found: Mail) -> Any:
    """The mail as the reader of mails understands it; None when it cannot be read."""
    try:
        return handle.read(found)
    except Exception:  # whatever it is that kept it from being handled
        return None


def _may(found: Mail) -> set[str]:
    """Which decisions make sense in the state that the mail is in."""
    state = found.state
    may: set[str] = set()
    if state == Mail.State.HELD and found.ticket_id:
        may.add("join")
    if state in {Mail.State.HELD, Mail.State.QUARANTINE, Mail.State.NOTED}:
        may |= {"ticket", "spam", "trash"}
    if state == Mail.State.QUARANTINE:
        may.add("retry")
    if state in {Mail.State.SPAM, Mail.State.TRASH}:
        may.add("restore")
    return may


@require_safe
@staff_page()
def source(request: StaffRequest, number: int) -> HttpResponseBase:
    """The mail as it came, byte for byte, as a download."""
    found = get_object_or_404(Mail, pk=number)
    return download(BytesIO(bytes(found.raw)), f"mail-{found.pk}.eml.txt")


@require_POST
@staff_page()
def decide(request: StaffRequest, number: int, decision: str) -> HttpResponse:
    """One decision, one verb; joined or made a ticket, one goes there."""
    if decision not in DECISIONS:
        raise Http404
    found = get_object_or_404(Mail, pk=number)
    verb, said = DECISIONS[decision]
    try:
        became = verb(found, by=request.user, at=timezone.now())
    except Refused as error:
        found.refresh_from_db()
        return _show(request, found, f"{error.field.capitalize()}: {error.message}", 422)
    messages.success(request, said)
    if isinstance(became, Ticket):
        return HttpResponseRedirect(shown.ticket_url(became.pk), status=303)
    undo = f"?undo={found.pk}" if decision in {"spam", "trash"} else ""
    return HttpResponseRedirect(reverse("desk:held") + undo, status=303)
