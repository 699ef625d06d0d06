"""Any byte sequence into a `Message`: what it says, who it claims to be from, and what had to be repaired.

`parse` never raises, needs time and memory in proportion to the size, and returns only text that any
database stores. It trusts nothing: the date is the sender's, types of files are sniffed, names of files
are cleaned. Whether the sender is who it claims to be is `sender`'s question.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mainstay.intake.email import automatic, body, bounces, html, mime
from mainstay.intake.email.automatic import Kind
from mainstay.intake.email.bounces import Bounce
from mainstay.intake.email.charsets import decode, has_bidi, printable, storable
from mainstay.intake.email.files import clean_name, sniff
from mainstay.intake.email.headers import (
    Address,
    Block,
    Mailboxes,
    address_of,
    decode_words,
    message_ids,
    read_addresses,
    read_block,
)

MAX_PARTICIPANTS: Final = 40
MAX_LISTED: Final = 500  # recipients beyond those, whose addresses are kept
MAX_REFERENCES: Final = 100
MAX_TEXT: Final = 1_000_000
MAX_SUBJECT: Final = 998
MAX_ADDRESSES: Final = 400_000  # bytes of one address header that are read
MAX_ATTACHMENTS: Final = 500

__all__ = ["Address", "Attachment", "Bounce", "Message", "parse"]


@dataclass(frozen=True)
class Attachment:
    """One file: `type` is what its content is, `declared` what the mail called it; `name` is safe to show."""

    name: str
    size: int
    type: str
    declared: str
    content: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Message:
    """What one mail says. Text is storable (no NUL, no lone surrogates), addresses are lower case.

    `from_ambiguous` lists why the sender could be read in more than one way: such a message is never
    authenticated. `kind` is one of `automatic.Kind`; "own" is set by `signed.recognise`. `date` is the
    sender's claim: shown, never used.
    """

    is_mail: bool = True
    not_mail_reason: str = ""
    from_address: str = ""
    from_name: str = ""
    from_ambiguous: tuple[str, ...] = ()
    sender_header: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    more_participants: int = 0
    beyond: tuple[str, ...] = ()
    """Addresses of recipients beyond the first forty."""
    subject: str = ""
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    body_text: str = ""
    body_html: str = ""
    reply_text: str = ""
    signature: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    kind: Kind = "human"
    is_auto: bool = False
    auto_reason: str = ""
    suppress_answer: bool = False
    bounce: Bounce | None = None
    notes: tuple[str, ...] = ()
    content_hash: str = ""
    size: int = 0

    @property
    def key(self) -> str:
        """What makes two deliveries one message: the Message-ID and the content together."""
        return f"{self.message_id} {self.content_hash}" if self.message_id else self.content_hash

    def header(self, name: str) -> str:
        """The topmost value of a header, or ""."""
        return next(iter(self.header_values(name)), "")

    def header_values(self, name: str) -> list[str]:
        """Every value of a header, top down."""
        name = name.lower()
        return [value for key, value in self.headers if key == name]


def parse(raw: bytes) -> Message:
    """Reads a message; one that is no mail comes back with `is_mail` False and a reason. Never raises."""
    try:
        return _parse(bytes(raw))
    except Exception as error:  # one odd mail must not stop the others; its raw bytes are kept
        return _no_mail(raw, f"could not be read ({type(error).__name__})")


def sender(raw: bytes) -> str:
    """The From address as `parse` finds it, by the head of the message alone; empty where it has none. Never raises."""
    try:
        block = read_block(_lines_fed(raw), 0, len(raw), top=True)
        return str(_people(block)["from_address"]) if block.telling else ""
    except Exception:  # as in `parse`
        return ""


def _lines_fed(raw: bytes) -> bytes:
    """The same with line feeds, where lines end in bare carriage returns."""
    start = raw[:100_000]
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in start and b"\n" not in start else raw


def _no_mail(raw: bytes, reason: str) -> Message:
    return Message(
        is_mail=False, not_mail_reason=reason, content_hash=hashlib.sha256(raw).hexdigest(), size=len(raw)
    )


def _parse(raw: bytes) -> Message:
    if not raw.strip():
        return _no_mail(raw, "empty")
    original, notes = raw, []
    raw = _lines_fed(original)
    if raw is not original:
        notes.append("lines ended in bare carriage returns")
    tree = mime.read(raw)
    if not tree.block.telling:
        return _no_mail(original, _why_no_mail(original[:100_000]))
    tree.notes[:0] = notes
    return _message(tree, len(original))


def _why_no_mail(start: bytes) -> str:
    return "binary, not a mail" if b"\x00" in start[:4096] else "no mail header recognisable"


def _message(tree: mime.Tree, size: int) -> Message:
    content = _Content.of(tree)
    block = tree.block
    draft = Message(
        **_people(block),
        subject=_subject(block),
        date=_date(block.first("date")),
        message_id=_one_id(block, "message-id"),
        in_reply_to=tuple(_ids(block, "in-reply-to")[:20]),
        references=_references(block, tree),
        body_text=content.text,
        body_html=content.html,
        attachments=tuple(content.attachments),
        headers=_headers(block),
        content_hash=_hash(tree),
        size=size,
    )
    draft = _judged(draft, tree, content)
    return replace(_with_reply(draft, content), notes=tuple(dict.fromkeys(map(_note, tree.notes))))


def _note(note: str) -> str:
    return printable(note, 300)


def _with_reply(message: Message, content: "_Content") -> Message:
    forwarded = bool(_FORWARD_SUBJECT.match(message.subject))
    split = body.split_reply(message.body_text, forwarded=forwarded)
    if content.text_is_from_html and not forwarded and html.holds_quotes(content.html):
        marked = body.split_reply(html.to_reply_text(content.html), forwarded=False)
        if any(map(str.isalnum, marked.reply)):
            split = replace(marked, signature=marked.signature or split.signature)
    return replace(message, reply_text=split.reply, signature=split.signature[:4000])


_FORWARD_SUBJECT = re.compile(r"\s*(?:fwd?|wg|tr|rv|i|vb|vl|enc|doorst|pd)\s?:", re.IGNORECASE)


# --- who ----------------------------------------------------------------------------------------------


def _people(block: Block) -> dict[str, Any]:
    senders, reasons = _senders(block)
    first = next((box for box in senders.addresses if box.address), None)
    sender = first or (senders.addresses[0] if senders.addresses else Address("", ""))
    kept: list[tuple[Address, ...]] = []
    room, total = MAX_PARTICIPANTS, 0
    beyond: list[str] = []
    for name in ("to", "cc"):
        boxes = _merged(block, name)
        total += boxes.total
        unique = tuple(dict.fromkeys(box for box in boxes.addresses if box.address or box.name))
        kept.append(unique[:room])
        beyond += [box.address for box in unique[room:] if box.address]
        room -= len(kept[-1])
    return {
        "from_address": sender.address,
        "from_name": sender.name,
        "from_ambiguous": tuple(reasons),
        "sender_header": next(iter(_merged(block, "sender").addresses), None),
        "reply_to": tuple(_merged(block, "reply-to").addresses[:10]),
        "to": kept[0],
        "cc": kept[1],
        "more_participants": max(0, total - len(kept[0]) - len(kept[1])),
        "beyond": tuple(dict.fromkeys(beyond))[:MAX_LISTED],
    }


def _merged(block: Block, name: str) -> Mailboxes:
    merged = Mailboxes()
    for value in block.all(name)[:3]:
        boxes = read_addresses(value[:MAX_ADDRESSES], keep=MAX_PARTICIPANTS + MAX_LISTED)
        merged.addresses.extend(boxes.addresses)
        merged.total += boxes.total
        merged.odd.extend(boxes.odd)
    return merged


def _senders(block: Block) -> tuple[Mailboxes, list[str]]:
    """The mailboxes of From and every reason why they do not name one sender beyond doubt."""
    values = block.all("from")
    boxes = _merged(block, "from")
    reasons = [
        f"From is {odd}" if odd.startswith("written") else f"From: {odd}" for odd in dict.fromkeys(boxes.odd)
    ]
    if not values:
        reasons.append("no From header")
    if len(values) > 1:
        reasons.append(f"{len(values)} From headers")
    if boxes.total > 1:
        reasons.append("several mailboxes in From")
    if values and not any(box.address for box in boxes.addresses):
        reasons.append("no address in From")
    for box in boxes.addresses[:5]:
        other = _address_in_name(box)
        if other:
            reasons.append(f"the name in From looks like another address: {other}")
    if any(b"\x00" in value or has_bidi(value.decode("utf-8", "ignore")) for value in values):
        reasons.append("From holds characters that hide its reading")
    return boxes, list(dict.fromkeys(reasons))


_IN_NAME = re.compile(r"[^\s<>()\[\],;:\"@]{1,100}\s?@\s?[^\s<>()\[\],;:\"@]{1,100}")


def _address_in_name(box: Address) -> str:
    match = _IN_NAME.search(unicodedata.normalize("NFKC", box.name))
    if not match:
        return ""
    spec = re.sub(r"\s", "", match[0]).strip("'.`´’")
    return "" if address_of(spec) == box.address else printable(spec, 100)


# --- header values ------------------------------------------------------------------------------------


def _subject(block: Block) -> str:
    return printable(decode_words(block.first("subject")), MAX_SUBJECT)


def _ids(block: Block, name: str) -> list[str]:
    return [id_ for value in block.all(name)[:5] for id_ in message_ids(value)]


def _one_id(block: Block, name: str) -> str:
    found = _ids(block, name)
    return found[0] if found else ""


def _references(block: Block, tree: mime.Tree) -> tuple[str, ...]:
    found = list(dict.fromkeys(_ids(block, "references")))
    if len(found) > MAX_REFERENCES:
        tree.notes.append(f"{len(found)} references; the first and the last {MAX_REFERENCES - 1} were kept")
        found = found[:1] + found[-(MAX_REFERENCES - 1) :]
    return tuple(found)


def _date(value: bytes) -> datetime | None:
    """The sender's date, aware, or None when it is none."""
    from email.utils import parsedate_tz

    try:
        read = parsedate_tz(re.sub(r"\([^()]{0,100}\)", " ", decode(value[:200])[0]))
        if read is None:
            return None
        naive = datetime(*read[:6], tzinfo=UTC)
        return naive - timedelta(seconds=read[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _headers(block: Block) -> tuple[tuple[str, str], ...]:
    return tuple((name, printable(decode(value[:16_000])[0], 8000)) for name, value in block.fields)


# What the sender wrote. Everything else is added on the way, in names nobody can list.
_HASHED: Final = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "auto-submitted",
)  # fmt: skip


def _hash(tree: mime.Tree) -> str:
    """SHA-256 of the message without trace headers, the same for any line ending and any folding."""
    digest = hashlib.sha256()
    for name in _HASHED:
        for value in tree.block.all(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n")
    text = tree.raw[tree.block.end :]
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    digest.update(text.rstrip(b"\n"))
    return digest.hexdigest()


# --- content ------------------------------------------------------------------------------------------

_MACHINE_TYPES: Final = frozenset(
    ["message/delivery-status", "message/disposition-notification", "message/feedback-report",
     "message/global-delivery-status", "text/rfc822-headers"]
)  # fmt: skip


@dataclass
class _Slot:
    """The alternatives of one stretch of text."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)

    def as_text(self) -> str:
        plain = "\n\n".join(text for text in self.plain if text.strip())
        return plain or "\n\n".join(html.to_text(page) for page in self.html)


@dataclass
class _Content:
    text: str = ""
    html: str = ""
    text_is_from_html: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, tree: mime.Tree) -> "_Content":
        content = cls()
        slots: dict[tuple[int, int], _Slot] = {}
        room = 2 * MAX_TEXT
        for number, part in enumerate(tree.parts):
            if _is_text(tree, part, number) and room > 0:
                room -= content._add_text(tree, part, slots.setdefault(_slot_of(part, number), _Slot()), room)
            elif part.content_type not in ("text/x-amp-html", "text/watch-html"):
                content._add_file(tree, part)
        content._join(tree, list(slots.values()))
        return content

    def _add_text(self, tree: mime.Tree, part: mime.Part, slot: _Slot, room: int) -> int:
        data = tree.content(part, limit=4 * MAX_TEXT)[:room]
        if part.end - part.start > 4 * MAX_TEXT or len(data) >= room:
            tree.notes.append("the text was cut; the whole is in the raw message")
        if b"\nbegin " in data or data.startswith(b"begin "):
            data = self._take_uuencoded(tree, part, data)
        text, repaired = decode(data, part.params.get("charset"))
        if repaired:
            tree.notes.append(repaired)
        if part.encoding not in mime.KNOWN_ENCODINGS:
            tree.notes.append(f"unknown transfer encoding {printable(part.encoding, 40)!r}")
        if part.content_type == "text/html":
            slot.html.append(text)
        elif part.params.get("format", "").lower() == "flowed":
            slot.plain.append(body.unflow(text, part.params.get("delsp", "").lower() == "yes"))
        else:
            slot.plain.append(text)
        return len(data) + 1

    def _take_uuencoded(self, tree: mime.Tree, part: mime.Part, data: bytes) -> bytes:
        rest, files = mime.split_uuencoded(tree.content(part))
        for name, content in files:
            self._attach(tree, decode(name)[0], content, "application/octet-stream", part, inline=False)
        return rest[: len(data)] if files else data

    def _add_file(self, tree: mime.Tree, part: mime.Part) -> None:
        data = tree.content(part)
        if part.content_type in _MACHINE_TYPES or part.content_type == "message/rfc822":
            text = decode(data[:500_000])[0]
            if part.content_type.endswith(("delivery-status", "feedback-report")):
                self.statuses.append(text)
            elif part.content_type in ("message/rfc822", "text/rfc822-headers"):
                self.returned.append(text.split("\n\n", 1)[0] if text.strip() else "")
        if part.content_type in (
            "application/pkcs7-mime",
            "application/x-pkcs7-mime",
            "application/pgp-encrypted",
        ):
            tree.notes.append("the message or a part of it is encrypted")
        if data or part.filename:
            inline = part.disposition != "attachment" and bool(part.content_id)
            self._attach(tree, part.filename, data, part.content_type, part, inline=inline)

    def _attach(
        self, tree: mime.Tree, name: str, data: bytes, declared: str, part: mime.Part, *, inline: bool
    ) -> None:
        if len(self.attachments) >= MAX_ATTACHMENTS:
            if len(self.attachments) == MAX_ATTACHMENTS:
                tree.notes.append(f"more than {MAX_ATTACHMENTS} files; the rest is in the raw message")
            return
        kind = "message/rfc822" if declared == "message/rfc822" else sniff(data, name)
        clean = clean_name(name or self._rfc822_name(declared, data), len(self.attachments) + 1, kind)
        self.attachments.append(
            Attachment(clean, len(data), kind, printable(declared, 100), data, part.content_id, inline)
        )

    @staticmethod
    def _rfc822_name(declared: str, data: bytes) -> str:
        if declared != "message/rfc822":
            return ""
        match = re.compile(rb"^subject[ \t]*:([^\n]{1,300})", re.IGNORECASE | re.MULTILINE).search(
            data[:20_000]
        )
        subject = printable(decode_words(match[1]), 100) if match else ""
        return f"{subject or 'message'}.eml"

    def _join(self, tree: mime.Tree, slots: list[_Slot]) -> None:
        texts = [text for text in (slot.as_text() for slot in slots) if text.strip()]
        text = "\n\n".join(texts).strip("\n").rstrip()
        if len(text) > MAX_TEXT:
            text = text[:MAX_TEXT]
            tree.notes.append("the text was cut; the whole is in the raw message")
        self.text = text
        self.text_is_from_html = all(not any(map(str.strip, slot.plain)) for slot in slots)
        if any(slot.html for slot in slots):
            pages = ["\n".join(slot.html) or _as_html("\n\n".join(slot.plain)) for slot in slots]
            self.html = "\n".join(page for page in pages if page)[: 2 * MAX_TEXT]


def _as_html(text: str) -> str:
    from html import escape

    return f"<pre>{escape(text)}</pre>" if text.strip() else ""


def _slot_of(part: mime.Part, number: int) -> tuple[int, int]:
    return (part.slot, -1) if part.slot >= 0 else (-1, number)


def _is_text(tree: mime.Tree, part: mime.Part, number: int) -> bool:
    """Whether a leaf is part of what the message says, not a file beside it."""
    if part.disposition == "attachment":
        return False
    if part.content_type not in ("text/plain", "text/html", "text/enriched"):
        return False
    return not part.filename or len(tree.parts) == 1


# --- judgement ----------------------------------------------------------------------------------------


def _judged(message: Message, tree: mime.Tree, content: _Content) -> Message:
    report_type = (
        tree.params.get("report-type", "").lower() if tree.content_type == "multipart/report" else ""
    )
    part_types = frozenset(part.content_type for part in tree.parts)
    reported = bounces.from_status(content.statuses)
    headers: dict[str, list[str]] = {}
    for name, value in message.headers:
        headers.setdefault(name, []).append(value)
    evidence = automatic.Evidence(
        headers=headers,
        content_type=tree.content_type,
        report_type=report_type,
        part_types=part_types,
        subject=message.subject,
        from_address=message.from_address,
        from_name=message.from_name,
        text=message.body_text[:5000],
        is_reply=bool(message.in_reply_to or message.references),
        failed=Bounce(reported).failed,
    )
    judgement = automatic.judge(evidence)
    bounce = None
    if judgement.kind in ("bounce", "delivery_report"):
        bounce = _bounce(message, tree, content, reported)
    return replace(
        message,
        kind=judgement.kind,
        is_auto=judgement.is_automatic,
        auto_reason=judgement.reason,
        suppress_answer=judgement.suppress_answer,
        bounce=bounce,
    )


def _bounce(
    message: Message, tree: mime.Tree, content: _Content, reported: tuple[bounces.BouncedRecipient, ...]
) -> Bounce:
    text = message.body_text
    recipients = reported
    if not recipients:
        failed = re.split(r"[,\s]+", message.header("x-failed-recipients"))
        own = {message.from_address, *(box.address for box in message.to)}
        recipients = bounces.from_text(text, own, failed) or bounces.from_text(
            text, {message.from_address}, failed
        )
    answered = [*tree.block.all("in-reply-to"), *tree.block.all("references")]
    found = bounces.original_message_id(content.returned, text, answered)
    return Bounce(recipients, storable(found))
