"""Acts on many tickets: each its own event, what is refused said for each, taken back within ten minutes."""

import uuid
from datetime import timedelta
from typing import Any

from cast import NOW, Cast, acting
from mainstay.desk.models import Bulk
from mainstay.tickets import closure, resolution, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Ticket


def kinds(ticket: Ticket) -> list[str]:
    return list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))


def do(client: Any, act: str, *tickets: Ticket, **typed: Any) -> Any:
    return client.post("/desk/bulk", {"act": act, "go": "1", "ticket": [t.pk for t in tickets], **typed})


def test_many_are_taken_at_once_and_given_back(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client, first, second = as_(cast.mara), asks(), asks()
    answer = do(client, "take", first, second, next="/desk/?view=nobody")
    made = Bulk.objects.get()
    assert answer["Location"] == f"/desk/?view=nobody&done={made.pk}"
    page = client.get(answer["Location"]).content.decode()
    assert "2 tickets: Assign to me" in page
    assert "It can be taken back until" in page
    for ticket in (first, second):
        ticket.refresh_from_db()
        assert ticket.assignee == cast.mara
        assert kinds(ticket)[-1] == "dispatched"
    assert client.post(f"/desk/bulk/{made.pk}/undo").status_code == 303
    for ticket in (first, second):
        ticket.refresh_from_db()
        assert ticket.assignee is None
        assert kinds(ticket)[-1] == "unassigned"
        assert ticket.step != "resolution"
    assert "nobody has it" in client.get(f"/desk/tickets/{first.pk}").content.decode()


def test_what_is_refused_is_said_for_each_and_the_others_are_done(
    cast: Cast, asks: Any, as_: Any, now: Any
) -> None:
    client, by = as_(cast.ifeoma), acting(cast.ifeoma)
    grave, plain, shut = asks(), asks(), asks()
    triage.triage(grave, severity=1, category="technical", reason="down", by=by, at=NOW)
    closure.close(shut, reason="resolved", text="Done.", by=by, at=NOW)
    answer = do(client, "severity", grave, plain, shut, severity="1", reason="One cause.")
    page = client.get(answer["Location"]).content.decode()
    assert "is 1 already" in page
    assert "closed" in page
    plain.refresh_from_db()
    assert plain.severity == 1
    assert "taken back until" in page
    client.post(f"/desk/bulk/{Bulk.objects.get().pk}/undo")
    plain.refresh_from_db()
    assert plain.severity == 3


def test_words_that_are_missing_are_asked_for_and_nothing_typed_is_lost(
    cast: Cast, asks: Any, as_: Any
) -> None:
    client, first, second = as_(cast.mara), asks(), asks()
    form = client.post("/desk/bulk", {"act": "severity", "ticket": [first.pk, second.pk]})
    assert form.status_code == 200
    assert "Do it to 2 tickets" in form.content.decode()
    refused = do(client, "severity", first, second, severity="1", reason="")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert '<option value="1" selected>' in refused.content.decode()
    assert not Bulk.objects.exists()
    first.refresh_from_db()
    assert first.severity == 3
    assert do(client, "severity", first, severity="7", reason="x").status_code == 422
    for wrong, says in (
        ({"act": "drop", "ticket": first.pk}, "is not chosen"),
        ({"act": "take"}, "tick some first"),
    ):
        assert says in client.post("/desk/bulk", wrong, follow=True).content.decode()


def test_what_went_on_since_is_not_taken_back(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client, first, second = as_(cast.mara), asks(), asks()
    do(client, "take", first, second)
    resolution.note(second, said=Said("I look.", "desk"), by=acting(cast.sanjay), at=NOW)
    made = Bulk.objects.get()
    answer = client.post(f"/desk/bulk/{made.pk}/undo")
    page = client.get(answer["Location"]).content.decode()
    assert "went on since; it stays as it is" in page
    second.refresh_from_db()
    assert second.assignee == cast.mara
    assert client.post(f"/desk/bulk/{made.pk}/undo").status_code == 400


def test_it_is_taken_back_within_ten_minutes_by_whoever_did_it(
    cast: Cast, asks: Any, as_: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    client, ticket = as_(cast.mara), asks()
    do(client, "take", ticket)
    made = Bulk.objects.get()
    assert as_(cast.sanjay).post(f"/desk/bulk/{made.pk}/undo").status_code == 404
    assert "Undo" not in as_(cast.sanjay).get(f"/desk/?done={made.pk}").content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=11))
    assert client.post(f"/desk/bulk/{made.pk}/undo").status_code == 400
    assert ">Undo<" not in client.get(f"/desk/?done={made.pk}").content.decode()


def test_closing_waiting_sorting_and_noting(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client, one, two = as_(cast.mara), asks(), asks()
    do(client, "close", one, two, reason="spam")
    for ticket in (one, two):
        ticket.refresh_from_db()
        assert (ticket.state, ticket.close_reason) == ("closed", "spam")
    client.post(f"/desk/bulk/{Bulk.objects.get().pk}/undo")
    one.refresh_from_db()
    assert one.state == "open"
    do(client, "wait", one, two, **{"for": "the vendor of the badge readers"})
    one.refresh_from_db()
    assert one.state == "waiting_on_third_party"
    client.post(f"/desk/bulk/{Bulk.objects.latest('pk').pk}/undo")
    one.refresh_from_db()
    assert one.state == "open"
    do(client, "category", one, two, category="billing", reason="Both are about money.")
    one.refresh_from_db()
    assert (one.category, one.team) == ("billing", cast.billing)
    answer = client.post(f"/desk/bulk/{Bulk.objects.latest('pk').pk}/undo")
    assert "a ticket cannot go back to none" in client.get(answer["Location"]).content.decode()
    answer = do(client, "note", one, two, text="Same cause as last week.")
    assert one.messages.filter(kind="note", text="Same cause as last week.").count() == 1
    page = client.get(answer["Location"]).content.decode()
    assert "cannot be unread" in page
    assert ">Undo<" not in page


def test_a_form_sent_twice_is_done_once(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client, ticket, once = as_(cast.mara), asks(), str(uuid.uuid4())
    for _ in range(2):
        do(client, "note", ticket, text="Twice?", once=once)
    assert ticket.messages.filter(kind="note").count() == 1


def test_an_auditor_has_no_boxes_and_may_do_nothing(cast: Cast, asks: Any, as_: Any) -> None:
    ticket, client = asks(), as_(cast.dmitri)
    assert 'type="checkbox"' not in client.get("/desk/").content.decode()
    assert do(client, "take", ticket).status_code == 404
    assert as_(cast.priya).post("/desk/bulk", {"act": "take", "ticket": ticket.pk}).status_code == 404


def test_the_way_back_is_a_page_of_the_desk(cast: Cast, asks: Any, as_: Any) -> None:
    client = as_(cast.mara)
    for given in ("//evil.example", "https://evil.example/desk/", "/desk/\\evil", "/desk/\r\nX: y", ""):
        answer = do(client, "take", asks(), next=given)
        assert answer["Location"].startswith("/desk/?done=")
