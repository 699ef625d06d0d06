"""What the ticket tests share: a request of Priya's, raised on a Monday at 16:30 in Sydney."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import cast as people
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

At = Callable[..., datetime]


@pytest.fixture
def at() -> At:
    """`at(minutes=5)`: five minutes after the request came."""
    return lambda **later: people.NOW + timedelta(**later)


@pytest.fixture
def opened(cast: Any, at: At) -> Callable[..., Ticket]:
    """Raise a request; by default Priya's, by mail, now."""

    def raise_(who: Any = None, subject: str = "Badges refused", **more: Any) -> Ticket:
        contact = who or cast.priya
        when = more.pop("when", at())
        request = Request(
            subject=subject,
            said=Said(more.pop("text", "Since 10:47 the readers refuse every badge."), "email"),
            customer=contact.customer,
            contact=contact,
            address=contact.email,
            name=contact.name,
            **more,
        )
        return open_ticket(request, by=people.acting(contact), at=when)

    return raise_


@pytest.fixture
def ticket(opened: Callable[..., Ticket]) -> Ticket:
    return opened()
