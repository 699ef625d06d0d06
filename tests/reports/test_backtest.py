"""Last year's tickets under another package: what would have been promised and kept, ticket by ticket."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import NOW, Cast, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.customers.models import Contact
from mainstay.reports import backtest, load
from mainstay.reports.backtest import Backtest, Line
from mainstay.tickets import clocks, closure, resolution, triage
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Ticket

TUESDAY = datetime(2026, 2, 24, 10, 0, tzinfo=UTC)


def package(code: str) -> Package:
    return next(one for one in publish.current_packages() if one.code == code)


def asks(who: Contact, at: datetime, subject: str = "It stands still") -> Ticket:
    request = Request(
        subject=subject, said=Said("It does.", "email"), customer=who.customer, contact=who,
        address=who.email, name=who.name,
    )  # fmt: skip
    return open_ticket(request, by=acting(who), at=at)


def grave(cast: Cast, who: Contact, at: datetime) -> Ticket:
    """A severity 1, triaged a minute after it came."""
    ticket = asks(who, at)
    triage.triage(
        ticket, severity=1, category="technical", reason="It stopped.", by=acting(cast.ifeoma),
        at=at + timedelta(minutes=1),
    )  # fmt: skip
    return ticket


def answers(cast: Cast, ticket: Ticket, at: datetime) -> None:
    resolution.reply(ticket, said=Said("We look into it.", "desk"), by=acting(cast.mara), at=at)


def line(found: Backtest, clock: str, severity: int) -> Line:
    return next(one for one in found.lines if (one.clock, one.severity) == (clock, severity))


def test_an_answer_that_kept_one_promise_would_have_missed_a_tighter_one(cast: Cast) -> None:
    for minutes in (20, 120, 200):
        answers(cast, grave(cast, cast.beth, TUESDAY), TUESDAY + timedelta(minutes=minutes))
    found = backtest.backtest(cast.fernleigh, package("high"), at=NOW)
    first = line(found, "first_response", 1)
    assert (first.then.said, first.then.kept, first.then.missed) == ("4 business hours", 3, 0)
    assert (first.now.said, first.now.kept, first.now.missed) == ("1 business hour", 1, 2)
    assert (first.then.percent, round(first.now.percent or 0)) == (100.0, 33)
    drilled = found.of_line("first_response", 1)
    assert [case.differs for case in drilled] == [True, True, False]
    assert {case.ticket.customer for case in drilled} == {cast.fernleigh}


def test_under_the_package_that_judged_them_nothing_comes_out_otherwise(cast: Cast) -> None:
    """The same versions of the same package from receipt on: the second explanation is the first."""
    answers(cast, grave(cast, cast.beth, TUESDAY), TUESDAY + timedelta(hours=5))
    asks(cast.beth, TUESDAY + timedelta(hours=9))
    closed = asks(cast.beth, TUESDAY)
    closure.close(
        closed, reason="resolved", text="Done.", by=acting(cast.mara), at=TUESDAY + timedelta(days=1)
    )
    found = backtest.backtest(cast.fernleigh, package("standard"), at=NOW)
    assert found.looked == 3
    assert found.cases
    assert all(case.then == case.now for case in found.cases)


def test_what_came_at_night_is_judged_by_the_packages_row_for_the_night(cast: Cast) -> None:
    """High Priority owes four hours round the clock for what comes outside its hours; Standard waits for morning."""
    at = TUESDAY.replace(hour=22)
    answers(cast, grave(cast, cast.beth, at), at + timedelta(hours=11, minutes=30))
    first = line(backtest.backtest(cast.fernleigh, package("high"), at=NOW), "first_response", 1)
    assert (first.then.kept, first.now.missed) == (1, 1)
    assert first.now.said == "4 hours, round the clock"


def test_whoever_was_promised_nothing_sees_what_would_have_been(cast: Cast) -> None:
    answers(cast, grave(cast, cast.nora, TUESDAY), TUESDAY + timedelta(minutes=10))
    found = backtest.backtest(cast.lapsed, package("critical"), at=NOW)
    first = line(found, "first_response", 1)
    assert (first.then.all, first.then.percent) == (0, None)
    assert (first.now.kept, first.now.kinds) == (1, {"promise"})


def test_a_goal_stays_a_goal_and_our_own_clocks_are_nobodys_promise(cast: Cast) -> None:
    grave(cast, cast.beth, TUESDAY)
    found = backtest.backtest(cast.fernleigh, package("high"), at=NOW)
    assert line(found, "resolution", 1).now.kinds == {"goal"}
    assert {one.clock for one in found.lines} & {"triage", "dispatch"} == set()


def test_a_year_counts_and_spam_does_not(cast: Cast) -> None:
    asks(cast.beth, NOW - timedelta(days=366))
    asks(cast.beth, NOW - timedelta(days=360))
    spam = asks(cast.beth, NOW - timedelta(days=3))
    closure.close(spam, reason="spam", text="", by=acting(cast.mara), at=NOW - timedelta(days=2))
    asks(cast.edgar, TUESDAY)
    found = backtest.backtest(cast.fernleigh, package("high"), at=NOW)
    assert (found.looked, found.of, found.before) == (1, 1, None)


def test_more_than_one_look_goes_on_where_it_ended_and_misses_none(cast: Cast) -> None:
    made = [asks(cast.beth, TUESDAY + timedelta(minutes=n)).pk for n in range(7)]
    before, seen = None, []
    while True:
        found = backtest.backtest(cast.fernleigh, package("high"), at=NOW, before=before, most=3)
        assert found.of == 7
        seen += sorted({case.ticket.pk for case in found.cases}, reverse=True)
        before = found.before
        if before is None:
            break
    assert seen == sorted(made, reverse=True)


def test_a_change_of_the_real_agreement_is_no_change_under_the_package(cast: Cast) -> None:
    """A customer recognised late moved the real ticket; under the package it is judged from receipt."""
    ticket = grave(cast, cast.beth, TUESDAY)
    log = clocks.log_of(ticket)
    changed = clocks.Logged("agreement_changed", TUESDAY, {}, {"terms": "none such"}, 99)
    with_severity = clocks.Logged(
        "customer_recognised", TUESDAY, {"severity": 1}, {"severity": 2, "terms": "x"}, 100
    )
    left = clocks.clock_events(backtest.without_agreements([*log, changed, with_severity]))
    assert [one.event for one in left][-1:] == ["severity_changed"]
    assert "agreement_changed" not in {one.event for one in left}


@pytest.mark.slow
def test_two_thousand_tickets_are_looked_at_in_seconds_with_few_queries_and_nothing_is_written(
    cast: Any,
) -> None:
    load._ENTITLED.clear()
    load.prepare(NOW, customers=1)
    for number in range(2):
        load.load_batch(number, 1000, NOW)
    customer = Ticket.objects.latest("pk").customer
    assert customer is not None
    Ticket.objects.filter(customer=customer).update(opened_at=NOW - timedelta(days=30))
    events = Event.objects.count()
    begun = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        found = backtest.backtest(customer, package("critical"), at=NOW + timedelta(days=1))
    took = time.monotonic() - begun
    print(f"{found.looked} tickets, {len(found.cases)} clocks in {took:.1f} s, {len(asked)} queries")
    assert found.looked == 2000
    assert len(asked) < 80
    assert not [one for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert Event.objects.count() == events
    assert took < 20
