"""`mainstay doctor`: looks at the settings and the machine, one line each, before they become a surprise."""

from __future__ import annotations

import os
import shutil
import smtplib
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mainstay.config import database, postgres
from mainstay.config.env import Env, env, running, unknown
from mainstay.config.ports import Port, check_free
from mainstay.errors import Refused

LEAST_FREE = 1024**3  # bytes; PostgreSQL must never meet a full disk


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is well, and what was found or would be right."""

    what: str
    well: bool
    words: str


def main(argv: list[str]) -> int:
    """Print what was found; exit status 1 when something is not well."""
    findings = list(examine(env()))
    for finding in findings:
        print(f"{'ok    ' if finding.well else 'not ok'}  {finding.what:<12} {finding.words}")
    return 0 if all(finding.well for finding in findings) else 1


def examine(settings: Env) -> Iterator[Finding]:
    """Look at everything and change nothing; our own PostgreSQL is started for a moment when none runs."""
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    for name in unknown(os.environ):
        yield Finding("settings", False, f"{name} is no setting; see docs/settings.md")
    yield _folder(settings.data)
    yield _disk(settings.data)
    yield _found("secret", lambda: _secret(settings.secret_file))
    yield from _databases(settings)
    yield from _ports(settings)
    yield _found("relay", lambda: _relay(settings))


def _found(what: str, look: Callable[[], str]) -> Finding:
    """What `look` says, or why it was refused."""
    try:
        return Finding(what, True, look())
    except Refused as refused:
        return Finding(what, False, str(refused))


def _folder(data: Path) -> Finding:
    place = data if data.exists() else data.parent
    return Finding("data folder", os.access(place, os.R_OK | os.W_OK | os.X_OK), str(data))


def _disk(data: Path) -> Finding:
    place = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    return Finding("disk", free >= LEAST_FREE, f"{free / 1024**3:.1f} GB free (1 GB or more is right)")


def _secret(path: Path) -> str:
    if not path.exists():
        return f"{path} will be made on the first start"
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused("MAINSTAY_SECRET_FILE", f"others may read {path}: chmod 600")
    return str(path)


def _databases(settings: Env) -> Iterator[Finding]:
    if settings.database_url:
        yield from _database(settings.database_url, settings.database_owner_url, settings.unsafe_database)
    elif not (settings.data / "postgres").exists():
        yield Finding("database", True, "our own will be made on the first start")
    else:
        try:
            with postgres.start(settings.data, pg_bin=settings.pg_bin) as server:
                yield from _database(server.app_url, server.owner_url, False)
        except Refused as refused:
            yield Finding("database", False, str(refused))


def _database(app: str, owner: str, unsafe: bool) -> Iterator[Finding]:
    try:
        runs = database.check(app, unsafe=unsafe)
        owns = database.facts(owner, "DATABASE_OWNER_URL")
    except Refused as refused:
        yield Finding("database", False, str(refused))
        return
    yield Finding("database", True, f"PostgreSQL {runs.version}, nothing acknowledged is lost")
    lost = database.what_is_lost(runs, owns)
    yield _found("search", partial(_search, app))
    yield Finding("roles", not lost, "; ".join(lost) or f"{runs.user} runs, {owns.user} owns")


def _search(url: str) -> str:
    """What articles are searched with; nothing of it is needed, so what is missing is said and is no fault."""
    missing = database.missing_of_search(url)
    if missing:
        return (
            f"typos in searches for articles are not caught: {' and '.join(missing)} missing; install the server's"
            " contrib package, then mainstay migrate makes them"
        )
    return "catches typos (pg_trgm, fuzzystrmatch)"


def _ports(settings: Env) -> Iterator[Finding]:
    if running(settings.data):
        yield Finding("ports", True, "mainstay up runs over this data folder and holds them")
        return
    for port in (
        Port("MAINSTAY_PORT", settings.host, settings.port),
        Port("MAINSTAY_SMTP_PORT", settings.mail_host, settings.smtp_port),
        Port("MAINSTAY_LMTP_PORT", settings.mail_host, settings.lmtp_port),
    ):
        yield _found("port", partial(_port, port))


def _port(port: Port) -> str:
    check_free([port])
    return f"{port.number} is free ({port.setting})"


def _relay(settings: Env) -> str:
    """Say hello to the relay as the worker would, with name and password when it has them; sends nothing."""
    if not settings.relay:
        return f"none: mail is kept in {settings.data / 'outbox'}"
    url = urlsplit(settings.relay)
    secure = url.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with kind(url.hostname or "", url.port or (465 if secure else 25), timeout=5) as relay:
            relay.ehlo()
            if not secure and relay.has_extn("starttls"):
                relay.starttls()
            if url.username:
                relay.login(unquote(url.username), unquote(url.password or ""))
    except (OSError, smtplib.SMTPException) as error:
        raise Refused("MAINSTAY_RELAY", f"{url.hostname} does not take us: {error}") from None
    return f"{url.hostname} answers"
