"""How a part of the policy is changed on its page: typed, looked at, published, seen in its history, taken back.

A page is a `Sheet`. Looking writes nothing: it says what would differ and for which open tickets. What is published is
what was looked at: the button carries the hash of it, and a form that says something else by now is looked at again.
Publishing is that of a whole policy (`publish.load_parts`): all of it or nothing, and signed contracts keep theirs.
"""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue import publish
from mainstay.catalogue.compile import digest
from mainstay.catalogue.models import DeskPolicy, Version
from mainstay.desk import changes, frame, looking
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.policy.diff import documents
from mainstay.ui.doors import StaffRequest

Parts = dict[str, Any]
OLDEST = 100  # versions looked through for a history


class Past(NamedTuple):
    """A version in which a part of the policy changed, and how."""

    version: Version
    changes: list[str]
    now: bool


class Sheet(ABC):
    """One page of the policy. A subclass says what it is about and how its form is read."""

    template: str
    here: str
    title: str
    model: type[Version] = DeskPolicy
    code: str = publish.DESK_POLICY
    beside: tuple[str, ...] = ()  # what a version is read with
    running: Parts

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the page is."""

    @abstractmethod
    def pick(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """What of a version's document the page is about."""

    @abstractmethod
    def fields(self, parts: Parts) -> dict[str, Any]:
        """The form as it shows what the parts say."""

    @abstractmethod
    def typed(self, typed: Typed) -> dict[str, Any]:
        """The form as it was sent."""

    def keep(self, typed: Typed) -> None:  # noqa: B027 - most have nothing
        """Read what comes with the form and cannot be typed again, such as files, so that no refusal loses it."""

    @abstractmethod
    def change(self, parts: Parts, typed: Typed) -> None:
        """Write what was typed into the parts. Raises `Refused` naming the field."""

    def more(self, parts: Parts, at: datetime, request: StaffRequest) -> dict[str, Any]:
        """What the template shows besides: a preview of the parts, lists to choose from."""
        return {}

    def after(self, parts: Parts) -> str:
        """Where one goes when it is published."""
        return self.url

    # ---- the document that the page stands in

    def document(self, parts: Parts) -> dict[str, Any]:
        """The one in these parts: the desk's or a package's."""
        found: dict[str, Any] = parts["desk"] if self.model is DeskPolicy else parts["packages"][self.code]
        return found

    def said_by(self, version: Version) -> Mapping[str, Any]:
        """What a version says, as the parts have it."""
        said: Mapping[str, Any] = version.document
        return said

    def placed(self, field: str) -> str:
        """A path of the parts as the page calls it."""
        return placed(field)

    def as_it_was(self, parts: Parts, version: Version) -> Parts:
        """The parts with what the page is about as an earlier version has it."""
        found, was = copy.deepcopy(parts), self.pick(self.said_by(version))
        held = self.document(found)
        for key in set(self.pick(held)) | set(was):
            held.pop(key, None)
        held.update(copy.deepcopy(was))
        return found

    def history(self) -> list[Past]:
        """The versions in which it changed, the newest first."""
        rows = self.model._default_manager.filter(code=self.code).select_related("published_by", *self.beside)
        versions = list(rows.order_by("-version")[: OLDEST + 1])
        found: list[Past] = []
        for n, one in enumerate(versions[:OLDEST]):
            had = self.pick(self.said_by(versions[n + 1])) if n + 1 < len(versions) else {}
            changed = documents(had, self.pick(self.said_by(one)))
            if changed:
                shown = changed if n + 1 < len(versions) else [str(_("as it began"))]
                found.append(Past(one, shown, not found))
        return found


def serve(request: StaffRequest, sheet: Sheet) -> HttpResponse:
    """The page, what was typed looked at, or published; only administrators change anything."""
    at = timezone.now()
    running = sheet.running = publish.export_parts()
    if request.method != "POST":
        return _opened(request, sheet, running, at)
    if not (request.user.may_act and request.user.has_role(Role.ADMINISTRATOR)):
        raise Http404
    typed, parts = Typed(request), copy.deepcopy(running)
    fields = sheet.typed(typed)
    try:
        sheet.keep(typed)
        if typed.text("over") != print_of(sheet, running):
            raise Refused("version", looking.MOVED)
        sheet.change(parts, typed)
        _keepable(parts)
        publish.check_parts(parts, at)
        looked = looking.at_parts(parts, at)
        looked.remarks = looking.new_remarks(running, parts, at)
        if "publish" in request.POST and typed.text("publish") == digest(parts):
            return _published(request, sheet, looked, typed, at)
    except Refused as refused:
        told = said(Refused(sheet.placed(refused.field), refused.message))
        return _show(request, sheet, running, fields, at, refused=told)
    return _show(request, sheet, running, fields, at, looked=looked, again="publish" in request.POST)


def _opened(request: StaffRequest, sheet: Sheet, running: Parts, at: datetime) -> HttpResponse:
    asked = request.GET.get("version", "")
    past = [one.version for one in sheet.history() if str(one.version.version) == asked] if asked else []
    parts = sheet.as_it_was(running, past[0]) if past else running
    return _show(request, sheet, parts, sheet.fields(parts), at, past=past[0] if past else None)


def _published(
    request: StaffRequest, sheet: Sheet, looked: looking.Looked, typed: Typed, at: datetime
) -> HttpResponse:
    by, reason = Actor.staff(request.user), typed.text("reason")
    assert looked.parts is not None
    changed = publish.load_parts(looked.parts, by=by, at=at, reason=reason, over=sheet.running)
    messages.success(request, looking.published(changed))
    if typed.flag("open") and changed:
        change = looking.let_hold_for_open(reason, by=by, at=at)
        return HttpResponseRedirect(reverse("desk:change", args=[change.pk]), status=303)
    return HttpResponseRedirect(sheet.after(looked.parts), status=303)


def _show(
    request: StaffRequest,
    sheet: Sheet,
    parts: Parts,
    fields: dict[str, Any],
    at: datetime,
    *,
    refused: str = "",
    looked: looking.Looked | None = None,
    again: bool = False,
    past: Version | None = None,
) -> HttpResponse:
    """The page of these parts, or of those that were looked at. `again`: it was to be published, and is not what was
    looked at. `past`: the version that fills the form."""
    parts = looked.parts if looked and looked.parts else parts
    context = {
        "page_title": sheet.title,
        "sheet": sheet,
        "v": fields,
        "over": print_of(sheet, sheet.running),
        "refused": refused,
        "looked": looked,
        "again": again,
        "print": digest(parts) if looked else "",
        "remarks": [(said(Refused(sheet.placed(one.field), one.message))) for one in looked.remarks] if looked else [],
        "rows": changes.rows(looked.effects) if looked else [],
        "reason": request.POST.get("reason", ""),
        "past": past,
        "history": sheet.history(),
        **sheet.more(parts, at, request),
    }  # fmt: skip
    return frame.page(request, sheet.template, context, here=sheet.here, status=422 if refused else 200)


def print_of(sheet: Sheet, parts: Parts) -> str:
    """The hash of what the page is about: whoever changes it meanwhile is noticed."""
    return digest(sheet.pick(sheet.document(parts)))


def _keepable(value: Any) -> None:
    """Raise `Refused` for characters that the database cannot keep."""
    try:
        digest({"value": value})
    except UnicodeEncodeError:
        raise Refused("text", "holds a character that no text has") from None


def placed(field: str) -> str:
    """A path of the parts for people: "desk.severities[1].name" is "severities 2, name"."""
    steps = [re.sub(r"\[(\d+)\]", lambda n: f" {int(n[1]) + 1}", step) for step in field.split(".")]
    if steps[0] == "desk" and len(steps) > 1:
        steps = steps[1:]
    return ", ".join(step.replace("_", " ") for step in steps)
