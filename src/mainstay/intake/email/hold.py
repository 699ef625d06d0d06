"""What people decide about mail that was held, set aside or noted. Nothing is ever deleted.

Each verb locks the mail, checks its state (`Refused` naming mail), and records who decided and when.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.intake.email import copied, handle, join, who
from mainstay.intake.email.decide import Act, Decision, Sender, joined, marks_of
from mainstay.intake.email.join import Result
from mainstay.intake.models import Mail
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Channel, Ticket

HELD, QUARANTINE, NOTED = Mail.State.HELD, Mail.State.QUARANTINE, Mail.State.NOTED
SPAM, TRASH = Mail.State.SPAM, Mail.State.TRASH


@dataclass(frozen=True)
class Waiting:
    """Mail that waits for a person: how much of it, and since when the oldest."""

    held: int
    quarantine: int
    oldest: datetime | None

    @property
    def total(self) -> int:
        return self.held + self.quarantine


def waiting_for_a_person() -> Waiting:
    """What the desk shows until it is nought. One query over a partial index."""
    rows = Mail.objects.filter(state__in=[HELD, QUARANTINE]).values("state").order_by()
    found = {row["state"]: row for row in rows.annotate(n=Count("id"), oldest=Min("received_at"))}
    return Waiting(
        held=found["held"]["n"] if "held" in found else 0,
        quarantine=found["quarantine"]["n"] if "quarantine" in found else 0,
        oldest=min((row["oldest"] for row in found.values()), default=None),
    )


# ---- verbs


def release_to_ticket(mail: Mail, *, by: User, at: datetime) -> Ticket:
    """Let a held mail join the ticket it refers to; a colleague or somebody copied in stays a participant."""
    with _deciding(mail, by, at, {HELD}) as fresh:
        if fresh.ticket_id is None:
            raise Refused("mail", "refers to no ticket; make a ticket of it instead")
        case = who.examine(fresh, handle.read(fresh))
        case = replace(case, ticket=who.lock(fresh.ticket_id))
        result = join.apply(case, _as_if_it_might(case), at=fresh.received_at)
        if result.ticket is None or result.act == Act.HOLD:
            raise Refused("mail", result.reason)
        if case.sender in {Sender.AWAITING, Sender.COLLEAGUE} and case.authentication.result != "fail":
            copied.join_from_now(result.ticket, case, by=Actor.staff(by), at=at)
        handle.settle(fresh, replace(result, reason=f"let in by {by.name}"))
        return result.ticket


def make_ticket(mail: Mail, *, by: User, at: datetime) -> Ticket:
    """Open a ticket for it, as received when it came; one that cannot be read comes as a file."""
    with _deciding(mail, by, at, {HELD, QUARANTINE, NOTED}) as fresh:
        ticket = _from_mail(fresh) or _from_bytes(fresh)
        handle.settle(fresh, Result(Mail.State.DONE, Act.TICKET, ticket, f"made a ticket by {by.name}"))
        return ticket


def mark_spam(mail: Mail, *, by: User, at: datetime) -> None:
    """It is spam: kept, and out of the way."""
    _put_away(mail, SPAM, {HELD, QUARANTINE, NOTED, TRASH}, by, at)


def trash(mail: Mail, *, by: User, at: datetime) -> None:
    """Nobody needs it: kept, and out of the way."""
    _put_away(mail, TRASH, {HELD, QUARANTINE, NOTED, SPAM}, by, at)


def restore(mail: Mail, *, by: User, at: datetime) -> None:
    """Take spam or trash back to where it was."""
    with _deciding(mail, by, at, {SPAM, TRASH}) as fresh:
        fresh.state, fresh.state_before = fresh.state_before or HELD, ""
        fresh.save(update_fields=handle.DECIDED)


def retry(mail: Mail, *, by: User, at: datetime) -> None:
    """Handle a mail again that could not be handled."""
    with _deciding(mail, by, at, {QUARANTINE}) as fresh:
        fresh.state, fresh.tries, fresh.not_before = Mail.State.NEW, 0, None
        fresh.save(update_fields=handle.DECIDED)


# ---- how


@contextmanager
def _deciding(mail: Mail, by: User, at: datetime, may: set[Mail.State]) -> Iterator[Mail]:
    if not by.may_act:
        raise Refused("mail", f"{by.name} may not decide this")
    with transaction.atomic():
        fresh = Mail.objects.select_for_update(of=("self",)).filter(pk=mail.pk).first()
        if fresh is None:
            raise Refused("mail", "is not known")
        if fresh.state not in may:
            raise Refused("mail", f"is decided already: {fresh.get_state_display()}")
        fresh.decided_by, fresh.decided_at = by, at
        yield fresh
    mail.refresh_from_db()


def _put_away(mail: Mail, to: Mail.State, may: set[Mail.State], by: User, at: datetime) -> None:
    with _deciding(mail, by, at, may) as fresh:
        if fresh.state not in {SPAM, TRASH}:
            fresh.state_before = fresh.state
        fresh.state = to
        fresh.save(update_fields=handle.DECIDED)


def _as_if_it_might(case: who.Case) -> Decision:
    """The act of a mail whose sender may join, because a person said so; staff's words stay inside."""
    if case.sender in {Sender.TAM, Sender.ENGINEER}:
        return Decision(Act.STAFF_NOTE, "let in", ())
    if case.message.is_auto:
        return Decision(Act.NOTE, "let in", ())
    return joined(case.facts, marks_of(case.authentication.result))


def _from_mail(mail: Mail) -> Ticket | None:
    """A ticket from what the mail says; None when it cannot be read or handled."""
    try:
        with transaction.atomic():
            message = handle.read(mail)
            if not message.is_mail:
                return None
            case = replace(who.examine(mail, message), ticket=None, referred=False)
            marks = marks_of(case.authentication.result)
            return join.apply(case, Decision(Act.TICKET, "", marks), at=mail.received_at).ticket
    except Refused:
        raise
    except Exception:
        handle.log.exception("mail %s is made a ticket with its bytes as a file", mail.pk)
        return None


def _from_bytes(mail: Mail) -> Ticket:
    file = Upload("message.eml", "message/rfc822", bytes(mail.raw))
    said = Said("(this message could not be read; it is attached)", Channel.EMAIL, attachments=(file,))
    request = Request(
        subject=mail.subject or "(a message that could not be read)",
        said=said,
        address=mail.from_address,
        name=mail.from_name,
        withhold_answer="the message could not be read",
    )
    return open_ticket(
        request, by=Actor.unknown(mail.from_name or mail.from_address or "unknown"), at=mail.received_at
    )
