"""A letter as parts, and the two ways it is written: as text and as HTML, from the same parts.

Whatever people wrote is only ever a value in the templates, never a template (ATTACKS 40), and HTML escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string

from mainstay.notices import words


@dataclass(frozen=True)
class Button:
    """A link to a page with one button. The `yours` one is what we hope for."""

    label: str
    url: str
    yours: bool = False


@dataclass
class Letter:
    """What is said, in the order in which it is read. Every part but the headline may be empty."""

    headline: str
    subject: str = ""
    promise: list[str] = field(default_factory=list)  # what is owed and when: stands beside the mark of time
    said_by: str = ""
    said: str = ""  # somebody's own words
    body: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    after: list[str] = field(default_factory=list)  # what happens next
    foot: list[str] = field(default_factory=list)
    number: int = 0
    pressing: bool = False


def as_text(letter: Letter) -> str:
    """The letter as plain text."""
    return _tidy(render_to_string("notices/letter.txt", _context(letter)))


def as_html(letter: Letter) -> str:
    """The letter as one HTML page without anything from elsewhere."""
    return render_to_string("notices/letter.html", _context(letter))


def _context(letter: Letter) -> dict[str, object]:
    return {
        "letter": letter,
        "subject": words.one_line(letter.subject),
        "vendor": settings.VENDOR_NAME,
    }


def _tidy(text: str) -> str:
    """Never more than one empty line, none at the ends; the mark of a signature keeps its space (RFC 3676)."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append("-- " if line == "--" else line)
    return "\n".join(lines) + "\n"
