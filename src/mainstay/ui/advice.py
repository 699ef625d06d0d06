"""The advisor's questions and results as pages show them: for a prospect in the portal, for sales in the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from mainstay.advisor import offer, publish
from mainstay.advisor.advice import Advice, packages
from mainstay.advisor.offer import Due, Line
from mainstay.advisor.publish import Published
from mainstay.advisor.recommend import Effect, Result, bounds, package_of
from mainstay.advisor.rules import Combination, Question, Rules
from mainstay.catalogue import publish as catalogue
from mainstay.catalogue.models import Package, ServiceLevel
from mainstay.ui import rulers
from mainstay.ui.clock_shapes import level as shape_of
from mainstay.ui.rulers import Mark, Ruled, Rulers
from mainstay.ui.shapes import Level

PULLS = {
    "up": gettext_noop("pulls up"),
    "down": gettext_noop("holds down"),
    "here": gettext_noop("holds here"),
    "package": gettext_noop("chose the package"),
}


# ---- the form


@dataclass(frozen=True)
class Ask:
    """A question of the form: the place that was chosen, and what is wrong."""

    question: Question
    number: int
    chosen: int | None
    error: str = ""


@dataclass(frozen=True)
class Part:
    """Questions under one heading."""

    title: str
    asks: tuple[Ask, ...]


def known(rules: Rules, typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """The answers that were typed, as places by question; and what is wrong, by question."""
    found: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for question in rules.questions:
        said = typed.get(question.code, "")
        if not said:
            continue
        try:
            found[question.code] = question.place(said)
        except KeyError:
            wrong[question.code] = _("is not one of the answers; choose one of them")
    return found, wrong


def parts(rules: Rules, chosen: Mapping[str, int], wrong: Mapping[str, str]) -> list[Part]:
    """The questions by their headings, in order."""
    made: list[tuple[str, list[Ask]]] = []
    for number, question in enumerate(rules.questions, start=1):
        ask = Ask(question, number, chosen.get(question.code), wrong.get(question.code, ""))
        if made and made[-1][0] == question.part:
            made[-1][1].append(ask)
        else:
            made.append((question.part, [ask]))
    return [Part(title, tuple(asks)) for title, asks in made]


def missing(rules: Rules, chosen: Mapping[str, int], wrong: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a form that was sent: each question that has no answer says so."""
    return {
        one.code: wrong.get(one.code, _("is not answered yet"))
        for one in rules.questions
        if one.code not in chosen
    }


def so_far(rules: Rules, chosen: Mapping[str, int]) -> str:
    """What the answers so far leave open, in words; empty before there are any."""
    if not chosen:
        return ""
    low, high = (level_name(one.level) for one in bounds(rules, chosen))
    said = {"low": low, "high": high}
    return (
        _("It will be %(low)s.") if low == high else _("So far it lies between %(low)s and %(high)s.")
    ) % said


def as_query(rules: Rules, chosen: Mapping[str, int], more: Mapping[str, str] | None = None) -> str:
    """The answers as a form would send them."""
    said = {one.code: one.answers[chosen[one.code]].code for one in rules.questions if one.code in chosen}
    return urlencode({**said, **(more or {})})


# ---- the result


@dataclass(frozen=True)
class Because:
    """One answer and what it did, in words."""

    question: str
    answer: str
    because: str
    pull: str
    words: str


@dataclass(frozen=True)
class Column:
    """One package of the comparison. `place` is -1, 0 or 1: a level down, the right fit, a level up."""

    package: Package
    level: Level | None
    place: int
    price: str
    gap: str


@dataclass(frozen=True)
class Shown:
    """A result, whole."""

    token: str
    version: int
    made_on: datetime
    level: Level | None
    level_name: str
    package: Package
    lead: str
    decided: tuple[Because, ...]
    together: str
    answers: tuple[Because, ...]
    points: str
    fit: Mapping[str, object]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    rulers: tuple[Rulers, ...]
    unmet: tuple[str, ...]

    @property
    def here(self) -> int:
        """The column of the right fit."""
        return next((n for n, one in enumerate(self.columns) if one.place == 0), -1)

    @property
    def priced(self) -> bool:
        """Whether there is more to say of prices than the packages' documents do."""
        return any(one.gap for one in self.columns) or any(one.price for one in self.columns)


def shown(advice: Advice, *, on: date) -> Shown | None:
    """All that a result's page says; None while questions are open or its package is no longer sold.

    `on`: the day whose prices are shown.
    """
    if advice.found is None or advice.package is None:
        return None
    found, rules = advice.found, advice.published.rules
    effects = {one.question.code: one for one in found.effects}
    columns = _columns(advice, on)
    return Shown(
        token=advice.token,
        version=advice.published.number,
        made_on=advice.published.version.published_at,
        level=shape_of(_levels().get(found.result.level)),
        level_name=level_name(found.result.level),
        package=advice.package,
        lead=_lead(advice),
        decided=tuple(
            replace(one, words="") if found.decided.together else one
            for one in (_because(effect, found.result) for effect in found.decided.effects)
        ),
        together=_together(advice),
        answers=tuple(_because(effects[one.code], found.result) for one in rules.questions),
        points=_points(advice),
        fit=_fit(rules, found.result.points),
        columns=columns,
        lines=tuple(offer.compared([one.package for one in columns])),
        rulers=_rulers(rules, advice.known, found.result),
        unmet=tuple(offer.unmet(advice.package, found.needs)),
    )


def level_name(code: str) -> str:
    """What a level is called now."""
    found = _levels().get(code)
    return found.name if found else code


def _levels() -> dict[str, ServiceLevel]:
    return {one.code: one for one in catalogue.current_levels()}


def _lead(advice: Advice) -> str:
    assert advice.package is not None
    return str(advice.package.document.get("summary", ""))


def _because(effect: Effect, found: Result) -> Because:
    return Because(
        effect.question.ask,
        effect.answer.words,
        effect.answer.because,
        _(PULLS[effect.pull]),
        _said(effect, found),
    )


def _said(effect: Effect, found: Result) -> str:
    alone = ""
    if effect.answer.at_least == found.level:
        alone = _("By itself it asks for %(level)s at least.") % {"level": level_name(found.level)}
    if effect.answer.at_most == found.level:
        alone = _("It asks for %(level)s at most.") % {"level": level_name(found.level)}
    if effect.other is None or effect.instead is None:
        none = _("No other answer here would change the result.")
        return f"{alone} {none}".strip()
    instead = level_name(effect.instead.level)
    if effect.pull == "package":
        package = packages().get(effect.instead.package)
        instead = package.name if package else effect.instead.package
    with_ = _("With “%(answer)s” it would be %(instead)s.") % {
        "answer": effect.other.words,
        "instead": instead,
    }
    return f"{alone} {with_}".strip()


def _together(advice: Advice) -> str:
    assert advice.found is not None
    decided = advice.found.decided
    if not decided.together or decided.instead is None:
        return ""
    number = len(decided.effects) + decided.more
    said = {"more": decided.more, "instead": level_name(decided.instead.level)}
    if number == 2:
        any_of = _("Either of these is enough, beside your other answers.")
    elif decided.more:
        any_of = _("Any one of these (and of %(more)s more) is enough, beside your other answers.") % said
    else:
        any_of = _("Any one of these is enough, beside your other answers.")
    only = _("Only if none of them held, %(instead)s would do.") % said
    return f"{any_of} {only}"


def _points(advice: Advice) -> str:
    """How the points lie, and what holds the level above or below them."""
    assert advice.found is not None
    rules, found = advice.published.rules, advice.found.result
    reached = max((start, level) for start, level in rules.bands if found.points >= start)[1]
    if reached == found.level:
        said = {"points": found.points, "level": level_name(reached)}
        return _("Your answers have %(points)s points, which is %(level)s.") % said
    held = advice.found.held_up if rules.rank(found.level) > rules.rank(reached) else advice.found.held_down
    why = "; ".join(
        one.because.rstrip(".") if isinstance(one, Combination) else one.because for one in held[:3]
    )
    said = {
        "points": found.points, "would": level_name(reached), "level": level_name(found.level), "why": why
    }  # fmt: skip
    return (
        _("Your answers have %(points)s points, which would be %(would)s; it is %(level)s because: %(why)s.")
        % said
    )


def _fit(rules: Rules, points: int) -> Mapping[str, object]:
    most = sum(question.answers[-1].points for question in rules.questions)
    levels = _levels()
    return rulers.fit(
        [(start, shape.code if (shape := shape_of(levels.get(level))) else level) for start, level in rules.bands],
        points, most,
    )  # fmt: skip


def _columns(advice: Advice, on: date) -> tuple[Column, ...]:
    assert advice.found is not None
    sold = packages()
    beside = [(-1, advice.found.lower), (0, advice.found.result), (1, advice.found.higher)]
    there = [(place, sold[one.package]) for place, one in beside if one and one.package in sold]
    costs = offer.amounts([one for _, one in there], on)
    mine = costs[advice.package.pk] if advice.package else {}
    return tuple(
        Column(
            one, shape_of(one.level), place, offer.amount_words(costs[one.pk]),
            offer.gap_words(mine, costs[one.pk]) if place else "",
        )
        for place, one in there
    )  # fmt: skip


# ---- the rulers


def _rulers(rules: Rules, known: Mapping[str, int], found: Result) -> tuple[Rulers, ...]:
    """Every level of the ladder on two occasions: in the middle of a working day, and on a Saturday night."""
    places = [known[one.code] for one in rules.questions]
    sold = packages()
    ladder = [(level, sold.get(package_of(rules, level, places))) for level in rules.levels]
    offers = [(level, offer.of(package)) for level, package in ladder if package]

    def occasion(
        title: str, label: str, dues: Sequence[tuple[str, Package, tuple[Due, ...]]], at: datetime
    ) -> Rulers:
        return rulers.rulers(title, label, [_ruled(*one, at, one[0] == found.level) for one in dues])

    return (
        occasion(_("It breaks on a Tuesday at 10:00"), _("Tue 10:00"),
                 [(level, one.package, one.tuesday) for level, one in offers], offer.TUESDAY),
        occasion(_("It breaks on a Saturday at 22:00"), _("Sat 22:00"),
                 [(level, one.package, one.saturday) for level, one in offers], offer.SATURDAY),
    )  # fmt: skip


def _ruled(level: str, package: Package, dues: tuple[Due, ...], at: datetime, chosen: bool) -> Ruled:
    marks = {due.clock: Mark(int((due.at - at).total_seconds()), due.promised) for due in dues}
    return Ruled(
        package.level.name, shape_of(package.level), marks.get("first_response"), marks.get("workaround"),
        marks.get("resolution"), chosen,
    )  # fmt: skip


def changed(then: Advice, now: Advice | None) -> str:
    """What to say of a link whose rules are no longer today's."""
    if now is None:
        return ""
    begin = _(
        "The questions have changed since: this is version %(then)s, today's is version %(now)s of %(day)s."
    ) % {
        "then": then.published.number, "now": now.published.number,
        "day": date_format(now.published.version.published_at, "DATE_FORMAT"),
    }  # fmt: skip
    if now.open:
        many = ngettext(
            "One question of today has no answer in this link.",
            "%(count)s questions of today have no answer in this link.", len(now.open),
        ) % {"count": len(now.open)}  # fmt: skip
        return f"{begin} {many}"
    assert now.found is not None
    same = then.found is not None and (now.found.result.level, now.found.result.package) == (
        then.found.result.level,
        then.found.result.package,
    )
    again = _("With today's rules the result would be the same.")
    if not same:
        level = level_name(now.found.result.level)
        again = _("With today's rules the result would be %(level)s.") % {"level": level}
    return f"{begin} {again}"


def current() -> Published:
    """Today's rules."""
    return publish.current()
