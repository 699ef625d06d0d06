"""What a customer wants decided: an escalation, another severity, a complaint; and people who are added."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import acting
from mainstay.customers.models import Contact
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import concerns, dispatch, resolution, triage
from mainstay.tickets.models import Concern, Event, Participant, Ticket

pytestmark = pytest.mark.django_db


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(getattr(person, "user", person))
    return client


@pytest.fixture
def ticket(cast: Any) -> Ticket:
    sent = {
        "category": "technical",
        "subject": "Badges refused",
        "description": "Since 10:47.",
        "form_key": "k1",
    }
    assert as_(cast.priya).post("/requests/new", sent).status_code == 302
    return Ticket.objects.get()


def ask(cast: Any, ticket: Ticket, kind: str, text: str = "It gets worse.") -> Any:
    return as_(cast.priya).post(f"/requests/{ticket.pk}/concerns", {"kind": kind, "text": text})


def told(ticket: Ticket, kind: str = "concern_raised") -> set[str]:
    announce_pending(timezone.now())
    event = Event.objects.filter(ticket=ticket, kind=kind).latest("seq")
    return set(Delivery.objects.filter(event=event, user__isnull=False).values_list("user__name", flat=True))


def test_an_escalation_goes_to_the_tam_at_once_and_is_answered_by_escalating(
    cast: Any, ticket: Ticket
) -> None:
    assert ask(cast, ticket, "escalation").status_code == 302
    assert "Owen Blake" in told(ticket)
    assert "Hana Sato" not in told(ticket)
    assert "you have an answer" in as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    resolution.escalate(ticket, reason="They are right", by=acting(cast.owen), at=timezone.now())
    assert Concern.objects.get().answered_name == "Owen Blake"


def test_without_a_tam_it_goes_to_the_managers(cast: Any, ticket: Ticket) -> None:
    ticket.customer.tam = None  # type: ignore[union-attr]
    ticket.customer.save()  # type: ignore[union-attr]
    ask(cast, ticket, "escalation")
    assert "Hana Sato" in told(ticket)


def test_an_objection_goes_to_triage_and_a_change_of_severity_answers_it(cast: Any, ticket: Ticket) -> None:
    ask(cast, ticket, "severity")
    assert "Ifeoma Adeyemi" in told(ticket)
    triage.change_severity(
        ticket, severity=1, reason="All three sites", by=acting(cast.ifeoma), at=timezone.now()
    )
    assert Concern.objects.get().answered_at is not None


def test_an_objection_is_answered_in_words_and_the_customer_is_told(cast: Any, ticket: Ticket) -> None:
    ask(cast, ticket, "severity")
    held = Concern.objects.get()
    answer = as_(cast.ifeoma).post(f"/desk/concerns/{held.pk}/answer", {"text": "It stays: one site works."})
    assert answer.status_code == 302
    page = as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    assert "It stays: one site works." in page
    assert "answered by Ifeoma Adeyemi" in page
    again = as_(cast.ifeoma).post(f"/desk/concerns/{held.pk}/answer", {"text": "Once more"})
    assert again.status_code == 422


def test_a_complaint_never_goes_to_whom_it_may_be_about_alone(cast: Any, ticket: Ticket) -> None:
    cast.hana.roles = ["manager", "engineer"]
    cast.hana.save()
    dispatch.assign(ticket, to=cast.hana, reason="hers", by=acting(cast.ifeoma), at=timezone.now())
    ask(cast, ticket, "complaint")
    heard = told(ticket)
    assert "Ruth Castellan" in heard
    assert "Hana Sato" not in heard
    held = Concern.objects.get()
    assert as_(cast.hana).post(f"/desk/concerns/{held.pk}/answer", {"text": "No."}).status_code == 422
    assert as_(cast.mara).post(f"/desk/concerns/{held.pk}/answer", {"text": "No."}).status_code == 422
    assert (
        as_(cast.ruth).post(f"/desk/concerns/{held.pk}/answer", {"text": "I looked into it."}).status_code
        == 302
    )


def test_one_of_each_kind_waits_at_a_time_and_what_was_typed_is_kept(cast: Any, ticket: Ticket) -> None:
    ask(cast, ticket, "escalation")
    assert ask(cast, ticket, "escalation", "Again").status_code == 422
    assert ask(cast, ticket, "severity").status_code == 302
    refused = ask(cast, ticket, "complaint", " ")
    assert refused.status_code == 422
    assert "is empty" in refused.content.decode()
    assert ask(cast, ticket, "revenge").status_code == 422
    assert Concern.objects.count() == 2


def test_a_late_one_is_told_to_the_managers_once(cast: Any, ticket: Ticket) -> None:
    ask(cast, ticket, "complaint")
    due = Concern.objects.get().due_at
    assert concerns.tell_late(due) == 0
    assert concerns.tell_late(due + timedelta(seconds=1)) == 1
    assert concerns.tell_late(due + timedelta(days=1)) == 0
    assert "Hana Sato" in told(ticket, "concern_late")


def test_another_customers_concern_is_not_there(cast: Any, ticket: Ticket) -> None:
    assert (
        as_(cast.edgar)
        .post(f"/requests/{ticket.pk}/concerns", {"kind": "complaint", "text": "x"})
        .status_code
        == 404
    )


def test_people_of_the_customer_are_added_and_read_what_they_may(cast: Any, ticket: Ticket) -> None:
    assert as_(cast.tom).get(f"/requests/{ticket.pk}").status_code == 404
    as_(cast.priya).post(f"/requests/{ticket.pk}/participants", {"person": [cast.tom.pk], "whole": "on"})
    assert "Since 10:47." in as_(cast.tom).get(f"/requests/{ticket.pk}").content.decode()
    as_(cast.priya).post(f"/requests/{ticket.pk}/participants", {"person": [cast.edgar.pk]})
    assert not Participant.objects.filter(contact=cast.edgar).exists()


# ---- people who are added hear of it, once


def add(cast: Any, ticket: Ticket, *people: Any, **more: str) -> None:
    given = {"person": [one.pk for one in people], **more}
    assert as_(cast.priya).post(f"/requests/{ticket.pk}/participants", given).status_code == 302
    announce_pending(timezone.now())


def added(ticket: Ticket) -> list[Delivery]:
    return list(Delivery.objects.filter(ticket=ticket, template="added").order_by("pk"))


def test_whoever_is_added_is_told_once_by_whom_what_they_get_and_how_to_leave(
    cast: Any, ticket: Ticket
) -> None:
    add(cast, ticket, cast.tom, whole="on")
    (mail,) = added(ticket)
    assert mail.recipient == "tom@harbourline.example"
    assert mail.text.startswith(f"Priya Raman has added you to request {ticket.pk}.")
    for words in (
        "From now on you hear by mail",
        "you may also read what was said before",
        "Leave the request:",
    ):
        assert words in mail.text
    assert "Since 10:47." not in mail.text  # nothing of what was said goes along
    link = re.search(r"Leave the request:\n(\S+)", mail.text)
    assert link is not None
    path = link[1].partition("/r/")[2]
    assert "Hear no more of this request?" in Client().get(f"/r/{path}").content.decode()
    assert Participant.objects.filter(ticket=ticket, contact=cast.tom).exists()  # looking changed nothing
    assert Client().post(f"/r/{path}").status_code == 200
    assert not Participant.objects.filter(ticket=ticket, contact=cast.tom).exists()
    assert as_(cast.tom).get(f"/requests/{ticket.pk}").status_code == 404
    assert Client().post(f"/r/{path}").status_code == 422
    assert (
        "Tom Okafor takes no part in it any more"
        in as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    )


def test_who_may_not_read_what_was_said_is_not_told_that_they_may(cast: Any, ticket: Ticket) -> None:
    add(cast, ticket, cast.tom)
    assert "what was said before" not in added(ticket)[0].text


def test_they_leave_on_the_page_too_and_whoever_asked_stays(cast: Any, ticket: Ticket) -> None:
    add(cast, ticket, cast.tom)
    assert "Leave this request" in as_(cast.tom).get(f"/requests/{ticket.pk}").content.decode()
    assert "Leave this request" not in as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    assert as_(cast.priya).post(f"/requests/{ticket.pk}/participants/leaving").status_code == 404
    assert as_(cast.tom).post(f"/requests/{ticket.pk}/participants/leaving").status_code == 302
    assert Event.objects.filter(ticket=ticket, kind="participant_left").count() == 1


@pytest.mark.parametrize("how", ["left before", "wants no such mail"])
def test_who_opted_out_is_added_quietly(cast: Any, ticket: Ticket, how: str) -> None:
    if how == "left before":
        add(cast, ticket, cast.tom)
        as_(cast.tom).post(f"/requests/{ticket.pk}/participants/leaving")
        Delivery.objects.filter(ticket=ticket, template="added").delete()
    else:
        Contact.objects.filter(pk=cast.tom.pk).update(unsubscribed_at=timezone.now())
    add(cast, ticket, cast.tom)
    (mail,) = added(ticket)
    assert mail.state == Delivery.State.SUPPRESSED
    assert mail.error in {
        "this person left the request before",
        "this person wants no mail that they did not ask for",
    }
    assert Participant.objects.filter(ticket=ticket, contact=cast.tom, accepted=True).exists()


def test_people_named_while_raising_a_request_are_told_too(cast: Any) -> None:
    sent = {"category": "technical", "subject": "Slow", "description": "Since 10:47.", "form_key": "k9"}
    as_(cast.priya).post("/requests/new", {**sent, "inform": [cast.tom.pk]})
    announce_pending(timezone.now())
    assert [one.recipient for one in added(Ticket.objects.get())] == ["tom@harbourline.example"]
