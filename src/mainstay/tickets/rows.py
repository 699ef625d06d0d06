"""Many rows of one table in one statement. The rows travel as one JSON text, which PostgreSQL takes apart.

An insert of fifty rows by way of the ORM spends most of its time on naming each value by itself.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)


def numbers(model: type[Model], count: int) -> list[int]:
    """`count` fresh primary keys, ascending."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval(s)) FROM pg_get_serial_sequence(%s, 'id') s, generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return sorted(cursor.fetchone()[0])


def insert(model: type[M], made: Sequence[M], *, conflict: str = "") -> None:
    """Store new rows in their order; primary keys are given by the caller for all of them, or for none.

    `conflict` is what stands behind ON CONFLICT. Rows without a key of their own do not learn theirs.
    """
    if not made:
        return
    fields = [f for f in model._meta.concrete_fields if f is not model._meta.pk or made[0].pk is not None]
    table, names = _quoted(model._meta.db_table), ", ".join(_quoted(f.column) for f in fields)
    _run(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s)"
        + (f" ON CONFLICT {conflict}" if conflict else ""),
        [{f.column: f.pre_save(one, add=True) for f in fields} for one in made],
    )
    for one in made:
        one._state.adding, one._state.db = False, connection.alias


def upsert(model: type[M], made: Sequence[M], *, unique: Iterable[str], copied: Iterable[str]) -> None:
    """Store rows in place of those that have the same `unique` fields."""
    key = ", ".join(_quoted(model._meta.get_field(name).column) for name in unique)
    columns = [_quoted(model._meta.get_field(name).column) for name in copied]
    changed = ", ".join(f"{column} = EXCLUDED.{column}" for column in columns)
    insert(model, made, conflict=f"({key}) DO UPDATE SET {changed}")


def update(model: type[M], changed: Sequence[M], names: Iterable[str]) -> None:
    """Store the named fields of rows that are there, by their primary keys."""
    if not changed:
        return
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in names]
    pk, table = model._meta.pk, _quoted(model._meta.db_table)
    settings = ", ".join(f"{_quoted(f.column)} = fresh.{_quoted(f.column)}" for f in fields)
    _run(
        f"UPDATE {table} SET {settings} FROM json_populate_recordset(NULL::{table}, %s) fresh"
        f" WHERE {table}.{_quoted(pk.column)} = fresh.{_quoted(pk.column)}",
        [{f.column: f.pre_save(one, add=False) for f in (pk, *fields)} for one in changed],
    )


def _run(statement: str, said: list[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(said, default=_plain, separators=(",", ":"))])


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    raise TypeError(f"{type(value).__name__} is nothing that a row holds")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
