"""What is done about figures: each act is a resource that takes a POST and calls one verb."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.customers.models import Customer, Environment
from mainstay.desk import customers, frame, kpis, why
from mainstay.desk.typed import RefusedForm, Typed, said
from mainstay.errors import Refused
from mainstay.reports import causes, claims, closing, outages
from mainstay.reports.measures import Measure
from mainstay.reports.models import Cause, Credit, MaintenanceWindow, Outage
from mainstay.tickets import access
from mainstay.tickets.models import Clock, Ticket
from mainstay.ui.doors import StaffRequest, staff_page

LARGEST = 20 * 1024 * 1024  # a file of measurements


# ---- outages, maintenance, measurements


def _systems(
    request: StaffRequest, code: str, form: str, do: Callable[[Customer, Typed], str]
) -> HttpResponse:
    """One act of the page of systems: done and told, or the page again with what is wrong."""
    found = customers.found_by(code)
    try:
        told = do(found, Typed(request))
    except Refused as error:
        return kpis.show_systems(request, found, RefusedForm(form, said(error), request.POST))
    messages.success(request, told)
    return HttpResponseRedirect(reverse("desk:kpi_systems", args=[found.code]), status=303)


@require_POST
@staff_page()
def outage(request: StaffRequest, code: str) -> HttpResponse:
    """An outage by hand, or one that a request is confirmed to be."""

    def do(found: Customer, typed: Typed) -> str:
        made = outages.record(
            _system(found, typed), starts_at=typed.needs_when("start"), ends_at=typed.when("end"),
            note=typed.text("note"), ticket=_ticket(found, typed), by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
        return f"The outage of {made.environment.name} is recorded."

    return _systems(request, code, "outage", do)


@require_POST
@staff_page()
def outage_end(request: StaffRequest, code: str, outage: int) -> HttpResponse:
    """It is over."""

    def do(found: Customer, typed: Typed) -> str:
        held = get_object_or_404(Outage, pk=outage, customer=found)
        outages.end(held, ends_at=typed.needs_when("end"), by=Actor.staff(request.user), at=timezone.now())
        return "The outage is over."

    return _systems(request, code, f"outage-{outage}", do)


@require_POST
@staff_page()
def outage_withdrawal(request: StaffRequest, code: str, outage: int) -> HttpResponse:
    """It was none."""

    def do(found: Customer, typed: Typed) -> str:
        held = get_object_or_404(Outage, pk=outage, customer=found)
        outages.withdraw(held, why=typed.text("reason"), by=Actor.staff(request.user), at=timezone.now())
        return "Withdrawn; it counts no more."

    return _systems(request, code, f"outage-{outage}", do)


@require_POST
@staff_page()
def outage_cause(request: StaffRequest, code: str, outage: int) -> HttpResponse:
    """Why it happened, and perhaps why it should not count."""

    def do(found: Customer, typed: Typed) -> str:
        _write_cause(get_object_or_404(Outage, pk=outage, customer=found), typed, request)
        return "The cause is written down."

    return _systems(request, code, f"cause-{outage}", do)


@require_POST
@staff_page()
def window(request: StaffRequest, code: str) -> HttpResponse:
    """Agreed maintenance."""

    def do(found: Customer, typed: Typed) -> str:
        made = outages.agree(
            _system(found, typed), starts_at=typed.needs_when("start"), ends_at=typed.needs_when("end"),
            announced_at=typed.needs_when("announced"), notice_hours=typed.number("notice_hours", "hours"),
            note=typed.text("note"), by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
        return "The maintenance is recorded" + (
            "." if made.in_time else "; it was announced too late, so its time counts as any other."
        )

    return _systems(request, code, "window", do)


@require_POST
@staff_page()
def window_withdrawal(request: StaffRequest, code: str, window: int) -> HttpResponse:
    """It did not take place, or was not agreed."""

    def do(found: Customer, typed: Typed) -> str:
        held = get_object_or_404(MaintenanceWindow, pk=window, customer=found)
        outages.withdraw(held, why=typed.text("reason"), by=Actor.staff(request.user), at=timezone.now())
        return "Withdrawn; it counts no more."

    return _systems(request, code, f"window-{window}", do)


@require_POST
@staff_page()
def measurements(request: StaffRequest, code: str) -> HttpResponse:
    """A CSV file of measured response times, or its lines pasted."""

    def do(found: Customer, typed: Typed) -> str:
        by = Actor.staff(request.user)
        new, known = outages.take_in(found, _lines(typed), by=by, at=timezone.now())
        are = "measurement is" if new == 1 else "measurements are"
        return f"{new:,} {are} new, {known:,} were there already."

    return _systems(request, code, "measurements", do)


def _lines(typed: Typed) -> str:
    file = typed.uploads.get("file")
    if file is None:
        return typed.raw("lines")
    if (file.size or 0) > LARGEST:
        raise Refused("file", "is larger than 20 MB; send it in parts")
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("file", "is not text in UTF-8") from None
    return text


def _system(found: Customer, typed: Typed) -> Environment:
    number = typed.number("environment", "one of the list")
    system = found.environments.filter(pk=number).select_related("customer").first()
    if system is None:
        raise Refused("environment", f"is not one of {found.name}")
    return system


def _ticket(found: Customer, typed: Typed) -> Ticket | None:
    if not typed.text("ticket"):
        return None
    ticket = Ticket.objects.filter(pk=typed.number("ticket", "a request's number"), customer=found).first()
    if ticket is None:
        raise Refused("ticket", f"is not one of {found.name}")
    return ticket


# ---- causes and excuses


@require_POST
@staff_page()
def cause(request: StaffRequest, number: int, clock: str, n: int) -> HttpResponse:
    """Why a promise was broken."""
    ticket = access.for_staff(request.user, number)
    broken = get_object_or_404(Clock, ticket=ticket, clock=clock, n=n) if n < 2**15 else None
    if broken is None:
        raise Http404
    try:
        _write_cause(broken, Typed(request), request)
    except Refused as error:
        return why.show(request, ticket, clock, n, refused=said(error))
    messages.success(request, "The cause is written down.")
    return HttpResponseRedirect(reverse("desk:why", args=[number, clock, n]), status=303)


def _write_cause(of: Clock | Outage, typed: Typed, request: StaffRequest) -> None:
    causes.write(
        of=of, text=typed.text("cause"), changed=typed.text("changed"), excuse=typed.text("excuse"),
        by=Actor.staff(request.user), at=timezone.now(),
    )  # fmt: skip


@require_POST
@staff_page(Role.MANAGER)
def decision(request: StaffRequest, cause: int) -> HttpResponse:
    """An excuse is approved or refused."""
    held = (
        get_object_or_404(Cause.objects.select_related("outage__customer"), pk=cause)
        if cause < 2**63
        else None
    )
    if held is None:
        raise Http404
    typed = Typed(request)
    approve, reason = typed.text("decision") == "approve", typed.text("reason")
    try:
        if typed.text("decision") not in {"approve", "refuse"}:
            raise Refused("decision", "must be approve or refuse")
        causes.decide(held, approve=approve, why=reason, by=request.user, at=timezone.now())
    except Refused as error:
        if held.outage is not None:
            refusal = RefusedForm(f"decision-{held.outage_id}", said(error), request.POST)
            return kpis.show_systems(request, held.outage.customer, refusal)
        ticket = access.for_staff(request.user, held.ticket_id or 0)
        return why.show(request, ticket, held.clock, held.n, refused=said(error))
    messages.success(
        request, "The excuse is approved." if approve else "The excuse is refused; the breach counts."
    )
    if held.outage is not None:
        return HttpResponseRedirect(reverse("desk:kpi_systems", args=[held.outage.customer.code]), status=303)
    return HttpResponseRedirect(reverse("desk:why", args=[held.ticket_id, held.clock, held.n]), status=303)


# ---- freezing, corrections, credits


@require_POST
@staff_page(Role.MANAGER)
def freezing(request: StaffRequest, code: str, contract: int, measure: str, period: str) -> HttpResponse:
    """Freeze a period that ended before the contract was recorded here."""
    return _figure(request, code, contract, measure, period, "freezing", partial(_freeze, request))


def _freeze(request: StaffRequest, one: Measure, typed: Typed) -> str:
    at = timezone.now()
    if one.ends > at:
        raise Refused("period", "is not over; it is frozen when it has ended")
    closing.freeze([one], at=at, by=Actor.staff(request.user))
    return "The figure is frozen."


@require_POST
@staff_page(Role.MANAGER)
def correction(request: StaffRequest, code: str, contract: int, measure: str, period: str) -> HttpResponse:
    """A new version of a frozen figure, with a reason."""
    return _figure(request, code, contract, measure, period, "correction", partial(_correct, request))


def _correct(request: StaffRequest, one: Measure, typed: Typed) -> str:
    frozen = closing.latest(one)
    if frozen is None:
        raise Refused("figure", "is not frozen; it is reckoned anew each time")
    made = closing.correct(frozen, reason=typed.text("reason"), by=request.user, at=timezone.now())
    return f"Version {made.version} holds now."


def _figure(
    request: StaffRequest, code: str, contract: int, measure: str, period: str, form: str,
    do: Callable[[Measure, Typed], str],
) -> HttpResponse:  # fmt: skip
    one = kpis.the_measure(request, code, contract, measure, period)
    try:
        told = do(one, Typed(request))
    except Refused as error:
        return kpis.show_figure(request, one, RefusedForm(form, said(error), request.POST))
    messages.success(request, told)
    where = reverse("desk:kpi_figure", args=[code, contract, measure, period])
    return HttpResponseRedirect(f"{where}?from={one.first}", status=303)


@require_POST
@staff_page(*frame.AGREE)
def credit(request: StaffRequest, code: str, credit: int, step: str) -> HttpResponse:
    """One step of a credit: claimed for the customer, granted, declined, paid."""
    found = customers.found_by(code)
    held = get_object_or_404(Credit, pk=credit, customer=found) if credit < 2**63 else None
    if held is None or step not in claims.MOVES:
        raise Http404
    try:
        moved = claims.move(
            held, step, by=Actor.staff(request.user), at=timezone.now(), why=Typed(request).text("reason")
        )
    except Refused as error:
        return kpis.show(request, found, RefusedForm(f"credit-{held.pk}", said(error), request.POST))
    messages.success(request, f"The credit is {moved.get_state_display()}.")
    return HttpResponseRedirect(f"{reverse('desk:kpi_customer', args=[found.code])}#credits", status=303)
