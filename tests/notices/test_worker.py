"""The worker as it runs: several at once, beside a relay that hangs and a database that goes away."""

import mailbox
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.db import connection

from cast import acting
from mainstay.notices import announce, answers, email, worker
from mainstay.notices.models import Delivery
from mainstay.notices.sending import send_due
from mainstay.tickets import resolution
from mainstay.tickets.acknowledgement import open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Outbox
from notices.smtp import Server, hanging, serving


@pytest.fixture
def desk(live_db, cast):
    from notices.conftest import Desk

    return Desk(cast)


def waiting_tickets(desk, count):
    """Tickets whose events nobody has announced yet."""
    from mainstay.tickets.acknowledgement import Request

    priya = desk.cast.priya
    for number in range(count):
        said = desk.mail(message_id=f"<{number}@harbourline.example>", address=priya.email)
        request = Request(
            f"Printer {number}", said, customer=priya.customer, contact=priya, address=priya.email
        )
        ticket = open_ticket(request, by=acting(priya), at=desk.now)
        resolution.reply(
            ticket, said=Said("Off and on", "desk"), by=acting(desk.cast.mara), at=desk.later(seconds=1)
        )


def in_parallel(work, times):
    def run():
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def until(true, within=15.0):
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_several_announcers_and_senders_make_and_send_each_mail_once_and_in_order(desk):
    waiting_tickets(desk, 8)

    def announce_all():
        while Outbox.objects.exists():
            announce.announce_pending(desk.now)

    in_parallel(announce_all, 3)
    mails = Delivery.objects.filter(contact=desk.cast.priya, channel="email")
    assert mails.filter(template="acknowledgement").count() == mails.filter(template="answer").count() == 8
    server = Server()
    with serving(server) as port:

        def send_all():
            relay = email.Relay(f"smtp://127.0.0.1:{port}", timeout=5)
            while Delivery.objects.filter(state="pending").exists():
                send_due(desk.now, relay)
            relay.close()

        in_parallel(send_all, 3)
    sent = [one["Message-ID"] for one in server.got]
    assert len(sent) == len(set(sent)) == Delivery.objects.filter(channel="email").count()
    for ack, answer in zip(
        mails.filter(template="acknowledgement").order_by("ticket"),
        mails.filter(template="answer").order_by("ticket"),
        strict=True,
    ):
        assert sent.index(ack.message_id) < sent.index(answer.message_id)


@pytest.fixture
def run(environ):
    """Starts `mainstay worker`; stopped with the test."""
    running = []

    def start(**more):
        env = environ | more
        process = subprocess.Popen(
            [sys.executable, "-m", "mainstay", "worker"], env=env, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def stopped_within(process, seconds):
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    status = process.wait(10)
    assert time.monotonic() - begun < seconds
    return status


def sent():
    return Delivery.objects.filter(channel="email", state="sent").count()


def test_the_worker_announces_and_sends_outlives_its_database_and_stops_at_once(desk, run, environ, live_db):
    waiting_tickets(desk, 2)
    process = run()
    until(lambda: sent() == 6)  # Owen's notice, the acknowledgement and the answer of each
    with psycopg.connect(live_db.superuser, autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid not in"
            " (pg_backend_pid(), %s)",
            [live_db.name, connection.connection.info.backend_pid],
        )
    waiting_tickets(desk, 1)
    until(lambda: sent() == 9)
    assert stopped_within(process, 2.0) == 0
    assert "database is away" in process.stderr.read()
    outbox = mailbox.Maildir(f"{environ['MAINSTAY_DATA']}/outbox")
    assert len(outbox) == len({mail["Message-ID"] for mail in outbox}) == 9


def test_a_relay_that_hangs_stops_neither_announcing_nor_the_end(desk, run):
    with hanging() as port:
        waiting_tickets(desk, 1)
        process = run(MAINSTAY_RELAY=f"smtp://127.0.0.1:{port}")
        until(lambda: not Outbox.objects.exists())
        waiting_tickets(desk, 1)
        until(lambda: not Outbox.objects.exists())
        assert sent() == 0
        stopped_within(process, 2.5)
    assert Delivery.objects.filter(state="pending").count() == 6


def test_an_absent_relay_is_asked_again_after_longer_and_longer(desk, monkeypatch):
    class Nobody:
        def send(self, delivery, message):
            raise answers.Away("nobody is there")

        def close(self):
            pass

    waited = []
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", waited.append)
    waiting_tickets(desk, 1)
    desk.announce()
    sender = worker.Sender(stop, Nobody())
    for _ in range(9):
        sender.step()
    assert waited == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
