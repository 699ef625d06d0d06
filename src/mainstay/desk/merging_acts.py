"""Tickets together and apart: merged, taken out again, split, under a common cause."""

from __future__ import annotations

from mainstay.desk.acting import Act, Do
from mainstay.errors import Refused
from mainstay.tickets import causes, merging
from mainstay.ui import ids


def merged(one: Act) -> str:
    other = one.typed.number("other", "the number of the ticket that this one shall be part of")
    merging.merge(one.ticket, other, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return f"Merged into {other}: what is said on it lands there, and the earlier promise stands."


def unmerged(one: Act) -> str:
    was = one.ticket.merged_into_id
    merging.unmerge(one.ticket, by=one.by, at=one.at)
    return f"Taken out of {was} again; it stands as before."


def splitting(one: Act) -> str:
    named = ids.read_all(one.typed.many("messages"))
    made = merging.split(
        one.ticket, named=named, subject=one.typed.text("subject"), reason=one.typed.text("reason"), by=one.by,
        at=one.at,
    )  # fmt: skip
    return f"Split off as {made.pk}, received when it was said; merging it back undoes this."


def common(one: Act) -> str:
    if one.typed.flag("remove"):
        causes.leave(one.ticket, by=one.by, at=one.at)
        return "Taken out of the common cause."
    named = one.typed.text("cause")
    found = causes.known().filter(pk=ids.read(named) or 0).first()
    if named and found is None:
        raise Refused("cause", "is none that is open; choose one from the list")
    cause = found or causes.begin(one.typed.text("title"), at=one.at)
    causes.join(one.ticket, cause, by=one.by, at=one.at)
    return f"The cause is {cause.title}."


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("merging", "merge", merged),
    ("unmerging", "merge/undoing", unmerged),
    ("splitting", "split", splitting),
    ("common", "common-cause", common),
)
