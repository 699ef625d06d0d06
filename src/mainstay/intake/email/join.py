"""Does what the table decided: the mail becomes a ticket, words on one, a note, or is kept aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models.functions import Lower

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.intake.email import copied
from mainstay.intake.email.decide import JOINS, Act, Decision, Sender, escalation
from mainstay.intake.email.request import emergency_in_reply, learnt, request, said
from mainstay.intake.email.who import Case
from mainstay.intake.models import Mail
from mainstay.tickets import closure, resolution, triage
from mainstay.tickets.acknowledgement import Asked, open_ticket, open_tickets
from mainstay.tickets.events import changing, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Ticket
from mainstay.tickets.resolution import Reply, customers_replied

MAIL = Actor.system("mail")
THANKS = "thanks"  # the flag on a message that only thanks


@dataclass(frozen=True)
class Result:
    """What became of a mail."""

    state: str
    act: Act
    ticket: Ticket | None
    reason: str


def apply(case: Case, decision: Decision, *, at: datetime) -> Result:
    """Do it. What the ticket's state does not allow is held for a person, with the reason."""
    if case.message.bounce is not None:
        mark_failing(case, at=at)
    if decision.act == Act.HOLD:
        return Result(Mail.State.HELD, Act.HOLD, case.ticket, decision.why)
    if decision.act == Act.NOTED:
        return Result(Mail.State.NOTED, Act.NOTED, None, _reason(case, decision))
    try:
        ticket = _DO[decision.act](case, decision.marks, at)
    except Refused as refused:
        if decision.act not in JOINS or decision.act == Act.NOTE:
            raise
        return Result(Mail.State.HELD, Act.HOLD, case.ticket, f"{decision.why}, but {refused}")
    state = Mail.State.NOTED if decision.act == Act.NOTE else Mail.State.DONE
    return Result(state, decision.act, ticket, _reason(case, decision))


# ---- many at once

HOT = frozenset({Act.TICKET, Act.REPLY})  # what most mails come to


@dataclass(frozen=True)
class Prepared:
    """A mail that is decided, of a hot act, with what its verb is given."""

    case: Case
    decision: Decision
    at: datetime
    given: Asked | Reply


def prepare(case: Case, decision: Decision, *, at: datetime) -> Prepared:
    """Everything that can be known before anything is stored."""
    if decision.act == Act.TICKET:
        return Prepared(case, decision, at, Asked(request(case, decision.marks), case.actor, at))
    facts = {} if emergency_in_reply(case) else learnt(case, _of(case))  # an emergency is told first
    return Prepared(
        case, decision, at, Reply(_of(case), said(case, decision.marks), case.actor, at, learnt=facts)
    )


def apply_all(prepared: Sequence[Prepared]) -> list[Result]:
    """Do all of it, or raise: new tickets, and replies to different tickets that were open before."""
    tickets = iter(open_tickets([one.given for one in prepared if isinstance(one.given, Asked)]))
    replies = iter(customers_replied([one.given for one in prepared if isinstance(one.given, Reply)]))
    results = []
    for one in prepared:
        if isinstance(one.given, Asked):
            ticket = next(tickets)
            copied.take_in(ticket, one.case, at=one.at)
        else:
            ticket = _after_reply(one.case, next(replies), one.at, done=one.given)
        results.append(Result(Mail.State.DONE, one.decision.act, ticket, _reason(one.case, one.decision)))
    return results


def _reason(case: Case, decision: Decision) -> str:
    parts = [decision.why, case.message.auto_reason if case.message.is_auto else ""]
    return ": ".join(part for part in dict.fromkeys(parts) if part)


# ---- one function for each act; each returns the ticket


def _ticket(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    ticket = open_ticket(request(case, marks), by=case.actor, at=at)
    copied.take_in(ticket, case, at=at)
    return ticket


def _follow_up(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    old = _of(case)
    ticket = closure.follow_up(old, request(case, marks, follows=old), by=case.actor, at=at)
    copied.take_in(ticket, case, at=at)
    return ticket


def _reply(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    event = resolution.customer_replied(_of(case), said=said(case, marks), by=case.actor, at=at)
    return _after_reply(case, event, at)


def _after_reply(case: Case, event: Event, at: datetime, *, done: Reply | None = None) -> Ticket:
    """What else a reply may bring; `done` has told already what was learnt, unless it is an emergency."""
    if _flag(case, event, at) or done is None:
        _learn(case, at)
    return _with_people(case, at)


def _flag(case: Case, event: Event, at: datetime) -> bool:
    """A reply may be where the emergency is told (I1); says whether it is."""
    reasons = emergency_in_reply(case)
    if reasons:
        triage.flag_emergency(
            _of(case), reasons=reasons, message=event.text.detail["message"], by=Actor.system(), at=at
        )
    return bool(reasons)


def _learn(case: Case, at: datetime) -> None:
    """A reply may say what the request left out (R2, R3)."""
    facts = learnt(case, _of(case))
    if facts:
        with changing(_of(case)) as fresh:
            record(fresh, "facts_corrected", by=MAIL, at=at, more=resolution.learn(fresh, facts))


def _thanks(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    ticket, words = _of(case), said(case, (*marks, THANKS))
    if ticket.is_open:
        resolution.customer_replied(ticket, said=words, by=case.actor, at=at, thanks=True)
    else:
        closure.thank(ticket, said=words, by=case.actor, at=at)
    return ticket


def _reopen(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    event = closure.reopen(_of(case), said=said(case, marks), by=case.actor, at=at)
    _flag(case, event, at)
    return _with_people(case, at)


def _staff_reply(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    resolution.reply(_of(case), said=said(case, marks), by=case.actor, at=at)
    return _of(case)


def _staff_note(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    resolution.note(_of(case), said=said(case, marks), by=case.actor, at=at)
    return _of(case)


def _escalate(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    reason = escalation(case.message.reply_text) or "no reason given"
    resolution.escalate(_of(case), reason=reason[:2000], by=case.actor, at=at)
    return _staff_note(case, marks, at)


def _note(case: Case, marks: tuple[str, ...], at: datetime) -> Ticket:
    resolution.note(_of(case), said=_about(case), by=MAIL, at=at)
    return _of(case)


_DO: dict[Act, Callable[[Case, tuple[str, ...], datetime], Ticket]] = {
    Act.TICKET: _ticket,
    Act.FOLLOW_UP: _follow_up,
    Act.REPLY: _reply,
    Act.THANKS: _thanks,
    Act.REOPEN: _reopen,
    Act.STAFF_REPLY: _staff_reply,
    Act.STAFF_NOTE: _staff_note,
    Act.ESCALATE: _escalate,
    Act.NOTE: _note,
}


def _of(case: Case) -> Ticket:
    assert case.ticket is not None
    return case.ticket


def _with_people(case: Case, at: datetime) -> Ticket:
    """Whoever an authenticated participant copies in comes along, and a colleague who may join stays."""
    ticket = _of(case)
    if case.sender == Sender.SHARING and case.authentication.passed:
        copied.join_from_now(ticket, case, by=case.actor, at=at)
    if case.sender in {Sender.PARTICIPANT, Sender.SHARING}:
        copied.take_in(ticket, case, at=at)
    return ticket


# ---- automatic mail

_SAID = {
    "vacation": "Absence note",
    "delivery_report": "Delivery report",
    "read_receipt": "Read receipt",
    "list": "Mail of a mailing list",
}


def _about(case: Case) -> Said:
    """The note that stands on the ticket for a message no person wrote to us just now."""
    message, words = case.message, said(case)
    kind = _SAID.get(message.kind, "Automatic message")
    head = f"{kind} from {message.from_address or 'a mail system'}"
    if message.kind == "bounce":
        head = "; ".join(_failures(case)) or f"A mail of ours came back from {message.from_address}"
        words = replace(words, attachments=())
    return replace(words, text=f"{head}\n\n{words.text}"[:100_000], html="")


def _failures(case: Case) -> list[str]:
    bounce = case.message.bounce
    return [
        f"Mail to {one.address} did not arrive: {one.status} {one.diagnostic}".rstrip(": ")
        for one in (bounce.recipients[:10] if bounce else ())
    ]


def mark_failing(case: Case, *, at: datetime) -> None:
    """Contacts whose address refuses our mail for good are marked, so that people see it."""
    bounce = case.message.bounce
    for one in bounce.recipients[:50] if bounce else ():
        if one.permanent:
            why = f"{one.status} {one.diagnostic}".strip() or "reported as undeliverable"
            known = Contact.objects.annotate(small=Lower("email")).filter(small=one.address, ended_at=None)
            known.filter(failing_since__isnull=True).update(failing_since=at, failing_reason=why[:300])
