"""Other terms for many open tickets, in the background: each gets what `agreement.apply` would have written.

The tickets of a change are rows that wait; whoever works claims some with `SKIP LOCKED`, so any number may work, a
worker that dies loses nothing, and a ticket that somebody has open is done a moment later. A claim is one
transaction; its tickets are brought over `together`. One that cannot be reckoned is set aside with its error and
holds up no other.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, QuerySet

from mainstay.tickets import agreement, scope, together
from mainstay.tickets.models import Change, ChangeOfTicket
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.changes")
CLAIM = 500
HERE = 1000  # tickets that wait: more of them get processes of their own
MOST, NICE = 2, 10


def main(argv: list[str]) -> int:
    """`mainstay changes`: work until no ticket of a change waits. Any number may work at once."""
    parser = argparse.ArgumentParser(prog="mainstay changes", description=main.__doc__)
    parser.add_argument("--for", dest="parent", type=int, default=0, help="stop when this process has gone")
    parent = parser.parse_args(argv).parent
    scope.whole_process()
    os.nice(NICE)
    gc.disable()  # what a claim leaves is looked through once, after it
    while (not parent or os.getppid() == parent) and work(now()):
        gc.collect(1)
    return 0


def step() -> int:
    """For the worker: few tickets here, many in processes of their own, so that mail and notices go on."""
    at = now()
    if not _open(at).exists():
        return 0
    if waiting(at) <= HERE:
        return work(at)
    command = [sys.executable, "-m", "mainstay", "changes", "--for", str(os.getpid())]
    helpers = [subprocess.Popen(command) for _ in range(min(os.cpu_count() or 1, MOST))]  # noqa: S603 - ourselves
    failed = [one.returncode for one in helpers if one.wait()]
    if failed:
        raise RuntimeError(f"a helper ended with {failed[0]}")
    return 1


def waiting(at: datetime) -> int:
    """How many tickets wait whose day has come."""
    return ChangeOfTicket.objects.filter(result="", at__lte=at, change__in=_open(at)).count()


def work(at: datetime, most: int = CLAIM) -> int:
    """Do some of what waits at `at`; returns how many tickets were dealt with (0: nothing to do)."""
    for change in _open(at):
        _begin(change)
        done = _some(change, at, most)
        if done:
            return done
        _finish(change, at)
    return 0


def _begin(change: Change) -> None:
    """Its day has come: tickets that came meanwhile are part of it. By one worker, once."""
    if change.state != Change.State.WAITING:
        return
    with transaction.atomic():
        waiting = Change.objects.select_for_update().filter(pk=change.pk, state=Change.State.WAITING)
        if waiting.exists():
            agreement.enlist_late(change)
            waiting.update(state=Change.State.RUNNING)
    change.refresh_from_db(fields=["state", "total"])


def _open(at: datetime) -> QuerySet[Change]:
    found = Change.objects.exclude(state=Change.State.DONE).filter(starts_at__lte=at)
    return found.select_related("contract__package__level", "contract__desk_policy").order_by(
        "starts_at", "pk"
    )


def _some(change: Change, at: datetime, most: int) -> int:
    try:
        with transaction.atomic():
            return _claim(change, at, most)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("change %s: some tickets together", change.pk)
        together.forget(change)
        return _singly(change, at)


def _claim(change: Change, at: datetime, most: int) -> int:
    waiting = together.waiting(change, at, most)
    if not waiting and _some_wait(change, at):
        time.sleep(0.05)  # somebody is at each of them
        return 1
    together.bring(change, waiting, at)
    return len(waiting)


def _some_wait(change: Change, at: datetime) -> bool:
    return ChangeOfTicket.objects.filter(change=change, result="", at__lte=at).exists()


def _singly(change: Change, at: datetime) -> int:
    """After some failed together: one by one, and whatever fails is set aside with its error."""
    rows = ChangeOfTicket.objects.filter(change=change, result="", at__lte=at).order_by("pk")
    numbers = list(rows.values_list("pk", flat=True)[:CLAIM])
    for number in numbers:
        try:
            with transaction.atomic():
                together.bring(change, together.of_row(number), at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("change %s: row %s", change.pk, number)
            together.forget(change)
            said = f"{type(error).__name__}: {error}"[:500]
            ChangeOfTicket.objects.filter(pk=number).update(result=ChangeOfTicket.Result.FAILED, error=said)
    return len(numbers)


def _finish(change: Change, at: datetime) -> None:
    """Done when no ticket waits; some may wait for a later day, or be in somebody's hands."""
    if not ChangeOfTicket.objects.filter(change=change, result="").exists():
        Change.objects.filter(pk=change.pk).update(state=Change.State.DONE, ended_at=at)
        together.forget(change)


# ---- how far it is


@dataclass(frozen=True)
class Progress:
    """How far a change is: tickets by what came of them."""

    total: int
    changed: int
    same: int
    closed: int
    failed: int

    @property
    def done(self) -> int:
        return self.changed + self.same + self.closed + self.failed


def progress(change: Change) -> Progress:
    """Counted from the rows, so it is right whoever works and whatever stopped."""
    counts = dict(
        ChangeOfTicket.objects.filter(change=change)
        .exclude(result="")
        .values_list("result")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return Progress(change.total, *(counts.get(name, 0) for name in ("changed", "same", "closed", "failed")))
