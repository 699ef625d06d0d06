"""Who wrote, and which ticket they mean: everything `decide` asks, looked up once per mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import QuerySet

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.config.env import env
from mainstay.customers import lookup
from mainstay.customers.models import Contact, Customer
from mainstay.intake.email import proof, signed, thanks
from mainstay.intake.email import sender as senders
from mainstay.intake.email.decide import Facts, Sender, Standing, escalation
from mainstay.intake.email.emergency import emergency
from mainstay.intake.email.keys import mail_keys
from mainstay.intake.email.parse import Message
from mainstay.intake.email.sender import Authentication
from mainstay.intake.email.signed import Reference
from mainstay.intake.models import Mail
from mainstay.tickets import closure
from mainstay.tickets.models import Message as Said
from mainstay.tickets.models import Participant, Ticket


@dataclass(frozen=True)
class Case:
    """One mail with what is known about it. `ticket` is locked; of a merged one, the ticket it went into."""

    mail: Mail
    message: Message
    authentication: Authentication
    found: lookup.Found
    user: User | None  # a member of staff who has access today
    sender: Sender
    reference: Reference | None = None
    ticket: Ticket | None = None
    referred: bool = False
    maybe: int | None = None  # a ticket that an unsigned reference names

    @cached_property
    def facts(self) -> Facts:
        """What the table asks."""
        return Facts(
            sender=self.sender,
            authenticated=self.authentication.result,
            referred=self.referred,
            own_token=self._own_token,
            standing=self._standing,
            thanks=self._thanks,
            escalates=escalation(self.message.reply_text) is not None,
            shown_anyway=self.ticket is not None and not self.referred,
        )

    @property
    def _own_token(self) -> bool:
        made_for = self.reference
        return bool(
            self.user
            and made_for
            and made_for.recipient_kind == "staff"
            and made_for.recipient_id == self.user.pk
        )

    @property
    def _standing(self) -> Standing:
        if self.ticket is None:
            return Standing.NONE
        if self.ticket.is_open:
            return Standing.OPEN
        return (
            Standing.CLOSED
            if closure.reopens(self.ticket, at=self.mail.received_at, channel="email")
            else Standing.OLD
        )

    @property
    def _thanks(self) -> bool:
        files = any(not file.inline for file in self.message.attachments)
        return not files and thanks.is_thanks(self.message.reply_text)

    @cached_property
    def alarming(self) -> list[str]:
        """The words of a reply that look like an emergency; its subject and what it quotes were said before."""
        return emergency(self.message.reply_text)

    @property
    def contact(self) -> Contact | None:
        """The contact who wrote: at the ticket's customer, if the person is one of several customers."""
        people = [one for one in (self.found.contact, *self.found.others) if one]
        here = [one for one in people if self.ticket and one.customer_id == self.ticket.customer_id]
        return next(iter(here or people), None)

    @property
    def actor(self) -> Actor:
        """Who acts; an address that failed authentication speaks for nobody we know."""
        name = self.message.from_name or self.message.from_address or "unknown sender"
        if self.authentication.result == "fail":
            return Actor.unknown(name)
        if self.user is not None and self.authentication.passed:
            return Actor.staff(self.user)
        contact = self.contact
        return Actor.contact(contact.pk, contact.name) if contact else Actor.unknown(name)


class Known:
    """What is asked of the database about a mail, each thing when it is asked. See `Together` for many mails."""

    def found(self, address: str) -> lookup.Found:
        """Whose the address is."""
        return lookup.by_address(address)

    def user(self, address: str) -> User | None:
        """The member of staff with this address who has access today."""
        user = User.objects.filter(email=address).first() if address else None
        return user if user and user.may_act else None

    def locked(self, number: int) -> Ticket | None:
        """The ticket, locked, or the one it was merged into."""
        return lock(number)

    def named(self, ids: list[str]) -> int | None:
        """The ticket that was opened by a message with one of these ids, the newest."""
        return _opened_by(ids).values_list("ticket_id", flat=True).first() if ids else None

    def part(self, tickets: set[int], address: str) -> bool | None:
        """True: takes part. False: listed, awaits approval. None: neither. Of a merged ticket either one counts."""
        if not address:
            return None
        listed = Participant.objects.filter(ticket__in=tickets, address=address)
        requested = Ticket.objects.filter(pk__in=tickets, requester_address=address).exists()
        return _part(requested, set(listed.values_list("accepted", flat=True)))


class Together(Known):
    """The same, asked for many mails at once; the tickets they mean are locked in the order of their numbers.

    Whoever changes a ticket says so with `changed`: from then on it is asked again. A mail that names another
    one of the same batch is to be examined with `Known`, after that one.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        addresses = {one.from_address for one in messages}
        self._found = lookup.by_addresses(addresses)
        self._users = {
            one.email: one for one in User.objects.filter(email__in=addresses - {""}) if one.may_act
        }
        self._named = _tickets_named({id_ for one in messages for id_ in named_in(one)})
        meant = {reference.ticket_id for one in messages if (reference := reference_of(one))}
        self._tickets = _lock_all(meant)
        self._accepted: dict[tuple[int, str], set[bool]] = {}
        listed = Participant.objects.filter(ticket__in=self._tickets, address__in=addresses - {""})
        for ticket, address, accepted in listed.values_list("ticket", "address", "accepted") if meant else ():
            self._accepted.setdefault((ticket, address), set()).add(accepted)

    def changed(self, ticket: int) -> None:
        """What is known of this ticket holds no longer."""
        self._tickets.pop(ticket, None)

    @property
    def customers(self) -> list[Customer]:
        """Those whose people wrote."""
        return list({one.customer.pk: one.customer for one in self._found.values() if one.customer}.values())

    def found(self, address: str) -> lookup.Found:
        return self._found[address]

    def user(self, address: str) -> User | None:
        return self._users.get(address)

    def locked(self, number: int) -> Ticket | None:
        return self._tickets.get(number) or super().locked(number)

    def named(self, ids: list[str]) -> int | None:
        newest = max((self._named[one] for one in ids if one in self._named), default=None)
        return newest and newest[1]

    def part(self, tickets: set[int], address: str) -> bool | None:
        number, *others = tickets
        ticket = self._tickets.get(number)
        if others or ticket is None:
            return super().part(tickets, address)
        if not address:
            return None
        return _part(ticket.requester_address == address, self._accepted.get((number, address), set()))


def _part(requested: bool, accepted: set[bool]) -> bool | None:
    return True if requested or True in accepted else False if accepted else None


def _opened_by(ids: Iterable[str]) -> QuerySet[Mail]:
    return Mail.objects.filter(
        message_id__in=ids, outcome__in=["ticket", "follow_up"], ticket__isnull=False
    ).order_by("-id")


def _tickets_named(ids: set[str]) -> dict[str, tuple[int, int]]:
    """Message-ID -> the newest mail with it that opened a ticket, and the ticket."""
    found: dict[str, tuple[int, int]] = {}
    for number, id_, ticket in _opened_by(ids).values_list("id", "message_id", "ticket_id") if ids else ():
        found.setdefault(id_, (number, ticket))
    return found


def _lock_all(numbers: set[int]) -> dict[int, Ticket]:
    """Those of the tickets that were merged into no other."""
    locked = Ticket.objects.select_for_update(of=("self",)).select_related("customer").filter(pk__in=numbers)
    return {one.pk: one for one in (locked.order_by("pk") if numbers else ()) if one.merged_into_id is None}


def examine(mail: Mail, message: Message, known: Known | None = None) -> Case:
    """Look everything up; locks the ticket that is meant. `message` is a mail, recognised by `signed`."""
    known = known or Known()
    address = message.from_address
    case = Case(
        mail=mail,
        message=message,
        authentication=senders.authenticate(message, env().authserv_id, proof.of(mail)),
        found=known.found(address),
        user=known.user(address),
        sender=Sender.OURSELVES if message.kind == "own" else Sender.MACHINE,
        reference=reference_of(message),
    )
    if message.kind == "own":
        return case
    case = _with_ticket(case, known)
    return case if message.is_auto else replace(case, sender=_sender(case, known))


def reference_of(message: Message) -> Reference | None:
    """The ticket a message, or the message that it reports on, answers by a reference of ours."""
    keys = mail_keys()
    if message.bounce and message.bounce.original_message_id:
        found = signed.read_message_id(keys, message.bounce.original_message_id)
        if found:
            return found
    return signed.read_reference(keys, message)


# ---- which ticket


def _with_ticket(case: Case, known: Known) -> Case:
    if case.reference is not None:
        ticket = known.locked(case.reference.ticket_id)
        return replace(case, ticket=ticket, referred=ticket is not None)
    if case.message.is_auto:
        return replace(case, ticket=_open_ticket_of(case))
    named = known.named(named_in(case.message))
    if named is None:
        return case
    if _may_join_early(case, named):
        return replace(case, ticket=lock(named), referred=True)
    return replace(case, maybe=named)


def lock(number: int) -> Ticket | None:
    """The ticket, locked; of a merged one, the ticket it was merged into. A circle ends where it began."""
    seen: set[int] = set()
    while number not in seen:
        seen.add(number)
        into = Ticket.objects.filter(pk=number).values_list("merged_into", flat=True).first()
        number = into or number
    return Ticket.objects.select_for_update(of=("self",)).filter(pk=number).first()


def _open_ticket_of(case: Case) -> Ticket | None:
    """Where an absence note without a reference is shown: the newest open ticket its sender takes part in."""
    if case.message.kind != "vacation":
        return None
    mine = Participant.objects.filter(address=case.message.from_address, accepted=True)
    newest = mine.exclude(ticket__state="closed").order_by("-ticket__last_at").first()
    return lock(newest.ticket_id) if newest else None


def named_in(message: Message) -> list[str]:
    """The Message-IDs that may be those of mails which opened tickets of ours."""
    return [one for one in (*message.in_reply_to, *message.references[-50:]) if len(one) <= 250]


def _may_join_early(case: Case, number: int) -> bool:
    """Whether naming the customer's own opening message counts as a valid reference (LESSON 25).

    Before our first answer nobody can hold a signed reference of ours but the requester, who has the
    acknowledgement; a colleague in Cc can only name the message that opened the ticket. So that counts, for
    somebody who is an accepted participant already, authenticated, while no staff message was sent. It
    proves no less than the signature would: that participant may join anyway, and authentication says it is
    really them. Once we have answered, everybody who is to join has a reference of ours.
    """
    ours_was_sent = Said.objects.filter(ticket=number, kind=Said.Kind.OUT).exists()
    address = case.message.from_address
    return case.authentication.passed and not ours_was_sent and Known().part({number}, address) is True


# ---- who, seen from the ticket


def _sender(case: Case, known: Known) -> Sender:
    if case.ticket is None:
        return _without_ticket(case)
    customer, facts = case.ticket.customer, case.facts
    tickets = {case.ticket.pk, *([case.reference.ticket_id] if case.reference else [])}
    part = known.part(tickets, case.message.from_address)
    is_tam = case.user is not None and customer is not None and customer.tam_id == case.user.pk
    as_staff = facts.own_token or facts.escalates or not part  # else it is the TAM's own request
    if is_tam and case.authentication.passed and as_staff:
        return Sender.TAM
    if case.user is not None and (facts.own_token or part is None):
        return Sender.ENGINEER
    if part is not None:
        return Sender.PARTICIPANT if part else Sender.AWAITING
    return _outside(case, customer)


def _without_ticket(case: Case) -> Sender:
    if case.user is not None:
        return Sender.TAM if Customer.objects.filter(tam=case.user).exists() else Sender.ENGINEER
    return Sender.COLLEAGUE if case.found.customer else Sender.STRANGER


def _outside(case: Case, customer: Customer | None) -> Sender:
    theirs = {one.customer_id for one in (case.found.contact, *case.found.others) if one}
    if case.found.customer is not None:
        theirs.add(case.found.customer.pk)
    if customer is None or customer.pk not in theirs:
        return Sender.STRANGER
    return Sender.SHARING if customer.shares_tickets else Sender.COLLEAGUE
