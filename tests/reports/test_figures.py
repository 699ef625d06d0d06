"""Figures out of the log: for any period, each traceable, frozen with its hash and made again the same (P6, M4, M5)."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

import cast as people
from mainstay.accounts.actor import Actor
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer
from mainstay.errors import Refused
from mainstay.reports import causes, claims, closing, counting, figures, load, measures, outages
from mainstay.reports.counting import Decided, Wanted
from mainstay.reports.measures import Measure
from mainstay.reports.models import Credit, Figure, Measurement
from mainstay.sla import hours
from mainstay.tickets import clocks, closure, resolution, satisfaction, triage
from mainstay.tickets.models import Clock, Ticket

from .conftest import KPIS, MONDAY

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = datetime(2026, 5, 4, 12, tzinfo=UTC)
Asks = Callable[..., Ticket]


def measure(customer: Customer, code: str, first: date = MARCH) -> Measure:
    return next(
        one
        for one in measures.of_customer(customer, first, first + timedelta(days=1))
        if one.definition.code == code
    )


def made(customer: Customer, code: str, **more: Any) -> figures.Made:
    return figures.of(measure(customer, code), known_at=more.pop("known_at", LATER), **more)


# ---- which measures


def test_the_contracts_rows_take_the_place_of_its_levels(cast: Any, contract: Contract) -> None:
    found = {one.definition.code: one for one in measures.of_customer(cast.quill, MARCH, APRIL)}
    assert set(found) == {row.get("code") or row["kpi"] for row in KPIS}
    assert found["missed-grave"].period.key == "2026-Q1"
    assert found["uptime"].begins == datetime(2026, 3, 1, 5, tzinfo=UTC)


def test_a_contract_that_begins_within_a_period_is_judged_and_paid_by_its_days(cast: Any) -> None:
    from mainstay.catalogue import publish
    from mainstay.catalogue.models import Package
    from mainstay.contracts.signing import Beside, sign_contract

    sign_contract(
        customer=cast.quill, number="QU-2", package=publish.current(Package, "critical"), first_day=date(2026, 3, 17),
        last_day=None, by=Actor.system(), at=people.NOW,
        beside=Beside(price={"basis": "a month", "amount": "3100.00", "currency": "USD"}),
    )  # fmt: skip
    one = measure(cast.quill, "uptime")
    assert (one.first, one.end, one.whole) == (date(2026, 3, 17), APRIL, False)
    assert str(one.fee().amount) == "1500.00"


# ---- counting


def test_a_promise_counts_in_the_period_in_which_it_was_decided(cast: Any, asks: Asks) -> None:
    asks(0, answered=30)
    asks(5, answered=400)
    late = asks(10)
    found = made(cast.quill, "responses_in_time")
    assert (found.inputs["kept"], found.inputs["missed"]) == (1, 2)
    assert found.shown == "33.3333 %"
    assert found.inputs["missed_ones"][1]["ticket"] == late.pk
    april = figures.of(measure(cast.quill, "responses_in_time", APRIL), known_at=LATER)
    assert (april.verdict.state, april.inputs["kept"]) == ("no_data", 0)


def test_what_happens_after_the_period_changes_nothing_of_it(cast: Any, asks: Asks) -> None:
    """The rows have moved on since; the log still says how it stood at the end of March."""
    one, two, three = asks(0, answered=30), asks(5, answered=400), asks(10)
    in_march = [
        made(cast.quill, code).document() for code in ("responses_in_time", "resolved", "backlog_age")
    ]
    april = datetime(2026, 4, 8, 14, tzinfo=UTC)
    by = people.acting(cast.mara)
    triage.change_severity(one, severity=1, reason="Worse.", by=by, at=april)
    closure.close(two, reason="resolved", text="Done.", by=by, at=april)
    resolution.reply(three, said=_said(), by=by, at=april)
    closure.close(three, reason="resolved", text="Done.", by=by, at=april + timedelta(hours=1))
    again = [made(cast.quill, code).document() for code in ("responses_in_time", "resolved", "backlog_age")]
    assert again == in_march


def test_a_resolution_that_runs_on_is_decided_again_and_what_was_decided_stays(cast: Any, asks: Asks) -> None:
    ticket, by = asks(0, answered=30), people.acting(cast.mara)
    closure.close(ticket, reason="resolved", text="Done.", by=by, at=MONDAY + timedelta(hours=2))
    assert made(cast.quill, "resolved").inputs["kept"] == 1
    april = datetime(2026, 4, 8, 14, tzinfo=UTC)
    closure.reopen(ticket, said=None, by=by, at=april, reason="it is back")
    assert made(cast.quill, "resolved").inputs["kept"] == 1
    again = figures.of(measure(cast.quill, "resolved", APRIL), known_at=LATER)
    assert (again.inputs["kept"], again.inputs["missed"]) == (0, 1)


def test_only_the_severities_that_the_row_names_count(cast: Any, asks: Asks) -> None:
    asks(0, answered=400)
    grave = asks(5, answered=60, severity=1)
    found = made(cast.quill, "missed-grave")
    assert [one["ticket"] for one in found.inputs["missed_ones"]] == [grave.pk]
    assert found.verdict.missed
    assert str(found.credit.amount) == "600.00"


def test_a_goal_counts_for_an_objective_and_never_for_a_guarantee(cast: Any, asks: Asks) -> None:
    ticket = asks(0, answered=30)
    Clock.objects.filter(ticket=ticket, clock="first_response").update(kind="goal")
    one = measure(cast.quill, "responses_in_time")
    assert figures.wanted(one, one.ends).kinds == ("promise",)
    assert made(cast.quill, "responses_in_time").inputs["kept"] == 0
    assert figures.wanted(measure(cast.quill, "resolved"), one.ends).kinds == ("promise", "goal")


@pytest.mark.parametrize("clock", ["first_response", "resolution", "progress_update", "next_response"])
def test_rows_and_log_say_the_same_of_any_period(cast: Any, clock: str) -> None:
    """Against every ticket explained from its log alone, for periods that lie anywhere in a year of them."""
    load._ENTITLED.clear()
    load.prepare(people.NOW, customers=6)
    load.load_batch(0, 120, people.NOW)
    line = tuple(Contract.objects.values_list("pk", flat=True))
    chance = random.Random(7)
    whole = people.NOW - timedelta(days=800), people.NOW + timedelta(days=400)
    spans = [whole, *(_span(chance) for _ in range(6))]
    for begins, ends in spans:
        for severities in ((), (3,)):
            wanted = Wanted(clock, begins, ends, line, severities, ("promise", "goal"))
            told, expected = counting.count(wanted), _by_hand(wanted)
            assert told.digest == counting.digest_of(expected)
            assert (told.kept, told.missed) == (sum(one.kept for one in expected), len(told.missed_ones))
            listed = counting.listed(wanted, missed=None, after=0, most=10_000)
            assert [(one.ticket, one.n, one.at, one.kept) for one in listed] == [
                (one.ticket, one.n, one.at, one.kept) for one in sorted(expected)
            ]


def test_the_parts_of_a_year_are_the_year(cast: Any) -> None:
    load._ENTITLED.clear()
    load.prepare(people.NOW, customers=6)
    load.load_batch(1, 100, people.NOW)
    line = tuple(Contract.objects.values_list("pk", flat=True))
    days = [
        people.NOW - timedelta(days=800),
        people.NOW - timedelta(days=90),
        people.NOW - timedelta(days=7),
        people.NOW,
    ]
    parts = [counting.count(Wanted("first_response", a, b, line)) for a, b in pairwise(days)]
    year = counting.count(Wanted("first_response", days[0], days[-1], line))
    assert year.kept == sum(part.kept for part in parts) > 0
    assert year.missed == sum(part.missed for part in parts)


def _span(chance: random.Random) -> tuple[datetime, datetime]:
    begins = load.spread(people.NOW, 400, chance)
    return begins, begins + timedelta(days=chance.randint(1, 120))


def _by_hand(wanted: Wanted) -> list[Decided]:
    """Every ticket of the line from its log, without looking at a single row of a clock."""
    found = []
    for ticket in Ticket.objects.filter(contract__in=wanted.line or ()):
        log = [one for one in clocks.log_of(ticket) if one.at < wanted.ends]
        for one in clocks.explained(log, wanted.ends - timedelta(seconds=1)):
            fits = one.clock == wanted.clock and (not wanted.severities or one.severity in wanted.severities)
            if not fits or one.started_at >= hours.instant(wanted.ends):
                continue
            decided = counting.decision(one, wanted.ends)
            if decided is not None and decided[0] >= wanted.begins:
                found.append(Decided(ticket.pk, one.n, *decided))
    return found


def _said() -> Any:
    from mainstay.tickets.messages import Said

    return Said("We look.", "desk")


# ---- excuses


def test_an_excuse_counts_once_a_manager_has_approved_it_and_only_for_a_guarantee(
    cast: Any, asks: Asks
) -> None:
    asks(0, answered=30)
    late = asks(5, answered=400)
    grave = asks(10, answered=400, severity=1)
    for ticket in (late, grave):
        clock = Clock.objects.get(ticket=ticket, clock="first_response")
        cause = causes.write(
            of=clock,
            text="Their gateway was down.",
            excuse="They asked us to wait.",
            by=people.acting(cast.mara),
            at=LATER,
        )
        assert made(cast.quill, "responses_in_time").shown != "100 %"
        causes.decide(cause, approve=True, why="Seen the mail.", by=cast.hana, at=LATER)
    assert made(cast.quill, "responses_in_time").shown == "100 %"
    strict = made(cast.quill, "missed-grave")
    assert strict.verdict.missed
    assert (
        "Of these excused",
        "1, counted all the same: a strict guarantee takes no excuse",
    ) in strict.verdict.lines


def test_an_engineer_approves_nothing_and_nobody_decides_twice(cast: Any, asks: Asks) -> None:
    clock = Clock.objects.get(ticket=asks(0, answered=400), clock="first_response")
    cause = causes.write(of=clock, text="Slow.", excuse="Snow.", by=people.acting(cast.mara), at=LATER)
    with pytest.raises(Refused, match="manager"):
        causes.decide(cause, approve=True, why="", by=cast.mara, at=LATER)
    with pytest.raises(Refused, match="say why"):
        causes.decide(cause, approve=False, why=" ", by=cast.hana, at=LATER)
    causes.decide(cause, approve=False, why="No.", by=cast.hana, at=LATER)
    with pytest.raises(Refused, match="decided already"):
        causes.decide(cause, approve=True, why="", by=cast.hana, at=LATER)
    again = causes.write(of=clock, text="Slow.", excuse="Much snow.", by=people.acting(cast.mara), at=LATER)
    assert [one.pk for one in causes.waiting()] == [again.pk]
    anew = causes.write(of=clock, text="Slow.", excuse="Ice.", by=people.acting(cast.mara), at=LATER)
    assert [one.pk for one in causes.waiting(1)] == [anew.pk], "what was written anew hides nothing"


# ---- uptime, response times, satisfaction, backlog


def test_uptime_is_what_was_recorded_without_maintenance_announced_in_time(
    cast: Any, contract: Contract
) -> None:
    system, by = cast.production(cast.quill), people.acting(cast.mara)
    assert made(cast.quill, "uptime").shown == "100 %"
    outages.record(
        system, starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=3), note="disk", by=by, at=LATER
    )
    window = {
        "starts_at": MONDAY,
        "ends_at": MONDAY + timedelta(hours=1),
        "notice_hours": 48,
        "note": "",
        "by": by,
    }
    outages.agree(system, announced_at=MONDAY - timedelta(hours=47), at=LATER, **window)  # type: ignore[arg-type]
    month = 31 * 86_400 - 3600  # New York's clocks go forward in March
    late = made(cast.quill, "uptime")
    assert late.verdict.value is not None
    assert late.verdict.value == 100 * (1 - Fraction(3 * 3600, month))
    outages.agree(system, announced_at=MONDAY - timedelta(hours=48), at=LATER, **window)  # type: ignore[arg-type]
    in_time = made(cast.quill, "uptime")
    assert in_time.verdict.value == 100 * (1 - Fraction(2 * 3600, month - 3600))
    assert in_time.credit.days == 3


def test_an_outage_goes_on_until_somebody_says_that_it_is_over(cast: Any, contract: Contract) -> None:
    system, by = cast.production(cast.quill), people.acting(cast.mara)
    open_ = outages.record(system, starts_at=MONDAY, ends_at=None, note="", by=by, at=MONDAY)
    before = made(
        cast.quill, "uptime", ends=MONDAY + timedelta(hours=5), known_at=MONDAY + timedelta(hours=5)
    )
    assert (
        "Production",
        "(1 d 14 h 30 min − 5 h down) ÷ 1 d 14 h 30 min = 87.0129 %",
    ) in before.verdict.lines
    with pytest.raises(Refused, match="falls into an outage"):
        outages.record(system, starts_at=MONDAY + timedelta(hours=1), ends_at=None, note="", by=by, at=LATER)
    over = outages.end(open_, ends_at=MONDAY + timedelta(hours=1), by=by, at=LATER)
    assert made(cast.quill, "uptime").inputs["outages"][0]["until"] == "2026-03-02T15:30:00Z"
    outages.withdraw(over, why="It was our own line.", by=by, at=LATER)
    assert made(cast.quill, "uptime").shown == "100 %"


def test_a_grave_request_on_production_is_suggested_and_confirmed_as_an_outage(cast: Any, asks: Asks) -> None:
    grave, by = asks(0, answered=5, severity=1), people.acting(cast.mara)
    resolution.propose_solution(grave, text="Restarted.", by=by, at=MONDAY + timedelta(minutes=50))
    assert [one.pk for one in outages.suggestions(cast.quill, MONDAY - timedelta(days=1))] == [grave.pk]
    end = outages.likely_end(grave)
    outages.record(
        cast.production(cast.quill), starts_at=MONDAY, ends_at=end, note="", by=by, at=LATER, ticket=grave
    )
    assert outages.suggestions(cast.quill, MONDAY - timedelta(days=1)) == []
    assert made(cast.quill, "uptime").inputs["outages"][0]["ticket"] == grave.pk


def test_response_times_are_taken_in_once_and_nothing_measured_is_no_data(
    cast: Any, contract: Contract
) -> None:
    assert made(cast.quill, "response_p95").verdict.state == "no_data"
    lines = [f"2026-03-05T00:{i // 60:02}:{i % 60:02}Z,{100 + i * 10},Production" for i in range(100)]
    text = "at,milliseconds,environment\n" + "\n".join(lines)
    assert outages.take_in(cast.quill, text, by=Actor.system(), at=LATER) == (100, 0)
    assert outages.take_in(cast.quill, text, by=Actor.system(), at=LATER) == (0, 100)
    found = made(cast.quill, "response_p95")
    assert (found.shown, found.verdict.state) == ("1040 ms", "missed")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must begin with a line"), ("at,milliseconds,environment\n", "no measurement"),
        ("at,milliseconds,environment\n2026-03-05T00:00:00,5,Production", "line 2: at"),
        ("at,milliseconds,environment\n2099-03-05T00:00:00Z,5,Production", "line 2: at"),
        ("at,milliseconds,environment\n2026-03-05T00:00:00Z,fast,Production", "line 2: milliseconds"),
        ("at,milliseconds,environment\n2026-03-05T00:00:00Z,-1,Production", "line 2: milliseconds"),
        ("at,milliseconds,environment\n2026-03-05T00:00:00Z,5,Moon", "line 2: environment"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_whole_with_its_line(cast: Any, text: str, says: str) -> None:
    good = "\n2026-03-04T00:00:00Z,5,Production" if text.count("\n") and "2026" in text else ""
    with pytest.raises(Refused, match=says):
        outages.take_in(cast.quill, text + good, by=Actor.system(), at=LATER)
    assert not Measurement.objects.exists()


def test_satisfaction_is_the_share_of_good_answers_and_needs_enough_of_them(cast: Any, asks: Asks) -> None:
    by = people.acting(cast.mara)
    for minutes, score in ((0, 5), (5, 4), (10, 1)):
        ticket = asks(minutes, answered=30)
        closure.close(ticket, reason="resolved", text="Done.", by=by, at=MONDAY + timedelta(hours=2))
        if score == 4:
            assert made(cast.quill, "satisfaction").verdict.state == "too_few"
        at = MONDAY + timedelta(hours=3)
        satisfaction.rate(ticket, score=score, words="", by=people.acting(cast.jonah), at=at)
    assert made(cast.quill, "satisfaction").shown == "66.6666 %"


def test_the_backlog_is_what_was_open_at_the_end_and_its_mean_age(cast: Any, asks: Asks) -> None:
    asks(0)
    closed = asks(0, answered=30)
    closure.close(
        closed, reason="resolved", text="Done.", by=people.acting(cast.mara), at=MONDAY + timedelta(hours=1)
    )
    found = made(cast.quill, "backlog_age")
    assert [one["opened"] for one in found.inputs["open"]] == ["2026-03-02T14:30:00Z"]
    assert (found.shown, found.verdict.state) == ("29.57 days", "missed")


# ---- freezing


def freeze_march(customer: Customer) -> list[Figure]:
    found = [one for one in measures.of_customer(customer, MARCH, APRIL) if one.end <= APRIL]
    return closing.freeze(found, at=LATER)


def test_freezing_twice_makes_nothing_and_made_again_it_is_the_same_bytes(cast: Any, asks: Asks) -> None:
    asks(0, answered=400)
    first = freeze_march(cast.quill)
    assert len(first) == 7
    assert freeze_march(cast.quill) == []
    for figure in first:
        assert figure.hash == figures.hash_of(figure.text)
        assert closing.again(figure) == closing.Again(True, figure.text, figure.hash)


def test_what_is_recorded_later_does_not_touch_what_is_frozen_and_shows_as_a_correction(
    cast: Any, asks: Asks
) -> None:
    asks(0, answered=30)
    figure = next(one for one in freeze_march(cast.quill) if one.code == "uptime")
    with pytest.raises(Refused, match="comes out the same"):
        closing.correct(figure, reason="why not", by=cast.hana, at=LATER + timedelta(days=1))
    later = LATER + timedelta(days=2)
    outages.record(
        cast.production(cast.quill), starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=9), note="",
        by=people.acting(cast.mara), at=later,
    )  # fmt: skip
    assert closing.again(figure).same
    with pytest.raises(Refused, match="manager"):
        closing.correct(figure, reason="An outage was found.", by=cast.mara, at=later)
    with pytest.raises(Refused, match="must say why"):
        closing.correct(figure, reason=" ", by=cast.hana, at=later)
    second = closing.correct(figure, reason="An outage was found.", by=cast.hana, at=later)
    assert (second.version, second.reason, second.frozen_by) == (2, "An outage was found.", cast.hana)
    assert (figure.value, second.value) == ("100 %", "98.7886 %")
    assert closing.again(figure).same
    assert closing.again(second).same
    with pytest.raises(Refused, match="newest"):
        closing.correct(figure, reason="once more", by=cast.hana, at=later)


def test_a_log_that_changed_behind_a_frozen_figure_is_noticed(cast: Any, asks: Asks) -> None:
    ticket = asks(0, answered=30)
    figure = next(one for one in freeze_march(cast.quill) if one.code == "responses_in_time")
    Ticket.objects.filter(pk=ticket.pk).update(contract=None)
    assert not closing.again(figure).same


@pytest.mark.parametrize("change", ["UPDATE reports_figure SET value = '100 %'", "DELETE FROM reports_figure",
                                    "TRUNCATE reports_figure CASCADE"])  # fmt: skip
def test_a_frozen_figure_can_neither_be_changed_nor_removed(cast: Any, asks: Asks, change: str) -> None:
    asks(0, answered=400)
    assert freeze_march(cast.quill)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_periods_are_closed_by_themselves_once_they_have_settled(cast: Any, contract: Contract) -> None:
    """Those that ended since the contract was recorded here, an hour after their end where the customer is."""
    year = contract.created_at.year
    over = datetime(year + 1, 1, 1, 5, tzinfo=UTC)  # midnight in New York
    assert closing.close(cast.quill, at=contract.created_at) == []
    before = len(closing.close(cast.quill, at=over + timedelta(minutes=59)))
    closed = closing.close(cast.quill, at=over + timedelta(hours=1))
    assert {(one.period, one.code) for one in closed} == {
        *(
            (f"{year}-12", code)
            for code in ("responses_in_time", "resolved", "uptime", "response_p95", "backlog_age")
        ),
        *((f"{year}-Q4", code) for code in ("missed-grave", "satisfaction")),
    }
    first = Figure.objects.filter(customer=cast.quill).earliest("first")
    assert first.end >= contract.created_at.date()
    assert closing.close(cast.quill, at=over + timedelta(hours=2)) == []
    assert Figure.objects.filter(customer=cast.quill).count() == before + len(closed)


def test_the_worker_closes_periods_and_one_customer_that_fails_stops_no_other(
    cast: Any, contract: Contract, monkeypatch: Any
) -> None:
    from mainstay.config import schedule

    assert closing.look in [job.run for job in schedule.JOBS]
    close = closing.close

    def failing(customer: Customer, *, at: datetime) -> list[Figure]:
        if customer == cast.corvid:
            raise ValueError("odd")
        return close(customer, at=at)

    monkeypatch.setattr(closing, "close", failing)
    over = datetime(contract.created_at.year + 1, 1, 1, 12, tzinfo=UTC)
    assert closing.look(over) > 0
    assert Figure.objects.filter(customer=cast.quill).exists()
    assert Figure.objects.filter(customer=cast.harbourline).exists()
    assert not Figure.objects.filter(customer=cast.corvid).exists()
    assert closing.look(over) == 0


# ---- credits


def credit_of(customer: Customer, code: str) -> Credit:
    return Credit.objects.get(customer=customer, figure__code=code)


def test_a_strict_guarantee_is_granted_by_itself_and_a_guarantee_is_claimed(cast: Any, asks: Asks) -> None:
    asks(0, answered=400, severity=1)
    freeze_march(cast.quill)
    strict, plain = credit_of(cast.quill, "missed-grave"), credit_of(cast.quill, "responses_in_time")
    assert (strict.state, plain.state) == ("granted", "open")
    assert (str(plain.amount), plain.claim_until) == ("250.000", date(2026, 4, 30))
    with pytest.raises(Refused, match="that day is over"):
        claims.move(plain, "claim", by=people.acting(cast.jonah), at=datetime(2026, 5, 1, 4, tzinfo=UTC))
    in_time = datetime(2026, 5, 1, 3, 59, tzinfo=UTC)  # still the 30th in New York
    claims.move(plain, "claim", by=people.acting(cast.jonah), at=in_time)
    claims.move(plain, "grant", by=people.acting(cast.lena), at=LATER)
    with pytest.raises(Refused, match="invoice"):
        claims.move(plain, "pay", by=people.acting(cast.lena), at=LATER)
    paid = claims.move(plain, "pay", by=people.acting(cast.lena), at=LATER, why="Invoice 77")
    assert [act.after for act in paid.acts.all()] == ["open", "claimed", "granted", "paid"]


def test_an_unclaimed_credit_expires_when_its_last_day_is_over(cast: Any, asks: Asks) -> None:
    asks(0, answered=400)
    freeze_march(cast.quill)
    assert claims.expire(datetime(2026, 5, 1, 3, 59, tzinfo=UTC)) == 0
    assert claims.expire(datetime(2026, 5, 1, 4, tzinfo=UTC)) == 1
    assert credit_of(cast.quill, "responses_in_time").state == "expired"


def test_a_correction_replaces_the_credit_and_counts_what_was_paid(cast: Any, asks: Asks) -> None:
    asks(0, answered=30)
    late = asks(5, answered=400)
    figure = next(one for one in freeze_march(cast.quill) if one.code == "responses_in_time")
    first = credit_of(cast.quill, "responses_in_time")
    assert str(first.percent) == "25.000000"
    clock = Clock.objects.get(ticket=late, clock="first_response")
    cause = causes.write(
        of=clock, text="x", excuse="They asked us to wait.", by=people.acting(cast.mara), at=LATER
    )
    at = LATER + timedelta(hours=1)
    causes.decide(cause, approve=True, why="", by=cast.hana, at=at)
    closing.correct(figure, reason="The miss is excused.", by=cast.hana, at=at)
    first.refresh_from_db()
    assert first.state == "replaced"
    assert Credit.objects.filter(customer=cast.quill, figure__code="responses_in_time").count() == 1


def test_all_credits_of_a_month_stand_under_one_cap(cast: Any, asks: Asks) -> None:
    asks(0, answered=400)
    outages.record(
        cast.production(cast.quill), starts_at=MONDAY, ends_at=MONDAY + timedelta(days=2), note="",
        by=people.acting(cast.mara), at=LATER,
    )  # fmt: skip
    freeze_march(cast.quill)
    found = Credit.objects.filter(customer=cast.quill, figure__period="2026-03")
    assert sum(one.percent for one in found) == 30
    assert sum(one.amount or 0 for one in found) == 300
