"""Acceptance: the raw bytes are committed before the sender hears that we have them (FAULTS: nothing is lost)."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from mainstay.errors import Refused
from mainstay.intake.email import parse
from mainstay.intake.email.headers import read_block
from mainstay.intake.email.mime import Tree

LIMIT = 50 * 1024 * 1024
TOO_LARGE = "is larger than 50 MB; send large files by a link"

_INSERT = """
    INSERT INTO intake_mail (key, received_at, source, envelope_from, recipients, raw, size, peer, helo, state, reason,
                             outcome, tries, state_before, message_id, from_address, from_name, subject, proof)
    VALUES (%s, coalesce(%s, clock_timestamp()), %s, %s, %s, %s, %s, %s, %s, 'new', '', '', 0, '', '', '', '', '', '{}')
    ON CONFLICT (key) DO NOTHING RETURNING id
"""


def accept(
    raw: bytes,
    *,
    source: str,
    envelope_from: str = "",
    recipients: Iterable[str] = (),
    at: datetime | None = None,
    peer: str = "",
    helo: str = "",
) -> int:
    """Keep one message and return its number; it is committed then, unless a wider transaction is open.

    A message that is here already, by whichever way it came, is accepted silently under its old number
    (LESSON 26). `peer` and `helo` are the machine that handed it over. `at` is for tests;
    the database's clock says when it came. `Refused` when it is too large.
    """
    number, _ = take(raw, source=source, envelope_from=envelope_from, recipients=recipients, at=at, peer=peer,
                     helo=helo)  # fmt: skip
    return number


def take(
    raw: bytes,
    *,
    source: str,
    envelope_from: str = "",
    recipients: Iterable[str] = (),
    at: datetime | None = None,
    peer: str = "",
    helo: str = "",
) -> tuple[int, bool]:
    """Like `accept`, and whether it is new."""
    if len(raw) > LIMIT:
        raise Refused("message", TOO_LARGE)
    key = key_of(raw)
    to = json.dumps([_storable(address) for address in recipients])
    row = (key, at, source, _storable(envelope_from), to, raw, len(raw), peer[:45], _storable(helo)[:255])
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        made = cursor.fetchone()
        if made:
            return int(made[0]), True
        cursor.execute("SELECT id FROM intake_mail WHERE key = %s", [key])
        return int(cursor.fetchone()[0]), False


def key_of(raw: bytes) -> str:
    """What makes two deliveries one message: Message-ID and content without trace headers (MAIL-RULES).

    Only the header block is read. Bytes in which no mail with an id or a text is found are known by
    themselves: rather twice than not at all. Never raises.
    """
    try:
        text = _said(raw)
    except Exception:  # whatever is odd about it, it is kept
        text = ""
    return hashlib.sha256(text.encode("utf-8", "replace") or b"bytes " + raw).hexdigest()


def _said(raw: bytes) -> str:
    start = raw[:100_000]
    if b"\r" in start and b"\n" not in start:  # an old Mac's line ends, as `parse` reads them
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    block = read_block(raw, 0, len(raw), top=True)
    number = parse._one_id(block, "message-id")
    if not block.telling or not (number or raw[block.end :].strip()):
        return ""
    return f"{number} {parse._hash(Tree(raw, block))}"


def _storable(address: str) -> str:
    """At most 320 characters that any database stores."""
    return address.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:320]
