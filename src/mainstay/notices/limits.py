"""Who gets no automatic answer, and why: against loops, storms and being used to write to strangers.

MAIL-RULES (Acknowledgement), ATTACKS 15 and 20. A request is never lost for lack of an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from django.db import connection
from django.db.models import Count

from mainstay.notices import words
from mainstay.notices.models import AnsweredAddress, Delivery
from mainstay.notices.reading import Reading
from mainstay.notices.recipients import REPLIED, Listener, on
from mainstay.tickets import rows
from mainstay.tickets.models import Ticket

A_DAY_FOR_A_DOMAIN: Final = 20
RING: Final = 20  # answers that each followed a mail, and mails that each followed an answer
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

_MACHINE = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|double-bounce|bounces?|listserv|majordomo)(?:[-+_.].*)?@|"
    r"(?:.*[-_.+])?(?:no|do-?not|donot|not?)[-_.]?reply(?:[-_.+].*)?@|.*-(?:bounces?|owner|request)@|owner-",
    re.IGNORECASE,
)


class Answers:
    """The automatic answers that some tickets' people had lately, and those that are given now.

    Make it within the transaction that writes the deliveries: answers to strangers are serialised for each domain.
    """

    def __init__(self, reading: Reading, at: datetime) -> None:
        self.reading = reading
        self.at = at
        self.given: set[tuple[str, int]] = set()  # now: address and ticket
        self.strangers: list[AnsweredAddress] = []  # answered now, not yet stored

    def withheld(self, to: Listener, ticket: Ticket, *, automatic: str) -> str:
        """Why this letter is not sent to this person; empty: it is. An unknown address is counted when it is."""
        if to.withheld or not automatic:
            return to.withheld
        if _MACHINE.match(to.address):
            return "the address is a program's"
        if automatic == REPLIED:
            return self._answered_already(to, ticket) or self._stranger(to)
        return "" if to.known else "only people's own words go to an address we do not know"

    def made(self, delivery: Delivery) -> None:
        """From now on this one counts as stored."""
        if delivery.automatic == REPLIED and delivery.state != Delivery.State.SUPPRESSED:
            self.given.add((delivery.recipient, delivery.ticket_id or 0))

    def store(self) -> None:
        """Count the unknown addresses that were answered."""
        rows.insert(AnsweredAddress, self.strangers)
        self.strangers = []

    # ---- at most one automatic answer for a sender and ticket in an hour; a ring of two such desks ends

    def _answered_already(self, to: Listener, ticket: Ticket) -> str:
        had = {number for number in _named(ticket) if self._had(to.address, number)}
        if ticket.pk in had:
            return "this address had an automatic answer on this ticket within the hour"
        if had:
            return "its subject names a ticket that this address had an automatic answer on within the hour"
        now = any(address == to.address for address, _ in self.given)  # not sent yet: nobody has answered it
        if not now and _is_ring(ticket, self._rings.get(to.address, [])):
            return f"the last {RING} requests of this address each followed our answer, with the same subject"
        return ""

    def _had(self, address: str, ticket: int) -> bool:
        return (address, ticket) in self.given or (address, ticket) in self._answered

    @cached_property
    def _answered(self) -> set[tuple[str, int]]:
        """Address and ticket of the hour's answers on any ticket that these tickets' subjects name."""
        named = {number for ticket in self.reading.tickets.values() for number in _named(ticket)}
        recent = Delivery.objects.filter(ticket__in=named, automatic=REPLIED, created_at__gt=self.at - HOUR)
        kept = recent.filter(channel=Delivery.Channel.EMAIL).exclude(state=Delivery.State.SUPPRESSED)
        return set(kept.values_list("recipient", "ticket_id"))

    @cached_property
    def _rings(self) -> dict[str, list[tuple[str, datetime, datetime]]]:
        """Of addresses with `RING` answers within the hour, all of them sent: subject, opened, sent; newest first."""
        with connection.cursor() as cursor:
            cursor.execute(_LATEST, [list(self._people), REPLIED, self.at - HOUR, RING, RING])
            found = cursor.fetchall()
        about = Ticket.objects.in_bulk({number for _, numbers, _ in found for number in numbers})
        return {
            address: [
                (about[number].subject, about[number].opened_at, when)
                for number, when in zip(numbers, sent, strict=True)
            ]
            for address, numbers, sent in found
        }

    # ---- an unknown address is answered once a day, and few of one domain

    def _stranger(self, to: Listener) -> str:
        if to.known:
            return ""
        answered, domain = self._of_the_day, _domain(to.address)
        if to.address in answered.addresses:
            return "this unknown address was answered within the day"
        if answered.domains[domain] >= A_DAY_FOR_A_DOMAIN:
            return f"{A_DAY_FOR_A_DOMAIN} unknown addresses of {domain} were answered within the day"
        answered.addresses.add(to.address)
        answered.domains[domain] += 1
        self.strangers.append(AnsweredAddress(address=to.address, domain=domain, at=self.at))
        return ""

    @cached_property
    def _of_the_day(self) -> _Day:
        """What was answered, read behind the locks of the domains that may still be answered."""
        unknown = {address for address, known in self._people.items() if not known}
        before = _day(unknown, self.at)
        open_ = {_domain(one) for one in unknown - before.addresses}
        wanted = sorted(one for one in open_ if before.domains[one] < A_DAY_FOR_A_DOMAIN)
        if not wanted:
            return before
        with connection.cursor() as cursor:  # two announcers may look at one domain at once
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('answered ' || domain), 1)"
                " FROM unnest(%s::text[]) WITH ORDINALITY AS d(domain, place) ORDER BY place",
                [wanted],
            )
        return _day(unknown, self.at)

    @cached_property
    def _people(self) -> dict[str, bool]:
        """The addresses of these tickets' people, and whether they are of somebody known."""
        found: dict[str, bool] = {}
        for ticket in self.reading.tickets.values():
            for address, _, contact, _ in on(ticket, self.reading):
                place = (contact.email if contact else address).strip().lower()
                found[place] = found.get(place, True) and contact is not None
        return found


_LATEST = """
    SELECT address, array_agg(ticket_id ORDER BY created_at DESC, id DESC),
           array_agg(sent_at ORDER BY created_at DESC, id DESC)
    FROM unnest(%s::text[]) address CROSS JOIN LATERAL (
        SELECT id, ticket_id, created_at, sent_at FROM notices_delivery
        WHERE recipient = address AND automatic = %s AND created_at > %s
          AND channel = 'email' AND state <> 'suppressed'
        ORDER BY created_at DESC, id DESC LIMIT %s) latest
    GROUP BY address HAVING count(*) = %s AND bool_and(sent_at IS NOT NULL)
"""


@dataclass
class _Day:
    addresses: set[str]
    domains: Counter[str]


def _day(unknown: set[str], at: datetime) -> _Day:
    """Which of these addresses were answered within the day, and how many of their domains."""
    lately = AnsweredAddress.objects.filter(at__gt=at - DAY)
    domains = lately.filter(domain__in={_domain(one) for one in unknown}).values_list("domain")
    return _Day(
        set(lately.filter(address__in=unknown).values_list("address", flat=True)),
        Counter(dict(domains.annotate(Count("pk")))),
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _named(ticket: Ticket) -> set[int]:
    """The ticket's own number and those that its subject may mean."""
    return {ticket.pk, *map(int, re.findall(r"\d{1,12}", words.one_line(ticket.subject, 998)))}


def _is_ring(ticket: Ticket, answers: list[tuple[str, datetime, datetime]]) -> bool:
    """Whether this ticket and those before came strictly in turn with our answers, under one subject but for digits."""
    if len(answers) < RING or any(_shape(subject) != _shape(ticket.subject) for subject, _, _ in answers):
        return False
    opened = [ticket.opened_at, *(when for _, when, _ in answers)]
    return all(sent <= after for after, (_, _, sent) in zip(opened, answers, strict=False))


def _shape(subject: str) -> str:
    return re.sub(r"\d+", "", subject).casefold()
