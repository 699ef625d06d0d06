"""`mainstay policy load FILE [--reason TEXT] [--dry-run]`: publish what a policy file says, all of it or nothing."""

from __future__ import annotations

import argparse
import sys

from django.utils import timezone

from mainstay.accounts.actor import Actor
from mainstay.catalogue import publish
from mainstay.errors import Refused
from mainstay.policy.check import checked
from mainstay.policy.compile import digest
from mainstay.policy.diff import policies
from mainstay.policy.read import beside, text_of
from mainstay.policy.source import Wrong


def main(argv: list[str]) -> int:
    """Check the file, say what differs from what runs, and publish that unless it is only tried out."""
    parser = argparse.ArgumentParser(prog="mainstay policy load", description=__doc__)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--reason", default="", help="why; the file's name where nothing is said")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    try:
        asked = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    now = timezone.now()
    try:
        parts, _ = checked(
            text_of(asked.file), name=asked.file, load=beside(asked.file), years=(now.year, now.year + 2)
        )
    except Wrong as wrong:
        print("\n".join(wrong.lines()), file=sys.stderr)
        return 2
    print("\n".join(policies(publish.export_parts(), parts)) or "Nothing differs.")
    if not asked.dry_run:
        reason = asked.reason or f"loaded from {asked.file}"
        try:
            publish.load_parts(parts, by=Actor.system(), at=now, reason=reason)
        except Refused as refused:
            raise Refused(asked.file, str(refused)) from None
    print(digest(parts))
    return 0
