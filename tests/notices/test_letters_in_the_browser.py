"""Letters as clients show them: every one, in each language, light and dark, on a phone and wide.

`MAINSTAY_SHOTS=folder` keeps the pictures.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from mainstay.notices import samples, wording

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
SHOTS = os.environ.get("MAINSTAY_SHOTS", "")


@pytest.mark.parametrize("language", list(wording.LANGUAGES))
@pytest.mark.parametrize("width", [390, 700])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_letter_fits_and_can_be_read(browser: Browser, width: int, colours: str, language: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=colours, reduced_motion="reduce"
    )  # type: ignore[arg-type]
    page, wrong = context.new_page(), []
    for name in wording.letters():
        made = samples.letter(name, wording.shipped(name, language), language)
        page.set_content(made.html)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wrong.append(f"{name} runs over by {over} px")
        if name in {"acknowledgement", "solution", "reminder_question"}:
            wrong += [f"{name}: {one['id']}" for one in Axe().run(page).response["violations"]
                      if one["id"] in {"color-contrast", "link-name", "html-has-lang"}]  # fmt: skip
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{language}-{width}-{colours}.png", full_page=True)
    context.close()
    assert wrong == []


def test_a_long_word_or_address_does_not_push_a_letter_wide(browser: Browser) -> None:
    made = samples.letter("answer", wording.shipped("answer", "en"), "en")
    made.said = "x" * 400 + " https://vendor.example/" + "y" * 300
    made.facts = [("A fact", "z" * 300)]
    del made.__dict__["html"]
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.set_content(made.html)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
