"""The labels and sentences that letters share: all of a language on one page, seen in a letter before they hold."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.desk import frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.notices import edited, samples, wording
from mainstay.notices.letter import Letter
from mainstay.ui.doors import StaffRequest

SHOWN_IN = "acknowledgement"
"""The letter in which they are looked at unless another is chosen."""


def page(request: StaffRequest, language: str) -> HttpResponse:
    """All of them; an administrator's POST words them anew."""
    if request.method != "POST":
        return _show(request, language)
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404
    form = Typed(request)
    try:
        edited.reword_phrases(
            language, _typed(form), over=form.number("over"), why=form.text("why"), by=Actor.staff(request.user),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, language, said(error))
    messages.success(request, _("These words hold from the next letter on."))
    return HttpResponseRedirect(reverse("desk:wording", args=[language, edited.PHRASES]), status=303)


def looked_at(request: StaffRequest, language: str) -> Letter:
    """A letter with the phrases as typed, or as they are. Raises `Refused` naming the phrase."""
    form = Typed(request)
    typed = edited.own_phrases(language)
    if request.method == "POST":
        typed = edited.checked_phrases(language, _typed(form))
    letter = form.text("in") or SHOWN_IN
    if letter not in (*wording.letters(), *wording.house()):
        raise Refused("letter", "is not known")
    with edited.trying(language, typed):
        return samples.letter(letter, wording.shipped(letter, language), language)


def _typed(form: Typed) -> dict[str, str]:
    return {name: form.raw(f"p-{name}") for name in wording.phrases()}


def _show(request: StaffRequest, language: str, refused: str = "") -> HttpResponse:
    """What was typed is shown again; without it an older version that is asked for, else what holds."""
    versions = edited.versions(edited.PHRASES, language)
    asked = next((one for one in versions if str(one.version) == request.GET.get("version")), None)
    held = asked.text if asked else versions[0].text if versions else ""
    own: dict[str, str] = json.loads(held or "{}")
    form = Typed(request)
    rows: list[dict[str, Any]] = [
        {
            "name": name, "shipped": wording.phrase(name, language), "own": name in own,
            "value": form.raw(f"p-{name}") or own.get(name) or wording.phrase(name, language),
        }
        for name in wording.phrases()
    ]  # fmt: skip
    context = {
        "page_title": _("Labels and sentences"), "language": language, "letter": edited.PHRASES,
        "languages": list(wording.LANGUAGES.items()), "own": bool(own), "asked": asked, "versions": versions,
        "sentences": [one for one in rows if wording.places_in(one["shipped"])],
        "labels": [one for one in rows if not wording.places_in(one["shipped"])],
        "over": request.POST.get("over") if refused else (versions[0].version if versions else 0),
        "why": form.text("why"), "looks": [("light", _("Light")), ("dark", _("Dark")), ("text", _("As text"))],
        "form": "text", "refused": refused,
    }  # fmt: skip
    return frame.page(request, "desk/phrases.html", context, here="wordings", status=422 if refused else 200)
