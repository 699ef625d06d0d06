"""PURE: an article's Markdown as HTML that is safe to show, and as plain words.

CommonMark with tables, without raw HTML; what comes out goes through an allow-list all the same. Links lead to http,
https and mailto only (ATTACKS 41). A picture is one of the article's own, written as `![what it shows](picture:7)`;
no other is ever loaded (ATTACKS 36).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from typing import Final

import nh3
from markdown_it import MarkdownIt

LONGEST: Final = 100_000
_TAGS: Final = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: Final = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s])", re.IGNORECASE)
_PICTURE = re.compile(r"picture:(\d{1,18})")
_START = re.compile(r"\d{1,9}")


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    reader.validateLink = lambda url: bool(_LINK.match(url) or _PICTURE.fullmatch(url))  # type: ignore[method-assign]
    return reader


def as_html(body: str, pictures: str = "") -> str:
    """The article as HTML. `pictures` is the address that a picture's number follows; without it none is shown."""
    made = _reader().render(body[:LONGEST])
    return nh3.clean(
        _lower(made), tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=_kept(pictures),
        link_rel="noopener noreferrer", url_schemes={"http", "https", "mailto", "picture"}, url_relative="pass_through",
    )  # fmt: skip


def _kept(pictures: str) -> Callable[[str, str, str], str | None]:
    def kept(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return value if _LINK.match(value) else None
        if attribute == "src":
            own = _PICTURE.fullmatch(value)
            return f"{pictures}{own[1]}" if own and pictures else None
        if attribute == "start":
            return value if _START.fullmatch(value) else None
        return value[:300]

    return kept


def _lower(html: str) -> str:
    """The page has the one heading of the first rank; an article's own begin below it."""
    return re.sub(r"(</?)h([1-6])>", lambda found: f"{found[1]}h{min(int(found[2]) + 1, 4)}>", html)


def pictures_of(body: str) -> list[int]:
    """The numbers of the pictures that a body shows."""
    shown = re.findall(r"\]\(\s*<?picture:(\d{1,18})", body)
    return sorted({int(number) for number in shown})


def as_words(body: str) -> str:
    """The words of an article without its marks, for search and for a mail."""
    return unescape(re.sub(r"<[^>]*>", " ", _reader().render(body[:LONGEST])))
