"""Who gets no automatic answer, and why: against loops, storms and being used to write to strangers.

MAIL-RULES (Acknowledgement), ATTACKS 15 and 20. A request is never lost for lack of an answer.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from mainstay.notices import words
from mainstay.notices.models import AnsweredAddress, Delivery
from mainstay.notices.recipients import REPLIED, Listener
from mainstay.tickets.models import Ticket

A_DAY_FOR_A_DOMAIN: Final = 20
RING: Final = 20  # answers that each followed a mail, and mails that each followed an answer
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

_MACHINE = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|double-bounce|bounces?|listserv|majordomo)(?:[-+_.].*)?@|"
    r"(?:.*[-_.+])?(?:no|do-?not|donot|not?)[-_.]?reply(?:[-_.+].*)?@|.*-(?:bounces?|owner|request)@|owner-",
    re.IGNORECASE,
)


def withheld(to: Listener, ticket: Ticket, *, automatic: str, at: datetime) -> str:
    """Why this letter is not sent to this person; empty: it is. An unknown address is counted when it is.

    Call it within the transaction that writes the delivery: it is serialised for each domain.
    """
    if to.withheld or not automatic:
        return to.withheld
    if _MACHINE.match(to.address):
        return "the address is a program's"
    if automatic == REPLIED:
        return _answered_already(to, ticket, at) or _stranger(to, at)
    return "" if to.known else "only people's own words go to an address we do not know"


def _answered_already(to: Listener, ticket: Ticket, at: datetime) -> str:
    """At most one automatic answer for a sender and ticket in an hour; a ring of two such desks ends."""
    recent = Delivery.objects.filter(
        recipient=to.address, automatic=REPLIED, created_at__gt=at - HOUR, channel=Delivery.Channel.EMAIL
    ).exclude(state=Delivery.State.SUPPRESSED)
    named = {ticket.pk, *map(int, re.findall(r"\d{1,12}", words.one_line(ticket.subject, 998)))}
    answered = set(recent.filter(ticket__in=named).values_list("ticket_id", flat=True))
    if ticket.pk in answered:
        return "this address had an automatic answer on this ticket within the hour"
    if answered:
        return "its subject names a ticket that this address had an automatic answer on within the hour"
    latest = recent.order_by("-created_at", "-id").values_list(
        "ticket__subject", "ticket__opened_at", "sent_at"
    )
    if _is_ring(ticket, list(latest[:RING])):
        return f"the last {RING} requests of this address each followed our answer, with the same subject"
    return ""


def _is_ring(ticket: Ticket, answers: list[tuple[str, datetime, datetime | None]]) -> bool:
    """Whether this ticket and those before came strictly in turn with our answers, under one subject but for digits."""
    if len(answers) < RING or any(_shape(subject) != _shape(ticket.subject) for subject, _, _ in answers):
        return False
    opened = [ticket.opened_at, *(when for _, when, _ in answers)]
    return all(sent and sent <= after for after, (_, _, sent) in zip(opened, answers, strict=False))


def _shape(subject: str) -> str:
    return re.sub(r"\d+", "", subject).casefold()


def _stranger(to: Listener, at: datetime) -> str:
    """An unknown address is answered once a day, and few of one domain."""
    if to.known:
        return ""
    domain = to.address.rpartition("@")[2]
    with connection.cursor() as cursor:  # two announcers may look at one domain at once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), 1)", [f"answered {domain}"])
    since = at - DAY
    if AnsweredAddress.objects.filter(address=to.address, at__gt=since).exists():
        return "this unknown address was answered within the day"
    if AnsweredAddress.objects.filter(domain=domain, at__gt=since).count() >= A_DAY_FOR_A_DOMAIN:
        return f"{A_DAY_FOR_A_DOMAIN} unknown addresses of {domain} were answered within the day"
    AnsweredAddress.objects.create(address=to.address, domain=domain, at=at)
    return ""
