"""The only writer of the log: one change of one ticket is one event, chained by hash to the one before.

`changing` locks a ticket and remembers what it was; `record` writes what became of it. Words about people
go into a row of their own, so that they can be erased while the chain stays whole.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction

from mainstay import rows
from mainstay.accounts.actor import Actor
from mainstay.allowances import draws
from mainstay.errors import Refused
from mainstay.tickets import clocks, snoozes
from mainstay.tickets.models import Event, EventText, Outbox, Ticket

# Columns whose change an event tells: plain facts go into the hashed row, words about people apart.
PLAIN = (
    "state", "step", "severity", "category", "assignee_id", "team_id", "estimate", "waiting_until",
    "scheduled_for", "customer_id", "requester_id", "contract_id", "level_id", "environment_id",
    "entitlement", "terms_id", "close_reason", "merged_into_id", "follows_id", "assessment", "flags", "language",
    "agreed", "common_cause_id",
)  # fmt: skip
WORDS = (
    "subject", "waiting_for", "next_step", "scope_decision", "root_cause", "facts", "emergency",
    "requester_address", "customer_reference",
)  # fmt: skip

URGENT = {
    "received",
    "concern_raised",
    "concern_late",
    "emergency_flagged",
    "escalated",
    "escalated_by_ladder",
    "severity_changed",
    "breached",
    "warned",
}


def whole(at: datetime) -> datetime:
    """`at` in UTC, cut to whole seconds (CLOCKS: fractions are cut when an event is recorded)."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone reached a verb")
    return at.astimezone(UTC).replace(microsecond=0)


@contextmanager
def changing(ticket: Ticket | int) -> Iterator[Ticket]:
    """A transaction with the ticket's row locked and freshly read. End it with `record`."""
    number = ticket if isinstance(ticket, int) else ticket.pk
    with transaction.atomic():
        fresh = Ticket.objects.select_for_update().filter(pk=number).first()
        if fresh is None:
            raise Refused("ticket", f"there is no ticket {number}")
        remember(fresh)
        yield fresh
    if isinstance(ticket, Ticket):
        _tell(ticket, fresh)


@contextmanager
def changing_all(tickets: Sequence[Ticket]) -> Iterator[list[Ticket]]:
    """The same for several tickets, each once, locked in the order of their numbers and given in that of the call."""
    wanted = [ticket.pk for ticket in tickets]
    if len(set(wanted)) < len(wanted):
        raise ValueError("a ticket is changed twice at once")
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",)).select_related("level").filter(pk__in=wanted)
        fresh = {one.pk: one for one in locked.order_by("pk")}
        for number in wanted:
            if number not in fresh:
                raise Refused("ticket", f"there is no ticket {number}")
            remember(fresh[number])
        yield [fresh[number] for number in wanted]
    for ticket in tickets:
        _tell(ticket, fresh[ticket.pk])


def _tell(ticket: Ticket, fresh: Ticket) -> None:
    """The caller's object says what the row now says."""
    ticket.__dict__.update({k: v for k, v in fresh.__dict__.items() if k != "_state"})
    ticket._state.fields_cache.clear()


def remember(ticket: Ticket) -> None:
    """Keep what the ticket is now, for the next event's `before`."""
    ticket.__dict__["_was"] = {name: _plain(getattr(ticket, name)) for name in (*PLAIN, *WORDS)}


def record(
    ticket: Ticket,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    more: dict[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
    tell: bool = True,
) -> Event:
    """Write the one event of a change, save the ticket and refresh its clocks.

    `more` are facts of the event itself (hashed), `detail` its words and pointers (erasable). The time never
    goes back: an instant before the ticket's last one counts as the last one. Without `tell` nobody hears of it.
    """
    event, text = build(ticket, kind, by=by, at=at, why=why, more=more, detail=detail)
    event.save(force_insert=True)
    text.event = event
    text.save(force_insert=True)
    if tell:
        Outbox(event=event, urgent=kind in URGENT).save(force_insert=True)
    follow(ticket, event)
    clocks.refresh(ticket, event)
    ticket.save()
    if kind in draws.FOLLOWED:
        _draw(ticket, event, by)
    for held in snoozes.wake(event):
        remember(ticket)
        record(ticket, "snooze_ended", by=Actor.system(), at=event.at, **snoozes.told(held, kind))
    return event


def _draw(ticket: Ticket, event: Event, by: Actor) -> None:
    """Quotas and hours follow; what is beyond them is told to those who lead, in an event of its own."""
    _tell_beyond(ticket, draws.follow(ticket, event.kind, by=by, at=event.at), event.at)


def draw_received(tickets: Sequence[Ticket], by: Sequence[Actor]) -> None:
    """The same for tickets that were received together, once they are stored."""
    for ticket, beyond in zip(tickets, draws.received(tickets, by=by), strict=True):
        _tell_beyond(ticket, beyond, ticket.opened_at)


def _tell_beyond(ticket: Ticket, beyond: list[str], at: datetime) -> None:
    if beyond:
        remember(ticket)
        record(ticket, "beyond_allowance", by=Actor.system(), at=at, why=" ".join(beyond))


class Page:
    """Events of several tickets, each following the one before in memory, then written together.

    The caller stores the tickets and refreshes their clocks.
    """

    def __init__(self) -> None:
        self.told: list[tuple[Event, EventText]] = []

    def record(
        self,
        ticket: Ticket,
        kind: str,
        *,
        by: Actor,
        at: datetime,
        why: str = "",
        more: dict[str, Any] | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Event:
        """The next event of the ticket. Its number is given when the page is written."""
        event, text = build(ticket, kind, by=by, at=at, why=why, more=more, detail=detail)
        follow(ticket, event)
        self.told.append((event, text))
        return event

    def write(self) -> None:
        """Store all of it, in order, and put each event in the outbox."""
        for number, (event, text) in zip(rows.numbers(Event, len(self.told)), self.told, strict=True):
            event.pk = number
            text.event = event
        made = [event for event, _ in self.told]
        rows.insert(Event, made)
        rows.insert(EventText, [text for _, text in self.told])
        rows.insert(Outbox, [Outbox(event=event, urgent=event.kind in URGENT) for event in made])


def build(
    ticket: Ticket,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    more: dict[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
) -> tuple[Event, EventText]:
    """The next event of the ticket with its words, hashed and not yet stored. Its next change is told from here."""
    before, after, words = _difference(ticket)
    said, text = written(
        ticket, kind, by=by, at=max(whole(at), ticket.last_at), why=why, before=before,
        after={**after, **(more or {})}, detail={**words, **(detail or {})},
    )  # fmt: skip
    event = Event(**said._asdict())
    event.ticket = ticket
    return event, EventText(**text._asdict())


class Said(NamedTuple):
    """The columns of an event, but for what the table gives it: its number and when it was stored."""

    ticket_id: int
    seq: int
    kind: str
    at: datetime
    by_kind: str
    by_id: int | None
    before: dict[str, Any]
    after: dict[str, Any]
    text_digest: str
    previous_hash: str
    hash: str = ""


class Words(NamedTuple):
    """The columns of an event's words, but for the event's number."""

    key: bytes
    by_name: str
    why: str
    detail: dict[str, Any]


def written(
    ticket: Ticket,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    why: str,
    before: dict[str, Any],
    after: dict[str, Any],
    detail: dict[str, Any],
) -> tuple[Said, Words]:
    """The ticket's next event and its words as columns, hashed: where its difference is known, for many at once."""
    key = secrets.token_bytes(16)
    text = digest(key, {"by_name": by.name, "why": why, "detail": detail})
    said = Said(
        ticket.pk, ticket.last_seq + 1, kind, at, by.kind, by.id, before, after, text, ticket.last_hash
    )
    return said._replace(hash=chain_hash(said)), Words(key, by.name, why, detail)


def follow(ticket: Ticket, event: Event | Said) -> None:
    """The ticket now ends with `event`."""
    ticket.last_seq, ticket.last_hash, ticket.last_at = event.seq, event.hash, event.at


def chain_hash(event: Event | Said) -> str:
    """What the next event builds on: everything of the row but its own hash and when it was stored."""
    return hashlib.sha256(
        canonical(
            {
                "ticket": event.ticket_id,
                "seq": event.seq,
                "kind": event.kind,
                "at": event.at.astimezone(UTC).isoformat(),
                "by": [event.by_kind, event.by_id],
                "before": event.before,
                "after": event.after,
                "text": event.text_digest,
                "previous": event.previous_hash,
            }
        )
    ).hexdigest()


def digest(key: bytes, text: dict[str, Any]) -> str:
    """The keyed digest that stands in the chain for an event's words."""
    return hmac.digest(key, canonical(text), hashlib.sha256).hex()


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """The one way to write a value as bytes: sorted keys, no spaces.

    Raises `ValueError` for NaN and infinities, which `rows` would store as null beside a hash that says otherwise.
    """
    return _CANONICAL.encode(value).encode()


def words_fit(event: Event) -> bool:
    """Whether an event's words are those whose digest is in the chain; erased ones (no key) are not asked."""
    text = getattr(event, "text", None)
    if text is None or not text.key:
        return True
    said = {"by_name": text.by_name, "why": text.why, "detail": text.detail}
    return hmac.compare_digest(digest(bytes(text.key), said), event.text_digest)


def first_broken(events: list[Event]) -> Event | None:
    """The first event of one ticket's log (in order) that does not fit the chain; None when it is whole."""
    previous = ""
    for seq, event in enumerate(events, 1):
        if event.seq != seq or event.previous_hash != previous or chain_hash(event) != event.hash:
            return event
        previous = event.hash
    return None


def _difference(ticket: Ticket) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    was: dict[str, Any] = ticket.__dict__.get("_was", {})
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for name in (*PLAIN, *WORDS):
        value = getattr(ticket, name)
        if name in was and was[name] is value:
            continue
        now, then = _plain(value), was.get(name)
        if then == now:
            continue
        if name in PLAIN:
            after[name] = now
            if name in was:
                before[name] = then
        elif name in was or now:
            words[name] = [then, now]
    return before, after, words


def _plain(value: Any) -> Any:
    """A value that later changes of the ticket leave alone, as JSON keeps it."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict | list) and not value:
        return type(value)()
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else json.loads(json.dumps(value))
