"""Rows of a queue as HTML, by functions: a page has fifty, and a template takes ten times as long for each.

The cells are those of `ui/queue_table.html`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mainstay.ui import draw, marks, words
from mainstay.ui.shapes import STEPS, Level, Promise, QueueRow
from mainstay.ui.svg import escaped


def rows(found: Iterable[QueueRow], now: datetime, zone: ZoneInfo, *, selectable: bool = False) -> SafeString:
    """The lines of some tickets: the box, the promise in words and on the scale, severity and level, the request,
    the owner."""
    language = get_language()
    return SafeString("".join([_row(one, now, zone, selectable, language) for one in found]))


def _row(one: QueueRow, now: datetime, zone: ZoneInfo, selectable: bool, language: str | None) -> str:
    promise = one.promise
    kind, owner = _marks(language, one.severity, one.level, one.owner, one.step, one.turn, one.yours)
    if one.away and selectable:
        owner = f'<td role="cell" class="c-o">{marks.who(one.owner)}{_wake(one)}</td>'
    return (
        f'<tr role="row" class="{"q cur" if one.current else "q"}" data-k="{promise.k if promise else "none"}"'
        f' data-id="{escaped(one.number)}"><td role="cell" class="c-x">{_box(one) if selectable else ""}</td>'
        f'<td role="cell" class="c-d">{promise_words(promise, now, zone)}</td>'
        f'<td role="cell" class="c-s">{draw.promise_scale(promise, now)}</td>'
        f"{kind}{_request(one, now, zone)}{owner}</tr>\n"
    )


@lru_cache(maxsize=4096)
def _marks(
    _language: str | None,
    severity: int | None,
    level: Level | None,
    owner: str,
    step: int,
    turn: str,
    yours: bool,
) -> tuple[str, str]:
    """The two cells that are alike for many tickets: severity and level, owner and step."""
    said = escaped(turn or _(STEPS[step - 1]))
    told = f'<span class="yt">{said}</span>' if yours else f"<span>{said}</span>"
    return (
        f'<td role="cell" class="c-v">{marks.sev(severity)}{marks.level(level)}</td>',
        f'<td role="cell" class="c-o">{marks.who(owner)}<span class="st">{marks.steps(step)}{told}</span></td>',
    )


def promise_words(promise: Promise | None, now: datetime, zone: ZoneInfo) -> SafeString:
    """A promise in a queue's first column: glyph, lead words, then its name and due time."""
    if promise is None:
        return SafeString(f'<span class="d1"><b class="dim">{escaped(_("no promise"))}</b></span>')
    parted = words.parted(promise, now, zone)
    if parted is None:
        said, beside = lead(promise, now, zone), (promise.name.lower(), words.aside(promise, now, zone))
    else:
        said, beside = draw.ticking(promise, parted[0], ""), (parted[1], promise.name.lower())
    name = escaped(", ".join(filter(None, beside)))
    first = f'<span class="d1">{marks.glyph(promise.k)}{said}</span>'
    return SafeString(f'{first}<span class="d2" title="{name}">{name}</span>')


def lead(promise: Promise, now: datetime, zone: ZoneInfo) -> SafeString:
    """The first words of a promise, kept ticking between two loads where they are a countdown."""
    near = promise.due is not None and words.is_near(promise.due, now, zone)
    return draw.ticking(promise, words.lead(promise, now, zone), "in" if near else "at")


def _wake(one: QueueRow) -> str:
    """The button that ends a snooze; its form is the page's, `wake`."""
    said, which = escaped(_("bring back")), escaped(one.number)
    return (
        f'<button class="link" form="wake" name="ticket" value="{escaped(one.value or one.number)}">{said}'
        f'<span class="vh"> {which}</span></button>'
    )


def _box(one: QueueRow) -> str:
    number, checked = escaped(one.value or one.number), " checked" if one.selected else ""
    label = escaped(f"{_('Select')} {one.number}")
    return f'<input type="checkbox" class="cb" name="ticket" value="{number}" aria-label="{label}"{checked}>'


def _request(one: QueueRow, now: datetime, zone: ZoneInfo) -> str:
    subject = escaped(one.subject)
    return (
        f'<td role="cell" class="c-t"><a href="{escaped(one.url)}" title="{subject}">'
        f'<span class="id">{escaped(one.number)}</span> {subject}</a>{_why(one, now, zone)}</td>'
    )


def _why(one: QueueRow, now: datetime, zone: ZoneInfo) -> str:
    """Who asks, and the sentence that says why the ticket stands here; opened, it shows the formula."""
    said = f"<b>{escaped(one.customer)}</b> {_sentence(one, now, zone)}"
    if not one.position_url:
        return f'<span class="w">{said}</span>'
    url = escaped(one.position_url)
    return (
        f'<details class="w" name="position" data-load="{url}"><summary data-row-key="o">{said}</summary>'
        f'<div class="sheet"><a href="{url}">{escaped(_("How its place is reckoned"))}</a></div></details>'
    )


def _sentence(one: QueueRow, now: datetime, zone: ZoneInfo) -> str:
    """In parts that give way in a narrow row: first what the row's marks say too, then the reason, never the time.
    What the reader put it off for
    stands whole once the row is opened, and on a phone at once."""
    if one.away:
        return f'<span class="all" title="{escaped(one.away)}">{escaped(one.away)}</span>'
    grave = f'<span class="grave">{escaped(one.grave)},</span> ' if one.grave else ""
    return f"{grave}{_reason(one, now, zone)}"


def _reason(one: QueueRow, now: datetime, zone: ZoneInfo) -> str:
    """What decides, then when; a time that comes after a whole reason has a comma before it."""
    time = _time(one, now, zone)
    comma = "," if time and not one.says_due else ""
    return f"<span>{escaped(one.stands)}{comma}</span>{time}"


def _time(one: QueueRow, now: datetime, zone: ZoneInfo) -> str:
    if one.says_due and one.promise is not None and one.promise.due is not None:
        said = lead(one.promise, now, zone)
        ends = str(said) if now > one.promise.due else escaped(_("due %(time)s")) % {"time": said}
    elif one.front_at is not None:
        ends = escaped(_("to the front %(time)s") % {"time": words.when(one.front_at, now, zone)})
    else:
        return ""
    return f' <span class="ends">{ends}</span>'
