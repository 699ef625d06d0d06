"""Measures, periods and credits as people say them, in the reader's language."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from mainstay.contracts import kpi_words
from mainstay.reports import working
from mainstay.reports.kpis import credits, judge
from mainstay.reports.kpis.periods import Period
from mainstay.reports.kpis.rows import STRENGTHS, Definition
from mainstay.reports.models import Credit

EACH = {
    "month": gettext_noop("each month"),
    "quarter": gettext_noop("each quarter"),
    "year": gettext_noop("each year"),
}


def state(code: str) -> str:
    """ "reached", "not reached"."""
    return working.said(judge.STATES[code])


def name(one: Definition) -> str:
    """ "First responses in time, severity 1 and 2"."""
    when = {what: list(values) for what, values in one.when}
    row = {"kpi": one.kpi, "clock": one.clock, "severity": list(one.severities), "when": when}
    return kpi_words.name(row)


def limit(one: Definition) -> str:
    """The figure that is owed: "95 %"."""
    return working.said(f"{judge.plain(one.owed)}{judge.SIGNS[one.unit]}")


def owed(one: Definition) -> str:
    """ "at least 95 %, guarantee, each month"."""
    side = "at least" if one.more_is_better else "at most"
    figure = f"{side} {judge.plain(one.owed)}{judge.SIGNS[one.unit]}, {STRENGTHS[one.strength]}"
    return f"{working.said(figure)}, {_(EACH[one.per])}"


def period(one: Period, first: date | None = None, end: date | None = None) -> str:
    """ "March 2026", "Q1 2026 (1 Jan to 31 Mar 2026)"; the days where it is only a part of it."""
    days = {"first": _day(one.first, "MONTH_DAY_FORMAT"), "last": _day(one.last, "SHORT_DATE_FORMAT")}
    if one.per == "month" and one.first.day == 1:
        said = _day(one.first, "YEAR_MONTH_FORMAT")
    elif one.per == "year":
        from_ = _("year from %(day)s") % {"day": _day(one.first, "SHORT_DATE_FORMAT")}
        said = one.key if one.first.month == 1 else from_
    elif one.per == "quarter":
        span = _("%(first)s to %(last)s") % days
        said = f"{one.key[5:]} {one.key[:4]} ({span})"
    else:
        said = _("%(first)s to %(last)s") % days
    if first and end and (first, end) != (one.first, one.end):
        part = {"part": (end - first).days, "days": one.days}
        said += ", " + ngettext("%(part)s of %(days)s day", "%(part)s of %(days)s days", one.days) % part
    return said


def _day(day: date, form: str) -> str:
    return date_format(day, form)


def brief(one: Period) -> str:
    """For an axis: "Mar", "Q1", "2026"."""
    return {"month": _day(one.first, "M"), "quarter": one.key[5:], "year": one.key}[one.per]


def worth(one: Credit) -> str:
    """ "2300.00 AUD", or the share where no fee is known."""
    if one.amount is not None:
        return working.said(f"{credits.money(Fraction(one.amount), one.currency)} {one.currency}".strip())
    days = f", {working.said(f'{judge.plain(one.days)} days of service')}" if one.days else ""
    return working.said(f"{judge.plain(one.percent)} % of the fee") + days
