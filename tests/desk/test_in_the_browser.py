"""The desk in a browser: axe finds nothing, the policy refuses nothing, nothing runs over, and the queue lives.

With MAINSTAY_SHOTS set to a folder, pictures are left there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page

from cast import Cast, acting
from chromium import listen, shoot, sign_in
from mainstay.tickets import closure, dispatch, resolution, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"))


def scene(cast: Cast, asks: Callable[..., Ticket]) -> Ticket:
    """A morning at the desk; gives the ticket that is worked on."""
    now = datetime.now(UTC).replace(microsecond=0)

    def ago(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    mara, ifeoma = acting(cast.mara), acting(cast.ifeoma)
    fact = {"source": "email, line 6"}
    main = asks(
        subject="Badge sign-in refused at three hospitals since 10:47, certificate chain error",
        text="Hi team,\n\nsince 10:47 the badge readers refuse every sign-in. Nurses cannot open medication cabinets."
        "\nThe gateway log says x509: certificate signed by unknown authority. Please treat this as our highest"
        " severity.\n\nWe run Gateway 9.4.2 in production.",
        at=ago(170), emergency=("“medication cabinets”", "Business Critical contract"),
        environment=cast.production(cast.harbourline), customer_reference="INC0094417",
        facts={
            "business_impact": {"value": "Nurses cannot open medication cabinets; 3 sites", "source": "email, line 3"},
            "desired_severity": {"value": "our highest", "source": "email, line 4"},
            "product_version": {"value": "Gateway 9.4.2", **fact},
            "contact_phone": {"value": "+61 2 5550 0147", "source": "signature"},
            "since": {"value": "10:47 today", "source": "subject"},
        },
    )  # fmt: skip
    triage.see_emergency(main, by=ifeoma, at=ago(166))
    triage.triage(
        main, severity=1, category="technical", reason="Production sign-in stopped at three sites.",
        assessment={"production": "yes", "available": "no", "process_stopped": "yes"}, by=ifeoma, at=ago(162),
    )  # fmt: skip
    dispatch.assign(main, to=cast.mara, because=["on duty", "knows Harbourline"], by=ifeoma, at=ago(160))
    resolution.reply(
        main, said=Said("Priya, I have this now. The three gateways still trust an expired intermediate.", "desk"),
        by=mara, at=ago(158),
    )  # fmt: skip
    resolution.report_progress(
        main, status="Cause found. New chain works on gateway 2.", estimate=now + timedelta(hours=3),
        next_step="Approve a restart at St Brendan's", by=mara, at=ago(100),
    )  # fmt: skip
    resolution.reply(
        main, said=Said("May we restart gateway 2 at St Brendan's?", "desk"), wait=True, by=mara, at=ago(95)
    )
    resolution.customer_replied(
        main,
        said=Said("Approved. Ward 4 is on paper until 13:00.", "portal"),
        by=acting(cast.tom),
        at=ago(77),
    )
    resolution.note(
        main,
        said=Said("The renew job wrote the new chain to the old path: 9.4.2 moved it.", "desk"),
        by=mara,
        at=ago(60),
    )
    resolution.report_progress(
        main, status="The new chain is on two of three gateways.", estimate=now + timedelta(hours=3),
        next_step="", by=mara, at=ago(50),
    )  # fmt: skip
    asks(cast.tom, subject="Badge readers refuse sign-in at Wharf Street", at=ago(20))
    for who, subject, minutes, rank, to in (
        (
            cast.aiko,
            "SCIM provisioning stops after 4,096 users; 212 new starters cannot sign in today",
            500,
            2,
            None,
        ),
        (
            cast.aiko,
            "Customs terminal users locked out after the upgrade to 9.4, every third attempt",
            190,
            1,
            cast.sanjay,
        ),
        (cast.beth, "Pupils in two year groups get the staff password policy", 2000, 2, cast.sanjay),
        (cast.beth, "Library kiosks cannot reach the sign-in page", 60, None, None),
        (cast.jonah, "Password reset mail goes to the spam folder", 900, 3, None),
        (cast.nora, "Can we have this for free?", 3000, None, None),
        (cast.priya, "Which log shows the reason for a refused token exchange?", 200, 3, cast.hana),
    ):
        made = asks(who, subject=subject, at=ago(minutes))
        if rank:
            triage.triage(
                made, severity=rank, category="technical", reason="as said", by=ifeoma, at=ago(minutes - 9)
            )
        if to:
            dispatch.assign(made, to=to, because=["on duty"], by=ifeoma, at=ago(minutes - 12))
    waits = asks(cast.beth, subject="Outlook add-in asks for consent at every start", at=ago(4000))
    resolution.reply(waits, said=Said("Which version is it?", "desk"), wait=True, by=mara, at=ago(3000))
    closed = asks(cast.aiko, subject="Wrong time zone in the weekly access review", at=ago(9000))
    closure.close(closed, reason="resolved", text="Mended.", by=mara, at=ago(8000))
    return main


def looked_at(page: Page, address: str, name: str) -> list[str]:
    """What is wrong with a page in a browser: said by the console, by axe, or running over its width."""
    page.goto(address)
    found = [
        f"{name}: {one['id']}: {[n['html'][:160] for n in one['nodes']][:4]}"
        for one in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"{name} runs over by {over} px")
    shoot(page, name)
    return found


def test_the_desk_in_a_browser(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    main = scene(cast, asks)
    clock = Clock.objects.get(ticket=main, clock="workaround")
    places = {
        "queue": "/desk/", "ticket": f"/desk/tickets/{main.pk}", "why": f"/desk/tickets/{main.pk}/why/{clock.clock}/1",
        "triage": f"/desk/tickets/{main.pk + 5}", "dispatch": f"/desk/tickets/{main.pk + 2}", "now": "/desk/now",
        "customer": f"/desk/customers/{cast.harbourline.code}",
        "catalogue": "/desk/catalogue", "document": "/desk/catalogue/level/critical", "people": "/desk/people",
        "new": "/desk/tickets/new", "held": "/desk/held", "outbox": "/desk/outbox", "closed": "/desk/?view=closed",
    }  # fmt: skip
    wrong: list[str] = []
    for width, height, theme in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        listen(page, wrong)
        sign_in(page, site, cast.mara.email)
        for name, path in places.items():
            if theme == "light" or name in {"queue", "ticket", "why", "triage"}:
                wrong += looked_at(page, site + path, f"{name}-{width}{'-dark' if theme == 'dark' else ''}")
        context.close()
    assert wrong == []


def test_a_triage_lead_works_a_ticket_with_the_keyboard(
    cast: Cast, asks: Any, site: str, browser: Browser
) -> None:
    """From the queue to a reply: j, Enter, t, the guide, decide, dispatch, r, Ctrl+Enter."""
    ticket = asks(at=datetime.now(UTC))
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(page, site, cast.ifeoma.email)
    page.goto(f"{site}/desk/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/tickets/{ticket.pk}")
    page.check("[name=a_production][value=yes]", force=True)
    page.check("[name=a_available][value=no]", force=True)
    page.click("text=Suggest a severity")
    assert "suggest severity 1" in page.inner_text("[role=status]")
    assert page.is_checked("[name=severity][value='1']")
    page.check("[name=category][value=technical]", force=True)
    page.fill("#triage-reason", "A production system is down.")
    page.click("text=Decide")
    assert "Triaged: severity 1" in page.inner_text("main")
    page.click("text=Give it to >> nth=0")
    assert "has this ticket now" in page.inner_text("main")
    page.keyboard.press("r")
    page.keyboard.type("I look into it.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".msg.out")
    assert "I look into it." in page.inner_text(".msg.out")
    ticket.refresh_from_db()
    assert (ticket.severity, ticket.step, ticket.messages.filter(kind="out").count()) == (1, "resolution", 1)


def test_the_queue_shows_a_new_ticket_by_itself(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    sign_in(page, site, cast.mara.email)
    page.goto(f"{site}/desk/")
    asks(subject="Came in meanwhile", at=datetime.now(UTC))
    page.wait_for_selector("text=Came in meanwhile", timeout=15_000)


def test_setting_up_in_a_browser(cast: Cast, asks: Any, site: str, browser: Browser) -> None:
    """Every page on which the organisation is set up, with all its forms open."""
    now, client = datetime.now(UTC).replace(microsecond=0), Client()
    asks(at=now)
    cast.mara.engineer.absences.create(starts_at=now, ends_at=now + timedelta(days=3), reason="Skiing")
    client.force_login(cast.ruth)
    plan = {"skills": ["atlas"], "languages": "en, sv", "mon": "09:00-12:30, 13:00-17:00", "capacity": "8"}
    client.post(f"/desk/people/{cast.sanjay.pk}/duty", plan)
    client.post("/desk/products", {"name": "Comet Billing", "code": "comet"})
    customer = f"/desk/customers/{cast.harbourline.code}"
    places = {
        "set-customer": customer,
        "set-contact": f"{customer}/contacts/{cast.tom.pk}",
        "set-environment": f"{customer}/environments/{cast.production(cast.harbourline).pk}",
        "set-person": f"/desk/people/{cast.mara.pk}",
        "set-new-person": f"/desk/people/{cast.owen.pk}",
        "set-products": "/desk/products",
        "set-teams": "/desk/teams",
        "set-log": "/desk/log",
    }
    wrong: list[str] = []
    for width, height, theme in SIZES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
        context.add_init_script(
            "addEventListener('DOMContentLoaded', () => document.querySelectorAll('.house details')"
            ".forEach((one) => { one.open = true }))"
        )
        page = context.new_page()
        listen(page, wrong)
        sign_in(page, site, cast.ruth.email)
        for name, path in places.items():
            wrong += looked_at(page, site + path, f"{name}-{width}{'-dark' if theme == 'dark' else ''}")
        context.close()
    assert wrong == []


def test_a_refused_contract_is_shown_again_with_what_was_typed(
    cast: Cast, site: str, browser: Browser
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    sign_in(page, site, cast.lena.email)
    page.goto(f"{site}/desk/customers/{cast.quill.code}")
    page.click("text=Sign a contract >> nth=0")
    page.fill("#k-number", "QS-1")
    page.select_option("#k-package", "standard")
    page.fill("#k-first", "2026-04-01")
    page.fill("#k-last", "2026-03-01")
    page.click("button:has-text('Sign the contract')")
    assert "before it begins" in page.inner_text("[role=alert]")
    assert page.input_value("#k-number") == "QS-1"
    shoot(page, "set-refused-390")
    page.fill("#k-last", "")
    page.click("button:has-text('Sign the contract')")
    assert "Contract QS-1 is signed" in page.inner_text("main")
    shoot(page, "set-signed-390")
