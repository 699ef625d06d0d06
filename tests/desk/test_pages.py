"""Every page of the desk for every role: nobody meets an error, and only those see it who may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast
from mainstay.intake.models import Mail
from mainstay.notices.models import Delivery
from mainstay.tickets.models import Attachment, Clock, Ticket

EVIL = "<script>alert(1)</script>"
RAW = f"From: Nora <nora@lapsed.example>\r\nSubject: {EVIL}\r\n\r\nHello {EVIL}\r\n".encode()


@pytest.fixture
def house(cast: Cast, asks: Callable[..., Ticket]) -> dict[str, Any]:
    """One of everything there is a page for."""
    ticket = asks(subject=EVIL, text="<img src=x onerror=alert(2)>", emergency=("no care",))
    mail = Mail.objects.create(
        key="k", received_at=NOW, source="smtp", raw=RAW, size=len(RAW), state="held", subject=EVIL,
        reason="the sender is not known", from_address="nora@lapsed.example", ticket=ticket,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        ticket=ticket, channel="email", template="acknowledgement", recipient="priya@harbourline.example",
        subject=EVIL, text="Hello", state="failed", error="550 no", created_at=NOW,
        next_try_at=NOW,
    )  # fmt: skip
    file = Attachment.objects.create(
        message=ticket.messages.get(), name="a.html", content_type="text/html", size=3, sha256="0" * 64
    )
    return {
        "ticket": ticket,
        "mail": mail,
        "delivery": delivery,
        "file": file,
        "clock": Clock.objects.filter(ticket=ticket).first(),
    }


def pages(house: dict[str, Any], cast: Cast) -> list[str]:
    number, clock = house["ticket"].pk, house["clock"]
    return [
        "/desk/", "/desk/?view=mine", "/desk/?view=nobody", "/desk/?view=grave", "/desk/?view=waiting",
        "/desk/triage",
        "/desk/?view=closed", "/desk/?q=badge", "/desk/?view=closed&q=x", "/desk/?q=%00&after=x",
        f"/desk/?after={number}",
        "/desk/now", "/desk/more", "/desk/tickets/new", f"/desk/tickets/{number}",
        f"/desk/tickets/{number}?who=1&ask=1",
        f"/desk/tickets/{number}?rule=third_party", f"/desk/tickets/{number}?before=2",
        f"/desk/tickets/{number}/why/{clock.clock}/{clock.n}", "/desk/held", "/desk/held?list=spam",
        "/desk/held?list=trash&after=9", f"/desk/held/{house['mail'].pk}", f"/desk/held/{house['mail'].pk}/source",
        "/desk/outbox", "/desk/outbox?state=failed", "/desk/outbox?state=sent", f"/desk/outbox/{house['delivery'].pk}",
        "/desk/customers", "/desk/customers?q=harb", f"/desk/customers/{cast.harbourline.code}",
        f"/desk/customers/{cast.quill.code}", f"/desk/customers/{cast.lapsed.code}", "/desk/catalogue",
        "/desk/catalogue/level/critical", "/desk/catalogue/package/high", "/desk/catalogue/policy/desk",
        f"/desk/terms/{house['ticket'].terms_id}", "/desk/people", f"/desk/people/{cast.mara.pk}",
    ]  # fmt: skip


STAFF = ("mara", "ifeoma", "hana", "owen", "lena", "ruth", "dmitri")


@pytest.mark.parametrize("name", STAFF)
def test_every_page_opens_for_every_member_of_staff(
    name: str, cast: Cast, house: Any, as_: Any, now: Any
) -> None:
    client = as_(getattr(cast, name))
    for page in pages(house, cast):
        answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)


def test_a_contact_finds_nothing_of_the_desk(cast: Cast, house: Any, as_: Any) -> None:
    client = as_(cast.priya)
    for page in pages(house, cast):
        assert client.get(page).status_code == 404, page


def test_the_signed_out_are_sent_to_sign_in(cast: Cast, house: Any, db: Any) -> None:
    for page in pages(house, cast):
        answer = Client().get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/sign-in"), page


def test_what_customers_write_is_never_markup(cast: Cast, house: Any, as_: Any, now: Any) -> None:
    client = as_(cast.ruth)
    for page in pages(house, cast):
        if page.endswith("/source"):
            continue
        said = client.get(page).content.decode()
        assert "<script>alert" not in said, page
        assert "<img src=x" not in said, page


def test_pages_carry_a_policy_that_runs_nothing_inline(cast: Cast, house: Any, as_: Any) -> None:
    for page in pages(house, cast)[:3]:
        answer = as_(cast.mara).get(page)
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
        said = answer.content.decode()
        assert " style=" not in said
        assert "<script>" not in said


def test_what_is_not_there_is_not_found(cast: Cast, as_: Any) -> None:
    client = as_(cast.mara)
    for page in (
        "/desk/tickets/999999", "/desk/tickets/999999/why/first_response/1", "/desk/held/9", "/desk/outbox/9",
        "/desk/customers/NOBODY", "/desk/catalogue/level/nothing", "/desk/catalogue/thing/critical",
        "/desk/terms/abc", "/desk/people/999999", "/desk/attachments/9", "/desk/people/" + str(cast.priya.user_id),
    ):  # fmt: skip
        assert client.get(page).status_code == 404, page


def test_the_queue_asks_as_often_for_many_tickets_as_for_few(
    cast: Cast, asks: Any, as_: Any, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = as_(cast.mara)
    asks()
    client.get("/desk/")
    asks()
    with django_assert_max_num_queries(12) as few:
        client.get("/desk/")
        asked = len(few)
    for n in range(6):
        asks(subject=f"Another {n}", at=NOW + timedelta(minutes=n))
        asks(cast.beth, subject=f"Theirs {n}")
    client.get("/desk/")
    asks(cast.beth)
    with django_assert_num_queries(asked):
        client.get("/desk/")


def test_an_unchanged_queue_answers_304(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client = as_(cast.mara)
    asks()
    first = client.get("/desk/")
    again = client.get("/desk/", headers={"If-None-Match": first["ETag"], "X-Requested-With": "poll"})
    assert (again.status_code, again.content) == (304, b"")
    asks(subject="A new one")
    changed = client.get("/desk/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "A new one" in changed.content.decode()


def test_a_number_leads_straight_to_its_ticket(cast: Cast, asks: Any, as_: Any) -> None:
    ticket = asks()
    answer = as_(cast.mara).get(f"/desk/?q=%23{ticket.pk}")
    assert answer["Location"] == f"/desk/tickets/{ticket.pk}"


def test_an_attachment_is_only_ever_a_download(cast: Cast, asks: Any, as_: Any) -> None:
    from mainstay.tickets.files import Upload

    ticket = asks(files=(Upload("evil.html", "text/html", b"<script>alert(1)</script>"),))
    file = ticket.messages.get().attachments.get()
    answer = as_(cast.mara).get(f"/desk/attachments/{file.pk}")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_what_to_know_of_a_mails_sender_stands_beside_it(as_: Any, cast: Cast, asks: Any) -> None:
    ticket = asks()
    notes = ["sender not authenticated", "asks for answers to <b>x@y</b>", "thanks"]
    ticket.messages.update(authenticated="none", notes=notes)
    page = as_(cast.mara).get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert "sender not authenticated; asks for answers to &lt;b&gt;x@y&lt;/b&gt;</p>" in page
