"""Periods, judging and credits: worked examples, and the laws that hold for all (P6)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import Refused
from mainstay.policy.compile import compose, named_kpis
from mainstay.reports.kpis import credits, judge, periods, rows
from mainstay.reports.kpis.credits import Credit, Fee
from mainstay.reports.kpis.judge import Measured, Verdict
from mainstay.reports.kpis.rows import Definition

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
PER = st.sampled_from(["month", "quarter", "year"])
STARTS = st.builds("{:02}-{:02}".format, st.integers(1, 12), st.integers(1, 28))
NINE = [
    {"below": "99.9", "percent": "5"},
    {"below": "99.5", "percent": "10"},
    {"below": "99.0", "percent": "25"},
]
FEE = Fee(Decimal("46000.00"), "AUD", 31)


def row(**more: Any) -> dict[str, Any]:
    """An uptime of 99.9 % a month, guaranteed, with three bands; `more` says otherwise."""
    credited = {"bands": NINE, "cap_percent": "15", "claim_within": "30d"}
    return {
        "kpi": "uptime",
        "strength": "guarantee",
        "per": "month",
        "percent": "99.9",
        "credits": credited,
        **more,
    }


def judged(one: Definition, value: Any) -> Verdict:
    return judge.judge(one, Measured(None if value is None else Fraction(value), 50, ()))


# ---- periods


@given(DAYS, PER, STARTS)
def test_a_day_lies_in_its_period_and_the_key_leads_back_to_it(day: date, per: str, starts: str) -> None:
    found = periods.containing(day, per, starts)
    assert found.first <= day < found.end
    assert periods.named(found.key, per, starts) == found
    assert periods.before(found, starts).end == found.first


@given(DAYS, st.integers(1, 900), PER, STARTS)
def test_periods_follow_without_gap_or_overlap(first: date, days: int, per: str, starts: str) -> None:
    found = periods.overlapping(first, first + timedelta(days=days), per, starts)
    assert found[0].first <= first
    assert found[-1].end >= first + timedelta(days=days)
    assert all(one.end == two.first for one, two in pairwise(found))


def test_a_fiscal_quarter_is_numbered_within_the_year_that_begins_in_april() -> None:
    assert periods.named("2026-Q1", "quarter", "04-01").first == date(2026, 4, 1)
    assert periods.containing(date(2026, 3, 31), "quarter", "04-01").key == "2025-Q4"


def test_a_month_is_bounded_by_the_customers_midnights() -> None:
    march = periods.named("2026-03", "month")
    begins, ends = march.bounds(ZoneInfo("Australia/Sydney"))
    assert begins == datetime(2026, 2, 28, 13, tzinfo=UTC)
    assert ends == datetime(2026, 3, 31, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "key", ["", "2026", "2026-13", "2026-Q5", "2026-3", "20260-1", "²026-01", "2026-00", "1200-01"]
)
def test_what_is_no_month_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="period"):
        periods.named(key, "month")


@pytest.mark.parametrize("starts", ["4-1", "13-01", "02-30", "00-01", "01-29", 7])
def test_a_year_begins_on_a_day_that_every_month_has(starts: Any) -> None:
    with pytest.raises(Refused, match="year_starts"):
        periods.check_starts(starts)


# ---- rows


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kpi": "speed"}, "kpi"), ({"strength": "hope"}, "strength"), ({"per": "week"}, "per"),
        ({"percent": "101"}, "percent"), ({"percent": 99.9}, "percent"), ({"percent": "NaN"}, "percent"),
        ({"kpi": "response_p95"}, "milliseconds"), ({"kpi": "in_time"}, "clock"), ({"least": -1}, "least"),
        ({"severity": 0}, "severity"), ({"when": {"moon": "full"}}, "when.moon"), ({"code": "Ü"}, "code"),
        ({"credits": {"bands": []}}, "credits.bands"), ({"credits": {"bands": [{"above": "1", "days": 1}]}}, "bands"),
        ({"credits": {"bands": [{"below": "1", "days": 1, "percent": "2"}]}}, "bands"),
        ({"credits": {"bands": NINE, "claim_within": "soon"}}, "claim_within"), ({"year_starts": "31-12"}, "year"),
    ],
)  # fmt: skip
def test_a_row_that_means_nothing_is_refused_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Refused) as refused:
        rows.read(row(**change))
    assert where in refused.value.field


def test_rows_without_a_code_are_named_by_their_kpi_and_none_is_lost_when_parts_are_composed() -> None:
    level, package = [row(), row(per="year")], [row(percent="98")]
    found = named_kpis(compose({}, {"kpis": level}, {"kpis": package})["kpis"])
    assert list(found) == ["uptime", "uptime-2"]
    assert (found["uptime"]["percent"], found["uptime-2"]["per"]) == ("98", "year")


# ---- judging


@pytest.mark.parametrize(
    ("strength", "shown", "state"),
    [
        ("objective", "95 %", "missed"),
        ("guarantee", "96.9387 %", "reached"),
        ("strict_guarantee", "95 %", "missed"),
    ],
)
def test_an_approved_excuse_counts_for_a_guarantee_alone(strength: str, shown: str, state: str) -> None:
    one = rows.read(row(kpi="responses_in_time", strength=strength, percent="96"))
    verdict = judge.judge(one, judge.share(one, kept=95, missed=5, excused=2))
    assert (judge.said(verdict.value, "percent"), verdict.state) == (shown, state)


def test_a_share_is_judged_exactly_and_never_shown_better_than_it_is() -> None:
    one = rows.read(row(kpi="responses_in_time", percent="99"))
    verdict = judge.judge(one, judge.share(one, kept=9_899_999, missed=100_001, excused=0))
    assert verdict.missed
    assert judge.said(verdict.value, "percent") == "98.9999 %"


def test_too_few_tickets_and_no_data_are_not_judged_and_credit_nothing() -> None:
    one = rows.read(row(kpi="responses_in_time", least=10))
    few = judge.judge(one, judge.share(one, kept=3, missed=6, excused=0))
    none = judge.judge(one, judge.share(one, kept=0, missed=0, excused=0))
    assert (few.state, none.state) == ("too_few", "no_data")
    assert credits.credit(one, few, FEE).nothing
    assert credits.credit(one, none, FEE).nothing


def test_the_worst_system_is_the_uptime_and_agreed_maintenance_is_not_measured() -> None:
    one = rows.read(row(strength="strict_guarantee", percent="99.99"))
    month = 31 * 86_400
    found = judge.uptime(
        one, [judge.System("Sign-in", month, 288, 100), judge.System("Records", month - 3600, 0, 0, 3600)]
    )
    assert judge.said(found.value, "percent") == "99.9892 %"
    assert ("The worst counts", "Sign-in") in found.lines
    assert any("agreed maintenance" in what for what, _ in found.lines)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=8))
def test_what_is_counted_in_parts_is_what_is_counted_whole(parts: list[tuple[int, int]]) -> None:
    one = rows.read(row(kpi="in_time", clock="resolution"))
    found = [judge.share(one, kept=kept, missed=missed, excused=0) for kept, missed in parts]
    whole = judge.share(one, kept=sum(k for k, _ in parts), missed=sum(m for _, m in parts), excused=0)
    assert whole.of == sum(part.of for part in found)
    if whole.value is not None:
        assert whole.value * whole.of == sum((part.value or 0) * part.of for part in found)


def test_the_95th_percentile_is_a_measurement_that_was_made() -> None:
    assert [judge.rank95(many) for many in (1, 19, 20, 21, 100)] == [1, 19, 19, 20, 95]


# ---- credits


def test_the_working_of_a_credit_is_told_line_by_line() -> None:
    one = rows.read(row())
    price = {"amount": "552000.00", "currency": "AUD", "basis": "a year"}
    fee = credits.fee_of(price, periods.named("2026-10", "month"), covered=31, systems=1)
    found = credits.credit(one, judged(one, "99.4"), fee)
    assert (found.percent, found.amount) == (Decimal(10), Decimal("4600.00"))
    assert found.lines == (
        ("Band", "below 99.5: 10 % of the fee of the period"),
        ("Fee of the period", "552000.00 AUD a year × 1/12 = 46000.00 AUD"),
        ("Credit", "10 % of 46000.00 = 4600.00 AUD"),
    )


def test_more_than_four_missed_first_responses_in_a_fiscal_quarter_credit_a_fifth() -> None:
    one = rows.read({
        "kpi": "missed", "clock": "first_response", "strength": "strict_guarantee", "per": "quarter",
        "year_starts": "04-01", "count": "4", "credits": {"bands": [{"above": "4", "percent": "20"}]},
    })  # fmt: skip
    four, five = (judge.judge(one, judge.count(one, kept=90, missed=n, excused=n)) for n in (4, 5))
    assert credits.credit(one, four, FEE).nothing
    assert credits.credit(one, five, FEE).amount == Decimal("9200.00")


def test_days_of_service_are_a_share_of_the_days_paid_for() -> None:
    one = rows.read(row(credits={"bands": [{"below": "99.9", "days": 7}]}))
    found = credits.credit(one, judged(one, "99"), Fee(Decimal("31000.00"), "EUR", 31))
    assert (found.days, found.amount) == (Decimal(7), Decimal("7000.00"))


def test_a_credit_below_the_minimum_is_not_given() -> None:
    one = rows.read(row(credits={"bands": NINE, "minimum": "5000"}))
    assert credits.credit(one, judged(one, "99.4"), FEE).nothing
    assert credits.credit(one, judged(one, "98"), FEE).amount == Decimal("11500.00")


def test_several_measures_are_capped_together_and_the_last_gives_way() -> None:
    one = rows.read(row())
    three = [credits.credit(one, judged(one, value), FEE) for value in ("99.4", "99.8", "99.8")]
    paid, lines = credits.together(three, FEE)
    assert [found.percent for found in paid] == [Decimal(10), Decimal(5), Decimal(0)]
    assert ("Cap of all", "15 %: applies") in lines


def test_the_yen_has_no_sen_and_the_dinar_has_thousandths() -> None:
    assert credits.money(Fraction(1001, 2), "JPY") == Decimal(501)
    assert credits.money(Fraction(1, 3), "KWD") == Decimal("0.333")
    assert credits.money(Fraction(1, 200), "EUR") == Decimal("0.01")


def test_a_claim_may_be_made_until_its_last_day_included() -> None:
    january = periods.named("2026-01", "month")
    until = [credits.claim_until(rows.read(row(credits={"bands": NINE, "claim_within": w})), january)
             for w in ("30d", "2w", "1mo")]  # fmt: skip
    assert until == [date(2026, 3, 2), date(2026, 2, 14), date(2026, 2, 28)]


BANDS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"below": st.integers(1, 100), "percent": st.integers(0, 100)}),
        st.fixed_dictionaries({"below": st.integers(1, 100), "days": st.integers(0, 90)}),
    ),
    min_size=1,
    max_size=5,
)
FEES = st.builds(
    lambda cents, currency, days: Fee(None if cents is None else Decimal(cents).scaleb(-2), currency, days),
    st.one_of(st.none(), st.integers(0, 10**9)), st.sampled_from(["EUR", "KWD"]), st.integers(1, 366),
)  # fmt: skip
VALUES = st.fractions(0, 100)


def made(bands: Any, cap: int | None, minimum: int | None) -> Definition:
    credited = {"bands": bands, "cap_percent": cap, "minimum": minimum}
    return rows.read(row(percent="100", strength="strict_guarantee", credits=credited))


@given(
    BANDS, st.one_of(st.none(), st.integers(0, 120)), st.one_of(st.none(), st.integers(0, 9000)), FEES, VALUES
)
def test_a_credit_is_never_above_its_cap_nor_the_fee(
    bands: Any, cap: Any, minimum: Any, fee: Fee, value: Fraction
) -> None:
    one = made(bands, cap, minimum)
    found = credits.credit(one, judged(one, value), fee)
    most = min(Decimal(100 if cap is None else cap), Decimal(100))
    assert 0 <= found.percent <= most
    if fee.amount is not None and found.amount is not None:
        assert found.amount <= credits.money(Fraction(fee.amount) * Fraction(most) / 100, fee.currency)


@given(BANDS, st.one_of(st.none(), st.integers(0, 120)), FEES, VALUES, VALUES)
def test_a_worse_figure_never_credits_less(bands: Any, cap: Any, fee: Fee, a: Fraction, b: Fraction) -> None:
    one = made(bands, cap, None)
    worse, better = (credits.credit(one, judged(one, value), fee) for value in sorted((a, b)))
    assert worse.percent >= better.percent
    assert (worse.amount or 0) >= (better.amount or 0)


@given(st.lists(st.tuples(BANDS, st.integers(0, 100), VALUES), min_size=1, max_size=6), FEES)
def test_all_credits_together_are_never_above_the_greatest_cap(measures: Any, fee: Fee) -> None:
    found: list[Credit] = []
    for bands, cap, value in measures:
        one = made(bands, cap, None)
        found.append(credits.credit(one, judged(one, value), fee))
    paid, _ = credits.together(found, fee)
    most = max((one.cap_percent for one in found if not one.nothing), default=Decimal(0))
    assert sum(one.percent for one in paid) <= most
    if fee.amount is not None:
        amount = sum((one.amount or Decimal(0) for one in paid), Decimal(0))
        assert amount <= credits.money(Fraction(fee.amount) * Fraction(most) / 100, fee.currency)
    assert all(now.percent <= was.percent for now, was in zip(paid, found, strict=True))
