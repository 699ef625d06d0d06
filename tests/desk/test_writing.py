"""What is written on a ticket: taken back within seconds, kept as a draft, and never past what others did meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.notices import announce
from mainstay.notices.models import Delivery
from mainstay.tickets import dispatch, events, resolution, triage, verify
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Draft, Event, Message, Ticket


def later(seconds: int) -> Any:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket], now: Any, settings: Any) -> Ticket:
    """In Mara's hands; what the desk sends is held for ten seconds."""
    settings.UNDO_SECONDS = 10
    found = asks()
    triage.triage(found, severity=2, category="technical", reason="Slow.", by=acting(cast.ifeoma), at=NOW)
    dispatch.assign(found, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    announce.announce_pending(NOW)
    Delivery.objects.all().delete()
    return found


def send(client: Any, ticket: Ticket, act: str = "replies", **typed: str) -> Any:
    return client.post(f"/desk/tickets/{ticket.pk}/{act}", {"seq": str(ticket.last_seq), **typed})


def clocks(ticket: Ticket) -> list[tuple[Any, ...]]:
    rows = Clock.objects.filter(ticket=ticket).order_by("position")
    return list(rows.values_list("clock", "n", "state", "due_at", "stopped_at", "breached"))


def undo(client: Any, ticket: Ticket) -> Any:
    seq = Event.objects.filter(ticket=ticket).latest("seq").seq
    return client.post(f"/desk/tickets/{ticket.pk}/said/{seq}/withdrawal", follow=True)


def test_what_is_sent_is_held_for_seconds_and_goes_out_by_itself(
    cast: Cast, ticket: Ticket, as_: Any
) -> None:
    answer = send(as_(cast.mara), ticket, text="We look at the chain.")
    assert Clock.objects.get(ticket=ticket, clock="first_response").state == "stopped", "said is answered"
    page = as_(cast.mara).get(answer["Location"]).content.decode()
    assert "On its way at" in page
    assert "1 person at Harbourline Health: Priya Raman" in page
    announce.announce_pending(later(9))
    assert not Delivery.objects.filter(ticket=ticket, channel="email").exists()
    announce.announce_pending(later(10))  # no page is open any more
    assert Delivery.objects.get(ticket=ticket, channel="email").recipient == cast.priya.email


def test_taken_back_it_was_never_said_and_the_clocks_run_as_before(
    cast: Cast, ticket: Ticket, as_: Any, settings: Any
) -> None:
    client, before = as_(cast.mara), clocks(ticket)
    send(client, ticket, text="Tom, your password is hunter2.")
    assert clocks(ticket) != before
    page = undo(client, ticket).content.decode()
    assert "Taken back: nobody heard of it" in page
    assert "Tom, your password is hunter2.</textarea>" in page, "its words stand in the composer again"
    assert clocks(ticket) == before
    ticket.refresh_from_db()
    assert list(verify.differences(ticket)) == []
    assert events.first_broken(list(Event.objects.filter(ticket=ticket).order_by("seq"))) is None
    assert not Message.objects.filter(ticket=ticket, kind="out").exists()
    announce.announce_pending(later(60))
    assert not Delivery.objects.filter(ticket=ticket, channel="email").exists()
    assert "Mara Lindqvist took it back before it went out" in page
    theirs = as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    assert "Mara Lindqvist answered" not in theirs


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("question", {"text": "Which release?"}),
        ("progress", {"text": "Found it.", "estimate": "2026-03-04T10:00", "next_step": "Nothing"}),
        ("workaround", {"text": "Use the other door."}),
        ("solution", {"text": "Install 9.4.3."}),
    ],
)
def test_each_kind_leaves_the_ticket_as_it_was(
    act: str, typed: dict[str, str], cast: Cast, ticket: Ticket, as_: Any
) -> None:
    names = ("state", "step", "estimate", "next_step", "waiting_for", "waiting_until", "queue_at", "due_at")
    ticket.refresh_from_db()
    before, rows = [getattr(ticket, name) for name in names], clocks(ticket)
    assert send(as_(cast.mara), ticket, act, **typed).status_code == 303
    undo(as_(cast.mara), ticket)
    ticket.refresh_from_db()
    assert [getattr(ticket, name) for name in names] == before
    assert clocks(ticket) == rows
    assert list(verify.differences(ticket)) == []
    assert not ticket.timers.exists()


def test_a_question_taken_back_leaves_the_reminders_of_the_one_before(
    cast: Cast, ticket: Ticket, as_: Any, settings: Any
) -> None:
    settings.UNDO_SECONDS = 0
    send(as_(cast.mara), ticket, "question", text="Which release?")
    reminders = set(ticket.timers.values_list("kind", "due_at"))
    settings.UNDO_SECONDS = 10
    ticket.refresh_from_db()
    send(as_(cast.mara), ticket, "solution", text="Install 9.4.3.")
    undo(as_(cast.mara), ticket)
    ticket.refresh_from_db()
    assert ticket.state == "waiting_on_customer"
    assert set(ticket.timers.values_list("kind", "due_at")) == reminders


def test_it_cannot_be_taken_back_by_another_nor_late_nor_once_the_ticket_went_on(
    cast: Cast, ticket: Ticket, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(as_(cast.mara), ticket, text="We look.")
    assert "not yours to take back" in undo(as_(cast.sanjay), ticket).content.decode()
    seq = Event.objects.filter(ticket=ticket).latest("seq").seq
    resolution.customer_replied(
        ticket, said=Said("Thank you, and?", "portal"), by=acting(cast.priya), at=later(3)
    )
    back = f"/desk/tickets/{ticket.pk}/said/{seq}/withdrawal"
    assert "the ticket went on" in as_(cast.mara).post(back, follow=True).content.decode()
    ticket.refresh_from_db()
    send(as_(cast.mara), ticket, text="Soon.")
    monkeypatch.setattr("django.utils.timezone.now", lambda: later(11))
    assert "has gone out already" in undo(as_(cast.mara), ticket).content.decode()
    assert Message.objects.filter(ticket=ticket, kind="out").count() == 2


def test_a_draft_is_kept_for_each_person_until_it_is_sent(cast: Cast, ticket: Ticket, as_: Any) -> None:
    mara, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    typed = {"kind": "report", "text": "Half a <b>sentence", "next_step": "Restart", "severity": "1"}
    assert mara.post(f"{at}/draft", typed).json()["at"] > 0
    page = as_(cast.mara).get(at).content.decode()  # another machine
    assert "Half a &lt;b&gt;sentence</textarea>" in page
    assert 'value="report" checked' in page
    assert 'name="next_step" value="Restart"' in page
    assert "Half a" not in as_(cast.sanjay).get(at).content.decode(), "nobody else's business"
    assert set(Draft.objects.get().said) == {"text", "next_step"}
    send(mara, ticket, "progress", text="A whole sentence.")
    assert not Draft.objects.exists()
    mara.post(f"{at}/draft", {"kind": "reply", "text": "x"})
    mara.post(f"{at}/draft", {"kind": "reply", "text": "  "})
    assert not Draft.objects.exists(), "emptied"
    assert mara.post(f"{at}/draft", {"kind": "closure", "text": "x"}).status_code == 422
    assert as_(cast.dmitri).post(f"{at}/draft", {"kind": "reply", "text": "x"}).status_code == 404
    assert as_(cast.priya).post(f"{at}/draft", {"kind": "reply", "text": "x"}).status_code == 404


def test_who_sends_later_sees_first_what_was_said_meanwhile_and_keeps_the_text(
    cast: Cast, ticket: Ticket, as_: Any, settings: Any
) -> None:
    settings.UNDO_SECONDS = 0
    seen = ticket.last_seq
    send(as_(cast.sanjay), ticket, text="Please restart gateway 2.")
    at = f"/desk/tickets/{ticket.pk}/replies"
    stopped = as_(cast.mara).post(at, {"seq": str(seen), "text": "Please do NOT restart."})
    page = stopped.content.decode()
    assert stopped.status_code == 422
    assert "Meanwhile: Reply by Sanjay Iyer. Nothing was sent." in page
    assert "Please do NOT restart.</textarea>" in page
    assert "Please restart gateway 2." in page, "what was said stands above"
    assert Message.objects.filter(ticket=ticket, kind="out").count() == 1
    ticket.refresh_from_db()
    assert f'name="seq" value="{ticket.last_seq}"' in page
    again = as_(cast.mara).post(at, {"seq": str(ticket.last_seq), "text": "Please do NOT restart."})
    assert again.status_code == 303
    assert Message.objects.filter(ticket=ticket, kind="out").count() == 2


def test_two_decisions_at_once_do_not_silently_undo_each_other(cast: Cast, ticket: Ticket, as_: Any) -> None:
    seen = str(ticket.last_seq)
    at = f"/desk/tickets/{ticket.pk}/severity"
    first = as_(cast.ifeoma).post(at, {"seq": seen, "severity": "1", "reason": "All stand still."})
    assert first.status_code == 303
    second = as_(cast.mara).post(at, {"seq": seen, "severity": "3", "reason": "A way round."})
    assert second.status_code == 422
    assert "Severity 2 to 1 by Ifeoma Adeyemi" in second.content.decode()
    ticket.refresh_from_db()
    assert ticket.severity == 1


def test_a_note_is_never_stopped_by_what_others_did(cast: Cast, ticket: Ticket, as_: Any) -> None:
    seen = str(ticket.last_seq)
    send(as_(cast.sanjay), ticket, text="We look.")
    note = as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/notes", {"seq": seen, "text": "Mind the chain."})
    assert note.status_code == 303
