"""The eight vendors' policies: their clocks come out as the vendor's table says, to the second (N2).

Every due instant below is worked out by hand from the table; the policy file, the compiler and the clocks must agree.
"""

import pytest

from mainstay.policy.calendars import compiled
from mainstay.policy.compile import Place, around, calendars_in
from mainstay.policy.opening import opening
from mainstay.sla.calendars import calendar_of
from mainstay.sla.cases import written
from policy.promised import YEARS, Promised, local, parts_of, utc

NEW_YORK = Place("America/New_York", "US", "NY")
LONDON = Place("Europe/London", "GB", "ENG")
BERLIN = Place("Europe/Berlin", "DE", "BY")
SYDNEY = Place("Australia/Sydney", "AU", "NSW")


# ---- Red Hat


def test_redhat_severity_1_standard_at_1745_friday_with_monday_a_holiday_is_worked_on_tuesday():
    standard = Promised("redhat", "standard", NEW_YORK)
    friday = local("2026-05-22 17:45", "America/New_York")  # Memorial Day is Monday, 25 May
    due = standard.due("first_response", 1, friday)
    assert due == utc("2026-05-26 09:45", "America/New_York")  # 15 minutes on Friday, 45 on Tuesday


def test_redhat_a_business_day_has_nine_hours_in_north_america_and_eight_elsewhere():
    at = "2026-03-02 16:30"  # a Monday
    assert Promised("redhat", "standard", NEW_YORK).due(
        "first_response", 1, local(at, "America/New_York")
    ) == utc("2026-03-02 17:30", "America/New_York")
    assert Promised("redhat", "standard", LONDON).due("first_response", 1, local(at, "Europe/London")) == utc(
        "2026-03-03 09:30", "Europe/London"
    )


@pytest.mark.parametrize(
    ("severity", "due"),
    [(1, "2026-03-02 11:00"), (2, "2026-03-02 14:00"), (3, "2026-03-03 10:00"), (4, "2026-03-04 10:00")],
)
def test_redhat_standard_initial_is_ongoing(severity, due):
    standard = Promised("redhat", "standard", LONDON)
    at = local("2026-03-02 10:00", "Europe/London")
    assert standard.due("first_response", severity, at) == utc(due, "Europe/London")
    answered = local("2026-03-02 10:00", "Europe/London")
    found = standard.clocks([(at, "received", severity), (answered, "staff_replied")], until=answered)
    assert written(found["progress_update", 1].due) == utc(due, "Europe/London")


@pytest.mark.parametrize(
    ("severity", "initial", "ongoing"),
    [
        (1, "2026-03-02 11:00", "2026-03-02 11:00"),
        (2, "2026-03-02 12:00", "2026-03-02 14:00"),
        (3, "2026-03-02 14:00", "2026-03-03 10:00"),
        (4, "2026-03-03 10:00", "2026-03-04 10:00"),
    ],
)
def test_redhat_premium_initial_and_ongoing_differ(severity, initial, ongoing):
    premium = Promised("redhat", "premium", LONDON)
    at = local("2026-03-02 10:00", "Europe/London")
    assert premium.due("first_response", severity, at) == utc(initial, "Europe/London")
    found = premium.clocks([(at, "received", severity), (at, "staff_replied")], until=at)
    assert written(found["progress_update", 1].due) == utc(ongoing, "Europe/London")
    found = premium.clocks(
        [(at, "received", severity), (at, "staff_replied"), (at, "customer_replied")], until=at
    )
    assert written(found["next_response", 1].due) == utc(ongoing, "Europe/London")
    assert premium.terms()["agreed"]["progress_update"]["2"] is True


def test_redhat_severity_2_runs_round_the_clock_only_when_the_customer_asks():
    premium = Promised("redhat", "premium", NEW_YORK)
    saturday = local("2026-03-07 03:00", "America/New_York")
    assert premium.due("first_response", 1, saturday) == utc("2026-03-07 04:00", "America/New_York")
    assert premium.due("first_response", 2, saturday) == utc("2026-03-09 11:00", "America/New_York")
    asked = premium.due("first_response", 2, saturday, flags=["round_the_clock"])
    assert asked == utc("2026-03-07 05:00", "America/New_York")


def test_redhat_the_update_waits_while_the_customer_has_the_turn():
    standard = Promised("redhat", "standard", LONDON)
    day = "2026-03-02"
    events = [
        (local(f"{day} 09:00", "Europe/London"), "received", 2),
        (local(f"{day} 10:00", "Europe/London"), "staff_replied"),
        (local(f"{day} 11:00", "Europe/London"), "waiting_on_customer"),
        (local(f"{day} 15:00", "Europe/London"), "customer_replied"),
    ]
    found = standard.clocks(events, until=events[-1][0])
    assert written(found["progress_update", 1].due) == utc(
        "2026-03-03 10:00", "Europe/London"
    )  # 3 h are left


def test_redhat_self_support_promises_nothing_and_openshift_basic_two_business_days():
    at = local("2026-03-05 10:00", "Europe/London")  # a Thursday
    assert Promised("redhat", "self_support").terms()["policy"]["clocks"] == {}
    basic = Promised("redhat", "openshift_basic", LONDON)
    assert {basic.due("first_response", severity, at) for severity in (1, 2, 3, 4)} == {
        utc("2026-03-09 10:00", "Europe/London")
    }


# ---- Atlassian


@pytest.mark.parametrize(
    ("package", "severity", "due"),
    [
        ("standard", 1, "2026-03-02 12:00"),
        ("standard", 2, "2026-03-02 16:00"),
        ("standard", 3, "2026-03-03 10:00"),
        ("standard", 4, "2026-03-04 10:00"),
        ("standard", 5, "2026-03-05 10:00"),
        ("premium", 1, "2026-03-02 11:00"),
        ("premium", 2, "2026-03-02 12:00"),
        ("premium", 3, "2026-03-03 10:00"),
        ("premium", 4, "2026-03-04 10:00"),
        ("premium", 5, None),
        ("enterprise", 1, "2026-03-02 10:30"),
        ("enterprise", 2, "2026-03-02 12:00"),
        ("enterprise", 3, None),
        ("premier", 3, "2026-03-02 18:00"),
        ("premier", 4, "2026-03-03 10:00"),
    ],
)
def test_atlassian_table(package, severity, due):
    at = local("2026-03-02 10:00", "Europe/London")
    expected = due and utc(due, "Europe/London")
    assert Promised("atlassian", package, LONDON).due("first_response", severity, at) == expected


def test_atlassian_the_weekend_is_48_hours_not_64():
    parts = Promised("atlassian", "premium", LONDON)
    weekend = compiled("weekend", calendars_in(parts.whole), around(LONDON, YEARS, {}))
    hours = calendar_of(weekend)
    # In the northern summer Friday 17:00 in Los Angeles is Saturday 00:00 UTC, Monday 10:00 in Sydney Monday 00:00.
    friday, monday = _t("2026-07-24T12:00:00Z"), _t("2026-07-27T12:00:00Z")
    assert hours.elapsed(friday, monday) == 48 * 3600
    assert hours.is_open(_t("2026-07-25T00:00:00Z"))
    assert not hours.is_open(_t("2026-07-24T23:59:59Z"))
    # In the northern winter it begins at 01:00 UTC and ends on Sunday at 23:00.
    assert hours.elapsed(_t("2026-01-09T12:00:00Z"), _t("2026-01-12T12:00:00Z")) == 46 * 3600


def test_atlassian_level_2_stands_still_at_the_weekend_and_level_1_does_not():
    premium = Promised("atlassian", "premium", LONDON)
    late_friday = "2026-07-24T23:00:00Z"
    assert premium.due("first_response", 1, late_friday) == "2026-07-25T00:00:00Z"
    assert premium.due("first_response", 2, late_friday) == "2026-07-27T01:00:00Z"
    assert premium.due("first_response", 3, late_friday) == utc("2026-07-27 17:00", "Europe/London")


def test_atlassian_the_identity_add_on_brings_premium_to_standard():
    standard = Promised("atlassian", "standard", LONDON)
    at = "2026-07-25T10:00:00Z"  # a Saturday
    assert standard.due("first_response", 1, at) == utc("2026-07-27 11:00", "Europe/London")
    assert standard.due("first_response", 1, at, addons=["identity"]) == "2026-07-25T11:00:00Z"
    assert standard.due("first_response", 5, at, addons=["identity"]) == standard.due("first_response", 5, at)


@pytest.mark.parametrize("package", ["free", "standard"])
@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_atlassian_the_identity_add_on_promises_what_premium_does_whatever_the_plan(package, severity):
    at = "2026-07-24T23:00:00Z"  # late on a Friday
    bought = Promised("atlassian", package, LONDON).due("first_response", severity, at, addons=["identity"])
    assert bought == Promised("atlassian", "premium", LONDON).due("first_response", severity, at)
    assert Promised("atlassian", "free", LONDON).due("first_response", severity, at) is None


def test_atlassian_some_products_keep_the_weekend():
    premier = Promised("atlassian", "premier", LONDON)
    at = "2026-07-25T10:00:00Z"
    assert premier.due("first_response", 2, at) == "2026-07-25T12:00:00Z"
    assert premier.due("first_response", 2, at, product="weekend-level-1-only") == "2026-07-27T02:00:00Z"
    assert premier.due("first_response", 1, at, product="weekend-level-1-only") == "2026-07-25T10:30:00Z"
    assert premier.due("first_response", 1, at, product="weekdays-only") == "2026-07-27T00:30:00Z"


# ---- EnterpriseDB


@pytest.mark.parametrize(
    ("package", "clock", "dues"),
    [
        ("premium", "first_response", ["15m", "30m", "1h", "2026-03-03 10:00"]),
        ("premium", "workaround", ["4h", "8h", "2026-03-16 10:00", "2026-04-13 10:00"]),
        ("premium", "resolution", ["24h", "120h", None, None]),
        ("production", "first_response", ["30m", "1h", "2h", "2026-03-03 10:00"]),
        ("production", "workaround", ["24h", "48h", "2026-03-23 10:00", "2026-05-04 10:00"]),
        ("production", "resolution", [None, None, None, None]),
        ("basic", "first_response", [None, None, "4h", "2026-03-03 10:00"]),
        ("basic", "workaround", [None, None, "2026-03-30 10:00", "2026-05-25 10:00"]),
        ("remote_dba", "first_response", ["15m", "15m", "15m", None]),
    ],
)
def test_edb_three_clocks_and_sixty_business_days(package, clock, dues):
    """Without holidays (no place), so that business days can be counted: Monday 2 March, 10:00 in Berlin."""
    promised = Promised("edb", package, Place("Europe/Berlin"))
    at = local("2026-03-02 10:00", "Europe/Berlin")
    spans = {"15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14_400, "8h": 28_800, "24h": 86_400,
             "48h": 172_800, "120h": 432_000}  # fmt: skip
    for severity, due in enumerate(dues, start=1):
        expected = written(_t(at) + spans[due]) if due in spans else due and utc(due, "Europe/Berlin")
        assert promised.due(clock, severity, at) == expected, (clock, severity)


def test_edb_basic_has_no_severity_1():
    desk = parts_of("edb")["desk"]
    severity, because = opening(desk, 1, {"package": "basic"})
    assert (severity, because) == (3, ["severity 1 is not to be had: Basic covers severities 3 and 4"])
    assert opening(desk, 1, {"package": "premium"}) == (1, [])


# ---- HiveMQ


@pytest.mark.parametrize(
    ("package", "dues"),
    [
        ("basic", ["2026-03-03 10:00", "2026-03-04 10:00", "2026-03-05 10:00", "2026-03-09 10:00"]),
        ("extended", ["2026-03-02 14:00", "2026-03-02 14:00", "2026-03-03 10:00", "2026-03-04 10:00"]),
    ],
)
def test_hivemq_table(package, dues):
    promised = Promised("hivemq", package, BERLIN)
    at = local("2026-03-02 10:00", "Europe/Berlin")
    for severity, due in enumerate(dues, start=1):
        assert promised.due("first_response", severity, at) == utc(due, "Europe/Berlin")


def test_hivemq_the_calendar_changes_the_moment_the_phone_call_comes():
    extended = Promised("hivemq", "extended", BERLIN)
    friday = local("2026-03-06 17:00", "Europe/Berlin")
    mailed = extended.due("first_response", 1, friday)
    assert mailed == utc("2026-03-09 12:00", "Europe/Berlin")  # an hour on Friday, three on Monday
    called = local("2026-03-07 08:00", "Europe/Berlin")
    events = [(friday, "received", 1), (called, "triaged")]
    found = extended.clocks(events, then={1: {"flags": ["by_phone"]}}, until=called)
    # 4 hours round the clock from the call: a full new target, as it is due earlier than what is left.
    assert written(found["first_response", 1].due) == utc("2026-03-07 12:00", "Europe/Berlin")


def test_hivemq_a_phone_call_changes_nothing_for_priority_2():
    extended = Promised("hivemq", "extended", BERLIN)
    assert extended.due(
        "first_response", 2, local("2026-03-07 08:00", "Europe/Berlin"), flags=["by_phone"]
    ) == utc("2026-03-09 13:00", "Europe/Berlin")


def test_hivemq_a_support_day_skips_the_holidays_of_bavaria():
    basic = Promised("hivemq", "basic", LONDON)  # wherever the customer is
    at = local("2026-06-03 10:00", "Europe/Berlin")  # Corpus Christi is on Thursday, 4 June 2026
    assert basic.due("first_response", 1, at) == utc("2026-06-05 10:00", "Europe/Berlin")


# ---- GitHub


def test_github_starts_when_the_vendor_has_set_the_priority():
    premium = Promised("github", "premium", LONDON)
    events = [("2026-03-07T08:00:00Z", "received", 3)]
    assert premium.clocks(events, until="2026-03-07T09:00:00Z") == {}
    events += [("2026-03-07T09:00:00Z", "severity_changed", 1), ("2026-03-07T09:00:00Z", "triaged")]
    found = premium.clocks(events, until="2026-03-07T09:00:00Z")
    assert written(found["first_response", 1].due) == "2026-03-07T09:30:00Z"


@pytest.mark.parametrize(
    ("severity", "due"), [(1, "2026-03-07T09:30:00Z"), (2, "2026-03-07T13:00:00Z"), (3, None), (4, None)]
)
def test_github_premium_table(severity, due):
    assert (
        Promised("github", "premium", LONDON).due("first_response", severity, "2026-03-07T09:00:00Z") == due
    )


def test_github_enterprise_answers_english_in_24_hours_of_five_days_without_us_holidays():
    enterprise = Promised("github", "enterprise", LONDON)
    friday = local("2026-01-16 20:00", "America/New_York")  # Monday the 19th is Martin Luther King Day
    due = enterprise.due("first_response", 3, friday, language="en")
    assert due == utc("2026-01-20 20:00", "America/New_York")  # 4 hours on Friday, 20 on Tuesday


def test_github_enterprise_answers_japanese_in_japanese_hours_without_the_new_year():
    enterprise = Promised("github", "enterprise", Place("Asia/Tokyo", "JP"))
    at = local("2026-12-25 16:00", "Asia/Tokyo")  # Friday; 28 December to 3 January is closed
    due = enterprise.due("first_response", 3, at, language="ja")
    # 1 h on Friday, 8 each on 4, 5 January, 7 on the 6th: 24
    assert due == utc("2027-01-06 16:00", "Asia/Tokyo")


def test_github_urgent_on_the_server_product_runs_through_holidays_in_english_only():
    enterprise = Promised("github", "enterprise", LONDON)
    christmas = local("2026-12-25 10:00", "America/New_York")
    english = enterprise.due("first_response", 1, christmas, language="en", product="server")
    assert english == utc("2026-12-26 10:00", "America/New_York")
    japanese = enterprise.due("first_response", 1, local("2026-03-02 09:00", "Asia/Tokyo"), language="ja",
                              product="server")  # fmt: skip
    assert japanese == utc("2026-03-04 17:00", "Asia/Tokyo")


def test_github_who_bought_before_september_2018_rests_on_holidays():
    premium = Promised("github", "premium", LONDON)
    christmas = local("2026-12-25 10:00", "America/New_York")
    assert premium.due("first_response", 1, christmas, bought="2018-09-17") == utc(
        "2026-12-25 10:30", "America/New_York"
    )
    assert premium.due("first_response", 1, christmas, bought="2018-09-16") == utc(
        "2026-12-26 00:30", "America/New_York"
    )


def test_github_urgent_is_not_for_every_product_and_package():
    desk = parts_of("github")["desk"]
    urgent = {**desk, "set_by": {"vendor": True}}
    assert opening(urgent, 1, {"package": "enterprise", "product": "cloud"})[0] == 2
    assert opening(urgent, 1, {"package": "standard", "product": "cloud"})[0] == 2
    assert opening(urgent, 1, {"package": "enterprise", "product": "server"})[0] == 1
    assert opening(urgent, 1, {"package": "standard", "product": "server"})[0] == 1
    assert opening(urgent, 1, {"package": "premium", "product": "cloud"})[0] == 1
    assert opening(urgent, 1, {"package": "premium", "product": "advanced_security"})[0] == 2
    assert opening(desk, 1, {"package": "premium"})[0] == 3  # the vendor sets it


def test_github_more_than_four_missed_responses_in_a_fiscal_quarter_credit_a_fifth():
    (kpi,) = Promised("github", "premium").terms()["kpis"]
    assert (kpi["kpi"], kpi["per"], kpi["year_starts"], kpi["count"]) == ("missed", "quarter", "02-01", 4)
    assert kpi["credits"]["bands"] == [{"above": "4", "percent": "20"}]
    assert (kpi["credits"]["claim_within"], kpi["credits"]["of"]) == ("30d", "support fee of the quarter")


# ---- IAM Cloud


@pytest.mark.parametrize(
    ("severity", "due"),
    [(1, "2026-03-02 11:00"), (2, "2026-03-02 14:00"), (3, "2026-03-02 18:00"), (4, "2026-03-03 20:00")],
)
def test_iamcloud_table(severity, due):
    at = local("2026-03-02 10:00", "Europe/London")
    assert Promised("iamcloud", "standard", SYDNEY).due("first_response", severity, at) == utc(
        due, "Europe/London"
    )


def test_iamcloud_is_on_call_for_outages_alone():
    standard = Promised("iamcloud", "standard", SYDNEY)
    sunday = local("2026-03-08 03:00", "Europe/London")
    assert standard.due("first_response", 1, sunday) == utc("2026-03-09 09:00", "Europe/London")
    assert standard.due("first_response", 1, sunday, flags=["outage"]) == utc(
        "2026-03-08 04:00", "Europe/London"
    )
    assert standard.due("first_response", 2, sunday, flags=["outage"]) == utc(
        "2026-03-09 12:00", "Europe/London"
    )


def test_iamcloud_severity_by_channel_and_category():
    desk = parts_of("iamcloud")["desk"]
    assert opening(desk, None, {"channel": "email"})[0] == 3
    assert opening(desk, 1, {"channel": "portal"}) == (1, [])
    assert opening(desk, 1, {"channel": "portal", "category": "feature"})[0] == 4


def test_iamcloud_credits_are_days_of_service():
    (kpi,) = Promised("iamcloud", "standard").terms()["kpis"]
    assert kpi["credits"]["bands"] == [{"below": "99.9", "days": 7}, {"below": "99", "days": 14}]
    assert kpi["credits"]["claim_within"] == "30d"


# ---- Saviynt


def test_saviynt_standard_keeps_16x5_for_every_environment():
    standard = Promised("saviynt", "standard", SYDNEY)
    friday = local("2026-03-06 21:00", "Australia/Sydney")
    for environment in ("production", "test"):
        due = standard.due("first_response", 1, friday, environment=environment)
        assert due == utc("2026-03-09 07:00", "Australia/Sydney")
    assert standard.due("first_response", 2, friday) is None


def test_saviynt_gold_runs_round_the_clock_for_production_only():
    gold = Promised("saviynt", "gold", SYDNEY)
    friday = local("2026-03-06 21:00", "Australia/Sydney")
    assert gold.due("first_response", 1, friday, environment="production") == utc(
        "2026-03-06 23:00", "Australia/Sydney"
    )
    assert gold.due("first_response", 1, friday, environment="test") == utc(
        "2026-03-09 07:00", "Australia/Sydney"
    )


@pytest.mark.parametrize(
    ("package", "first", "workaround"),
    [("gold_older", "2026-03-04 10:00", "2026-03-17 10:00"),
     ("platinum_older", "2026-03-03 10:00", "2026-03-12 10:00")],
)  # fmt: skip
def test_saviynt_the_workaround_counts_from_reproducible(package, first, workaround):
    older = Promised("saviynt", package, SYDNEY)
    at, reproduced = (
        local("2026-03-02 10:00", "Australia/Sydney"),
        local("2026-03-03 10:00", "Australia/Sydney"),
    )
    assert older.due("first_response", 3, at) == utc(first, "Australia/Sydney")
    assert older.due("workaround", 3, at) is None
    events = [(at, "received", 3), (reproduced, "information_completed")]
    found = older.clocks(events, until=reproduced)
    assert written(found["workaround", 1].due) == utc(workaround, "Australia/Sydney")


@pytest.mark.parametrize("package", ["gold_older", "platinum_older"])
def test_saviynt_the_older_figures_are_of_severities_3_and_4_alone(package):
    older = Promised("saviynt", package, SYDNEY)
    at = local("2026-03-02 10:00", "Australia/Sydney")
    assert [older.due("first_response", severity, at) is None for severity in (1, 2, 3, 4)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_saviynt_a_fix_in_a_future_release_is_said_and_no_clock():
    older = Promised("saviynt", "gold_older", SYDNEY)
    assert older.due("first_response", 4, local("2026-03-02 10:00", "Australia/Sydney")) == utc(
        "2026-03-11 10:00", "Australia/Sydney"
    )
    said = older.terms()
    assert said["words"]["resolution"]["4"] == "fix in a future release"
    assert "resolution" not in said["policy"]["clocks"]


def test_saviynt_uptime_is_guaranteed_by_the_month():
    (kpi,) = Promised("saviynt", "gold").terms()["kpis"]
    assert (kpi["kpi"], kpi["percent"], kpi["per"], kpi["strength"]) == (
        "uptime",
        "99.50",
        "month",
        "guarantee",
    )


# ---- Genesys


def test_genesys_reminds_twice_closes_at_ten_days_and_never_for_the_two_gravest():
    said = Promised("genesys", "care", LONDON).terms()
    assert said["closing"]["solution_reminders"] == said["closing"]["question_reminders"] == ["2bd", "5bd"]
    assert said["closing"]["solution_closes"] == said["closing"]["question_closes"] == "10bd"
    assert said["closing_by_severity"] == {"1": {"closes": False}, "2": {"closes": False}}


def test_genesys_reopens_by_phone_only_and_promises_no_times():
    said = Promised("genesys", "care", LONDON).terms()
    assert said["reopen_channels"] == ["phone"]
    assert said["closing"]["reopen_window"] == "30d"
    assert said["policy"]["clocks"] == {}


def _t(text):
    from mainstay.sla.cases import parse_instant

    return parse_instant(text, "t")
