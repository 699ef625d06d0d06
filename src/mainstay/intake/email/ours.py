"""Our own addresses: the support address, and what stands behind a plus in it."""

from mainstay.config.env import env
from mainstay.intake.email.headers import address_of


def is_ours(address: str) -> bool:
    """Whether mail to `address` is for us: the support address, a plus-address of it, or the postmaster."""
    local, at, domain = (address_of(address) or address).lower().rpartition("@")
    our_local, _, our_domain = env().support_address.lower().rpartition("@")
    if not at:
        return domain == "postmaster"
    return domain == our_domain and (local in {our_local, "postmaster"} or local.startswith(f"{our_local}+"))
