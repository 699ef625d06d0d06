"""`mainstay policy export [-o FILE]`: the running configuration as a policy file (N2)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mainstay.catalogue import publish
from mainstay.policy.compile import digest
from mainstay.policy.write import write


def main(argv: list[str]) -> int:
    """Write the file; its hash goes to standard error, so that the file stays a file."""
    parser = argparse.ArgumentParser(prog="mainstay policy export", description=__doc__)
    parser.add_argument("-o", "--output", metavar="FILE", help="else standard output")
    try:
        asked = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    parts = publish.export_parts()
    text = write(parts)
    if asked.output:
        Path(asked.output).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    print(digest(parts), file=sys.stderr)
    return 0
