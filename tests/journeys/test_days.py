"""A day of everybody who works with Mainstay, at the demo vendor, in Chromium: what each reads, decides and writes,
where it is quick without a mouse; what a screen reader meets on the way; and axe on every page, in light and dark."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from cast import acting
from chromium import axe_in_both, listen, sign_in
from mainstay.accounts.models import User
from mainstay.contracts.models import Draft
from mainstay.customers.models import Contact
from mainstay.tickets import resolution
from mainstay.tickets.models import State, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Person:
    """Somebody at a browser; whatever is wrong with a page that they look at is kept in `wrong`."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def meets(self, *says: str) -> None:
        """The page that is open, as a screen reader is told of it, holds these lines; axe finds nothing on it."""
        tree = self.page.locator("body").aria_snapshot()
        for one in says:
            assert one in tree, f"{one} is not in {self.page.url}:\n{tree}"
        self.wrong += [f"{self.page.url}: {one}" for one in axe_in_both(self.page)]

    def keys(self, *keys: str) -> None:
        for one in keys:
            self.page.keyboard.press(one)

    def goes(self, keys: str, to: str) -> None:
        """By two keys, as the rail says."""
        self.keys(*keys.split())
        self.page.wait_for_url(f"**{to}")

    def writes(self, text: str, *, send: bool = True) -> None:
        """Into what has the focus; Ctrl+Enter sends it."""
        self.page.keyboard.insert_text(text)
        if send:
            self.keys("Control+Enter")

    def walks_to(self, ticket: Ticket) -> None:
        """Down the rows of a queue with j, and into the ticket."""
        for _ in range(30):
            self.keys("j")
            if self.page.locator(f".cur[data-id='{ticket.pk}']").count():
                break
        self.keys("Enter")
        self.page.wait_for_url(f"**/desk/tickets/{ticket.pk}")


@pytest.fixture
def person(morning: str, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Signs somebody in; afterwards nothing may have been wrong."""
    made: list[Person] = []

    def at(email: str, **how: Any) -> Person:
        context = browser.new_context(base_url=morning, **{"viewport": {"width": 1280, "height": 900}, **how})
        made.append(Person(context.new_page()))
        listen(made[-1].page, made[-1].wrong)
        sign_in(made[-1].page, morning, email)
        return made[-1]

    yield at
    for one in made:
        one.page.context.close()
    assert [one.wrong for one in made] == [[] for _ in made]


def about(words: str) -> Ticket:
    return Ticket.objects.get(subject__contains=words)


# ---- the desk


def test_an_engineer_works_a_ticket_to_its_solution_without_a_mouse(person: Callable[..., Person]) -> None:
    mara, ticket = person("mara@vendor.example"), about("Badge sign-in")
    mara.goes("g n", "/desk/now")
    mara.meets('link "Skip to content"', 'navigation "Work"', 'heading "Now" [level=1]')
    mara.goes("g q", "/desk/")
    mara.meets(
        'heading "Queue" [level=1]', 'combobox "Find tickets"', 'table "All open"', 'checkbox "Select all"'
    )
    mara.walks_to(ticket)
    mara.meets(
        f'heading "{ticket.pk} Badge sign-in refused at three hospitals, certificate chain error" [level=1]',
        'list "Five steps, now Resolution"', 'region "Promises"', 'region "What can be done"',
        'radiogroup "What are you writing"', 'textbox "Message"', 'complementary "Facts"',
    )  # fmt: skip
    mara.keys("n")
    mara.writes("The renewed chain is on all three gateways.")
    expect(mara.page.locator(".msg.note").last).to_contain_text("all three gateways")
    mara.keys("a", "c")
    mara.page.locator("#cause").get_by_role("textbox").first.focus()
    mara.page.locator("#cause").get_by_role("combobox").first.select_option("defect")
    mara.writes("The renew job wrote to a path that 9.4.2 moved.")
    expect(mara.page.get_by_role("status").first).to_be_visible()
    mara.keys("w")
    mara.page.wait_for_url("**/why/**")
    mara.meets('heading "', "table", 'link "Queue"')
    mara.page.go_back()
    mara.keys("l")
    mara.writes("All three sites sign in again. 9.4.3 keeps the path.")
    expect(mara.page.locator(".msg.out").last).to_contain_text("9.4.3 keeps the path")
    mara.meets('list "Five steps, now Closure"')
    ticket.refresh_from_db()
    assert (ticket.state, ticket.root_cause["category"]) == (State.PROPOSED, "defect")


def test_a_triage_lead_grades_gives_and_notes_many_at_once(person: Callable[..., Person]) -> None:
    ifeoma, ticket = person("ifeoma@vendor.example"), about("Which log shows")
    ifeoma.goes("g t", "/desk/triage")
    ifeoma.meets('table "To triage"', 'link "To triage ')
    ifeoma.walks_to(ticket)
    ifeoma.meets(
        'heading "Assessment" [level=2]', 'group "Is it a production system?"', 'button "Suggest a severity"'
    )
    for name in ("a_production", "category"):
        ifeoma.page.locator(f"[name={name}]").first.focus()
        ifeoma.keys("Space")
    ifeoma.page.locator("[name=severity][value='3']").focus()
    ifeoma.keys("Space")
    ifeoma.page.locator("#triage-reason").focus()
    ifeoma.writes("A question; work goes on.")
    expect(ifeoma.page.locator("main")).to_contain_text("Triaged: severity 3")
    ifeoma.page.get_by_role("button", name="Give it to").first.focus()
    ifeoma.keys("Enter")
    expect(ifeoma.page.locator("main")).to_contain_text("has this ticket now")
    ticket.refresh_from_db()
    assert ticket.assignee is not None
    ifeoma.goes("g q", "/desk/")
    ifeoma.keys("j", "x", "j", "x", "n")
    ifeoma.page.wait_for_url("**/desk/bulk")
    ifeoma.meets('heading "Note', 'textbox "')
    ifeoma.page.get_by_role("textbox").last.focus()
    ifeoma.writes("Seen at the morning meeting.")
    expect(ifeoma.page.locator("main")).to_contain_text("2 tickets: Note")
    ifeoma.goes("g h", "/desk/held")
    ifeoma.meets('heading "Held mail" [level=1]')


def test_a_manager_reads_where_the_promises_stand_and_who_is_there(person: Callable[..., Person]) -> None:
    hana = person("hana@vendor.example")
    hana.goes("g k", "/desk/kpis")
    hana.meets('heading "KPIs" [level=1]', 'columnheader "Agreed"', 'rowheader "Harbourline Health"')
    hana.page.get_by_role("rowheader").get_by_role("link", name="Harbourline Health").press("Enter")
    hana.page.wait_for_url("**/desk/kpis/HARBOURLINE")
    hana.meets(
        'heading "Harbourline Health KPIs" [level=1]',
        'img "First responses in time, owed 99 %',
        'heading "Credits, with',
    )
    hana.page.get_by_role("main").get_by_role("table").first.get_by_role("link").first.press("Enter")
    hana.page.wait_for_url("**/desk/kpis/HARBOURLINE/**")
    hana.meets("heading", "table")
    for path, heading in (
        ("/desk/people", "People"), ("/desk/concerns", "Concerns"), ("/desk/progress", "Progress reports"),
        ("/desk/contracts/renewals", ""), ("/desk/changes", ""),
    ):  # fmt: skip
        hana.page.goto(path)
        hana.meets(f'heading "{heading}')


def test_a_tam_reads_the_portfolio_and_escalates(person: Callable[..., Person]) -> None:
    owen, ticket = person("owen@vendor.example"), about("Which log shows")
    owen.page.goto("/desk/portfolio")
    owen.meets(
        'heading "Portfolio" [level=1]',
        'region "Harbourline Health"',
        'table "What breaks its promise first"',
    )
    owen.page.get_by_role("table").get_by_role("link", name=f"{ticket.pk}").press("Enter")
    owen.page.wait_for_url(f"**/desk/tickets/{ticket.pk}")
    owen.keys("e")
    reason = owen.page.locator("#escalation").get_by_role("textbox")
    expect(reason).to_be_visible()
    owen.meets('button "Escalate now"')
    reason.focus()
    owen.writes("The board meets at noon.")
    expect(owen.page.locator("main")).to_contain_text("The board meets at noon.")
    ticket.refresh_from_db()
    assert ticket.severity == 1
    for path, heading in (
        ("/desk/tasks", "Tasks"),
        ("/desk/maintenance", "Maintenance"),
        ("/desk/customers/HARBOURLINE", "Harbourline Health"),
    ):
        owen.page.goto(path)
        owen.meets(f'heading "{heading}')


def test_sales_goes_from_the_advisor_to_a_draft_with_a_line_of_its_own(person: Callable[..., Person]) -> None:
    lena = person("lena@vendor.example")
    lena.page.goto("/desk/advisor?customer=QUILL")
    lena.meets('heading "Advisor" [level=1]', 'radiogroup "1 · What happens while the system stands still?')
    for group in lena.page.get_by_role("radiogroup").all():
        group.get_by_role("radio").nth(1).check(force=True)
    lena.page.get_by_role("main").get_by_role("button").last.press("Enter")
    lena.page.wait_for_url("**/desk/advisor/*")
    lena.meets('link "Start a contract draft"', 'heading "')
    lena.page.get_by_role("link", name="Start a contract draft").press("Enter")
    lena.meets('heading "New draft" [level=1]', 'textbox "Number', 'button "Begin"')
    lena.page.get_by_label("Number", exact=False).first.fill("QU-1")
    lena.page.get_by_label("First day").fill("2099-01-01")
    lena.page.get_by_role("button", name="Begin").press("Enter")
    lena.page.wait_for_url("**/desk/contracts/drafts/*")
    lena.page.goto(f"{lena.page.url}?show=all")
    cell = lena.page.locator("input[name^='o targets first_response']").first
    cell.fill("1h always")
    lena.page.get_by_role("button", name="Keep the lines").press("Enter")
    lena.meets('heading "QU-1', "differs")
    assert Draft.objects.get(number="QU-1").offered
    for path, heading in (
        ("/desk/leads", "Leads"),
        ("/desk/prices", "Prices"),
        ("/desk/contracts", "Contracts"),
    ):
        lena.page.goto(path)
        lena.meets(f'heading "{heading}')


def test_an_administrator_sets_the_desk_up(person: Callable[..., Person]) -> None:
    ruth = person("ruth@vendor.example")
    ruth.goes("g x", "/desk/more")
    ruth.meets('heading "Everything" [level=1]', 'heading "The first hour')
    ruth.keys("/")
    ruth.writes("mailbox", send=False)
    ruth.keys("Enter")
    ruth.page.wait_for_url("**/desk/more?q=mailbox")
    ruth.meets('link "Mailboxes')
    ruth.page.goto("/desk/people")
    ruth.page.get_by_text("Add", exact=False).first.click()
    for path in (
        "/desk/mailboxes", "/desk/teams", "/desk/products", "/desk/wordings/en/acknowledgement",
        "/desk/catalogue/level/critical", "/desk/policy", "/desk/log",
    ):  # fmt: skip
        ruth.page.goto(path)
        ruth.meets("heading")


def test_an_auditor_reads_everything_and_finds_nothing_to_press(person: Callable[..., Person]) -> None:
    dmitri, ticket = person("dmitri@vendor.example"), about("Badge sign-in")
    for path in ("/desk/", f"/desk/tickets/{ticket.pk}", f"/desk/tickets/{ticket.pk}/why/resolution/1", "/desk/kpis",
                 "/desk/contracts", "/desk/catalogue", "/desk/log", "/desk/changes"):  # fmt: skip
        dmitri.page.goto(path)
        dmitri.meets("heading")
        assert dmitri.page.locator("main form[method=post]").count() == 0, path


# ---- customers


def test_a_customer_reads_what_is_owed_asks_and_accepts(person: Callable[..., Person]) -> None:
    priya = person("priya@harbourline.example")
    solved = about("MFA prompt is shown twice")
    priya.meets(
        'navigation "Main"',
        'heading "What we need from you" [level=2]',
        'heading "What we owe you" [level=2]',
    )
    theirs = priya.page.get_by_role("listitem").filter(has_text="MFA prompt")
    theirs.get_by_role("button", name="Yes, solved").press("Enter")
    expect(priya.page.get_by_text("The request is closed as solved.")).to_be_visible()
    priya.meets(
        'heading "MFA prompt is shown twice on the jump host" [level=1]', 'heading "Conversation" [level=2]'
    )
    solved.refresh_from_db()
    assert solved.state == State.CLOSED
    priya.page.get_by_role("link", name="Raise a request").first.press("Enter")
    priya.meets('heading "Raise a request" [level=1]', 'radio "Technical problem', 'button "Send request"')
    priya.page.get_by_role("radio", name="Technical problem").focus()
    priya.keys("Space")
    priya.page.get_by_label("In detail").fill("The badge of a new nurse is not read.")
    priya.page.get_by_label("In one line").focus()
    priya.writes("A new badge is not read", send=False)
    priya.keys("Enter")
    expect(priya.page.get_by_text("We got it: request")).to_be_visible()
    priya.meets('heading "A new badge is not read" [level=1]', 'heading "What we promise" [level=2]')
    for path in ("/requests", "/organisation", "/kpis", "/running", "/allowances", "/contracts", "/articles"):
        priya.page.goto(path)
        priya.meets("heading")


def test_a_customer_without_scripts_does_the_same(person: Callable[..., Person], tmp_path: Path) -> None:
    aiko = person("aiko@kitano.example", java_script_enabled=False, locale="en-GB")
    page, log = aiko.page, tmp_path / "sync.log"
    log.write_text("02:00 nothing\n")
    page.goto("/requests/new")
    page.get_by_label("In one line").fill("Reports are mailed twice")
    page.get_by_label("In detail").fill("Since Monday.")
    page.locator("[name=category][value=technical]").check(force=True)
    page.locator("#files").set_input_files(str(log))
    page.locator("main button.yours").last.click()
    ticket = about("Reports are mailed twice")
    page.goto(f"/requests/{ticket.pk}")
    page.locator("#text").fill("It happened again.")
    page.locator("#answer button.yours").last.click()
    assert ticket.messages.filter(kind="in").count() == 2
    by = acting(User.objects.get(email="mara@vendor.example"))
    resolution.propose_solution(ticket, text="Take 7.2.", by=by, at=timezone.now())
    page.goto("/")
    assert "Reports are mailed twice" in page.content()
    page.goto(f"/requests/{ticket.pk}")
    page.locator(".need button.yours").first.click()
    ticket.refresh_from_db()
    assert ticket.state == State.CLOSED
    assert Contact.objects.get(email="aiko@kitano.example").user is not None
