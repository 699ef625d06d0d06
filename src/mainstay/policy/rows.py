"""The rows that documents are made of: targets, default hours, KPIs, severity rules, ladders, quotas, prices.

Each is a shape (`policy.shapes`); the keys are those of the documents, explained one by one in docs/policy.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import shapes
from mainstay.policy.conditions import OF_AGREEMENT, WITH_PARTS, check_when
from mainstay.policy.shapes import Problems, Shape, each, either, record, text, whole, word
from mainstay.sla.fields import shown
from mainstay.sla.policy import CLOCKS

KINDS = ("promise", "goal", "internal", "none")
CALENDARS = ("business", "always")
STRENGTHS = ("objective", "guarantee", "strict_guarantee")
FIGURES = {
    "responses_in_time": "percent",
    "in_time": "percent",
    "uptime": "percent",
    "satisfaction": "percent",
    "missed": "count",
    "response_p95": "milliseconds",
    "backlog_age": "days",
}
"""What each KPI is measured in; percent: at least so much is owed, the others: at most."""
KPIS = tuple(FIGURES)
BY_CLOCK = ("responses_in_time", "in_time", "missed")
PERIODS = ("month", "quarter", "year")
CLOSING = ("solution_reminders", "solution_closes", "question_reminders", "question_closes", "reopen_window")
REMINDERS = ("solution_reminders", "question_reminders")
SEVERITY_RULES = ("default", "forced", "ceiling", "unavailable")
ROLES = ("assignee", "team_lead", "triage_lead", "support_manager", "tam", "sales", "executive")
PHASE_TARGETS = ("as_agreed", "goal", "none")

MEASURED_BY = (
    "environment", "category", "channel", "product", "language", "flag", "phase", "received", *OF_AGREEMENT,
)  # fmt: skip
"""What the tickets of a figure may be told apart by."""
OF_SYSTEMS = ("uptime", "response_p95")
SYSTEMS_BY = ("product", *OF_AGREEMENT)
"""What the systems of a figure without tickets may be told apart by."""


def severity(ranks: Sequence[int]) -> Shape:
    """A rank that the desk has."""

    def look(value: Any, field: str) -> Problems:
        if isinstance(value, bool) or not isinstance(value, int) or value not in ranks:
            said = f'is {shown(value)}; the desk has severities {listed(ranks)}, and "*" for the rest'
            yield Refused(field, said)

    return look


def severity_or_rest(ranks: Sequence[int]) -> Shape:
    """A rank, or "*" for the rest."""
    rank = severity(ranks)

    def look(value: Any, field: str) -> Problems:
        if value != "*":
            yield from rank(value, field)

    return look


def severity_key(ranks: Sequence[int]) -> Shape:
    """A rank as the key of an object."""

    def look(value: Any, field: str) -> Problems:
        if value not in {str(rank) for rank in ranks}:
            yield Refused(field, f"is no severity of the desk; it has {listed(ranks)}")

    return look


def listed(ranks: Iterable[int]) -> str:
    return ", ".join(str(rank) for rank in ranks)


# ---- targets


def targets(ranks: Sequence[int], calendars: Collection[str] | None) -> Shape:
    """Target rows, no two for the same case. `calendars` None: names are checked elsewhere."""
    row = target_row(ranks, calendars)

    def look(value: Any, field: str) -> Problems:
        yield from each(row)(value, field)
        if isinstance(value, list):
            yield from _same_case(value, field)

    return look


def _same_case(rows: list[Any], field: str) -> Problems:
    seen: dict[tuple[object, ...], int] = {}
    for i, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("when", {}), dict):
            continue
        case = sorted((name, str(asked)) for name, asked in row.get("when", {}).items())
        key = (str(row.get("clock")), str(row.get("severity")), tuple(case))
        if key in seen:
            yield Refused(f"{field}[{i}]", f"says the same case as {field}[{seen[key]}]; keep one of the two")
        seen.setdefault(key, i)


def target_row(ranks: Sequence[int], calendars: Collection[str] | None) -> Shape:
    """One row: what is owed for a clock at a severity, where its conditions hold."""
    calendar = text(60) if calendars is None else word((*CALENDARS, *calendars))
    shape = record(
        {
            "clock": word(CLOCKS),
            "severity": severity_or_rest(ranks),
            "target": _target_or_none,
            "kind": word(KINDS),
        },
        {
            "calendar": calendar,
            "when": check_when,
            "share": whole(1, 100, "percent of the tickets"),
            "agreed": shapes.flag,
            "words": text(300),
        },
    )

    def look(value: Any, field: str) -> Problems:
        yield from shape(value, field)
        if isinstance(value, dict) and (value.get("target") == "none") != (value.get("kind") == "none"):
            yield Refused(f"{field}.kind", 'is "none" exactly where the target is "none"')
        if isinstance(value, dict) and value.get("target") == "none":
            for name in ("calendar", "share", "agreed"):
                if name in value:
                    yield Refused(f"{field}.{name}", "says nothing where there is no target; leave it out")

    return look


def _target_or_none(value: Any, field: str) -> Problems:
    if value != "none":
        yield from shapes.target(value, field)


def hours_rules(ranks: Sequence[int], calendars: Collection[str] | None) -> Shape:
    """Which calendar counts for targets that name none, by severity and conditions."""
    calendar = text(60) if calendars is None else word((*CALENDARS, *calendars))
    return each(record({"calendar": calendar}, {"severity": severity_or_rest(ranks), "when": check_when}))


# ---- KPIs


def kpi(ranks: Sequence[int]) -> Shape:
    """A figure of the whole contract (P6), its credits with it."""
    one = either((int, severity(ranks)), (list, each(severity(ranks), least=1)), (str, word(("*",))),
                 says='must be a rank such as 1, a list of them, or "*"')  # fmt: skip
    shape = record(
        {"kpi": word(KPIS), "strength": word(STRENGTHS), "per": word(PERIODS)},
        {
            "code": shapes.code,
            "clock": word(CLOCKS),
            "severity": one,
            "when": lambda value, field: check_when(value, field, known=MEASURED_BY),
            "year_starts": shapes.month_day,
            "percent": shapes.percent,
            "milliseconds": whole(1, 1_000_000, "milliseconds"),
            "days": whole(1, 1_000_000, "days"),
            "count": whole(0, 1_000_000, "tickets"),
            "least": whole(1, 1_000_000, "tickets"),
            "notice_hours": whole(0, 8760, "hours that maintenance is announced before"),
            "credits": _credits,
            "words": text(500),
        },
    )

    def look(value: Any, field: str) -> Problems:
        yield from shape(value, field)
        if not isinstance(value, dict) or str(value.get("kpi")) not in FIGURES:
            return
        name = str(value["kpi"])
        if name in OF_SYSTEMS and isinstance(value.get("when"), dict):
            for asked in set(value["when"]) & set(MEASURED_BY) - set(SYSTEMS_BY):
                yield Refused(
                    f"{field}.when.{asked}", f"has no meaning here; {name} is of systems, not of tickets"
                )
        unit = FIGURES[name]
        if unit not in value:
            yield Refused(f"{field}.{unit}", f"is missing; {name} is measured in it")
        for other in set(FIGURES.values()) - {unit}:
            if other in value:
                yield Refused(f"{field}.{other}", f"has no meaning here; {name} is measured in {unit}")
        if "notice_hours" in value and name != "uptime":
            yield Refused(f"{field}.notice_hours", f"has no meaning here; {name} knows no maintenance")
        if name == "in_time" and "clock" not in value:
            yield Refused(f"{field}.clock", "is missing; say which clock is to be in time")
        yield from _bands(value, "below" if unit == "percent" else "above", field)

    return look


def kpis(ranks: Sequence[int]) -> Shape:
    """KPI rows; codes are unique."""
    one = each(kpi(ranks))

    def look(value: Any, field: str) -> Problems:
        yield from one(value, field)
        if isinstance(value, list):
            yield from unique(value, "code", field)

    return look


def unique(rows: list[Any], key: str, field: str) -> Problems:
    """No two rows with the same name."""
    seen = set()
    for i, row in enumerate(rows):
        name = row.get(key) if isinstance(row, dict) else None
        if isinstance(name, str):
            if name in seen:
                yield Refused(f"{field}[{i}].{key}", f"{name} is there twice")
            seen.add(name)


_BAND = record({}, {"below": shapes.figure, "above": shapes.figure, "percent": shapes.percent,
                    "days": either((int, whole(1, 366, "days of service")), (str, shapes.figure),
                                   says="must be days of service")})  # fmt: skip
_credits = record(
    {"bands": each(_BAND, least=1)},
    {
        "cap_percent": shapes.percent,
        "minimum": shapes.figure,
        "claim_within": shapes.matching(
            r"[1-9]\d{0,2}(d|w|mo)", 'must be days, weeks or months such as "30d"'
        ),
        "of": text(100),
        "words": text(1000),
    },
)


def _bands(row: dict[str, Any], side: str, field: str) -> Problems:
    given = row.get("credits")
    bands = given.get("bands") if isinstance(given, dict) else None
    for i, band in enumerate(bands if isinstance(bands, list) else []):
        where = f"{field}.credits.bands[{i}]"
        if isinstance(band, dict) and ("percent" in band) == ("days" in band):
            yield Refused(where, "must credit either percent or days")
        if isinstance(band, dict) and side not in band:
            example = f'{{"{side}": "99.0", "percent": "10"}}'
            yield Refused(where, f"must say {side} which figure it holds, such as {example}")
    if bands and row.get("strength") == "objective":
        yield Refused(f"{field}.credits", "belong to guarantees; an objective owes none")


# ---- closing, severities, ladders


def _time(value: Any, field: str) -> Problems:
    """A duration; what never happens is a closing rule."""
    if value in ("never", "none", "no"):
        rule = "reopens" if field.endswith("reopen_window") else "closes"
        said = f'must be such as "10bd", not {shown(value)}; for that write closing_rules = [{{ {rule} = false }}]'
        yield Refused(field, said)
    else:
        yield from shapes.target(value, field)


_closing_value: dict[str, Shape] = {
    name: each(shapes.target) if name in REMINDERS else _time for name in CLOSING
}
closing_whole = record(_closing_value)
closing_some = record({}, _closing_value)


def closing_rules(ranks: Sequence[int]) -> Shape:
    """Closing by itself where it differs by severity or conditions; `closes` false: never by itself."""
    return each(
        record(
            {},
            {
                "severity": severity_or_rest(ranks),
                "when": check_when,
                "closes": shapes.flag,
                "reopens": shapes.flag,
                **_closing_value,
            },
        )
    )


def severity_rules(ranks: Sequence[int]) -> Shape:
    """Which severity a request may open at: by default, always, at the gravest, or not at all."""
    return each(
        record(
            {"rule": word(SEVERITY_RULES), "severity": severity(ranks)},
            {
                "when": lambda value, field: check_when(value, field, known=WITH_PARTS),
                "then": severity(ranks),
                "words": text(500),
            },
        )
    )


def escalations(ranks: Sequence[int]) -> Shape:
    """Steps of a ladder: `after` a duration, or a share of the target of `clock`, so many are told."""
    return each(
        record(
            {"after": _after, "to": shapes.one_or_more(text(100))},
            {
                "severity": severity_or_rest(ranks),
                "when": check_when,
                "clock": word(CLOCKS),
                "calendar": text(60),
                "words": text(300),
            },
        )
    )


def _after(value: Any, field: str) -> Problems:
    if isinstance(value, str) and value.endswith("%"):
        number = value[:-1]
        if not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= 1000):
            yield Refused(field, f'must be a share of the target such as "75%", not {shown(value)}')
    elif value != "0m":
        yield from shapes.target(value, field)


# ---- what is not covered

evidence = record({}, {"words": each(text(100)), "products": each(text(60)), "releases": word(("ended",))})
phases = each(
    record(
        {"code": shapes.code, "name": text(100)},
        {
            "covers": each(text(200)),
            "targets": word(PHASE_TARGETS),
            "words": text(500),
            "lasts": shapes.target,
        },
    )
)
