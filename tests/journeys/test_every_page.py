"""Every page of desk and portal whose address has no number, out of the map of addresses, in Chromium: axe finds
nothing in light and dark, nothing is wider than a phone. What people look at all day does not move by itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from addresses import addresses
from chromium import axe_in_both, listen, runs_over, sign_in
from mainstay.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ADDRESSES = [f"/{one}" for one in addresses() if "<" not in one]
WHO = ("ruth@vendor.example", "priya@harbourline.example", "")
"""Who may do everything at the desk, whose organisation it is, and nobody."""
WATCHING = """window.shifts = [];
new PerformanceObserver(seen => seen.getEntries().forEach(one => window.shifts.push(one.value.toFixed(4) + ": "
  + one.sources.map(part => (part.node?.outerHTML || part.node?.textContent || "").slice(0, 120)).join(" and "))))
  .observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module")
def seats(morning: str, browser: Browser) -> Iterator[dict[str, Page]]:
    """A page of a browser for each of them, signed in."""
    made = {}
    for who in WHO:
        made[who] = browser.new_context(base_url=morning, viewport={"width": 1280, "height": 900}).new_page()
        if who:
            sign_in(made[who], morning, who)
    yield made
    for page in made.values():
        page.context.close()


@pytest.fixture(scope="module")
def clients(morning: str) -> dict[str, Client]:
    made = {who: Client() for who in WHO}
    for who in filter(None, WHO):
        made[who].force_login(User.objects.get(email=who))
    return made


def is_page(answer: Any) -> bool:
    html = (
        answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and not answer.streaming
    )
    return bool(html and answer.content[:9].lower() == b"<!doctype")


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    address: str, clients: dict[str, Client], seats: dict[str, Page]
) -> None:
    """A file, an answer for a script and an address that only takes forms are no page, but somebody gets them."""
    who = next((one for one, client in clients.items() if is_page(client.get(address))), None)
    if who is None:
        assert {client.get(address).status_code for client in clients.values()} & {200, 302, 405}
        return
    page, wrong = seats[who], list[str]()
    listen(page, wrong)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    wrong += axe_in_both(page)
    if runs_over(page):
        wrong.append("is wider than a phone")
    assert wrong == []


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("mara@vendor.example", "/desk/"),
        ("mara@vendor.example", "ticket"),
        ("priya@harbourline.example", "/"),
    ],
)
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_by_itself(who: str, address: str, width: int, morning: str, browser: Browser) -> None:
    """Not while the page comes, nor when what stands in it is asked for again."""
    context = browser.new_context(base_url=morning, viewport={"width": width, "height": 900})
    page = context.new_page()
    sign_in(page, morning, who)
    if address == "ticket":
        page.goto("/desk/")
        address = str(page.get_by_role("link", name="Badge sign-in").first.get_attribute("href"))
    page.add_init_script(WATCHING)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    moved = page.evaluate("window.shifts")
    context.close()
    assert moved == []
