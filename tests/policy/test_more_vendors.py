"""Two more invented vendors, written from docs/policy.md alone; every instant is worked out by hand (N2).

Meridian has desks by region, a day that follows the sun, an add-on and requests by phone with rows of their own. Orion
numbers severities from 0, closes early on Fridays and between the years, and answers outside its hours by another row.
"""

import pytest

from mainstay.policy.check import checked
from mainstay.policy.compile import Place, digest
from mainstay.policy.opening import opening
from mainstay.policy.read import read
from mainstay.policy.write import write
from policy.promised import Promised, utc

MERIDIAN = """format = 2
name = "Meridian DB support policy, May 2026"
languages = ["en", "es", "pt"]
severities = [
  { name = "Critical (P1)", definition = "Production down.", needs_contact = true },
  { name = "Major (P2)" }, { name = "Moderate (P3)" }, { name = "Minor (P4)" }, { name = "Cosmetic (P5)" },
]
hours = { time_zone = "customer", week = "Mon-Fri 08:00-18:00", holidays = ["customer", "12-24", "12-31"] }
accept_within_minutes = { "Critical (P1)" = 10, "Major (P2)" = 30 }
flags = { service_request = "a service request" }

[regions]
amer = ["US", "CA", "BR", "MX"]
emea = ["GB", "DE", "FR", "ES"]
apac = ["AU", "JP", "SG", "NZ"]

[calendars.desk_amer]
time_zone = "America/New_York"
week = "Mon-Fri 08:00-20:00"
holidays = ["US"]
[calendars.desk_emea]
time_zone = "Europe/London"
week = "Mon-Fri 08:00-18:00"
holidays = ["GB-ENG"]
[calendars.desk_apac]
time_zone = "Asia/Singapore"
week = "Mon-Fri 08:00-18:00"
holidays = ["SG"]
[calendars.regional]
choose = [
 { calendar = "desk_amer", when = { region = "amer" } },
 { calendar = "desk_apac", when = { region = "apac" } },
 { calendar = "desk_emea" },
]
[calendars.follow_the_sun]
any = ["desk_amer", "desk_emea", "desk_apac"]
[calendars.five]
time_zone = "America/New_York"
week = "Sun 18:00 - Fri 20:00"

[[severity_rules]]
rule = "default"
severity = "Moderate (P3)"
[[severity_rules]]
rule = "default"
severity = "Major (P2)"
when = { channel = "phone" }
[[severity_rules]]
rule = "ceiling"
severity = "Moderate (P3)"
when = { environment = ["test", "development"] }
[[severity_rules]]
rule = "unavailable"
severity = "Critical (P1)"
when = { level = "silver" }
then = "Major (P2)"

[levels.silver]
rank = 1
promises.first_response = { 2 = "4h regional", 3 = "1bd regional", 4 = "2bd regional", 5 = "best effort" }
promises.next_response = { 2 = "1bd regional", rest = "3bd regional" }
goals.resolution = { 2 = "5bd", 3 = "1mo", 4 = "none: in a later release", 5 = "none" }

[levels.gold]
rank = 2
staffing = { round_the_clock = true, team = "dedicated", named = "a named engineer" }
head_start_minutes = { 1 = 60, 2 = 15 }
promises.first_response.1 = "30m always"
promises.first_response.2 = "2h five"
promises.first_response.3 = "95% within 4h regional"
promises.first_response.4 = "1bd regional"
promises.first_response.5 = "2bd regional"
promises.next_response = { 1 = "1h always or as agreed", 2 = "4h five", rest = "1bd regional" }
promises.progress_update = { 1 = "2h always", 2 = "1d five", rest = "none" }
promises.workaround = { 1 = "8h always", 2 = "3d always", 3 = "2w always", rest = "none" }
goals.resolution = { 1 = "5d always", 2 = "20bd", 3 = "2mo", rest = "none: in a later release" }
promises.root_cause = { 1 = "10bd", rest = "none" }
starts_on = { workaround = "information_completed", resolution = "information_completed" }
pauses = { workaround = ["waiting_on_customer", "waiting_on_third_party", "out_of_scope"] }
on_reopen = "restart"

[[levels.gold.targets]]
clock = "first_response"
when = { channel = "phone" }
targets = { 1 = "15m always", 2 = "1h five" }
[[levels.gold.targets]]
clock = "first_response"
when = { flag = "service_request" }
target = "3bd"
[[levels.gold.targets]]
clock = "first_response"
when = { addon = "turbo" }
targets = { 1 = "10m always", 3 = "2h follow_the_sun" }
[[levels.gold.targets]]
clock = "first_response"
when = { category = "billing" }
target = "eobd"
calendar = "business"

[addons.turbo]
name = "Turbo"
price = { basis = "a month", amount = 900, currency = "USD" }

[[levels.gold.kpis]]
kpi = "uptime"
per = "quarter"
percent = 99.95
strength = "guarantee"
[levels.gold.kpis.credits]
bands = [{ below = 99.95, percent = 5 }, { below = 99, percent = 15 }, { below = 95, percent = 50 }]
cap_percent = 50
minimum = 25
claim_within = "1mo"
of = "the quarter's fee"

[packages.silver]
level = "silver"
channels = ["documentation", "email", "portal"]
contacts = { included = 3, per_units = 10, of = "nodes", most = 12 }
requests = { number = 5, per = "month", beyond = "decide" }
price = { basis = "a year", percent = 15, percent_of = "net licence fees", floor = 5000, currency = "USD" }
[packages.gold]
level = "gold"
channels = ["documentation", "email", "portal", "phone", "api", "alerts"]
addons = ["turbo"]
contacts = 10
included_hours = { hours = 16, per = "quarter", carry_over_months = 3, for = "consulting" }
price = { basis = "a year", per_unit = 1200, unit = "node", units_least = 3, currency = "USD" }
channel_rules.phone = { hours = "always", staffed = "always", severities = [1, 2], languages = ["en", "es"] }
tam = true
closing.question_reminders = ["3d", "6d"]
closing.question_closes = "9d"
closing.solution_reminders = ["5bd"]
closing.solution_closes = "10bd"
closing.reopen_window = "2w"
closing_rules = [{ severity = 1, closes = false }]
escalations = [
  { severity = 1, after = "0m", to = "team_lead" },
  { severity = 1, after = "2h", to = ["support_manager", "tam"], calendar = "always" },
  { severity = 2, clock = "workaround", after = "50%", to = "team_lead" },
]
"""
ORION = """format = 2
name = "Orion Robotics support terms 2026"
severities = [
  { name = "Sev 0", rank = 1, definition = "A line stands still." , urgency = "at once" },
  { name = "Sev 1", rank = 2, definition = "A robot stands still." },
  { name = "Sev 2", rank = 3, definition = "Restricted." },
  { name = "Sev 3", rank = 4, definition = "Question." },
]
languages = ["de", "en", "ja"]
flags = { reachable = "someone on site can be reached at any hour", safety = "people may be hurt" }
hours.time_zone = "Europe/Vienna"
hours.week = "Mon-Thu 07:00-12:00 12:30-17:30; Fri 07:00-13:00"
hours.holidays = ["AT", "AT-9", "12-24..01-06"]
hours.special = { "2026-12-31" = "closed", "05-02" = "09:00-12:00" }

[calendars.plant]
time_zone = "customer"
week = ["Mon-Fri 22:00-06:00", "Mon-Fri 06:00-14:00"]
holidays = "customer"

[calendars.sixteen]
time_zone = "Europe/Vienna"
week = "Mon-Fri 06:00-22:00"
holidays = { of = "AT", only = ["Christmas Day", "New Year's Day"] }

[calendars.weekend]
time_zone = "Europe/Vienna"
week = "Fri 13:00 - Mon 07:00"

[calendars.tokyo]
time_zone = "Asia/Tokyo"
week = "Mon-Fri 09:00-18:00"
holidays = ["JP", "12-29..01-03"]

[calendars.japanese]
choose = [{ calendar = "tokyo", when = { language = "ja" } }, { calendar = "business" }]

[[severity_rules]]
rule = "default"
severity = "Sev 2"
when = { channel = ["email", "portal"] }
[[severity_rules]]
rule = "forced"
severity = "Sev 0"
when = { flag = "safety" }
[[severity_rules]]
rule = "ceiling"
severity = "Sev 1"
when = { environment = ["test", "development"] }

[packages.copper]
name = "Copper"
channels = ["email"]
goals.first_response = { rest = "3bd" }
requests = { number = 6, per = "contract", beyond = "serve" }

[packages.silver]
name = "Silver"
channels = ["email", "portal"]
promises.first_response = { "Sev 0" = "4h", "Sev 1" = "1bd", rest = "eobd" }
promises.resolution = { "Sev 0" = "3bd", "Sev 1" = "10bd", "Sev 2" = "3mo", "Sev 3" = "none: next major release" }
starts_on.resolution = "triaged"

[[packages.silver.targets]]
clock = "first_response"
when = { language = "ja" }
calendar = "tokyo"
targets = { "Sev 0" = "4h", rest = "2bd" }

[packages.gold]
name = "Gold"
channels = ["email", "portal", "phone"]
staffing = { round_the_clock = true }
hours_rules = [
  { calendar = "always", severity = "Sev 0", when = { environment = "production", flag = "reachable" } },
  { calendar = "sixteen", when = { environment = "production" } },
]
promises.first_response = { "Sev 0" = "30m", "Sev 1" = "2h", "Sev 2" = "8h", "Sev 3" = "2bd" }
promises.progress_update = { "Sev 0" = "1h", "Sev 1" = "1bd", rest = "1w always" }
promises.workaround = { "Sev 0" = "95% within 8h", "Sev 1" = "3bd", rest = "none" }
goals.resolution = { "Sev 0" = "2d always", "Sev 1" = "2w always", "Sev 2" = "1mo", "Sev 3" = "best effort" }
on_lower = "proportional"
on_raise = "from_start"

[[packages.gold.targets]]
clock = "first_response"
severity = ["Sev 0", "Sev 1"]
when = { received = "outside_hours", environment = "production" }
target = "4h"
calendar = "always"

[[packages.gold.targets]]
clock = "first_response"
when = { category = ["feature", "enquiry"] }
target = "5bd goal"

[[packages.gold.kpis]]
kpi = "in_time"
code = "answers"
clock = "first_response"
severity = ["Sev 0", "Sev 1"]
per = "quarter"
percent = "97.5"
least = 10
strength = "guarantee"
credits = { bands = [{ below = 97.5, percent = 3 }, { below = 90, percent = 8 }], claim_within = "60d" }
"""
BERLIN, TOKYO, NOWHERE = Place("Europe/Berlin", "DE", "BE"), Place("Asia/Tokyo", "JP"), Place()
SYDNEY, DENVER = Place("Australia/Sydney", "AU", "NSW"), Place("America/Denver", "US", "CO")


def of(text, package, place):
    parts, looks = checked(text, name="vendor.toml", load=None, years=(2026, 2028))
    assert not looks
    return Promised(None, package, place, parts)


@pytest.mark.parametrize("text", [MERIDIAN, ORION])
def test_each_is_written_back_and_read_again_with_the_same_hash(text):
    parts = read(text)
    assert digest(read(write(parts))) == digest(parts)


@pytest.mark.parametrize(
    ("place", "facts", "due"),
    [
        (DENVER, {}, utc("2026-03-06 16:00", "America/New_York")),  # 12:00 in New York: four hours are left
        (BERLIN, {}, utc("2026-03-09 11:00", "Europe/London")),  # one hour on Friday, three on Monday
        (SYDNEY, {}, utc("2026-03-09 12:00", "Asia/Singapore")),  # Saturday there
        (BERLIN, {"addons": ["turbo"]}, "2026-03-06T19:00:00Z"),  # New York is still open
    ],
)
def test_meridian_answers_moderate_requests_by_the_desk_of_the_region(place, facts, due):
    assert of(MERIDIAN, "gold", place).due("first_response", 3, "2026-03-06T17:00:00Z", **facts) == due


def test_meridian_by_phone_is_quicker_and_the_week_of_the_gravest_but_one_ends_on_friday_evening():
    gold = of(MERIDIAN, "gold", BERLIN)
    friday = utc("2026-03-06 19:30", "America/New_York")
    assert gold.due("first_response", 1, friday, channel="phone") == utc(
        "2026-03-06 19:45", "America/New_York"
    )
    assert gold.due("first_response", 1, friday, channel="email") == utc(
        "2026-03-06 20:00", "America/New_York"
    )
    # half an hour is left on Friday; the rest from Sunday 18:00, when summer time has begun
    assert gold.due("first_response", 2, friday, channel="phone") == utc(
        "2026-03-08 18:30", "America/New_York"
    )
    assert gold.due("first_response", 2, friday, channel="email") == utc(
        "2026-03-08 19:30", "America/New_York"
    )


def test_meridian_work_counts_from_when_all_is_known_and_waits_for_others():
    gold = of(MERIDIAN, "gold", BERLIN)
    events = [
        ("2026-03-02T08:00:00Z", "received", 1),
        ("2026-03-02T10:00:00Z", "information_completed"),
        ("2026-03-02T12:00:00Z", "waiting_on_third_party"),
    ]
    assert gold.clocks(events[:1], until="2026-03-02T09:00:00Z").keys() == {("first_response", 1)}
    assert gold.clocks(events, until="2026-03-02T13:00:00Z")["workaround", 1].due is None
    events.append(("2026-03-02T15:00:00Z", "resumed"))
    found = gold.clocks(events, until="2026-03-02T15:00:00Z")
    assert f"{found['workaround', 1].used}" == "7200"
    assert gold.parts["desk"]["accept_within_minutes"] == {"1": 10, "2": 30}


def test_meridian_opens_requests_by_channel_environment_and_level():
    desk = read(MERIDIAN)["desk"]
    assert opening(desk, None, {"channel": "phone", "level": "gold"})[0] == 2
    assert opening(desk, None, {"channel": "email", "level": "gold"})[0] == 3
    assert opening(desk, 1, {"channel": "portal", "level": "silver"})[0] == 2
    assert opening(desk, 1, {"channel": "portal", "level": "gold", "environment": "test"})[0] == 3


@pytest.mark.parametrize(
    ("package", "severity", "at", "facts", "due"),
    [
        ("silver", 1, "2026-03-06 12:00", {}, "2026-03-09 10:00"),  # Friday closes at 13:00
        (
            "silver",
            4,
            "2026-04-30 10:00",
            {},
            "2026-05-02 12:00",
        ),  # 1 May is a holiday, 2 May has hours of its own
        ("silver", 1, "2026-12-23 16:00", {}, "2027-01-07 09:30"),  # closed from the 24th to Epiphany
        (
            "gold",
            1,
            "2026-03-06 12:30",
            {"environment": "production", "received": "inside_hours"},
            "2026-03-06 13:00",
        ),
        (
            "gold",
            1,
            "2026-03-06 13:30",
            {"environment": "production", "received": "outside_hours"},
            "2026-03-06 17:30",
        ),
        ("gold", 2, "2026-03-06 12:30", {"environment": "test"}, "2026-03-09 08:30"),
        ("gold", 3, "2026-03-06 12:30", {"environment": "production"}, "2026-03-06 20:30"),
        (
            "gold",
            3,
            "2026-03-06 12:30",
            {"environment": "production", "category": "feature"},
            "2026-03-13 12:30",
        ),
    ],
)
def test_orion_answers_by_the_hours_that_count(package, severity, at, facts, due):
    found = of(ORION, package, NOWHERE).due("first_response", severity, utc(at, "Europe/Vienna"), **facts)
    assert found == utc(due, "Europe/Vienna")


def test_orion_answers_japanese_requests_in_tokyo_hours():
    silver = of(ORION, "silver", TOKYO)
    friday = utc("2026-03-06 20:00", "Asia/Tokyo")
    assert silver.due("first_response", 1, friday, language="ja") == utc("2026-03-09 13:00", "Asia/Tokyo")


def test_orion_forces_what_may_hurt_people_to_the_gravest():
    desk = read(ORION)["desk"]
    assert opening(desk, 4, {"channel": "email", "flags": ["safety"]})[0] == 1
    assert opening(desk, None, {"channel": "email"})[0] == 3
