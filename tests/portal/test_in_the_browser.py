"""The portal in Chromium: without a script, by keyboard, on a phone, in the dark; axe; files that break off."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from cast import acting
from chromium import axe, sign_in
from mainstay.tickets import resolution
from mainstay.tickets.models import Attachment, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "/", "/requests", "/requests?show=closed", "/requests/new", "/organisation", "/running", "/allowances",
    "/contracts",
    "/kpis", "/articles", "/password",
)  # fmt: skip


def signed_in(browser: Browser, site: str, **context: Any) -> Page:
    page = browser.new_context(base_url=site, **context).new_page()
    sign_in(page, site, "priya@harbourline.example")
    return page


def manages(cast: Any) -> None:
    cast.priya.is_admin = True
    cast.priya.save(update_fields=["is_admin"])


def test_the_main_journey_without_a_script(browser: Browser, site: str, cast: Any, tmp_path: Path) -> None:
    manages(cast)
    log = tmp_path / "mfa.log"
    log.write_text("10:47 refused\npassword=hunter2secret\n")
    page = signed_in(browser, site, java_script_enabled=False)
    page.get_by_role("link", name="Raise a request").first.click()
    page.get_by_text("Billing problem").click()
    expect(page.get_by_label("Steps to reproduce")).to_be_hidden()
    page.get_by_text("Technical problem").click()
    page.get_by_label("In one line").fill("Badges refused")
    page.get_by_label("In detail").fill("Since 10:47 nobody can sign in.")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_label("In one line")).to_have_value("Badges refused")
    page.locator("#files").set_input_files(str(log))
    page.get_by_role("button", name="Send request").last.click()
    expect(page.get_by_text("1 password or key").first).to_be_visible()
    page.get_by_role("button", name="Blacken them").click()
    page.get_by_role("button", name="Send request").last.click()
    expect(page.get_by_text("We got it: request")).to_be_visible()
    ticket = Ticket.objects.get(subject="Badges refused")
    page.get_by_label("Message").fill("It is worse now.")
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_text("Sent. You see it below")).to_be_visible()
    page.get_by_text("Ask for an escalation").first.click()
    page.locator("#escalation").fill("Three hospitals stand still.")
    page.get_by_role("button", name="Ask for an escalation").click()
    expect(page.get_by_text("escalation asked for: you have an answer")).to_be_visible()
    resolution.propose_solution(ticket, text="Renew it.", by=acting(cast.mara), at=timezone.now())
    page.goto(f"/requests/{ticket.pk}")
    page.get_by_role("button", name="Not solved").click()
    expect(page.get_by_text("Noted: not solved").first).to_be_visible()
    page.get_by_role("link", name="Organisation").click()
    page.get_by_text("Invite somebody").click()
    page.locator("#email").fill("ana@harbourline.example")
    page.locator("#name-new").fill("Ana Ruiz")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Ana Ruiz may sign in")).to_be_visible()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("link", name="Anfrage stellen")).to_be_visible()


def test_a_file_that_broke_off_goes_on_and_its_secrets_are_shown(
    browser: Browser, site: str, cast: Any, tmp_path: Path
) -> None:
    log = tmp_path / "big.log"
    log.write_bytes(b"10:47 all is well here\n" * 450_000 + b"password=hunter2secret\n")
    page = signed_in(browser, site)
    page.goto("/requests/new")
    broken: list[int] = []

    def breaks(route: Any) -> None:
        if (
            route.request.method == "PATCH"
            and route.request.headers.get("upload-offset") != "0"
            and not broken
        ):
            broken.append(1)
            route.abort()
        else:
            route.continue_()

    page.route("**/uploads/*", breaks)
    page.locator("#files").set_input_files(str(log))
    expect(page.get_by_text("1 password or key").first).to_be_visible(timeout=30_000)
    assert broken
    page.get_by_role("button", name="Blacken them").click()
    expect(page.get_by_text("1 place blackened")).to_be_visible()
    page.get_by_text("Technical problem").click()
    page.get_by_label("In one line").fill("Badges refused")
    page.get_by_label("In detail").fill("See the log.")
    page.get_by_role("button", name="Send request").last.click()
    expect(page.get_by_text("We got it: request")).to_be_visible()
    assert Attachment.objects.get(name="big.log").size == log.stat().st_size


def test_what_is_typed_is_there_after_a_reload_and_in_another_browser(
    browser: Browser, site: str, cast: Any
) -> None:
    page = signed_in(browser, site)
    page.goto("/requests/new")
    with page.expect_response(
        lambda answer: "/drafts/request" in answer.url and answer.request.method == "POST"
    ):
        page.get_by_label("In one line").type("Badges refused")
    other = signed_in(browser, site)
    other.goto("/requests/new")
    expect(other.get_by_label("In one line")).to_have_value("Badges refused")


def test_a_request_is_raised_by_keyboard_alone(browser: Browser, site: str, cast: Any) -> None:
    page = signed_in(browser, site)
    page.goto("/requests/new")
    page.get_by_label("In one line").focus()
    page.keyboard.type("Badges refused")
    page.keyboard.press("Tab")
    page.keyboard.type("Since 10:47.")
    page.locator("[name=category]").first.focus()
    page.keyboard.press("Space")
    page.get_by_label("In one line").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("We got it: request")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_and_nothing_scrolls_sideways(
    browser: Browser, site: str, cast: Any, theme: Any
) -> None:
    manages(cast)
    page = signed_in(browser, site, color_scheme=theme, viewport={"width": 390, "height": 844})
    page.goto("/requests/new")
    page.get_by_text("Technical problem").click()
    page.get_by_label("In one line").fill("Badges refused")
    page.get_by_label("In detail").fill("Since 10:47.")
    page.get_by_role("button", name="Send request").last.click()
    expect(page.get_by_text("We got it: request")).to_be_visible()
    wrong = []
    for path in (*PAGES, page.url.removeprefix(site)):
        page.goto(path)
        for details in page.locator("details").all():
            details.evaluate("one => { one.open = true }")
        wrong += [f"{path}: {one}" for one in axe(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{path} scrolls sideways")
    assert wrong == []


def test_what_a_screen_reader_meets_on_the_request(browser: Browser, site: str, cast: Any) -> None:
    page = signed_in(browser, site)
    page.goto("/requests/new")
    tree = page.locator("body").aria_snapshot()
    for words in (
        'link "Skip to content"', 'navigation "Main"', 'heading "Raise a request" [level=1]',
        'radio "Technical problem',
        'group "Is it a production system?"', 'textbox "In one line"', 'textbox "In detail"', 'button "Send request"',
        'complementary "Help with your request"',
    ):  # fmt: skip
        assert words in tree, tree
