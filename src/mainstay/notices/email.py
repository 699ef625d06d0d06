"""The channel of mail: a delivery as a message, and the two ways it leaves: a relay, or a Maildir.

A relay answers in three ways that matter: taken, refused for good, not now. Apart from them, the relay itself
may be away, which says nothing of the message.
"""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

from mainstay.config.env import env
from mainstay.errors import Refused
from mainstay.intake.email import signed
from mainstay.intake.email.keys import signing_key
from mainstay.intake.mailboxes import known
from mainstay.intake.mailboxes.oauth import NoToken
from mainstay.notices import dkim, invitation, words
from mainstay.notices.answers import Away, NeverSo, NotNow
from mainstay.notices.graph import Graph
from mainstay.notices.models import Delivery
from mainstay.notices.tokens import Tokens
from mainstay.tickets import files, scanning
from mainstay.tickets.models import Attachment

TIMEOUT: Final = 30.0  # seconds for each step of the talk with a relay
POLICY = WIRE.clone(max_line_length=200)


class Transport(Protocol):
    """A way out for mail."""

    def send(self, delivery: Delivery, message: EmailMessage) -> None:
        """Hand the message over for good, or raise `NotNow`, `NeverSo` or `Away`."""

    def close(self) -> None:
        """Let go of what is held open."""


def transport() -> Transport:
    """The relay of the settings; without one, the Maildir in the data folder."""
    relay, file = env().relay, env().relay_token
    tokens = Tokens(file) if file else None
    if relay.startswith("graph:") and tokens:
        return Graph(relay, tokens)
    return Relay(relay, tokens=tokens) if relay else Maildir(env().data / "outbox")


# ---- the message


def build(delivery: Delivery, at: datetime) -> EmailMessage:
    """The whole message for one recipient. Raises `NeverSo` when the address cannot be written to."""
    message = EmailMessage(policy=POLICY)
    name, ours = _ours(delivery)
    message["From"] = _address(name, ours)
    message["To"] = _address(_name(delivery), delivery.recipient)
    message["Subject"] = words.one_line(delivery.subject, 998)
    message["Date"] = at
    message["Message-ID"] = message_id = _message_id(delivery)
    _thread(message, [words.one_line(one, 998) for one in delivery.references])
    if delivery.reply_to:
        message["Reply-To"] = _address(name, delivery.reply_to)
    if delivery.automatic:
        message["Auto-Submitted"] = delivery.automatic
        message["X-Auto-Response-Suppress"] = "All"
    if delivery.unsubscribe:  # RFC 8058: one click, without signing in
        message["List-Unsubscribe"] = f"<{delivery.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message[signed.OWN_HEADER] = signed.sign_own(signing_key(), message_id)
    message.set_content(delivery.text)
    if delivery.html:
        message.add_alternative(delivery.html, subtype="html")
    _attach(message, delivery.files)
    _invite(message, delivery)
    return message


def _ours(delivery: Delivery) -> tuple[str, str]:
    """Name and address that it comes from: the mailbox its ticket came to, else the support address."""
    box = known.of([delivery.reply_to]) if delivery.reply_to else None
    return (box.name, box.address) if box else (settings.VENDOR_NAME, settings.SUPPORT_ADDRESS)


def _message_id(delivery: Delivery) -> str:
    """Its own; that of a mail without a ticket (a sign-in link) is made of its number."""
    made = f"<d.{delivery.pk}.{int(delivery.created_at.timestamp())}@{settings.SUPPORT_ADDRESS.rpartition('@')[2]}>"
    return delivery.message_id or made


def _address(name: str, address: str) -> Address:
    local, _, domain = words.one_line(address, 320).rpartition("@")
    try:
        return Address(words.one_line(name, 150), local, domain.encode("idna").decode("ascii"))
    except (ValueError, UnicodeError, IndexError) as error:
        raise NeverSo(f"{address!r} is no address that mail can be sent to: {error}") from None


def _name(delivery: Delivery) -> str:
    known = delivery.contact or delivery.user
    return known.name if known else ""


def _thread(message: EmailMessage, references: list[str]) -> None:
    chain = [one for one in references if one.startswith("<") and one.endswith(">") and " " not in one]
    if chain:
        message["In-Reply-To"] = chain[-1]
        message["References"] = " ".join(chain)


def _attach(message: EmailMessage, ids: list[int]) -> None:
    for file in Attachment.objects.filter(pk__in=ids).order_by("pk"):
        main, _, sub = file.content_type.partition("/")
        if not sub or main in {"message", "multipart"}:
            main, sub = "application", "octet-stream"
        said = scanning.verdict(file)
        if not said.served:
            waits = not said.note.startswith("malware")
            raise (NotNow if waits else NeverSo)(f"the attached file {file.name}: {said.note}")
        try:
            content = files.where(file.sha256).read_bytes()
        except (OSError, Refused) as error:
            raise NotNow(f"the attached file {file.name} cannot be read: {error}") from error
        message.add_attachment(content, maintype=main, subtype=sub, filename=words.one_line(file.name, 150))


def _invite(message: EmailMessage, delivery: Delivery) -> None:
    """An appointment goes along as a file that calendars take."""
    event = delivery.event if delivery.template.startswith("appointment") else None
    if event is None or not invitation.method(event):
        return
    message.add_attachment(
        invitation.of(event), maintype="text", subtype="calendar", filename=invitation.NAME,
        params={"method": invitation.method(event), "charset": "UTF-8"},
    )  # fmt: skip


def _envelope(delivery: Delivery) -> str:
    """Bounces come back to the reply address, which says of which ticket and whom they are."""
    return delivery.reply_to or settings.SUPPORT_ADDRESS


# ---- a relay


class Relay:
    """One connection to an SMTP server, kept open between messages."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT, tokens: Tokens | None = None) -> None:
        self.parts = urlsplit(url)
        self.tokens = tokens
        self.timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def send(self, delivery: Delivery, message: EmailMessage) -> None:
        """Raises `Away` when there is no talking to the relay, else what it says of this message."""
        smtp = self._ready()
        try:
            self._hand_over(smtp, delivery, message)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            raise NotNow(f"the relay broke off: {_said(error)}") from error

    def _hand_over(self, smtp: smtplib.SMTP, delivery: Delivery, message: EmailMessage) -> None:
        raw = dkim.sign(message.as_bytes(policy=POLICY))
        utf8 = not delivery.recipient.partition("@")[0].isascii()
        if utf8 and not smtp.has_extn("smtputf8"):
            raise NeverSo("the relay takes no addresses outside ASCII")
        try:
            smtp.sendmail(
                _envelope(delivery), [str(message["To"].addresses[0].addr_spec)], raw,
                mail_options=["SMTPUTF8"] if utf8 else [],
            )  # fmt: skip
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            self._judge(code, said)
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code >= 500 and error.smtp_code != 552:  # of us, not of this message
                self.close()
                raise Away(
                    f"the relay refuses our address: {_reply(error.smtp_code, error.smtp_error)}"
                ) from error
            self._judge(error.smtp_code, error.smtp_error)
        except smtplib.SMTPResponseException as error:
            self._judge(error.smtp_code, error.smtp_error)

    def _judge(self, code: int, said: bytes | str) -> None:
        if code == 421:
            self.close()
            raise Away(f"the relay closes: {_reply(code, said)}")
        raise NeverSo(_reply(code, said)) if code >= 500 else NotNow(_reply(code, said))

    def _ready(self) -> smtplib.SMTP:
        """An open connection; one that has gone since the last message is made anew."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self.close()
        try:
            self._smtp = self._connect()
        except (OSError, smtplib.SMTPException, NoToken) as error:
            self.close()
            if self.tokens:
                self.tokens.forget()
            raise Away(f"the relay cannot be reached: {_said(error)}") from error
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        host, secure = self.parts.hostname or "", self.parts.scheme == "smtps"
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        if secure:
            smtp = smtplib.SMTP_SSL(host, self.parts.port or 465, timeout=self.timeout, context=context)
        else:
            smtp = smtplib.SMTP(host, self.parts.port or 25, timeout=self.timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            user = unquote(self.parts.username or "")
            if not secure and smtp.has_extn("starttls"):
                self._start_tls(smtp, context, must=bool(user))
            if user and self.tokens:
                _sign_in(smtp, user, self.tokens.access())
            elif user:
                smtp.login(user, unquote(self.parts.password or ""))
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _start_tls(self, smtp: smtplib.SMTP, context: ssl.SSLContext, *, must: bool) -> None:
        """Encrypted where it is offered; the certificate must hold where a password depends on it."""
        if not must:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()

    def close(self) -> None:
        """Drop the connection without waiting for a farewell."""
        if self._smtp is not None:
            smtp, self._smtp = self._smtp, None
            with suppress(OSError, smtplib.SMTPException):
                if smtp.sock is not None:
                    smtp.sock.settimeout(1)
                    smtp.quit()
            smtp.close()


def _sign_in(smtp: smtplib.SMTP, user: str, token: str) -> None:
    """XOAUTH2; to a refusal's details one answers with an empty line, and hears the refusal."""
    said = f"user={user}\x01auth=Bearer {token}\x01\x01"
    smtp.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "", initial_response_ok=True)


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {words.one_line(text, 500)}".strip()


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, TimeoutError | socket.timeout):
        return "it did not answer in time"
    return words.one_line(str(error) or type(error).__name__, 500)


# ---- a folder


class Maildir:
    """A Maildir that some other program sends from, or that nobody does (trials, tests)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = False

    def send(self, delivery: Delivery, message: EmailMessage) -> None:
        """Written and synced before it is counted as sent; written twice, it is one file."""
        name = f"{int(delivery.created_at.timestamp())}.D{delivery.pk}.mainstay"
        try:
            self._make()
            partial = self.folder / "tmp" / f"{name}.{os.getpid()}"
            with partial.open("wb") as file:
                file.write(message.as_bytes(policy=POLICY.clone(linesep="\n")))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / "new" / name)
            _sync(self.folder / "new")
        except OSError as error:
            raise Away(f"the folder {self.folder} cannot be written: {error}") from error

    def _make(self) -> None:
        if not self._made:
            for part in ("tmp", "new", "cur"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            self._made = True

    def close(self) -> None:
        """Nothing is held open."""


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
