"""What `policy check` finds worth a look and no error: a rung without its clock, a phase that quietly owes less."""

import pytest

from mainstay.policy.check import checked

SMALL = """format = 2
name = "Ours"
severities = [{ name = "Urgent" }, { name = "Low" }]
{desk}
[packages.gold]
channels = ["email", "portal"]
promises.first_response = { Urgent = "2h", Low = "1bd" }
promises.resolution = { Urgent = "2bd", Low = "9bd" }
promises.next_response = "1bd"
{package}
"""


def said(desk: str = "", package: str = "") -> list[tuple[int, str, bool]]:
    text = SMALL.replace("{desk}", desk).replace("{package}", package)
    _parts, remarks = checked(text, name="x.toml", load=None, years=(2026, 2027))
    return [(one.line, one.message, one.is_error) for one in remarks]


def test_a_share_of_no_clock_is_worth_a_look() -> None:
    [(line, words, is_error)] = said(package='escalations = [{ after = "75%", to = "manager" }]')
    assert (line, is_error) == (10, False)
    assert "counts 75% of the resolution, since it names no clock" in words
    for rung in ('after = "75%", clock = "resolution"', 'after = "2h"'):
        assert said(package=f'escalations = [{{ {rung}, to = "manager" }}]') == []


@pytest.mark.parametrize(("targets", "becomes"), [("goal", "a goal, measured"), ("none", "nothing at all")])
def test_a_phase_that_takes_the_gravest_promise_away_has_to_say_so(targets: str, becomes: str) -> None:
    phase = f'{{ code = "late", name = "Late", targets = "{targets}" }}'
    [(line, words, is_error)] = said(desk=f"lifecycle = [{phase}]")
    assert (line, is_error) == (4, False)
    assert becomes in words
    assert "first response, resolution, next response" in words
    in_words = phase.replace(" }", ', words = "Promises are goals by then." }')
    assert said(desk=f"lifecycle = [{in_words}]") == []
    kept = phase.replace(targets, "as_agreed")
    assert said(desk=f"lifecycle = [{kept}]") == []


def test_a_row_for_the_phase_says_it_too() -> None:
    phase = 'lifecycle = [{ code = "late", name = "Late", targets = "goal" }]'
    row = """[[packages.gold.targets]]
clock = ["first_response", "resolution", "next_response"]
when = { phase = "late" }
targets = { Urgent = "4h goal", Low = "2bd goal" }"""
    assert said(phase, row) == []


@pytest.mark.parametrize(
    ("package", "line", "words"),
    [
        ('closing = { question_reminders = ["2d", "9d"], question_closes = "7d" }', 10,
         "the reminder after 9d is never sent: it is closed after 7d"),
        ('closing = { solution_closes = "2bd" }', 10,
         "the reminder after 2bd is never sent: it is closed after 2bd"),
        ('closing_rules = [{ severity = "Low", solution_reminders = ["3bd", "6bd"] }]', 10,
         "the reminder after 6bd is never sent: it is closed after 5bd"),
        ("KPI[{ below = 99.9, percent = 25 }, { below = 99, percent = 10 }] }", 16,
         "credits 10 below 99, less than the 25 below 99.9"),
        ("KPI[{ below = 99.99, percent = 5 }] }", 16,
         "credits below 99.99, and 99.9 is promised: so it credits what was kept"),
    ],
)  # fmt: skip
def test_what_can_hardly_be_meant_is_worth_a_look(package: str, line: int, words: str) -> None:
    kpi = '[[packages.gold.kpis]]\nkpi = "uptime"\nper = "month"\nstrength = "guarantee"\npercent = 99.9\n'
    assert said(package=package.replace("KPI", f"\n{kpi}credits = {{ bands = ")) == [(line, words, False)]


def test_credits_and_reminders_in_order_are_worth_no_look() -> None:
    package = """closing = { question_reminders = ["2d", "5bd"], question_closes = "7d", solution_closes = "1mo" }
[[packages.gold.kpis]]
kpi = "missed"
clock = "first_response"
per = "month"
strength = "guarantee"
count = 2
credits = { bands = [{ above = 2, days = 1 }, { above = 5, days = 3 }, { above = 9, percent = 5 }] }
"""
    assert said(package=package) == []
