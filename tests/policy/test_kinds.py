"""The kinds of rule that support policies have (N2): each can be said in a few lines, and the clocks obey it.

No vendor's policy, but what was seen in many of them. Monday 2 March 2026 unless something else is said.
"""

from mainstay.policy.check import checked
from mainstay.policy.compile import Place, compose
from mainstay.policy.opening import opening
from policy.promised import Promised, local, utc

HEAD = """
format = 2
name = "Kinds"
flags = { reachable = "the customer can be reached at every hour", reproducible = "we can make it happen" }
severities = [{ name = "P1" }, { name = "P2" }, { name = "P3" }, { name = "P4" }, { name = "P5" }]
"""
MONDAY = "2026-03-02T10:00:00Z"


def gold(text, place=None, package="gold"):
    """A package of a small policy that has been checked as a whole."""
    parts, _ = checked(HEAD + text, name="kinds.toml", load=None, years=(2026, 2027))
    return Promised(None, package, place, parts=parts)


def test_16x5_and_windows_across_midnight():
    days = gold('hours = { time_zone = "UTC", week = "Mon-Fri 06:00-22:00", holidays = "none" }\n'
                '[packages.gold]\npromises.first_response = "16h"')  # fmt: skip
    assert days.due("first_response", 1, "2026-03-06T20:00:00Z") == "2026-03-09T20:00:00Z"
    nights = gold('hours = { time_zone = "UTC", week = "Mon-Fri 20:00-04:00", holidays = "none" }\n'
                  '[packages.gold]\npromises.first_response = "4h"')  # fmt: skip
    assert nights.due("first_response", 1, "2026-03-07T02:00:00Z") == "2026-03-09T22:00:00Z"


def test_the_weekend_as_one_long_interval_has_its_own_targets():
    promised = gold("""
    [calendars.weekend]
    time_zone = "UTC"
    week = "Fri 18:00 - Mon 08:00"
    [calendars.weekdays]
    except = ["always", "weekend"]
    [packages.gold]
    promises.first_response = { rest = "1h weekdays" }
    """)
    assert promised.due("first_response", 1, "2026-03-06T17:30:00Z") == "2026-03-09T08:30:00Z"


def test_hours_by_language_and_by_regional_desk():
    promised = gold("""
    languages = ["en", "de"]
    [regions]
    emea = ["GB", "DE"]
    apac = ["AU", "JP"]
    [calendars.emea]
    time_zone = "Europe/London"
    week = "Mon-Fri 08:00-18:00"
    holidays = ["GB-ENG"]
    [calendars.apac]
    time_zone = "Asia/Singapore"
    week = "Mon-Fri 08:00-18:00"
    [calendars.german]
    time_zone = "Europe/Berlin"
    week = "Mon-Fri 09:00-17:00"
    holidays = ["DE"]
    [calendars.desk]
    choose = [
        { calendar = "emea" },
        { calendar = "apac", when = { region = "apac" } },
        { calendar = "german", when = { language = "de" } },
    ]
    [packages.gold]
    promises.first_response = "1h desk"
    """, Place("Australia/Sydney", "AU", "NSW"))  # fmt: skip
    at = "2026-03-02T00:00:00Z"
    assert promised.due("first_response", 1, at, language="en") == "2026-03-02T01:00:00Z"
    assert promised.due("first_response", 1, at, language="de") == utc("2026-03-02 10:00", "Europe/Berlin")
    assert promised.due("first_response", 1, at, region="emea") == utc("2026-03-02 09:00", "Europe/London")


def test_three_desks_follow_the_sun():
    promised = gold("""
    [calendars.sydney]
    time_zone = "Australia/Sydney"
    week = "Mon-Fri 09:00-17:00"
    [calendars.london]
    time_zone = "Europe/London"
    week = "Mon-Fri 08:00-17:00"
    [calendars.denver]
    time_zone = "America/Denver"
    week = "Mon-Fri 08:00-17:00"
    [calendars.sun]
    any = ["sydney", "london", "denver"]
    [packages.gold]
    promises.first_response = "2h sun"
    """)
    # Sydney closes at 06:00 UTC, London opens at 08:00.
    assert promised.due("first_response", 1, "2026-03-03T05:00:00Z") == "2026-03-03T09:00:00Z"


def test_a_ceiling_for_what_is_not_production_and_a_category_that_forces():
    desk = gold("""
    severity_rules = [
        { rule = "ceiling", severity = "P3", when = { environment = ["test", "development"] } },
        { rule = "forced", severity = "P5", when = { category = "feature" } },
        { rule = "default", severity = "P4" },
        { rule = "default", severity = "P2", when = { channel = "phone" } },
        { rule = "unavailable", severity = "P1", when = { package = "gold" }, then = "P2" },
    ]
    [packages.gold]
    promises.first_response = "1h"
    """).parts["desk"]
    facts = {"package": "gold"}
    assert opening(desk, 2, {**facts, "environment": "test"})[0] == 3
    assert opening(desk, 2, {**facts, "environment": "production"})[0] == 2
    assert opening(desk, 1, {**facts, "category": "feature"})[0] == 5
    assert opening(desk, None, facts)[0] == 4
    assert opening(desk, None, {"channel": "phone"})[0] == 2
    assert opening(desk, 1, facts)[0] == 2


def test_an_add_on_changes_one_row():
    promised = gold("""
    [addons.fast]
    name = "Fast lane"
    [packages.gold]
    addons = ["fast"]
    promises.first_response = { P1 = "4h always", rest = "1bd" }
    [[packages.gold.targets]]
    clock = "first_response"
    severity = "P1"
    target = "30m always"
    when = { addon = "fast" }
    """)
    assert promised.due("first_response", 1, MONDAY, addons=["fast"]) == "2026-03-02T10:30:00Z"
    assert promised.due("first_response", 1, MONDAY) == "2026-03-02T14:00:00Z"
    assert promised.due("first_response", 2, MONDAY, addons=["fast"]) == promised.due(
        "first_response", 2, MONDAY
    )


def test_round_the_clock_needs_somebody_who_can_be_reached():
    promised = gold("""
    [packages.gold]
    staffing.round_the_clock = true
    promises.first_response = { P1 = "1h", rest = "1bd" }
    hours_rules = [{ calendar = "always", severity = "P1", when = { environment = "production", flag = "reachable" } }]
    """)
    saturday = "2026-03-07T10:00:00Z"
    assert promised.due("first_response", 1, saturday, environment="production") == "2026-03-09T10:00:00Z"
    reached = promised.due("first_response", 1, saturday, environment="production", flags=["reachable"])
    assert reached == "2026-03-07T11:00:00Z"


def test_ticket_kinds_with_rows_of_their_own_and_units_from_minutes_to_months():
    promised = gold("""
    [packages.gold]
    promises.first_response = { P1 = "15m always", P2 = "2w always", rest = "2bd" }
    promises.resolution = { P1 = "1mo", P2 = "3d always", rest = "none: in a future release" }
    goals.root_cause = "5bd"
    [[packages.gold.targets]]
    clock = "first_response"
    when = { category = "billing" }
    target = "eobd"
    """, Place("UTC"))  # fmt: skip
    assert promised.due("first_response", 1, MONDAY) == "2026-03-02T10:15:00Z"
    assert promised.due("first_response", 2, MONDAY) == "2026-03-16T10:00:00Z"
    assert promised.due("first_response", 3, MONDAY, category="billing") == "2026-03-03T17:00:00Z"
    assert promised.due("resolution", 1, MONDAY) == "2026-04-02T10:00:00Z"
    assert promised.due("resolution", 2, MONDAY) == "2026-03-05T10:00:00Z"
    assert promised.due("resolution", 4, MONDAY) is None
    said = promised.terms()
    assert said["words"]["resolution"] == {
        "3": "in a future release",
        "4": "in a future release",
        "5": "in a future release",
    }
    assert said["kinds"]["root_cause"] == {"*": "goal"}


def test_a_share_of_the_tickets_best_effort_and_as_agreed():
    promised = gold("""
    [packages.gold]
    [packages.gold.promises.first_response]
    P1 = "95% within 1h"
    P2 = "best effort 4h"
    P3 = "best effort"
    rest = "8h or as agreed"
    """)
    said = promised.terms()
    assert said["shares"] == {"first_response": {"1": 95}}
    assert said["kinds"]["first_response"]["2"] == "goal"
    assert said["words"] == {"first_response": {"3": "best effort"}}
    assert said["agreed"] == {"first_response": {"4": True, "5": True}}


def test_clocks_that_start_later_and_what_stands_still():
    promised = gold("""
    [packages.gold]
    promises.resolution = "8h always"
    starts_on = { resolution = "information_completed" }
    pauses = { resolution = ["waiting_on_customer", "waiting_on_third_party"] }
    on_reopen = "restart"
    """)
    events = [(MONDAY, "received", 1), ("2026-03-02T12:00:00Z", "information_completed"),
              ("2026-03-02T13:00:00Z", "waiting_on_third_party"), ("2026-03-02T18:00:00Z", "resumed")]  # fmt: skip
    (found,) = promised.clocks(events, until="2026-03-02T19:00:00Z").values()
    assert (found.used, found.started_at) == (2 * 3600, found.anchor - 6 * 3600)


def test_closing_in_stages_and_not_for_some():
    said = gold("""
    reopen_channels = ["email", "portal"]
    [closing]
    question_reminders = ["2d", "5d"]
    question_closes = "7d"
    reopen_window = "2w"
    [packages.gold]
    closing_rules = [
        { severity = "P1", closes = false },
        { severity = "P2", question_reminders = ["1bd", "3bd", "5bd"] },
        { when = { category = "billing" }, question_closes = "30d" },
    ]
    """).terms(category="billing")
    assert said["closing"]["reopen_window"] == "14d"
    assert said["closing_by_severity"] == {
        "1": {"question_closes": "30d", "closes": False},
        "2": {"question_closes": "30d", "question_reminders": ["1bd", "3bd", "5bd"]},
        "*": {"question_closes": "30d"},
    }


def test_contacts_that_grow_with_units_quotas_hours_and_prices():
    package = gold("""
    [packages.gold]
    contacts = { included = 2, per_units = 100, of = "users", most = 20 }
    requests = { number = 10, per = "year" }
    included_hours = { hours = 12, per = "quarter", carry_over_months = 3 }
    [packages.gold.price]
    basis = "a year"
    percent = 20
    percent_of = "licence fees"
    floor = 5000
    currency = "EUR"
    per_unit = "12.50"
    unit = "user"
    """).parts["packages"]["gold"]
    assert package["contacts"] == {"included": 2, "per_units": 100, "of": "users", "most": 20}
    assert package["price"]["floor"] == "5000"


def test_uptime_by_tier_with_bands_cap_minimum_and_deadline():
    kpis = gold("""
    [levels.silver]
    rank = 1
    kpis = [{ kpi = "uptime", per = "quarter", percent = 99.5, strength = "objective" }]
    [packages.silver]
    level = "silver"
    [levels.gold]
    rank = 2
    [[levels.gold.kpis]]
    kpi = "uptime"
    per = "month"
    percent = 99.95
    strength = "guarantee"
    [levels.gold.kpis.credits]
    bands = [{ below = 99.95, percent = 10 }, { below = 99.0, percent = 25 }, { below = 95, days = 30 }]
    cap_percent = 50
    minimum = 5
    claim_within = "30d"
    [[levels.gold.kpis]]
    code = "urgent-in-time"
    kpi = "in_time"
    clock = "first_response"
    severity = ["P1", "P2"]
    per = "quarter"
    percent = 95
    least = 20
    strength = "strict_guarantee"
    credits = { bands = [{ below = 95, percent = 5 }] }
    [packages.gold]
    level = "gold"
    """).terms()["kpis"]  # fmt: skip
    assert [kpi["kpi"] for kpi in kpis] == ["uptime", "in_time"]
    assert kpis[0]["credits"]["minimum"] == "5"
    assert kpis[1]["severity"] == [1, 2]


def test_escalation_ladders_by_time_and_severity():
    steps = gold("""
    [packages.gold]
    promises.first_response = "4h"
    escalations = [
        { severity = "P1", after = "30m", to = "team_lead" },
        { severity = "P1", after = "2h", to = ["support_manager", "vice president"] },
        { clock = "first_response", after = "75%", to = "assignee" },
        { severity = "P2", after = "1w", to = "executive", when = { environment = "production" } },
    ]
    """).terms(environment="test")["escalations"]
    assert [step["after"] for step in steps] == ["30m", "2h", "75%"]


def test_releases_with_reduced_phases_and_generations_side_by_side():
    promised = gold("""
    [[lifecycle]]
    code = "full"
    name = "Full support"
    covers = ["fixes", "security"]
    [[lifecycle]]
    code = "extended"
    name = "Extended support"
    covers = ["security"]
    targets = "goal"
    [packages.gold]
    generation = "2026"
    promises.first_response = { P1 = "1h always", rest = "1bd" }
    [[packages.gold.targets]]
    clock = "first_response"
    severity = "P1"
    target = "2bd goal"
    when = { phase = "extended" }
    [[packages.gold.targets]]
    clock = "first_response"
    severity = "P1"
    target = "4h always"
    when = { bought_before = 2020-01-01 }
    [[packages.gold.targets]]
    clock = "first_response"
    severity = "P1"
    target = "2bd goal"
    when = { phase = "extended", bought_before = 2020-01-01 }
    [packages.gold_2019]
    generation = "2019"
    on_sale = false
    promises.first_response = "2bd"
    """)
    assert promised.due("first_response", 1, MONDAY) == "2026-03-02T11:00:00Z"
    assert promised.due("first_response", 1, MONDAY, bought="2019-12-31") == "2026-03-02T14:00:00Z"
    assert promised.due("first_response", 1, MONDAY, phase="extended") == "2026-03-04T10:00:00Z"
    assert promised.terms(phase="extended")["kinds"]["first_response"]["1"] == "goal"


def test_phone_at_its_own_hours_and_a_half_day_before_christmas():
    promised = gold("""
    [calendars.phone]
    time_zone = "customer"
    week = "Mon-Fri 08:00-20:00; Sat 09:00-13:00"
    holidays = ["customer", "12-31"]
    special = { "12-24" = "08:00-12:00", 2026-12-25 = "closed" }
    [packages.gold]
    channels = ["email", "phone"]
    channel_rules.phone = { hours = "phone", severities = [1, 2] }
    promises.first_response = "1bd"
    [[packages.gold.targets]]
    clock = "first_response"
    target = "30m phone"
    when = { channel = "phone" }
    """, Place("Europe/Berlin", "DE", "BY"))  # fmt: skip
    late = local("2026-12-24 11:45", "Europe/Berlin")
    assert promised.due("first_response", 1, late, channel="phone") == utc(
        "2026-12-28 08:15", "Europe/Berlin"
    )


def test_what_a_contract_says_differently():
    promised = gold("""
    [packages.gold]
    promises.first_response = { P1 = "1h always", rest = "1bd" }
    [[packages.gold.targets]]
    clock = "first_response"
    severity = "P1"
    target = "4h always"
    when = { received = "outside_hours" }
    """)
    row = {"clock": "first_response", "severity": 1, "target": "20m", "kind": "promise", "calendar": "always"}
    overrides = {
        "targets": [row],
        "hours": [{"calendar": "always"}],
        "closing": {"question_closes": "20bd"},
    }
    parts = promised.parts
    promised.whole = compose(parts["desk"], parts["levels"]["gold"], parts["packages"]["gold"], overrides)
    assert promised.due("first_response", 1, MONDAY, received="outside_hours") == "2026-03-02T10:20:00Z"
    assert promised.terms()["closing"]["question_closes"] == "20bd"
    assert promised.terms()["policy"]["clocks"]["first_response"]["calendar"] == {
        "1": "always",
        "*": "always",
    }
