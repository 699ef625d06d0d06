"""Sending through Microsoft Graph, where SMTP is switched off: the whole message, as we built it (MIME)."""

from __future__ import annotations

import base64
import json
from email.message import EmailMessage
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from mainstay.intake.mailboxes import oauth
from mainstay.notices import dkim
from mainstay.notices.answers import Away, NeverSo, NotNow
from mainstay.notices.models import Delivery
from mainstay.notices.tokens import Tokens

GRAPH = "https://graph.microsoft.com/v1.0"
TIMEOUT = 60.0
AGAIN = {408, 429, 500, 502, 503, 504}


class Graph:
    """`graph://user@tenant.example` of the settings: mail leaves as that user."""

    def __init__(self, url: str, tokens: Tokens, *, base: str = GRAPH) -> None:
        parts = urlsplit(url)
        self.user = f"{parts.username}@{parts.hostname}"
        self.tokens = tokens
        self.base = oauth.checked_url(base)

    def send(self, delivery: Delivery, message: EmailMessage) -> None:
        """Raises `Away` when there is no talking to Graph, else what it says of this message."""
        from mainstay.notices.email import POLICY

        raw = dkim.sign(message.as_bytes(policy=POLICY))
        request = Request(  # noqa: S310 - checked to be https, or this machine
            f"{self.base}/users/{quote(self.user)}/sendMail",
            data=base64.b64encode(raw),
            headers={"Authorization": f"Bearer {self._token()}", "Content-Type": "text/plain"},
        )
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                answer.read(1000)
        except HTTPError as error:
            self._judge(error)
        except (URLError, OSError, HTTPException) as error:
            raise Away(f"Microsoft Graph cannot be reached: {error}") from None

    def _token(self) -> str:
        try:
            return self.tokens.access()
        except oauth.NoToken as error:
            raise Away(str(error)) from None

    def _judge(self, error: HTTPError) -> None:
        said = f"Microsoft Graph says {error.code} {_reason(error)}".strip()
        if error.code in {401, 403}:  # of us, not of this message
            self.tokens.forget()
            raise Away(said) from None
        if error.code in AGAIN:
            raise NotNow(said) from None
        raise NeverSo(said) from None

    def close(self) -> None:
        """Nothing is held open."""


def _reason(error: HTTPError) -> str:
    try:
        found = json.loads(error.read(10_000))["error"]
        return f"{found.get('code', '')} {str(found.get('message', ''))[:300]}".strip()
    except (ValueError, KeyError, AttributeError, TypeError, OSError):
        return ""
