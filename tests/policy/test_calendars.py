"""Calendars of a policy, compiled to the case format: exact to the minute, also across zones."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import Refused
from mainstay.policy import ics, weeks
from mainstay.policy.calendars import compiled
from mainstay.policy.closed_days import closed_days, holidays_shape
from mainstay.policy.compile import Place, around
from mainstay.sla.calendars import calendar_of
from mainstay.sla.cases import parse_instant
from mainstay.sla.hours import DAY, WEEKDAYS, day_of

YEARS = (2026, 2026)
ALWAYS = {"always": {"always": True}}


def made(name, calendars, place=None, years=YEARS, **facts):
    """A calendar compiled and opened."""
    return calendar_of(compiled(name, {**ALWAYS, **calendars}, around(place or Place(), years, facts)))


def week(zone, hours, **more):
    return {"time_zone": zone, "week": weeks.read_week(hours), **more}


def t(text):
    return parse_instant(text, "t")


# ---- weeks


@pytest.mark.parametrize(
    ("text", "open_at", "closed_at"),
    [
        ("Mon-Fri 09:00-18:00", "2026-03-02T09:00Z", "2026-03-02T18:00Z"),
        ("Mon-Fri 22:00-06:00", "2026-03-07T05:59Z", "2026-03-07T06:00Z"),
        ("Sun 18:00 - Fri 18:00", "2026-03-04T03:00Z", "2026-03-06T18:00Z"),
        ("Fri 17:00 - Mon 10:00", "2026-03-08T12:00Z", "2026-03-09T10:00Z"),
        ("24x5", "2026-03-06T23:59Z", "2026-03-07T00:00Z"),
        ("daily 06:00-22:00", "2026-03-08T06:00Z", "2026-03-08T22:00Z"),
        ("Mon,Wed 09:00-12:00 13:00-17:00; Sat 10:00-12:00", "2026-03-07T10:00Z", "2026-03-03T10:00Z"),
        ("Fri-Mon 10:00-11:00", "2026-03-08T10:30Z", "2026-03-04T10:30Z"),
    ],
)
def test_weeks_as_people_write_them(text, open_at, closed_at):
    hours = made("x", {"x": week("UTC", text)})
    assert hours.is_open(t(open_at))
    assert not hours.is_open(t(closed_at))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Mon-Fri 09:00-18:00; Wed 17:00-20:00", "overlapping hours on Wed"),
        ("Mon-Fri 22:00-09:00; Mon-Fri 08:00-17:00", "overlapping hours"),
        ("Mon-Fry 09:00-18:00", "cannot read"),
        ("Mon-Fri 9-18", "cannot read the times"),
        ("Mon-Fri 09:00-25:00", "cannot read the times"),
        ("Mon,Mon 09:00-10:00", "names a day twice"),
        ("", "must be hours"),
    ],
)
def test_weeks_that_cannot_be_read(text, says):
    with pytest.raises(Refused, match=says):
        weeks.read_week(text)


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(WEEKDAYS),
        st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(
            lambda halves: [
                [f"{a // 2:02}:{a % 2 * 30:02}", f"{b // 2:02}:{b % 2 * 30:02}"]
                for a, b in zip(sorted(halves)[::2], sorted(halves)[1::2], strict=False)
            ]
        ),
        min_size=1,
    )
)
def test_a_week_that_is_written_shortly_reads_back_the_same(hours):
    said = weeks.written(hours)
    assert said is None or weeks.read_week(said) == hours
    assert weeks.words(hours)


# ---- holidays


def test_closed_days_of_every_kind():
    listed = ["2026-12-31", "05-17", "12-28..01-03", "2026-07-01..2026-07-03", "AU-NSW"]
    found = closed_days(listed, around(Place(), (2026, 2027), {}).where, (2026, 2027))
    for day in ("2026-12-31", "2026-05-17", "2027-05-17", "2026-01-01", "2026-01-03", "2026-12-28", "2027-01-03",
                "2026-07-02", "2026-01-26"):  # fmt: skip
        assert day in found
    assert "2026-01-04" not in found
    assert "2027-07-02" not in found


def test_a_leap_day_is_closed_in_leap_years():
    where = around(Place(), (2027, 2028), {}).where
    assert closed_days(["02-29"], where, (2027, 2028)) == ["2028-02-29"]
    assert closed_days(["02-28..03-01"], where, (2027, 2027)) == ["2027-02-28", "2027-03-01"]


def test_a_vendors_own_choice_of_a_countrys_holidays():
    where = around(Place(), YEARS, {}).where
    few = [{"of": "US", "only": ["Thanksgiving", "Christmas"]}]
    assert closed_days(few, where, YEARS) == ["2026-11-26", "2026-12-25"]
    rest = closed_days([{"of": "US", "without": ["Thanksgiving"]}], where, YEARS)
    assert "2026-07-03" in rest
    assert "2026-11-26" not in rest
    english = [{"of": "JP", "only": ["New Year"]}]
    assert closed_days(english, where, YEARS) == ["2026-01-01"]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (["2026-02-30"], "must be a date"),
        (["13-01"], "must be a date"),
        (["2026-07-03..2026-07-01"], "must be a date"),
        (["XX"], "no country"),
        (["DE-XX"], "no part of DE"),
        ([{"of": "US", "but": ["x"]}], "is not known here"),
        ("vendor", "must be one of customer, none"),
        ([7], "must be a date"),
    ],
)
def test_holidays_that_nobody_can_mean(entries, says):
    assert says in " ".join(str(problem) for problem in holidays_shape(entries, "holidays"))


CALENDAR = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//vendor//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20270102
SUMMARY:Works holidays
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20240501
RRULE:FREQ=YEARLY;COUNT=4
EXDATE;VALUE=DATE:20260501
SUMMARY:May Day
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20260310T090000Z
DTEND:20260310T100000Z
SUMMARY:A meeting closes nothing
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20260401
TRANSP:TRANSPARENT
SUMMARY:A birthday neither
END:VEVENT
END:VCALENDAR
"""


def test_closed_days_out_of_an_icalendar_file():
    found = ics.closed_dates(CALENDAR, "vendor.ics")
    assert found == ["2024-05-01", "2025-05-01", "2026-12-24..2027-01-01", "2027-05-01"]


@pytest.mark.parametrize("data", [b"", b"no calendar", CALENDAR[:40] + b"END:VCALENDAR\n"])
def test_an_icalendar_file_that_closes_nothing_is_refused(data):
    with pytest.raises(Refused):
        ics.closed_dates(data, "vendor.ics")


def test_special_days_may_come_every_year_and_a_date_comes_first():
    hours = made("x", {"x": week("UTC", "Mon-Fri 09:00-17:00", holidays=["2026-12-25"], special={
        "12-24": [["09:00", "12:00"]], "12-25": [["10:00", "11:00"]], "2026-12-24": []})})  # fmt: skip
    assert not hours.is_open(t("2026-12-24T10:00Z"))
    assert hours.is_open(t("2026-12-25T10:30Z"))


# ---- one calendar out of several


def test_the_customers_zone_and_holidays():
    place = Place("Australia/Sydney", "AU", "NSW")
    hours = made("x", {"x": week("customer", "Mon-Fri 09:00-17:00", holidays="customer")}, place)
    assert hours.time_zone == "Australia/Sydney"
    assert not hours.is_open(t("2026-01-26T10:00+11:00"))
    assert hours.is_open(t("2026-01-27T10:00+11:00"))


def test_a_choice_by_facts_takes_the_row_that_says_most():
    calendars = {"a": week("UTC", "Mon 09:00-10:00"), "b": week("UTC", "Tue 09:00-10:00"),
                 "x": {"choose": [{"calendar": "a"}, {"calendar": "b", "when": {"language": "ja"}}]}}  # fmt: skip
    assert made("x", calendars).is_open(t("2026-03-02T09:30Z"))
    assert made("x", calendars, language="ja").is_open(t("2026-03-03T09:30Z"))


@pytest.mark.parametrize(
    ("calendars", "says"),
    [
        ({"x": {"any": ["x", "always"]}}, "refers to itself: x -> x"),
        ({"x": {"any": ["y", "always"]}, "y": {"all": ["x", "always"]}}, "refers to itself: x -> y -> x"),
        ({"x": {"any": ["z", "always"]}}, 'names the calendar "z"'),
        (
            {"x": {"all": ["a", "b"]}, "a": week("UTC", "Mon 09:00-10:00"), "b": week("UTC", "Tue 09:00-10:00")},
            "never opens",
        ),
        (
            {"x": {"all": ["a", "b"]}, "a": week("Asia/Tokyo", "Mon 09:00-10:00"),
             "b": week("Europe/London", "Mon 09:00-10:00")},
            "never opens",
        ),
    ],
)  # fmt: skip
def test_calendars_that_cannot_be_compiled(calendars, says):
    with pytest.raises(Refused, match=says):
        made("x", calendars)


def test_what_is_always_open_is_written_so():
    seen = around(Place("Europe/Berlin"), YEARS, {})
    both = {**ALWAYS, "x": {"any": ["a", "always"]}, "a": week("Europe/Berlin", "Mon 09:00-10:00")}
    assert compiled("x", both, seen) == {"time_zone": "Europe/Berlin", "always": True}


def test_follow_the_sun_has_no_hole_and_no_double():
    calendars = {
        "sydney": week("Australia/Sydney", "Mon-Fri 09:00-17:00"),
        "london": week("Europe/London", "Mon-Fri 08:00-17:00"),
        "denver": week("America/Denver", "Mon-Fri 08:00-17:00"),
        "x": {"any": ["sydney", "london", "denver"]},
    }
    hours = made("x", calendars)
    assert hours.time_zone == "UTC"
    parts = [made(name, calendars) for name in ("sydney", "london", "denver")]
    for minute in range(
        t("2026-03-27T00:00Z"), t("2026-04-08T00:00Z"), 60
    ):  # London and Sydney change their clocks
        assert hours.is_open(minute) == any(part.is_open(minute) for part in parts)


ZONES = st.sampled_from(
    ["UTC", "Australia/Sydney", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
)
TIMES = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
WEEKS = st.builds(
    lambda day, start, end: f"{day} {start}-{end}",
    st.sampled_from(["Mon-Fri", "daily", "Sat,Sun", "Wed-Mon"]),
    TIMES,
    TIMES,
)
SIMPLE = st.builds(
    lambda zone, hours, days: week(zone, hours, holidays=days),
    ZONES,
    WEEKS,
    st.lists(st.sampled_from(["2026-04-05", "2026-10-25", "03-29", "US"]), max_size=2),
)


@settings(max_examples=40)
@given(SIMPLE, SIMPLE, SIMPLE, st.sampled_from(["any", "all", "except"]), st.data())
def test_a_combination_is_open_exactly_when_its_parts_say_so(one, other, third, kind, data):
    calendars = {"a": one, "b": other, "c": third, "x": {kind: ["a", "b", "c"]}}
    try:
        hours = made("x", calendars)
    except Refused:  # nothing in common: no minute of the year is open
        hours = None
    parts = [made(name, calendars) for name in "abc"]
    year = day_of(date(2026, 1, 1)) * DAY
    near = [day_of(date(2026, *day)) * DAY for day in ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1))]
    moments = [data.draw(st.integers(0, 365 * 1440 - 1)) * 60 + year for _ in range(60)]
    moments += [day + 900 * k for day in near for k in range(-48, 144)]
    for moment in moments:
        opened = [part.is_open(moment) for part in parts]
        expected = {
            "any": any(opened),
            "all": all(opened),
            "except": opened[0] and not any(opened[1:]),
        }[kind]
        assert (hours is not None and hours.is_open(moment)) == expected, moment


ENDS = st.builds(
    lambda day, time, zone: f"{day.capitalize()} {time} {zone}", st.sampled_from(WEEKDAYS), TIMES, ZONES
)


@settings(max_examples=40)
@given(ENDS, ENDS, st.lists(st.integers(0, 365 * 1440 - 1), min_size=50, max_size=50))
def test_a_span_is_open_from_one_end_to_the_next(begin, end, minutes):
    hours = made("x", {"x": {"span": [{"from": begin, "until": end}]}})
    year = day_of(date(2026, 1, 1)) * DAY
    marks = sorted([*_instants(begin, "from"), *_instants(end, "until")])
    for minute in minutes:
        moment = year + minute * 60
        last = [side for at, side in marks if at <= moment][-1]
        both = {side for at, side in marks if at == max(a for a, _ in marks if a <= moment)}
        assert hours.is_open(moment) == (last == "from" if len(both) == 1 else True)


def _instants(end, side):
    """Every instant of a weekly end from two weeks before the year to its end."""
    day, time, zone = end.split(" ")
    there = calendar_of({"time_zone": zone, "always": True})
    first = day_of(date(2025, 12, 15))
    return [
        (there.first_instant(k, int(time[:2]) * 3600 + int(time[3:]) * 60), side)
        for k in range(first, first + 400)
        if WEEKDAYS[(k + 3) % 7] == day.lower()
    ]
