"""A conversation as it stands on the page: written in one piece, because a page holds hundreds of lines.

Every word that somebody said is escaped here; markup is ours alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from django.template.defaultfilters import filesizeformat
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from mainstay.desk.conversation import Line
from mainstay.ui import marks, words
from mainstay.ui.shapes import File


def all_of(lines: Iterable[Line], now: datetime, zone: ZoneInfo) -> SafeString:
    """The items of the list, in order."""
    return mark_safe("\n".join(_one(line, now, zone) for line in lines))  # noqa: S308 - escaped piece by piece


def _one(line: Line, now: datetime, zone: ZoneInfo) -> str:
    return _event(line, zone) if line.kind == "event" else _message(line, now, zone)


def _event(line: Line, zone: ZoneInfo) -> str:
    why = f": <q>{escape(line.why)}</q>" if line.why else ""
    hot, yours = " hot" if line.hot else "", ' class="yt"' if line.yours else ""
    return (
        f'<li class="ev{hot}" id="{escape(line.id)}">'
        f'<time class="num dim" datetime="{line.at.isoformat()}">{words.clock(line.at, zone, precise=True)}</time>'
        f"<span{yours}>{escape(line.text)}{why}</span></li>"
    )


def _message(line: Line, now: datetime, zone: ZoneInfo) -> str:
    said = words.when(line.at, now, zone, precise=True)
    return (
        f'<li class="msg {line.kind}" id="{escape(line.id)}"><header><b>{escape(line.who)}</b> '
        f'<span class="dim">{escape(line.role)}</span>'
        f'<time class="push dim num" datetime="{line.at.isoformat()}">{escape(said)}</time></header>'
        f'<p class="to">{escape(line.to)}{_origin(line)}</p>{_doubts(line)}'
        f'<div class="body">{linebreaks(line.text, autoescape=True)}</div>{_more(line)}{_files(line.files)}</li>'
    )


def _origin(line: Line) -> str:
    """The ticket on which it was said, where that is another one."""
    said = escape(_("said on"))
    return f', {said} <a href="{escape(line.url)}">{escape(line.why)}</a>' if line.url else ""


def _doubts(line: Line) -> str:
    sign, notes = marks.glyph("warn"), escape("; ".join(line.notes))
    doubt = f'<p class="doubt">{sign} {escape(line.doubt)}</p>' if line.doubt else ""
    return doubt + (f'<p class="dim small">{notes}</p>' if line.notes else "")


def _more(line: Line) -> str:
    """All of a mail, and the way to how it was sent."""
    whole = escape(_("All of it, with quotes and signature"))
    more = (
        f'<details><summary>{whole}</summary><div class="as-sent">{escape(line.more)}</div></details>'
        if line.more
        else ""
    )
    sent = escape(_("As it was sent"))
    return more + (
        f'<p class="small"><a href="{escape(line.as_sent)}">{sent}</a></p>' if line.as_sent else ""
    )


def _files(files: Iterable[File]) -> str:
    links = "".join(map(_file, files))
    return f'<p class="row files">{links}</p>' if links else ""


def _file(one: File) -> str:
    """A link, or only the name of what is not handed out."""
    note = f", {escape(one.note)}" if one.note else ""
    said = f'<b>{escape(one.name)}</b> <span class="dim">{filesizeformat(one.size)}{note}</span>'
    if not one.url:
        return f'<span class="file">{said}</span>'
    return f'<a class="file" href="{escape(one.url)}">{said}</a>'
