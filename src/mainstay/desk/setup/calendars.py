"""Calendars: weekly hours, holidays, days of our own, files; with the weeks to come drawn and a promise worked out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.desk import frame
from mainstay.desk.setup import calendar_preview, flow
from mainstay.desk.setup.flow import Parts, Sheet
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.policy import calendar_sheet, coming_weeks
from mainstay.policy.calendars import CUSTOMER
from mainstay.policy.closed_days import countries
from mainstay.policy.compile import calendars_in, compose
from mainstay.policy.ics import LARGEST, MOST, closed_dates
from mainstay.policy.shapes import CODE
from mainstay.policy.weeks import words as week_words
from mainstay.sla.hours import WEEKDAYS
from mainstay.ui.doors import StaffRequest, staff_page

DESK = "desk"
SPARE = 2
KIND_WORDS = {
    "week": later("weekly hours"),
    "always": later("round the clock"),
    "span": later("stretches of the week whose ends may lie in different zones"),
    "any": later("open when any of these is"),
    "all": later("open when all of these are"),
    "except": later("open when the first is, without the others"),
    "choose": later("one of several, by what the request is"),
}
WHICH = (("all", later("all of them")), ("only", later("only")), ("without", later("without")))


# ---- all of them


@require_safe
@staff_page()
def calendars(request: StaffRequest) -> HttpResponse:
    """Business hours and other calendars of the desk and of every package, in words."""
    parts = publish.export_parts()
    owners = [
        (DESK, _("The desk"), parts["desk"]),
        *((c, p["name"], p) for c, p in parts["packages"].items()),
    ]
    listed = [
        {
            "owner": owner,
            "name": name,
            "hours": in_words(says["hours"]),
            "same": owner != DESK and says["hours"] == parts["desk"]["hours"],
            "calendars": [(code, in_words(one)) for code, one in says.get("calendars", {}).items()],
        }
        for owner, name, says in owners
    ]
    context = {"page_title": _("Calendars"), "listed": listed}
    return frame.page(request, "desk/setup/calendars.html", context, here="calendars")


def in_words(says: Mapping[str, Any]) -> str:
    """A calendar in one line."""
    kind = next(one for one in KIND_WORDS if one in says)
    if kind == "week":
        zone = coming_weeks.zone_is(says)
        where = str(_("in the customer's zone")) if zone == CUSTOMER else zone
        return f"{week_words(says['week'])}, {where}, {_closed_words(says.get('holidays', 'none'))}"
    if kind in ("any", "all", "except"):
        return f"{KIND_WORDS[kind]}: {', '.join(says[kind])}"
    if kind == "choose":
        return f"{KIND_WORDS[kind]}: {', '.join(one['calendar'] for one in says['choose'])}"
    return str(KIND_WORDS[kind])


def _closed_words(listed: Any) -> str:
    if listed == CUSTOMER:
        return str(_("without the customer's public holidays"))
    if listed == "none" or not listed:
        return str(_("holidays count as other days"))
    named = [one if isinstance(one, str) else str(one.get("of") or one.get("ics")) for one in listed]
    return str(_("without %(days)s") % {"days": ", ".join(named[:6]) + (" …" if len(named) > 6 else "")})


# ---- one of them


class CalendarSheet(Sheet):
    """Business hours (`name` empty), or a calendar by its name; of the desk or a package. `new`: one to be made."""

    template = "desk/setup/calendar.html"
    here = "calendars"

    def __init__(self, owner: str, name: str = "", *, new: bool = False) -> None:
        self.owner, self.name, self.new = owner, name, new
        self.model = DeskPolicy if owner == DESK else Package
        self.code = publish.DESK_POLICY if owner == DESK else owner
        self.title = name or (_("A new calendar") if new else _("Business hours"))
        self.pending: list[tuple[str, list[str]]] = []  # iCalendar files that are not published yet

    @property
    def url(self) -> str:
        if self.new:
            return reverse("desk:calendar_new", args=[self.owner])
        if self.name:
            return reverse("desk:calendar", args=[self.owner, self.name])
        return reverse("desk:business_hours", args=[self.owner])

    def after(self, parts: Parts) -> str:
        if not self.name:
            return self.url
        there = self.name in self.document(parts).get("calendars", {})
        return reverse("desk:calendar", args=[self.owner, self.name]) if there else reverse("desk:calendars")

    def pick(self, document: Mapping[str, Any]) -> dict[str, Any]:
        if self.new:
            return {}
        if not self.name:
            return {"hours": document["hours"]}
        found = document.get("calendars", {}).get(self.name)
        return {} if found is None else {self.name: found}

    def as_it_was(self, parts: Parts, version: Any) -> Parts:
        if not self.name:
            return super().as_it_was(parts, version)
        found = {**parts, "desk": {**parts["desk"]}, "packages": {**parts["packages"]}}
        held = {**self.document(parts)}
        held["calendars"] = {**held.get("calendars", {}), **self.pick(version.document)}
        if self.owner == DESK:
            found["desk"] = held
        else:
            found["packages"][self.owner] = held
        return found

    def says(self, parts: Parts) -> dict[str, Any] | None:
        """The calendar as the parts have it."""
        document = self.document(parts)
        if not self.name:
            return None if self.new else document["hours"]
        found: dict[str, Any] | None = document.get("calendars", {}).get(self.name)
        return found

    def fields(self, parts: Parts) -> dict[str, Any]:
        says = self.says(parts)
        blank = {"time_zone": CUSTOMER, "week": {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}}
        found = calendar_sheet.shown(blank if says is None else says)
        return {
            **found,
            "code": self.name,
            "days": _days(found),
            "with": [code for code, _name in self.alike(self.running)],
        }

    def alike(self, parts: Parts) -> list[tuple[str, str]]:
        """The packages that have the desk's business hours, which may go along with them."""
        if self.owner != DESK or self.name or self.new:
            return []
        hours = parts["desk"]["hours"]
        return [(code, one["name"]) for code, one in parts["packages"].items() if one["hours"] == hours]

    def typed(self, typed: Typed) -> dict[str, Any]:
        columns = [typed.many(f"place_{name}") for name in calendar_sheet.PLACE]
        rows = [dict(zip(calendar_sheet.PLACE, row, strict=True)) for row in zip(*columns, strict=False)]
        rows = [row for row in rows if row["country"] or row["part"].strip() or row["names"].strip()]
        found: dict[str, Any] = {name: typed.raw(name).strip() for name in calendar_sheet.TEXTS}
        found |= {"places": rows[:100], "kept": typed.many("kept"), "with": typed.many("with")}
        return {**found, "code": typed.text("code"), "days": _days(found), "remove": typed.text("remove")}

    def keep(self, typed: Typed) -> None:
        self.pending = _files(typed)

    def change(self, parts: Parts, typed: Typed) -> None:
        fields, had, document = self.typed(typed), self.says(parts), self.document(parts)
        if self.name and fields["remove"]:
            document.get("calendars", {}).pop(self.name, None)
            if not document.get("calendars"):
                document.pop("calendars", None)
            return
        hours = not self.name and not self.new
        made = calendar_sheet.read(fields, had, files=self.pending, hours=hours)
        if hours:
            for code, _name in self.alike(parts):
                if code in fields["with"]:
                    parts["packages"][code]["hours"] = made
            document["hours"] = made
        else:
            document.setdefault("calendars", {})[self._code(fields["code"], document)] = made

    def _code(self, typed: str, document: Mapping[str, Any]) -> str:
        if not self.new:
            return self.name
        if not CODE.fullmatch(typed):
            raise Refused("name", "must be small letters, digits, - and _, such as night_shift")
        if typed in document.get("calendars", {}):
            raise Refused("name", f"{typed} is a calendar already; change that one, or choose another name")
        self.name = typed
        return typed

    def more(self, parts: Parts, at: datetime, request: StaffRequest) -> dict[str, Any]:
        asked = calendar_preview.asked(request.POST or request.GET)
        found: dict[str, Any] = {
            "kinds": KIND_WORDS.items(),
            "countries": countries(),
            "which": WHICH,
            "zones": sorted(available_timezones()),
            "spare": range(SPARE),
            "alike": self.alike(self.running),
            "pending": [(name, "\n".join(dates), len(dates)) for name, dates in self.pending],
            "places_seen": calendar_preview.places(),
            "owner_name": _("the desk") if self.owner == DESK else parts["packages"][self.owner]["name"],
            **asked,
        }
        if self.says(parts) is not None:
            found |= calendar_preview.of(self.name or "business", self._defined(parts), asked, at)
        return found

    def _defined(self, parts: Parts) -> dict[str, Any]:
        if self.owner == DESK:
            return calendars_in(compose(parts["desk"]))
        package = parts["packages"][self.owner]
        return calendars_in(compose(parts["desk"], parts["levels"][package["level"]], package))


def _days(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(code, name, hours) of the seven days, as the form shows them."""
    return [(day, calendar_sheet.DAYS[day], found[day]) for day in WEEKDAYS]


def _files(typed: Typed) -> list[tuple[str, list[str]]]:
    """The iCalendar files that were added, as closed dates: those just chosen, and those that were looked at."""
    names, dates = typed.many("ics_name"), typed.many("ics_dates")
    found = [(name[:200], listed.split()[:MOST]) for name, listed in zip(names[:10], dates, strict=False)]
    for file in typed.uploads.getlist("ics")[:10]:
        name = " ".join((file.name or "calendar.ics").split())[:100]
        if (file.size or 0) > LARGEST:
            raise Refused("iCalendar file", f"{name} is larger than {LARGEST:,} bytes")
        found.append((name, closed_dates(file.read(), f"iCalendar file {name}")))
    return found


# ---- pages


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def business_hours(request: StaffRequest, owner: str) -> HttpResponse:
    """The business hours of the desk or of a package."""
    return flow.serve(request, CalendarSheet(_owner(owner)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def calendar(request: StaffRequest, owner: str, calendar: str) -> HttpResponse:
    """A calendar by its name."""
    sheet = CalendarSheet(_owner(owner), calendar)
    if sheet.says(publish.export_parts()) is None and not sheet.history():
        raise Http404
    return flow.serve(request, sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new_calendar(request: StaffRequest, owner: str) -> HttpResponse:
    """A calendar that is not there yet."""
    return flow.serve(request, CalendarSheet(_owner(owner), new=True))


def _owner(code: str) -> str:
    if code != DESK and code not in publish.export_parts()["packages"]:
        raise Http404
    return code
