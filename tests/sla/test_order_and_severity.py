"""The one queue order, its bands with reasons, and the severity guide."""

from __future__ import annotations

import pytest

from mainstay.errors import Refused
from mainstay.sla.hours import DAY
from mainstay.sla.order import (
    Level,
    Owed,
    Place,
    effective_due,
    place,
    priority,
)
from mainstay.sla.severity import GUIDE, SHIPPED, assess

STANDARD_BUSINESS = Level("Standard Business", 1, {})
HIGH_PRIORITY = Level("High Priority", 2, {1: 1800, 2: 900})
BUSINESS_CRITICAL = Level("Business Critical", 3, {1: 3600, 2: 1800, 3: 900})
NOW = 1_772_409_600
HOUR = 3600


def standing(
    *owed: Owed,
    level: Level = STANDARD_BUSINESS,
    severity: int = 2,
    since: int = NOW,
    waiting: str | None = None,
) -> Place:
    return place(owed, level=level, severity=severity, our_turn_since=since, waiting=waiting)


def test_the_effective_due_is_the_earliest_promise_minus_the_head_start() -> None:
    owed = [
        Owed("resolution", NOW + 9 * HOUR, True),
        Owed("first_response", NOW + HOUR, True),
        Owed("triage", NOW + 60, False),  # a goal
        Owed("workaround", None, True),  # stands still
    ]
    assert effective_due(owed, BUSINESS_CRITICAL, 1) == NOW
    assert effective_due(owed, HIGH_PRIORITY, 2) == NOW + 45 * 60
    assert effective_due(owed, STANDARD_BUSINESS, 1) == NOW + HOUR
    assert effective_due(owed[2:], STANDARD_BUSINESS, 1) is None


def test_equal_instants_go_by_level_then_severity_then_age_then_number() -> None:
    owed = Owed("first_response", NOW, True)
    high = standing(Owed("first_response", NOW + 900, True), level=HIGH_PRIORITY)
    low, grave = standing(owed), standing(owed, severity=1)
    assert high.queue_at == low.queue_at == grave.queue_at
    keys = [
        high.sort_key(9, 9),
        grave.sort_key(5, 8),
        low.sort_key(1, 7),
        low.sort_key(2, 3),
        low.sort_key(2, 4),
    ]
    assert keys == sorted(keys)


def test_nobody_starves_without_a_promise() -> None:
    asked = standing(since=NOW)
    assert asked.queue_at == NOW + 5 * DAY
    assert standing(since=NOW, waiting="waiting_on_customer").queue_at == NOW + 20 * DAY
    busy = standing(Owed("first_response", NOW + 6 * DAY, True))
    assert asked.sort_key(NOW, 1) < busy.sort_key(NOW + 5 * DAY, 2)


def test_the_priority_is_a_band_with_its_reason() -> None:
    def banded(where: Place) -> tuple[int, str]:
        return tuple(
            priority(where, now=NOW, shift_end=NOW + 4 * HOUR, told=lambda t: f"{(t - NOW) // 60} min")
        )

    first = Owed("first_response", NOW + HOUR, True)
    assert banded(standing(first, level=BUSINESS_CRITICAL, severity=1)) == (
        1,
        "first response due 60 min, head start 60 min for severity 1 at Business Critical",
    )
    assert banded(standing(first)) == (
        2,
        "first response due 60 min, no head start for severity 2 at Standard Business",
    )
    assert banded(standing(Owed("resolution", NOW + 9 * HOUR, True)))[0] == 3
    assert banded(standing())[0] == 4
    assert banded(standing(since=NOW - 6 * DAY))[0] == 1
    assert "UTC" in priority(standing(first), now=NOW, shift_end=NOW).reason


# Severity


@pytest.mark.parametrize(
    ("answers", "severity"),
    [
        ({"production": "yes", "available": "no"}, 1),
        ({"production": "yes", "available": "no", "workaround": "yes"}, 1),
        ({"production": "no", "available": "no"}, 2),
        ({"process_stopped": "yes"}, 1),
        ({"process_stopped": "yes", "workaround": "yes"}, 2),
        ({"production": "yes", "available": "partly", "affected": "most"}, 1),
        ({"production": "no", "available": "partly", "affected": "most"}, 2),
        ({"production": "yes", "available": "partly", "affected": "one"}, 2),
        ({"production": "yes", "available": "yes", "affected": "some"}, 2),
        ({"production": "yes", "available": "yes", "process_stopped": False, "affected": "one"}, 3),
        ({}, 3),
    ],
)
def test_the_guide_suggests_a_severity_by_the_definitions(answers: dict[str, object], severity: int) -> None:
    suggested = assess(answers)
    assert suggested.severity == severity
    assert suggested.because[-1] == f"Severity {severity}: {SHIPPED[severity - 1].definition}"


def test_unanswered_questions_are_allowed_and_named() -> None:
    suggested = assess({"production": True, "available": "no", "affected": "", "since": "this morning"})
    assert suggested.unanswered == ("process_stopped", "affected", "workaround")
    assert suggested.because[:2] == ("A production system cannot be used", "Since: this morning")


@pytest.mark.parametrize(
    "answers",
    [{"available": "maybe"}, {"weather": "yes"}, {"production": 1}, {"since": "x" * 300}, {"affected": True}],
)
def test_an_answer_that_the_guide_does_not_know_is_refused_by_its_question(
    answers: dict[str, object],
) -> None:
    with pytest.raises(Refused) as refused:
        assess(answers)
    assert refused.value.field in answers


def test_a_desk_may_have_more_or_fewer_severities() -> None:
    five = [SHIPPED[0]._replace(rank=rank, name=f"P{rank}") for rank in (1, 2, 3, 4, 5)]
    assert assess({"affected": "some"}, five).severity == 2
    assert assess({}, five).severity == 5
    assert assess({"affected": "some"}, five[:1]).severity == 1
    assert GUIDE[0].name == "production"


def test_the_desks_own_ceiling_brings_a_ticket_without_promise_to_the_front() -> None:
    mine = place([], level=STANDARD_BUSINESS, severity=3, our_turn_since=NOW, ceiling=2 * DAY)
    theirs = place(
        [],
        level=STANDARD_BUSINESS,
        severity=3,
        our_turn_since=NOW,
        ceiling=2 * DAY,
        waiting="waiting_on_customer",
    )
    assert (mine.queue_at, theirs.queue_at) == (NOW + 2 * DAY, NOW + 8 * DAY)
