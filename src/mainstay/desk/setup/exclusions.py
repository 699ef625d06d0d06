"""What is not covered: each clause with its answer, paid path and evidence, tried out on recent requests (X1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.catalogue import publish
from mainstay.customers.models import Product
from mainstay.desk import frame, shown
from mainstay.desk.setup import flow
from mainstay.desk.setup.flow import Parts, Sheet
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.policy import exclusion_sheet
from mainstay.policy.exclusion_sheet import WORDS
from mainstay.tickets import coverage
from mainstay.tickets.models import Ticket
from mainstay.ui.doors import StaffRequest, staff_page

RECENT = 50  # requests that evidence is tried out on
MOST_PRODUCTS = 200


@require_safe
@staff_page()
def exclusions(request: StaffRequest) -> HttpResponse:
    """Every clause in words."""
    context = {
        "page_title": _("What is not covered"),
        "listed": publish.current_desk_policy().document["exclusions"],
    }
    return frame.page(request, "desk/setup/exclusions.html", context, here="exclusions")


class ExclusionSheet(Sheet):
    """The page of one clause, or of one to be made (`code` empty)."""

    template = "desk/setup/exclusion.html"
    here = "exclusions"

    def __init__(self, rule: str = "", title: str = "") -> None:
        self.rule, self.new = rule, not rule
        self.title = title or rule.replace("_", " ") or _("A new exclusion")

    @property
    def url(self) -> str:
        return reverse("desk:exclusion_new") if self.new else reverse("desk:exclusion", args=[self.rule])

    def after(self, parts: Parts) -> str:
        there = self.says(parts) is not None
        return reverse("desk:exclusion", args=[self.rule]) if there else reverse("desk:exclusions")

    def pick(self, document: Mapping[str, Any]) -> dict[str, Any]:
        found = [] if self.new else [one for one in document["exclusions"] if one["code"] == self.rule]
        return {self.rule: found[0]} if found else {}

    def as_it_was(self, parts: Parts, version: Any) -> Parts:
        found = {**parts, "desk": {**parts["desk"]}}
        was = list(self.pick(version.document).values())
        kept = [one for one in parts["desk"]["exclusions"] if one["code"] != self.rule]
        found["desk"]["exclusions"] = [*kept, *was]
        return found

    def says(self, parts: Parts) -> dict[str, Any] | None:
        """The clause as the parts have it."""
        return next((one for one in parts["desk"]["exclusions"] if one["code"] == self.rule), None)

    def fields(self, parts: Parts) -> dict[str, Any]:
        return exclusion_sheet.shown(self.says(parts) or {}, _others())

    def typed(self, typed: Typed) -> dict[str, Any]:
        held = exclusion_sheet.shown(self.says(self.running) or {}, _others())
        return {
            "code": typed.text("code"),
            **{name: typed.raw(name) for name in WORDS},
            "words": typed.raw("words"),
            "products": typed.many("products"),
            "ended": typed.flag("ended"),
            "texts": {code: {name: typed.raw(f"{code}_{name}") for name in WORDS} for code in held["texts"]},
            "remove": typed.text("remove"),
        }

    def change(self, parts: Parts, typed: Typed) -> None:
        fields, desk, had = self.typed(typed), parts["desk"], self.says(parts)
        if had is not None and fields["remove"]:
            desk["exclusions"] = [one for one in desk["exclusions"] if one is not had]
            return
        made = exclusion_sheet.read(fields, had or ({"code": self.rule} if self.rule else None))
        if self.new and any(one["code"] == made["code"] for one in desk["exclusions"]):
            raise Refused("name", f"{made['code']} is there already; change that one, or choose another name")
        if had is None:
            self.rule = made["code"]
            desk["exclusions"] = [*desk["exclusions"], made]
        else:
            desk["exclusions"] = [made if one is had else one for one in desk["exclusions"]]

    def more(self, parts: Parts, at: datetime, request: StaffRequest) -> dict[str, Any]:
        clause, tried = self.says(parts), request.method == "POST" or "try" in request.GET
        held = clause.get("evidence", {}).get("products", []) if clause else []
        known = list(Product.objects.order_by("name").values_list("code", "name")[:MOST_PRODUCTS])
        return {
            "clause": clause,
            "all_products": [*known, *((code, code) for code in held if code not in dict(known))],
            "recent": RECENT,
            "tried": tried,
            "found": _tried(clause, parts["desk"]) if clause and tried else [],
        }


def _tried(clause: Mapping[str, Any], desk: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The recent requests that this clause would be suggested for, with why."""
    newest = Ticket.objects.select_related(
        "customer", "environment__product", "environment__release__product"
    )
    found = []
    for ticket in newest.order_by("-pk")[:RECENT]:
        for one in coverage.suggested_by({**desk, "exclusions": [clause]}, ticket):
            found.append(
                {"ticket": ticket, "url": shown.ticket_url(ticket.pk), "because": "; ".join(one.because)}
            )
    return found


def _others() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != "en"]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def exclusion(request: StaffRequest, rule: str) -> HttpResponse:
    """One clause."""
    sheet = ExclusionSheet(rule)
    held = sheet.says(publish.export_parts())
    if held is None and not sheet.history():
        raise Http404
    return flow.serve(request, ExclusionSheet(rule, held["title"] if held else ""))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new_exclusion(request: StaffRequest) -> HttpResponse:
    """A clause that is not there yet."""
    return flow.serve(request, ExclusionSheet())
