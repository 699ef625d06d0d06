"""A credit's way: of a guarantee it is claimed, granted or declined, and paid, or it expires; of a strict
guarantee it is granted by itself. Each step is written down (P6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.reports.kpis import credits, periods
from mainstay.reports.measures import Measure
from mainstay.reports.models import Credit, CreditAct, Figure

S = Credit.State
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "claim": ((S.OPEN,), S.CLAIMED),
    "grant": ((S.OPEN, S.CLAIMED), S.GRANTED),
    "decline": ((S.CLAIMED,), S.DECLINED),
    "pay": ((S.GRANTED,), S.PAID),
}
"""Each step: from which states, to which."""
NEEDS_WHY = ("decline", "pay")
SYSTEM = Actor.system("closing of periods")


def issue(figure: Figure, measure: Measure, found: credits.Credit, *, at: datetime) -> Credit | None:
    """The credit of a frozen figure. An earlier version's credit is replaced; what was paid of it counts."""
    paid = _replace_earlier(figure, at)
    if found.nothing or (found.amount is not None and 0 < found.amount <= paid):
        return None
    strict = credits.by_itself(measure.definition)
    until = credits.claim_until(measure.definition, measure.period)
    made = Credit.objects.create(
        figure=figure, customer=measure.customer, percent=found.percent, days=found.days, currency=found.currency,
        amount=None if found.amount is None else found.amount - paid, claim_until=None if strict else until,
        state=S.GRANTED if strict else S.OPEN,
    )  # fmt: skip
    why = "a strict guarantee credits by itself" if strict else ""
    _write(made, "", made.state, by=SYSTEM, at=at, why=why)
    return made


def move(credit: Credit, step: str, *, by: Actor, at: datetime, why: str = "") -> Credit:
    """One step of MOVES. `why` is needed to decline, and says where it was paid (the invoice)."""
    if step not in MOVES:
        raise Refused("step", f"is {step[:20]!r}; it may be {', '.join(MOVES)}")
    if (step in NEEDS_WHY and not why.strip()) or len(why.strip()) > 1000:
        what = "say on which invoice it was paid" if step == "pay" else "say why"
        raise Refused("reason", f"is missing or too long; {what} in at most 1000 characters")
    with transaction.atomic():
        held = Credit.objects.select_for_update(of=("self",)).select_related("customer").get(pk=credit.pk)
        before, after = MOVES[step]
        if held.state not in before:
            raise Refused(
                "credit", _("is %(state)s; it cannot be moved that way") % {"state": held.get_state_display()}
            )
        if step == "claim" and _too_late(held, at):
            raise Refused(
                "credit",
                _("could be claimed until %(day)s; that day is over") % {"day": _day(held.claim_until)},
            )
        was, held.state = held.state, after
        held.save(update_fields=["state"])
        _write(held, was, after, by=by, at=at, why=why.strip())
        if by.kind == "staff":
            acts.record(
                f"credit {after}",
                f"{held.figure} of {held.customer}",
                by=by,
                at=at,
                after={"reason": why.strip()},
            )
    return held


def expire(at: datetime, most: int = 100) -> int:
    """Credits whose last day to claim is over are over too; returns how many."""
    soonest = at.date() + timedelta(days=1)  # some customer's day is over by then at the latest
    rows = Credit.objects.filter(state=S.OPEN, claim_until__lt=soonest).order_by("claim_until", "pk")
    done = 0
    for one in rows.select_related("customer")[:most]:
        with transaction.atomic():
            held = Credit.objects.select_for_update(of=("self",)).get(pk=one.pk)
            if held.state == S.OPEN and _too_late(held, at):
                held.state = S.EXPIRED
                held.save(update_fields=["state"])
                _write(
                    held,
                    S.OPEN,
                    S.EXPIRED,
                    by=SYSTEM,
                    at=at,
                    why=f"not claimed until {_day(held.claim_until)}",
                )
                done += 1
    return done


def may_claim(credit: Credit, at: datetime) -> bool:
    return credit.state == S.OPEN and not _too_late(credit, at)


def _too_late(credit: Credit, at: datetime) -> bool:
    """Whether the last day has ended where the customer is."""
    if credit.claim_until is None:
        return False
    zone = ZoneInfo(credit.customer.time_zone or "UTC")
    return at >= periods.midnight(credit.claim_until + timedelta(days=1), zone)


def _replace_earlier(figure: Figure, at: datetime) -> Decimal:
    """Credits of earlier versions go out of force; returns what was paid of them."""
    same = {
        "figure__contract": figure.contract_id,
        "figure__code": figure.code,
        "figure__first": figure.first,
    }
    paid = Decimal(0)
    for one in Credit.objects.select_for_update(of=("self",)).filter(
        **same, figure__version__lt=figure.version
    ):
        if one.state == S.PAID:
            paid += one.amount or Decimal(0)
        elif one.state != S.REPLACED:
            was, one.state = one.state, S.REPLACED
            one.save(update_fields=["state"])
            _write(one, was, S.REPLACED, by=SYSTEM, at=at, why=f"version {figure.version} of the figure")
    return paid


def _write(credit: Credit, before: str, after: str, *, by: Actor, at: datetime, why: str) -> None:
    CreditAct.objects.create(
        credit=credit,
        at=at,
        by_kind=by.kind,
        by_id=by.id,
        by_name=by.name[:200],
        before=before,
        after=after,
        why=why,
    )


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "no day"
