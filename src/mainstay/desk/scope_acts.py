"""Whether a ticket is in scope: the ruling, paid work in its place, the customer's appeal and who decides it."""

from __future__ import annotations

from mainstay.desk.acting import Act, Do
from mainstay.errors import Refused
from mainstay.tickets import coverage


def scope(one: Act) -> str:
    if one.ticket.state == "out_of_scope":
        coverage.bring_into_scope(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
        return "Back in scope: the clocks run on."
    coverage.rule_out_of_scope(
        one.ticket, rule=one.typed.text("rule"), reason=one.typed.text("reason"), text=one.typed.raw("text"),
        by=one.by, at=one.at,
    )  # fmt: skip
    return "Ruled out of scope; the customer is told, and the clocks stand still from now."


def paid_offer(one: Act) -> str:
    price = one.typed.text("price")
    coverage.offer_paid_work(one.ticket, text=one.typed.raw("text"), price=price, by=one.by, at=one.at)
    return "The offer is on its way; the customer takes it in the portal or by the link."


def appeal(one: Act) -> str:
    if one.typed.flag("as_written"):
        coverage.appeal_as_written(one.ticket, by=one.by, at=one.at)
    else:
        coverage.appeal(one.ticket, reason=one.typed.raw("reason"), by=one.by, at=one.at)
    return "Recorded: they ask for another decision. Somebody else than who ruled decides."


def judgement(one: Act) -> str:
    if one.typed.text("decision") == "covered":
        coverage.bring_into_scope(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
        return "Covered after all: the clocks run on."
    if one.typed.text("decision") != "stands":
        raise Refused("decision", "is not chosen: covered after all, or the decision stands")
    coverage.reject_appeal(
        one.ticket, reason=one.typed.text("reason"), text=one.typed.raw("text"), by=one.by, at=one.at
    )
    return "The decision stands; the customer is told why."


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("scope", "scope", scope),
    ("paid_offer", "offer", paid_offer),
    ("appeal", "appeal", appeal),
    ("judgement", "appeal-decision", judgement),
)
