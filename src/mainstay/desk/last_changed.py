"""Who changed what is configured last, and when: from the log of the organisation and the versions of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from mainstay.accounts import acts
from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy

PUBLISHED = ("desk policy published", "service level published", "package published")
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "people": (
        "staff added", "staff changed", "roles changed", "staff deactivated", "staff reactivated", "duty planned",
        "absence added", "absence removed",
    ),
    "teams": ("team added", "team changed"),
    "products": ("product added", "release added", "release changed"),
    "canned": ("canned answer written", "canned answer retired", "canned answer offered again"),
    "wordings": ("letter worded", "letter as shipped again"),
    "mailboxes": ("mailbox added", "mailbox changed", "mailbox switched on", "mailbox switched off"),
    "catalogue": PUBLISHED,
    "policy": PUBLISHED,
    "prices": ("price set",),
    "advisor": ("advisor rules published",),
}  # fmt: skip
"""Place -> the kinds of acts that change what is set there."""
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "calendars": ("hours", "calendars"),
    "severities": ("severities",),
    "closing": ("closing", "closing_rules", "reopen_channels"),
    "exclusions": ("exclusions",),
}
"""Place -> the keys of the desk policy that are set there."""
VERSIONS = 30  # looked through; a part that none of them changed is as old as the oldest of them, or older


class Changed(NamedTuple):
    """Who and when; nobody: it is as shipped."""

    by: str
    at: datetime


def of_places() -> dict[str, Changed]:
    """The last change by the name of the place: two statements."""
    newest = acts.latest(kind for kinds in KINDS.values() for kind in kinds)
    found: dict[str, Changed] = {}
    for place, kinds in KINDS.items():
        done = [newest[kind] for kind in kinds if kind in newest]
        if done:
            last = max(done, key=lambda act: act.pk)
            found[place] = Changed(last.by_name, last.at)
    return found | _of_parts()


def _of_parts() -> dict[str, Changed]:
    rows = DeskPolicy.objects.filter(code=publish.DESK_POLICY).order_by("-version")
    versions = list(rows.values_list("document", "published_by__name", "published_at")[:VERSIONS])
    return {place: _last(versions, keys) for place, keys in PARTS.items() if versions}


def _last(versions: Sequence[tuple[Any, str | None, datetime]], keys: tuple[str, ...]) -> Changed:
    """The version from which on a part is as it is now; `versions` are the newest first."""
    says = [{key: document.get(key) for key in keys} for document, _by, _at in versions]
    same = next((n for n, one in enumerate(says) if one != says[0]), len(says))
    _document, by, at = versions[same - 1]
    return Changed(by or "", at)
