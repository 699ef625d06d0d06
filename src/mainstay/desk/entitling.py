"""What nothing covers, on a ticket's page: what may be decided, and the words that each decision starts with (P1)."""

from __future__ import annotations

from typing import Any

from mainstay.allowances import decisions
from mainstay.catalogue import publish
from mainstay.contracts.entitlement import INCLUDED
from mainstay.tickets.models import Ticket


def choices(ticket: Ticket) -> dict[str, Any] | None:
    """What the forms of a decision start with; None when there is nothing to decide."""
    held = decisions.open_to(ticket)
    if held is None:
        return None
    packages = [(one.code, one.name) for one in publish.current_packages() if one.code != INCLUDED]
    return {"decision": held, "packages": packages, "texts": texts(ticket)}


def texts(ticket: Ticket) -> dict[str, str]:
    """The words that each decision starts with; a person changes them before they go."""
    name = ticket.requester.name if ticket.requester else ticket.requester_name
    hello = f"Dear {name},\n\n" if name and "@" not in name else "Hello,\n\n"
    return {
        "serving": f"{hello}your request is not covered by an agreement at the moment. We gladly take it up this once,"
        " as a courtesy, and come back to you with what we find.",
        "offer": f"{hello}thank you for your request. It is not covered by an agreement at the moment. The package"
        " named below would cover it, and requests like it from then on. Which level fits you best is a matter of a"
        " dozen questions; the prices are on the page named below.\n\nTell us if we may prepare an offer, or ask"
        " whatever you would like to know first.",
        "declining": f"{hello}thank you for writing to us. Your request is not covered by an agreement, so we cannot"
        " take it up. The documentation is open to you all the same and may answer it.\n\nIf we misunderstood, or if"
        " you would like an agreement that covers it, just reply to this message.",
    }  # fmt: skip
