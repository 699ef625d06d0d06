"""Tags of the shared look: `{% load ui %}`. They take plain shapes (`mainstay.ui.shapes`) and draw them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mainstay.contracts import wording
from mainstay.ui import draw, fields, ledger_rows, marks, opening, rail, why, words
from mainstay.ui import queue_rows as drawn_rows
from mainstay.ui.shapes import Opening, Promise, QueueRow, Step, WhyChart

register = template.Library()
UTC = ZoneInfo("UTC")

register.simple_tag(draw.promise_scale, name="promise_scale")
register.simple_tag(draw.gauge, name="gauge")
register.simple_tag(marks.glyph, name="glyph")
register.simple_tag(marks.sev, name="sev")
register.simple_tag(marks.level, name="level")
register.simple_tag(marks.steps, name="steps")
register.simple_tag(marks.who, name="who")
register.simple_tag(marks.completeness, name="completeness")
register.simple_tag(rail.lines, name="nav_lines")
register.filter("span", words.span)
register.filter("counted", words.counted_long)
register.filter("hms", words.hms)
register.filter("left", words.left)
register.filter("field_name", fields.field_words)


def zone_of(zone: ZoneInfo | str | None) -> ZoneInfo:
    """A zone from a template: a ZoneInfo, an IANA name, or nothing for UTC."""
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone) if zone else UTC


@register.simple_tag
def fixed(template: str) -> SafeString:
    """A part of a page that is the same for everybody who reads one language: rendered once, without a context."""
    return _fixed(template, get_language())


@lru_cache(maxsize=200)
def _fixed(template: str, _language: str | None) -> SafeString:
    return SafeString(render_to_string(template))


@register.simple_tag
def scale_axis(now: datetime, zone: ZoneInfo | str | None = None) -> SafeString:
    """The queue's ruler, with the needle's time."""
    return draw.scale_axis(now, zone_of(zone))


@register.simple_tag
def clock(at: datetime | None, zone: ZoneInfo | str | None = None, form: str = "") -> str:
    """The wall clock's reading in a zone; `form` "precise" has seconds; nothing for no instant."""
    return words.clock(at, zone_of(zone), precise=form == "precise") if at else ""


@register.simple_tag
def day(at: datetime | None, zone: ZoneInfo | str | None = None) -> str:
    """A day with its name: "Tue 24 Nov"."""
    return words.day(at, zone_of(zone)) if at else ""


@register.simple_tag
def when(at: datetime | None, now: datetime, zone: ZoneInfo | str | None = None, form: str = "") -> str:
    """An instant as said from now: "14:06", "tomorrow 09:06"; `form` "precise" has seconds."""
    return words.when(at, now, zone_of(zone), precise=form == "precise") if at else ""


@register.simple_tag
def due_in(at: datetime | None, now: datetime, zone: ZoneInfo | str | None = None) -> str:
    """How a due instant stands: "in 52 min", "over by 22 min", "tomorrow 09:06"."""
    return words.due_in(at, now, zone_of(zone)) if at else ""


@register.simple_tag
def countdown(promise: Promise, now: datetime, zone: ZoneInfo | str | None = None) -> SafeString:
    """The lead words of a promise, kept ticking between two loads where they are a countdown."""
    return drawn_rows.lead(promise, now, zone_of(zone))


@register.simple_tag
def promise_words(promise: Promise | None, now: datetime, zone: ZoneInfo | str | None = None) -> SafeString:
    """A promise in a queue's first column: glyph, lead words, then its name and due time."""
    return drawn_rows.promise_words(promise, now, zone_of(zone))


@register.simple_tag
def queue_rows(
    rows: Sequence[QueueRow],
    now: datetime,
    zone: ZoneInfo | str | None = None,
    selectable: bool | str = False,
) -> SafeString:
    """Tickets of a queue; `selectable` gives each a box."""
    return drawn_rows.rows(rows, now, zone_of(zone), selectable=bool(selectable))


@register.inclusion_tag("ui/lanes.html")
def lanes(
    promises: Sequence[Promise],
    now: datetime,
    zone: ZoneInfo | str | None = None,
    title: str = "",
    why_url: str = "",
) -> dict[str, object]:
    """All promises of one ticket on one linear ruler, with words at the right."""
    place = zone_of(zone)
    drawn = draw.lanes(promises, now, place) if promises else None
    return {"drawn": drawn, "title": title, "why_url": why_url, "zone": place}


@register.inclusion_tag("ui/five_steps.html")
def five_steps(steps: Sequence[Step], now: datetime, zone: ZoneInfo | str | None = None) -> dict[str, object]:
    """The five steps of a ticket with times and people."""
    current = next((step.name for step in steps if step.state == "now"), "")
    return {"steps": steps, "now": now, "zone": zone_of(zone), "current": current}


@register.inclusion_tag("ui/why_chart.html")
def why_chart(chart: WhyChart) -> dict[str, object]:
    """The strip chart of time left, on screens that are wide enough for it."""
    return {"chart": chart, "svg": why.draw(chart)}


@register.inclusion_tag("ui/why_ledger.html")
def why_ledger(chart: WhyChart) -> dict[str, object]:
    """The same as a table: a row for each day, each piece lettered to rule, calendar row, clause and event."""
    return {"chart": chart, "sections": ledger_rows.sections(chart), "axis": ledger_rows.strip_axis()}


@register.inclusion_tag("ui/hours.html")
def hours(
    openings: Sequence[Opening], now: datetime, zone: ZoneInfo | str | None = None
) -> dict[str, object]:
    """Today's hours as strips with the needle at now."""
    return opening.hours(openings, now, zone_of(zone))


@register.simple_tag
def tag(text: str, look: str = "") -> SafeString:
    """A small label; `look` is "yours", "hot" or nothing."""
    return format_html('<span class="tag {}">{}</span>', look, text)


@register.simple_tag
def src(text: str) -> SafeString:
    """Where a value was found."""
    return format_html('<span class="src">{}</span>', text) if text else SafeString("")


@register.filter
def known(word: str) -> str:
    """Words that we ship, in the reader's language; any others as they were written."""
    return wording.known(str(word))


@register.inclusion_tag("ui/field.html")
def field(bound: object, hint: str = "") -> dict[str, object]:
    """A form's bound field with label, help and error tied together."""
    return {"field": bound, "hint": hint}
