"""What a package of the catalogue gives, in words to lay beside another's, and when it would answer (P4).

Everything is read out of the published documents and the terms they compile to; the dues of a picture come from
the clock core, as a ticket's would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from mainstay.advisor.rules import Answer
from mainstay.allowances import prices
from mainstay.catalogue import publish as catalogue
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.contracts import entitlement, terms
from mainstay.contracts.entitlement import Basis, Known
from mainstay.contracts.terms import TermsDocument
from mainstay.customers.models import Environment
from mainstay.sla import clocks, hours
from mainstay.sla.hours import WEEKDAYS

TUESDAY = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
"""An ordinary Tuesday at ten, and a Saturday night: wall-clock readings of whoever asks, without holidays."""
DRAWN = ("first_response", "workaround", "resolution")
_DAY_NAMES = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)


@dataclass(frozen=True)
class Line:
    """One line of the comparison: what it is about, and what each package gives."""

    name: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True)
class Due:
    """When a clock would be due for a severity 1 that comes at `at`, and whether that is owed."""

    clock: str
    at: datetime
    promised: bool


@dataclass(frozen=True)
class Offer:
    """A package with all its lines by name, and its dues on the two days of the picture."""

    package: Package
    lines: Mapping[str, str]
    tuesday: tuple[Due, ...]
    saturday: tuple[Due, ...]


def compared(packages: Sequence[Package]) -> list[Line]:
    """The lines of several packages side by side."""
    desk = catalogue.current_desk_policy()
    offers = [of(package, desk) for package in packages]
    names = dict.fromkeys(name for offer in offers for name in offer.lines)
    return [Line(name, tuple(offer.lines.get(name, "–") for offer in offers)) for name in names]


def of(package: Package, desk: DeskPolicy | None = None) -> Offer:
    """What one package gives; worked out once for a version."""
    desk = desk or catalogue.current_desk_policy()
    versions = tuple((one.pk, one.published_at) for one in (package, package.level, desk))
    return _of(versions)


@lru_cache(maxsize=128)
def _of(versions: tuple[tuple[int, datetime], ...]) -> Offer:
    """Of the versions of package, level and desk policy, which never change."""
    package = Package.objects.select_related("level").get(pk=versions[0][0])
    desk = DeskPolicy.objects.get(pk=versions[2][0])
    inside, outside = _terms(package, desk, TUESDAY), _terms(package, desk, SATURDAY)
    return Offer(
        package,
        dict(_lines(package, desk, inside, outside)),
        _dues(inside, TUESDAY),
        _dues(outside, SATURDAY),
    )


# ---- terms


def _terms(package: Package, desk: DeskPolicy, at: datetime) -> TermsDocument:
    """The terms for a technical problem of a production system that comes by the portal."""
    found = entitlement.judged(
        Basis("included", None, package, desk), None, at,
        environment=Environment(kind=Environment.Kind.PRODUCTION),
        facts=Known(channel="portal", category="technical"), keep=False,
    )  # fmt: skip
    return terms.parse(found.terms.text)


def _dues(says: TermsDocument, at: datetime) -> tuple[Due, ...]:
    """What would be owed for a severity 1 received then, in the order of the clocks."""
    start = hours.instant(at)
    running = clocks.explain(says.policy, [clocks.Event(start, "received", severity=1)], start)
    return tuple(
        Due(one.clock, hours.at(one.due), says.kind(one.clock, 1) == "promise")
        for one in running
        if one.clock in DRAWN and one.due is not None
    )


# ---- lines


def _lines(
    package: Package, desk: DeskPolicy, inside: TermsDocument, outside: TermsDocument
) -> list[tuple[str, str]]:
    level, sold = package.level.document, package.document
    ranks = sorted(one["rank"] for one in desk.document["severities"])
    return [
        *(
            (f"First answer, severity {rank}", _both(inside, outside, "first_response", rank))
            for rank in ranks
        ),
        ("Progress reports, severity 1", _both(inside, outside, "progress_update", 1, "every ")),
        ("Workaround, severity 1", _both(inside, outside, "workaround", 1)),
        ("Solution, severity 1", _both(inside, outside, "resolution", 1)),
        ("Root cause after severity 1", _both(inside, outside, "root_cause", 1)),
        ("Business hours", _week(sold["hours"].get("week", {}))),
        ("Ways to reach us", ", ".join(_channel(one) for one in sold["channels"])),
        ("People who may ask", _contacts(sold.get("contacts"))),
        ("Technical Account Manager", "yes" if sold["tam"] else "no"),
        ("Who answers", _team(level["staffing"])),
        ("We look at it", _monitoring(level["monitoring"])),
        ("Uptime", _kpi([*level["kpis"], *sold.get("kpis", [])], "uptime")),
        ("Answers in time", _kpi([*level["kpis"], *sold.get("kpis", [])], "responses_in_time")),
        ("If we miss it", _missed([*level["kpis"], *sold.get("kpis", [])])),
        ("Price", price_words(sold["price"])),
    ]


def _both(inside: TermsDocument, outside: TermsDocument, clock: str, severity: int, every: str = "") -> str:
    """A target in words, and where it is another one for what comes outside business hours."""
    day, night = _target(inside, clock, severity, every), _target(outside, clock, severity, every)
    return day if day == night else f"{day}; outside business hours {night}"


def _target(says: TermsDocument, clock: str, severity: int, every: str) -> str:
    kind = says.kind(clock, severity)
    if kind not in {"promise", "goal"}:
        return "not promised"
    words = f"{every}{says.target_words(clock, severity)}"
    return words if kind == "promise" else f"{words} (goal)"


def _week(week: Mapping[str, Any]) -> str:
    """Hours of a week, days that are alike together: "Monday to Friday 09:00-17:00"."""
    runs: list[tuple[list[str], str]] = []
    for day in WEEKDAYS:
        words = ", ".join(f"{start}-{end}" for start, end in week.get(day, []))
        if runs and runs[-1][1] == words:
            runs[-1][0].append(day)
        else:
            runs.append(([day], words))
    return "; ".join(f"{_days(days)} {words}" for days, words in runs if words) or "as agreed"


def _days(days: Sequence[str]) -> str:
    first, last = _DAY_NAMES[days[0]], _DAY_NAMES[days[-1]]
    return first if len(days) == 1 else f"{first} {'and' if len(days) == 2 else 'to'} {last}"


def _channel(code: str) -> str:
    return {"api": "API", "alerts": "alerts of your monitoring"}.get(code, code)


def _contacts(given: Any) -> str:
    if isinstance(given, Mapping):
        return f"{given.get('included', 0):,}, more by what you buy"
    return f"{given:,}" if given else "as many as you like"


def _team(staffing: Mapping[str, Any]) -> str:
    who = "a team of your own" if staffing["team"] == "dedicated" else "shared engineers, higher levels first"
    return f"{who}, round the clock" if staffing["round_the_clock"] else who


def _monitoring(given: Mapping[str, Any]) -> str:
    if given["depth"] == "none":
        return "none"
    return f"{given['depth']}, every {_span(given.get('interval_seconds', 0))}"


def _span(seconds: int) -> str:
    if seconds % 60:
        return f"{seconds} seconds"
    return "minute" if seconds == 60 else f"{seconds // 60} minutes"


def _kpi(kpis: Sequence[Mapping[str, Any]], name: str) -> str:
    found = next((one for one in kpis if one["kpi"] == name and "percent" in one), None)
    if found is None:
        return "not promised"
    return f"{found['percent']} % a {found['per']}, {found['strength'].replace('_', ' ')}"


def _missed(kpis: Sequence[Mapping[str, Any]]) -> str:
    """What a missed figure costs us: the caps of its credits where they are written down."""
    strengths = {one["strength"] for one in kpis}
    if not strengths & {"guarantee", "strict_guarantee"}:
        return "it is reported to you" if strengths else "nothing is measured"
    caps = [
        Decimal(cap)
        for one in kpis
        if (cap := str(one.get("credits", {}).get("cap_percent", ""))).replace(".", "", 1).isdigit()
    ]
    return f"credits of up to {max(caps).normalize():f} %" if caps else "credits, as agreed in the contract"


# ---- prices


def price_words(price: Mapping[str, Any]) -> str:
    """A price as the package's document says it."""
    parts = []
    if "amount" in price:
        parts.append(f"{_money(price['amount'])} {price.get('currency', '')}".strip())
    if "percent" in price:
        floor = (
            f", at least {_money(price['floor'])} {price.get('currency', '')}".rstrip()
            if "floor" in price
            else ""
        )
        parts.append(f"{price['percent']} % of {price.get('percent_of', 'the licence')}{floor}")
    if "per_unit" in price:
        parts.append(
            f"{_money(price['per_unit'])} {price.get('currency', '')} for each {price.get('unit', 'unit')}"
        )
    if not parts and price["basis"].startswith("included"):
        return str(price["basis"])
    return f"{' and '.join(parts) or 'on request'}, {price['basis']}"


def _money(text: Any) -> str:
    return f"{Decimal(str(text)):,.2f}"


def amounts(packages: Sequence[Package], on: date) -> dict[int, dict[str, Decimal]]:
    """What packages cost on a day, by id and currency: by the price list, else by their own documents."""
    listed = {line.package.code: line.prices for line in prices.price_list(on).lines}
    return {
        one.pk: {price.currency: price.amount for price in listed.get(one.code, ()) if price is not None}
        for one in packages
    }


def amount_words(costs: Mapping[str, Decimal]) -> str:
    """Amounts in each currency: "12,000.00 EUR · 13,000.00 USD"."""
    return " · ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(costs.items()))


def gap_words(mine: Mapping[str, Decimal], its: Mapping[str, Decimal]) -> str:
    """What the other one costs more or less, in each currency that both have; empty where there is none."""
    gaps = {one: its[one] - mine[one] for one in sorted(mine.keys() & its.keys())}
    return " · ".join(
        f"{abs(gap):,.2f} {currency} {'more' if gap > 0 else 'less'}" if gap else "the same price"
        for currency, gap in gaps.items()
    )


# ---- needs that a package does not meet


def unmet(package: Package, needs: Sequence[Answer]) -> list[str]:
    """What was asked for and the package lacks: to be agreed in the contract."""
    sold, found = package.document, []
    kpis = [*package.level.document["kpis"], *sold.get("kpis", [])]
    for answer in needs:
        channel, contacts, uptime = (answer.needs.get(key) for key in ("channel", "contacts", "uptime"))
        if channel and channel not in sold["channels"]:
            found.append(f"{_channel(channel)}, because {_lower(answer.because)}")
        if answer.needs.get("tam") and not sold["tam"]:
            found.append("a Technical Account Manager")
        has = sold.get("contacts")
        limit = has.get("included") if isinstance(has, Mapping) else has
        if contacts and limit and contacts > limit:
            found.append(f"{contacts} people who may ask instead of {limit}")
        if uptime and not _has_uptime(kpis, uptime):
            found.append(f"uptime of {uptime} %")
    return found


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _has_uptime(kpis: Sequence[Mapping[str, Any]], wanted: str) -> bool:
    return any(one["kpi"] == "uptime" and Decimal(one.get("percent", "0")) >= Decimal(wanted) for one in kpis)
