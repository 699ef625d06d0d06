"""What people decide about mail that waits: one click, recorded, taken back, nothing deleted."""

import pytest

from mainstay.errors import Refused
from mainstay.intake.email import hold
from mainstay.intake.models import Mail
from mainstay.tickets.models import Message, Participant, Ticket


@pytest.fixture
def ticket(post, cast):
    return post.opened(cast.priya.email)


@pytest.fixture
def held(post, cast, ticket):
    """Tom is of the same customer, but takes no part in Priya's ticket."""
    mail = post.send(cast.tom.email, "It is the valve.", answers=post.reference(ticket))
    assert mail.state == "held"
    return mail


def test_what_waits_is_counted_with_the_oldest(post, held):
    waiting = hold.waiting_for_a_person()
    assert (waiting.held, waiting.quarantine, waiting.total) == (1, 0, 1)
    assert waiting.oldest == held.received_at


def test_a_colleague_is_let_in_with_one_click_and_stays(post, cast, ticket, held):
    hold.release_to_ticket(held, by=cast.mara, at=post.at)
    assert (held.state, held.outcome, held.ticket) == ("done", "reply", ticket)
    assert (held.decided_by, held.decided_at) == (cast.mara, post.at)
    assert Message.objects.filter(ticket=ticket).last().text == "It is the valve."
    assert post.send(cast.tom.email, "Solved?", answers=post.reference(ticket)).outcome == "reply"
    assert hold.waiting_for_a_person().total == 0


def test_a_stranger_let_in_once_is_no_participant(post, cast, ticket):
    mail = post.send("eve@evil.example", "Hi.", answers=post.reference(ticket))
    hold.release_to_ticket(mail, by=cast.mara, at=post.at)
    assert Message.objects.filter(ticket=ticket).count() == 2
    assert not Participant.objects.filter(address="eve@evil.example").exists()
    assert post.send("eve@evil.example", "Again.", answers=post.reference(ticket)).state == "held"


def test_somebody_awaiting_approval_is_approved_by_letting_the_mail_in(post, cast, ticket):
    post.send(cast.priya.email, "Edgar helps.", cc=cast.edgar.email, answers=post.reference(ticket))
    mail = post.send(cast.edgar.email, "Hello.", answers=post.reference(ticket))
    hold.release_to_ticket(mail, by=cast.mara, at=post.at)
    assert Participant.objects.get(ticket=ticket, address=cast.edgar.email).accepted


def test_words_of_staff_that_were_held_come_in_as_a_note(post, cast, ticket):
    mail = post.send(cast.mara.email, "Restart.", answers=post.reference(ticket, cast.mara), auth="none")
    hold.release_to_ticket(mail, by=cast.ifeoma, at=post.at)
    assert (mail.outcome, Message.objects.filter(ticket=ticket).last().kind) == ("staff_note", "note")


def test_a_held_mail_becomes_a_ticket_of_its_own_as_received_when_it_came(post, cast, ticket, held):
    made = hold.make_ticket(held, by=cast.mara, at=post.at)
    assert made != ticket
    assert (made.customer, made.requester, made.opened_at) == (cast.harbourline, cast.tom, held.received_at)
    assert (held.state, held.ticket) == ("done", made)


def test_a_message_that_cannot_be_read_becomes_a_ticket_with_it_as_a_file(post, cast):
    mail = post.take(b"\x00\x01binary")
    made = hold.make_ticket(mail, by=cast.mara, at=post.at)
    file = Message.objects.get(ticket=made).attachments.get()
    assert (file.name, file.size) == ("message.eml", 8)


def test_noted_mail_becomes_a_ticket_that_nobody_is_answered_for(post, cast):
    mail = post.send(cast.priya.email, headers="Auto-Submitted: auto-generated")
    made = hold.make_ticket(mail, by=cast.mara, at=post.at)
    assert made.events.filter(kind="acknowledgement_withheld").exists()


@pytest.mark.parametrize(("verb", "state"), [(hold.mark_spam, "spam"), (hold.trash, "trash")])
def test_spam_and_trash_are_kept_and_taken_back(post, cast, held, verb, state):
    verb(held, by=cast.mara, at=post.at)
    assert (held.state, bytes(held.raw) != b"") == (state, True)
    hold.restore(held, by=cast.mara, at=post.at)
    assert held.state == "held"
    hold.mark_spam(held, by=cast.mara, at=post.at)
    hold.trash(held, by=cast.mara, at=post.at)
    hold.restore(held, by=cast.mara, at=post.at)
    assert held.state == "held"


def test_quarantine_is_tried_again(post, cast):
    mail = post.take(b"\x00\x01binary")
    hold.retry(mail, by=cast.mara, at=post.at)
    assert (mail.state, mail.tries) == ("new", 0)


def test_what_is_decided_is_not_decided_again(post, cast, held):
    hold.make_ticket(held, by=cast.mara, at=post.at)
    count = Ticket.objects.count()
    for verb in (
        hold.make_ticket,
        hold.release_to_ticket,
        hold.mark_spam,
        hold.trash,
        hold.restore,
        hold.retry,
    ):
        with pytest.raises(Refused, match="decided already"):
            verb(held, by=cast.mara, at=post.at)
    assert Ticket.objects.count() == count


def test_an_auditor_decides_nothing(post, cast, held):
    with pytest.raises(Refused, match="may not"):
        hold.trash(held, by=cast.dmitri, at=post.at)
    assert Mail.objects.get(pk=held.pk).state == "held"


def test_letting_in_what_the_ticket_does_not_take_is_refused_and_changes_nothing(post, cast):
    mail = post.take(b"\x00\x01binary")
    Mail.objects.filter(pk=mail.pk).update(state="held")
    with pytest.raises(Refused, match="refers to no ticket"):
        hold.release_to_ticket(mail, by=cast.mara, at=post.at)
    assert Mail.objects.get(pk=mail.pk).state == "held"


@pytest.mark.parametrize("verb", [hold.release_to_ticket, hold.make_ticket])
def test_what_a_person_lets_in_is_marked_all_the_same(post, cast, ticket, verb):
    mail = post.send(cast.priya.email, "It leaks.", answers=post.reference(ticket), auth="fail")
    assert mail.state == "held"
    verb(mail, by=cast.mara, at=post.at)
    message = Message.objects.get(ticket=mail.ticket, text="It leaks.")
    assert "sender failed authentication" in message.notes
    assert message.author_contact is None
