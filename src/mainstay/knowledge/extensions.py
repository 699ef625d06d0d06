"""What search may use of PostgreSQL beside the server itself: contrib extensions that catch typos.

Our own server has them, and so do most others; where they are missing or may not be made, everything else of search
works, and `mainstay doctor` says what is lost. They are asked for at each migration, so that one installed later
is taken up.
"""

from __future__ import annotations

from django.db import DatabaseError, connections, transaction

NAMES = ("pg_trgm", "fuzzystrmatch")


def create(alias: str = "owner") -> list[str]:
    """Make what can be made; gives the names of those that are missing."""
    return [name for name in NAMES if not _made(alias, f"CREATE EXTENSION IF NOT EXISTS {name}")]


def _made(alias: str, sql: str) -> bool:
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return False
    return True
