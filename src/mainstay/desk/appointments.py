"""Appointments on a ticket's page and their own: agreed, moved, cancelled."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.desk import beside, frame, meeting, shown
from mainstay.desk.acting import Act, Do
from mainstay.desk.typed import Typed, as_input, said, zone_of
from mainstay.errors import Refused
from mainstay.tickets import access, appointments
from mainstay.tickets.models import Appointment, Ticket
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page


def agree(one: Act) -> str:
    """A new one, with the person's own times."""
    plan = plan_of(one.typed, one.ticket)
    anyway = one.typed.flag("anyway")
    appointments.agree(one.ticket, plan, anyway=anyway, by=one.by, at=one.at)
    return _("Agreed for %(time)s; everybody who takes part gets it for their calendar.") % {
        "time": one.told(plan.starts_at)
    }  # fmt: skip


ACTS: tuple[tuple[str, str, Do], ...] = (("appointment", "appointments", agree),)


def plan_of(typed: Typed, ticket: Ticket) -> appointments.Plan:
    """What was typed. Raises `Refused` naming the field."""
    return appointments.Plan(
        kind=typed.text("kind"), starts_at=typed.needs_when("start"),
        minutes=typed.number("minutes", "whole minutes"), about=typed.text("about"), place=typed.text("place"),
        staff=tuple(_staff(typed)), contacts=tuple(_contacts(typed, ticket)),
    )  # fmt: skip


def _staff(typed: Typed) -> list[User]:
    numbers = _numbers(typed, "staff")
    rows = User.objects.filter(pk__in=numbers, is_active=True).exclude(roles=[]).order_by("name", "pk")
    found = [one for one in rows if one.may_act]
    if len(found) < len(numbers):
        raise Refused("staff", "names nobody of the desk; choose from the list")
    return found


def _contacts(typed: Typed, ticket: Ticket) -> list[Contact]:
    numbers = _numbers(typed, "contact")
    found = list(meeting.people_of(ticket).filter(pk__in=numbers)) if numbers else []
    if len(found) < len(numbers):
        raise Refused("contact", "names nobody of this customer; choose from the list")
    return found


def _numbers(typed: Typed, name: str) -> set[int]:
    given = [value for value in typed.many(name) if value]
    wrong = next((value for value in given if ids.read(value) is None), None)
    if wrong is not None:
        raise Refused(name, f"is {wrong[:40]!r}; choose from the list")
    return set(ids.read_all(given))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def appointment(request: StaffRequest, number: int, appointment: int) -> HttpResponse:
    """One appointment; a POST moves it."""
    ticket, found = _found(request, number, appointment)
    if request.method != "POST":
        return _show(request, ticket, found)
    typed = Typed(request)
    try:
        plan = plan_of(typed, ticket)
        appointments.move(
            found, plan, reason=typed.text("reason"), anyway=typed.flag("anyway"), by=Actor.staff(request.user),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, ticket, found, said(error))
    messages.success(request, _("Changed; everybody who takes part is told, and their calendars with them."))
    return _to(number)


@require_POST
@staff_page()
def cancellation(request: StaffRequest, number: int, appointment: int) -> HttpResponse:
    """It will not be."""
    ticket, found = _found(request, number, appointment)
    try:
        reason = Typed(request).text("reason")
        appointments.cancel(found, reason=reason, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, ticket, found, said(error), form="cancel")
    messages.success(
        request, _("Cancelled; everybody who takes part is told, and their calendars with them.")
    )
    return _to(number)


def _found(request: StaffRequest, number: int, appointment: int) -> tuple[Ticket, Appointment]:
    ticket = access.for_staff(request.user, number)
    found = Appointment.objects.filter(ticket=ticket, pk=appointment).first()
    if found is None:
        raise Http404
    return ticket, found


def _to(number: int) -> HttpResponse:
    return HttpResponseRedirect(f"{shown.ticket_url(number)}#appointments", status=303)


def _show(
    request: StaffRequest, ticket: Ticket, found: Appointment, refused: str = "", *, form: str = "move"
) -> HttpResponse:
    now, zone = timezone.now(), zone_of(request.user)
    people = list(found.attendees.select_related("user", "contact"))
    start = {
        "kind": found.kind, "about": found.about, "place": found.place, "minutes": str(found.minutes),
        "start": as_input(found.starts_at, zone),
    }  # fmt: skip
    typed = request.POST if refused and form == "move" else None
    staff = [
        one for one in User.objects.filter(is_active=True).exclude(roles=[]).order_by("name") if one.may_act
    ]
    context = {
        "page_title": f"{found.get_kind_display()}: {found.about}",
        "ticket": ticket,
        "one": found,
        "people": people,
        "theirs": beside.theirs(ticket, found.starts_at, now, zone),
        "stands": found.state == Appointment.State.AGREED and found.ends_at > now,
        "v": typed or start,
        "chosen": _chosen(typed, people),
        "form": form,
        "refused": refused,
        "reason": request.POST.get("reason", ""),
        "now": now,
        **{f"may_{name}": value for name, value in meeting.choices(ticket, staff).items()},
    }
    return frame.page(request, "desk/appointment.html", context, here="queue", status=422 if refused else 200)


def _chosen(typed: Any, people: list[Any]) -> dict[str, list[str]]:
    """Who is ticked: what was typed, else who takes part."""
    if typed is not None:
        return {"staff": typed.getlist("staff"), "contact": typed.getlist("contact")}
    return {
        "staff": [str(one.user_id) for one in people if one.user_id],
        "contact": [str(one.contact_id) for one in people if one.contact_id],
    }
