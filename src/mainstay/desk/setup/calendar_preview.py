"""The weeks to come of a calendar, drawn and day by day, and a promise worked out in it, as one customer sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from mainstay.customers.models import Customer
from mainstay.desk.typed import instant
from mainstay.errors import Refused
from mainstay.policy import coming_weeks
from mainstay.policy.closed_days import known_country
from mainstay.policy.compile import Place, around, calendars_in, compose
from mainstay.sla.hours import Calendar
from mainstay.ui import week_lanes

WEEKS = 5
MOST_PLACES = 50
ASKED = ("seen_from", "try_target", "try_received")
SHORT = [later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun")]


def asked(data: Mapping[str, Any]) -> dict[str, str]:
    """What the preview is asked for: from where it is seen, and the example's target and receipt."""
    return {name: str(data.get(name, "")).replace("\x00", "").strip()[:60] for name in ASKED}


def of(name: str, defined: Mapping[str, Any], wanted: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Context of the preview of a calendar; what is wrong with it instead, where it cannot be made."""
    place = _place(wanted["seen_from"])
    seen = around(place, (at.year - 1, at.year + 2), {})
    today = at.astimezone(ZoneInfo(place.zone)).date()
    try:
        shown = coming_weeks.coming(name, defined, seen, first=today, weeks=WEEKS)
    except Refused as refused:
        return {"not_drawn": refused.message}
    days = [day for week in shown.weeks for day in week]
    drawn = _drawn(shown, at.astimezone(shown.zone).replace(tzinfo=None))
    return {
        "drawn": drawn,
        "days_to_come": days,
        "shown_zone": shown.zone,
        "seen": place,
        **_example(shown, wanted, at),
    }


def business(parts: Mapping[str, Any], at: datetime) -> tuple[Calendar, ZoneInfo]:
    """The business hours of the desk as the first customer has them, and the zone they are told in."""
    place = _place("")
    seen = around(place, (at.year - 1, at.year + 2), {})
    shown = coming_weeks.coming(
        "business", calendars_in(compose(parts["desk"])), seen, first=at.date(), weeks=1
    )
    return shown.calendar, shown.zone


def places() -> list[tuple[str, str]]:
    """Where customers are, to see a calendar from there: ("Europe/Berlin|DE|BY", "Europe/Berlin, DE-BY")."""
    rows = (
        Customer.objects.values_list("time_zone", "country", "subdivision").distinct().order_by("time_zone")
    )
    found = []
    for zone, country, part in rows[:MOST_PLACES]:
        where = "-".join(one for one in (country, part) if one)
        found.append((f"{zone}|{country}|{part}", f"{zone}, {where}" if where else zone))
    return found


def _place(chosen: str) -> Place:
    """The place that was chosen, else that of the first customer, else UTC."""
    known = [code for code, _words in places()]
    zone, country, part = (chosen if chosen in known else known[0] if known else "UTC||").split("|")
    return Place(zone or "UTC", country if known_country(country) else "", part)


def _drawn(shown: coming_weeks.Coming, now: datetime) -> week_lanes.Weeks:
    return week_lanes.draw([_week(days, now) for days in shown.weeks], [str(one) for one in SHORT])


def _week(days: list[coming_weeks.Day], now: datetime) -> week_lanes.Week:
    """`now` is the wall clock's reading in the zone of the days."""
    hours = round(sum(one.seconds for one in days) / 3600, 2)
    called = [f"{one.date:%a} {one.date.day} {one.called}" for one in days if one.called]
    first = days[0].date
    within = (now.date() - first).days
    return week_lanes.Week(
        name=f"{first.day} {first:%b}",
        days=[week_lanes.DayHours(one.open, hatched=bool(one.called) and not one.open) for one in days],
        words=ngettext("%(n)g hour open", "%(n)g hours open", round(hours)) % {"n": hours},
        detail="; ".join(called),
        now=within * 86_400 + now.hour * 3600 + now.minute * 60 if 0 <= within < 7 else None,
    )


def _example(shown: coming_weeks.Coming, wanted: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """A promise worked out, or what is wrong with what was asked. Times as the wall clock shows them."""
    target = wanted["try_target"] or "4h"
    try:
        if wanted["try_received"]:
            received = instant(wanted["try_received"], shown.zone, "received")
        else:
            received = coming_weeks.friday_afternoon(at.astimezone(shown.zone).date(), shown.zone)
        found = coming_weeks.worked(shown, target, received)
    except Refused as refused:
        return {"worked_wrong": refused.message, "try_target": target, "try_received": wanted["try_received"]}
    began = found.received.replace(tzinfo=None)
    return {
        "worked": {
            "target": target,
            "received": began,
            "due": found.due.replace(tzinfo=None),
            "counted": [(a.replace(tzinfo=None), b.replace(tzinfo=None)) for a, b in found.counted],
        },
        "try_target": target,
        "try_received": f"{began:%Y-%m-%dT%H:%M}",
    }
