"""The sample pages in a browser: the policy refuses nothing, nothing overflows, axe finds nothing, behaviours work."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import FileResponse, HttpRequest, HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Browser, Page

import mainstay.ui
from mainstay.ui import samples, views
from mainstay.ui.middleware import headers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATIC = Path(mainstay.ui.__file__).parent / "static"
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"))


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing."""


def answer(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/static/"):
        return FileResponse((STATIC / request.path.removeprefix("/static/")).open("rb"))  # type: ignore[return-value]
    return views.gallery(request)


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    request = RequestFactory().get(environ["PATH_INFO"] + "?" + environ["QUERY_STRING"])
    response = headers(answer)(request)
    start("200 OK", list(response.items()))
    return [response.getvalue()]


@pytest.fixture(scope="module")
def samples_at() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.mark.parametrize("name", samples.PAGES)
def test_the_policy_refuses_nothing_and_no_page_scrolls_sideways(browser, samples_at, name):
    for width, height, theme in SIZES:
        page, said = browser.new_page(viewport={"width": width, "height": height}), []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(f"{samples_at}?page={name}&theme={theme}")
        assert said == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.close()


@pytest.mark.parametrize("name", samples.PAGES)
def test_axe_finds_nothing(browser, samples_at, name):
    for width, height, theme in SIZES:
        with browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True) as context:
            page = context.new_page()
            page.goto(f"{samples_at}?page={name}&theme={theme}")
            found = Axe().run(page).response["violations"]
            assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_a_countdown_says_the_servers_words(page, samples_at):
    page.goto(f"{samples_at}?page=queue")
    page.wait_for_timeout(1500)
    words = page.locator("[data-form=in]").all_text_contents()
    assert words[:3] == ["over by 22 min", "in 11 min", "in 7 min"]
    said = page.evaluate("[40, 250, 3120, 4440, 7440, 273600].map(mainstayWords.brief)")
    assert said == ["40 s", "4 min 10 s", "52 min", "74 min", "2 h 04", "3 d 4 h"]


def test_keys_reach_what_they_name_and_not_while_typing(page, samples_at):
    page.goto(f"{samples_at}?page=queue")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-id]').dataset.id") == "48219"
    page.keyboard.press("/")
    page.keyboard.type("j?")
    assert page.locator("input[type=search]").input_value() == "j?"
    page.locator("main").focus()
    page.keyboard.press("?")
    assert page.locator("dialog").get_by_text("New ticket").count() == 1


def test_a_draft_comes_back_after_a_reload(page, samples_at):
    page.goto(f"{samples_at}?page=request")
    page.fill("#detail", "The old phone gets the approval.")
    page.wait_for_timeout(600)
    page.reload()
    assert page.input_value("#detail") == "The old phone gets the approval."
    assert "Draft of" in page.locator("[data-draft-said]").inner_text()


def test_a_pasted_screenshot_joins_the_files_and_can_be_taken_out(page, samples_at):
    page.goto(f"{samples_at}?page=request")
    page.evaluate("""() => {
      const held = new DataTransfer();
      held.items.add(new File(['x'], 'image.png', { type: 'image/png' }));
      const paste = new ClipboardEvent("paste", { clipboardData: held, bubbles: true });
      document.querySelector("#detail").dispatchEvent(paste);
    }""")
    assert page.evaluate("document.querySelector('#files').files.length") == 1
    page.get_by_role("button", name="take out screenshot").click()
    assert page.evaluate("document.querySelector('#files').files.length") == 0


def test_the_composer_shows_one_audience_and_one_button(page, samples_at):
    page.goto(f"{samples_at}?page=ticket")
    page.locator("body").press("n")
    assert page.get_by_text("Stays inside Northwind").is_visible()
    assert not page.get_by_text("Goes to 3 people").is_visible()
    assert page.locator(".cfoot .btn:visible").all_inner_texts()[0].startswith("Keep note inside")


def test_a_polled_part_is_replaced_but_not_while_a_box_is_ticked(page, samples_at):
    page.route(
        "**/?page=queue",
        lambda route: route.fulfill(body='<div id="queue">changed</div>', content_type="text/html"),
    )
    page.add_init_script("window.setInterval = (run) => { (window.polls ||= []).push(run); return 0; }")
    page.goto(f"{samples_at}?page=queue&theme=light")
    page.locator(".q .cb").first.check()
    page.evaluate("Promise.all(polls.map((run) => run()))")
    page.wait_for_timeout(200)
    assert page.locator(".q").count() > 0
    page.locator(".q .cb").first.uncheck()
    page.evaluate("document.activeElement.blur(); Promise.all(polls.map((run) => run()))")
    page.wait_for_timeout(300)
    assert page.locator("#queue").inner_text() == "changed"
