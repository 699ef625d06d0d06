"""A row of the queue says why it stands there, and its place can be reckoned by hand (one formula everywhere)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from cast import NOW, Cast, acting
from mainstay.tickets import triage
from mainstay.tickets.models import Ticket

As = Callable[..., Client]


def queue(client: Client, address: str = "/desk/") -> str:
    return str(client.get(address).content.decode())


def why(html: str, ticket: Ticket) -> str:
    """The sentence of a row, as it is read."""
    row = html[html.index(f'data-id="{ticket.pk}"') :]
    said = row[row.index("<summary") : row.index("</summary>")]
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


def place(client: Client, ticket: Ticket, **asks: str) -> str:
    answer = client.get(f"/desk/tickets/{ticket.pk}/position", asks, headers={"X-Requested-With": "open"})
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def graded(cast: Cast, ticket: Ticket, severity: int, at: datetime = NOW) -> Ticket:
    by = acting(cast.ifeoma)
    triage.triage(ticket, severity=severity, category="technical", reason="Seen.", by=by, at=at)
    ticket.refresh_from_db()
    return ticket


def test_each_row_says_in_a_sentence_why_it_stands_there(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    grave = graded(cast, asks(at=NOW - timedelta(minutes=3)), 1, NOW - timedelta(minutes=3))
    nothing = asks(cast.jonah, subject="Letters")
    early = NOW - timedelta(hours=9)
    late = graded(cast, asks(cast.aiko, at=early), 1, early)
    html = queue(as_(cast.mara))
    assert (
        why(html, grave) == "Harbourline Health severity 1, Business Critical, first response due in 12 min"
    )
    assert "severity 1, High Priority, first response over by" in why(html, late)
    assert re.search(r"severity 3, Included, a goal of 2 business days, to the front \w+", why(html, nothing))


def test_what_waits_says_for_what_and_when_it_comes_to_the_front(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket = graded(cast, asks(cast.beth), 3)
    asked = {"names": ["product_version"], "text": "Which version?"}
    triage.ask_information(ticket, **asked, by=acting(cast.mara), at=NOW)
    said = why(queue(as_(cast.mara)), ticket)
    assert "severity 3, Standard Business, we asked: the information we asked for, to the front" in said
    shown = place(as_(cast.mara), ticket)
    assert "Waits for somebody else since" in shown
    assert "20 days" in shown
    assert "no promise runs" in shown


def test_the_place_can_be_reckoned_by_hand(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    ticket = graded(cast, asks(), 1)
    shown, zone = place(as_(cast.mara), ticket), ZoneInfo(cast.mara.time_zone)
    due, effective = (
        (NOW + timedelta(minutes=n)).astimezone(zone).strftime("%H:%M:%S") for n in (15, 15 - 60)
    )
    assert f"First response promised, the earliest {due}" in shown
    assert "Workaround promised, later" in shown
    assert "less the head start of Business Critical at severity 1 1 h" in shown
    assert f"Effective due {effective}" in shown
    assert "P1: Effective due has passed" in shown


def test_its_neighbours_say_what_of_the_order_puts_them_there(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    early = NOW - timedelta(minutes=5)
    first = graded(cast, asks(at=early), 1, early)
    second = graded(cast, asks(at=NOW), 1)
    twin = graded(cast, asks(subject="The same again", at=NOW), 1)
    client = as_(cast.mara)
    shown = place(client, second)
    assert f"Above it: {first.pk} Badge sign-in refused" in shown
    assert "5 min earlier" in shown
    assert f"Below it: {twin.pk} The same again" in shown
    assert "too: a higher number" in shown
    assert "All open: 1 before it" in shown
    assert "Nothing stands above it" in place(client, first)
    assert "Nothing stands below it" in place(client, twin)
    Ticket.objects.filter(pk=twin.pk).update(level_rank=1)
    assert "too: a lower level" in place(client, second)


def test_the_neighbours_are_those_of_the_view_that_is_looked_at(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    early = NOW - timedelta(hours=9)
    graded(cast, asks(cast.aiko, subject="Trains late", at=early), 1, early)
    ours = graded(cast, asks(at=NOW), 1)
    client = as_(cast.mara)
    assert "customer:harbourline: 0 before it" in place(client, ours, q="customer:harbourline")
    assert "All open: 1 before it" in place(client, ours)
    for odd in ("nothing:so", "customer:nobody", "\x00", "is:closed"):
        assert "All open: 1 before it" in place(client, ours, q=odd)
    html = queue(client, "/desk/?view=grave&q=customer:harbourline")
    assert 'data-asks="view=grave&amp;q=customer%3Aharbourline"' in html


def test_without_a_script_it_is_a_page_and_a_closed_ticket_has_no_place(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket = asks()
    answer = as_(cast.dmitri).get(f"/desk/tickets/{ticket.pk}/position")
    assert "Place in the queue" in answer.content.decode()
    Ticket.objects.filter(pk=ticket.pk).update(state="closed")
    assert as_(cast.mara).get(f"/desk/tickets/{ticket.pk}/position").status_code == 404


def test_a_reckoning_asks_no_more_where_more_is_open(
    cast: Cast, asks: Any, as_: As, now: datetime, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:  # fmt: skip
    client, ticket = as_(cast.mara), asks()
    place(client, ticket)
    with django_assert_max_num_queries(14) as few:
        place(client, ticket)
    for n in range(5):
        asks(subject=f"More {n}")
    with django_assert_num_queries(len(few)):
        place(client, ticket)
