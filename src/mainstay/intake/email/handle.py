"""The worker's side of the queue: received mail is claimed, handled once, and never blocks its neighbours.

Message, ticket, events and "done" are one transaction, so a crash anywhere leaves either all or nothing.
Before a batch is begun its tries are counted and committed: a mail that ends the whole process is met again
alone, and after some more tries set aside, while its neighbours go on.
"""

import logging
import re
from datetime import datetime, timedelta

from django.db import DatabaseError, OperationalError, connection, transaction

from mainstay.errors import Refused
from mainstay.intake.email import join, signed
from mainstay.intake.email.decide import Act, decide
from mainstay.intake.email.headers import read_block
from mainstay.intake.email.join import Result
from mainstay.intake.email.keys import mail_keys
from mainstay.intake.email.parse import Message, parse
from mainstay.intake.email.who import examine
from mainstay.intake.models import Mail

log = logging.getLogger("mainstay.mail")

BATCH = 10  # mails in one transaction: their tickets are locked until its end
ALONE = 5  # mails begun before, per call
TRIES = 3  # failures of handling before a mail goes to quarantine
CRASHES = 6  # begun so often without an end: it takes the process along
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1))
LEASE = timedelta(seconds=5)  # between counting a try and locking the row
AWAY = timedelta(seconds=30)  # until the next try when the disk or a lock was in the way


def handle_new(at: datetime, most: int = 50) -> int:
    """Handle up to `most` new mails that are due at `at`; returns how many were claimed (0: nothing due).

    Any number of workers may run. Raises only when the database cannot be used.
    """
    claimed = 0
    for tried, room in ((True, min(most, ALONE)), (False, most)):
        while room > 0 and (numbers := _claim(at, 1 if tried else min(BATCH, room), tried=tried)):
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
        cursor.execute(_CLAIM, [at, tried, most, at + LEASE])
        return sorted(row[0] for row in cursor.fetchall())


def _handle_batch(numbers: list[int], at: datetime) -> None:
    """Locked together, loaded one at a time: ten large mails need the memory of one."""
    with transaction.atomic():
        rows = Mail.objects.select_for_update(skip_locked=True).filter(pk__in=numbers, state=Mail.State.NEW)
        for number in list(rows.order_by("pk").values_list("pk", flat=True)):
            _handle(Mail.objects.get(pk=number), at)


def _handle(mail: Mail, at: datetime) -> None:
    """One mail, behind a savepoint of its own."""
    if mail.tries > CRASHES:
        _set_aside(mail, "handling it ended the program each time")
        return
    try:
        with transaction.atomic():
            settle(mail, outcome(mail))
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
        return Result(Mail.State.QUARANTINE, Act.HOLD, None, f"not a mail: {message.not_mail_reason}")
    case = examine(mail, message)
    return join.apply(case, decide(case.facts), at=mail.received_at)


def read(mail: Mail) -> Message:
    """What the message says; fills the columns that are shown without reading the raw bytes again."""
    raw = bytes(mail.raw)
    message = signed.recognise(mail_keys(), parse(_trace(mail, raw) + raw))
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
    mail.state, mail.outcome = result.state, str(result.act)
    mail.ticket, mail.reason, mail.not_before = result.ticket, result.reason, None
    mail.save(update_fields=DECIDED)


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
