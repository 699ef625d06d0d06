"""Mail of strangers through all five steps, by clicking: triage, dispatch, work, answers of the customer, closure.

The mails are three of the corpus ($MAINSTAY_CORPUS/mail, else ../shared/mail beside the project); where there is
none, three of our own, and the test says so. Pictures are left in $MAINSTAY_SHOTS, else ./shots.
"""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page

import cast as people
from cast import PASSWORD, Cast
from mainstay.config.env import env
from mainstay.customers.models import Customer
from mainstay.intake.email.accept import accept
from mainstay.intake.email.handle import handle_new
from mainstay.intake.email.importing import Import
from mainstay.intake.models import Mail
from mainstay.notices import email, sending
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.staffing.models import Engineer
from mainstay.tickets import verify
from mainstay.tickets.models import Event, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("MAINSTAY_CORPUS", ROOT.parent / "shared")) / "mail"
SHOTS = Path(os.environ.get("MAINSTAY_SHOTS") or ROOT / "shots")
MX = "mx.vendor.example"
SUBJECTS = (
    "Fwd: Signed email causes file attachments",
    "undef method parameter bug",
    "NOTE: 한국말로 하는 것",
)
OWN = """From: {name} <{name}@stranger{n}.example>
To: support@vendor.example
Subject: {subject}
Message-ID: <{n}@stranger{n}.example>
Content-Type: text/plain; charset=utf-8

Hello, since this morning it does not do what the manual says. Could you look?
"""


# ---- mail


@dataclass
class Post:
    """The worker's part, done when the test says so; what was sent lies in a Maildir."""

    folder: Path
    box: email.Maildir = field(init=False)

    def __post_init__(self) -> None:
        self.box = email.Maildir(self.folder)

    def goes(self) -> None:
        """Everything is announced and sent."""
        while announce_pending(timezone.now()):
            pass
        while sending.send_due(timezone.now(), self.box):
            pass

    def letters(self, to: str) -> list[EmailMessage]:
        """What this address got, the oldest first."""
        self.goes()
        sent = Delivery.objects.filter(recipient=to.lower(), channel="email", state="sent").order_by("pk")
        names = [f"{int(one.created_at.timestamp())}.D{one.pk}.mainstay" for one in sent]
        read = [(self.folder / "new" / name).read_bytes() for name in names]
        return [message_from_bytes(raw, policy=policy.default) for raw in read]  # type: ignore[misc]

    def link(self, to: str, label: str) -> str:
        """The address under a label, as its reader would click it; of the last letter that has it."""
        for letter in reversed(self.letters(to)):
            text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            if found := re.search(rf"{re.escape(label)}:\s+(https?://\S+)", text):
                return found[1]
        raise AssertionError(f"no letter to {to} has {label!r}")

    def answer(self, sender: str, text: str) -> Mail:
        """Somebody answers the last letter they got."""
        letter = self.letters(sender)[-1]
        raw = (
            f"Authentication-Results: {MX}; dmarc=pass header.from={sender.rpartition('@')[2]}\n"
            f"From: {sender}\nTo: {letter['Reply-To']}\nSubject: {letter['Subject']}\n"
            f"Message-ID: <{timezone.now().timestamp()}@mail.example>\nIn-Reply-To: {letter['Message-ID']}\n"
            f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        ).encode()
        number = accept(raw, source="smtp", envelope_from=sender)
        while handle_new(timezone.now()):
            pass
        return Mail.objects.get(pk=number)


# ---- people


@dataclass
class Seat:
    """Somebody at a browser. Whatever its console or an answer complains of is kept in `wrong`."""

    browser: Browser
    site: str
    wrong: list[str]
    width: int = 1280
    theme: Any = "light"
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        height = 900 if self.width > 600 else 844
        context = self.browser.new_context(
            viewport={"width": self.width, "height": height}, color_scheme=self.theme
        )
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "response",
            lambda one: self.wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None,
        )

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        look = f"{self.width}{'-dark' if self.theme == 'dark' else ''}"
        self.page.screenshot(path=SHOTS / f"journey-{name}-{look}.png", full_page=True)

    def signs_in(self, address: str) -> "Seat":
        """With a password, as staff do."""
        self.page.goto(f"{self.site}/")
        self.page.get_by_label("Email").fill(address)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/desk/**")
        return self

    def signs_in_by_link(self, post: Post, address: str, shot: str = "") -> "Seat":
        """With the mailed link, as customers do."""
        self.page.goto(f"{self.site}/")
        self.page.get_by_role("link", name="Send me a sign-in link").click()
        self.page.get_by_label("Email").fill(address)
        self.page.get_by_role("button", name="Send me a sign-in link").click()
        self.page.get_by_role("heading", name="Look into your mailbox").wait_for()
        if shot:
            self.shot(f"{shot}-link-sent")
        self.page.goto(post.link(address, "Sign in"))
        self.page.get_by_role("button", name="Sign in now").click()
        self.page.get_by_role("heading", name="What we owe you").wait_for()
        return self

    def opens(self, ticket: Ticket) -> Page:
        """Finds the ticket by its number, in the box for it."""
        self.page.get_by_role("link", name="Queue", exact=False).first.click()
        self.page.locator("input[type=search]").first.fill(str(ticket.pk))
        self.page.locator("input[type=search]").first.press("Enter")
        self.page.wait_for_url(f"**/desk/tickets/{ticket.pk}")
        return self.page

    def panel(self, name: str) -> Locator:
        """One of the acts under the promises, opened."""
        section = self.page.locator("details").filter(
            has=self.page.locator("summary").get_by_text(name, exact=True)
        )
        if section.first.get_attribute("open") is None:
            section.first.locator("summary").first.click()
        return section.first

    def said(self) -> str:
        return self.page.locator("main").inner_text()

    def told(self, words: str) -> None:
        """What the page answers at its top."""
        self.page.locator(".flash", has_text=words).first.wait_for()

    def writes(self, kind: str, text: str, **fields: str) -> None:
        """In the composer: what it is, the words, the button."""
        form = self.page.locator("#composer")
        form.locator(".ctabs label").filter(has_text=kind).first.click()
        for label, value in fields.items():
            form.locator(f"[name={label}]").fill(value)
        form.get_by_role("textbox", name="Message").fill(text)
        with self.page.expect_navigation():
            form.locator(".cfoot button:visible").click()
        self.page.locator(".flash:not(.error)").first.wait_for()


@dataclass
class House:
    """The desk's people at their browsers, the post, and what went wrong."""

    ifeoma: Seat
    mara: Seat
    post: Post
    wrong: list[str]

    def customer(self, **look: Any) -> Seat:
        return Seat(self.ifeoma.browser, self.ifeoma.site, self.wrong, **look)

    def checks(self, ticket: Ticket, state: str, *kinds: str) -> None:
        """State, the order of events, the clocks against the log, and that nothing complained."""
        self.post.goes()
        ticket.refresh_from_db()
        found = list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))
        first = ["received", "acknowledged", "customer_recognised", "triaged", "dispatched"]
        assert found == [*first, *kinds]
        assert ticket.state == state
        assert list(verify.differences(ticket)) == []
        assert self.wrong == []


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """The corpus, or three mails of our own in its place."""
    if CORPUS.is_dir():
        return CORPUS
    print(f"no corpus at {CORPUS}: three mails of the test's own stand for it")
    folder = tmp_path / "mails"
    folder.mkdir()
    for n, subject in enumerate(SUBJECTS):
        (folder / f"{n}.eml").write_text(OWN.format(name=f"pat{n}", n=n, subject=subject), encoding="utf-8")
    return folder


@pytest.fixture
def house(
    site: str, browser: Browser, mails: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The cast as of today, the engineers at work whatever the hour, the mails imported, two signed in."""
    monkeypatch.setenv("MAINSTAY_AUTHSERV_ID", MX)
    env.cache_clear()
    cast: Cast = people.make(timezone.now().replace(microsecond=0))
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    Engineer.objects.update(week={day: [["00:00", "24:00"]] for day in days})
    done = Import(io.StringIO()).run([mails])
    assert done.counts["tickets"] >= len(SUBJECTS), done.said()
    wrong: list[str] = []
    ifeoma, mara = Seat(browser, site, wrong), Seat(browser, site, wrong)
    ifeoma.signs_in(cast.ifeoma.email)
    mara.signs_in(cast.mara.email)
    yield House(ifeoma, mara, Post(tmp_path / "outbox"), wrong)
    monkeypatch.undo()
    env.cache_clear()


# ---- steps that are the same for all


def recognised(house: House, ticket: Ticket, customer: str, shot: str = "") -> None:
    """Ifeoma finds the request, adds the person to the customer, and says whose request it is."""
    seat, page = house.ifeoma, house.ifeoma.page
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name=customer).click()
    form = seat.panel("Add a contact")
    form.get_by_label("Name").fill(ticket.requester_name)
    form.get_by_label("Email").fill(ticket.requester_address)
    form.get_by_role("button", name="Add the contact").click()
    seat.told("may sign in by link")
    if shot:
        seat.shot(f"{shot}-customer")
    seat.opens(ticket)
    assert "customer not known" in seat.said()
    if shot:
        seat.shot(f"{shot}-untriaged")
    form = seat.panel("Customer")
    form.get_by_label("Customer", exact=False).first.select_option(label=_option(customer))
    form.get_by_label("Contact's address", exact=False).fill(ticket.requester_address)
    form.get_by_label("How you know").fill("They rang us from their desk and named this mail.")
    form.get_by_role("button", name="This is their ticket").click()
    seat.told("their terms count from receipt")


def _option(customer: str) -> str:
    return f"{customer} ({Customer.objects.get(name=customer).code})"


def triaged(house: House, answers: dict[str, str], suggests: int, category: str, shot: str = "") -> None:
    """She answers the guide, takes its suggestion, and says why."""
    seat, form = house.ifeoma, house.ifeoma.panel("Triage")
    for question, answer in answers.items():
        form.locator("fieldset", has_text=question).get_by_label(answer, exact=True).check()
    form.get_by_role("button", name="Suggest a severity").click()
    seat.page.locator(".suggest", has_text=f"suggest severity {suggests}").wait_for()
    if shot:
        seat.shot(f"{shot}-suggestion")
    form = seat.panel("Triage")
    assert form.locator(f"input[name=severity][value='{suggests}']").is_checked()
    form.get_by_label(category).check()
    form.get_by_label("Reason").fill("As the answers say.")
    form.get_by_role("button", name="Decide").click()
    seat.told(f"Triaged: severity {suggests}")


def dispatched(house: House, ticket: Ticket, shot: str = "") -> None:
    """She gives it to Mara, whom the desk proposes, with its reasons."""
    seat = house.ifeoma
    button = seat.page.get_by_role("button", name="Give it to Mara Lindqvist")
    button.wait_for()
    if shot:
        seat.shot(f"{shot}-dispatch")
    button.click()
    seat.told("Mara Lindqvist has this ticket now")
    ticket.refresh_from_db()
    assert any("on duty" in why for why in ticket.assigned_because)


def begun(house: House, number: int, customer: str, **triage: Any) -> Ticket:
    """A request from its mail to Mara's desk; she has it open."""
    ticket = Ticket.objects.filter(subject=SUBJECTS[number], customer=None).earliest("pk")
    shot = triage.pop("shot", "")
    recognised(house, ticket, customer, shot)
    triaged(house, shot=shot, **triage)
    dispatched(house, ticket, shot)
    house.mara.page.get_by_role("link", name="Now").first.click()
    if shot:
        house.mara.shot(f"{shot}-now")
    house.mara.page.locator(f"a[href='/desk/tickets/{ticket.pk}']").first.click()
    return ticket


def tomorrow(zone: str) -> str:
    return (datetime.now(ZoneInfo(zone)) + timedelta(days=1)).strftime("%Y-%m-%dT15:00")


# ---- the three


def accepted_by_the_button(house: House) -> None:
    """Reply, question, answer in the portal, report, workaround, root cause, solution; accepted in the portal."""
    ticket = begun(
        house, 0, "Harbourline Health", suggests=1, category="Technical", shot="a",
        answers={"Is it a production system?": "Yes", "Can the system be used?": "Not at all",
                 "Has a business process stopped": "Yes"},
    )  # fmt: skip
    mara, address = house.mara, ticket.requester_address
    mara.writes("Reply", "I have this now and look at the signed mails first.")
    mara.writes("Question", "Which version of the gateway do you run?")
    mara.shot("a-waiting")
    priya = house.customer().signs_in_by_link(house.post, address, "a")
    priya.shot("a-home")
    priya.page.get_by_role("link", name=SUBJECTS[0]).first.click()
    assert "Which version of the gateway" in priya.said()
    priya.shot("a-request-question")
    priya.page.get_by_label("Message").fill("It is 9.4.2, on both machines.")
    priya.page.get_by_role("button", name="Send").click()
    priya.told("Sent. You see it below")
    mara.page.reload()
    assert "It is 9.4.2" in mara.said()
    mara.writes(
        "Progress report", "Cause found: signatures are taken for files.", estimate=tomorrow("Europe/Stockholm"),
        next_step="Keep one such mail for us",
    )  # fmt: skip
    mara.writes("Workaround", "Switch off the signature scan until then.")
    form = mara.panel("Root cause")
    form.get_by_label("Category").select_option(label="defect in the product")
    form.get_by_label("What it was").fill("The scanner took signatures for attachments.")
    form.get_by_label("What mended it").fill("The scanner reads the type first.")
    form.get_by_text("Tell the customer").click()
    form.get_by_role("button", name="Record the root cause").click()
    mara.told("The root cause is recorded and told")
    mara.writes("Solution", "Release 9.4.3 is on your machines; signatures stay signatures.")
    mara.shot("a-proposed")
    priya.page.goto(f"{priya.site}/")
    priya.shot("a-home-solution")
    priya.page.get_by_role("link", name=f"{ticket.pk}: is it solved?").click()
    assert "signatures stay signatures" in priya.said()
    priya.shot("a-request-solution")
    priya.page.get_by_role("button", name="Yes, it is solved").click()
    priya.told("closed as solved")
    priya.shot("a-request-closed")
    house.checks(
        ticket, "closed", "staff_replied", "asked_customer", "customer_replied", "progress_reported",
        "workaround_provided", "root_cause_reported", "solution_proposed", "closed",
    )  # fmt: skip
    assert (ticket.close_reason, ticket.severity, ticket.level.code) == ("resolved", 1, "critical")  # type: ignore[union-attr]
    mara.page.reload()
    mara.shot("a-closed")
    told = Delivery.objects.filter(recipient=address, channel="email", state="sent").order_by("pk")
    assert [one.template for one in told if one.template != "sign_in"] == [
        "acknowledgement", "recognised", "severity", "dispatched", "answer", "question", "progress", "workaround",
        "root_cause", "solution", "closed",
    ]  # fmt: skip


def refused_once_then_accepted_by_the_links_of_the_mails(house: House) -> None:
    """On a phone, never signed in: "not solved" by the first mail's link, "solved" by the second's."""
    ticket = begun(
        house, 1, "Kitano Rail", suggests=2, category="Technical",
        answers={"Can the system be used?": "In part", "Is there a way around it?": "Yes"},
    )  # fmt: skip
    mara, address = house.mara, ticket.requester_address
    mara.writes("Reply", "Which parameter is it? I think I know; trying it now.")
    mara.writes("Solution", "The parameter is declared now, in 7.1.1.")
    phone = house.customer(width=390, theme="dark")
    phone.page.goto(house.post.link(address, "Not solved"))
    phone.shot("b-refuse")
    phone.page.get_by_label("Anything to add", exact=False).fill("Still undefined after a restart.")
    phone.page.get_by_role("button", name="No, it is not solved").click()
    phone.page.get_by_role("heading", name="Done").wait_for()
    house.checks(ticket, "open", "staff_replied", "solution_proposed", "solution_rejected")
    mara.page.reload()
    assert "Still undefined after a restart." in mara.said()
    mara.writes("Workaround", "Call it with the parameter by name.")
    mara.writes("Solution", "7.1.2 declares it in both places.")
    phone.page.goto(house.post.link(address, "It is solved"))
    phone.shot("b-accept")
    phone.page.get_by_role("button", name="Yes, it is solved").click()
    phone.page.get_by_role("heading", name="Done").wait_for()
    phone.shot("b-done")
    house.checks(
        ticket, "closed", "staff_replied", "solution_proposed", "solution_rejected", "workaround_provided",
        "solution_proposed", "closed",
    )  # fmt: skip
    assert ticket.close_reason == "resolved"
    desk = Seat(mara.browser, mara.site, house.wrong, width=390)
    desk.signs_in("mara@vendor.example")
    desk.page.goto(f"{desk.site}/desk/tickets/{ticket.pk}")
    desk.shot("b-desk")


def closed_by_us_and_reopened_by_a_mail(house: House) -> None:
    """Mara closes as resolved; the customer's mail brings it back; she answers and closes again."""
    ticket = begun(
        house, 2, "Fernleigh Schools", suggests=3, category="General enquiry",
        answers={"Can the system be used?": "Yes", "How many people": "Nobody yet"},
    )  # fmt: skip
    mara, address = house.mara, ticket.requester_address
    mara.writes("Reply", "Yes, it can be read in Korean too.")
    _closes(mara, "It is answered: Korean is read as it is.")
    house.checks(ticket, "closed", "staff_replied", "closed")
    mail = house.post.answer(address, "It is not: the second page is still in another language.")
    assert (mail.state, mail.ticket_id) == ("done", ticket.pk), mail.reason
    house.checks(ticket, "open", "staff_replied", "closed", "reopened")
    mara.page.reload()
    mara.shot("c-reopened")
    assert "the second page is still in another language" in mara.said()
    mara.writes("Reply", "The second page follows the first now.")
    _closes(mara, "Both pages are in Korean.")
    house.checks(ticket, "closed", "staff_replied", "closed", "reopened", "staff_replied", "closed")
    mara.page.get_by_role("link", name="Queue").first.click()
    mara.page.get_by_role("link", name="Closed").first.click()
    mara.shot("c-closed-list")


def _closes(mara: Seat, words: str) -> None:
    form = mara.panel("Close")
    form.get_by_label("Because").select_option(label="resolved")
    form.get_by_label("What the customer is told", exact=False).fill(words)
    form.get_by_role("button", name="Close and tell the customer").click()
    mara.told("Closed: resolved")


def test_three_mails_of_strangers_go_through_all_five_steps(house: House) -> None:
    house.ifeoma.page.get_by_role("link", name="Triage").first.click()
    house.ifeoma.shot("queue-triage")
    accepted_by_the_button(house)
    refused_once_then_accepted_by_the_links_of_the_mails(house)
    closed_by_us_and_reopened_by_a_mail(house)
    assert Event.objects.filter(kind="delivery_failed").count() == 0
    house.ifeoma.page.goto(f"{house.ifeoma.site}/desk/outbox")
    house.ifeoma.page.get_by_role("link", name="Sent").first.click()
    house.ifeoma.shot("outbox")
