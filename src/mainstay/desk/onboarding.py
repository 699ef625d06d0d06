"""Onboarding of a customer: the checklist, their people from a list, the welcome mail. Looked at first, then done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.allowances import onboarding as steps
from mainstay.customers import contact_file, importing
from mainstay.customers.models import Contact, Customer
from mainstay.desk import customers, frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.notices import welcome
from mainstay.notices.letter import as_text
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page


@dataclass(frozen=True)
class Page:
    """What a form left on the page: what was typed, what was looked at, or why it was refused."""

    form: str = ""
    refused: str = ""
    typed: dict[str, Any] = field(default_factory=dict)
    looked: importing.Looked | None = None
    preview: str = ""


@require_safe
@staff_page()
def onboarding(request: StaffRequest, code: str) -> HttpResponse:
    """How far a customer's onboarding is, and its two tools."""
    return _show(request, customers.found_by(code), Page())


@require_POST
@staff_page(*frame.AGREE)
def ticks(request: StaffRequest, code: str) -> HttpResponse:
    """Tick an item by hand, or take the tick back."""
    found, typed = customers.found_by(code), Typed(request)
    by, at, item = Actor.staff(request.user), timezone.now(), typed.text("item")
    try:
        if typed.flag("remove"):
            steps.untick(found, item, by=by, at=at)
        else:
            steps.tick(found, item, note=typed.text("note"), by=by, at=at)
    except Refused as error:
        return _show(request, found, Page("ticks", said(error)))
    messages.success(request, "Taken back." if typed.flag("remove") else "Ticked.")
    return _back(found)


@require_POST
@staff_page(*frame.AGREE)
def people(request: StaffRequest, code: str) -> HttpResponse:
    """A list of people, uploaded or pasted: shown line by line; with `import` they are added."""
    found, typed = customers.found_by(code), Typed(request)
    kept: dict[str, Any] = {"list": typed.raw("list"), "without_wrong": typed.flag("without_wrong")}
    try:
        upload = typed.uploads.get("file")
        if upload is not None and (upload.size or 0) > contact_file.MOST_BYTES:
            raise Refused("file", "is larger than 1 MB; send the list in parts")
        text, encoding = contact_file.text_of(upload.read()) if upload else (kept["list"], "")
        kept["list"] = text
        if not typed.flag("import") or upload:
            return _show(request, found, Page("people", "", kept, importing.look(found, text, encoding)))
        made = importing.add_people(
            found, text, by=Actor.staff(request.user), at=timezone.now(), without_wrong=kept["without_wrong"]
        )
    except Refused as error:
        return _show(request, found, Page("people", said(error), kept, _looked(found, kept["list"])))
    messages.success(
        request,
        f"{len(made)} people are contacts now." if len(made) > 1 else f"{made[0].name} is a contact now.",
    )
    return _back(found)


def _looked(found: Customer, text: str) -> importing.Looked | None:
    try:
        return importing.look(found, text)
    except Refused:
        return None


@require_POST
@staff_page(*frame.AGREE)
def welcome_mail(request: StaffRequest, code: str) -> HttpResponse:
    """The welcome mail: shown as the first of the chosen will get it; with `send` it goes to all of them."""
    found, typed, at = customers.found_by(code), Typed(request), timezone.now()
    chosen = _chosen(found, typed)
    kept: dict[str, Any] = {
        "subject": typed.text("subject"),
        "text": typed.raw("text"),
        "people": [one.pk for one in chosen],
    }
    try:
        draft = welcome.checked(kept["subject"], kept["text"])
        if not typed.flag("send"):
            if not chosen:
                raise Refused("people", "are not chosen; tick whom it goes to")
            letter = welcome.filled(found, chosen[0], draft, at)
            shown = f"To: {chosen[0].email}\nSubject: {letter.subject}\n\n{as_text(letter)}"
            return _show(request, found, Page("welcome", "", kept, preview=shown))
        made = welcome.send(found, chosen, draft, by=Actor.staff(request.user), at=at)
    except Refused as error:
        return _show(request, found, Page("welcome", said(error), kept))
    messages.success(request, f"The welcome mail is on its way to {len(made)}.")
    return _back(found)


def _chosen(found: Customer, typed: Typed) -> list[Contact]:
    numbers = ids.read_all(typed.many("people"))
    return list(found.contacts.filter(pk__in=numbers).select_related("customer").order_by("name", "pk"))


def _back(found: Customer) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:onboarding", args=[found.code]), status=303)


def _show(request: StaffRequest, found: Customer, page: Page) -> HttpResponse:
    now: datetime = timezone.now()
    mailed = welcome.welcomed(found)
    draft = welcome.draft(found, now)
    contacts = list(found.contacts.select_related("user").order_by("name", "pk")[:500])
    unsent = [one.pk for one in contacts if one.pk not in mailed and one.failing_since is None]
    v = {"subject": draft.subject, "text": draft.text, "people": unsent, "list": "", "without_wrong": False}
    context = {
        "page_title": f"{found.name}: onboarding",
        "customer": found,
        "list": steps.checklist(found, now),
        "contacts": [(one, mailed.get(one.pk)) for one in contacts],
        "places": " ".join(welcome.PLACES),
        "form": page.form,
        "refused": page.refused,
        "looked": page.looked,
        "preview": page.preview,
        "v": v | page.typed,
        "now": now,
    }
    status = 422 if page.refused else 200
    return frame.page(request, "desk/onboarding.html", context, here="customers", status=status)
