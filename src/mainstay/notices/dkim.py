"""DKIM for what we send (RFC 6376): the mail's domain vouches for it with a key of ours.

The key lies in the data folder once `mainstay mail dkim` has made it; from then on every mail is signed. The
public half belongs into DNS, and the command says how.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from pathlib import Path

import dkim

from mainstay.config.env import env

SELECTOR = "mainstay"
HEADERS = [
    b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to",
    b"content-type", b"mime-version", b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted",
]  # fmt: skip


def sign(raw: bytes) -> bytes:
    """The message with a signature above it; as it is while there is no key."""
    key = private_key()
    if not key:
        return raw
    header = dkim.sign(
        raw,
        SELECTOR.encode(),
        domain().encode(),
        key,
        include_headers=_signed(raw),
        canonicalize=(b"relaxed", b"relaxed"),
    )
    return bytes(header) + raw


def _signed(raw: bytes) -> list[bytes]:
    """From is named twice, so that nobody adds another (RFC 6376, 8.15); the others as often as they are there."""
    head = raw.partition(b"\r\n\r\n")[0].lower()
    return [b"from", *(name for name in HEADERS if b"\n" + name + b":" in b"\n" + head)]


def domain() -> str:
    """The domain that vouches: that of the support address."""
    return env().support_address.rpartition("@")[2].lower()


def key_file() -> Path:
    return env().data / "dkim" / f"{SELECTOR}.pem"


def private_key() -> bytes:
    """The key as PEM; empty while there is none. Looked at anew when the file changes."""
    try:
        stamp = key_file().stat().st_mtime_ns
    except OSError:
        return b""
    return _read(key_file(), stamp)


@lru_cache(maxsize=2)
def _read(path: Path, stamp: int) -> bytes:
    return path.read_bytes()


def make_key() -> bool:
    """Make the key (RSA, 2048 bits, mode 0600) where there is none; whether it was made."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = key_file()
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


def record() -> tuple[str, str]:
    """The name and the text of the TXT record that DNS must hold."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private_key(), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"{SELECTOR}._domainkey.{domain()}", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def main(argv: list[str]) -> int:
    """`mainstay mail dkim`: make the key if there is none, and say what DNS must hold."""
    made = make_key()
    name, text = record()
    print(f"{'Made the key' if made else 'The key is'} {key_file()}; mail from now on is signed with it.")
    print(
        "Put this TXT record into DNS, then send a mail to yourself and look at its Authentication-Results:\n"
    )
    print(f"{name}. IN TXT ({' '.join(repr_of(text))})")
    return 0


def repr_of(text: str) -> list[str]:
    """A long text as the quoted pieces that zone files take."""
    return [f'"{text[start : start + 200]}"' for start in range(0, len(text), 200)]
