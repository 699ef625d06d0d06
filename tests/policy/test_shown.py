"""What `policy show` tells a customer: the row that judges, days with hours of their own, limits and prices."""

from mainstay.policy.read import read
from mainstay.policy.rendering import as_text

STAR = """
format = 2
name = "Star"
severities = [{ name = "A" }, { name = "B" }]
promises.first_response = { rest = "9h" }
[hours]
time_zone = "Europe/Vienna"
week = "Mon-Fri 09:00-17:00"
holidays = ["AT"]
special = { "12-31" = "09:00-12:00", 2026-05-02 = "closed" }
[levels.common]
promises.first_response = { rest = "8h" }
promises.next_response = { A = "3h", rest = "8h" }
[packages.own]
level = "common"
generation = "2024"
on_sale = false
promises.first_response = { rest = "4h" }
promises.next_response = { rest = "6h" }
contacts = { included = 3, roles = ["owner"], beyond = "decide" }
requests = { number = 10, per = "year", beyond = "serve" }
price = { basis = "a year", per_unit = 6.5, unit = "user", units_at_once = 100, units_least = 200, currency = "EUR" }
closing_rules = [{ severity = ["A", "B"], question_closes = "3w" }]
escalations = [
    { severity = "A", after = "0m", to = "team_lead" },
    { severity = "A", after = "90m", to = "manager", calendar = "always", words = "He calls back." },
    { severity = "B", after = "75%", clock = "first_response", to = ["team_lead", "tam"] },
]
[packages.common]
level = "common"
price = { basis = "a month", amount = 100, per = "system", currency = "EUR" }
[[levels.common.kpis]]
kpi = "uptime"
per = "month"
percent = 99.9
strength = "objective"
notice_hours = 120
[packages.bare]
"""


def told(package):
    return " ".join(as_text(read(STAR), [package]).split())


def test_the_table_shows_the_row_that_judges():
    assert "First response 4 business hours 4 business hours" in told("own")
    assert "Next response 3 business hours 6 business hours" in told(
        "own"
    )  # a severity says more than a package
    assert "First response 8 business hours 8 business hours" in told("common")
    assert "First response 9 business hours 9 business hours" in told("bare")


def test_days_with_hours_of_their_own_are_told():
    assert "without the public holidays of AT; on 12-31 09:00-12:00, 2026-05-02 closed." in told("own")


def test_limits_and_prices_are_told_whole():
    said = told("own")
    for sentence in (
        "Not sold any more.",
        "3 named contacts; about more somebody decides.",
        "10 requests a year; more are served too.",
        "A year; 6.50 EUR per user; from 200 users; sold by 100 users.",
        "Severity A: closed after a question after 21 days.",
    ):
        assert sentence in said
    assert "A month; 100 EUR per system." in told("common")


def test_notice_of_maintenance_is_told():
    assert (
        "Uptime: 99.9 % a month, objective, without maintenance that was announced 120 hours before."
        in told("common")
    )


def test_ladders_are_told_in_words():
    said = told("own")
    assert "Severity A: at once, team lead." in said
    assert "Severity A: after 90 minutes, round the clock, manager: He calls back." in said
    assert "Severity B: after 75 % of the first response, team lead, tam." in said
