"""Where no server of ours says who a sender is, our own check does: made once, before the mail is handled."""

from collections.abc import Iterator
from typing import Any

import pytest

from cast import NOW, Cast
from mainstay.config.env import env
from mainstay.intake.email import proof
from mainstay.intake.email.accept import accept
from mainstay.intake.email.handle import handle_new
from mainstay.intake.email.prove import Envelope
from mainstay.intake.email.sender import Authentication
from mainstay.intake.models import Mail
from mainstay.tickets.models import Message

LETTER = b"From: priya@harbourline.example\nTo: support@vendor.example\nMessage-ID: <1@x>\n\nIt is empty.\n"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Envelope]]]:
    monkeypatch.setenv("MAINSTAY_DNS", "127.0.0.1:9")
    env.cache_clear()
    seen: list[tuple[str, Envelope]] = []

    def prove(raw: bytes, domain: str, envelope: Envelope) -> Authentication:
        seen.append((domain, envelope))
        return Authentication("pass", "DKIM of harbourline.example passed (our own check)", domain)

    monkeypatch.setattr(proof, "prove", prove)
    yield seen
    monkeypatch.undo()
    env.cache_clear()


def test_the_check_is_made_with_what_the_envelope_said_and_stands_on_the_message(
    cast: Cast, asked: Any
) -> None:
    accept(
        LETTER, source="smtp", envelope_from="<p@harbourline.example>", at=NOW, peer="203.0.113.7", helo="mx"
    )
    handle_new(NOW)
    assert asked == [("harbourline.example", Envelope("203.0.113.7", "mx", "<p@harbourline.example>"))]
    message = Message.objects.get(kind="in")
    assert message.authenticated == "pass"
    assert message.authenticated_why == "DKIM of harbourline.example passed (our own check)"


def test_it_is_asked_once_whatever_happens_afterwards(
    cast: Cast, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(LETTER, source="smtp", at=NOW)
    for _ in range(3):
        Mail.objects.update(state="new", tries=0, not_before=None)
        handle_new(NOW)
    assert len(asked) == 1


def test_nothing_is_asked_where_a_server_of_ours_says_it(
    cast: Cast, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_AUTHSERV_ID", "mx.vendor.example")
    env.cache_clear()
    accept(LETTER, source="smtp", at=NOW)
    handle_new(NOW)
    assert asked == []
    assert Message.objects.get(kind="in").authenticated == "none"
