"""One request through the five steps: each verb is one event, one move, true clocks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cast import acting
from mainstay.errors import Refused
from mainstay.tickets import closure, coverage, dispatch, handover, resolution, triage, verify, watch
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Event, Message, Outbox, Ticket, Timer

pytestmark = pytest.mark.django_db
At = Callable[..., datetime]


def kinds(ticket: Ticket) -> list[str]:
    return list(Event.objects.filter(ticket=ticket).values_list("kind", flat=True))


def clock(ticket: Ticket, name: str, n: int = 1) -> Clock:
    return Clock.objects.get(ticket=ticket, clock=name, n=n)


def triaged(ticket: Ticket, cast: Any, at: datetime, severity: int = 1) -> None:
    triage.triage(
        ticket,
        severity=severity,
        category="technical",
        reason="Production stopped",
        by=acting(cast.ifeoma),
        at=at,
    )


# ---- 1 acknowledgement


def test_a_request_opens_at_the_lowest_severity_under_the_contract_in_force(
    ticket: Ticket, cast: Any
) -> None:
    assert ticket.number >= 1000
    assert ticket.severity == 3
    assert ticket.entitlement == "contract"
    assert ticket.level is not None
    assert ticket.level.name == "Business Critical"
    assert kinds(ticket) == ["received", "acknowledged"]
    assert ticket.step == "triage"


def test_every_event_waits_to_be_announced(ticket: Ticket) -> None:
    assert Outbox.objects.filter(event__ticket=ticket).count() == 2


def test_nobody_known_is_received_too_and_promised_nothing(cast: Any, at: At) -> None:
    from mainstay.accounts.actor import Actor
    from mainstay.tickets.acknowledgement import Request, open_ticket

    ticket = open_ticket(
        Request("Hello", Said("Can you help?", "email"), address="who@nowhere.example"),
        by=Actor.unknown("who@nowhere.example"),
        at=at(),
    )
    assert ticket.entitlement == "none"
    assert not Clock.objects.filter(ticket=ticket, kind="promise").exists()


# ---- 2 triage


def test_triage_raises_the_severity_and_every_clock_is_reckoned_again(
    ticket: Ticket, cast: Any, at: At
) -> None:
    was = clock(ticket, "first_response").due_at
    triaged(ticket, cast, at(minutes=5))
    now = clock(ticket, "first_response")
    assert now.due_at == at(minutes=20)  # 15 minutes round the clock, from the change
    assert was is not None
    assert now.due_at < was
    assert clock(ticket, "triage").state == "stopped"
    assert clock(ticket, "dispatch").target == "15m"
    assert ticket.step == "dispatch"


def test_whoever_triages_has_seen_the_emergency(opened: Any, cast: Any, at: At) -> None:
    ticket = opened(emergency=("says: production is down",))
    triaged(ticket, cast, at(minutes=5))
    assert ticket.emergency_seen_at == at(minutes=5)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"severity": 7}, "severity"),
        ({"severity": "grave"}, "severity"),
        ({"category": "revenge"}, "category"),
        ({"reason": "  "}, "reason"),
        ({"assessment": {"production": "maybe"}}, "production"),
    ],
)
def test_triage_refuses_what_makes_no_sense_and_names_the_field(
    ticket: Ticket, cast: Any, at: At, wrong: dict[str, Any], field: str
) -> None:
    right = {"severity": 1, "category": "technical", "reason": "Stopped"}
    with pytest.raises(Refused) as refused:
        triage.triage(ticket, **{**right, **wrong}, by=acting(cast.ifeoma), at=at(minutes=1))
    assert refused.value.field == field
    assert kinds(ticket) == ["received", "acknowledged"]


def test_a_fact_is_put_right_and_where_it_was_found_is_in_the_log(ticket: Ticket, cast: Any, at: At) -> None:
    triage.correct_fact(
        ticket, name="product_version", value="9.4.2", by=acting(cast.ifeoma), at=at(minutes=1)
    )
    assert ticket.facts["product_version"]["source"] == "filled in by Ifeoma Adeyemi"
    event = Event.objects.select_related("text").get(ticket=ticket, kind="facts_corrected")
    assert "facts" in event.text.detail
    assert "9.4.2" not in str(event.after)  # personal words stay out of the hashed row


def test_what_is_missing_is_asked_for_in_one_message_and_the_ticket_waits(
    ticket: Ticket, cast: Any, at: At
) -> None:
    triage.ask_information(
        ticket,
        names=["steps", "frequency"],
        text="How often, and how?",
        by=acting(cast.ifeoma),
        at=at(minutes=2),
    )
    assert ticket.state == "waiting_on_customer"
    assert clock(ticket, "first_response").state == "stopped"
    assert clock(ticket, "resolution").state == "paused"
    assert ticket.facts["asked"] == ["frequency", "steps"]


def test_out_of_scope_stops_the_clocks_from_that_moment_and_an_appeal_lets_them_run_on(
    ticket: Ticket, cast: Any, at: At
) -> None:
    from mainstay.catalogue.publish import current_desk_policy

    rule = current_desk_policy().document["exclusions"][0]["code"]
    by = acting(cast.ifeoma)
    coverage.rule_out_of_scope(
        ticket, rule=rule, reason="Their own proxy", text="We are sorry", by=by, at=at(minutes=9)
    )
    assert clock(ticket, "resolution").state == "paused"
    coverage.bring_into_scope(ticket, reason="It was ours", by=by, at=at(minutes=30))
    assert clock(ticket, "resolution").state == "running"


def test_a_link_across_customers_is_refused__attack_46(
    ticket: Ticket, opened: Any, cast: Any, at: At
) -> None:
    other = opened(cast.edgar, subject="Badges refused")
    with pytest.raises(Refused):
        triage.link(ticket, other.pk, kind="related", by=acting(cast.ifeoma), at=at(minutes=1))
    assert other not in triage.likely_duplicates(ticket)


def test_likely_duplicates_of_the_same_customer_are_found(ticket: Ticket, opened: Any, cast: Any) -> None:
    same = opened(cast.tom, subject="Badge readers refuse sign-in at Wharf Street")
    opened(cast.tom, subject="Invoice for March")
    assert triage.likely_duplicates(ticket) == [same]


def test_a_customer_recognised_late_is_judged_by_its_terms_from_receipt(cast: Any, at: At) -> None:
    from mainstay.accounts.actor import Actor
    from mainstay.tickets.acknowledgement import Request, open_ticket

    ticket = open_ticket(
        Request("Down", Said("All of it", "email"), address="p@gmail.example"), by=Actor.unknown("p"), at=at()
    )
    triage.recognise(
        ticket, customer=cast.harbourline, contact=cast.priya, reason="Called back", by=acting(cast.ifeoma),
        at=at(minutes=10),
    )  # fmt: skip
    first = clock(ticket, "first_response")
    assert first.kind == "promise"
    assert list(verify.differences(ticket)) == []


# ---- 3 dispatch


def test_dispatch_proposes_people_and_says_why(ticket: Ticket, cast: Any, at: At) -> None:
    triaged(ticket, cast, at(minutes=1))
    proposed = dispatch.candidates(ticket, at=at(minutes=2))
    assert proposed
    assert all(candidate.because for candidate in proposed)
    dispatch.assign(
        ticket,
        to=proposed[0].user,
        because=list(proposed[0].because),
        by=acting(cast.ifeoma),
        at=at(minutes=3),
    )
    assert ticket.assignee == proposed[0].user
    assert ticket.step == "resolution"
    assert clock(ticket, "dispatch").state == "stopped"


def test_an_auditor_gets_no_ticket(ticket: Ticket, cast: Any, at: At) -> None:
    with pytest.raises(Refused, match="engineer"):
        dispatch.assign(ticket, to=cast.dmitri, by=acting(cast.hana), at=at(minutes=1))


def test_planning_for_the_past_is_refused(ticket: Ticket, cast: Any, at: At) -> None:
    with pytest.raises(Refused, match="past"):
        dispatch.schedule(ticket, start=at(minutes=-5), reason="", by=acting(cast.ifeoma), at=at())


def test_a_handover_leaves_the_words_with_the_ticket(ticket: Ticket, cast: Any, at: At) -> None:
    dispatch.assign(ticket, to=cast.mara, by=acting(cast.ifeoma), at=at(minutes=1))
    handover.hand_over(ticket, to=cast.sanjay, note="Gateway 2 is next", by=acting(cast.mara), at=at(hours=1))
    assert ticket.assignee == cast.sanjay
    assert Message.objects.get(ticket=ticket, kind="note").text == "Gateway 2 is next"


# ---- 4 resolution


def test_a_changed_estimate_needs_its_reason(ticket: Ticket, cast: Any, at: At) -> None:
    report = {"status": "On it", "next_step": "", "by": acting(cast.mara)}
    resolution.report_progress(ticket, estimate=at(hours=3), at=at(minutes=5), **report)
    with pytest.raises(Refused, match="change_reason"):
        resolution.report_progress(ticket, estimate=at(hours=5), at=at(minutes=9), **report)
    resolution.report_progress(
        ticket, estimate=at(hours=5), change_reason="A second fault", at=at(minutes=9), **report
    )
    assert ticket.estimate == at(hours=5)


def test_only_the_tam_and_managers_may_escalate_and_the_clocks_follow_at_once(
    ticket: Ticket, cast: Any, at: At
) -> None:
    assert resolution.may_escalate(cast.owen, ticket, at())
    assert resolution.may_escalate(cast.hana, ticket, at())
    assert not resolution.may_escalate(cast.mara, ticket, at())
    resolution.escalate(ticket, reason="Board call at five", by=acting(cast.owen), at=at(minutes=7))
    assert ticket.severity == 1
    assert clock(ticket, "first_response").due_at == at(minutes=22)
    assert Outbox.objects.filter(event__ticket=ticket, event__kind="escalated", urgent=True).exists()


def test_waiting_until_a_date_wakes_by_itself(ticket: Ticket, cast: Any, at: At) -> None:
    resolution.wait_for_third_party(
        ticket, for_="The certificate authority", until=at(days=2), by=acting(cast.mara), at=at(minutes=1)
    )
    watch.look(at(days=2, seconds=1))
    ticket.refresh_from_db()
    assert ticket.state == "open"


def test_a_staff_follow_up_never_starts_the_customers_clock__lesson_6(
    ticket: Ticket, cast: Any, at: At
) -> None:
    for minute in (5, 6):
        resolution.reply(
            ticket, said=Said("And one more", "desk"), by=acting(cast.mara), at=at(minutes=minute)
        )
    assert not Clock.objects.filter(ticket=ticket, clock="next_response").exists()


def test_mere_thanks_after_a_solution_starts_nothing_and_opens_nothing__lesson_7(
    ticket: Ticket, cast: Any, at: At
) -> None:
    resolution.propose_solution(ticket, text="Renew it", by=acting(cast.mara), at=at(minutes=5))
    said = Said("Thanks, bye", "email")
    resolution.customer_replied(ticket, said=said, thanks=True, by=acting(cast.priya), at=at(minutes=9))
    assert ticket.state == "solution_proposed"
    assert not Clock.objects.filter(ticket=ticket, clock="next_response").exists()


# ---- 5 closure


def test_an_unanswered_solution_is_reminded_of_and_closes_by_itself(
    ticket: Ticket, cast: Any, at: At
) -> None:
    resolution.propose_solution(ticket, text="Renew it", by=acting(cast.mara), at=at(minutes=5))
    remind, close = Timer.objects.filter(ticket=ticket).order_by("due_at")
    assert (remind.kind, close.kind) == ("remind", "close")
    watch.look(remind.due_at)
    watch.look(close.due_at)
    ticket.refresh_from_db()
    assert ticket.close_reason == "no_answer_to_solution"
    assert [kind for kind in kinds(ticket) if kind in {"reminded", "closed"}] == ["reminded", "closed"]


def test_a_question_never_answered_closes_as_no_information(ticket: Ticket, cast: Any, at: At) -> None:
    resolution.reply(
        ticket, said=Said("Which version?", "desk"), wait=True, by=acting(cast.mara), at=at(minutes=5)
    )
    for timer in list(Timer.objects.filter(ticket=ticket).order_by("due_at")):
        watch.look(timer.due_at)
    ticket.refresh_from_db()
    assert ticket.close_reason == "no_information"


def test_auto_close_never_fires_while_the_ball_is_with_us__lesson_30(
    ticket: Ticket, cast: Any, at: At
) -> None:
    resolution.propose_solution(ticket, text="Renew it", by=acting(cast.mara), at=at(minutes=5))
    close = Timer.objects.get(ticket=ticket, kind="close")
    resolution.customer_replied(
        ticket, said=Said("It is not", "email"), by=acting(cast.priya), at=at(minutes=9)
    )
    assert closure.close_by_itself(ticket, at=close.due_at) is None
    assert not Timer.objects.filter(ticket=ticket).exists()


def test_a_reminder_that_comes_late_leaves_the_customer_the_time_it_would_have_had(
    ticket: Ticket, cast: Any, at: At
) -> None:
    resolution.propose_solution(ticket, text="Renew it", by=acting(cast.mara), at=at(minutes=5))
    watch.look(at(days=30))
    ticket.refresh_from_db()
    assert ticket.state == "solution_proposed"


def test_closing_and_reopening_never_erases_a_breach__lesson_11(ticket: Ticket, cast: Any, at: At) -> None:
    triaged(ticket, cast, at(minutes=1))
    by = acting(cast.mara)
    resolution.reply(ticket, said=Said("Late", "desk"), by=by, at=at(hours=2))
    closure.close(ticket, reason="resolved", text="Renewed", by=by, at=at(hours=3))
    closure.reopen(ticket, said=Said("Again", "email"), by=acting(cast.priya), at=at(hours=4))
    assert clock(ticket, "first_response").breached
    assert clock(ticket, "resolution").state == "running"  # lesson 12


def test_a_closed_ticket_takes_no_more_moves_but_reopening(ticket: Ticket, cast: Any, at: At) -> None:
    by = acting(cast.mara)
    closure.close(ticket, reason="resolved", text="Renewed", by=by, at=at(hours=3))
    for move in (
        lambda: resolution.propose_solution(ticket, text="x", by=by, at=at(hours=4)),
        lambda: resolution.reply(ticket, said=Said("x", "desk"), by=by, at=at(hours=4)),
        lambda: closure.close(ticket, reason="resolved", text="x", by=by, at=at(hours=4)),
        lambda: closure.accept(ticket, by=by, at=at(hours=4)),
    ):
        with pytest.raises(Refused):
            move()
    closure.reopen(ticket, said=None, reason="Came back", by=by, at=at(hours=5))
    assert ticket.state == "open"


def test_a_root_cause_reported_before_closing_owes_no_second_report(
    ticket: Ticket, cast: Any, at: At
) -> None:
    triaged(ticket, cast, at(minutes=1))
    by = acting(cast.mara)
    resolution.record_root_cause(
        ticket, category="configuration", text="A chain", fix="Renewed", tell=True, by=by, at=at(hours=1)
    )
    closure.close(ticket, reason="resolved", text="Renewed", by=by, at=at(hours=2))
    assert clock(ticket, "root_cause").state == "stopped"
    assert list(verify.differences(ticket)) == []
