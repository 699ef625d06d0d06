"""The people of the desk: who works here, as what, with which skills, on duty when, away when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.catalogue import publish
from mainstay.customers.models import Product
from mainstay.desk import frame
from mainstay.desk.typed import Typed, changed, said
from mainstay.errors import Refused
from mainstay.notices.sign_in import invite
from mainstay.staffing import staff
from mainstay.staffing.models import Absence, Engineer
from mainstay.tickets import bound
from mainstay.ui.doors import StaffRequest, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def people(request: StaffRequest) -> HttpResponse:
    """Everybody of staff; an administrator's POST adds somebody, who signs in by link first."""
    if request.method != "POST":
        return _list(request)
    _only_administrators(request)
    typed = Typed(request)
    try:
        made = staff.add_staff(
            email=typed.text("email"), name=typed.text("name"), roles=typed.many("roles"),
            time_zone=typed.text("time_zone"), by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _list(request, values=request.POST, refused=said(error))
    messages.success(request, f"{made.name} may sign in now, by a link to {made.email}.")
    return _to(made)


def _only_administrators(request: StaffRequest) -> None:
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404


def _to(user: User) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:person", args=[user.pk]), status=303)


def _list(request: StaffRequest, *, values: Any = None, refused: str = "") -> HttpResponse:
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
        "refused": refused,
        "now": now,
    }
    return frame.page(request, "desk/people.html", context, here="people", status=422 if refused else 200)


def _roles(user: User) -> str:
    return ", ".join(Role(role).label for role in user.roles if role in Role.values)


def _hours(user: User) -> str:
    return staff.hours_in_words(user.engineer.week) if hasattr(user, "engineer") else ""


# ---- one person


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def person(request: StaffRequest, number: int) -> HttpResponse:
    """One person of staff; an administrator's POST changes roles, zone and whether they work here."""
    found = _found(number)
    if request.method != "POST":
        return _person(request, found)
    _only_administrators(request)
    return _done(request, found, "standing", _change)


def _found(number: int) -> User:
    return get_object_or_404(User.objects.exclude(roles=[]).select_related("engineer"), pk=number)


Do = Callable[[User, Typed, Actor, datetime], str]


def _done(request: StaffRequest, found: User, form: str, do: Do) -> HttpResponse:
    """`do` calls the verb and returns what to tell; refused, the page comes again with what was typed (422)."""
    try:
        told = do(found, Typed(request), Actor.staff(request.user), timezone.now())
    except Refused as error:
        return _person(request, _found(found.pk), form=form, values=request.POST, refused=said(error))
    messages.success(request, told)
    return _to(found)


def _act(form: str, do: Do, *roles: str) -> Callable[..., Any]:
    @require_POST
    @staff_page(*roles)
    def view(request: StaffRequest, number: int) -> HttpResponse:
        return _done(request, _found(number), form, do)

    return view


def _change(found: User, typed: Typed, by: Actor, at: datetime) -> str:
    changes = staff.change_staff(
        found, roles=typed.many("roles"), is_active=typed.flag("is_active"), time_zone=typed.text("time_zone"),
        by=by, at=at,
    )  # fmt: skip
    told = changed(found.name, changes)
    left = 0 if typed.flag("is_active") else bound.still_open(found)
    if not left:
        return told
    tickets = "1 open ticket is" if left == 1 else f"{left} open tickets are"
    return f"{told} {tickets} still theirs: hand over."


def _plan(found: User, typed: Typed, by: Actor, at: datetime) -> str:
    changes = staff.plan_duty(
        found, skills=typed.many("skills"), languages=typed.text("languages"),
        week={day: typed.text(day) for day in staff.DAY_NAMES},
        capacity=typed.number("capacity", "how many open tickets are enough"),
        dedicated_to=typed.many("dedicated_to"), levels=[one.code for one in publish.current_levels()],
        by=by, at=at,
    )  # fmt: skip
    if not changes:
        return f"What dispatch knows about {found.name} is as it was."
    return f"Dispatch knows {found.name} so from now on. {'; '.join(changes)}."


def _away(found: User, typed: Typed, by: Actor, at: datetime) -> str:
    made = staff.add_absence(
        found, starts_at=typed.needs_when("from"), ends_at=typed.needs_when("to"), reason=typed.text("reason"),
        by=by, at=at,
    )  # fmt: skip
    first, last = made.starts_at.astimezone(typed.zone), made.ends_at.astimezone(typed.zone)
    return f"{found.name} is away from {first:%-d %B %H:%M} to {last:%-d %B %Y %H:%M}, {typed.zone.key}."


def _link(found: User, typed: Typed, by: Actor, at: datetime) -> str:
    invite(found, by=by, at=at)
    return f"A sign-in link is on its way to {found.email}. It works once, for an hour."


duty = _act("duty", _plan, Role.MANAGER)
absences = _act("absence", _away, Role.MANAGER)
link = _act("link", _link, Role.ADMINISTRATOR)


@require_POST
@staff_page(Role.MANAGER)
def absence_removal(request: StaffRequest, number: int, absence: int) -> HttpResponse:
    """They are on duty after all."""
    found = _found(number)
    held = get_object_or_404(
        Absence.objects.select_related("engineer__user"), pk=absence, engineer__user=found
    )
    staff.remove_absence(held, by=Actor.staff(request.user), at=timezone.now())
    messages.success(request, f"{found.name} is not away then.")
    return _to(found)


def _person(
    request: StaffRequest, found: User, *, form: str = "", values: Any = None, refused: str = ""
) -> HttpResponse:
    engineer = getattr(found, "engineer", None)
    standing = values if form == "standing" else None
    context = {
        "page_title": found.name,
        "person": found,
        "role_words": _roles(found),
        "engineer": engineer,
        "hours": _hours(found),
        "absences": list(engineer.absences.order_by("-starts_at")[:20]) if engineer else [],
        "teams": list(found.teams.order_by("name")),
        "roles": Role.choices,
        "chosen": standing.getlist("roles") if standing is not None else found.roles,
        "time_zone": standing.get("time_zone", "") if standing is not None else found.time_zone,
        "active": bool(standing.get("is_active")) if standing is not None else found.is_active,
        "plan": _typed_plan(values) if form == "duty" else _known_plan(engineer),
        "products": _skills(engineer),
        "levels": [(one.code, one.name) for one in publish.current_levels()],
        "v": values if form == "absence" else {},
        "form": form,
        "refused": refused,
    }
    return frame.page(request, "desk/person.html", context, here="people", status=422 if refused else 200)


def _skills(engineer: Engineer | None) -> list[tuple[str, str]]:
    """What may be known: the products, and whatever they know already."""
    known = dict(Product.objects.order_by("name").values_list("code", "name"))
    return list(
        (known | {code: known.get(code, code) for code in (engineer.skills if engineer else [])}).items()
    )


def _known_plan(engineer: Engineer | None) -> dict[str, Any]:
    """The form of what dispatch knows, before anything is typed."""
    week = engineer.week if engineer else {}
    days = [
        (day, name, ", ".join("-".join(span) for span in week.get(day, [])))
        for day, name in staff.DAY_NAMES.items()
    ]
    held = engineer or Engineer()
    return {
        "skills": held.skills,
        "languages": ", ".join(held.languages),
        "capacity": held.capacity,
        "dedicated_to": held.dedicated_to,
        "days": days,
    }


def _typed_plan(values: Any) -> dict[str, Any]:
    return {
        "skills": values.getlist("skills"),
        "languages": values.get("languages", ""),
        "capacity": values.get("capacity", ""),
        "dedicated_to": values.getlist("dedicated_to"),
        "days": [(day, name, values.get(day, "")) for day, name in staff.DAY_NAMES.items()],
    }
