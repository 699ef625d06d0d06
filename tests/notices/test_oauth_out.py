"""Sending where passwords are not taken: XOAUTH2 by SMTP, and Microsoft Graph."""

import base64
import json
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from mainstay.notices.answers import Away, NeverSo, NotNow
from mainstay.notices.email import Relay
from mainstay.notices.graph import Graph
from mainstay.notices.models import Delivery
from mainstay.notices.tokens import Tokens
from notices.smtp import Server, free_port


class Provider(BaseHTTPRequestHandler):
    """Gives tokens, and takes mails as Microsoft Graph does. `answers` are said to mails in turn."""

    given = 0
    answers: list[int] = []
    got: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/token":
            type(self).given += 1
            answer = {"access_token": f"a{self.given}", "expires_in": 3600, "refresh_token": f"r{self.given}"}
            return self._say(200, answer)
        status = self.answers.pop(0) if self.answers else 202
        if self.headers["Authorization"] != f"Bearer a{self.given}":
            status = 401
        if status == 202:
            self.got.append((self.path, base64.b64decode(body)))
        return self._say(
            status, {"error": {"code": "ErrorX", "message": "so it is"}} if status != 202 else {}
        )

    def _say(self, status: int, what: dict[str, Any]) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.given, Provider.answers, Provider.got = 0, [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tokens(tmp_path: Path, provider: str) -> Tokens:
    file = tmp_path / "token.json"
    file.write_text(json.dumps({"token_url": f"{provider}/token", "client_id": "us", "refresh_token": "r0"}))
    return Tokens(file)


def letter() -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "s@vendor.example", "p@h.example", "Hello"
    message.set_content("It works.\n")
    return message


def delivery() -> Delivery:
    return Delivery(recipient="p@h.example")


def test_graph_takes_the_whole_message_and_the_new_refresh_token_is_kept(
    tokens: Tokens, provider: str
) -> None:
    Graph("graph://support@vendor.example", tokens, base=provider).send(delivery(), letter())
    path, raw = Provider.got[0]
    assert path == "/users/support%40vendor.example/sendMail"
    assert message_from_bytes(raw)["Subject"] == "Hello"
    assert json.loads(tokens.file.read_text())["refresh_token"] == "r1"


@pytest.mark.parametrize(
    ("status", "answer"), [(429, NotNow), (503, NotNow), (400, NeverSo), (413, NeverSo), (403, Away)]
)
def test_what_graph_says_is_kept_apart(tokens: Tokens, provider: str, status: int, answer: Any) -> None:
    Provider.answers = [status]
    with pytest.raises(answer, match=f"{status} ErrorX so it is"):
        Graph("graph://support@vendor.example", tokens, base=provider).send(delivery(), letter())


def test_a_token_that_is_not_taken_is_replaced(tokens: Tokens, provider: str) -> None:
    way = Graph("graph://support@vendor.example", tokens, base=provider)
    way.send(delivery(), letter())
    Provider.given += 1  # it was revoked meanwhile
    with pytest.raises(Away):
        way.send(delivery(), letter())
    way.send(delivery(), letter())
    assert len(Provider.got) == 2


def test_without_a_sign_in_service_the_way_out_is_away(tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    file.write_text('{"token_url": "http://127.0.0.1:9/", "client_id": "us", "refresh_token": "secret word"}')
    with pytest.raises(Away) as away:
        Graph("graph://support@vendor.example", Tokens(file)).send(delivery(), letter())
    assert "secret word" not in str(away.value)


class Xoauth(Server):
    """A relay that takes XOAUTH2 with the provider's newest token only."""

    users: list[str] = []

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        user, bearer = base64.b64decode(args[1]).decode().split("\x01")[:2]
        self.users.append(user)
        return AuthResult(success=bearer == f"auth=Bearer a{Provider.given}")


def test_smtp_signs_in_with_a_token(tokens: Tokens) -> None:
    server = Xoauth()
    controller = Controller(
        server, hostname="127.0.0.1", port=free_port(), auth_require_tls=False, auth_required=True,
        authenticator=lambda *_: AuthResult(success=False),
    )  # fmt: skip
    controller.start()
    try:
        relay = Relay(f"smtp://support%40vendor.example@127.0.0.1:{controller.port}", tokens=tokens)
        relay.send(delivery(), letter())
        relay.close()
        assert len(server.got) == 1
        assert server.users == ["user=support@vendor.example"]
        Provider.given += 1
        with pytest.raises(Away):
            relay.send(delivery(), letter())
        relay.send(delivery(), letter())
        relay.close()
        assert len(server.got) == 2
    finally:
        controller.stop()
