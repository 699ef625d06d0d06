"""Nothing is called solved over work that is still to be done, unless knowingly (C1)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.errors import Refused
from mainstay.tickets.models import Ticket

NAMED = 3
LONGEST = 500


def open_titles(ticket: Ticket) -> list[str]:
    """The open tasks of a ticket, what is due first at the top."""
    found = ticket.tasks.filter(state="open").order_by("due_on", "pk")
    return list(found.values_list("title", flat=True))


def knowingly(ticket: Ticket, reason: str) -> dict[str, Any]:
    """What the event says of tasks that stay open, with the reason; empty where none is open.

    Raises `Refused` naming left_open while there is one and no reason.
    """
    titles = open_titles(ticket)
    if not titles:
        return {}
    reason = " ".join(reason.replace("\x00", "").split())[:LONGEST]
    if not reason:
        said = ngettext(
            "%(n)s task is open: %(names)s; finish it, or say why it stays open",
            "%(n)s tasks are open: %(names)s; finish them, or say why they stay open",
            len(titles),
        )
        raise Refused("left_open", said % {"n": len(titles), "names": _names(titles)})
    return {"left_open": titles, "left_open_because": reason}


def _names(titles: list[str]) -> str:
    """The first few, and how many more."""
    named, rest = "; ".join(titles[:NAMED]), len(titles) - NAMED
    if rest <= 0:
        return named
    return _("%(names)s; and %(n)s more") % {"names": named, "n": rest}
