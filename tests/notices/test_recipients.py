"""Who hears of what, as sentences."""

import pytest

from cast import acting
from mainstay.accounts.actor import Actor
from mainstay.notices.models import Delivery
from mainstay.notices.recipients import TABLE
from mainstay.tickets import clocks, closure, dispatch, handover, resolution, triage, watch
from mainstay.tickets.events import changing, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Participant

DESK, MAIL, BOTH = {"desk"}, {"email"}, {"desk", "email"}


@pytest.fixture
def ticket(desk):
    return desk.opens()


@pytest.fixture
def given(desk, ticket):
    """The ticket, with Mara working on it."""
    cast = desk.cast
    triage.triage(
        ticket,
        severity=2,
        category="technical",
        reason="Sync is slow",
        by=acting(cast.ifeoma),
        at=desk.later(minutes=5),
    )
    dispatch.assign(ticket, to=cast.mara, by=acting(cast.ifeoma), at=desk.later(minutes=1))
    desk.announce()
    return ticket


def test_a_new_ticket_is_heard_by_those_who_triage_and_by_the_customers_tam(desk, ticket):
    assert desk.heard(ticket, "received") == {"ifeoma": DESK, "owen": BOTH}
    assert desk.heard(ticket, "acknowledged") == {"priya": MAIL}


def test_an_emergency_reaches_those_who_triage_at_once_by_mail_too(desk):
    ticket = desk.opens(emergency=("says production is down",))
    assert desk.heard(ticket, "emergency_flagged") == {"ifeoma": BOTH}
    assert desk.letter(ticket, "emergency_flagged").urgent


def test_the_customer_hears_the_severity_and_who_works_on_it(desk, given):
    assert desk.heard(given, "triaged") == {"priya": MAIL}
    assert desk.heard(given, "dispatched") == {"priya": MAIL, "mara": BOTH}


def test_a_handover_reaches_the_new_engineer(desk, given):
    handover.hand_over(
        given, to=desk.cast.sanjay, note="look at the log", by=acting(desk.cast.mara), at=desk.later(hours=1)
    )
    assert desk.heard(given, "handed_over") == {"priya": MAIL, "sanjay": BOTH}


def test_nobody_suitable_is_said_to_those_who_triage_and_manage(desk, ticket):
    dispatch.nobody_suitable(ticket, by=Actor.system(), at=desk.later(minutes=1))
    assert desk.heard(ticket, "nobody_suitable") == {"ifeoma": BOTH, "hana": BOTH}


def test_an_answer_reaches_requester_and_participants_and_never_staff_or_the_last_sender_alone(desk, given):
    people = (
        ("tom@harbourline.example", desk.cast.tom, True),
        ("friend@elsewhere.example", None, True),
        ("waits@elsewhere.example", None, False),
    )
    for address, contact, accepted in people:
        Participant.objects.create(
            ticket=given, address=address, contact=contact, since=desk.now, accepted=accepted
        )
    resolution.customer_replied(
        given, said=desk.mail("me too"), by=acting(desk.cast.tom), at=desk.later(minutes=1)
    )
    resolution.reply(
        given, said=Said("Try this.", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "staff_replied") == {
        "priya": MAIL,
        "tom": MAIL,
        "friend@elsewhere.example": MAIL,
    }


def test_staff_who_are_copied_in_hear_as_staff_only(desk, given):
    Participant.objects.create(ticket=given, address="Sanjay@vendor.example", since=desk.now)
    resolution.reply(
        given, said=Said("Try this.", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "staff_replied") == {"priya": MAIL}


def test_a_reply_reaches_whoever_works_on_it(desk, given):
    resolution.customer_replied(
        given, said=desk.mail("more"), by=acting(desk.cast.priya), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "customer_replied") == {"mara": BOTH}


def test_a_reply_to_an_unassigned_ticket_reaches_those_who_triage(desk, ticket):
    resolution.customer_replied(
        ticket, said=desk.mail("more"), by=acting(desk.cast.priya), at=desk.later(minutes=1)
    )
    assert desk.heard(ticket, "customer_replied") == {"ifeoma": BOTH}


def test_a_note_is_heard_by_nobody(desk, given):
    resolution.note(
        given, said=Said("inside only", "desk"), by=acting(desk.cast.sanjay), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "noted") == {}


def test_an_escalation_reaches_everybody_who_can_act_but_the_one_who_escalated(desk, given):
    resolution.escalate(
        given, reason="wards cannot work", by=acting(desk.cast.owen), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "escalated") == {"mara": BOTH, "ifeoma": BOTH, "hana": BOTH, "priya": MAIL}
    assert "wards cannot work" in desk.letter(given, "escalated", "mara@vendor.example").text
    assert "wards cannot work" not in desk.letter(given, "severity", "priya@harbourline.example").text


def alarm(desk, ticket, kind, clock, owed):
    more = {"clock": clock, "n": 1, "due": desk.now.isoformat(), "owed": owed, "target": "1h"}
    with changing(ticket) as fresh:
        record(fresh, kind, by=watch.WATCH, at=desk.later(minutes=1), more=more)
    return desk.heard(ticket, kind)


def test_a_warning_reaches_the_assignee_else_those_who_triage(desk, given):
    assert alarm(desk, given, "warned", "first_response", "promise") == {"mara": BOTH}
    other = desk.opens()
    assert alarm(desk, other, "warned", "first_response", "promise") == {"ifeoma": BOTH}


def test_a_broken_promise_reaches_manager_and_tam_too(desk, given):
    assert alarm(desk, given, "breached", "first_response", "promise") == {
        "mara": BOTH,
        "hana": BOTH,
        "owen": BOTH,
    }


def test_a_missed_goal_is_its_engineers_affair(desk, given):
    assert alarm(desk, given, "breached", "resolution", "goal") == {"mara": DESK}


def test_a_clock_of_our_own_is_the_affair_of_those_who_lead(desk, given):
    assert alarm(desk, given, "breached", "triage", "internal") == {"ifeoma": DESK, "hana": DESK}


def test_a_refused_solution_and_a_reopening_reach_whoever_works_on_it(desk, given):
    cast = desk.cast
    resolution.propose_solution(given, text="Restart it", by=acting(cast.mara), at=desk.later(minutes=1))
    assert desk.heard(given, "solution_proposed") == {"priya": MAIL}
    closure.refuse(given, text="", by=acting(cast.priya), at=desk.later(minutes=1))
    assert desk.heard(given, "solution_rejected") == {"mara": BOTH}
    closure.close(
        given, reason="resolved", text="Mended in 7.1", by=acting(cast.mara), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "closed") == {"priya": MAIL}
    closure.reopen(given, said=desk.mail("again"), by=acting(cast.priya), at=desk.later(hours=2))
    assert desk.heard(given, "reopened") == {"mara": BOTH, "priya": MAIL}


def test_spam_is_closed_in_silence(desk, ticket):
    closure.close(ticket, reason="spam", text="", by=acting(desk.cast.ifeoma), at=desk.later(minutes=1))
    assert desk.heard(ticket, "closed") == {}


def test_an_auditor_hears_nothing_whatever_else_stands_in_the_rows(desk, given):
    given.customer.tam = desk.cast.dmitri
    given.customer.save()
    alarm(desk, given, "breached", "first_response", "promise")
    assert not Delivery.objects.filter(user=desk.cast.dmitri).exists()


def test_a_small_house_without_triage_leads_is_heard_all_the_same(desk):
    desk.cast.ifeoma.roles = ["engineer"]
    desk.cast.ifeoma.save()
    assert desk.heard(desk.opens(), "received") == {"hana": DESK, "owen": BOTH}


def test_a_failing_address_is_noted_and_not_written_to(desk, given):
    desk.cast.priya.failing_since, desk.cast.priya.failing_reason = desk.now, "550 no such user"
    desk.cast.priya.save()
    resolution.reply(
        given, said=Said("Try this.", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    kept = desk.letter(given, "answer")
    assert kept.state == "suppressed"
    assert "550 no such user" in kept.error


def test_every_kind_that_moves_a_clock_is_in_the_table():
    silent = {"information_completed", "withdrawn", "solution_withdrawn", "merged_in", "taken_apart"}
    told = {kind.split()[0].rstrip(",") for kind in TABLE}
    assert set(clocks.NAMES) - told == silent


def test_somebody_copied_in_who_awaits_approval_is_told_to_whoever_works_on_it_and_to_who_asked(desk, given):
    with changing(given) as fresh:
        detail = {"accepted": [], "waiting": ["friend@elsewhere.example"]}
        record(fresh, "participants_added", by=Actor.system(), at=desk.later(minutes=1), detail=detail)
    assert desk.heard(given, "participants_added") == {"mara": DESK, "priya": MAIL}


def test_an_absence_note_on_the_ticket_is_a_notice_and_no_mail(desk, given):
    resolution.note(
        given, said=Said("I am away.", "email"), by=Actor.system("mail"), at=desk.later(minutes=1)
    )
    assert desk.heard(given, "noted") == {"mara": DESK}
