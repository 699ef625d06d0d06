"""A mail server that can be told to misbehave."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """Takes mail and keeps it. `answers` are said in turn instead: to RCPT ("rcpt 550 x") or to DATA."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.to: list[str] = []
        self.sender: list[str] = []
        self.answers: list[str] = []

    @property
    def ids(self) -> list[str]:
        return [str(one["Message-ID"]) for one in self.got]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers and self.answers[0].startswith("rcpt "):
            return self.answers.pop(0).removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2") or answer == "take and reset":
            self.got.append(message_from_bytes(envelope.content))
            self.to += envelope.rcpt_tos
            self.sender.append(envelope.mail_from)
        if answer.endswith("reset"):
            server.transport.abort()
        return answer


@contextmanager
def serving(server: Server, port: int = 0) -> Iterator[int]:
    """The server on a port of its own, or on the given one."""
    controller = Controller(server, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def hanging() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        yield int(silent.getsockname()[1])
