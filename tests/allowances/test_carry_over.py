"""The law of included hours: oldest first, never below nought, expired never used, the sum conserved."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.allowances.carry import Grant, Use, reckon, stretches
from mainstay.allowances.periods import Period, later, period_of, periods

DAY = date(2026, 1, 1)
HOUR = 60


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def monthly(minutes: int, carry: int, months: int = 6, first: date = DAY) -> list[Grant]:
    term = Period(first, later(first, months))
    return [Grant.of(one, minutes, carry) for one in periods("month", term, term.end)]


# ---- examples a person can follow


def test_what_is_not_used_is_carried_over_and_used_first() -> None:
    grants = monthly(10 * HOUR, carry=1)
    uses = [Use(date(2026, 1, 20), 4 * HOUR), Use(date(2026, 2, 10), 8 * HOUR)]
    told = reckon(grants, uses, date(2026, 2, 28))
    january, february = told.accounts
    assert (january.used, january.left) == (10 * HOUR, 0)
    assert (february.used, february.left) == (2 * HOUR, 8 * HOUR)
    assert [(g.period.first.month, part) for g, part in told.lines[1].taken] == [(1, 6 * HOUR), (2, 2 * HOUR)]


def test_what_was_carried_over_for_a_month_is_gone_after_it() -> None:
    grants = monthly(10 * HOUR, carry=1)
    told = reckon(grants, [], date(2026, 3, 1))
    assert [(one.expired, one.left) for one in told.accounts] == [(600, 0), (0, 600), (0, 600)]


def test_without_carry_over_a_month_ends_with_its_hours() -> None:
    told = reckon(monthly(600, carry=0), [Use(date(2026, 2, 1), 700)], date(2026, 2, 1))
    assert [(one.used, one.expired, one.left) for one in told.accounts] == [(0, 600, 0), (600, 0, 0)]
    assert told.beyond == 100


def test_work_written_down_late_counts_on_its_day() -> None:
    grants = monthly(600, carry=0)
    late = [Use(date(2026, 2, 3), 600), Use(date(2026, 1, 30), 600)]
    assert reckon(grants, late, date(2026, 2, 28)).beyond == 0


def test_a_statement_says_for_each_month_what_came_and_went() -> None:
    rows = stretches(monthly(600, carry=1), [Use(date(2026, 1, 5), 120), Use(date(2026, 2, 5), 60)],
                     date(2026, 3, 15))  # fmt: skip
    assert [(r.granted, r.carried, r.used, r.expired, r.left) for r in rows] == [
        (600, 0, 120, 0, 480), (600, 480, 60, 420, 600), (600, 600, 0, 0, 1200),
    ]  # fmt: skip


def test_a_term_that_began_on_the_31st_comes_back_to_it_after_february() -> None:
    term = Period(date(2026, 1, 31), date(2026, 7, 1))
    assert [one.first.isoformat() for one in periods("month", term, term.end)] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30",
    ]  # fmt: skip
    assert period_of(date(2026, 6, 30), "month", term) == Period(date(2026, 6, 30), date(2026, 7, 1))
    assert period_of(date(2026, 7, 1), "month", term) is None
    assert period_of(date(2026, 6, 1), "contract", term) == term


# ---- the law


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.sampled_from(["month", "quarter", "year"]),
    st.integers(1, 1500),
)
def test_periods_follow_one_another_without_gap_or_overlap(first: date, per: str, length: int) -> None:
    term = Period(first, first + timedelta(days=length))
    found = periods(per, term, term.end)
    assert found[0].first == first
    assert found[-1].end == term.end
    assert all(one.end == other.first for one, other in pairwise(found))
    assert all(period_of(one.first, per, term) == one for one in found)
    assert all(period_of(one.end - timedelta(days=1), per, term) == one for one in found)


GRANTS = st.lists(
    st.builds(
        lambda start, length, minutes, more: Grant(
            Period(day(start), day(start + length)), minutes, day(start + length + more)
        ),
        st.integers(0, 200), st.integers(1, 40), st.integers(0, 900), st.integers(0, 90),
    ),
    max_size=8,
)  # fmt: skip
USES = st.lists(st.builds(lambda n, minutes: Use(day(n), minutes), st.integers(0, 330), st.integers(1, 700)),
                max_size=25)  # fmt: skip


@settings(max_examples=400)
@given(GRANTS, USES, st.integers(0, 340))
def test_the_law_of_included_hours(grants: list[Grant], uses: list[Use], n: int) -> None:
    told = reckon(grants, uses, day(n))
    counted = [one for one in uses if one.day <= day(n)]
    # the sum is conserved, on both sides, and nothing is below nought
    for one in told.accounts:
        assert one.grant.minutes == one.used + one.expired + one.left
        assert min(one.used, one.expired, one.left) >= 0
        assert not (one.expired and one.left)
    assert sum(one.minutes for one in counted) == sum(one.used for one in told.accounts) + told.beyond
    for line in told.lines:
        assert line.use.minutes == sum(part for _, part in line.taken) + line.beyond
        # never from what has not begun or has run out
        assert all(grant.good_on(line.use.day) and part > 0 for grant, part in line.taken)
    assert all(one.left == 0 for one in told.accounts if one.grant.expires <= day(n))


@settings(max_examples=300)
@given(GRANTS, USES, st.integers(0, 340))
def test_the_oldest_hours_are_used_first(grants: list[Grant], uses: list[Use], n: int) -> None:
    """Follow the lines one by one beside a plain list of what each grant still holds."""
    told = reckon(grants, uses, day(n))
    left = [[one.grant, one.grant.minutes] for one in told.accounts]
    assert [one for one, _ in left] == sorted(
        (g for g in grants if g.period.first <= day(n)), key=lambda g: (g.period.first, g.expires)
    )
    for line in told.lines:
        for grant, part in line.taken:
            older = next(pot for pot in left if pot[1] > 0 and pot[0].good_on(line.use.day))
            assert older[0] == grant
            older[1] -= part
            assert older[1] >= 0
        if line.beyond:
            assert not any(held > 0 and grant.good_on(line.use.day) for grant, held in left)
    assert [held for _, held in left] == [one.left + one.expired for one in told.accounts]


@settings(max_examples=200)
@given(st.integers(0, 900), st.integers(0, 4), st.integers(0, 500), USES)
def test_each_period_of_a_statement_adds_up(minutes: int, carry: int, n: int, uses: list[Use]) -> None:
    grants = monthly(minutes, carry, months=10)
    rows = stretches(grants, uses, day(n))
    for row in rows:
        assert row.granted + row.carried == row.used + row.expired + row.left
        assert min(row.granted, row.carried, row.used, row.expired, row.left, row.beyond) >= 0
    inside = [one for one in uses if one.day <= day(n) and one.day < grants[-1].period.end]
    assert sum(one.minutes for one in inside) == sum(row.used + row.beyond for row in rows)
