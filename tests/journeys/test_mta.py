"""Between us and a real mail server (Debian's Exim, unprivileged): whoever is killed, nothing is lost or doubled."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from cast import NOW
from mainstay.intake.models import Mail
from mainstay.notices import answers, email
from mainstay.notices.models import Delivery
from mainstay.notices.sending import send_due
from mta import PASSWORD, USER, Mta, program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="Exim is not installed; scripts/servers installs it"),
]
MANY = 40


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nobody may reach, too: the server runs as nobody."""
    with tempfile.TemporaryDirectory(prefix="mainstay-mta-") as made:
        Path(made).chmod(0o755)
        (Path(made) / "mx").mkdir()
        yield Path(made) / "mx"


def servers(folder: Path, back: int, protocol: str = "lmtp") -> Mta:
    made = Mta(folder, back, protocol)
    made.start()
    return made


# ---- out


def relay_of(mta: Mta) -> email.Relay:
    return email.Relay(f"smtp://{USER}:{PASSWORD}@127.0.0.1:{mta.port}", timeout=10)


def pending(count: int) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            channel="email", template="answer", recipient=f"person{number}@far.example", subject=f"Answer {number}",
            text="Here.", message_id=f"<{number}@vendor.example>", created_at=NOW, next_try_at=NOW,
        ) for number in range(count)
    )  # fmt: skip


def until_sent(relay: email.Relay, at: Any) -> None:
    for _ in range(40):
        at += timedelta(minutes=20)
        try:
            while send_due(at, relay):
                pass
        except answers.Away:
            continue
        if not Delivery.objects.filter(state="pending").exists():
            return


def test_we_send_through_it_encrypted_and_signed_in_and_a_wrong_password_costs_only_time(
    db: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mta = servers(folder, 1)
    try:
        pending(1)
        with pytest.raises(answers.Away, match="certificate"):  # nobody has said that it is to be trusted
            send_due(NOW, relay_of(mta))
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
        wrong = email.Relay(f"smtp://{USER}:wrong@127.0.0.1:{mta.port}", timeout=10)
        with pytest.raises(answers.Away, match="535"):
            send_due(NOW, wrong)
        assert send_due(NOW, relay_of(mta)) == 1
        (arrived,) = mta.arrived(1)
        assert b"<0@vendor.example>" in arrived
        assert b"esmtpsa" in arrived.lower()  # by TLS, signed in
    finally:
        mta.kill()


def test_deferred_killed_and_started_again_while_we_send_nothing_is_lost_or_doubled(
    db: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mta = servers(folder, 1)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    relay = relay_of(mta)
    try:
        pending(MANY)
        assert send_due(NOW, relay, most=10) == 10
        mta.defer(True)
        send_due(NOW, relay, most=5)
        assert Delivery.objects.filter(state="pending", error__contains="not now").count() == 5
        mta.defer(False)
        send_due(NOW, relay, most=5)
        mta.kill()
        with pytest.raises(answers.Away):
            send_due(NOW + timedelta(minutes=20), relay)
        mta.start()
        until_sent(relay, NOW)
        time.sleep(2)
        mta.flush()
        assert Delivery.objects.filter(state="sent").count() == MANY
        found = Counter(message_from_bytes(raw)["Message-ID"] for raw in mta.arrived(MANY))
        assert len(found) == MANY
        assert max(found.values()) == 1
    finally:
        relay.close()
        mta.kill()


# ---- in


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


def serve(environ: dict[str, str]) -> "subprocess.Popen[str]":
    made = subprocess.Popen(
        [sys.executable, "-m", "mainstay", "mail", "serve"], env=environ, stdout=subprocess.PIPE, text=True
    )
    assert made.stdout is not None
    assert "LMTP on" in made.stdout.readline()
    return made


def write(mta: Mta, numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", mta.port, timeout=60) as session:
        for number in numbers:
            letter = f"From: a@far.example\r\nMessage-ID: <{number}@far.example>\r\n\r\nIt stops.\r\n"
            session.sendmail("a@far.example", ["support@vendor.example"], letter.encode())


@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_it_hands_us_mail_while_both_are_killed_and_started_again_and_nothing_is_lost_or_doubled(
    environ: dict[str, str], folder: Path, protocol: str
) -> None:
    smtp, lmtp = free_ports(2)
    environ |= {"MAINSTAY_SMTP_PORT": str(smtp), "MAINSTAY_LMTP_PORT": str(lmtp)}
    ours = serve(environ)
    mta = servers(folder, lmtp if protocol == "lmtp" else smtp, protocol)
    try:
        write(mta, range(10))
        os.kill(ours.pid, signal.SIGKILL)  # in the middle of what it is being handed
        ours.wait()
        write(mta, range(10, 25))  # kept in its spool
        mta.kill()
        mta.start()
        ours = serve(environ)
        write(mta, range(25, MANY))
        deadline = time.monotonic() + 120
        while (mta.waiting() or Mail.objects.count() < MANY) and time.monotonic() < deadline:
            mta.flush()
            time.sleep(0.5)
        assert mta.waiting() == 0
        ids = Counter(
            message_from_bytes(bytes(raw))["Message-ID"] for raw in Mail.objects.values_list("raw", flat=True)
        )
        assert sorted(ids) == sorted(f"<{number}@far.example>" for number in range(MANY))
        assert max(ids.values()) == 1
    finally:
        ours.kill()
        ours.wait()
        mta.kill()
