"""A reply may be where the emergency is told: whoever triages hears, the severity stays (I1)."""

from typing import Any

import pytest

from cast import acting
from mainstay.tickets import closure, triage
from mainstay.tickets.models import Event

pytestmark = pytest.mark.django_db


def flags(ticket: Any) -> int:
    return Event.objects.filter(ticket=ticket, kind="emergency_flagged").count()


def test_an_emergency_in_a_reply_is_flagged_once_until_it_is_seen(post: Any, cast: Any) -> None:
    ticket = post.opened(cast.priya.email)
    assert not ticket.emergency
    for _ in range(2):
        mail = post.send(
            cast.priya.email, "Now production is down.", answers=post.reference(ticket, cast.priya)
        )
        assert mail.outcome == "reply", mail.reason
    ticket.refresh_from_db()
    assert any("down" in reason for reason in ticket.emergency)
    assert (ticket.severity, ticket.emergency_seen_at, flags(ticket)) == (3, None, 1)
    triage.see_emergency(ticket, by=acting(cast.ifeoma), at=post.at)
    post.send(cast.priya.email, "Now production is down.", answers=post.reference(ticket, cast.priya))
    assert flags(ticket) == 1  # these words were seen
    post.send(cast.priya.email, "The whole site is down!", answers=post.reference(ticket, cast.priya))
    assert flags(ticket) == 2


def test_a_reopening_that_says_so_is_flagged(post: Any, cast: Any) -> None:
    ticket = post.opened(cast.priya.email)
    closure.close(ticket, reason="resolved", text="Renewed.", by=acting(cast.mara), at=post.at)
    mail = post.send(
        cast.priya.email, "The production system is down again.", answers=post.reference(ticket, cast.priya)
    )
    assert mail.outcome == "reopen", mail.reason
    assert flags(ticket) == 1


def test_what_a_reply_quotes_is_no_emergency_and_a_gravest_ticket_is_flagged_no_more(
    post: Any, cast: Any
) -> None:
    ticket = post.opened(cast.priya.email)
    quoted = "Here is the log you asked for.\n\nOn Monday Mara wrote:\n> Is production down?\n"
    post.send(cast.priya.email, quoted, answers=post.reference(ticket, cast.priya))
    assert flags(ticket) == 0
    triage.triage(ticket, severity=1, category="technical", reason="x", by=acting(cast.ifeoma), at=post.at)
    post.send(cast.priya.email, "Production is down.", answers=post.reference(ticket, cast.priya))
    assert flags(ticket) == 0
