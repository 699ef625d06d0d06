"""KPIs on the desk: whose figures need somebody, a customer's measures through time, one figure down to its events."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mainstay.accounts.models import Role
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer
from mainstay.desk import customers, frame
from mainstay.desk.typed import RefusedForm
from mainstay.reports import (
    causes,
    claims,
    closing,
    counting,
    figures,
    kept,
    measures,
    outages,
    words,
    working,
)
from mainstay.reports.counting import Decided
from mainstay.reports.kpis.rows import BY_CLOCKS
from mainstay.reports.measures import Measure
from mainstay.reports.models import Credit, Figure, MaintenanceWindow, Measurement, Outage
from mainstay.sla.policy import CLOCK_NAMES
from mainstay.ui import downloads, ids, kpi_glance
from mainstay.ui import figures as look
from mainstay.ui.doors import StaffRequest, staff_page

PAGE = 100
CUSTOMERS = 8  # of whom the present figures are reckoned for one page
MISSED = 20
SHORTLY = timedelta(days=100)
LATELY = timedelta(days=430)


# ---- everybody


@require_safe
@staff_page()
def kpis(request: StaffRequest) -> HttpResponse:
    """What waits for somebody and what was missed; where each customer's figures stand; every frozen figure."""
    after = _number(request.GET.get("after", ""))
    rows = Figure.objects.select_related("customer").defer("text").order_by("-pk")
    found = list((rows.filter(pk__lt=after) if after else rows)[: PAGE + 1])
    now = timezone.now()
    standing, further = _standing(_number(request.GET.get("customers", "")), now)
    credits, missed = _open_credits(), _missed(now)
    named = kept.titles([*(one.figure_id for one in credits), *(one.pk for one in (*missed, *found[:PAGE]))])
    context = {
        "page_title": "KPIs",
        "figures": [(one, _url(one), words.state(one.state), named[one.pk]) for one in found[:PAGE]],
        "next": found[PAGE - 1].pk if len(found) > PAGE else None,
        "excuses": [(one, _where(one)) for one in causes.waiting()],
        "credits": [(one, words.worth(one), named[one.figure_id]) for one in credits],
        "missed": [(one, _url(one), named[one.pk]) for one in missed],
        "standing": standing,
        "further": further,
        "from_start": "customers" not in request.GET,
        "now": now,
    }
    return frame.page(request, "desk/kpis.html", context, here="kpis")


def _standing(first: int, now: datetime) -> tuple[list[kpi_glance.Glance], int | None]:
    """The present figures of so many customers with a contract, from one on; and with whom the next page begins."""
    rows = Customer.objects.filter(pk__in=Contract.objects.values("customer")).order_by("name", "pk")
    start = Customer.objects.filter(pk=first).only("name").first() if first else None
    if start is not None:
        rows = rows.filter(Q(name__gt=start.name) | Q(name=start.name, pk__gte=start.pk))
    found = list(rows[: CUSTOMERS + 1])
    further = found[CUSTOMERS].pk if len(found) > CUSTOMERS else None
    return kpi_glance.of_customers(found[:CUSTOMERS], now), further


def _missed(now: datetime) -> list[Figure]:
    """Frozen figures that were not reached, as they stand after corrections, of periods that ended lately."""
    later = Figure.objects.filter(
        contract=OuterRef("contract"), code=OuterRef("code"), first=OuterRef("first"), end=OuterRef("end"),
        version__gt=OuterRef("version"),
    )  # fmt: skip
    rows = Figure.objects.filter(state="missed", end__gte=(now - SHORTLY).date()).exclude(Exists(later))
    return list(rows.select_related("customer").defer("text").order_by("-end", "-pk")[:MISSED])


def _open_credits() -> list[Credit]:
    """Credits that somebody has still to claim, decide or pay: those that wait for us before those for the customer."""
    states = (Credit.State.CLAIMED, Credit.State.GRANTED, Credit.State.OPEN)
    rows = Credit.objects.filter(state__in=states).select_related("customer", "figure").defer("figure__text")
    return sorted(rows.order_by("pk")[:PAGE], key=lambda one: (states.index(Credit.State(one.state)), one.pk))


def _where(cause: Any) -> dict[str, str]:
    """What an excuse is about, and where it is decided."""
    if cause.outage_id:
        code = cause.outage.customer.code
        return {
            "what": f"outage of {cause.outage.environment.name}",
            "url": reverse("desk:kpi_systems", args=[code]),
        }
    name = CLOCK_NAMES.get(cause.clock, cause.clock).lower()
    url = reverse("desk:why", args=[cause.ticket_id, cause.clock, cause.n])
    return {"what": f"{name} of {cause.ticket_id}", "url": url}


def _url(figure: Figure) -> str:
    key = [figure.customer.code, figure.contract_id, figure.code, figure.period]
    return f"{reverse('desk:kpi_figure', args=key)}?from={figure.first}"


# ---- one customer


@require_safe
@staff_page()
def customer(request: StaffRequest, code: str) -> HttpResponse:
    """Every measure with its periods, and the credits."""
    return show(request, customers.found_by(code))


def show(request: StaffRequest, found: Customer, refused: RefusedForm | None = None) -> HttpResponse:
    now = timezone.now()
    context = {
        "page_title": f"KPIs · {found.name}",
        "customer": found,
        "series": look.of_customer(found, now),
        "unreadable": measures.unreadable(found, now.date()),
        "credits": credits_of(found, now),
        "may_credit": request.user.may_act and request.user.has_role(Role.MANAGER, Role.SALES),
        "form": refused.form if refused else "",
        "refused": refused.message if refused else "",
        "v": refused.typed if refused else {},
        "now": now,
    }
    return frame.page(request, "desk/kpi_customer.html", context, here="kpis", status=422 if refused else 200)


def credits_of(found: Customer, now: datetime) -> list[dict[str, Any]]:
    """Credits, the newest first, each with its working, its steps and what may come next."""
    rows = Credit.objects.filter(customer=found).select_related("figure", "customer").prefetch_related("acts")
    found_credits = list(rows.order_by("-pk")[:PAGE])
    named = kept.titles(one.figure_id for one in found_credits)
    return [
        {
            "one": one,
            "title": named[one.figure_id],
            "worth": words.worth(one),
            "url": _url(one.figure),
            "working": working.of_credit(figures.read(one.figure.text)["credit"]),
            "steps": [step for step, (states, _) in claims.MOVES.items() if one.state in states],
            "may_claim": claims.may_claim(one, now),
            "form": f"credit-{one.pk}",
        }
        for one in found_credits
    ]


# ---- one figure


@require_safe
@staff_page()
def figure(request: StaffRequest, code: str, contract: int, measure: str, period: str) -> HttpResponse:
    """One figure: its working, its verdict, the tickets and recorded facts that it is made of, its versions."""
    one = the_measure(request, code, contract, measure, period)
    return show_figure(request, one)


@require_safe
@staff_page()
def document(request: StaffRequest, code: str, contract: int, measure: str, period: str) -> HttpResponseBase:
    """The canonical document of a frozen figure, byte for byte as its hash was made."""
    frozen = closing.latest(the_measure(request, code, contract, measure, period))
    if frozen is None:
        raise Http404
    name = f"{code}-{frozen.code}-{frozen.period}-{frozen.version}.json"
    return downloads.download(io.BytesIO(frozen.text.encode()), name)


def the_measure(request: StaffRequest, code: str, contract: int, measure: str, period: str) -> Measure:
    """The measure that an address names; Http404 when there is none."""
    found = customers.found_by(code)
    first = request.GET.get("from", "") or request.POST.get("from", "")
    try:
        day = date.fromisoformat(first) if first else None
    except ValueError:
        day = None
    one = measures.find(found, contract, measure, period, day) if contract < 2**63 else None
    if one is None:
        raise Http404
    return one


def show_figure(request: StaffRequest, one: Measure, refused: RefusedForm | None = None) -> HttpResponse:
    now = timezone.now()
    frozen = closing.latest(one)
    told = look.shown(one, frozen, now)
    versions = Figure.objects.filter(
        contract=one.contract, code=one.definition.code, first=one.first, end=one.end
    ).select_related("frozen_by")
    context = {
        "page_title": f"{words.name(one.definition)} · {told.period}",
        "customer": one.customer,
        "measure": one,
        "name": words.name(one.definition),
        "owed": words.owed(one.definition),
        "told": told,
        "hash": frozen.hash if frozen else "",
        "same": closing.again(frozen).same if frozen else None,
        "versions": list(versions.order_by("-version")),
        "credit": Credit.objects.filter(figure=frozen).first() if frozen else None,
        "zone": one.zone,
        **_made_of(request, one, told),
        "base": reverse(
            "desk:kpi_figure", args=[one.customer.code, one.contract.pk, one.definition.code, one.period.key]
        ),
        "form": refused.form if refused else "",
        "refused": refused.message if refused else "",
        "v": refused.typed if refused else {},
        "now": now,
    }
    return frame.page(request, "desk/kpi_figure.html", context, here="kpis", status=422 if refused else 200)


def _timed(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outages or maintenance of a document with instants in place of texts."""
    return [
        {**one, **{name: datetime.fromisoformat(one[name]) for name in ("from", "until") if one.get(name)}}
        for one in listed
    ]


def _made_of(request: StaffRequest, one: Measure, told: look.Shown) -> dict[str, Any]:
    """What to drill into: decided promises a page at a time; else what the document lists."""
    inputs = told.document["inputs"]
    if one.definition.kpi not in BY_CLOCKS:
        timed = {name: _timed(inputs[name]) for name in ("outages", "maintenance") if name in inputs}
        return {"inputs": {**inputs, **timed}, "decided": None}
    every = request.GET.get("show") == "all"
    ends = one.ends if told.over else timezone.now().replace(microsecond=0)
    after = _number(request.GET.get("after", ""))
    wanted = figures.wanted(one, ends)
    found = (
        counting.listed(wanted, missed=None if every else True, after=after, most=PAGE)
        if ends > one.begins
        else []
    )
    known = causes.of_many({row.ticket for row in found}, one.definition.clock)
    return {
        "inputs": inputs,
        "decided": [_decided(row, one.definition.clock, known.get((row.ticket, row.n))) for row in found],
        "every": every,
        "clock_name": CLOCK_NAMES.get(one.definition.clock, one.definition.clock),
        "next": found[-1].ticket if len(found) == PAGE else None,
    }


def _decided(row: Decided, clock: str, cause: Any) -> dict[str, Any]:
    return {"row": row, "cause": cause, "why": reverse("desk:why", args=[row.ticket, clock, row.n])}


# ---- systems: outages, maintenance, response times


@require_safe
@staff_page()
def systems(request: StaffRequest, code: str) -> HttpResponse:
    """Recorded outages and maintenance of a customer's systems, what may be one, and where measurements come in."""
    return show_systems(request, customers.found_by(code))


def show_systems(request: StaffRequest, found: Customer, refused: RefusedForm | None = None) -> HttpResponse:
    now = timezone.now()
    zone = ZoneInfo(found.time_zone or "UTC")
    agreed = measures.notice_hours(found, now.astimezone(zone).date())
    down = Outage.objects.filter(customer=found, withdrawn_at__isnull=True)
    windows = MaintenanceWindow.objects.filter(customer=found, withdrawn_at__isnull=True)
    context = {
        "page_title": f"Outages · {found.name}",
        "customer": found,
        "outages": [
            {"one": one, "cause": causes.of_outage(one), "form": f"outage-{one.pk}"}
            for one in down.select_related("environment", "recorded_by").order_by("-starts_at")[:PAGE]
        ],
        "windows": list(windows.select_related("environment").order_by("-starts_at")[:PAGE]),
        "measurements": Measurement.objects.filter(customer=found).count(),
        "suggested": [(one, outages.likely_end(one)) for one in outages.suggestions(found, now - LATELY)],
        "places": [(str(one.pk), one.name) for one in found.environments.order_by("name")],
        "notice_hours": outages.NOTICE_HOURS if agreed is None else agreed,
        "zone": zone,
        "form": refused.form if refused else "",
        "refused": refused.message if refused else "",
        "v": refused.typed if refused else {},
        "now": now,
    }
    return frame.page(request, "desk/kpi_systems.html", context, here="kpis", status=422 if refused else 200)


def _number(text: str) -> int:
    return ids.read(text) or 0
