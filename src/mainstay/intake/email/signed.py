"""Our own references: what proves that a message answers one of our tickets, and that it is our own.

A reference is a few bytes (which ticket, for which recipient) with an HMAC-SHA256 of 128 bits over them,
written in lower-case letters and digits, because a local part may lose its case on the way. It appears as
the Message-ID of what we send, and as the part after the plus in the address we ask to answer to. A number
in a subject proves nothing.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from mainstay.intake.email.parse import Message

RecipientKind = Literal["contact", "staff", "none"]
OWN_HEADER: Final = "X-Mainstay-Signature"

_KINDS: Final[tuple[RecipientKind, ...]] = ("none", "contact", "staff")
_MAC_BYTES: Final = 16
_NONCE_BYTES: Final = 10
_KEY_ID = re.compile(r"[a-z0-9]{1,8}")
_TOKEN = re.compile(r"([a-z0-9]{1,8})-([a-z2-7]{29,64})")


class Key(NamedTuple):
    """A signing key: an id of 1 to 8 lower-case letters and digits, and at least 32 secret bytes."""

    id: str
    secret: bytes


@dataclass(frozen=True)
class Reference:
    """A ticket that a message provably answers, and for whom the reference was made."""

    ticket_id: int
    recipient_kind: RecipientKind = "none"
    recipient_id: int | None = None
    found_in: str = ""


def make_reply_token(
    key: Key, ticket_id: int, recipient_kind: RecipientKind = "none", recipient_id: int | None = None
) -> str:
    """The token of a reply address: `support+TOKEN@vendor.example`. At most 56 characters."""
    payload = _payload(ticket_id, recipient_kind, recipient_id)
    return _token(key, b"reply", payload)


def make_message_id(
    key: Key,
    ticket_id: int,
    event: int | str,
    recipient_kind: RecipientKind = "none",
    recipient_id: int | None = None,
    *,
    domain: str,
) -> str:
    """The Message-ID of one delivery, with angle brackets.

    The same ticket, event and recipient give the same id, so that a repeated delivery is recognised as
    one message by whoever receives it twice. `event` is the event's id or any other stable text.
    """
    nonce = hashlib.sha256(f"{type(event).__name__}:{event}".encode("utf-8", "replace")).digest()[
        :_NONCE_BYTES
    ]
    payload = _payload(ticket_id, recipient_kind, recipient_id) + nonce
    return f"<m.{_token(key, b'message-id', payload)}@{domain.lower()}>"


def read_reference(keys: Mapping[str, bytes], message: "Message") -> Reference | None:
    """The ticket a message answers by a reference of ours, or None.

    Looked for in In-Reply-To, then in the addresses it was sent to, then in References, latest first.
    Anything unsigned, altered or signed with a key not in `keys` is nothing.
    """
    for token, purpose, where in _candidates(message):
        reference = _read(keys, token, purpose)
        if reference:
            return replace(reference, found_in=where)
    return None


def read_token(keys: Mapping[str, bytes], token: str) -> Reference | None:
    """The reference in a reply token by itself."""
    return _read(keys, token.lower(), b"reply")


def read_message_id(keys: Mapping[str, bytes], message_id: str) -> Reference | None:
    """The reference in a Message-ID of ours."""
    token = _of_message_id(message_id)
    return _read(keys, token, b"message-id") if token else None


def sign_own(key: Key, message_id: str) -> str:
    """The value of `X-Mainstay-Signature` for a message we send."""
    return f"{key.id}-{_base32(_mac(key.secret, b'own', message_id.encode('utf-8', 'replace')))} {message_id}"


def is_own(keys: Mapping[str, bytes], message: "Message") -> bool:
    """Whether a message is one that we sent, come back by an alias, a forward or a list.

    The signature states the id it was made for, so it still holds when a relay replaced the Message-ID.
    """
    if message.message_id and read_message_id(keys, message.message_id):
        return True
    for value in message.header_values(OWN_HEADER)[:3]:
        token, _, message_id = value.partition(" ")
        key_id, _, mac = token.lower().partition("-")
        secret = keys.get(key_id)
        signed = message_id.strip().encode("utf-8", "replace")
        if secret and hmac.compare_digest(
            _base32(_mac(secret, b"own", signed)).encode(), mac.encode("utf-8", "replace")
        ):
            return True
    return False


def recognise(keys: Mapping[str, bytes], message: "Message") -> "Message":
    """The message, with `kind` "own" when it is one of ours come back (bounces of it stay bounces)."""
    if message.is_mail and message.kind not in ("bounce", "delivery_report") and is_own(keys, message):
        return replace(message, kind="own", is_auto=True, auto_reason="our own mail, by its signature")
    return message


def _candidates(message: "Message") -> Iterator[tuple[str, bytes, str]]:
    """Possible tokens with their purpose and where they stood, in the order of their weight."""
    for id_ in reversed(message.in_reply_to[:20]):
        token = _of_message_id(id_)
        if token:
            yield token, b"message-id", "In-Reply-To"
    for address in _sent_to(message):
        match = re.fullmatch(r"[^@]{0,100}\+([a-z0-9]{1,8}-[a-z2-7]{29,64})@[^@]+", address.lower())
        if match:
            yield match[1], b"reply", "address"
    for id_ in reversed(message.references):
        token = _of_message_id(id_)
        if token:
            yield token, b"message-id", "References"


_ENVELOPE: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def _sent_to(message: "Message") -> Iterator[str]:
    for name in _ENVELOPE:
        for value in message.header_values(name)[:20]:
            yield from re.split(r"[\s,;<>]+", value[:4000])[:20]
    for box in (*message.to, *message.cc):
        yield box.address


def _of_message_id(message_id: str) -> str:
    match = re.fullmatch(r"<m\.([a-z0-9]{1,8}-[a-z2-7]{29,64})@[^<>@]{1,255}>", message_id.lower())
    return match[1] if match else ""


def _read(keys: Mapping[str, bytes], token: str, purpose: bytes) -> Reference | None:
    match = _TOKEN.fullmatch(token)
    secret = keys.get(match[1]) if match else None
    if not match or not secret:
        return None
    try:
        data = base64.b32decode(match[2].upper() + "=" * (-len(match[2]) % 8))
    except ValueError:
        return None
    if _base32(data) != match[2].lower():  # spare bits of the last letter: one spelling only
        return None
    payload, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    if not hmac.compare_digest(_mac(secret, purpose, payload), mac):
        return None
    return _unpack(payload[:-_NONCE_BYTES] if purpose == b"message-id" else payload)


def _token(key: Key, purpose: bytes, payload: bytes) -> str:
    if not _KEY_ID.fullmatch(key.id):
        raise ValueError(f"key id {key.id!r}: 1 to 8 lower-case letters and digits are needed")
    return f"{key.id}-{_base32(payload + _mac(key.secret, purpose, payload))}"


def _mac(secret: bytes, purpose: bytes, payload: bytes) -> bytes:
    if len(secret) < 16:
        raise ValueError("a signing key needs at least 16 bytes")
    return hmac.digest(secret, b"mainstay/1/" + purpose + b"\x00" + payload, "sha256")[:_MAC_BYTES]


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _payload(ticket_id: int, kind: RecipientKind, recipient_id: int | None) -> bytes:
    if ticket_id < 0 or (recipient_id is not None and recipient_id < 0):
        raise ValueError("ids are not negative")
    head = bytes([_KINDS.index(kind)])
    return head + _varint(ticket_id) + (_varint(recipient_id) if recipient_id is not None else b"")


def _unpack(payload: bytes) -> Reference | None:
    if not payload or payload[0] >= len(_KINDS):
        return None
    ticket, position = _read_varint(payload, 1)
    recipient = _read_varint(payload, position)[0] if position < len(payload) else None
    return Reference(ticket, _KINDS[payload[0]], recipient)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    while position < len(data):
        byte = data[position]
        number |= (byte & 127) << shift
        position += 1
        shift += 7
        if byte < 128:
            break
    return number, position
