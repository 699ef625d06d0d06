"""`mainstay clocks explain CASE.json... [--text]`: what each clock of a case shows, to the second.

One line of JSON per case, in the order given; `-` is standard input. A case that breaks the rules is one line
on standard error that names the file and the field; the others are still explained, the exit status is 2.
Nothing heavy is imported here: the command answers in well under 0.2 s.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TextIO

from mainstay.errors import Refused

from .cases import Case, as_expected, read_case

USAGE = """usage: mainstay clocks explain CASE.json... [--text]

Explain the promise clocks of each case: one line of JSON per case, or with --text each interval that
counted or not, and by which event, calendar row and target. Use - for standard input.
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command on the words after `clocks` or after `explain`; returns 0, or 2 when anything was refused."""
    arguments = sys.argv[1:] if argv is None else argv
    arguments = arguments[1:] if arguments[:1] == ["explain"] else arguments
    if "-h" in arguments or "--help" in arguments:
        print(USAGE, end="")
        return 0
    files = [a for a in arguments if a == "-" or not a.startswith("-")]
    unknown = [a for a in arguments if a.startswith("-") and a not in ("-", "--text")]
    if unknown or not files:
        wrong = f"unknown option {unknown[0]!a}" if unknown else "no case given"
        print(f"mainstay clocks explain: {wrong}\n{USAGE}", end="", file=sys.stderr)
        return 2
    try:
        return explain_files(files, text="--text" in arguments)
    except BrokenPipeError:
        # The reader has left (`| head`): nothing more to say, and nothing to complain about at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def explain_files(files: list[str], *, text: bool) -> int:
    """Explain each file on standard output; 2 when any was refused."""
    status = 0
    for name in files:
        try:
            out = _text(_read(name), name) if text else _line(_read(name))
        except Refused as refused:
            print(_one_line(f"{_called(name)}: {refused}"), file=sys.stderr)
            status = 2
        else:
            _print(out, sys.stdout)
    sys.stdout.flush()
    return status


def _read(name: str) -> Case:
    try:
        if name == "-":
            return read_case(sys.stdin.buffer.read())
        with open(name, "rb") as file:
            return read_case(file.read())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Refused("file", f"cannot be read: {reason}") from error


def _line(case: Case) -> str:
    return json.dumps([as_expected(instance) for instance in case.explain()])


def _text(case: Case, name: str) -> str:
    from .text import told  # only people ask for it

    return told(case, _called(name))


def _called(name: str) -> str:
    return "standard input" if name == "-" else name


def _one_line(message: str) -> str:
    return " ".join(message.split()).encode("utf-8", "backslashreplace").decode()


def _print(text: str, to: TextIO) -> None:
    to.write(text.encode(to.encoding or "utf-8", "backslashreplace").decode(to.encoding or "utf-8") + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
