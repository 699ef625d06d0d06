"""A measure's figure as a document: what it was made of, the working line by line, the verdict and the credit.

`of` is a function of the log and of what was recorded by `known_at`, and of nothing else: asked again it gives
the same bytes (M5). Canonical JSON, so that the document has one spelling and one hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mainstay.reports import backlog, causes, counting, facts, outages
from mainstay.reports.counting import Counted, Wanted
from mainstay.reports.kpis import credits, judge
from mainstay.reports.kpis.judge import Measured, Verdict
from mainstay.reports.kpis.rows import BY_CLOCKS, Definition
from mainstay.reports.measures import Measure
from mainstay.reports.models import MaintenanceWindow, Outage
from mainstay.tickets.events import canonical
from mainstay.tickets.models import Event

OWN = ("triage", "dispatch")  # clocks of our own: what is counted of them is internal
SHOWN_MISSED = 500

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A measure with its judged figure and what it credits, before and after the cap of all measures."""

    measure: Measure
    verdict: Verdict
    inputs: Inputs
    credit: credits.Credit
    ends: datetime
    known_at: datetime

    @property
    def shown(self) -> str:
        return judge.said(self.verdict.value, self.measure.definition.unit)

    def document(self, together: Sequence[judge.Line] = ()) -> dict[str, Any]:
        """Everything that is frozen. `together` is the working of all credits of the contract and period."""
        one, definition = self.measure, self.measure.definition
        value = self.verdict.value
        return {
            "format": 1,
            "customer": one.customer.code,
            "contract": {"number": one.contract.number, "version": one.contract.version, "part": one.contract.part},
            "measure": dict(one.row),
            "period": {
                "key": one.period.key, "per": one.period.per, "first": one.first.isoformat(),
                "last": (one.end - timedelta(days=1)).isoformat(), "whole": one.whole, "zone": one.zone.key,
                "begins": _instant(one.begins), "ends": _instant(self.ends),
            },
            "known_at": _instant(self.known_at),
            "inputs": self.inputs,
            "figure": {
                "state": self.verdict.state, "shown": self.shown, "unit": definition.unit,
                "exact": None if value is None else f"{value.numerator}/{value.denominator}",
            },
            "working": [list(line) for line in self.verdict.lines],
            "credit": {
                "percent": judge.plain(self.credit.percent), "days": judge.plain(self.credit.days),
                "amount": None if self.credit.amount is None else str(self.credit.amount),
                "currency": self.credit.currency, "working": [list(line) for line in self.credit.lines],
                "together": [list(line) for line in together],
            },
        }  # fmt: skip


def of(measure: Measure, *, known_at: datetime, ends: datetime | None = None) -> Made:
    """The figure of a measure as known at `known_at`; up to `ends`, where the period is not over."""
    ends = min(ends, measure.ends) if ends else measure.ends
    definition = measure.definition
    measured: Measured
    inputs: Inputs
    if ends <= measure.begins:
        measured, inputs = Measured(None, 0, (("Time", "the period has not begun"),)), {}
    else:
        measured, inputs = MEASURES[definition.kpi](measure, ends, known_at)
    verdict = judge.judge(definition, measured)
    credit = credits.credit(definition, verdict, measure.fee())
    return Made(measure, verdict, inputs, credit, ends, known_at)


def capped(found: Sequence[Made]) -> list[tuple[Made, tuple[judge.Line, ...]]]:
    """Figures of one contract and the same days with their credits under one cap, and its working."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, one in enumerate(found):
        line = (one.measure.contract.number, one.measure.contract.part)
        groups.setdefault((*line, one.measure.first, one.measure.end), []).append(i)
    paid: dict[int, tuple[Made, tuple[judge.Line, ...]]] = {}
    for group in groups.values():
        fee = found[group[0]].measure.fee()
        credited, lines = credits.together([found[i].credit for i in group], fee)
        for i, credit in zip(group, credited, strict=True):
            paid[i] = (replace(found[i], credit=credit), lines)
    return [paid[i] for i in range(len(found))]


def text_of(document: Mapping[str, Any]) -> str:
    return canonical(dict(document)).decode()


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


# ---- each KPI


def wanted(measure: Measure, ends: datetime) -> Wanted:
    """Which promises a measure counts: of a guarantee those that were promised, of an objective goals too."""
    one = measure.definition
    kinds: tuple[str, ...] = ("promise",) if one.strength != "objective" else ("promise", "goal")
    if one.clock in OWN:
        kinds = ("promise", "goal", "internal")
    return Wanted(one.clock, measure.begins, ends, measure.line, one.severities, kinds, measure.when)


def _by_clocks(measure: Measure, ends: datetime, known_at: datetime) -> tuple[Measured, Inputs]:
    one = measure.definition
    found = counting.count(wanted(measure, ends))
    excused = causes.excused(measure.line, one.clock, known_at)
    spared = sum((miss.ticket, miss.n) in excused for miss in found.missed_ones)
    reckon = judge.count if one.kpi == "missed" else judge.share
    return reckon(one, kept=found.kept, missed=found.missed, excused=spared), _counted(one, found, excused)


def _counted(one: Definition, found: Counted, excused: set[tuple[int, int]]) -> Inputs:
    listed = [
        {
            "ticket": miss.ticket,
            "n": miss.n,
            "at": _instant(miss.at),
            "excused": (miss.ticket, miss.n) in excused,
        }
        for miss in found.missed_ones[:SHOWN_MISSED]
    ]
    return {
        "clock": one.clock, "kept": found.kept, "missed": found.missed, "missed_ones": listed,
        "sha256_of_all": found.digest,
    }  # fmt: skip


def _uptime(measure: Measure, ends: datetime, known_at: datetime) -> tuple[Measured, Inputs]:
    span = (measure.begins, ends)
    places = measure.measured()
    down = outages.known(Outage, places, span, known_at)
    windows = outages.known(MaintenanceWindow, places, span, known_at)
    excused = causes.outages_excused(down, known_at)
    systems, listed = [], []
    for place in places:
        mine = [one for one in down if one.environment_id == place.pk]
        closed = outages.within(
            (
                (one.starts_at, one.ends_at)
                for one in windows
                if one.environment_id == place.pk and one.in_time
            ),
            span,
        )
        spared = outages.within(((one.starts_at, one.ends_at) for one in mine if one.pk in excused), span)
        every = outages.within(((one.starts_at, one.ends_at) for one in mine), span)
        whole = int((ends - measure.begins).total_seconds()) - outages.lasts(closed)
        systems.append(judge.System(
            place.name, whole, outages.lasts(outages.without(every, closed)),
            outages.lasts(outages.without(spared, closed)), outages.lasts(closed),
        ))  # fmt: skip
        listed += [
            {
                "system": place.name, "from": _instant(one.starts_at), "ticket": one.ticket_id,
                "until": _instant(one.ends_at) if one.ends_at else None, "excused": one.pk in excused,
            }
            for one in mine
        ]  # fmt: skip
    late = [("Maintenance announced too late", "counts as downtime where an outage is recorded")]
    measured = judge.uptime(measure.definition, systems)
    if any(not one.in_time for one in windows):
        measured = replace(measured, lines=(*measured.lines, *late))
    if not down:
        measured = replace(measured, lines=(("Outages", "none is recorded in this period"), *measured.lines))
    agreed = [
        {
            "system": one.environment.name, "from": _instant(one.starts_at), "until": _instant(one.ends_at),
            "announced": _instant(one.announced_at), "in_time": one.in_time,
        }
        for one in windows
    ]  # fmt: skip
    return measured, {"outages": listed, "maintenance": agreed}


def _p95(measure: Measure, ends: datetime, known_at: datetime) -> tuple[Measured, Inputs]:
    found = outages.p95(measure.measured(), (measure.begins, ends), known_at)
    inputs = {"systems": [{"system": name, "measurements": many, "p95": ms} for name, many, ms in found]}
    return judge.p95(measure.definition, found), inputs


def _satisfaction(measure: Measure, ends: datetime, known_at: datetime) -> tuple[Measured, Inputs]:
    """Answers given in the period on tickets of the contract."""
    one = measure.definition
    rated = Event.objects.filter(
        kind="rated", ticket__contract__in=measure.line, at__gte=measure.begins, at__lt=ends
    )
    if one.severities:
        rated = rated.filter(ticket__severity__in=one.severities)
    rows = list(rated.order_by("ticket").values_list("ticket", "seq", "after__score"))
    if when := measure.when:
        fits = facts.fitting([ticket for ticket, _, _ in rows], when, ends)
        rows = [row for row in rows if row[0] in fits]
    listed = [{"ticket": ticket, "event": seq, "score": score} for ticket, seq, score in rows]
    return judge.satisfaction(one, [int(score) for _, _, score in rows]), {"answers": listed}


def _backlog(measure: Measure, ends: datetime, known_at: datetime) -> tuple[Measured, Inputs]:
    one = measure.definition
    found = backlog.open_at(measure.line, ends, one.severities, measure.when)
    age = sum(int((ends - opened).total_seconds()) for _, opened in found)
    listed = [{"ticket": ticket, "opened": _instant(opened)} for ticket, opened in found]
    return judge.backlog(one, many=len(found), age=age), {"open": listed}


MEASURES: dict[str, Callable[[Measure, datetime, datetime], tuple[Measured, Inputs]]] = {
    **dict.fromkeys(BY_CLOCKS, _by_clocks),
    "uptime": _uptime,
    "response_p95": _p95,
    "satisfaction": _satisfaction,
    "backlog_age": _backlog,
}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
