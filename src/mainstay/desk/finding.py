"""One search over what a page lists: rows that have all the words that were asked for, and who changed them last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest

from mainstay.accounts import acts
from mainstay.accounts.models import Act

T = TypeVar("T")


def asked(request: HttpRequest) -> str:
    """What was asked for."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:100]


def found(rows: Iterable[tuple[T, str]], query: str) -> list[T]:
    """The rows whose text has every word of the query, whatever its case."""
    words = query.casefold().split()
    return [row for row, text in rows if all(word in text.casefold() for word in words)]


def told(done: Iterable[Act]) -> list[tuple[Act, list[str]]]:
    """Acts with what they changed, a sentence each."""
    return [(act, acts.differences(act.before, act.after)) for act in done]


def context(query: str, url: str, hint: str) -> Mapping[str, Any]:
    """What `ui/query.html` shows."""
    return {"query": query, "query_url": url, "query_hint": hint}
