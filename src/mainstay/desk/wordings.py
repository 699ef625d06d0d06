"""Letters: what customers are told, in whose words; an administrator rewords, looks, tries, and takes back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.desk import finding, frame, phrases
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.notices import edited, samples
from mainstay.notices import wording as wordings_
from mainstay.notices.letter import Letter
from mainstay.notices.models import Wording
from mainstay.ui.doors import StaffRequest, staff_page

NAMES = {
    "acknowledgement": gettext_lazy("A request has come in"),
    "acknowledgement_unknown": gettext_lazy("A request has come in from an address we do not know"),
    "recognised": gettext_lazy("We found whose request it is"),
    "severity_read": gettext_lazy("Its severity, first said"),
    "severity_raised": gettext_lazy("Its severity is raised"),
    "severity_lowered": gettext_lazy("Its severity is lowered"),
    "escalated": gettext_lazy("It is escalated"),
    "agreement": gettext_lazy("Other terms hold"),
    "agreement_corrected": gettext_lazy("Other terms hold, from the start"),
    "question": gettext_lazy("We ask for something"),
    "out_of_scope": gettext_lazy("It is not covered"),
    "paid_offer": gettext_lazy("Paid work is offered"),
    "paid_agreed": gettext_lazy("Paid work is agreed"),
    "appeal_rejected": gettext_lazy("Looked at again: it stands"),
    "into_scope": gettext_lazy("It is covered after all"),
    "served_once": gettext_lazy("Taken up as a courtesy"),
    "offered": gettext_lazy("A package is offered"),
    "dispatched": gettext_lazy("Somebody works on it"),
    "handed_over": gettext_lazy("Somebody else works on it"),
    "looking": gettext_lazy("Nobody works on it at the moment"),
    "scheduled": gettext_lazy("Work is planned"),
    "appointment": gettext_lazy("An appointment is agreed"),
    "appointment_moved": gettext_lazy("An appointment is changed"),
    "appointment_cancelled": gettext_lazy("An appointment is cancelled"),
    "answer": gettext_lazy("An answer"),
    "progress": gettext_lazy("A progress report"),
    "third_party": gettext_lazy("It waits for a third party"),
    "resumed": gettext_lazy("Work goes on"),
    "workaround": gettext_lazy("A workaround"),
    "root_cause": gettext_lazy("A root-cause report"),
    "solution": gettext_lazy("A solution is proposed"),
    "reminder_solution": gettext_lazy("Reminder: does the solution help?"),
    "reminder_question": gettext_lazy("Reminder: we wait for an answer"),
    "closed": gettext_lazy("It is closed"),
    "reopened": gettext_lazy("It is open again"),
    "approval": gettext_lazy("Somebody was copied in: may they take part?"),
    "added": gettext_lazy("Somebody was added by a colleague"),
}
HOUSE = {
    "complaint": gettext_lazy("A complaint about no request has come in"),
    "complaint_answered": gettext_lazy("A complaint about no request is answered"),
    "sign_in": gettext_lazy("Somebody asked for a sign-in link"),
    "welcome": gettext_lazy("Welcome to a new customer's people; edited before it is sent"),
    "publication": gettext_lazy("A release, patch, advisory or end of life is published"),
    "task": gettext_lazy("A task for the customer's systems is opened, changed or done"),
}
SHARED = {edited.PHRASES: gettext_lazy("Labels and sentences")}
_FRAME = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


@require_safe
@staff_page(Role.ADMINISTRATOR, Role.AUDITOR)
def wordings(request: StaffRequest) -> HttpResponse:
    """Every letter in every language, and whose words it has."""
    newest = edited.newest()
    query = finding.asked(request)
    groups = [
        {"title": title, "listed": finding.found(((one, _words(one)) for one in rows), query)}
        for title, rows in (
            (_("About a request"), [_row(letter, newest) for letter in NAMES]),
            (_("About no request"), [_row(letter, newest) for letter in HOUSE]),
            (_("In all letters"), [_row(edited.PHRASES, newest)]),
        )
    ]
    context = {
        "page_title": _("Letters"),
        "groups": [group for group in groups if group["listed"]],
        "languages": list(wordings_.LANGUAGES.values()),
        **finding.context(query, reverse("desk:wordings"), _("what it is about, or its words")),
    }
    return frame.page(request, "desk/wordings.html", context, here="wordings")


def _row(letter: str, newest: dict[tuple[str, str], Wording]) -> dict[str, Any]:
    """A letter, and by whose words it goes in each language."""
    texts = [(code, name, newest.get((letter, code))) for code, name in wordings_.LANGUAGES.items()]
    return {"name": letter, "label": _name(letter), "in": texts}


def _words(one: dict[str, Any]) -> str:
    """What a letter is found by: what it is about, its words in every language, and who worded it."""
    said = [str(one["label"]), one["name"].replace("_", " ")]
    for code, _language, newest in one["in"]:
        said.append(newest.text if newest and newest.text else _shipped(one["name"], code))
        said += [newest.by_name, _("own words") if newest.text else ""] if newest else []
    return " ".join(said)


def _shipped(name: str, language: str) -> str:
    if name == edited.PHRASES:
        return " ".join(wordings_.phrase(one, language) for one in wordings_.phrases())
    return wordings_.shipped(name, language)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Role.ADMINISTRATOR, Role.AUDITOR)
def wording(request: StaffRequest, language: str, letter: str) -> HttpResponse:
    """One letter in one language; an administrator's POST rewords it. `?version=` shows what it said before."""
    _there(language, letter)
    if letter == edited.PHRASES:
        return phrases.page(request, language)
    if request.method != "POST":
        return _show(request, language, letter)
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404
    typed = Typed(request)
    try:
        edited.reword(
            letter, language, typed.raw("text"), over=typed.number("over"), why=typed.text("why"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, language, letter, said(error))
    messages.success(request, _("These words hold from the next letter on."))
    return _back(language, letter)


@require_POST
@staff_page(Role.ADMINISTRATOR)
def as_shipped(request: StaffRequest, language: str, letter: str) -> HttpResponse:
    """The shipped words again; the own ones stay in the history."""
    _there(language, letter)
    try:
        over = Typed(request).number("over")
        edited.as_shipped(letter, language, over=over, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        if letter == edited.PHRASES:
            return phrases.page(request, language)
        return _show(request, language, letter, said(error))
    messages.success(request, _("The letter is as shipped again."))
    return _back(language, letter)


@require_POST
@staff_page(Role.ADMINISTRATOR)
def test(request: StaffRequest, language: str, letter: str) -> HttpResponse:
    """The letter as typed, by mail to whoever asks; nothing is kept."""
    _there(language, letter)
    if letter == edited.PHRASES:
        raise Http404
    try:
        sent = samples.send(letter, Typed(request).raw("text"), language, to=request.user, at=timezone.now())
    except Refused as error:
        return _show(request, language, letter, said(error))
    return _show(
        request, language, letter, told=_("A test letter goes to %(address)s.") % {"address": sent.recipient}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
@staff_page(Role.ADMINISTRATOR, Role.AUDITOR)
def preview(request: StaffRequest, language: str, letter: str) -> HttpResponse:
    """The letter with a made-up request, for the frame: as typed (POST, keeps nothing) or as it is. `?as=` light,
    dark or text."""
    _there(language, letter)
    try:
        made = _looked_at(request, language, letter)
    except Refused as error:
        return _framed(said(error), "text/plain; charset=utf-8", status=422)
    look = request.GET.get("as", "light")
    if look == "text":
        return _framed(made.text, "text/plain; charset=utf-8")
    return _framed(samples.shown(made, dark=look == "dark"))


def _looked_at(request: StaffRequest, language: str, letter: str) -> Letter:
    if letter == edited.PHRASES:
        return phrases.looked_at(request, language)
    posted = request.method == "POST"
    typed = Typed(request).raw("text") if posted else _text(edited.versions(letter, language))
    return samples.letter(
        letter, edited.checked(letter, typed or wordings_.shipped(letter, language)), language
    )


def _framed(content: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> HttpResponse:
    response = HttpResponse(content, content_type=kind, status=status)
    response.headers["Content-Security-Policy"] = _FRAME
    return response


def _there(language: str, letter: str) -> None:
    if language not in wordings_.LANGUAGES or letter not in {**NAMES, **HOUSE, **SHARED}:
        raise Http404


def _name(letter: str) -> str:
    return str({**NAMES, **HOUSE, **SHARED}.get(letter, letter.replace("_", " ")))


def _back(language: str, letter: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:wording", args=[language, letter]), status=303)


def _text(versions: list[Wording]) -> str:
    return versions[0].text if versions else ""


def _show(
    request: StaffRequest, language: str, letter: str, refused: str = "", *, told: str = ""
) -> HttpResponse:
    """What was typed is shown again; without it an older version that is asked for, else what holds."""
    versions = edited.versions(letter, language)
    shipped = wordings_.shipped(letter, language).strip()
    asked = next((one for one in versions if str(one.version) == request.GET.get("version")), None)
    now = asked.text if asked else _text(versions)
    context: dict[str, Any] = {
        "page_title": _name(letter),
        "letter": letter,
        "language": language,
        "languages": list(wordings_.LANGUAGES.items()),
        "label": _name(letter),
        "text": Typed(request).raw("text") or now or shipped,
        "why": Typed(request).text("why"),
        "shipped": shipped,
        "own": bool(_text(versions)),
        "asked": asked,
        "over": request.POST.get("over") if refused else (versions[0].version if versions else 0),
        "versions": versions,
        "looks": [("light", _("Light")), ("dark", _("Dark")), ("text", _("As text"))],
        "places": samples.values(letter, language),
        "form": "text",
        "refused": refused,
        "told": told,
    }
    return frame.page(request, "desk/wording.html", context, here="wordings", status=422 if refused else 200)
