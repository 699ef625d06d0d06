"""What a customer's person sees of tickets, by the statements that are kept, is what `access` says they may see."""

from typing import Any

import pytest
from django.http import Http404

from cast import Cast, acting
from mainstay.customers.models import Contact
from mainstay.tickets import access, participants, seen
from mainstay.tickets.models import Ticket


@pytest.fixture
def several(cast: Cast, opened: Any, at: Any) -> list[Ticket]:
    """Priya's and Tom's; of Priya's one that Tom joined, one closed and one that is spam; and Edgar's."""
    made = [opened(cast.priya), opened(cast.tom), opened(cast.priya), opened(cast.priya), opened(cast.priya)]
    participants.add(made[2], [cast.tom], by=acting(cast.priya), at=at(minutes=1))
    Ticket.objects.filter(pk=made[3].pk).update(state="closed", close_reason="resolved")
    Ticket.objects.filter(pk=made[4].pk).update(state="closed", close_reason="spam")
    return [*made, opened(cast.edgar)]


def told(contacts: list[Contact]) -> set[int]:
    """Every ticket that a list or a page shows them."""
    lists = [
        *seen.pressing(contacts),
        *seen.newest(contacts, closed=False),
        *seen.newest(contacts, closed=True),
    ]
    numbers = {one.pk for one in lists}
    assert {
        number for number in Ticket.objects.values_list("pk", flat=True) if opens(contacts, number)
    } == numbers
    return numbers


def opens(contacts: list[Contact], number: int) -> bool:
    try:
        return seen.one(contacts, number).pk == number
    except Http404:
        return False


@pytest.mark.parametrize(
    ("rights", "sees"),
    [
        ({"sees": "own"}, {1, 2}),
        ({"sees": "team", "team": ""}, {1, 2}),
        ({"sees": "team", "team": "Badges"}, {0, 1, 2, 3}),
        ({"sees": "all"}, {0, 1, 2, 3}),
        ({"sees": "own", "is_admin": True}, {0, 1, 2, 3}),
    ],
)
def test_lists_and_page_show_what_one_may_see_and_no_more(
    cast: Cast, several: list[Ticket], rights: dict[str, Any], sees: set[int]
) -> None:
    Contact.objects.filter(pk=cast.priya.pk).update(team="Badges")
    Contact.objects.filter(pk=cast.tom.pk).update(**rights)
    tom = Contact.objects.select_related("customer").get(pk=cast.tom.pk)
    may = set(access.visible_to_contact([tom]).values_list("pk", flat=True))
    assert told([tom]) == may == {several[n].pk for n in sees}


def test_somebody_of_two_customers_sees_what_they_see_at_each(cast: Cast, several: list[Ticket]) -> None:
    both = [cast.tom, cast.edgar]
    may = set(access.visible_to_contact(both).values_list("pk", flat=True))
    assert told(both) == may == {several[n].pk for n in (1, 2, 5)}


def test_a_list_goes_on_behind_its_last_line(cast: Cast, opened: Any, at: Any) -> None:
    made = [opened(when=at(minutes=n // 2)) for n in range(5)]
    first = seen.newest([cast.priya], closed=False)
    assert [one.pk for one in first] == [one.pk for one in reversed(made)]
    behind = seen.newest([cast.priya], closed=False, before=first[1].pk)
    assert behind == first[2:]
