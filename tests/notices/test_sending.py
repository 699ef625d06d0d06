"""Relays come and go; mails leave once, in order, and nothing is lost."""

import logging
import mailbox
import time
from datetime import timedelta

import pytest

from cast import acting
from mainstay.accounts.actor import Actor
from mainstay.config.env import env
from mainstay.errors import Refused
from mainstay.notices import answers as said_so
from mainstay.notices import deliveries, email
from mainstay.notices import sign_in as sign_in_mail
from mainstay.notices.models import Delivery
from mainstay.notices.sending import send_due
from mainstay.tickets import closure, dispatch, resolution
from mainstay.tickets.messages import Said
from notices.smtp import Server, free_port, hanging, serving

PRIYA = "priya@harbourline.example"


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def relay(server):
    with serving(server) as port:
        relay = email.Relay(f"smtp://127.0.0.1:{port}", timeout=5)
        yield relay
        relay.close()


@pytest.fixture
def answers(desk):
    """One ticket with three answers, to Priya alone."""

    def make(count=3):
        ticket = desk.opens()
        Delivery.objects.all().delete()
        for number in range(count):
            resolution.reply(
                ticket,
                said=Said(f"Answer {number}", "desk"),
                by=acting(desk.cast.mara),
                at=desk.later(seconds=1),
            )
        desk.announce()
        return ticket

    return make


def bodies(server):
    return [
        one.get_payload()[0].get_payload(decode=True).decode().split("Answer ")[1][0] for one in server.got
    ]


def pending():
    return Delivery.objects.filter(channel="email", state="pending").count()


def test_mails_leave_in_order_each_to_one_person_with_a_sender_that_bounces_come_back_to(
    desk, answers, server, relay
):
    answers()
    assert send_due(desk.now, relay) == 1  # the next one only once the one before has left
    while send_due(desk.now, relay):
        pass
    assert bodies(server) == ["0", "1", "2"]
    assert server.to == [PRIYA] * 3
    assert all(sender.startswith("support+1-") for sender in server.sender)
    assert pending() == 0


def test_a_relay_that_is_down_costs_time_and_nothing_else(desk, answers, server):
    answers()
    port = free_port()
    away = email.Relay(f"smtp://127.0.0.1:{port}", timeout=2)
    for _ in range(5):
        with pytest.raises(said_so.Away):
            send_due(desk.later(hours=6), away)
    assert deliveries.backlog(desk.now).late
    assert "cannot be reached" in deliveries.backlog(desk.now).error
    with serving(server, port):
        while send_due(desk.now, away):
            pass
        away.close()
    assert bodies(server) == ["0", "1", "2"]
    assert deliveries.backlog(desk.now).pending == 0


def test_a_relay_that_never_speaks_is_given_up_on(desk, answers):
    answers(1)
    with hanging() as port:
        begun = time.monotonic()
        with pytest.raises(said_so.Away):
            send_due(desk.now, email.Relay(f"smtp://127.0.0.1:{port}", timeout=0.3))
        assert time.monotonic() - begun < 3
    assert pending() == 1


def test_not_now_is_tried_again_and_keeps_the_order(desk, answers, server, relay):
    answers()
    server.answers = ["451 greylisted"]
    while send_due(desk.now, relay):
        pass
    assert server.got == []
    assert pending() == 3
    desk.later(seconds=61)
    while send_due(desk.now, relay):
        pass
    assert bodies(server) == ["0", "1", "2"]


def test_one_persons_trouble_does_not_hold_up_the_others(desk, answers, server, relay):
    answers(1)
    other = desk.opens(desk.cast.aiko)
    server.answers = ["rcpt 450 mailbox full"]
    while send_due(desk.now, relay):
        pass
    assert desk.letter(other, "acknowledgement").state == "sent"
    assert Delivery.objects.get(template="answer").error == "450 mailbox full"


def test_a_refusal_for_good_is_told_to_whoever_works_on_the_ticket(desk, server, relay):
    ticket = desk.opens()
    dispatch.assign(ticket, to=desk.cast.mara, by=acting(desk.cast.ifeoma), at=desk.later(minutes=1))
    desk.announce()
    Delivery.objects.exclude(template="dispatched", recipient=PRIYA).update(state="sent")
    server.answers = ["rcpt 550 no such user"]
    send_due(desk.now, relay)
    failed = desk.letter(ticket, "dispatched", PRIYA)
    assert (failed.state, failed.error) == ("failed", "550 no such user")
    assert desk.heard(ticket, "delivery_failed") == {"mara": {"desk"}}
    assert "no such user" in deliveries.unseen(desk.cast.mara)[0].text
    deliveries.retry(failed, by=acting(desk.cast.mara), at=desk.now)
    while send_due(desk.now, relay):
        pass
    assert desk.letter(ticket, "dispatched", PRIYA).state == "sent"


def test_after_three_days_of_not_now_it_is_given_up_and_said(desk, answers, server, relay):
    ticket = answers(1)
    for _ in range(12):
        server.answers = ["451 not now"]
        send_due(desk.later(hours=7), relay)
    assert desk.letter(ticket, "answer").state == "failed"
    assert "given up" in desk.letter(ticket, "answer").error


def test_taken_and_cut_off_before_the_answer_is_sent_again_under_the_same_id(desk, answers, server, relay):
    answers(2)
    server.answers = ["take and reset"]
    while send_due(desk.now, relay):
        pass
    desk.later(seconds=61)
    while send_due(desk.now, relay):
        pass
    assert bodies(server) == ["0", "0", "1"]
    assert server.ids[0] == server.ids[1]
    assert len(set(server.ids)) == 2


def test_taken_and_then_cut_off_is_sent_once(desk, answers, server, relay):
    answers(2)
    send_due(desk.now, relay)
    relay._smtp.sock.close()  # the connection dies between two mails
    while send_due(desk.now, relay):
        pass
    assert bodies(server) == ["0", "1"]


def test_a_relay_that_refuses_us_altogether_fails_no_mail(desk, answers, server, relay):
    answers()
    server.answers = ["421 closing"]
    with pytest.raises(said_so.Away):
        send_due(desk.now, relay)
    assert pending() == 3
    assert Delivery.objects.filter(state="failed").count() == 0


def test_the_urgent_goes_first(desk, answers, server, relay):
    answers(1)
    ticket = desk.opens(desk.cast.aiko, emergency=("says production is down",))
    numbers = [one.template for one in Delivery.objects.filter(state="pending").order_by("id")]
    assert numbers[0] == "answer"
    while send_due(desk.now, relay):
        pass
    first = server.got[0]
    assert f"[#{ticket.pk}] This looks like an emergency" in str(first["Subject"])


def test_an_address_that_cannot_be_written_to_fails_and_holds_up_nothing(desk, server, relay):
    desk.stranger("x@far..example")
    desk.opens()
    while send_due(desk.now, relay):
        pass
    assert Delivery.objects.get(recipient="x@far..example").state == "failed"
    assert pending() == 0


def test_without_a_relay_mail_lies_in_a_maildir_once(desk, answers, tmp_path):
    answers()
    folder = email.Maildir(tmp_path / "outbox")
    while send_due(desk.now, folder):
        pass
    one = Delivery.objects.filter(state="sent").first()
    folder.send(one, email.build(one, desk.now))
    kept = mailbox.Maildir(tmp_path / "outbox")
    assert sorted(str(mail["Message-ID"]) for mail in kept) == sorted(
        Delivery.objects.filter(template="answer").values_list("message_id", flat=True)
    )
    assert not list((tmp_path / "outbox" / "tmp").iterdir())


def test_a_maildir_that_cannot_be_written_is_a_relay_that_is_away(desk, answers, tmp_path):
    answers(1)
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(said_so.Away, match="cannot be written"):
        send_due(desk.now, email.Maildir(tmp_path / "outbox"))
    assert pending() == 1


def test_the_settings_choose_the_way_out(monkeypatch):
    assert isinstance(email.transport(), email.Maildir)
    monkeypatch.setenv("MAINSTAY_RELAY", "smtp://127.0.0.1:2")
    env.cache_clear()
    assert isinstance(email.transport(), email.Relay)
    monkeypatch.undo()
    env.cache_clear()


def test_a_sign_in_link_has_no_ticket_and_goes_out_all_the_same(desk, server, relay):
    sign_in_mail.send_link(desk.cast.priya.user, "http://127.0.0.1:8000/sign-in/x", at=desk.now)
    assert send_due(desk.now, relay) == 1
    plain, _ = server.got[0].get_payload()
    assert "sign-in/x" in plain.get_payload()
    assert server.ids[0].startswith("<d.")


# ---- as pages ask


def test_a_person_sees_their_own_notices_until_they_have_seen_them(desk):
    desk.opens()
    mine = list(deliveries.unseen(desk.cast.ifeoma))
    assert [one.template for one in mine] == ["received"]
    assert deliveries.mark_seen(desk.cast.mara, [mine[0].pk], desk.now) == 0
    assert deliveries.unseen_count(desk.cast.ifeoma) == 1
    assert deliveries.mark_seen(desk.cast.ifeoma, [mine[0].pk], desk.now) == 1
    assert deliveries.unseen_count(desk.cast.ifeoma) == 0


def test_what_was_sent_is_not_sent_again_by_hand(desk, answers, relay):
    answers(1)
    send_due(desk.now, relay)
    with pytest.raises(Refused, match="is sent"):
        deliveries.retry(Delivery.objects.get(template="answer"), by=Actor.system(), at=desk.now)


def test_the_outbox_is_paged_from_the_newest(desk, answers):
    answers(3)
    first = deliveries.outbox_page(most=2)
    rest = deliveries.outbox_page(first[-1].pk, most=2)
    assert [one.pk for one in (*first, *rest)] == sorted((one.pk for one in (*first, *rest)), reverse=True)
    assert len(rest) == 1


def test_an_event_that_cannot_be_announced_is_tried_three_times_and_holds_up_nothing(
    desk, monkeypatch, caplog
):
    from mainstay.notices import letters

    def broken(story, to):
        raise ValueError("no words")

    caplog.set_level(logging.CRITICAL)
    monkeypatch.setitem(letters.LETTERS, "acknowledgement", broken)
    ticket = desk.opens()
    assert desk.heard(ticket, "received") == {"ifeoma": {"desk"}, "owen": {"desk", "email"}}
    assert desk.heard(ticket, "acknowledged") == {}
    closure.close(ticket, reason="resolved", text="Done", by=acting(desk.cast.mara), at=desk.now)
    assert desk.heard(ticket, "closed") == {"priya": {"email"}}
    for _ in range(4):
        desk.later(minutes=2)
        desk.announce()
    assert deliveries.backlog(desk.now).unannounced == 1
    desk.now += timedelta(days=1)
    desk.announce()
    assert desk.heard(ticket, "acknowledged") == {}
