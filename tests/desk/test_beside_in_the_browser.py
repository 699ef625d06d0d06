"""What stands beside a ticket, in Chromium: names completed by keyboard, drawers by their keys, axe finds nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from cast import Cast, acting
from chromium import axe, listen, shoot, sign_in
from mainstay.maintenance import tasks
from mainstay.tickets import appointments, dispatch, resolution, snoozing, triage, watching
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Snooze, Ticket, Watcher

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"))


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket]) -> Ticket:
    """In Mara's hands, with an appointment, tasks, a watcher, and snoozed by her."""
    now = datetime.now(UTC).replace(microsecond=0)
    found, mara = (
        asks(subject="Badge sign-in refused at three sites", at=now - timedelta(hours=2)),
        acting(cast.mara),
    )
    triage.triage(
        found, severity=2, category="technical", reason="Slow.", by=acting(cast.ifeoma),
        at=now - timedelta(minutes=110),
    )  # fmt: skip
    dispatch.assign(found, to=cast.mara, by=acting(cast.ifeoma), at=now - timedelta(minutes=105))
    resolution.reply(found, said=Said("Which reader is it?", "desk"), wait=True, by=mara, at=now)
    start = now + timedelta(days=1)
    plan = appointments.Plan(
        "remote", start, 45, "Look at the readers together", "https://meet.vendor.example/7", (cast.mara,),
        (cast.priya,),
    )  # fmt: skip
    appointments.agree(found, plan, by=mara, at=now)
    for n, title in enumerate(
        ("Ask the maker of the reader", "Renew the certificate", "Tell the second site")
    ):
        day = (now + timedelta(days=n - 1)).date()
        todo = tasks.open_task(tasks.Work(title, cast.sanjay, day), ticket=found, by=mara, at=now)
    tasks.end_task(todo, outcome="", by=mara, at=now)
    watching.watch(found, by=acting(cast.hana), at=now)
    snoozing.snooze(
        found, until=now + timedelta(hours=20), note="ask about the reader", anyway=True, by=mara, at=now
    )
    return found


def opened(browser: Browser, site: str, size: tuple[int, int, str], who: str, wrong: list[str]) -> Page:
    width, height, scheme = size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    listen(page, wrong)
    sign_in(page, site, who)
    return page


@pytest.mark.parametrize("size", SIZES)
def test_a_ticket_with_all_that_stands_beside_it(
    size: tuple[int, int, str], cast: Cast, ticket: Ticket, site: str, browser: Browser
) -> None:
    wrong: list[str] = []
    page, name = opened(browser, site, size, cast.mara.email, wrong), f"{size[0]}-{size[2]}"
    page.goto(f"{site}/desk/tickets/{ticket.pk}")
    expect(page.get_by_text("ask about the reader").first).to_be_visible()
    expect(page.locator("#tasks-of")).to_contain_text("Ask the maker of the reader")
    shoot(page, f"beside-{name}")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for keys, drawer in (("b", "snooze"), ("an", "tasks"), ("ai", "appointment")):
        page.keyboard.type(keys)
        expect(page.locator(f"#{drawer} form")).to_be_visible()
        shoot(page, f"beside-{drawer}-{name}")
        assert axe(page) == []
        page.locator(f"#{drawer} summary").click()
    page.goto(f"{site}/desk/now")
    shoot(page, f"beside-now-{name}")
    assert axe(page) == []
    page.goto(f"{site}/desk/?view=snoozed")
    expect(page.locator(f'[data-id="{ticket.pk}"]')).to_be_visible()
    page.goto(f"{site}/desk/tickets/{ticket.pk}/appointments/{ticket.appointments.get().pk}")
    shoot(page, f"beside-move-{name}")
    assert axe(page) == []
    assert wrong == []


def test_names_are_completed_and_a_ticket_is_watched_and_brought_back_by_keys(
    cast: Cast, ticket: Ticket, site: str, browser: Browser
) -> None:
    wrong: list[str] = []
    page = opened(browser, site, SIZES[0], cast.mara.email, wrong)
    page.goto(f"{site}/desk/tickets/{ticket.pk}")
    page.keyboard.press("n")
    page.keyboard.type("Please look, @san")
    text = page.get_by_role("textbox", name="Message")
    expect(page.get_by_role("option", name="Sanjay")).to_be_visible()
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    assert text.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    shoot(page, "beside-naming")
    assert axe(page) == []
    page.keyboard.press("Enter")
    assert text.input_value() == "Please look, @sanjay "
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Told, and watching it: Sanjay Iyer.")).to_be_visible()
    assert Watcher.objects.filter(user=cast.sanjay).exists()
    page.keyboard.press("r")
    page.keyboard.type("As @sanjay says")
    expect(page.get_by_text("To the customer an @name is plain text and tells nobody")).to_be_visible()
    assert page.get_by_role("option").count() == 0
    text.fill("")
    page.locator("h1").click()
    page.keyboard.press("z")
    expect(page.get_by_text("It is back among yours.")).to_be_visible()
    assert not Snooze.objects.exists()
    page.keyboard.press("v")
    expect(page.get_by_text("You hear of what the customer writes on it.")).to_be_visible()
    assert wrong == []


@pytest.mark.parametrize("size", SIZES)
def test_an_appointment_in_the_portal(
    size: tuple[int, int, str], cast: Cast, ticket: Ticket, site: str, browser: Browser
) -> None:
    wrong: list[str] = []
    page, name = opened(browser, site, size, cast.priya.email, wrong), f"{size[0]}-{size[2]}"
    page.goto(f"{site}/requests/{ticket.pk}")
    page.get_by_text("Ask for another time").first.click()
    shoot(page, f"beside-portal-{name}")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Which times suit you").fill("Thursday after four.")
    page.get_by_role("button", name="Ask for another time").click()
    expect(page.get_by_text("until you hear from us it stands as agreed").first).to_be_visible()
    assert wrong == []
