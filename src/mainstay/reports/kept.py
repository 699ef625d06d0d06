"""How many promises frozen figures counted: out of their documents, in the database, whole documents left there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, JSONField, OuterRef, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from mainstay.reports import words
from mainstay.reports.kpis import periods, rows
from mainstay.reports.kpis.rows import Definition
from mainstay.reports.models import Figure


class Kept(NamedTuple):
    """One frozen period of a measure that counts promises."""

    customer: int
    code: str
    end: date  # the first day after it
    state: str
    value: str
    measure: dict[str, Any]
    kept: int
    missed: int

    @property
    def name(self) -> str:
        return words.name(rows.read(self.measure))

    @property
    def owed(self) -> str:
        return words.owed(rows.read(self.measure))


def of(figures: QuerySet[Figure], most: int) -> Iterator[Kept]:
    """Of these figures those that count promises, as they stand after corrections: by customer and code, the newest
    period first. One statement."""
    later = Figure.objects.filter(
        contract=OuterRef("contract"), code=OuterRef("code"), first=OuterRef("first"), end=OuterRef("end"),
        version__gt=OuterRef("version"),
    )  # fmt: skip
    document = Cast("text", JSONField())
    inputs = KeyTransform("inputs", document)
    said = figures.exclude(Exists(later)).annotate(
        said=KeyTransform("measure", document),
        kept=KeyTransform("kept", inputs),
        lost=KeyTransform("missed", inputs),
    )
    columns = ("customer", "code", "end", "state", "value", "said", "kept", "lost")
    for row in said.order_by("customer", "code", "-end", "-pk").values_list(*columns)[:most]:
        found = Kept(*row)
        if found.kept is not None:  # uptime and the like count no promise
            yield found


class Title(NamedTuple):
    """What a frozen figure is called: "Uptime", "November 2026"."""

    name: str
    period: str

    def __str__(self) -> str:
        return f"{self.name}, {self.period}"


def titles(figures: Iterable[int]) -> dict[int, Title]:
    """What frozen figures are called, by their ids. One statement."""
    wanted = set(figures)
    if not wanted:
        return {}
    said = Figure.objects.filter(pk__in=wanted).annotate(
        said=KeyTransform("measure", Cast("text", JSONField()))
    )
    return {
        pk: _title(rows.read(row), key)
        if row
        else Title(code, key)  # a document that does not say its measure
        for pk, row, code, key in said.values_list("pk", "said", "code", "period")
    }


def _title(one: Definition, key: str) -> Title:
    return Title(words.name(one), words.period(periods.named(key, one.per, one.year_starts)))
