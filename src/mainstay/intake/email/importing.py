"""`mainstay mail import`: takes in files, folders, mboxes and Maildirs, and handles them to the end.

A folder's files are a message each (or an mbox), a Maildir's are found in cur and new. Importing twice
changes nothing: what is here already is counted as such.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from mainstay.errors import Refused
from mainstay.intake.email.accept import take
from mainstay.intake.email.decide import JOINS
from mainstay.intake.email.handle import BACKOFF, TRIES, handle_new
from mainstay.intake.models import Mail
from mainstay.tickets import scope, watch

EVERY = 1.0  # seconds between lines of progress
PATIENCE = 20.0  # seconds for a worker beside us to end what it has begun


def main(argv: list[str]) -> int:
    """Import what the command line names; prints counts that add up to the messages read."""
    parser = argparse.ArgumentParser(prog="mainstay mail import", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a message, an mbox, a Maildir or a folder")
    options = parser.parse_args(argv)
    scope.whole_process()
    print(Import().run([Path(path) for path in options.paths]).said())
    return 0


class Import:
    """One run. After `run`, `counts` says what became of every message read."""

    def __init__(self, progress: TextIO | None = None) -> None:
        self.progress = progress or sys.stderr
        self.counts: Counter[str] = Counter()
        self.fresh: set[int] = set()
        self.files = self.messages = 0
        self._told = time.monotonic()

    def run(self, paths: list[Path]) -> "Import":
        """Accept everything, then handle it. `Refused` when a path is not there."""
        for path in paths:
            if not path.exists():
                raise Refused("path", f"{path} is not there")
        for path in paths:
            for file in files_of(path):
                self._accept(file)
        self._handle()
        for state, act in Mail.objects.filter(pk__in=self.fresh).values_list("state", "outcome"):
            self.counts[_became(state, act)] += 1
        return self

    def _accept(self, file: Path) -> None:
        self.files += 1
        try:
            raw = file.read_bytes()
        except OSError as error:
            self.messages += 1
            self.counts["not readable"] += 1
            self._tell(f"{file}: {error.strerror or error}", now=True)
            return
        for message in [raw] if file.suffix.lower() in ONE_EACH else messages_of(raw):
            self.messages += 1
            self._take(file, message)

    def _take(self, file: Path, raw: bytes) -> None:
        try:
            number, new = take(raw, source="import")
        except Refused as refused:
            self.counts["refused"] += 1
            self._tell(f"{file}: {refused}", now=True)
            return
        if new:
            self.fresh.add(number)
        else:
            self.counts["duplicates" if number in self.fresh else "already here"] += 1
        self._tell(f"{self.messages} read")

    def _handle(self) -> None:
        """To the end: what fails is tried again as often as the worker would, without the waiting."""
        at = watch.now()
        for _ in range(TRIES):
            while handle_new(at):
                self._tell(f"{len(self.fresh) - self._left()} of {len(self.fresh)} handled")
            if not self._left():
                return
            at = max(at, watch.now()) + BACKOFF[-1] + timedelta(seconds=1)
        end = time.monotonic() + PATIENCE
        while self._left() and time.monotonic() < end:  # a worker beside us has them
            time.sleep(0.1)

    def _left(self) -> int:
        return Mail.objects.filter(pk__in=self.fresh, state=Mail.State.NEW).count()

    def _tell(self, line: str, *, now: bool = False) -> None:
        if now or time.monotonic() - self._told > EVERY:
            print(line, file=self.progress, flush=True)
            self._told = time.monotonic()

    def said(self) -> str:
        """The counts in one line; they add up to the messages read."""
        what = _many(self.files, "file")
        if self.messages != self.files:
            what = f"{_many(self.messages, 'message')} in {what}"
        parts = [f"{self.counts[name]} {said}" for name, said in SAID.items()]
        more = [f"{count} {name}" for name, count in sorted(self.counts.items()) if name not in SAID]
        return f"{what} read: {', '.join(parts + more)}"


SAID = {
    "tickets": "tickets",
    "messages": "messages on tickets",
    "noted": "noted (bounces, automatic)",
    "quarantine": "in quarantine",
    "held": "held",
    "duplicates": "duplicates",
    "already here": "already here",
}


def _became(state: str, act: str) -> str:
    if state == Mail.State.DONE:
        return "messages" if act in JOINS else "tickets"
    return "waiting for another try" if state == Mail.State.NEW else state


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


# ---- files


def files_of(path: Path) -> Iterator[Path]:
    """The files that hold messages, in a steady order; hidden ones and a Maildir's tmp are left out."""
    if not path.is_dir():
        yield path
        return
    if is_maildir(path):
        for folder in (path / "cur", path / "new"):
            yield from (one for one in sorted(folder.iterdir()) if one.is_file())
        path_list = [one for one in sorted(path.iterdir()) if one.name.startswith(".") and is_maildir(one)]
    else:
        path_list = [one for one in sorted(path.iterdir()) if not one.name.startswith(".")]
    for one in path_list:
        yield from files_of(one)


def is_maildir(path: Path) -> bool:
    """Whether a folder has what makes it a Maildir."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


_BEGINS = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From \S+[ \t]+[^\n]*\d{4}[^\n]*\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


ONE_EACH = {".eml", ".raw", ".msg"}  # a file so named is one message, whatever it begins with


def messages_of(raw: bytes) -> Iterator[bytes]:
    """The messages in a file: one, or those of an mbox, without its "From " lines and its quoting of them."""
    begins = list(_BEGINS.finditer(raw))
    if not begins or begins[0].start() != 0:
        yield raw
        return
    ends = [one.start() for one in begins[1:]] + [len(raw)]
    for begin, end in zip(begins, ends, strict=True):
        yield _QUOTED.sub(rb"\1", raw[begin.end() : end].removesuffix(b"\n"))
