"""Every place of the desk: what it is for, who may open it, and in whose rail it stands; the rest is one page away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from mainstay.accounts.models import Role, User

ENGINEER, TRIAGE, MANAGER, TAM, SALES, ADMINISTRATOR, AUDITOR = Role
WORKING: Final = frozenset({ENGINEER, TRIAGE, MANAGER, TAM})
WORK, DECIDE, CUSTOMERS, SELL, HOUSE = (
    _("Work"),
    _("What waits"),
    _("Customers"),
    _("What we sell"),
    _("How the desk is set up"),
)


@dataclass(frozen=True)
class Place:
    """A page that one goes to. `rail`: the roles in whose rail it stands (None: everybody's); `count`: what its
    line counts, by which it also stands there for whom it is not nought; `sees`: who may open it (empty: all)."""

    name: str
    label: object
    key: str
    group: object
    says: object
    rail: frozenset[Role] | None = frozenset()
    count: str = ""
    hot: str = ""
    sees: tuple[Role, ...] = ()
    words: str = ""

    def opens_for(self, user: User) -> bool:
        """Whether this person may go there."""
        return not self.sees or user.has_role(*self.sees)

    def stands_for(self, user: User, found: Mapping[str, int]) -> bool:
        """Whether it stands in this person's rail."""
        if self.rail is None:
            return True
        return bool(self.rail & {str(role) for role in user.roles}) or bool(self.hot and found.get(self.hot))


def _of(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


PLACES: Final = (
    Place("now", _("Now"), "g n", WORK, _("what needs you"), None, "unseen", "emergencies"),
    Place("queue", _("Queue"), "g q", WORK, _("open tickets in the one order"), None, "open"),
    Place(
        "triage",
        _("Triage"),
        "g t",
        WORK,
        _("severity, category, scope of what came in"),
        WORKING,
        "triage",
        "emergencies",
    ),
    Place("progress", _("Reports due"), "g z", WORK, _("progress reports by their clock"), WORKING),
    Place(
        "handover",
        _("Handover"),
        "g f",
        WORK,
        _("tickets and shifts given and accepted"),
        WORKING,
        "handed",
        "handed",
    ),
    Place("tasks", _("Tasks"), "g d", WORK, _("work with an owner and a due day"), None, "tasks"),
    Place(
        "articles", _("Articles"), "g w", WORK, _("what is written down for customers and for us"), WORKING
    ),
    Place(
        "held",
        _("Held mail"),
        "g h",
        DECIDE,
        _("mail that waits for a person"),
        _of(TRIAGE, ADMINISTRATOR),
        "held",
        words="quarantine spam trash",
    ),
    Place(
        "concerns",
        _("Concerns"),
        "g y",
        DECIDE,
        _("objections and complaints that wait for an answer"),
        _of(TRIAGE, MANAGER, TAM),
    ),
    Place(
        "not_entitled",
        _("Not entitled"),
        "g e",
        DECIDE,
        _("serve once, offer a package or decline"),
        _of(TRIAGE, MANAGER, SALES),
        "decisions",
    ),
    Place(
        "outbox",
        _("Outbox"),
        "g o",
        DECIDE,
        _("mail that was sent, waits or failed"),
        _of(ADMINISTRATOR),
        words="deliveries",
    ),
    Place(
        "customers",
        _("Customers"),
        "g c",
        CUSTOMERS,
        _("their people, systems and open tickets"),
        None,
        words="contacts environments domains",
    ),
    Place("portfolio", _("Portfolio"), "", CUSTOMERS, _("a TAM's customers and what may go wrong"), _of(TAM)),
    Place(
        "contract_list",
        _("Contracts"),
        "g s",
        CUSTOMERS,
        _("in force, negotiated, ending"),
        _of(SALES, MANAGER, TAM, AUDITOR),
    ),
    Place(
        "kpis",
        _("KPIs"),
        "g k",
        CUSTOMERS,
        _("promises kept, credits, uptime"),
        _of(MANAGER, TAM, AUDITOR),
        words="figures outages monitoring",
    ),
    Place(
        "maintenance",
        _("Maintenance"),
        "g u",
        CUSTOMERS,
        _("releases, patches and advisories that customers are told"),
        _of(TAM),
        words="publications lifecycle",
    ),
    Place(
        "catalogue",
        _("Catalogue"),
        "g l",
        SELL,
        _("levels, packages and the desk policy, with every version"),
        _of(SALES),
        words="policy severities targets sla slas service level agreement packages plans tiers kpi offers",
    ),
    Place(
        "prices",
        _("Prices"),
        "g i",
        SELL,
        _("the price list"),
        _of(SALES),
        words="cost fee currency amount list",
    ),
    Place(
        "advisor",
        _("Advisor"),
        "g v",
        SELL,
        _("which package fits, and who asked sales to write"),
        _of(SALES),
        "leads",
    ),
    Place(
        "people",
        _("People"),
        "g p",
        HOUSE,
        _("who works here, their roles, hours and absences"),
        _of(MANAGER, ADMINISTRATOR),
        words="staff colleagues engineers duty skills users accounts agents rota shifts vacation absence roles rights",
    ),
    Place(
        "teams",
        _("Teams"),
        "g m",
        HOUSE,
        _("which kinds of ticket come to whom"),
        words="groups assignment routing dispatch category members queue",
    ),
    Place(
        "products",
        _("Products"),
        "g r",
        HOUSE,
        _("products and their releases"),
        words="versions releases end of life eol software",
    ),
    Place(
        "canned",
        _("Canned answers"),
        "g j",
        HOUSE,
        _("answers that are written once"),
        words="templates macros snippets replies text blocks",
    ),
    Place(
        "wordings",
        _("Letters"),
        "g g",
        HOUSE,
        _("the words of what customers are sent"),
        sees=(ADMINISTRATOR, AUDITOR),
        words="templates wording mail notifications texts emails acknowledgement language translation",
    ),
    Place(
        "mailboxes",
        _("Mailboxes"),
        "g b",
        HOUSE,
        _("where mail is fetched from"),
        _of(ADMINISTRATOR),
        sees=(ADMINISTRATOR, AUDITOR),
        words="imap smtp oauth support address email inbox microsoft 365 google gmail exchange incoming",
    ),
    Place(
        "calendars",
        _("Calendars"),
        "",
        HOUSE,
        _("business hours, holidays, own days, and what is due when"),
        words="hours opening holidays closed days icalendar ics time zone weekend night shift business",
    ),
    Place(
        "severities",
        _("Severities"),
        "",
        HOUSE,
        _("names, order and definitions of how grave something is"),
        words="priority priorities criticality urgency impact definition criteria languages sev",
    ),
    Place(
        "closing",
        _("Closing rules"),
        "",
        HOUSE,
        _("reminders, closing by itself, until when a reply reopens"),
        words="auto-close automatic reopen window reminder solution question timeout",
    ),
    Place(
        "exclusions",
        _("What is not covered"),
        "",
        HOUSE,
        _("clauses, their courteous answers, and what speaks for them"),
        words="exclusion scope out of scope third-party paid entra bespoke licence cosmetic",
    ),
    Place(
        "policy",
        _("Policy file"),
        "",
        HOUSE,
        _("the whole configuration as one text file"),
        words="toml export import load backup configuration file text sla update shipped",
    ),
    Place(
        "changes",
        _("Changes"),
        "",
        HOUSE,
        _("other terms on their way to open tickets"),
        words="rollout recompute amendment",
    ),
    Place(
        "log",
        _("Log"),
        "g a",
        HOUSE,
        _("who changed what of the organisation"),
        _of(ADMINISTRATOR, AUDITOR),
        sees=(ADMINISTRATOR, AUDITOR),
        words="audit history trail who changed",
    ),
)
