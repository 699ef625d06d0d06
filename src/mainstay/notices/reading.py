"""What letters ask of the database, read for many tickets at once; each thing when it is first asked for.

Deliveries that are made meanwhile and not stored yet are counted in: see `made`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.db.models import Q
from django.db.models.functions import Lower

from mainstay.accounts.models import User
from mainstay.knowledge.search import Hit
from mainstay.notices import offering
from mainstay.notices.models import Delivery
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import clocks
from mainstay.tickets.models import Event, Message, Participant, Ticket, Watcher

WITH_THE_REQUEST = {"received", "emergency_flagged", "dispatched"}  # events whose letters show its words


class Reading:
    """The tickets of some events, with all that is told of them."""

    def __init__(self, tickets: Sequence[Ticket], events: Sequence[Event] = ()) -> None:
        self.tickets = {one.pk: one for one in tickets}
        self.events = events
        self.offered: dict[int, tuple[Ticket, list[Hit]]] = {}
        """What the letters that were made offer."""
        self._made: dict[tuple[int, str], list[str]] = {}

    def made(self, delivery: Delivery) -> None:
        """From now on this one counts as stored."""
        if _of_thread(delivery):
            place = (delivery.ticket_id or 0, delivery.recipient)
            self._made.setdefault(place, []).append(delivery.message_id)

    # ---- words

    def incoming(self, ticket: Ticket) -> list[Message]:
        """The customer's messages, oldest first; the words of most are read when they are asked for."""
        return self._incoming[ticket.pk]

    def message(self, ticket: Ticket, number: int | None) -> Message | None:
        """One message of the ticket."""
        found = self._messages.get(number) if number else None
        if found is None and number:
            found = Message.objects.filter(ticket=ticket, pk=number).first()
        return found if found and found.ticket_id == ticket.pk else None

    @cached_property
    def _incoming(self) -> dict[int, list[Message]]:
        found: dict[int, list[Message]] = {number: [] for number in self.tickets}
        for one in _INCOMING.all(tickets=list(self.tickets)):
            found[one.ticket_id].append(self._messages.get(one.pk, one))
        return found

    @cached_property
    def _messages(self) -> dict[int, Message]:
        """Those that the events name. The one a ticket began with is named by its first event."""
        numbers = {_message_of(event) for event in self.events} - {None}
        begun = {event.ticket_id for event in self.events if event.kind in WITH_THE_REQUEST}
        begun -= {event.ticket_id for event in self.events if event.kind == "received"}
        wanted = Q(pk__in=numbers)
        if begun:
            first = Message.objects.filter(ticket__in=begun, kind=Message.Kind.IN)
            wanted |= Q(pk__in=first.order_by("ticket", "at", "pk").distinct("ticket").values("pk"))
        elif not numbers:
            return {}
        return {one.pk: one for one in Message.objects.filter(wanted).defer("full_text", "html")}

    def answers(self, ticket: Ticket) -> list[Hit]:
        """Articles that may answer a request that is being acknowledged."""
        return self._answers.get(ticket.pk, [])

    @cached_property
    def _answers(self) -> dict[int, list[Hit]]:
        asked = {number: (one, next(iter(self.incoming(one)), None)) for number, one in self.tickets.items()}
        return offering.found(self.events, asked)

    # ---- the log

    def log(self, ticket: Ticket) -> list[clocks.Logged]:
        """The events that move clocks."""
        return self._logs[ticket.pk]

    @cached_property
    def _logs(self) -> dict[int, list[clocks.Logged]]:
        return clocks.logs_of(self.tickets.values())

    # ---- people

    def participants(self, ticket: Ticket) -> list[Participant]:
        """Those who take part, in the order in which they came."""
        return self._participants[ticket.pk]

    @cached_property
    def _participants(self) -> dict[int, list[Participant]]:
        found: dict[int, list[Participant]] = {number: [] for number in self.tickets}
        for one in _PARTICIPANTS.all(tickets=list(self.tickets)):
            found[one.ticket_id].append(one)
        return found

    def watchers(self, ticket: Ticket) -> list[User]:
        """Those of us who watch it."""
        return self._watchers[ticket.pk]

    @cached_property
    def _watchers(self) -> dict[int, list[User]]:
        found: dict[int, list[User]] = {number: [] for number in self.tickets}
        for one in _WATCHERS.all(tickets=list(self.tickets)):
            found[one.ticket_id].append(one.user)
        return found

    def staff_among(self, addresses: Iterable[str]) -> set[str]:
        """Those of the addresses that are of people of ours."""
        wanted = set(addresses)
        return wanted & self._staff if wanted else set()

    @cached_property
    def _staff(self) -> set[str]:
        copied = {
            (one.contact.email if one.contact else one.address).strip().lower()
            for joined in self._participants.values()
            for one in joined
        }
        staff = User.objects.annotate(small=Lower("email")).filter(
            ~Q(roles=[]), small__in=copied, is_active=True
        )
        return set(staff.values_list("small", flat=True))

    # ---- what was sent

    def sent(self, ticket: Ticket, address: str) -> list[str]:
        """The Message-IDs of our mails to an address about the ticket, oldest first."""
        place = (ticket.pk, address)
        return [*self._sent.get(place, []), *self._made.get(place, [])]

    @cached_property
    def _sent(self) -> dict[tuple[int, str], list[str]]:
        found: dict[tuple[int, str], list[str]] = {}
        for number, address, message_id in _SENT.all(tickets=list(self.tickets)):
            found.setdefault((number or 0, address), []).append(message_id)
        return found


_OF_TICKETS = Arg("tickets")
_INCOMING = Prepared(
    lambda: (
        Message.objects.filter(ticket__id__any=_OF_TICKETS, kind=Message.Kind.IN)
        .defer("text", "full_text", "html")
        .order_by("at", "pk")
    )
)
_PARTICIPANTS = Prepared(
    lambda: (
        Participant.objects.filter(ticket__id__any=_OF_TICKETS, accepted=True)
        .select_related("contact__user")
        .order_by("pk")
    )
)
_WATCHERS = Prepared(
    lambda: (
        Watcher.objects.filter(ticket__id__any=_OF_TICKETS, user__is_active=True)
        .select_related("user")
        .order_by("pk")
    )
)
_SENT = Prepared[tuple[int | None, str, str]](
    lambda: (
        Delivery.objects.filter(ticket__id__any=_OF_TICKETS, channel=Delivery.Channel.EMAIL)
        .exclude(state=Delivery.State.SUPPRESSED)
        .exclude(message_id="")
        .order_by("id")
        .values_list("ticket_id", "recipient", "message_id")
    )
)


def _message_of(event: Event) -> int | None:
    text = getattr(event, "text", None)
    return text.detail.get("message") if text else None


def _of_thread(delivery: Delivery) -> bool:
    kept = delivery.state != Delivery.State.SUPPRESSED
    return bool(kept and delivery.message_id and delivery.channel == Delivery.Channel.EMAIL)
