"""Measures, periods and credits as people say them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from mainstay.policy import conditions
from mainstay.reports.kpis import credits, judge
from mainstay.reports.kpis.periods import Period
from mainstay.reports.kpis.rows import STRENGTHS, Definition
from mainstay.reports.models import Credit

CLOCKS = {
    "first_response": "first responses",
    "next_response": "next responses",
    "progress_update": "progress reports",
    "workaround": "workarounds",
    "resolution": "resolutions",
    "triage": "triages",
    "dispatch": "dispatches",
    "root_cause": "root-cause reports",
}
KPIS = {
    "uptime": "Uptime",
    "response_p95": "Response of the service, 95th percentile",
    "satisfaction": "Satisfaction",
    "backlog_age": "Age of the backlog",
}
STATES = judge.STATES


def name(one: Definition) -> str:
    """ "First responses in time, severity 1 and 2"."""
    clock = CLOCKS.get(one.clock, one.clock)
    if one.kpi == "missed":
        said = f"Missed {clock}"
    elif one.kpi in KPIS:
        said = KPIS[one.kpi]
    else:
        said = f"{clock.capitalize()} in time"
    if one.severities:
        said += f", severity {' and '.join(str(rank) for rank in one.severities)}"
    if one.when:
        said += f", {conditions.words({what: list(values) for what, values in one.when})}"
    return said


def owed(one: Definition) -> str:
    """ "at least 95 %, guarantee, a month"."""
    side = "at least" if one.more_is_better else "at most"
    return f"{side} {judge.plain(one.owed)}{judge.SIGNS[one.unit]}, {STRENGTHS[one.strength]}, each {one.per}"


def period(one: Period, first: date | None = None, end: date | None = None) -> str:
    """ "March 2026", "Q1 2026 (Jan to Mar)"; the days where it is only a part of it."""
    if one.per == "month" and one.first.day == 1:
        said = f"{one.first:%B %Y}"
    elif one.per == "year":
        said = one.key if one.first.month == 1 else f"year from {one.first:%-d %b %Y}"
    elif one.per == "quarter":
        said = f"{one.key[5:]} {one.key[:4]} ({one.first:%-d %b} to {one.last:%-d %b %Y})"
    else:
        said = f"{one.first:%-d %b} to {one.last:%-d %b %Y}"
    if first and end and (first, end) != (one.first, one.end):
        said += f", {(end - first).days} of {one.days} days"
    return said


def brief(one: Period) -> str:
    """For an axis: "Mar", "Q1", "2026"."""
    return {"month": f"{one.first:%b}", "quarter": one.key[5:], "year": one.key}[one.per]


def worth(one: Credit) -> str:
    """ "2300.00 AUD", or the share where no fee is known."""
    if one.amount is not None:
        return f"{credits.money(Fraction(one.amount), one.currency)} {one.currency}".strip()
    days = f", {judge.plain(one.days)} days of service" if one.days else ""
    return f"{judge.plain(one.percent)} % of the fee{days}"
