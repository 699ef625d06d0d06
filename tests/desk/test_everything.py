"""The rail holds what a person goes to; everything else, and every setting, is one page and one search away."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from mainstay.accounts.models import Role, User
from mainstay.customers.models import Product

As = Callable[..., Client]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def rail(client: Client, address: str = "/desk/now") -> list[str]:
    said = page(client, address)
    inside = said[said.index('<aside class="nav"') : said.index("</aside>")]
    return [
        re.sub(r"<[^>]+>.*", "", one).strip() for one in re.findall(r"<li><a [^>]*>(.*?)</a>", inside, re.S)
    ]


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("mara", ("Queue", "Triage", "Reports due", "Handover", "Articles"), ("Prices", "Log", "Held mail")),
        ("ifeoma", ("Triage", "Held mail", "Not entitled"), ("Prices", "Mailboxes")),
        ("lena", ("Customers", "Contracts", "Prices", "Advisor", "Catalogue"), ("Triage", "Handover")),
        ("owen", ("Customers", "KPIs", "Maintenance"), ("Prices", "Mailboxes")),
        ("ruth", ("People", "Mailboxes", "Log", "Outbox"), ("Prices", "Advisor")),
        ("dmitri", ("Contracts", "KPIs", "Log"), ("Prices", "Handover")),
    ],
)
def test_the_rail_is_short_and_of_ones_own_work(
    name: str, has: tuple[str, ...], lacks: tuple[str, ...], cast: Cast, as_: As, now: datetime
) -> None:
    lines = rail(as_(getattr(cast, name)))
    assert len(lines) <= 14
    assert set(has) <= set(lines)
    assert not set(lacks) & set(lines)
    assert lines[-1] == "Everything else"


def test_where_one_is_stands_in_the_rail_even_if_it_is_not_ones_own(
    cast: Cast, as_: As, now: datetime
) -> None:
    assert "Prices" in rail(as_(cast.mara), "/desk/prices")


def test_everything_that_one_may_open_is_on_one_page(cast: Cast, as_: As, now: datetime) -> None:
    said = page(as_(cast.mara), "/desk/more")
    for place in ("Prices", "Advisor", "Teams", "Policy file", "Changes"):
        assert f"<b>{place}</b>" in said
    assert "<b>Mailboxes</b>" not in said
    assert "<b>Mailboxes</b>" in page(as_(cast.ruth), "/desk/more")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("reopens within", "Closing rule"), ("entra", "What is not covered"), ("severity 1", "Severity 1"),
        ("imap", "Mailboxes"), ("critical", "Service level"), ("colleagues", "People"),
    ],
)  # fmt: skip
def test_one_search_finds_pages_and_settings_as_they_are(
    asked: str, found: str, cast: Cast, as_: As, now: datetime
) -> None:
    assert f"<b>{found}</b>" in page(as_(cast.ruth), f"/desk/more?q={asked}")


def test_what_is_nowhere_says_where_else_to_look(cast: Cast, as_: As, now: datetime) -> None:
    said = page(as_(cast.ruth), "/desk/more?q=zzz%00<script>")
    assert "0 places" in said
    assert "Ctrl+K" in said
    assert "<script>" not in said.split("<main")[1].split("</main>")[0]


def test_the_first_hour_is_checked_from_facts_and_can_be_skipped(
    cast: Cast, as_: As, now: datetime, settings: Any
) -> None:
    client = as_(cast.ruth)
    said = page(client, "/desk/more")
    assert "The first hour" in said
    done = said.count("✓")
    settings.VENDOR_NAME = "Northwind"
    assert page(client, "/desk/more").count("✓") == done + 1, "a fact, not a tick"
    assert "The first hour" not in page(as_(cast.mara), "/desk/more")
    assert as_(cast.mara).post("/desk/more/first-hour").status_code == 404
    assert client.post("/desk/more/first-hour").status_code == 303
    assert "The first hour" not in page(client, "/desk/more")
    assert "first hour skipped" in page(client, "/desk/log").lower()


def test_an_empty_desk_shows_every_step(db: Any, settings: Any) -> None:
    settings.VENDOR_NAME = "Vendor"
    from cast import NOW
    from mainstay.catalogue import shipped

    shipped.install(NOW)
    only = User.objects.create_user("ann@vendor.example", "Ann", "x", roles=[Role.ADMINISTRATOR])
    client = Client()
    client.force_login(only)
    assert "6 steps are left" in page(client, "/desk/more")
    Product.objects.create(code="cove", name="Cove")
    assert "5 steps are left" in page(client, "/desk/more")
