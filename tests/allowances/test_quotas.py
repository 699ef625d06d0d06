"""Who is named, which request it was, what was given back, and what then waits for a person (P1, P5)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from cast import NOW, Cast, acting
from mainstay.allowances import agreements, decisions, draws, names, statement
from mainstay.allowances.models import Draw
from mainstay.customers import lookup
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.tickets import closure, triage
from mainstay.tickets.models import Event, Ticket
from mainstay.tickets.scope import seeing

HA = "HA-2025-1"
FE = "FE-2025-1"


def kinds(ticket: Ticket) -> list[str]:
    return list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))


def another(cast: Cast, name: str) -> Contact:
    return lookup.add_contact(customer=cast.fernleigh, email=f"{name}@fernleigh.example", name=name.title(),
                              by=acting(cast.lena), at=NOW)  # fmt: skip


def net(ticket: Ticket) -> int:
    return sum(Draw.objects.filter(ticket=ticket).values_list("count", flat=True))


# ---- named contacts


def test_nobody_named_says_nothing(cast: Cast, asks: Any) -> None:
    assert draws.told(asks(cast.beth)) == []


def test_whoever_is_not_named_is_received_and_shown_as_such(cast: Cast, asks: Any) -> None:
    ann = another(cast, "ann")
    names.name_contact(ann, number=FE, by=acting(cast.lena), at=NOW)
    ticket = asks(cast.beth)
    assert draws.told(ticket) == ["Beth Ellis is not the one named contact of contract FE-2025-1."]
    assert kinds(ticket) == ["received", "acknowledged"]
    assert not decisions.waiting().exists()
    assert draws.told(asks(ann)) == []


def test_a_name_beyond_the_limit_is_refused_with_the_reason_or_let_in_with_one(cast: Cast) -> None:
    by = acting(cast.lena)
    for name in ("ann", "bob", "cleo", "dan", "eve"):
        names.name_contact(another(cast, name), number=FE, by=by, at=NOW)
    with pytest.raises(Refused, match="names 5 people and all are named"):
        names.name_contact(cast.beth, number=FE, by=by, at=NOW)
    made = names.name_contact(cast.beth, number=FE, by=by, at=NOW, beyond="until Ann is back in May")
    assert made.beyond == "until Ann is back in May"
    names.take_off(names.named(cast.fernleigh, FE)[0], by=by, at=NOW)
    assert [one.contact.name for one in names.named(cast.fernleigh, FE)] == [
        "Bob",
        "Cleo",
        "Dan",
        "Eve",
        "Beth Ellis",
    ]
    with pytest.raises(Refused, match="named on contract FE-2025-1 already"):
        names.name_contact(cast.beth, number=FE, by=by, at=NOW)
    with pytest.raises(Refused, match="has no contract"):
        names.name_contact(cast.beth, number="X", by=by, at=NOW)


def test_a_contract_may_want_a_decision_on_whoever_is_not_named(cast: Cast, asks: Any, limits: Any) -> None:
    limits("standard", contacts={"included": 2, "beyond": "decide"})
    names.name_contact(another(cast, "ann"), number=FE, by=acting(cast.lena), at=NOW)
    ticket = asks(cast.beth)
    assert [one.ticket for one in decisions.waiting()] == [ticket]
    assert kinds(ticket) == ["received", "acknowledged", "beyond_allowance"]


def test_contacts_grow_with_units(cast: Cast, limits: Any) -> None:
    for units, most in ((0, 2), (99, 2), (450, 6), (9000, 10)):
        price = {"basis": "each unit", **({"units": units} if units else {})}
        limits("standard", contacts={"included": 2, "per_units": 100, "most": 10}, price=price)
        told = agreements.of_number(cast.fernleigh, FE).limits_on(date(2026, 3, 2))
        assert told.people is not None
        assert told.people.most == most


# ---- requests


def test_one_request_is_one_draw_and_the_next_beyond_is_said_and_told(
    cast: Cast, asks: Any, limits: Any
) -> None:
    limits("standard", requests={"number": 2, "per": "month"})
    tickets = [asks(cast.beth, at=NOW + timedelta(minutes=n)) for n in range(3)]
    assert [draws.told(one) for one in tickets] == [
        ["Request 1 of the 2 of contract FE-2025-1, 1 March 2026 to 31 March 2026."],
        ["Request 2 of the 2 of contract FE-2025-1, 1 March 2026 to 31 March 2026."],
        ["The requests of contract FE-2025-1, 1 March 2026 to 31 March 2026, are used up: this is number 3 of 2."],
    ]  # fmt: skip
    assert kinds(tickets[2]) == ["received", "acknowledged", "beyond_allowance"]
    assert not decisions.waiting().exists()
    told = statement.of(agreements.of_number(cast.fernleigh, FE), date(2026, 3, 2))
    (march,) = told.requests
    assert (march.drawn, march.left, march.over, told.used_up) == (3, 0, 1, ("requests",))
    assert [one.ticket for one in march.lines] == tickets


def test_a_new_month_is_a_new_quota(cast: Cast, asks: Any, limits: Any) -> None:
    limits("standard", requests={"number": 1, "per": "month", "beyond": "decide"})
    asks(cast.beth)
    april = asks(cast.beth, at=datetime(2026, 4, 1, 0, 30, tzinfo=UTC))
    assert draws.told(april)[0].startswith("Request 1 of the 1")
    late = asks(cast.beth, at=datetime(2026, 4, 1, 1, tzinfo=UTC))
    assert [one.ticket for one in decisions.waiting()] == [late]
    told = statement.of(agreements.of_number(cast.fernleigh, FE), date(2026, 4, 1))
    assert [(one.drawn, one.over) for one in told.requests] == [(2, 1), (1, 0)]


@pytest.mark.parametrize("reason", ["duplicate", "spam"])
def test_a_duplicate_and_spam_are_given_back_and_count_again_when_reopened(
    reason: str, cast: Cast, asks: Any, limits: Any
) -> None:
    limits("standard", requests={"number": 5, "per": "quarter"})
    ticket, by = asks(cast.beth), acting(cast.ifeoma)
    closure.close(ticket, reason=reason, text="The same as before.", by=by, at=NOW + timedelta(days=40))
    assert net(ticket) == 0
    assert set(Draw.objects.values_list("day", flat=True)) == {date(2026, 3, 2)}
    closure.reopen(ticket, said=None, reason="no", by=by, at=NOW + timedelta(days=41))
    assert net(ticket) == 1
    closure.close(ticket, reason="resolved", text="Done.", by=by, at=NOW + timedelta(days=42))
    assert net(ticket) == 1


def test_a_request_recognised_late_is_drawn_where_it_belongs(cast: Cast, asks: Any, limits: Any) -> None:
    limits("standard", requests={"number": 5, "per": "year"})
    ticket = asks(cast.nora)
    assert decisions.of(ticket).outcome == ""
    triage.recognise(ticket, customer=cast.fernleigh, contact=cast.beth, reason="She said so.",
                     by=acting(cast.ifeoma), at=NOW)  # fmt: skip
    assert decisions.of(ticket).outcome == "entitled"
    assert draws.told(ticket)[0].startswith("Request 1 of the 5")
    triage.recognise(ticket, customer=cast.corvid, contact=cast.edgar, reason="No, him.",
                     by=acting(cast.ifeoma), at=NOW)  # fmt: skip
    told = [statement.of(agreements.of_number(c, n), date(2026, 3, 2)).requests[0].drawn
            for c, n in ((cast.fernleigh, FE), (cast.corvid, "CO-2025-1"))]  # fmt: skip
    assert told == [0, 1]


def test_what_the_subscription_includes_is_data_too(cast: Cast, asks: Any, limits: Any) -> None:
    limits("included", requests_per_month=1)
    asks(cast.jonah)
    over = asks(cast.jonah)
    assert draws.told(over) == [
        "The requests of the subscription, 1 March 2026 to 31 March 2026, are used up: this is number 2 of 1."
    ]


def test_nothing_in_the_ledger_can_be_changed(cast: Cast, asks: Any, limits: Any) -> None:
    limits("standard", requests={"number": 5, "per": "contract"})
    asks(cast.beth)
    for words in ("UPDATE allowances_draw SET count = 0", "DELETE FROM allowances_draw"):
        with pytest.raises(DatabaseError, match=r"permission denied|append-only"), transaction.atomic():
            connection.cursor().execute(words)


def test_another_customer_sees_none_of_it(cast: Cast, asks: Any, limits: Any) -> None:
    limits("standard", requests={"number": 5, "per": "month"})
    names.name_contact(cast.beth, number=FE, by=acting(cast.lena), at=NOW)
    ticket = asks(cast.beth)
    for customer, seen in ((cast.fernleigh, 1), (cast.corvid, 0)):
        with transaction.atomic(), seeing([customer.pk]):
            assert Draw.objects.count() == seen
            assert names.named(cast.fernleigh, FE).count() == seen
            assert bool(draws.told(ticket)) == bool(seen)
