"""`mainstay mail serve`: SMTP and LMTP in one process. 250 is said only after the message is committed."""

import asyncio
import functools
import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection

from mainstay.config.env import env
from mainstay.errors import Refused
from mainstay.intake.email.accept import LIMIT, Parcel, take_all
from mainstay.intake.email.ours import is_ours
from mainstay.intake.mailboxes import known
from mainstay.tickets import scope

log = logging.getLogger("mainstay.mail")

CONNECTIONS = 200  # at one time, of both ports together
RECIPIENTS = 100  # of one message
THREADS = 4
COMMITS = 2  # at one time
TOGETHER, TOGETHER_BYTES = 50, 4 * 1024 * 1024  # messages in one commit
IDLE = 120.0  # seconds without a command
STOP_WITHIN = 1.5
COMMAND_BYTES = 64 * 1024  # buffered while a command is read; a message's lines may be of any length
AGAIN = "451 4.3.0 Please try again later"
_END = b"\r\n.\r\n"


@dataclass
class Taker:
    """Answers the commands that need a decision; one for all connections of one port."""

    source: str
    keeper: "Keeper"
    sessions: set["SmtpSession"]  # that are connected, of both ports

    async def handle_RCPT(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if known.fresh():
            taken = is_ours(address)
        else:  # in a thread: the mailboxes are asked of the database
            taken = await asyncio.get_running_loop().run_in_executor(self.keeper.pool, ours, address)
        if not taken:
            return "550 5.7.1 We take mail for our own support address only"
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await self.keeper.keep(
            Parcel(
                envelope.original_content or b"", self.source, envelope.mail_from or "<>", tuple(envelope.rcpt_tos),
                peer=_peer(session) if self.source == "smtp" else "", helo=str(session.host_name or ""),
            )
        )  # fmt: skip

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


@dataclass
class Keeper:
    """Commits what the sessions hand over: whatever has come while the last commit ran goes into the next one."""

    pool: ThreadPoolExecutor
    waiting: deque[tuple[Parcel, "asyncio.Future[str]"]] = field(default_factory=deque)
    running: set["asyncio.Task[None]"] = field(default_factory=set)

    async def keep(self, parcel: Parcel) -> str:
        """What the sender hears of one message, said after it is committed."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        self.waiting.append((parcel, answer))
        if len(self.running) < COMMITS:
            task = loop.create_task(self._work())
            self.running.add(task)
            task.add_done_callback(self.running.discard)
        return await answer

    async def _work(self) -> None:
        while self.waiting:
            some = self._some()
            parcels = [parcel for parcel, _ in some]
            try:
                said = await asyncio.get_running_loop().run_in_executor(self.pool, keep_all, parcels)
            except BaseException:
                said = [AGAIN] * len(some)
                raise
            finally:
                for (_, answer), words in zip(some, said, strict=True):
                    if not answer.done():  # its session may be gone
                        answer.set_result(words)

    def _some(self) -> list[tuple[Parcel, "asyncio.Future[str]"]]:
        some, size = [self.waiting.popleft()], 0
        while self.waiting and len(some) < TOGETHER:
            size += len(some[-1][0].raw)
            if size + len(self.waiting[0][0].raw) > TOGETHER_BYTES:
                break
            some.append(self.waiting.popleft())
        return some


def keep_all(parcels: list[Parcel]) -> list[str]:
    """Commit some messages, in a thread of the pool, and say of each how it went in SMTP's words.

    One that cannot be stored does not take the others along: then each is tried alone.
    """
    close_old_connections()
    try:
        return [f"250 2.0.0 OK {number}" for number, _ in take_all(parcels)]
    except Refused as refused:
        if len(parcels) == 1:
            return [f"552 5.3.4 {refused.message}"]
    except Exception as error:
        log.warning("what came could not be stored, its senders keep it: %s", _one_line(error))
        with suppress(Exception):
            connection.close()
        if len(parcels) == 1 or isinstance(error, (OperationalError, InterfaceError)):
            return [AGAIN] * len(parcels)
    return [keep_all([one])[0] for one in parcels]


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
        """As aiosmtpd's, but the message is read in one go: line by line takes most of the time of taking it."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._content()
        if content is None:
            status = "552 Error: Too much mail data"
        else:
            self.envelope.content = self.envelope.original_content = content
            status = await self._call_handler_hook("DATA")
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(status)

    async def _content(self) -> bytes | None:
        """The message up to the line with nothing but a dot, dots undone (RFC 5321, 4.5.2); None: larger than we
        take, and read to its end all the same, for the answer comes after it."""
        reader: Any = self._reader
        reader._limit = LIMIT + len(_END) + 2
        reader._buffer[0:0] = b"\r\n"  # so that a first line that is a dot is found like any other
        small = True
        try:
            while True:
                try:
                    read = await reader.readuntil(_END)
                except asyncio.LimitOverrunError as much:
                    small = False
                    await reader.readexactly(much.consumed)
                else:
                    break
        finally:
            reader._limit = COMMAND_BYTES
        content = bytes(read[: -len(_END) + 2]).replace(b"\r\n.", b"\r\n")[2:] if small else b""
        return content if small and len(content) <= LIMIT else None

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

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.pool)

    async def start(self, host: str, smtp_port: int, lmtp_port: int) -> tuple[int, int]:
        """Listen; returns the ports, which matters when 0 was asked for."""
        ports = []
        for kind, source, port in ((SmtpSession, "smtp", smtp_port), (LmtpSession, "lmtp", lmtp_port)):
            make = functools.partial(self._session, kind, Taker(source, self.keeper, self.sessions))
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
