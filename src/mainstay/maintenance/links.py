"""The link of a notice: `BASE_URL/n/TOKEN`, signed, good for a year, for one publication and one contact.

It opens a page with one button, and the button says that it was read: mail scanners follow links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.errors import Refused

GOOD_FOR: Final = timedelta(days=365)
_SALT: Final = "mainstay.maintenance.links"
_LONGEST: Final = 400


@dataclass(frozen=True)
class Link:
    """Which publication, for whom."""

    publication_id: int
    contact_id: int


def make(publication: int, contact: int, *, at: datetime) -> str:
    """The whole address for one person."""
    said = {"p": publication, "c": contact, "e": int((at + GOOD_FOR).timestamp())}
    return f"{settings.BASE_URL}/n/{signing.Signer(salt=_SALT).sign_object(said)}"


def stop(publication: int, contact: int, *, at: datetime) -> str:
    """Where the same person says that they want no such mails: `BASE_URL/u/TOKEN`."""
    return make(publication, contact, at=at).replace("/n/", "/u/", 1)


def read(token: str, *, at: datetime | None = None) -> Link:
    """What a token is for. Raises `Refused` when it is not ours, was altered or is too old."""
    try:
        said = signing.Signer(salt=_SALT).unsign_object(token) if len(token) <= _LONGEST else {}
    except (signing.BadSignature, ValueError):
        said = {}
    if not isinstance(said, dict) or not {"p", "c", "e"} <= set(said):
        raise Refused("link", _("is not one of ours, or not the whole of it; copy all of it from the mail"))
    if said["e"] < (at or timezone.now()).timestamp():
        raise Refused("link", _("is older than a year; sign in to read it"))
    return Link(int(said["p"]), int(said["c"]))
