"""People copied in: who becomes a participant, who waits for approval, who is only listed (ATTACKS 4, 21)."""

from datetime import datetime

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers import lookup
from mainstay.customers.models import Contact
from mainstay.intake.email.headers import Address
from mainstay.intake.email.ours import is_ours
from mainstay.intake.email.who import Case
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Participant, Ticket

MOST = 40  # participants of one ticket


def copied(case: Case) -> list[Address]:
    """Everybody the mail was sent to beside us, and a Reply-To that is not the sender: each address once."""
    message = case.message
    boxes = (*message.to, *message.cc, *message.reply_to)
    found = {box.address: box for box in reversed(boxes) if box.address and not is_ours(box.address)}
    found.pop(message.from_address, None)
    return [found[address] for address in dict.fromkeys(box.address for box in boxes) if address in found]


def notes(case: Case) -> tuple[str, ...]:
    """What to say beside the message about people who are not taken in, or who would get the answer."""
    said = []
    elsewhere = [box.address for box in case.message.reply_to if box.address != case.message.from_address]
    if elsewhere:
        said.append(
            f"asks for answers to {', '.join(elsewhere[:3])}, which the sender's address does not prove"
        )
    people = [box.address for box in copied(case) if box.address not in elsewhere]
    if people and not case.authentication.passed:
        said.append(f"copied, not taken in: {', '.join(people[:MOST])}"[:2000])
    more, beyond = case.message.more_participants, case.message.beyond
    if more:
        listed = f": {', '.join(beyond)}" if beyond else ""
        rest = f", and {more - len(beyond)} more in the raw message" if more > len(beyond) > 0 else ""
        said.append(f"{more} further recipients, not taken in{listed}{rest}")
    return tuple(said)


def take_in(ticket: Ticket, case: Case, *, at: datetime) -> None:
    """Those copied in by an authenticated sender: of the same customer at once, of others once approved."""
    if not case.authentication.passed or not copied(case):
        return
    there = set(Participant.objects.filter(ticket=ticket).values_list("address", flat=True))
    wanted = [box for box in copied(case) if box.address not in there]
    staff = set(
        User.objects.filter(email__in=[box.address for box in wanted])
        .exclude(roles=[])
        .values_list("email", flat=True)
    )
    fresh = [_participant(ticket, box, at) for box in wanted if box.address not in staff]
    fresh = fresh[: max(0, MOST - len(there))]
    if fresh:
        _add(ticket, fresh, by=case.actor, at=at)


def join_from_now(ticket: Ticket, case: Case, *, by: Actor, at: datetime) -> None:
    """The sender hears of the ticket from now on and may join it."""
    address, contact = case.message.from_address, case.contact
    if not address or Participant.objects.filter(ticket=ticket, address=address, accepted=True).exists():
        return
    same = contact if contact and contact.customer_id == ticket.customer_id else None
    person = Participant(
        ticket=ticket, contact=same, address=address[:320], name=case.message.from_name[:200], since=at
    )
    _add(ticket, [person], by=by, at=at)


def _participant(ticket: Ticket, box: Address, at: datetime) -> Participant:
    found = lookup.by_address(box.address)
    here: Contact | None = next(
        (
            one
            for one in (found.contact, *found.others)
            if one and one.customer_id == ticket.customer_id and ticket.customer_id
        ),
        None,
    )
    by_domain = found.customer is not None and found.customer.pk == ticket.customer_id
    return Participant(
        ticket=ticket,
        contact=here,
        address=box.address[:320],
        name=box.name[:200],
        since=at,
        accepted=here is not None or by_domain,
    )


def _add(ticket: Ticket, people: list[Participant], *, by: Actor, at: datetime) -> None:
    with changing(ticket) as fresh:
        Participant.objects.bulk_create(
            people,
            update_conflicts=True,
            unique_fields=["ticket", "address"],
            update_fields=["accepted", "contact", "since"],
        )
        record(
            fresh, "participants_added", by=by, at=at,
            detail={
                "accepted": [one.address for one in people if one.accepted],
                "waiting": [one.address for one in people if not one.accepted],
            },
        )  # fmt: skip
