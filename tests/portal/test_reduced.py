"""A release in a phase of reduced support: said in one sentence, with its clause, wherever less is promised."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mainstay.customers.models import Release
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets.models import Ticket

pytestmark = pytest.mark.django_db
CLAUSE = "Promises become goals: measured and shown as before, but no longer owed."
SAID = "The release is in its phase “Maintenance”, in which promises are goals"


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(getattr(person, "user", person))
    return client


@pytest.fixture
def maintained(cast: Any) -> Release:
    """Priya's production runs a release whose full support ended yesterday."""
    system = cast.production(cast.harbourline)
    today = timezone.now().date()
    held = Release.objects.create(
        product=cast.atlas, version="5.9", released_on=today - timedelta(days=900),
        maintained_until=today + timedelta(days=90), phases={"full": (today - timedelta(days=1)).isoformat()},
    )  # fmt: skip
    system.release = held
    system.save()
    return held


def raised(cast: Any) -> Ticket:
    sent = {
        "category": "technical",
        "subject": "Slow",
        "description": "Since 10:47.",
        "environment": "Production",
        "form_key": "k1",
    }
    assert as_(cast.priya).post("/requests/new", sent).status_code == 302
    announce_pending(timezone.now())
    return Ticket.objects.get()


def test_desk_portal_and_acknowledgement_say_it_with_the_clause(cast: Any, maintained: Release) -> None:
    ticket = raised(cast)
    portal = as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    desk = as_(cast.mara).get(f"/desk/tickets/{ticket.pk}").content.decode()
    mail = Delivery.objects.get(ticket=ticket, template="acknowledgement").text
    for told in (portal, desk, mail):
        assert SAID in told
        assert CLAUSE in told
    assert "It covers grave faults, security, help with the upgrade." in mail
    assert "We aim for the first answer" in mail
    end = maintained.maintained_until
    assert f"Release 5.9 is in its phase Maintenance until {end}: promises are goals (X1)." in desk


def test_the_customer_reads_it_in_german(cast: Any, maintained: Release) -> None:
    cast.priya.user.language = cast.harbourline.language = "de"
    cast.priya.user.save()
    cast.harbourline.save()
    ticket = raised(cast)
    portal = as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    mail = Delivery.objects.get(ticket=ticket, template="acknowledgement").text
    for told in (portal, mail):
        assert "Die Version ist in ihrer Phase „Wartung“, in der Zusagen Ziele sind" in told
        assert "Zusagen werden zu Zielen" in told
        assert "Sie umfasst schwere Fehler, Sicherheit, Hilfe bei der Umstellung." in told


def test_with_full_support_nothing_is_said(cast: Any, maintained: Release) -> None:
    maintained.phases = {"full": maintained.maintained_until.isoformat()}  # type: ignore[union-attr]
    maintained.save()
    ticket = raised(cast)
    mail = Delivery.objects.get(ticket=ticket, template="acknowledgement").text
    page = as_(cast.priya).get(f"/requests/{ticket.pk}").content.decode()
    assert "phase" not in mail
    assert CLAUSE not in page
