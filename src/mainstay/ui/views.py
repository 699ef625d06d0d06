"""Pages of the look itself: the choice of colours, and the gallery of all components with sample data."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from mainstay.accounts.models import User
from mainstay.ui import languages, samples
from mainstay.ui.context import THEME_COOKIE, THEMES

YEAR = 365 * 86400


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie, or forget it (as the system is), and go back."""
    chosen = request.POST.get("theme", "")
    response = HttpResponseRedirect(_back(request))
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember a language: with the person who is signed in, else in a cookie; and go back."""
    response, chosen = HttpResponseRedirect(_back(request)), languages.known(request.POST.get("language", ""))
    if not chosen:
        return response
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure(),
        httponly=True,
    )  # fmt: skip
    return response


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All components with sample data; `?page=` shows one sample page (queue, ticket, why, portal, request)."""
    page = request.GET.get("page", "gallery")
    name = page if page in samples.PAGES else "gallery"
    context = samples.PAGES[name]()
    chosen = request.GET.get("theme", "")
    if chosen in THEMES:
        context["theme"] = chosen
    return render(request, f"ui/gallery/{name}.html", context)


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    here = {request.get_host()}
    return wanted if url_has_allowed_host_and_scheme(wanted, here, request.is_secure()) else "/"
