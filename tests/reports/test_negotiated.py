"""What was negotiated of a KPI is what judges it: bands, cap, minimum, claim deadline, other measures (P5, P6)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cast import NOW, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import amendments, approval, negotiation
from mainstay.contracts.models import Contract
from mainstay.contracts.negotiation import Head
from mainstay.reports import closing, measures
from mainstay.reports.models import Credit

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
CELLS = {
    "price": "3100.00 EUR, a month",
    "kpis responses_in_time": (
        "98 guarantee per month; credits below 98: 4, below 60: 9, cap 12, minimum 20, claim within 6w"
    ),
    "kpis +": "missed clock=first_response severity=1: 0 strict guarantee per month; credits above 0: 3 days",
}
SIGNED = [{"side": "vendor", "name": "Hana Sato"}, {"side": "customer", "name": "Jonah Quill"}]


@pytest.fixture
def contract(cast: Any) -> Contract:
    """Quill's, negotiated in place of the one that the other tests have."""
    head = Head("QU-7", publish.current(Package, "critical"), date(2026, 1, 1), None)
    by = acting(cast.lena)
    draft = negotiation.start_draft(customer=cast.quill, head=head, owner=cast.lena, by=by, at=NOW)
    draft = negotiation.change_lines(draft, offered=CELLS, asked={}, by=by, at=NOW)
    draft = negotiation.submit(draft, by=by, at=NOW)
    for who in (cast.hana, cast.ruth):
        draft = approval.approve(draft, user=who, text="", at=NOW)
    return amendments.sign_draft(
        draft, signed_on=NOW.date(), signatories=SIGNED, by=acting(cast.hana), at=NOW
    )


def test_a_missed_month_credits_by_the_bands_that_were_negotiated(cast: Any, asks: Any) -> None:
    asks(0, answered=400, severity=1)
    asks(1, answered=2)
    found = [one for one in measures.of_customer(cast.quill, MARCH, APRIL) if one.end <= APRIL]
    closing.freeze(found, at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    answered, missed = (
        Credit.objects.get(figure__code=code) for code in ("responses_in_time", "missed-first-response-1")
    )
    assert (str(answered.percent), str(answered.amount)) == ("9.000000", "279.000")
    assert (answered.state, answered.claim_until) == ("open", date(2026, 5, 12))
    of_31_days = (missed.state, str(missed.days), str(missed.amount))
    assert of_31_days == ("granted", "3.00", "300.000")
    assert "below 60: 9 % of the fee" in answered.figure.text
