"""Somebody of elsewhere who is copied in takes part once the requester says so, by a link or in the portal."""

import re

import pytest
from django.test import Client

from cast import acting
from mainstay.notices.models import Delivery
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Participant

ANN = "ann@installer.example"


@pytest.fixture
def asked(desk, monkeypatch):
    """It is the cast's Monday. Priya copied Ann in, of another organisation; Tom takes part already."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: desk.now)
    ticket = desk.opens()
    tom = desk.cast.tom
    Participant.objects.create(ticket=ticket, contact=tom, address=tom.email, since=desk.now)
    Participant.objects.create(ticket=ticket, address=ANN, since=desk.now, accepted=False)
    with changing(ticket) as fresh:
        record(fresh, "participants_added", by=acting(desk.cast.priya), at=desk.now,
               detail={"accepted": [], "waiting": [ANN]})  # fmt: skip
    return ticket


def link_of(delivery: Delivery) -> str:
    return re.search(r"Let them take part:\nhttp://[^/]+(/r/\S+)", delivery.text)[1]


def test_the_requester_alone_is_asked_and_one_click_lets_them_in(desk, asked):
    letter = desk.letter(asked, "approval")
    assert letter.recipient == desk.cast.priya.email
    assert Delivery.objects.filter(template="approval").count() == 1
    assert f"{ANN} was copied in" in letter.text
    client = Client()  # nobody is signed in
    page = client.get(link_of(letter)).content.decode()
    assert ANN in page
    assert not Participant.objects.get(address=ANN).accepted  # looking lets nobody in
    assert client.post(link_of(letter)).status_code == 200
    assert Participant.objects.get(address=ANN).accepted
    assert asked.events.get(kind="participant_approved").by_kind == "contact"
    assert client.post(link_of(letter)).status_code == 422  # they take part already


def test_the_link_lets_in_nobody_whom_its_mail_did_not_name(desk, asked):
    letter = desk.letter(asked, "approval")
    Participant.objects.create(ticket=asked, address="eve@bad.example", since=desk.now, accepted=False)
    Client().post(link_of(letter))
    assert not Participant.objects.get(address="eve@bad.example").accepted


def test_they_are_let_in_in_the_portal_by_the_requester_and_by_nobody_else(desk, asked):
    person = Participant.objects.get(address=ANN)
    address = f"/requests/{asked.pk}/participants/{person.pk}/approval"
    for who, status in ((desk.cast.tom, 404), (desk.cast.edgar, 404)):
        client = Client()
        client.force_login(who.user)
        assert client.post(address).status_code == status
    client = Client()
    client.force_login(desk.cast.priya.user)
    assert f"{ANN} was copied in" in client.get(f"/requests/{asked.pk}").content.decode()
    assert client.post(address).status_code == 302
    assert Participant.objects.get(address=ANN).accepted
    assert (
        ANN
        not in client.get(f"/requests/{asked.pk}").content.decode().partition("May they take part?")[2][:400]
    )
