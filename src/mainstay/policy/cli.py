"""`mainstay policy check | explain | show | diff | compile`: what a policy file says, without a database.

A file that cannot be used is told line by line on standard error, exit status 2. `policy export` and `policy load`
speak with a running desk and live in `catalogue`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy.lines import line_of
from mainstay.policy.read import Parts, beside, parts_of, text_of
from mainstay.policy.shapes import meant
from mainstay.policy.source import Source, Wrong, steps
from mainstay.sla.fields import shown

EXAMPLES = """
  mainstay policy check policy.toml
  mainstay policy explain policy.toml --ticket 'severity=1 environment=production channel=phone'
  mainstay policy show policy.toml --package gold --html > gold.html
  mainstay policy diff last-year.toml policy.toml
  mainstay policy compile policy.toml --package gold --ticket 'channel=phone' --place Europe/Berlin,DE-BY
"""


class Opened(NamedTuple):
    """A file that was read without mistakes."""

    parts: Parts
    source: Source


def main(argv: list[str] | None = None) -> int:
    """Run one of the commands on the words after `policy`."""
    parser, commands = _parser()
    words = sys.argv[1:] if argv is None else argv
    if not words:
        parser.print_help(sys.stderr)
        return 2
    if not words[0].startswith("-") and words[0] not in commands:
        hint = meant(words[0], commands)
        print(f"policy {words[0]}: no such command{hint}; there are {', '.join(commands)}", file=sys.stderr)
        return 2
    try:
        asked = parser.parse_args(words)
    except SystemExit as stop:  # argparse has told what is wrong
        return int(stop.code or 0)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except Wrong as wrong:
        print("\n".join(wrong.lines()), file=sys.stderr)
        return 2


def _parser() -> tuple[argparse.ArgumentParser, list[str]]:
    parser = argparse.ArgumentParser(
        prog="mainstay policy", description="What a policy file says.", epilog=f"examples:{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="find what is wrong, with file, line and a hint")
    check.add_argument("files", nargs="+", metavar="FILE")
    check.set_defaults(run=_check)
    explain = commands.add_parser("explain", help="say which rows compete for a ticket, and why one wins")
    _file_and_package(explain)
    explain.add_argument("--ticket", default="", metavar="FACTS", help="such as 'severity=1 channel=phone'")
    explain.add_argument("--json", action="store_true", help="the same as one line of JSON")
    explain.set_defaults(run=_explain)
    show = commands.add_parser("show", help="the table that a customer would read")
    _file_and_package(show)
    show.add_argument("--html", action="store_true", help="as a page")
    show.set_defaults(run=_show)
    diff = commands.add_parser("diff", help="what differs between two files, in words")
    diff.add_argument("before", metavar="A")
    diff.add_argument("after", metavar="B")
    diff.set_defaults(run=_diff)
    compiled = commands.add_parser("compile", help="print the frozen document and its hash")
    _file_and_package(compiled)
    compiled.add_argument(
        "--ticket", default="", metavar="FACTS", help="such as 'channel=phone flag=by_phone'"
    )
    compiled.add_argument(
        "--place", default="UTC", metavar="ZONE,CC-SUB", help="such as Australia/Sydney,AU-NSW"
    )
    compiled.add_argument("--years", default="", metavar="A-B", help="write calendars out for these years")
    compiled.set_defaults(run=_compile)
    return parser, list(commands.choices)


def _file_and_package(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--package", default="", metavar="CODE", help="one package; else all of them")


# ---- the commands


def _check(asked: argparse.Namespace) -> int:
    from mainstay.policy.check import checked
    from mainstay.policy.spelled import count

    status = 0
    for name in asked.files:
        try:
            parts, looks = checked(text_of(name), name=name, load=beside(name), years=_years(""))
        except Wrong as wrong:
            print("\n".join(wrong.lines()), file=sys.stderr)
            status = 2
        except Refused as refused:
            print(refused, file=sys.stderr)
            status = 2
        else:
            for look in looks:
                print(look.told(name))
            counted = [count(len(parts["packages"]), "package"), count(len(_rows(parts)), "target row")]
            print(f"{name}: {parts['name']}, {', '.join(counted)}: in order")
    return status


def _rows(parts: Parts) -> list[Any]:
    places = [parts["desk"], *parts["levels"].values(), *parts["packages"].values()]
    return [row for place in places for row in place.get("targets", [])]


def _explain(asked: argparse.Namespace) -> int:
    from mainstay.policy.explain import as_text, explained
    from mainstay.policy.ticket import read_ticket

    opened = _open(asked.file)
    ticket = read_ticket(asked.ticket, opened.parts)
    where = lambda field: line_of(opened.source.lines, opened.source.origin(steps(field)))  # noqa: E731
    year = datetime.fromtimestamp(ticket.at, UTC).year if ticket.at is not None else _years("")[0]
    found = [
        explained(opened.parts, package, ticket, where, (year - 1, year + 3))
        for package in _packages(opened.parts, asked.package)
    ]
    if asked.json:
        print(json.dumps(found[0] if asked.package else found, ensure_ascii=False))
    else:
        print("\n\n".join(as_text(opened.parts, one, asked.file) for one in found))
    return 0


def _show(asked: argparse.Namespace) -> int:
    from mainstay.policy.rendering import as_html, as_text

    parts = _open(asked.file).parts
    packages = _packages(parts, asked.package)
    print(as_html(parts, packages) if asked.html else as_text(parts, packages))
    return 0


def _diff(asked: argparse.Namespace) -> int:
    from mainstay.policy.diff import policies

    said = policies(_open(asked.before).parts, _open(asked.after).parts)
    print("\n".join(said) or "Nothing differs.")
    return 0


def _compile(asked: argparse.Namespace) -> int:
    from mainstay.policy.compile import canonical, digest

    opened = _open(asked.file)
    document = _terms(opened.parts, asked) if asked.package else _whole(opened.parts, asked)
    print(canonical(document).decode())
    print(digest(document))
    return 0


def _terms(parts: Parts, asked: argparse.Namespace) -> dict[str, Any]:
    from mainstay.policy.compile import Named, compose, terms
    from mainstay.policy.ticket import read_place, read_ticket

    (code,) = _packages(parts, asked.package)
    package = parts["packages"][code]
    level = parts["levels"][package["level"]]
    ticket = read_ticket(asked.ticket, parts)
    named = Named(
        1,
        {"code": package["level"], "name": level["name"], "version": 1, "rank": level["rank"]},
        {"code": code, "name": package["name"], "version": 1},
    )
    facts = {"package": code, "level": package["level"], **ticket.facts}
    place, years = read_place(asked.place, parts), _years(asked.years)
    return terms(compose(parts["desk"], level, package), named, place=place, years=years, facts=facts)


def _whole(parts: Parts, asked: argparse.Namespace) -> dict[str, Any]:
    """The whole policy; with years, beside it the calendars of each package written out for them."""
    from mainstay.policy.calendars import compiled
    from mainstay.policy.compile import around, calendars_in, compose
    from mainstay.policy.ticket import read_place

    if not asked.years:
        return parts
    seen = around(read_place(asked.place, parts), _years(asked.years), {})
    calendars = {}
    for code, package in parts["packages"].items():
        defined = calendars_in(compose(parts["desk"], parts["levels"][package["level"]], package))
        calendars[code] = {name: compiled(name, defined, seen) for name in defined}
    return {**parts, "calendars": calendars}


# ---- what is asked for


def _open(name: str) -> Opened:
    """A file as it is used: well formed, and in order as a whole."""
    from mainstay.policy.check import remarks

    source = Source(text_of(name), name)
    parts = parts_of(source, beside(name))
    if not source.mistakes:
        source.take(Refused(one.field, one.message) for one in remarks(parts, _years("")) if one.is_error)
    source.settle()
    return Opened(parts, source)


def _packages(parts: Parts, wanted: str) -> Sequence[str]:
    if not wanted:
        return list(parts["packages"])
    if wanted not in parts["packages"]:
        known = list(parts["packages"])
        raise Refused("package", f"{shown(wanted)} is none of {', '.join(known)}{meant(wanted, known)}")
    return [wanted]


def _years(text: str) -> tuple[int, int]:
    """ "2026-2028"; this year and the two after it where nothing is said."""
    if not text:
        year = datetime.now(UTC).year
        return year, year + 2
    first, _, last = text.partition("-")
    if not (_digits(first) and _digits(last or first) and 1970 <= int(first) <= int(last or first) <= 2100):
        raise Refused("years", f"must be such as 2026-2028, from 1970 to 2100, not {shown(text)}")
    if int(last or first) - int(first) > 30:
        raise Refused("years", "may be thirty at most")
    return int(first), int(last or first)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 4


if __name__ == "__main__":
    raise SystemExit(main())
