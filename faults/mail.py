"""Mail under fire: processes are killed at random while messages arrive and a relay misbehaves.

A ledger outside the program decides: what we accepted (250) and what the relay was given. At the end each accepted
message is one ticket's one message, each was acknowledged once (a repeat with the same Message-ID is allowed for each
time that the relay took a mail and broke off before its answer was read, and one for a kill in that moment), nothing
waits, and every clock is rebuilt from the log without a difference.

    python faults/mail.py [--mails 2000] [--kills 60] [--seed 1]

Everything runs on 127.0.0.1 in a folder of its own and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller

from mainstay.config.env import running

PEOPLE = [
    "priya@harbourline.example", "tom@harbourline.example", "aiko@kitano.example", "beth@fernleigh.example",
    "jonah@quill.example",
]  # fmt: skip
SENDERS = 3
ALL_WITHIN = 900.0  # seconds for the whole run
QUIET_WITHIN = 300.0  # seconds after the last fault until nothing waits any more


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


# ---- the relay


@dataclass
class Relay:
    """Takes our mail, and at random refuses for now, hangs, or breaks off after it took one."""

    chance: random.Random
    port: int
    calm: bool = False
    moody: float = 60.0  # seconds of trouble after the last mail was accepted
    got: Counter[str] = field(default_factory=Counter)
    torn: Counter[str] = field(default_factory=Counter)  # taken, and broken off before the answer
    kinds: Counter[str] = field(default_factory=Counter)
    controller: Controller | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        trouble = 1.0 if self.calm else self.chance.random()
        if trouble < 0.05:
            self.kinds["4xx"] += 1
            return "451 not now"
        if trouble < 0.06:
            self.kinds["hang"] += 1
            await asyncio.sleep(3)
            return "451 slowly not now"
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.got[name] += 1
        if trouble < 0.09:
            self.kinds["took it and broke off"] += 1
            self.torn[name] += 1
            server.transport.abort()
        return "250 OK"

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def shut(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


# ---- the product


@dataclass
class Product:
    """One `mainstay up`, its children found by its process id."""

    data: Path
    relay: int
    ports: list[int] = field(default_factory=lambda: free_ports(3))

    def start(self) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAINSTAY_", "DATABASE_"))}
        port, smtp, lmtp = self.ports
        self.environ = kept | {
            "MAINSTAY_DATA": str(self.data),
            "MAINSTAY_PORT": str(port),
            "MAINSTAY_SMTP_PORT": str(smtp),
            "MAINSTAY_LMTP_PORT": str(lmtp),
            "MAINSTAY_RELAY": f"smtp://127.0.0.1:{self.relay}",
            "MAINSTAY_DNS": "off",
            "DEMO": "1",
        }
        self.log = (self.data.parent / "up.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mainstay", "up"],
            env=self.environ,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 120
        while "Ctrl-C stops everything." not in Path(self.log.name).read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"it did not start:\n{Path(self.log.name).read_text()[-3000:]}")
            time.sleep(0.1)

    @property
    def smtp(self) -> int:
        return self.ports[1]

    def children(self) -> list[int]:
        """Every process below the supervisor."""
        found, seen = [self.process.pid], []
        while found:
            pid = found.pop()
            try:
                below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            except OSError:
                continue
            seen += [int(one) for one in below]
            found += [int(one) for one in below]
        return seen

    def kill_one(self, chance: random.Random) -> str:
        """Kill one of them, without a warning: each kind as often as the others. What it was."""
        kinds: dict[str, list[int]] = {}
        for pid in self.children():
            kinds.setdefault(_kind(pid), []).append(pid)
        kinds.pop("", None)
        if not kinds:
            return "nobody there"
        kind = chance.choice(sorted(kinds))
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(kinds[kind]), signal.SIGKILL)
        return kind

    def connect(self) -> psycopg.Connection[Any]:
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = psycopg.connect(running(self.data)["app"], autocommit=True)
                connection.execute("SET mainstay.scope = 'all'")
                return connection
            except (psycopg.Error, KeyError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def verify(self) -> str:
        said = subprocess.run(
            [sys.executable, "-m", "mainstay", "clocks", "verify"],
            env=self.environ, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return (
            said.stdout.strip().splitlines()[-1]
            if said.returncode == 0
            else f"DIFFERENCES: {said.stdout[-500:]}"
        )

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _kind(pid: int) -> str:
    """Which of the programs a process is; empty when it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""
    if "postgres" in words:
        return "postgres"
    known = ("web", "serve", "fetch", "worker", "watch")
    return next((word for word in known if f" {word}" in words), "launcher" if words else "")


# ---- those who write


@dataclass
class Senders:
    """Mail servers: they send each message until they hear 250 for it, as mail servers do."""

    port: int
    count: int
    run: str
    accepted: set[str] = field(default_factory=set)
    tries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: list[int] = field(default_factory=list)

    def start(self) -> list[threading.Thread]:
        self.numbers = list(range(self.count))
        threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        return threads

    def _send(self) -> None:
        smtp: smtplib.SMTP | None = None
        while True:
            with self.lock:
                if not self.numbers:
                    return
                number = self.numbers.pop()
            name = f"<{number}.{self.run}@faults.example>"
            while name not in self.accepted:
                self.tries += 1
                try:
                    smtp = smtp or smtplib.SMTP("127.0.0.1", self.port, timeout=10)
                    smtp.sendmail(
                        PEOPLE[number % len(PEOPLE)], ["support@vendor.example"], self._letter(number, name)
                    )
                    self.accepted.add(name)
                except (OSError, smtplib.SMTPException):
                    smtp = None
                    time.sleep(0.1)

    def _letter(self, number: int, name: str) -> bytes:
        return (
            f"From: {PEOPLE[number % len(PEOPLE)]}\r\nTo: support@vendor.example\r\nSubject: Fault {number}\r\n"
            f"Message-ID: {name}\r\n\r\nThe export stops at row {number}.\r\n"
        ).encode()


# ---- the run


@dataclass
class Verdict:
    """What the ledger says. `wrong` are sentences; none: all is well."""

    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def run(mails: int, kills: int, seed: int, *, moody: float = 60.0, say: Any = print) -> Verdict:
    """The whole of it, in a folder that is gone afterwards."""
    chance = random.Random(seed)  # noqa: S311 - the same faults for the same seed
    folder = Path(tempfile.mkdtemp(prefix="mainstay-faults-"))
    relay = Relay(chance, free_ports(1)[0], moody=moody)
    product = Product(folder / "data", relay.port)
    try:
        relay.open()
        product.start()
        return _fire(product, relay, Senders(product.smtp, mails, f"{seed}"), kills, chance, say)
    finally:
        product.stop()
        relay.shut()
        product.log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _fire(
    product: Product, relay: Relay, senders: Senders, kills: int, chance: random.Random, say: Any
) -> Verdict:
    begun, killed = time.monotonic(), Counter[str]()
    threads = senders.start()
    for number in range(kills):
        time.sleep(chance.uniform(0.0, 2.0))
        killed[product.kill_one(chance)] += 1
        if number == kills // 3:
            relay.shut()  # the relay is down for a while
        if number == 2 * kills // 3:
            relay.open()
        if time.monotonic() - begun > ALL_WITHIN / 2:
            break
        say(f"\r{sum(killed.values())} kills, {len(senders.accepted)} mails accepted", end="", flush=True)
    if relay.controller is None:
        relay.open()
    for thread in threads:
        thread.join(max(1.0, ALL_WITHIN - (time.monotonic() - begun)))
    say(f"\r{sum(killed.values())} kills: {dict(killed)}")
    say(f"{len(senders.accepted)} mails accepted in {senders.tries} tries")
    _until_quiet(product, relay)
    return _judged(product, relay, senders)


WAITING = """
    SELECT (SELECT count(*) FROM intake_mail WHERE state = 'new') + (SELECT count(*) FROM tickets_outbox)
         + (SELECT count(*) FROM notices_delivery WHERE state = 'pending')
"""


def _until_quiet(product: Product, relay: Relay) -> None:
    """Until nothing waits. What was put off is due at once: minutes of waiting show nothing more. The relay keeps
    its moods for a while."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < QUIET_WITHIN:
        relay.calm = passed > relay.moody
        try:
            with product.connect() as connection:
                connection.execute(
                    "UPDATE notices_delivery SET next_try_at = now() WHERE state = 'pending' AND next_try_at > now()"
                )
                connection.execute(
                    "UPDATE intake_mail SET not_before = NULL WHERE state = 'new' AND not_before > now()"
                )
                waiting = connection.execute(WAITING).fetchone()
            if waiting is not None and waiting[0] == 0:
                return
        except psycopg.Error:
            pass
        time.sleep(1)


def _judged(product: Product, relay: Relay, senders: Senders) -> Verdict:
    verdict = Verdict()
    with product.connect() as connection:
        waiting = connection.execute(WAITING).fetchone()
        messages = Counter(
            name for (name,) in connection.execute("SELECT message_id FROM tickets_message WHERE message_id LIKE %s",
                                                   ["%@faults.example>"])
        )  # fmt: skip
        mails = connection.execute("SELECT state, count(*) FROM intake_mail GROUP BY 1").fetchall()
        acknowledged = connection.execute(
            "SELECT d.message_id, d.state, d.sent_at IS NOT NULL FROM notices_delivery d "
            "WHERE template = 'acknowledgement' AND channel = 'email'"
        ).fetchall()
        waits = {
            what: n
            for what, n in connection.execute(
                "SELECT 'mail', count(*) FROM intake_mail WHERE state = 'new' UNION ALL "
                "SELECT 'event', count(*) FROM tickets_outbox UNION ALL "
                "SELECT template || ' by ' || channel, count(*) FROM notices_delivery WHERE state = 'pending' "
                "GROUP BY 1"
            ).fetchall()
            if n
        }
        per_ticket = connection.execute(
            "SELECT count(*) FROM (SELECT ticket_id FROM notices_delivery WHERE template = 'acknowledgement' "
            "AND channel = 'email' GROUP BY ticket_id HAVING count(*) > 1) twice"
        ).fetchone()
    lost = senders.accepted - set(messages)
    double = {name for name, count in messages.items() if count > 1}
    sent = {name for name, state, _ in acknowledged if state == "sent"}
    unsent = sent - set(relay.got)
    repeated = {name for name, count in relay.got.items() if count > 1}
    unexcused = {name for name in repeated if relay.got[name] > 2 + relay.torn[name]}
    verdict.told = [
        f"accepted {len(senders.accepted)}, messages {len(messages)}, mails by state {dict(mails)}",
        f"acknowledgements sent {len(sent)}, at the relay {sum(1 for n in relay.got if n in sent)}; "
        f"the relay's moods: {dict(relay.kinds)}; taken twice under one Message-ID: {len(repeated)}",
        f"clocks verify: {product.verify()}",
    ]
    checks = {
        f"{len(lost)} accepted mails are nowhere: {sorted(lost)[:3]}": lost,
        f"{len(double)} messages are there twice: {sorted(double)[:3]}": double,
        f"{waiting[0] if waiting else '?'} things still wait: {waits}": not waiting or waiting[0],
        f"of {len(acknowledged)} acknowledgements none was sent": not sent,
        f"{per_ticket[0] if per_ticket else '?'} tickets were acknowledged twice": not per_ticket
        or per_ticket[0],
        f"{len(unsent)} acknowledgements are said to be sent and never reached the relay": unsent,
        f"{len(unexcused)} mails reached the relay more often than a broken answer and a kill excuse": unexcused,
        "the clocks differ from the log": "DIFFERENCES" in verdict.told[-1],
    }
    verdict.wrong = [words for words, wrong in checks.items() if wrong]
    if verdict.wrong:
        verdict.told += [
            "What the product said last:",
            *Path(product.log.name).read_text().splitlines()[-40:],
        ]
    return verdict


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--mails", type=int, default=2000)
    reader.add_argument("--kills", type=int, default=60)
    reader.add_argument("--seed", type=int, default=1)
    asked = reader.parse_args()
    verdict = run(asked.mails, asked.kills, asked.seed)
    print("\n".join(verdict.told))
    print("\n".join(f"WRONG: {one}" for one in verdict.wrong) or "Nothing lost, nothing doubled.")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
