"""Tasks: what is due, in whose hands, and what came of it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team, User
from mainstay.customers.models import Customer, Environment
from mainstay.desk import frame
from mainstay.desk.typed import Typed, instant, said, today_of, zone_of
from mainstay.errors import Refused
from mainstay.maintenance import tasks as work
from mainstay.maintenance import telling
from mainstay.maintenance.models import Task
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 200
TEAM = "team:"  # before a team's code, where a person or a team is chosen
KINDS = ((Task.Kind.PREVENTIVE, "Preventive finding"), (Task.Kind.OTHER, "Other work"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def tasks(request: StaffRequest) -> HttpResponse:
    """What is due: mine, everybody's, or what has ended; a POST adds a task."""
    if request.method != "POST":
        return _list(request)
    typed = Typed(request)
    try:
        customer = _customer(typed)
        made = work.open_task(
            work_of(typed), kind=typed.text("kind"), customer=customer, environment=_environment(typed, customer),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _list(request, said(error))
    messages.success(request, f"A task for {made.hands}, due {made.due_on:%-d %B %Y}.{_told(made)}")
    return HttpResponseRedirect(reverse("desk:task", args=[made.pk]), status=303)


def _told(task: Task) -> str:
    return f" {task.customer.name} is told." if task.told and task.customer else ""


def _list(request: StaffRequest, refused: str = "") -> HttpResponse:
    view = request.GET.get("view", "")
    context = {
        "page_title": "Tasks",
        "view": view if view in {"all", "ended"} else "mine",
        "listed": list(_shown(request, view)[:MOST]),
        "today": today_of(request.user, timezone.now()),
        "kinds": KINDS,
        "owners": owners(),
        "customers": list(Customer.objects.order_by("name").values_list("code", "name")[:1000]),
        "v": request.POST if refused else {"owner": str(request.user.pk)},
        "refused": refused,
        "now": timezone.now(),
    }
    return frame.page(request, "desk/tasks.html", context, here="tasks", status=422 if refused else 200)


def _shown(request: StaffRequest, view: str) -> QuerySet[Task]:
    if view == "ended":
        ended = Task.objects.exclude(state=Task.State.OPEN).order_by("-ended_at", "-pk")
        return ended.select_related("customer", "environment", "release", "owner", "team")
    return work.due() if view == "all" else work.due(owner=request.user)


def owners() -> list[tuple[str, str]]:
    """Who may have a task: people, then teams."""
    found = User.objects.filter(is_active=True).exclude(roles=[]).order_by("name")
    teams = Team.objects.order_by("name").values_list("code", "name")
    return [
        *((str(one.pk), one.name) for one in found if one.may_act),
        *((f"{TEAM}{code}", _("team %(name)s") % {"name": name}) for code, name in teams),
    ]


def work_of(typed: Typed) -> work.Work:
    """A task as it was typed; a time on its day is in the person's zone."""
    chosen, day = typed.text("owner"), typed.needs_day("due_on")
    owner, team = None, None
    if chosen.startswith(TEAM):
        team = Team.objects.filter(code=chosen.removeprefix(TEAM)).first()
    elif chosen:
        owner = User.objects.filter(pk=typed.number("owner", "one of the list")).first()
    time = typed.text("due_time")
    due_at = instant(f"{day.isoformat()}T{time}", typed.zone, "due_time") if time else None
    return work.Work(
        title=typed.text("title"), owner=owner, team=team, due_on=day, due_at=due_at, text=typed.raw("text"),
        told=typed.flag("told"),
    )  # fmt: skip


def due_typed(task: Task, zone: ZoneInfo) -> dict[str, str]:
    """Its day, and its time where one was said, as the form of a reader in `zone` holds them."""
    if task.due_at is None:
        return {"due_on": task.due_on.isoformat(), "due_time": ""}
    local = task.due_at.astimezone(zone)
    return {"due_on": local.date().isoformat(), "due_time": f"{local:%H:%M}"}


def in_whose(task: Task) -> str:
    """The value of the list of `owners` for who has it."""
    return str(task.owner_id) if task.owner_id else f"{TEAM}{task.team.code}" if task.team else ""


def _customer(typed: Typed) -> Customer | None:
    code = typed.text("customer")
    found = Customer.objects.filter(code__iexact=code).first() if code else None
    if code and found is None:
        raise Refused("customer", f"{code[:40]!r} is no customer's code")
    return found


def _environment(typed: Typed, customer: Customer | None) -> Environment | None:
    name = typed.text("environment")
    if not name:
        return None
    if customer is None:
        raise Refused("customer", "is not chosen, though a system is named")
    found = customer.environments.select_related("customer").filter(name__iexact=name).first()
    if found is None:
        raise Refused("environment", f"{name[:60]!r} is not one of {customer.name}")
    return found


# ---- one task


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def task(request: StaffRequest, number: int) -> HttpResponse:
    """One task with its log; a POST changes it."""
    found, typed = _found(number), Typed(request)
    if request.method != "POST":
        return _show(request, found)
    try:
        changes = work.change_task(
            found,
            work_of(typed),
            reason=typed.text("reason"),
            by=Actor.staff(request.user),
            at=timezone.now(),
        )
    except Refused as error:
        return _show(request, found, "change", said(error))
    messages.success(request, f"Changed. {'; '.join(changes)}." if changes else "The task is as it was.")
    return _to(found)


@require_POST
@staff_page()
def letters(request: StaffRequest, number: int) -> HttpResponse:
    """Make the letters to the customer that could not be made once more."""
    found = _found(number)
    if not telling.tell_again(found):
        return _show(request, found, "letters", _("No letter waits: all of them are written."))
    messages.success(request, _("The letters are made again."))
    return _to(found)


@require_POST
@staff_page()
def ending(request: StaffRequest, number: int) -> HttpResponse:
    """Done, or not to be done, with what came of it."""
    found, typed = _found(number), Typed(request)
    try:
        held = work.end_task(
            found, outcome=typed.raw("outcome"), dropped=typed.flag("dropped"), by=Actor.staff(request.user),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, found, "ending", said(error))
    messages.success(request, f"The task is {held.get_state_display()}.{_told(held)}")
    return _to(found)


@require_POST
@staff_page()
def reopening(request: StaffRequest, number: int) -> HttpResponse:
    """Open again."""
    found, typed = _found(number), Typed(request)
    try:
        work.open_again(found, reason=typed.text("reason"), by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, found, "reopening", said(error))
    messages.success(request, "The task is open again.")
    return _to(found)


def _found(number: int) -> Task:
    found = Task.objects.select_related(
        "customer", "environment", "release", "publication", "owner", "team", "ticket"
    )
    return get_object_or_404(found, pk=number)


def _to(task: Task) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:task", args=[task.pk]), status=303)


def _show(request: StaffRequest, found: Task, form: str = "", refused: str = "") -> HttpResponse:
    start: dict[str, Any] = {
        "title": found.title, "text": found.text, "owner": in_whose(found), "told": "1" if found.told else "",
        **due_typed(found, zone_of(request.user)),
    }  # fmt: skip
    context = {
        "page_title": found.title,
        "one": found,
        "log": [
            (one, acts.differences(one.before, one.after)) for one in found.changes.order_by("-pk")[:MOST]
        ],
        "v": request.POST if form == "change" else start,
        "typed": request.POST if refused else {},
        "owners": owners(),
        "today": today_of(request.user, timezone.now()),
        "form": form,
        "refused": refused,
        "untold": telling.untold(found),
        "homeless": refused
        and (form == "letters" or (form == "reopening") == (found.state == Task.State.OPEN)),
        "now": timezone.now(),
    }
    return frame.page(request, "desk/task.html", context, here="tasks", status=422 if refused else 200)
