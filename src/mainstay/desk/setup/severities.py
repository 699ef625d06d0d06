"""Severities: their names, order and definitions in every language; one more below all others, or one less (V1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from mainstay.desk.setup import flow
from mainstay.desk.setup.flow import Parts, Sheet
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.policy import severity_sheet
from mainstay.policy.severity_sheet import WORDS
from mainstay.policy.spoken import spoken
from mainstay.tickets.models import State, Ticket
from mainstay.ui.doors import StaffRequest, staff_page

COLUMNS = ("order", *WORDS, "examples")


class SeveritySheet(Sheet):
    """The page of the severities."""

    template = "desk/setup/severities.html"
    here = "severities"

    def __init__(self) -> None:
        self.title = _("Severities")

    @property
    def url(self) -> str:
        return reverse("desk:severities")

    def pick(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"severities": document["severities"]}

    def fields(self, parts: Parts) -> dict[str, Any]:
        """An earlier version with one severity more or less stands in the form as adding or taking out that one."""
        rows, now = (severity_sheet.shown(one["desk"], _others()) for one in (parts, self.running))
        more = rows[len(now) :]
        return {
            "rows": [*rows[: len(now)], *now[len(rows) :]],
            "new": {name: more[0][name] for name in WORDS} if more else dict.fromkeys(WORDS, ""),
            "like": "",
            "shrink": "1" if len(now) == len(rows) + 1 else "",
        }

    def typed(self, typed: Typed) -> dict[str, Any]:
        shown = severity_sheet.shown(self.running["desk"], _others())
        columns = {name: typed.many(f"s_{name}") for name in COLUMNS}
        contacts = set(typed.many("s_contact"))
        rows = []
        for n, row in enumerate(shown):
            said = {name: _nth(columns[name], n) for name in COLUMNS}
            texts = {code: {w: _nth(typed.many(f"s_{code}_{w}"), n) for w in WORDS} for code in row["texts"]}
            rows.append({**row, **said, "needs_contact": str(row["rank"]) in contacts, "texts": texts})
        return {
            "rows": rows,
            "new": {name: typed.text(f"n_{name}") for name in WORDS},
            "like": typed.text("like"),
            "shrink": typed.text("shrink"),
        }

    def change(self, parts: Parts, typed: Typed) -> None:
        fields, desk = self.typed(typed), parts["desk"]
        desk["severities"] = severity_sheet.read(fields["rows"], desk)
        added = any(fields["new"].values())
        if fields["shrink"]:
            if added:
                raise Refused(
                    "new severity", "cannot be added while the last one is taken out; do one, then the other"
                )
            rank = severity_sheet.shrink(parts)
            _unused(rank)
            desk["severities"] = [one for one in desk["severities"] if one["rank"] != rank]
        elif added:
            like = typed.number("like", "the severity whose targets it gets")
            rank = severity_sheet.grow(parts, like)
            desk["severities"] = [*desk["severities"], {"rank": rank, **_whole(fields["new"], rank)}]

    def more(self, parts: Parts, at: datetime, request: StaffRequest) -> dict[str, Any]:
        listed = sorted(parts["desk"]["severities"], key=lambda one: one["rank"])
        return {
            "said": [
                (one["rank"], [(str(name), _said(one, code)) for code, name in settings.LANGUAGES])
                for one in listed
            ],
            "ranks": sorted(one["rank"] for one in self.running["desk"]["severities"]),
        }  # fmt: skip


def _said(one: Mapping[str, Any], language: str) -> dict[str, str]:
    """A severity as somebody who reads a language has it: in our own words, else as that language has them."""
    found = spoken(one, language)
    with translation.override(language):
        return {name: _(found[name]) if found[name] == one[name] else found[name] for name in WORDS}


def _unused(rank: int) -> None:
    number = Ticket.objects.exclude(state=State.CLOSED).filter(severity=rank).count()
    if number:
        have = ngettext("%(n)s open ticket has it", "%(n)s open tickets have it", number) % {"n": number}
        raise Refused(f"severity {rank}", f"{have}; give them another severity first")


def _whole(words: Mapping[str, str], rank: int) -> dict[str, str]:
    for name in WORDS:
        if not words[name]:
            raise Refused(f"severity {rank}, {name}", "is missing")
    return dict(words)


def _others() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != "en"]


def _nth(values: list[str], n: int) -> str:
    return values[n].replace("\r\n", "\n") if n < len(values) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def severities(request: StaffRequest) -> HttpResponse:
    """The severities of the desk."""
    return flow.serve(request, SeveritySheet())
