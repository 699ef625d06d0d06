"""A scanner for malware, asked by the protocol of clamd (INSTREAM): a file goes in, a verdict comes out.

The protocol is five lines; what matters is what happens when the scanner is away, hangs or says something else.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import BinaryIO, Final

CHUNK: Final = 64 * 1024
TIMEOUT: Final = 60.0  # seconds for each step
_LONGEST: Final = 4096


class Away(Exception):  # noqa: N818 - as in notices.answers
    """There is no talking to the scanner; says nothing of the file."""


@dataclass(frozen=True)
class Answer:
    """What the scanner says: `finding` is the name of the malware, `trouble` why there is no verdict."""

    finding: str = ""
    trouble: str = ""


def scan(where: str, content: BinaryIO, *, timeout: float = TIMEOUT) -> Answer:
    """Ask the scanner at `tcp://host:port` or `unix:/path` about a file. Raises `Away`."""
    try:
        with _connected(where, timeout) as wire:
            _send(wire, content)
            said = _answer(wire)
    except OSError as error:
        raise Away(str(error) or type(error).__name__) from error
    return _read(said)


def _connected(where: str, timeout: float) -> socket.socket:
    scheme, _, place = where.partition(":")
    if scheme == "unix":
        wire = socket.socket(socket.AF_UNIX)
        wire.settimeout(timeout)
        try:
            wire.connect(place)
        except BaseException:
            wire.close()
            raise
        return wire
    host, _, port = place.removeprefix("//").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout)


def _send(wire: socket.socket, content: BinaryIO) -> None:
    """The file in pieces; a scanner that has heard enough hangs up early, and its answer is still to be read."""
    try:
        wire.sendall(b"zINSTREAM\0")
        while chunk := content.read(CHUNK):
            wire.sendall(len(chunk).to_bytes(4, "big") + chunk)
        wire.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        pass


def _answer(wire: socket.socket) -> str:
    said = b""
    while b"\0" not in said and len(said) < _LONGEST:
        more = wire.recv(_LONGEST)
        if not more:
            break
        said += more
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _read(said: str) -> Answer:
    words = said.removeprefix("stream:").strip()
    if words == "OK":
        return Answer()
    if words.endswith(" FOUND"):
        return Answer(finding=" ".join(words.removesuffix(" FOUND").split())[:200] or "something")
    if words.endswith("ERROR"):
        return Answer(trouble=" ".join(words.split())[:300])
    raise Away(f"it answers {words[:100]!r}" if words else "it hung up without an answer")
