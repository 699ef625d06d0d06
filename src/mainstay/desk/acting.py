"""How one act on a ticket is done: a resource that takes a POST, calls one verb and goes back.

A refused act shows the page again with what was typed (422). If the ticket went on since the page was made, the
act is done all the same, and the person is told what happened meanwhile; some are stopped once (see `meanwhile`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.desk import beside, meanwhile, mentioning, shown, twice
from mainstay.desk import ticket as pages
from mainstay.desk.panels import Refusal
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.tickets import access, drafts, withdrawal, work
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Ticket
from mainstay.ui import words
from mainstay.ui.doors import StaffRequest, staff_page


@dataclass(frozen=True)
class Act:
    """One act on its way: the ticket, what was typed, who does it and when."""

    ticket: Ticket
    typed: Typed
    user: User
    at: datetime

    @property
    def by(self) -> Actor:
        return Actor.staff(self.user)

    def said(self) -> Said:
        return Said(self.typed.raw("text").strip(), "desk", attachments=self.typed.files())

    def told(self, at: datetime) -> str:
        return words.when(at, self.at, self.typed.zone)


Do = Callable[[Act], str]

SPENT = {
    "reply": "Reply", "note": "Note", "report": "Progress report", "question": "Question",
    "workaround": "Workaround", "solution": "Solution",
}  # fmt: skip
"""What the time that is written down with a message was for."""

WRITES = frozenset(drafts.KINDS)
"""Acts of the composer: what was typed is kept as a draft until they are done, and what goes out is held a while."""


def act(name: str, do: Do) -> Callable[..., HttpResponseBase]:
    """The view of one act. `do` calls the verb and returns what to tell the person."""

    @require_POST
    @staff_page()
    def view(request: StaffRequest, number: int) -> HttpResponse:
        ticket = access.for_staff(request.user, number)
        try:
            with transaction.atomic():
                locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
                one = Act(locked, Typed(request), request.user, timezone.now())
                said = twice.done(locked, name, typed=one.typed, user=one.user, at=one.at)
                if not said:
                    meanwhile.stop(locked, name, typed=one.typed, user=one.user)
                    said = do(one)
                held = _written(one, name, after=ticket.last_seq) if name in WRITES else None
        except Refused as error:
            refusal = Refusal(name, error.field, error.message, request.POST)
            return pages.show(request, beside.ticket(request.user, number), refused=refusal, status=422)
        if held is None:
            messages.success(request, said)
        if name in WRITES and name != "note" and (plain := mentioning.plain(one.typed.raw("text"))):
            messages.info(request, plain)
        meanwhile.tell(request, ticket)
        sent = f"?sent={held.seq}" if held is not None else ""
        return HttpResponseRedirect(shown.ticket_url(number) + sent, status=303)

    return view


def _written(one: Act, name: str, *, after: int) -> Event | None:
    """It was said: the draft is done with, and what goes out is held while it may be taken back."""
    drafts.drop(one.ticket, user=one.user)
    if one.typed.flag("spent"):
        label = SPENT[name]
        work.log_work(
            one.ticket, minutes=one.typed.minutes("minutes"), text=label, billable=True, user=one.user,
            day=one.at.astimezone(one.typed.zone).date(), by=one.by, at=one.at, timed=True,
        )  # fmt: skip
    if name == "note":
        return None
    return withdrawal.hold(one.ticket, after=after, seconds=settings.UNDO_SECONDS, at=one.at)
