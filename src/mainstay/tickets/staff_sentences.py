"""Each event as a sentence for staff: everything, with who did it (T2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from mainstay.allowances.carry import minutes_words
from mainstay.tickets.models import Category
from mainstay.tickets.names import (
    CONCERNS,
    FACTS,
    FLAGS,
    LINKED,
    back_because,
    called,
    reached,
)
from mainstay.tickets.resolution import ROOT_CAUSES
from mainstay.tickets.spoken import Words, appointment, closed, moved, moved_to, progress


def _received(w: Words) -> str:
    return f"Received by {w.after('channel')}, severity {w.after('severity')}, from {w.by}"


def _triaged(w: Words) -> str:
    category = dict(Category.choices).get(str(w.after("category") or w.before("category")), "")
    severity = w.severity or f"severity stays {w.after('now_severity')}"
    return f"Triaged by {w.by}: {severity}" + (f", {category.lower()}" if category else "")


def _worked(w: Words) -> str:
    day = date.fromisoformat(str(w.after("day")))
    told = f"{minutes_words(int(w.after('minutes') or 0))} of {day:%-d %b %Y}"
    counts = "" if w.after("billable") else ", not counted"
    if w.event.kind == "work_corrected":
        return f"{w.by} corrected work from {minutes_words(int(w.after('was') or 0))} to {told}{counts}"
    return f"{w.by} wrote down {told}{counts}: {w.detail('text')}"


def _agreement(w: Words) -> str:
    said = "Terms put right from the start" if w.after("correction") else "Other terms hold from now"
    changes = moved(w)
    return f"{said}: {changes}" if changes else said


def _flag(w: Words) -> str:
    return FLAGS.get(str(w.after("flag")), str(w.after("flag")).replace("_", " "))


def _left_open(w: Words) -> str:
    """What was left to be done, and why: for us alone."""
    titles = w.detail("left_open")
    return f"; left open: {'; '.join(titles)} ({w.detail('left_open_because')})" if titles else ""


def _snoozed(w: Words) -> str:
    until = w.after("until")
    return f"{w.by} put it off for themselves until {w.when(until) if until else 'the customer answers'}"


def _snooze_ended(w: Words) -> str:
    if not w.after("because"):
        return f"{w.by} brought it back"
    return f"Back for {w.detail('for')}: {back_because(str(w.after('because')))}"


STAFF: dict[str, Callable[[Words], str]] = {
    "received": _received,
    "acknowledged": lambda w: "Acknowledged to the sender",
    "acknowledgement_withheld": lambda w: "Not acknowledged",
    "emergency_flagged": lambda w: "Reads like an emergency: " + "; ".join(w.detail("reasons") or []),
    "emergency_seen": lambda w: f"{w.by} has seen the emergency",
    "triaged": _triaged,
    "severity_changed": lambda w: f"{w.severity.capitalize()} by {w.by}",
    "facts_corrected": lambda w: f"{w.by} put right: {FACTS.get(str(w.after('fact')), w.after('fact'))}",
    "information_completed": lambda w: f"{w.by}: the information is complete",
    "information_requested": lambda w: (
        f"{w.by} asked for "
        + (", ".join(FACTS.get(name, name) for name in w.after("asked") or []) or "information")
    ),
    "ruled_out_of_scope": lambda w: f"Out of scope by {w.by} ({w.after('rule')}); the clocks stand still",
    "paid_work_offered": lambda w: f"{w.by} offered to do it as paid work: {w.detail('price')}",
    "paid_work_agreed": lambda w: (
        f"{w.by} took the offer of paid work ({w.detail('price')}); in scope as paid"
    ),
    "paid_work_declined": lambda w: f"{w.by} did not take the offer of paid work",
    "scope_appealed": lambda w: f"{w.by} asked for another decision about the scope",
    "appeal_rejected": lambda w: f"Appeal decided by {w.by}: the decision stands",
    "brought_into_scope": lambda w: f"Back in scope by {w.by}; the clocks run on",
    "linked": lambda w: f"{w.by} linked {w.after('other')} as {LINKED.get(w.after('kind'), w.after('kind'))}",
    "unlinked": lambda w: f"{w.by} took away the link with {w.after('other')}",
    "customer_recognised": lambda w: f"{w.by} recognised the customer; their terms count from receipt",
    "agreement_changed": _agreement,
    "flag_set": lambda w: f"{w.by} noted: {_flag(w)}",
    "flag_cleared": lambda w: f"{w.by} took back: {_flag(w)}",
    "environment_named": lambda w: f"{w.by}: it is about {w.detail('environment') or 'no known system'}",
    "language_named": lambda w: f"{w.by}: the language is {w.after('language') or 'the customer’s own'}",
    "target_agreed": lambda w: (
        f"{w.by} agreed the {w.clock} for this ticket: {w.after('target') or 'as the terms say'}"
    ),
    "dispatched": lambda w: (
        f"Dispatched to {w.detail('to')} by {w.by}: {'; '.join(w.detail('because') or [])}"
    ),
    "handed_over": lambda w: f"Handed over to {w.detail('to')} by {w.by}",
    "handover_accepted": lambda w: (
        f"{w.detail('to')} took it over by working on it"
        if w.after("by_working")
        else f"{w.by} accepted the handover"
    ),
    "handover_declined": lambda w: f"{w.by} gave it back to {w.detail('to') or 'dispatch'}",
    "handover_unaccepted": lambda w: (
        f"{w.detail('to')} has not accepted the handover; those who lead were told"
    ),
    "unassigned": lambda w: f"{w.by} gave it back; nobody has it",
    "scheduled": lambda w: f"Planned for {w.when(w.after('scheduled_for'))} by {w.by}",
    "appointment_agreed": lambda w: f"{appointment(w)} agreed by {w.by} for {w.when(w.after('starts_at'))}",
    "appointment_moved": lambda w: f"{appointment(w)} changed by {w.by}: {moved_to(w)}",
    "appointment_cancelled": lambda w: (
        f"{appointment(w)} of {w.when(w.after('starts_at'))} cancelled by {w.by}"
        + (", as the ticket is closed" if w.after("with") else "")
    ),
    "appointment_wished": lambda w: (
        f"{w.by} asks for another time than {w.when(w.after('starts_at'))} ({appointment(w)})"
    ),
    "task_opened": lambda w: f"Task for {w.detail('hands')} by {w.by}: {w.detail('title')}",
    "task_changed": lambda w: f"Task changed by {w.by}: {w.detail('title')}, {w.detail('hands')}",
    "task_done": lambda w: f"Task done by {w.by}: {w.detail('title')}",
    "task_dropped": lambda w: f"Task taken away by {w.by}: {w.detail('title')}",
    "task_reopened": lambda w: f"Task open again by {w.by}: {w.detail('title')}",
    "watched": lambda w: f"{w.by} watches it",
    "unwatched": lambda w: f"{w.by} watches it no longer",
    "snoozed": _snoozed,
    "snooze_ended": _snooze_ended,
    "nobody_suitable": lambda w: "Nobody suitable is on duty; the leads were told",
    "staff_replied": lambda w: f"Reply by {w.by}",
    "asked_customer": lambda w: f"Question by {w.by}; waiting for the customer",
    "noted": lambda w: f"Note by {w.by}",
    "progress_reported": progress,
    "waiting_on_third_party": lambda w: (
        f"Waiting for a third party, says {w.by}"
        + (f", until {w.when(w.after('waiting_until'))}" if w.after("waiting_until") else "")
    ),
    "resumed": lambda w: f"Work resumed by {w.by}",
    "workaround_provided": lambda w: f"Workaround given by {w.by}",
    "root_cause_recorded": lambda w: (
        f"Root cause recorded by {w.by}: {ROOT_CAUSES.get(str(w.after('category')), '')}"
    ),
    "root_cause_reported": lambda w: (
        f"Root cause reported by {w.by}: {ROOT_CAUSES.get(str(w.after('category')), '')}"
    ),
    "defect_linked": lambda w: (
        f"Defect {w.after('reference')} linked by {w.by}"
        + (f", mended in {w.after('fixed_in')}" if w.after("fixed_in") else "")
    ),
    "solution_proposed": lambda w: f"Solution proposed by {w.by}" + _left_open(w),
    "solution_rejected": lambda w: f"{w.by}: not solved",
    "escalated": lambda w: f"Escalated by {w.by}" + (f": {w.severity}" if w.severity else ""),
    "escalated_by_ladder": lambda w: (
        f"Escalated to {called(w.after('to'))} by the ladder: {reached(w.event.after)}"
    ),
    "customer_replied": lambda w: f"Reply by {w.by}",
    "thanked": lambda w: f"{w.by} only thanks; nothing moves",
    "rated": lambda w: f"{w.by} says how it went: {w.after('score')} of 5",
    "served_once": lambda w: f"{w.by} decided to serve it this once",
    "package_offered": lambda w: f"{w.by} offered {w.detail('name')}; waiting for the customer",
    "beyond_allowance": lambda w: "Beyond what the agreement includes",
    "work_logged": _worked,
    "work_corrected": _worked,
    "closed": lambda w: closed(w) + _left_open(w),
    "reminded": lambda w: f"Customer reminded; closes by itself {w.when(w.after('closes_at'))}",
    "merged_in": lambda w: f"{w.by} merged {w.after('other')} in: {w.detail('subject')}",
    "taken_apart": lambda w: f"{w.by} took {w.after('other')} out again",
    "unmerged": lambda w: f"{w.by} took it out of {w.after('from')} again; its clocks run as if never merged",
    "split_off": lambda w: f"{w.by} split {w.after('other')} off",
    "split_from": lambda w: f"{w.by} split it off from {w.after('other')}",
    "cause_joined": lambda w: f"{w.by}: the cause is {w.detail('title')}",
    "cause_left": lambda w: f"{w.by}: the cause is not {w.detail('title')} after all",
    "withdrawn": lambda w: f"{w.by} took it back before it went out",
    "solution_withdrawn": lambda w: f"{w.by} took the solution back before it went out",
    "reopened": lambda w: f"Reopened by {w.by}",
    "followed_up": lambda w: f"Followed by {w.after('by_ticket')}",
    "follow_up_taken_back": lambda w: f"{w.by} took back the follow-up {w.after('by_ticket')}",
    "warned": lambda w: f"Warning: {w.clock} due {w.when(w.after('due'))}",
    "breached": lambda w: f"Missed: {w.clock} was due {w.when(w.after('due'))}",
    "concern_raised": lambda w: f"{w.by}: {CONCERNS.get(w.after('concern'), '')}",
    "concern_answered": lambda w: f"{w.by} answered the {CONCERNS.get(w.after('concern'), 'concern')}",
    "concern_late": lambda w: f"Late: the {CONCERNS.get(w.after('concern'), 'concern')} is not answered",
    "participants_added": lambda w: (
        "Copied in: "
        + "; ".join(
            [f"{one} takes part" for one in w.detail("accepted") or []]
            + [f"{one} awaits approval" for one in w.detail("waiting") or []]
        )
    ),
    "participant_approved": lambda w: f"{w.by} approved {w.detail('address')}",
    "participant_left": lambda w: f"{w.by} takes no part in it any more",
    "delivery_failed": lambda w: f"Mail to {w.detail('address')} could not be delivered",
}
