"""The clock watch: warnings, breaches and timers are noticed within seconds, each once (LESSON 31).

Any number of watches may run: whoever locks the ticket first rings, and the other finds it rung; an alarm is
unique. The database's clock says what now is.
"""

import logging
import time
from datetime import datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, connection, transaction

from mainstay.accounts import sign_in
from mainstay.accounts.actor import Actor
from mainstay.tickets import clocks, closure, handover, ladder, resolution, scope, snoozing, tally, timers
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Alarm, Clock, Handover, LadderRung, Snooze, State, Ticket, Timer

log = logging.getLogger("mainstay.watch")
WATCH = Actor.system("clock watch")
TIDY = 3600.0  # seconds
PAUSE = 1.0  # seconds between looks; a look at nothing due is one index probe


def main(argv: list[str]) -> int:
    """`mainstay watch`: look every second until stopped; outlives a database that goes away."""
    scope.whole_process()
    tidied = 0.0
    while True:
        try:
            while look(now()):
                pass
            tally.fold()
            if time.monotonic() - tidied > TIDY or not tidied:
                tidied = time.monotonic()
                tidy(now())
        except (OperationalError, InterfaceError) as error:
            log.warning(
                "the database is away: %s", str(error).strip().splitlines()[0] if str(error) else error
            )
            connection.close()
        time.sleep(PAUSE)


def tidy(at: datetime) -> None:
    """Hourly: what says nothing any more goes, old sign-in links, password tries and sessions."""
    sign_in.forget_old_links(at)
    SessionStore.clear_expired()


def now() -> datetime:
    """What the database takes for now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def look(at: datetime, most: int = 100) -> int:
    """Notice what is due at `at`; returns how much was done. One ticket that fails does not stop the others."""
    done = 0
    for row in _due_clocks(at, most):
        done += _safely(row.ticket_id, lambda row=row: ring(row.ticket_id, row.clock, row.n, at=at))
    for rung in ladder.due(at, most):
        done += _safely(rung.ticket_id, lambda rung=rung: climb(rung.pk, rung.ticket_id, at=at))
    for timer in _due_timers(at, most):
        done += _safely(timer.ticket_id, lambda timer=timer: fire(timer.pk, at=at))
    for held in snoozing.due(at, most):
        done += _safely(
            held.ticket_id, lambda held=held: snoozing.remind(held.pk, held.ticket_id, by=WATCH, at=at)
        )
    for given in handover.due(at, most):
        done += _safely(given.ticket_id, lambda given=given: handover.look(given.pk, by=WATCH, at=at))
    return done


def ring(ticket: int, clock: str, n: int, *, at: datetime) -> bool:
    """Record a warning or breach, if it is still due once the ticket is locked. True when recorded."""
    with changing(ticket) as fresh:
        row = Clock.objects.filter(ticket=fresh, clock=clock, n=n, next_alarm_at__lte=at).first()
        if row is None or row.due_at is None:
            return False
        _, made = Alarm.objects.get_or_create(
            ticket=fresh,
            clock=clock,
            n=n,
            kind=row.next_alarm,
            due_at=row.due_at,
            defaults={"noticed_at": at},
        )
        rung = set(Alarm.objects.filter(ticket=fresh).values_list("clock", "n", "kind", "due_at"))
        kind = row.next_alarm
        row.next_alarm_at, row.next_alarm = clocks.next_alarm(row, rung)
        row.save(update_fields=["next_alarm_at", "next_alarm"])
        if made:
            record(
                fresh,
                "warned" if kind == "warn" else "breached",
                by=WATCH,
                at=at,
                more={
                    "clock": clock,
                    "n": n,
                    "due": row.due_at.isoformat(),
                    "owed": row.kind,
                    "target": row.target,
                },
            )
        return made


def climb(rung: int, ticket: int, *, at: datetime) -> bool:
    """Record that a rung of a ladder was reached, if it still is once the ticket is locked. True when recorded."""
    with changing(ticket) as fresh:
        row = LadderRung.objects.filter(pk=rung, told_at=None, due_at__lte=at).first()
        if row is None:
            return False
        row.told_at = at
        row.save(update_fields=["told_at"])
        more = {**row.says, "n": row.n, "due": row.due_at.isoformat(), "at_severity": fresh.severity}
        record(fresh, "escalated_by_ladder", by=WATCH, at=at, why=more.pop("words"), more=more)
        return True


def fire(timer: int, *, at: datetime) -> bool:
    """Do what a timer is for; it is gone afterwards, whatever came of it."""
    with transaction.atomic():
        due = Timer.objects.filter(pk=timer, due_at__lte=at)
        # the ticket before its timer, as every verb locks them: the other way round two would wait for each other
        ticket = Ticket.objects.select_for_update().filter(timers__in=due).first()
        claimed = due.first()
        if ticket is None or claimed is None:
            return False
        claimed.delete()
        kind = claimed.kind
        if kind == Timer.Kind.CLOSE:
            closure.close_by_itself(ticket, at=at)
        elif kind == Timer.Kind.REMIND:
            timers.postpone_closing(ticket, late=at - claimed.due_at)
            closure.remind(ticket, at=at)
        elif ticket.state in {State.WAITING_CUSTOMER, State.WAITING_THIRD}:
            resolution.resume(ticket, by=WATCH, at=at, reason="the date we waited for has come")
    return True


def _safely(ticket: int, act: object) -> int:
    try:
        with transaction.atomic():
            return int(bool(act()))  # type: ignore[operator]
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("ticket %s: its clock or timer could not be handled", ticket)
        _later(ticket)
        return 0


def _later(ticket: int) -> None:
    """A ticket that fails is looked at again in a minute, so that the others are not held up."""
    soon = now() + timedelta(minutes=1)
    Clock.objects.filter(ticket=ticket, next_alarm_at__lt=soon).update(next_alarm_at=soon)
    Handover.objects.filter(ticket=ticket, look_at__lt=soon).update(look_at=soon)
    Snooze.objects.filter(ticket=ticket, until__lt=soon).update(until=soon)
    for rung in LadderRung.objects.filter(ticket=ticket, told_at=None, due_at__lt=soon).order_by(
        "due_at", "pk"
    ):
        rung.due_at, soon = soon, soon + timedelta(seconds=1)  # two may be alike but for the instant
        rung.save(update_fields=["due_at"])
    for timer in Timer.objects.filter(ticket=ticket, due_at__lt=soon).order_by("due_at", "pk"):
        timer.due_at, soon = soon, soon + timedelta(seconds=1)  # one kind never twice at one instant
        timer.save(update_fields=["due_at"])


def _due_clocks(at: datetime, most: int) -> list[Clock]:
    due = Clock.objects.filter(next_alarm_at__lte=at).order_by("next_alarm_at")
    return list(due.only("ticket_id", "clock", "n")[:most])


def _due_timers(at: datetime, most: int) -> list[Timer]:
    return list(Timer.objects.filter(due_at__lte=at).order_by("due_at")[:most])
