"""The log cannot be changed, rebuilds every clock, and alarms ring once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import Error

from cast import acting
from mainstay.tickets import events, resolution, sentences, triage, verify, watch
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Alarm, Clock, Event, EventText, Ticket
from mainstay.tickets.scope import seeing

pytestmark = pytest.mark.django_db
At = Callable[..., datetime]


def test_the_running_role_can_neither_change_nor_remove_an_event__attack_72(ticket: Ticket) -> None:
    for statement in (
        "UPDATE tickets_event SET kind = 'x'",
        "DELETE FROM tickets_event",
        "TRUNCATE tickets_event CASCADE",
        "ALTER TABLE tickets_event DISABLE TRIGGER ALL",
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_changed_row_is_named_by_the_chain__attack_72(ticket: Ticket, cast: Any, at: At) -> None:
    triage.triage(
        ticket, severity=1, category="technical", reason="x", by=acting(cast.ifeoma), at=at(minutes=3)
    )
    log = list(Event.objects.filter(ticket=ticket).order_by("seq"))
    assert events.first_broken(log) is None
    log[1].after = {**log[1].after, "step": "closure"}
    broken = events.first_broken(log)
    assert broken is not None
    assert broken.seq == 2
    log.pop(1)
    assert events.first_broken(log) is log[1]


def test_words_can_be_erased_and_the_chain_stays_whole__attack_73(ticket: Ticket) -> None:
    EventText.objects.filter(event__ticket=ticket).update(by_name="", why="", detail={}, key=b"")
    assert events.first_broken(list(Event.objects.filter(ticket=ticket).order_by("seq"))) is None


def test_words_put_in_somebodys_mouth_are_found(ticket: Ticket) -> None:
    EventText.objects.filter(event__ticket=ticket, event__kind="received").update(why="I said so")
    assert any("words of event 1" in line for line in verify.differences(ticket))


def test_time_never_goes_back_in_the_log(ticket: Ticket, cast: Any, at: At) -> None:
    resolution.note(ticket, said=Said("early bird", "desk"), by=acting(cast.mara), at=at(hours=-3))
    assert Event.objects.filter(ticket=ticket).latest("seq").at == at()


def test_every_clock_is_rebuilt_from_the_log_without_a_difference(ticket: Ticket, cast: Any, at: At) -> None:
    triage.triage(
        ticket, severity=2, category="technical", reason="x", by=acting(cast.ifeoma), at=at(minutes=3)
    )
    resolution.reply(ticket, said=Said("Hm?", "desk"), wait=True, by=acting(cast.mara), at=at(minutes=50))
    resolution.customer_replied(ticket, said=Said("Yes", "email"), by=acting(cast.priya), at=at(hours=30))
    assert list(verify.differences(ticket)) == []
    Clock.objects.filter(ticket=ticket, clock="resolution").update(used=1)
    assert any("resolution 1: used is 1" in line for line in verify.differences(ticket))
    verify.repair(ticket)
    assert list(verify.differences(ticket)) == []


def test_a_warning_rings_once_and_then_the_breach_rings_once__lesson_31(ticket: Ticket, at: At) -> None:
    first = Clock.objects.get(ticket=ticket, clock="first_response")
    assert first.warn_at is not None
    assert first.due_at is not None
    watch.look(first.warn_at - timedelta(seconds=1))
    assert not Alarm.objects.filter(clock="first_response").exists()
    for _ in range(3):
        watch.look(first.warn_at)
    watch.look(first.due_at)  # met exactly at the due instant would still be kept
    assert list(Alarm.objects.filter(clock="first_response").values_list("kind", flat=True)) == ["warn"]
    for _ in range(3):
        watch.look(first.due_at + timedelta(seconds=1))
    assert Event.objects.filter(ticket=ticket, kind="breached", after__clock="first_response").count() == 1


def test_a_paused_ticket_never_turns_breached__lesson_2(ticket: Ticket, cast: Any, at: At) -> None:
    resolution.reply(ticket, said=Said("Which?", "desk"), wait=True, by=acting(cast.mara), at=at(minutes=5))
    paused = Clock.objects.get(ticket=ticket, clock="resolution")
    assert (paused.state, paused.due_at, paused.next_alarm_at) == ("paused", None, None)


def test_a_late_response_is_still_recorded_as_what_it_was__lesson_18(
    ticket: Ticket, cast: Any, at: At
) -> None:
    late = at(days=3)
    watch.look(late)
    assert Clock.objects.get(ticket=ticket, clock="first_response").stopped_at is None
    resolution.reply(ticket, said=Said("Sorry", "desk"), by=acting(cast.mara), at=late)
    first = Clock.objects.get(ticket=ticket, clock="first_response")
    assert (first.breached, first.stopped_at) == (True, late)


def test_one_ticket_that_fails_does_not_stop_the_watch(
    ticket: Ticket, opened: Any, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    real = watch.ring

    def ring(number: int, *rest: Any, **more: Any) -> bool:
        if number == ticket.pk:
            raise RuntimeError("boom")
        return real(number, *rest, **more)

    monkeypatch.setattr(watch, "ring", ring)
    watch.look(at(days=9))
    assert Alarm.objects.exists()
    assert not Alarm.objects.filter(ticket=ticket).exists()


def test_each_event_reads_as_a_sentence(ticket: Ticket, cast: Any, at: At) -> None:
    triage.triage(
        ticket, severity=1, category="technical", reason="x", by=acting(cast.ifeoma), at=at(minutes=3)
    )
    told = [
        sentences.told(event, zone="UTC").sentence
        for event in Event.objects.filter(ticket=ticket).select_related("text")
    ]
    assert told == [
        "Received by email, severity 3, from Priya Raman",
        "Acknowledged to the sender",
        "Triaged by Ifeoma Adeyemi: severity 3 to 1, technical problem",
    ]


def test_every_kind_of_event_has_its_sentence() -> None:
    from mainstay.tickets.clocks import NAMES

    assert set(NAMES) <= set(sentences.STAFF)


def test_rows_outside_the_scope_are_not_there_even_without_a_filter__attack_55(
    ticket: Ticket, opened: Any, cast: Any
) -> None:
    other = opened(cast.edgar)
    with transaction.atomic(), seeing([cast.corvid.pk]):
        assert list(Ticket.objects.all()) == [other]
        assert set(Event.objects.values_list("ticket", flat=True)) == {other.pk}
        assert not EventText.objects.filter(event__ticket=ticket).exists()
        assert set(Clock.objects.values_list("ticket", flat=True)) == {other.pk}
    with transaction.atomic(), seeing([]):
        assert not Ticket.objects.exists()


def test_the_owner_too_may_not_rewrite_the_log(django_db_setup: None) -> None:
    assert connections["owner"].settings_dict["USER"] != connections["default"].settings_dict["USER"]


def test_links_that_let_nobody_in_any_more_go_by_themselves(cast: Any, at: At) -> None:
    from mainstay.accounts import sign_in
    from mainstay.accounts.models import SignInLink

    sign_in.make_link(cast.mara, at())
    watch.tidy(at(days=3))
    assert not SignInLink.objects.exists()
