"""A statement of requests and included hours as pages and files show it, for us and for the customer alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.allowances.carry import Line, Stretch, minutes_words
from mainstay.allowances.models import Draw
from mainstay.allowances.periods import FOREVER, Period, later
from mainstay.allowances.statement import Quota, Statement

RECENT = 6  # periods that stand open; those before are folded
WHY = {"received": gettext_noop("request"), "reopened": gettext_noop("reopened, counts again")}


def shape(told: Statement, *, inside: bool = True) -> dict[str, Any]:
    """What the template draws; `inside`: with the work that does not count."""
    hours = [_stretch(one, told.day) for one in told.hours]
    return {
        "requests": [_quota(one, told.day) for one in told.requests],
        "hours": hours,
        "recent": hours[:RECENT],
        "earlier": hours[RECENT:],
        "outside": [_line(one) for one in told.outside],
        "not_counted": [
            {"day": one.day, "ticket": one.ticket_id, "words": minutes_words(one.minutes), "text": one.text,
             "who": one.by_name} for one in told.not_counted
        ] if inside else [],
        "hours_left": None if told.hours_left is None else minutes_words(told.hours_left),
        "coming": (told.coming.period.first, minutes_words(told.coming.minutes)) if told.coming else None,
        "expiring": [(day - timedelta(days=1), minutes_words(left)) for day, left in told.expiring],
        "used_up": [_(what) for what in told.used_up],
    }  # fmt: skip


def _quota(one: Quota, day: date) -> dict[str, Any]:
    return {
        "period": _words(one.period), "number": one.number, "drawn": one.drawn, "left": one.left,
        "over": one.over, "now": one.period.holds(day),
        "lines": [(line, _why(line)) for line in one.lines],
    }  # fmt: skip


def _why(line: Draw) -> str:
    if line.count > 0:
        return _(WHY[line.why]) if line.why in WHY else line.why
    return _("given back: %(why)s") % {"why": line.why}


def _stretch(one: Stretch, day: date) -> dict[str, Any]:
    return {
        "period": _words(one.period), "now": one.period.holds(day),
        "granted": minutes_words(one.granted), "carried": minutes_words(one.carried),
        "used": minutes_words(one.used), "left": minutes_words(one.left),
        "expired": minutes_words(one.expired) if one.expired else "",
        "beyond": minutes_words(one.beyond) if one.beyond else "",
        "lines": [_line(line) for line in one.lines],
    }  # fmt: skip


def _line(one: Line) -> dict[str, Any]:
    """One entry of work, and from which periods' hours it was taken."""
    work = one.use.of
    taken = [
        _("%(time)s of %(period)s") % {"time": minutes_words(part), "period": _words(grant.period)}
        for grant, part in one.taken
    ]
    if one.beyond:
        taken.append(_("%(time)s beyond") % {"time": minutes_words(one.beyond)})
    return {
        "day": work.day, "ticket": work.ticket_id, "words": minutes_words(work.minutes), "text": work.text,
        "who": work.by_name, "taken": taken,
    }  # fmt: skip


def _words(period: Period) -> str:
    """ "November 2026" for a calendar month, else its first and last day."""
    if period.first.day == 1 and period.end == later(period.first, 1):
        return date_format(period.first, "YEAR_MONTH_FORMAT")
    first = date_format(period.first, "SHORT_DATE_FORMAT")
    if period.end == FOREVER:
        return _("from %(day)s") % {"day": first}
    last = date_format(period.end - timedelta(days=1), "SHORT_DATE_FORMAT")
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


# ---- as a file


def rows_of(statements: Iterable[Statement]) -> Iterable[tuple[object, ...]]:
    """Every line of every statement, with its head."""
    yield "agreement", "what", "period from", "period to", "day", "ticket", "amount", "unit", "note"
    for told in statements:
        title = told.agreement.title
        for quota in told.requests:
            of = (title, "request", *_days(quota.period))
            yield *of, "", "", quota.number, "requests", "granted"
            for line in quota.lines:
                yield *of, line.day, line.ticket_id, -line.count, "requests", _why(line)
        for stretch in told.hours:
            of = (title, "hours", *_days(stretch.period))
            yield *of, "", "", stretch.granted, "minutes", "granted"
            yield *of, "", "", stretch.carried, "minutes", "carried over"
            for use in stretch.lines:
                work = use.use.of
                yield *of, work.day, work.ticket_id, -work.minutes, "minutes", work.text
            yield *of, "", "", -stretch.expired, "minutes", "expired"
            yield *of, "", "", stretch.left, "minutes", "left"
            yield *of, "", "", stretch.beyond, "minutes", "beyond"


def _days(period: Period) -> tuple[object, object]:
    return period.first, "" if period.end == FOREVER else period.end - timedelta(days=1)
