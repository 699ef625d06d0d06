"""The people of the desk: taking somebody on, what they may do, what they can, when they are on duty, when away.

Every verb writes an act into the log of the organisation (see accounts.acts).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.customers import lookup, places
from mainstay.customers.models import Product
from mainstay.errors import Refused
from mainstay.sla.hours import WEEKDAYS
from mainstay.staffing.models import Absence, Engineer

Week = dict[str, list[list[str]]]
DAY_NAMES = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
MOST_TICKETS = 500
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*(?:-|–|—|to)\s*([0-9]{1,2}):([0-9]{2})")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,4})?")


# ---- who works here, as what


def add_staff(
    *, email: str, name: str, roles: Collection[str], by: Actor, at: datetime, time_zone: str = ""
) -> User:
    """Somebody of staff, who signs in by link first. Raises `Refused` naming the field."""
    email, name = lookup.normal(email), " ".join(name.split())
    if not name or len(name) > 200:
        raise Refused("name", "must be a name of 1 to 200 characters")
    chosen, zone = _checked_roles(roles), places.checked_zone(time_zone)
    known = User.objects.filter(email=email).first()
    if known is not None and known.roles:
        raise Refused("email", f"{email} is {known.name} of the desk already")
    if known is not None:
        raise Refused("email", f"{email} is a customer's contact; staff need an address of their own")
    try:
        with transaction.atomic():
            made = User.objects.create_user(email, name, roles=chosen, time_zone=zone)
            acts.record("staff added", f"{name}, {email}", by=by, at=at, after=_standing(made))
            return made
    except IntegrityError:
        raise Refused("email", f"{email} is taken") from None


def change_staff(
    user: User, *, roles: Collection[str], is_active: bool, time_zone: str, by: Actor, at: datetime
) -> list[str]:
    """Roles, zone and whether somebody works here; gives what changed, a sentence each.

    Nobody deactivates themselves, and one active administrator always stays. Raises `Refused` naming roles,
    is_active or time_zone.
    """
    chosen, zone = _checked_roles(roles), places.checked_zone(time_zone)
    with transaction.atomic():
        active = User.objects.select_for_update().filter(is_active=True, roles__contains=[Role.ADMINISTRATOR])
        others = [one for one in active.order_by("pk") if one.pk != user.pk]
        held = User.objects.select_for_update().get(pk=user.pk)
        if (
            not others
            and Role.ADMINISTRATOR in held.roles
            and (Role.ADMINISTRATOR not in chosen or not is_active)
        ):
            raise Refused("roles", f"{held.name} is the last administrator; make somebody else one first")
        if not is_active and by.kind == "staff" and by.id == held.pk:
            raise Refused("is_active", "cannot be taken from yourself; another administrator may do that")
        before = _standing(held)
        held.roles, held.is_active, held.time_zone = chosen, is_active, zone
        after = _standing(held)
        if before != after:
            held.save(update_fields=["roles", "is_active", "time_zone"])
            acts.record(
                _done(before, after), f"{held.name}, {held.email}", by=by, at=at, before=before, after=after
            )
    return acts.differences(before, after)


def _done(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if before["works_here"] != after["works_here"]:
        return "staff reactivated" if after["works_here"] else "staff deactivated"
    return "roles changed" if before["roles"] != after["roles"] else "staff changed"


def _standing(user: User) -> dict[str, Any]:
    roles = sorted(Role(role).label for role in user.roles if role in Role.values)
    return {"roles": roles, "works_here": user.is_active, "time_zone": user.time_zone}


def _checked_roles(given: Collection[str]) -> list[str]:
    roles: list[str] = [role for role in Role.values if role in given]
    if not roles:
        raise Refused("roles", "are missing; choose at least one")
    if Role.AUDITOR in roles and len(roles) > 1:
        raise Refused("roles", "cannot be auditor and something else: an auditor changes nothing")
    return roles


# ---- what they can, and when


def plan_duty(
    user: User,
    *,
    skills: Collection[str],
    languages: str,
    week: Mapping[str, str],
    capacity: int,
    dedicated_to: Collection[str],
    levels: Collection[str],
    by: Actor,
    at: datetime,
) -> list[str]:
    """What dispatch knows about somebody, from now on; gives what changed, a sentence each.

    `week` has the hours of each day in their own zone as text ("09:00-12:30, 13:00-17:00"), `levels` are the
    codes of the service levels there are. Raises `Refused` naming skills, languages, a day, capacity or
    dedicated_to.
    """
    known = set(Product.objects.values_list("code", flat=True))
    planned = Engineer(
        user=user,
        skills=sorted(set(skills)),
        languages=read_languages(languages),
        week={day: spans for day in WEEKDAYS if (spans := read_hours(week.get(day, ""), DAY_NAMES[day]))},
        capacity=capacity,
        dedicated_to=sorted(set(dedicated_to)),
    )
    if not 1 <= capacity <= MOST_TICKETS:
        raise Refused("capacity", f"must be a whole number from 1 to {MOST_TICKETS}")
    _known("dedicated_to", "service level", planned.dedicated_to, levels)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        held = Engineer.objects.filter(user=user).first()
        before = _plan(held) if held else {}
        _known("skills", "product", planned.skills, known | set(held.skills if held else ()))
        planned.pk = held.pk if held else None
        planned.save(force_update=held is not None, force_insert=held is None)
        if before != _plan(planned):
            acts.record("duty planned", user.name, by=by, at=at, before=before, after=_plan(planned))
    return acts.differences(before, _plan(planned))


def _known(field: str, what: str, given: Iterable[str], known: Collection[str]) -> None:
    for code in given:
        if code not in known:
            raise Refused(field, f"holds {code[:40]!r}, which is no {what}")


def _plan(engineer: Engineer) -> dict[str, Any]:
    return {
        "skills": engineer.skills,
        "languages": engineer.languages,
        "on_duty": hours_in_words(engineer.week),
        "capacity": engineer.capacity,
        "serves_first": engineer.dedicated_to,
    }


def read_languages(text: str) -> list[str]:
    """ "en, de" as codes, in their order, each once."""
    codes = [one for one in re.split(r"[\s,;]+", text.strip().lower()) if one]
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            raise Refused("languages", f"hold {code[:20]!r}; write codes such as en, de, ja")
    if len(codes) > 20:
        raise Refused("languages", "are more than 20")
    return list(dict.fromkeys(codes))


def read_hours(text: str, day: str) -> list[list[str]]:
    """ "09:00-12:30, 13:00-17:00" as spans in order; [] for a day off. `day` names the field."""
    spans = []
    for part in re.split(r"[,;]", text):
        if part.strip():
            spans.append(_span(part.strip(), day))
    spans.sort()
    for (_, ends), (starts, _) in pairwise(spans):
        if starts < ends:
            raise Refused(day, f"has hours that overlap: one begins at {starts}, before {ends}")
    return [list(span) for span in spans]


def _span(text: str, day: str) -> tuple[str, str]:
    found = _SPAN.fullmatch(text)
    if not found:
        raise Refused(day, f"cannot be read: {text[:40]!r}; write hours such as 09:00-12:30, 13:00-17:00")
    starts, ends = f"{int(found[1]):02}:{found[2]}", f"{int(found[3]):02}:{found[4]}"
    if starts > "23:59" or ends > "24:00" or found[2] > "59" or found[4] > "59":
        raise Refused(day, f"has no such time: {text[:40]}; a day goes from 00:00 to 24:00")
    if ends <= starts:
        raise Refused(
            day,
            f"ends at {ends}, not after {starts}; hours past midnight go up to 24:00 and on from 00:00 next day",
        )
    return starts, ends


def hours_in_words(week: Mapping[str, list[list[str]]]) -> str:
    """Hours on duty in a few words: "mon to fri 09:00-17:00"."""
    said: list[tuple[str, str, str]] = []
    for day in WEEKDAYS:
        spans = ", ".join("-".join(span) for span in week.get(day, []))
        if not spans:
            continue
        if said and said[-1][2] == spans and WEEKDAYS.index(said[-1][1]) == WEEKDAYS.index(day) - 1:
            said[-1] = (said[-1][0], day, spans)
        else:
            said.append((day, day, spans))
    return "; ".join(f"{a} {s}" if a == b else f"{a} to {b} {s}" for a, b, s in said)


# ---- when they are away


def add_absence(
    user: User, *, starts_at: datetime, ends_at: datetime, reason: str, by: Actor, at: datetime
) -> Absence:
    """Somebody is away, not on duty, from one instant to another. Raises `Refused` naming to, reason or person."""
    reason = " ".join(reason.split())
    if ends_at <= starts_at:
        raise Refused("to", "must be after the beginning")
    if len(reason) > 200:
        raise Refused("reason", "must be at most 200 characters")
    engineer = Engineer.objects.filter(user=user).first()
    if engineer is None:
        raise Refused("person", f"{user.name} has no hours on duty yet; keep those first")
    with transaction.atomic():
        made = Absence.objects.create(engineer=engineer, starts_at=starts_at, ends_at=ends_at, reason=reason)
        acts.record("absence added", user.name, by=by, at=at, after=_away(made))
    return made


def remove_absence(absence: Absence, *, by: Actor, at: datetime) -> None:
    """They are on duty after all."""
    with transaction.atomic():
        acts.record(
            "absence removed", absence.engineer.user.name, by=by, at=at, before=_away(absence), after={}
        )
        absence.delete()


def _away(absence: Absence) -> dict[str, Any]:
    return {
        "from": f"{absence.starts_at:%Y-%m-%d %H:%M} UTC",
        "to": f"{absence.ends_at:%Y-%m-%d %H:%M} UTC",
        "reason": absence.reason,
    }
