"""Mail in, mail out, and what comes back of it: the letters and the intake that reads the answers to them."""

from email.message import EmailMessage

import pytest

from cast import acting
from mainstay.config.env import env
from mainstay.intake.email.accept import accept
from mainstay.intake.email.handle import handle_new
from mainstay.intake.models import Mail
from mainstay.notices import email
from mainstay.notices.models import Delivery
from mainstay.tickets import dispatch, resolution
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Message, Ticket

PRIYA, MARA, OWEN = "priya@harbourline.example", "mara@vendor.example", "owen@vendor.example"


@pytest.fixture(autouse=True)
def trusted(monkeypatch):
    monkeypatch.setenv("MAINSTAY_AUTHSERV_ID", "mx.vendor.example")
    env.cache_clear()
    yield
    monkeypatch.undo()
    env.cache_clear()


@pytest.fixture
def arrives(desk):
    """A mail arrives, is handled, and what follows is announced."""

    def arrive(sender, text, *, answers=None, subject="Sync stops", raw=None, proven=True):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = sender, subject
        mail["To"] = answers.reply_to if answers and answers.reply_to else "support@vendor.example"
        mail["Message-ID"] = f"<{Mail.objects.count()}@client.example>"
        if answers:
            mail["In-Reply-To"] = answers.message_id
        mail.set_content(text)
        domain = sender.rpartition("@")[2]
        word = (
            f"Authentication-Results: mx.vendor.example; dmarc=pass header.from={domain}\r\n"
            if proven
            else ""
        )
        accept(
            raw or word.encode() + mail.as_bytes(),
            source="smtp",
            at=desk.later(minutes=1),
            envelope_from=sender,
            recipients=[str(mail["To"])],
        )
        while handle_new(desk.now):
            pass
        desk.announce()

    return arrive


def test_a_request_its_answer_and_the_answer_to_that_are_one_thread(desk, arrives):
    arrives(PRIYA, "It does not start.")
    ticket = Ticket.objects.get()
    ack = desk.letter(ticket, "acknowledgement")
    assert (ack.recipient, ack.subject) == (PRIYA, f"Re: Sync stops [#{ticket.pk}]")
    assert ack.references == ["<0@client.example>"]
    dispatch.assign(ticket, to=desk.cast.mara, by=acting(desk.cast.ifeoma), at=desk.later(minutes=1))
    arrives(PRIYA, "It is version 7.1.", answers=ack)
    told = desk.letter(ticket, "customer_replied", MARA)
    assert "It is version 7.1." in told.text
    arrives(MARA, "Please restart it.", answers=told)
    answer = desk.letter(ticket, "answer")
    assert (answer.recipient, answer.automatic) == (PRIYA, "")
    assert "Please restart it." in answer.text
    assert Ticket.objects.count() == 1
    assert ticket.events.filter(kind="staff_replied").get().by_id == desk.cast.mara.pk


def test_a_tam_escalates_by_answering_the_notice(desk, arrives):
    arrives(PRIYA, "It does not start.")
    ticket = Ticket.objects.get()
    arrives(
        OWEN, "ESCALATE: wards stand still\n\n> their words", answers=desk.letter(ticket, "received", OWEN)
    )
    ticket.refresh_from_db()
    assert ticket.severity == 1
    assert desk.heard(ticket, "escalated")["ifeoma"] == {"desk", "email"}


def test_our_own_mail_that_comes_back_is_neither_a_ticket_nor_answered__attack_16(
    desk, arrives
):  # ATTACKS 16
    arrives(PRIYA, "It does not start.")
    ack = desk.letter(Ticket.objects.get(), "acknowledgement")
    before = Delivery.objects.count()
    arrives(PRIYA, "", raw=email.build(ack, desk.now).as_bytes())
    assert Ticket.objects.count() == 1
    assert Delivery.objects.count() == before


def test_an_absence_note_to_our_answer_is_not_answered(desk, arrives):  # ATTACKS 15, 17
    arrives(PRIYA, "It does not start.")
    ticket = Ticket.objects.get()
    note = EmailMessage()
    note["From"], note["To"], note["Subject"] = PRIYA, "support@vendor.example", "Automatic reply: away"
    note["Auto-Submitted"], note["In-Reply-To"] = (
        "auto-replied",
        desk.letter(ticket, "acknowledgement").message_id,
    )
    note["Message-ID"] = "<away@client.example>"
    note.set_content("I am away.")
    mails = Delivery.objects.filter(channel="email").count()
    arrives(PRIYA, "", raw=note.as_bytes())
    assert Ticket.objects.count() == 1
    assert Delivery.objects.filter(channel="email").count() == mails


def test_an_internal_note_stays_inside_through_mail_and_back__attack_37(desk, arrives):  # ATTACKS 37
    arrives(PRIYA, "It does not start.")
    ticket = Ticket.objects.get()
    resolution.note(
        ticket, said=Said("SECRETNOTE", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    resolution.reply(
        ticket, said=Said("Try this.", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    arrives(PRIYA, "Thank you, and now?", answers=desk.letter(ticket, "answer"))
    assert Message.objects.filter(kind="in").count() == 2
    for delivery in Delivery.objects.filter(channel="email"):
        assert b"SECRETNOTE" not in email.build(delivery, desk.now).as_bytes()
        assert "SECRETNOTE" not in delivery.text + delivery.html + delivery.subject
