"""Frozen terms by hash: written once, read often, never edited."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Literal

from django.db import connection, transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from mainstay.catalogue.compile import canonical, digest
from mainstay.contracts.models import Terms
from mainstay.sla import cases
from mainstay.sla.hours import Calendar
from mainstay.sla.ladder import Rung, rungs_of
from mainstay.sla.policy import Policy, Row
from mainstay.sla.targets import Target

Kind = Literal["promise", "goal", "internal"]


@dataclass(frozen=True)
class TermsDocument:
    """Terms as the code uses them: parsed once. `policy` and `calendars` are those of the clock core."""

    hash: str
    document: Mapping[str, Any]
    policy: Policy
    calendars: Mapping[str, Calendar]

    @property
    def zone(self) -> str:
        """The IANA zone in which the customer is told times."""
        return str(self.document["zone"])

    @property
    def business(self) -> Calendar:
        """The business hours; reminders and closing are counted in them too."""
        return self.calendars["business"]

    @property
    def level_code(self) -> str:
        """The service level's code; empty when nothing is promised."""
        return str(self._level.get("code", ""))

    @property
    def level_name(self) -> str:
        return str(self._level.get("name", ""))

    @property
    def level_rank(self) -> int:
        """1 is the lowest level; 0 when nothing is promised."""
        return int(self._level.get("rank", 0))

    @property
    def package_name(self) -> str:
        return str((self.document["package"] or {}).get("name", ""))

    @property
    def contract_number(self) -> str:
        """The contract's number; empty without one."""
        return str((self.document["contract"] or {}).get("number", ""))

    @property
    def warn_at(self) -> float:
        """The share of a target at which people are warned."""
        return int(self.document["warn_at"]) / 100

    @property
    def closing(self) -> dict[str, Any]:
        """Reminders and closing by itself, as targets: see `policy.documents.CLOSING`."""
        return dict(self.document["closing"])

    @property
    def escalation(self) -> dict[str, Any]:
        """What the TAM's escalation does: `severity` it raises to, `page` whether a person is woken."""
        return dict(self.document["escalation"])

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The ladders: who is told when so much has been used."""
        rows = self.document.get("escalations")
        return rungs_of(rows) if rows else ()

    @property
    def reduced(self) -> Mapping[str, Any]:
        """The phase of reduced support that the release was in: name, targets ("goal", "none"), covers, words; empty
        where all holds as agreed."""
        found: Mapping[str, Any] = self.document.get("reduced", {})
        return found

    @property
    def kpis(self) -> list[dict[str, Any]]:
        return list(self.document["kpis"])

    @property
    def queue_ceiling_days(self) -> int:
        return int(self.document["queue_ceiling_days"])

    def kind(self, clock: str, severity: int) -> Kind | None:
        """Whether a clock's target is owed, hoped for, or our own affair; None when there is no target."""
        kinds = self.document["kinds"].get(clock, {})
        found: Kind | None = kinds.get(str(severity)) or kinds.get("*")
        return found

    def share(self, clock: str, severity: int) -> int | None:
        """The percent of the tickets for which a target is promised; None: it is for each of them."""
        shares = self.document.get("shares", {}).get(clock, {})
        targets = self.document["policy"]["clocks"].get(clock, {}).get("target", {})
        found: int | None = shares.get(str(severity) if str(severity) in targets else "*")
        return found

    def head_start(self, severity: int) -> int:
        """Seconds by which this level goes before others in the queue, at this severity."""
        starts = self.document["head_start"]
        return int(starts.get(str(severity), starts.get("*", 0)))

    def row(self, clock: str, severity: int) -> Row | None:
        """The target and calendar of a clock at a severity; None when nothing is owed."""
        return self.policy.row(clock, severity)

    def target_words(self, clock: str, severity: int) -> str:
        """The target as a person says it, "4 business hours" or "2 business days"; empty when there is none."""
        row = self.row(clock, severity)
        return in_words(row.target, row.calendar) if row else ""

    @property
    def _level(self) -> Mapping[str, Any]:
        return self.document["level"] or {}


def store(document: Mapping[str, Any]) -> Terms:
    """The row of these terms, written when it is new. One query when they are known; see `stored_together`."""
    return keep(unsaved(document))


def keep(fresh: Terms) -> Terms:
    """The same for terms that are a row already, stored or not."""
    waiting = _WAITING.get()
    return _stored([fresh])[0] if waiting is None else waiting.setdefault(fresh.pk, fresh)


@contextmanager
def stored_together() -> Iterator[None]:
    """Within it `store` only collects; at its end all of it is stored. One query when all are known."""
    waiting: dict[str, Terms] = {}
    token = _WAITING.set(waiting)
    try:
        yield
    finally:
        _WAITING.reset(token)
    _stored(list(waiting.values()))


_WAITING: ContextVar[dict[str, Terms] | None] = ContextVar("mainstay.terms", default=None)


def _stored(rows: list[Terms]) -> list[Terms]:
    have = (
        set(Terms.objects.filter(pk__in=[one.pk for one in rows]).values_list("pk", flat=True))
        if rows
        else set()
    )
    missing = [one for one in rows if one.pk not in have]
    if missing:
        with transaction.atomic():
            _one_at_a_time()
            Terms.objects.bulk_create(missing, ignore_conflicts=True)
    return rows


def unsaved(document: Mapping[str, Any]) -> Terms:
    """These terms as a row that nobody has written: for pages that only show what would hold."""
    return Terms(pk=digest(document), text=canonical(document).decode(), zone_data=_zone_data())


@lru_cache(maxsize=1)
def _zone_data() -> str:
    return version("tzdata")


def _one_at_a_time() -> None:
    """New terms are rare; whoever writes some waits for the others, so that two cannot wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x7E2A5])


@lru_cache(maxsize=4096)
def load(hash: str) -> TermsDocument:
    """The terms of that hash; kept, since they cannot change. Raises `Terms.DoesNotExist`."""
    waits = (_WAITING.get() or {}).get(hash)
    return parse((waits or Terms.objects.get(pk=hash)).text)


@lru_cache(maxsize=256)
def parse(text: str) -> TermsDocument:
    """The terms that a canonical text holds. Raises `Refused` naming what is wrong in it."""
    document: dict[str, Any] = json.loads(text)
    calendars = cases.parse_calendars(document["calendars"])
    policy = cases.parse_policy(document["policy"], calendars)
    return TermsDocument(digest(document), document, policy, calendars)


def in_words(target: Target, calendar: Calendar) -> str:
    """A target so that nobody takes a day of 24 hours for a business day: says which time it counts."""
    always, number = calendar.always, {"n": f"{target.number:,}"}
    if target.unit == "bd":
        return ngettext("%(n)s business day", "%(n)s business days", target.number) % number
    if target.unit == "eobd":
        if target.number == 1:
            return _("the end of the next business day")
        return _("the end of the %(nth)s following business day") % {"nth": _ordinal(target.number)}
    if target.unit == "mo":
        return ngettext("%(n)s calendar month", "%(n)s calendar months", target.number) % number
    size = next(size for size in (3600, 60, 1) if target.number % size == 0)
    words = _span(target.number // size, size, always)
    return _("%(span)s, round the clock") % {"span": words} if always else words


def measured(target: Target, calendar: Calendar) -> tuple[int, str]:
    """A target as a number and its largest unit: "business day", "end of business day", "calendar month"; "hour",
    "minute" or "second" round the clock, or the same with "business" before it."""
    if target.unit in {"bd", "eobd", "mo"}:
        unit = {"bd": "business day", "eobd": "end of business day", "mo": "calendar month"}[target.unit]
        return target.number, unit
    kind = "" if calendar.always else "business "
    for size, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if target.number % size == 0:
            return target.number // size, f"{kind}{name}"
    raise AssertionError("every number is a multiple of one")


def _span(n: int, size: int, always: bool) -> str:
    if size == 3600:
        plain, open_ = (
            ngettext("%(n)s hour", "%(n)s hours", n), ngettext("%(n)s business hour", "%(n)s business hours", n)
        )  # fmt: skip
    elif size == 60:
        plain, open_ = (
            ngettext("%(n)s minute", "%(n)s minutes", n),
            ngettext("%(n)s business minute", "%(n)s business minutes", n),
        )
    else:
        plain, open_ = (
            ngettext("%(n)s second", "%(n)s seconds", n),
            ngettext("%(n)s business second", "%(n)s business seconds", n),
        )
    return (plain if always else open_) % {"n": f"{n:,}"}


def _ordinal(number: int) -> str:
    if not (get_language() or "en").startswith("en"):
        return f"{number}."
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
