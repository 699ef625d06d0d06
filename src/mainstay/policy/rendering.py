"""What is to be read of a policy, for a terminal and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from mainstay.policy.read import Parts
from mainstay.policy.show import sections

WIDTH = 100


def as_text(parts: Parts, packages: Sequence[str]) -> str:
    """For a terminal."""
    lines = [parts["name"], "=" * len(parts["name"])]
    for package in packages:
        for section in sections(parts, package):
            lines += ["", section.title, "-" * len(section.title)]
            for sentence in section.sentences:
                lines += textwrap.wrap(sentence, WIDTH, subsequent_indent="  ")
            lines += _columns(section.table)
    return "\n".join(lines)


def _columns(table: Sequence[Sequence[str]]) -> list[str]:
    """A table whose cells are wrapped so that it fits the width."""
    if not table:
        return []
    number = len(table[0])
    widest = [max(len(row[k]) for row in table) for k in range(number)]
    room = max(12, (WIDTH - 2 * (number - 1)) // number)
    spare = sum(max(0, room - width) for width in widest)
    widths = [min(width, room + spare // max(1, sum(w > room for w in widest))) for width in widest]
    lines = []
    for k, row in enumerate(table):
        cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
        for line in range(max(len(cell) for cell in cells)):
            told = [
                (cell[line] if line < len(cell) else "").ljust(width)
                for cell, width in zip(cells, widths, strict=True)
            ]
            lines.append("  ".join(told).rstrip())
        if k == 0:
            lines.append("  ".join("-" * width for width in widths))
    return lines


def as_html(parts: Parts, packages: Sequence[str]) -> str:
    """A page of its own, without style or script, everything escaped."""
    body = [f"<h1>{escape(parts['name'])}</h1>"]
    for package in packages:
        for k, section in enumerate(sections(parts, package)):
            level = 2 if k == 0 else 3
            body.append(f"<h{level}>{escape(section.title)}</h{level}>")
            body += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
            body += _html_table(section.table)
    title = escape(parts["name"])
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return (
        f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>\n'
        + "\n".join(body)
        + "\n</body>\n</html>"
    )


def _html_table(table: Sequence[Sequence[str]]) -> list[str]:
    if not table:
        return []
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table[0])
    rows = [
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(c)}</td>" for c in row[1:])
        + "</tr>"
        for row in table[1:]
    ]
    return [f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>", *rows, "</tbody>\n</table>"]
