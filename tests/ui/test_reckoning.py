"""The "why" shapes filled from the ledger of the pure core."""

from mainstay.sla.cases import parse_case
from mainstay.sla.ledger import Ledger, why_all
from mainstay.ui import why
from mainstay.ui.ledger_rows import sections
from mainstay.ui.reckoning import Told, chart_of

OFFICE = {
    "time_zone": "Asia/Tokyo",
    "week": {d: [["09:00", "17:00"]] for d in ("mon", "tue", "wed", "thu", "fri")},
}
RAISED = {
    "case": "raised on a Friday before a holiday",
    "calendars": {"tokyo": {**OFFICE, "holidays": ["2026-11-23"]}},
    "policy": {
        "clocks": {"workaround": {"target": {"1": "8h", "2": "24h"}, "calendar": {"*": "tokyo"}}},
        "on_raise": "from_change",
    },
    "events": [
        {"at": "2026-11-18T14:52:10+09:00", "event": "received", "severity": 2},
        {"at": "2026-11-19T11:04:30+09:00", "event": "waiting_on_customer"},
        {"at": "2026-11-20T10:06:00+09:00", "event": "customer_replied"},
        {"at": "2026-11-20T15:24:40+09:00", "event": "severity_changed", "severity": 1},
    ],
    "as_of": "2026-11-23T12:06:22+09:00",
}
EVENTS = ("received", "waiting for Kitano", "Kitano replied", "severity 2 to 1 by Hana Sato")


def ledger() -> Ledger:
    case = parse_case(RAISED)
    return next(
        found
        for found in why_all(case.policy, case.events, case.as_of)
        if found.instance.clock == "workaround"
    )


def told() -> Told:
    return Told(name="Workaround", event=lambda n: EVENTS[n], clause=lambda key: f"clause on {key}")


def test_the_chart_says_what_the_core_reckons():
    chart = chart_of(ledger(), told())
    assert chart.due is not None
    assert chart.due.isoformat() == "2026-11-24T06:24:40+00:00"
    assert (chart.used, chart.left, chart.target) == (5720, 23080, 28800)
    assert [section.severity for section in chart.sections] == [2, 1]
    assert chart.sections[0].was_due is not None
    assert chart.has_ghost
    assert chart.holidays == {"2026-11-23": "public holiday"}


def test_the_ledgers_days_carry_forward_to_the_due_instant():
    days = [day for group in sections(chart_of(ledger(), told())) for day in group.days]
    assert days[-1].label == "Tue 24 Nov"
    assert (days[-1].counted, days[-1].left) == (23080, 0)
    assert [day.left for day in days] == sorted((day.left or 0 for day in days[:3]), reverse=True) + [
        day.left for day in days[3:]
    ]


def test_the_drawing_names_reason_rule_and_both_dues():
    svg = why.draw(chart_of(ledger(), told()))
    assert "severity 2 to 1 by Hana Sato" in svg
    assert "14:29:00 left became 8:00:00" in svg
    assert "due Tue 15:24:40" in svg
    assert "was Wed 13:53:40" in svg


def test_a_piece_names_its_calendar_row_clause_and_event():
    pieces = chart_of(ledger(), told()).pieces
    still = next(piece for piece in pieces if piece.kind == "paused")
    assert (still.rule, still.event) == ("clause on waiting_on_customer", "waiting for Kitano")
    assert any("Fri 09:00-17:00" in piece.calendar_row for piece in pieces)
