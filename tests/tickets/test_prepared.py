"""A prepared statement answers as its queryset does, for whoever asks, and PostgreSQL plans it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.db.models import Count, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from cast import Cast
from mainstay import prepared
from mainstay.customers.models import Contact
from mainstay.prepared import Arg, Prepared, Written, ahead
from mainstay.tickets.models import Event, Message, Ticket
from mainstay.tickets.scope import seeing

OF = Prepared[Ticket](lambda: Ticket.objects.filter(customer=Arg("customer")).order_by("pk"))


def told(rows: list[Any]) -> list[Any]:
    """All that a row holds, with what it joins."""
    return [
        {k: v for k, v in one.__dict__.items() if k not in {"_state", "_prefetched_objects_cache"}}
        | {name: vars(joined).keys() for name, joined in one._state.fields_cache.items() if joined}
        if hasattr(one, "_state")
        else one
        for one in rows
    ]


def asked(of: Any) -> QuerySet[Any, Any]:
    """The same statement, of this ticket, as Django composes it."""
    return Ticket.objects.select_related("customer__tam", "requester", "level").filter(pk=of)


@pytest.mark.parametrize(
    "compose",
    [
        asked,
        lambda of: Event.objects.filter(ticket=of).select_related("text").order_by("-seq")[:2],
        lambda of: Event.objects.filter(ticket=of).order_by("seq").values("seq", "kind", "after"),
        lambda of: Event.objects.filter(ticket=of).order_by("seq").values_list("seq", "at"),
        lambda of: Event.objects.filter(ticket=of).order_by("seq").values_list("kind", flat=True),
        lambda of: Ticket.objects.filter(pk=of).annotate(said=Count("messages")),
        lambda of: Ticket.objects.filter(pk=of, subject__contains="100 % of 'all'"),
        lambda of: Ticket.objects.filter(pk=of, messages__in=Message.objects.filter(ticket=OuterRef("pk"))),
    ],
)
def test_the_rows_are_those_of_the_queryset(opened: Any, compose: Any) -> None:
    ticket = opened(subject="100 % of 'all' badges")
    opened()
    mine = told(list(compose(ticket.pk)))
    assert mine
    assert told(Prepared[Any](lambda: compose(Arg("ticket"))).all(ticket=ticket.pk)) == mine


def test_what_belongs_to_the_rows_is_fetched_with_them(opened: Any) -> None:
    ticket = opened()
    found = Prepared(lambda: Ticket.objects.filter(pk=Arg("n")).prefetch_related("messages")).first(
        n=ticket.pk
    )
    assert found is not None
    with CaptureQueriesContext(connection) as asked:
        assert [one.text for one in found.messages.all()] == ["Since 10:47 the readers refuse every badge."]
    assert not asked.captured_queries


def test_a_list_may_have_any_length(opened: Any) -> None:
    tickets = [opened().pk for _ in range(3)]
    some = Prepared(
        lambda: Ticket.objects.filter(pk__any=Arg("numbers")).order_by("pk").values_list("pk", flat=True)
    )
    assert [some.all(numbers=tickets[:n]) for n in (0, 1, 3)] == [[], tickets[:1], tickets]


def test_words_and_instants_are_values_and_never_part_of_the_text(opened: Any, at: Any) -> None:
    ticket = opened(subject="it's; DROP TABLE % --")
    called = Prepared(
        lambda: Ticket.objects.filter(subject=Arg.text("subject"), opened_at__lt=Arg.instant("at"))
    )
    assert called.first(subject=ticket.subject, at=at(minutes=1)) == ticket
    assert called.first(subject=ticket.subject, at=at() - timedelta(minutes=1)) is None
    assert called.first(subject="' OR true --", at=at(minutes=1)) is None


def test_a_number_that_no_column_holds_is_the_end_of_those_that_one_does(opened: Any) -> None:
    ticket = opened()
    until = Prepared(lambda: Ticket.objects.filter(pk__lt=Arg("before"), customer=Arg("customer")))
    assert until.all(before=10**30, customer=ticket.customer_id) == [ticket]
    assert until.all(before=-(10**30), customer=ticket.customer_id) == OF.all(customer=10**30) == []


def test_a_value_that_is_missing_is_an_error(db: Any) -> None:
    with pytest.raises(KeyError, match="customer"):
        OF.all()


def test_a_kept_plan_shows_nobody_more_than_their_own(cast: Cast, opened: Any) -> None:
    theirs, others = opened(cast.priya), opened(cast.edgar)
    for _ in range(8):  # the plan is made for each scope first, then one for all of them
        for customer in (cast.harbourline, cast.corvid):
            with transaction.atomic(), seeing([customer.pk]):
                for ticket in (theirs, others):
                    own = [ticket] if ticket.customer_id == customer.pk else []
                    assert OF.all(customer=ticket.customer_id) == own


def test_postgresql_plans_it_once_whatever_the_size_of_the_numbers(db: Any) -> None:
    often = Prepared(lambda: Contact.objects.filter(customer=Arg("customer"), sees="team").values("name"))
    for number in (1, 70_000, 5_000_000_000):
        often.all(customer=number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%'team'%"])
        assert cursor.fetchone() == (1,)


def test_what_is_asked_ahead_is_answered_once_and_all_else_as_ever(cast: Cast, opened: Any) -> None:
    ticket, other = opened(subject="Badges"), opened(subject="Doors")
    one = Prepared[str](lambda: Ticket.objects.filter(pk=Arg("ticket")).values_list("subject", flat=True))
    many = Written("SELECT count(*) FROM tickets_ticket WHERE id = ANY(%(named)s::bigint[])")
    named = [ticket.pk, other.pk]
    with ahead((one, many), ticket=ticket.pk, named=named, nobody=1) as left:
        assert len(left) == 2
        Ticket.objects.filter(pk=ticket.pk).update(subject="Lifts")
        assert one.all(ticket=ticket.pk) == ["Badges"]
        assert one.all(ticket=ticket.pk) == ["Lifts"], "its answer was taken"
        assert one.all(ticket=other.pk) == ["Doors"]
        assert many.all(named=named) == [(2,)]
        assert not left
    assert one.all(ticket=ticket.pk) == ["Lifts"]


def test_asking_ahead_sees_no_more_than_its_reader_and_says_what_is_wrong(cast: Cast, opened: Any) -> None:
    ticket = opened()
    found = Prepared(lambda: Ticket.objects.filter(pk=Arg("ticket")))
    with seeing([cast.aiko.customer_id]), ahead((found,), ticket=ticket.pk):
        assert found.all(ticket=ticket.pk) == []
    wrong = Written("SELECT 1 / %(ticket)s::bigint")
    with pytest.raises(DataError, match="by zero"), transaction.atomic(), ahead((found, wrong), ticket=0):
        pass
    with pytest.raises(KeyError), ahead((found,), user=1):
        pass


def test_the_pages_of_a_ticket_use_all_that_they_ask_ahead(
    cast: Cast, opened: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, answers = opened(), []
    together = prepared._together
    monkeypatch.setattr(prepared, "_together", lambda *asked: answers.append(together(*asked)) or answers[-1])
    for who, address in (
        (cast.mara, f"/desk/tickets/{ticket.pk}"),
        (ticket.requester.user, f"/requests/{ticket.pk}"),
    ):
        client.force_login(who)
        assert client.get(address).status_code == 200
    assert len(answers) == 3
    assert not any(answers), [place[0].text for one in answers for place in one]


def test_it_is_counted_and_logged_as_every_statement_with_its_values(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        OF.all(customer=cast.kitano.pk)
    assert [
        f"'{cast.kitano.pk}'" in one["sql"] or str(cast.kitano.pk) in one["sql"]
        for one in asked.captured_queries
    ] == [True]
