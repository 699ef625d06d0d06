"""The one question after closing, through the mail's link and the portal (C1)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import cast as people
from mainstay.customers.models import Contact
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, satisfaction
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def solved(cast: Any) -> Ticket:
    """Tom's request of an hour ago, solved half an hour later."""
    said = Said("It fails.", "email")
    request = Request(
        "Badges", said, customer=cast.harbourline, contact=cast.tom, address=cast.tom.email, name="Tom"
    )
    ticket = open_ticket(request, by=people.acting(cast.tom), at=NOW - timedelta(hours=1))
    close(ticket, cast, minutes=30)
    return ticket


def close(ticket: Ticket, cast: Any, *, minutes: int, reason: str = "resolved") -> None:
    at = NOW - timedelta(minutes=minutes)
    closure.close(ticket, reason=reason, text="Mended.", by=people.acting(cast.mara), at=at)


def asked(ticket: Ticket) -> list[str]:
    """The links of letters that ask how it went: the first in each."""
    while announce_pending(NOW):
        pass
    letters = Delivery.objects.filter(ticket=ticket, channel="email", text__contains="how did it go")
    return [re.findall(r"https?://\S+?(/r/\S+)", one.text)[0] for one in letters]


def signed_in(who: Contact) -> Client:
    client = Client()
    client.force_login(who.user)  # type: ignore[arg-type]
    return client


def test_the_closing_mail_asks_and_one_click_answers(solved: Ticket) -> None:
    link = asked(solved)[0]
    page = Client().get(link)
    assert b"How did it go" in page.content
    assert satisfaction.answer(solved) is None
    done = Client().post(link, {"score": "5", "words": "Quick and kind."})
    assert done.status_code == 200
    answer = satisfaction.answer(solved)
    assert answer is not None
    assert (answer.after["score"], answer.text.detail["words"]) == (5, "Quick and kind.")


def test_the_first_answer_stands(solved: Ticket) -> None:
    link = asked(solved)[0]
    assert Client().post(link, {"score": "5"}).status_code == 200
    again = Client().post(link, {"score": "1"})
    assert again.status_code == 422
    assert "has been given already" in again.content.decode()
    assert Event.objects.filter(ticket=solved, kind="rated").count() == 1


def test_it_is_asked_once_however_often_the_request_closes(cast: Any, solved: Ticket) -> None:
    assert len(set(asked(solved))) == 1
    closure.reopen(
        solved, said=None, by=people.acting(cast.mara), at=NOW - timedelta(minutes=20), reason="early"
    )
    close(solved, cast, minutes=10)
    assert len(asked(solved)) == 1


def test_nobody_is_asked_about_a_duplicate(cast: Any, solved: Ticket) -> None:
    closure.reopen(
        solved, said=None, by=people.acting(cast.mara), at=NOW - timedelta(minutes=20), reason="early"
    )
    close(solved, cast, minutes=10, reason="duplicate")
    assert not satisfaction.may_answer(solved, at=NOW)


def test_the_portal_asks_whoever_raised_it_and_nobody_else(cast: Any, solved: Ticket) -> None:
    address = f"/requests/{solved.pk}"
    assert b"How did it go" in signed_in(cast.tom).get(address).content
    assert b"How did it go" not in signed_in(cast.priya).get(address).content
    assert signed_in(cast.priya).post(f"{address}/rating", {"score": "1"}).status_code == 404
    assert signed_in(cast.edgar).post(f"{address}/rating", {"score": "1"}).status_code == 404
    answered = signed_in(cast.tom).post(f"{address}/rating", {"score": "2"}, follow=True)
    assert "Thank you" in answered.content.decode()
    assert "2 of 5" in answered.content.decode()
    assert b"How did it go" not in signed_in(cast.tom).get(address).content


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "²", "x" * 300])
def test_what_is_no_answer_is_refused(cast: Any, solved: Ticket, score: str) -> None:
    response = signed_in(cast.tom).post(f"/requests/{solved.pk}/rating", {"score": score})
    assert response.status_code == 422
    assert "must be 1 to 5" in response.content.decode()
    assert satisfaction.answer(solved) is None
