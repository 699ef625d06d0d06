"""Ruth rewords a letter in a browser, sees it before she keeps it, and axe finds nothing on her pages."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.desk.test_contracts_in_the_browser import SIZES, listen, sign_in, wrong_with

from cast import Cast
from mainstay.notices.models import Wording

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("MAINSTAY_SHOTS", "")


def test_ruth_rewords_the_acknowledgement(cast: Cast, site: str, browser: Browser) -> None:
    wrong: list[str] = []
    for width, height, colours in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)  # type: ignore[arg-type]
        page = context.new_page()
        listen(page, wrong)
        sign_in(page, site, cast.ruth.email)
        for address in ("wordings", "wordings/de/acknowledgement"):
            wrong += wrong_with(page, f"{site}/desk/{address}", f"{address} {width} {colours}")
            if SHOTS:
                page.screenshot(
                    path=Path(SHOTS) / f"{address.replace('/', '-')}-{width}-{colours}.png", full_page=True
                )
        context.close()
    assert wrong == []


def test_she_looks_before_she_keeps_it(cast: Cast, site: str, browser: Browser) -> None:
    page = browser.new_page()
    sign_in(page, site, cast.ruth.email)
    page.goto(f"{site}/desk/wordings/en/answer")
    words = "Dear {name}\n\n{words}\n\n{facts}\n\n{buttons}"
    page.fill("[name=text]", words)
    page.click('[formtarget=preview]:text-is("Dark")')
    frame: Any = page.frame("preview")
    frame.wait_for_selector("h1:has-text('Dear Priya Raman')")
    assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(12, 18, 24)"
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "wording-looked.png", full_page=True)
    assert page.input_value("[name=text]") == words  # looking takes nothing away
    assert not Wording.objects.exists()
    page.click("text=Keep these words")
    page.wait_for_selector("text=These words hold from the next letter on")
    assert Wording.objects.get().text == words
