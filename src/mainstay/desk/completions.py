"""What a query may go on with, as one types it: fields, then values of each; for the find field's script."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from mainstay.accounts.models import Team, User
from mainstay.catalogue.models import ServiceLevel
from mainstay.customers.models import Customer, Product
from mainstay.tickets import finding, query
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 12
Choice = tuple[str, str]  # what is put in, and what it says


@require_safe
@staff_page()
def completions(request: StaffRequest) -> HttpResponse:
    """The ways on from the term `q` that is being typed: at most twelve."""
    typed = request.GET.get("q", "").replace("\x00", "")[:80]
    return JsonResponse({"choices": [{"put": put, "says": says} for put, says in choices(typed)]})


def choices(typed: str) -> list[Choice]:
    """Fields whose names begin so, or values of the field that is named; a minus before it is kept."""
    minus, bare = ("-", typed[1:]) if typed.startswith("-") else ("", typed)
    name, colon, begun = bare.lower().partition(":")
    if not colon:
        return [
            (f"{minus}{one.name}:", one.says) for one in query.FIELDS.values() if one.name.startswith(name)
        ][:MOST]
    field = query.FIELDS.get(name)
    if field is None:
        return []
    before, comma, last = begun.rpartition(",")
    lead = f"{minus}{name}:{before}{comma}"
    return [(lead + value, says) for value, says in _values(field, last)][:MOST]


def _values(field: query.Field, begun: str) -> list[Choice]:
    known = [(value, WORDS.get(value, value)) for value in field.values if value.startswith(begun)]
    if field.form in {"time", "due"}:
        return [*known, *(one for one in TIMES[field.form] if one[0].startswith(begun))]
    find = LOOKED_UP.get(field.name)
    return [*known, *(find(begun) if find else [])]


def _severities(begun: str) -> list[Choice]:
    return [(str(n), f"severity {n}") for n in (1, 2, 3) if str(n).startswith(begun)]


def _customers(begun: str) -> list[Choice]:
    named = Q(code__istartswith=begun) | Q(name__istartswith=begun)
    rows = Customer.objects.filter(named).order_by("name").values_list("code", "name")
    return [(code.lower(), name) for code, name in rows[:MOST]]


def _owners(begun: str) -> list[Choice]:
    rows = User.objects.exclude(roles=[]).filter(is_active=True).order_by("name").values_list("email", "name")
    return [(email, name) for email, name in rows if finding.goes_by(begun, name, email)][:MOST]


def _teams(begun: str) -> list[Choice]:
    return list(
        Team.objects.filter(code__startswith=begun).order_by("code").values_list("code", "name")[:MOST]
    )


def _products(begun: str) -> list[Choice]:
    return list(
        Product.objects.filter(code__startswith=begun).order_by("code").values_list("code", "name")[:MOST]
    )


def _levels(begun: str) -> list[Choice]:
    names = ServiceLevel.objects.order_by("-rank").values_list("name", flat=True)
    found = {finding.letters(name): name for name in names}
    return [
        (code, name)
        for code, name in found.items()
        if code.startswith(begun) or name.lower().startswith(begun)
    ]


LOOKED_UP: dict[str, Callable[[str], list[Choice]]] = {
    "sev": _severities,
    "customer": _customers,
    "owner": _owners,
    "team": _teams,
    "level": _levels,
    "product": _products,
}
WORDS = {
    "me": "mine", "nobody": "nobody has it yet", "over": "missed already", "none": "nothing is promised",
    "open": "not closed", "any": "open and closed", "untriaged": "not triaged yet",
    "waiting": "waiting for the customer",
    "third": "waiting for a third party", "proposed": "a solution is proposed", "uncovered": "out of scope",
    "snoozed": "put off by me", "watched": "watched by me", "tasks": "with open tasks",
    "emergency": "looks like an emergency, and nobody has seen it", "technical": "technical problem",
    "billing": "billing problem", "feature": "feature request", "enquiry": "general enquiry",
}  # fmt: skip
TIMES: dict[str, list[Choice]] = {
    "due": [("<30m", "within 30 minutes"), ("<2h", "within 2 hours"), ("<1d", "within a day"),
            (">1d", "later than in a day")],
    "time": [("2h", "2 hours"), ("1d", "a day"), ("3d", "3 days"), ("1w", "a week"), ("4w", "four weeks")],
}  # fmt: skip
