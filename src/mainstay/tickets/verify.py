"""`mainstay clocks verify`: rebuild every clock from the log and say what differs; check every chain of events."""

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from mainstay.tickets import clocks, events, scope
from mainstay.tickets.models import Clock, Event, Ticket

COMPARED = (
    "position", "kind", "state", "target", "target_seconds", "calendar", "used", "started_at", "stopped_at",
    "due_at", "warn_at", "breached", "earlier_breaches",
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
    for ticket in found.select_related("level").order_by("pk").iterator(chunk_size=500):
        looked += 1
        for difference in differences(ticket):
            wrong += 1
            print(f"ticket {ticket.pk}: {difference}")
        if chosen.repair and wrong:
            repair(ticket)
        if looked % 1000 == 0 and sys.stderr.isatty():
            print(f"\r{looked} tickets", end="", file=sys.stderr, flush=True)
    print(f"{looked} tickets rebuilt from their logs, {wrong} differences")
    return 1 if wrong else 0


def differences(ticket: Ticket) -> Iterator[str]:
    """What the stored rows say otherwise than the log does, in words."""
    log = list(Event.objects.filter(ticket=ticket).order_by("seq"))
    broken = events.first_broken(log)
    if broken is not None:
        yield f"the log does not fit its chain from event {broken.seq} on"
    if log and ticket.last_hash != log[-1].hash:
        yield "the ticket does not end where its log ends"
    stored = {(row.clock, row.n): row for row in Clock.objects.filter(ticket=ticket)}
    as_of = max((row.as_of for row in stored.values()), default=ticket.last_at)
    for row in _rebuilt(ticket, as_of):
        have = stored.pop((row.clock, row.n), None)
        if have is None:
            yield f"{row.clock} {row.n} is missing"
        else:
            yield from _unlike(have, row)
    for clock, n in stored:
        yield f"{clock} {n} is in the table but not in the log"


def repair(ticket: Ticket) -> None:
    """Throw the ticket's clock rows away and write them again from the log."""
    with events.changing(ticket) as fresh:
        Clock.objects.filter(ticket=fresh).delete()
        clocks.write(fresh, _rebuilt(fresh, timezone.now()))
        clocks.set_order(fresh)
        fresh.save()


def _rebuilt(ticket: Ticket, as_of: datetime) -> list[Clock]:
    return clocks.rows(ticket, clocks.explained(clocks.log_of(ticket), as_of), as_of)


def _unlike(have: Clock, want: Clock) -> Iterator[str]:
    for name in COMPARED:
        if getattr(have, name) != getattr(want, name):
            yield f"{have.clock} {have.n}: {name} is {getattr(have, name)}, the log says {getattr(want, name)}"
