"""Whom and what an appointment's form offers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.tickets.models import Appointment, Ticket

MOST = 300  # people in a list to choose from


def people_of(ticket: Ticket) -> QuerySet[Contact]:
    """Whom of the customer one may meet."""
    return Contact.objects.filter(customer=ticket.customer_id, ended_at=None).order_by("name", "pk")


def choices(ticket: Ticket, staff: list[User]) -> dict[str, Any]:
    """The lists that the form offers."""
    return {
        "kinds": [(code, str(label).capitalize()) for code, label in Appointment.Kind.choices],
        "staff": [(str(one.pk), one.name) for one in staff[:MOST]],
        "people": [(str(pk), name) for pk, name in people_of(ticket).values_list("pk", "name")[:MOST]],
    }
