"""A person's rights are those of today: in the portal from when they take part, by a link while they do."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import acting
from mainstay.accounts.actor import Actor
from mainstay.notices import links
from mainstay.tickets import closure, resolution
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Attachment, Event, Message, Participant, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Any) -> Ticket:
    """Priya's, by mail."""
    request = Request(
        "Badges refused",
        Said("The first words.", "email", attachments=(Upload("door.txt", "text/plain", b"open"),)),
        customer=cast.harbourline,
        contact=cast.priya,
        address=cast.priya.email,
        name=cast.priya.name,
    )
    return open_ticket(request, by=acting(cast.priya), at=timezone.now())


def client_of(contact: Any) -> Client:
    client = Client()
    client.force_login(contact.user)
    return client


def offered(ticket: Ticket, cast: Any) -> int:
    """The event of a proposed solution."""
    event = resolution.propose_solution(ticket, text="Renew it.", by=acting(cast.mara), at=timezone.now())
    return int(event.seq)


def pressed(action: Any, ticket: Ticket, **who: Any) -> int:
    url = links.make(action, ticket, **who)
    return Client().post("/r/" + url.rpartition("/r/")[2]).status_code


# ---- history


def test_whoever_is_copied_in_later_reads_from_then_on_and_no_history(ticket: Ticket, cast: Any) -> None:
    resolution.reply(ticket, said=Said("Said before.", "desk"), by=acting(cast.mara), at=timezone.now())
    Message.objects.update(at="2026-01-01T08:00:00Z")
    Ticket.objects.update(opened_at="2026-01-01T08:00:00Z")
    Participant.objects.create(
        ticket=ticket, contact=cast.tom, address=cast.tom.email, since="2026-01-02T08:00:00Z"
    )
    resolution.reply(ticket, said=Said("Said after.", "desk"), by=acting(cast.mara), at=timezone.now())
    page = client_of(cast.tom).get(f"/requests/{ticket.pk}").content.decode()
    assert "Said after." in page
    assert "Said before." not in page
    assert "The first words." not in page
    file = Attachment.objects.get()
    assert client_of(cast.tom).get(f"/files/{file.pk}").status_code == 404
    assert client_of(cast.priya).get(f"/files/{file.pk}").status_code == 200
    assert "The first words." in client_of(cast.priya).get(f"/requests/{ticket.pk}").content.decode()


def test_whoever_was_copied_in_from_the_start_reads_it_all(ticket: Ticket, cast: Any) -> None:
    Participant.objects.create(
        ticket=ticket, contact=cast.tom, address=cast.tom.email, since=ticket.opened_at
    )
    assert "The first words." in client_of(cast.tom).get(f"/requests/{ticket.pk}").content.decode()


def test_a_long_conversation_is_read_to_its_beginning__lesson_36(ticket: Ticket, cast: Any) -> None:
    for number in range(120):
        Message.objects.create(
            ticket=ticket,
            at=timezone.now(),
            kind="out",
            channel="desk",
            author_name="Mara",
            text=f"No {number}.",
        )
    priya = client_of(cast.priya)
    page = priya.get(f"/requests/{ticket.pk}").content.decode()
    assert "No 119." in page
    assert "The first words." not in page
    earlier = page.split('href="?before=')[1].split('"')[0]
    page = priya.get(f"/requests/{ticket.pk}?before={earlier}").content.decode()
    assert "The first words." in page
    assert "No 19." in page
    assert "No 119." not in page
    assert "Earlier messages" not in page


# ---- links


def test_the_link_of_an_earlier_offer_answers_no_later_one(ticket: Ticket, cast: Any) -> None:
    old = offered(ticket, cast)
    closure.refuse(ticket, text="", by=acting(cast.priya), at=timezone.now())
    new = offered(ticket, cast)
    assert pressed("accept", ticket, contact_id=cast.priya.pk, seq=old) == 422
    assert pressed("refuse", ticket, contact_id=cast.priya.pk, seq=old) == 422
    ticket.refresh_from_db()
    assert ticket.state == "solution_proposed"
    assert pressed("accept", ticket, contact_id=cast.priya.pk, seq=new) == 200


def test_the_link_of_a_reminder_answers_the_offer_it_reminds_of(ticket: Ticket, cast: Any) -> None:
    offered(ticket, cast)
    event = closure.remind(ticket, at=timezone.now())
    assert event is not None
    assert pressed("accept", ticket, contact_id=cast.priya.pk, seq=event.seq) == 200


@pytest.mark.parametrize("why", ["access has ended", "takes no part", "nobody's address", "not yet approved"])
def test_a_link_works_only_for_whoever_still_takes_part(ticket: Ticket, cast: Any, why: str) -> None:
    seq = offered(ticket, cast)
    if why == "access has ended":
        cast.priya.user.is_active = False
        cast.priya.user.save()
        who: dict[str, Any] = {"contact_id": cast.priya.pk}
    elif why == "takes no part":
        who = {"contact_id": cast.tom.pk}
    else:
        who = {"address": "cc@elsewhere.example"}
    if why == "not yet approved":
        Participant.objects.create(
            ticket=ticket, address="cc@elsewhere.example", since=timezone.now(), accepted=False
        )
    assert pressed("accept", ticket, seq=seq, **who) == 422
    ticket.refresh_from_db()
    assert ticket.state == "solution_proposed"


def test_who_accepts_by_link_is_named_and_not_the_requester(ticket: Ticket, cast: Any) -> None:
    seq = offered(ticket, cast)
    Participant.objects.create(
        ticket=ticket, address="cc@elsewhere.example", name="Carl Carrier", since=timezone.now()
    )
    assert pressed("accept", ticket, seq=seq, address="cc@elsewhere.example") == 200
    assert Event.objects.get(ticket=ticket, kind="closed").text.by_name == "Carl Carrier"


# ---- twice


def test_a_reply_sent_twice_is_one_message(ticket: Ticket, cast: Any) -> None:
    priya = client_of(cast.priya)
    for _ in range(2):
        assert priya.post(f"/requests/{ticket.pk}/replies", {"text": "And now?"}).status_code == 302
    assert Message.objects.filter(ticket=ticket, text="And now?").count() == 1


def test_a_reply_after_the_window_sent_twice_is_one_follow_up(ticket: Ticket, cast: Any) -> None:
    closure.close_by_customer(ticket, text="", by=Actor.contact(cast.priya.pk, "Priya"), at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(closed_at="2026-01-01T00:00:00Z")
    priya = client_of(cast.priya)
    for _ in range(2):
        said = priya.post(f"/requests/{ticket.pk}/replies", {"text": "Again."})
    follow = Ticket.objects.get(follows=ticket)
    assert said.headers["Location"] == f"/requests/{follow.pk}"


def test_two_posts_of_one_form_at_once_raise_one_request(cast: Any) -> None:
    given = {
        "category": "technical",
        "subject": "Badges refused",
        "description": "Since 10:47.",
        "form_key": "k1",
    }
    one, other = client_of(cast.priya), client_of(cast.priya)  # neither session knows of the other's post
    assert one.post("/requests/new", given).status_code == 302
    assert other.post("/requests/new", given).status_code == 302
    assert Ticket.objects.count() == 1


def test_without_the_key_of_a_form_another_request_is_another(cast: Any) -> None:
    priya = client_of(cast.priya)
    for subject in ("Badges refused", "Doors stay open"):
        priya.post(
            "/requests/new", {"category": "technical", "subject": subject, "description": "Since 10:47."}
        )
    assert Ticket.objects.count() == 2
