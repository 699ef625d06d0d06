"""On a ticket's page: what the customer wants decided, what it waits for, and what follows it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from cast import NOW, Cast, acting
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, concerns, dispatch, handover, triage
from mainstay.tickets.models import Concern, Handover, Link, Ticket

As = Callable[..., Client]


def page(client: Client, ticket: Ticket | str) -> str:
    answer = client.get(ticket if isinstance(ticket, str) else f"/desk/tickets/{ticket.pk}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


def graded(cast: Cast, ticket: Ticket, to: Any = None) -> Ticket:
    by = acting(cast.ifeoma)
    triage.triage(ticket, severity=2, category="technical", reason="Seen.", by=by, at=NOW)
    if to is not None:
        dispatch.assign(ticket, to=to, by=by, at=NOW)
    ticket.refresh_from_db()
    return ticket


def raised(cast: Cast, ticket: Ticket, kind: str, text: str = "It stopped our wards.") -> Concern:
    return concerns.concern(ticket, kind=kind, text=text, by=acting(cast.priya), at=NOW)


# ---- concerns


def test_what_the_customer_wants_decided_stands_on_top_with_what_is_needed(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket = graded(cast, asks())
    for kind in ("escalation", "severity", "complaint"):
        raised(cast, ticket, kind)
    said = words(page(as_(cast.hana), ticket))
    for expected in ("Escalation asked for Priya Raman, 14:30", "Escalate, or say why not. Escalate", "to answer by",
                     "Objection to the severity", "Decide the severity, or say why it stays. Severity",
                     "Complaint", "A manager who does not work on the ticket answers it."):  # fmt: skip
        assert expected in said
    assert said.index("Escalation asked for") < said.index("What the request holds")
    assert page(as_(cast.hana), ticket).count("Send the answer") == 3
    assert page(as_(cast.mara), ticket).count("Send the answer") == 2
    assert "Send the answer" not in page(as_(cast.dmitri), ticket)


def test_it_is_answered_there_and_what_was_typed_stays_when_it_is_refused(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket = graded(cast, asks())
    held = raised(cast, ticket, "severity")
    client, where = as_(cast.ifeoma), f"/desk/concerns/{held.pk}/answer"
    empty = client.post(where, {"text": " ", "back": "1"})
    assert empty.status_code == 422
    assert empty.content.decode().count('role="alert"') <= 1
    assert "Your answer, sent to the customer: is empty" in " ".join(empty.content.decode().split())
    answer = client.post(where, {"text": "It stays: one site works.", "back": "1"})
    assert answer["Location"] == f"/desk/tickets/{ticket.pk}"
    assert "Send the answer" not in page(client, ticket)
    late = client.post(where, {"text": "Once more, with feeling", "back": "1"})
    assert late.status_code == 422
    assert "Once more, with feeling" in late.content.decode()


def test_a_concern_costs_the_page_no_statement(
    cast: Cast, asks: Any, as_: As, now: datetime, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:  # fmt: skip
    ticket, client = graded(cast, asks()), as_(cast.mara)
    page(client, ticket)
    with django_assert_max_num_queries(60) as before:
        page(client, ticket)
    raised(cast, ticket, "escalation")
    with django_assert_num_queries(len(before)):
        page(client, ticket)


# ---- what it waits for


def test_a_ticket_that_waits_for_an_open_one_says_so_and_the_other_that_it_blocks(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    first, second = asks(subject="The certificate"), asks(subject="The badges")
    client = as_(cast.mara)
    at = f"/desk/tickets/{first.pk}/links"
    assert client.post(at, {"other": second.pk, "kind": "blocks"}).status_code == 303
    assert f"waits for : {second.pk} The badges still open" in words(page(client, first))
    assert f"blocks: {first.pk} The certificate" in words(page(client, second))
    assert "what it waits for" in page(client, first)
    back = client.post(at, {"other": second.pk, "kind": "holds_up"})
    assert back.status_code == 422
    assert "two tickets cannot wait for each other" in back.content.decode()
    closure.close(second, reason="resolved", text="Done.", by=acting(cast.mara), at=NOW)
    assert "still open" not in page(client, first)
    client.post(f"/desk/tickets/{second.pk}/links", {"other": first.pk, "remove": "1"})
    assert not Link.objects.exists()
    client.post(at, {"other": second.pk, "kind": "holds_up"})
    assert (Link.objects.get().ticket_id, Link.objects.get().other_id) == (second.pk, first.pk)
    form = page(client, f"/desk/tickets/{first.pk}/forms/links")
    assert "this one waits for it" in form
    assert "this one blocks it" in form


def test_a_circle_of_any_length_is_refused_and_named(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    a, b, c, d = (asks(subject=f"Number {n}").pk for n in range(4))
    client = as_(cast.mara)

    def waits(one: int, other: int, kind: str = "blocks") -> str:
        answer = client.post(f"/desk/tickets/{one}/links", {"other": other, "kind": kind})
        return "" if answer.status_code == 303 else words(answer.content.decode())

    assert waits(a, b) == waits(b, c) == waits(b, d) == waits(a, d) == ""  # two ways to one end are no circle
    refused = waits(c, a)
    assert (
        f"would close a circle: {c} waits for {a}, which waits for {b}, which waits for {c}; take one"
        in refused
    )
    assert "would close a circle" in waits(a, c, "holds_up")  # the same, said from the other side
    assert waits(c, d) == ""
    said = waits(d, a)
    assert f"{d} waits for {a}, which waits for {d}" not in said
    assert "is the other way round already" in said
    client.post(f"/desk/tickets/{a}/links", {"other": d, "remove": "1"})
    assert f"{d} waits for {a}, which waits for {b}, which waits for {d}; take one" in waits(d, a)
    client.post(f"/desk/tickets/{a}/links", {"other": b, "remove": "1"})
    assert waits(d, a) == ""


# ---- what follows


def closed(cast: Cast, ticket: Ticket) -> Ticket:
    closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.mara), at=NOW)
    ticket.refresh_from_db()
    return ticket


def test_we_begin_what_follows_a_closed_ticket_and_both_say_so(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    old, client = closed(cast, asks()), as_(cast.mara)
    assert "Follow up" in page(client, old)
    typed = {"subject": "Badges, the next site", "text": "The same at the second site."}
    answer = client.post(f"/desk/tickets/{old.pk}/follow-up", typed)
    made = Ticket.objects.get(follows=old)
    assert answer["Location"] == f"/desk/tickets/{made.pk}"
    assert (made.customer, made.requester, made.severity) == (cast.harbourline, cast.priya, 3)
    assert f"follows {old.pk}" in words(page(client, made))
    assert f"followed by {made.pk}" in words(page(client, old))
    assert client.post(f"/desk/tickets/{old.pk}/follow-up", typed)["Location"] == answer["Location"]
    assert Ticket.objects.filter(follows=old).count() == 1
    assert f"Goes on in request {made.pk}" in page(as_(cast.priya), f"/requests/{old.pk}")


def test_a_follow_up_is_taken_back_while_nobody_went_on_with_it(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    old, client = closed(cast, asks()), as_(cast.mara)
    client.post(f"/desk/tickets/{old.pk}/follow-up", {"text": "The second site."})
    made = Ticket.objects.get(follows=old)
    assert "take it back" not in page(as_(cast.sanjay), made)
    assert as_(cast.sanjay).post(f"/desk/tickets/{made.pk}/follow-up/undoing").status_code == 422
    assert "take it back" in page(client, made)
    assert client.post(f"/desk/tickets/{made.pk}/follow-up/undoing").status_code == 303
    made.refresh_from_db()
    assert (made.state, made.follows) == ("closed", None)
    assert f"took back the follow-up {made.pk}" in page(client, old)
    client.post(f"/desk/tickets/{old.pk}/follow-up", {"text": "The third site."})
    other = Ticket.objects.get(follows=old)
    graded(cast, other)
    assert "take it back" not in page(client, other)
    assert client.post(f"/desk/tickets/{other.pk}/follow-up/undoing").status_code == 422


def test_only_a_closed_ticket_is_followed(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    ticket, client = asks(), as_(cast.mara)
    answer = client.post(f"/desk/tickets/{ticket.pk}/follow-up", {"text": "More of it, at length."})
    assert answer.status_code == 422
    assert "only what follows a closed ticket" in answer.content.decode()
    assert "More of it, at length." in answer.content.decode()
    empty = client.post(f"/desk/tickets/{closed(cast, ticket).pk}/follow-up", {"text": ""})
    assert empty.status_code == 422
    assert Ticket.objects.count() == 1


# ---- the giver of a handover


def test_who_gave_a_ticket_away_hears_that_it_has_arrived(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket = graded(cast, asks(), cast.mara)
    handover.hand_over(ticket, to=cast.sanjay, note="You know it.", by=acting(cast.mara), at=NOW)
    handover.accept(Handover.objects.get(), by=acting(cast.sanjay), at=NOW + timedelta(minutes=2))
    while announce_pending(NOW + timedelta(hours=1)):
        pass
    told = Delivery.objects.filter(user=cast.mara, subject__contains="Sanjay Iyer has accepted the handover")
    assert [one.channel for one in told] == ["desk"]


# ---- keys


def test_no_key_of_a_tickets_page_means_two_things(cast: Cast, asks: Any, as_: As, now: datetime) -> None:
    html = page(as_(cast.owen), graded(cast, asks(), cast.mara))
    keys = re.findall(r'data-key="([^"]+)"', html)
    assert "q" not in keys  # it quotes the words that are selected
    assert "u" in keys
    assert sorted(keys) == sorted(set(keys))


def test_the_field_for_finding_names_no_customer(cast: Cast, as_: As) -> None:
    said = re.search(r'id="find"[^>]*placeholder="([^"]*)"', page(as_(cast.mara), "/desk/"))
    assert said is not None
    assert "customer:" not in said[1]
