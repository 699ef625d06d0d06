"""What is to be done for a ticket: in somebody's hands, until a day; nothing is called solved over it unknowingly."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.errors import Refused
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Task
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, dispatch, resolution
from mainstay.tickets.models import Event, Ticket

As = Callable[..., Any]


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket], now: datetime) -> Ticket:
    """In Mara's hands."""
    found = asks()
    dispatch.assign(found, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    return found


def add(client: Any, ticket: Ticket, **typed: str) -> Any:
    given = {"title": "Ask the maker of the reader", "due_on": "2026-03-04", **typed}
    return client.post(f"/desk/tickets/{ticket.pk}/tasks", given)


def page(client: Any, ticket: Ticket, query: str = "") -> str:
    return str(client.get(f"/desk/tickets/{ticket.pk}{query}").content.decode())


def notices(who: str) -> list[str]:
    found = Delivery.objects.filter(user__name__startswith=who, channel="desk", template__startswith="task")
    return list(found.order_by("pk").values_list("subject", flat=True))


def to_do(cast: Cast, ticket: Ticket, title: str = "Ask the maker of the reader") -> Task:
    work = tasks.Work(title, cast.sanjay, NOW.date())
    return tasks.open_task(work, ticket=ticket, customer=ticket.customer, by=acting(cast.mara), at=NOW)


def test_it_is_given_to_somebody_who_is_told_and_sees_it_on_now(cast: Cast, ticket: Ticket, as_: As) -> None:
    assert add(as_(cast.mara), ticket, owner=str(cast.sanjay.pk), due_time="15:30").status_code == 303
    task = Task.objects.get()
    assert (task.ticket, task.customer, task.told) == (ticket, cast.harbourline, False)
    assert task.due_at == datetime(2026, 3, 4, 14, 30, tzinfo=UTC)  # hers is Berlin
    assert notices("Sanjay") == ["Yours now: Ask the maker of the reader, due 2026-03-04"]
    home = as_(cast.sanjay).get("/desk/now").content.decode()
    assert "Ask the maker of the reader" in home
    assert f'href="/desk/tickets/{ticket.pk}#tasks-of"' in home
    said = page(as_(cast.sanjay), ticket)
    assert "Sanjay Iyer" in said[said.index('id="tasks-of"') :]
    assert "Task for Sanjay Iyer by Mara Lindqvist: Ask the maker of the reader" in said
    assert f'data-id="{ticket.pk}"' in as_(cast.hana).get("/desk/", {"q": "is:tasks"}).content.decode()


def test_a_team_may_have_it_and_everybody_of_it_sees_it(cast: Cast, ticket: Ticket, as_: As) -> None:
    cast.billing.members.set([cast.sanjay, cast.hana])
    add(as_(cast.sanjay), ticket, owner="team:billing")
    task = Task.objects.get()
    assert (task.owner, task.hands) == (None, cast.billing.name)
    assert len(notices("Hana")) == 1
    assert notices("Sanjay") == []  # who gave it to the team
    for who in (cast.sanjay, cast.hana):
        assert "Ask the maker" in as_(who).get("/desk/now").content.decode()
        assert "Ask the maker" in as_(who).get("/desk/tasks").content.decode()
    assert "Ask the maker" not in as_(cast.mara).get("/desk/tasks").content.decode()


def test_it_is_done_by_one_click_which_can_be_taken_back(cast: Cast, ticket: Ticket, as_: As) -> None:
    task, client = to_do(cast, ticket), as_(cast.mara)
    answer = client.post(f"/desk/tickets/{ticket.pk}/tasks/{task.pk}/done")
    said = client.get(answer["Location"]).content.decode()
    assert "Done: Ask the maker of the reader." in said
    assert ">Undo" in said
    task.refresh_from_db()
    assert (task.state, task.ended_by, task.ended_at) == ("done", cast.mara, NOW)
    assert client.post(f"/desk/tickets/{ticket.pk}/tasks/{task.pk}/reopening").status_code == 303
    task.refresh_from_db()
    assert (task.state, task.ended_by, task.ended_at) == ("open", None, None)
    client.post(f"/desk/tickets/{ticket.pk}/tasks/{task.pk}/removal")
    assert "Taken away: Ask" in page(client, ticket, f"?ended={task.pk}")
    kinds = Event.objects.filter(ticket=ticket, kind__startswith="task").order_by("seq")
    wanted = ["task_opened", "task_done", "task_reopened", "task_dropped"]
    assert list(kinds.values_list("kind", flat=True)) == wanted


def test_it_is_given_on_and_changed_on_its_own_page_and_the_ticket_says_so(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    task, client = to_do(cast, ticket), as_(cast.mara)
    given = {"title": "Ask them again", "owner": "team:support", "due_on": "2026-03-09", "due_time": "09:00"}
    assert client.post(f"/desk/tasks/{task.pk}", given).status_code == 303
    assert "Task changed by Mara Lindqvist: Ask them again" in page(client, ticket)
    form = client.get(f"/desk/tasks/{task.pk}").content.decode()
    assert '<option value="team:support" selected>' in form
    assert 'value="09:00"' in form


def test_a_solution_over_an_open_task_asks_first_and_keeps_the_reason_in_the_log(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    to_do(cast, ticket)
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}/solution"
    assert "Why they stay open" in page(client, ticket)
    refused = client.post(at, {"text": "Take 7.1."})
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "1 task is open: Ask the maker of the reader; finish it, or say why it stays open" in said
    assert "Take 7.1." in said
    ticket.refresh_from_db()
    assert ticket.state == "open"
    assert client.post(at, {"text": "Take 7.1.", "left_open": "They answer in May"}).status_code == 303
    said = page(client, ticket)
    assert "left open: Ask the maker of the reader (They answer in May)" in said
    while announce_pending(NOW + timedelta(hours=1)):
        pass
    for seen in (
        as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode(),
        Delivery.objects.get(ticket=ticket, template="solution").text,
    ):
        assert "Ask the maker" not in seen
        assert "They answer in May" not in seen


def test_closing_asks_too_by_one_and_by_many_but_for_duplicates_and_spam(
    cast: Cast, ticket: Ticket, asks: Any, as_: As
) -> None:
    to_do(cast, ticket)
    client = as_(cast.mara)
    closing = {"reason": "resolved", "text": "Done."}
    refused = client.post(f"/desk/tickets/{ticket.pk}/closure", closing)
    assert refused.status_code == 422
    assert "1 task is open" in refused.content.decode()
    many = {"act": "close", "go": "1", "ticket": [ticket.pk], **closing}
    assert "1 task is open" in client.post("/desk/bulk", many).content.decode()
    assert client.post("/desk/bulk", {**many, "left_open": "It goes on."}).status_code == 303
    ticket.refresh_from_db()
    assert ticket.state == "closed"
    assert Task.objects.get().state == "open"
    assert "left open: Ask the maker of the reader (It goes on.)" in page(client, ticket)
    other = asks()
    to_do(cast, other)
    closure.close(other, reason="duplicate", text="As before.", by=acting(cast.mara), at=NOW)
    assert other.state == "closed"


def test_what_is_done_asks_nothing_and_the_customer_may_close_at_any_time(cast: Cast, ticket: Ticket) -> None:
    task, by = to_do(cast, ticket), acting(cast.mara)
    with pytest.raises(Refused) as refused:
        resolution.propose_solution(ticket, text="Take 7.1.", by=by, at=NOW)
    assert refused.value.field == "left_open"
    tasks.end_task(task, outcome="", by=by, at=NOW)
    resolution.propose_solution(ticket, text="Take 7.1.", by=by, at=NOW)
    tasks.open_again(task, reason="", by=by, at=NOW)
    closure.accept(ticket, by=acting(cast.priya), at=NOW)
    assert ticket.state == "closed"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"title": ""}, "must say in one line"),
        ({"title": "x" * 201}, "must say in one line"),
        ({"owner": ""}, "is nobody who works here"),
        ({"owner": "team:nobody"}, "is nobody who works here"),
        ({"owner": "-1"}, "must be one of the list"),
        ({"due_on": ""}, "is missing; choose a day"),
        ({"due_time": "half past"}, "cannot be read"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    typed: dict[str, str], says: str, cast: Cast, ticket: Ticket, as_: As
) -> None:
    answer = add(as_(cast.mara), ticket, **{"owner": str(cast.mara.pk), **typed})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert says in said
    assert not Task.objects.exists()
    assert ("Ask the maker of the reader" in said) is ("title" not in typed)


def test_a_task_of_another_ticket_and_who_only_reads(cast: Cast, ticket: Ticket, asks: Any, as_: As) -> None:
    task, other = to_do(cast, ticket), asks()
    assert as_(cast.mara).post(f"/desk/tickets/{other.pk}/tasks/{task.pk}/done").status_code == 404
    assert as_(cast.dmitri).post(f"/desk/tickets/{ticket.pk}/tasks/{task.pk}/done").status_code == 404
    assert as_(cast.priya).post(f"/desk/tickets/{ticket.pk}/tasks/{task.pk}/done").status_code == 404
    said = page(as_(cast.dmitri), ticket)
    assert "Ask the maker of the reader" in said
    assert "take away" not in said


def test_a_page_asks_no_more_often_however_much_stands_beside_the_ticket(
    cast: Cast, ticket: Ticket, as_: As, django_assert_max_num_queries: Any
) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    client.get(at)
    with django_assert_max_num_queries(40) as few:
        client.get(at)
        asked = len(few)
    for n in range(5):
        to_do(cast, ticket, f"Number {n}")
    client.post(f"{at}/watch")
    client.post(f"{at}/snooze", {"when": "monday", "anyway": "1"})
    client.get(at)
    with django_assert_max_num_queries(asked):
        client.get(at)


def test_whoever_opens_a_task_in_another_zone_leaves_its_time_as_it_is(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    cast.mara.time_zone, cast.sanjay.time_zone = "Australia/Sydney", "UTC"
    cast.mara.save(), cast.sanjay.save()
    task = to_do(cast, ticket)
    given = {"title": "Ring them", "owner": str(cast.mara.pk), "due_on": "2026-03-09", "due_time": "08:00"}
    as_(cast.mara).post(f"/desk/tasks/{task.pk}", given)
    form = as_(cast.sanjay).get(f"/desk/tasks/{task.pk}").content.decode()
    assert 'value="2026-03-08"' in form
    assert 'value="21:00"' in form
    as_(cast.sanjay).post(
        f"/desk/tasks/{task.pk}", {**given, "title": "Ring her", "due_on": "2026-03-08", "due_time": "21:00"}
    )
    task.refresh_from_db()
    assert task.title == "Ring her"
    assert task.due_at == datetime(2026, 3, 8, 21, tzinfo=UTC)
    assert task.due_on == date(2026, 3, 9), "its day is the one of who set it"
