"""The documents of a policy, and the strict reading of them before they are published (P2, P3, X1).

Each `check_...` returns the document unchanged, or raises `Refused` whose field is the path of what is wrong
("targets[3].severity") and whose message says what would be right; each `..._problems` yields all that is wrong.
Durations are targets of the clock definition ("4h", "2bd", "eobd"); percentages are decimal texts ("99.95"), so
that a document holds no floating number and has one spelling. docs/policy.md explains every key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from mainstay.errors import Refused
from mainstay.policy import rows, shapes, sold
from mainstay.policy.calendars import calendar_shape, hours_problems, place
from mainstay.policy.conditions import RECEIVED, TICKET_CHANNELS
from mainstay.policy.rows import CALENDARS, CLOSING, KINDS, KPIS, PERIODS, STRENGTHS
from mainstay.policy.shapes import Problems, Shape, each, keyed, record, refuse, text, whole, word
from mainstay.policy.spoken import texts
from mainstay.policy.typed import (
    DeskDocument,
    Escalation,
    Exclusion,
    Hours,
    Kpi,
    LevelDocument,
    Monitoring,
    PackageDocument,
    Price,
    Rules,
    Severity,
    Staffing,
    TargetRow,
)
from mainstay.sla.fields import shown
from mainstay.sla.policy import CLOCKS, MAY_START_LATER, ON_REOPEN, RULES, STARTS_ON, WAITING

DEPTHS = ("none", "basic", "regular", "continuous")
CHANNELS = ("documentation", "email", "portal", "phone", "api", "alerts")

__all__ = [
    "CALENDARS",
    "CHANNELS",
    "CLOSING",
    "DEPTHS",
    "KINDS",
    "KPIS",
    "PERIODS",
    "RECEIVED",
    "STRENGTHS",
    "DeskDocument",
    "Escalation",
    "Exclusion",
    "Hours",
    "Kpi",
    "LevelDocument",
    "Monitoring",
    "PackageDocument",
    "Price",
    "Rules",
    "Severity",
    "Staffing",
    "TargetRow",
    "at",
    "calendars_of",
    "check_closing",
    "check_desk_policy",
    "check_hours",
    "check_level",
    "check_overrides",
    "check_package",
    "desk_problems",
    "format_one",
    "level_problems",
    "overrides_problems",
    "package_problems",
    "ranks_in",
    "ranks_of",
]


# ---- shared keys


def _clock_rules(ranks: Sequence[int], calendars: Collection[str] | None) -> dict[str, Shape]:
    clock = word(CLOCKS)
    return {
        "targets": rows.targets(ranks, calendars),
        "hours_rules": rows.hours_rules(ranks, calendars),
        "pauses": keyed(clock, each(word(WAITING)), says="must be lists of waiting states by clock"),
        "starts_on": keyed(word(MAY_START_LATER), word(STARTS_ON), says="must name an event by clock"),
        "on_reopen": word(ON_REOPEN),
        "closing_rules": rows.closing_rules(ranks),
        "escalations": rows.escalations(ranks),
    }


def format_one(value: Any, field: str) -> Problems:
    """The one format that there is of the documents."""
    if value != 1 or isinstance(value, bool):
        yield Refused(field, f"is {shown(value)}; this version reads format 1")


# ---- service levels


def level_problems(document: Any, *, ranks: Sequence[int], calendars: Collection[str] | None) -> Problems:
    """All that is wrong with a service level."""
    said = _clock_rules(ranks, calendars)
    targets = said.pop("targets")
    head_starts = keyed(rows.severity_key(ranks), whole(0, 10_080, "minutes"),
                        says='must be minutes by severity, such as {"1": 60}')  # fmt: skip
    return record(
        {
            "format": format_one,
            "summary": text(2000),
            "targets": targets,
            "head_start_minutes": head_starts,
            "warn_at": whole(1, 99, "percent of the target"),
            "on_raise": word(RULES),
            "on_lower": word(RULES),
            "kpis": rows.kpis(ranks),
            "monitoring": _monitoring,
            "staffing": record({"team": word(("shared", "dedicated")), "round_the_clock": shapes.flag},
                               {"named": text(300)}),
            "escalation": record({"severity": rows.severity(ranks), "page": shapes.flag}),
        },
        {**said, "closing": rows.closing_some},
    )(document, "")  # fmt: skip


def check_level(
    document: object, *, ranks: Sequence[int] = (1, 2, 3), calendars: Collection[str] = ()
) -> LevelDocument:
    """A service level whose rows name only severities in `ranks`, and calendars in `calendars` beside the two
    that are always there."""
    refuse(level_problems(document, ranks=ranks, calendars=calendars))
    return cast(LevelDocument, document)


def _monitoring(value: Any, field: str) -> Problems:
    seconds = whole(1, 86_400, "seconds")
    yield from record(
        {"depth": word(DEPTHS)}, {"interval_seconds": seconds, "trends": shapes.flag, "words": text(500)}
    )(value, field)
    if isinstance(value, dict) and value.get("depth") != "none" and "interval_seconds" not in value:
        yield from seconds(None, f"{field}.interval_seconds")


# ---- packages


def package_problems(
    document: Any, *, ranks: Sequence[int] = tuple(range(1, 10)), calendars: Collection[str] | None = None
) -> Problems:
    """All that is wrong with a package."""
    return record(
        {
            "format": format_one,
            "summary": text(2000),
            "channels": each(word(CHANNELS), least=1),
            "hours": hours_problems,
            "tam": shapes.flag,
            "price": sold.price,
        },
        {
            **_clock_rules(ranks, calendars),
            "calendars": keyed(shapes.code, calendar_shape),
            "kpis": rows.kpis(ranks),
            "contacts": sold.contacts,
            "requests_per_month": whole(1, 1_000_000, "or left out for as many as they like"),
            "requests": sold.requests,
            "included_hours": sold.included_hours,
            "channel_rules": sold.staffed_channels((*CHANNELS, "alert", "desk")),
            "other_channels": each(text(100)),
            "languages": each(text(40), least=1),
            "environments": each(word(("production", "test", "development")), least=1),
            "addons": each(shapes.code),
            "benefits": each(text(500)),
            "closing": rows.closing_some,
            "on_sale": shapes.flag,
            "generation": text(60),
        },
    )(document, "")


def check_package(document: object, *, calendars: Collection[str] | None = None) -> PackageDocument:
    """A package; without hours it says nothing, so those are refused."""
    refuse(package_problems(document, calendars=calendars))
    return cast(PackageDocument, document)


def check_hours(document: object, field: str = "hours") -> Hours:
    """Business hours: a week that opens at least once, and which holidays are closed."""
    refuse(hours_problems(document, field))
    return cast(Hours, document)


# ---- the desk policy


def desk_problems(document: Any) -> Problems:
    """All that is wrong with what holds for every customer."""
    ranks = ranks_in(document)
    given = document if isinstance(document, dict) else {}
    own = given.get("calendars", {})
    known = [str(name) for name in own] if isinstance(own, dict) else []
    limit = whole(1, 10_000, "answers a day")
    return record(
        {
            "format": format_one,
            "severities": _severities,
            "hours": hours_problems,
            "closing": rows.closing_whole,
            "exclusions": _exclusions,
            "queue_ceiling_days": whole(1, 3650, "days"),
            "acknowledgements": record(
                {"unknown_per_address_per_day": limit, "unknown_per_domain_per_day": limit}
            ),
        },
        {
            **_clock_rules(ranks, known),
            "calendars": keyed(shapes.code, calendar_shape),
            "regions": keyed(shapes.code, each(place, least=1)),
            "severity_rules": rows.severity_rules(ranks),
            "set_by": record({}, {"customer": shapes.flag, "vendor": shapes.flag}),
            "reopen_channels": each(word(TICKET_CHANNELS), least=1),
            "lifecycle": rows.phases,
            "languages": each(text(40), least=1),
            "accept_within_minutes": keyed(
                rows.severity_key(ranks),
                whole(1, 10_080, "minutes"),
                says='must be minutes by severity, such as {"1": 15}',
            ),
            "flags": keyed(shapes.code, text(200)),
            "addons": sold.addons,
            "channel_rules": sold.staffed_channels((*CHANNELS, "alert", "desk")),
        },
    )(document, "")


def check_desk_policy(document: object) -> DeskDocument:
    """What holds for every customer: severities, closing rules, exclusions, ceilings."""
    refuse(desk_problems(document))
    return cast(DeskDocument, document)


def ranks_of(document: DeskDocument) -> list[int]:
    """The severities there are, gravest first."""
    return sorted(severity["rank"] for severity in document["severities"])


def calendars_of(*parts: Any) -> list[str]:
    """The names of the calendars that these documents define."""
    found = [part.get("calendars", {}) for part in parts if isinstance(part, dict)]
    return [str(name) for one in found if isinstance(one, dict) for name in one]


def ranks_in(document: Any) -> list[int]:
    """The ranks, as far as they can be read: what else is wrong is said by `_severities`."""
    listed = document.get("severities") if isinstance(document, dict) else None
    ranks = [row.get("rank") for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return sorted(rank for rank in ranks if isinstance(rank, int)) or [1, 2, 3]


_severity_rows = each(
    record(
        {"rank": whole(1, 9, "1 is gravest"), "name": text(100), "definition": text(1000), "urgency": text(1000)},
        {
            "examples": each(text(500)),
            "needs_contact": shapes.flag,
            "in": texts({"name": 100, "definition": 1000, "urgency": 1000}),
        },
    )
)  # fmt: skip


def _severities(value: Any, field: str) -> Problems:
    yield from _severity_rows(value, field)
    listed = value if isinstance(value, list) else []
    ranks = sorted(str(row.get("rank")) for row in listed if isinstance(row, dict))
    if not ranks or ranks != [str(rank) for rank in range(1, len(ranks) + 1)]:
        yield Refused(field, "must be ranked 1, 2, 3, ... with none missing and none twice")
    names: set[str] = set()
    for i, row in enumerate(listed):
        name = str(row.get("name", "")).strip().lower() if isinstance(row, dict) else ""
        if name and name in names:
            yield Refused(f"{field}[{i}].name", f"{row['name']} is there twice")
        if name.isdigit() and name != str(row.get("rank")):
            said = f"{name} would be taken for the rank {name}, and its rank is {row.get('rank')}"
            yield Refused(f"{field}[{i}].name", f'{said}; call it "Severity {name}" or the like')
        names.add(name)


def check_closing(document: object, field: str, *, whole: bool) -> dict[str, Any]:
    """Rules of closing by itself; `whole`: all of them, else those that differ from the desk's."""
    refuse((rows.closing_whole if whole else rows.closing_some)(document, field))
    return cast("dict[str, Any]", document)


_exclusion_rows = each(
    record(
        {
            "code": shapes.matching(r"[a-z][a-z0-9_]{1,39}", 'must be small letters such as "third_party"'),
            "title": text(2000),
            "wording": text(2000),
        },
        {
            "paid_path": text(2000),
            "evidence": rows.evidence,
            "in": texts({"title": 2000, "wording": 2000, "paid_path": 2000}),
        },
    )
)


def _exclusions(value: Any, field: str) -> Problems:
    yield from _exclusion_rows(value, field)
    if isinstance(value, list):
        yield from rows.unique(value, "code", field)


# ---- what a contract says differently


def overrides_problems(
    document: Any, *, ranks: Sequence[int], calendars: Collection[str] | None = None
) -> Problems:
    """All that is wrong with the difference of a contract from its package."""
    own = calendars_of(document) if calendars is not None else []
    known = None if calendars is None else [*calendars, *own]
    said = _clock_rules(ranks, known)
    limits = {"contacts": sold.contacts, "requests": sold.requests, "included_hours": sold.included_hours}
    return record(
        {},
        {
            **said,
            **limits,
            "hours": said["hours_rules"],
            "calendars": keyed(shapes.code, calendar_shape),
            "kpis": rows.kpis(ranks),
            "channels": each(word(CHANNELS), least=1),
            "channel_rules": sold.staffed_channels((*CHANNELS, "alert", "desk")),
            "closing": rows.closing_some,
            "addons": each(shapes.code),
            "languages": each(text(40), least=1),
            "environments": each(word(("production", "test", "development")), least=1),
            "escalation": record({"severity": rows.severity(ranks), "page": shapes.flag}),
            "price": sold.price,
            "head_start_minutes": keyed(rows.severity_key(ranks), whole(0, 10_080, "minutes")),
            "monitoring": _monitoring,
        },
    )(document, "")


def check_overrides(
    document: object, *, ranks: Sequence[int], calendars: Collection[str] | None = None
) -> dict[str, Any]:
    """A contract's difference from its package. `calendars` are those it may name beside its own and the two
    that are always there; None: not looked at."""
    refuse(overrides_problems(document, ranks=ranks, calendars=calendars))
    return cast("dict[str, Any]", document)


def at(field: str, problems: Problems) -> Problems:
    """The same problems below a field."""
    for problem in problems:
        inner = problem.field
        where = f"{field}{inner}" if inner.startswith("[") else f"{field}.{inner}" if inner else field
        yield Refused(where if inner != "file" else field, problem.message)
