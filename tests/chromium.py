"""Chromium for tests: started once a module, signed in, listened to, photographed.

With MAINSTAY_SHOTS set to a folder, pictures are left there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from cast import PASSWORD

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright keeps a loop running in this thread, which Django would take for a mistake."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as tool:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        made = tool.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield made
        made.close()


def sign_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.go")
    page.wait_for_url(lambda url: "sign-in" not in url)


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("MAINSTAY_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def listen(page: Page, wrong: list[str]) -> None:
    """Whatever the console calls an error is one."""
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))


def axe(page: Page, *rules: str) -> list[str]:
    """What axe finds on a page, of all rules or of these; nothing is what it should find."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    if not page.evaluate("window.axe !== undefined"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", options)
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']][:4]}" for one in found]


def axe_in_both(page: Page) -> list[str]:
    """The same in light, and what depends on colours in dark too."""
    page.emulate_media(color_scheme="light")
    found = axe(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark, {one}" for one in axe(page, "color-contrast")]
    page.emulate_media(color_scheme="light")
    return found


def runs_over(page: Page, width: int = 390) -> bool:
    """Whether a page is wider than a phone; the window is as wide as before afterwards."""
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": width, "height": before["height"]})
    over = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.set_viewport_size(before)
    return bool(over)
