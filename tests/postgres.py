"""PostgreSQL for a run of the tests: started when the first test wants it, one database for each worker.

The process that owns the run (the controller, under xdist) keeps the server; workers ask for it through a
pipe in the run's folder and find its addresses in a file beside it. A template is migrated once, and every
worker's database is a copy of it.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

TEMPLATE = "mainstay_template"
START, STOP = b"s", b"q"


class Keeper:
    """Waits in a thread of its own until somebody wants the server, and ends it with the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        os.mkfifo(folder / "wanted", 0o600)
        self.pipe = os.open(folder / "wanted", os.O_RDWR)  # both ends, so that reading never meets an end
        self.thread = threading.Thread(target=self._keep, name="postgres of the tests", daemon=True)
        self.thread.start()

    def end(self) -> None:
        os.write(self.pipe, STOP)
        self.thread.join(10)

    def _keep(self) -> None:
        """The server dies with the thread that started it, so this one stays until the end."""
        if os.read(self.pipe, 1) == STOP:
            return
        try:
            self._serve()
        except BaseException as error:
            _leave(self.folder / "ready", {"error": f"{type(error).__name__}: {error}"})

    def _serve(self) -> None:
        import psycopg

        from mainstay.config import postgres

        with postgres.start(self.folder / "pg", durable=False, shared_buffers="128MB") as server:
            urls = {"app": server.app_url, "owner": server.owner_url, "superuser": server.superuser_url}
            with psycopg.connect(server.superuser_url, autocommit=True) as connection:
                connection.execute(f"create database {TEMPLATE} owner {postgres.OWNER}")
            _migrate(Server(**urls).database(TEMPLATE), self.folder)
            _leave(self.folder / "ready", urls)
            while os.read(self.pipe, 1) != STOP:
                pass


@dataclass(frozen=True)
class Server:
    """Where the run's server is, by role."""

    app: str
    owner: str
    superuser: str

    @classmethod
    def wanted(cls, folder: Path) -> "Server":
        """Ask for the server and wait until it is there."""
        ready = folder / "ready"
        if not ready.exists():
            with (folder / "wanted").open("wb", buffering=0) as pipe:
                pipe.write(START)
        deadline = time.monotonic() + 300  # of a machine that is busy
        while not ready.exists():
            if time.monotonic() > deadline:
                raise TimeoutError("the tests' PostgreSQL did not start within 300 seconds")
            time.sleep(0.02)
        urls = json.loads(ready.read_text())
        if "error" in urls:
            raise RuntimeError(f"the tests' PostgreSQL did not start: {urls['error']}")
        return cls(**urls)

    def database(self, name: str) -> "Database":
        return Database(name, _named(self.app, name), _named(self.owner, name), self.superuser)


@dataclass(frozen=True)
class Database:
    """One worker's database: as the role that runs, and as the one that owns."""

    name: str
    app: str
    owner: str
    superuser: str

    def recreate(self) -> None:
        """A fresh copy of the template in its place; whoever is still connected is thrown out."""
        import psycopg

        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(f"drop database if exists {self.name} with (force)")
            connection.execute(f"create database {self.name} template {TEMPLATE} owner mainstay_owner")

    def environ(self, data: Path) -> dict[str, str]:
        """What a command needs to run against this database."""
        plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
        return plain | {
            "DATABASE_URL": self.app,
            "DATABASE_OWNER_URL": self.owner,
            "MAINSTAY_UNSAFE_DATABASE": "1",
            "MAINSTAY_DATA": str(data),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
        }


def _migrate(template: Database, folder: Path) -> None:
    """As a process of its own: this one's settings and connections stay as they are."""
    program = "import django; django.setup(); from mainstay.config.migrate import migrate; migrate()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=template.environ(folder / "data") | {"DJANGO_SETTINGS_MODULE": "mainstay.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"migrating failed: {done.stderr.strip()[-2000:]}")


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _leave(path: Path, content: dict[str, str]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(path)
