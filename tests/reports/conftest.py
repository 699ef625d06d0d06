"""A customer with measures of its own: Quill & Sons in New York, whose contract names eight of them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

import cast as people
from mainstay.accounts.actor import Actor
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import Beside, sign_contract
from mainstay.customers.models import Contact
from mainstay.tickets import resolution
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

MONDAY = datetime.fromisoformat("2026-03-02T14:30:00+00:00")
"""09:30 in New York."""
CREDITS = {"bands": [{"below": "99", "percent": "10"}, {"below": "60", "percent": "25"}], "cap_percent": "30"}
KPIS: list[dict[str, Any]] = [
    {"kpi": "responses_in_time", "strength": "guarantee", "per": "month", "percent": "95",
     "credits": {**CREDITS, "claim_within": "30d"}},
    {"code": "resolved", "kpi": "in_time", "clock": "resolution", "strength": "objective", "per": "month",
     "percent": "80"},
    {"code": "missed-grave", "kpi": "missed", "clock": "first_response", "severity": [1, 2],
     "strength": "strict_guarantee", "per": "quarter", "count": 0,
     "credits": {"bands": [{"above": "0", "percent": "20"}]}},
    {"kpi": "uptime", "strength": "strict_guarantee", "per": "month", "percent": "99.9",
     "credits": {"bands": [{"below": "99.9", "days": 3}], "cap_percent": "30"}},
    {"kpi": "response_p95", "strength": "objective", "per": "month", "milliseconds": 800},
    {"kpi": "satisfaction", "strength": "objective", "per": "quarter", "percent": "80", "least": 2},
    {"kpi": "backlog_age", "strength": "objective", "per": "month", "days": 10},
]  # fmt: skip
PRICE = {"basis": "each environment, a year", "amount": "12000.00", "currency": "USD"}


@pytest.fixture
def contract(cast: Any) -> Contract:
    """Quill's: Business Critical from 2026 on, with the measures above."""
    return sign_contract(
        customer=cast.quill, number="QU-1", package=publish.current(Package, "critical"), first_day=date(2026, 1, 1),
        last_day=None, by=Actor.system(), at=people.NOW - timedelta(days=80),
        beside=Beside(overrides={"kpis": KPIS}, price=PRICE),
    )  # fmt: skip


@pytest.fixture
def asks(cast: Any, contract: Contract) -> Callable[..., Ticket]:
    """Raise a request of Jonah's `after` some minutes; answered after `answered` minutes more, if at all."""

    def raise_(
        after: float = 0, answered: float | None = None, severity: int = 3, who: Contact | None = None
    ) -> Ticket:
        contact, at = who or cast.jonah, MONDAY + timedelta(minutes=after)
        request = Request(
            subject="Badges refused", said=Said("They fail.", "portal"), customer=contact.customer, contact=contact,
            address=contact.email, name=contact.name, environment=cast.production(contact.customer), severity=severity,
        )  # fmt: skip
        ticket = open_ticket(request, by=people.acting(contact), at=at)
        if answered is not None:
            said = Said("We look.", "desk")
            resolution.reply(
                ticket, said=said, by=people.acting(cast.mara), at=at + timedelta(minutes=answered)
            )
        return ticket

    return raise_
