"""`mainstay clocks verify`: rebuild every clock from the log and say what differs; check every chain of events."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from mainstay.sla import hours
from mainstay.sla.ladder import Due
from mainstay.tickets import clocks, events, ladder, scope
from mainstay.tickets.models import Clock, Event, LadderRung, Ticket

PART = 500
COMPARED = (
    "position", "kind", "state", "target", "target_seconds", "calendar", "used", "started_at", "stopped_at",
    "due_at", "warn_at", "breached", "earlier_breaches", "severity", "missed_at",
)  # fmt: skip


def main(argv: list[str]) -> int:
    """Exit status 0 when nothing differs, 1 when something does; `--repair` rewrites the clock rows."""
    parser = argparse.ArgumentParser(prog="mainstay clocks verify", description=__doc__)
    parser.add_argument("--ticket", type=int, help="only this one")
    parser.add_argument("--repair", action="store_true", help="rewrite the rows that differ")
    chosen = parser.parse_args(argv)
    scope.whole_process()
    found = Ticket.objects.filter(pk=chosen.ticket) if chosen.ticket else Ticket.objects.all()
    looked = wrong = 0
    for tickets in _in_parts(found.select_related("level").order_by("pk")):
        for ticket, log, stored in _with_logs(tickets):
            said = list(differences(ticket, log=log, stored=stored))
            for difference in said:
                print(f"ticket {ticket.pk}: {difference}")
            if said and chosen.repair:
                repair(ticket)
            wrong += len(said)
        looked += len(tickets)
        if sys.stderr.isatty():
            print(f"\r{looked} tickets", end="", file=sys.stderr, flush=True)
    print(f"{looked} tickets rebuilt from their logs, {wrong} differences")
    return 1 if wrong else 0


def _in_parts(found: QuerySet[Ticket]) -> Iterator[list[Ticket]]:
    """By five hundred, each part by key: no work that grows with how far one has come."""
    part = list(found[:PART])
    while part:
        yield part
        part = list(found.filter(pk__gt=part[-1].pk)[:PART])


def _with_logs(tickets: list[Ticket]) -> Iterator[tuple[Ticket, list[Event], list[Clock]]]:
    logs: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(ticket__in=tickets).select_related("text").order_by("ticket", "seq"):
        logs[event.ticket_id].append(event)
    rows: dict[int, list[Clock]] = defaultdict(list)
    for row in Clock.objects.filter(ticket__in=tickets):
        rows[row.ticket_id].append(row)
    for ticket in tickets:
        yield ticket, logs[ticket.pk], rows[ticket.pk]


def differences(
    ticket: Ticket, *, log: list[Event] | None = None, stored: list[Clock] | None = None
) -> Iterator[str]:
    """What the stored rows say otherwise than the log does, in words. `log` and `stored` where they are at hand."""
    if log is None:
        log = list(Event.objects.filter(ticket=ticket).select_related("text").order_by("seq"))
    broken = events.first_broken(log)
    if broken is not None:
        yield f"the log does not fit its chain from event {broken.seq} on"
    if log and ticket.last_hash != log[-1].hash:
        yield "the ticket does not end where its log ends"
    for event in log:
        if not events.words_fit(event):
            yield f"the words of event {event.seq} are not those that were written"
    have = Clock.objects.filter(ticket=ticket) if stored is None else stored
    rows = {(row.clock, row.n): row for row in have}
    as_of = max((row.as_of for row in rows.values()), default=ticket.last_at)
    for row in _rebuilt(ticket, log, as_of):
        kept = rows.pop((row.clock, row.n), None)
        if kept is None:
            yield f"{row.clock} {row.n} is missing"
        else:
            yield from _unlike(kept, row)
    for clock, n in rows:
        yield f"{clock} {n} is in the table but not in the log"
    yield from _ladder(ticket, log, as_of)


def _ladder(ticket: Ticket, log: list[Event], as_of: datetime) -> Iterator[str]:
    """Rungs that are to be told but are not in the table, or the other way round."""
    if not ladder.has_one(ticket):
        return
    kept = LadderRung.objects.filter(ticket=ticket).values_list("rung", "n", "due_at", "told_at")
    stored = {(rung, n, due): told for rung, n, due, told in kept}
    for one in _rungs(ticket, _moving(log), as_of):
        if stored.pop((one.rung.key, one.n, hours.at(one.at)), as_of) is as_of:
            yield f"the rung {one.rung.key} due {hours.at(one.at)} is missing"
    for (rung, _, due), told in stored.items():
        if told is None:
            yield f"the rung {rung} due {due} is in the table but not in the log"


def _rungs(ticket: Ticket, log: list[clocks.Logged], as_of: datetime) -> list[Due]:
    return ladder.plan(ticket, clocks.explained(log, as_of), clocks.clock_events(log), as_of)


def repair(ticket: Ticket) -> None:
    """Throw the ticket's clock rows away and write them again from the log."""
    at = events.whole(timezone.now())
    with events.changing(ticket) as fresh:
        Clock.objects.filter(ticket=fresh).delete()
        log = clocks.log_of(fresh)
        clocks.write(fresh, clocks.rows(fresh, clocks.explained(log, at), at))
        ladder.store({fresh.pk: _rungs(fresh, log, at)}, at)
        clocks.set_order(fresh)
        fresh.save()


def _rebuilt(ticket: Ticket, log: list[Event], as_of: datetime) -> list[Clock]:
    return clocks.rows(ticket, clocks.explained(_moving(log), as_of), as_of)


def _moving(log: list[Event]) -> list[clocks.Logged]:
    return [clocks.logged(event) for event in log if event.kind in clocks.NAMES]


def _unlike(have: Clock, want: Clock) -> Iterator[str]:
    for name in COMPARED:
        if getattr(have, name) != getattr(want, name):
            yield f"{have.clock} {have.n}: {name} is {getattr(have, name)}, the log says {getattr(want, name)}"
