"""Work on a ticket and words to the customer, until it is closed or opened again."""

from __future__ import annotations

from django.http import Http404

from mainstay.desk import mentioning
from mainstay.desk.acting import Act, Do
from mainstay.errors import Refused
from mainstay.tickets import closure, resolution
from mainstay.tickets.models import CloseReason

LONGEST_URL = 200  # as the column has it


def reply(one: Act) -> str:
    resolution.reply(one.ticket, said=one.said(), by=one.by, at=one.at)
    return "Your reply is on its way to the customer."


def note(one: Act) -> str:
    resolution.note(one.ticket, said=one.said(), by=one.by, at=one.at)
    return " ".join(
        ["The note is kept; only staff see it.", *mentioning.told(one.typed.raw("text"), one.user)]
    )


def report(one: Act) -> str:
    resolution.report_progress(
        one.ticket, status=one.typed.raw("text"), estimate=one.typed.when("estimate"),
        next_step=one.typed.text("next_step"), change_reason=one.typed.text("change_reason"),
        files=one.typed.files(), by=one.by, at=one.at,
    )  # fmt: skip
    return "The progress report is on its way to the customer."


def waiting(one: Act) -> str:
    until = one.typed.when("until")
    resolution.wait_for_third_party(one.ticket, for_=one.typed.text("for"), until=until, by=one.by, at=one.at)
    return "Waiting for a third party" + (f" until {one.told(until)}." if until else ".")


def resumption(one: Act) -> str:
    resolution.resume(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return "Work goes on; the clocks run."


def workaround(one: Act) -> str:
    resolution.provide_workaround(
        one.ticket, text=one.typed.raw("text"), files=one.typed.files(), by=one.by, at=one.at
    )
    return "The workaround is on its way to the customer."


def cause(one: Act) -> str:
    tell = one.typed.flag("tell")
    resolution.record_root_cause(
        one.ticket, category=one.typed.text("category"), text=one.typed.raw("text"), fix=one.typed.raw("fix"),
        tell=tell, by=one.by, at=one.at,
    )  # fmt: skip
    return "The root cause is recorded" + (" and told to the customer." if tell else ".")


def defects(one: Act) -> str:
    if len(one.typed.text("url")) > LONGEST_URL:
        raise Refused("url", f"is longer than {LONGEST_URL} characters")
    resolution.link_defect(
        one.ticket, reference=one.typed.text("reference"), url=one.typed.text("url"),
        fixed_in=one.typed.text("fixed_in"), by=one.by, at=one.at,
    )  # fmt: skip
    return f"Defect {one.typed.text('reference')} is linked."


def solution(one: Act) -> str:
    resolution.propose_solution(
        one.ticket, text=one.typed.raw("text"), files=one.typed.files(), left_open=one.typed.text("left_open"),
        by=one.by, at=one.at,
    )  # fmt: skip
    return "The solution is proposed; it closes when accepted, or by itself after reminders."


def escalation(one: Act) -> str:
    if not resolution.may_escalate(one.user, one.ticket, one.at):
        raise Http404
    resolution.escalate(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return f"Escalated: severity {one.ticket.severity}. The people concerned are told at once."


def closing(one: Act) -> str:
    reason = one.typed.text("reason")
    closure.close(
        one.ticket, reason=reason, text=one.typed.raw("text"), left_open=one.typed.text("left_open"), by=one.by,
        at=one.at,
    )  # fmt: skip
    return f"Closed: {CloseReason(reason).label}."


def reopening(one: Act) -> str:
    reason = one.typed.text("reason")
    if not reason:
        raise Refused("reason", "is missing; say why it is opened again")
    closure.reopen(one.ticket, said=None, reason=reason, by=one.by, at=one.at)
    return "Reopened; it is in the queue again."


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("reply", "replies", reply),
    ("note", "notes", note),
    ("report", "progress", report),
    ("waiting", "waiting", waiting),
    ("resumption", "resumption", resumption),
    ("workaround", "workaround", workaround),
    ("cause", "root-cause", cause),
    ("defects", "defects", defects),
    ("solution", "solution", solution),
    ("escalation", "escalation", escalation),
    ("closure", "closure", closing),
    ("reopening", "reopening", reopening),
)
