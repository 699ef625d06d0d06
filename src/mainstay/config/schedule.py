"""Every recurring job on one page: what is looked after by itself, how often, and where it lives.

Each job may be run by any number of workers at once and any number of times: it locks what it does and does it
once. `mainstay worker` runs them beside its other work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError

from mainstay.intake import drafts, uploads
from mainstay.maintenance import ageing, tasks, telling
from mainstay.notices import complaints, renewals, trouble, worker
from mainstay.reports import closing, deflection
from mainstay.tickets import concerns
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.worker")


@dataclass(frozen=True)
class Job:
    """One recurring job: `run` is given the instant."""

    name: str
    every: float  # seconds
    run: Callable[[datetime], object]


JOBS: tuple[Job, ...] = (
    Job("trouble nobody looks at is told", 60, trouble.tell),
    Job("contracts that end are told to who looks after them", 3600, renewals.tell),
    Job("large files that came in whole are looked at", 1, uploads.check),
    Job(
        "files and drafts that nobody sent are removed",
        3600,
        lambda at: (uploads.expire(at), drafts.expire(at)),
    ),
    Job(
        "concerns of customers that are late are told",
        60,
        lambda at: (concerns.tell_late(at), complaints.tell_late(at)),
    ),
    Job("owners are told what is due", 300, tasks.remind),
    Job("articles that have grown old become somebody's task", 3600, ageing.look),
    Job("what was shown is settled after a day, and who it was forgotten", 600, deflection.settle),
    Job("periods that have ended are frozen, unclaimed credits expire", 600, closing.look),
)


@dataclass
class Rounds:
    """Runs each job when its time has come; one that fails does not keep the others from their turn."""

    jobs: tuple[Job, ...] = JOBS
    next_at: dict[str, float] = field(default_factory=dict)

    def step(self) -> int:
        """One round; always 0, so that the station rests until the next look."""
        for job in self.jobs:
            if time.monotonic() >= self.next_at.get(job.name, 0.0):
                self.next_at[job.name] = time.monotonic() + job.every
                self._run(job)
        return 0

    @staticmethod
    def _run(job: Job) -> None:
        try:
            job.run(now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("recurring job failed: %s", job.name)


def main(argv: list[str]) -> int:
    """`mainstay worker`: received mail, announcements, sending, and every recurring job."""
    publishing = worker.Station("publications and tasks", lambda: telling.step(now()))
    return worker.main(argv, more=[worker.Station("recurring jobs", Rounds().step), publishing])
