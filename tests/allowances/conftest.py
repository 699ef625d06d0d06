"""Agreements with limits, tickets of the cast, and clients signed in as them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from chromium import browser  # noqa: F401 - a fixture
from mainstay.accounts.models import User
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
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
    """A client signed in as somebody."""

    def signed_in(who: User | Contact) -> Client:
        client = Client()
        user = who.user if isinstance(who, Contact) else who
        client.force_login(user)  # type: ignore[arg-type]
        return client

    return signed_in


@pytest.fixture
def asks(cast: Cast) -> Callable[..., Ticket]:
    """Somebody asks for something by mail."""

    def opened(
        who: Contact, subject: str = "Badge sign-in refused", at: datetime = NOW, **more: Any
    ) -> Ticket:
        request = Request(
            subject=subject, said=Said("It fails.", "email"), customer=who.customer, contact=who,
            address=who.email, name=who.name, **more,
        )  # fmt: skip
        return open_ticket(request, by=acting(who), at=at)

    return opened


@pytest.fixture
def limits(cast: Cast) -> Callable[..., None]:
    """Let the cast's contracts of a package say other limits: the package is edited where it lies, as no page can."""

    def put(code: str, **says: Any) -> None:
        for package in Package.objects.filter(code=code):
            Package.objects.filter(pk=package.pk).update(document={**package.document, **says})
        assert publish.current(Package, code).document.items() >= says.items()

    return put
