"""Who could take a ticket, the best first, and always why (D1). `rank` is arithmetic over facts fetched by `find`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from mainstay.accounts.models import Team, User
from mainstay.staffing.duty import Duty, duty
from mainstay.staffing.models import Absence, Engineer


@dataclass(frozen=True)
class Needs:
    """What a ticket needs. Empty or None: it does not matter. `severity` 1 is gravest."""

    product: str = ""
    language: str = ""
    level_code: str = ""
    level_rank: int = 0
    severity: int = 3
    team_id: int | None = None
    customer_id: int | None = None


@dataclass(frozen=True)
class Able:
    """One engineer with the facts that ranking looks at."""

    engineer: Engineer
    duty: Duty
    in_team: bool = True


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take the ticket. Scores only compare candidates of one ticket."""

    user: User
    score: int
    because: list[str]
    on_duty: bool
    until: datetime | None
    load: int = 0
    capacity: int = 0
    duty: Duty = field(default_factory=lambda: Duty(False))


def find(
    needs: Needs, *, load: Mapping[int, int], familiarity: Mapping[int, int], at: datetime
) -> list[Candidate]:
    """Everybody who may and can, the best first; empty when nobody may. Three queries, whatever the size.

    `load` is open tickets and `familiarity` recent tickets of this customer, both by user id.
    """
    away = Prefetch("absences", Absence.objects.filter(ends_at__gt=at), to_attr="away")
    engineers = Engineer.objects.filter(user__is_active=True).select_related("user").prefetch_related(away)
    members = _members(needs.team_id)
    able = [
        Able(one, duty(one, at, one.away), members is None or one.user_id in members)
        for one in engineers.order_by("pk")
    ]
    return rank(able, needs, load, familiarity)


def rank(
    able: Iterable[Able], needs: Needs, load: Mapping[int, int], familiarity: Mapping[int, int]
) -> list[Candidate]:
    """Those who may and can take it, ordered: on duty first, then dedication, language, familiarity, load.

    Equal scores go by fewer open tickets, then by name, so that the order is always the same.
    """
    candidates = [
        _candidate(one, needs, load.get(one.engineer.user_id, 0), familiarity.get(one.engineer.user_id, 0))
        for one in able
        if may_and_can(one, needs)
    ]
    return sorted(candidates, key=lambda one: (-one.score, one.load, one.user.name, one.user.pk))


def may_and_can(one: Able, needs: Needs) -> bool:
    """Staff who may act, of the team, with the skill. Duty and load only order."""
    engineer = one.engineer
    return engineer.user.may_act and one.in_team and (not needs.product or needs.product in engineer.skills)


def _candidate(one: Able, needs: Needs, load: int, familiarity: int) -> Candidate:
    engineer = one.engineer
    parts = [
        _skill(engineer, needs),
        _on_duty(one.duty, needs),
        _dedication(engineer, needs),
        _language(engineer, needs),
        _familiar(familiarity),
        _load(load, engineer.capacity),
    ]
    return Candidate(
        user=engineer.user,
        score=sum(points for points, _ in parts),
        because=[sentence for _, sentence in parts if sentence],
        on_duty=one.duty.now,
        until=one.duty.until,
        load=load,
        capacity=engineer.capacity,
        duty=one.duty,
    )


def _skill(engineer: Engineer, needs: Needs) -> tuple[int, str]:
    return 0, f"knows {needs.product}" if needs.product else ""


def _on_duty(duty: Duty, needs: Needs) -> tuple[int, str]:
    """Severity 1 cannot wait for a morning; the others weigh it less."""
    if duty.now:
        until = f" until {duty.until:%d %b %H:%M} UTC" if duty.until else ""
        return 1000 if needs.severity == 1 else 500, f"on duty{until}"
    again = f", again from {duty.next:%d %b %H:%M} UTC" if duty.next else ""
    return 0, f"{duty.why_not}{again}"


def _dedication(engineer: Engineer, needs: Needs) -> tuple[int, str]:
    """Dedicated people serve their levels first; shared people serve all of them."""
    if not needs.level_code or not engineer.dedicated_to:
        return 0, ""
    if needs.level_code in engineer.dedicated_to:
        return 300, "dedicated to this service level"
    return -300, f"dedicated to other service levels ({', '.join(engineer.dedicated_to)})"


def _language(engineer: Engineer, needs: Needs) -> tuple[int, str]:
    if not needs.language:
        return 0, ""
    if needs.language in engineer.languages:
        return 150, f"speaks {needs.language}"
    return 0, f"does not speak {needs.language}"


def _familiar(tickets: int) -> tuple[int, str]:
    if not tickets:
        return 0, ""
    return min(tickets, 10) * 10, f"had {tickets} of this customer's recent tickets"


def _load(load: int, capacity: int) -> tuple[int, str]:
    """Down by up to 200 as the desk fills, and by 400 more when it is full."""
    sentence = f"{load} of {capacity} tickets"
    if load >= capacity:
        return -600, f"{sentence}: full"
    return -200 * load // max(capacity, 1), sentence


def _members(team_id: int | None) -> set[int] | None:
    if team_id is None:
        return None
    return set(Team.members.through.objects.filter(team_id=team_id).values_list("user_id", flat=True))
