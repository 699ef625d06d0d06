"""Terms: one spelling, one hash, words nobody misreads."""

import pytest

from cast import NOW
from mainstay.catalogue.compile import canonical, resolve
from mainstay.contracts import terms
from mainstay.contracts.entitlement import entitlement_at
from mainstay.sla.calendars import calendar_of
from mainstay.sla.targets import parse_target

OFFICE = calendar_of({"time_zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}})
ALWAYS = calendar_of({"time_zone": "UTC", "always": True})


@pytest.mark.parametrize(
    ("target", "calendar", "words"),
    [
        ("1d", ALWAYS, "24 hours, round the clock"),
        ("1d", OFFICE, "24 business hours"),
        ("1bd", OFFICE, "1 business day"),
        ("2bd", OFFICE, "2 business days"),
        ("eobd", OFFICE, "the end of the next business day"),
        ("2eobd", OFFICE, "the end of the 2nd following business day"),
        ("30m", OFFICE, "30 business minutes"),
        ("60m", OFFICE, "1 business hour"),
        ("90s", ALWAYS, "90 seconds, round the clock"),
        ("1mo", OFFICE, "1 calendar month"),
    ],
)
def test_21_one_day_says_which_day_it_is(target, calendar, words):
    assert terms.in_words(parse_target(target), calendar) == words


def test_terms_hold_no_floating_number_and_have_one_spelling(cast):
    found = entitlement_at(cast.harbourline, NOW).terms
    document = terms.load(found.hash).document
    assert canonical(document).decode() == found.text
    assert not list(floats(document))
    assert found.zone_data


def floats(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from floats(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from floats(inner)
    elif isinstance(value, float):
        yield value


def row(severity, target, **when):
    made = {"clock": "triage", "severity": severity, "target": target, "calendar": "always", "kind": "goal"}
    return made | ({"when": when} if when else {})


def test_15_a_row_whose_fact_holds_wins_then_the_one_for_the_severity():
    rows = [
        row("*", "1h"),
        row(1, "2h"),
        row("*", "3h", received="outside_hours"),
        row(2, "4h", received="outside_hours"),
    ]

    def chosen(received):
        found = resolve(rows, {"received": received})
        return {severity: cell["target"] for (_, severity), cell in found.items()}

    assert chosen("inside_hours") == {"*": "1h", "1": "2h"}
    assert chosen("outside_hours") == {"*": "3h", "1": "3h", "2": "4h"}


def test_what_terms_say_of_a_ticket(cast):
    said = terms.load(entitlement_at(cast.harbourline, NOW).terms.hash)
    assert (said.level_name, said.package_name, said.contract_number, said.level_rank) == (
        "Business Critical", "Business Critical Support", "HA-2025-1", 4,
    )  # fmt: skip
    assert (said.warn_at, said.escalation) == (0.75, {"severity": 1, "page": True})
    assert said.target_words("first_response", 1) == "15 minutes, round the clock"
    assert said.target_words("root_cause", 3) == ""
    assert said.policy.on_raise == "from_change"
