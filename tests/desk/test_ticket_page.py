"""The page of a ticket: drawers whose forms are fetched when they are opened, and what a long ticket costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.desk import drawers
from mainstay.tickets import closure, dispatch, resolution, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

MOST_QUERIES = 28  # with those of the rail


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket], now: Any) -> Ticket:
    """Triaged and in Mara's hands."""
    found = asks()
    by = acting(cast.ifeoma)
    triage.triage(found, severity=2, category="technical", reason="Slow.", by=by, at=NOW)
    dispatch.assign(found, to=cast.mara, by=by, at=NOW)
    return found


def talk(ticket: Ticket, cast: Cast, times: int) -> None:
    for n in range(times):
        at = NOW + timedelta(minutes=n)
        resolution.customer_replied(ticket, said=Said(f"Asked {n}", "email"), by=acting(cast.priya), at=at)
        resolution.reply(ticket, said=Said(f"Answered {n}", "desk"), by=acting(cast.mara), at=at)


def test_a_long_ticket_asks_the_database_as_often_as_a_short_one__lesson_36(
    cast: Cast, ticket: Ticket, as_: Any, django_assert_max_num_queries: Any
) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    talk(ticket, cast, 2)
    client.get(at)
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        client.get(at)
    talk(ticket, cast, 70)
    with django_assert_max_num_queries(len(few) + 1) as more:  # the page no longer shows the whole log
        page = client.get(at).content.decode()
    assert "Answered 69" in page
    assert page.count('class="msg ') <= 120
    assert "Earlier on this ticket" in page
    talk(ticket, cast, 140)
    with django_assert_max_num_queries(len(more)):
        client.get(at)


def test_a_closed_drawer_holds_an_address_and_each_opens_by_it(cast: Cast, ticket: Ticket, as_: Any) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    page = client.get(at).content.decode()
    assert f'action="{at}/severity"' not in page
    assert f'data-load="{at}/forms/severity"' in page
    names = [name for name in drawers.KINDS if f'id="{name}"' in page]
    assert {"severity", "handover", "closure", "links", "work", "scope"} <= set(names)
    for name in names:
        form = client.get(f"{at}/forms/{name}?seq=2")
        assert form.status_code == 200
        if name != "scope":  # first one chooses what is not covered
            assert '<input type="hidden" name="seq" value="2">' in form.content.decode(), name
        assert "<html" not in form.content.decode()
        opened = client.get(f"{at}?do={name}").content.decode()
        assert "<form" in opened.split(f'id="{name}" open')[1].split("</details>")[0], name


def test_a_drawer_that_makes_no_sense_in_the_ticket_s_state_is_not_there(
    cast: Cast, ticket: Ticket, as_: Any
) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    for name in ("reopening", "resumption", "entitlement", "nothing"):
        assert client.get(f"{at}/forms/{name}").status_code == 404
    closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.mara), at=NOW)
    assert client.get(f"{at}/forms/reopening").status_code == 200
    assert client.get(f"{at}/forms/closure").status_code == 404
    assert as_(cast.dmitri).get(f"{at}/forms/reopening").status_code == 404, "auditors only read"


def test_a_refused_act_stands_open_with_what_was_typed(cast: Cast, ticket: Ticket, as_: Any) -> None:
    at = f"/desk/tickets/{ticket.pk}"
    answer = as_(cast.mara).post(
        f"{at}/severity", {"severity": "1", "reason": "", "seq": str(ticket.last_seq)}
    )
    assert answer.status_code == 422
    shown = answer.content.decode().split('id="severity" open')[1].split("</details>")[0]
    assert "Reason: is empty" in shown


def test_a_fact_is_put_right_by_a_form_that_is_fetched(cast: Cast, ticket: Ticket, as_: Any) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    page = client.get(at).content.decode()
    assert f'action="{at}/facts/frequency"' not in page
    assert f'action="{at}/facts/frequency"' in client.get(f"{at}/facts/frequency").content.decode()
    assert f'action="{at}/facts/frequency"' in client.get(f"{at}?fix=frequency").content.decode()
    assert f'action="{at}/facts/debugging"' in client.get(f"{at}/facts/more").content.decode()
    assert client.get(f"{at}/facts/nothing").status_code == 404
    client.post(f"{at}/facts/frequency", {"value": "Every <b>third</b> time"})
    assert "Every &lt;b&gt;third&lt;/b&gt; time" in client.get(at).content.decode()


def test_likely_duplicates_are_looked_for_when_asked_once_it_is_triaged(
    cast: Cast, ticket: Ticket, asks: Any, as_: Any
) -> None:
    other = asks(subject="Badge sign-in refused again")
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    assert "maybe the same" not in client.get(at).content.decode()
    assert f">{other.pk}</a>" in client.get(f"{at}/duplicates").content.decode()
    assert "maybe the same" in client.get(f"/desk/tickets/{other.pk}").content.decode()
