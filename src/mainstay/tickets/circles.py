"""No ticket waits for itself, however many others stand between (T1)."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from mainstay.errors import Refused
from mainstay.tickets.models import Link

NAMED = 8
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('waits for'), %s)"


def check(waiting: int, other: int, *, customer: int | None) -> None:
    """Refused, naming kind and the whole circle, where `other` waits for `waiting` already, directly or through others.

    Within the transaction that writes the link: links of one customer are written one after another, so that two
    people who close a circle at the same time do not both.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [customer or 0])
    way = _way(other, waiting)
    if not way:
        return
    if len(way) == 2:
        raise Refused("kind", _("is the other way round already; two tickets cannot wait for each other"))
    said = {"circle": _said([waiting, *way])}
    raise Refused("kind", _("would close a circle: %(circle)s; take one of these links away first") % said)


def _way(start: int, end: int) -> list[int]:
    """The shortest chain of tickets, each of which waits for the next, both ends in it; empty where there is none."""
    came: dict[int, int] = {start: start}
    edge = [start]
    while edge and end not in came:
        rows = Link.objects.filter(ticket__in=edge, kind=Link.Kind.BLOCKS).order_by("pk")
        found = [(a, b) for a, b in rows.values_list("ticket_id", "other_id") if b not in came]
        came |= {b: a for a, b in reversed(found)}
        edge = list({b for _a, b in found})
    if end not in came:
        return []
    way = [end]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]


def _said(circle: list[int]) -> str:
    """ "1001 waits for 1002, which waits for 1003, which waits for 1001"; of a long one both ends."""
    first, *rest = [str(one) for one in circle]
    if len(rest) > NAMED:
        rest = [*rest[: NAMED - 1], "...", rest[-1]]
    return _("%(one)s waits for %(other)s") % {"one": first, "other": _(", which waits for ").join(rest)}
