"""The keys that sign our references: intake reads with them, notices write with them."""

from functools import lru_cache

from mainstay.config.env import env
from mainstay.intake.email.signed import Key

NOW = "1"  # the key id that new references carry; older ones stay readable as long as they are listed
IDS = ("1",)


def mail_keys() -> dict[str, bytes]:
    """Every key by its id, for reading references."""
    return {key_id: _secret(key_id, env().secret) for key_id in IDS}


def signing_key() -> Key:
    """The key for new references."""
    return Key(NOW, mail_keys()[NOW])


@lru_cache(maxsize=8)
def _secret(key_id: str, secret: str) -> bytes:
    return env().key(f"mail {key_id}")
