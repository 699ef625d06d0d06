"""Two whole policies of invented vendors, made of kinds of rule together, and the instants they come to (N2).

Northgate keeps one desk from Sunday to Friday evening in its own zone beside an office day; Southmoor closes for lunch,
counts in days, weeks and months of the calendar, and credits days of service for missed answers.
"""

import pytest

from mainstay.errors import Refused
from mainstay.policy import weeks
from mainstay.policy.check import checked
from mainstay.reports.kpis import rows
from policy.promised import Promised

NORTHGATE = """
format = 2
name = "Northgate Data"
severities = [{ name = "Blocker" }, { name = "Major" }, { name = "Minor" }, { name = "Question" }]
[calendars.fiveday]
time_zone = "America/Chicago"
week = "Sun 17:00 - Fri 17:00"
holidays = "none"
[calendars.office]
time_zone = "America/Chicago"
week = "Mon-Fri 07:00-19:00"
holidays = ["US-TX", "12-24"]
[packages.bronze]
channels = ["email", "portal"]
contacts = { included = 2, per_units = 250, most = 10 }
requests = { number = 12, per = "year" }
promises.first_response = { 1 = "4h office", 2 = "8h office", 3 = "2bd office", 4 = "none" }
[packages.gold]
channels = ["email", "portal", "phone"]
included_hours = { hours = 20, per = "quarter", carry_over_months = 3 }
promises.first_response = { 1 = "30m fiveday", 2 = "2h fiveday", 3 = "1bd office", 4 = "3bd office goal" }
"""
SOUTHMOOR = """
format = 2
name = "Southmoor Systems"
severities = [{ name = "S1" }, { name = "S2" }, { name = "S3" }]
[calendars.desk]
time_zone = "Europe/Paris"
week = "Mon-Fri 08:30-12:30 13:30-17:30"
holidays = ["FR", "12-26"]
[packages.essential]
channels = ["email"]
promises.first_response = { 1 = "4h desk", 2 = "1bd desk", 3 = "best effort" }
[packages.vital]
channels = ["email", "phone"]
promises.first_response = { 1 = "30m always", 2 = "2h desk", 3 = "95% within 1bd desk" }
promises.progress_update = { 1 = "4h always", 2 = "2bd desk", 3 = "none" }
promises.resolution = { 1 = "3d always", 2 = "2w always", 3 = "6mo always goal" }
[[packages.vital.targets]]
clock = "first_response"
severity = 1
when = { environment = "test" }
target = "4h"
calendar = "desk"
kind = "goal"
[[packages.vital.kpis]]
kpi = "missed"
clock = "first_response"
severity = [1, 2]
strength = "guarantee"
per = "quarter"
count = 1
[packages.vital.kpis.credits]
bands = [{ above = "1", days = 2 }, { above = "3", days = 5 }]
cap_percent = "20"
minimum = "50"
claim_within = "6w"
"""


def of(text, package):
    parts, _ = checked(text, name="whole.toml", load=None, years=(2026, 2027))
    return Promised(None, package, parts=parts)


def test_the_desk_that_opens_on_sunday_evening_counts_over_the_weekend_and_the_change_of_the_clocks():
    gold = of(NORTHGATE, "gold")
    # ten minutes are left on Friday in winter time; twenty more from Sunday 17:00, when summer time has begun
    assert gold.due("first_response", 1, "2026-03-06T22:50:00Z") == "2026-03-08T22:20:00Z"
    assert gold.due("first_response", 2, "2026-03-04T08:00:00Z") == "2026-03-04T10:00:00Z"


def test_the_office_is_closed_on_the_vendors_own_eve_and_the_states_holidays():
    bronze = of(NORTHGATE, "bronze")
    assert bronze.due("first_response", 1, "2026-12-24T15:00:00Z") == "2026-12-28T17:00:00Z"
    assert bronze.due("first_response", 4, "2026-12-24T15:00:00Z") is None
    said = bronze.parts["packages"]["bronze"]
    assert (said["contacts"], said["requests"]) == (
        {"included": 2, "per_units": 250, "most": 10}, {"number": 12, "per": "year"},
    )  # fmt: skip
    assert of(NORTHGATE, "gold").parts["packages"]["gold"]["included_hours"] == {
        "hours": 20, "per": "quarter", "carry_over_months": 3,
    }  # fmt: skip


def test_lunch_stands_between_and_a_test_system_has_a_row_of_its_own():
    vital = of(SOUTHMOOR, "vital")
    assert vital.due("first_response", 2, "2026-03-02T10:30:00Z") == "2026-03-02T13:30:00Z"
    assert vital.due("first_response", 1, "2026-05-08T09:00:00Z") == "2026-05-08T09:30:00Z"
    # the 8th of May is a holiday, the 9th a Saturday
    on_test = vital.due("first_response", 1, "2026-05-08T09:00:00Z", environment="test")
    assert on_test == "2026-05-11T10:30:00Z"


def test_days_weeks_and_months_of_the_calendar_count_round_the_clock():
    vital = of(SOUTHMOOR, "vital")
    assert vital.due("resolution", 1, "2026-03-06T09:00:00Z") == "2026-03-09T09:00:00Z"
    assert vital.due("resolution", 2, "2026-03-06T09:00:00Z") == "2026-03-20T09:00:00Z"
    assert vital.due("resolution", 3, "2026-03-06T09:00:00Z") == "2026-09-06T09:00:00Z"
    assert of(SOUTHMOOR, "essential").due("first_response", 3, "2026-03-06T09:00:00Z") is None


def test_missed_answers_credit_days_of_service_by_the_quarter():
    (row,) = of(SOUTHMOOR, "vital").whole["kpis"]
    read = rows.read(row)
    assert read.credits is not None
    assert [(str(one.limit), str(one.days)) for one in read.credits.bands] == [("1", "2"), ("3", "5")]
    assert (str(read.credits.minimum), read.credits.claim) == ("50", (6, "w"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("office", 'a calendar is named behind a target: "4h office"'),
        ("Mon-Fri 08:30-12:30, Mon-Fri 13:30-17:30", 'write .*"Mon-Fri 09:00-12:30 13:30-17:00"'),
    ],
)
def test_hours_that_cannot_be_read_say_how_they_are_written(text, says):
    with pytest.raises(Refused, match=says):
        weeks.read_week(text)
