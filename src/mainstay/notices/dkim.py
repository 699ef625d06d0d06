"""DKIM for what we send (RFC 6376): the mail's domain vouches for it with a key of ours.

The key lies in the data folder once `mainstay mail dkim` has made it; from then on every mail is signed. The
public half belongs into DNS, and the command says how. A mailbox that writes from another domain has that domain's
own key (`mainstay mail dkim DOMAIN`), because only a signature of the domain in From counts for DMARC (RFC 7489,
3.1); until there is one, our first domain signs for it.
"""

from __future__ import annotations

import base64
import os
import re
from email.parser import BytesParser
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path

import dkim

from mainstay.config.env import env
from mainstay.errors import Refused

SELECTOR = "mainstay"
HEADERS = [
    b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to",
    b"content-type", b"mime-version", b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted",
]  # fmt: skip
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def sign(raw: bytes) -> bytes:
    """The message with a signature above it; as it is while there is no key."""
    of = sender_domain(raw)
    key = private_key(of)
    if not key:
        of = domain()
        key = private_key(of)
    if not key:
        return raw
    header = dkim.sign(
        raw,
        SELECTOR.encode(),
        of.encode(),
        key,
        include_headers=_signed(raw),
        canonicalize=(b"relaxed", b"relaxed"),
    )
    return bytes(header) + raw


def sender_domain(raw: bytes) -> str:
    """The domain in the From of a message of ours."""
    head = raw.partition(b"\r\n\r\n")[0]
    said = BytesParser(policy=SMTP).parsebytes(head + b"\r\n\r\n", headersonly=True)["From"]
    return said.addresses[0].domain.lower() if said is not None and said.addresses else domain()


def _signed(raw: bytes) -> list[bytes]:
    """From is named twice, so that nobody adds another (RFC 6376, 8.15); the others as often as they are there."""
    head = raw.partition(b"\r\n\r\n")[0].lower()
    return [b"from", *(name for name in HEADERS if b"\n" + name + b":" in b"\n" + head)]


def domain() -> str:
    """The domain that vouches: that of the support address."""
    return env().support_address.rpartition("@")[2].lower()


def key_file(of: str = "") -> Path:
    """Where the key of a domain lies; our first domain's has the name of the selector."""
    name = SELECTOR if of in {"", domain()} else of
    return env().data / "dkim" / f"{name}.pem"


def private_key(of: str = "") -> bytes:
    """The key of a domain as PEM; empty while there is none. Looked at anew when the file changes."""
    if of and not DOMAIN.fullmatch(of):
        return b""
    path = key_file(of)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return b""
    return _read(path, stamp)


@lru_cache(maxsize=64)
def _read(path: Path, stamp: int) -> bytes:
    return path.read_bytes()


def make_key(of: str = "") -> bool:
    """Make a domain's key (RSA, 2048 bits, mode 0600) where there is none; whether it was made."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = key_file(of)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError:
        return False
    return True


def record(of: str = "") -> tuple[str, str]:
    """The name and the text of the TXT record that the DNS of a domain must hold."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private_key(of), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"{SELECTOR}._domainkey.{of or domain()}", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def main(argv: list[str]) -> int:
    """`mainstay mail dkim [DOMAIN]`: make a key if there is none, ours or that of another domain that a mailbox
    writes from, and say what DNS must hold. Raises `Refused` naming domain where it is none."""
    of = argv[0].strip().lower().rstrip(".") if argv else ""
    if len(argv) > 1 or (argv and not DOMAIN.fullmatch(of)):
        raise Refused("domain", f"is {' '.join(argv)[:80]!r}; it must be one domain such as support.example")
    made = make_key(of)
    name, text = record(of)
    print(
        f"{'Made the key' if made else 'The key is'} {key_file(of)}; "
        f"mail of {of or domain()} from now on is signed with it."
    )
    print(
        "Put this TXT record into DNS, then send a mail to yourself and look at its Authentication-Results:\n"
    )
    print(f"{name}. IN TXT ({' '.join(repr_of(text))})")
    return 0


def repr_of(text: str) -> list[str]:
    """A long text as the quoted pieces that zone files take."""
    return [f'"{text[start : start + 200]}"' for start in range(0, len(text), 200)]
