"""What a request is asked for, by what it is about (R1): technical, billing, a wish, a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.tickets.models import Category

TECHNICAL, BILLING, FEATURE, ENQUIRY = (str(one.value) for one in Category)
CATEGORIES = {
    Category.TECHNICAL: gettext_noop("Something does not work"),
    Category.BILLING: gettext_noop("An invoice or a licence"),
    Category.FEATURE: gettext_noop("Something you wish for"),
    Category.ENQUIRY: gettext_noop("A question"),
}


@dataclass(frozen=True)
class Field:
    """One field of the form: for which categories, how many rows (0: one line), and whether it saves a question."""

    name: str
    label: str
    only: tuple[str, ...]
    rows: int = 0
    quick: bool = False
    placeholder: str = ""


FIELDS = (
    Field("steps", gettext_noop("Steps to reproduce"), (TECHNICAL,), 3, True, gettext_noop("1. Sign in …")),
    Field("debugging", gettext_noop("Error messages and debugging details"), (TECHNICAL,), 3, True),
    Field("business_impact", gettext_noop("What it does to your business"), (TECHNICAL, BILLING), 3),
    Field("use_case", gettext_noop("What you want to achieve with it"), (FEATURE,), 4, True),
    Field("product_version", gettext_noop("Product version"), (TECHNICAL, FEATURE, ENQUIRY), quick=True),
    Field("frequency", gettext_noop("How often"), (TECHNICAL,), quick=True),
    Field("since", gettext_noop("Since when"), (TECHNICAL,)),
    Field("invoice", gettext_noop("Invoice or licence number"), (BILLING,), quick=True),
    Field("contact_phone", gettext_noop("Phone for questions"), (TECHNICAL, BILLING)),
    Field("customer_reference", gettext_noop("Your reference"), (TECHNICAL, BILLING, FEATURE, ENQUIRY)),
    Field("related_tickets", gettext_noop("Related requests"), (TECHNICAL, BILLING, FEATURE)),
)
GUIDED = (TECHNICAL,)
"""Where the assessment guide is asked; everything else opens at the lowest severity."""
ALWAYS = {"subject": gettext_noop("In one line"), "description": gettext_noop("In detail")}
PLACED = {"environment": gettext_noop("Environment")}
LONGEST = 5000


def given(values: Mapping[str, str], category: str) -> dict[str, str]:
    """What the fields of that category hold; those of others are not part of the request."""
    found = {one.name: values.get(one.name, "").strip() for one in FIELDS if category in one.only}
    return {name: value[:LONGEST] for name, value in found.items() if value}


@dataclass(frozen=True)
class Complete:
    """How much of what helps is there, and what would help most next."""

    have: int
    of: int
    next: tuple[str, ...]


def complete(values: Mapping[str, str], category: str, *, environments: bool) -> Complete:
    """Counted over the fields of the category; before one is chosen, over those of a technical problem."""
    category = category if category in Category.values else TECHNICAL
    mine = [one for one in FIELDS if category in one.only]
    names = dict(ALWAYS) | (
        {"environment": PLACED["environment"]} if environments and category == TECHNICAL else {}
    )
    wanted = [*names, *(one.name for one in mine if one.quick), *(one.name for one in mine if not one.quick)]
    labels = names | {one.name: one.label for one in mine}
    lacking = [name for name in wanted if not values.get(name, "").strip()]
    return Complete(len(wanted) - len(lacking), len(wanted), tuple(_(labels[name]) for name in lacking[:3]))
