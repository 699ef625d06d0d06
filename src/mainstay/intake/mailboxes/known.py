"""Which addresses are ours beside the one of the settings: looked up once in a few seconds, for every mail asks."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mainstay.intake.models import Mailbox

KEPT = 5.0  # seconds


@dataclass
class _Memory:
    until: float = 0.0
    boxes: dict[str, Mailbox] | None = None


_memory = _Memory()


def by_address() -> dict[str, Mailbox]:
    """The active mailboxes by their address, with product and team."""
    if _memory.boxes is None or not fresh():
        active = Mailbox.objects.filter(active=True).select_related("product", "team").defer("secret")
        _memory.boxes, _memory.until = {box.address: box for box in active}, time.monotonic() + KEPT
    return _memory.boxes


def fresh() -> bool:
    """Whether the next question is answered without asking the database."""
    return _memory.boxes is not None and time.monotonic() < _memory.until


def forget() -> None:
    """Look anew at the next question: something was changed here."""
    _memory.boxes = None


def of(addresses: list[str], number: int | None = None) -> Mailbox | None:
    """The mailbox that a mail came through: the one it was fetched from, else the first that it was sent to.

    A plus-address (support+word@) is the mailbox's own.
    """
    known = by_address()
    if number is not None:
        fetched = next((box for box in known.values() if box.pk == number), None)
        if fetched is not None:
            return fetched
    return next((known[plain] for one in addresses if (plain := without_plus(one)) in known), None)


def without_plus(address: str) -> str:
    """The address in small letters, without what stands behind a plus."""
    local, at, domain = address.strip("<> ").lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
