"""Mail comes in by SMTP, LMTP and a pipe: nothing is acknowledged that is not committed."""

import asyncio
import io
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from mainstay.errors import Refused
from mainstay.intake.email import deliver, serve
from mainstay.intake.email.accept import LIMIT, Parcel, accept, take_all
from mainstay.intake.models import Mail

SUPPORT = "support@vendor.example"
LETTER = (
    b"From: priya@harbourline.example\r\nTo: support@vendor.example\r\nSubject: Pump\r\n\r\nIt fails.\r\n"
)


@pytest.fixture
def ports(live_db) -> Iterator[tuple[int, int]]:
    """SMTP and LMTP served by a thread of this process, on free ports."""
    ready, stop = threading.Event(), []
    found: list[tuple[int, int]] = []

    async def serving() -> None:
        servers = serve.Servers()
        stop.append((asyncio.get_running_loop(), done := asyncio.Event()))
        found.append(await servers.start("127.0.0.1", 0, 0))
        ready.set()
        await done.wait()
        servers.pool.submit(_close).result()
        await servers.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serving()), daemon=True)
    thread.start()
    assert ready.wait(5)
    yield found[0]
    loop, done = stop[0]
    loop.call_soon_threadsafe(done.set)
    thread.join(5)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def smtp(ports: tuple[int, int]) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", ports[0], local_hostname="mx.test", timeout=10)


def test_250_is_said_once_the_bytes_are_committed(ports):
    with smtp(ports) as client:
        assert client.sendmail("priya@harbourline.example", [SUPPORT], LETTER) == {}
    mail = Mail.objects.get()
    assert bytes(mail.raw) == LETTER
    assert (mail.state, mail.source, mail.envelope_from) == ("new", "smtp", "priya@harbourline.example")
    assert mail.recipients == [SUPPORT]


OURS = (SUPPORT, "SUPPORT@Vendor.example", "support+1-abc@vendor.example", "postmaster")
FOREIGN = (
    "eve@evil.example", "sales@vendor.example", "support@vendor.example.evil.example", "support%x@vendor.example",
    '"support@vendor.example"@evil.example', "xsupport+1@vendor.example",
)  # fmt: skip


def test_mail_to_our_own_addresses_is_taken_and_nothing_is_relayed(ports):
    with smtp(ports) as client:
        client.ehlo()
        client.mail("a@b.example")
        assert [client.rcpt(address)[0] for address in OURS] == [250] * len(OURS)
        assert [client.rcpt(address)[0] for address in FOREIGN] == [550] * len(FOREIGN)


def test_the_same_message_twice_is_taken_silently_once(ports):
    with smtp(ports) as client:
        client.sendmail("a@b.example", [SUPPORT], LETTER)
        client.sendmail("a@b.example", [SUPPORT], b"Received: from x\r\n" + LETTER)
    assert Mail.objects.count() == 1


def test_a_null_sender_eight_bits_and_utf8_addresses_are_taken(ports):
    with smtp(ports) as client:
        client.ehlo()
        assert {"8bitmime", "smtputf8", "size"} <= set(client.esmtp_features)
        client.sendmail("", [SUPPORT], b"Subject: \xe4\r\n\r\n\xff\xfe\r\n", mail_options=["BODY=8BITMIME"])
        client.sendmail("møller@b.example", [SUPPORT], LETTER, mail_options=["SMTPUTF8"])
    assert set(Mail.objects.values_list("envelope_from", flat=True)) == {"<>", "møller@b.example"}


def test_lines_of_any_length_and_dots_come_through_unchanged(ports):
    raw = LETTER + b"..dots\r\n.\x20one\r\n" + b"x" * 3_000_000 + b"\r\n"
    with smtp(ports) as client:
        client.sendmail("a@b.example", [SUPPORT], raw)
    assert bytes(Mail.objects.get().raw) == raw


def test_more_than_50_mb_is_refused_with_552_before_and_after_sending(ports):
    with smtp(ports) as client:
        client.ehlo()
        assert client.docmd(f"MAIL FROM:<a@b.example> SIZE={LIMIT + 1}")[0] == 552
    with smtp(ports) as client:
        client.helo()  # without the size said beforehand
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@b.example", [SUPPORT], LETTER + (b"x" * 998 + b"\r\n") * (LIMIT // 1000 + 1))
        assert refused.value.smtp_code == 552
        client.sendmail("a@b.example", [SUPPORT], LETTER)
    assert Mail.objects.count() == 1
    with pytest.raises(Refused, match="50 MB"):
        accept(b"x" * (LIMIT + 1), source="pipe")


def test_a_command_without_end_does_not_fill_the_memory(ports):
    with socket.create_connection(("127.0.0.1", ports[0]), timeout=10) as line:
        line.recv(1000)
        line.sendall(b"EHLO " + b"x" * 2_000_000 + b"\r\n")
        assert line.recv(1000).startswith(b"500")


def test_lmtp_answers_for_each_recipient(ports):
    with smtplib.LMTP("127.0.0.1", ports[1], local_hostname="mx.test") as client:
        client.ehlo()
        client.mail("a@b.example")
        for address in (SUPPORT, "support+x@vendor.example"):
            assert client.rcpt(address)[0] == 250
        assert client.rcpt("eve@evil.example")[0] == 550
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(LETTER + b".\r\n")
        assert [client.getreply()[0], client.getreply()[0]] == [250, 250]
        assert client.noop()[0] == 250
    assert Mail.objects.get().recipients == [SUPPORT, "support+x@vendor.example"]


def test_a_database_that_is_away_makes_the_sender_try_again(ports, monkeypatch):
    from django.db import OperationalError

    def away(*_, **__):
        raise OperationalError("the connection is closed")

    with smtp(ports) as client:
        monkeypatch.setattr(serve, "take_all", away)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@b.example", [SUPPORT], LETTER)
        assert refused.value.smtp_code == 451
        monkeypatch.undo()
        client.sendmail("a@b.example", [SUPPORT], LETTER)
    assert Mail.objects.count() == 1


def test_intake_goes_on_after_its_connections_were_cut(ports, live_db):
    import psycopg

    with smtp(ports) as client:
        client.sendmail("a@b.example", [SUPPORT], LETTER)
        with psycopg.connect(live_db.superuser, autocommit=True) as above:
            above.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [live_db.name]
            )
        client.sendmail("a@b.example", [SUPPORT], LETTER + b"2\r\n")
    from django.db import connection

    connection.close()
    assert Mail.objects.count() == 2


def test_connections_beyond_the_limit_are_sent_away(ports, monkeypatch):
    monkeypatch.setattr(serve, "CONNECTIONS", 2)
    with smtp(ports), smtp(ports):
        with pytest.raises(smtplib.SMTPConnectError) as busy:
            smtp(ports)
        assert busy.value.smtp_code == 421
    time.sleep(0.1)
    with smtp(ports) as client:
        assert client.noop()[0] == 250


def test_an_empty_message_is_kept_too(ports):
    with smtp(ports) as client:
        client.sendmail("a@b.example", [SUPPORT], b"")
    assert Mail.objects.count() == 1


def test_mail_serve_is_ready_takes_mail_and_stops_within_two_seconds(environ):
    ports = _free_ports()
    environ |= {"MAINSTAY_SMTP_PORT": str(ports[0]), "MAINSTAY_LMTP_PORT": str(ports[1])}
    server = subprocess.Popen(
        [sys.executable, "-m", "mainstay", "mail", "serve"], env=environ, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert f"SMTP on 127.0.0.1:{ports[0]}" in server.stdout.readline()
        with smtp(ports) as client:
            client.sendmail("a@b.example", [SUPPORT], LETTER)
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 0
            assert time.monotonic() - began < 2
    finally:
        server.kill()
        server.wait()
    assert Mail.objects.count() == 1


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


# ---- the pipe


def test_mail_deliver_ends_with_0_once_it_is_committed(environ):
    done = subprocess.run(
        [sys.executable, "-m", "mainstay", "mail", "deliver"], env=environ, input=LETTER, check=False
    )
    assert done.returncode == 0
    assert bytes(Mail.objects.get().raw) == LETTER


def test_mail_deliver_asks_to_try_again_when_the_database_is_away(environ):
    environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    done = subprocess.run(
        [sys.executable, "-m", "mainstay", "mail", "deliver"],
        env=environ,
        input=LETTER,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (75, False)


def test_mail_deliver_refuses_what_is_too_large_for_good(db, capsys):
    assert deliver.main([], io.BytesIO(b"x" * (LIMIT + 1))) == 65
    assert "50 MB" in capsys.readouterr().err
    assert not Mail.objects.exists()


def test_mail_deliver_tries_again_after_whatever_else_goes_wrong(db, monkeypatch, capsys):
    monkeypatch.setattr(deliver, "accept", lambda *_, **__: os.stat("/no/such/file"))
    assert deliver.main([], io.BytesIO(LETTER)) == 75
    assert "not now" in capsys.readouterr().err


# ---- several sessions at once


def test_what_comes_at_once_is_committed_together_and_one_that_cannot_be_stored_takes_no_other_along(
    db, monkeypatch
):
    monkeypatch.setattr(serve, "close_old_connections", lambda: None)  # it would end this test's transaction
    good = [Parcel(f"Message-ID: <{n}@x.example>\r\n\r\nbody".encode(), "smtp") for n in range(3)]
    huge = Parcel(b"Message-ID: <h@x.example>\r\n\r\n" + bytes(LIMIT), "smtp")
    said = serve.keep_all([good[0], huge, good[1], good[0], good[2]])
    assert [one[:3] for one in said] == ["250", "552", "250", "250", "250"]
    assert said[0] == said[3]  # the same message is here already
    assert Mail.objects.count() == 3


def test_copies_in_one_statement_are_one_message_and_only_the_first_is_new(db):
    one, other = (Parcel(f"Message-ID: <{n}@x.example>\r\n\r\nbody".encode(), "smtp") for n in "ab")
    found = take_all([one, other, one])
    assert [new for _, new in found] == [True, True, False]
    assert found[0][0] == found[2][0]
    assert [new for _, new in take_all([other, one])] == [False, False]
