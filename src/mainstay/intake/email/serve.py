"""`mainstay mail serve`: SMTP and LMTP in one process. 250 is said only after the message is committed."""

import asyncio
import functools
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.db import DatabaseError, close_old_connections, connection

from mainstay.config.env import env
from mainstay.errors import Refused
from mainstay.intake.email.accept import LIMIT, accept
from mainstay.intake.email.ours import is_ours
from mainstay.tickets import scope

log = logging.getLogger("mainstay.mail")

CONNECTIONS = 200  # at one time, of both ports together
RECIPIENTS = 100  # of one message
THREADS = 4
IDLE = 120.0  # seconds without a command
STOP_WITHIN = 1.5
COMMAND_BYTES = 64 * 1024  # buffered while a command is read; a message's lines may be of any length
AGAIN = "451 4.3.0 Please try again later"


@dataclass
class Taker:
    """Answers the commands that need a decision; one for all connections of one port."""

    source: str
    pool: ThreadPoolExecutor
    sessions: set["SmtpSession"]  # that are connected, of both ports

    async def handle_RCPT(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        # in a thread: the mailboxes are asked of the database
        if not await asyncio.get_running_loop().run_in_executor(self.pool, ours, address):
            return "550 5.7.1 We take mail for our own support address only"
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        save = functools.partial(
            keep, raw, source=self.source, sender=envelope.mail_from or "<>", recipients=envelope.rcpt_tos,
            peer=_peer(session) if self.source == "smtp" else "", helo=str(session.host_name or ""),
        )  # fmt: skip
        return await asyncio.get_running_loop().run_in_executor(self.pool, save)

    async def handle_exception(self, error: Exception) -> str:
        log.error("a mail session failed: %r", error)
        return AGAIN


def ours(address: str) -> bool:
    """Whether mail to the address is for us. Raises `DatabaseError` while the mailboxes cannot be asked: the
    session answers that, too, with "try again later"."""
    close_old_connections()
    try:
        return is_ours(address)
    except DatabaseError as error:
        log.warning("which mailboxes there are cannot be asked: %s", _one_line(error))
        with suppress(Exception):
            connection.close()
        raise


def _peer(session: Session) -> str:
    """The address of the machine at the other end."""
    found: object = session.peer
    return str(found[0]) if isinstance(found, tuple) and found else ""


def keep(
    raw: bytes, *, source: str, sender: str, recipients: list[str], peer: str = "", helo: str = ""
) -> str:
    """Commit one message, in a thread of the pool, and say how it went in SMTP's words."""
    close_old_connections()
    try:
        number = accept(raw, source=source, envelope_from=sender, recipients=recipients, peer=peer,
                        helo=helo)  # fmt: skip
    except Refused as refused:
        return f"552 5.3.4 {refused.message}"
    except Exception as error:
        log.warning("a message could not be stored, its sender keeps it: %s", _one_line(error))
        with suppress(Exception):
            connection.close()
        return AGAIN
    return f"250 2.0.0 OK {number}"


class SmtpSession(SMTP):
    """One connection. A command may be as long as RFC 5321 says, a line of a message as long as the message."""

    line_length_limit = LIMIT + 2
    event_handler: Taker

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.event_handler.sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.sessions.discard(self)
        super().connection_lost(error)

    def _cb_client_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super()._cb_client_connected(reader, writer)
        reader._limit = COMMAND_BYTES  # type: ignore[attr-defined]

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self._reader._limit = self.line_length_limit  # type: ignore[attr-defined]
        try:
            await super().smtp_DATA(arg)
        finally:
            self._reader._limit = COMMAND_BYTES  # type: ignore[attr-defined]

    @property
    def storing(self) -> bool:
        """Whether a whole message is here and its answer has not been said yet."""
        return self.envelope is not None and self.envelope.original_content is not None


class LmtpSession(SmtpSession, LMTP):
    """One LMTP connection: the end of the data is answered once for each recipient (RFC 2033, 4.2)."""

    answers = 1

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self.answers = max(1, len(self.envelope.rcpt_tos) if self.envelope else 1)
        try:
            await super().smtp_DATA(arg)
        finally:
            self.answers = 1

    async def push(self, status: AnyStr) -> None:
        first = status[:3] if isinstance(status, str) else status[:3].decode()
        for _ in range(1 if first in {"354", "501", "503"} else self.answers):
            await super().push(status)


class Busy(asyncio.Protocol):
    """What a connection beyond the limit gets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 Too many connections, please try again later\r\n")
        transport.close()


@dataclass
class Servers:
    """Both ports of one process: `start`, then `stop`."""

    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="mail")
    )
    open: list[asyncio.Server] = field(default_factory=list)
    sessions: set[SmtpSession] = field(default_factory=set)

    async def start(self, host: str, smtp_port: int, lmtp_port: int) -> tuple[int, int]:
        """Listen; returns the ports, which matters when 0 was asked for."""
        ports = []
        for kind, source, port in ((SmtpSession, "smtp", smtp_port), (LmtpSession, "lmtp", lmtp_port)):
            make = functools.partial(self._session, kind, Taker(source, self.pool, self.sessions))
            server = await asyncio.get_running_loop().create_server(make, host, port)
            self.open.append(server)
            ports.append(int(server.sockets[0].getsockname()[1]))
        return ports[0], ports[1]

    def _session(self, kind: type[SmtpSession], taker: Taker) -> asyncio.Protocol:
        if len(self.sessions) >= CONNECTIONS:
            return Busy()
        domain = env().support_address.rpartition("@")[2]
        return kind(
            taker,
            data_size_limit=LIMIT,
            enable_SMTPUTF8=True,
            hostname=domain,
            ident="Mainstay",
            timeout=IDLE,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            loop=asyncio.get_running_loop(),
        )

    async def stop(self) -> None:
        """No new connections; what is being stored is stored and answered, the rest is cut off."""
        for server in self.open:
            server.close()
        deadline = asyncio.get_running_loop().time() + STOP_WITHIN
        while any(one.storing for one in self.sessions) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for one in list(self.sessions):
            if one.transport is not None:
                one.transport.close()
        self.pool.shutdown(wait=False, cancel_futures=True)


def main(argv: list[str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit status 0."""
    scope.whole_process()
    asyncio.run(_serve(_until_asked()))
    logging.shutdown()
    os._exit(0)  # a thread that still waits for a database must not hold us


async def _serve(until: Coroutine[Any, Any, None], say: Callable[[str], None] | None = None) -> None:
    servers, settings = Servers(), env()
    smtp_port, lmtp_port = await servers.start(settings.mail_host, settings.smtp_port, settings.lmtp_port)
    (say or _say)(
        f"mail for {settings.support_address}: SMTP on {settings.mail_host}:{smtp_port},"
        f" LMTP on {settings.mail_host}:{lmtp_port}"
    )
    await until
    await servers.stop()


async def _until_asked() -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()


def _say(line: str) -> None:
    print(line, flush=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
