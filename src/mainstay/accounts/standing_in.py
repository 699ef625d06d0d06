"""While a TAM is away somebody stands in: sees the portfolio, hears what the TAM hears, may escalate as they may.

It begins and ends by itself, at the instants that were named. Nobody stands in who is away themself, so that one
step always leads to somebody who is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, StandIn, User
from mainstay.errors import Refused
from mainstay.prepared import Arg

LONGEST = timedelta(days=366)
KIND = "stand-in for a TAM"


def name_stand_in(
    person: User, *, stand_in: User | None, starts_at: datetime, ends_at: datetime, by: Actor, at: datetime
) -> StandIn:
    """Somebody for the time in which a TAM is away. Raises `Refused` naming the field."""
    if Role.TAM not in person.roles:
        raise Refused("person", f"{person.name} is no Technical Account Manager")
    if stand_in is None or not stand_in.may_act or stand_in.pk == person.pk:
        raise Refused("stand_in", "must be somebody else who works here; choose one of the list")
    if ends_at <= max(starts_at, at):
        raise Refused("until", "must lie after the beginning, and not in the past")
    if ends_at - starts_at > LONGEST:
        raise Refused(
            "until", "is more than a year after the beginning; name another TAM on the customers' pages"
        )
    with transaction.atomic():
        list(User.objects.select_for_update().filter(pk__in=[person.pk, stand_in.pk]).order_by("pk"))
        _free(person, stand_in, starts_at, ends_at)
        made = StandIn.objects.create(
            person=person, stand_in=stand_in, starts_at=starts_at, ends_at=ends_at, by_name=by.name[:200]
        )
        acts.record(KIND, person.name, by=by, at=at, after=_said(made))
    return made


def _free(person: User, stand_in: User, starts_at: datetime, ends_at: datetime) -> None:
    meeting = StandIn.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).select_related(
        "person", "stand_in"
    )
    for one in meeting.filter(Q(person__in=[person, stand_in]) | Q(stand_in=person)).order_by("starts_at"):
        if one.person_id == person.pk:
            raise Refused("from", f"meets the time in which {one.stand_in.name} stands in; end that first")
        if one.person_id == stand_in.pk:
            raise Refused("stand_in", f"{stand_in.name} is away in that time themself; choose somebody else")
        raise Refused(
            "person", f"{person.name} stands in for {one.person.name} then; name somebody else for that first"
        )


def end(one: StandIn, *, by: Actor, at: datetime) -> StandIn:
    """The person is back sooner, or does not go: from now on nobody stands in for them any more."""
    with transaction.atomic():
        held = (
            StandIn.objects.select_for_update(of=("self",))
            .select_related("person", "stand_in")
            .get(pk=one.pk)
        )
        if held.ends_at > at:
            before = _said(held)
            held.ends_at = max(at, held.starts_at)
            held.save(update_fields=["ends_at"])
            acts.record(KIND, held.person.name, by=by, at=at, before=before, after=_said(held))
    return held


def _said(one: StandIn) -> dict[str, str]:
    return {
        "stand_in": one.stand_in.name, "from": one.starts_at.isoformat(timespec="minutes"),
        "until": one.ends_at.isoformat(timespec="minutes"),
    }  # fmt: skip


# ---- reading


def at_work(at: datetime | Arg) -> QuerySet[StandIn]:
    """Those that hold at an instant."""
    return StandIn.objects.filter(starts_at__lte=at, ends_at__gt=at).select_related("person", "stand_in")


def whoever(person: OuterRef, at: datetime) -> Subquery:
    """Who stands in at an instant for the person whom another statement names: name, email and until (ISO), or null."""
    found = StandIn.objects.filter(person=person, starts_at__lte=at, ends_at__gt=at).order_by(
        "starts_at", "pk"
    )
    said = JSONObject(name="stand_in__name", email="stand_in__email", until="ends_at")
    return Subquery(found.values(said=said)[:1])


def around(person: User, at: datetime) -> tuple[list[StandIn], list[StandIn]]:
    """For whom somebody stands in now; and who stands in for them, now and later. One statement."""
    held = StandIn.objects.filter(Q(person=person) | Q(stand_in=person, starts_at__lte=at), ends_at__gt=at)
    found = list(held.select_related("person", "stand_in").order_by("starts_at", "pk"))
    mine = [one for one in found if one.person_id == person.pk and one.ends_at > one.starts_at]
    return [one for one in found if one.stand_in_id == person.pk], mine


def stands_in(user: User, person: int | None, at: datetime) -> bool:
    """Whether `user` stands in for the person of that id."""
    return person is not None and at_work(at).filter(stand_in=user, person=person).exists()
