"""Tickets of the cast, and clients signed in as them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from chromium import browser  # noqa: F401 - a fixture
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages believe it is the cast's Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return NOW


@pytest.fixture
def as_(cast: Cast) -> Callable[[User | Contact], Client]:
    """A client signed in as somebody; CSRF is checked."""

    def signed_in(who: User | Contact) -> Client:
        client = Client()
        user = who.user if isinstance(who, Contact) else who
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def asks(cast: Cast) -> Callable[..., Ticket]:
    """Somebody asks for something by mail, as MAIL would open it."""

    def opened(
        who: Contact | None = None,
        subject: str = "Badge sign-in refused",
        text: str = "It fails.",
        **more: Any,
    ) -> Ticket:
        who = who or cast.priya
        said = Said(text, "email", attachments=more.pop("files", ()))
        at = more.pop("at", NOW)
        request = Request(
            subject=subject,
            said=said,
            customer=who.customer,
            contact=who,
            address=who.email,
            name=who.name,
            **more,
        )
        return open_ticket(request, by=acting(who), at=at)

    return opened
