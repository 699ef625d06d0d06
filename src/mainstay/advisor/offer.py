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

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from mainstay.advisor.rules import Answer
from mainstay.allowances import prices
from mainstay.catalogue import publish as catalogue
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.contracts import entitlement, terms, wording
from mainstay.contracts.basis import Basis
from mainstay.contracts.entitlement import Known
from mainstay.contracts.terms import TermsDocument
from mainstay.customers.models import Environment
from mainstay.sla import clocks, hours
from mainstay.sla.hours import WEEKDAYS

TUESDAY = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
"""An ordinary Tuesday at ten, and a Saturday night: wall-clock readings of whoever asks, without holidays."""
DRAWN = ("first_response", "workaround", "resolution")
_DAY_NAMES = dict(
    zip(
        WEEKDAYS,
        (
            gettext_noop("Monday"), gettext_noop("Tuesday"), gettext_noop("Wednesday"), gettext_noop("Thursday"),
            gettext_noop("Friday"), gettext_noop("Saturday"), gettext_noop("Sunday"),
        ),
        strict=True,
    )
)  # fmt: skip
_DEPTHS = {
    "basic": gettext_noop("basic"),
    "regular": gettext_noop("regular"),
    "continuous": gettext_noop("continuous"),
}


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
    """What one package gives, in the reader's language; worked out once for a version."""
    desk = desk or catalogue.current_desk_policy()
    versions = tuple((one.pk, one.published_at) for one in (package, package.level, desk))
    return _of(versions, get_language() or "")


@lru_cache(maxsize=128)
def _of(versions: tuple[tuple[int, datetime], ...], language: str) -> Offer:
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
            (
                _("First answer, severity %(rank)s") % {"rank": rank},
                _both(inside, outside, "first_response", rank),
            )
            for rank in ranks
        ),
        (_("Progress reports, severity 1"), _both(inside, outside, "progress_update", 1, every=True)),
        (_("Workaround, severity 1"), _both(inside, outside, "workaround", 1)),
        (_("Solution, severity 1"), _both(inside, outside, "resolution", 1)),
        (_("Root cause after severity 1"), _both(inside, outside, "root_cause", 1)),
        (_("Business hours"), _week(sold["hours"].get("week", {}))),
        (_("Ways to reach us"), ", ".join(_channel(one) for one in sold["channels"])),
        (_("People who may ask"), _contacts(sold.get("contacts"))),
        (_("Technical Account Manager"), _("yes") if sold["tam"] else _("no")),
        (_("Who answers"), _team(level["staffing"])),
        (_("We look at it"), _monitoring(level["monitoring"])),
        (_("Uptime"), _kpi([*level["kpis"], *sold.get("kpis", [])], "uptime")),
        (_("Answers in time"), _kpi([*level["kpis"], *sold.get("kpis", [])], "responses_in_time")),
        (_("If we miss it"), _missed([*level["kpis"], *sold.get("kpis", [])])),
        (_("Price"), price_words(sold["price"])),
    ]


def _both(
    inside: TermsDocument, outside: TermsDocument, clock: str, severity: int, *, every: bool = False
) -> str:
    """A target in words, and where it is another one for what comes outside business hours."""
    day, night = _target(inside, clock, severity, every), _target(outside, clock, severity, every)
    if day == night:
        return day
    return _("%(day)s; outside business hours %(night)s") % {"day": day, "night": night}


def _target(says: TermsDocument, clock: str, severity: int, every: bool) -> str:
    kind = says.kind(clock, severity)
    if kind not in {"promise", "goal"}:
        return _("not promised")
    words = says.target_words(clock, severity)
    if every:
        words = _("every %(span)s") % {"span": words}
    return words if kind == "promise" else _("%(target)s (goal)") % {"target": words}


def _week(week: Mapping[str, Any]) -> str:
    """Hours of a week, days that are alike together: "Monday to Friday 09:00-17:00"."""
    runs: list[tuple[list[str], str]] = []
    for day in WEEKDAYS:
        words = ", ".join(f"{start}-{end}" for start, end in week.get(day, []))
        if runs and runs[-1][1] == words:
            runs[-1][0].append(day)
        else:
            runs.append(([day], words))
    return "; ".join(f"{_days(days)} {words}" for days, words in runs if words) or _("as agreed")


def _days(days: Sequence[str]) -> str:
    first, last = _(_DAY_NAMES[days[0]]), _(_DAY_NAMES[days[-1]])
    if len(days) == 1:
        return first
    joined = _("%(first)s and %(last)s") if len(days) == 2 else _("%(first)s to %(last)s")
    return joined % {"first": first, "last": last}


def _channel(code: str) -> str:
    return _("alerts of your monitoring") if code == "alerts" else wording.known(code)


def _contacts(given: Any) -> str:
    if isinstance(given, Mapping):
        return _("%(number)s, more by what you buy") % {"number": f"{given.get('included', 0):,}"}
    return f"{given:,}" if given else _("as many as you like")


def _team(staffing: Mapping[str, Any]) -> str:
    own = staffing["team"] == "dedicated"
    who = _("a team of your own") if own else _("shared engineers, higher levels first")
    return _("%(span)s, round the clock") % {"span": who} if staffing["round_the_clock"] else who


def _monitoring(given: Mapping[str, Any]) -> str:
    if given["depth"] == "none":
        return _("none")
    depth = str(given["depth"])
    said = {"depth": _(_DEPTHS.get(depth, depth)), "span": _span(given.get("interval_seconds", 0))}
    return _("%(depth)s, every %(span)s") % said


def _span(seconds: int) -> str:
    if seconds % 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    return (
        _("minute")
        if seconds == 60
        else ngettext("%(n)s minute", "%(n)s minutes", seconds // 60) % {"n": seconds // 60}
    )


def _kpi(kpis: Sequence[Mapping[str, Any]], name: str) -> str:
    found = next((one for one in kpis if one["kpi"] == name and "percent" in one), None)
    if found is None:
        return _("not promised")
    said = {
        "percent": wording.number(found["percent"]), "period": wording.known(found["per"]),
        "strength": wording.known(found["strength"]),
    }  # fmt: skip
    return _("%(percent)s %% a %(period)s, %(strength)s") % said


def _missed(kpis: Sequence[Mapping[str, Any]]) -> str:
    """What a missed figure costs us: the caps of its credits where they are written down."""
    strengths = {one["strength"] for one in kpis}
    if not strengths & {"guarantee", "strict_guarantee"}:
        return _("it is reported to you") if strengths else _("nothing is measured")
    caps = [
        Decimal(cap)
        for one in kpis
        if (cap := str(one.get("credits", {}).get("cap_percent", ""))).replace(".", "", 1).isdigit()
    ]
    if not caps:
        return _("credits, as agreed in the contract")
    return _("credits of up to %(percent)s %%") % {"percent": wording.number(f"{max(caps).normalize():f}")}


# ---- prices


def price_words(price: Mapping[str, Any]) -> str:
    """A price as the package's document says it."""
    parts = []
    if "amount" in price:
        parts.append(f"{_money(price['amount'])} {price.get('currency', '')}".strip())
    if "percent" in price:
        floor = f"{_money(price['floor'])} {price.get('currency', '')}".rstrip() if "floor" in price else ""
        said = {
            "percent": wording.number(price["percent"]), "of": price.get("percent_of") or _("the licence"),
            "floor": floor,
        }  # fmt: skip
        of = _("%(percent)s %% of %(of)s, at least %(floor)s") if floor else _("%(percent)s %% of %(of)s")
        parts.append(of % said)
    if "per_unit" in price:
        amount = f"{_money(price['per_unit'])} {price.get('currency', '')}"
        parts.append(
            _("%(amount)s for each %(unit)s") % {"amount": amount, "unit": price.get("unit") or _("unit")}
        )
    basis = wording.known(str(price["basis"]))
    if not parts and price["basis"].startswith("included"):
        return basis
    amount = _joined(parts) or _("on request")
    return f"{amount}, {basis}"


def _joined(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a and b and c"."""
    if not parts:
        return ""
    said = parts[0]
    for part in parts[1:]:
        said = _("%(first)s and %(last)s") % {"first": said, "last": part}
    return said


def _money(text: Any) -> str:
    return str(number_format(Decimal(str(text)), 2, use_l10n=True, force_grouping=True))


def amounts(packages: Sequence[Package], on: date) -> dict[int, dict[str, Decimal]]:
    """What packages cost on a day, by id and currency: by the price list, else by their own documents."""
    listed = {line.package.code: line.prices for line in prices.price_list(on).lines}
    return {
        one.pk: {price.currency: price.amount for price in listed.get(one.code, ()) if price is not None}
        for one in packages
    }


def amount_words(costs: Mapping[str, Decimal]) -> str:
    """Amounts in each currency: "12,000.00 EUR · 13,000.00 USD"."""
    return " · ".join(f"{_money(amount)} {currency}" for currency, amount in sorted(costs.items()))


def gap_words(mine: Mapping[str, Decimal], its: Mapping[str, Decimal]) -> str:
    """What the other one costs more or less, in each currency that both have; empty where there is none."""
    gaps = {one: its[one] - mine[one] for one in sorted(mine.keys() & its.keys())}
    return " · ".join(_gap(gap, currency) for currency, gap in gaps.items())


def _gap(gap: Decimal, currency: str) -> str:
    if not gap:
        return _("the same price")
    return (_("%(amount)s more") if gap > 0 else _("%(amount)s less")) % {
        "amount": f"{_money(abs(gap))} {currency}"
    }


# ---- needs that a package does not meet


def unmet(package: Package, needs: Sequence[Answer]) -> list[str]:
    """What was asked for and the package lacks: to be agreed in the contract."""
    sold, found = package.document, []
    kpis = [*package.level.document["kpis"], *sold.get("kpis", [])]
    for answer in needs:
        channel, contacts, uptime = (answer.needs.get(key) for key in ("channel", "contacts", "uptime"))
        if channel and channel not in sold["channels"]:
            found.append(
                _("%(channel)s, because %(why)s")
                % {"channel": _channel(channel), "why": _lower(answer.because)}
            )
        if answer.needs.get("tam") and not sold["tam"]:
            found.append(_("a Technical Account Manager"))
        has = sold.get("contacts")
        limit = has.get("included") if isinstance(has, Mapping) else has
        if contacts and limit and contacts > limit:
            said = {"wanted": contacts, "limit": limit}
            found.append(_("%(wanted)s people who may ask instead of %(limit)s") % said)
        if uptime and not _has_uptime(kpis, uptime):
            found.append(_("uptime of %(percent)s %%") % {"percent": wording.number(uptime)})
    return found


def _lower(text: str) -> str:
    """A sentence as it goes on after a comma; German nouns keep their capital."""
    return text if (get_language() or "").startswith("de") else text[:1].lower() + text[1:]


def _has_uptime(kpis: Sequence[Mapping[str, Any]], wanted: str) -> bool:
    return any(one["kpi"] == "uptime" and Decimal(one.get("percent", "0")) >= Decimal(wanted) for one in kpis)
