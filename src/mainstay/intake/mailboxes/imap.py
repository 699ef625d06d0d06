"""One talk with an IMAP server: sign in, look for what is new, take it whole, wait for more (RFC 3501, 2177).

imap-tools speaks the protocol; the raw bytes are taken as the server sends them, since their exact content is
what makes a message one message.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

TIMEOUT = 60.0
AT_ONCE = 500  # numbers asked for in one listing
TROUBLE = (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError)
"""What a server, or the way to it, may do to us. (Certificates that do not hold are OSErrors, too.)"""

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_NUMBER = re.compile(rb"\d+")


@dataclass(frozen=True)
class Door:
    """Where and as whom. `security` is tls, starttls or none; `token` makes it OAuth 2 (XOAUTH2)."""

    host: str
    port: int
    security: str
    user: str
    password: str = ""
    token: str = ""
    folder: str = "INBOX"


@dataclass(frozen=True)
class Listed:
    """A message that is there: its UID and its size in bytes."""

    uid: int
    size: int


class Talk:
    """An open folder. Use it in a `with`; every method may raise one of `TROUBLE`."""

    def __init__(self, door: Door, *, tls: ssl.SSLContext | None = None) -> None:
        self.box = _connected(door, tls or ssl.create_default_context())
        try:
            if door.token:
                self.box.xoauth2(door.user, door.token, initial_folder=door.folder)
            else:
                self.box.login(door.user, door.password, initial_folder=door.folder)
            self.validity = self._validity()
            self.can = self._capabilities()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave without waiting for a farewell."""
        with contextlib.suppress(*TROUBLE):
            self.box.client.shutdown()

    @property
    def may_idle(self) -> bool:
        """Whether the server tells by itself of new mail (IDLE)."""
        return "IDLE" in self.can

    def newest(self) -> int:
        """The highest UID there has been so far."""
        data = self._asked(self.box.client.status(_quoted(self.box.folder.get()), "(UIDNEXT)"))
        found = re.search(rb"UIDNEXT (\d+)", data[0] if isinstance(data[0], bytes) else b"")
        return int(found[1]) - 1 if found else 0

    def after(self, uid: int) -> Iterator[Listed]:
        """What came after that UID, in the order of the UIDs."""
        self.box.client.untagged_responses.pop("EXISTS", None)
        found = self._asked(self.box.client.uid("SEARCH", f"UID {uid + 1}:*"))
        text = b" ".join(part for part in found if isinstance(part, bytes))
        # "n:*" names the last message even when its UID is below n
        uids = sorted({int(number) for number in _NUMBER.findall(text) if int(number) > uid})
        for start in range(0, len(uids), AT_ONCE):
            yield from self._sizes(uids[start : start + AT_ONCE])

    def _sizes(self, uids: list[int]) -> list[Listed]:
        lines = self._asked(self.box.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"))
        listed = {}
        for line in lines:
            text = line if isinstance(line, bytes) else b"".join(line) if isinstance(line, tuple) else b""
            number, size = _UID.search(text), _SIZE.search(text)
            if number and size:
                listed[int(number[1])] = Listed(int(number[1]), int(size[1]))
        return [listed[uid] for uid in uids if uid in listed]

    def raw(self, uid: int) -> bytes | None:
        """The whole message; None when it is gone meanwhile. Does not mark it as read."""
        return self._part(uid, "(BODY.PEEK[])")

    def head(self, uid: int) -> bytes | None:
        """Its header block only."""
        return self._part(uid, "(BODY.PEEK[HEADER])")

    def _part(self, uid: int, what: str) -> bytes | None:
        answer = self._asked(self.box.client.uid("FETCH", str(uid), what))
        return next((part[1] for part in answer if isinstance(part, tuple) and len(part) > 1), None)

    def mark(self, uid: int, flag: str) -> None:
        """Set one flag, such as \\Seen."""
        self._asked(self.box.client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({flag})"))

    def remove(self, uid: int) -> None:
        """Delete it: only this one where the server can (UIDPLUS, RFC 4315), else all that are marked so."""
        self.mark(uid, r"\Deleted")
        if "UIDPLUS" in self.can:
            self._asked(self.box.client.uid("EXPUNGE", str(uid)))
        else:
            self._asked(self.box.client.expunge())

    def wait(self, seconds: float) -> bool:
        """Wait for the server to say something; False when it said nothing for so long.

        What it said of new mail since `after` looked, it does not say again: then there is nothing to wait for.
        """
        if "EXISTS" in self.box.client.untagged_responses:
            return True
        with self.box.idle as idle:
            return self._said_already() or bool(idle.poll(timeout=seconds))

    def _said_already(self) -> bool:
        """Whether something came along with the answer to IDLE: it is in the buffer, and no socket tells of it."""
        client = self.box.client
        buffer: Any = getattr(client, "_file", None) or client.file
        before = client.sock.gettimeout()
        client.sock.settimeout(0)
        try:
            return bool(buffer.peek(1))
        except OSError:  # TLS says so when there is nothing yet
            return False
        finally:
            client.sock.settimeout(before)

    def alive(self) -> None:
        """Ask for nothing; raises when the server is gone."""
        self._asked(self.box.client.noop())

    def _validity(self) -> int:
        _, data = self.box.client.response("UIDVALIDITY")
        text = data[0] if data and isinstance(data[0], bytes) else b""
        return int(text) if text.isdigit() else 0

    def _capabilities(self) -> set[str]:
        """Asked for once signed in: most servers then say more."""
        said = b" ".join(
            part for part in self._asked(self.box.client.capability()) if isinstance(part, bytes)
        )
        return set(said.decode("ascii", "replace").upper().split())

    @staticmethod
    def _asked(answer: tuple[str, list[Any]]) -> list[Any]:
        kind, data = answer
        if kind != "OK":
            said = data[0] if data and isinstance(data[0], bytes) else b""
            raise imaplib.IMAP4.error(said.decode("utf-8", "replace")[:200] or kind)
        return data


def _connected(door: Door, tls: ssl.SSLContext) -> BaseMailBox:
    if door.security == "tls":
        return MailBox(door.host, door.port, timeout=TIMEOUT, ssl_context=tls)
    if door.security == "starttls":
        return MailBoxStartTls(door.host, door.port, timeout=TIMEOUT, ssl_context=tls)
    return MailBoxUnencrypted(door.host, door.port, timeout=TIMEOUT)


def _quoted(folder: str | None) -> str:
    from imap_tools.imap_utf7 import utf7_encode

    name = utf7_encode(folder or "INBOX").decode("ascii")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
