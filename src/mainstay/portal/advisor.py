"""The right-fit advisor for anybody: no account, and nothing is stored unless "send this to sales" is pressed (P4)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mainstay.advisor import advice as advising
from mainstay.advisor import leads
from mainstay.advisor.advice import Advice
from mainstay.errors import Refused
from mainstay.portal.frame import typed
from mainstay.tickets.scope import seeing
from mainstay.ui import advice as look

FIELDS = ("name", "email", "organisation", "words")


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """The questions, with the answers that the address holds; all answered, it leads to the result."""
    published = look.current()
    rules = published.rules
    chosen, wrong = look.known(rules, request.GET)
    sent = "rules" in request.GET
    if sent and len(chosen) == len(rules.questions):
        return HttpResponseRedirect(
            reverse("advisor_result", args=[advising.of_answers(published, chosen).token])
        )
    errors = look.missing(rules, chosen, wrong) if sent else wrong
    context = {
        "intro": rules.intro,
        "form_url": reverse("advisor"),
        "rules_version": published.number,
        "parts": look.parts(rules, chosen, errors),
        "wrong": len(errors),
        "said": look.so_far(rules, chosen),
        "have": len(chosen),
        "of": len(rules.questions),
        "button": _("See what fits"),
    }
    return render(request, "portal/advisor.html", context)


@require_safe
def result(request: HttpRequest, token: str) -> HttpResponse:
    """The result that a link holds, under the rules it was made with; says when those have changed."""
    return _result(request, _found(token), {}, None)


@require_POST
def lead(request: HttpRequest, token: str) -> HttpResponse:
    """A prospect presses "send this to sales": the only thing here that stores anything."""
    found, given = _found(token), typed(request)
    assert found.found is not None
    if given.get("website"):  # no person sees that field
        return _thanks(request, token)
    try:
        with seeing(None):
            leads.send(
                advice=found.token, level=found.found.result.level, package=found.found.result.package,
                at=timezone.now(), **{name: given.get(name, "") for name in FIELDS},
            )  # fmt: skip
    except Refused as refused:
        return _result(request, found, given, refused)
    return _thanks(request, token)


def _thanks(request: HttpRequest, token: str) -> HttpResponse:
    messages.success(request, _("Sent. Somebody of ours reads it and writes to you."))
    return HttpResponseRedirect(reverse("advisor_result", args=[token]), status=303)


def _found(token: str) -> Advice:
    found = advising.of_token(token)
    if found is None or found.found is None:
        raise Http404
    return found


def _result(
    request: HttpRequest, found: Advice, given: dict[str, str], refused: Refused | None
) -> HttpResponse:
    now = advising.today(found)
    context: dict[str, Any] = {
        "r": look.shown(found, on=timezone.now().date()),
        "level_name": look.level_name(found.found.result.level) if found.found else "",
        "changed": look.changed(found, now),
        "now_url": _today_url(now),
        "again_url": f"{reverse('advisor')}?{look.as_query(found.published.rules, found.known)}",
        "link": settings.BASE_URL + reverse("advisor_result", args=[found.token]),
        "lead_url": reverse("advisor_lead", args=[found.token]),
        "given": given,
        "refused": refused,
    }
    return render(request, "portal/advisor_result.html", context, status=422 if refused else 200)


def _today_url(now: Advice | None) -> str:
    """Where today's result is, or today's questions with the answers that are still there."""
    if now is None:
        return ""
    if now.found is not None:
        return reverse("advisor_result", args=[now.token])
    return f"{reverse('advisor')}?{look.as_query(now.published.rules, now.known, {'rules': str(now.published.number)})}"
