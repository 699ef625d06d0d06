"""A document of the catalogue is refused with the path of what is wrong and what would be right."""

from copy import deepcopy

import pytest

from mainstay.catalogue import shipped
from mainstay.errors import Refused
from mainstay.policy import documents


def refused(check, shipped_document, *path, becomes):
    """Put one wrong value into a shipped document; what the refusal says."""
    document = deepcopy(shipped_document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if becomes is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = becomes
    with pytest.raises(Refused) as refusal:
        check(document)
    return str(refusal.value)


GONE = object()


@pytest.mark.parametrize(
    ("path", "becomes", "says"),
    [
        (("targets", 0, "severity"), 7, "targets[0].severity: is 7; the desk has severities 1, 2, 3"),
        (("targets", 0, "severity"), True, "targets[0].severity: is true"),
        (("targets", 0, "clock"), "second_response", "targets[0].clock: must be one of first_response"),
        (("targets", 0, "target"), "-4h", "targets[0].target: a target is positive"),
        (("targets", 0, "target"), "0h", "targets[0].target: a target is positive"),
        (("targets", 0, "target"), "one day", "targets[0].target: cannot read"),
        (("targets", 0, "target"), 4, "targets[0].target: must be a text"),
        (("targets", 0, "calendar"), "office", "targets[0].calendar: must be one of business, always"),
        (("targets", 0, "kind"), "hope", "targets[0].kind: must be one of promise, goal, internal"),
        (("targets", 0, "when"), {"weather": "rain"}, "targets[0].when.weather: is not known here"),
        (("targets", 0, "when"), {"received": "late"}, "targets[0].when.received: must be one of"),
        (("targets", 0), "4h", "targets[0]: must be an object"),
        (("targets",), {}, "targets: must be a list"),
        (("head_start_minutes",), {"4": 10}, "head_start_minutes.4: is no severity of the desk"),
        (("head_start_minutes",), {"1": -10}, "head_start_minutes.1: must be a whole number from 0"),
        (("warn_at",), 0.75, "warn_at: must be a whole number from 1 to 99"),
        (("on_raise",), "at_once", "on_raise: must be one of from_start, from_change, proportional"),
        (("pauses",), {"resolution": ["sleeping"]}, "pauses.resolution[0]: must be one of"),
        (("starts_on",), {"triage": "triaged"}, "starts_on.triage: must be one of first_response"),
        (("kpis", 0, "percent"), "101", "kpis[0].percent: must be a text such as"),
        (("kpis", 0, "percent"), 99.5, "kpis[0].percent: must be a text such as"),
        (("kpis", 0, "percent"), "NaN", "kpis[0].percent: must be a text such as"),
        (("kpis", 0, "percent"), GONE, "kpis[0].percent: is missing"),
        (("monitoring",), {"depth": "regular"}, "monitoring.interval_seconds: must be a whole number"),
        (("escalation", "severity"), 0, "escalation.severity: is 0"),
        (("closing",), {"solution_closes": "soon"}, "closing.solution_closes: cannot read"),
        (("summary",), "", "summary: must be a text"),
        (("format",), 2, "format: is 2; this version reads format 1"),
        (("targets",), GONE, "targets: is missing"),
        (("colour",), "blue", "colour: is not known here"),
    ],
)  # fmt: skip
def test_a_level_is_refused(path, becomes, says):
    assert says in refused(documents.check_level, shipped.HIGH, *path, becomes=becomes)


def test_15_two_rows_for_the_same_case_are_refused_so_that_the_choice_is_never_open():
    document = deepcopy(shipped.STANDARD)
    document["targets"].append({**document["targets"][0], "target": "9h"})
    with pytest.raises(Refused, match=r"targets\[\d+\]: says the same case as targets\[0\]"):
        documents.check_level(document)


@pytest.mark.parametrize(
    ("path", "becomes", "says"),
    [
        (("hours",), GONE, "hours: is missing"),
        (("hours", "week"), {}, "hours.week: opens at no time"),
        (("hours", "week"), {"mon": []}, "hours.week: opens at no time"),
        (("hours", "week"), {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}, "hours.week.mon"),
        (("hours", "week"), {"moon": [["09:00", "12:00"]], "mon": [["09:00", "12:00"]]}, "hours.week.moon"),
        (("hours", "week"), {"mon": [["17:00", "09:00"]]}, "hours.week.mon"),
        (("hours", "holidays"), "vendor", "hours.holidays: must be one of customer, none"),
        (("hours", "holidays"), ["2026-02-30"], "hours.holidays"),
        (("channels",), [], "channels: is empty"),
        (("channels", 0), "pigeon", "channels[0]: must be one of"),
        (("contacts",), 0, "contacts: must be a whole number"),
        (("price",), {"basis": "a year", "amount": "12,5"}, "price.amount"),
    ],
)
def test_a_package_is_refused(path, becomes, says):
    document = shipped.PACKAGES[1][2]
    assert says in refused(documents.check_package, document, *path, becomes=becomes)


@pytest.mark.parametrize(
    ("path", "becomes", "says"),
    [
        (("severities", 2, "rank"), 4, "severities: must be ranked 1, 2, 3"),
        (("severities",), [], "severities: must be ranked 1, 2, 3"),
        (("closing", "reopen_window"), GONE, "closing.reopen_window: is missing"),
        (("closing", "question_reminders"), ["2bd", "soon"], "closing.question_reminders[1]: cannot read"),
        (("exclusions", 0, "code"), "Third party", "exclusions[0].code"),
        (("exclusions", 1, "code"), "third_party", "exclusions[1].code: third_party is there twice"),
        (("queue_ceiling_days",), 0, "queue_ceiling_days: must be a whole number"),
        (
            ("acknowledgements", "unknown_per_address_per_day"),
            0,
            "acknowledgements.unknown_per_address_per_day",
        ),
    ],
)
def test_a_desk_policy_is_refused(path, becomes, says):
    assert says in refused(documents.check_desk_policy, shipped.DESK, *path, becomes=becomes)


def test_19_lunch_breaks_and_several_intervals_a_day_are_taken():
    documents.check_hours({"week": {"mon": [["09:00", "12:30"], ["13:30", "17:00"]]}, "holidays": "none"})
