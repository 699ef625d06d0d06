"""Many rows at once: copied in, and over what is there. The rows are those that the verbs would write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

Fields = Sequence["models.Field[Any, Any]"]


def reserve(model: type[models.Model], many: int) -> list[int]:
    """Ids nobody else gets, from the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval(s)) FROM pg_get_serial_sequence(%s, 'id') s, generate_series(1, %s)",
            [model._meta.db_table, many],
        )
        found: list[int] = cursor.fetchone()[0]
    return found


def insert(model: type[models.Model], rows: Sequence[models.Model], *, over: Sequence[str] = ()) -> None:
    """Insert the rows; with `over`, the columns of a unique constraint, those that are there are replaced."""
    table, fields = model._meta.db_table, model._meta.concrete_fields
    given = [field for field in fields if not (over and field.primary_key)]
    replaced = ", ".join(
        f'"{one.column}" = EXCLUDED."{one.column}"' for one in given if one.column not in over
    )
    clash = f" ON CONFLICT ({', '.join(over)}) DO UPDATE SET {replaced}" if over else ""
    room = f"bulk_{'over' if over else 'new'}_{table}"
    _copy(room, table, given, rows)
    with connection.cursor() as cursor:
        names = _names(given)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {room}{clash}")  # noqa: S608
        cursor.execute(f"TRUNCATE {room}")


def update(model: type[models.Model], rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write these fields of rows that are there, by their id."""
    table = model._meta.db_table
    chosen = [field for field in model._meta.concrete_fields if field.name in columns]
    sets = ", ".join(f'"{one.column}" = b."{one.column}"' for one in chosen)
    room = f"bulk_set_{table}"
    _copy(room, table, [field for field in model._meta.concrete_fields if field.primary_key] + chosen, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} t SET {sets} FROM {room} b WHERE t.id = b.id")  # noqa: S608
        cursor.execute(f"TRUNCATE {room}")


def _copy(room: str, table: str, fields: Fields, rows: Sequence[models.Model]) -> None:
    """COPY into a table of this transaction's: COPY itself is not for tables with row security."""
    names = _names(fields)
    with connection.cursor() as cursor:
        like = f"SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {room} ON COMMIT DELETE ROWS AS {like}")
        plain = [(field.attname, isinstance(field, models.JSONField)) for field in fields]
        with cursor.cursor.copy(f"COPY {room} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(
                    [_json(getattr(row, name)) if as_json else getattr(row, name) for name, as_json in plain]
                )


def _names(fields: Fields) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _json(value: Any) -> str:
    return json.dumps(value) if value else "[]" if isinstance(value, list) else "{}"
