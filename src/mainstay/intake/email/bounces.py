"""Delivery reports: which of our messages did not reach whom, and whether trying again is any use.

RFC 3464 where it is spoken, and otherwise the words that qmail, exim, Gmail, Exchange, Notes and others
use. What is not certain is left out: a bounce marks an address as failing, so a wrong guess costs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mainstay.intake.email.charsets import printable
from mainstay.intake.email.headers import address_of, message_ids

MAX_RECIPIENTS: Final = 200


@dataclass(frozen=True)
class BouncedRecipient:
    """One address: `status` as in RFC 3463 ("5.1.1") or "", `action` as reported or ""."""

    address: str
    status: str = ""
    permanent: bool = True
    diagnostic: str = ""
    action: str = ""


@dataclass(frozen=True)
class Bounce:
    """Whom a message did not reach; `original_message_id` with angle brackets, or ""."""

    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str = ""

    @property
    def permanent(self) -> bool:
        """Whether it failed for good for at least one recipient."""
        return any(recipient.permanent for recipient in self.recipients)

    @property
    def failed(self) -> bool | None:
        """Whether anything failed; False when it was only delayed, relayed or delivered; None unknown."""
        actions = {recipient.action for recipient in self.recipients} - {""}
        return None if not actions else "failed" in actions or "denied" in actions


_FIELD = re.compile(r"^([A-Za-z][A-Za-z-]{0,60})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.\-])([45])([0-5]\d)(?![\d.]\d|\d)")
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
_COPY = re.compile(
    r"^[>\s]*(?:-{2,}\s*(?:below this line is a copy|this is a copy of (?:the|your) message|original message|"
    r"returned message|the header of the original message|message header|begin message|undelivered message|"
    r"the body of the message|original message follows|unsent message below|mail header)|"
    r"below is a copy of the original|message headers? follows?|original message(?: headers?)?\s*:|"
    r"the (?:original|following) message (?:headers?|was)\b|"
    r"received\s*:\s?(?:from|by|\(qmail)|"
    r"-{5,} original message)",
    re.IGNORECASE | re.MULTILINE,
)
_SOFT = re.compile(
    r"temporar|will (?:keep|be) (?:try|retri)|still (?:being|trying)|delayed|try again later|mailbox (?:is )?full|"
    r"over quota|quota exceeded|not responding|greylist|deferred|timed out",
    re.IGNORECASE,
)
_FINAL = re.compile(r"permanent (?:fatal )?error|failed permanently|fatal error", re.IGNORECASE)
_TO = re.compile(r"^[>\s]{0,10}to[ \t]*:[ \t]*([^\n]{3,500})", re.IGNORECASE | re.MULTILINE)
_ORIGINAL_ID = re.compile(
    r"^[>\s]{0,20}message-id[ \t]*:[ \t]*(?:\n[ \t]+)?(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE
)
_NEVER = re.compile(r"(?:mailer-?daemon|postmaster|post_master|abuse)@", re.IGNORECASE)
_MENTION = re.compile(
    r"(?:mail from|from|sender|reply-to|return-path|message-id|envelope-from)\s*[:=]?\s*<?\Z", re.IGNORECASE
)


def from_status(parts: Iterable[str]) -> tuple[BouncedRecipient, ...]:
    """The recipients of message/delivery-status parts (RFC 3464), one per address."""
    found: dict[str, BouncedRecipient] = {}
    for part in parts:
        for group in re.split(r"\n[ \t]*\n", part[:500_000])[:2000]:
            recipient = _from_group(group)
            if recipient and len(found) < MAX_RECIPIENTS:
                found.setdefault(recipient.address, recipient)
    return tuple(found.values())


def _from_group(group: str) -> BouncedRecipient | None:
    fields: dict[str, str] = {}
    for match in _FIELD.finditer(group[:20_000]):
        fields.setdefault(match[1].lower(), " ".join(match[2].split()))
    address = _typed(fields.get("original-recipient", "")) or _typed(fields.get("final-recipient", ""))
    final = _typed(fields.get("final-recipient", "")) or address
    if not final:
        return None
    diagnostic = printable(re.sub(r"^[\w-]+\s*;\s*", "", fields.get("diagnostic-code", "")), 500)
    found = _STATUS.search(fields.get("status", ""))
    precise = _STATUS.search(diagnostic)
    status = found[1] if found else ""
    if precise and (not status or status.endswith(".0.0")):
        status = precise[1]
    action = fields.get("action", "").lower().split(" ")[0][:20]
    return BouncedRecipient(final, status, _permanent(status, action, diagnostic), diagnostic, action)


def _typed(value: str) -> str:
    """The address of `rfc822; someone@example.org`."""
    kind, semicolon, rest = value.partition(";")
    text = (rest if semicolon else kind).strip().strip("<>").strip()
    return address_of(text)


def _permanent(status: str, action: str, text: str) -> bool:
    if action in ("delayed", "delivered", "relayed", "expanded"):
        return False
    if status:
        return status[0] == "5"
    code = _CODE.search(text)
    if code:
        return code[1] == "5"
    return bool(_FINAL.search(text)) or not _SOFT.search(text)


def from_text(text: str, exclude: Iterable[str], failed: Iterable[str] = ()) -> tuple[BouncedRecipient, ...]:
    """The recipients named in a report that is prose; `failed` are addresses known from X-Failed-Recipients."""
    head = _above_copy(text[:200_000])
    known = [address for address in map(address_of, failed) if address]
    unwanted = set(exclude) - set(known)
    spots: list[tuple[int, int, str]] = []
    for match in _ADDRESS.finditer(head):
        if len(spots) >= MAX_RECIPIENTS * 3:
            break
        address = address_of(match[0].strip("."))
        before = head[max(0, match.start() - 30) : match.start()]
        if address and address not in unwanted and not _NEVER.match(address) and not _MENTION.search(before):
            spots.append((match.start(), match.end(), address))
    found: dict[str, BouncedRecipient] = {}
    for index, (_, end, address) in enumerate(spots):
        if known and address not in known:
            continue
        stop = spots[index + 1][0] if index + 1 < len(spots) else end + 1500
        found[address] = _better(
            found.get(address), _in_prose(address, head[end : min(stop, end + 1500)], head)
        )
    if not found and not known and len(head) < len(text):
        known = _addressees(text[len(head) :], unwanted)
    for address in known:
        found.setdefault(address, _in_prose(address, "", head))
    return tuple(list(found.values())[:MAX_RECIPIENTS])


def _addressees(copy: str, unwanted: set[str]) -> list[str]:
    """Whom the returned message was for, when the report itself names nobody and it was one address."""
    match = _TO.search(copy[:50_000])
    found = {address_of(text) for text in _ADDRESS.findall(match[1])} - unwanted - {""} if match else set()
    return list(found) if len(found) == 1 else []


def _above_copy(text: str) -> str:
    match = _COPY.search(text)
    return text[: match.start()] if match and match.start() > 20 else text


def _better(old: BouncedRecipient | None, new: BouncedRecipient) -> BouncedRecipient:
    return old if old and (old.status or len(old.diagnostic) >= len(new.diagnostic)) else new


def _in_prose(address: str, after: str, whole: str) -> BouncedRecipient:
    said = after if _STATUS.search(after) or _CODE.search(after) or _SOFT.search(after) else whole[:5000]
    status = _STATUS.search(said)
    diagnostic = printable(after.lstrip(">: \n\t"), 300) or printable(whole, 300)
    code = status[1] if status else ""
    return BouncedRecipient(address, code, _permanent(code, "", said), diagnostic)


def original_message_id(returned: Iterable[str], text: str, answered: Iterable[bytes]) -> str:
    """The Message-ID of our message: from the returned headers, the prose, or what the report answers."""
    for part in returned:
        match = _ORIGINAL_ID.search(part[:200_000])
        if match:
            return match[1]
    copy = _COPY.search(text[:200_000])
    match = _ORIGINAL_ID.search(text[:400_000], copy.start() if copy else 0)
    if match:
        return match[1]
    for header in answered:
        ids = message_ids(header)
        if ids:
            return ids[-1]
    return ""
