"""Everything that can be gone to or set, with one search over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_safe

from mainstay.accounts.models import Team, User
from mainstay.catalogue import publish
from mainstay.customers.models import Product
from mainstay.desk import first_hour, frame, last_changed
from mainstay.desk.places import PLACES
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 60
CLOSING = {
    "solution_reminders": later("reminders after a proposed solution"),
    "solution_closes": later("a proposed solution closes by itself after"),
    "question_reminders": later("reminders after a question"),
    "question_closes": later("a question without an answer closes after"),
    "reopen_window": later("a reply reopens within"),
}


@dataclass(frozen=True)
class Found:
    """A page or a setting: what it is, as it is now, and where it is changed."""

    what: str
    now: str
    url: str
    changed: last_changed.Changed | None = None


@require_safe
@staff_page()
def everything(request: StaffRequest) -> HttpResponse:
    """Every place by what it is for; with `q`, every page and setting that has all its words."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = frame.counts(request.user)
    hour = first_hour.of(request.user)
    changed = last_changed.of_places()
    context = {
        "page_title": _("Everything"),
        "groups": [
            (title, [(item, says, changed.get(name)) for item, says, name in items])
            for title, items in frame.everything(request.user, found)
        ],
        "query": asked,
        "query_url": reverse("desk:more"),
        "query_hint": _("pages and settings"),
        "hits": _hits(request.user, asked, changed) if asked else [],
        "steps": hour.steps,
        "left": hour.left,
        "skipped": hour.skipped,
    }
    return frame.page(request, "desk/more.html", context, here="more", found=found)


def _hits(user: User, asked: str, changed: Mapping[str, last_changed.Changed]) -> list[Found]:
    words = asked.lower().split()
    said = [
        (
            Found(str(one.label), str(one.says), reverse(f"desk:{one.name}"), changed.get(one.name)),
            f"{one.words} {one.group}",
        )
        for one in PLACES
        if one.opens_for(user)
    ]
    all_of_it = [*said, *((one, "") for one in _settings())]
    return [
        one
        for one, more in all_of_it
        if all(word in f"{one.what} {one.now} {more}".lower() for word in words)
    ][:MOST]


def _settings() -> Iterator[Found]:
    """What is configured now: the desk policy part by part, levels, packages, teams, mailboxes, products."""
    policy: Any = publish.current_desk_policy().document
    desk = reverse("desk:document", args=["policy", publish.DESK_POLICY])
    hours = reverse("desk:business_hours", args=["desk"])
    for row in policy["severities"]:
        yield Found(
            _("Severity %(rank)s") % {"rank": row["rank"]},
            f"{row['name']}: {row['definition']}",
            reverse("desk:severities"),
        )
    for row in policy["exclusions"]:
        yield Found(_("What is not covered"), row["title"], reverse("desk:exclusion", args=[row["code"]]))
    for name in policy.get("calendars", {}):
        yield Found(_("Calendar"), name, reverse("desk:calendar", args=["desk", name]))
    yield Found(_("Business hours"), _("the calendar of the desk, with its holidays"), hours)
    for key, value in policy["closing"].items():
        said = ", ".join(value) if isinstance(value, list) else str(value)
        yield Found(_("Closing rule"), f"{CLOSING.get(key, key)}: {said}", reverse("desk:closing"))
    yield Found(_("Queue ceiling"), f"{policy['queue_ceiling_days']} {_('days')}", desk)
    yield Found(
        _("Handover: accept within minutes"), str(policy.get("accept_within_minutes", "15, 60, 240")), desk
    )
    for level in publish.current_levels():
        yield Found(_("Service level"), level.name, reverse("desk:document", args=["level", level.code]))
    for box in publish.current_packages():
        yield Found(_("Package"), box.name, reverse("desk:document", args=["package", box.code]))
    for team in Team.objects.order_by("name")[:MOST]:
        yield Found(_("Team"), team.name, reverse("desk:team", args=[team.code]))
    for product in Product.objects.order_by("name")[:MOST]:
        yield Found(_("Product"), product.name, reverse("desk:releases", args=[product.code]))
