"""One search over what a page lists: rows that have all the words that were asked for, and who changed them last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

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


def as_it_was(request: HttpRequest, past: Mapping[Any, list[Act]]) -> tuple[Any, dict[str, Any]] | None:
    """With `?before=`, the number of an act: whose act it is, and the fields as the log has them from before it."""
    wanted = request.GET.get("before", "")
    for key, done in past.items():
        for act in done:
            if wanted and str(act.pk) == wanted and act.before:
                fields: dict[str, Any] = {}
                for later in (
                    one for one in done if one.pk >= act.pk
                ):  # the newest first: what each found is put back
                    fields |= later.before
                return key, fields
    return None


def chosen(said: object, choices: Iterable[tuple[Any, Any]]) -> str | None:
    """The value whose words the log keeps, in whatever language they were said; None: there is none any more."""
    for value, label in choices:
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                if str(label) == said:
                    return str(value)
    return None


def context(query: str, url: str, hint: str) -> Mapping[str, Any]:
    """What `ui/query.html` shows."""
    return {"query": query, "query_url": url, "query_hint": hint}
