"""The present period of customers at a glance: each agreed KPI so far beside what was agreed, the worst first (P6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from mainstay.customers.models import Customer
from mainstay.reports import figures, measures, words
from mainstay.reports.kpis.rows import Definition
from mainstay.reports.measures import Measure
from mainstay.ui.figures import Shown, exact, shown
from mainstay.ui.svg import el, num

WIDTH, HEIGHT, TICK = 160, 22, 7


@dataclass(frozen=True)
class Now:
    """A KPI in its present period. `margin`: how far from what was agreed, -1 to 1, below 0 worse; None: no data."""

    name: str
    owed: str
    told: Shown
    margin: Fraction | None
    ruler: SafeString


@dataclass(frozen=True)
class Glance:
    """A customer with the KPIs that run now, the worst first."""

    customer: Customer
    kpis: tuple[Now, ...]


def of_customers(customers: Sequence[Customer], now: datetime) -> list[Glance]:
    """The worst first. Every figure is reckoned from the log, so ask only for those that are shown."""
    found = [_of(one, now) for one in customers]
    return sorted(found, key=lambda one: (*(_order(one.kpis[0]) if one.kpis else (2, 0)), one.customer.name))


def _of(customer: Customer, at: datetime) -> Glance:
    today = at.astimezone(ZoneInfo(customer.time_zone or "UTC")).date()
    found = [
        _now(one, at)
        for one in measures.of_customer(customer, today, today + timedelta(days=1))
        if one.definition.clock not in figures.OWN and one.begins <= at < one.ends
    ]
    return Glance(customer, tuple(sorted(found, key=_order)))


def _now(one: Measure, at: datetime) -> Now:
    told = shown(one, None, at)
    away = margin(one.definition, exact(told))
    return Now(words.name(one.definition), words.owed(one.definition), told, away, ruler(away, told))


def _order(one: Now) -> tuple[int, Fraction | int]:
    """By how far it is from what was agreed, the worst first; what has no data at the end."""
    return (0, one.margin) if one.margin is not None else (1, 0)


def margin(definition: Definition, value: Fraction | None) -> Fraction | None:
    """How far a figure is from what was agreed, as a share of the room there is: what a percentage leaves to 100,
    else the figure agreed itself. -1 to 1; below 0 it is worse."""
    if value is None:
        return None
    owed = Fraction(definition.owed)
    room = 100 - owed if definition.more_is_better else owed
    away = value - owed if definition.more_is_better else owed - value
    if room == 0:
        return Fraction((away > 0) - (away < 0))
    return max(Fraction(-1), min(Fraction(1), away / room))


def ruler(away: Fraction | None, told: Shown) -> SafeString:
    """What was agreed is the upright in the middle; a stem goes from there to what was reached, worse to the left."""
    middle, y = WIDTH / 2, HEIGHT / 2
    parts = [el("path", cls="lim", d=f"M{num(middle)} 0V{HEIGHT}")]
    if away is not None:
        x = middle + float(away) * (middle - 4)
        stem = f"M{num(middle)} {num(y)}H{num(x)}M{num(x)} {num(y - TICK)}V{num(y + TICK)}"
        parts.append(el("path", cls="stm" if told.missed else "stk", d=stem))
    return el("svg", parts, width=WIDTH, height=HEIGHT, viewBox=f"0 0 {WIDTH} {HEIGHT}", aria_hidden="true")
