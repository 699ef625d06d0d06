"""What a target means in seconds, at a start, on a calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import Refused
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import WEEKDAYS, instant
from mainstay.sla.targets import nominal_due, parse_target, seconds_at
from sla.random_cases import HOURS, TARGETS, ZONES
from sla.slow import slow_calendar

OFFICE = calendar_of(
    {"time_zone": "Australia/Sydney", "week": {d: [["09:00", "17:00"]] for d in WEEKDAYS[:5]}}
)
ALWAYS = calendar_of({"time_zone": "Australia/Sydney", "always": True})


def utc(text: str, zone: str = "Australia/Sydney") -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def due(text: str, start: str, calendar: object = OFFICE) -> int:
    return nominal_due(parse_target(text), utc(start), calendar)  # type: ignore[arg-type]


def test_sixty_minutes_are_one_hour_by_value() -> None:
    assert parse_target("60m").value == parse_target("1h").value
    assert parse_target("eobd").value == parse_target("1eobd").value
    assert parse_target("1bd").value != parse_target("eobd").value


def test_lesson_21_one_day_says_which_kind_of_day_it_is() -> None:
    start = utc("2026-03-02T16:00")  # a Monday
    assert seconds_at(parse_target("1d"), start, OFFICE) == 86_400  # 24 open hours: three working days
    assert seconds_at(parse_target("1bd"), start, OFFICE) == 8 * 3600  # Tuesday 16:00
    assert seconds_at(parse_target("eobd"), start, OFFICE) == 9 * 3600  # Tuesday 17:00
    assert OFFICE.add(start, 86_400) == utc("2026-03-05T16:00")


def test_a_business_day_from_a_closed_start_counts_from_the_first_open_instant() -> None:
    assert due("1bd", "2026-03-07T12:00") == utc("2026-03-10T09:00")
    start = utc("2026-03-07T12:00")
    # It becomes plain seconds, and the earliest instant with as many is the close of Monday.
    assert OFFICE.add(start, seconds_at(parse_target("1bd"), start, OFFICE)) == utc("2026-03-09T17:00")


def test_a_business_day_that_ends_while_closed_moves_to_the_next_opening() -> None:
    short = calendar_of(
        {
            "time_zone": "UTC",
            "week": {"mon": [["09:00", "17:00"]], "tue": [["09:00", "12:00"]], "wed": [["08:00", "17:00"]]},
        }
    )
    assert nominal_due(parse_target("1bd"), utc("2026-03-02T15:00", "UTC"), short) == utc(
        "2026-03-04T08:00", "UTC"
    )


def test_the_end_of_a_business_day_is_the_close_of_its_last_interval() -> None:
    shop = calendar_of(
        {"time_zone": "UTC", "week": {d: [["09:00", "12:00"], ["13:00", "18:00"]] for d in WEEKDAYS}}
    )
    assert nominal_due(parse_target("2eobd"), utc("2026-03-02T10:00", "UTC"), shop) == utc(
        "2026-03-04T18:00", "UTC"
    )
    assert due("eobd", "2026-03-02T10:00", ALWAYS) == utc("2026-03-04T00:00")


def test_a_month_after_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert due("1mo", "2026-01-30T10:00") == utc("2026-03-02T09:00")  # 28 February is a Saturday
    assert due("1mo", "2026-03-31T10:00", ALWAYS) == utc("2026-04-30T10:00")
    assert due("13mo", "2026-12-31T10:00", ALWAYS) == utc("2028-01-31T10:00")


def test_a_month_does_not_move_its_start_to_an_opening() -> None:
    assert due("1mo", "2026-03-01T08:00") == utc("2026-04-01T09:00")


def test_a_nominal_reading_that_occurs_twice_is_the_first_and_one_that_does_not_exist_moves_on() -> None:
    always = calendar_of({"time_zone": "America/New_York", "always": True})
    at_one_thirty = nominal_due(parse_target("1bd"), utc("2026-10-31T01:30", "America/New_York"), always)
    assert at_one_thirty == instant(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    at_half_past_two = nominal_due(parse_target("1bd"), utc("2026-03-07T02:30", "America/New_York"), always)
    assert at_half_past_two == instant(datetime(2026, 3, 8, 7, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "0m",
        "-1h",
        "1.5h",
        "h",
        "4H",
        "1w",
        "bd",
        "0bd",
        "0eobd",
        "mo",
        "1e3s",
        "٣h",
        "+4h",
        "9999999999h",
        "1bdbd",
        "",
        "4 h",
        "9" * 30 + "h",
        None,
        4,
        True,
        ["1h"],
    ],
)
def test_what_is_no_positive_target_is_refused(text: object) -> None:
    with pytest.raises(Refused) as refused:
        parse_target(text, "policy.clocks.triage.target.1")
    assert refused.value.field == "policy.clocks.triage.target.1"


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(ZONES)),
    st.sampled_from(HOURS),
    st.sets(st.sampled_from(WEEKDAYS), min_size=2),
    st.integers(0, 3 * 1440),
    st.sampled_from([t for t in TARGETS if t != "1mo"]),
)
def test_targets_agree_with_a_reading_minute_by_minute(
    zone: str, hours: list[list[str]], days: set[str], minute: int, text: str
) -> None:
    document = {"time_zone": zone, "week": dict.fromkeys(sorted(days), hours)}
    start = int(datetime.fromisoformat(ZONES[zone]).replace(tzinfo=UTC).timestamp()) // 60 + minute
    target = parse_target(text)
    assert seconds_at(target, start * 60, calendar_of(document)) == slow_calendar(document).target_seconds(
        text, start
    )
