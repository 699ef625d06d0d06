"""Closed periods are frozen: figure, inputs and working under one hash, made once and again the same (P6, M5).

The worker looks every ten minutes for periods that have ended (config.schedule). Frozen is what ended since the
contract was recorded here; earlier periods are shown as they are reckoned, and a manager may freeze them.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer
from mainstay.errors import Refused
from mainstay.reports import claims, figures, measures
from mainstay.reports.figures import Made
from mainstay.reports.measures import Measure
from mainstay.reports.models import Figure
from mainstay.tickets import scope
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.figures")
SETTLES = timedelta(hours=1)  # after its end: mail that came before it has been taken in by then
LOOKS_BACK = timedelta(days=800)  # a year and what is late of it
CORRECTS = (Role.MANAGER,)  # an administrator holds this role too


@dataclass(frozen=True)
class Again:
    """A frozen figure made again: the same bytes or not."""

    same: bool
    made: str  # the text, made again
    hash: str


def main(argv: list[str]) -> int:
    """`mainstay figures`: freeze what is due now, as the worker does by itself; prints how many figures."""
    argparse.ArgumentParser(prog="mainstay figures", description=main.__doc__).parse_args(argv)
    scope.whole_process()
    print(f"{look(now())} figures frozen")
    return 0


def look(at: datetime) -> int:
    """Freeze what has ended and let unclaimed credits expire; one customer that fails does not stop the others."""
    done = 0
    for customer in _with_contracts():
        try:
            done += len(close(customer, at=at))
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("%s: figures could not be frozen", customer.code)
    claims.expire(at)
    return done


def _with_contracts() -> list[Customer]:
    held = Contract.objects.values("customer")
    return list(Customer.objects.filter(pk__in=held).order_by("pk"))


def close(customer: Customer, *, at: datetime) -> list[Figure]:
    """Freeze what of this customer has ended, settled, and is not frozen; nothing is frozen twice."""
    last = at.date() + timedelta(days=1)
    found = [
        one
        for one in measures.of_customer(customer, last - LOOKS_BACK, last)
        if one.ends + SETTLES <= at and one.ends > one.contract.created_at
    ]
    return freeze(found, at=at)


def freeze(found: Sequence[Measure], *, at: datetime, by: Actor | None = None) -> list[Figure]:
    """Freeze measures whose days are over. Those already frozen are left as they are."""
    over = [one for one in found if one.ends <= at]
    there = _frozen(over)
    open_ = [one for one in over if (one.contract.pk, one.definition.code, one.first, one.end) not in there]
    if not open_:
        return []
    known_at, made = at, []
    with transaction.atomic():
        for one, together in figures.capped([figures.of(one, known_at=known_at) for one in open_]):
            try:
                with transaction.atomic():
                    made.append(_store(one, together, 1, by=by, reason=""))
            except IntegrityError:  # another process froze it meanwhile
                continue
    return made


def _frozen(found: Sequence[Measure]) -> set[tuple[int, str, date, date]]:
    """Which measures of these customers are frozen."""
    rows = Figure.objects.filter(customer__in={one.customer.pk for one in found})
    return set(rows.values_list("contract", "code", "first", "end"))


def correct(figure: Figure, *, reason: str, by: User, at: datetime) -> Figure:
    """Another version of a frozen figure, made of what is known now. Says why, and who approves it."""
    if not by.has_role(*CORRECTS):
        raise Refused("correction", "is a support manager's to approve")
    reason = reason.strip()
    if not reason or len(reason) > 1000:
        raise Refused("reason", "must say why the figure is corrected, in 1 to 1000 characters")
    one = measure_of(figure)
    if one is None:
        raise Refused("figure", "belongs to a measure that no contract has any more")
    with transaction.atomic():
        newest = Figure.objects.filter(
            contract=figure.contract, code=figure.code, first=figure.first, end=figure.end
        )
        last = newest.order_by("-version").first()
        if last is None or last.pk != figure.pk:
            raise Refused("figure", "is not the newest version; correct that one")
        made, together = _among_its_like(one, at)
        if _same_result(last, made):
            raise Refused("figure", "comes out the same now; there is nothing to correct")
        try:
            with transaction.atomic():
                stored = _store(made, together, last.version + 1, by=Actor.staff(by), reason=reason)
        except IntegrityError:
            raise Refused("figure", "was corrected by somebody else meanwhile; look at it again") from None
        acts.record(
            "figure corrected", f"{figure.code} of {figure.period}, {figure.customer}", by=Actor.staff(by), at=at,
            before={"figure": last.value or "no data"}, after={"figure": stored.value or "no data", "reason": reason},
        )  # fmt: skip
    return stored


def again(figure: Figure) -> Again:
    """Make a frozen figure again out of the log, as known when it was frozen."""
    one = measure_of(figure)
    if one is None:
        return Again(False, "", "")
    made, together = _among_its_like(one, figure.known_at)
    text = figures.text_of(made.document(together))
    return Again(text == figure.text, text, figures.hash_of(text))


def _among_its_like(one: Measure, known_at: datetime) -> tuple[Made, tuple[tuple[str, str], ...]]:
    """A measure's figure with its credit under the cap of all measures of its contract and days."""
    alike = _siblings(one)
    found = figures.capped([figures.of(measure, known_at=known_at) for measure in alike])
    return next(pair for pair in found if pair[0].measure.definition.code == one.definition.code)


def latest(one: Measure) -> Figure | None:
    """The newest version of a measure's frozen figure."""
    rows = Figure.objects.filter(
        customer=one.customer, contract=one.contract, code=one.definition.code, first=one.first, end=one.end
    )
    return rows.order_by("-version").first()


def measure_of(figure: Figure) -> Measure | None:
    """The measure that a figure was frozen of."""
    return measures.find(figure.customer, figure.contract_id, figure.code, figure.period, figure.first)


def _siblings(one: Measure) -> list[Measure]:
    """All measures of the same contract line and days: their credits stand under one cap."""
    line = (one.contract.number, one.contract.part)
    return [
        other
        for other in measures.of_customer(one.customer, one.first, one.end)
        if (other.contract.number, other.contract.part) == line
        and (other.first, other.end) == (one.first, one.end)
    ]


def _same_result(last: Figure, made: Made) -> bool:
    was, now_ = figures.read(last.text), made.document()
    return all(was[part] == now_[part] for part in ("inputs", "figure", "working"))


def _store(
    one: Made, together: Sequence[tuple[str, str]], version: int, *, by: Actor | None, reason: str
) -> Figure:
    measure, text = one.measure, figures.text_of(one.document(together))
    figure = Figure.objects.create(
        customer=measure.customer, contract=measure.contract, code=measure.definition.code, per=measure.period.per,
        period=measure.period.key, first=measure.first, end=measure.end, version=version, state=one.verdict.state,
        value=one.shown if one.verdict.value is not None else "", text=text, hash=figures.hash_of(text),
        known_at=one.known_at, frozen_by_id=by.id if by else None, reason=reason,
    )  # fmt: skip
    claims.issue(figure, measure, one.credit, at=one.known_at)
    return figure
