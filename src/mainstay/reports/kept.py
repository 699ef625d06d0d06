"""How many promises frozen figures counted: out of their documents, in the database, whole documents left there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, JSONField, OuterRef, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from mainstay.reports import words
from mainstay.reports.kpis import rows
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
