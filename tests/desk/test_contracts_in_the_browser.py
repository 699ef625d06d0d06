"""A contract is negotiated in a browser: axe finds nothing, nothing runs over, at desk and phone width."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from cast import PASSWORD, Cast, acting
from mainstay.contracts import negotiation
from mainstay.contracts.models import Contract, Draft

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"))


def sign_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


def listen(page: Page, wrong: list[str]) -> None:
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)


def wrong_with(page: Page, address: str, name: str) -> list[str]:
    page.goto(address)
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    found = [
        f"{name}: {one['id']}: {[n['html'][:160] for n in one['nodes']][:3]}"
        for one in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([f"{name} runs over by {over} px"] if over > 0 else [])]


def test_lena_negotiates_with_the_keyboard_and_every_page_stands(
    cast: Cast, asks: Any, site: str, browser: Browser
) -> None:
    asks(at=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1))
    held = Contract.objects.select_related("customer", "package__level", "desk_policy").get(
        customer=cast.harbourline
    )
    draft = negotiation.start_from(
        held, "renewal", owner=cast.lena, by=acting(cast.lena), at=datetime.now(UTC).replace(microsecond=0)
    )
    wrong: list[str] = []
    for width, height, theme in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        listen(page, wrong)
        sign_in(page, site, cast.lena.email)
        for name, path in (
            ("list", "/desk/contracts"), ("renewals", "/desk/contracts/renewals?within=365"),
            ("contract", f"/desk/contracts/{held.pk}"), ("draft", f"/desk/contracts/drafts/{draft.pk}"),
            ("new", "/desk/contracts/drafts/new"),
        ):  # fmt: skip
            wrong += wrong_with(page, site + path, f"{name}-{width}-{theme}")
        context.close()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, site, cast.priya.email)
    wrong += wrong_with(page, f"{site}/contracts", "portal")
    page.set_viewport_size({"width": 390, "height": 844})
    wrong += wrong_with(page, f"{site}/contracts", "portal-390")
    context.close()
    assert wrong == []

    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(page, site, cast.lena.email)
    page.goto(f"{site}/desk/contracts/drafts/{draft.pk}")
    page.get_by_label("First response, severity 3, we offer").fill("3h")
    page.get_by_label("First response, severity 3, we offer").press("Enter")
    page.wait_for_selector("text=The lines are kept.")
    assert "sooner than the catalogue" in page.inner_text("main")
    draft = Draft.objects.get(pk=draft.pk)
    assert [row["target"] for row in draft.offered["targets"]] == ["3h"]
