"""Our own addresses: the support address, those of the mailboxes, and what stands behind a plus in them."""

from collections.abc import Collection

from django.apps import apps

from mainstay.config.env import env
from mainstay.intake.email.headers import address_of


def is_ours(address: str) -> bool:
    """Whether mail to `address` is for us: the support address, a plus-address of it, or the postmaster."""
    local, at, domain = (address_of(address) or address).lower().rpartition("@")
    our_local, _, our_domain = env().support_address.lower().rpartition("@")
    if not at:
        return domain == "postmaster"
    if domain == our_domain and (local in {our_local, "postmaster"} or local.startswith(f"{our_local}+")):
        return True
    return f"{local.partition('+')[0]}@{domain}" in _mailboxes()


def addresses() -> set[str]:
    """The addresses that our mail comes to: the support address, and those of the mailboxes."""
    return {env().support_address.lower(), *_mailboxes()}


def _mailboxes() -> Collection[str]:
    """The addresses of the mailboxes; without a desk (`mail inspect`) there are none."""
    if not apps.ready:
        return ()
    from mainstay.intake.mailboxes import known

    return known.by_address()
