"""Template context that every page of the look needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEME_COOKIE = "mainstay_theme"
THEMES = ("light", "dark")


def shared(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `theme` (light, dark or "" for as the system is), the vendor's name, the languages."""
    return {
        "theme": theme_of(request),
        "vendor_name": getattr(settings, "VENDOR_NAME", "Mainstay"),
        "upload_limit": settings.UPLOAD_LIMIT // 1024**3,
        "languages": settings.LANGUAGES if len(settings.LANGUAGES) > 1 else [],
    }


def theme_of(request: HttpRequest) -> str:
    """The colours a person chose, from a cookie; "" when they chose nothing known."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""
