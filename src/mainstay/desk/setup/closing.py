"""Closing rules: reminders, closing by itself, and until when a reply reopens; with an example worked out (C1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_http_methods

from mainstay.desk.setup import calendar_preview, flow
from mainstay.desk.setup.flow import Parts, Sheet
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.policy import closing_sheet, coming_weeks
from mainstay.policy.conditions import TICKET_CHANNELS
from mainstay.policy.rows import CLOSING
from mainstay.sla.calendars import calendar_of
from mainstay.ui.doors import StaffRequest, staff_page

SPARE = 2
NAMES = {
    "solution_reminders": later("Reminders after a proposed solution"),
    "solution_closes": later("A proposed solution without an answer closes after"),
    "question_reminders": later("Reminders after a question"),
    "question_closes": later("A question without an answer closes after"),
    "reopen_window": later("A reply reopens within"),
}
SAYS = {
    "solution_reminders": later("we remind of the solution"),
    "solution_closes": later("it closes as resolved"),
    "question_reminders": later("we remind of the question"),
    "question_closes": later("it closes, since nothing came"),
    "reopen_window": later("until here a reply reopens it"),
}
CHANNELS = {
    "email": later("email"), "portal": later("portal"), "phone": later("phone"), "api": later("API"),
    "alert": later("alerts"), "desk": later("by our own people"),
}  # fmt: skip


class ClosingSheet(Sheet):
    """The page of the closing rules."""

    template = "desk/setup/closing.html"
    here = "closing"

    def __init__(self) -> None:
        self.title = _("Closing rules")

    @property
    def url(self) -> str:
        return reverse("desk:closing")

    def pick(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: document[key] for key in ("closing", "closing_rules", "reopen_channels") if key in document
        }

    def fields(self, parts: Parts) -> dict[str, Any]:
        return _named(closing_sheet.shown(parts["desk"]))

    def typed(self, typed: Typed) -> dict[str, Any]:
        columns = [typed.many(f"r_{name}") for name in closing_sheet.COLUMNS]
        rows = [dict(zip(closing_sheet.COLUMNS, row, strict=True)) for row in zip(*columns, strict=False)]
        rows = [row for row in rows if any(one.strip() for one in row.values())][:100]
        said = {name: typed.text(name) for name in CLOSING}
        return _named({**said, "rows": rows, "channels": typed.many("channels")})

    def change(self, parts: Parts, typed: Typed) -> None:
        made = closing_sheet.read(self.typed(typed), parts["desk"])
        for key in ("closing", "closing_rules", "reopen_channels"):
            parts["desk"].pop(key, None)
        parts["desk"].update(made)

    def more(self, parts: Parts, at: datetime, request: StaffRequest) -> dict[str, Any]:
        return {
            "names": NAMES.items(),
            "all_channels": [(one, CHANNELS[one]) for one in TICKET_CHANNELS],
            "spare": range(SPARE),
            "yes_no": (("", "–"), ("yes", _("yes")), ("no", _("no"))),
            "elsewhere": _elsewhere(parts),
            **_example(parts, at),
        }


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """With the five times as (field, label, value), for the template."""
    return {**fields, "times": [(name, NAMES[name], fields[name]) for name in CLOSING]}


def _elsewhere(parts: Parts) -> list[tuple[str, str, str]]:
    """Levels and packages that say something else: (name, address, what)."""
    found = []
    for kind, key in (("level", "levels"), ("package", "packages")):
        for code, says in parts[key].items():
            own = [
                f"{NAMES[name]}: {closing_sheet.listed(value)}"
                for name, value in says.get("closing", {}).items()
            ]
            own += (
                [_("%(n)s exceptions") % {"n": len(says["closing_rules"])}]
                if says.get("closing_rules")
                else []
            )
            if own:
                found.append(
                    (says["name"], reverse("desk:document", args=[kind, code]), "; ".join(map(str, own)))
                )
    return found


def _example(parts: Parts, at: datetime) -> dict[str, Any]:
    """What happens by itself after a Friday afternoon, in the business hours of the desk as a customer sees them."""
    try:
        business, zone = calendar_preview.business(parts, at)
    except Refused as refused:
        return {"not_worked": refused.message}
    always = calendar_of({"time_zone": zone.key, "always": True})
    began = coming_weeks.friday_afternoon(at.astimezone(zone).date(), zone)
    try:
        found = closing_sheet.worked(parts["desk"]["closing"], began, business, always)
        late = closing_sheet.late(parts["desk"]["closing"], began, business, always)
    except Refused as refused:
        return {"not_worked": refused.message}
    lines = [(one.rule, SAYS[one.rule], one.target, _local(one.at, zone)) for one in found]
    return {
        "began": _local(began, zone),
        "zone_name": zone.key,
        "solution": sorted((one for one in lines if one[0].startswith("solution")), key=lambda one: one[3]),
        "question": sorted((one for one in lines if one[0].startswith("question")), key=lambda one: one[3]),
        "reopens": next(one for one in lines if one[0] == "reopen_window"),
        "never_sent": [(NAMES[one.split()[0]], one.split()[1]) for one in late],
    }


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock shows, without a zone: templates show it as it is."""
    return at.astimezone(zone).replace(tzinfo=None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def closing(request: StaffRequest) -> HttpResponse:
    """When requests close by themselves, and until when they come back."""
    return flow.serve(request, ClosingSheet())
