"""The worker's side of the queue: received mail is claimed, handled once, and never blocks its neighbours.

Message, ticket, events and "done" are one transaction, so a crash anywhere leaves either all or nothing.
Before a batch is begun its tries are counted and committed: a mail that ends the whole process is met again
alone, and after some more tries set aside, while its neighbours go on.

What most mails come to, new tickets and replies, is done for many of them at once, as if one after another.
When that fails, the batch is handled one mail at a time, each behind a savepoint of its own.
"""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, OperationalError, connection, transaction

from mainstay import rows
from mainstay.catalogue.remembered import forget, remembering
from mainstay.errors import Refused
from mainstay.intake.email import join, ours, proof, signed
from mainstay.intake.email.automatic import through_own_list
from mainstay.intake.email.decide import Act, decide
from mainstay.intake.email.headers import read_block
from mainstay.intake.email.join import Result
from mainstay.intake.email.keys import mail_keys
from mainstay.intake.email.parse import Message, parse
from mainstay.intake.email.request import foresee
from mainstay.intake.email.who import Case, Together, examine, named_in
from mainstay.intake.models import Mail
from mainstay.tickets.models import Ticket

log = logging.getLogger("mainstay.mail")

BATCH = 50  # mails in one transaction: their tickets are locked until its end
MEMORY = 8 * 1024 * 1024  # bytes of raw mails that are read at once
ALONE = 5  # mails begun before, per call
TRIES = 3  # failures of handling before a mail goes to quarantine
CRASHES = 6  # begun so often without an end: it takes the process along
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1))
LEASE = timedelta(seconds=5)  # between counting a try and locking the row
PROVING = timedelta(minutes=2)  # the same, where senders are checked by DNS meanwhile
AWAY = timedelta(seconds=30)  # until the next try when the disk or a lock was in the way


def handle_new(at: datetime, most: int = 50) -> int:
    """Handle up to `most` new mails that are due at `at`; returns how many were claimed (0: nothing due).

    Any number of workers may run. Raises only when the database cannot be used.
    """
    claimed = 0
    for tried, room in ((True, min(most, ALONE)), (False, most)):
        while room > 0 and (numbers := _claim(at, 1 if tried else min(BATCH, room), tried=tried)):
            if proof.wanted():
                proof.prove_all(numbers)
            _handle_batch(numbers, at)
            claimed, room = claimed + len(numbers), room - len(numbers)
    return claimed


# MATERIALIZED: as a plain subquery the planner may run it again for each row, beyond its limit
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM intake_mail
        WHERE state = 'new' AND (not_before IS NULL OR not_before <= %s) AND (tries > 0) = %s
        ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    UPDATE intake_mail SET tries = tries + 1, not_before = %s FROM due WHERE intake_mail.id = due.id
    RETURNING intake_mail.id
"""


def _claim(at: datetime, most: int, *, tried: bool) -> list[int]:
    """Numbers of mails to handle now; those that were begun before are taken one at a time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at, tried, most, at + (PROVING if proof.wanted() else LEASE)])
        return sorted(row[0] for row in cursor.fetchall())


def _handle_batch(numbers: list[int], at: datetime) -> None:
    """Locked together; read some at a time: ten large mails need the memory of one."""
    with transaction.atomic():
        still = Mail.objects.select_for_update(skip_locked=True).filter(pk__in=numbers, state=Mail.State.NEW)
        for some in _fitting(list(still.order_by("pk").values_list("pk", "size"))):
            if len(some) == 1 or not _handle_together(some, at):
                for number in some:
                    _handle(Mail.objects.get(pk=number), at)


def _fitting(sizes: list[tuple[int, int]]) -> Iterator[list[int]]:
    """The numbers in order, as many together as fit into `MEMORY`, at least one."""
    some: list[int] = []
    room = MEMORY
    for number, size in sizes:
        if some and size > room:
            yield some
            some, room = [], MEMORY
        some.append(number)
        room -= size
    if some:
        yield some


def _handle_together(numbers: list[int], at: datetime) -> bool:
    """Whether it could be done; else nothing has happened."""
    try:
        with transaction.atomic(), remembering():
            Batch(at).handle(list(Mail.objects.filter(pk__in=numbers).order_by("pk")))
    except Exception as error:
        if not connection.is_usable():
            raise
        log.warning("%s mails are handled one at a time: %s", len(numbers), _words(error))
        return False
    return True


class Batch:
    """Mails in their order. Consecutive ones of the hot acts wait in `group` and are done together.

    Whoever names another mail of the batch, or means a ticket that somebody in the group means, comes after
    the group is done, so that everybody meets what they would have met alone.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.known = Together([])
        self.ids: set[str] = set()  # of the mails met so far
        self.group: list[tuple[Mail, join.Prepared]] = []
        self.decided: list[Mail] = []

    def handle(self, mails: list[Mail]) -> None:
        """All of them. Raises when something could not be stored; a mail that cannot be read fails alone."""
        messages = [(mail, message) for mail in mails if (message := self._read(mail)) is not None]
        self.known = Together([message for _, message in messages if message.is_mail])
        foresee(self.known.customers)
        for mail, message in messages:
            try:
                self._one(mail, message)
            except (DatabaseError, OSError):
                raise
            except Exception as error:
                _failed(mail, self.at, error)
        self._flush()

    def _read(self, mail: Mail) -> Message | None:
        try:
            return read(mail)
        except Exception as error:
            _failed(mail, self.at, error)
            return None

    def _one(self, mail: Mail, message: Message) -> None:
        if not message.is_mail:
            self._decided(mail, _no_mail(message))
            return
        case = self._examine(mail, message)
        decision = decide(case.facts)
        if decision.act in join.HOT:
            self.group.append((mail, join.prepare(case, decision, at=mail.received_at)))
        elif decision.act in {Act.HOLD, Act.NOTED}:
            self._decided(mail, join.apply(case, decision, at=mail.received_at))
        else:
            self._flush()
            _do(mail, self.at, lambda: join.apply(case, decision, at=mail.received_at))
            forget()
            self._changed(case.ticket)

    def _examine(self, mail: Mail, message: Message) -> Case:
        """With what is known of all; anew, after the group, where that may have changed it."""
        named = self.ids.intersection(named_in(message))
        self.ids.add(message.message_id)
        if not named and message.kind != "vacation":
            case = examine(mail, message, self.known)
            if case.ticket is None or case.ticket.pk not in self._meant():
                return case
        self._flush()
        return examine(mail, message)

    def _meant(self) -> set[int]:
        return {one.case.ticket.pk for _, one in self.group if one.case.ticket is not None}

    def _flush(self) -> None:
        group, self.group = self.group, []
        results = join.apply_all([one for _, one in group]) if group else []
        for (mail, one), result in zip(group, results, strict=True):
            self._decided(mail, result)
            self._changed(one.case.ticket)
        decided, self.decided = self.decided, []
        rows.update(Mail, decided, DECIDED)

    def _decided(self, mail: Mail, result: Result) -> None:
        _write_down(mail, result)
        self.decided.append(mail)

    def _changed(self, ticket: Ticket | None) -> None:
        if ticket is not None:
            self.known.changed(ticket.pk)


def _handle(mail: Mail, at: datetime) -> None:
    """One mail by itself."""
    if mail.tries > CRASHES:
        _set_aside(mail, "handling it ended the program each time")
        return
    _do(mail, at, lambda: outcome(mail))


def _do(mail: Mail, at: datetime, act: Callable[[], Result]) -> None:
    """What becomes of one mail, behind a savepoint of its own."""
    try:
        with transaction.atomic():
            settle(mail, act())
    except (OperationalError, OSError) as error:
        if not connection.is_usable():
            raise
        _later(mail, at, error)
    except Exception as error:
        _failed(mail, at, error)


def outcome(mail: Mail) -> Result:
    """Read one mail, decide by the table, and do it. In a transaction of the caller's."""
    message = read(mail)
    if not message.is_mail:
        return _no_mail(message)
    case = examine(mail, message)
    return join.apply(case, decide(case.facts), at=mail.received_at)


def _no_mail(message: Message) -> Result:
    return Result(Mail.State.QUARANTINE, Act.HOLD, None, f"not a mail: {message.not_mail_reason}")


def read(mail: Mail) -> Message:
    """What the message says; fills the columns that are shown without reading the raw bytes again."""
    raw = bytes(mail.raw)
    message = signed.recognise(mail_keys(), parse(_trace(mail, raw) + raw))
    if message.kind == "list":
        message = through_own_list(message, ours.addresses())
    mail.from_address = message.from_address[:320]
    mail.from_name = message.from_name[:200]
    mail.subject = message.subject[:998]
    mail.message_id = message.message_id if len(message.message_id) <= 250 else ""
    return message


_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")


def _trace(mail: Mail, raw: bytes) -> bytes:
    """What the envelope said, as the last server writes it above the rest (RFC 5321, 4.4), where it is known."""
    if not _FIELD.match(raw) or not read_block(raw, 0, len(raw), top=True).telling:
        return b""
    lines = [f"Delivered-To: {one}" for one in mail.recipients[:20]]
    if mail.envelope_from:
        lines.insert(0, f"Return-Path: <{mail.envelope_from.strip('<>')}>")
    return "".join(f"{' '.join(line.split())}\r\n" for line in lines).encode("utf-8", "replace")


DECIDED = (
    "state", "outcome", "ticket", "reason", "not_before", "tries", "decided_by", "decided_at", "state_before",
    "from_address", "from_name", "subject", "message_id",
)  # fmt: skip


def settle(mail: Mail, result: Result) -> None:
    """Write down what became of a mail."""
    _write_down(mail, result)
    mail.save(update_fields=DECIDED)


def _write_down(mail: Mail, result: Result) -> None:
    mail.state, mail.outcome = result.state, str(result.act)
    mail.ticket, mail.reason, mail.not_before = result.ticket, result.reason, None


# ---- what goes wrong


def _failed(mail: Mail, at: datetime, error: BaseException) -> None:
    log.exception("mail %s could not be handled (try %s)", mail.pk, mail.tries)
    reason = f"could not be handled: {_words(error)}"
    if mail.tries >= TRIES:
        _set_aside(mail, reason)
        return
    mail.not_before = at + BACKOFF[min(mail.tries, len(BACKOFF)) - 1]
    mail.reason, mail.state = reason, Mail.State.NEW
    mail.save(update_fields=["not_before", "reason", "state"])


def _later(mail: Mail, at: datetime, error: Exception) -> None:
    """The disk is full or somebody holds a lock: no fault of this mail, so no try of it."""
    log.warning("mail %s has to wait: %s", mail.pk, _words(error))
    Mail.objects.filter(pk=mail.pk).update(tries=max(0, mail.tries - 1), not_before=at + AWAY)


def _set_aside(mail: Mail, reason: str) -> None:
    Mail.objects.filter(pk=mail.pk).update(
        state=Mail.State.QUARANTINE, outcome=str(Act.HOLD), reason=reason[:2000], not_before=None,
        from_address=mail.from_address, from_name=mail.from_name, subject=mail.subject,
        message_id=mail.message_id,
    )  # fmt: skip


def _words(error: BaseException) -> str:
    if isinstance(error, Refused):
        return str(error)
    kind = "the database refused it" if isinstance(error, DatabaseError) else type(error).__name__
    return f"{kind}: {' '.join(str(error).replace(chr(0), '').split())[:500]}"
