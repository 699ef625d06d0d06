"""The rules of the clocks, each told as a short story. Times are Sydney's; the office is open Mon-Fri 9 to 5."""

from __future__ import annotations

import pytest

from mainstay.sla.cases import as_expected, parse_case
from mainstay.sla.instances import warning_at, warning_before
from sla import slow
from sla.random_cases import random_case
from sla.told import brief, moment, policy, promise, said, shown, story

RECEIVED = ("Mon 10:00", "received")
CALM = {"on_raise": "from_start", "on_lower": "from_start"}


@pytest.mark.parametrize("block", range(12))
def test_random_stories_agree_with_a_slow_reading_of_the_definition(block: int) -> None:
    for seed in range(block * 5, block * 5 + 5):
        case = random_case(seed)
        assert [as_expected(i) for i in parse_case(case).explain()] == slow.expect(case), f"seed {seed}"


# What users of other help desks reported


def test_lesson_1_a_pause_survives_a_change_of_severity_and_of_contract() -> None:
    terms = policy(resolution=promise({"1": "4h", "3": "8h"}))
    case = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "waiting_on_customer"),
        ("Mon 12:00", "severity_changed", {"severity": 1}),
        ("Mon 13:00", "agreement_changed", {"policy": policy(resolution="6h")}),
        as_of="Mon 14:00",
    )
    assert brief(case, "resolution") == ("paused", None, False, 60)


def test_lesson_3_a_pause_over_a_weekend_moves_the_due_instant_by_business_time() -> None:
    case = story(
        policy(resolution="4h"),
        ("Fri 15:00", "received"),
        ("Fri 16:00", "waiting_on_customer"),
        ("+Mon 11:00", "customer_replied"),
        as_of="+Mon 12:00",
    )
    assert brief(case, "resolution") == ("running", "+Mon 14:00", False, 120)


def test_lesson_4_a_reply_and_a_change_at_one_instant_still_meet_the_first_response() -> None:
    case = story(
        policy(first_response="4h", resolution="8h"),
        RECEIVED,
        ("Mon 11:00", "staff_replied"),
        ("Mon 11:00", "waiting_on_customer"),
        as_of="Mon 12:00",
    )
    assert brief(case, "first_response") == ("stopped", "Mon 14:00", False, 60)
    assert brief(case, "resolution") == ("paused", None, False, 60)


def test_lesson_6_a_staff_members_own_follow_up_never_starts_the_customers_clock() -> None:
    case = story(
        policy(next_response="1h"),
        RECEIVED,
        ("Mon 11:00", "staff_replied"),
        ("Mon 12:00", "staff_replied"),
        as_of="Tue 09:00",
    )
    assert case.explain() == []


def test_lesson_8_the_always_calendar_counts_through_midnight() -> None:
    case = story(policy(resolution=promise("24h", "always")), ("Sat 23:00", "received"), as_of="Sun 01:00")
    assert brief(case, "resolution") == ("running", "Sun 23:00", False, 120)


def test_lesson_9_a_progress_target_shorter_than_the_first_response_does_not_replace_it() -> None:
    case = story(policy(first_response="4h", progress_update="30m"), RECEIVED, as_of="Mon 12:00")
    assert brief(case, "first_response") == ("running", "Mon 14:00", False, 120)
    assert brief(case, "progress_update") is None


def test_lesson_10_moving_to_terms_that_lack_a_clock_ends_that_clock_visibly() -> None:
    case = story(
        policy(workaround="1h", resolution="8h"),
        RECEIVED,
        ("Mon 12:00", "agreement_changed", {"policy": policy(resolution="8h")}),
        as_of="Mon 15:00",
    )
    assert shown(case, "workaround") == {
        "clock": "workaround",
        "n": 1,
        "state": "cancelled",
        "due": None,
        "breached": True,
        "used": 7200,
        "earlier_breaches": ["2026-03-02T00:00:00Z"],
    }


def test_lesson_11_closing_and_reopening_never_erases_a_breach() -> None:
    case = story(
        policy(resolution="1h"),
        RECEIVED,
        ("Mon 12:00", "closed", {"reason": "resolved"}),
        ("Tue 10:00", "reopened"),
        as_of="Tue 11:00",
    )
    assert brief(case, "resolution") == ("running", "Mon 11:00", True, 180)
    again = story(
        policy(resolution=promise("1h", on_reopen="restart")),
        RECEIVED,
        ("Mon 12:00", "closed", {"reason": "resolved"}),
        ("Tue 10:00", "reopened"),
        as_of="Tue 10:30",
    )
    assert brief(again, "resolution", 1) == ("stopped", "Mon 11:00", True, 120)
    assert brief(again, "resolution", 2) == ("running", "Tue 11:00", False, 30)


def test_lesson_12_a_reopened_ticket_has_a_running_resolution_as_its_policy_says() -> None:
    for reason in ("resolved", "spam"):
        case = story(
            policy(resolution="8h"),
            RECEIVED,
            ("Mon 12:00", "closed", {"reason": reason}),
            ("Tue 10:00", "reopened"),
            as_of="Tue 11:00",
        )
        assert brief(case, "resolution") == ("running", "Tue 16:00", False, 180)


def test_lesson_18_a_late_response_is_recorded_as_it_was() -> None:
    case = story(policy(first_response="1h"), RECEIVED, ("Mon 15:00", "staff_replied"), as_of="Tue 09:00")
    assert brief(case, "first_response") == ("stopped", "Mon 11:00", True, 300)


def test_lesson_20_the_calendar_of_a_row_is_the_one_that_the_policy_names_for_the_severity() -> None:
    terms = policy(first_response=promise("4h", {"1": "always", "*": "office"}))
    urgent = story(terms, ("Mon 16:00", "received"), as_of="Mon 16:00", severity=1)
    calm = story(terms, ("Mon 16:00", "received"), as_of="Mon 16:00", severity=2)
    assert brief(urgent, "first_response") == ("running", "Mon 20:00", False, 0)
    assert brief(calm, "first_response") == ("running", "Tue 12:00", False, 0)


# Starting and being met


def test_met_exactly_at_the_due_instant_is_kept() -> None:
    case = story(policy(first_response="1h"), RECEIVED, ("Mon 11:00", "staff_replied"), as_of="Mon 11:00")
    assert brief(case, "first_response") == ("stopped", "Mon 11:00", False, 60)


def test_a_clock_is_breached_only_after_its_due_instant() -> None:
    assert brief(story(policy(triage="1h"), RECEIVED, as_of="Mon 11:00"), "triage") == (
        "running",
        "Mon 11:00",
        False,
        60,
    )
    assert brief(story(policy(triage="1h"), RECEIVED, as_of="Mon 11:01"), "triage") == (
        "running",
        "Mon 11:00",
        True,
        61,
    )


def test_events_after_as_of_are_ignored() -> None:
    case = story(policy(triage="1h"), RECEIVED, ("Mon 10:30", "triaged"), as_of="Mon 10:29")
    assert brief(case, "triage") == ("running", "Mon 11:00", False, 29)
    assert story(policy(triage="1h"), RECEIVED, as_of="Mon 09:59").explain() == []


def test_the_automatic_answer_moves_no_clock() -> None:
    case = story(policy(first_response="1h"), RECEIVED, ("Mon 10:00", "acknowledged"), as_of="Mon 10:30")
    assert brief(case, "first_response") == ("running", "Mon 11:00", False, 30)


def test_several_messages_in_a_row_are_answered_from_the_first() -> None:
    case = story(
        policy(next_response="2h"),
        RECEIVED,
        ("Mon 10:30", "customer_replied"),  # before the first response: not a next one
        ("Mon 11:00", "staff_replied"),
        ("Mon 12:00", "customer_replied"),
        ("Mon 13:00", "customer_replied"),
        ("Mon 13:30", "staff_replied"),
        ("Mon 14:00", "customer_replied"),
        as_of="Mon 15:00",
    )
    assert brief(case, "next_response", 1) == ("stopped", "Mon 14:00", False, 90)
    assert brief(case, "next_response", 2) == ("running", "Mon 16:00", False, 60)


def test_a_report_meets_one_update_and_starts_the_next_and_a_solution_ends_them() -> None:
    case = story(
        policy(progress_update="2h"),
        RECEIVED,
        ("Mon 11:00", "staff_replied"),
        ("Mon 12:00", "progress_reported"),
        ("Mon 13:00", "solution_proposed"),
        ("Mon 14:00", "solution_rejected"),
        ("Mon 15:00", "solution_rejected"),  # the one that is running runs on
        as_of="Mon 15:30",
    )
    assert brief(case, "progress_update", 1) == ("stopped", "Mon 13:00", False, 60)
    assert brief(case, "progress_update", 2) == ("cancelled", None, False, 60)
    assert brief(case, "progress_update", 3) == ("running", "Mon 16:00", False, 90)
    assert brief(case, "progress_update", 4) is None


def test_no_progress_is_owed_after_reopening_before_anyone_has_answered() -> None:
    case = story(
        policy(progress_update="2h"),
        RECEIVED,
        ("Mon 11:00", "closed", {"reason": "spam"}),
        ("Mon 12:00", "reopened"),
        as_of="Mon 13:00",
    )
    assert case.explain() == []


def test_dispatch_starts_at_the_first_triage_unless_it_was_dispatched_or_ever_closed() -> None:
    terms = policy(dispatch="1h")
    begun = story(terms, RECEIVED, ("Mon 11:00", "triaged"), ("Mon 11:30", "triaged"), as_of="Mon 11:45")
    assert brief(begun, "dispatch") == ("running", "Mon 12:00", False, 45)
    early = story(terms, RECEIVED, ("Mon 10:30", "dispatched"), ("Mon 11:00", "triaged"), as_of="Mon 11:30")
    assert early.explain() == []
    closed = [
        ("Mon 10:30", "closed", {"reason": "spam"}),
        ("Mon 10:40", "reopened"),
        ("Mon 11:00", "triaged"),
    ]
    assert story(terms, RECEIVED, *closed, as_of="Mon 11:30").explain() == []


def test_what_happens_while_a_ticket_is_closed_changes_nothing() -> None:
    terms = policy(next_response="1h", progress_update="1h", dispatch="1h")
    case = story(
        terms,
        RECEIVED,
        ("Mon 10:30", "closed", {"reason": "resolved"}),
        ("Mon 10:40", "staff_replied"),
        ("Mon 10:50", "waiting_on_customer"),
        ("Mon 10:55", "closed", {"reason": "spam"}),
        ("Mon 11:00", "reopened"),
        ("Mon 11:10", "customer_replied"),
        as_of="Mon 12:00",
    )
    assert case.explain() == []


def test_first_response_and_workaround_never_start_again_after_a_close() -> None:
    case = story(
        policy(first_response="1h", workaround="2h"),
        RECEIVED,
        ("Mon 10:30", "closed", {"reason": "duplicate"}),
        ("Mon 11:00", "reopened"),
        ("Mon 11:30", "staff_replied"),
        as_of="Mon 12:00",
    )
    assert brief(case, "first_response") == ("cancelled", None, False, 30)
    assert [i.n for i in case.explain()] == [1, 1]


def test_a_root_cause_is_owed_from_a_solved_close_until_it_is_reported_or_reopened() -> None:
    terms = policy(root_cause="2h")
    done = ("Mon 11:00", "closed", {"reason": "no_answer_to_solution"})
    told = story(terms, RECEIVED, done, ("Mon 12:00", "root_cause_reported"), as_of="Mon 15:00")
    assert brief(told, "root_cause") == ("stopped", "Mon 13:00", False, 60)
    again = story(
        terms, RECEIVED, done, ("Mon 12:00", "reopened"), ("Mon 12:30", *done[1:]), as_of="Mon 13:00"
    )
    assert brief(again, "root_cause", 1) == ("cancelled", None, False, 60)
    assert brief(again, "root_cause", 2) == ("running", "Mon 14:30", False, 30)
    unsolved = story(terms, RECEIVED, ("Mon 11:00", "closed", {"reason": "spam"}), as_of="Mon 12:00")
    assert unsolved.explain() == []


def test_a_severity_change_on_a_closed_ticket_re_reckons_only_the_root_cause() -> None:
    terms = policy(
        root_cause=promise({"1": "2h", "3": "8h"}),
        resolution=promise({"1": "1h", "3": "8h"}),
        on_raise="from_change",
    )
    case = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "closed", {"reason": "resolved"}),
        ("Mon 12:00", "severity_changed", {"severity": 1}),
        as_of="Mon 12:30",
    )
    assert brief(case, "root_cause") == ("running", "Mon 14:00", False, 30)
    assert brief(case, "resolution") == ("stopped", "Tue 10:00", False, 60)
    gone = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "closed", {"reason": "resolved"}),
        ("Mon 12:00", "severity_changed", {"severity": 2}),
        ("Mon 13:00", "reopened"),
        as_of="Mon 13:30",
    )
    assert brief(gone, "root_cause") == ("cancelled", None, False, 60)
    # The resolution runs on with the target it had, though severity 2 has none.
    assert brief(gone, "resolution") == ("running", "Tue 12:00", False, 90)


def test_clocks_may_start_when_the_information_is_complete() -> None:
    terms = policy(
        first_response=promise("1h", starts_on="triaged"),
        resolution=promise("8h", starts_on="information_completed"),
    )
    case = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "triaged"),
        ("Mon 12:00", "information_completed"),
        ("Mon 13:00", "information_completed"),
        as_of="Mon 14:00",
    )
    assert brief(case, "first_response") == ("running", "Mon 12:00", True, 180)
    assert brief(case, "resolution") == ("running", "Tue 12:00", False, 120)
    answered = story(
        terms, RECEIVED, ("Mon 10:30", "staff_replied"), ("Mon 11:00", "triaged"), as_of="Mon 12:00"
    )
    assert answered.explain() == []


def test_a_rejected_solution_starts_a_resolution_whatever_its_starting_event() -> None:
    terms = policy(resolution=promise("8h", starts_on="information_completed"))
    case = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "solution_proposed"),
        ("Mon 12:00", "solution_rejected"),
        as_of="Mon 13:00",
    )
    assert brief(case, "resolution") == ("running", "Tue 12:00", False, 60)


# Standing still


def test_a_clock_that_starts_while_the_ticket_waits_starts_paused() -> None:
    case = story(
        policy(progress_update="1h"),
        RECEIVED,
        ("Mon 11:00", "waiting_on_customer"),
        ("Mon 12:00", "staff_replied"),
        as_of="Mon 13:00",
    )
    assert brief(case, "progress_update") == ("paused", None, False, 0)


def test_another_waiting_state_takes_the_place_of_the_first() -> None:
    terms = policy(resolution="8h", first_response="8h")  # the first response pauses on out_of_scope only
    case = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "waiting_on_customer"),
        ("Mon 12:00", "out_of_scope"),
        ("Mon 13:00", "customer_replied"),  # ends only waiting_on_customer
        ("Mon 14:00", "waiting_on_third_party"),  # nobody pauses on it by default
        as_of="Mon 15:00",
    )
    assert brief(case, "resolution") == ("running", "Tue 13:00", False, 120)
    assert brief(case, "first_response") == ("running", "Tue 12:00", False, 180)


def test_a_reopened_ticket_no_longer_stands_out_of_scope() -> None:
    case = story(
        policy(resolution="8h"),
        RECEIVED,
        ("Mon 11:00", "out_of_scope"),
        ("Mon 12:00", "reopened"),
        as_of="Mon 13:00",
    )
    assert brief(case, "resolution") == ("running", "Tue 11:00", False, 120)


def test_a_clock_met_while_paused_is_judged_as_if_it_resumed_then() -> None:
    case = story(
        policy(workaround="4h"),
        RECEIVED,
        ("Mon 11:00", "waiting_on_customer"),
        ("Mon 16:00", "workaround_provided"),
        as_of="Tue 12:00",
    )
    assert brief(case, "workaround") == ("stopped", "Tue 11:00", False, 60)


def test_new_terms_change_what_a_clock_pauses_on_from_then_on() -> None:
    case = story(
        policy(resolution="8h"),
        RECEIVED,
        ("Mon 11:00", "waiting_on_customer"),
        ("Mon 12:00", "agreement_changed", {"policy": policy(resolution=promise("8h", pauses_on=[]))}),
        as_of="Mon 13:00",
    )
    assert brief(case, "resolution") == ("running", "Tue 11:00", False, 120)


# Changes of severity and agreement


def raised(rule: str, target: str = "4h", at: str = "Mon 13:00", **more: str) -> dict[str, object]:
    case = story(
        policy(resolution=promise({"3": "8h", "1": target}), on_raise=rule),
        RECEIVED,
        (at, "severity_changed", {"severity": 1}),
        as_of=more.get("as_of", "Mon 14:00"),
    )
    return brief(case, "resolution")  # type: ignore[return-value]


def test_from_start_counts_as_if_the_new_target_had_always_held() -> None:
    assert raised("from_start") == ("running", "Mon 14:00", False, 240)
    assert raised("from_start", "2h") == ("running", "Mon 12:00", True, 240)


def test_from_change_gives_a_full_new_target_unless_the_old_one_is_due_earlier() -> None:
    assert raised("from_change", "2h") == ("running", "Mon 15:00", False, 60)
    assert raised("from_change", "7h") == ("running", "Tue 10:00", False, 240)  # the old one goes on
    assert raised("from_change", "5h") == ("running", "Tue 10:00", False, 60)  # equal: the new one takes


def test_proportional_keeps_the_unused_share() -> None:
    assert raised("proportional") == ("running", "Mon 15:30", False, 60)  # 5/8 of 4 h
    assert raised("proportional", "100s") == ("running", "Mon 13:01:02", True, 60)  # rounded down


def test_a_share_of_nothing_is_due_when_the_clock_next_runs() -> None:
    terms = policy(resolution=promise({"3": "1h", "1": "30m"}), on_raise="proportional")
    change = ("Mon 13:00", "severity_changed", {"severity": 1})
    assert brief(story(terms, RECEIVED, change, as_of="Mon 13:00"), "resolution") == (
        "running",
        "Mon 13:00",
        False,
        0,
    )
    paused = [("Mon 12:00", "waiting_on_customer"), change, ("Mon 14:00", "resumed")]
    assert brief(story(terms, RECEIVED, *paused, as_of="Mon 15:00"), "resolution") == (
        "running",
        "Mon 14:00",
        True,
        60,
    )


def test_from_change_while_paused_compares_as_if_it_resumed_at_the_change() -> None:
    terms = policy(resolution=promise({"3": "4h", "1": "3h"}), on_raise="from_change")
    wait = ("Mon 11:30", "waiting_on_customer")
    change = ("Mon 14:00", "severity_changed", {"severity": 1})
    case = story(terms, RECEIVED, wait, change, ("Mon 15:00", "resumed"), as_of="Mon 15:30")
    assert brief(case, "resolution") == (
        "running",
        "Tue 09:30",
        False,
        120,
    )  # 2.5 h were left: the old one goes on


def test_a_lapsed_target_is_listed_once_even_where_it_goes_on() -> None:
    terms = policy(
        resolution=promise({"3": "1h", "2": "3h", "1": "2h"}), on_raise="from_change", on_lower="from_change"
    )
    changes = [(f"Mon 1{h}:00", "severity_changed", {"severity": s}) for h, s in ((2, 1), (3, 2), (4, 1))]
    case = story(terms, RECEIVED, *changes, as_of="Mon 15:00")
    assert shown(case, "resolution") == {
        "clock": "resolution",
        "n": 1,
        "state": "running",
        "due": "2026-03-02T00:00:00Z",
        "breached": True,
        "used": 18000,
        "earlier_breaches": ["2026-03-02T00:00:00Z"],
    }


def test_nothing_happens_where_target_and_calendar_stay_the_same_by_value() -> None:
    terms = policy(resolution=promise({"3": "60m", "1": "1h"}), on_raise="from_change")
    case = story(terms, RECEIVED, ("Mon 12:00", "severity_changed", {"severity": 1}), as_of="Mon 13:00")
    assert brief(case, "resolution") == ("running", "Mon 11:00", True, 180)
    renamed = policy(resolution=promise("60m", "office again"))
    case = story(
        policy(resolution="1h"),
        RECEIVED,
        ("Mon 12:00", "agreement_changed", {"policy": renamed}),
        as_of="Mon 13:00",
    )
    assert shown(case, "resolution")["earlier_breaches"] == []  # type: ignore[index]


def test_a_clock_that_had_no_target_starts_at_the_change_if_its_start_has_come() -> None:
    terms = policy(
        **{
            name: promise({"1": "2h"})
            for name in ("first_response", "workaround", "resolution", "triage", "dispatch")
        }
    )
    case = story(terms, RECEIVED, ("Mon 12:00", "severity_changed", {"severity": 1}), as_of="Mon 13:00")
    assert [(i.clock, said(i.started_at)) for i in case.explain()] == [
        ("first_response", "Mon 12:00"),
        ("workaround", "Mon 12:00"),
        ("resolution", "Mon 12:00"),
    ]
    met = [("Mon 11:00", "solution_proposed"), ("Mon 12:00", "severity_changed", {"severity": 1})]
    assert story(terms, RECEIVED, *met, as_of="Mon 13:00").explain() == []
    rejected = [met[0], ("Mon 11:30", "solution_rejected"), met[1]]
    assert [i.clock for i in story(terms, RECEIVED, *rejected, as_of="Mon 13:00").explain()] == ["resolution"]


def test_a_clock_cancelled_for_want_of_a_target_is_a_new_instance_when_there_is_one_again() -> None:
    terms = policy(first_response=promise({"3": "4h"}))
    case = story(
        terms,
        RECEIVED,
        ("Mon 11:00", "severity_changed", {"severity": 2}),
        ("Mon 12:00", "severity_changed", {"severity": 3}),
        as_of="Mon 13:00",
    )
    assert brief(case, "first_response", 1) == ("cancelled", None, False, 60)
    assert brief(case, "first_response", 2) == ("running", "Mon 16:00", False, 60)


def test_under_new_terms_a_shorter_target_is_a_raise_and_a_longer_one_a_lowering() -> None:
    for target, due in (("4h", "Mon 16:00"), ("16h", "Wed 10:00")):
        new = policy(resolution=target, on_raise="from_change", on_lower="from_start")
        case = story(
            policy(resolution="8h"),
            RECEIVED,
            ("Mon 12:00", "agreement_changed", {"policy": new}),
            as_of="Mon 13:00",
        )
        assert brief(case, "resolution")[1] == due  # type: ignore[index]


def test_a_correction_counts_from_the_start_whatever_the_rules_say() -> None:
    new = policy(resolution="4h", on_raise="from_change", on_lower="proportional")
    case = story(
        policy(resolution="8h"),
        RECEIVED,
        ("Mon 12:00", "agreement_changed", {"policy": new, "correction": True}),
        as_of="Mon 13:00",
    )
    assert brief(case, "resolution") == ("running", "Mon 14:00", False, 180)
    gone = story(
        policy(resolution="8h"),
        RECEIVED,
        ("Mon 12:00", "agreement_changed", {"policy": policy(), "correction": True}),
        as_of="Mon 13:00",
    )
    assert brief(gone, "resolution") == ("cancelled", None, False, 120)


def test_a_changed_starting_event_counts_only_for_events_still_to_come() -> None:
    later = policy(resolution=promise("8h", starts_on="triaged"))
    case = story(
        policy(resolution="8h"),
        RECEIVED,
        ("Mon 11:00", "agreement_changed", {"policy": later}),
        ("Mon 12:00", "triaged"),
        as_of="Mon 13:00",
    )
    assert brief(case, "resolution") == ("running", "Tue 10:00", False, 180)
    assert brief(case, "resolution", 2) is None


def test_instances_are_in_the_order_in_which_they_started_then_of_the_table() -> None:
    case = story(
        policy(resolution="8h", first_response="1h", triage="1h", progress_update="1h", dispatch="1h"),
        RECEIVED,
        ("Mon 10:30", "triaged"),
        ("Mon 10:45", "staff_replied"),
        as_of="Mon 11:00",
    )
    order = ["first_response", "resolution", "triage", "dispatch", "progress_update"]
    assert [i.clock for i in case.explain()] == order


# What callers ask of an instance


def test_a_warning_comes_at_a_share_of_the_target_rounded_up() -> None:
    case = story(
        policy(resolution="8h", triage="1h"),
        RECEIVED,
        ("Mon 11:00", "waiting_on_customer"),
        ("Mon 12:00", "resumed"),
        as_of="Mon 12:30",
    )
    resolution, triage = case.explain()
    assert said(warning_at(resolution, 0.75) or 0) == "Mon 17:00"
    assert said(warning_at(triage, "0.3334") or 0) == "Mon 10:20:01"
    assert said(warning_before(resolution, 1800) or 0) == "Tue 10:30"
    assert said(warning_before(resolution, 7200) or 0) == "Mon 17:00"


def test_a_clock_that_stands_still_warns_of_nothing() -> None:
    case = story(policy(resolution="8h"), RECEIVED, ("Mon 11:00", "waiting_on_customer"), as_of="Mon 12:00")
    (resolution,) = case.explain()
    assert warning_at(resolution, 0.75) is None
    assert warning_before(resolution, 1800) is None
    assert (resolution.paused_by, said(resolution.paused_since or 0), resolution.left) == (
        "waiting_on_customer",
        "Mon 11:00",
        7 * 3600,
    )


def test_a_moment_of_the_stories_is_an_instant_with_its_offset() -> None:
    assert moment("+Tue 09:30") == "2026-03-10T09:30:00+11:00"
