"""Many rows of one table in one statement. The rows travel as one JSON text, which PostgreSQL takes apart.

An insert of fifty rows by way of the ORM spends most of its time on naming each value by itself.
"""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
_PLAIN = {Field.pre_save}
"""What stores of a row what stands in it; other fields are asked."""
Said = dict[str, Any]
"""A row as its columns."""


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
    fields = _fields(model)
    if made[0].pk is None:
        fields = [one for one in fields if not one.primary_key]
    plain = [(_column(one), one.attname) for one in fields if type(one).pre_save in _PLAIN]
    other = [(_column(one), one) for one in fields if type(one).pre_save not in _PLAIN]
    said: list[Said] = []
    for row in made:
        has = row.__dict__
        said.append({column: has[name] for column, name in plain})
        said[-1] |= {column: one.pre_save(row, add=True) for column, one in other}
    put(model, said, conflict=conflict)
    for row in made:
        row._state.adding, row._state.db = False, connection.alias


def put(model: type[Model], said: Sequence[Said], *, conflict: str = "") -> None:
    """Store new rows given as their columns, all with the same ones."""
    if not said:
        return
    table, names = _quoted(model._meta.db_table), ", ".join(map(_quoted, said[0]))
    _run(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608
        + (f" ON CONFLICT {conflict}" if conflict else ""),
        said,
    )


def upsert(model: type[M], made: Sequence[M], *, unique: Collection[str], copied: Collection[str]) -> None:
    """Store rows in place of those that have the same `unique` fields."""
    insert(model, made, conflict=replacing(model, unique=unique, copied=copied))


def replacing(model: type[Model], *, unique: Collection[str], copied: Collection[str]) -> str:
    """What stands behind ON CONFLICT where rows take the place of those that have the same `unique` fields."""
    key = ", ".join(_quoted(_column(one)) for one in _fields(model, unique))
    columns = [_quoted(_column(one)) for one in _fields(model, copied)]
    changed = ", ".join(f"{column} = EXCLUDED.{column}" for column in columns)
    return f"({key}) DO UPDATE SET {changed}"


def update(model: type[M], changed: Sequence[M], names: Collection[str]) -> None:
    """Store the named fields of rows that are there, by their primary keys."""
    if not changed:
        return
    fields = _fields(model, names)
    (key,) = (one for one in _fields(model) if one.primary_key)
    change(model, [{_column(one): one.pre_save(row, add=False) for one in (key, *fields)} for row in changed])


def change(model: type[Model], said: Sequence[Said]) -> None:
    """Write columns of rows that are there: the primary key first, then what it is to say."""
    if not said:
        return
    table, (key, *columns) = _quoted(model._meta.db_table), map(_quoted, said[0])
    settings = ", ".join(f"{one} = fresh.{one}" for one in columns)
    _run(
        f"UPDATE {table} SET {settings} FROM json_populate_recordset(NULL::{table}, %s) fresh"  # noqa: S608
        f" WHERE {table}.{key} = fresh.{key}",
        said,
    )


def _fields(model: type[Model], names: Collection[str] = ()) -> "list[Field[Any, Any]]":
    """The stored fields, all of them or those of these names."""
    return [one for one in model._meta.concrete_fields if not names or one.name in names]


def _column(field: "Field[Any, Any]") -> str:
    return field.column or field.name


def _run(statement: str, said: Sequence[Said]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [orjson.dumps(said, _plain, orjson.OPT_NON_STR_KEYS).decode()])


def _plain(value: object) -> str | list[object]:
    if isinstance(value, tuple):  # one with names
        return list(value)
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    raise TypeError(f"{type(value).__name__} is nothing that a row holds")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
