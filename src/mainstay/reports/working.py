"""The working of a figure in the reader's language. What is frozen and hashed stays English for ever; here each line is
recognised by its shape and said again, its parts with it. A line of no known shape stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import get_language, gettext_noop, pgettext
from django.utils.translation import gettext as _

from mainstay.reports.kpis.judge import Line

NAMES = {"system"}
"""Places that hold a name, which is never taken apart."""
SHAPES = (
    # what is counted
    gettext_noop("Kept"),
    gettext_noop("Missed"),
    gettext_noop("Of these excused"),
    gettext_noop("Counted"),
    gettext_noop("Missed, counted"),
    gettext_noop("Share"),
    gettext_noop("Answers"),
    gettext_noop("Of these 4 or 5"),
    gettext_noop("Open at the end"),
    gettext_noop("Mean age"),
    gettext_noop("Measurements"),
    gettext_noop("Outages"),
    gettext_noop("Time"),
    gettext_noop("The worst counts"),
    gettext_noop("Maintenance announced too late"),
    gettext_noop("%(system)s: agreed maintenance"),
    gettext_noop("%(system)s: excused downtime"),
    gettext_noop("%(number)s, left out: a guarantee leaves out what is excused and approved"),
    gettext_noop("%(number)s, counted all the same: a strict guarantee takes no excuse"),
    gettext_noop("%(number)s, counted all the same: an objective only shows"),
    gettext_noop("%(span)s, not measured"),
    gettext_noop("%(span)s, left out"),
    gettext_noop("no time is measured"),
    gettext_noop("(%(measured)s − %(down)s down) ÷ %(again)s = %(figure)s"),
    gettext_noop("none in this period"),
    gettext_noop("none is recorded in this period"),
    gettext_noop("the period has not begun"),
    gettext_noop("counts as downtime where an outage is recorded"),
    gettext_noop("%(many)s measurements, the %(rank)sth by size is %(figure)s"),
    gettext_noop("nothing was open: 0 days"),
    # the verdict
    gettext_noop("Owed"),
    gettext_noop("Verdict"),
    gettext_noop("at least %(figure)s, %(strength)s"),
    gettext_noop("at most %(figure)s, %(strength)s"),
    gettext_noop("objective"),
    gettext_noop("guarantee"),
    gettext_noop("strict guarantee"),
    gettext_noop("reached"),
    gettext_noop("not reached"),
    gettext_noop("no data"),
    gettext_noop("too few to judge"),
    gettext_noop("not judged: there is no data"),
    gettext_noop("not judged: %(many)s counted, at least %(least)s are needed"),
    # credits
    gettext_noop("Fee of the period"),
    gettext_noop("Credit"),
    gettext_noop("Cap of the measure"),
    gettext_noop("Band"),
    gettext_noop("As a share"),
    gettext_noop("Minimum"),
    gettext_noop("All credits"),
    gettext_noop("Cap of all"),
    gettext_noop("Cap of all measures"),
    gettext_noop("Credited"),
    gettext_noop("none"),
    gettext_noop("none is agreed for this measure"),
    gettext_noop("none: no band is reached"),
    gettext_noop("the contract names no amount"),
    gettext_noop("%(price)s a year%(factors)s = %(fee)s"),
    gettext_noop("%(price)s a quarter%(factors)s = %(fee)s"),
    gettext_noop("%(price)s a month%(factors)s = %(fee)s"),
    gettext_noop(" × %(many)s environments%(factors)s"),
    gettext_noop("%(factors)s × %(covered)s of %(days)s days"),
    gettext_noop("below %(limit)s: %(gives)s"),
    gettext_noop("above %(limit)s: %(gives)s"),
    gettext_noop("%(number)s days of service"),
    gettext_noop("%(number)s of %(days)s days = %(figure)s"),
    gettext_noop("%(percent)s %% of the fee of the period"),
    gettext_noop("%(percent)s %% of the fee is left for this one"),
    gettext_noop("%(percent)s %% of the fee, %(amount)s"),
    gettext_noop("%(percent)s %% of the fee"),
    gettext_noop("%(percent)s %% of %(amount)s = %(credit)s"),
    gettext_noop("%(sum)s = %(percent)s %% of the fee"),
    gettext_noop("%(amount)s: smaller credits are not given"),
    gettext_noop("%(percent)s %%: applies"),
    gettext_noop("%(percent)s %%: not reached"),
    # figures
    gettext_noop("%(number)s days"),
    gettext_noop("%(part)s ÷ %(whole)s = %(figure)s"),
)
_PLACE = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_DAYS = re.compile(r"(?<=\d) d(?= |$)")


def lines(given: Iterable[Line]) -> list[Line]:
    """The working line by line: what it is, and how much or how it is reckoned."""
    return [(said(what, label=True), said(how)) for what, how in given]


def of_credit(given: Mapping[str, Any]) -> list[Line]:
    """The working of a credit and of all credits together, as a figure's document holds them."""
    return lines([*given["working"], *given["together"]])


def said(text: str, *, label: bool = False) -> str:
    """A line of a working, or a figure such as "98.4375 %", in the reader's language. A label that is none of ours
    names a system."""
    if (get_language() or "en").partition("-")[0] == "en":
        return text
    for shape, pattern, names in _shapes():
        found = pattern.fullmatch(text)
        if found:
            parts = {name: found[name] if name in NAMES else said(found[name]) for name in names}
            return _(shape) % parts if names or "%" in shape else _(shape)
    return text if label else _numbers(text)


@lru_cache(maxsize=1)
def _shapes() -> tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((shape, _pattern(shape), tuple(_PLACE.findall(shape))) for shape in SHAPES)


def _pattern(shape: str) -> re.Pattern[str]:
    """What the lines of a shape look like."""
    pieces = _PLACE.split(shape)
    made = [
        f"(?P<{piece}>.*?)" if place % 2 else re.escape(piece.replace("%%", "%"))
        for place, piece in enumerate(pieces)
    ]
    return re.compile("".join(made), re.DOTALL)


def _numbers(text: str) -> str:
    """Numbers with the signs of the language, and days by its own short word."""
    point, comma = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    signs = str.maketrans({".": point, ",": comma})
    return _DAYS.sub(
        " " + pgettext("sign of a day", "d"), _NUMBER.sub(lambda found: found[0].translate(signs), text)
    )
