"""What goes wrong where nobody looks is told to people: mail in quarantine, a mailbox that cannot be reached, mail
that has been held for long (LESSON 34, FAULTS).

Each is told once when it begins, and once a day while it lasts; never once for each message.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from mainstay.accounts.models import Role, User
from mainstay.intake.models import Mail, Mailbox
from mainstay.notices.models import Delivery
from mainstay.tickets.models import Scan

AGAIN = timedelta(days=1)
FAILING = timedelta(minutes=5)  # a server that is away for less is nobody's trouble
HELD = timedelta(hours=4)
_LOCK = 2_043


def tell(at: datetime) -> int:
    """Tell of what there is to tell at `at`; returns how many notices were written. Any number may ask."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        return _quarantine(at) + _held(at) + _unscanned(at) + sum(_failing(box, at) for box in _away(at))


def _quarantine(at: datetime) -> int:
    there = Mail.objects.filter(state=Mail.State.QUARANTINE)
    newest = there.order_by("-received_at").values_list("received_at", flat=True).first()
    if newest is None or _told_since("quarantine", at, newest):
        return 0
    count = there.count()
    words = [
        f"{_messages(count)} could not be handled and wait in quarantine, whole and untouched.",
        *_reasons(there.order_by("-received_at")),
        "Look at them, try again, or decide: " + _link("held"),
    ]
    return write("quarantine", f"{_messages(count)} in quarantine", words, people(Role.ADMINISTRATOR), at)


def _reasons(mails: Iterable[Mail]) -> list[str]:
    return [f"- {one.subject or 'no subject'}: {one.reason[:200]}" for one in list(mails[:5])]  # type: ignore[index]


def _held(at: datetime) -> int:
    waiting = Mail.objects.filter(state=Mail.State.HELD, received_at__lt=at - HELD)
    count = waiting.count()
    if not count or _told_since("held", at, None):
        return 0
    hours = int(HELD.total_seconds()) // 3600
    words = [
        f"{_messages(count)} are held for a decision for more than {hours} hours. Somebody may be waiting.",
        "Each is decided with one click: " + _link("held"),
    ]
    return write("held", f"{_messages(count)} held for a decision", words, people(Role.TRIAGE), at)


def _unscanned(at: datetime) -> int:
    waiting = Scan.objects.filter(state=Scan.State.WAITING, failing_since__lt=at - FAILING)
    first = waiting.order_by("failing_since").first()
    if first is None or _told_since("unscanned", at, first.failing_since):
        return 0
    words = [
        f"{waiting.count()} files wait for the malware scanner since {first.failing_since:%Y-%m-%d %H:%M} UTC.",
        f"It says: {first.error}",
        "They are looked at as soon as it answers; nothing is lost.",
    ]
    return write("unscanned", "Files are not scanned for malware", words, people(Role.ADMINISTRATOR), at)


def _away(at: datetime) -> list[Mailbox]:
    return list(Mailbox.objects.filter(active=True, failing_since__lt=at - FAILING))


def _failing(box: Mailbox, at: datetime) -> int:
    kind = f"mailbox {box.pk}"
    if _told_since(kind, at, box.failing_since):
        return 0
    words = [
        f"Mail to {box.address} has not been fetched since {box.failing_since:%Y-%m-%d %H:%M} UTC.",
        f"The server says: {box.error}",
        "It is tried again every few minutes; nothing is lost there. " + _link("mailboxes"),
    ]
    return write(kind, f"{box.address} cannot be fetched", words, people(Role.ADMINISTRATOR), at)


# ---- once


def _told_since(kind: str, at: datetime, begun: datetime | None) -> bool:
    """Whether it was told since it began, or within a day while nothing is new."""
    last = (
        Delivery.objects.filter(template=kind, event=None)
        .order_by("-id")
        .values_list("created_at", flat=True)
        .first()
    )
    if last is None:
        return False
    return at - last < AGAIN and (begun is None or begun <= last)


def people(role: str) -> list[User]:
    """Who has the role; without anybody, the administrators."""
    working = [user for user in User.objects.filter(is_active=True).exclude(roles=[]) if user.may_act]
    return [user for user in working if role in user.roles] or [
        user for user in working if Role.ADMINISTRATOR in user.roles
    ]


def write(kind: str, subject: str, words: list[str], to: list[User], at: datetime) -> int:
    made = []
    for user in to:
        for channel in (Delivery.Channel.DESK, Delivery.Channel.EMAIL):
            inside = channel == Delivery.Channel.DESK
            made.append(
                Delivery(
                    channel=channel,
                    template=kind[:40],
                    recipient=f"user:{user.pk}" if inside else user.email.lower(),
                    user=user,
                    subject=subject,
                    text="\n\n".join(words) + "\n",
                    automatic="auto-generated",
                    state=Delivery.State.SENT if inside else Delivery.State.PENDING,
                    sent_at=at if inside else None,
                    created_at=at,
                    next_try_at=at,
                )
            )
    Delivery.objects.bulk_create(made)
    return len(made)


def _link(page: str) -> str:
    return f"{settings.BASE_URL}{reverse(f'desk:{page}')}"


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"
