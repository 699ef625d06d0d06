"""Merging, taking apart and splitting on the pages of the desk and of the portal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cast import NOW, Cast, acting
from mainstay.notices import announce
from mainstay.notices.models import Delivery
from mainstay.tickets import resolution
from mainstay.tickets.messages import Said
from mainstay.tickets.models import CommonCause, Ticket


def told(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return str(answer.headers["Location"])


def test_a_merged_ticket_is_read_in_the_one_it_is_part_of_with_its_origin(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    stays, goes = asks(), asks(cast.tom, subject="Badges again", text="The third ward, too.")
    mara, at = as_(cast.mara), f"/desk/tickets/{goes.pk}"
    assert mara.get(f"{at}?do=merging&with={stays.pk}").content.decode().count(f'value="{stays.pk}"')
    told(mara.post(f"{at}/merge", {"other": str(stays.pk), "reason": "One fault."}))
    page = mara.get(f"/desk/tickets/{stays.pk}").content.decode()
    assert "The third ward, too." in page
    assert f'said on <a href="{at}">{goes.pk}</a>' in page
    assert f"merged {goes.pk} in: Badges again" in page
    old = mara.get(at).content.decode()
    assert f'merged into <a href="/desk/tickets/{stays.pk}">' in old
    assert "forms/reopening" not in old
    announce.announce_pending(NOW)
    letter = Delivery.objects.filter(ticket=goes, template="closed", recipient=cast.tom.email).get()
    assert f"The other request: {stays.pk}" in letter.text
    told(mara.post(f"{at}/merge/undoing"))
    assert "The third ward, too." not in mara.get(f"/desk/tickets/{stays.pk}").content.decode()
    assert "forms/closure" in mara.get(at).content.decode()


def test_what_a_customer_says_on_a_merged_request_lands_in_the_other__lesson_28(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    stays, goes = asks(), asks(cast.tom, subject="Badges again")
    told(as_(cast.mara).post(f"/desk/tickets/{goes.pk}/merge", {"other": str(stays.pk), "reason": "x"}))
    page = as_(cast.tom).get(f"/requests/{goes.pk}").content.decode()
    assert f"Joined with request {stays.pk}" in page
    answer = as_(cast.tom).post(f"/requests/{goes.pk}/replies", {"text": "And the fourth."})
    assert answer["Location"] == f"/requests/{stays.pk}"
    assert stays.messages.latest("pk").text == "And the fourth."
    goes.refresh_from_db()
    assert goes.state == "closed"
    reopened = as_(cast.tom).post(f"/requests/{goes.pk}/reopening")
    assert goes.pk
    goes.refresh_from_db()
    assert goes.state == "closed", reopened.status_code


def test_a_merge_across_customers_is_refused_and_says_no_more_than_that__attack_46(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    mine, theirs = asks(), asks(cast.edgar, subject="Their secret")
    answer = as_(cast.mara).post(f"/desk/tickets/{mine.pk}/merge", {"other": str(theirs.pk), "reason": "x"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"there is no other ticket {theirs.pk} of this customer" in page
    assert "Their secret" not in page


def test_words_are_split_off_into_a_ticket_of_their_own(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    ticket = asks()
    resolution.customer_replied(
        ticket, said=Said("And the printers?", "email"), by=acting(cast.tom), at=NOW - timedelta(minutes=1)
    )
    mara, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    form = mara.get(f"{at}/forms/splitting").content.decode()
    assert "And the printers?" in form
    number = str(ticket.messages.get(text="And the printers?").pk)
    refused = mara.post(f"{at}/split", {"messages": number, "subject": "Printers", "reason": ""})
    assert refused.status_code == 422
    assert f'value="{number}" checked' in refused.content.decode()
    assert (
        mara.post(f"{at}/split", {"messages": "9" * 5000, "subject": "x", "reason": "x"}).status_code == 422
    )
    told(mara.post(f"{at}/split", {"messages": number, "subject": "Printers", "reason": "Another."}))
    made = Ticket.objects.get(subject="Printers")
    assert f"split {made.pk} off" in mara.get(at).content.decode()
    assert f"goes on as request {made.pk}" in as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()


def test_a_common_cause_is_named_once_and_chosen_again(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    one, other = asks(), asks(cast.edgar)
    mara = as_(cast.mara)
    told(mara.post(f"/desk/tickets/{one.pk}/common-cause", {"title": "Expired certificate"}))
    cause = CommonCause.objects.get()
    assert "Expired certificate" in mara.get(f"/desk/tickets/{other.pk}/forms/common").content.decode()
    told(mara.post(f"/desk/tickets/{other.pk}/common-cause", {"cause": str(cause.pk)}))
    assert "common cause: Expired certificate" in mara.get(f"/desk/tickets/{other.pk}").content.decode()
    assert "Expired certificate" not in as_(cast.edgar).get(f"/requests/{other.pk}").content.decode()
    told(mara.post(f"/desk/tickets/{other.pk}/common-cause", {"remove": "1"}))
    assert cause.tickets.count() == 1
