"""What surrounds every page of the portal: the customer's zone, the person, the lines at the top."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Contact
from mainstay.tickets.models import Ticket
from mainstay.ui.shapes import NavGroup, NavItem


def zone_of(contacts: list[Contact]) -> ZoneInfo:
    """The zone in which this person reads times: their customer's."""
    return ZoneInfo(contacts[0].customer.time_zone)


def typed(request: HttpRequest) -> dict[str, str]:
    """What was typed into a form, names and values without NUL, which no text of the database can hold."""
    return {name.replace("\x00", ""): str(value).replace("\x00", "") for name, value in request.POST.items()}


RATED = gettext_noop("Thank you. Your answer is with the people who worked on it.")


def score_of(request: HttpRequest) -> int:
    """The button that was pressed, 1 to 5; 0 for anything else."""
    given = request.POST.get("score", "")
    return int(given) if given in {"1", "2", "3", "4", "5"} else 0


def acting(request: HttpRequest, ticket: Ticket) -> tuple[Actor, Contact]:
    """Who this person is on that ticket: their contact at its customer."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    mine = next((c for c in contacts if c.customer_id == ticket.customer_id), contacts[0])
    return Actor.contact(mine.pk, mine.name), mine


UNDER = dict.fromkeys(("running", "allowances", "kpis"), "organisation")
"""Pages that the organisation's page leads to stand under its line."""


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, here: str = "", status: int = 200
) -> HttpResponse:
    """A page of the portal; `here` is the line at the top that it belongs to."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    lines = (
        ("home", _("Home"), "home"),
        ("requests", _("Requests"), "requests"),
        ("new", _("Raise a request"), "new_request"),
        ("articles", _("Articles"), "portal_articles"),
        ("organisation", _("Organisation"), "organisation"),
    )
    nav = NavGroup(
        items=tuple(
            NavItem(label=label, url=reverse(name), current=code == UNDER.get(here, here))
            for code, label, name in lines
        )
    )
    me = {"name": contacts[0].name, "note": ", ".join(contact.customer.name for contact in contacts)}
    shared = {
        "nav": [nav],
        "me": me,
        "home_url": reverse("home"),
        "sign_out_url": reverse("sign_out"),
        "password_url": reverse("password"),
    }
    return render(request, template, {**shared, **context}, status=status)
