"""Every address that is answered, out of the map of addresses."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver


def addresses(resolver: Any = None, before: str = "") -> Iterator[str]:
    """Their patterns: "desk/tickets/<int:number>"."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one, before + str(one.pattern))
        else:
            yield before + str(one.pattern)
