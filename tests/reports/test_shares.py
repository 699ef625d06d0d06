"""A target that is promised for a share of the tickets is measured by itself (P2, P6)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

import cast as people
from mainstay.accounts.actor import Actor
from mainstay.catalogue import loading, publish
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import Beside, sign_contract
from mainstay.reports import figures, measures
from mainstay.tickets.models import Ticket

from .conftest import MONDAY
from .test_conditions import ask

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = datetime(2026, 5, 4, 12, tzinfo=UTC)
POLICY = """
format = 2
name = "Shares"
severities = [{ name = "Grave" }, { name = "Mild" }, { name = "Small" }]
[levels.one]
promises.first_response = { Grave = "1h always", rest = "95% within 4h always" }
[packages.gold]
level = "one"
"""
GUARANTEE = {
    "code": "answers", "kpi": "responses_in_time", "strength": "guarantee", "per": "month", "percent": "95",
    "severity": [2, 3],
}  # fmt: skip


@pytest.fixture
def sold(cast: Any, tmp_path: Any) -> Callable[..., Contract]:
    """Sign a contract for Quill & Sons under a policy whose milder answers are promised for 95 %."""

    def sell(policy: str = POLICY, **more: Any) -> Contract:
        file = tmp_path / "policy.toml"
        file.write_text(policy)
        assert loading.main([str(file)]) == 0
        return sign_contract(
            customer=cast.quill, number="QU-1", package=publish.current(Package, "gold"), by=Actor.system(),
            first_day=date(2026, 1, 1), last_day=None, at=people.NOW - timedelta(days=80),
            beside=Beside(overrides=more),
        )  # fmt: skip

    return sell


def measured(cast: Any) -> dict[str, tuple[str, int, int]]:
    """What is measured in March by name: strength, kept, missed."""
    found = {}
    for one in measures.of_customer(cast.quill, MARCH, APRIL):
        made = figures.of(one, known_at=LATER)
        found[one.definition.code] = (one.definition.strength, made.inputs["kept"], made.inputs["missed"])
    return found


def test_a_share_is_an_objective_over_the_month_of_the_tickets_it_is_for(cast: Any, sold: Any) -> None:
    sold()
    ask(cast, MONDAY, 30)
    ask(cast, MONDAY + timedelta(hours=1), 600)
    assert measured(cast) == {"share-first_response-95": ("objective", 1, 1)}
    (one,) = measures.of_customer(cast.quill, MARCH, APRIL)
    assert (one.definition.owed, one.definition.severities) == (95, (2, 3))


def test_a_kpi_row_of_the_policy_takes_its_place(cast: Any, sold: Any) -> None:
    sold(kpis=[GUARANTEE])
    ask(cast, MONDAY, 30)
    assert measured(cast) == {"answers": ("guarantee", 1, 0)}


def test_where_conditions_choose_only_the_tickets_that_have_the_share_count(cast: Any, sold: Any) -> None:
    phoned = POLICY.replace(
        "[packages.gold]",
        """[[levels.one.targets]]
clock = "first_response"
severity = "Mild"
target = "2h always"
when = { flag = "by_phone" }
[packages.gold]""",
    )
    sold(phoned)
    ask(cast, MONDAY, 30)
    ask(cast, MONDAY + timedelta(hours=1), 30, ("by_phone",))
    assert measured(cast)["share-first_response-95-2"] == ("objective", 1, 0)


def test_the_ticket_and_its_reasons_say_it_and_the_customers_page_measures_it(cast: Any, sold: Any) -> None:
    sold()
    ticket: Ticket = ask(cast, MONDAY, 30)
    client = Client()
    assert client.login(username="hana@vendor.example", password=people.PASSWORD)
    page = client.get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert "95 % within 4 h 24x7" in page
    why = client.get(f"/desk/tickets/{ticket.pk}/why/first_response/1", follow=True).content.decode()
    assert "It is for 95 % of the tickets." in why
    figures_page = client.get(f"/desk/kpis/{cast.quill.code}").content.decode()
    assert "share-first_response-95" in figures_page
