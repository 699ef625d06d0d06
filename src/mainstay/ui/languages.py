"""In which language somebody reads the pages: as they chose, else as their customer's, else as their browser asks."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from mainstay.accounts.models import User


def of(request: HttpRequest) -> str:
    """The language of this answer: a person's own where they are signed in, else the cookie, else `Accept-Language`."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        user = request.user
        own = known(user.language) if isinstance(user, User) else ""
        if own:
            return own
    return translation.get_language_from_request(request)


def known(code: str) -> str:
    """The language we have for `code` (de for de-AT); "" for none."""
    try:
        return translation.get_supported_language_variant(code) if code else ""
    except LookupError:
        return ""


def chosen(request: HttpRequest) -> bool:
    """Whether somebody without an account chose a language here before."""
    return bool(known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")))
