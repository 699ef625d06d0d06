"""What is not covered, from suggestion to appeal and paid work, through the pages and the mails (X1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import Cast, acting
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import coverage, resolution, verify
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Ticket

As = Callable[..., Client]


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return raised(cast)


def raised(cast: Cast, severity: int | None = None) -> Ticket:
    at = timezone.now() - timedelta(minutes=30)
    channel = "email" if severity is None else "portal"
    said = Said("Microsoft Entra refuses our people since today.", channel, authenticated="pass")
    request = Request(
        "Sign-in refused", said, customer=cast.harbourline, contact=cast.priya, address=cast.priya.email,
        name=cast.priya.name, severity=severity,
    )  # fmt: skip
    return open_ticket(request, by=acting(cast.priya), at=at)


def rule(ticket: Ticket, as_: As, name: str = "ifeoma") -> Any:
    fields = {"rule": "entra", "reason": "Entra says no", "text": "Microsoft runs and supports it."}
    answer = as_(name).post(f"/desk/tickets/{ticket.pk}/scope", fields)
    assert answer.status_code == 303
    return answer


def mail(ticket: Ticket, template: str, to: str = "priya@harbourline.example") -> Delivery:
    while announce_pending(timezone.now()):
        pass
    return Delivery.objects.filter(ticket=ticket, template=template, recipient=to, channel="email").latest(
        "pk"
    )


def link(delivery: Delivery, label: str) -> str:
    return "/r/" + delivery.text.split(f"{label}:\n", 1)[1].split("/r/", 1)[1].split()[0]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def state(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    assert not list(verify.differences(ticket))
    return str(ticket.state)


def test_triage_sees_what_speaks_for_an_exclusion_with_the_words_marked_and_nothing_is_decided(
    ticket: Ticket, cast: Cast, as_: As
) -> None:
    shown = page(as_("ifeoma"), f"/desk/tickets/{ticket.pk}")
    assert "May not be covered" in shown
    assert "Microsoft <mark>Entra</mark> refuses our people" in shown
    assert state(ticket) == "open"
    chosen = page(as_("ifeoma"), f"/desk/tickets/{ticket.pk}?rule=entra")
    assert "it says “Entra” in the message" in chosen


def test_an_ended_release_in_the_request_or_on_its_system_is_said_with_its_day(
    ticket: Ticket, cast: Cast, as_: As
) -> None:
    end = cast.atlas.releases.get(version="6.4").maintained_until
    facts = {"value": "Atlas 6.4.2 (build 99)"}
    assert as_("ifeoma").post(f"/desk/tickets/{ticket.pk}/facts/product_version", facts).status_code == 303
    shown = page(as_("ifeoma"), f"/desk/tickets/{ticket.pk}")
    assert f"release 6.4 left maintenance on {end} (X1)" in shown
    as_("ifeoma").post(f"/desk/tickets/{ticket.pk}/facts/product_version", {"value": "7.1"})
    assert (
        "left maintenance"
        not in page(as_("ifeoma"), f"/desk/tickets/{ticket.pk}").split("May not be covered")[1]
    )


def test_the_clause_is_quoted_and_clocks_stop_from_that_moment_only(cast: Cast, as_: As) -> None:
    ticket = raised(cast, severity=1)  # round the clock: this also holds when the test runs at night
    before = dict(Clock.objects.filter(ticket=ticket, clock="resolution").values_list("clock", "used"))
    rule(ticket, as_)
    assert state(ticket) == "out_of_scope"
    clock = Clock.objects.get(ticket=ticket, clock="resolution")
    assert clock.state == "paused"
    assert clock.used >= before["resolution"]
    assert clock.used > 0, "what ran before the decision still counts"
    text = mail(ticket, "out_of_scope").text
    assert "Microsoft runs and supports it." in text
    assert "The trouble lies in Microsoft Entra services" in text, "the clause in its own words"
    assert "Entra says no" not in text, "the reason is for us"
    shown = page(as_("priya"), f"/requests/{ticket.pk}")
    assert "Not covered: Microsoft Entra services" in shown
    assert "Entra says no" not in shown


def test_an_offer_of_paid_work_is_taken_by_the_link_and_work_can_start(
    ticket: Ticket, cast: Cast, as_: As
) -> None:
    rule(ticket, as_)
    offer = {"price": "1,200 EUR, at most", "text": "We look into it with you."}
    shown = page(as_("ifeoma"), f"/desk/tickets/{ticket.pk}?do=scope")
    for act in ("scope", "offer", "appeal"):
        assert f'action="/desk/tickets/{ticket.pk}/{act}"' in shown
    assert as_("ifeoma").post(f"/desk/tickets/{ticket.pk}/offer", offer).status_code == 303
    letter = mail(ticket, "paid_offer")
    assert "1,200 EUR, at most" in letter.text
    address = link(letter, "Accept the offer")
    client = Client()
    shown = page(client, address)
    assert "1,200 EUR, at most" in shown
    assert state(ticket) == "out_of_scope", "mail scanners follow links"
    assert "It is agreed" in client.post(address).content.decode()
    assert state(ticket) == "open"
    assert ticket.scope_decision["paid"]["agreed_by"] == "Priya Raman"
    assert Clock.objects.get(ticket=ticket, clock="resolution").state == "running"
    assert "Paid work" in page(as_("mara"), f"/desk/tickets/{ticket.pk}")
    assert "goes on as paid work" in mail(ticket, "paid_agreed").text
    assert mail(ticket, "paid_work_agreed", "owen@vendor.example")
    assert "does not stand any more" in client.post(address).content.decode()
    as_("mara").post(f"/desk/tickets/{ticket.pk}/question", {"text": "Which tenant?"})
    as_("priya").post(f"/requests/{ticket.pk}/replies", {"text": "The main one."})
    assert state(ticket) == "open"
    assert ticket.scope_decision["paid"], "what is paid is not forgotten on the way"


def test_an_offer_that_was_replaced_cannot_be_taken(ticket: Ticket, cast: Cast, as_: As) -> None:
    rule(ticket, as_)
    as_("ifeoma").post(f"/desk/tickets/{ticket.pk}/offer", {"price": "1,200 EUR", "text": "All of it."})
    old = link(mail(ticket, "paid_offer"), "Accept the offer")
    as_("ifeoma").post(
        f"/desk/tickets/{ticket.pk}/offer", {"price": "1,900 EUR", "text": "All of it, and more."}
    )
    assert "was replaced by a newer one" in Client().post(old).content.decode()
    assert state(ticket) == "out_of_scope"
    seq = str(ticket.scope_decision["offer"]["seq"])
    priya = as_("priya")
    assert priya.post(f"/requests/{ticket.pk}/offer", {"answer": "decline", "seq": seq}).status_code == 302
    assert "You did not take our offer" in page(priya, f"/requests/{ticket.pk}")
    assert state(ticket) == "out_of_scope"


def test_an_appeal_is_decided_by_somebody_else_than_who_ruled(ticket: Ticket, cast: Cast, as_: As) -> None:
    rule(ticket, as_)
    address = link(mail(ticket, "out_of_scope"), "Ask for another decision")
    assert Client().post(address, {"text": ""}).status_code == 422
    assert Client().post(address, {"text": "Entra works; your sync sends the wrong name."}).status_code == 200
    assert "was asked for already" in Client().post(address, {"text": "Again."}).content.decode()
    assert "Their reason" in mail(ticket, "scope_appealed", "hana@vendor.example").text
    decide = f"/desk/tickets/{ticket.pk}/appeal-decision"
    covered = {"decision": "covered", "reason": "It is ours."}
    own = as_("ifeoma").post(decide, covered)
    assert own.status_code == 422
    assert "decided by somebody else" in own.content.decode()
    assert as_("ifeoma").post(f"/desk/tickets/{ticket.pk}/scope", {"reason": "Mine."}).status_code == 422
    assert "somebody else decides" in page(as_("ifeoma"), f"/desk/tickets/{ticket.pk}?do=scope")
    assert f'action="{decide}"' in page(as_("hana"), f"/desk/tickets/{ticket.pk}")
    assert as_("hana").post(decide, {"decision": "", "reason": "x"}).status_code == 422
    assert as_("hana").post(decide, covered).status_code == 303
    assert state(ticket) == "open"
    assert "is covered after all" in mail(ticket, "into_scope").text


def test_a_decision_that_stands_is_told_with_why_and_may_be_appealed_again(
    ticket: Ticket, cast: Cast, as_: As
) -> None:
    rule(ticket, as_)
    priya = as_("priya")
    refused = priya.post(f"/requests/{ticket.pk}/appeal", {"reason": " "})
    assert refused.status_code == 422
    assert priya.post(f"/requests/{ticket.pk}/appeal", {"reason": "It is yours."}).status_code == 302
    stands = {"decision": "stands", "reason": "Logs show Entra", "text": "We read your logs: Entra refuses."}
    assert as_("hana").post(f"/desk/tickets/{ticket.pk}/appeal-decision", stands).status_code == 303
    assert state(ticket) == "out_of_scope"
    text = mail(ticket, "appeal_rejected").text
    assert "We read your logs: Entra refuses." in text
    assert "Logs show Entra" not in text
    assert "the decision stands" in page(priya, f"/requests/{ticket.pk}")
    assert priya.post(f"/requests/{ticket.pk}/appeal", {"reason": "Look at line 7."}).status_code == 302


def test_a_reply_that_objects_becomes_an_appeal_with_one_click(ticket: Ticket, cast: Cast, as_: As) -> None:
    rule(ticket, as_)
    shown = page(as_("mara"), f"/desk/tickets/{ticket.pk}")
    assert "This asks for another decision" not in shown
    said = Said("Entra works. Your sync sends the wrong name, look at line 7.", "email")
    resolution.customer_replied(ticket, said=said, by=acting(cast.priya), at=timezone.now())
    assert state(ticket) == "out_of_scope"
    shown = page(as_("mara"), f"/desk/tickets/{ticket.pk}")
    assert "Priya Raman wrote since" in shown
    assert as_("mara").post(f"/desk/tickets/{ticket.pk}/appeal", {"as_written": "1"}).status_code == 303
    assert state(ticket) == "out_of_scope"
    appealed = ticket.scope_decision["appeal"]
    assert (appealed["by_name"], appealed["state"]) == ("Priya Raman", "open")
    assert "look at line 7" in appealed["reason"]
    assert f'action="/desk/tickets/{ticket.pk}/appeal-decision"' in page(
        as_("hana"), f"/desk/tickets/{ticket.pk}"
    )
    again = as_("mara").post(f"/desk/tickets/{ticket.pk}/appeal", {"as_written": "1"})
    assert again.status_code == 422


def test_what_staff_hear_by_phone_is_recorded_as_an_appeal(ticket: Ticket, cast: Cast, as_: As) -> None:
    rule(ticket, as_)
    assert (
        as_("mara").post(f"/desk/tickets/{ticket.pk}/appeal", {"reason": "They say it is ours."}).status_code
        == 303
    )
    assert "They say it is ours." in page(as_("hana"), f"/desk/tickets/{ticket.pk}")
    assert state(ticket) == "out_of_scope"


def test_where_one_person_works_they_decide_themselves(ticket: Ticket, cast: Cast, as_: As) -> None:
    rule(ticket, as_)
    coverage.appeal(ticket, reason="Ours.", by=acting(cast.priya), at=timezone.now())
    User.objects.exclude(roles=[]).exclude(pk=cast.ifeoma.pk).update(is_active=False)
    coverage.bring_into_scope(ticket, reason="So it is.", by=acting(cast.ifeoma), at=timezone.now())
    assert state(ticket) == "open"


def test_another_customer_neither_appeals_nor_takes_the_offer(ticket: Ticket, cast: Cast, as_: As) -> None:
    rule(ticket, as_)
    edgar = as_("edgar")
    assert edgar.post(f"/requests/{ticket.pk}/appeal", {"reason": "x"}).status_code == 404
    assert edgar.post(f"/requests/{ticket.pk}/offer", {"answer": "accept"}).status_code == 404


def test_what_is_in_scope_has_neither_offer_nor_appeal(ticket: Ticket, cast: Cast) -> None:
    now, by = timezone.now(), acting(cast.priya)
    for act in (
        lambda: coverage.appeal(ticket, reason="x", by=by, at=now),
        lambda: coverage.offer_paid_work(ticket, text="x", price="1 EUR", by=acting(cast.mara), at=now),
        lambda: coverage.accept_offer(ticket, by=by, at=now),
        lambda: coverage.reject_appeal(ticket, reason="x", text="x", by=acting(cast.mara), at=now),
    ):
        with pytest.raises(Refused):
            act()
