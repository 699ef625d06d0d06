"""Who wrote, and which ticket they mean: everything `decide` asks, looked up once per mail."""

from dataclasses import dataclass, replace
from functools import cached_property

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.config.env import env
from mainstay.customers import lookup
from mainstay.customers.models import Contact, Customer
from mainstay.intake.email import sender as senders
from mainstay.intake.email import signed, thanks
from mainstay.intake.email.decide import Facts, Sender, Standing, escalation
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
        return Standing.CLOSED if closure.reopens(self.ticket, at=self.mail.received_at, channel="email") else Standing.OLD

    @property
    def _thanks(self) -> bool:
        files = any(not file.inline for file in self.message.attachments)
        return not files and thanks.is_thanks(self.message.reply_text)

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


def examine(mail: Mail, message: Message) -> Case:
    """Look everything up; locks the ticket that is meant. `message` is a mail, recognised by `signed`."""
    address = message.from_address
    case = Case(
        mail=mail,
        message=message,
        authentication=senders.authenticate(message, env().authserv_id),
        found=lookup.by_address(address),
        user=_staff(address),
        sender=Sender.OURSELVES if message.kind == "own" else Sender.MACHINE,
        reference=_reference(message),
    )
    if message.kind == "own":
        return case
    case = _with_ticket(case)
    return case if message.is_auto else replace(case, sender=_sender(case))


def _staff(address: str) -> User | None:
    user = User.objects.filter(email=address).first() if address else None
    return user if user and user.may_act else None


def _reference(message: Message) -> Reference | None:
    keys = mail_keys()
    if message.bounce and message.bounce.original_message_id:
        found = signed.read_message_id(keys, message.bounce.original_message_id)
        if found:
            return found
    return signed.read_reference(keys, message)


# ---- which ticket


def _with_ticket(case: Case) -> Case:
    if case.reference is not None:
        ticket = lock(case.reference.ticket_id)
        return replace(case, ticket=ticket, referred=ticket is not None)
    if case.message.is_auto:
        return replace(case, ticket=_open_ticket_of(case))
    named = _named_by_original(case.message)
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


def _named_by_original(message: Message) -> int | None:
    """The ticket that was opened by a message which this one names in In-Reply-To or References."""
    ids = [one for one in (*message.in_reply_to, *message.references[-50:]) if len(one) <= 250]
    opened = Mail.objects.filter(
        message_id__in=ids, outcome__in=["ticket", "follow_up"], ticket__isnull=False
    )
    return opened.order_by("-id").values_list("ticket_id", flat=True).first() if ids else None


def _may_join_early(case: Case, number: int) -> bool:
    """Whether naming the customer's own opening message counts as a valid reference (LESSON 25).

    Before our first answer nobody can hold a signed reference of ours but the requester, who has the
    acknowledgement; a colleague in Cc can only name the message that opened the ticket. So that counts, for
    somebody who is an accepted participant already, authenticated, while no staff message was sent. It
    proves no less than the signature would: that participant may join anyway, and authentication says it is
    really them. Once we have answered, everybody who is to join has a reference of ours.
    """
    ours_was_sent = Said.objects.filter(ticket=number, kind=Said.Kind.OUT).exists()
    return case.authentication.passed and not ours_was_sent and _part(case, {number}) is True


# ---- who, seen from the ticket


def _sender(case: Case) -> Sender:
    if case.ticket is None:
        return _without_ticket(case)
    customer, facts = case.ticket.customer, case.facts
    part = _part(case, {case.ticket.pk, *([case.reference.ticket_id] if case.reference else [])})
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


def _part(case: Case, tickets: set[int]) -> bool | None:
    """True: takes part. False: listed, awaits approval. None: neither. Of a merged ticket either one counts."""
    address = case.message.from_address
    if not address:
        return None
    listed = Participant.objects.filter(ticket__in=tickets, address=address)
    accepted = list(listed.values_list("accepted", flat=True))
    requested = Ticket.objects.filter(pk__in=tickets, requester_address=address).exists()
    return True if requested or True in accepted else False if accepted else None


def _outside(case: Case, customer: Customer | None) -> Sender:
    theirs = {one.customer_id for one in (case.found.contact, *case.found.others) if one}
    if case.found.customer is not None:
        theirs.add(case.found.customer.pk)
    if customer is None or customer.pk not in theirs:
        return Sender.STRANGER
    return Sender.SHARING if customer.shares_tickets else Sender.COLLEAGUE
