"""Rows of the queue, drawn once for as long as they would look the same.

A ticket's row changes when the ticket does (its `last_seq`, and what it names), at the next minute, and where its
foremost promise gets near, is warned of or missed. It is kept in this process by all that decides it: the columns
of the list, the reader's zone and language. What is kept needs no clocks read and nothing drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mainstay.desk import shown
from mainstay.tickets import listed
from mainstay.tickets.listed import Listed
from mainstay.ui import queue_rows, words
from mainstay.ui.shapes import Promise

MOST = 4000
Key = tuple[Listed, str, str, str | None, bool]
NOWHERE: Mapping[int, str] = {}
_kept: dict[Key, tuple[datetime, datetime, SafeString]] = {}
"""From when, until when (not included), and the row."""


def drawn(
    tickets: Sequence[Listed],
    now: datetime,
    zone: ZoneInfo,
    *,
    selectable: bool,
    away: Mapping[int, str] = NOWHERE,
) -> dict[int, SafeString]:
    """The row of each ticket, by its number. At most one statement, for the clocks of those that are drawn anew.

    `away`: for a list of what is put off, until when each is and what for.
    """
    reader = (zone.key, get_language(), selectable)
    found, missing = {}, []
    for ticket in tickets:
        kept = _kept.get((ticket, away.get(ticket.pk, ""), *reader))
        if kept is not None and kept[0] <= now < kept[1]:
            found[ticket.pk] = kept[2]
        else:
            missing.append(ticket)
    if missing:
        found |= _draw(missing, now, zone, reader, away)
    return found


def _draw(
    tickets: Sequence[Listed],
    now: datetime,
    zone: ZoneInfo,
    reader: tuple[str, str | None, bool],
    away: Mapping[int, str],
) -> dict[int, SafeString]:
    clocks, made = listed.clocks([ticket.pk for ticket in tickets]), {}
    if len(_kept) + len(tickets) > MOST:
        _kept.clear()
    for ticket in tickets:
        said = away.get(ticket.pk, "")
        row = replace(shown.row(ticket, clocks[ticket.pk], now), away=said)
        made[ticket.pk] = queue_rows.rows([row], now, zone, selectable=reader[2])
        _kept[(ticket, said, *reader)] = (now, _until(row.promise, now), made[ticket.pk])
    return made


def _until(promise: Promise | None, now: datetime) -> datetime:
    """Until when the row stays as it is: the minute ends, or something of its promise happens before."""
    until = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if promise is None or promise.stopped_at is not None:
        return until
    if promise.due is not None and abs((promise.due - now).total_seconds()) < words.SECONDS_BELOW:
        return now  # said to the second
    return min([until, *(at for at in (promise.warn_at, promise.due) if at is not None and at > now)])
