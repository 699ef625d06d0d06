"""Measures as desk and portal show them: the figure now, the periods before it, each with its working."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mainstay.catalogue.remembered import remembering
from mainstay.customers.models import Customer
from mainstay.reports import figures, measures, words, working
from mainstay.reports.kpis import judge, periods
from mainstay.reports.measures import Measure
from mainstay.reports.models import Figure
from mainstay.tickets.events import whole
from mainstay.ui.figure_chart import Point, draw

BEFORE = 6  # periods shown before the present one


@dataclass(frozen=True)
class Shown:
    """One period of a measure. `frozen` is the figure's newest version; None while it is reckoned anew each time."""

    measure: Measure
    period: str
    value: str
    state: str
    frozen: Figure | None
    over: bool
    document: dict[str, Any]

    @property
    def missed(self) -> bool:
        return self.state == "missed"

    @property
    def state_words(self) -> str:
        return words.state(self.state)

    @property
    def working(self) -> list[judge.Line]:
        return working.lines(self.document["working"])

    @property
    def credit_working(self) -> list[judge.Line]:
        return working.of_credit(self.document["credit"])

    @property
    def first(self) -> str:
        return self.measure.first.isoformat()


@dataclass(frozen=True)
class Series:
    """One measure through time, the newest period first."""

    name: str
    owed: str
    code: str
    contract: str
    chart: SafeString
    now: Shown | None
    before: tuple[Shown, ...]


def of_customer(customer: Customer, now: datetime, *, inside: bool = True) -> list[Series]:
    """Every measure in force or in force lately. What is ours alone (triage, dispatch) only `inside`."""
    with remembering():  # what all periods ask of systems and causes is asked once
        return _of_customer(customer, now, inside)


def _of_customer(customer: Customer, now: datetime, inside: bool) -> list[Series]:
    today = now.date()
    first = _months_before(today, BEFORE * 3)
    found: dict[tuple[str, int, str], list[Measure]] = {}
    for one in measures.of_customer(customer, first, today):
        if inside or one.definition.clock not in figures.OWN:
            found.setdefault((one.contract.number, one.contract.part, one.definition.code), []).append(one)
    frozen = frozen_of(customer)
    return [_series(line[-BEFORE - 1 :], frozen, now) for line in found.values()]


def frozen_of(customer: Customer) -> dict[tuple[int, str, date, date], Figure]:
    """The newest version of each frozen figure."""
    rows = Figure.objects.filter(customer=customer).order_by("version")
    return {(one.contract_id, one.code, one.first, one.end): one for one in rows}


def shown(one: Measure, frozen: Figure | None, at: datetime) -> Shown:
    """A period as it was frozen, else as it is reckoned of whatever is recorded by now."""
    over = one.ends <= at
    if frozen is not None:
        document = figures.read(frozen.text)
    else:
        made = figures.of(one, known_at=at, ends=None if over else whole(at))
        document = figures.capped([made])[0][0].document()
    figure = document["figure"]
    named = words.period(one.period, one.first, one.end)
    return Shown(one, named, working.said(figure["shown"]), figure["state"], frozen, over, document)


def _series(
    line: Sequence[Measure], frozen: dict[tuple[int, str, date, date], Figure], at: datetime
) -> Series:
    told = [
        shown(one, frozen.get((one.contract.pk, one.definition.code, one.first, one.end)), at) for one in line
    ]
    newest, definition = told[-1], line[-1].definition
    drawn = draw(
        [_point(one) for one in told], float(definition.owed), words.limit(definition), words.name(definition)
    )
    now = None if newest.over else newest
    before = told if now is None else told[:-1]
    contract = line[-1].contract
    number = (
        _("%(number)s, part %(part)s") % {"number": contract.number, "part": contract.part}
        if contract.part > 1
        else contract.number
    )
    owed = words.owed(definition)
    return Series(words.name(definition), owed, definition.code, number, drawn, now, tuple(reversed(before)))


def exact(one: Shown) -> Fraction | None:
    """The figure itself; None where there is none."""
    said = one.document["figure"]["exact"]
    return None if said is None else Fraction(said)


def _point(one: Shown) -> Point:
    value = exact(one)
    brief = one.value.removesuffix(" %") if value is not None else words.state(one.state)
    label = words.brief(one.measure.period)
    return Point(label=label, value=None if value is None else float(value), shown=brief, state=one.state)


def _months_before(day: date, months: int) -> date:
    found = periods.containing(day, "month")
    for _month in range(months):
        found = periods.before(found)
    return found.first
