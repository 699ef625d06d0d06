"""Allowances in a browser, light and on a phone: axe finds nothing, nothing runs over; the timer outlives the page.

With MAINSTAY_SHOTS set to a folder, pictures are left there.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from cast import PASSWORD, Cast, acting
from mainstay.allowances import names, prices
from mainstay.customers.models import Subscription
from mainstay.tickets import work

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"))


def sign_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.go")
    page.wait_for_url(lambda url: "sign-in" not in url)


def looked_at(page: Page, name: str) -> list[str]:
    """What axe finds on the page as it is, and whether it runs over its width."""
    found = [
        f"{name}: {one['id']}: {[n['html'][:160] for n in one['nodes']][:4]}"
        for one in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"{name} runs over by {over} px")
    if folder := os.environ.get("MAINSTAY_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    return found


def test_every_page_in_light_in_the_dark_and_on_a_phone(
    cast: Cast, asks: Any, limits: Any, site: str, browser: Browser
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    limits("critical", included_hours={"hours": 10, "per": "month", "carry_over_months": 2}, contacts=3,
           requests={"number": 4, "per": "quarter"})  # fmt: skip
    lena, mara = acting(cast.lena), acting(cast.mara)
    names.name_contact(cast.priya, number=cast.priya.customer.contracts.get().number, by=lena, at=now)
    for code, amount in (("EUR", "24000"), ("USD", "26500.50")):
        prices.set_price(package="high", currency=code, amount=amount, from_day=now.date(), note="net", by=lena,
                         at=now)  # fmt: skip
    served, lapsed = asks(cast.priya, at=now), asks(cast.nora, "Can we have this for free?", at=now)
    for minutes, billable in ((750, True), (20, False)):
        work.log_work(served, minutes=minutes, day=now.date(), text="Traced the badge service", billable=billable,
                      user=cast.mara, by=mara, at=now)  # fmt: skip
    mine = Subscription.objects.filter(customer=cast.quill)
    mine.update(ends_on=now.date() + timedelta(days=20))
    wrong: list[str] = []
    at = "/desk/customers/HARBOURLINE"
    desk = {
        "not-entitled": "/desk/not-entitled", "decide": f"/desk/tickets/{lapsed.pk}#entitlement",
        "work": f"/desk/tickets/{served.pk}#work", "allowances": f"{at}/allowances", "onboarding": f"{at}/onboarding",
        "prices": "/desk/prices", "ending": "/desk/subscriptions",
        "subscription": f"/desk/customers/QUILL/subscriptions/{mine.get().pk}",
    }  # fmt: skip
    theirs = {"agreement": "/allowances", "prices-public": "/prices", "home": "/"}
    for width, height, theme in SIZES:
        for email, places in ((cast.hana.email, desk), (cast.priya.email, theirs)):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
            sign_in(page, site, email)
            for name, path in places.items():
                page.goto(site + path)
                page.eval_on_selector_all(
                    "main details:not([name])", "all => all.forEach(one => one.open = true)"
                )
                if name in {"work", "decide"}:
                    page.locator(f"#{'work' if name == 'work' else 'entitlement'} > summary").click()
                    page.wait_for_selector("#main details[open] form")
                wrong.extend(looked_at(page, f"{name}-{width}{'-dark' if theme == 'dark' else ''}"))
            context.close()
    assert wrong == []


def test_a_timer_started_here_is_stopped_there(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    ticket = asks(cast.priya, at=datetime.now(UTC).replace(microsecond=0))
    page = browser.new_context().new_page()
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/tickets/{ticket.pk}")
    page.click("#work > summary")
    page.click("text=Start the timer")
    page.wait_for_load_state()
    page.context.close()
    later = browser.new_context().new_page()
    sign_in(later, site, cast.mara.email)
    later.goto(f"{site}/desk/tickets/{ticket.pk}")
    later.click("#work > summary")
    later.fill("#stop-text", "Looked at the chain")
    later.click("text=Stop and write down")
    later.wait_for_load_state()
    assert re.search(r"Mara Lindqvist wrote down 1 min of .*: Looked at the chain", later.content())
    later.context.close()
