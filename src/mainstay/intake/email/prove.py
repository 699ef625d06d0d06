"""Our own check of a sender: SPF, DKIM and DMARC by DNS (RFC 7208, 6376, 7489), where no receiving server of ours
says it in Authentication-Results.

dkimpy and pyspf check; what is ours is what a result means: `pass` and `fail` are said of the domain in From,
everything else is `none`. Names that no DNS knows (.example, .test, .local: RFC 6761) are never asked for, and
while DNS itself is away nothing waits for it.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from mainstay.config.env import env
from mainstay.intake.email.sender import Authentication

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LIFETIME: Final = 2.0  # seconds for one question
IN_ALL: Final = 5  # seconds for all of SPF
SIGNATURES: Final = 5  # of one message
LARGEST: Final = 20 * 1024 * 1024  # bytes whose signature is checked
REST: Final = 60.0  # seconds without a question after DNS was away
_UNASKED = re.compile(r"(?:^|\.)(?:example|test|invalid|localhost|local|onion|alt|example\.(?:com|net|org))$")
_TAG = re.compile(r"\s*([a-z]+)\s*=\s*([^;]*)")
_ENDS = re.compile(rb"(?<!\r)\n")


@dataclass(frozen=True)
class Envelope:
    """How the message was handed over: the address of the machine, its HELO, and MAIL FROM. Empty: not known."""

    peer: str = ""
    helo: str = ""
    mail_from: str = ""


@dataclass(frozen=True)
class _Policy:
    """What the domain in From publishes (DMARC)."""

    wants: str  # none, quarantine, reject
    strict_dkim: bool = False
    strict_spf: bool = False


class Away(Exception):  # noqa: N818 - a state
    """DNS cannot be asked."""


def prove(raw: bytes, domain: str, envelope: Envelope) -> Authentication | None:
    """What our own check says of a message from `domain` (an A-label); None where none can be made.

    Takes a few seconds at most, usually some milliseconds. Never raises.
    """
    if not domain or "." not in domain or _UNASKED.search(domain) or not _may_ask():
        return None
    try:
        return _judged(raw, domain, envelope)
    except Away:
        return None
    except Exception as error:  # whatever a record or a signature holds, the mail is handled
        return Authentication("none", f"could not be checked ({type(error).__name__})", domain)


def _judged(raw: bytes, domain: str, envelope: Envelope) -> Authentication:
    policy = _policy(domain)
    strict_dkim, strict_spf = (policy.strict_dkim, policy.strict_spf) if policy else (False, False)
    for signed_by in _dkim(raw):
        if _aligned(domain, signed_by, strict_dkim):
            return Authentication("pass", f"DKIM of {signed_by} passed (our own check)", domain)
    sent_by = _spf(envelope)
    if sent_by and _aligned(domain, sent_by, strict_spf):
        return Authentication("pass", f"SPF of {sent_by} passed (our own check)", domain)
    if policy is None:
        return Authentication("none", "nothing passed, and the domain publishes no DMARC", domain)
    if policy.wants in {"quarantine", "reject"} and (envelope.peer or _signed(raw)):
        return Authentication("fail", f"DMARC failed, policy {policy.wants} (our own check)", domain)
    return Authentication("none", "nothing passed (our own check)", domain)


# ---- the three checks


def _dkim(raw: bytes) -> Iterator[str]:
    """The domains whose signature holds. A signature of only a part of the body (l=) proves nothing."""
    import dkim

    if len(raw) > LARGEST or not _signed(raw):
        return
    message = _ENDS.sub(b"\r\n", raw)
    count = min(SIGNATURES, len(re.findall(rb"(?im)^dkim-signature[ \t]*:", message[: _head(message)])))
    for index in range(count):
        check = dkim.DKIM(message, timeout=LIFETIME)
        try:
            holds = check.verify(idx=index, dnsfunc=_key)
        except dkim.DKIMException:
            continue
        fields = check.signature_fields
        if holds and b"l" not in fields:
            yield fields[b"d"].decode("ascii", "replace").lower()


def _key(name: bytes, timeout: float = LIFETIME) -> bytes | None:
    found = _texts(name.decode("ascii", "replace"))
    return found[0].encode() if found else None


def _signed(raw: bytes) -> bool:
    return re.search(rb"(?im)^dkim-signature[ \t]*:", raw[: _head(raw)]) is not None


def _head(raw: bytes) -> int:
    end = re.search(rb"\r?\n\r?\n", raw)
    return end.start() if end else len(raw)


def _spf(envelope: Envelope) -> str:
    """The domain that says the machine may send for it; empty when none does, or nothing is known."""
    import spf

    if not envelope.peer or ipaddress.ip_address(envelope.peer).is_loopback:
        return ""
    mail_from = envelope.mail_from.strip("<>")
    sender = mail_from if "@" in mail_from else f"postmaster@{envelope.helo}"
    domain = sender.rpartition("@")[2].lower()
    if not domain or _UNASKED.search(domain):
        return ""
    _resolver()
    result, _ = spf.check2(
        i=envelope.peer, s=sender, h=envelope.helo or domain, timeout=LIFETIME, querytime=IN_ALL
    )
    return domain if result == "pass" else ""


def _policy(domain: str) -> _Policy | None:
    """The DMARC record of the domain, else of the organisation's domain above it."""
    organisation = _organisation(domain)
    for name, tag in ((domain, "p"), (organisation, "sp")):
        if not name or (tag == "sp" and name == domain):
            continue
        records = [text for text in _texts(f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
        if len(records) == 1:
            tags = {key: value.strip().lower() for key, value in _TAG.findall(records[0])}
            wants = tags.get(tag) or tags.get("p", "none")
            return _Policy(wants, tags.get("adkim") == "s", tags.get("aspf") == "s")
    return None


def _aligned(domain: str, other: str, strict: bool) -> bool:
    if domain == other:
        return True
    mine = _organisation(domain)
    return not strict and bool(mine) and mine == _organisation(other)


def _organisation(domain: str) -> str:
    """The part that is registered: lab.harbour.co.uk belongs to harbour.co.uk."""
    return str(_suffixes().privatesuffix(domain) or "")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


# ---- asking


_resting: dict[str, float] = {}


def _may_ask() -> bool:
    return env().dns != "off" and time.monotonic() >= _resting.get("until", 0.0)


def _texts(name: str) -> list[str]:
    """The TXT records of a name. Raises `Away` when DNS itself does not answer."""
    import dns.exception
    import dns.resolver

    try:
        answer = _resolver().resolve(name, "TXT", lifetime=LIFETIME, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.NoNameservers):
        return []
    except dns.exception.Timeout:
        _look_whether_away()
        return []
    except dns.exception.DNSException:
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _look_whether_away() -> None:
    """One silent domain is its own trouble; when the root does not answer either, DNS rests for a minute."""
    import dns.exception
    import dns.resolver

    try:
        _resolver().resolve(".", "NS", lifetime=LIFETIME, raise_on_no_answer=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoNameservers):
        return
    except dns.exception.DNSException:
        _resting["until"] = time.monotonic() + REST
        raise Away from None


def _resolver() -> Any:
    """The resolver of the settings, also for the libraries; its answers are kept as long as they say."""
    import dns.resolver

    return _made(env().dns, dns.resolver)


@lru_cache(maxsize=4)
def _made(where: str, resolver: Any) -> Any:
    try:
        made = resolver.Resolver(configure=where == "system")
    except resolver.NoResolverConfiguration:
        _resting["until"] = time.monotonic() + 10 * REST
        raise Away from None
    if where != "system":
        host, _, port = where.rpartition(":")
        made.nameservers, made.port = [host], int(port)
    made.cache = resolver.LRUCache(10_000)
    resolver.default_resolver = made
    return made
