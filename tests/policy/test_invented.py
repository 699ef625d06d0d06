"""Two vendors that do not exist, made of kinds of rule that the eight do not have (N2).

Their clocks come out as the files say; each test is a sentence of the file.
"""

from datetime import UTC, date, datetime

import pytest

import cast as people
from mainstay.catalogue import loading, publish
from mainstay.catalogue.models import Package
from mainstay.contracts.signing import sign_contract
from mainstay.policy.check import checked
from mainstay.policy.compile import Place
from mainstay.policy.opening import forbidden, opening
from mainstay.policy.rendering import as_text
from mainstay.sla.cases import written
from mainstay.tickets import resolution
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Timer
from policy.promised import EXAMPLES, Promised, local, parts_of, utc

HELSINKI = Place("Europe/Helsinki", "FI")
BERLIN = Place("Europe/Berlin", "DE", "BY")
YEARS = (2026, 2027)


@pytest.mark.parametrize("name", ["fjordline", "halcyon"])
def test_both_are_in_order_without_a_look(name):
    text = (EXAMPLES / f"{name}.toml").read_text()
    assert checked(text, name=name, load=None, years=YEARS)[1] == []


def triaged(promised, clock, severity, at, triaged_at, **facts):
    events = [(at, "received", severity), (triaged_at, "triaged")]
    return written(promised.clocks(events, facts, until=triaged_at)[clock, 1].due)


# ---- Fjordline


def test_hours_follow_the_language_of_the_case():
    star = Promised("fjordline", "northern_star", HELSINKI)
    friday = local("2026-03-06 14:00", "Europe/Helsinki")
    assert star.due("first_response", 2, friday, language="fi") == utc("2026-03-09 09:00", "Europe/Helsinki")
    assert star.due("first_response", 2, friday, language="de") == utc("2026-03-06 15:30", "Europe/Berlin")
    assert star.due("first_response", 2, friday, language="en") == utc("2026-03-06 16:00", "Europe/Helsinki")


def test_german_cases_keep_bavarian_holidays_and_the_lunch_hour():
    star = Promised("fjordline", "northern_star", HELSINKI)
    noon = local("2026-03-06 12:00", "Europe/Berlin")
    assert star.due("first_response", 2, noon, language="de") == utc("2026-03-06 15:00", "Europe/Berlin")
    epiphany = local("2026-01-05 17:00", "Europe/Berlin")
    assert star.due("first_response", 2, epiphany, language="de") == utc("2026-01-07 10:00", "Europe/Berlin")


def test_in_compass_the_response_counts_from_when_the_severity_is_set():
    compass = Promised("fjordline", "compass", HELSINKI)
    assert compass.due("resolution", 2, "2026-03-02T10:00:00Z", language="en") is None
    at, set_at = "2026-03-02T10:00:00Z", "2026-03-02T13:00:00Z"
    assert triaged(compass, "first_response", 1, at, set_at, language="en") == "2026-03-02T17:00:00Z"


def test_what_waits_for_the_customer_stands_still_until_the_day_that_was_agreed():
    star = Promised("fjordline", "northern_star", HELSINKI)
    events = [("2026-03-02T08:00:00Z", "received", 3), ("2026-03-02T08:00:00Z", "triaged"),
              ("2026-03-02T09:00:00Z", "waiting_on_customer"), ("2026-03-12T09:00:00Z", "resumed")]  # fmt: skip
    waited = star.clocks(events, {"language": "en"}, until="2026-03-12T10:00:00Z")["resolution", 1]
    at_once = star.clocks(events[:2], {"language": "en"}, until="2026-03-02T10:00:00Z")["resolution", 1]
    assert waited.used == 2 * 3600
    assert waited.due - at_once.due > 9 * 86_400


def test_the_gravest_needs_somebody_who_can_be_reached_and_we_set_it():
    desk = parts_of("fjordline")["desk"]
    asked = {"environment": "production", "category": "technical"}
    assert opening(desk, 1, asked) == (3, ["severity 3 to begin with"])
    assert opening(desk, 1, asked, by_us=True)[0] == 2
    assert "somebody at the customer" in forbidden(desk, 1, asked)
    reached = {**asked, "flags": ["reachable"]}
    assert opening(desk, 1, reached, by_us=True)[0] == 1
    assert forbidden(desk, 1, reached) == ""
    assert forbidden(desk, 2, {"category": "enquiry"}).startswith("always severity 4")


def test_it_reads_as_a_customer_would_want_it():
    text = as_text(parts_of("fjordline"), ["northern_star"])
    for sentence in (
        "A team of your own; somebody is there round the clock; one named engineer and a deputy.",
        "Resolution stands still while we wait for you and while we wait for somebody else.",
        "B at the gravest: A needs somebody at the customer who can be reached; until then B.",
        "Never closed by itself: severity A.",
        "Severity A: after 2 hours, support manager, tam.",
    ):
        assert sentence in " ".join(text.split())


# ---- Halcyon


def test_production_counts_all_week_but_the_weekend_everything_else_sixteen_hours():
    pro = Promised("halcyon", "pro", BERLIN)
    friday = local("2026-03-06 21:00", "Europe/Berlin")
    assert pro.due("first_response", 3, friday, environment="production") == utc(
        "2026-03-09 09:00", "Europe/Berlin"
    )
    night = local("2026-03-03 23:00", "Europe/Berlin")
    assert pro.due("first_response", 3, night, environment="production") == utc(
        "2026-03-04 03:00", "Europe/Berlin"
    )
    assert pro.due("first_response", 3, night, environment="test") == utc("2026-03-04 10:00", "Europe/Berlin")


def test_calendar_days_weeks_and_months_pass_over_weekends():
    pro = Promised("halcyon", "pro", BERLIN)
    monday = local("2026-03-02 10:00", "Europe/Berlin")
    assert pro.due("first_response", 5, monday) == utc("2026-03-09 10:00", "Europe/Berlin")
    assert pro.due("resolution", 2, local("2026-03-06 10:00", "Europe/Berlin")) == utc(
        "2026-03-09 10:00", "Europe/Berlin"
    )
    months = pro.due("resolution", 4, monday, environment="test")
    assert months == utc("2026-04-30 22:00", "Europe/Berlin")  # the 1st is a holiday, the 2nd a Saturday


def test_an_add_on_halves_two_cells_and_billing_has_rows_of_its_own():
    pro = Promised("halcyon", "pro", BERLIN)
    monday = local("2026-03-02 10:00", "Europe/Berlin")
    due = {one: pro.due("first_response", 2, monday, addons=one) for one in ((), ("fast_lane",))}
    assert due == {
        (): utc("2026-03-02 11:00", "Europe/Berlin"),
        ("fast_lane",): utc("2026-03-02 10:30", "Europe/Berlin"),
    }
    assert pro.due("first_response", 1, monday, category="billing") == utc(
        "2026-03-03 22:00", "Europe/Berlin"
    )


def test_the_gravest_is_not_to_be_had_in_two_packages_and_a_call_opens_higher():
    desk = parts_of("halcyon")["desk"]
    assert opening(desk, 1, {"package": "start"})[0] == 2
    assert opening(desk, 1, {"package": "pro"})[0] == 1
    assert opening(desk, None, {"package": "pro", "channel": "phone"})[0] == 2
    assert opening(desk, None, {"package": "pro", "channel": "portal"})[0] == 4
    assert opening(desk, 1, {"package": "pro", "environment": "test"})[0] == 3


def test_two_generations_are_alive_and_only_one_is_sold():
    packages = parts_of("halcyon")["packages"]
    assert {code: (one.get("generation"), one.get("on_sale", True)) for code, one in packages.items()} == {
        "start": (None, True), "pro": ("2026", True), "pro_2023": ("2023", False),
    }  # fmt: skip
    old = Promised("halcyon", "pro_2023", BERLIN)
    assert old.due("first_response", 3, local("2026-03-02 10:00", "Europe/Berlin")) == utc(
        "2026-03-03 10:00", "Europe/Berlin"
    )


def test_best_effort_is_a_goal_and_a_share_and_a_value_to_be_agreed_are_kept():
    assert Promised("halcyon", "start").terms()["kinds"]["first_response"] == {"*": "goal"}
    said = Promised("halcyon", "pro").terms()
    assert said["shares"] == {"first_response": {"4": 95}}
    assert set(said["agreed"]["next_response"]) <= {"3", "4", "5", "*"}


def test_credits_in_days_and_for_missed_answers_are_told():
    text = " ".join(as_text(parts_of("halcyon"), ["pro"]).split())
    assert "below 99.5: 7 days of service" in text
    assert "nothing below 50.00, to be claimed within 30 days after the period" in text
    assert "Not opened again once it is closed: severity S4." in text


def test_closing_counts_calendar_days(cast, capsys):
    """Loaded and obeyed: a question of a Friday is asked again on Sunday and closed two weeks later, to the second."""
    assert loading.main([str(EXAMPLES / "halcyon.toml")]) == 0
    sign_contract(
        customer=cast.quill, number="HA-1", package=publish.current(Package, "pro"), first_day=date(2026, 1, 1),
        last_day=None, by=people.acting(cast.lena), at=people.NOW,
    )  # fmt: skip
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    request = Request(
        subject="Slow", said=Said("It is slow.", "portal"), customer=cast.quill, contact=cast.jonah,
        address=cast.jonah.email, name=cast.jonah.name, severity=3,
    )  # fmt: skip
    ticket = open_ticket(request, by=people.acting(cast.jonah), at=friday)
    assert ticket.severity == 3
    question = Said("Which region?", "desk")
    resolution.reply(ticket, said=question, by=people.acting(cast.mara), at=friday, wait=True)
    timers = Timer.objects.filter(ticket=ticket).order_by("due_at").values_list("kind", "due_at")
    assert [(kind, at.date().isoformat(), at.hour) for kind, at in timers] == [
        ("remind", "2026-03-08", 15), ("remind", "2026-03-11", 15), ("close", "2026-03-20", 15),
    ]  # fmt: skip
