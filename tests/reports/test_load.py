"""The load for measuring is made of true tickets."""

from typing import Any

import pytest

import cast as people
from mainstay.reports import load
from mainstay.tickets import access, verify
from mainstay.tickets.models import Clock, Event, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_known_yet() -> None:
    load._ENTITLED.clear()


def test_a_batch_of_the_load_has_true_clocks_and_whole_chains(cast: Any) -> None:
    load.prepare(people.NOW, customers=6)
    load.load_batch(0, 60, people.NOW)
    tickets = list(Ticket.objects.select_related("level"))
    assert len(tickets) == 60
    assert [line for ticket in tickets for line in verify.differences(ticket)] == []
    assert Message.objects.count() > 60
    assert Event.objects.count() > 240
    assert Clock.objects.filter(state="stopped").exists()
    assert access.queue(cast.mara).count() == sum(ticket.is_open for ticket in tickets)


def test_the_same_batch_is_the_same_tickets(cast: Any) -> None:
    load.prepare(people.NOW, customers=6)
    load.load_batch(3, 10, people.NOW)
    first = list(Ticket.objects.order_by("pk").values_list("subject", "opened_at", "state"))
    load.load_batch(3, 10, people.NOW)
    assert list(Ticket.objects.order_by("pk").values_list("subject", "opened_at", "state"))[10:] == first
