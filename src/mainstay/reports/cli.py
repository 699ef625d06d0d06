"""`mainstay kpi CUSTOMER --period 2026-Q1 [--json]`: what was agreed, what was reached, and the working."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from django.utils import timezone

from mainstay.customers.models import Customer
from mainstay.errors import Refused
from mainstay.reports import closing, figures, measures
from mainstay.reports.kpis import periods
from mainstay.reports.measures import Measure
from mainstay.tickets import scope
from mainstay.tickets.events import whole

DIFFERS = "NOT THE SAME: the log or what is recorded has changed since"


def main(argv: list[str]) -> int:
    """Prints each figure of a customer in a period; frozen ones as they were frozen. Exit status 1 when `--check`
    finds that a frozen figure does not come out the same again."""
    parser = argparse.ArgumentParser(prog="mainstay kpi", description=__doc__)
    parser.add_argument("customer", help="the customer's code: ACME")
    parser.add_argument("--period", required=True, help="2026-03, 2026-Q1 or 2026")
    parser.add_argument("--json", action="store_true", help="one line of canonical JSON for each figure")
    parser.add_argument(
        "--check", action="store_true", help="make frozen figures again and compare their bytes"
    )
    chosen = parser.parse_args(argv)
    scope.whole_process()
    found = asked(customer_of(chosen.customer), chosen.period)
    at, wrong = whole(timezone.now()), 0
    if not found:
        raise Refused(
            "period", f"{chosen.period} has no measure of {chosen.customer}; no contract says one then"
        )
    for one in found:
        text, frozen = shown(one, at)
        print(text if chosen.json else told(one, figures.read(text), frozen))
        if chosen.check and frozen:
            figure = closing.latest(one)
            same = figure is not None and closing.again(figure).same
            wrong += not same
            if not chosen.json:
                print(f"  Made again     {'the same bytes' if same else DIFFERS}")
    return 1 if wrong else 0


def customer_of(code: str) -> Customer:
    found = Customer.objects.filter(code__iexact=code.replace("\x00", "")).first()
    if found is None:
        raise Refused("customer", f"{code[:40]!r} is not known; give its code, such as ACME")
    return found


def asked(customer: Customer, key: str) -> list[Measure]:
    """The measures of a period, and of the shorter periods within it."""
    kind = periods.kind_of(key)
    span = periods.named(key, kind)
    found = []
    for one in measures.of_customer(customer, span.first, periods.named(key, kind, "12-28").end):
        mine = periods.named(key, kind, one.definition.year_starts)
        if mine.first <= one.period.first and one.period.end <= mine.end:
            found.append(one)
    return found


def shown(one: Measure, at: datetime) -> tuple[str, bool]:
    """The document as canonical text, and whether it is frozen."""
    figure = closing.latest(one)
    if figure is not None:
        return figure.text, True
    made = figures.of(one, known_at=at, ends=at if at < one.ends else None)
    return figures.text_of(figures.capped([made])[0][0].document()), False


def told(one: Measure, document: dict[str, Any], frozen: bool) -> str:
    """A figure for a terminal."""
    period, figure, credit = document["period"], document["figure"], document["credit"]
    lines = [
        f"{one.contract.number}  {one.definition.code}  {period['key']} ({period['first']} to {period['last']},"
        f" {period['zone']})  {figure['shown']}  {figure['state'].replace('_', ' ')}"
    ]
    lines += [
        f"  {what:<14} {text}"
        for what, text in [*document["working"], *credit["working"], *credit["together"]]
    ]
    hashed = figures.hash_of(figures.text_of(document))
    lines.append(f"  {'Frozen' if frozen else 'Not frozen'}     {hashed}")
    return "\n".join(lines)
