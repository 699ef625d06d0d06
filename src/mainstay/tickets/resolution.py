"""Step 4, resolution: answers, progress, waiting, workaround, root cause, escalation, a proposed solution (S1, S2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from mainstay import rows
from mainstay.accounts import standing_in
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.contracts import terms
from mainstay.errors import Refused
from mainstay.tickets import (
    clocks,
    concerns,
    ladder,
    lifecycle,
    mentions,
    messages,
    severities,
    snoozes,
    timers,
    watching,
)
from mainstay.tickets.events import Page, changing, changing_all, record, remember
from mainstay.tickets.files import Upload
from mainstay.tickets.left_open import knowingly
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Defect, Event, Message, Snooze, State, Step, Ticket

ROOT_CAUSES = {
    "defect": "defect in the product",
    "configuration": "configuration",
    "environment": "the customer's environment",
    "third_party": "third-party software or hardware",
    "documentation": "documentation",
    "usage": "question or use",
    "unknown": "not found",
}

Files = tuple[Upload, ...]


def reply(
    ticket: Ticket, *, said: Said, by: Actor, at: datetime, wait: bool = False, until: datetime | None = None
) -> Event:
    """Answer the customer; with `wait` it is a question and the ticket waits for the customer's turn."""
    text = messages.needs_text(said.text)
    _future(until, at, "until")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "ask the customer" if wait else "reply")
        message = messages.write(fresh, "out", said, by=by, at=at)
        if wait:
            _waits(fresh, State.WAITING_CUSTOMER, at, for_=text, until=until)
        event = record(
            fresh, "asked_customer" if wait else "staff_replied", by=by, at=at, detail={"message": message.pk}
        )
        if wait:
            timers.after_question(fresh, event)
        return event


def note(ticket: Ticket, *, said: Said, by: Actor, at: datetime) -> Event:
    """Words among us: never sent to a customer, never shown to one, moves no clock.

    Whoever is named in it (`mentions`) is told, and watches the ticket from then on.
    """
    messages.needs_text(said.text, "note")
    called = mentions.read(said.text).people if by.kind == "staff" else ()
    with changing(ticket) as fresh:
        message = messages.write(fresh, "note", said, by=by, at=at)
        watching.add(fresh, called, at)
        more = {"mentioned": [one.pk for one in called]} if called else None
        return record(fresh, "noted", by=by, at=at, more=more, detail={"message": message.pk})


def report_progress(
    ticket: Ticket,
    *,
    status: str,
    estimate: datetime | None,
    next_step: str,
    by: Actor,
    at: datetime,
    change_reason: str = "",
    files: Files = (),
) -> Event:
    """Tell status, estimated resolution and the customer's next step (S2). A changed estimate needs its reason."""
    status = messages.needs_text(status, "status")
    _future(estimate, at, "estimate")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "report progress")
        changed = fresh.estimate is not None and fresh.estimate != estimate
        if changed and not change_reason.strip():
            raise Refused("change_reason", "is missing; the estimate changes, say why")
        was = fresh.estimate
        message = messages.write(fresh, "out", Said(status, "desk", attachments=files), by=by, at=at)
        fresh.estimate, fresh.next_step = estimate, next_step.strip()[:1000]
        return record(
            fresh, "progress_reported", by=by, at=at, why=change_reason,
            detail={
                "message": message.pk,
                "status": status,
                "next_step": fresh.next_step,
                "estimate_was": was.isoformat() if was else "",
            },
        )  # fmt: skip


def wait_for_third_party(
    ticket: Ticket, *, for_: str, by: Actor, at: datetime, until: datetime | None = None
) -> Event:
    """Somebody else has to act; until an instant, if one is known, when it wakes by itself."""
    for_ = messages.needs_text(for_, "for")
    _future(until, at, "until")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "wait for a third party")
        _waits(fresh, State.WAITING_THIRD, at, for_=for_, until=until)
        event = record(fresh, "waiting_on_third_party", by=by, at=at, why=for_)
        timers.wake(fresh, event)
        return event


def resume(ticket: Ticket, *, by: Actor, at: datetime, reason: str = "") -> Event:
    """Waiting is over: the clocks run on."""
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "resume")
        _working(fresh, at)
        return record(fresh, "resumed", by=by, at=at, why=reason)


def provide_workaround(ticket: Ticket, *, text: str, by: Actor, at: datetime, files: Files = ()) -> Event:
    """Tell the customer how to go on until the cause is mended."""
    text = messages.needs_text(text)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "provide a workaround")
        message = messages.write(fresh, "out", Said(text, "desk", attachments=files), by=by, at=at)
        return record(fresh, "workaround_provided", by=by, at=at, detail={"message": message.pk})


def record_root_cause(
    ticket: Ticket, *, category: str, text: str, fix: str, by: Actor, at: datetime, tell: bool = False
) -> Event:
    """Keep what it was and what mended it; with `tell` the customer gets it as the root-cause report."""
    if category not in ROOT_CAUSES:
        raise Refused("category", f"is {category!r}; it may be {', '.join(ROOT_CAUSES)}")
    text = messages.needs_text(text, "root_cause")
    with changing(ticket) as fresh:
        fresh.root_cause = {
            "category": category,
            "text": text,
            "fix": fix.strip(),
            "by": by.name,
            "told": tell,
        }
        detail: dict[str, object] = {}
        if tell:
            words = f"Root cause: {text}" + (f"\n\nWhat we did: {fix.strip()}" if fix.strip() else "")
            detail["message"] = messages.write(fresh, "out", Said(words, "desk"), by=by, at=at).pk
        kind = "root_cause_reported" if tell else "root_cause_recorded"
        return record(fresh, kind, by=by, at=at, more={"category": category}, detail=detail)


def link_defect(
    ticket: Ticket, *, reference: str, by: Actor, at: datetime, url: str = "", fixed_in: str = ""
) -> Event:
    """Name the defect behind the ticket and the release that mends it."""
    reference = messages.needs_text(reference, "reference")[:100]
    if url and not url.startswith(("https://", "http://")):
        raise Refused("url", "is no web address; it begins with https://")
    with changing(ticket) as fresh:
        Defect.objects.update_or_create(
            ticket=fresh, reference=reference, defaults={"url": url, "fixed_in": fixed_in[:60]}
        )
        return record(
            fresh, "defect_linked", by=by, at=at, more={"reference": reference, "fixed_in": fixed_in[:60]}
        )


def propose_solution(
    ticket: Ticket, *, text: str, by: Actor, at: datetime, files: Files = (), left_open: str = ""
) -> Event:
    """Offer a solution: the customer accepts, refuses, or the ticket closes by itself after reminders (C1).

    `left_open`: why open tasks stay open.
    """
    text = messages.needs_text(text)
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "propose a solution")
        left = knowingly(fresh, left_open)
        message = messages.write(fresh, "out", Said(text, "desk", attachments=files), by=by, at=at)
        fresh.state, fresh.state_since, fresh.step = State.PROPOSED, at, Step.CLOSURE
        fresh.waiting_for, fresh.waiting_until = "your answer to the proposed solution", None
        event = record(fresh, "solution_proposed", by=by, at=at, detail={"message": message.pk, **left})
        timers.after_solution(fresh, event)
        return event


def escalate(ticket: Ticket, *, reason: str, by: Actor, at: datetime) -> Event:
    """The TAM's escalation: raises the severity as the contract says and tells the people at once (I2).

    Who may: the customer's TAM or who stands in for them, a manager or an administrator; the doors check it with
    `may_escalate`.
    """
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "escalate")
        says = terms.load(fresh.terms_id).escalation if fresh.terms_id else {}
        raise_to = severities.checked(says.get("severity", 1))
        fresh.severity = min(fresh.severity, raise_to)
        concerns.settle(fresh, concerns.Kind.ESCALATION, by=by, at=at)
        return record(fresh, "escalated", by=by, at=at, why=reason)


def may_escalate(user: User, ticket: Ticket, at: datetime) -> bool:
    """The TAM of this customer, who stands in for them at `at`, or a manager."""
    tam = ticket.customer.tam_id if ticket.customer is not None else None
    if not user.may_act:
        return False
    return tam == user.pk or user.has_role("manager") or _stands_in(user, ticket, tam, at)


def _stands_in(user: User, ticket: Ticket, tam: int | None, at: datetime) -> bool:
    """`access.for_staff` has asked it with the ticket; elsewhere it is asked here."""
    known: bool | None = getattr(ticket, "reader_stands_in", None)
    return standing_in.stands_in(user, tam, at) if known is None else known


@dataclass(frozen=True)
class Reply:
    """Words of a customer on an open ticket; `thanks`: they only thank; `learnt`: facts that they add (R2)."""

    ticket: Ticket
    said: Said
    by: Actor
    at: datetime
    thanks: bool = False
    learnt: dict[str, Any] = field(default_factory=dict)


def customer_replied(ticket: Ticket, *, said: Said, by: Actor, at: datetime, thanks: bool = False) -> Event:
    """Words of the customer on an open ticket, whatever the channel (LESSON 5).

    Only thanks: recorded, nothing moves (LESSON 7). After a proposed solution anything else refuses it.
    A closed ticket is `closure.reopen`'s.
    """
    return customers_replied([Reply(ticket, said, by, at, thanks)])[0]


def customers_replied(replies: Sequence[Reply]) -> list[Event]:
    """The same on several tickets, each once: all of them, or none when one is refused."""
    for one in replies:
        messages.needs_text(one.said.text or ("(attachment)" if one.said.attachments else ""))
    with changing_all([one.ticket for one in replies]) as tickets:
        if any(fresh.state == State.CLOSED for fresh in tickets):
            raise Refused("ticket", _("is closed; a reply reopens it or starts a follow-up"))
        logs, rung = clocks.logs_of(tickets), clocks.rung_of(one.pk for one in tickets)
        page, written, working = Page(), [], []
        told, put_off, back = [], snoozes.on(tickets), []
        for one, fresh, number in zip(replies, tickets, rows.numbers(Message, len(replies)), strict=True):
            written.append(
                (messages.build(fresh, "in", one.said, by=one.by, at=one.at, number=number), one.said)
            )
            kind = _kind_of_reply(fresh, one, logs[fresh.pk])
            if kind == "solution_rejected" or (
                kind == "customer_replied" and fresh.state == State.WAITING_CUSTOMER
            ):
                _stand_open(fresh, one.at)
                working.append(fresh)
            more = None if one.thanks else {"words": True}
            told.append(page.record(fresh, kind, by=one.by, at=one.at, more=more, detail={"message": number}))
            if one.learnt:
                _learn(fresh, one, page)
            back += _woken(fresh, told[-1], put_off.get(fresh.pk, []), page)
        messages.write_all(written)
        snoozes.end(back)
        timers.clear_all(working)
        page.write()
        clocks.store(
            [
                row
                for fresh, event in zip(tickets, told, strict=True)
                for row in _reckoned(fresh, event, logs, rung)
            ]
        )
        if replies:
            ladder.store_planned(tickets, max(one.at for one in replies))
        rows.update(Ticket, tickets, MOVED)
    return told


def learn(ticket: Ticket, facts: dict[str, Any]) -> dict[str, Any]:
    """Add what was said later to what is known; gives the facts of the event that tells it."""
    said = str(facts.get("customer_reference", {}).get("value", ""))
    ticket.facts = {**ticket.facts, **facts}
    ticket.customer_reference = ticket.customer_reference or said[:100]
    return {"fact": ", ".join(facts)}


def _learn(fresh: Ticket, one: Reply, page: Page) -> None:
    """An event of its own, by the intake that read it."""
    remember(fresh)
    by = Actor.system("mail")
    page.record(fresh, "facts_corrected", by=by, at=one.at, more=learn(fresh, one.learnt))


def _woken(fresh: Ticket, event: Event, held: list[Snooze], page: Page) -> list[Snooze]:
    """Those who had put the ticket off have it back, each by an event of its own."""
    found = snoozes.ended_by(event, held)
    for one in found:
        remember(fresh)
        page.record(fresh, "snooze_ended", by=Actor.system(), at=event.at, **snoozes.told(one, event.kind))
    return found


# what a customer's words change of a ticket
MOVED = (
    "facts", "customer_reference", "state", "state_since", "waiting_for", "waiting_until", "step",
    "scope_decision", "queue_at", "due_at", "due_clock", "level_rank", "last_seq", "last_hash", "last_at",
)  # fmt: skip


def _kind_of_reply(fresh: Ticket, one: Reply, log: list[clocks.Logged]) -> str:
    if one.thanks:
        return "thanked"
    turns = [logged.kind for logged in log if logged.kind in OFFER_TURNS]
    return "solution_rejected" if _offer_stands(fresh, turns[-1:]) else "customer_replied"


def _reckoned(
    fresh: Ticket, event: Event, logs: dict[int, list[clocks.Logged]], rung: dict[int, clocks.Rung]
) -> list[Clock]:
    log = [*logs[fresh.pk], clocks.logged(event)] if clocks.moves(event) else []
    return clocks.reckon(fresh, log, rung[fresh.pk])


OFFER_TURNS = ("solution_proposed", "solution_rejected", "solution_withdrawn", "reopened")


def _offer_stands(ticket: Ticket, last_turn: list[str]) -> bool:
    if ticket.state in {State.PROPOSED, State.CLOSED, State.OUT_OF_SCOPE}:
        return bool(ticket.state == State.PROPOSED)
    return last_turn == ["solution_proposed"]


def _working(fresh: Ticket, at: datetime) -> None:
    """Ours to move again: nothing of a wait, an offer or a decision about the scope is left, but what is paid."""
    _stand_open(fresh, at)
    timers.clear(fresh)


def _stand_open(fresh: Ticket, at: datetime) -> None:
    _waits(fresh, State.OPEN, at)
    fresh.scope_decision = fresh.scope_decision if "paid" in fresh.scope_decision else {}


def _waits(
    fresh: Ticket, state: State, at: datetime, *, for_: str = "", until: datetime | None = None
) -> None:
    """Stand in `state`, for that and until then; what an earlier state waited for is forgotten."""
    fresh.state, fresh.state_since = state, at
    fresh.waiting_for, fresh.waiting_until = for_[:500], until
    if fresh.step == Step.CLOSURE:
        fresh.step = Step.RESOLUTION


def _future(instant: datetime | None, at: datetime, field: str) -> None:
    if instant is not None and instant <= at:
        raise Refused(field, "lies in the past; choose a time to come")
