"""A result as others use it: read out of its token, with the packages of the catalogue (P4).

`of_token` is what a contract draft starts from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mainstay.advisor import link, publish
from mainstay.advisor.publish import Published
from mainstay.advisor.recommend import Recommendation, recommend
from mainstay.catalogue import publish as catalogue
from mainstay.catalogue.models import Package


@dataclass(frozen=True)
class Advice:
    """What the rules of one version say to some answers. `known` are places by question; `found` and `package`
    are None while questions are open, `package` also where the catalogue no longer sells it."""

    published: Published
    known: Mapping[str, int]
    found: Recommendation | None
    package: Package | None

    @property
    def token(self) -> str:
        return link.token(self.published.number, self.published.rules, self.known)

    @property
    def open(self) -> list[str]:
        """The questions without an answer, by code."""
        return [one.code for one in self.published.rules.questions if one.code not in self.known]

    @property
    def reasons(self) -> list[str]:
        """The answers as sentences, those that decided it first."""
        if self.found is None:
            return []
        first = [effect.answer.because for effect in self.found.decided.effects]
        rest = [one.answer.because for one in self.found.effects if one.answer.because not in first]
        return [*first, *rest]


def of_answers(published: Published, known: Mapping[str, int]) -> Advice:
    """The advice for some answers under one version of the rules."""
    rules = published.rules
    if any(one.code not in known for one in rules.questions):
        return Advice(published, dict(known), None, None)
    found = recommend(rules, tuple(known[one.code] for one in rules.questions))
    return Advice(published, dict(known), found, packages().get(found.result.package))


def of_token(token: str) -> Advice | None:
    """The advice that a link holds, under the rules it was made with; None for what is no such link."""
    number = link.version_of(token)
    published = publish.version(number) if number else None
    known = link.places(token, published.rules) if published else None
    return of_answers(published, known) if published and known is not None else None


def today(then: Advice) -> Advice | None:
    """The same answers under today's rules; None when those are the rules it was made with."""
    now = publish.current()
    if now.number == then.published.number:
        return None
    return of_answers(now, link.carried(then.known, then.published.rules, now.rules))


def packages() -> dict[str, Package]:
    """The current packages by code."""
    return {one.code: one for one in catalogue.current_packages()}
