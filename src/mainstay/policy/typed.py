"""The documents of a policy as typed dictionaries: what each key holds (P2, P3)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Kind = Literal["promise", "goal", "internal", "none"]


class TargetRow(TypedDict):
    """What is owed for one clock at one severity, for every ticket or only where `when` holds.

    Without a calendar the default hours count (`hours_rules`, else business hours).
    """

    clock: str
    severity: int | Literal["*"]
    target: str
    calendar: NotRequired[str]
    kind: Kind
    when: NotRequired[dict[str, Any]]
    share: NotRequired[int]
    agreed: NotRequired[bool]
    words: NotRequired[str]


class Kpi(TypedDict):
    """A figure of the whole contract: an objective, a guarantee or a strict guarantee (P6)."""

    kpi: str
    strength: str
    per: str
    code: NotRequired[str]
    clock: NotRequired[str]
    severity: NotRequired[Any]
    when: NotRequired[dict[str, Any]]
    year_starts: NotRequired[str]
    percent: NotRequired[str]
    milliseconds: NotRequired[int]
    days: NotRequired[int]
    count: NotRequired[int]
    least: NotRequired[int]
    notice_hours: NotRequired[int]
    credits: NotRequired[dict[str, Any]]
    words: NotRequired[str]


class Monitoring(TypedDict):
    depth: str
    interval_seconds: NotRequired[int]
    trends: NotRequired[bool]


class Staffing(TypedDict):
    team: Literal["shared", "dedicated"]
    round_the_clock: bool
    named: NotRequired[str]


class Escalation(TypedDict):
    """What the TAM's escalation does: the severity it raises to, and whether a person is woken."""

    severity: int
    page: bool


class Hours(TypedDict):
    """Business hours in the customer's zone; `holidays` are the customer's country's, none, or dates."""

    week: dict[str, list[list[str]]]
    holidays: str | list[Any]
    time_zone: NotRequired[str]


class Rules(TypedDict):
    """What a desk, a level and a package may say of targets."""

    targets: NotRequired[list[TargetRow]]
    hours_rules: NotRequired[list[dict[str, Any]]]
    pauses: NotRequired[dict[str, list[str]]]
    starts_on: NotRequired[dict[str, str]]
    on_reopen: NotRequired[str]
    closing_rules: NotRequired[list[dict[str, Any]]]
    escalations: NotRequired[list[dict[str, Any]]]


class LevelDocument(Rules):
    """A service level. `pauses`, `starts_on` and `on_reopen` override the clock definition's defaults."""

    format: int
    summary: str
    head_start_minutes: dict[str, int]
    warn_at: int
    on_raise: str
    on_lower: str
    kpis: list[Kpi]
    monitoring: Monitoring
    staffing: Staffing
    escalation: Escalation
    closing: NotRequired[dict[str, Any]]


class Price(TypedDict):
    basis: str
    amount: NotRequired[str]
    currency: NotRequired[str]
    per: NotRequired[str]
    percent: NotRequired[str]
    percent_of: NotRequired[str]
    floor: NotRequired[str]
    per_unit: NotRequired[str]
    unit: NotRequired[str]


class PackageDocument(Rules):
    """A thing to buy. `contacts` and `requests_per_month` absent: as many as they like."""

    format: int
    summary: str
    channels: list[str]
    hours: Hours
    tam: bool
    price: Price
    contacts: NotRequired[Any]
    requests_per_month: NotRequired[int]
    requests: NotRequired[dict[str, Any]]
    included_hours: NotRequired[dict[str, Any]]
    calendars: NotRequired[dict[str, Any]]
    kpis: NotRequired[list[Kpi]]
    channel_rules: NotRequired[dict[str, Any]]
    other_channels: NotRequired[list[str]]
    languages: NotRequired[list[str]]
    environments: NotRequired[list[str]]
    addons: NotRequired[list[str]]
    benefits: NotRequired[list[str]]
    closing: NotRequired[dict[str, Any]]
    on_sale: NotRequired[bool]
    generation: NotRequired[str]


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
    evidence: NotRequired[dict[str, Any]]


class DeskDocument(Rules):
    """What holds for every customer."""

    format: int
    severities: list[Severity]
    hours: Hours
    closing: dict[str, Any]
    exclusions: list[Exclusion]
    queue_ceiling_days: int
    acknowledgements: dict[str, int]
    calendars: NotRequired[dict[str, Any]]
    regions: NotRequired[dict[str, list[str]]]
    severity_rules: NotRequired[list[dict[str, Any]]]
    set_by: NotRequired[dict[str, bool]]
    accept_within_minutes: NotRequired[dict[str, int]]
    reopen_channels: NotRequired[list[str]]
    lifecycle: NotRequired[list[dict[str, Any]]]
    languages: NotRequired[list[str]]
    flags: NotRequired[dict[str, str]]
    addons: NotRequired[dict[str, Any]]
    channel_rules: NotRequired[dict[str, Any]]
