"""PURE: who may join a ticket by mail. The rules for mail as one function (docs/mail.md).

Facts in, one act out; nothing is looked up here. `who` gathers the facts, `join` does what was decided.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Authenticated = Literal["pass", "none", "fail"]


class Sender(StrEnum):
    """Who wrote, seen from the ticket that is referred to (if any)."""

    PARTICIPANT = "participant"
    AWAITING = "copied in, awaiting approval"
    SHARING = "same customer, which shares its tickets"
    COLLEAGUE = "same customer, not a participant"
    TAM = "Technical Account Manager of the customer"
    ENGINEER = "member of staff"
    STRANGER = "stranger"
    MACHINE = "automatic"
    OURSELVES = "our own mail"


class Standing(StrEnum):
    """How the ticket stands when the mail arrives."""

    NONE = "no ticket"
    OPEN = "open"
    CLOSED = "closed, a reply reopens"
    OLD = "closed for longer than a reply reopens"


class Act(StrEnum):
    """What is done with a mail."""

    TICKET = "ticket"
    REPLY = "reply"
    THANKS = "thanks"
    REOPEN = "reopen"
    FOLLOW_UP = "follow_up"
    STAFF_REPLY = "staff_reply"
    STAFF_NOTE = "staff_note"
    ESCALATE = "escalate"
    NOTE = "note"
    NOTED = "noted"
    HOLD = "hold"


JOINS = frozenset(
    {Act.REPLY, Act.THANKS, Act.REOPEN, Act.STAFF_REPLY, Act.STAFF_NOTE, Act.ESCALATE, Act.NOTE}
)


@dataclass(frozen=True)
class Facts:
    """What the table asks. `referred`: a valid signed reference of the ticket, or what counts as one."""

    sender: Sender
    authenticated: Authenticated = "none"
    referred: bool = False
    own_token: bool = False  # the reference was made for this member of staff
    standing: Standing = Standing.NONE
    thanks: bool = False
    escalates: bool = False
    shown_anyway: bool = False  # an absence note of a participant of an open ticket


@dataclass(frozen=True)
class Decision:
    """What is done and why; `marks` are shown beside the message."""

    act: Act
    why: str = ""
    marks: tuple[str, ...] = ()


NOT_AUTHENTICATED = "sender not authenticated"
FAILED = "sender failed authentication"


def decide(facts: Facts) -> Decision:
    """The one act for these facts."""
    if facts.sender == Sender.OURSELVES:
        return Decision(Act.NOTED, "our own mail has come back")
    if facts.sender == Sender.MACHINE:
        return _machine(facts)
    marks = marks_of(facts.authenticated)
    if not facts.referred:
        return Decision(Act.TICKET, "it answers no ticket of ours", marks)
    if facts.authenticated == "fail":
        return Decision(Act.HOLD, "the sender's address failed authentication", marks)
    if facts.sender in {Sender.TAM, Sender.ENGINEER}:
        return _staff(facts, marks)
    why = _WHY_HELD.get(facts.sender)
    return Decision(Act.HOLD, why, marks) if why else joined(facts, marks)


_WHY_HELD = {
    Sender.AWAITING: "the sender was copied in and awaits approval",
    Sender.COLLEAGUE: "the sender is of the same customer but takes no part in the ticket",
    Sender.STRANGER: "the sender takes no part in the ticket",
}


def joined(facts: Facts, marks: tuple[str, ...] = ()) -> Decision:
    """What joining means for the state of the ticket; thanks alone never open anything (LESSON 7)."""
    if facts.thanks:
        return Decision(Act.THANKS, "it only thanks", marks)
    act = {Standing.CLOSED: Act.REOPEN, Standing.OLD: Act.FOLLOW_UP}.get(facts.standing, Act.REPLY)
    return Decision(act, "it answers the ticket", marks)


def _machine(facts: Facts) -> Decision:
    """Attached to the message it answers, never as a reply."""
    if facts.referred:
        return Decision(Act.NOTE, "automatic, attached to the ticket it answers")
    if facts.shown_anyway:
        return Decision(Act.NOTE, "absence of somebody who takes part in the ticket")
    return Decision(Act.NOTED, "automatic, answers no ticket of ours")


def _staff(facts: Facts, marks: tuple[str, ...]) -> Decision:
    """Staff must be authenticated; speaking for us takes the reference made for that very person (ATTACKS 9)."""
    if facts.authenticated != "pass":
        return Decision(Act.HOLD, "the sender claims to be staff and is not authenticated", marks)
    if facts.sender == Sender.TAM and facts.escalates:
        return Decision(Act.ESCALATE, "the TAM escalates")
    if facts.own_token:
        return Decision(Act.STAFF_REPLY, "answer of a member of staff")
    if facts.sender == Sender.TAM:
        return Decision(
            Act.STAFF_NOTE, "words of the TAM, kept inside: they were not sent to a notice of ours"
        )
    return Decision(Act.HOLD, "a member of staff answered with a reference made for somebody else", marks)


def marks_of(authenticated: Authenticated) -> tuple[str, ...]:
    """What is shown beside a message whose sender is not proven."""
    return {"pass": (), "none": (NOT_AUTHENTICATED,), "fail": (FAILED,)}[authenticated]


# ---- the words by which a TAM escalates; the notification states them

ESCALATE = "ESCALATE"
_ESCALATES = re.compile(rf"\s*{ESCALATE}\b[ \t]*[:\-–]?[ \t]*([^\n]*)\n?(.*)\Z", re.IGNORECASE | re.DOTALL)


def escalation(text: str) -> str | None:
    """The reason, when the first line begins with ESCALATE: the rest of it, else what follows. Else None."""
    match = _ESCALATES.match(text)
    if match is None:
        return None
    return match[1].strip() or match[2].strip() or "no reason given"
