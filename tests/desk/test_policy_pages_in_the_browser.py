"""Ruth changes the policy in a browser, sees it before she publishes it, and axe finds nothing on her pages."""

import pytest
from playwright.sync_api import Browser

from cast import Cast
from desk.test_contracts_in_the_browser import SIZES, listen, sign_in, wrong_with
from mainstay.catalogue import publish

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "calendars", "calendars/desk/hours", "calendars/desk/new", "severities", "closing", "exclusions",
    "exclusions/clauses/entra?try=1", "more", "answers", "mailboxes",
    "catalogue/level/critical", "catalogue/package/high",
)  # fmt: skip
OPEN = (
    "addEventListener('DOMContentLoaded', () => document.querySelectorAll('.house details')"
    ".forEach((one) => { one.open = true }))"
)


def test_every_page_of_the_policy_with_all_its_forms_open(cast: Cast, site: str, browser: Browser) -> None:
    wrong: list[str] = []
    for width, height, colours in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)  # type: ignore[arg-type]
        context.add_init_script(OPEN)
        page = context.new_page()
        listen(page, wrong)
        sign_in(page, site, cast.ruth.email)
        for address in PAGES:
            wrong += wrong_with(page, f"{site}/desk/{address}", f"{address} {width} {colours}")
        context.close()
    assert wrong == []


def test_she_looks_publishes_and_takes_it_back_without_a_mouse(
    cast: Cast, site: str, browser: Browser
) -> None:
    page = browser.new_page()
    sign_in(page, site, cast.ruth.email)
    page.goto(f"{site}/desk/calendars/desk/hours")
    page.fill("[name=fri]", "09:00-12:00")
    page.keyboard.press("Enter")
    page.wait_for_selector("#looked >> text=Mon-Thu 09:00-17:00; Fri 09:00-12:00 >> nth=0")
    assert page.input_value("[name=fri]") == "09:00-12:00"
    assert publish.current_desk_policy().version == 1
    page.fill("[name=reason]", "Short Fridays")
    page.focus("[name=publish]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Short Fridays")
    assert publish.current_desk_policy().document["hours"]["week"]["fri"] == [["09:00", "12:00"]]
    page.focus("text=Take it up again")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=This is what version 1 said.")
    assert page.input_value("[name=fri]") == "09:00-17:00"
