"""Template context that every page of the look needs."""

from __future__ import annotations

from django.http import HttpRequest

THEME_COOKIE = "mainstay_theme"
THEMES = ("light", "dark")


def theme(request: HttpRequest) -> dict[str, str]:
    """Context processor: `theme` is "light", "dark" or "" (as the system is), from a cookie."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {"theme": chosen if chosen in THEMES else ""}
