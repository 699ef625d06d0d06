"""Words on a ticket: written inside a verb's transaction, never alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from mainstay import rows
from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.tickets import files, scanning
from mainstay.tickets.models import Attachment, Message, Ticket

LONGEST = 200_000


@dataclass(frozen=True)
class Said:
    """What somebody said and how it came: the same for mail, portal, phone and desk."""

    text: str
    channel: str
    full_text: str = ""
    html: str = ""
    attachments: tuple[files.Upload, ...] = ()
    address: str = ""
    message_id: str = ""
    authenticated: str = ""
    authenticated_why: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)


def needs_text(text: str, field_name: str = "message") -> str:
    """The text without surrounding space; `Refused` when there is none or far too much."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused(field_name, _("is empty; write what you want to say"))
    if len(text) > LONGEST:
        raise Refused(field_name, _("is longer than 200,000 characters; attach it as a file"))
    return text


def write(ticket: Ticket, kind: str, said: Said, *, by: Actor, at: datetime) -> Message:
    """Add one message with its files. Returns it saved."""
    message = build(ticket, kind, said, by=by, at=at)
    message.save(force_insert=True)
    scanning.expect(one.sha256 for one in Attachment.objects.bulk_create(attached(message, said.attachments)))
    return message


def write_all(written: Sequence[tuple[Message, Said]]) -> None:
    """Add many, built with numbers of their own, with their files."""
    rows.insert(Message, [message for message, _ in written])
    made = [file for message, said in written for file in attached(message, said.attachments)]
    rows.insert(Attachment, made)
    scanning.expect(one.sha256 for one in made)


def build(
    ticket: Ticket, kind: str, said: Said, *, by: Actor, at: datetime, number: int | None = None
) -> Message:
    """One message, not yet stored."""
    return Message(
        id=number,
        ticket=ticket,
        at=at,
        kind=kind,
        channel=said.channel,
        author_user_id=by.id if by.kind == "staff" else None,
        author_contact_id=by.id if by.kind == "contact" else None,
        author_name=by.name[:200],
        author_address=said.address[:320],
        text=said.text,
        full_text=said.full_text,
        html=said.html,
        message_id=said.message_id[:998],
        authenticated=said.authenticated,
        authenticated_why=said.authenticated_why[:300],
        notes=list(said.notes),
    )


def attached(message: Message, uploads: Iterable[files.Upload]) -> list[Attachment]:
    """The rows (unsaved) of a message's files; the files themselves are stored now."""
    return [
        Attachment(
            message=message,
            name=upload.name[:200] or "file",
            content_type=upload.content_type[:100],
            size=size,
            sha256=sha256,
            content_id=upload.content_id[:300],
        )
        for upload, (sha256, size) in ((one, one.kept()) for one in uploads)
    ]
