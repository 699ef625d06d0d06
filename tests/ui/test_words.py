"""Words of time, the same everywhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mainstay.ui import words
from mainstay.ui.samples import NOW, SYDNEY, at, promise

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (40, "40 s"),
        (250, "4 min 10 s"),
        (52 * MINUTE, "52 min"),
        (74 * MINUTE, "74 min"),
        (124 * MINUTE, "2 h 04"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
    ],
)
def test_time_on_the_wall_is_said_in_its_shortest_true_form(seconds, said):
    assert words.brief(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (652, "10 min 52 s"),
        (41, "41 s"),
        (81 * MINUTE, "1 h 21 min"),
        (6 * DAY + 3 * HOUR + 59, "6 d 3 h"),
        (HOUR, "1 h"),
    ],
)
def test_a_stretch_is_said_in_its_two_largest_units(seconds, said):
    assert words.span(seconds) == said


def test_counted_time_has_no_days_because_a_business_day_is_not_one():
    assert words.left(147 * HOUR + 5 * MINUTE) == "147 h 5 min left"
    assert words.counted(130 * MINUTE) == "2 h 10"


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (at("14:18:22"), "in 12 min"),
        (at("16:10:22"), "in 2 h 04"),
        (at("13:44:22"), "over by 22 min"),
        (at("09:06", 24), "tomorrow 09:06"),
        (at("14:16", 25), "Wed 14:16"),
        (datetime(2026, 12, 3, 3, 6, tzinfo=UTC), "3 Dec 14:06"),
        (datetime(2027, 1, 5, 3, 6, tzinfo=UTC), "5 Jan 2027 14:06"),
    ],
)
def test_a_due_instant_is_a_countdown_when_near_and_a_time_when_not(due, said):
    assert words.due_in(due, NOW, SYDNEY) == said


def test_a_due_instant_shortly_after_midnight_is_still_a_countdown():
    now = datetime(2026, 11, 23, 23, 0, tzinfo=SYDNEY)
    assert words.due_in(now + timedelta(hours=2), now, SYDNEY) == "in 2 h 00"


def test_the_same_instant_is_said_in_the_readers_zone():
    assert words.when(at("09:06", 24), NOW, ZoneInfo("Asia/Tokyo")) == "tomorrow 07:06"
    assert words.clock(NOW, SYDNEY, precise=True) == "14:06:22"


def test_promises_lead_with_how_they_stand():
    met = replace(promise("met", "first_response", 0), stopped_at=at("11:13:48"), due=at("11:24:40"))
    assert words.lead(met, NOW, SYDNEY) == "met 11:13:48"
    assert words.lane_words(met, NOW, SYDNEY) == ("met 11:13:48", "10 min 52 s early")
    assert words.lead(promise("wait", "workaround", 130), NOW, SYDNEY) == "paused, 2 h 10 left"
    assert words.lead(promise("wait", "workaround", -22), NOW, SYDNEY) == "paused, over by 22 min"
    late = replace(met, k="over", breached=True, due=at("11:00"))
    assert words.lane_words(late, NOW, SYDNEY) == ("late 11:13:48", "13 min 48 s late")


def test_a_goal_that_passed_is_not_called_a_breach():
    assert words.lead(promise("goal", "resolution", -60), NOW, SYDNEY) == "goal passed 60 min ago"


def test_beside_a_countdown_stands_the_time_and_beside_a_time_the_distance():
    assert words.aside(promise("run", "workaround", 124), NOW, SYDNEY) == "16:10"
    assert words.aside(promise("run", "workaround", 2890), NOW, SYDNEY) == "in 2 d"
