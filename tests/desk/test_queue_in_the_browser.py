"""The queue by keyboard alone, in Chromium: a query completed, anything found by Ctrl+K, read out as it should be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from cast import Cast, acting
from chromium import axe, listen, shoot, sign_in
from mainstay.tickets import snoozing

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_query_is_completed_and_changed_without_a_mouse(
    cast: Cast, asks: Any, site: str, browser: Browser
) -> None:
    now = datetime.now(UTC)
    asks(subject="Theirs", at=now - timedelta(hours=1))
    asks(cast.aiko, subject="Trains late", at=now)
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    listen(page, wrong)
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/")
    page.keyboard.press("/")
    page.keyboard.type("cust")
    field = page.get_by_role("combobox", name="Find tickets")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("option", selected=True).inner_text().startswith("customer:")
    chosen = page.get_by_role("option", selected=True).get_attribute("id")
    assert field.get_attribute("aria-activedescendant") == chosen
    assert axe(page) == []
    shoot(page, "queue-completing")
    page.keyboard.press("Enter")
    page.keyboard.type("kit")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("is:open")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert page.locator(".tok").count() == 2
    assert page.locator("tr[data-id]").count() == 1
    page.keyboard.press("/")
    page.keyboard.press("Backspace")
    assert field.input_value().strip() == "is:open"
    page.keyboard.press("Control+a")
    page.keyboard.type("is:opn")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "do you mean is:open?" in page.inner_text("[role=alert]")
    assert "is:opn" in field.input_value()
    shoot(page, "queue-refused")
    assert axe(page) == []
    assert [one for one in wrong if "422" not in one] == []


def test_anything_is_found_by_ctrl_k(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    ticket = asks(cast.aiko, subject="Trains late", at=datetime.now(UTC))
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    listen(page, wrong)
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/customers")
    for typed, leads in (
        ("trains", f"/desk/tickets/{ticket.pk}"),
        ("kitano", "/desk/customers/"),
        ("held", "/desk/held"),
    ):
        page.keyboard.press("Control+k")
        page.keyboard.type(typed)
        page.wait_for_selector(f"dialog [role=option]:has-text('{typed.capitalize()}')")
        assert axe(page) == []
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{leads}**")
    page.goto(f"{site}/desk/")
    page.keyboard.press("Control+k")
    page.keyboard.type("new tick")
    page.wait_for_selector("dialog [role=option]")
    shoot(page, "queue-palette")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert wrong == []


def test_without_a_script_finding_is_a_page(cast: Cast, asks: Any, as_: Any) -> None:
    ticket = asks(cast.aiko, subject="Trains late")
    client = as_(cast.mara)
    for typed, says in (
        ("trains", "Trains late"),
        (str(ticket.pk), "Trains late"),
        ("kitano", "customer"),
        ("outb", "Outbox"),
    ):
        assert says in client.get("/desk/find", {"q": typed}).content.decode()
    assert "Nothing goes by" in client.get("/desk/find", {"q": "zzzz"}).content.decode()


def test_rows_do_not_move_under_the_pointer_and_what_is_new_is_offered(
    cast: Cast, asks: Any, site: str, browser: Browser
) -> None:
    """The queue asks every ten seconds; the test asks at once by coming back to the page."""
    now = datetime.now(UTC)
    old = asks(subject="Stands here", at=now - timedelta(hours=1))
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    listen(page, wrong)
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/")
    page.hover(f"tr[data-id='{old.pk}']")
    asks(cast.aiko, subject="Came in meanwhile", at=now)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    offer = page.get_by_role("button", name="1 new, show")
    expect(offer).to_be_visible()
    assert page.locator("tr[data-id]").count() == 1
    assert ">2<" in page.inner_html(".views")
    assert axe(page) == []
    offer.click()
    expect(page.locator("tr[data-id]")).to_have_count(2)
    expect(offer).to_be_hidden()
    assert wrong == []


def test_many_are_selected_and_taken_by_keys(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    tickets = [asks(subject=f"One of them {n}", at=datetime.now(UTC)) for n in range(3)]
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    listen(page, wrong)
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/")
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    assert page.inner_text("[data-selected]") == "3 selected"
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".bulk")).to_be_hidden()
    page.keyboard.press("*")
    assert page.inner_text("[data-selected]") == "3 selected"
    page.keyboard.press("i")
    page.wait_for_url("**done=*")
    for ticket in tickets:
        ticket.refresh_from_db()
        assert ticket.assignee == cast.mara
    page.click("text=Undo")
    page.wait_for_selector("text=Taken back for 3 tickets")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.wait_for_selector("#b-sev")
    assert axe(page) == []
    assert wrong == []


def test_why_a_row_stands_there_is_shown_by_key_by_mouse_and_on_a_phone(
    cast: Cast, asks: Any, site: str, browser: Browser
) -> None:
    first = asks(subject="One of them", at=datetime.now(UTC) - timedelta(hours=1))
    asks(subject="Another", at=datetime.now(UTC))
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    listen(page, wrong)
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/?q=customer:harbourline")
    page.keyboard.press("j")
    page.keyboard.press("o")
    shown = page.locator(f"tr[data-id='{first.pk}'] .position")
    expect(shown).to_contain_text("Effective due")
    expect(shown).to_contain_text("customer:harbourline: 0 before it")
    assert axe(page) == []
    shoot(page, "queue-position")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(500)
    expect(shown).to_be_visible()  # what is read is not replaced
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("details.w summary").last.click()
    expect(page.locator("tr[data-id] .position").last).to_contain_text("Above it")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    shoot(page, "queue-position-390")
    assert wrong == []


def test_many_are_selected_and_taken_on_a_phone(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    tickets = [asks(subject=f"One of them {n}", at=datetime.now(UTC)) for n in range(2)]
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/")
    for ticket in tickets:
        page.locator(f"tr[data-id='{ticket.pk}'] .cb").tap()
    assert page.inner_text("[data-selected]") == "2 selected"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    shoot(page, "queue-bulk-390")
    page.get_by_role("button", name="Assign to me").tap()
    page.wait_for_url("**done=*")
    for ticket in tickets:
        ticket.refresh_from_db()
        assert ticket.assignee == cast.mara


def test_a_row_is_two_lines_wherever_there_is_room_and_loses_nothing_on_a_phone(
    cast: Cast, asks: Any, site: str, browser: Browser
) -> None:
    long = "Conditional access policy ignores the named location list that was changed after release 9.4.2"
    ticket = asks(subject=long, at=datetime.now(UTC))
    snoozing.snooze(
        asks(subject=long, at=datetime.now(UTC)), until=datetime.now(UTC) + timedelta(days=3),
        note="ask the maker of the reader whether the patch of November has come", anyway=True,
        by=acting(cast.mara), at=datetime.now(UTC),
    )  # fmt: skip
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    sign_in(page, site, cast.mara.email)
    for address in ("/desk/", "/desk/?view=snoozed"):
        for width in (1280, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(site + address)
            tall = page.evaluate("[...document.querySelectorAll('.q')].map(row => row.offsetHeight)")
            assert max(tall) <= 44
            sentence = page.locator(f"tr[data-id='{ticket.pk}'] .ends") if address == "/desk/" else None
            if sentence is not None:
                assert sentence.evaluate("it => it.scrollWidth <= it.clientWidth")
        page.set_viewport_size({"width": 390, "height": 844})
        shown = page.evaluate("""[...document.querySelectorAll('.c-t a, .c-t summary > *, .d2')]
            .every(it => it.scrollWidth <= it.clientWidth || getComputedStyle(it).display === 'inline')""")
        assert shown
        assert axe(page) == []
    shoot(page, "queue-snoozed-390")
    page.get_by_role("button", name="bring back").click()
    expect(page.get_by_text("1 ticket: Bring back.")).to_be_visible()


@pytest.mark.parametrize("wide", [390, 761, 1024, 1280])
def test_what_one_put_it_off_for_stands_whole_in_the_row_that_is_opened(
    cast: Cast, asks: Any, site: str, browser: Browser, wide: int
) -> None:
    note = " ".join(
        ["ask Priya whether the badges of the night shift work again since the second restart"] * 3
    )[:199]
    ticket = asks(subject="Badges")
    now = datetime.now(UTC)
    snoozing.snooze(
        ticket, until=now + timedelta(days=2), by=acting(cast.mara), at=now, note=note, anyway=True
    )
    page = browser.new_page(viewport={"width": wide, "height": 800})
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/?view=snoozed")
    said = page.locator("tr[data-id] .all")
    assert note in said.inner_text()
    cut = """one => [one, one.parentElement].some(
        x => x.scrollWidth > x.clientWidth + 1 && getComputedStyle(x).overflow != 'visible')"""
    assert said.get_attribute("title") == said.inner_text()
    page.keyboard.press("o")
    page.locator("details[open] .all").wait_for()
    assert not said.evaluate(cut)
    inside = (
        "one => { const a = one.getBoundingClientRect(), b = one.closest('tr').getBoundingClientRect();"
        " return a.bottom <= b.bottom + 1 && a.right <= b.right + 1 }"
    )
    assert said.evaluate(inside)


@pytest.mark.parametrize("wide", [761, 900, 1100])
def test_a_request_can_be_read_on_a_tablet(
    cast: Cast, asks: Any, site: str, browser: Browser, wide: int
) -> None:
    asks(subject="Badges of the night shift", at=datetime.now(UTC))
    page = browser.new_page(viewport={"width": wide, "height": 800})
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/")
    assert page.locator("tr[data-id] .c-t > a").evaluate(
        "it => it.scrollWidth <= it.clientWidth && it.clientWidth > 200"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
