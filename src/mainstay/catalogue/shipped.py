"""What is there on the first day: four service levels, a package for each, the desk policy (P1, P3, V1, X1).

The figures are the table "Shipped levels". Where it says goal or promise, so do the rows; high priority's
progress and workaround and business critical's progress, for which it says neither, are promises. Triage and
dispatch are clocks of our own ("internal"); the table has no figures for dispatch, so each is given as long
as triage. It has none for the next response either: there the figure of the first response is a goal.
The included entitlement is a package like any other.

A release lives in two phases: full support, then maintenance, in which promises become goals. A release says itself
on which day the first one ends (none: it has full support to its end); after the last it is outside its designated
lifecycle (X1), which takes no phase of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext_noop

from mainstay.accounts.actor import Actor
from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.policy import documents
from mainstay.policy.documents import (
    DeskDocument,
    Hours,
    Kpi,
    LevelDocument,
    PackageDocument,
    TargetRow,
)

OFFICE: Hours = {
    "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": "customer",
}


def _rows(clock: str, kind: Any, *targets: str) -> list[TargetRow]:
    """A row of the table: one target for each severity, gravest first; "-" owes nothing, "24x7" marks always."""
    rows: list[TargetRow] = []
    for severity, text in enumerate(targets, start=1):
        target, _, round_the_clock = text.partition(" ")
        if target != "-":
            calendar: Any = "always" if round_the_clock else "business"
            rows.append(
                {"clock": clock, "severity": severity, "target": target, "calendar": calendar, "kind": kind}
            )
    return rows


def _kpi(kpi: str, strength: str, percent: str = "", **figures: Any) -> Kpi:
    document: Any = {"kpi": kpi, "strength": strength, "per": "month", **figures}
    if percent:
        document["percent"] = percent
    return cast(Kpi, document)


_COMMON: dict[str, Any] = {
    "format": 1,
    "warn_at": 75,
    "on_raise": "from_change",
    "on_lower": "from_start",
    "escalation": {"severity": 1, "page": True},
}

INCLUDED: LevelDocument = {
    **_COMMON,  # type: ignore[typeddict-item]
    "summary": "Online documentation and limited email support for everyone with a current subscription.",
    "targets": [
        {"clock": clock, "severity": "*", "target": "2bd", "calendar": "business", "kind": "goal"}
        for clock in ("first_response", "next_response")
    ],
    "head_start_minutes": {},
    "kpis": [],
    "monitoring": {"depth": "none"},
    "staffing": {"team": "shared", "round_the_clock": False},
}

STANDARD: LevelDocument = {
    **_COMMON,  # type: ignore[typeddict-item]
    "summary": "For systems that are not critical: a reasonable response in business hours.",
    "targets": [
        *_rows("triage", "internal", "2h", "4h", "1bd"),
        *_rows("dispatch", "internal", "2h", "4h", "1bd"),
        *_rows("first_response", "promise", "4h", "1bd", "2bd"),
        *_rows("next_response", "goal", "4h", "1bd", "2bd"),
        *_rows("progress_update", "goal", "1bd", "3bd", "5bd"),
        *_rows("workaround", "goal", "2bd", "5bd", "-"),
        *_rows("resolution", "goal", "5bd", "15bd", "30bd"),
    ],
    "head_start_minutes": {"1": 0, "2": 0, "3": 0},
    "kpis": [_kpi("responses_in_time", "objective", "90"), _kpi("uptime", "objective", "99.5")],
    "monitoring": {"depth": "basic", "interval_seconds": 300, "trends": False},
    "staffing": {"team": "shared", "round_the_clock": False},
}

HIGH: LevelDocument = {
    **_COMMON,  # type: ignore[typeddict-item]
    "summary": "For critical systems: quick in business hours, reasonably prompt outside them.",
    "targets": [
        *_rows("triage", "internal", "30m", "2h", "4h"),
        *_rows("dispatch", "internal", "30m", "2h", "4h"),
        *_rows("first_response", "promise", "1h", "4h", "1bd"),
        *(
            row | {"when": {"received": "outside_hours"}}
            for row in _rows("first_response", "promise", "4h 24x7", "8h 24x7")
        ),
        *_rows("next_response", "goal", "1h", "4h", "1bd"),
        *_rows("progress_update", "promise", "4h", "1bd", "3bd"),
        *_rows("workaround", "promise", "8h", "3bd", "-"),
        *_rows("resolution", "goal", "2bd", "10bd", "20bd"),
    ],
    "head_start_minutes": {"1": 30, "2": 15, "3": 0},
    "kpis": [_kpi("responses_in_time", "guarantee", "95"), _kpi("uptime", "guarantee", "99.9")],
    "monitoring": {"depth": "regular", "interval_seconds": 60, "trends": True},
    "staffing": {"team": "dedicated", "round_the_clock": False},
}

CRITICAL: LevelDocument = {
    **_COMMON,  # type: ignore[typeddict-item]
    "summary": "For systems the business stands or falls with: rapid at any hour, by a team of its own.",
    "targets": [
        *_rows("triage", "internal", "15m 24x7", "30m 24x7", "4h"),
        *_rows("dispatch", "internal", "15m 24x7", "30m 24x7", "4h"),
        *_rows("first_response", "promise", "15m 24x7", "1h 24x7", "4h"),
        *_rows("next_response", "goal", "15m 24x7", "1h 24x7", "4h"),
        *_rows("progress_update", "promise", "1h 24x7", "4h 24x7", "2bd"),
        *_rows("workaround", "promise", "4h 24x7", "1bd", "5bd"),
        *_rows("resolution", "promise", "8h 24x7", "3bd", "15bd"),
        *_rows("root_cause", "promise", "5bd"),
    ],
    "head_start_minutes": {"1": 60, "2": 30, "3": 15},
    "kpis": [
        _kpi("responses_in_time", "strict_guarantee", "99"),
        _kpi("uptime", "strict_guarantee", "99.99"),
        _kpi("response_p95", "strict_guarantee", milliseconds=800),
    ],
    "monitoring": {"depth": "continuous", "interval_seconds": 10, "trends": True},
    "staffing": {"team": "dedicated", "round_the_clock": True},
}

LEVELS: tuple[tuple[str, str, int, LevelDocument], ...] = (
    ("included", "Included", 1, INCLUDED),
    ("standard", "Standard Business", 2, STANDARD),
    ("high", "High Priority", 3, HIGH),
    ("critical", "Business Critical", 4, CRITICAL),
)

PACKAGES: tuple[tuple[str, str, PackageDocument], ...] = (
    (
        "included",
        "Included support",
        {
            "format": 1,
            "summary": "What every current subscription brings: the documentation, and limited email support.",
            "channels": ["documentation", "email"],
            "hours": OFFICE,
            "contacts": 2,
            "tam": False,
            "price": {"basis": "included in the subscription"},
        },
    ),
    (
        "standard",
        "Standard Business Support",
        {
            "format": 1,
            "summary": "Email and portal in business hours, with basic monitoring of major issues.",
            "channels": ["documentation", "email", "portal"],
            "hours": OFFICE,
            "contacts": 5,
            "tam": False,
            "price": {"basis": "each environment, a year"},
        },
    ),
    (
        "high",
        "High Priority Support",
        {
            "format": 1,
            "summary": "A dedicated team, the phone in business hours, and regular proactive monitoring.",
            "channels": ["documentation", "email", "portal", "phone", "api", "alerts"],
            "hours": OFFICE,
            "contacts": 15,
            "tam": True,
            "price": {"basis": "each environment, a year"},
        },
    ),
    (
        "critical",
        "Business Critical Support",
        {
            "format": 1,
            "summary": "A specialised team round the clock, continuous monitoring, and strict guarantees.",
            "channels": ["documentation", "email", "portal", "phone", "api", "alerts"],
            "hours": OFFICE,
            "tam": True,
            "price": {"basis": "each environment, a year"},
        },
    ),
)

DESK: DeskDocument = {
    "format": 1,
    "severities": [
        {
            "rank": 1,
            "name": gettext_noop("Critical"),
            "definition": gettext_noop(
                "Availability or function of a production system, or critical business operations, are disrupted."
            ),
            "urgency": gettext_noop("at once"),
        },
        {
            "rank": 2,
            "name": gettext_noop("Moderate"),
            "definition": gettext_noop(
                "Usability or experience is affected, without significant disruption."
            ),
            "urgency": gettext_noop("moderate"),
        },
        {
            "rank": 3,
            "name": gettext_noop("Low"),
            "definition": gettext_noop("Enquiries, cosmetic and minor issues."),
            "urgency": gettext_noop("low"),
        },
    ],
    "hours": OFFICE,
    "closing": {
        "solution_reminders": ["2bd"],
        "solution_closes": "5bd",
        "question_reminders": ["2bd", "5bd"],
        "question_closes": "10bd",
        "reopen_window": "10bd",
    },
    "exclusions": [
        {
            "code": "third_party",
            "title": gettext_noop("Third-party software or hardware"),
            "wording": "What you describe comes from software or hardware that is not ours, so its maker is the"
            " one who can mend it. We gladly share what we found, to pass on to them.",
            "paid_path": "We can look into it together as a paid service.",
            "evidence": {
                "words": [
                    "third-party",
                    "third party",
                    "hardware",
                    "firewall*",
                    "antivirus*",
                    "VMware",
                    "Citrix",
                    "load balancer*",
                    "another vendor*",
                    "other vendor*",
                ]
            },
        },
        {
            "code": "cosmetic",
            "title": gettext_noop("Cosmetic customisation, such as mail templates and logos"),
            "wording": "Changing how mail templates, logos and the like look is not part of the support"
            " agreement. The documentation shows how to do it yourself.",
            "paid_path": "We can make the change for you as a paid service.",
            "evidence": {
                "words": [
                    "logo*",
                    "mail template*",
                    "email template*",
                    "e-mail template*",
                    "branding",
                    "colour scheme*",
                    "color scheme*",
                    "corporate design",
                    "custom CSS",
                ]
            },
        },
        {
            "code": "lifecycle",
            "title": gettext_noop("A version outside its designated lifecycle"),
            "wording": "The version in use is no longer maintained. Please upgrade to a maintained version; if"
            " the trouble is still there, we take it up at once.",
            "paid_path": "We can help with the upgrade as a paid service.",
            "evidence": {"releases": "ended"},
        },
        {
            "code": "bespoke",
            "title": gettext_noop("Bespoke connectors or custom patches"),
            "wording": "The trouble lies in a connector or patch that was made specially and is not part of"
            " the product, which the support agreement does not cover.",
            "paid_path": "We can maintain it under an agreement of its own.",
            "evidence": {
                "words": [
                    "bespoke",
                    "custom connector*",
                    "customised connector*",
                    "customized connector*",
                    "own connector*",
                    "custom patch*",
                    "self-written",
                    "home-grown",
                ]
            },
        },
        {
            "code": "licence",
            "title": gettext_noop("Breach of the licence agreement"),
            "wording": "The use described is not within the licence agreement, so we cannot support it as it"
            " is. Your account contact gladly finds a way with you.",
            "evidence": {
                "words": [
                    "licence limit*",
                    "license limit*",
                    "licence breach*",
                    "license breach*",
                    "more users than licensed",
                    "unlicensed",
                ]
            },
        },
        {
            "code": "entra",
            "title": gettext_noop("Microsoft Entra services"),
            "wording": "The trouble lies in Microsoft Entra services, which Microsoft runs and supports. We"
            " gladly share what we found, to pass on to them.",
            "paid_path": "We can look into it together as a paid service.",
            "evidence": {
                "words": ["Entra", "Azure AD", "Azure Active Directory", "AAD", "Conditional Access"]
            },
        },
    ],
    "lifecycle": [
        {
            "code": "full",
            "name": gettext_noop("Full support"),
            "covers": ["faults", "security", "questions"],
            "targets": "as_agreed",
        },
        {
            "code": "maintenance",
            "name": gettext_noop("Maintenance"),
            "covers": ["grave faults", "security", "help with the upgrade"],
            "targets": "goal",
            "words": gettext_noop("Promises become goals: measured and shown as before, but no longer owed."),
        },
    ],
    "queue_ceiling_days": 5,
    "acknowledgements": {"unknown_per_address_per_day": 1, "unknown_per_domain_per_day": 5},
}


AS_SHIPPED = "as shipped"
"""The reason of the versions that came with the product."""


def parts() -> dict[str, Any]:
    """What is shipped, as one policy."""
    return {
        "format": 2,
        "name": "Desk policy",
        "desk": DESK,
        "levels": {code: {**level, "name": name, "rank": rank} for code, name, rank, level in LEVELS},
        "packages": {code: {**box, "name": name, "level": code} for code, name, box in PACKAGES},
    }


def install(at: datetime, by: Actor | None = None) -> None:
    """Publish version 1 of whatever is not there yet; what the vendor has published stays as it is."""
    signed = publish.Signed(by or Actor.system(), at, AS_SHIPPED)
    if not DeskPolicy.objects.filter(code=publish.DESK_POLICY).exists():
        publish.first(
            DeskPolicy, [(publish.DESK_POLICY, "Desk policy", documents.check_desk_policy(DESK), {})], signed
        )
    publish.first(
        ServiceLevel,
        [(code, name, documents.check_level(level), {"rank": rank}) for code, name, rank, level in LEVELS],
        signed,
    )
    levels = {level.code: level for level in publish.current_levels()}
    publish.first(
        Package,
        [(code, name, documents.check_package(box), {"level": levels[code]}) for code, name, box in PACKAGES],
        signed,
    )
