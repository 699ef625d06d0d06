"""The advisor in a browser: by keyboard alone, on a phone, without JavaScript, in the dark; axe finds nothing.

With MAINSTAY_SHOTS set to a folder, pictures are left there.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from cast import PASSWORD, Cast, acting
from mainstay.advisor import leads
from mainstay.advisor.models import Lead
from mainstay.allowances import prices
from mainstay.tickets import resolution
from mainstay.tickets.messages import Said

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"))
RAIL = "1-2220212111111"


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("MAINSTAY_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def looked_at(page: Page, name: str) -> list[str]:
    """What axe finds on the page as it is, and whether it runs over its width."""
    found = [
        f"{name}: {one['id']}: {[n['html'][:160] for n in one['nodes']][:4]}"
        for one in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"{name} runs over by {over} px")
    shoot(page, name)
    return found


def listen(page: Page, wrong: list[str]) -> None:
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))


def test_the_public_pages_in_a_browser(cast: Cast, site: str, browser: Browser) -> None:
    wrong: list[str] = []
    for width, height, theme in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        listen(page, wrong)
        for name, path in (
            ("advisor", "/advisor"), ("advisor-open", "/advisor?rules=1&criticality=process&outage=hour"),
            ("advisor-result", f"/advisor/{RAIL}"), ("sign-in", "/sign-in"),
        ):  # fmt: skip
            page.goto(site + path)
            wrong += looked_at(page, f"{name}-{width}{'-dark' if theme == 'dark' else ''}")
        context.close()
    assert wrong == []


def test_a_prospect_answers_with_the_keyboard_alone_on_a_phone(
    cast: Cast, site: str, browser: Browser
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{site}/advisor")
    first = page.locator("#q-criticality-0")
    first.focus()
    page.keyboard.press("Space")
    for question in range(13):  # the third answer of each: two down, then on
        if question:
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "See what fits"
    page.keyboard.press("Enter")
    page.wait_for_url("**/advisor/1-2222222222222")
    assert "Business Critical fits" in page.inner_text("h1")
    assert "right fit" in page.inner_text("main")


def test_without_a_script_what_is_missing_is_named_and_what_was_said_is_kept(
    cast: Cast, site: str, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/advisor")
    page.check("#q-criticality-3")
    page.check("#q-outage-4")
    page.click("button.go")
    assert "11 questions need an answer" in page.inner_text("[role=alert]")
    assert page.locator("#q-criticality-3").is_checked()
    assert page.locator("#q-loss .err, #err-loss").count() == 1
    for code in ("loss", "duty", "off_hours", "regions", "environments", "complexity", "users", "change", "skill",
                 "phone", "tam"):  # fmt: skip
        page.check(f"#q-{code}-0")
    page.click("button.go")
    assert page.inner_text("h1") == "Business Critical fits"
    page.fill("#name", "Pat Doe")
    page.fill("#email", "pat@prospect.example")
    page.click("button:has-text('Send')")
    assert "Sent." in page.inner_text("[role=status]")
    assert Lead.objects.get().email == "pat@prospect.example"


def test_the_link_is_copied_and_opens_the_same_result(cast: Cast, site: str, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}/advisor/{RAIL}")
    head = page.inner_text("h1")
    page.click("[data-copy]")
    page.wait_for_selector("text=Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site}/advisor/{RAIL}"
    page.goto(copied)
    assert page.inner_text("h1") == head


def test_it_prints_without_what_only_a_screen_needs(cast: Cast, site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{site}/advisor/{RAIL}")
    page.emulate_media(media="print")
    assert not page.is_visible("#lead")
    assert not page.is_visible(".top")
    assert page.is_visible("text=One level down, one level up")
    shoot(page, "advisor-print")


def sign_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.go")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_the_desks_pages_in_a_browser(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    """Sales with a result for a customer, its backtest, leads; an administrator on the rules with a preview."""
    now = datetime.now(UTC).replace(microsecond=0)
    for days in range(3, 60, 4):
        ticket = asks(cast.beth, at=now - timedelta(days=days))
        resolution.reply(
            ticket, said=Said("We look.", "desk"), by=acting(cast.mara),
            at=now - timedelta(days=days) + timedelta(hours=days),
        )  # fmt: skip
    for name, price in (("standard", "9000"), ("high", "21000"), ("critical", "60000")):
        prices.set_price(
            package=name,
            currency="EUR",
            amount=price,
            from_day=now.date(),
            note="",
            by=acting(cast.lena),
            at=now,
        )
    leads.send(
        advice=RAIL, level="high", package="high", name="Pat Doe", email="pat@prospect.example",
        organisation="Prospect & Sons", words="We run twelve sites.\nCall in the morning.", at=now,
    )  # fmt: skip
    places = {
        "desk-advisor": "/desk/advisor?customer=FERNLEIGH",
        "desk-result": f"/desk/advisor/{RAIL}?customer=FERNLEIGH",
        "desk-backtest": f"/desk/customers/FERNLEIGH/backtest?advice={RAIL}&clock=first_response&severity=3",
        "desk-leads": "/desk/leads",
        "desk-rules": "/desk/advisor/rules",
    }
    wrong: list[str] = []
    for width, height, theme in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        listen(page, wrong)
        sign_in(page, site, cast.ruth.email)
        dark = "-dark" if theme == "dark" else ""
        for name, path in places.items():
            page.goto(site + path)
            wrong += looked_at(page, f"{name}-{width}{dark}")
        page.fill("[name=band-2]", "25")
        page.click("button:has-text('Show what would change') >> nth=0")
        page.wait_for_selector("#preview")
        assert "high from: 34 points became 25 points" in page.inner_text("#preview")
        wrong += looked_at(page, f"desk-preview-{width}{dark}")
        context.close()
    assert wrong == []
