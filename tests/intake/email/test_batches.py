"""Mails are handled many at once, and everybody gets what they would have got alone."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mainstay.accounts.actor import Actor
from mainstay.intake.email import copied, handle, join
from mainstay.intake.email.accept import accept
from mainstay.intake.models import Mail
from mainstay.notices import announce
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, resolution, verify
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Link, Message, Outbox, Participant, Ticket


def a_morning(post: Any, cast: Any, before: list[Ticket]) -> list[bytes]:
    """Fifty mails of every kind: new ones, replies, thanks, copies, strangers, machines, and some among each other."""
    first, second, waiting, closed = before
    priya, tom, aiko = cast.priya.email, cast.tom.email, cast.aiko.email
    mails = [
        post.write(priya, "The export stops at noon.", message_id="<begin@harbourline.example>"),
        post.write(tom, "I see that too.", answers="<begin@harbourline.example>"),
        post.write(tom, "Production is down, nobody can work.", subject=f"As in #{first.pk}"),
        post.write(priya, "Version: 4.2\nFrequency: every day", answers=post.reference(first, cast.priya)),
        post.write(priya, "And another thing.", answers=post.reference(first, cast.priya)),
        post.write(priya, "Our production system is down.", answers=post.reference(second, cast.priya)),
        post.write(aiko, "Here is what you asked for.", answers=post.reference(waiting, cast.aiko)),
        post.write(aiko, "It happens again.", answers=post.reference(closed, cast.aiko)),
        post.write(priya, "Thank you very much!", answers=post.reference(first, cast.priya)),
        post.write(priya, "With a colleague.", cc=tom, message_id="<copied@harbourline.example>"),
        post.write("stranger@nowhere.example", "Hello? Who are you?"),
        post.write("stranger@nowhere.example", "May I join?", answers=post.reference(first)),
        post.write("forged@harbourline.example", "Let me in.", auth="fail"),
        post.write(tom, "I am away.", headers="Auto-Submitted: auto-replied", subject="Out of office"),
        post.write(tom, "Once more.", answers=post.reference(first, cast.tom), auth="none"),
        b"no mail at all",
    ]
    mails += [post.write(one, f"Request {n}.\nEnvironment: Production", subject=f"Request {n}")
              for n, one in enumerate([priya, tom, aiko, cast.beth.email, cast.jonah.email] * 7)]  # fmt: skip
    return mails


def earlier(post: Any, cast: Any) -> list[Ticket]:
    """Two open tickets, one that waits for its customer, one that is closed."""
    tickets = [post.opened(one.email) for one in (cast.priya, cast.priya, cast.aiko, cast.aiko)]
    by = Actor.staff(cast.mara)
    resolution.reply(tickets[2], said=Said("Which version?", "desk"), by=by, at=post.at, wait=True)
    closure.close(tickets[3], reason="resolved", by=by, at=post.at, text="Solved.")
    return tickets


class Back(Exception):  # noqa: N818 - no error
    """Undo all of it."""


def what_became(post: Any, mails: list[bytes], together: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The rows that these mails make, in batches of so many, without numbers; then undone."""
    monkeypatch.setattr(handle, "BATCH", together)
    monkeypatch.setattr(announce, "TOGETHER", together)
    found: Any = None
    try:
        with transaction.atomic():
            start = post.at
            for number, raw in enumerate(mails):
                accept(raw, source="smtp", at=start + timedelta(seconds=number))
            at = start + timedelta(hours=1)
            while handle.handle_new(at):
                pass
            events = list(
                Event.objects.order_by("ticket", "seq").values_list("kind", "at", "by_kind", "after")
            )
            while announce.announce_pending(at):
                pass
            assert not Outbox.objects.exists()
            assert [one for ticket in Ticket.objects.all() for one in verify.differences(ticket)] == []
            found = told(events)
            raise Back
    except Back:
        return found


def told(events: list[Any]) -> Any:
    place = {
        number: place
        for place, number in enumerate(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    }

    def of(number: int | None) -> int | None:
        return None if number is None else place[number]

    return {
        "mails": [
            (state, outcome, of(ticket), reason.replace(str(ticket), "N"))
            for state, outcome, ticket, reason in Mail.objects.order_by("pk").values_list(
                "state", "outcome", "ticket", "reason"
            )
        ],
        "tickets": list(
            Ticket.objects.order_by("pk").values_list(
                "subject", "customer", "requester", "state", "step", "severity", "opened_at", "facts", "emergency",
                "contract", "terms", "entitled_because", "queue_at", "due_at", "due_clock", "level_rank", "last_seq",
                "last_at",
            )
        ),
        "events": [(kind, at, by, {**after, "by_ticket": 0}) for kind, at, by, after in events],
        "messages": [
            (of(ticket), *rest)
            for ticket, *rest in Message.objects.order_by("ticket", "at", "pk").values_list(
                "ticket", "kind", "text", "author_address", "authenticated", "notes"
            )
        ],
        "participants": sorted(
            (of(ticket), address, accepted)
            for ticket, address, accepted in Participant.objects.values_list("ticket", "address", "accepted")
        ),
        "links": sorted((of(one), of(other)) for one, other in Link.objects.values_list("ticket", "other")),
        "deliveries": sorted(
            (of(ticket), *rest)
            for ticket, *rest in Delivery.objects.values_list(
                "ticket", "event__seq", "recipient", "channel", "template", "state", "error", "automatic", "urgent"
            )
        ),
    }  # fmt: skip


def test_many_at_once_are_what_they_are_one_by_one(post, cast, monkeypatch, caplog):
    mails = a_morning(post, cast, earlier(post, cast))
    alone = what_became(post, mails, 1, monkeypatch)
    for together in (50, 7):
        assert what_became(post, mails, together, monkeypatch) == alone
    assert "one at a time" not in caplog.text


def take_all(post: Any, mails: list[bytes]) -> list[Mail]:
    numbers = [accept(raw, source="smtp", at=post.at) for raw in mails]
    handle.handle_new(post.at, 100)
    return [Mail.objects.get(pk=number) for number in numbers]


@pytest.mark.parametrize("where", ["prepare", "take_in", "read"])
def test_one_poisonous_mail_in_a_batch_of_fifty_fails_alone(post, cast, monkeypatch, where):
    home: Any = {"prepare": join, "take_in": copied, "read": handle}[where]
    real = getattr(home, where)

    def failing(*given, **more):
        case = next((one for one in given if hasattr(one, "message") or isinstance(one, Mail)), None)
        raw = bytes(case.raw if isinstance(case, Mail) else case.mail.raw)
        if b"poison" in raw:
            raise ValueError("odd")
        return real(*given, **more)

    monkeypatch.setattr(home, where, failing)
    if where == "prepare":
        monkeypatch.setattr(join, "request", failing_request(join.request))
    mails = [post.write(cast.tom.email, f"Request {n}") for n in range(49)]
    mails.insert(20, post.write(cast.priya.email, "poison"))
    became = take_all(post, mails)
    bad = became.pop(20)
    assert (bad.state, bad.tries, bad.ticket) == ("new", 1, None)
    assert "odd" in bad.reason
    assert {one.state for one in became} == {"done"}
    assert Ticket.objects.count() == 49


def failing_request(real: Any) -> Any:
    def failing(case, *given, **more):
        if b"poison" in bytes(case.mail.raw):
            raise ValueError("odd")
        return real(case, *given, **more)

    return failing


def test_what_the_database_refuses_of_one_mail_is_no_matter_of_the_others(post, cast, monkeypatch):
    take_in = copied.take_in

    def failing(ticket, case, *, at):
        take_in(ticket, case, at=at)
        if "poison" in case.message.subject:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(copied, "take_in", failing)
    mails = [post.write(cast.tom.email, subject=one) for one in ("a", "poison", "b")]
    first, bad, last = take_all(post, mails)
    assert (first.state, bad.state, last.state) == ("done", "new", "done")
    assert "the database refused it" in bad.reason
    assert Ticket.objects.count() == 2


def test_a_reply_to_a_ticket_opened_in_the_same_batch_joins_it(post, cast):
    mails = [
        post.write(cast.priya.email, message_id="<begin@harbourline.example>"),
        post.write(cast.aiko.email),
        post.write(cast.priya.email, "I forgot to say.", answers="<begin@harbourline.example>"),
    ]
    first, other, reply = take_all(post, mails)
    assert reply.outcome == "reply"
    assert reply.ticket == first.ticket != other.ticket
    kinds = Event.objects.filter(ticket=first.ticket).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["received", "acknowledged", "customer_replied"]


def test_two_replies_to_one_ticket_in_a_batch_both_join_in_order(post, cast):
    ticket = post.opened(cast.priya.email)
    mails = [post.write(cast.priya.email, text, answers=post.reference(ticket, cast.priya)) for text in "AB"]
    assert [one.outcome for one in take_all(post, mails)] == ["reply", "reply"]
    said = Message.objects.filter(ticket=ticket).order_by("pk").values_list("text", flat=True)
    assert list(said)[1:] == ["A", "B"]
    assert list(verify.differences(Ticket.objects.get(pk=ticket.pk))) == []


def test_what_cannot_be_stored_together_is_stored_one_by_one(post, cast, monkeypatch):
    def failing(prepared):
        raise DatabaseError("not together")

    monkeypatch.setattr(join, "apply_all", failing)
    became = take_all(post, [post.write(cast.tom.email) for _ in range(3)])
    assert {one.state for one in became} == {"done"}


def test_mails_that_are_large_together_are_read_apart(post, cast, monkeypatch):
    monkeypatch.setattr(handle, "MEMORY", 1500)
    assert list(handle._fitting([(1, 1000), (2, 400), (3, 200), (4, 9000), (5, 1)])) == [
        [1, 2],
        [3],
        [4],
        [5],
    ]


def test_whoever_is_killed_between_claim_and_commit_leaves_nothing_behind(live_db, cast, environ):
    """The claim is committed, the work is not: all of it is met again, each mail alone."""
    from mainstay.config.env import env
    from mainstay.tickets.watch import now

    env.cache_clear()
    numbers = [accept(raw_of(n), source="smtp") for n in range(5)]
    child = os.fork()
    if child == 0:
        connection.connect()
        copied.take_in = lambda *_, **__: os._exit(9)
        handle.handle_new(now())
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert not Ticket.objects.exists()
    assert set(Mail.objects.values_list("state", "tries")) == {("new", 1)}
    later = now() + handle.LEASE
    while handle.handle_new(later):
        pass
    assert set(Mail.objects.filter(pk__in=numbers).values_list("state", flat=True)) == {"done"}
    assert Ticket.objects.count() == 5


def raw_of(number: int) -> bytes:
    return (
        f"From: priya@harbourline.example\nTo: support@vendor.example\nSubject: Kill {number}\n"
        f"Message-ID: <{number}.kill@harbourline.example>\n\nIt stops.\n"
    ).encode()
