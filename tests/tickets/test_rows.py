"""What goes to the tables by `rows` arrives as it was said, and fits the bytes that were hashed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from cast import acting
from mainstay import rows
from mainstay.tickets import events
from mainstay.tickets.models import Alarm, Event, Ticket

pytestmark = pytest.mark.django_db
At = Callable[..., datetime]


class Named(NamedTuple):
    clock: str
    n: int


def test_what_a_page_of_events_says_is_what_its_hashes_say(ticket: Ticket, cast: Any, at: At) -> None:
    page = events.Page()
    said = {
        "words": 'Grüße, 漢字, 😀, "quoted" \\ / \x7f \u2028 and a line\nwith a tab\t',
        "share": 0.1, "none": None,
        "moved": [Named("first_response", 1), ("resolution", 2)], "by number": {1: "one", 10: "ten"},
    }  # fmt: skip
    events.remember(ticket)
    page.record(ticket, "noted", by=acting(cast.mara), at=at(minutes=3), why="Zoë", more=said, detail=said)
    page.write()
    log = list(Event.objects.filter(ticket=ticket).select_related("text").order_by("seq"))
    assert log[-1].after["moved"] == [["first_response", 1], ["resolution", 2]]
    assert log[-1].after["words"] == log[-1].text.detail["words"] == said["words"]
    assert events.first_broken(log) is None
    assert events.words_fit(log[-1])


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused_and_not_stored_as_nothing(
    odd: float, ticket: Ticket, cast: Any, at: At
) -> None:
    for said in ({"more": {"share": odd}}, {"detail": {"shares": [1, odd]}}):
        events.remember(ticket)
        with pytest.raises(ValueError, match="Out of range float values"):
            events.Page().record(ticket, "noted", by=acting(cast.mara), at=at(minutes=3), **said)


def test_an_instant_arrives_to_the_microsecond_in_whatever_zone_it_was_said(ticket: Ticket, at: At) -> None:
    instant = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
    told = {"ticket_id": ticket.pk, "clock": "first_response", "n": 1, "kind": "warn", "due_at": instant}
    rows.put(Alarm, [{**told, "noticed_at": at()}])
    found = Alarm.objects.get(ticket=ticket, kind="warn")
    assert (found.due_at, found.noticed_at) == (instant, at())


def test_what_no_row_holds_is_refused_and_not_written_as_something_else(ticket: Ticket) -> None:
    with pytest.raises(TypeError, match="object"):
        rows.put(Alarm, [{"ticket_id": ticket.pk, "clock": object()}])
