"""Which promises were decided in a stretch of time, and how: SQL over clock rows, the log where rows cannot say.

A promise is decided when it is met or, if it is broken, at the first second beyond its target, and counts in the
period of that instant. Every instant is as it was at the end of the period:

- an ended clock never changes again (only a resolution may run on), and no row changes while nothing happens to
  its ticket, so such rows are the log's answer already;
- of tickets that something happened to since, the rest is read out of the log up to the end of the period.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from mainstay.contracts import terms
from mainstay.reports import facts
from mainstay.sla import hours
from mainstay.sla.instances import Instance
from mainstay.tickets import clocks
from mainstay.tickets.models import Event

PART = 500


@dataclass(frozen=True)
class Wanted:
    """What to count. `line`: ids of contract versions, None for every contract there is."""

    clock: str
    begins: datetime
    ends: datetime
    line: tuple[int, ...] | None = None
    severities: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ("promise",)
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, order=True)
class Decided:
    """One promise that was decided: of which ticket, which instance, when, and whether it was kept."""

    ticket: int
    n: int
    at: datetime
    kept: bool


@dataclass(frozen=True)
class Counted:
    """How many were kept and missed; `missed_ones` are all that were missed, in order; `digest` is of them all."""

    kept: int
    missed: int
    missed_ones: tuple[Decided, ...]
    digest: str


MINE = """
mine AS (
    SELECT t.id, t.last_at FROM tickets_ticket t {joins}
    WHERE {line} AND t.opened_at < %(ends)s AND t.close_reason <> 'spam' AND (t.last_at >= %(ends)s OR {when})
),
found AS MATERIALIZED (
    SELECT c.ticket_id, c.n, c.state, c.kind, c.severity, c.missed_at, c.stopped_at,
        c.severity IS NOT NULL AND (
            m.last_at < %(ends)s OR (%(unconditional)s AND c.clock <> 'resolution' AND c.stopped_at < %(ends)s)
        ) AS settled
    FROM tickets_clock c JOIN mine m ON m.id = c.ticket_id
    WHERE c.clock = %(clock)s AND c.started_at < %(ends)s
        AND (c.stopped_at IS NULL OR c.stopped_at >= %(begins)s)
),
decided AS (
    SELECT ticket_id, n, coalesce(missed_at < %(ends)s, false) AS missed,
        CASE WHEN missed_at < %(ends)s THEN missed_at ELSE stopped_at END AS at
    FROM found
    WHERE settled AND (missed_at < %(ends)s OR state = 'stopped') AND kind = ANY(%(kinds)s)
        AND (%(any_severity)s OR severity = ANY(%(severities)s))
    UNION ALL
    SELECT * FROM unnest(%(tickets)s::bigint[], %(ns)s::smallint[], %(missed)s::boolean[], %(ats)s::timestamptz[])
)
"""


def count(wanted: Wanted) -> Counted:
    """Everything decided in [begins, ends). One pass where rows say it all, as they do up to now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL jit = off")
        if wanted.line is None:  # every contract: read both tables in the order of tickets, not row by row
            cursor.execute("SET LOCAL enable_nestloop = off")
        unsettled, found = _counted(cursor, wanted, _values(wanted))
        if unsettled:
            _, found = _counted(cursor, wanted, _values(wanted) | _given(_read(wanted, unsettled)))
        return found


def listed(wanted: Wanted, *, missed: bool | None, after: int, most: int) -> list[Decided]:
    """What was decided, by ticket from the number `after` on; a page of it. `missed` None: kept and missed."""
    with transaction.atomic(), connection.cursor() as cursor:
        read = _given(_read(wanted, _unsettled(cursor, wanted)))
        values = {**_values(wanted), **read, "after": after, "most": most, "only": missed}
        cursor.execute(
            f"WITH {_mine(wanted)} SELECT ticket_id, n, at, NOT missed FROM decided"  # noqa: S608
            " WHERE at >= %(begins)s AND ticket_id > %(after)s AND (%(only)s::boolean IS NULL OR missed = %(only)s)"
            " ORDER BY ticket_id, n, at LIMIT %(most)s",
            values,
        )
        return [Decided(*row) for row in cursor.fetchall()]


TOTALS = """
SELECT (SELECT array_agg(DISTINCT ticket_id ORDER BY ticket_id) FROM found WHERE NOT settled),
    count(*) FILTER (WHERE NOT missed), count(*) FILTER (WHERE missed),
    encode(sha256(coalesce(string_agg(
        concat_ws(' ', ticket_id, n, extract(epoch FROM at)::bigint, (NOT missed)::int), E'\\n'
        ORDER BY ticket_id, n, at), '')::bytea), 'hex'),
    array_agg(ticket_id ORDER BY ticket_id, n, at) FILTER (WHERE missed),
    array_agg(n ORDER BY ticket_id, n, at) FILTER (WHERE missed),
    array_agg(at ORDER BY ticket_id, n, at) FILTER (WHERE missed)
FROM decided WHERE at >= %(begins)s
"""


def _counted(cursor: Any, wanted: Wanted, values: Mapping[str, Any]) -> tuple[list[int], Counted]:
    """The tickets that rows do not settle, and everything counted; the digest is of lines "ticket n second kept"."""
    cursor.execute(f"WITH {_mine(wanted)} {TOTALS}", values)
    unsettled, kept, missed, digest, tickets, ns, ats = cursor.fetchone()
    ones = zip(tickets or (), ns or (), ats or (), strict=True)
    return unsettled or [], Counted(kept, missed, tuple(Decided(*one, False) for one in ones), digest)


def _given(read: Iterable[Decided]) -> dict[str, Any]:
    """What was read out of the log, as arrays that the query joins to the rows."""
    ones = list(read)
    return {
        "tickets": [one.ticket for one in ones],
        "ns": [one.n for one in ones],
        "missed": [not one.kept for one in ones],
        "ats": [one.at for one in ones],
    }


def _mine(wanted: Wanted) -> str:
    condition, joins = facts.condition(wanted.when)
    line = "t.contract_id IS NOT NULL" if wanted.line is None else "t.contract_id = ANY(%(line)s)"
    return MINE.format(joins=joins, line=line, when=condition)


def _values(wanted: Wanted) -> dict[str, Any]:
    return {
        "clock": wanted.clock, "begins": wanted.begins, "ends": wanted.ends, "line": list(wanted.line or ()),
        "severities": list(wanted.severities), "any_severity": not wanted.severities,
        "kinds": list(wanted.kinds), "unconditional": not wanted.when,
        "tickets": [], "ns": [], "missed": [], "ats": [], **facts.values(wanted.when),
    }  # fmt: skip


# ---- what rows cannot say


def _unsettled(cursor: Any, wanted: Wanted) -> list[int]:
    """The tickets whose rows may have changed since the end of the period, or were never rebuilt."""
    cursor.execute(
        f"WITH {_mine(wanted)} SELECT DISTINCT ticket_id FROM found WHERE NOT settled ORDER BY ticket_id",  # noqa: S608
        _values(wanted),
    )
    return [number for (number,) in cursor.fetchall()]


def _read(wanted: Wanted, tickets: list[int]) -> Iterator[Decided]:
    """What these tickets' logs say, up to the end of the period."""
    for at in range(0, len(tickets), PART):
        part = tickets[at : at + PART]
        logs = _logs(part, wanted.ends)
        fits = set(part) if not wanted.when else facts.fitting(part, wanted.when, wanted.ends)
        for ticket in part:
            if ticket in fits:
                yield from _from_log(wanted, ticket, logs[ticket])


def _logs(tickets: Iterable[int], ends: datetime) -> dict[int, list[clocks.Logged]]:
    logs: dict[int, list[clocks.Logged]] = defaultdict(list)
    rows = Event.objects.filter(ticket__in=tickets, kind__in=clocks.NAMES, at__lt=ends).order_by(
        "ticket", "seq"
    )
    for ticket, *row in rows.values_list("ticket", "kind", "at", "before", "after", "seq"):
        logs[ticket].append(clocks.Logged(*row))
    return logs


def _from_log(wanted: Wanted, ticket: int, log: list[clocks.Logged]) -> Iterator[Decided]:
    named = [one.after["terms"] for one in log if one.after.get("terms")]
    as_of = wanted.ends - timedelta(seconds=1)
    for one in clocks.explained(log, as_of):
        found = decision(one, wanted.ends)
        if found is None or one.clock != wanted.clock:
            continue
        kind = terms.load(named[-1]).kind(one.clock, one.severity) or "goal"
        if kind not in wanted.kinds or (wanted.severities and one.severity not in wanted.severities):
            continue
        yield Decided(ticket, one.n, *found)


def decision(one: Instance, ends: datetime) -> tuple[datetime, bool] | None:
    """When an instance was decided before `ends`, and whether it was kept; None while it is open or was given up."""
    missed = hours.at(one.missed_at) if one.missed_at is not None else None
    if missed is not None and missed < ends:
        return missed, False
    if one.state == "stopped" and one.stopped_at is not None:
        return hours.at(one.stopped_at), True
    return None


def digest_of(found: Iterable[Decided]) -> str:
    """The same digest, made here: for checking what the database said."""
    lines = [f"{one.ticket} {one.n} {int(one.at.timestamp())} {int(one.kept)}" for one in sorted(found)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
