"""Acceptance: the raw bytes are committed before the sender hears that we have them (FAULTS: nothing is lost)."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from mainstay.errors import Refused
from mainstay.intake.email import parse
from mainstay.intake.email.headers import read_block
from mainstay.intake.email.mime import Tree

LIMIT = 50 * 1024 * 1024
TOO_LARGE = "is larger than 50 MB; send large files by a link"

_COLUMNS = (
    "key, received_at, source, envelope_from, recipients, raw, size, peer, helo, state, reason, outcome, tries,"
    " state_before, message_id, from_address, from_name, subject, proof"
)
_ROW = "(%s, coalesce(%s, clock_timestamp()), %s, %s, %s, %s, %s, %s, %s, 'new', '', '', 0, '', '', '', '', '', '{}')"


@dataclass(frozen=True)
class Parcel:
    """One message as it was handed over. `peer` and `helo` are the machine that did; `at` is for tests."""

    raw: bytes
    source: str
    envelope_from: str = ""
    recipients: Iterable[str] = ()
    at: datetime | None = None
    peer: str = ""
    helo: str = ""


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
    return take_all([Parcel(raw, source, envelope_from, recipients, at, peer, helo)])[0]


def take_all(parcels: Sequence[Parcel]) -> list[tuple[int, bool]]:
    """Keep several messages by one statement: the number of each, and whether it is new. All of them or none."""
    if any(len(one.raw) > LIMIT for one in parcels):
        raise Refused("message", TOO_LARGE)
    keys = [key_of(one.raw) for one in parcels]
    rows = dict(
        sorted(zip(keys, parcels, strict=True), key=_first)
    )  # in one order: two statements never wait
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO intake_mail ({_COLUMNS}) VALUES {', '.join([_ROW] * len(rows))}"  # noqa: S608
            " ON CONFLICT (key) DO NOTHING RETURNING key, id",
            [value for key, one in rows.items() for value in _values(key, one)],
        )
        made: dict[str, int] = dict(cursor.fetchall())
        known = [key for key in rows if key not in made]
        if known:
            cursor.execute("SELECT key, id FROM intake_mail WHERE key = ANY(%s)", [known])
            known_ids: dict[str, int] = dict(cursor.fetchall())
    fresh = set(made)
    found = []
    for key in keys:
        found.append((made[key] if key in made else known_ids[key], key in fresh))
        fresh.discard(key)  # the second of two copies is not new
    return found


def _first(row: tuple[str, Parcel]) -> str:
    return row[0]


def _values(key: str, one: Parcel) -> tuple[Any, ...]:
    to = json.dumps([_storable(address) for address in one.recipients])
    return (key, one.at, one.source, _storable(one.envelope_from), to, one.raw, len(one.raw), one.peer[:45],
            _storable(one.helo)[:255])  # fmt: skip


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
