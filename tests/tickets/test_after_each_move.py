"""What a move leaves behind: no wait, offer, decision, timer or person of before stays where it no longer holds."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from cast import acting
from mainstay.intake.models import Mail
from mainstay.tickets import (
    closure,
    coverage,
    events,
    handover,
    resolution,
    timers,
    triage,
    verify,
    watch,
)
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Event, Participant, Ticket, Timer

At = Callable[..., datetime]


def ruled_out(ticket: Ticket, cast: Any, at: datetime) -> None:
    coverage.rule_out_of_scope(
        ticket, rule="third_party", reason="Their proxy.", text="Not ours.", by=acting(cast.ifeoma), at=at
    )


def clock(ticket: Ticket, name: str) -> Clock:
    return Clock.objects.filter(ticket=ticket, clock=name).latest("n")


# ---- waiting


@pytest.mark.django_db
def test_a_question_after_a_wait_until_a_date_reminds_and_closes_by_itself(
    ticket: Ticket, cast: Any, at: At
) -> None:
    by = acting(cast.mara)
    resolution.wait_for_third_party(ticket, for_="the carrier", until=at(days=9), by=by, at=at(minutes=5))
    triage.ask_information(ticket, names=["steps"], text="Which steps?", by=by, at=at(minutes=9))
    assert ticket.waiting_until is None
    assert set(Timer.objects.filter(ticket=ticket).values_list("kind", flat=True)) == {"remind", "close"}


@pytest.mark.django_db
def test_out_of_scope_waits_for_nothing_and_nobody(ticket: Ticket, cast: Any, at: At) -> None:
    resolution.wait_for_third_party(
        ticket, for_="the carrier", until=at(days=9), by=acting(cast.mara), at=at(minutes=5)
    )
    ruled_out(ticket, cast, at(minutes=9))
    assert (ticket.waiting_for, ticket.waiting_until) == ("", None)


@pytest.mark.django_db
@pytest.mark.parametrize("back", ["reopened", "brought into scope"])
def test_back_to_work_it_is_in_scope_again(ticket: Ticket, cast: Any, at: At, back: str) -> None:
    by = acting(cast.mara)
    ruled_out(ticket, cast, at(minutes=5))
    if back == "brought into scope":
        coverage.bring_into_scope(ticket, reason="An appeal", by=by, at=at(minutes=9))
    else:
        closure.close(ticket, reason="out_of_scope", text="As said.", by=by, at=at(minutes=7))
        closure.reopen(ticket, said=None, reason="An appeal", by=by, at=at(minutes=9))
    assert (ticket.state, ticket.scope_decision) == ("open", {})


@pytest.mark.django_db
def test_whoever_asks_after_an_offer_is_no_longer_closing(ticket: Ticket, cast: Any, at: At) -> None:
    by = acting(cast.mara)
    resolution.propose_solution(ticket, text="Renew it.", by=by, at=at(minutes=5))
    assert ticket.step == "closure"
    resolution.reply(ticket, said=Said("Or did you?", "desk"), wait=True, by=by, at=at(minutes=9))
    assert ticket.step == "resolution"


@pytest.mark.django_db
def test_a_handover_of_what_nobody_had_leaves_the_queue_of_dispatch(
    ticket: Ticket, cast: Any, at: At
) -> None:
    triage.triage(
        ticket, severity=2, category="technical", reason="x", by=acting(cast.ifeoma), at=at(minutes=3)
    )
    handover.hand_over(ticket, to=cast.mara, note="Yours.", by=acting(cast.ifeoma), at=at(minutes=4))
    assert (ticket.step, ticket.assignee) == ("resolution", cast.mara)


# ---- closing


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["resolved", "duplicate", "no_information", "out_of_scope"])
def test_words_that_close_are_an_answer_too__lesson_4(ticket: Ticket, cast: Any, at: At, reason: str) -> None:
    closure.close(ticket, reason=reason, text="Here it is.", by=acting(cast.mara), at=at(minutes=5))
    first = clock(ticket, "first_response")
    assert (first.state, first.stopped_at, first.breached) == ("stopped", at(minutes=5), False)
    assert clock(ticket, "workaround").state == ("stopped" if reason == "resolved" else "cancelled")
    assert clock(ticket, "resolution").state == ("stopped" if reason == "resolved" else "cancelled")
    assert list(verify.differences(ticket)) == []


@pytest.mark.django_db
def test_a_customer_who_closes_has_had_no_answer(ticket: Ticket, cast: Any, at: At) -> None:
    closure.close_by_customer(ticket, text="Found it.", by=acting(cast.priya), at=at(minutes=5))
    assert clock(ticket, "first_response").state == "cancelled"


@pytest.mark.django_db
def test_it_does_not_close_by_itself_while_an_answer_is_held__lesson_30(
    ticket: Ticket, cast: Any, at: At
) -> None:
    resolution.reply(ticket, said=Said("Which?", "desk"), wait=True, by=acting(cast.mara), at=at(minutes=5))
    closes = timers.closes_at(ticket)
    assert closes is not None
    mail = Mail.objects.create(
        key="k", received_at=closes, source="smtp", raw=b"", size=0, state="held", ticket=ticket
    )
    Timer.objects.filter(kind="remind").delete()
    watch.look(closes)
    ticket.refresh_from_db()
    again = timers.closes_at(ticket)
    assert ticket.state == "waiting_on_customer"
    assert again is not None
    assert again > closes
    mail.state = "trash"
    mail.save()
    watch.look(again)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.close_reason) == ("closed", "no_information")


# ---- recognised


@pytest.mark.django_db
def test_recognised_as_another_customers_it_keeps_nothing_of_the_first(
    opened: Any, cast: Any, at: At
) -> None:
    ticket = opened(environment=cast.production(cast.harbourline))
    for address, contact in ((cast.tom.email, cast.tom), ("new@harbourline.example", None)):
        Participant.objects.create(ticket=ticket, address=address, contact=contact, since=at())
    Participant.objects.create(ticket=ticket, address="let-in@elsewhere.example", since=at())
    triage.recognise(
        ticket,
        customer=cast.kitano,
        contact=None,
        reason="Their order",
        by=acting(cast.ifeoma),
        at=at(hours=1),
    )
    assert ticket.environment is None
    assert ticket.requester is None
    assert ticket.contract is not None
    assert ticket.contract.customer == cast.kitano
    part = dict(Participant.objects.filter(ticket=ticket).values_list("address", "accepted"))
    assert part == {
        cast.priya.email: True,  # it is still her request
        cast.tom.email: False,
        "new@harbourline.example": False,
        "let-in@elsewhere.example": True,
    }
    assert not Participant.objects.filter(ticket=ticket, contact__isnull=False).exists()


# ---- by itself


@pytest.mark.django_db
def test_a_ticket_whose_reminders_fail_does_not_stop_the_watch(
    ticket: Ticket, opened: Any, cast: Any, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolution.reply(ticket, said=Said("Which?", "desk"), wait=True, by=acting(cast.mara), at=at(minutes=5))
    assert Timer.objects.filter(ticket=ticket, kind="remind").count() == 2

    def remind(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(closure, "remind", remind)
    watch.look(at(days=30))
    assert Timer.objects.filter(ticket=ticket, kind="remind").count() == 2


def test_a_timer_that_fires_while_a_reply_is_written_waits_for_it(
    live_db: Any, ticket: Ticket, cast: Any, at: At
) -> None:
    resolution.reply(
        ticket,
        said=Said("Which?", "desk"),
        wait=True,
        until=at(days=1),
        by=acting(cast.mara),
        at=at(minutes=5),
    )
    timer = Timer.objects.get(ticket=ticket)
    fired: list[object] = []

    def fire() -> None:
        try:
            fired.append(watch.fire(timer.pk, at=at(days=2)))
        except Exception as error:
            fired.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=fire)
    with transaction.atomic(), events.changing(ticket):
        other.start()
        other.join(0.5)  # it has what it can get by now
        resolution.customer_replied(
            ticket, said=Said("This one.", "email"), by=acting(cast.priya), at=at(days=1, minutes=1)
        )
    other.join(10)
    assert fired == [False]
    ticket.refresh_from_db()
    assert ticket.state == "open"


def test_two_watches_fire_a_timer_once(live_db: Any, ticket: Ticket, cast: Any, at: At) -> None:
    resolution.reply(
        ticket,
        said=Said("Which?", "desk"),
        wait=True,
        until=at(days=1),
        by=acting(cast.mara),
        at=at(minutes=5),
    )
    timer = Timer.objects.get(ticket=ticket)
    fired: list[bool] = []

    def fire() -> None:
        fired.append(watch.fire(timer.pk, at=at(days=1) + timedelta(seconds=1)))
        connection.close()

    both = [threading.Thread(target=fire) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    assert sorted(fired) == [False, True]


def test_a_reply_refuses_a_proposed_solution_also_after_a_question_of_ours(
    ticket: Ticket, cast: Any, at: At
) -> None:
    by = acting(cast.mara)
    resolution.propose_solution(ticket, text="Renew it", by=by, at=at(minutes=5))
    resolution.reply(ticket, said=Said("Did it help?", "desk"), wait=True, by=by, at=at(minutes=9))
    resolution.customer_replied(ticket, said=Said("No.", "email"), by=acting(cast.priya), at=at(minutes=20))
    assert Event.objects.filter(ticket=ticket).latest("seq").kind == "solution_rejected"
    assert Clock.objects.get(ticket=ticket, clock="resolution").state == "running"
