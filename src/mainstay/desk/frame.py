"""What surrounds every page of the desk: the rail with its counts, the person, the zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.accounts.models import Role, User
from mainstay.advisor import leads
from mainstay.allowances import decisions
from mainstay.desk.places import PLACES, Place
from mainstay.desk.typed import zone_of
from mainstay.intake.models import Mail
from mainstay.maintenance.models import Task
from mainstay.maintenance.tasks import theirs
from mainstay.notices.models import Delivery
from mainstay.prepared import Arg
from mainstay.tickets import handover, tally
from mainstay.tickets.models import Snooze, Step
from mainstay.ui.shapes import NavGroup, NavItem

AGREE = (Role.MANAGER, Role.SALES)  # who agrees with customers; an administrator holds these roles too
EXACT = {*tally.KINDS, "mine"}
UNTRIAGED = [Step.ACKNOWLEDGEMENT, Step.TRIAGE]


def counts(user: User) -> dict[str, int]:
    """How many open tickets each view holds, and what the other lines of the rail count: one statement."""
    return counted(user).counts


def counted(user: User) -> tally.Tally:
    """The same with the version of all tickets."""
    found = tally.read(user.pk, _beside(user.has_role(*AGREE)))
    found.counts["mine"] -= found.counts.pop("mine put off")
    return found


@cache
def _beside(agrees: bool) -> tuple[tally.Beside, ...]:
    """What the rail counts beside tickets, by name. A line that counts something new adds its rows here."""
    user = Arg("user")
    unseen = Delivery.objects.filter(user=user, seen_at__isnull=True, channel=Delivery.Channel.DESK)
    found: dict[str, QuerySet[Any]] = {
        "held": Mail.objects.filter(state__in=[Mail.State.HELD, Mail.State.QUARANTINE]),
        "unseen": unseen,
        "decisions": decisions.waiting(),
        "tasks": Task.objects.filter(theirs(user), state=Task.State.OPEN),
        "handed": handover.waiting().filter(to=user),
        "snoozed": Snooze.objects.filter(user=user),
        "mine put off": Snooze.objects.filter(user=user, ticket__assignee=user),
    }
    if agrees:
        found["leads"] = leads.new()
    return tuple(tally.counting(name, rows) for name, rows in found.items())


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    here: str = "",
    status: int = 200,
    found: dict[str, int] | None = None,
) -> HttpResponse:
    """A page of the desk: `here` is the line of the rail it belongs to, `found` the counts if they are known."""
    user: User = request.user  # type: ignore[assignment]
    now = context.get("now") or timezone.now()
    nav = rail(user, here, found or counts(user))
    shared = {
        "nav": nav,
        "tabs": _tabs(nav, here),
        "home_url": address("now"),
        "find_url": address("find"),
        "choices_url": address("choices"),
        "sign_out_url": "/sign-out",
        "password_url": "/password",
        "me": {"name": user.name, "note": user.time_zone},
        "may_act": user.may_act,
        "may_administer": user.may_act and user.has_role(Role.ADMINISTRATOR),
        "may_manage": user.may_act and user.has_role(Role.MANAGER),
        "may_agree": user.may_act and user.has_role(*AGREE),
        "now": now,
        "zone": zone_of(user),
    }
    return render(request, template, shared | context, status=status)


@cache
def address(name: str) -> str:
    """The address of a page of the desk that has no parts."""
    return reverse(f"desk:{name}")


def rail(user: User, here: str, found: Mapping[str, int]) -> tuple[NavGroup, ...]:
    """What this person goes to, in few groups, with where they are; everything else is behind the last line."""
    shown = [
        one for one in PLACES if one.opens_for(user) and (one.name == here or one.stands_for(user, found))
    ]
    more = NavItem(label=_("Everything else"), url=address("more"), current=here == "more", key="g x")
    named = [
        (group, [one for one in shown if one.group is group])
        for group in dict.fromkeys(p.group for p in shown)
    ]
    groups = [
        NavGroup(items=tuple(_line(one, here, found) for one in places), title=str(group) if n else "")
        for n, (group, places) in enumerate(named)
    ]
    return (*groups, NavGroup(items=(more,), title=_("All pages")))


def everything(
    user: User, found: Mapping[str, int]
) -> tuple[tuple[str, tuple[tuple[NavItem, str, str], ...]], ...]:
    """Every place that this person may open, by what it is for, each with what it says and its name."""
    opened = [one for one in PLACES if one.opens_for(user)]
    return tuple(
        (
            str(group),
            tuple((_line(one, "", found), str(one.says), one.name) for one in opened if one.group is group),
        )
        for group in dict.fromkeys(one.group for one in opened)
    )


def _line(place: Place, here: str, found: Mapping[str, int]) -> NavItem:
    count = found.get(place.count, 0) if place.count else 0
    said: str | int = f"{count - 1}+" if count == tally.ENOUGH and place.count not in EXACT else count or ""
    return NavItem(
        label=str(place.label), url=address(place.name), count=said, current=here == place.name,
        hot=bool(count) and bool(found.get(place.hot)) and place.hot == "emergencies", key=place.key,
    )  # fmt: skip


def _tabs(nav: tuple[NavGroup, ...], here: str) -> tuple[NavItem, ...]:
    """The rail on a phone: what this person uses most, and the rest behind one word."""
    first = tuple(replace(item, count=_short(item.count)) for item in nav[0].items[:4])
    known = {item.url for item in first}
    more = NavItem(
        label=_("More"),
        url=address("more"),
        current=here == "more" or any(i.current for group in nav for i in group.items if i.url not in known),
    )
    return (*first, more)


def _short(count: str | int) -> str | int:
    """A count that has room under a thumb: 10,148 is 10k there, and exact on the page."""
    return f"{count // 1000}k" if isinstance(count, int) and count > 999 else count


def when_is(request: HttpRequest) -> datetime:
    """Now, for a request; in one place so that a page says one time."""
    return timezone.now()
