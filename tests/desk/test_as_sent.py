"""A mail as it was sent: shown in a frame where nothing runs and nothing is fetched until somebody asks."""

import re

import pytest
from django.test import Client

from cast import NOW, Cast
from mainstay.intake.email import html
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Message

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000154a24f5f0000"
    "000049454e44ae426082"
)
MAIL = (
    '<p>See <b>this</b>:</p><img src="cid:shot@mail" alt="the page"><img src="https://tracker.example/p.gif?me">'
    '<img src="http://127.0.0.1:9/x.png"><script>alert(1)</script><a href="javascript:alert(2)">x</a>'
)


@pytest.fixture
def letter(cast: Cast) -> Message:
    files = (
        Upload("shot.png", "image/png", PIXEL, "<shot@mail>"),
        Upload("evil.svg", "image/svg+xml", b"<svg onload=alert(3)>", "<evil@mail>"),
    )
    said = Said(
        "See this", "email", html=html.sanitise(MAIL + '<img src="cid:evil@mail">'), attachments=files
    )
    ticket = open_ticket(
        Request("Picture", said, customer=cast.harbourline, contact=cast.priya), by=acting_priya(cast), at=NOW
    )
    return ticket.messages.get()


def acting_priya(cast: Cast):  # type: ignore[no-untyped-def]
    from cast import acting

    return acting(cast.priya)


def as_mara(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.mara)
    return client


def test_its_own_pictures_are_in_place_and_those_from_elsewhere_are_not_fetched__attack_36(
    cast: Cast, letter: Message
) -> None:
    answer = as_mara(cast).get(f"/desk/letters/{letter.pk}/document")
    shown = answer.content.decode()
    assert re.findall(r'src="([^"]{0,22})', shown) == ["data:image/png;base64,"]
    assert "tracker.example" not in shown
    assert "127.0.0.1:9" not in shown
    assert "script" not in shown
    assert "onload" not in shown
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "default-src 'none'; img-src data:;" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_pictures_from_elsewhere_come_when_somebody_asks(cast: Cast, letter: Message) -> None:
    client = as_mara(cast)
    page = client.get(f"/desk/letters/{letter.pk}").content.decode()
    assert "2 pictures from elsewhere are not fetched" in page
    assert "127.0.0.1:9, tracker.example" in page
    asked = client.get(f"/desk/letters/{letter.pk}/document?pictures=1")
    assert "https://tracker.example/p.gif?me" in asked.content.decode()
    assert "img-src data: https: http:;" in asked.headers["Content-Security-Policy"]


def test_the_ticket_leads_to_it_and_a_plain_mail_has_none(cast: Cast, letter: Message) -> None:
    page = as_mara(cast).get(f"/desk/tickets/{letter.ticket_id}").content.decode()
    assert f"/desk/letters/{letter.pk}" in page
    Message.objects.update(html="")
    assert as_mara(cast).get(f"/desk/letters/{letter.pk}").status_code == 404


def test_a_picture_that_is_gone_from_the_disk_is_named(cast: Cast, letter: Message) -> None:
    from mainstay.tickets import files

    files.where(letter.attachments.get(name="shot.png").sha256).unlink()
    shown = as_mara(cast).get(f"/desk/letters/{letter.pk}/document").content.decode()
    assert "[the page]" in shown
