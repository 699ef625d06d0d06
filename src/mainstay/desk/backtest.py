"""A customer's last year under another package: then and would-have-been, down to each ticket."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mainstay.advisor import advice as advising
from mainstay.catalogue import publish as catalogue
from mainstay.catalogue.models import Package
from mainstay.contracts import entitlement
from mainstay.desk import customers, frame, shown
from mainstay.reports.backtest import Backtest, Line, backtest
from mainstay.sla.policy import CLOCKS
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

SHOWN = 200


@require_safe
@staff_page()
def page(request: StaffRequest, code: str) -> HttpResponse:
    """The year's tickets under a package that is chosen here or that an advice recommends."""
    customer = customers.found_by(code)
    at = timezone.now()
    advice = advising.of_token(request.GET.get("advice", ""))
    package = _package(request, advice.package if advice else None)
    found = backtest(customer, package, at=at, before=_number(request, "before")) if package else None
    clock, severity = request.GET.get("clock", ""), _number(request, "severity")
    entitled = entitlement.entitlement_at(customer, at, keep=False)
    context: dict[str, Any] = {
        "page_title": f"{customer.name}, last year under another package",
        "customer": customer,
        "now": at,
        "entitled": entitled,
        "packages": [(one.code, one.name) for one in catalogue.current_packages()],
        "package": package,
        "level": shown.level(package.level) if package else None,
        "advice": advice.token if advice and advice.found else "",
        "advice_url": _advice_url(advice.token, customer.code) if advice and advice.found else "",
        "found": found,
        "lines": [_line(one) for one in found.lines] if found else [],
        "drilled": _drilled(found, clock, severity) if found and clock in CLOCKS and severity else None,
        "query": f"package={package.code}"
        + (f"&before={before}" if (before := _number(request, "before")) else "")
        if package
        else "",
    }
    return frame.page(request, "desk/backtest.html", context, here="customers")


def _package(request: StaffRequest, advised: Package | None) -> Package | None:
    code = request.GET.get("package", "")
    if not code:
        return advised
    found = next((one for one in catalogue.current_packages() if one.code == code), None)
    if found is None:
        raise Http404
    return found


def _number(request: StaffRequest, name: str) -> int | None:
    return ids.read(request.GET.get(name, ""))


def _advice_url(token: str, code: str) -> str:
    return f"{reverse('desk:advisor_result', args=[token])}?customer={code}"


def _line(one: Line) -> dict[str, Any]:
    return {"one": one, "name": shown.CLOCK_NAMES[one.clock], "differs": one.then.missed != one.now.missed}


def _drilled(found: Backtest, clock: str, severity: int) -> dict[str, Any]:
    """The tickets behind one line."""
    cases = found.of_line(clock, severity)
    return {
        "name": shown.CLOCK_NAMES[clock],
        "severity": severity,
        "cases": cases[:SHOWN],
        "all": len(cases),
        "differ": sum(case.differs for case in cases),
    }
