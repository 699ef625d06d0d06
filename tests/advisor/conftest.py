"""Tickets of the cast for the advisor's tests."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cast import NOW, Cast, acting
from chromium import browser  # noqa: F401 - a fixture
from mainstay.customers.models import Contact
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket


@pytest.fixture
def asks(cast: Cast) -> Callable[..., Ticket]:
    """Somebody asks for something by mail."""

    def opened(who: Contact, at: datetime = NOW, **more: Any) -> Ticket:
        request = Request(
            subject="It fails", said=Said("It does.", "email"), customer=who.customer, contact=who,
            address=who.email, name=who.name, **more,
        )  # fmt: skip
        return open_ticket(request, by=acting(who), at=at)

    return opened
