"""The command `mainstay`: finds out what was asked before it loads anything; a quick question stays quick."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mainstay.errors import Refused


@dataclass(frozen=True)
class Command:
    """Where a command lives and what it needs first.

    `needs`: "" nothing; "server" a database that something else runs; "database" any: ours is started for as
    long as the command takes when none runs. `refused`: the exit status of a refusal before it could begin.
    """

    target: str
    about: str
    needs: str = ""
    refused: int = 2
    hidden: bool = False


TEMPORARY = 75  # EX_TEMPFAIL: a mail server keeps the message and tries again

COMMANDS: dict[str, Command] = {
    "up": Command("mainstay.config.supervisor", "start everything: database, pages, mail, worker, watch"),
    "web": Command("mainstay.config.web", "serve the pages", "server"),
    "worker": Command("mainstay.config.schedule", "handle received mail, send what is to be sent", "server"),
    "watch": Command("mainstay.tickets.watch", "raise alarms and timers when they are due", "server"),
    "changes": Command(
        "mainstay.tickets.rollout", "bring other terms to the tickets that wait for them", "server"
    ),
    "files scan": Command("mainstay.tickets.scanning", "have every file scanned that never was", "server"),
    "mail serve": Command("mainstay.intake.email.serve", "take in mail by SMTP and LMTP", "server"),
    "mail deliver": Command(
        "mainstay.intake.email.deliver", "take in one message from standard input", "server", TEMPORARY
    ),
    "mail fetch": Command("mainstay.intake.mailboxes.fetch", "fetch from mailboxes kept elsewhere", "server"),
    "mail import": Command("mainstay.intake.email.importing", "take in a Maildir or mbox", "database"),
    "mail dkim": Command(
        "mainstay.notices.dkim", "make the key that signs our mail (of DOMAIN), say what DNS must hold"
    ),
    "mail inspect": Command(
        "mainstay.intake.email.inspect", "say what a message is and what would be done with it"
    ),
    "figures": Command("mainstay.reports.closing", "freeze figures of periods that have ended", "database"),
    "kpi": Command(
        "mainstay.reports.cli", "a customer's figures of a period, with their working", "database"
    ),
    "kpi import": Command("mainstay.reports.importing", "take in measured response times", "database"),
    "clocks explain": Command("mainstay.sla.cli", "compute the clocks of a case file"),
    "clocks verify": Command(
        "mainstay.tickets.verify", "rebuild the clocks from the log and compare", "database"
    ),
    "policy": Command("mainstay.policy.cli", "check, explain, show, diff, compile a policy file"),
    "policy export": Command(
        "mainstay.catalogue.exporting", "write the running policy to a file", "database"
    ),
    "policy load": Command("mainstay.catalogue.loading", "publish what a policy file says", "database"),
    "migrate": Command("mainstay.config.migrate", "bring the database's tables up to date", "database"),
    "demo": Command("mainstay.config.demo", "make the demo vendor", "database"),
    "bench load": Command("mainstay.reports.load", "fill the desk with tickets for measuring", "database"),
    "doctor": Command("mainstay.config.doctor", "check the settings and the machine"),
    "version": Command("mainstay.config.version", "say which version this is"),
    "prepare": Command("mainstay.config.prepare", "what `up` does before it serves", "database", hidden=True),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command in `argv` (the process's own when None) and return its exit status."""
    words = sys.argv[1:] if argv is None else argv
    try:
        return _run(words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141


def _run(words: list[str]) -> int:
    name, rest = _find(words)
    if name is None:
        return _no_such(words)
    command = COMMANDS[name]
    begun = False
    try:
        with _ready(command.needs):
            run: Callable[[list[str]], int] = importlib.import_module(command.target).main
            begun = True
            return run(rest)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2 if begun else command.refused
    except Exception as error:
        if not _database_gone(error):
            raise
        print(f"database: {' '.join(str(error).split())}", file=sys.stderr)
        return command.refused if command.refused != 2 else 1
    finally:
        sys.stdout.flush()


def _find(words: list[str]) -> tuple[str | None, list[str]]:
    """The longest command that `words` begin with, and the words after it."""
    for length in (2, 1):
        name = " ".join(words[:length])
        if len(words) >= length and name in COMMANDS:
            return name, words[length:]
    return None, words


def _no_such(words: list[str]) -> int:
    asked = bool(words) and words[0] in {"help", "--help", "-h"}
    if words == ["--version"]:
        return _run(["version"])
    group = [name for name in COMMANDS if words and name.startswith(f"{words[0]} ")]
    if words and not asked:
        what = (
            f"{words[0]}: say which, one of: {', '.join(n.split()[1] for n in group)}"
            if group
            else (f"{words[0]}: no such command")
        )
        print(what, file=sys.stderr)
    print(_usage(group), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _usage(names: list[str]) -> str:
    shown = {
        name: command
        for name, command in COMMANDS.items()
        if not command.hidden and (not names or name in names)
    }
    lines = [f"  mainstay {name:<15} {command.about}" for name, command in shown.items()]
    return "\n".join(["usage: mainstay COMMAND ...", "", *lines])


@contextmanager
def _ready(needs: str) -> Iterator[None]:
    """Everything a command needs before it runs."""
    if not needs:
        yield
        return
    from mainstay.config.env import env

    with _database(needs):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mainstay.config.settings")
        if needs == "server":
            from mainstay.config import database

            database.check(env().database_url, unsafe=env().unsafe_database)
        import django

        django.setup()
        yield


@contextmanager
def _database(needs: str) -> Iterator[None]:
    """A database to speak to: the one given, the one `mainstay up` runs, else ours while this takes."""
    from mainstay.config.env import env

    if env().database_url:
        yield
        return
    if needs == "server" or not (env().data / "postgres").exists():
        raise Refused("no database", "start `mainstay up`, or set DATABASE_URL")
    from mainstay.config import postgres

    settings = env()
    with postgres.start(
        settings.data,
        durable=not settings.unsafe_database,
        pg_bin=settings.pg_bin,
        shared_buffers=settings.pg_shared_buffers,
    ):
        env.cache_clear()  # it finds the server just started
        try:
            yield
        finally:
            env.cache_clear()


def _database_gone(error: Exception) -> bool:
    """Whether Django or psycopg says that the database cannot be reached."""
    return any(
        kind.__name__ == "OperationalError" and kind.__module__.split(".")[0] in {"django", "psycopg"}
        for kind in type(error).__mro__
    )
