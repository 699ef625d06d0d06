"""The table "Shipped levels" (P3), read back from what judges a ticket."""

from datetime import timedelta

import pytest

from cast import NOW
from mainstay.catalogue import publish, shipped
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.contracts import terms
from mainstay.contracts.entitlement import entitlement_at

IN_HOURS = NOW.replace(hour=1)  # Monday morning in Sydney, Tokyo
AT_NIGHT = NOW.replace(hour=13)  # Tuesday 00:00 in Sydney, Monday 22:00 in Tokyo


def owed(customer, clock, at=IN_HOURS):
    """What a clock owes at severity 1 / 2 / 3; "-" where nothing is owed."""
    said = terms.load(entitlement_at(customer, at).terms.hash)
    rows = [(said.row(clock, severity), said.kind(clock, severity)) for severity in (1, 2, 3)]
    return " / ".join(f"{row.target.text} {row.calendar.name} {kind}" if row else "-" for row, kind in rows)


def test_standard_business(cast):
    owes = lambda clock: owed(cast.fernleigh, clock)  # noqa: E731
    assert (
        owes("triage")
        == owes("dispatch")
        == "2h business internal / 4h business internal / 1bd business internal"
    )
    assert owes("first_response") == "4h business promise / 1bd business promise / 2bd business promise"
    assert owes("progress_update") == "1bd business goal / 3bd business goal / 5bd business goal"
    assert owes("workaround") == "2bd business goal / 5bd business goal / -"
    assert owes("resolution") == "5bd business goal / 15bd business goal / 30bd business goal"


def test_high_priority(cast):
    owes = lambda clock: owed(cast.kitano, clock)  # noqa: E731
    assert owes("triage") == "30m business internal / 2h business internal / 4h business internal"
    assert owes("first_response") == "1h business promise / 4h business promise / 1bd business promise"
    assert owes("progress_update") == "4h business promise / 1bd business promise / 3bd business promise"
    assert owes("workaround") == "8h business promise / 3bd business promise / -"
    assert owes("resolution") == "2bd business goal / 10bd business goal / 20bd business goal"


def test_high_priority_received_outside_hours_is_prompt_round_the_clock(cast):
    assert (
        owed(cast.kitano, "first_response", AT_NIGHT)
        == "4h always promise / 8h always promise / 1bd business promise"
    )
    assert owed(cast.kitano, "progress_update", AT_NIGHT) == owed(cast.kitano, "progress_update")


def test_business_critical(cast):
    owes = lambda clock: owed(cast.harbourline, clock)  # noqa: E731
    assert owes("triage") == "15m always internal / 30m always internal / 4h business internal"
    assert owes("first_response") == "15m always promise / 1h always promise / 4h business promise"
    assert owes("progress_update") == "1h always promise / 4h always promise / 2bd business promise"
    assert owes("workaround") == "4h always promise / 1bd business promise / 5bd business promise"
    assert owes("resolution") == "8h always promise / 3bd business promise / 15bd business promise"
    assert owes("root_cause") == "5bd business promise / - / -"


def test_included_support_answers_within_two_business_days_as_a_goal(cast):
    assert owed(cast.quill, "first_response") == "2bd business goal / 2bd business goal / 2bd business goal"
    assert owed(cast.quill, "resolution") == owed(cast.quill, "triage") == "- / - / -"


def test_the_next_response_is_a_goal_of_the_first_responses_figure(cast):
    assert owed(cast.harbourline, "next_response") == "15m always goal / 1h always goal / 4h business goal"


def test_higher_levels_have_a_head_start_in_the_queue(cast):
    customers = (cast.harbourline, cast.kitano, cast.fernleigh, cast.quill)
    starts = [
        [terms.load(entitlement_at(one, NOW).terms.hash).head_start(severity) // 60 for severity in (1, 2, 3)]
        for one in customers
    ]
    assert starts == [[60, 30, 15], [30, 15, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("code", "strength", "share", "uptime", "interval"),
    [
        ("standard", "objective", "90", "99.5", 300),
        ("high", "guarantee", "95", "99.9", 60),
        ("critical", "strict_guarantee", "99", "99.99", 10),
    ],
)
def test_kpis_and_checks(code, strength, share, uptime, interval):
    document = {level: document for level, _, _, document in shipped.LEVELS}[code]
    kpis = {kpi["kpi"]: kpi for kpi in document["kpis"]}
    assert {kpi["strength"] for kpi in document["kpis"]} == {strength}
    assert (kpis["responses_in_time"]["percent"], kpis["uptime"]["percent"]) == (share, uptime)
    assert document["monitoring"]["interval_seconds"] == interval


@pytest.mark.parametrize(
    ("full_until", "maintained_until", "phase", "owes"),
    [
        (None, 300, "full", "promise"),
        (10, 300, "full", "promise"),
        (-10, 300, "maintenance", "goal"),
        (-300, -10, "ended", "promise"),  # a person rules on it (X1); the clocks run until then
    ],
)
def test_a_release_in_maintenance_support_has_goals_where_one_with_full_support_has_promises(
    cast, full_until, maintained_until, phase, owes
):
    system, today = cast.production(cast.kitano), IN_HOURS.date()
    release = system.release
    release.maintained_until = today + timedelta(days=maintained_until)
    release.phases = {} if full_until is None else {"full": (today + timedelta(days=full_until)).isoformat()}
    release.save()
    found = entitlement_at(cast.kitano, IN_HOURS, environment=system)
    said = terms.load(found.terms.hash)
    assert said.document["facts"]["phase"] == phase
    assert [said.kind("first_response", severity) for severity in (1, 2, 3)] == [owes] * 3
    assert said.row("first_response", 1).target.text == "1h", "what is no longer owed is still measured"
    assert said.kind("triage", 1) == "internal"
    assert ("left maintenance" in " ".join(found.because)) is (phase == "ended")


def test_installing_again_publishes_nothing_and_leaves_the_vendors_own_versions(cast):
    shipped.install(NOW)
    assert [level.code for level in publish.current_levels()] == ["included", "standard", "high", "critical"]
    assert [package.code for package in publish.current_packages()] == [
        "included",
        "standard",
        "high",
        "critical",
    ]
    assert {
        version.version for model in (DeskPolicy, ServiceLevel, Package) for version in model.objects.all()
    } == {1}


def test_the_six_exclusions_each_have_a_courteous_answer(cast):
    exclusions = publish.current_desk_policy().document["exclusions"]
    codes = [one["code"] for one in exclusions]
    assert codes == ["third_party", "cosmetic", "lifecycle", "bespoke", "licence", "entra"]
    assert all(len(one["wording"]) > 60 for one in exclusions)


def test_the_three_severities_are_defined(cast):
    severities = publish.current_desk_policy().document["severities"]
    assert [(one["rank"], one["urgency"]) for one in severities] == [
        (1, "at once"),
        (2, "moderate"),
        (3, "low"),
    ]
