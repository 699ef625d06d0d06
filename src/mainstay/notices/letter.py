"""A letter as parts, and the two ways it is written: as text and as HTML, from the same parts.

Whatever people wrote is only ever a value in the templates, never a template (ATTACKS 40), and HTML escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from string import Template

from django.conf import settings
from django.utils.html import escape, linebreaks, urlize
from django.utils.translation import get_language

from mainstay.notices import edited, wording, words
from mainstay.notices.wording import Block, Wording


@dataclass(frozen=True)
class Button:
    """A link to a page with one button. The `yours` one is what we hope for."""

    label: str
    url: str
    yours: bool = False


@dataclass(frozen=True)
class Offer:
    """An article that may answer: its title as a link, and what it says in one line."""

    title: str
    url: str
    summary: str = ""


@dataclass
class Letter:
    """What is said, in the order in which it is read. Every part but the headline may be empty.

    `layout` is the order that somebody's words give to paragraphs and blocks; it takes the place of body and after.
    """

    headline: str
    subject: str = ""
    promise: list[str] = field(default_factory=list)  # what is owed and when: stands beside the mark of time
    said_by: str = ""
    said: str = ""  # somebody's own words
    body: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)  # what may answer it already
    buttons: list[Button] = field(default_factory=list)
    after: list[str] = field(default_factory=list)  # what happens next
    foot: list[str] = field(default_factory=list)
    number: int = 0
    pressing: bool = False
    layout: Sequence[str | Block] = ()

    @cached_property
    def text(self) -> str:
        """The whole of it as text. Ask when nothing is added any more."""
        return as_text(self)

    @cached_property
    def html(self) -> str:
        """The same as HTML."""
        return as_html(self)


def written(said: Wording, value: Callable[[str], str]) -> Letter:
    """A letter in these words, with `value` for each place; what names something that is not there is left out."""
    headline = "".join(
        value(one) if place % 2 else one for place, one in enumerate(said.headline)
    )  # a letter has its headline whatever is missing
    parts = (one if isinstance(one, Block) else wording.filled(one, value) for one in said.parts)
    foot = (wording.filled(one, value) for one in said.foot)
    return Letter(headline, layout=[one for one in parts if one], foot=[one for one in foot if one])


def _parts(letter: Letter) -> Sequence[str | Block]:
    return letter.layout or [*letter.body, Block.WORDS, Block.FACTS, Block.BUTTONS, *letter.after]


# ---- as text


def as_text(letter: Letter) -> str:
    """The letter as plain text."""
    lines = [letter.headline, *letter.promise, ""]
    for part in _parts(letter):
        lines += _TEXT[part](letter) if isinstance(part, Block) else ["", part]
    return _tidy("\n".join([*lines, "", "--", _sender(letter), *letter.foot]))


def _words_text(letter: Letter) -> list[str]:
    if not letter.said:
        return []
    return ["", *([letter.said_by, ""] if letter.said_by else []), letter.said]


def _facts_text(letter: Letter) -> list[str]:
    return ["", *(f"{name}: {value}" for name, value in letter.facts)]


def _buttons_text(letter: Letter) -> list[str]:
    """What may answer it stands before the buttons, wherever somebody's words put them."""
    offers = ["", edited.say("may_answer")] if letter.offers else []
    for offer in letter.offers:
        offers += ["", f"* {words.one_line(offer.title)}", f"  {offer.url}"]
    return offers + [line for button in letter.buttons for line in ("", f"{button.label}:", button.url)]


_TEXT: dict[Block, Callable[[Letter], list[str]]] = {
    Block.WORDS: _words_text, Block.FACTS: _facts_text, Block.BUTTONS: _buttons_text,
}  # fmt: skip


def _tidy(text: str) -> str:
    """Never more than one empty line, none at the ends; the mark of a signature keeps its space (RFC 3676)."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append("-- " if line == "--" else line)
    return "\n".join(lines) + "\n"


def _sender(letter: Letter) -> str:
    return f"{settings.VENDOR_NAME} · {letter.number}" if letter.number else settings.VENDOR_NAME


# ---- as HTML: a frame that is read once, and a part for each thing that is said


def as_html(letter: Letter) -> str:
    """The letter as one HTML page without anything from elsewhere."""
    within = (_HTML[part](letter) if isinstance(part, Block) else _paragraph(part) for part in _parts(letter))
    parts = (_head(letter), *within, _foot(letter))
    return _frame().substitute(
        language=get_language() or "en", subject=escape(words.one_line(letter.subject)), parts="".join(parts)
    )


@lru_cache(maxsize=1)
def _frame() -> Template:
    return Template((Path(__file__).parent / "templates/notices/letter.html").read_text())


def _head(letter: Letter) -> str:
    mark, colour = ("mark", "#d63a05") if letter.pressing else ("still", "#0c1620")
    promise = "".join(f'<p style="margin:6px 0 0">{escape(line)}</p>\n' for line in letter.promise)
    return (
        f'<p class="quiet" style="margin:0 0 20px;font-size:13px;color:#586674">{escape(_sender(letter))}</p>\n'
        f'<div class="{mark}" style="border-left:4px solid {colour};padding:1px 0 1px 16px;margin:0 0 24px">\n'
        f'<h1 style="margin:0;font-size:19px;line-height:1.35;font-weight:600">{escape(letter.headline)}</h1>\n'
        f"{promise}</div>\n"
    )


def _words(letter: Letter) -> str:
    if not letter.said:
        return ""
    by = (
        f'<p class="quiet" style="margin:0 0 6px;font-size:13px;color:#586674">{escape(letter.said_by)}</p>\n'
    )
    return (
        f"{by if letter.said_by else ''}"
        '<div class="said" style="border-left:1px solid #788694;padding:1px 0 1px 16px;margin:0 0 24px;'
        f'">{linebreaks(_linked(letter.said))}</div>\n'
    )


def _facts(letter: Letter) -> str:
    if not letter.facts:
        return ""
    rows = "".join(
        '<tr><td class="quiet" valign="top" style="padding:3px 16px 3px 0;color:#586674;min-width:88px;'
        'overflow-wrap:normal;word-break:normal">'
        f'{escape(name)}</td><td valign="top" style="padding:3px 0">{escape(value)}</td>'
        "</tr>\n"
        for name, value in letter.facts
    )
    table = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
    return f'{table} style="margin:0 0 20px;font-size:15px">\n{rows}</table>\n'


def _offers(letter: Letter) -> str:
    if not letter.offers:
        return ""
    rows = "".join(
        f'<p style="margin:0 0 10px"><a href="{escape(one.url)}" style="color:#0b5cad;font-weight:600">'
        f"{escape(one.title)}</a>{f'<br>{escape(one.summary)}' if one.summary else ''}</p>\n"
        for one in letter.offers
    )
    heading = escape(edited.say("may_answer"))
    return (
        f'<p class="quiet" style="margin:0 0 6px;font-size:13px;color:#586674">{heading}</p>\n'
        f'<div style="margin:0 0 20px">{rows}</div>\n'
    )


def _buttons(letter: Letter) -> str:
    if not letter.buttons:
        return _offers(letter)
    buttons = " &nbsp; ".join(_button(one) for one in letter.buttons)
    return f'{_offers(letter)}<p style="margin:24px 0;line-height:3.2">{buttons}</p>\n'


def _button(button: Button) -> str:
    kind, colours = (
        ("yours", "background:#0b5cad;color:#ffffff") if button.yours else ("other", "color:#0b5cad")
    )
    return (
        f'<a class="{kind}" href="{escape(button.url)}" style="display:inline-block;line-height:1.4;'
        "padding:11px 20px;border-radius:3px;border:1px solid #0b5cad;text-decoration:none;font-weight:600;"
        f'{colours}">{escape(button.label)}</a>'
    )


_HTML: dict[Block, Callable[[Letter], str]] = {
    Block.WORDS: _words, Block.FACTS: _facts, Block.BUTTONS: _buttons,
}  # fmt: skip


def _foot(letter: Letter) -> str:
    lines = "".join(f'<p style="margin:0 0 8px">{_linked_often(line)}</p>\n' for line in letter.foot)
    return (
        '<div class="line quiet" style="margin:28px 0 0;padding:14px 0 0;border-top:1px solid #b4bfca;'
        f'font-size:13px;color:#586674">\n{lines}</div>'
    )


def _paragraph(line: str) -> str:
    said = _linked(line).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "<br>")
    return f'<p style="margin:0 0 16px">{said}</p>\n'


_LINK = re.compile(r"https?:|www\.|@|\.(?:com|edu|gov|int|mil|net|org)\b", re.IGNORECASE)


def _linked(text: str) -> str:
    """Escaped, with its addresses as links; most text holds none, and looking word by word takes time."""
    return urlize(text, nofollow=True, autoescape=True) if _LINK.search(text) else escape(text)


_linked_often = lru_cache(maxsize=256)(_linked)  # the foot says to many people the same
