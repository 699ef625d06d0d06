"""What `policy explain` says is what judges: the same target, kind and due instant as the compiled terms (M5)."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from mainstay.policy.compile import Named, Place, compose, terms
from mainstay.policy.explain import as_text, explained
from mainstay.policy.ticket import Ticket
from mainstay.sla.cases import parse_case, written
from policy.promised import EXAMPLES, YEARS, parts_of

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.toml"))
PLACES = [
    Place("Europe/Berlin", "DE", "BY"),
    Place("America/New_York", "US", "NY"),
    Place("Asia/Tokyo", "JP"),
    Place(),
]


def some_ticket(parts, dice):
    """A ticket of any kind that the policy tells apart."""
    desk = parts["desk"]
    may_be = {
        "environment": ["production", "test"],
        "category": ["technical", "billing", "feature"],
        "channel": ["email", "portal", "phone"],
        "language": desk.get("languages", []),
        "phase": [one["code"] for one in desk.get("lifecycle", [])],
        "bought": ["2017-01-01", "2020-01-01"],
        "product": ["cloud", "server", "weekdays-only"],
    }
    facts = {name: dice.choice(values) for name, values in may_be.items() if values and dice.random() < 0.6}
    for name in ("flags", "addons"):
        if desk.get(name) and dice.random() < 0.5:
            facts[name] = [dice.choice(sorted(desk[name]))]
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(60 * 24 * 365))
    severity = dice.choice(desk["severities"])["rank"]
    return Ticket(facts, severity, int(at.timestamp()), dice.choice(PLACES))


def judged(parts, package, ticket, found):
    """The terms of such a ticket, and its clocks as they stand at receipt."""
    says = parts["packages"][package]
    whole = compose(parts["desk"], parts["levels"][says["level"]], says)
    made = terms(whole, Named(), place=ticket.place, years=YEARS, facts=found["facts"])
    received = {"at": written(ticket.at), "event": "received", "severity": found["severity"]}
    case = {
        **{key: made[key] for key in ("policy", "calendars")},
        "events": [received],
        "as_of": received["at"],
    }
    return made, {one.clock: one for one in parse_case(case).explain()}


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_ticket_what_is_explained_is_what_judges_it(name):
    parts, dice = parts_of(name), random.Random(name)
    for _ in range(12):
        package, ticket = dice.choice(sorted(parts["packages"])), some_ticket(parts, dice)
        found = explained(parts, package, ticket, lambda _: 1, YEARS)
        made, clocks = judged(parts, package, ticket, found)
        for clock in found["clocks"]:
            targets = made["policy"]["clocks"].get(clock["clock"], {}).get("target", {})
            severity = str(found["severity"])
            assert clock["target"] == targets.get(severity, targets.get("*")), (package, ticket, clock)
            if "due" in clock and clock["clock"] in clocks:
                assert clock["due"] == written(clocks[clock["clock"]].due)


def told(package, **facts):
    parts = parts_of("fjordline")
    found = explained(parts, package, Ticket(facts, 1), lambda _: 1, YEARS)
    return as_text(parts, found, "fjordline.toml")


def test_a_phase_of_reduced_support_is_said_with_what_it_makes_of_a_promise():
    full = told("northern_star", phase="full", flags=["reachable"])
    assert "First response: 30m, promise" in full
    later = told("northern_star", phase="maintenance", flags=["reachable"])
    assert "First response: 30m, goal" in later
    assert "phase: the release is in the phase Maintenance, which makes a goal of it" in later
    ended = told("northern_star", phase="ended", flags=["reachable"])
    assert "First response: none (Support has ended: nothing is promised any more.)" in ended
    assert "which makes no target of it" in ended


def test_a_clock_that_starts_later_says_from_when_it_counts():
    assert "  counts from when we have set its severity" in told("compass")
    assert "counts from when" not in told("northern_star")
