"""The access token with which we send: from a file that holds what OAuth 2 needs (MAINSTAY_RELAY_TOKEN).

The file is JSON with token_url, client_id, refresh_token and, where the provider wants them, client_secret and
scope. A refresh token that the provider replaces is written back, so that the next start has it.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from mainstay.intake.mailboxes import oauth


@dataclass
class Tokens:
    """Gives an access token that holds for some minutes at least. Raises `oauth.NoToken`."""

    file: Path
    token: oauth.Token | None = field(default=None, repr=False)

    def access(self) -> str:
        if self.token is None or not self.token.fresh(time.time()):
            self.token = self._asked()
        return self.token.access

    def forget(self) -> None:
        """The server did not take it: ask for another."""
        self.token = None

    def _asked(self) -> oauth.Token:
        secret = self._read()
        try:
            token = oauth.access_token(secret)
        except ValueError as error:
            raise oauth.NoToken(f"{self.file}: token_url {error}") from None
        if token.refresh and token.refresh != secret.get("refresh_token"):
            self._write(secret | {"refresh_token": token.refresh})
        return token

    def _read(self) -> dict[str, str]:
        try:
            secret = json.loads(self.file.read_text())
        except (OSError, ValueError) as error:
            raise oauth.NoToken(f"{self.file} cannot be read: {error}") from None
        if not isinstance(secret, dict) or not all(isinstance(value, str) for value in secret.values()):
            raise oauth.NoToken(f"{self.file} must be a JSON object of texts")
        return secret

    def _write(self, secret: dict[str, str]) -> None:
        fresh = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(secret, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.file)
