"""The lines of the navigation rail as HTML: on every page of the desk, so by a function."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.safestring import SafeString

from mainstay.ui.shapes import NavItem
from mainstay.ui.svg import escaped


def lines(items: Iterable[NavItem]) -> SafeString:
    """One line for each item: its count, whether one is there, its key."""
    return SafeString("".join([_line(item) for item in items]))


def _line(item: NavItem) -> str:
    here = ' aria-current="page"' if item.current else ""
    key = f' data-key="{escaped(item.key)}"' if item.key else ""
    count = (
        f'<span class="n{" hot" if item.hot else ""}">{escaped(str(item.count))}</span>'
        if item.count != ""
        else ""
    )
    return f'\n<li><a href="{escaped(item.url)}"{here}{key}>{escaped(str(item.label))}{count}</a></li>'
