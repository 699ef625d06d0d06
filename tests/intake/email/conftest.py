"""A post office for the tests: write a mail, have it accepted and handled, see what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from cast import NOW
from mainstay.accounts.models import User
from mainstay.config.env import env
from mainstay.customers.models import Contact
from mainstay.intake.email import signed
from mainstay.intake.email.accept import accept
from mainstay.intake.email.handle import handle_new
from mainstay.intake.email.keys import signing_key
from mainstay.intake.models import Mail
from mainstay.tickets.models import Ticket

MX = "mx.vendor.example"
SUPPORT = "support@vendor.example"


@dataclass
class Post:
    """Mails leave one second after another, from `NOW` on."""

    at: datetime = NOW
    count: int = 0

    def write(
        self,
        sender: str,
        text: str = "The pump report stays empty.",
        *,
        subject: str = "Report empty",
        to: str = SUPPORT,
        cc: str = "",
        auth: str = "pass",
        answers: str = "",
        message_id: str = "",
        headers: str = "",
    ) -> bytes:
        """The bytes of a mail; `answers` is a Message-ID, `auth` what our server says of the sender."""
        self.count += 1
        domain = sender.rpartition("@")[2].strip("> ")
        lines = [
            f"Authentication-Results: {MX}; dmarc={auth} header.from={domain}" if auth != "none" else "",
            f"From: {sender}",
            f"To: {to}",
            f"Cc: {cc}" if cc else "",
            f"Subject: {subject}" if subject else "",
            f"Message-ID: {message_id or f'<{self.count}.{id(self)}@mail.example>'}",
            f"In-Reply-To: {answers}" if answers else "",
            "Content-Type: text/plain; charset=utf-8",
            *headers.splitlines(),
        ]
        return ("\n".join(line for line in lines if line) + f"\n\n{text}\n").encode()

    def send(self, sender: str, text: str = "The pump report stays empty.", **more: Any) -> Mail:
        """Write, accept and handle one mail; returns what became of it."""
        return self.take(self.write(sender, text, **more))

    def take(self, raw: bytes, **more: Any) -> Mail:
        """Accept and handle these bytes."""
        self.at += timedelta(seconds=1)
        number = accept(raw, source="smtp", envelope_from="someone@mail.example", at=self.at, **more)
        handle_new(self.at)
        return Mail.objects.get(pk=number)

    def reference(self, ticket: Ticket, who: User | Contact | None = None) -> str:
        """The Message-ID of a mail of ours about a ticket, made for one recipient."""
        kind = "none" if who is None else "staff" if isinstance(who, User) else "contact"
        about = f"{self.count} {ticket.last_seq}"
        return signed.make_message_id(
            signing_key(), ticket.pk, about, kind, who.pk if who else None, domain="vendor.example"
        )

    def token(self, ticket: Ticket, who: User | Contact) -> str:
        """The address a mail of ours asks to answer to."""
        kind = "staff" if isinstance(who, User) else "contact"
        local, _, domain = SUPPORT.partition("@")
        return f"{local}+{signed.make_reply_token(signing_key(), ticket.pk, kind, who.pk)}@{domain}"

    def opened(self, sender: str, text: str = "The pump report stays empty.", **more: Any) -> Ticket:
        """A ticket opened by mail."""
        mail = self.send(sender, text, **more)
        assert mail.outcome == "ticket", mail.reason
        assert mail.ticket is not None
        return mail.ticket


@pytest.fixture
def post(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """The post office, with a receiving server whose results are believed."""
    monkeypatch.setenv("MAINSTAY_AUTHSERV_ID", MX)
    env.cache_clear()
    yield Post()
    monkeypatch.undo()
    env.cache_clear()
