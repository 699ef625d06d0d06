"""`mainstay mail fetch`: looks into every mailbox kept elsewhere and takes in what is new.

A message is taken whole, committed, and only then counted as fetched and marked on the server; a crash between
means that it is looked at again and recognised (LESSONS 26, 27, 34). One thread for each mailbox; each is
locked in the database, so that any number of fetchers may run.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from mainstay.errors import Refused
from mainstay.intake.email.accept import LIMIT, take
from mainstay.intake.mailboxes import oauth, vault
from mainstay.intake.mailboxes.imap import TROUBLE, Door, Listed, Talk
from mainstay.intake.models import Mail, Mailbox
from mainstay.tickets import scope
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.mail")

SOON = 5.0  # seconds of waiting after something came: more may be on its way
IDLE = 240.0  # seconds of waiting before the connection is tried; servers give up after half an hour
POLL = 20.0  # seconds between looks where the server does not tell by itself
LOOK = 5.0  # seconds between looks at which mailboxes there are
BACKOFF = (5.0, 300.0)  # an unreachable server is tried again after 5, 10, 20 ... 300 seconds
_LOCK = 2_042  # the advisory lock of fetching, with the mailbox's number


class Stopped(Exception):  # noqa: N818 - no error: the mailbox is switched off, or somebody else fetches it
    """There is nothing to do here for the moment."""


@dataclass
class Fetcher:
    """The fetching of one mailbox, over as many connections as it takes."""

    number: int
    stop: threading.Event
    token: oauth.Token | None = None
    changed: tuple[object, ...] = ()
    talk: Talk | None = field(default=None, repr=False)

    def run(self) -> None:
        """Until told to stop; outlives a server, a network and a database that go away."""
        wait = BACKOFF[0]
        while not self.stop.is_set():
            try:
                self._connected()
                wait = BACKOFF[0]
            except Stopped:
                self._pause(LOOK)
            except (OperationalError, InterfaceError) as error:
                log.warning("mailbox %s: the database is away: %s", self.number, _line(error))
                connection.close()
                self._pause(1.0)
            except (*TROUBLE, oauth.NoToken, Refused, ValueError) as error:
                if not self.stop.is_set():
                    self._failed(error)
                    self._pause(wait)
                    wait = min(wait * 2, BACKOFF[1])
            except Exception:
                log.exception("mailbox %s: unexpected", self.number)
                connection.close()
                self._pause(wait)
        connection.close()

    def once(self) -> int:
        """Connect, take what is new, leave. How many messages were looked at."""
        with _held(self.number):
            box = self._mailbox()
            with Talk(self._door(box)) as talk:
                return self._take_new(box, talk)

    def leave(self) -> None:
        """Cut the connection off, so that waiting ends at once."""
        talk = self.talk
        if talk is not None:
            talk.close()

    def _connected(self) -> None:
        with _held(self.number):
            box = self._mailbox()
            with Talk(self._door(box)) as talk:
                self.talk = talk
                try:
                    self._as_long_as_it_lasts(box, talk)
                finally:
                    self.talk = None

    def _as_long_as_it_lasts(self, box: Mailbox, talk: Talk) -> None:
        while not self.stop.is_set():
            box = self._mailbox()
            if self._settings(box) != self.changed:
                return  # connect anew, as it is set now
            came = self._take_new(box, talk)
            if self.token is not None and not self.token.fresh(time.time()):
                return
            if talk.may_idle:
                talk.wait(SOON if came else IDLE)
            else:
                self._pause(POLL)
                talk.alive()

    def _mailbox(self) -> Mailbox:
        box = Mailbox.objects.filter(pk=self.number, active=True, kind=Mailbox.Kind.IMAP).first()
        if box is None:
            raise Stopped
        return box

    @staticmethod
    def _settings(box: Mailbox) -> tuple[object, ...]:
        return (box.host, box.port, box.security, box.auth, box.user, bytes(box.secret), box.folder)

    def _door(self, box: Mailbox) -> Door:
        self.changed = self._settings(box)
        secret = vault.unseal(box.secret)
        door = Door(box.host, box.port, box.security, box.user, folder=box.folder)
        if box.auth == Mailbox.Auth.PASSWORD:
            return Door(**(door.__dict__ | {"password": secret.get("password", "")}))
        if self.token is None or not self.token.fresh(time.time()):
            self.token = oauth.access_token(secret)
            if self.token.refresh and self.token.refresh != secret.get("refresh_token"):
                sealed = vault.seal(secret | {"refresh_token": self.token.refresh})
                Mailbox.objects.filter(pk=box.pk).update(secret=sealed)
                box.secret = sealed
                self.changed = self._settings(box)
        return Door(**(door.__dict__ | {"token": self.token.access}))

    # ---- taking

    def _take_new(self, box: Mailbox, talk: Talk) -> int:
        """Everything after the last UID; from the beginning when the server counts its messages anew."""
        _begin(box, talk)
        count = 0
        for listed in talk.after(box.last_uid):
            if self.stop.is_set():
                break
            self._take(box, talk, listed)
            count += 1
        _reached(box)
        return count

    def _take(self, box: Mailbox, talk: Talk, listed: Listed) -> None:
        raw = talk.raw(listed.uid) if listed.size <= LIMIT else None
        if raw is not None:
            keep(box, raw)
        elif listed.size > LIMIT:
            _too_large(box, talk, listed)
        Mailbox.objects.filter(pk=box.pk).update(last_uid=listed.uid, fetched=box.fetched + 1)
        box.last_uid, box.fetched = listed.uid, box.fetched + 1
        if raw is not None:
            _afterwards(box, talk, listed.uid)

    def _failed(self, error: BaseException) -> None:
        self.token = None if isinstance(error, TROUBLE) else self.token
        words = _line(error)
        log.warning("mailbox %s: %s", self.number, words)
        with suppress(DatabaseError):
            box = Mailbox.objects.filter(pk=self.number)
            box.update(error=words[:500])
            box.filter(failing_since=None).update(failing_since=now())

    def _pause(self, seconds: float) -> None:
        self.stop.wait(seconds)


def keep(box: Mailbox, raw: bytes, at: datetime | None = None) -> int:
    """Commit one message as it came through this mailbox. Its number; a known one keeps its own."""
    with transaction.atomic():
        number, fresh = take(raw, source="imap", recipients=[box.address], at=at)
        if fresh:
            Mail.objects.filter(pk=number).update(mailbox=box)
    return number


def _begin(box: Mailbox, talk: Talk) -> None:
    """The first look starts at what comes from now on; a new UIDVALIDITY starts from the first message."""
    if box.uid_validity == talk.validity:
        return
    box.last_uid = talk.newest() if box.uid_validity is None else 0
    box.uid_validity = talk.validity
    box.save(update_fields=["uid_validity", "last_uid"])


def _too_large(box: Mailbox, talk: Talk, listed: Listed) -> None:
    """A message over the limit is not taken; its header is, into quarantine, so that people know of it."""
    head = talk.head(listed.uid)
    if head is None:
        return
    with transaction.atomic():
        number, fresh = take(head, source="imap", recipients=[box.address])
        if fresh:
            megabytes = listed.size / 1024 / 1024
            Mail.objects.filter(pk=number).update(
                mailbox=box,
                state=Mail.State.QUARANTINE,
                outcome="hold",
                reason=f"{megabytes:.0f} MB, over the limit of 50 MB: only its header was taken; the message is"
                f" still in {box.folder} of {box.address}",
            )


def _afterwards(box: Mailbox, talk: Talk, uid: int) -> None:
    """Only once it is committed here: mark it as read there, or delete it."""
    if box.afterwards == Mailbox.Afterwards.SEEN:
        talk.mark(uid, r"\Seen")
    elif box.afterwards == Mailbox.Afterwards.DELETE:
        talk.remove(uid)


def _reached(box: Mailbox) -> None:
    Mailbox.objects.filter(pk=box.pk).update(reached_at=now(), failing_since=None, error="")


class _held:  # noqa: N801 - used as a statement
    """The mailbox is this process's while the block runs; `Stopped` when another fetcher has it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __enter__(self) -> None:
        if not self._ask("SELECT pg_try_advisory_lock(%s, %s)"):
            raise Stopped

    def __exit__(self, *_: object) -> None:
        with suppress(DatabaseError, InterfaceError):
            self._ask("SELECT pg_advisory_unlock(%s, %s)")

    def _ask(self, sql: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(sql, [_LOCK, self.number])
            return bool(cursor.fetchone()[0])


def _line(error: BaseException) -> str:
    text = " ".join(str(error).replace("\x00", "").split())
    return text[:400] or type(error).__name__


# ---- the command


@dataclass
class Station:
    """All mailboxes: a thread for each that is active; those switched on later join."""

    stop: threading.Event = field(default_factory=threading.Event)
    working: dict[int, tuple[Fetcher, threading.Thread]] = field(default_factory=dict)

    def look(self) -> None:
        """Begin with mailboxes that are new."""
        active = Mailbox.objects.filter(active=True, kind=Mailbox.Kind.IMAP).values_list("pk", flat=True)
        for number in active:
            known = self.working.get(number)
            if known is None or not known[1].is_alive():
                fetcher = Fetcher(number, self.stop)
                thread = threading.Thread(target=fetcher.run, name=f"mailbox {number}", daemon=True)
                self.working[number] = (fetcher, thread)
                thread.start()

    def end(self, within: timedelta) -> None:
        """Tell all to stop and wait for them a little; what is half taken was never counted."""
        self.stop.set()
        deadline = time.monotonic() + within.total_seconds()
        for fetcher, _ in self.working.values():
            fetcher.leave()
        for _, thread in self.working.values():
            thread.join(max(0.0, deadline - time.monotonic()))


def main(argv: list[str]) -> int:
    """Fetch until SIGTERM or SIGINT; with `--once`, take what is there now and say how much."""
    scope.whole_process()
    if "--once" in argv:
        return _once()
    station = Station()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: station.stop.set())
    while not station.stop.is_set():
        try:
            station.look()
        except (OperationalError, InterfaceError) as error:
            log.warning("fetching: the database is away: %s", _line(error))
            connection.close()
        station.stop.wait(LOOK)
    station.end(timedelta(seconds=1.5))
    return 0


def _once() -> int:
    failed = 0
    for box in Mailbox.objects.filter(active=True, kind=Mailbox.Kind.IMAP):
        try:
            print(f"{box.address}: {Fetcher(box.pk, threading.Event()).once()} messages", flush=True)
        except Stopped:
            print(f"{box.address}: another fetcher is at it", flush=True)
        except (*TROUBLE, oauth.NoToken, Refused, ValueError) as error:
            failed += 1
            print(f"{box.address}: {_line(error)}", flush=True)
    return 1 if failed else 0
