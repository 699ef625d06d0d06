"""Template context that every page of the look needs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

THEME_COOKIE = "mainstay_theme"
THEMES = ("light", "dark")


def shared(request: HttpRequest) -> dict[str, str]:
    """Context processor: `theme` (light, dark or "" for as the system is) and the vendor's name."""
    return {"theme": theme_of(request), "vendor_name": getattr(settings, "VENDOR_NAME", "Mainstay")}


def theme_of(request: HttpRequest) -> str:
    """The colours a person chose, from a cookie; "" when they chose nothing known."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""
