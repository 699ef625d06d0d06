"""The rail holds what a person goes to; everything else, and every setting, is one page and one search away."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import Cast, acting
from mainstay.accounts.models import Act, Role, User
from mainstay.catalogue import publish
from mainstay.customers.models import Product
from mainstay.desk import first_hour, last_changed

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
        ("holiday", "Calendars"), ("auto-close", "Closing rules"), ("priority", "Severities"),
        ("third-party", "What is not covered"), ("macros", "Canned answers"), ("notifications", "Letters"),
        ("routing", "Teams"), ("sla", "Catalogue"), ("gmail", "Mailboxes"),
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
    assert client.post("/desk/more/first-hour").status_code == 303
    assert Act.objects.filter(kind="first hour skipped").count() == 1, "once is enough"
    assert "Show the first hour again" not in page(as_(cast.mara), "/desk/more")
    assert "Show the first hour again" in page(client, "/desk/more")
    assert client.post("/desk/more/first-hour", {"back": "1"}).status_code == 303
    assert "The first hour" in page(client, "/desk/more")
    assert "first hour brought back" in page(client, "/desk/log").lower()


def test_an_empty_desk_shows_every_step(db: Any, settings: Any) -> None:
    settings.VENDOR_NAME = "Vendor"
    from cast import NOW
    from mainstay.catalogue import shipped

    shipped.install(NOW)
    only = User.objects.create_user("ann@vendor.example", "Ann", "x", roles=[Role.ADMINISTRATOR])
    client = Client()
    client.force_login(only)
    assert "7 steps are left" in page(client, "/desk/more")
    assert "7 steps are left" in page(client, "/desk/now"), "where one begins"
    Product.objects.create(code="cove", name="Cove")
    assert "6 steps are left" in page(client, "/desk/more")


def test_each_step_leads_to_its_page_and_ticks_itself(db: Any, settings: Any) -> None:
    settings.VENDOR_NAME, settings.SUPPORT_ADDRESS = "Vendor", "support@vendor.example"
    from cast import NOW
    from mainstay.catalogue import shipped

    shipped.install(NOW)
    only = User.objects.create_user("ann@vendor.example", "Ann", "x", roles=[Role.ADMINISTRATOR])
    client = Client()
    client.force_login(only)
    todo = first_hour.of(only).steps
    assert [one.done for one in todo] == [False] * len(todo)
    for one in todo:
        assert one.url == "" or client.get(one.url).status_code == 200, one.what

    def done() -> set[str]:
        return {one.what for one in first_hour.of(only).steps if one.done}

    settings.VENDOR_NAME = "Northwind"
    assert done() == {"Name the desk"}
    form = {"address": "help@ours.example", "name": "Help", "kind": "smtp"}
    assert client.post("/desk/mailboxes", form).status_code == 303
    assert client.post("/desk/products", {"name": "Cove", "code": "cove"}).status_code == 303
    person = {"name": "Jo", "email": "jo@vendor.example", "roles": ["engineer"]}
    assert client.post("/desk/people", person).status_code == 303
    assert done() == {"Name the desk", "A mailbox", "A first product", "A first colleague"}
    document: Any = publish.current_desk_policy().document
    publish.publish_desk_policy(document=document, by=acting(only), at=NOW, reason="Our hours")
    assert "Your hours" in done()


def test_each_setting_says_who_changed_it_last(cast: Cast, as_: As, now: datetime) -> None:
    client = as_(cast.ruth)
    said = page(client, "/desk/more?q=closing+rules")
    assert "as shipped" in said
    client.post(f"/desk/teams/{cast.support.code}", {"name": "Support", "categories": ["enquiry"]})
    canned = {"title": "Restart", "language": "", "category": "", "text": "Do."}
    as_(cast.hana).post("/desk/answers", canned)
    document: Any = publish.current_desk_policy().document
    other = {**document, "closing": {**document["closing"], "reopen_window": "3bd"}}
    publish.publish_desk_policy(document=other, by=acting(cast.ruth), at=now, reason="x")
    publish.publish_desk_policy(
        document={**other, "queue_ceiling_days": 9}, by=acting(cast.hana), at=now, reason="x"
    )
    found = last_changed.of_places()
    assert {name: found[name].by for name in ("teams", "canned", "closing", "severities", "policy")} == {
        "teams": "Ruth Castellan",
        "canned": "Hana Sato",
        "closing": "Ruth Castellan",
        "severities": "",
        "policy": "Hana Sato",
    }
    assert "last by Ruth Castellan" in page(client, "/desk/more?q=closing+rules")
    assert page(client, "/desk/more").count("last by Hana Sato") >= 2
