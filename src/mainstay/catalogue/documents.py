"""The documents of the catalogue, and the strict reading of them before they are published (P2, P3, X1).

Each `check_...` returns the document unchanged, or raises `Refused` whose field is the path of what is wrong
("targets[3].severity") and whose message says what would be right. Durations are targets of the clock
definition ("4h", "2bd", "eobd"); percentages are decimal texts ("99.95"), so that a document holds no
floating number and has one spelling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NotRequired, TypedDict, cast

from mainstay.errors import Refused
from mainstay.sla.fields import choice, entries, flag, path, shown
from mainstay.sla.hours import WEEKDAYS, calendar_of
from mainstay.sla.policy import CLOCKS, MAY_START_LATER, ON_REOPEN, RULES, STARTS_ON, WAITING
from mainstay.sla.targets import parse_target

Kind = Literal["promise", "goal", "internal"]

KINDS = ("promise", "goal", "internal")
CALENDARS = ("business", "always")
RECEIVED = ("outside_hours", "inside_hours")
STRENGTHS = ("objective", "guarantee", "strict_guarantee")
KPIS = ("responses_in_time", "uptime", "response_p95", "satisfaction", "backlog_age")
PERIODS = ("month", "quarter", "year")
DEPTHS = ("none", "basic", "regular", "continuous")
CHANNELS = ("documentation", "email", "portal", "phone", "api", "alerts")
CLOSING = ("solution_reminders", "solution_closes", "question_reminders", "question_closes", "reopen_window")
_REMINDERS = ("solution_reminders", "question_reminders")


class TargetRow(TypedDict):
    """What is owed for one clock at one severity, for every ticket or only where `when` holds."""

    clock: str
    severity: int | Literal["*"]
    target: str
    calendar: Literal["business", "always"]
    kind: Kind
    when: NotRequired[dict[str, str]]


class Kpi(TypedDict):
    """A figure of the whole contract: an objective, a guarantee or a strict guarantee (P6)."""

    kpi: str
    strength: str
    per: str
    percent: NotRequired[str]
    milliseconds: NotRequired[int]
    days: NotRequired[int]


class Monitoring(TypedDict):
    depth: str
    interval_seconds: NotRequired[int]
    trends: NotRequired[bool]


class Staffing(TypedDict):
    team: Literal["shared", "dedicated"]
    round_the_clock: bool


class Escalation(TypedDict):
    """What the TAM's escalation does: the severity it raises to, and whether a person is woken."""

    severity: int
    page: bool


class LevelDocument(TypedDict):
    """A service level. `pauses`, `starts_on` and `on_reopen` override the clock definition's defaults."""

    format: int
    summary: str
    targets: list[TargetRow]
    head_start_minutes: dict[str, int]
    warn_at: int
    on_raise: str
    on_lower: str
    pauses: NotRequired[dict[str, list[str]]]
    starts_on: NotRequired[dict[str, str]]
    on_reopen: NotRequired[str]
    kpis: list[Kpi]
    monitoring: Monitoring
    staffing: Staffing
    escalation: Escalation
    closing: NotRequired[dict[str, Any]]


class Hours(TypedDict):
    """Business hours in the customer's zone; `holidays` are the customer's country's, none, or dates."""

    week: dict[str, list[list[str]]]
    holidays: str | list[str]


class Price(TypedDict):
    basis: str
    amount: NotRequired[str]
    currency: NotRequired[str]


class PackageDocument(TypedDict):
    """A thing to buy. `contacts` and `requests_per_month` absent: as many as they like."""

    format: int
    summary: str
    channels: list[str]
    hours: Hours
    contacts: NotRequired[int]
    requests_per_month: NotRequired[int]
    tam: bool
    price: Price


class Severity(TypedDict):
    rank: int
    name: str
    definition: str
    urgency: str


class Exclusion(TypedDict):
    """Something not covered (X1). `wording` is the courteous answer, `paid_path` what may be bought instead."""

    code: str
    title: str
    wording: str
    paid_path: NotRequired[str]


class DeskDocument(TypedDict):
    """What holds for every customer."""

    format: int
    severities: list[Severity]
    hours: Hours
    closing: dict[str, Any]
    exclusions: list[Exclusion]
    queue_ceiling_days: int
    acknowledgements: dict[str, int]


# ---- service levels


def check_level(document: object, *, ranks: Sequence[int] = (1, 2, 3)) -> LevelDocument:
    """A service level whose rows name only severities in `ranks`."""
    given = entries(
        document,
        "",
        {"format", "summary", "targets", "head_start_minutes", "warn_at", "on_raise", "on_lower", "kpis",
         "monitoring", "staffing", "escalation"},
        {"pauses", "starts_on", "on_reopen", "closing"},
    )  # fmt: skip
    _format(given)
    _text(given["summary"], "summary", 2000)
    _targets(given["targets"], ranks)
    _head_starts(given["head_start_minutes"], ranks)
    _whole(given["warn_at"], "warn_at", 1, 99, "percent of the target")
    choice(given["on_raise"], RULES, "on_raise")
    choice(given["on_lower"], RULES, "on_lower")
    _pauses(given.get("pauses", {}))
    _starts_on(given.get("starts_on", {}))
    choice(given.get("on_reopen", "continue"), ON_REOPEN, "on_reopen")
    for i, kpi in enumerate(_list(given["kpis"], "kpis")):
        _kpi(kpi, f"kpis[{i}]")
    _monitoring(given["monitoring"])
    staffing = entries(given["staffing"], "staffing", {"team", "round_the_clock"}, set())
    choice(staffing["team"], ("shared", "dedicated"), "staffing.team")
    flag(staffing["round_the_clock"], "staffing.round_the_clock")
    escalation = entries(given["escalation"], "escalation", {"severity", "page"}, set())
    _severity(escalation["severity"], ranks, "escalation.severity")
    flag(escalation["page"], "escalation.page")
    check_closing(given.get("closing", {}), "closing", whole=False)
    return cast(LevelDocument, given)


def _targets(rows: object, ranks: Sequence[int]) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for i, row in enumerate(_list(rows, "targets")):
        field = f"targets[{i}]"
        given = entries(row, field, {"clock", "severity", "target", "calendar", "kind"}, {"when"})
        choice(given["clock"], CLOCKS, f"{field}.clock")
        if given["severity"] != "*":
            _severity(given["severity"], ranks, f"{field}.severity")
        parse_target(given["target"], f"{field}.target")
        choice(given["calendar"], CALENDARS, f"{field}.calendar")
        choice(given["kind"], KINDS, f"{field}.kind")
        when = entries(given.get("when", {}), f"{field}.when", set(), {"received"})
        if "received" in when:
            choice(when["received"], RECEIVED, f"{field}.when.received")
        key = (given["clock"], given["severity"], when.get("received"))
        if key in seen:
            raise Refused(field, f"says the same case as targets[{seen[key]}]; keep one of the two")
        seen[key] = i


def _head_starts(given: object, ranks: Sequence[int]) -> None:
    if not isinstance(given, dict):
        raise Refused("head_start_minutes", 'must be minutes by severity, such as {"1": 60}')
    for key, minutes in given.items():
        where = path("head_start_minutes", key)
        if key not in {str(rank) for rank in ranks}:
            raise Refused(where, f"is no severity of the desk; it has {_listed(ranks)}")
        _whole(minutes, where, 0, 10_080, "minutes")


def _pauses(given: object) -> None:
    if not isinstance(given, dict):
        raise Refused("pauses", "must be lists of waiting states by clock")
    for clock, states in given.items():
        where = path("pauses", choice(clock, CLOCKS, path("pauses", clock)))
        for i, state in enumerate(_list(states, where)):
            choice(state, WAITING, f"{where}[{i}]")


def _starts_on(given: object) -> None:
    if not isinstance(given, dict):
        raise Refused("starts_on", "must name an event by clock")
    for clock, event in given.items():
        where = path("starts_on", choice(clock, MAY_START_LATER, path("starts_on", clock)))
        choice(event, STARTS_ON, where)


def _kpi(kpi: object, field: str) -> None:
    given = entries(kpi, field, {"kpi", "strength", "per"}, {"percent", "milliseconds", "days"})
    name = choice(given["kpi"], KPIS, f"{field}.kpi")
    choice(given["strength"], STRENGTHS, f"{field}.strength")
    choice(given["per"], PERIODS, f"{field}.per")
    figure = {"response_p95": "milliseconds", "backlog_age": "days"}.get(name, "percent")
    if figure not in given:
        raise Refused(f"{field}.{figure}", f"is missing; {name} is measured in it")
    if figure == "percent":
        _percent(given["percent"], f"{field}.percent")
    else:
        _whole(given[figure], f"{field}.{figure}", 1, 1_000_000, figure)


def _percent(value: object, field: str) -> None:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 < number <= 100:
        raise Refused(field, f'must be a text such as "99.95", above 0 and at most 100, not {shown(value)}')


def _monitoring(document: object) -> None:
    given = entries(document, "monitoring", {"depth"}, {"interval_seconds", "trends"})
    depth = choice(given["depth"], DEPTHS, "monitoring.depth")
    if depth != "none":
        _whole(given.get("interval_seconds"), "monitoring.interval_seconds", 1, 86_400, "seconds")
    flag(given.get("trends", False), "monitoring.trends")


# ---- packages


def check_package(document: object) -> PackageDocument:
    """A package; without hours it says nothing, so those are refused."""
    given = entries(
        document,
        "",
        {"format", "summary", "channels", "hours", "tam", "price"},
        {"contacts", "requests_per_month"},
    )
    _format(given)
    _text(given["summary"], "summary", 2000)
    channels = _list(given["channels"], "channels")
    if not channels:
        raise Refused("channels", f"is empty; name one or more of {', '.join(CHANNELS)}")
    for i, channel in enumerate(channels):
        choice(channel, CHANNELS, f"channels[{i}]")
    check_hours(given["hours"])
    for name in ("contacts", "requests_per_month"):
        if name in given:
            _whole(given[name], name, 1, 1_000_000, "or left out for as many as they like")
    flag(given["tam"], "tam")
    price = entries(given["price"], "price", {"basis"}, {"amount", "currency"})
    _text(price["basis"], "price.basis", 200)
    if "amount" in price and not re.fullmatch(r"\d{1,12}(\.\d{2})?", str(price["amount"])):
        raise Refused("price.amount", 'must be a text such as "1200.00"')
    if "currency" in price and not re.fullmatch(r"[A-Z]{3}", str(price["currency"])):
        raise Refused("price.currency", 'must be three letters such as "EUR"')
    return cast(PackageDocument, given)


def check_hours(document: object, field: str = "hours") -> Hours:
    """Business hours: a week that opens at least once, and which holidays are closed."""
    given = entries(document, field, {"week", "holidays"}, set())
    if not isinstance(given["week"], dict) or not any(given["week"].get(day) for day in WEEKDAYS):
        raise Refused(f"{field}.week", 'opens at no time; give hours such as {"mon": [["09:00", "17:00"]]}')
    dates = given["holidays"]
    if isinstance(dates, str):
        choice(dates, ("customer", "none"), f"{field}.holidays")
        dates = []
    calendar_of({"time_zone": "UTC", "week": given["week"], "holidays": dates}, field=field)
    return cast(Hours, given)


# ---- the desk policy


def check_desk_policy(document: object) -> DeskDocument:
    """What holds for every customer: severities, closing rules, exclusions, ceilings."""
    given = entries(
        document,
        "",
        {"format", "severities", "hours", "closing", "exclusions", "queue_ceiling_days", "acknowledgements"},
        set(),
    )
    _format(given)
    _severities(given["severities"])
    check_hours(given["hours"])
    check_closing(given["closing"], "closing", whole=True)
    _exclusions(given["exclusions"])
    _whole(given["queue_ceiling_days"], "queue_ceiling_days", 1, 3650, "days")
    limits = {"unknown_per_address_per_day", "unknown_per_domain_per_day"}
    for name, limit in entries(given["acknowledgements"], "acknowledgements", limits, set()).items():
        _whole(limit, f"acknowledgements.{name}", 1, 10_000, "answers a day")
    return cast(DeskDocument, given)


def ranks_of(document: DeskDocument) -> list[int]:
    """The severities there are, gravest first."""
    return sorted(severity["rank"] for severity in document["severities"])


def _severities(rows: object) -> None:
    listed = _list(rows, "severities")
    for i, row in enumerate(listed):
        field = f"severities[{i}]"
        given = entries(row, field, {"rank", "name", "definition", "urgency"}, set())
        _whole(given["rank"], f"{field}.rank", 1, 9, "1 is gravest")
        for name in ("name", "definition", "urgency"):
            _text(given[name], f"{field}.{name}", 1000)
    ranks = sorted(row["rank"] for row in listed)
    if not ranks or ranks != list(range(1, len(ranks) + 1)):
        raise Refused("severities", "must be ranked 1, 2, 3, ... with none missing and none twice")


def check_closing(document: object, field: str, *, whole: bool) -> dict[str, Any]:
    """Rules of closing by itself; `whole`: all of them, else those that differ from the desk's."""
    given = entries(document, field, set(CLOSING) if whole else set(), set() if whole else set(CLOSING))
    for name, value in given.items():
        where = f"{field}.{name}"
        if name in _REMINDERS:
            for i, target in enumerate(_list(value, where)):
                parse_target(target, f"{where}[{i}]")
        else:
            parse_target(value, where)
    return given


def _exclusions(rows: object) -> None:
    seen = set()
    for i, row in enumerate(_list(rows, "exclusions")):
        field = f"exclusions[{i}]"
        given = entries(row, field, {"code", "title", "wording"}, {"paid_path"})
        if not isinstance(given["code"], str) or not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", given["code"]):
            raise Refused(f"{field}.code", 'must be small letters such as "third_party"')
        for name in ("title", "wording"):
            _text(given[name], f"{field}.{name}", 2000)
        if given["code"] in seen:
            raise Refused(f"{field}.code", f"{given['code']} is there twice")
        seen.add(given["code"])


# ---- small parts


def _format(given: dict[str, Any]) -> None:
    if given["format"] != 1 or isinstance(given["format"], bool):
        raise Refused("format", f"is {shown(given['format'])}; this version reads format 1")


def _text(value: object, field: str, longest: int) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > longest or "\x00" in value:
        raise Refused(field, f"must be a text of 1 to {longest} characters")


def _list(value: object, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(field, "must be a list")
    return value


def _whole(value: object, field: str, least: int, most: int, meaning: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(field, f"must be a whole number from {least} to {most} ({meaning}), not {shown(value)}")


def _severity(value: object, ranks: Sequence[int], field: str) -> None:
    if isinstance(value, bool) or value not in ranks:
        raise Refused(
            field, f'is {shown(value)}; the desk has severities {_listed(ranks)}, and "*" for the rest'
        )


def _listed(ranks: Sequence[int]) -> str:
    return ", ".join(str(rank) for rank in ranks)
