"""Passwords and tokens at rest: sealed with a key of this installation, opened only where they are used."""

from __future__ import annotations

import base64
import json

from cryptography.fernet import Fernet, InvalidToken

from mainstay.config.env import env
from mainstay.errors import Refused


def seal(secret: dict[str, str]) -> bytes:
    """The secret as bytes that only this installation reads (authenticated encryption)."""
    return _box().encrypt(json.dumps(secret).encode())


def unseal(sealed: bytes | memoryview) -> dict[str, str]:
    """What was sealed; empty for nothing. `Refused` when the installation's secret is another one now."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_box().decrypt(bytes(sealed)))
    except InvalidToken:
        raise Refused("password", "was sealed with another secret key; enter it again") from None
    return opened


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(env().key("mailbox secrets 1")))
