"""OAuth 2 for mail (RFC 6749, section 6): a refresh token becomes an access token, and is kept when it changes.

Microsoft 365 and Google differ in two addresses and a scope. Nothing of a token is ever logged.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

PROVIDERS: Mapping[str, Mapping[str, str]] = {
    "microsoft": {
        "token_url": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        "scope": "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access",
        "host": "outlook.office365.com",
    },
    "google": {
        "token_url": "https://oauth2.googleapis.com/token",
        "scope": "https://mail.google.com/",
        "host": "imap.gmail.com",
    },
}
TIMEOUT = 20.0
LONGEST = 366 * 86400  # seconds that a token may be said to last
EARLY = 120  # seconds before its end a token counts as used up


class NoToken(Exception):  # noqa: N818 - an answer of the provider
    """The provider gave no access token; the words are its own."""


@dataclass(frozen=True)
class Token:
    """An access token and when it ends (seconds since 1970). `refresh` is a new refresh token, if one came."""

    access: str
    ends: float
    refresh: str = ""

    def fresh(self, now: float) -> bool:
        return now < self.ends - EARLY


def checked_url(url: str) -> str:
    """The address of a token endpoint: https, or plain http on this machine only. Raises ValueError."""
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must be an https address")
    return url


def access_token(secret: Mapping[str, str]) -> Token:
    """Ask for an access token. `secret`: token_url, client_id, client_secret (may be empty), refresh_token,
    scope (may be empty). Raises `NoToken`."""
    form = {"grant_type": "refresh_token"} | {
        name: secret[name]
        for name in ("client_id", "client_secret", "refresh_token", "scope")
        if secret.get(name)
    }
    request = Request(  # noqa: S310 - checked to be https, or this machine
        checked_url(secret.get("token_url", "")),
        data=urlencode(form).encode(),
        headers={"Accept": "application/json"},
    )
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            found = json.loads(answer.read(100_000))
    except HTTPError as error:
        raise NoToken(f"the sign-in service says {error.code}: {_said(error)}") from None
    except (URLError, OSError, ValueError) as error:
        raise NoToken(f"the sign-in service cannot be asked: {_plain(error)}") from None
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        raise NoToken("the sign-in service answered without an access token")
    lasts = found.get("expires_in", 3600)
    known = isinstance(lasts, int | float) and 0 < lasts <= LONGEST  # neither of which is so for NaN
    ends = time.time() + (float(lasts) if known else 3600.0)
    return Token(found["access_token"], ends, str(found.get("refresh_token", "") or ""))


def _said(error: HTTPError) -> str:
    """The provider's own error code (RFC 6749, 5.2); its description may hold identifiers, so it is cut."""
    try:
        body = json.loads(error.read(10_000))
        return f"{body.get('error', '')} {str(body.get('error_description', ''))[:200]}".strip()
    except (ValueError, AttributeError, OSError):
        return "no reason given"


def _plain(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return " ".join(str(reason).split())[:200] or type(error).__name__
