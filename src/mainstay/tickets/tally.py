"""How many open tickets there are of each kind, exactly, without counting them at each look.

Triggers (migration 0007) write what each statement on the tickets changed, whoever runs it and however many rows it
has, COPY included; what a transaction sees of these rows adds up to what it sees of the tickets. `fold` adds old rows
up into one, so that there are never many.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from mainstay.prepared import Written, text_of

FEW = 200  # rows that are added up quicker than folded
ENOUGH = 1_000  # of what is counted beside tickets: whoever has so many need not know how many more


class Tally(NamedTuple):
    """Counts of open tickets by kind, and a text that is another one after each change of any ticket."""

    counts: dict[str, int]
    version: str


class Beside(NamedTuple):
    """Another count, as a statement of its own (see `prepared`)."""

    name: str
    sql: str


SQL = """
SELECT what, CASE WHEN what = 'assignee' THEN who = %(user)s::bigint ELSE who = 0 END, sum(n), count(*), max(id)
FROM tickets_tally GROUP BY 1, 2
"""
KINDS = ("open", "nobody", "triage", "grave", "waiting", "emergencies")


def read(user: int, beside: Sequence[Beside] = ()) -> Tally:
    """The counts, `mine` being those of this assignee, and others `beside` them; in one statement."""
    rows = _statement(tuple(beside)).all(user=user)
    held = {what: int(n) for what, own, n, _, _ in rows if own}
    counts = {kind: held.get(kind, 0) for kind in KINDS} | {"mine": held.get("assignee", 0)}
    counts |= {one.name: held[one.name] for one in beside}
    # between two folds there are ever more rows; a fold makes some that are newer than all it adds up
    version = f"{sum(row[3] for row in rows)}.{max(row[4] or 0 for row in rows)}" if rows else ""
    return Tally(counts, version)


def of_people() -> dict[int, int]:
    """How many open tickets each person has, by their id; who has none is not among them."""
    return {who: int(n) for who, n in _OF_PEOPLE.all()}


_OF_PEOPLE = Written(
    "SELECT who, sum(n) FROM tickets_tally WHERE what = 'assignee' GROUP BY who HAVING sum(n) > 0"
)


@lru_cache(maxsize=20)
def _statement(beside: tuple[Beside, ...]) -> Written:
    return Written(
        " UNION ALL ".join([SQL, *(f"SELECT '{one.name}', true, ({one.sql}), 0, 0" for one in beside)])
    )


def counting(name: str, of: QuerySet[Any]) -> Beside:
    """How many rows `of` has, at most `ENOUGH`, to be asked beside the counts; the reader is `Arg("user")`."""
    rows = text_of(of.select_related(None).order_by().values("pk"))
    return Beside(name, f"SELECT count(*) FROM ({rows} LIMIT {ENOUGH}) found")  # noqa: S608 - the ORM's own


def fold(most: int = FEW) -> int:
    """Add up the rows when there are more than `most`; gives how many were. Safe beside others that do the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM tickets_tally WHERE id IN (SELECT id FROM tickets_tally FOR UPDATE SKIP LOCKED)
                AND (SELECT count(*) FROM (SELECT 1 FROM tickets_tally LIMIT %s) few) > %s
                RETURNING what, who, n
            ), kept AS (
                INSERT INTO tickets_tally (what, who, n)
                SELECT what, who, sum(n) FROM gone GROUP BY what, who HAVING sum(n) <> 0 OR what = 'changed'
            )
            SELECT count(*) FROM gone
            """,
            [most + 1, most],
        )
        return int(cursor.fetchone()[0])
