"""What there is to tell of one event: read once, then told to each who hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.contracts import terms, wording
from mainstay.contracts.terms import TermsDocument
from mainstay.notices import words
from mainstay.notices.reading import Reading
from mainstay.sla import hours
from mainstay.sla.instances import Instance
from mainstay.tickets import clocks, severities
from mainstay.tickets.models import Attachment, Event, Message, Ticket, Timer

TOLD = ("first_response", "next_response", "progress_update", "workaround", "resolution", "root_cause")


@dataclass(frozen=True)
class Owed:
    """One clock as a customer may be told of it."""

    clock: str
    kind: str  # promise or goal
    target: str
    due: datetime | None

    @property
    def name(self) -> str:
        return words.clock_words(self.clock)


class Story:
    """One event of one ticket with everything that letters say of it. Reads lazily, each thing once."""

    def __init__(self, event: Event, ticket: Ticket, reading: Reading | None = None) -> None:
        self.event = event
        self.ticket = ticket
        self.reading = reading or Reading([ticket], [event])
        self.at: datetime = event.at
        text = getattr(event, "text", None)
        self.why: str = text.why if text else ""
        self.by: str = text.by_name if text else ""
        self.detail: dict[str, Any] = text.detail if text else {}

    @cached_property
    def terms(self) -> TermsDocument | None:
        return terms.load(self.ticket.terms_id) if self.ticket.terms_id else None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The customer's own."""
        customer = self.ticket.customer
        return words.zone_of(self.terms.zone if self.terms else customer.time_zone if customer else "UTC")

    @property
    def language(self) -> str:
        """Of the case where it has its own (the mailbox it came through), else the customer's."""
        return self.ticket.language or (self.ticket.customer.language if self.ticket.customer else "en")

    @cached_property
    def message(self) -> Message | None:
        """The words that came with the event. Never a note."""
        found = self.reading.message(self.ticket, self.detail.get("message"))
        return None if found is None or found.kind == Message.Kind.NOTE else found

    @cached_property
    def files(self) -> list[Attachment]:
        return list(self.message.attachments.order_by("pk")) if self.message else []

    @cached_property
    def incoming(self) -> list[Message]:
        """The customer's mails up to this event, oldest first: what threads are made of."""
        mails = self.reading.incoming(self.ticket)
        return [one for one in mails if one.message_id and one.at <= self.at]

    @cached_property
    def opening(self) -> Message | None:
        """The words the ticket began with."""
        return next(iter(self.reading.incoming(self.ticket)), None)

    @cached_property
    def authenticated(self) -> bool:
        """Whether the request is known to be from whom it says: by its page, or by its mail's proof."""
        return self.opening is None or self.opening.authenticated in {"", "pass"}

    # ---- promises

    @cached_property
    def _log(self) -> list[clocks.Logged]:
        return [one for one in self.reading.log(self.ticket) if one.seq <= self.event.seq]

    @cached_property
    def clocks(self) -> list[Instance]:
        """Every clock as this event left it."""
        return clocks.explained(self._log, self.at)

    @cached_property
    def clocks_before(self) -> list[Instance]:
        """Every clock as this event found it."""
        return clocks.explained([one for one in self._log if one.seq < self._begins], self.at)

    @cached_property
    def _begins(self) -> int:
        """The first event of the act: other terms that came with this one are told with it."""
        before = next((one for one in self._log if one.seq == self.event.seq - 1), None)
        with_it = before is not None and before.kind == "agreement_changed" and before.after.get("quiet")
        return self.event.seq - 1 if with_it and before and before.at == self.at else self.event.seq

    @property
    def changes_terms(self) -> bool:
        """Whether other terms came with this event."""
        return self._begins < self.event.seq

    def owed(self, *, before: bool = False) -> list[Owed]:
        """The promises and goals that run or stand still, as the customer may know them."""
        listed = self.clocks_before if before else self.clocks
        live = [one for one in listed if one.state in {"running", "paused"} and one.clock in TOLD]
        return [owed for owed in map(self._owed, live) if owed.kind in {"promise", "goal"}]

    def owed_of(self, clock: str) -> Owed | None:
        """One clock, if it runs."""
        return next((one for one in self.owed() if one.clock == clock and one.due is not None), None)

    def _owed(self, one: Instance) -> Owed:
        kind = (self.terms.kind(one.clock, one.severity) if self.terms else None) or "goal"
        due = hours.at(one.due) if one.due is not None else None
        return Owed(one.clock, kind, words.target_words(one.target, one.calendar), due)

    # ---- facts

    @cached_property
    def rank(self) -> int:
        """The severity as this event left it."""
        rank = self.ticket.severity
        for logged in self._log:
            rank = int(logged.after.get("severity", rank))
        return rank

    @property
    def severity(self) -> tuple[int, str, str]:
        """Rank, name and definition as this event left them, in the language that is being written in."""
        return self.severity_words(self.rank)

    def severity_words(self, rank: int) -> tuple[int, str, str]:
        known = {int(one["rank"]): one for one in severities.spoken_in(self.language)}
        says = known.get(rank, {})
        return rank, wording.severity(says), wording.severity(says, "definition")

    @cached_property
    def closes_at(self) -> datetime | None:
        """When the ticket closes by itself if this event is not answered."""
        said = self.event.after.get("closes_at")
        if said:
            return datetime.fromisoformat(said)
        timers = Timer.objects.filter(ticket=self.ticket, kind=Timer.Kind.CLOSE, set_at_seq=self.event.seq)
        timer = timers.first()
        return timer.due_at if timer else None

    def when(self, at: datetime) -> str:
        """An instant in the customer's zone, in full."""
        return words.moment(at, self.zone, now=self.at)
