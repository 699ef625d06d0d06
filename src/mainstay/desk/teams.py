"""Teams: who shares work, and which kinds of ticket come to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role, Team, User
from mainstay.desk import finding, frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.tickets.models import Category, State, Ticket
from mainstay.tickets.teams import add_team, change_team, would_change
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

NEW = "new team"  # no code of a team: those have no space


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def teams(request: StaffRequest) -> HttpResponse:
    """Every team; a manager's POST adds one."""
    if request.method != "POST":
        return _show(request)
    if not request.user.has_role(Role.MANAGER):
        raise Http404
    try:
        made = add_team(**_typed(Typed(request)), by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, NEW, said(error))
    messages.success(request, f"{made.name} is a team now.")
    return HttpResponseRedirect(reverse("desk:teams"), status=303)


@require_POST
@staff_page(Role.MANAGER)
def team(request: StaffRequest, team: str) -> HttpResponse:
    """One team's name, work and people."""
    found = get_object_or_404(Team, code=team)
    try:
        if "look" in request.POST:
            return _show(request, team, looked=_changes(found, _typed(Typed(request))))
        change_team(found, **_typed(Typed(request)), by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, team, said(error))
    messages.success(request, f"{found.name} is kept; new tickets of its kinds come to it from now on.")
    return HttpResponseRedirect(reverse("desk:teams"), status=303)


def _changes(team: Team, typed: dict[str, Any]) -> list[str]:
    """What keeping this would change, a sentence each, and what that means for work that waits."""
    said = would_change(team, **typed)
    theirs = Ticket.objects.exclude(state=State.CLOSED).filter(team=team).count() if said else 0
    if theirs:
        said.append(
            ngettext("%(n)s open ticket stays with it", "%(n)s open tickets stay with it", theirs)
            % {"n": theirs}
        )
    return said


def _typed(typed: Typed) -> dict[str, Any]:
    numbers = ids.read_all(typed.many("members"))
    return {
        "name": typed.text("name"),
        "categories": typed.many("categories"),
        "members": list(User.objects.exclude(roles=[]).filter(pk__in=numbers)),
    }


def _text(line: dict[str, Any]) -> str:
    """What a team is found by."""
    return " ".join([line["team"].name, line["takes"], *(one.name for one in line["people"])])


def _show(
    request: StaffRequest, form: str = "", refused: str = "", *, looked: list[str] | None = None
) -> HttpResponse:
    """`form` is the one that was sent: the code of its team, or NEW; `looked`: what keeping it would change."""
    query = finding.asked(request)
    everyone = list(Team.objects.order_by("name").prefetch_related("members"))
    past = acts.histories("team", {one.pk: one.name for one in everyone})
    listed = finding.found(((line, _text(line)) for line in (_line(one) for one in everyone)), query)
    blank = {"name": "", "categories": [], "members": []}
    form = form or _put_back(request, listed, past)
    for line in listed:
        line["done"] = finding.told(past[line["team"].pk])
        if line["team"].code == form and request.method == "POST":
            line["typed"] = _again(request)
    context = {
        "page_title": "Teams",
        "listed": listed,
        "fresh": _again(request) if form == NEW else blank,
        "new": NEW,
        "form": form,
        "categories": Category.choices,
        "staff": [
            (str(pk), name)
            for pk, name in User.objects.exclude(roles=[])
            .filter(is_active=True)
            .order_by("name")
            .values_list("pk", "name")
        ],
        "refused": refused,
        "restore": reverse("desk:teams"),
        "looked": looked,
        **finding.context(query, reverse("desk:teams"), _("a name, a person, a kind of request")),
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/teams.html", context, here="teams", status=status)


def _put_back(request: StaffRequest, listed: list[dict[str, Any]], past: dict[object, list[Act]]) -> str:
    """With `?before=`, the form of a team as it was before that act: to be looked at and kept. Gives its code."""
    found = finding.as_it_was(request, past)
    line = next((one for one in listed if found and one["team"].pk == found[0]), None)
    if found is None or line is None:
        return ""
    was, typed = found[1], line["typed"]
    typed["name"] = was.get("name", typed["name"])
    if "takes" in was:
        typed["categories"] = [finding.chosen(one, Category.choices) for one in was["takes"]]
    if "members" in was:
        people = User.objects.exclude(roles=[]).filter(is_active=True, name__in=was["members"])
        typed["members"] = [str(pk) for pk in people.values_list("pk", flat=True)]
    return str(line["team"].code)


def _line(team: Team) -> dict[str, Any]:
    people = sorted(team.members.all(), key=lambda one: one.name)
    return {
        "team": team,
        "takes": ", ".join(str(Category(one).label) for one in team.categories if one in Category.values),
        "people": people,
        "typed": {
            "name": team.name,
            "categories": team.categories,
            "members": [str(one.pk) for one in people],
        },
    }


def _again(request: StaffRequest) -> dict[str, Any]:
    """What was typed, as the form shows it again."""
    post = request.POST
    return {
        "name": post.get("name", ""),
        "categories": post.getlist("categories"),
        "members": post.getlist("members"),
    }
