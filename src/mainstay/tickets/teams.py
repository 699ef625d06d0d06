"""Teams: who shares work, and which kinds of ticket come to them when they are triaged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team, User
from mainstay.errors import Refused
from mainstay.tickets.models import Category


def add_team(
    *, name: str, categories: Collection[str], members: Collection[User], by: Actor, at: datetime
) -> Team:
    """A team. Raises `Refused` naming name or categories."""
    return _kept(Team(), name, categories, members, by, at)


def change_team(
    team: Team, *, name: str, categories: Collection[str], members: Collection[User], by: Actor, at: datetime
) -> Team:
    """A team's name, work and people from now on; tickets they have stay. Raises `Refused` naming the field."""
    return _kept(team, name, categories, members, by, at)


def would_change(
    team: Team, *, name: str, categories: Collection[str], members: Collection[User]
) -> list[str]:
    """What `change_team` would change, a sentence each. Raises `Refused` as it does; nothing is written."""
    name = _named(name)
    _check_free(name, categories, list(Team.objects.exclude(pk=team.pk).order_by("pk")))
    after = {
        "name": name,
        "takes": [Category(one).label for one in Category.values if one in categories],
        "members": sorted(one.name for one in members),
    }
    return acts.differences(_as_logged(team), after)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise Refused("name", "must be the team's name, 1 to 100 characters")
    return name


def _kept(
    team: Team, name: str, categories: Collection[str], members: Collection[User], by: Actor, at: datetime
) -> Team:
    name = _named(name)
    with transaction.atomic():
        others = list(Team.objects.select_for_update().exclude(pk=team.pk).order_by("pk"))
        _check_free(name, categories, others)
        is_new = team.pk is None
        before = {} if is_new else _as_logged(team)
        team.name, team.categories = name, [one for one in Category.values if one in categories]
        if is_new:
            team.code = _code(name, {other.code for other in others})
        team.save()
        team.members.set(members)
        done = "team added" if is_new else "team changed"
        acts.record(done, name, by=by, at=at, before=before, after=_as_logged(team), about=f"team {team.pk}")
    return team


def _check_free(name: str, categories: Collection[str], others: list[Team]) -> None:
    """One name for one team, and one team for each kind of ticket: triage must know where it goes."""
    for other in others:
        if other.name.casefold() == name.casefold():
            raise Refused("name", f"{other.name} is a team already")
        taken = [
            Category(one).label for one in Category.values if one in categories and one in other.categories
        ]
        if taken:
            raise Refused("categories", f"{taken[0]} comes to {other.name} already; take it from there first")


def _code(name: str, taken: set[str]) -> str:
    stem = slugify(name)[:40] or "team"
    return next(code for n in range(1, 10_000) if (code := stem if n == 1 else f"{stem}-{n}") not in taken)


def _as_logged(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "takes": [Category(one).label for one in team.categories if one in Category.values],
        "members": sorted(team.members.values_list("name", flat=True)),
    }
