"""`mainstay up`: starts everything, restarts what dies, stops all of it within five seconds.

One thread waits for three things: a signal, a line from a child, a child's turn to be started again.
Children are processes of their own that the kernel kills if the supervisor itself is killed.
"""

# ruff: noqa: S603 - every command is a list of our own making, never a line for a shell

from __future__ import annotations

import contextlib
import http.client
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from types import FrameType

from mainstay.config import database, postgres
from mainstay.config.env import Env, env, unknown
from mainstay.config.ports import Port, check_free
from mainstay.errors import Refused

SOONEST, LATEST = 0.2, 5.0  # seconds before a dead child is started again: doubles each time
SETTLED = 10.0  # seconds after which a child counts as well again
CHILDREN_WITHIN, ALL_WITHIN = 2.5, 4.2  # seconds to stop in; then the children, and all, are killed
FIRST_PAGE_WITHIN = 60.0
TRIES = 5  # deaths or failures of the pages before the first one was served, then we give up


@dataclass(frozen=True)
class Program:
    """What to run under which name."""

    name: str
    command: list[str]


@dataclass
class Child:
    """One program kept running."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = SOONEST
    again: float = 0.0  # when to start it (monotonic); meaningful while there is no process
    deaths: int = 0
    text: bytes = field(default=b"", repr=False)

    def alive(self) -> bool:
        """Whether its process runs; reaps it when it does not."""
        return self.process is not None and self.process.poll() is None


class Stop(Exception):  # noqa: N818 - no error, a wish
    """Somebody asked us to stop while we were starting something."""


class Supervisor:
    """Keeps programs running over one database. `server` is ours to keep running too, when there is one."""

    def __init__(
        self,
        programs: list[Program],
        environment: Mapping[str, str],
        server: postgres.Server | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.children = [Child(program) for program in programs]
        self.environment = dict(environment)
        self.server = server
        self.say = say or _say
        self.stopping = False
        self._width = max((len(program.name) for program in programs), default=0)
        self._busy = False  # doing something that a signal may cut short
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ, None)

    def close(self) -> None:
        """Give back what waiting took; after `stop()`."""
        self._selector.close()
        os.close(self._wake)
        os.close(self._waker)

    # ---- signals

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """First Ctrl-C, SIGTERM or SIGHUP: stop in order. Second: kill."""
        asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._asked) for number in asked}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        old = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            self._kill()
            return
        self.stopping = True
        if self._busy:
            raise Stop

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """A signal raises `Stop` in here, at once."""
        self._busy = True
        try:
            if self.stopping:
                raise Stop
            yield
        finally:
            self._busy = False

    # ---- running

    def run(self, until: Callable[[], bool] = lambda: False, step: float = 0.25) -> None:
        """Keep all running until asked to stop, or `until()`; that is asked every `step` seconds or sooner."""
        while not self.stopping:
            self._keep_database()
            self._keep_children()
            if until():
                return
            self._wait(step)

    def _keep_database(self) -> None:
        if self.server is None or self.server.alive() or self.stopping:
            return
        self.say("PostgreSQL died; starting it again")
        try:
            with self.interruptible():
                self.server.revive()
        except Refused as refused:
            self.say(str(refused))
            time.sleep(0.2)
        except Stop:
            return
        else:
            self.say("PostgreSQL is back")

    def _keep_children(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and not child.alive():
                self._buried(child, now)
            if child.process is None and child.again <= now:
                self._start(child, now)

    def _start(self, child: Child, now: float) -> None:
        child.process = subprocess.Popen(
            [*_dies_with_us(), *child.program.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,  # Ctrl-C is for us; we stop them in order
        )
        child.started = now
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _buried(self, child: Child, now: float) -> None:
        """Note that a child died, and when to start it again."""
        assert child.process is not None
        if now - child.started > SETTLED:
            child.delay = SOONEST
        with contextlib.suppress(ProcessLookupError):  # the web's own workers, which would hold its port
            os.killpg(child.process.pid, signal.SIGKILL)
        self._close(child)
        self.say(f"{child.program.name} {_how(child.process.returncode)}; again in {child.delay:.1f} s")
        child.process, child.again, child.deaths = None, now + child.delay, child.deaths + 1
        child.delay = min(child.delay * 2, LATEST)

    def _wait(self, seconds: float) -> None:
        """Wait for a signal, a line or the next start; pass lines on."""
        waiting = [child.again for child in self.children if child.process is None]
        due = min(waiting, default=float("inf")) - time.monotonic()
        for key, _ in self._selector.select(max(0.0, min(seconds, due))):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            else:
                self._read(key.data)

    def _read(self, child: Child) -> bool:
        """Pass on what a child wrote, line by line; False when there is nothing to read now."""
        assert child.process is not None
        assert child.process.stdout is not None
        data = child.process.stdout.read(65536)
        if data == b"":  # it closed its output, most likely died
            self._selector.unregister(child.process.stdout)
        if not data:
            return False
        *lines, child.text = (child.text + data).split(b"\n")
        for line in lines:
            self._line(child, line)
        if len(child.text) > 65536:
            self._line(child, child.text)
            child.text = b""
        return True

    def _line(self, child: Child, line: bytes) -> None:
        self.say(f"{child.program.name:<{self._width}} | {line.decode(errors='replace').rstrip()}")

    def _close(self, child: Child) -> None:
        assert child.process is not None
        assert child.process.stdout is not None
        if child.process.stdout in self._selector.get_map():
            while self._read(child):
                pass
        if child.text:
            self._line(child, child.text)
            child.text = b""
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.process.stdout)
        child.process.stdout.close()

    # ---- stopping

    def stop(self) -> None:
        """Ask all children to end, kill those that do not, stop PostgreSQL last; within five seconds."""
        self.stopping = True
        self._signal_all(signal.SIGTERM)
        began = time.monotonic()
        while any(child.alive() for child in self.children) and time.monotonic() < began + CHILDREN_WITHIN:
            self._wait(0.05)
        self._kill()
        for child in self.children:
            if child.process is not None:
                child.process.wait()
                self._close(child)
                child.process = None
        if self.server is not None:
            self.server.stop(began + ALL_WITHIN - time.monotonic())

    def _kill(self) -> None:
        self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        """To each child's process group, so that the web's own workers are reached too."""
        for child in self.children:
            if child.process is not None and child.alive():
                target = os.killpg if number == signal.SIGKILL else os.kill
                with contextlib.suppress(ProcessLookupError):
                    target(child.process.pid, number)


# ---- the command


def main(argv: list[str]) -> int:
    """Start Mainstay and keep it running. Exit status 0 after Ctrl-C, 1 and one line when it cannot start."""
    try:
        return _up(env())
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1


def _up(settings: Env) -> int:
    began = time.monotonic()
    _say(f"Mainstay {metadata.version('mainstay')}, data in {settings.data}")
    for name in unknown(os.environ):
        _say(f"{name} is no setting of Mainstay's; see docs/settings.md")
    lock = postgres.Lock(settings.data)
    try:
        check_free(_ports(settings))
        with contextlib.closing(Supervisor(_programs(), os.environ)) as supervisor, supervisor.signals():
            return _serve(supervisor, settings, lock, began)
    finally:
        lock.release()


def _serve(supervisor: Supervisor, settings: Env, lock: postgres.Lock, began: float) -> int:
    try:
        with supervisor.interruptible():
            app, owner = _database(supervisor, settings, lock)
            accounts = _prepare(supervisor.environment, app, owner)
        supervisor.environment |= {"DATABASE_URL": app, "PYTHONUNBUFFERED": "1"}
        supervisor.environment.pop("DATABASE_OWNER_URL", None)  # only migrations need it
        _first_page(supervisor, settings)
        _say(_banner(settings, accounts, time.monotonic() - began))
        supervisor.run()
    except Stop:
        pass
    except BaseException:
        supervisor.stop()
        raise
    _say("stopping")
    supervisor.stop()
    _say("stopped")
    return 0


def _database(supervisor: Supervisor, settings: Env, lock: postgres.Lock) -> tuple[str, str]:
    """The URLs of a database that is safe to run on: the one given, else our own, started."""
    if "DATABASE_URL" in os.environ or "DATABASE_OWNER_URL" in os.environ:
        app, owner = settings.database_url, settings.database_owner_url
        found = database.check(app, unsafe=settings.unsafe_database)
        for sentence in database.what_is_lost(found, database.facts(owner, "DATABASE_OWNER_URL")):
            _say(sentence)
        return app, owner
    with _step("PostgreSQL"):
        supervisor.server = server = postgres.start(
            settings.data,
            durable=not settings.unsafe_database,
            pg_bin=settings.pg_bin,
            shared_buffers=settings.pg_shared_buffers,
            lock=lock,
        )
    return server.app_url, server.owner_url


def _prepare(environment: Mapping[str, str], app: str, owner: str) -> list[tuple[str, str, str]]:
    """Migrate and make the demo vendor; its accounts."""
    command = [*_dies_with_us(), *_mainstay("prepare")]
    with _step("tables and demo vendor"):
        worker = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**environment, "DATABASE_URL": app, "DATABASE_OWNER_URL": owner},
            start_new_session=True,
        )
        try:
            said, _ = worker.communicate()
        except BaseException:
            worker.kill()
            worker.wait()
            raise
        if worker.returncode:
            raise Refused("database", "could not be brought up to date; what went wrong is above")
    return [(role, address, password) for role, address, password in json.loads(said.splitlines()[-1])]


def _first_page(supervisor: Supervisor, settings: Env) -> None:
    """Start the children and wait until pages are served. Raises `Stop`, or `Refused` when they keep failing."""
    web = supervisor.children[0]
    failed, deadline = 0, time.monotonic() + FIRST_PAGE_WITHIN
    with _step("pages"):
        while True:
            with supervisor.interruptible():
                status = _status(settings)
            if status == 200:
                return
            failed += status > 0
            if max(failed, web.deaths) >= TRIES or time.monotonic() > deadline:
                raise Refused("pages", "are not served; what went wrong is above")
            supervisor.run(_after(0.5 if status else 0.05), step=0.05)


def _after(seconds: float) -> Callable[[], bool]:
    """True when so many seconds have passed."""
    then = time.monotonic() + seconds
    return lambda: time.monotonic() >= then


def _status(settings: Env) -> int:
    """What the pages answer now; 0 when they do not."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    pages = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        pages.request("GET", "/healthz")
        return pages.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        pages.close()


def _banner(settings: Env, accounts: list[tuple[str, str, str]], took: float) -> str:
    outgoing = "sent by the relay" if settings.relay else f"kept in {settings.data / 'outbox'}"
    lines = [
        "",
        f"  Ready after {took:.1f} s. Open  {settings.base_url}",
        f"  Mail to {settings.support_address}: SMTP on {settings.mail_host}:{settings.smtp_port},"
        f" LMTP on {settings.mail_host}:{settings.lmtp_port}",
        f"  Mail from here: {outgoing}",
    ]
    if accounts:
        roles, addresses = (max(len(account[part]) for account in accounts) for part in (0, 1))
        lines += ["", "  Sign in as (role, address, password):"]
        lines += [f"    {role:<{roles}}  {address:<{addresses}}  {word}" for role, address, word in accounts]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


def _programs() -> list[Program]:
    return [
        Program("web", _mainstay("web")),
        Program("mail", _mainstay("mail", "serve")),
        Program("fetch", _mainstay("mail", "fetch")),
        Program("worker", _mainstay("worker")),
        Program("watch", _mainstay("watch")),
    ]


def _mainstay(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "mainstay", *words]


def _ports(settings: Env) -> list[Port]:
    return [
        Port("MAINSTAY_PORT", settings.host, settings.port),
        Port("MAINSTAY_SMTP_PORT", settings.mail_host, settings.smtp_port),
        Port("MAINSTAY_LMTP_PORT", settings.mail_host, settings.lmtp_port),
    ]


def _dies_with_us() -> list[str]:
    """All is crash-safe, so a killed supervisor takes its children along at once: no orphan holds a port."""
    return ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []


def _how(status: int) -> str:
    if status >= 0:
        return f"ended with exit status {status}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    _say(f"{what} ...")
    yield
    _say(f"{what}: ready, {time.monotonic() - began:.1f} s")


def _say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)
