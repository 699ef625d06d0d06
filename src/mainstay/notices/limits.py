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

from mainstay import rows
from mainstay.notices import words
from mainstay.notices.models import AnsweredAddress, Delivery
from mainstay.notices.reading import Reading
from mainstay.notices.recipients import REPLIED, Listener, on
from mainstay.tickets.models import Ticket

A_DAY_FOR_A_DOMAIN: Final = 20
LOOKED_AT: Final = 4_000  # characters of a request's words
RING: Final = 20  # answers that each followed a mail, and mails that each followed an answer
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT_ONCE = timedelta(minutes=2)  # after our answer: sooner than a person reads it and writes another request

_ACKNOWLEDGES = re.compile(
    r"(?:we|i)(?: have|'ve)? (?:got|have|received) your (?:e-?mail|message|request|enquiry|inquiry|ticket|report)"
    r"|your (?:e-?mail|message|request|enquiry|inquiry|ticket|report) (?:has been|was) (?:received|registered|logged)"
    r"|automatic(?:ally)? (?:reply|response|answer|acknowledg|generated)|this is an automat|do not reply to this"
    r"|thank(?:s| you) for (?:contacting|reaching|your (?:e-?mail|message|request|enquiry|inquiry|report))"
    r"|your (?:ticket|case|request|reference) (?:number|id) is"
    r"|ihre (?:anfrage|nachricht|e-?mail|meldung) (?:ist|wurde) (?:bei uns )?(?:eingegangen|erhalten|registriert)"
    r"|haben ihre (?:anfrage|nachricht|e-?mail|meldung)|eingangsbest|automatisch (?:erstellt|erzeugt|generiert)"
    r"|automatische (?:antwort|nachricht)|vielen dank für ihre (?:anfrage|nachricht|e-?mail|meldung)"
    r"|avons bien reçu|accusé de réception|hemos recibido su|abbiamo ricevuto la",
    re.IGNORECASE,
)

_MACHINE = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|double-bounce|bounces?|listserv|majordomo)(?:[-+_.].*)?@|"
    r"(?:.*[-_.+])?(?:no|do-?not|donot|not?)[-_.]?reply(?:[-_.+].*)?@|.*-(?:bounces?|owner|request)@|owner-",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answered:
    """An automatic answer of ours, and the request that it answered."""

    subject: str
    opened: datetime
    sent: datetime | None
    text: str


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
        return "" if now else self._ring(ticket, self._latest.get(to.address, []))

    def _ring(self, ticket: Ticket, before: list[Answered]) -> str:
        """Why the request looks like another desk's answer to our answer; `before` are ours, the newest first.

        A person is never taken for one: nobody writes "we have received your request" within two minutes of our
        saying so, and whoever sends the same words again has had their answer.
        """
        last = before[0] if before else None
        if last is None or last.sent is None or ticket.opened_at < last.sent:
            return ""
        words_ = self._opening(ticket)
        if ticket.opened_at - last.sent <= AT_ONCE and _ACKNOWLEDGES.search(f"{ticket.subject}\n{words_}"):
            return "it came at once after our answer and acknowledges it, as a program does"
        if _shape(last.subject) == _shape(ticket.subject) and words_ and _shape(words_) == _shape(last.text):
            return "it says what the last request of this address said, and came after our answer to that"
        if _is_ring(ticket, before):
            return f"the last {RING} requests of this address each followed our answer, with the same subject"
        return ""

    def _opening(self, ticket: Ticket) -> str:
        opening = next(iter(self.reading.incoming(ticket)), None)
        return opening.text[:LOOKED_AT] if opening else ""

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
    def _latest(self) -> dict[str, list[Answered]]:
        """The hour's answers to each address, at most `RING`, the newest first."""
        with connection.cursor() as cursor:
            cursor.execute(_LATEST, [LOOKED_AT, list(self._people), REPLIED, self.at - HOUR, RING])
            found: dict[str, list[Answered]] = {}
            for address, *answer in cursor.fetchall():
                found.setdefault(address, []).append(Answered(*answer))
        return found

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
    SELECT address, ticket.subject, ticket.opened_at, latest.sent_at, coalesce(left(opening.text, %s), '')
    FROM unnest(%s::text[]) address CROSS JOIN LATERAL (
        SELECT id, ticket_id, created_at, sent_at FROM notices_delivery
        WHERE recipient = address AND automatic = %s AND created_at > %s
          AND channel = 'email' AND state <> 'suppressed'
        ORDER BY created_at DESC, id DESC LIMIT %s) latest
    JOIN tickets_ticket ticket ON ticket.id = latest.ticket_id
    LEFT JOIN LATERAL (
        SELECT text FROM tickets_message WHERE ticket_id = latest.ticket_id AND kind = 'in' ORDER BY at, id LIMIT 1
    ) opening ON true
    ORDER BY address, latest.created_at DESC, latest.id DESC
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


def _is_ring(ticket: Ticket, answers: list[Answered]) -> bool:
    """Whether this ticket and those before came strictly in turn with our answers, under one subject but for digits."""
    if len(answers) < RING or any(_shape(one.subject) != _shape(ticket.subject) for one in answers):
        return False
    opened = [ticket.opened_at, *(one.opened for one in answers)]
    return all(
        one.sent is not None and one.sent <= after for after, one in zip(opened, answers, strict=False)
    )


def _shape(subject: str) -> str:
    return re.sub(r"\d+", "", subject).casefold()
