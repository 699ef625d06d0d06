"""KPIs and what they credit for whoever signs or reads them, in the language they are spoken to in (P5, P6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from mainstay.contracts.wording import condition, known, number
from mainstay.policy import conditions
from mainstay.policy.rows import FIGURES

IN_TIME = {
    "first_response": gettext_noop("First responses in time"),
    "next_response": gettext_noop("Next responses in time"),
    "progress_update": gettext_noop("Progress reports in time"),
    "workaround": gettext_noop("Workarounds in time"),
    "resolution": gettext_noop("Resolutions in time"),
    "triage": gettext_noop("Triages in time"),
    "dispatch": gettext_noop("Dispatches in time"),
    "root_cause": gettext_noop("Root-cause reports in time"),
}
MISSED = {
    "first_response": gettext_noop("Missed first responses"),
    "next_response": gettext_noop("Missed next responses"),
    "progress_update": gettext_noop("Missed progress reports"),
    "workaround": gettext_noop("Missed workarounds"),
    "resolution": gettext_noop("Missed resolutions"),
    "triage": gettext_noop("Missed triages"),
    "dispatch": gettext_noop("Missed dispatches"),
    "root_cause": gettext_noop("Missed root-cause reports"),
}
KPIS = {
    "uptime": gettext_noop("Uptime"),
    "response_p95": gettext_noop("Response of the service, 95th percentile"),
    "satisfaction": gettext_noop("Satisfaction"),
    "backlog_age": gettext_noop("Age of the backlog"),
}


def name(row: Mapping[str, Any]) -> str:
    """ "First responses in time, severity 1 and 2"."""
    clock = str(row.get("clock") or "first_response")
    said = _(KPIS.get(row["kpi"]) or (MISSED if row["kpi"] == "missed" else IN_TIME).get(clock, clock))
    given = row.get("severity") or []
    ranks = [str(one) for one in (given if isinstance(given, list) else [given]) if one != "*"]
    if ranks:
        named = _("%(first)s and %(last)s") % {"first": ", ".join(ranks[:-1]), "last": ranks[-1]}
        said += _(", severity %(ranks)s") % {"ranks": named if ranks[1:] else ranks[0]}
    if row.get("when"):
        said += f", {condition(conditions.words(row['when']))}"
    return said


def kpi(row: Mapping[str, Any]) -> str:
    """ "99.9% guarantee per month; credits below 99: 10%, cap 50%"."""
    said = _("%(figure)s %(strength)s per %(period)s") % {
        "figure": _figure(row), "strength": known(row["strength"]), "period": known(row["per"])
    }  # fmt: skip
    if row.get("year_starts"):
        said += ", " + _("years begin on %(day)s") % {"day": _day(row["year_starts"])}
    if row.get("least"):
        n = int(row["least"])
        said += ", " + ngettext("from %(n)s ticket on", "from %(n)s tickets on", n) % {"n": n}
    if "notice_hours" in row:
        n = int(row["notice_hours"])
        told = ngettext(
            "without maintenance announced %(n)s hour before",
            "without maintenance announced %(n)s hours before",
            n,
        )
        said += ", " + told % {"n": n}
    parts = list(_credits(row.get("credits") or {}))
    return _("%(kpi)s; credits %(bands)s") % {"kpi": said, "bands": ", ".join(parts)} if parts else said


def _credits(credit: Mapping[str, Any]) -> Iterator[str]:
    yield from (_band(one) for one in credit.get("bands", []))
    if "cap_percent" in credit:
        yield _("cap %(percent)s%%") % {"percent": number(credit["cap_percent"])}
    if "minimum" in credit:
        yield _("none below %(amount)s") % {"amount": number(credit["minimum"])}
    if "claim_within" in credit:
        yield _("claim within %(span)s") % {"span": _span(credit["claim_within"])}


def _day(month_day: str) -> str:
    """ "1 April", of a fiscal year."""
    return date_format(date.fromisoformat(f"2024-{month_day}"), "MONTH_DAY_FORMAT")


def _figure(row: Mapping[str, Any]) -> str:
    unit = FIGURES[row["kpi"]]
    figure = row[unit]
    if unit == "percent":
        return _("%(number)s%%") % {"number": number(figure)}
    if unit == "days":
        return ngettext("%(number)s day", "%(number)s days", figure) % {"number": figure}
    if unit == "count":
        return ngettext("%(number)s ticket", "%(number)s tickets", figure) % {"number": figure}
    return f"{figure} ms"


def _band(band: Mapping[str, Any]) -> str:
    if "percent" in band:
        gives = _("%(number)s%%") % {"number": number(band["percent"])}
    else:
        days = band["days"]
        one = Decimal(str(days)) == 1
        gives = ngettext("%(number)s day", "%(number)s days", 1 if one else 2) % {"number": number(days)}
    side = _("below %(limit)s: %(gives)s") if "below" in band else _("above %(limit)s: %(gives)s")
    return side % {"limit": number(band.get("below", band.get("above"))), "gives": gives}


def _span(said: str) -> str:
    """ "30d", "2mo" as they stand in a policy."""
    found = re.fullmatch(r"(\d+)(d|w|mo)", said)
    if found is None:
        return said
    n = int(found[1])
    if found[2] == "w":
        return ngettext("%(number)s week", "%(number)s weeks", n) % {"number": n}
    if found[2] == "mo":
        return ngettext("%(number)s month", "%(number)s months", n) % {"number": n}
    return ngettext("%(number)s day", "%(number)s days", n) % {"number": n}
