"""Where somebody is and what they speak: time zones, countries, languages, checked as they are typed."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mainstay.errors import Refused
from mainstay.policy.closed_days import known_country

__all__ = ["checked_language", "checked_place", "checked_zone", "known_country"]


def checked_zone(text: str, field: str = "time_zone") -> str:
    """The name of an IANA time zone; UTC when nothing is given. Raises `Refused` for what is none."""
    zone = text.strip() or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(field, f"{zone[:60]!r} is no time zone; write one such as Europe/London") from None
    return zone


def checked_place(country: str, subdivision: str = "") -> tuple[str, str]:
    """Country and part as holidays are known for them; both may be empty. Raises `Refused` naming the field."""
    country, part = country.strip().upper(), subdivision.strip().upper()
    if country and not known_country(country):
        raise Refused(
            "country", f"{country[:10]!r} is no country we know holidays of; write two letters such as GB"
        )
    if part and not country:
        raise Refused("country", "is missing, though a part of it is given")
    if part and not known_country(country, part):
        raise Refused(
            "subdivision", f"{part[:10]!r} is no part of {country} we know holidays of; such as NSW in AU"
        )
    return country, part


def checked_language(text: str, field: str = "language") -> str:
    """The code of a language; English when nothing is given. Raises `Refused` for what is none."""
    code = text.strip().lower() or "en"
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z]{2,4})?", code, re.ASCII):
        raise Refused(
            field, f"must be the code of a language such as en, de or pt-br, not {text.strip()[:20]!r}"
        )
    return code
