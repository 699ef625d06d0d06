"""Words of time for mails, which are read days later and elsewhere: always the whole date and the zone."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import get_language

from mainstay.contracts import terms
from mainstay.notices import edited, wording
from mainstay.sla.hours import Calendar
from mainstay.sla.targets import Target


def language(wanted: str) -> str:
    """The language a letter is written in for somebody who wants `wanted`: theirs, else English."""
    spoken = wanted.partition("-")[0]
    return spoken if spoken in wording.LANGUAGES else "en"


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; UTC for a name nobody knows."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def zone_words(zone: ZoneInfo) -> str:
    """A zone as people say it: "Sydney time", "UTC"."""
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return place if place in {"UTC", "GMT"} else edited.say("zone", place=place)


def moment(at: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """An instant in full: "Tuesday 24 November, 15:24 (Sydney time)"; with its year when that is not now's."""
    local = at.astimezone(zone)
    this_year = now is None or now.astimezone(zone).year == local.year
    day = _day(local.date(), edited.say("day" if this_year else "day_year"), get_language() or "en")
    return edited.say("moment", day=day, time=f"{local:%H:%M}", zone=zone_words(zone))


@lru_cache(maxsize=512)
def _day(day: date, form: str, language: str) -> str:
    """A day in the language that is being written in, which `language` names: most mails of a day name few."""
    return formats.date_format(day, form)


def clock_words(clock: str) -> str:
    """A clock as a customer says it: "first answer"."""
    return edited.say(clock) if wording.known(clock) else clock.replace("_", " ")


def target_words(target: Target, calendar: Calendar) -> str:
    """How long a promise is, so that nobody takes a day of 24 hours for a business day."""
    number, unit = terms.measured(target, calendar)
    if not wording.known(unit):
        return terms.in_words(target, calendar)
    one, _, more = edited.say(unit).partition("|")
    return (one if number == 1 else more).replace("{n}", str(number))


def one_line(text: object, most: int = 300) -> str:
    """Text for a header or a heading: one line, without anything that ends a line or turns it around (ATTACKS 39)."""
    visible = str(text)[: most * 4]
    if not visible.isprintable():  # most is
        visible = "".join(" " if _breaks(c) else c for c in visible)
    line = " ".join(visible.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _breaks(char: str) -> bool:
    kind = unicodedata.category(char)
    return (
        kind in {"Cc", "Zl", "Zp", "Cs"}
        or char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def listed(names: list[str]) -> str:
    """ "Ann", "Ann and Ben", "Ann, Ben and Cara"."""
    if len(names) < 2:
        return "".join(names)
    return edited.say("and", some=", ".join(names[:-1]), last=names[-1])
