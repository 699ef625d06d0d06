"""Mail that is kept elsewhere: fetched by IMAP from a real Dovecot, each message once, whatever happens between."""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import cast
from dovecot import PASSWORD, WITHOUT_IDLE, Dovecot
from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.intake.email.accept import LIMIT
from mainstay.intake.email.handle import handle_new
from mainstay.intake.email.ours import is_ours
from mainstay.intake.mailboxes import fetch, imap, known, vault
from mainstay.intake.mailboxes.fetch import Fetcher
from mainstay.intake.mailboxes.register import Settings, add_mailbox, change_mailbox, switch, try_out
from mainstay.intake.models import Mail, Mailbox
from mainstay.tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("live_db")
BOX = "atlas@vendor.example"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short one: the paths of its sockets may have 100 characters."""
    with tempfile.TemporaryDirectory(prefix="imap-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def dovecot(folder: Path) -> Iterator[Dovecot]:
    server = Dovecot(folder).start()
    yield server
    server.stop()


@pytest.fixture
def people(live_db: Any) -> cast.Cast:
    known.forget()
    return cast.make()


def letter(
    number: int, sender: str = "priya@harbourline.example", text: str = "The pump report is empty."
) -> bytes:
    return (
        f"From: {sender}\r\nTo: {BOX}\r\nSubject: Report {number}\r\nMessage-ID: <{number}@mail.example>\r\n\r\n"
        f"{text}\r\n"
    ).encode()


def mailbox(server: Dovecot, people: cast.Cast, *, everything: bool = True, **more: Any) -> Mailbox:
    settings = Settings(
        address=BOX, name="Atlas", kind="imap", host="127.0.0.1", port=server.port, security="none",
        user="atlas", **({"secret": {"password": PASSWORD}} | more),
    )  # fmt: skip
    return add_mailbox(settings, everything=everything, by=Actor.staff(people.ruth), at=cast.NOW)


def look(box: Mailbox) -> int:
    return Fetcher(box.pk, threading.Event()).once()


def wait_until(what: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_message_is_fetched_committed_and_only_then_marked_as_read(
    dovecot: Dovecot, people: cast.Cast
) -> None:
    dovecot.deliver("atlas", letter(1))
    box = mailbox(dovecot, people)
    assert look(box) == 1
    mail = Mail.objects.get()
    assert bytes(mail.raw) == letter(1)
    assert (mail.source, mail.mailbox, mail.recipients) == ("imap", box, [BOX])
    with dovecot.client("atlas") as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "SEEN")[1] == [b"1"]
    handle_new(cast.NOW)
    assert Ticket.objects.get().requester == people.priya


def test_what_was_there_before_stays_there_unless_it_is_asked_for(
    dovecot: Dovecot, people: cast.Cast
) -> None:
    dovecot.deliver("atlas", letter(1))
    box = mailbox(dovecot, people, everything=False)
    assert look(box) == 0
    dovecot.deliver("atlas", letter(2))
    assert look(box) == 1
    assert [mail.subject for mail in _handled()] == ["Report 2"]


def _handled() -> list[Mail]:
    while handle_new(cast.NOW):
        pass
    return list(Mail.objects.order_by("pk"))


def test_a_server_that_counts_anew_doubles_nothing(dovecot: Dovecot, people: cast.Cast) -> None:
    """UIDVALIDITY changes: everything is looked at again and recognised (LESSON 26)."""
    box = mailbox(dovecot, people)
    for number in range(5):
        dovecot.deliver("atlas", letter(number))
    assert look(box) == 5
    box.refresh_from_db()
    before = box.uid_validity
    dovecot.count_anew("atlas")
    dovecot.deliver("atlas", letter(5))
    assert look(box) == 6
    box.refresh_from_db()
    assert box.uid_validity != before
    assert Mail.objects.count() == 6


def test_a_crash_between_commit_and_counting_takes_nothing_twice(
    dovecot: Dovecot, people: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailbox(dovecot, people)
    for number in range(3):
        dovecot.deliver("atlas", letter(number))
    kept = fetch.keep

    def keep_and_die(*args: Any, **more: Any) -> int:
        if kept(*args, **more) and Mail.objects.count() == 2:
            raise KeyboardInterrupt  # the process is killed right after the commit
        return 0

    monkeypatch.setattr(fetch, "keep", keep_and_die)
    with pytest.raises(KeyboardInterrupt):
        look(box)
    monkeypatch.setattr(fetch, "keep", kept)
    assert Mail.objects.count() == 2
    look(box)
    assert Mail.objects.count() == 3


def test_mail_that_comes_while_we_wait_is_told_by_the_server(dovecot: Dovecot, people: cast.Cast) -> None:
    """IDLE: no look is due for minutes, and the mail is here within seconds."""
    box = mailbox(dovecot, people)
    fetcher = Fetcher(box.pk, threading.Event())
    thread = threading.Thread(target=fetcher.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: Mailbox.objects.get().reached_at)
        dovecot.deliver("atlas", letter(1))
        wait_until(lambda: Mail.objects.count() == 1)
    finally:
        fetcher.stop.set()
        fetcher.leave()
        thread.join(5)
    assert not thread.is_alive()


def test_a_server_without_idle_is_looked_at_again_and_again(
    folder: Path, people: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "POLL", 0.1)
    server = Dovecot(folder, capability=WITHOUT_IDLE).start()
    box = mailbox(server, people)
    fetcher = Fetcher(box.pk, threading.Event())
    thread = threading.Thread(target=fetcher.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: Mailbox.objects.get().reached_at)
        server.deliver("atlas", letter(1))
        wait_until(lambda: Mail.objects.count() == 1)
    finally:
        fetcher.stop.set()
        fetcher.leave()
        thread.join(5)
        server.stop()


def test_a_killed_server_is_found_again_and_nothing_is_lost_or_doubled(
    dovecot: Dovecot, people: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BACKOFF", (0.1, 0.5))
    box = mailbox(dovecot, people)
    for number in range(30):
        dovecot.deliver("atlas", letter(number))
    fetcher = Fetcher(box.pk, threading.Event())
    thread = threading.Thread(target=fetcher.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: Mail.objects.count() >= 5)
        dovecot.kill()
        wait_until(lambda: Mailbox.objects.get().failing_since or Mail.objects.count() == 30)
        dovecot.start()
        for number in range(30, 40):
            dovecot.deliver("atlas", letter(number))
        wait_until(lambda: Mail.objects.count() == 40)
        wait_until(lambda: Mailbox.objects.get().failing_since is None)
    finally:
        fetcher.stop.set()
        fetcher.leave()
        thread.join(5)


def test_two_fetchers_do_not_take_one_mailbox_together(dovecot: Dovecot, people: cast.Cast) -> None:
    box = mailbox(dovecot, people)
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with fetch._held(box.pk):
            held.set()
            free.wait(10)
        fetch.connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(5)
        with pytest.raises(fetch.Stopped):
            look(box)
    finally:
        free.set()
        other.join(5)
    assert look(box) == 0


def test_a_message_over_the_limit_stays_there_and_people_hear_of_it(
    dovecot: Dovecot, people: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LIMIT == 50 * 1024 * 1024
    monkeypatch.setattr(fetch, "LIMIT", 2_000)
    dovecot.deliver("atlas", letter(1, text="x" * 3_000))
    dovecot.deliver("atlas", letter(2))
    assert look(mailbox(dovecot, people)) == 2
    large, small = Mail.objects.order_by("pk")
    assert large.state == Mail.State.QUARANTINE
    assert "still in INBOX of atlas@vendor.example" in large.reason
    assert b"Report 1" in bytes(large.raw)
    assert small.state == Mail.State.NEW


def test_what_was_taken_may_be_deleted_there_and_nothing_else(dovecot: Dovecot, people: cast.Cast) -> None:
    box = mailbox(dovecot, people, afterwards="delete")
    dovecot.deliver("atlas", letter(1))
    look(box)
    with dovecot.client("atlas") as client:
        assert client.select("INBOX", readonly=True)[1] == [b"0"]


def test_a_wrong_password_is_said_in_one_line_and_tried_again(dovecot: Dovecot, people: cast.Cast) -> None:
    box = mailbox(dovecot, people, secret={"password": "wrong"})
    with pytest.raises(imap.TROUBLE):
        look(box)
    with pytest.raises(Refused, match="does not let us in"):
        try_out(_again(box, dovecot), old=box)
    change_mailbox(box, _again(box, dovecot, PASSWORD), by=Actor.staff(people.ruth), at=cast.NOW)
    assert "Signed in" in try_out(_again(box, dovecot, PASSWORD))


def _again(box: Mailbox, server: Dovecot, password: str = "") -> Settings:
    return Settings(
        address=BOX, name="Atlas", kind="imap", host="127.0.0.1", port=server.port, security="none",
        user="atlas", secret={"password": password} if password else {},
    )  # fmt: skip


def test_secrets_are_sealed_at_rest_and_not_in_the_log(dovecot: Dovecot, people: cast.Cast) -> None:
    from mainstay.accounts.models import Act

    box = mailbox(dovecot, people)
    box.refresh_from_db()
    assert PASSWORD.encode() not in bytes(box.secret)
    assert vault.unseal(box.secret) == {"password": PASSWORD}
    assert PASSWORD not in str(list(Act.objects.values()))


def test_an_address_of_a_mailbox_is_ours_while_it_is_switched_on(dovecot: Dovecot, people: cast.Cast) -> None:
    box = mailbox(dovecot, people)
    assert is_ours("Atlas@Vendor.Example")
    assert is_ours("atlas+word@vendor.example")
    switch(box, on=False, by=Actor.staff(people.ruth), at=cast.NOW)
    assert not is_ours("atlas@vendor.example")
    with pytest.raises(fetch.Stopped):
        look(box)


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("address", {"address": "no address"}),
        ("address", {"address": "atlas+x@vendor.example"}),
        ("name", {"name": " "}),
        ("host", {"host": "im ap"}),
        ("port", {"port": 0}),
        ("security", {"security": "none", "host": "imap.vendor.example"}),
        ("password", {"secret": {}}),
        ("language", {"language": "klingon!"}),
        ("token_url", {"auth": "oauth", "secret": {"refresh_token": "r", "token_url": "http://elsewhere.example/"}}),
        ("client_id", {"auth": "oauth", "secret": {"refresh_token": "r", "provider": "google"}}),
    ],
)  # fmt: skip
def test_a_mailbox_that_cannot_work_is_refused_at_its_field(
    people: cast.Cast, field: str, settings: dict[str, Any]
) -> None:
    right: dict[str, Any] = {
        "address": BOX, "name": "Atlas", "kind": "imap", "host": "127.0.0.1", "security": "none",
        "secret": {"password": "x"},
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        add_mailbox(Settings(**(right | settings)), by=Actor.staff(people.ruth), at=cast.NOW)
    assert refused.value.field == field


# ---- OAuth 2


class Provider(BaseHTTPRequestHandler):
    """A sign-in service: gives tokens for the right refresh token, and says whether a token holds."""

    refresh, access, asked = "refresh 1", "", 0

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        type(self).asked += 1
        if form["refresh_token"] != [type(self).refresh]:
            return self._say(400, {"error": "invalid_grant", "error_description": "the token is used up"})
        type(self).access = f"access-{type(self).asked}"
        type(self).refresh = f"refresh {type(self).asked + 1}"
        return self._say(
            200, {"access_token": self.access, "expires_in": 3600, "refresh_token": type(self).refresh}
        )

    def do_GET(self) -> None:
        token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
        holds = bool(token) and token == type(self).access
        return self._say(200, {"active": holds, "email": "atlas"})

    def _say(self, status: int, what: dict[str, Any]) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.refresh, Provider.access, Provider.asked = "refresh 1", "", 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_oauth_signs_in_and_keeps_the_new_refresh_token(
    folder: Path, people: cast.Cast, provider: str
) -> None:
    server = Dovecot(folder, introspection=f"{provider}/hold?token=").start()
    try:
        secret = {"token_url": f"{provider}/token", "client_id": "us", "refresh_token": "refresh 1"}
        box = mailbox(server, people, auth="oauth", secret=secret)
        server.deliver("atlas", letter(1))
        assert look(box) == 1
        box.refresh_from_db()
        assert vault.unseal(box.secret)["refresh_token"] == "refresh 2"
        assert look(box) == 0
    finally:
        server.stop()


def test_a_refresh_token_that_no_longer_holds_is_said_without_showing_it(
    folder: Path, people: cast.Cast, provider: str
) -> None:
    secret = {"token_url": f"{provider}/token", "client_id": "us", "refresh_token": "an old secret"}
    settings = Settings(
        address=BOX, name="Atlas", kind="imap", host="127.0.0.1", port=1, security="none", auth="oauth",
        secret=secret,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        try_out(settings)
    assert refused.value.field == "refresh_token"
    assert "invalid_grant" in refused.value.message
    assert "an old secret" not in refused.value.message


def test_a_mailbox_gives_its_tickets_team_language_and_system(dovecot: Dovecot, people: cast.Cast) -> None:
    box = mailbox(dovecot, people, team=people.billing, language="de", product=people.atlas)
    dovecot.deliver("atlas", letter(1))
    look(box)
    _handled()
    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.language) == (people.billing, "de")
    runs_it = [one for one in people.harbourline.environments.all() if one.product == people.atlas]
    assert ticket.environment == (runs_it[0] if len(runs_it) == 1 else None)
