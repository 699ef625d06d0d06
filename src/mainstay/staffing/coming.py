"""Who takes over next: on duty the longest from now, then who comes on duty first (M3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from mainstay.accounts.models import User
from mainstay.prepared import Arg, Prepared
from mainstay.staffing.duty import Duty, duty
from mainstay.staffing.models import Absence, Engineer

SHIFT = timedelta(hours=8)  # where nobody's hours say how long the next one lasts


@dataclass(frozen=True)
class Coming:
    """Somebody who could take over, and until when their next stretch on duty lasts."""

    user: User
    duty: Duty
    until: datetime


def coming(at: datetime, *, besides: User) -> list[Coming]:
    """Everybody who may act, who is on duty at `at` or next, the best to take over first. Two queries."""
    away = Prefetch("engineer__absences", Absence.objects.filter(ends_at__gt=at), to_attr="away")
    staff = User.objects.filter(is_active=True).exclude(roles=[]).exclude(pk=besides.pk)
    rows = staff.select_related("engineer").prefetch_related(away).order_by("name", "pk")
    return sorted((_coming(one, at) for one in rows if one.may_act), key=lambda one: _order(one, at))


def away_until(user: User, at: datetime) -> datetime | None:
    """Until when somebody is away by an absence of theirs; None while they are not. One query."""
    return _AWAY.first(user=user.pk, at=at)


_AWAY = Prepared[datetime](
    lambda: (
        Absence.objects.filter(
            engineer__user=Arg("user"), starts_at__lte=Arg.instant("at"), ends_at__gt=Arg.instant("at")
        )
        .order_by("-ends_at")
        .values_list("ends_at", flat=True)[:1]
    )
)


def _coming(user: User, at: datetime) -> Coming:
    engineer: Engineer | None = getattr(user, "engineer", None)
    if engineer is None:
        return Coming(user, Duty(False, why_not="has no hours"), at + SHIFT)
    away: list[Absence] = engineer.away  # type: ignore[attr-defined]
    stands = duty(engineer, at, away)
    if stands.now:
        return Coming(user, stands, stands.until or at + SHIFT)
    if stands.next is None:
        return Coming(user, stands, at + SHIFT)
    return Coming(user, stands, duty(engineer, stands.next, away).until or stands.next + SHIFT)


def _order(one: Coming, at: datetime) -> tuple[int, float]:
    if one.duty.now:
        return 0, -(one.until - at).total_seconds()
    return (1, (one.duty.next - at).total_seconds()) if one.duty.next else (2, 0.0)
