"""Whether the customer was content: asked once, after the first closing; answered once, with one click (C1)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import CloseReason, Event, State, Ticket

SCORES = {
    1: gettext_noop("very bad"),
    2: gettext_noop("bad"),
    3: gettext_noop("neither"),
    4: gettext_noop("good"),
    5: gettext_noop("very good"),
}
CONTENT = 4  # from this score on
NOT_ASKED = (CloseReason.DUPLICATE, CloseReason.SPAM)
ASKED_FOR = timedelta(days=30)
LONGEST = 2000


def asks(closing: Event) -> bool:
    """Whether this closing is the one that asks: the first that is one for the customer."""
    if closing.kind != "closed" or closing.after.get("reason") in NOT_ASKED:
        return False
    earlier = Event.objects.filter(ticket=closing.ticket_id, kind="closed", seq__lt=closing.seq)
    return not earlier.exclude(after__reason__in=NOT_ASKED).exists()


def may_answer(ticket: Ticket, *, at: datetime) -> bool:
    """Whether the question stands: the ticket is closed, was asked about, nobody answered, and it is not long ago."""
    if ticket.state != State.CLOSED or ticket.close_reason in NOT_ASKED or ticket.closed_at is None:
        return False
    return at <= ticket.closed_at + ASKED_FOR and answer(ticket) is None


def answer(ticket: Ticket) -> Event | None:
    """The answer, when one was given."""
    return Event.objects.filter(ticket=ticket, kind="rated").select_related("text").first()


def rate(ticket: Ticket, *, score: int, words: str, by: Actor, at: datetime) -> Event:
    """How content the customer is, from 1 to 5, with a few words if they like. The first answer stands."""
    words = words.replace("\x00", "").strip()
    if score not in SCORES:
        raise Refused("score", _("must be 1 to 5"))
    if len(words) > LONGEST:
        raise Refused("words", _("must be at most %(most)s characters") % {"most": f"{LONGEST:,}"})
    with changing(ticket) as fresh:
        if answer(fresh) is not None:
            raise Refused("answer", _("has been given already; thank you"))
        if not may_answer(fresh, at=at):
            raise Refused("answer", _("is asked for after the request has closed, for 30 days"))
        return record(
            fresh, "rated", by=by, at=at, more={"score": score}, detail={"words": words} if words else {}
        )
