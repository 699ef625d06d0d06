"""`mainstay worker`: received mail is handled, events are announced, mails are sent.

Four threads, so that a relay that hangs stops neither intake nor notices; each wakes the next when it did
something, and looks by itself five times a second (a probe of a partial index). Any number of workers may run.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection

from mainstay.config.env import env
from mainstay.notices import announce, answers, email, scanning, sending
from mainstay.tickets import renaming, rollout, scope
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.worker")
IDLE = 0.2  # seconds between looks when there was nothing
AFTER_TROUBLE = 1.0
RELAY_WAITS = (1.0, 60.0)  # an unreachable relay is tried again after 1, 2, 4 ... 60 seconds
STOP_WITHIN = 1.5


@dataclass
class Station:
    """One thread's work: `step` does some of it and says how much; `wakes` has something to do afterwards."""

    name: str
    step: Callable[[], int]
    wakes: Station | None = None
    woken: threading.Event = field(default_factory=threading.Event)
    trouble: str = ""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`; outlives whatever goes wrong, a database that goes away included."""
        while not stop.is_set():
            pause = self._once()
            if pause and self.woken.wait(pause):
                self.woken.clear()
        connection.close()

    def _once(self) -> float:
        try:
            done = self.step()
        except (OperationalError, InterfaceError) as error:
            self._complain(f"the database is away: {_first_line(error)}")
            connection.close()
            return AFTER_TROUBLE
        except Exception:
            log.exception("%s: unexpected", self.name)
            connection.close()
            return AFTER_TROUBLE
        self._complain("")
        if done and self.wakes is not None:
            self.wakes.woken.set()
        return 0 if done else IDLE

    def _complain(self, trouble: str) -> None:
        """Said once when it begins and once when it is over."""
        if trouble != self.trouble:
            log.warning("%s: %s", self.name, trouble or "goes on")
            self.trouble = trouble


class Sender:
    """Sends through one transport; waits longer and longer while the relay is away."""

    def __init__(self, stop: threading.Event, by: email.Transport | None = None) -> None:
        self.stop = stop
        self.by = by or email.transport()
        self.wait = 0.0

    def step(self) -> int:
        """What is due goes out. An absent relay costs no message anything but time."""
        try:
            done = sending.send_due(now(), self.by)
        except answers.Away as away:
            self.wait = min(max(self.wait * 2, RELAY_WAITS[0]), RELAY_WAITS[1])
            log.warning("%s; tried again in %d s", away, self.wait)
            self.stop.wait(self.wait)
            return 0
        self.wait = 0.0
        return done


def collect_seldom() -> None:
    """What is loaded stays for good, and what mails leave is looked through every 10,000 objects: to go over all of
    Django again and again took a tenth of the time of a mail."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def main(argv: list[str], more: Iterable[Station] = ()) -> int:
    """Work until SIGTERM or SIGINT; stops within two seconds. `more` are further stations beside ours."""
    scope.whole_process()
    stop = threading.Event()
    line = [*stations(stop), *more]
    collect_seldom()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [threading.Thread(target=one.run, args=(stop,), name=one.name, daemon=True) for one in line]
    for thread in threads:
        thread.start()
    stop.wait()
    _leave(line, threads)
    return 0


def stations(stop: threading.Event) -> list[Station]:
    """Intake, announcing, sending, each of which wakes the next; other terms for many tickets; renamed customers."""
    from mainstay.intake.email import handle

    send = Station("sending", Sender(stop).step)
    say = Station("announcing", lambda: announce.announce_pending(now()), wakes=send)
    take_in = Station("received mail", lambda: handle.handle_new(now()), wakes=say)
    change = Station("changed agreements and names", lambda: rollout.step() or renaming.step())
    line = [take_in, say, send, change]
    return [*line, Station("scanning files", scanning.Scanner(stop).step)] if env().clamd else line


def _leave(line: list[Station], threads: list[threading.Thread]) -> None:
    """A thread in the middle of something that takes too long is left: its transaction never happened."""
    for one in line:
        one.woken.set()
    for thread in threads:
        thread.join(STOP_WITHIN / len(threads))
    if any(thread.is_alive() for thread in threads):
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
