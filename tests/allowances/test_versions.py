"""Allowances through amendments and renewals: the number stays, each period says what held on its first day (P5)."""

from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from cast import NOW, Cast, acting
from mainstay.allowances import agreements, draws, names, statement
from mainstay.allowances.periods import Period
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import Beside, sign_contract


def hours(n: int) -> dict[str, Any]:
    return {"included_hours": {"hours": n, "per": "month", "carry_over_months": 1}}


def next_version(of: Contract, how: str, first: date, end: date, overrides: dict[str, Any]) -> Contract:
    """A version as amending and renewing write it: the one before ends the day it begins."""
    if of.period.upper > first:
        of.period = DateRange(of.period.lower, first)
        of.save(update_fields=["period"])
    return Contract.objects.create(
        customer=of.customer, number=of.number, version=of.version + 1, how=how, supersedes=of, package=of.package,
        desk_policy=of.desk_policy, period=DateRange(first, end), overrides=overrides,
    )  # fmt: skip


def test_names_and_hours_go_on_through_an_amendment_and_a_renewal(cast: Cast) -> None:
    first = sign_contract(
        customer=cast.quill, number="QS-1", package=cast.fernleigh.contracts.get().package,
        first_day=date(2026, 1, 15), last_day=date(2027, 1, 14), by=acting(cast.lena), at=NOW,
        beside=Beside(overrides=hours(10)),
    )  # fmt: skip
    names.name_contact(cast.jonah, number="QS-1", by=acting(cast.lena), at=NOW)
    amended = next_version(
        first, "amended", date(2026, 6, 1), date(2027, 1, 15), {**hours(20), "contacts": 9}
    )
    next_version(amended, "renewed", date(2027, 1, 15), date(2028, 1, 15), hours(5))

    held = agreements.of_number(cast.quill, "QS-1")
    assert held.terms() == [
        Period(date(2026, 1, 15), date(2027, 1, 15)), Period(date(2027, 1, 15), date(2028, 1, 15)),
    ]  # fmt: skip
    granted = {one.period.first.isoformat(): one.minutes // 60 for one in held.grants(date(2027, 2, 20))}
    assert (granted["2026-05-15"], granted["2026-06-15"], granted["2027-01-15"]) == (10, 20, 5)
    assert len(granted) == 14
    # the period in which the amendment began keeps what held on its first day, and reaches over it
    (may,) = [one for one in held.grants(date(2026, 5, 20)) if one.period.first == date(2026, 5, 15)]
    assert (may.period.end, may.expires) == (date(2026, 6, 15), date(2026, 7, 15))
    assert [one.contact for one in names.named(cast.quill, "QS-1")] == [cast.jonah]
    limits = [held.limits_on(day).people for day in (date(2026, 3, 1), date(2026, 7, 1))]
    assert [one.most for one in limits if one] == [5, 9]
    assert held.limits_on(date(2029, 1, 1)).hours is None


def test_an_amendment_brings_hours_in_the_midst_of_a_term(cast: Cast) -> None:
    first = sign_contract(
        customer=cast.quill, number="QS-1", package=cast.fernleigh.contracts.get().package,
        first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), by=acting(cast.lena), at=NOW,
    )  # fmt: skip
    next_version(first, "amended", date(2026, 6, 1), date(2027, 1, 1), hours(5))
    held = agreements.of_number(cast.quill, "QS-1")
    granted = [(one.period.first, one.minutes) for one in held.grants(date(2026, 7, 20))]
    assert granted == [(date(2026, 6, 1), 300), (date(2026, 7, 1), 300)]


def test_hours_that_begin_with_the_next_period_are_announced_and_not_used_up(cast: Cast) -> None:
    first = sign_contract(
        customer=cast.quill, number="QS-1", package=cast.fernleigh.contracts.get().package,
        first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), by=acting(cast.lena), at=NOW,
    )  # fmt: skip
    next_version(first, "amended", date(2026, 2, 15), date(2027, 1, 1), hours(10))
    held, day = agreements.of_number(cast.quill, "QS-1"), date(2026, 2, 20)
    coming = held.coming(day)
    assert coming is not None
    assert (coming.period.first, coming.minutes) == (date(2026, 3, 1), 600)
    told = statement.of(held, day)
    assert (told.hours_left, told.used_up, statement.used_up(held, day)) == (None, (), ())
    (said,) = [one for one in (draws._hours(held, day),) if one.beyond]
    assert said.text == "The included hours of contract QS-1 have not begun. From 1 March 2026: 10 h."
    april = held.coming(date(2026, 3, 1))
    assert april is not None
    assert april.period.first == date(2026, 4, 1)
    assert held.coming(date(2026, 12, 1)) is None
    assert held.coming(date(2025, 12, 1)) == held.coming(day)
