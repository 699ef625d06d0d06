"""The people of the desk: who works here, as what, with which skills, on duty when."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from mainstay.accounts.models import Role, User
from mainstay.customers.lookup import normal
from mainstay.desk import frame
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.staffing.models import Absence
from mainstay.ui.doors import StaffRequest, staff_page

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def people(request: StaffRequest) -> HttpResponse:
    """Everybody of staff; an administrator's POST adds somebody, who signs in by link first."""
    if request.method != "POST":
        return _list(request)
    _only_administrators(request)
    try:
        made = _add(Typed(request))
    except Refused as error:
        return _list(
            request,
            values=request.POST,
            error=f"{error.field.replace('_', ' ').capitalize()}: {error.message}",
            status=422,
        )
    messages.success(request, f"{made.name} may sign in now, by a link to {made.email}.")
    return HttpResponseRedirect(reverse("desk:people"), status=303)


def _only_administrators(request: StaffRequest) -> None:
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404


def _list(request: StaffRequest, *, values: Any = None, error: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    away = Prefetch(
        "engineer__absences", Absence.objects.filter(ends_at__gt=now).order_by("starts_at"), to_attr="away"
    )
    found = User.objects.exclude(roles=[]).select_related("engineer").prefetch_related(away, "teams")
    context = {
        "page_title": "People",
        "staff": [(user, _roles(user), _hours(user)) for user in found.order_by("-is_active", "name")],
        "roles": Role.choices,
        "v": values or {},
        "chosen": values.getlist("roles") if values is not None else [],
        "error": error,
        "now": now,
    }
    return frame.page(request, "desk/people.html", context, here="people", status=status)


def _roles(user: User) -> str:
    return ", ".join(Role(role).label for role in user.roles if role in Role.values)


def _hours(user: User) -> str:
    """Hours on duty in a few words: "mon to fri 09:00-17:00"."""
    week = user.engineer.week if hasattr(user, "engineer") else {}
    said: list[tuple[str, str, str]] = []
    for day in DAYS:
        spans = ", ".join("-".join(span) for span in week.get(day, []))
        if not spans:
            continue
        if said and said[-1][2] == spans and DAYS.index(said[-1][1]) == DAYS.index(day) - 1:
            said[-1] = (said[-1][0], day, spans)
        else:
            said.append((day, day, spans))
    return "; ".join(f"{a} {s}" if a == b else f"{a} to {b} {s}" for a, b, s in said)


def _add(typed: Typed) -> User:
    email, name = normal(typed.text("email")), " ".join(typed.text("name").split())
    if not name or len(name) > 200:
        raise Refused("name", "must be a name of 1 to 200 characters")
    roles, zone = _checked_roles(typed), _zone(typed)
    known = User.objects.filter(email=email).first()
    if known is not None and known.roles:
        raise Refused("email", f"{email} is {known.name} of the desk already")
    if known is not None:
        raise Refused("email", f"{email} is a customer's contact; staff need an address of their own")
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name, roles=roles, time_zone=zone)
    except IntegrityError:
        raise Refused("email", f"{email} is taken") from None


def _checked_roles(typed: Typed) -> list[str]:
    roles = [role for role in Role.values if role in typed.many("roles")]
    if not roles:
        raise Refused("roles", "are missing; choose at least one")
    if Role.AUDITOR in roles and len(roles) > 1:
        raise Refused("roles", "cannot be auditor and something else: an auditor changes nothing")
    return roles


def _zone(typed: Typed) -> str:
    zone = typed.text("time_zone") or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(
            "time_zone", f"{zone[:60]!r} is no time zone; write one such as Europe/London"
        ) from None
    return zone


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def person(request: StaffRequest, number: int) -> HttpResponse:
    """One person of staff; an administrator's POST changes roles, zone and whether they may sign in."""
    found = get_object_or_404(User.objects.exclude(roles=[]).select_related("engineer"), pk=number)
    if request.method != "POST":
        return _person(request, found)
    _only_administrators(request)
    try:
        _change(found, Typed(request), request.user)
    except Refused as error:
        said = f"{error.field.replace('_', ' ').capitalize()}: {error.message}"
        return _person(request, found, values=request.POST, error=said, status=422)
    messages.success(request, f"{found.name} is changed.")
    return HttpResponseRedirect(reverse("desk:people"), status=303)


def _change(found: User, typed: Typed, by: User) -> None:
    roles, active = _checked_roles(typed), typed.flag("is_active")
    with transaction.atomic():
        others = User.objects.select_for_update().filter(is_active=True, roles__contains=[Role.ADMINISTRATOR])
        last = not [user for user in others if user.pk != found.pk]
        if last and (Role.ADMINISTRATOR not in roles or not active):
            raise Refused("roles", f"{found.name} is the last administrator; make somebody else one first")
        found.roles, found.is_active, found.time_zone = roles, active, _zone(typed)
        found.save(update_fields=["roles", "is_active", "time_zone"])


def _person(
    request: StaffRequest, found: User, *, values: Any = None, error: str = "", status: int = 200
) -> HttpResponse:
    engineer = getattr(found, "engineer", None)
    context = {
        "page_title": found.name,
        "person": found,
        "role_words": _roles(found),
        "engineer": engineer,
        "hours": _hours(found),
        "absences": list(engineer.absences.order_by("-starts_at")[:20]) if engineer else [],
        "teams": list(found.teams.order_by("name")),
        "roles": Role.choices,
        "chosen": values.getlist("roles") if values is not None else found.roles,
        "time_zone": values.get("time_zone", "") if values is not None else found.time_zone,
        "active": bool(values.get("is_active")) if values is not None else found.is_active,
        "error": error,
    }
    return frame.page(request, "desk/person.html", context, here="people", status=status)
