"""A TAM's portfolio: each customer with what may go wrong, and nobody else's customers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from cast import NOW, Cast, acting
from mainstay.customers.models import Customer, Release
from mainstay.maintenance import tasks
from mainstay.tickets.models import Ticket

As = Callable[..., Client]


def page(client: Client, address: str = "/desk/portfolio") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def main(said: str) -> str:
    return said[said.index("<main") : said.index("</main>")]


def test_each_customer_stands_with_what_may_go_wrong_and_what_is_to_be_done(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    system = cast.production(cast.harbourline)
    assert "Nothing presses" in page(as_(cast.owen))
    ticket = asks(subject="Badges refused")
    Ticket.objects.filter(pk=ticket.pk).update(due_at=NOW - timedelta(minutes=5))
    Release.objects.filter(pk=system.release_id).update(maintained_until=NOW.date() + timedelta(days=20))
    work = tasks.Work("Call about the upgrade", cast.mara, NOW.date() + timedelta(days=3))
    tasks.open_task(work, by=acting(cast.owen), at=NOW, customer=cast.harbourline)
    asks(cast.beth, subject="Of Fernleigh")
    said = main(page(as_(cast.owen)))
    for words in ("Harbourline Health", "1 open ticket", "1 promise is missed", "Badges refused",
                  "looked after until 2026-03-22", "Call about the upgrade", "Mara Lindqvist"):  # fmt: skip
        assert words in said
    assert "Fernleigh" not in said


def test_who_has_no_customers_reads_how_they_come(cast: Cast, as_: As, now: datetime) -> None:
    assert "No customer is yours" in page(as_(cast.mara))
    assert "Harbourline Health" in main(page(as_(cast.hana), f"/desk/portfolio?tam={cast.owen.pk}"))
    assert "No customer is yours" in page(as_(cast.mara), f"/desk/portfolio?tam={'9' * 30}")


def test_many_customers_cost_no_more_questions(
    cast: Cast, asks: Any, as_: As, now: datetime, django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = as_(cast.owen)
    asks()
    page(client)
    with django_assert_max_num_queries(20) as few:
        page(client)
    Customer.objects.filter(pk__in=[cast.fernleigh.pk, cast.kitano.pk]).update(tam=cast.owen)
    asks(cast.beth)
    with django_assert_num_queries(len(few)):
        page(client)
