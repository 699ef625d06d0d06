"""Shapes: what a part of a document must look like. A shape yields every problem, each with its path.

A document is refused by the first problem (`refuse`); a file is told of all of them (`policy check`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from mainstay.errors import Refused
from mainstay.sla.fields import path, shown
from mainstay.sla.targets import parse_target

Problems = Iterator[Refused]
Shape = Callable[[Any, str], Problems]
CODE = re.compile(r"[a-z][a-z0-9_-]{0,49}", re.ASCII)


def refuse(problems: Iterable[Refused]) -> None:
    """Raise the first problem, if there is one."""
    for problem in problems:
        raise problem


def meant(word: object, known: Iterable[str]) -> str:
    """'; did you mean "production"?' where a word is nearly a known one, else nothing."""
    if not isinstance(word, str):
        return ""
    near = get_close_matches(word.lower(), {one.lower(): one for one in known}, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def record(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with just these keys."""
    known = {**required, **(optional or {})}

    def look(value: Any, field: str) -> Problems:
        if not isinstance(value, dict):
            yield Refused(field or "file", f"must be an object with {', '.join(sorted(known))}")
            return
        for key in value:
            if key not in known:
                expected = ", ".join(sorted(known))
                yield Refused(
                    path(field, str(key)), f"is not known here; expected {expected}{meant(key, known)}"
                )
        for key, shape in known.items():
            if key in value:
                yield from shape(value[key], path(field, key))
            elif key in required:
                yield Refused(path(field, key), "is missing")

    return look


def each(shape: Shape, *, least: int = 0) -> Shape:
    """A list of one shape."""

    def look(value: Any, field: str) -> Problems:
        if not isinstance(value, list):
            yield Refused(field, "must be a list")
            return
        if len(value) < least:
            yield Refused(field, "is empty; name at least one")
        for i, one in enumerate(value):
            yield from shape(one, f"{field}[{i}]")

    return look


def keyed(key: Shape, shape: Shape, *, says: str = "must be an object") -> Shape:
    """An object whose keys have one shape and whose values have another."""

    def look(value: Any, field: str) -> Problems:
        if not isinstance(value, dict):
            yield Refused(field, says)
            return
        for name, inner in value.items():
            where = path(field, str(name))
            yield from key(name, where)
            yield from shape(inner, where)

    return look


def text(longest: int) -> Shape:
    """Words: not empty, not endless."""

    def look(value: Any, field: str) -> Problems:
        if not isinstance(value, str) or not value.strip() or len(value) > longest or "\x00" in value:
            yield Refused(field, f"must be a text of 1 to {longest} characters")

    return look


def word(known: Collection[str]) -> Shape:
    """One of the words there are."""

    def look(value: Any, field: str) -> Problems:
        if not isinstance(value, str) or value not in known:
            said = f"must be one of {', '.join(known) or 'none'}, not {shown(value)}"
            yield Refused(field, said + meant(value, known))

    return look


def matching(pattern: str, says: str) -> Shape:
    """A text of a pattern; `says` is what would be right."""
    compiled = re.compile(pattern, re.ASCII)

    def look(value: Any, field: str) -> Problems:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Refused(field, f"{says}, not {shown(value)}")

    return look


code = matching(CODE.pattern, 'must be small letters, digits, "-" and "_", such as "by_phone"')


def whole(least: int, most: int, meaning: str) -> Shape:
    """A whole number within bounds."""

    def look(value: Any, field: str) -> Problems:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            said = f"must be a whole number from {least} to {most} ({meaning}), not {shown(value)}"
            yield Refused(field, said)

    return look


def flag(value: Any, field: str) -> Problems:
    """True or false; 0 and 1 are neither."""
    if not isinstance(value, bool):
        yield Refused(field, f"must be true or false, not {shown(value)}")


def either(*shapes: tuple[type, Shape], says: str) -> Shape:
    """The shape for the type that the value has."""

    def look(value: Any, field: str) -> Problems:
        for kind, shape in shapes:
            if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
                yield from shape(value, field)
                return
        yield Refused(field, f"{says}, not {shown(value)}")

    return look


def one_or_more(shape: Shape) -> Shape:
    """One value, or a list of them that is not empty."""
    many = each(shape, least=1)

    def look(value: Any, field: str) -> Problems:
        yield from many(value, field) if isinstance(value, list) else shape(value, field)

    return look


def target(value: Any, field: str) -> Problems:
    """A duration of the clock definition: "4h", "2bd", "eobd"."""
    try:
        parse_target(value, field)
    except Refused as refused:
        yield refused


def percent(value: Any, field: str) -> Problems:
    """A percentage as text, so that it has one spelling: above 0, at most 100."""
    number = _decimal(value)
    if number is None or not 0 < number <= 100:
        yield Refused(field, f'must be a text such as "99.95", above 0 and at most 100, not {shown(value)}')


def figure(value: Any, field: str) -> Problems:
    """A number as text, 0 or more."""
    number = _decimal(value)
    if number is None or not 0 <= number <= 10**9:
        yield Refused(field, f'must be a number as text such as "99.0", not {shown(value)}')


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= 20 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


money = matching(r"\d{1,12}(\.\d{2})?", 'must be a text such as "1200.00"')
currency = matching(r"[A-Z]{3}", 'must be three letters such as "EUR"')
month_day = matching(
    r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", 'must be a month and a day up to 28 such as "02-01"'
)
