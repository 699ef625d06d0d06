"""Small helpers that write SVG safely: every attribute is escaped, every number is free of locale.

Positions are attributes (percentages or user units), never styles, so that pages need no inline style.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import cache

from django.utils.safestring import SafeString

Attr = str | float | int | None


def pct(share: float) -> str:
    """A share of the width (0 to 100) as a percentage with two digits: "17.00%"."""
    return f"{share:.2f}%"


def num(value: float) -> str:
    """A number for an attribute, at most one digit after a point, whatever the language."""
    return f"{value:.1f}".removesuffix(".0")


def el(tag: str, body: Iterable[SafeString] | str = (), /, **attrs: Attr) -> SafeString:
    """An element; `cls` is class, `_` in a name is `-`, None leaves an attribute out, a str body is escaped."""
    said = "".join([f' {_name(key)}="{_value(value)}"' for key, value in attrs.items() if value is not None])
    inner = escaped(body) if isinstance(body, str) else join(body)
    return SafeString(f"<{tag}{said}>{inner}</{tag}>" if inner else f"<{tag}{said}/>")


def escaped(words: str) -> str:
    """Words as they may stand in an element or an attribute; what is safe already stays. Ten times as quick as
    the template engine's, which also takes what is not a str."""
    return words if isinstance(words, SafeString) else html.escape(words)


def join(parts: Iterable[SafeString]) -> SafeString:
    """Elements one after the other; whatever is not markup yet is escaped."""
    return SafeString("".join([escaped(part) for part in parts]))


def text(words: str, cls: str = "", /, **attrs: Attr) -> SafeString:
    """A text element at `x`, `y`."""
    return el("text", words, cls=cls or None, **attrs)


def rect(cls: str, x: str, width: str, y: float, height: float, **attrs: Attr) -> SafeString:
    """A rectangle whose sides along the axis are percentages or units and whose height is in pixels."""
    return el("rect", cls=cls, x=x, width=width, y=y, height=height, **attrs)


def vline(cls: str, x: str, y1: Attr = "0", y2: Attr = "100%", **attrs: Attr) -> SafeString:
    """An upright line at `x`."""
    return el("line", cls=cls, x1=x, x2=x, y1=y1, y2=y2, **attrs)


def grid(shares: Iterable[float], cls: str = "g", *, top: float = 0) -> SafeString:
    """Upright hairlines at the given shares of the width, as one path that stretches but keeps its stroke."""
    path = "".join(f"M{share:.2f} {num(top)}V1" for share in shares)
    drawn = el("path", cls=cls, d=path)
    return el("svg", [drawn], viewBox="0 0 100 1", preserveAspectRatio="none")


@cache
def _name(key: str) -> str:
    if key == "cls":
        return "class"
    if key in ("viewBox", "preserveAspectRatio", "patternUnits"):
        return key
    return key.strip("_").replace("_", "-")


def _value(value: Attr) -> str:
    return num(value) if isinstance(value, int | float) else escaped(value or "")
