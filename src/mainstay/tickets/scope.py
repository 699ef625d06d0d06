"""Which rows a transaction may see: PostgreSQL's row-level security reads `mainstay.scope`.

Nothing set, nothing seen. The pages set it for each request; the worker, the watch, mail intake and
the commands see everything, for their whole process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

EVERYTHING = "all"


def whole_process() -> None:
    """From now on each connection of this process sees everything: for workers and commands, never for web."""
    connection_created.connect(_see_everything, dispatch_uid="mainstay.scope")
    if connection.connection is not None:
        _see_everything(connection=connection)


@contextmanager
def seeing(customers: list[int] | None) -> Iterator[None]:
    """Within a transaction: see the tickets of `customers` (ids) only; None sees everything.

    Ends with the transaction; inside a wider scope (tests, commands) the wider one comes back.
    """
    scope = EVERYTHING if customers is None else ",".join(str(number) for number in customers) or "-1"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('mainstay.scope', true), ''),"
            " set_config('mainstay.scope', %s, true)",
            [scope],
        )
        before = cursor.fetchone()[0]
    try:
        yield
    finally:
        if before and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [before])


def _see_everything(connection: Any, **_: Any) -> None:
    if connection.alias == "default":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mainstay.scope', 'all', false)")
