"""Versions of the advisor's rules: always a new one, never an edit, with what changed in words (P2, P4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.advisor import rules as reading
from mainstay.advisor import survey, text
from mainstay.advisor.models import AdvisorRules
from mainstay.advisor.recommend import result
from mainstay.advisor.rules import Rules
from mainstay.catalogue import publish as catalogue
from mainstay.errors import Refused

CODE, NAME = "advisor", "Right-fit advisor"


@dataclass(frozen=True)
class Published:
    """One version with its rules read."""

    version: AdvisorRules
    rules: Rules

    @property
    def number(self) -> int:
        return self.version.version


# ---- verbs


def install(at: datetime, by: Actor | None = None) -> None:
    """Publish the shipped rules as version 1 where there are none; a vendor's own stay as they are."""
    if AdvisorRules.objects.filter(code=CODE).exists():
        return
    document = shipped()
    reading.read(document)
    AdvisorRules.objects.bulk_create(
        [
            AdvisorRules(
                code=CODE, version=1, name=NAME, document=document, reason="as shipped",
                published_at=at.replace(microsecond=0),
                published_by_id=by.id if by and by.kind == "staff" else None,
            )
        ],
        ignore_conflicts=True,  # two may start at once
    )  # fmt: skip


def publish_rules(*, document: object, reason: str, by: Actor, at: datetime) -> AdvisorRules:
    """A new version of the rules. Links made with an older one keep saying what they said, and say so.

    Raises `Refused` for a document that breaks a law, names what the catalogue has not, or changes nothing.
    """
    checked = reading.read(document)
    assert isinstance(document, dict)
    _in_the_catalogue(checked)
    if not reason.strip() or len(reason.strip()) > 300:
        raise Refused("reason", "must say in 1 to 300 characters why this version is published")
    last = AdvisorRules.objects.filter(code=CODE).order_by("-version").first()
    if last is not None and last.document == document:
        raise Refused("file", f"is the same as version {last.version}; nothing would change")
    try:
        with transaction.atomic():
            made = AdvisorRules.objects.create(
                code=CODE, version=last.version + 1 if last else 1, name=NAME, document=document,
                published_at=at.replace(microsecond=0), reason=reason.strip(),
                published_by_id=by.id if by.kind == "staff" else None,
            )  # fmt: skip
            acts.record("advisor rules published", str(made), by=by, at=at, after={"reason": made.reason})
            return made
    except IntegrityError:
        raise Refused("version", "somebody has just published another version; look again") from None


def _in_the_catalogue(rules: Rules) -> None:
    """The ladder is the catalogue's, in its order, and each package is one of its level."""
    ranks = {level.code: level.rank for level in catalogue.current_levels()}
    for n, code in enumerate(rules.levels):
        if code not in ranks:
            raise Refused(f"levels[{n}]", f"{code} is no service level of the catalogue")
        if n and ranks[code] <= ranks[rules.levels[n - 1]]:
            raise Refused(
                f"levels[{n}]", f"{code} does not stand above {rules.levels[n - 1]} in the catalogue"
            )
    sold = {package.code: package.level.code for package in catalogue.current_packages()}
    for n, choice in enumerate(rules.packages):
        if choice.package not in sold:
            raise Refused(f"packages[{n}].package", f"{choice.package} is no package of the catalogue")
        if sold[choice.package] != choice.level:
            raise Refused(
                f"packages[{n}].level",
                f"is {choice.level}, but {choice.package} is sold with {sold[choice.package]}",
            )


# ---- reading


def shipped() -> dict[str, Any]:
    """The document that comes with the product."""
    return text.read(files("mainstay.advisor").joinpath("shipped.toml").read_text("utf-8"))


def current() -> Published:
    """The newest version. Raises `Refused` before the first one is there."""
    found = AdvisorRules.objects.filter(code=CODE).order_by("-version").first()
    if found is None:
        raise Refused("advisor", "has no rules yet; start with `mainstay up`")
    return Published(found, _spoken(found))


def version(number: int) -> Published | None:
    """One version by its number."""
    found = AdvisorRules.objects.filter(code=CODE, version=number).first()
    return Published(found, _spoken(found)) if found else None


def shares(published: Published) -> dict[str, int]:
    """How many ways to answer lead to each level."""
    return dict(_shares(json.dumps(published.version.document)))


@lru_cache(maxsize=8)
def _shares(document: str) -> tuple[tuple[str, int], ...]:
    return tuple(survey.shares(_parsed(document)).items())


def _spoken(found: AdvisorRules) -> Rules:
    """The rules with their texts in the language of whoever reads them now."""
    return _parsed(json.dumps(found.document)).spoken(get_language() or "")


@lru_cache(maxsize=64)
def _parsed(document: str) -> Rules:
    """A published document, read once."""
    return reading.read(json.loads(document))


def history() -> list[AdvisorRules]:
    """All versions, the newest first."""
    return list(AdvisorRules.objects.filter(code=CODE).select_related("published_by").order_by("-version"))


# ---- what a new version would change


@dataclass(frozen=True)
class Preview:
    """What a document would change: sentences; how many ways lead to each level (before, after); and of how many
    ways that were tried how many would lead elsewhere (None: the questions are not the same)."""

    changes: list[str]
    shares: list[tuple[str, int, int]]
    ways: int
    tried: int
    elsewhere: int | None


def preview(document: object) -> Preview:
    """What publishing this document would change; writes nothing. Raises `Refused` as publishing would."""
    fresh, now = reading.read(document), current()
    assert isinstance(document, dict)
    _in_the_catalogue(fresh)
    before, after = shares(now), survey.shares(fresh)
    return Preview(
        changes=differences(now.version.document, document),
        shares=[(level, before.get(level, 0), after.get(level, 0)) for level in {**before, **after}],
        ways=survey.ways(fresh),
        tried=survey.SAMPLE,
        elsewhere=_elsewhere(now.rules, fresh),
    )


def _elsewhere(now: Rules, fresh: Rules) -> int | None:
    def asks(rules: Rules) -> list[tuple[str, list[str]]]:
        return [(one.code, [answer.code for answer in one.answers]) for one in rules.questions]

    if asks(now) != asks(fresh):
        return None
    tried = survey.some(fresh)
    same = ((result(now, places), result(fresh, places)) for places in tried)
    return sum((was.level, was.package) != (now_.level, now_.package) for was, now_ in same)


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What changed between two documents, a sentence each."""
    was, now = dict(_facts(before)), dict(_facts(after))
    sentences = []
    for what in [*was, *(one for one in now if one not in was)]:
        if what not in now:
            sentences.append(f"{what}: {was[what]} is gone")
        elif what not in was:
            sentences.append(f"{what}: {now[what]} is new")
        elif was[what] != now[what]:
            sentences.append(f"{what}: {was[what]} became {now[what]}")
    order_was, order_now = ([one["code"] for one in document["questions"]] for document in (before, after))
    if sorted(order_was) == sorted(order_now) and order_was != order_now:
        sentences.append("the questions stand in another order")
    return sentences


def _facts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("intro", "in", "levels"):
        if name in document:
            yield name, _said(document[name])
    for band in document["bands"]:
        yield f"{band['level']} from", f"{band['from']} points"
    for n, one in enumerate(document["packages"], start=1):
        yield f"package {n}", f"{one['package']} of {one['level']}{_when(one)}"
    for n, one in enumerate(document.get("combinations", []), start=1):
        yield f"combination {n}", f"at least {one['at_least']}{_when(one)}, {one['because']}{_more(one)}"
    for question in document["questions"]:
        for name in ("part", "ask", "help", "why", "in"):
            if name in question:
                yield f"{question['code']}, {name}", _said(question[name])
        for answer in question["answers"]:
            for name, value in answer.items():
                if name != "code":
                    yield f"{question['code']}, {answer['code']}, {name.replace('_', ' ')}", _said(value)


def _when(row: dict[str, Any]) -> str:
    named = ", ".join(f"{question} from {answer}" for question, answer in row.get("from", {}).items())
    return f" where {named}" if named else ""


def _more(row: dict[str, Any]) -> str:
    return f" ({_said(row['in'])})" if row.get("in") else ""


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(one)}" for key, one in value.items()) or "nothing"
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    return "yes" if value is True else str(value)
