"""The queue of received mail: each once, whatever fails, and none in the way of another."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connections

from mainstay.intake.email import copied, handle, hold
from mainstay.intake.email.accept import accept, key_of
from mainstay.intake.models import Mail
from mainstay.tickets.models import Message, Outbox, Ticket
from mainstay.tickets.watch import now


def poison(monkeypatch: pytest.MonkeyPatch, error: BaseException, words: str = "poison") -> None:
    """Handling fails for mails whose subject has these words, after the ticket was made."""
    take_in = copied.take_in

    def failing(ticket, case, *, at):
        take_in(ticket, case, at=at)
        if words in case.message.subject:
            raise error

    monkeypatch.setattr(copied, "take_in", failing)


def test_message_ticket_events_and_done_are_one_and_the_outbox_has_the_acknowledgement(post, cast):
    ticket = post.opened(cast.priya.email)
    kinds = list(Outbox.objects.order_by("event").values_list("event__kind", flat=True))
    assert kinds == ["received", "acknowledged"]
    assert ticket.opened_at == post.at
    assert ticket.customer == cast.harbourline


def test_a_bad_mail_stops_no_other_and_goes_to_quarantine_after_three_tries(post, cast, monkeypatch):
    poison(monkeypatch, ValueError("odd \x00 thing"))
    bad = accept(post.write(cast.priya.email, subject="poison"), source="pipe", at=post.at)
    good = [accept(post.write(cast.tom.email), source="pipe", at=post.at) for _ in range(3)]
    assert handle.handle_new(post.at) == 4
    assert set(Mail.objects.filter(pk__in=good).values_list("state", flat=True)) == {"done"}
    mail = Mail.objects.get(pk=bad)
    assert (mail.state, mail.tries) == ("new", 1)
    assert "ValueError: odd  thing" in mail.reason or "ValueError: odd thing" in mail.reason
    assert handle.handle_new(post.at) == 0  # not yet
    for wait in (11, 120):
        post.at += timedelta(seconds=wait)
        assert handle.handle_new(post.at) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.ticket) == ("quarantine", 3, None)
    assert mail.from_address == cast.priya.email
    assert Ticket.objects.count() == 3
    assert hold.waiting_for_a_person().quarantine == 1
    assert bytes(mail.raw)


def test_what_is_no_mail_goes_to_quarantine_at_once_and_is_kept(post):
    for raw in (b"", b"\x00\x01\x02" * 100, b"just words"):
        mail = post.take(raw)
        assert (mail.state, bytes(mail.raw)) == ("quarantine", raw)
        assert mail.reason.startswith("not a mail")


@pytest.mark.parametrize("error", [OSError("No space left on device"), OperationalError("deadlock detected")])
def test_a_full_disk_or_a_lock_costs_no_try(post, cast, monkeypatch, error):
    poison(monkeypatch, error)
    number = accept(post.write(cast.priya.email, subject="poison"), source="pipe", at=post.at)
    for _ in range(5):
        handle.handle_new(post.at)
        post.at += timedelta(minutes=1)
    mail = Mail.objects.get(pk=number)
    assert (mail.state, mail.tries) == ("new", 0)
    monkeypatch.undo()
    handle.handle_new(post.at)
    mail.refresh_from_db()
    assert mail.state == "done"


def test_a_mail_that_ends_the_process_is_met_alone_and_set_aside(post, cast):
    """As after a kill -9 in the middle: the tries are counted, nothing else is there."""
    numbers = [accept(post.write(cast.priya.email), source="pipe", at=post.at) for _ in range(4)]
    assert handle._claim(post.at, 10, tried=False) == numbers  # and the process dies here
    assert handle.handle_new(post.at) == 0
    post.at += timedelta(seconds=6)
    assert handle.handle_new(post.at) == 4
    assert set(Mail.objects.values_list("state", flat=True)) == {"done"}
    deadly = accept(post.write(cast.priya.email), source="pipe", at=post.at)
    for _ in range(handle.CRASHES):
        assert deadly in [*handle._claim(post.at, 1, tried=False), *handle._claim(post.at, 1, tried=True)]
        post.at += timedelta(seconds=6)
    handle.handle_new(post.at)
    mail = Mail.objects.get(pk=deadly)
    assert (mail.state, mail.reason) == ("quarantine", "handling it ended the program each time")


def test_a_mail_tried_before_is_not_starved_by_fresh_ones(post, cast):
    old = accept(post.write(cast.priya.email), source="pipe", at=post.at)
    Mail.objects.filter(pk=old).update(tries=1)
    for _ in range(5):
        accept(post.write(cast.priya.email), source="pipe", at=post.at)
    assert handle.handle_new(post.at, most=3) == 4
    assert Mail.objects.get(pk=old).state == "done"


def test_the_key_of_a_message_ignores_how_it_came_but_not_what_it_says(post, cast):
    raw = post.write(cast.priya.email)
    assert key_of(raw) == key_of(b"Received: from a\r\nReturn-Path: <x@y>\r\nDelivered-To: z@y\r\n" + raw)
    assert key_of(raw) == key_of(raw.replace(b"\n", b"\r\n"))
    assert key_of(raw) != key_of(raw + b"more")
    mac = raw.replace(b"\n", b"\r")
    assert key_of(mac) != key_of(mac.replace(b"report", b"answer"))
    assert key_of(b"From: a@b\nX-Word: one\n") != key_of(b"From: a@b\nX-Word: two\n")
    for odd in (b"", b"\x00", os.urandom(1000), b"From: " + b"\xff" * 100_000, b"\n\n\n", b":" * 1000):
        assert len(key_of(odd)) == 64


@pytest.mark.slow
def test_twenty_copies_at_once_from_many_threads_and_workers_are_one_message_26(live_db, cast):
    raw = b"From: priya@harbourline.example\nMessage-ID: <one@x.example>\nSubject: Pump\n\nIt fails.\n"
    others = [raw.replace(b"one@", f"other{number}@".encode()) for number in range(12)]
    numbers: list[int] = []

    def deliver(one: bytes) -> None:
        numbers.append(accept(one, source="smtp"))
        connections.close_all()

    run([lambda: deliver(raw)] * 20 + [lambda one=one: deliver(one) for one in others])
    assert (len(numbers), Mail.objects.count()) == (32, 13)

    def work() -> None:
        while handle.handle_new(now()):
            pass
        connections.close_all()

    run([work] * 3)
    assert set(Mail.objects.values_list("state", flat=True)) == {"done"}
    assert (Ticket.objects.count(), Message.objects.count()) == (13, 13)


def run(jobs) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


WORKER = """
import django; django.setup()
from mainstay.intake.email.handle import handle_new
from mainstay.tickets import scope, watch
scope.whole_process()
print("ready", flush=True)
while True:
    if not handle_new(watch.now(), most=10):
        time.sleep(0.05)
"""


@pytest.mark.slow
def test_kill_9_anywhere_loses_nothing_and_doubles_nothing_27(environ, cast):
    environ["DJANGO_SETTINGS_MODULE"] = "mainstay.config.settings"
    raw = "From: priya@harbourline.example\nMessage-ID: <{0}@x.example>\nSubject: Pump {0}\n\nIt fails.\n"
    for number in range(30):
        accept(raw.format(number).encode(), source="smtp")
    for moment in (0.1, 0.3):
        worker = subprocess.Popen(
            [sys.executable, "-c", "import time" + WORKER], env=environ, stdout=subprocess.PIPE
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        time.sleep(moment)
        worker.kill()
        worker.wait()
        worker.stdout.close()
    while handle.handle_new(now() + timedelta(minutes=2)):
        pass
    subjects = list(Ticket.objects.values_list("subject", flat=True))
    assert sorted(subjects) == sorted(f"Pump {number}" for number in range(30))
    assert Message.objects.count() == 30
    assert set(Mail.objects.values_list("state", flat=True)) == {"done"}
