"""Business time, exactly as the clock definition says, in zones with odd clocks."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import Refused
from mainstay.sla.calendars import calendar_of
from mainstay.sla.hours import DAY, WEEKDAYS, Calendar, at, instant
from sla.slow import slow_calendar

OFFICE = {"time_zone": "Australia/Sydney", "week": {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}}
ALWAYS = {"time_zone": "UTC", "always": True}


def utc(text: str, zone: str = "Australia/Sydney", fold: int = 0) -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


def daily(zone: str, *hours: list[str], **more: object) -> Calendar:
    return calendar_of({"time_zone": zone, "week": {day: list(hours) for day in WEEKDAYS}, **more})


def test_eight_hours_from_nine_on_a_nine_to_five_day_end_at_five_that_day() -> None:
    office = calendar_of(OFFICE)
    assert office.add(utc("2026-03-02T09:00"), 8 * 3600) == utc("2026-03-02T17:00")


def test_adding_nothing_gives_the_start_even_when_closed() -> None:
    office = calendar_of(OFFICE)
    assert office.add(utc("2026-03-01T12:00"), 0) == utc("2026-03-01T12:00")


def test_the_last_hour_of_friday_and_the_first_of_monday_are_two_hours() -> None:
    office = calendar_of(OFFICE)
    assert office.elapsed(utc("2026-03-06T16:00"), utc("2026-03-09T10:00")) == 2 * 3600
    assert office.elapsed(utc("2026-03-09T10:00"), utc("2026-03-06T16:00")) == 0


def test_lesson_22_the_hour_that_happens_twice_counts_twice() -> None:
    night = daily("Europe/Dublin", ["01:00", "02:00"])
    assert (
        night.elapsed(utc("2026-10-25T00:00", "Europe/Dublin"), utc("2026-10-25T12:00", "Europe/Dublin"))
        == 7200
    )


def test_lesson_22_the_missing_hour_cannot_count() -> None:
    night = daily("America/New_York", ["02:00", "03:00"])
    begin = utc("2026-03-08T00:00", "America/New_York")
    assert night.elapsed(begin, begin + DAY // 2) == 0
    assert night.add(begin, 1) == utc("2026-03-09T02:00", "America/New_York") + 1


def test_lesson_22_lord_howe_changes_by_half_an_hour() -> None:
    night = daily("Australia/Lord_Howe", ["01:30", "02:00"])
    begin = utc("2026-04-04T22:00", "Australia/Lord_Howe")
    assert night.elapsed(begin, begin + DAY // 2) == 3600


def test_lesson_22_a_holiday_on_the_day_the_clocks_change_stays_closed() -> None:
    night = daily("Europe/Dublin", ["01:00", "02:00"], holidays=["2026-10-25"])
    assert (
        night.elapsed(utc("2026-10-25T00:00", "Europe/Dublin"), utc("2026-10-25T23:00", "Europe/Dublin")) == 0
    )


def test_apia_left_out_a_friday_and_nothing_counts_on_it() -> None:
    office = daily("Pacific/Apia", ["09:00", "17:00"])
    thursday = utc("2011-12-29T17:00", "Pacific/Apia")
    assert office.next_open(thursday) == utc("2011-12-31T09:00", "Pacific/Apia")
    assert office.elapsed(thursday - 8 * 3600, utc("2011-12-31T17:00", "Pacific/Apia")) == 16 * 3600


def test_lesson_8_a_round_the_clock_calendar_has_no_hole_at_midnight() -> None:
    for round_the_clock in (calendar_of(ALWAYS), daily("Asia/Kathmandu", ["00:00", "24:00"])):
        begin = utc("2026-05-01T23:59", "Asia/Kathmandu")
        assert round_the_clock.elapsed(begin, begin + 120) == 120
        assert round_the_clock.add(begin, 10 * DAY) == begin + 10 * DAY
        assert round_the_clock.next_close(begin) is None


def test_lesson_19_lunch_breaks_and_several_intervals_a_day_work() -> None:
    shop = daily("Asia/Tokyo", ["09:00", "12:00"], ["13:00", "17:00"])
    assert shop.add(utc("2026-05-01T11:30", "Asia/Tokyo"), 3600) == utc("2026-05-01T13:30", "Asia/Tokyo")
    assert not shop.is_open(utc("2026-05-01T12:00", "Asia/Tokyo"))
    assert shop.next_close(utc("2026-05-01T13:00", "Asia/Tokyo")) == utc("2026-05-01T17:00", "Asia/Tokyo")


def test_special_hours_replace_a_day_even_a_holiday_and_an_empty_list_closes_it() -> None:
    office = calendar_of(
        OFFICE
        | {
            "holidays": ["2026-03-03", "2026-03-04"],
            "special": {
                "2026-03-03": [["10:00", "11:00"]],
                "2026-03-05": [],
                "2026-03-07": [["09:00", "10:00"]],
            },
        }
    )
    week = office.intervals(utc("2026-03-02T00:00"), utc("2026-03-09T00:00"))
    assert [(str(at(p.start))[5:16], p.end - p.start) for p in week] == [
        ("03-01 22:00", 28800),
        ("03-02 23:00", 3600),
        ("03-05 22:00", 28800),
        ("03-06 22:00", 3600),
    ]
    reasons = [
        (c.reason, office.row(c.day))
        for c in office.closures(utc("2026-03-04T12:00"), utc("2026-03-08T12:00"))
    ]
    assert ("holiday", "holiday 2026-03-04") in reasons
    assert ("special", "special 2026-03-05 closed") in reasons
    assert ("outside hours", "Fri 09:00-17:00") in reasons
    assert ("weekend", "no row Sun") in reasons


def test_holidays_that_close_years_are_passed_over() -> None:
    days = [f"{datetime(2026, 1, 1) + timedelta(days=i):%Y-%m-%d}" for i in range(3000)]  # noqa: DTZ001
    shut = calendar_of(OFFICE | {"holidays": days})
    assert shut.next_open(utc("2026-03-02T10:00")) == utc("2034-03-20T09:00")
    assert shut.elapsed(utc("2026-03-02T10:00"), utc("2034-03-20T10:00")) == 3600


def test_a_duration_beyond_the_year_3000_is_refused_and_not_sought_for_ever() -> None:
    with pytest.raises(Refused, match="3000"):
        calendar_of(ALWAYS).add(0, 10**12)
    rare = calendar_of({"time_zone": "UTC", "week": {"mon": [["09:00", "09:01"]]}})
    with pytest.raises(Refused, match="3000"):
        rare.add(instant(datetime(2900, 1, 1, tzinfo=UTC)), 10**6)


def test_any_instant_can_be_asked_first() -> None:
    office = Calendar("Europe/Paris", calendar_of(OFFICE)._week, {})
    for year in (2030, 2026, 1999, 2041, 1985):
        monday = next(d for d in range(1, 8) if datetime(year, 6, d, tzinfo=UTC).weekday() == 0)
        begin = instant(datetime(year, 6, monday, tzinfo=UTC))
        assert office.elapsed(begin, begin + 7 * DAY) == 5 * 8 * 3600
    low, high = instant(datetime(1999, 6, 7, tzinfo=UTC)), instant(datetime(1999, 6, 14, tzinfo=UTC))
    assert office.elapsed(low, high) == 5 * 8 * 3600


def test_half_an_hour_before_nine_twenty_is_ten_to_five_the_day_before() -> None:
    office = calendar_of(OFFICE)
    assert office.subtract(utc("2026-03-03T09:20"), 1800) == utc("2026-03-02T16:50")
    assert office.subtract(utc("2026-03-03T09:20"), 1200) == utc("2026-03-02T17:00")


def test_naive_datetimes_are_no_instants() -> None:
    with pytest.raises(TypeError):
        instant(datetime(2026, 3, 2))  # noqa: DTZ001


def test_aware_datetimes_go_in_and_utc_comes_out() -> None:
    office = calendar_of(OFFICE)
    begin = datetime(2026, 3, 2, 9, 0, 0, 999999, tzinfo=ZoneInfo("Australia/Sydney"))
    assert office.add_to(begin, 3600) == datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert office.elapsed_between(begin, begin + timedelta(hours=2)) == 7200


def test_two_calendars_are_equal_when_their_content_is() -> None:
    assert calendar_of(OFFICE, name="a") == calendar_of(dict(OFFICE), name="b")
    assert calendar_of(OFFICE) is calendar_of(dict(OFFICE))
    assert calendar_of(OFFICE) != calendar_of(OFFICE | {"holidays": ["2026-01-26"]})
    assert calendar_of(ALWAYS) != calendar_of(ALWAYS | {"time_zone": "Asia/Tokyo"})


def test_the_pure_package_needs_no_django() -> None:
    code = "import mainstay.sla.cli, mainstay.sla.ledger, mainstay.sla.order, sys; print('django' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


# Laws, and a reading minute by minute

NIGHTS = {
    "Australia/Lord_Howe": "2026-04-04",
    "Pacific/Apia": "2011-12-29",
    "Europe/Dublin": "2026-03-28",
    "Asia/Kathmandu": "2026-05-01",
    "America/Santiago": "2026-04-03",
    "Africa/Cairo": "2026-04-23",
    "America/St_Johns": "2010-11-05",
}
zones = st.sampled_from(sorted(NIGHTS))
edges = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, object], int]:
    zone = draw(zones)

    def hours() -> list[list[str]]:
        marks = [f"{q // 4:02}:{q % 4 * 15:02}" for q in draw(edges)]
        return [list(pair) for pair in zip(marks[::2], marks[1::2], strict=False)]

    night = datetime.fromisoformat(NIGHTS[zone]).replace(tzinfo=UTC)
    days = [f"{night + timedelta(days=i):%Y-%m-%d}" for i in range(4)]
    document = {
        "time_zone": zone,
        "week": {day: hours() for day in draw(st.sets(st.sampled_from(WEEKDAYS), min_size=2))},
        "holidays": draw(st.lists(st.sampled_from(days), max_size=1)),
        "special": {day: hours() for day in draw(st.sets(st.sampled_from(days), max_size=1))},
    }
    return document, instant(night) // 60


minutes_on = st.integers(0, 4 * 1440)


@settings(max_examples=40)
@given(calendars(), minutes_on, minutes_on, st.integers(1, 200))
def test_business_time_agrees_with_a_reading_minute_by_minute(
    made: tuple[dict[str, object], int], a: int, b: int, minutes: int
) -> None:
    document, base = made
    fast, slow = calendar_of(document), slow_calendar(document)
    a, b = base + min(a, b), base + max(a, b)
    assert fast.elapsed(a * 60, b * 60) == slow.elapsed(a, b)
    assert fast.add(a * 60, minutes * 60) == slow.add(a, minutes * 60)
    assert fast.is_open(a * 60) == slow.open(a)
    assert fast.next_open(a * 60) == 60 * slow.next_open(a)
    pieces = fast.intervals(a * 60, b * 60)
    assert sum(p.end - p.start for p in pieces) == fast.elapsed(a * 60, b * 60)
    gaps = fast.closures(a * 60, b * 60)
    assert sum(c.end - c.start for c in gaps) == (b - a) * 60 - fast.elapsed(a * 60, b * 60)


instants = st.integers(utc("2020-01-01T00:00"), utc("2035-01-01T00:00"))
durations = st.integers(0, 400 * 3600)


@settings(max_examples=150)
@given(calendars(), instants, durations, durations)
def test_the_laws_of_business_time(
    made: tuple[dict[str, object], int], start: int, first: int, then: int
) -> None:
    calendar = calendar_of(made[0])
    due = calendar.add(start, first)
    assert calendar.elapsed(start, due) == first
    assert first == 0 or calendar.elapsed(start, due - 1) == first - 1  # the earliest such instant
    assert calendar.add(due, then) == calendar.add(start, first + then) or then == 0
    later = calendar.add(start, first + then)
    assert calendar.elapsed(start, due) + calendar.elapsed(due, later) == calendar.elapsed(start, later)
    assert due <= later
    assert first == 0 or calendar.add(calendar.subtract(due, first), first) == due


# What is refused, with the field that is wrong


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "Europe"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": 7}, "time_zone"),
        ({"time_zone": "a" * 5000}, "time_zone"),
        ({"time_zone": "Europe/Par\x00is"}, "time_zone"),
        ({"time_zone": "localtime"}, "time_zone"),
        ({"always": True}, "week"),
        ({"always": 1}, "always"),
        ({"week": {}}, "week"),
        ({"week": {"mon": []}}, "week"),
        ({"week": []}, "week"),
        ({"week": {"monday": [["09:00", "17:00"]]}}, "week.monday"),
        ({"week": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "week.mon"),
        ({"week": {"mon": [["17:00", "09:00"]]}}, "week.mon[0]"),
        ({"week": {"mon": [["09:00", "09:00"]]}}, "week.mon[0]"),
        ({"week": {"mon": [["24:00", "24:00"]]}}, "week.mon[0][0]"),
        ({"week": {"mon": [["9:00", "17:00"]]}}, "week.mon[0][0]"),
        ({"week": {"mon": [["09:00", "25:00"]]}}, "week.mon[0][1]"),
        ({"week": {"mon": [["09:00"]]}}, "week.mon[0]"),
        ({"week": {"mon": "09:00-17:00"}}, "week.mon"),
        ({"week": {"mon": [[9, 17]]}}, "week.mon[0][0]"),
        ({"holidays": ["2026-02-30"]}, "holidays[0]"),
        ({"holidays": ["2026-W01-1"]}, "holidays[0]"),
        ({"holidays": {"2026-01-01": True}}, "holidays"),
        ({"special": {"26 January": []}}, 'special."26 January"'),
        ({"special": {"2026-01-26": [["09:00", "12:00"], ["09:00", "10:00"]]}}, "special.2026-01-26"),
        ({"special": ["2026-01-26"]}, "special"),
        ({"hours": {}}, "hours"),
    ],
)
def test_a_wrong_calendar_is_refused_by_the_name_of_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        calendar_of(OFFICE | change, name="office")
    assert refused.value.field == f"calendars.office.{field}"


def test_hours_that_only_touch_do_not_overlap() -> None:
    calendar_of({"time_zone": "UTC", "week": {"mon": [["12:00", "13:00"], ["09:00", "12:00"]]}})
