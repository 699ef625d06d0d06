"""Who PostgreSQL runs as. It refuses to run as root, so root becomes somebody else for it, and only for it.

In a user namespace root is called nobody inside while files stay root's outside: no user is added, no folder
given away. Where the machine permits no namespace (a container, say), it runs as nobody, the database's
folders are nobody's, and it keeps the one right it needs to reach them when they lie in root's home.
A cluster that is there already is run by whoever owns it.
"""

# ruff: noqa: S603 - every command is a list of our own making, never a line for a shell

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
from functools import lru_cache
from pathlib import Path

from mainstay.errors import Refused

NOBODY = 65534
_THROUGH_ANY_FOLDER = [  # past root's home, even where access(2) asks; programs it starts get no more than this
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
]
_NAMESPACE = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]


def whose(data: Path) -> tuple[int, int]:
    """The user and group that the database over `data` belongs to, as seen from outside."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    with contextlib.suppress(OSError):
        cluster = (data / "postgres").stat()
        return cluster.st_uid, cluster.st_gid
    return (0, 0) if _namespaces() else (NOBODY, NOBODY)


def prefix(data: Path, program: Path) -> list[str]:
    """What goes before PostgreSQL's `program`; empty for an ordinary user.

    Raises `Refused` when root has no way to run it.
    """
    if os.geteuid() != 0:
        return []
    user, group = whose(data)
    become = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    ways = [_NAMESPACE] if user == 0 else [[*become, "--"], [*become, *_THROUGH_ANY_FOLDER, "--"]]
    for way in ways:
        if not _fails([*way, "sh", "-c", 'test -x "$1" && cd "$2"', "sh", str(program), str(data)]):
            return way
    raise Refused(
        "PostgreSQL",
        f"does not run as root, and as another user it does not reach {program} and {data}:"
        " start mainstay as an ordinary user",
    )


def own_folder(folder: Path, data: Path) -> Path:
    """`folder`, made for its owner alone. Raises `Refused` when it cannot be made or is a stranger's."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError as error:
        raise Refused("MAINSTAY_DATA", f"cannot make {folder}: {error.strerror}") from None
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {os.geteuid(), whose(data)[0]}:
        raise Refused("MAINSTAY_DATA", f"{folder} is another user's; remove it or choose another folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused("MAINSTAY_DATA", f"{folder} cannot be written")
    folder.chmod(0o700)
    _hand_over(folder, data)
    return folder


def _hand_over(folder: Path, data: Path) -> None:
    """Give a folder to the user the database runs as, when that is not us."""
    user, group = whose(data)
    if user == os.geteuid():
        return
    os.chown(folder, user, group)
    above = folder.parent.stat()
    if above.st_uid != user and not above.st_mode & stat.S_IXOTH:  # a way through, and no further
        os.chown(folder.parent, -1, group)
        folder.parent.chmod(above.st_mode | stat.S_IXGRP)


@lru_cache(maxsize=1)
def _namespaces() -> bool:
    return not _fails([*_NAMESPACE, "true"])


def _fails(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, cwd="/", check=False).returncode != 0
    except OSError:
        return True
