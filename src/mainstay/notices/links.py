"""Links in mails: `BASE_URL/r/TOKEN`, signed, good for 30 days.

A link opens a page with one button, and the button acts: mail scanners follow links (design, decision 9).
The token says what, on which ticket and for whom; whether that person still may is asked when the button is
pressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.errors import Refused
from mainstay.tickets.models import Ticket

Action = Literal[
    "view",
    "accept",
    "refuse",
    "close",
    "escalate",
    "rate",
    "appeal",
    "pay",
    "decline",
    "let_in",
    "solved",
    "leave",
]
GOOD_FOR: Final = timedelta(days=30)
_SALT: Final = "mainstay.notices.links"
_LONGEST: Final = 600


@dataclass(frozen=True)
class Link:
    """What a link is for. One of `contact_id`, `user_id` and `address` says for whom.

    `seq` is the event it was sent because of, so that a page can tell an old offer from the present one;
    `article` the one that may have solved it.
    """

    action: Action
    ticket_id: int
    contact_id: int | None = None
    user_id: int | None = None
    address: str = ""
    seq: int = 0
    article: int = 0


def make(
    action: Action,
    ticket: Ticket | int,
    *,
    contact_id: int | None = None,
    user_id: int | None = None,
    address: str = "",
    seq: int = 0,
    article: int = 0,
    at: datetime | None = None,
) -> str:
    """The whole address of a link for one person. `at`: from when its 30 days count."""
    said: dict[str, Any] = {
        "a": action,
        "t": ticket if isinstance(ticket, int) else ticket.pk,
        "e": int(((at or timezone.now()) + GOOD_FOR).timestamp()),
    }
    if contact_id is not None:
        said["c"] = contact_id
    elif user_id is not None:
        said["u"] = user_id
    else:
        said["m"] = address.lower()
    if seq:
        said["s"] = seq
    if article:
        said["k"] = article
    return f"{settings.BASE_URL}/r/{signing.Signer(salt=_SALT).sign_object(said)}"


def read(token: str, *, at: datetime | None = None) -> Link:
    """What a token is for. Raises `Refused` when it is not ours, was altered or is older than 30 days."""
    try:
        said = signing.Signer(salt=_SALT).unsign_object(token) if len(token) <= _LONGEST else {}
    except (signing.BadSignature, ValueError):
        said = {}
    if said.get("a") not in get_args(Action):
        raise Refused("link", _("is not one of ours, or not the whole of it; copy all of it from the mail"))
    if said["e"] < (at or timezone.now()).timestamp():
        raise Refused("link", _("is older than 30 days; sign in, or take the link of a newer mail"))
    whom = said.get("c"), said.get("u"), said.get("m", "")
    return Link(said["a"], said["t"], *whom, seq=said.get("s", 0), article=said.get("k", 0))
