"""Statements that are composed once and asked many times, for the pages and mails that come in thousands.

To compose a statement takes Django longer than PostgreSQL needs to answer it, and PostgreSQL plans a join anew each
time it reads one. A `Prepared` composes its queryset at its first use and keeps the text; each connection keeps the
plan, as a prepared statement of PostgreSQL does. What changes from one asking to the next are its `Arg`s:

    NEWEST = Prepared(lambda: Event.objects.filter(ticket=Arg("ticket")).order_by("-seq")[:200])
    NEWEST.all(ticket=5)

The rows are what the queryset would give: models with what they join, values, annotations. Everything else that
stands in the queryset becomes part of the text, the time of day too: an instant is an `Arg`.

A page that knows what its parts will ask for sends all of it in one go, with `ahead`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

import psycopg
from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, Expression, Field, Lookup, QuerySet, TextField
from django.db.models.query import prefetch_related_objects
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql
from psycopg.types.numeric import Int8

GREATEST = 2**63 - 1  # that a column holds
MOST = 500  # plans that a connection keeps; the product asks fewer
PLACES = re.compile("%s|%%")
NAMES = re.compile(r"%\((\w+)\)s")

Row = TypeVar("Row")


class Arg(Expression):
    """A value that is given by its name when the statement is asked: a number, or what the field `of` holds."""

    def __init__(self, name: str, of: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=of or BigIntegerField())
        self.name = name

    @classmethod
    def instant(cls, name: str) -> Arg:
        """A point in time (aware)."""
        return cls(name, DateTimeField())

    @classmethod
    def text(cls, name: str) -> Arg:
        """A word."""
        return cls(name, TextField())

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Its place in the statement, with its type: PostgreSQL is told, so that it need not guess."""
        return f"%s::{self.output_field.db_type(connection)}", (self,)


@Field.register_lookup
class AnyOf(Lookup):
    """`field__any=Arg(...)`: one of a list, however long; `IN` would be another statement for each length.

    Of what a foreign key leads to: `ticket__pk__any`.
    """

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """`column = ANY(list)`."""
        left, before = self.process_lhs(compiler, connection)
        right, after = compiler.compile(self.rhs)
        return f"{left} = ANY({right}[])", (*before, *after)


class Written:
    """A statement written out, with `%(name)s` for each value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = tuple(dict.fromkeys(NAMES.findall(text)))

    def all(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows for these values. Raises `KeyError` where one is missing; those it does not know mean nothing."""
        typed = self.typed(values)
        if (answers := _ANSWERS.get()) is not None and (
            there := answers.pop(_place(self, typed), None)
        ) is not None:
            return there
        with _cursor() as cursor:
            cursor.execute(self.text, typed)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Of some values those that it asks with. Raises `KeyError` where one is missing."""
        return {name: _typed(values[name]) for name in self.names}


class Prepared(Generic[Row]):
    """A statement out of the queryset that `compose` gives; the rows it answers with are as that queryset's."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Row]]) -> None:
        self.compose = compose

    def all(self, **values: Any) -> list[Row]:
        """The rows for these values, one for each `Arg` by its name. Raises `KeyError` where one is missing."""
        queryset, compiler, statement, converters = self._composed
        found = statement.all(**values)
        if not found:
            return []
        rows: Any = list(queryset._iterable_class(_Answered(queryset, compiler, found, converters)))
        if queryset._prefetch_related_lookups:
            prefetch_related_objects(rows, *queryset._prefetch_related_lookups)
        return rows  # type: ignore[no-any-return]

    def first(self, **values: Any) -> Row | None:
        """The first of them, if there is one."""
        return next(iter(self.all(**values)), None)

    @property
    def statement(self) -> Written:
        """What it asks."""
        return self._composed[2]

    @cached_property
    def _composed(self) -> tuple[Any, Any, Written, Any]:
        """The queryset, its compiler, the statement, and what makes Python's values of PostgreSQL's."""
        queryset: Any = self.compose()
        compiler, text = _compiled(queryset)
        columns = [one[0] for one in compiler.select[: compiler.col_count]]
        return queryset, compiler, Written(text), compiler.get_converters(columns)


Answers = dict[Any, list[tuple[Any, ...]]]
_ANSWERS: ContextVar[Answers | None] = ContextVar("answers", default=None)


@contextmanager
def ahead(asked: Sequence[Prepared[Any] | Written], **values: Any) -> Iterator[Answers]:
    """Ask what the block is going to ask, in one go instead of one after the other; each answer is taken once.

    Each statement takes its own of the values. One that the block asks with others is asked then, as ever. Gives the
    answers that nobody has taken yet. What is written within the block is not seen in them.
    """
    answers = {} if connection.queries_logged else _together([_written_of(one) for one in asked], values)
    token = _ANSWERS.set(answers)
    try:
        yield answers
    finally:
        _ANSWERS.reset(token)


def _together(asked: Sequence[Written], values: Mapping[str, Any]) -> Answers:
    """The answers of statements that are sent one behind the other (psycopg's pipeline)."""
    sent = []
    with _cursor() as first, connection.wrap_database_errors, first.connection.pipeline():
        for one in asked:
            typed = one.typed(values)
            cursor = _Keeping(first.connection)
            cursor.execute(one.text, typed)
            sent.append((_place(one, typed), cursor))
    return {place: cursor.fetchall() for place, cursor in sent}


def _place(asked: Written, typed: Mapping[str, Any]) -> Any:
    return asked, tuple(tuple(one) if isinstance(one, list) else one for one in typed.values())


def _written_of(one: Prepared[Any] | Written) -> Written:
    return one.statement if isinstance(one, Prepared) else one


def text_of(queryset: QuerySet[Any, Any]) -> str:
    """What a queryset asks, as a part of a `Written`: `%(name)s` stands for each `Arg`, all else is written out."""
    return _compiled(queryset)[1]


def _compiled(queryset: Any) -> tuple[Any, str]:
    compiler = queryset.query.get_compiler(using=queryset.db)
    text, params = compiler.as_sql()
    left = iter(params)
    return compiler, PLACES.sub(lambda place: _written(next(left)) if place[0] == "%s" else "%%", text)


class _Answered:
    """Stands for a queryset, and for its query, whose answer is here: Django's iterables make rows of it."""

    def __init__(self, queryset: Any, compiler: Any, found: list[Any], converters: Any) -> None:
        self._queryset, self._query, self._compiler = queryset, queryset.query, copy(compiler)
        self._compiler.connection = connection
        self._compiler.execute_sql = lambda *_, **__: [found]
        self._compiler.get_converters = lambda *_: converters

    @property
    def query(self) -> _Answered:
        return self

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        known = self.__dict__
        return getattr(known["_query"] if hasattr(known["_query"], name) else known["_queryset"], name)


class _Keeping(psycopg.Cursor[Any]):
    """A cursor whose values the server binds, so that it can keep plans; Django's own writes them into the text."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        """As psycopg does; where statements are logged, with the values in it."""
        done = super().execute(query, params, **how)
        if connection.queries_logged:
            said = psycopg.ClientCursor(self.connection).mogrify(query, params)
            self._query = SimpleNamespace(query=said.encode())  # type: ignore[assignment]
        return done


def _cursor() -> Any:
    """Django's cursor around one of ours, so that statements are counted and errors translated as all others."""
    wrapped = connection.cursor()
    held = connection.connection
    if held.prepare_threshold is None:  # as Django leaves it: its own cursors keep no plans in any case
        held.prepare_threshold, held.prepared_max = 0, MOST
    wrapped.cursor = _Keeping(held)
    return wrapped


def _written(value: Any) -> str:
    if isinstance(value, Arg):
        return f"%({value.name})s"
    return sql.Literal(value).as_string(connection.connection).replace("%", "%%")


def _typed(value: Any) -> Any:
    """A number with one type whatever its size: a plan is kept for each choice of types. An address may name any
    number: beyond what a column holds it is the end of that range, where no row is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Int8(max(-GREATEST, min(value, GREATEST)))
    if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
        return value
    return [_typed(one) for one in value]
