"""The ledger says the same as the clocks, to the second, and says why."""

from __future__ import annotations

import pytest

from mainstay.errors import Refused
from mainstay.sla.cases import Case, parse_case
from mainstay.sla.ledger import Ledger, Line, why, why_all
from sla.random_cases import random_case
from sla.told import policy, promise, said, story


def ledger_of(case: Case, clock: str, n: int = 1) -> Ledger:
    return why(case.policy, case.events, case.as_of, clock, n)


def rows(ledger: Ledger) -> list[tuple[str, str, str, float, float]]:
    return [(said(p.start), said(p.end), p.kind, p.counted / 60, p.left / 60) for p in ledger.pieces]


@pytest.mark.parametrize("block", range(10))
def test_the_pieces_add_up_to_what_the_clocks_say(block: int) -> None:
    for seed in range(1000 + block * 30, 1030 + block * 30):
        case = parse_case(random_case(seed))
        ledgers = why_all(case.policy, case.events, case.as_of)
        assert [ledger.instance for ledger in ledgers] == case.explain()
        for ledger in ledgers:
            check(ledger)


def check(ledger: Ledger) -> None:
    shown, pieces = ledger.instance, ledger.pieces
    assert sum(p.counted for p in pieces if p.kind == "counted") == shown.used
    assert sum(p.counted for p in pieces if p.kind == "to_come") == ledger.to_come
    if shown.state == "running" and not shown.breached:
        assert shown.used + ledger.to_come == shown.target_seconds
    edges = [ledger.start, *(p.end for p in pieces)]
    assert edges[:-1] == [p.start for p in pieces] or not pieces  # each instant in one piece
    assert edges[-1] == ledger.end
    assert sum(day.counted for day in ledger.days) == shown.used
    assert sum(day.to_come for day in ledger.days) == ledger.to_come
    for line in ledger.lines:
        check_line(line, ledger)


def check_line(line: Line, ledger: Ledger) -> None:
    assert list(line.points) == sorted(line.points, key=lambda point: (point[0], -point[1]))
    if line.kind == "to_come":
        assert line.points[0][1] == ledger.instance.left
        assert line.points[-1] == (ledger.due, 0)


def test_a_night_a_weekend_and_a_pause_are_told_with_their_reasons() -> None:
    case = story(
        policy(resolution="8h"),
        ("Fri 15:00", "received"),
        ("+Mon 10:00", "waiting_on_customer"),
        ("+Mon 12:00", "customer_replied"),
        as_of="+Mon 13:00",
    )
    ledger = ledger_of(case, "resolution")
    assert rows(ledger) == [
        ("Fri 15:00", "Fri 17:00", "counted", 120, 360),
        ("Fri 17:00", "+Mon 09:00", "closed", 0, 360),
        ("+Mon 09:00", "+Mon 10:00", "counted", 60, 300),
        ("+Mon 10:00", "+Mon 12:00", "paused", 0, 300),
        ("+Mon 12:00", "+Mon 13:00", "counted", 60, 240),
        ("+Mon 13:00", "+Mon 17:00", "to_come", 240, 0),
    ]
    night, pause, last = ledger.pieces[1], ledger.pieces[3], ledger.pieces[4]
    assert (night.reason, night.rows) == ("outside hours, weekend", ("no row Sat", "no row Sun"))
    assert (pause.reason, pause.event, pause.stood_still) == ("waiting_on_customer", 1, 7200)
    assert (last.event, last.begins, last.rows) == (2, True, ("Mon 09:00-17:00",))
    assert [(d.date, d.counted, d.to_come, d.left, d.notes) for d in ledger.days] == [
        ("2026-03-06", 7200, 0, 21600, ()),
        ("2026-03-07", 0, 0, 21600, ()),
        ("2026-03-08", 0, 0, 21600, ()),
        ("2026-03-09", 7200, 14400, 0, ("waiting_on_customer",)),
    ]


def test_what_was_counted_before_a_raise_is_superseded_and_the_rule_is_named() -> None:
    case = story(
        policy(workaround=promise({"2": "24h", "1": "8h"}), on_raise="from_change"),
        ("Mon 15:00", "received"),
        ("Tue 16:00", "severity_changed", {"severity": 1}),
        as_of="Tue 16:30",
        severity=2,
    )
    ledger = ledger_of(case, "workaround")
    first, then = ledger.sections
    assert (first.rule, first.severity, first.row.target.text, said(first.due or 0)) == (
        "start",
        2,
        "24h",
        "Thu 15:00",
    )
    assert (then.rule, then.severity, then.event, said(then.due or 0)) == ("from_change", 1, 1, "Wed 16:00")
    assert then.change is not None
    assert (said(then.change.due_before), then.change.used_before) == ("Thu 15:00", 9 * 3600)
    assert {p.kind for p in first.pieces} == {"superseded", "closed"}
    assert [line.kind for line in ledger.lines] == ["old", "now", "to_come", "ghost"]
    assert said(ledger.lines[-1].points[-1][0]) == "Thu 15:00"


def test_an_old_target_that_goes_on_says_so_and_keeps_its_pieces() -> None:
    case = story(
        policy(resolution=promise({"3": "8h", "1": "7h"}), on_raise="from_change"),
        ("Mon 10:00", "received"),
        ("Mon 15:00", "severity_changed", {"severity": 1}),
        as_of="Mon 16:00",
    )
    ledger = ledger_of(case, "resolution")
    assert [s.rule for s in ledger.sections] == ["start", "goes_on"]
    assert ledger.sections[1].row.target.text == "8h"
    assert said(ledger.sections[1].change.offered_due or 0) == "Tue 14:00"  # type: ignore[union-attr]
    assert sum(p.counted for p in ledger.pieces if p.kind == "counted") == 6 * 3600


def test_counting_from_the_start_counts_the_time_before_the_change_once() -> None:
    case = story(
        policy(resolution=promise({"3": "8h", "1": "7h"}), on_raise="from_start"),
        ("Mon 10:00", "received"),
        ("Mon 15:00", "severity_changed", {"severity": 1}),
        as_of="Mon 16:00",
    )
    ledger = ledger_of(case, "resolution")
    assert [(s.rule, s.recounted, len(s.pieces)) for s in ledger.sections] == [
        ("start", True, 0),
        ("from_start", False, 3),
    ]


def test_a_breach_is_counted_on_past_zero() -> None:
    case = story(policy(triage="1h"), ("Mon 10:00", "received"), as_of="Mon 12:00")
    assert rows(ledger_of(case, "triage")) == [
        ("Mon 10:00", "Mon 11:00", "counted", 60, 0),
        ("Mon 11:00", "Mon 12:00", "counted", 60, -60),
    ]


def test_an_instance_that_does_not_exist_is_refused() -> None:
    case = story(policy(triage="1h"), ("Mon 10:00", "received"), as_of="Mon 12:00")
    with pytest.raises(Refused):
        ledger_of(case, "triage", 2)
