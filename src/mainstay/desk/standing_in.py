"""Naming who stands in for a TAM, and ending it: a TAM for themself, a manager for anybody."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from mainstay.accounts import standing_in
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, StandIn, User
from mainstay.desk import portfolio
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.ui.doors import StaffRequest, staff_page


@require_POST
@staff_page(Role.TAM, Role.MANAGER)
def name(request: StaffRequest) -> HttpResponse:
    """Somebody for the time in which a TAM is away."""
    typed, at = Typed(request), timezone.now()
    try:
        person = _person(request, typed)
        made = standing_in.name_stand_in(
            person, stand_in=_chosen(typed), starts_at=typed.needs_when("from"), ends_at=typed.needs_when("until"),
            by=Actor.staff(request.user), at=at,
        )  # fmt: skip
    except Refused as error:
        return portfolio.show(request, said(error))
    messages.success(request, f"{made.stand_in.name} stands in for {person.name}. It ends by itself.")
    return _back(person)


@require_POST
@staff_page(Role.TAM, Role.MANAGER)
def end(request: StaffRequest, number: int) -> HttpResponse:
    """They are back sooner, or do not go."""
    held = get_object_or_404(StandIn.objects.select_related("person", "stand_in"), pk=number)
    if not portfolio.may_name(request.user, held.person):
        raise Http404
    standing_in.end(held, by=Actor.staff(request.user), at=timezone.now())
    messages.success(request, f"{held.stand_in.name} does not stand in for {held.person.name} any more.")
    return _back(held.person)


def _person(request: StaffRequest, typed: Typed) -> User:
    """Whose customers they are; who asks, where the form does not say."""
    if not typed.text("person"):
        return request.user
    found = User.objects.filter(pk=typed.number("person", "one of the list")).first()
    if found is None:
        raise Refused("person", "is nobody who works here")
    if not portfolio.may_name(request.user, found):
        raise Refused("person", "may be you alone; a manager names others")
    return found


def _chosen(typed: Typed) -> User | None:
    if not typed.text("stand_in"):
        return None
    return User.objects.filter(pk=typed.number("stand_in", "one of the list")).first()


def _back(person: User) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk:portfolio')}?tam={person.pk}", status=303)
