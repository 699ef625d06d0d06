"""What ties our mail to a ticket and to its reader's own thread: Message-ID, References, the address to answer to."""

from __future__ import annotations

from mainstay.config.env import env
from mainstay.customers.models import Contact
from mainstay.intake.email import signed
from mainstay.intake.email.keys import signing_key
from mainstay.intake.mailboxes import known
from mainstay.notices.recipients import Listener
from mainstay.notices.story import Story
from mainstay.tickets.models import Event, Message, Ticket

MOST = 8  # of References: the beginning and the end of a thread


def reply_address(ticket: Ticket, *, contact: Contact | None = None, user_id: int | None = None) -> str:
    """The address the ticket came to, with the recipient's own token behind a plus.

    A mailbox that is no longer taken in answers nobody: then it is the support address.
    """
    token = signed.make_reply_token(signing_key(), ticket.pk, *_who(contact, user_id))
    ours = ticket.our_address if ticket.our_address in known.by_address() else env().support_address
    local, _, domain = ours.rpartition("@")
    return f"{local}+{token}@{domain}"


def message_id(
    event: Event, address: str, *, contact: Contact | None = None, user_id: int | None = None
) -> str:
    """The same for the same event and recipient, so that what is sent twice is known as one message."""
    domain = env().support_address.rpartition("@")[2]
    about = f"{event.pk} {address}"
    return signed.make_message_id(
        signing_key(), event.ticket_id, about, *_who(contact, user_id), domain=domain
    )


def _who(contact: Contact | None, user_id: int | None) -> tuple[signed.RecipientKind, int | None]:
    if contact is not None:
        return "contact", contact.pk
    return ("staff", user_id) if user_id is not None else ("none", None)


def references(story: Story, to: Listener) -> list[str]:
    """The reader's thread, oldest first; the last one is what we answer.

    Their own mails and ours to them; a copied-in person who wrote nothing yet has the request itself.
    """
    mine = [one.message_id for one in story.incoming if _is_from(one, to)]
    start = mine or [one.message_id for one in story.incoming[:1]]
    ours = story.reading.sent(story.ticket, to.address)
    chain = [*start[:1], *ours[:1], *ours[-2:], *start[-2:]]
    return list(dict.fromkeys(chain))[-MOST:]


def of_staff(story: Story, address: str) -> list[str]:
    """Mails of one ticket lie together in an engineer's mailbox too."""
    ours = story.reading.sent(story.ticket, address)
    return list(dict.fromkeys([*ours[:1], *ours[-2:]]))


def _is_from(message: Message, to: Listener) -> bool:
    if to.contact is not None and message.author_contact_id == to.contact.pk:
        return True
    return message.author_address.lower() == to.address
