"""What any database must be before the product runs on it: reachable, new enough, and safe."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.errors import Refused

OLDEST = 15


@dataclass(frozen=True)
class Facts:
    """What a server says of itself and of who we are there. `unsafe` names safety settings that are off."""

    version: int
    unsafe: tuple[str, ...]
    user: str
    superuser: bool


def facts(url: str, name: str = "DATABASE_URL") -> Facts:
    """Ask the server at `url`. Raises `Refused` naming the setting `name` when it does not answer."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            unsafe = connection.execute(
                "select name from pg_settings where setting = 'off'"
                " and name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name"
            ).fetchall()
            who = connection.execute(
                "select current_user::text, rolsuper from pg_roles where rolname = current_user"
            ).fetchone()
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        raise Refused(name, f"the database does not answer: {' '.join(str(error).split())}") from None
    user, superuser = who or ("", False)
    return Facts(version, tuple(row[0] for row in unsafe), user, superuser)


def check(url: str, name: str = "DATABASE_URL", *, unsafe: bool = False) -> Facts:
    """Refuse a server that is too old, or (unless `unsafe`) that may lose acknowledged work."""
    found = facts(url, name)
    if found.version < OLDEST:
        raise Refused(name, f"is PostgreSQL {found.version}; {OLDEST} or newer is needed")
    if found.unsafe and not unsafe:
        off = ", ".join(found.unsafe)
        raise Refused(name, f"the server may lose acknowledged work, these must be on: {off}")
    return found


SEARCH = ("fuzzystrmatch", "pg_trgm")
"""Contrib extensions with which search catches typos; all else works without them."""


def missing_of_search(url: str) -> list[str]:
    """Which of them the database does not have. Raises `Refused` when it does not answer."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            rows = connection.execute("select extname::text from pg_extension").fetchall()
    except psycopg.Error as error:
        raise Refused(
            "DATABASE_URL", f"the database does not answer: {' '.join(str(error).split())}"
        ) from None
    return [name for name in SEARCH if (name,) not in rows]


def what_is_lost(app: Facts, owner: Facts) -> list[str]:
    """Sentences on what these roles cannot hold; empty when there is an owner and a plain role that runs."""
    lost = []
    if app.superuser:
        lost.append(f"{app.user} is a superuser: row-level security does not hold it back")
    if app.user == owner.user:
        lost.append(
            f"{app.user} both owns the database and runs the product: only a trigger keeps the event log"
            " append-only, and row-level security holds its owner back only where it is forced;"
            " set DATABASE_OWNER_URL to a role of its own"
        )
    return lost
