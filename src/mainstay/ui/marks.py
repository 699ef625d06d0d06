"""Small marks: the sign of a state, severity, level, step, person, completeness. Form carries them, not colour."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from mainstay.ui.shapes import STEPS, Level, State
from mainstay.ui.svg import el, pct, rect

GLYPHS: dict[State, str] = {
    "run": gettext_noop("running"),
    "warn": gettext_noop("warning"),
    "over": gettext_noop("breached"),
    "wait": gettext_noop("paused, customer's turn"),
    "third": gettext_noop("paused, third party"),
    "goal": gettext_noop("goal, not a promise"),
    "met": gettext_noop("met"),
    "was": gettext_noop("ended"),
}

Draw = TypeVar("Draw", bound=Callable[..., SafeString])


def drawn_once(draw: Draw) -> Draw:
    """A mark that looks the same each time for the same arguments and language is kept; a page has hundreds."""

    @lru_cache(maxsize=4096)
    def kept(_language: str | None, *args: Hashable, **more: Hashable) -> SafeString:
        return draw(*args, **more)

    @wraps(draw)
    def drawn(*args: Any, **more: Any) -> SafeString:
        return kept(get_language(), *args, **more)

    return cast(Draw, drawn)


@drawn_once
def glyph(k: State) -> SafeString:
    """The sign of a state, with its name for those who do not see it."""
    sign = "wait" if k == "third" else k
    return el(
        "svg",
        [el("use", href=f"#g-{sign}")],
        cls="glyph",
        viewBox="0 0 12 12",
        role="img",
        aria_label=_(GLYPHS[k]),
    )


@drawn_once
def sev(severity: int | None) -> SafeString:
    """A severity: solid, half filled, outline; dashed while nobody has set one."""
    if severity is None:
        return format_html('<span class="sev none"><span class="vh">{}</span>·</span>', _("Severity not set"))
    words_ = _("Severity %(n)s") % {"n": severity}
    return format_html(
        '<span class="sev" data-s="{0}" title="{1}">'
        '<span class="vh">{1}</span><span aria-hidden="true">{0}</span></span>',
        severity,
        words_,
    )


@drawn_once
def level(what: Level | None, form: str = "code") -> SafeString:
    """A service level as a tally of one to four strokes, with its letters, or its name (`form="name"`)."""
    if what is None:
        return SafeString("")
    strokes = [_stroke(n, n < what.rank) for n in range(4)]
    tally = el("svg", strokes, viewBox="0 0 14 12", aria_hidden="true")
    if form == "name":
        return format_html('<span class="lvl">{}{}</span>', tally, what.name)
    return format_html(
        '<span class="lvl" title="{0}">{1}<span class="vh">{0}</span><span aria-hidden="true">{2}</span></span>',
        what.name,
        tally,
        what.code,
    )


def _stroke(n: int, drawn: bool) -> SafeString:
    height = 12 if drawn else 4
    return el("rect", cls="d" if drawn else None, x=4 * n, y=12 - height, width=2, height=height)


@drawn_once
def steps(current: int | str) -> SafeString:
    """The five steps as five ticks, the current one tall. Takes 1 to 5 or the step's name; decoration only."""
    at = STEPS.index(current) + 1 if isinstance(current, str) else current
    ticks = [_step(n, "c" if n == at else "d" if n < at else None) for n in range(1, 6)]
    return el("svg", ticks, cls="steps", viewBox="0 0 27 12", aria_hidden="true")


def _step(n: int, cls: str | None) -> SafeString:
    height = 12 if cls == "c" else 6
    return el("rect", cls=cls, x=6 * (n - 1), y=12 - height, width=3, height=height)


@drawn_once
def who(name: str | None) -> SafeString:
    """A person with initials, or "Nobody yet"."""
    if not name:
        return format_html(
            '<span class="who none"><i aria-hidden="true">·</i><span>{}</span></span>', _("Nobody yet")
        )
    parts = [word[0] for word in name.split() if word[0].isalnum()]
    initials = "".join(parts[:1] + parts[1:][-1:]).upper()
    return format_html('<span class="who"><i aria-hidden="true">{}</i><span>{}</span></span>', initials, name)


def completeness(have: int, of: int, form: str = "small") -> SafeString:
    """How many of the useful facts are there, as ticks: `small` with words, or `wide`, the ticks only."""
    wide = form == "wide"
    step, gap, height = 100 / max(of, 1), (1.2 if wide else 1.6), 6 if wide else 8
    ticks = [_fact(n, n < have, step, gap, height, 20 if wide else 8) for n in range(of)]
    words_ = _("%(have)s of %(of)s") % {"have": have, "of": of}
    if wide:
        return el("svg", ticks, cls="ticks", role="img", aria_label=words_)
    drawn = el("svg", ticks, aria_hidden="true")
    return format_html('<span class="cmpl"><span class="dim">{}</span>{}</span>', words_, drawn)


def _fact(n: int, have: bool, step: float, gap: float, height: int, whole: int) -> SafeString:
    return rect("d" if have else "", pct(n * step), pct(step - gap), whole - height, height)
