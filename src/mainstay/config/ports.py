"""Whether the ports we want are free, said before anything is started."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from mainstay.errors import Refused


@dataclass(frozen=True)
class Port:
    """An address and port to listen on, and the setting it came from."""

    setting: str
    host: str
    number: int


def check_free(ports: list[Port]) -> None:
    """Raises `Refused` naming the setting of the first port that cannot be listened on."""
    seen: dict[tuple[str, int], str] = {}
    for port in ports:
        if other := seen.get((port.host, port.number)):
            raise Refused(port.setting, f"port {port.number} is {other}'s already; choose another")
        seen[port.host, port.number] = port.setting
        _try(port)


def _try(port: Port) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            port.host, port.number, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise Refused(port.setting, _why(port, error)) from None


def _why(port: Port, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port.number} is taken; stop what uses it, or set {port.setting} to a free one"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {port.number} may be used by root only; set {port.setting} to 1024 or more"
    return f"cannot listen on {port.host} port {port.number}: {error.strerror or error}"
