"""Work on a ticket: the timer, and what is written down; both draw down the hours an agreement includes (P5).

Entries are only ever added. A correction is an entry in place of another, with its reason; nought minutes strike
it out. The log of the ticket tells each.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.allowances import agreements, statement
from mainstay.allowances.models import Timer, Work
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import events, messages
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Ticket

LONGEST = 24 * 60  # minutes of one entry
TEXT = 500


# ---- the timer


def start_timer(ticket: Ticket, *, user: User, at: datetime) -> Timer:
    """Time runs from now, for this person on this ticket. One at a time: refused, naming where it runs."""
    running = Timer.objects.filter(by=user).first()
    if running is not None:
        raise Refused("timer", f"runs on ticket {running.ticket_id} already; stop it there first")
    try:
        with transaction.atomic():
            return Timer.objects.create(by=user, ticket=ticket, since=events.whole(at))
    except IntegrityError:
        raise Refused("timer", "was started a moment ago in another window") from None


def stop_timer(
    ticket: Ticket,
    *,
    user: User,
    text: str,
    billable: bool,
    by: Actor,
    at: datetime,
    minutes: int | None = None,
) -> Work:
    """Write down the time since the start, in begun minutes, or `minutes` if the person knows better."""
    with transaction.atomic():
        running = Timer.objects.select_for_update().filter(by=user, ticket=ticket).first()
        if running is None:
            raise Refused("timer", "does not run on this ticket for you")
        took = -(-int((at - running.since).total_seconds()) // 60)
        if minutes is None and took > LONGEST:
            raise Refused(
                "minutes", f"are {took} by the timer; say how many it really were, at most {LONGEST}"
            )
        done = minutes if minutes is not None else max(took, 1)
        day = day_of(ticket, running.since, user)
        running.delete()
        return log_work(
            ticket, minutes=done, day=day, text=text, billable=billable, by=by, user=user, at=at, timed=True
        )


def discard_timer(ticket: Ticket, *, user: User) -> None:
    """The timer ran for nothing."""
    gone, _ = Timer.objects.filter(by=user, ticket=ticket).delete()
    if not gone:
        raise Refused("timer", "does not run on this ticket for you")


# ---- what is written down


def log_work(
    ticket: Ticket,
    *,
    minutes: int,
    day: date,
    text: str,
    billable: bool,
    user: User,
    by: Actor,
    at: datetime,
    timed: bool = False,
) -> Work:
    """Time worked on a day, and on what. `billable` counts against the included hours.

    Raises `Refused` naming minutes, day or text.
    """
    if not 1 <= minutes <= LONGEST:
        raise Refused("minutes", f"must be 1 to {LONGEST}, not {minutes}")
    _check(ticket, day, user, at)
    made = Work(
        by=user, by_name=user.name[:200], day=day, minutes=minutes, text=_text(text), billable=billable, timed=timed
    )  # fmt: skip
    return _add(ticket, made, "work_logged", "", by=by, at=at)


def correct_work(
    ticket: Ticket,
    entry: int,
    *,
    minutes: int,
    day: date,
    text: str,
    billable: bool,
    reason: str,
    user: User,
    by: Actor,
    at: datetime,
) -> Work:
    """Put an entry right, or strike it out with nought minutes; says why. Raises `Refused` naming the field."""
    was = Work.objects.filter(ticket=ticket, pk=entry).first()
    if was is None or Work.objects.filter(corrects=was).exists():
        raise Refused("entry", "is not there any more, or was corrected meanwhile; look again")
    reason = messages.needs_text(reason, "reason")
    if len(reason) > 300:
        raise Refused("reason", "must be at most 300 characters")
    if not 0 <= minutes <= LONGEST:
        raise Refused("minutes", f"must be 0 (strike it out) to {LONGEST}, not {minutes}")
    _check(ticket, day, user, at)
    made = Work(
        by=was.by, by_name=was.by_name, day=day, minutes=minutes, text=_text(text), billable=billable,
        timed=was.timed, corrects=was, reason=reason,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return _add(ticket, made, "work_corrected", reason, by=by, at=at, was=was)
    except IntegrityError:
        raise Refused("entry", "was corrected meanwhile; look again") from None


def _text(text: str) -> str:
    text = " ".join(messages.needs_text(text, "text").split())
    if len(text) > TEXT:
        raise Refused("text", f"must be at most {TEXT} characters")
    return text


def day_of(ticket: Ticket, at: datetime, user: User) -> date:
    """The day that work at an instant counts on: the customer's, as their periods are; else that of who worked."""
    zone = (ticket.customer.time_zone if ticket.customer else "") or user.time_zone or "UTC"
    return at.astimezone(ZoneInfo(zone)).date()


def _check(ticket: Ticket, day: date, user: User, at: datetime) -> None:
    zone = ZoneInfo(user.time_zone or "UTC")
    if day > max(at.astimezone(zone).date(), day_of(ticket, at, user)):
        raise Refused("day", f"is still to come: {day.isoformat()}")
    first = ticket.opened_at.astimezone(zone).date() - timedelta(days=1)  # elsewhere it may be a day earlier
    if day < first:
        raise Refused("day", f"is before the request came: {day.isoformat()}")


def _add(
    ticket: Ticket, made: Work, kind: str, why: str, *, by: Actor, at: datetime, was: Work | None = None
) -> Work:
    with changing(ticket) as fresh:
        before = _left(fresh, at)
        made.ticket, made.at = fresh, events.whole(at)
        made.save(force_insert=True)
        more = {
            "work": made.pk,
            "minutes": made.minutes,
            "day": made.day.isoformat(),
            "billable": made.billable,
        }
        if was is not None:
            more |= {"was": was.minutes, "corrects": was.pk}
        record(fresh, kind, by=by, at=at, why=why, more=more, detail={"text": made.text})
        after = _left(fresh, at)
        if before is not None and before > 0 and after == 0:
            events.remember(fresh)
            said = "The included hours are used up by this work."
            record(fresh, "beyond_allowance", by=Actor.system(), at=at, why=said)
    return made


def _left(ticket: Ticket, at: datetime) -> int | None:
    """Minutes of the included hours that are left today; None when none are included."""
    agreement = agreements.of_ticket(ticket)
    day = agreements.today(agreement.customer, at) if agreement else None
    if agreement is None or day is None or agreement.limits_on(day).hours is None:
        return None
    return statement.hours(agreement, day).left


def entries(ticket: Ticket) -> list[Work]:
    """Everything written down, corrected or not, in the order of days."""
    rows = Work.objects.filter(ticket=ticket).select_related("corrected_by").order_by("day", "pk")
    return list(rows)


def sums(ticket: Ticket) -> tuple[int, int]:
    """The same two figures without the entries."""
    return next(iter(SUMS.all(ticket=ticket.pk)), (0, 0))


def _sums() -> QuerySet[Work, tuple[int, int]]:
    standing = Work.objects.filter(ticket=Arg("ticket"), corrected_by=None).values("ticket")
    counted = Sum("minutes", filter=Q(billable=True), default=0)
    return standing.annotate(all=Sum("minutes"), counted=counted).values_list("all", "counted")


SUMS = Prepared(_sums)


def total(rows: list[Work]) -> tuple[int, int]:
    """Minutes that stand, and how many of them count against included hours."""
    standing = [one for one in rows if not hasattr(one, "corrected_by")]
    return sum(one.minutes for one in standing), sum(one.minutes for one in standing if one.billable)
