"""Nothing covers it: received, acknowledged, put before a person, who serves once, offers or declines (P1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages

from cast import NOW, Cast, acting
from mainstay.allowances import decisions
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, resolution, triage, verify
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Ticket, Timer

WORDS = {"reason": "Known for years.", "text": "Dear Nora, gladly."}


def letters(to: str) -> list[str]:
    while announce_pending(NOW + timedelta(hours=1)):
        pass
    return list(Delivery.objects.filter(recipient=to).order_by("pk").values_list("text", flat=True))


def told(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


@pytest.fixture
def lapsed(cast: Cast, asks: Any, now: Any) -> Ticket:
    return asks(cast.nora, "Backup stands still")


def test_what_nothing_covers_waits_on_its_page_with_the_reasons(cast: Cast, lapsed: Ticket, as_: Any) -> None:
    page = as_(cast.ifeoma).get("/desk/not-entitled").content.decode()
    assert "Backup stands still" in page
    assert "No contract holds and there is no current subscription" in page
    rail = as_(cast.ifeoma).get("/desk/").content.decode()
    assert 'Not entitled<span class="n">1</span>' in rail
    assert "Not covered: decide" in as_(cast.mara).get(f"/desk/tickets/{lapsed.pk}").content.decode()
    assert "We have your request" in letters("nora@lapsed.example")[0]


def test_many_that_nothing_covers_are_put_before_a_person_at_once_and_each_once(
    cast: Cast, asks: Any, now: Any, django_assert_num_queries: Any
) -> None:
    tickets = [asks(cast.nora, f"Backup stands still, day {day}") for day in range(3)]
    again = [decisions.Undecided(one, [one.subject], NOW) for one in tickets]
    before = list(decisions.waiting().values_list("pk", "because"))
    with django_assert_num_queries(1):
        decisions.ask_all(again)
    assert list(decisions.waiting().values_list("pk", "because")) == before
    assert [one.ticket for one in decisions.waiting()] == tickets
    assert "No contract holds" in " ".join(before[0][1])


def test_what_a_contract_covers_does_not_wait(cast: Cast, asks: Any, now: Any, as_: Any) -> None:
    ticket = asks(cast.priya)
    assert not decisions.waiting().exists()
    answer = as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/entitlement/service", WORDS)
    assert answer.status_code == 422
    assert "there is nothing to decide" in answer.content.decode()


def test_it_is_served_once_and_the_customer_told(cast: Cast, lapsed: Ticket, as_: Any) -> None:
    assert "Served this once" in told(
        as_(cast.hana).post(f"/desk/tickets/{lapsed.pk}/entitlement/service", WORDS)
    )
    event = Event.objects.get(ticket=lapsed, kind="served_once")
    assert (event.text.why, event.by_id) == ("Known for years.", cast.hana.pk)
    lapsed.refresh_from_db()
    assert (lapsed.state, lapsed.entitlement) == ("open", "none")
    assert not decisions.waiting().exists()
    letter = letters("nora@lapsed.example")[-1]
    assert "this once, as a courtesy" in letter
    assert "Dear Nora, gladly." in letter
    assert "Known for years." not in letter
    assert list(verify.differences(lapsed)) == []


def test_nobody_is_given_it_before_somebody_has_decided(cast: Cast, lapsed: Ticket, as_: Any) -> None:
    triage.triage(lapsed, severity=3, category="technical", reason="Clear.", by=acting(cast.ifeoma), at=NOW)
    desk = as_(cast.ifeoma)
    page = desk.get(f"/desk/tickets/{lapsed.pk}?do=dispatch").content.decode()
    assert "nothing covers this request, and nobody has decided" in page
    assert "?do=entitlement#entitlement" in page
    answer = desk.post(f"/desk/tickets/{lapsed.pk}/assignment", {"engineer": cast.mara.pk})
    assert answer.status_code == 422
    assert "Serve it once, offer a package or decline" in answer.content.decode()
    assert "Serve it this once" in desk.get(f"/desk/tickets/{lapsed.pk}").content.decode()
    told(desk.post(f"/desk/tickets/{lapsed.pk}/entitlement/service", WORDS))
    told(desk.post(f"/desk/tickets/{lapsed.pk}/assignment", {"engineer": cast.mara.pk}))


def test_an_offer_waits_for_the_customer_and_their_answer_for_us(
    cast: Cast, lapsed: Ticket, as_: Any
) -> None:
    client, at = as_(cast.lena), f"/desk/tickets/{lapsed.pk}/entitlement/offer"
    assert client.post(at, {**WORDS, "package": ""}).status_code == 422
    assert client.post(at, {**WORDS, "package": "gold"}).status_code == 422
    assert "waits for the customer" in told(client.post(at, {**WORDS, "package": "standard"}))
    lapsed.refresh_from_db()
    assert lapsed.state == "waiting_on_customer"
    assert Timer.objects.filter(ticket=lapsed, kind="close").exists()
    assert not decisions.waiting().exists()
    letter = letters("nora@lapsed.example")[-1]
    assert "Standard Business Support would cover request" in letter
    assert "/prices" in letter
    assert "/advisor" in letter
    resolution.customer_replied(lapsed, said=Said("How much?", "email"), by=acting(cast.nora), at=NOW)
    assert [one.ticket for one in decisions.waiting()] == [lapsed]
    assert "answered our offer" in client.get("/desk/not-entitled").content.decode()
    again = {**WORDS, "text": "Dear Nora, this once then."}
    assert "Served" in told(client.post(f"/desk/tickets/{lapsed.pk}/entitlement/service", again))
    assert not decisions.waiting().exists()
    assert [one.outcome for one in lapsed.decisions.order_by("pk")] == ["offer", "serve"]


def test_a_declined_request_is_closed_courteously_and_a_reply_brings_it_back(
    cast: Cast, lapsed: Ticket, as_: Any
) -> None:
    client = as_(cast.hana)
    assert "Declined" in told(client.post(f"/desk/tickets/{lapsed.pk}/entitlement/decline", WORDS))
    lapsed.refresh_from_db()
    assert (lapsed.state, lapsed.close_reason) == ("closed", "not_entitled")
    assert "no agreement of ours covers it" in letters("nora@lapsed.example")[-1]
    assert "Known for years." in client.get("/desk/not-entitled").content.decode()
    assert list(verify.differences(lapsed)) == []
    closure.reopen(lapsed, said=Said("Please.", "email"), by=acting(cast.nora), at=NOW + timedelta(hours=2))
    assert [one.ticket for one in decisions.waiting()] == [lapsed]


@pytest.mark.parametrize("act", ["service", "offer", "decline"])
@pytest.mark.parametrize("lacking", ["reason", "text"])
def test_each_decision_needs_its_reason_and_its_words(
    act: str, lacking: str, cast: Cast, lapsed: Ticket, as_: Any
) -> None:
    typed = {**WORDS, "package": "high", lacking: " "}
    answer = as_(cast.hana).post(f"/desk/tickets/{lapsed.pk}/entitlement/{act}", typed)
    assert answer.status_code == 422
    assert "is empty; write what you want to say" in answer.content.decode()
    assert [one.ticket for one in decisions.waiting()] == [lapsed]


def test_what_is_closed_otherwise_waits_no_more(cast: Cast, lapsed: Ticket) -> None:
    closure.close(lapsed, reason="spam", text="", by=acting(cast.ifeoma), at=NOW)
    assert not decisions.waiting().exists()


def test_used_up_requests_wait_where_the_contract_says_so_and_are_told(
    cast: Cast, asks: Any, limits: Any, now: Any, as_: Any
) -> None:
    limits("critical", requests={"number": 1, "per": "contract", "beyond": "decide"})
    asks(cast.priya)
    over = asks(cast.priya, "One more")
    letters("x")
    heard = Delivery.objects.filter(template="beyond_allowance", channel="desk")
    assert set(heard.values_list("user__name", flat=True)) == {"Ifeoma Adeyemi", "Owen Blake"}
    assert "this is number 2 of 1" in as_(cast.ifeoma).get("/desk/not-entitled").content.decode()
    ticket_page = as_(cast.mara).get(f"/desk/tickets/{over.pk}").content.decode()
    assert "waits for a decision" in ticket_page
    home = as_(cast.tom).get("/").content.decode()
    assert "The requests of contract HA-2025-1 are used up" in home
    assert (
        "Beyond what your agreement includes" in as_(cast.priya).get(f"/requests/{over.pk}").content.decode()
    )
