"""From clock rows to the promises that the look draws: the same for desk and portal."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import cast

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mainstay.catalogue.models import ServiceLevel
from mainstay.contracts import terms
from mainstay.sla.calendars import calendar_of
from mainstay.sla.policy import CLOCK_NAMES
from mainstay.sla.targets import parse_target
from mainstay.tickets.listed import Listed, ListedClock
from mainstay.tickets.models import Clock, Ticket
from mainstay.tickets.seen import Line
from mainstay.ui import shapes
from mainstay.ui.states import ClockState, promise_state

_ALWAYS = calendar_of({"time_zone": "UTC", "always": True}, name="always")
_BUSINESS = calendar_of({"time_zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}}, name="business")


def clock_name(clock: Clock | ListedClock) -> str:
    """What people call it; later instances of one clock carry their number."""
    name = _(CLOCK_NAMES[clock.clock]) if clock.clock in CLOCK_NAMES else clock.clock
    return f"{name} {clock.n}" if clock.n > 1 else name


def target_words(clock: Clock | ListedClock) -> str:
    """The target as a person says it: "4 business hours", "1 hour, round the clock"."""
    return _in_words(clock.target, clock.calendar == "always", get_language())


@lru_cache(maxsize=2000)
def _in_words(target: str, always: bool, _language: str | None) -> str:
    return terms.in_words(parse_target(target), _ALWAYS if always else _BUSINESS)


def promise(
    clock: Clock | ListedClock,
    ticket: Ticket | Listed | Line,
    now: datetime,
    *,
    url: str = "",
    pauses: tuple[shapes.Pause, ...] = (),
    head_start: int = 0,
    note: str = "",
) -> shapes.Promise:
    """One clock as the look draws it, at `now`."""
    state = promise_state(
        state=cast(ClockState, clock.state),
        now=now,
        due=clock.due_at,
        warn_at=clock.warn_at,
        breached=clock.breached,
        waiting=ticket.state,
        goal=clock.kind == "goal",
    )
    return shapes.Promise(
        clock=clock.clock,
        name=clock_name(clock),
        k=state,
        target=clock.target_seconds,
        target_words=target_words(clock),
        started_at=clock.started_at,
        used=used_at(clock, ticket, now),
        due=clock.due_at,
        kind="goal" if clock.kind == "goal" else "promise",
        stopped_at=clock.stopped_at,
        warn_at=clock.warn_at,
        pauses=pauses,
        head_start=head_start,
        breached=clock.breached,
        note=note,
        url=url,
    )


def used_at(clock: Clock | ListedClock, ticket: Ticket | Listed | Line, now: datetime) -> int:
    """Counted seconds used by `now`: a running clock has gone on since its row was written."""
    if clock.state != "running" or now <= clock.as_of or not ticket.terms_id:
        return clock.used
    calendar = terms.load(ticket.terms_id).calendars.get(clock.calendar)
    return clock.used + (calendar.elapsed_between(clock.as_of, now) if calendar else 0)


def level(found: ServiceLevel | None) -> shapes.Level | None:
    """A level with its letters: Business Critical is BC."""
    return level_named(found.name, found.rank) if found else None


@lru_cache(maxsize=1000)
def level_named(name: str, rank: int) -> shapes.Level:
    """The same of its name and rank."""
    words = name.split()
    code = "".join(word[0] for word in words[:3]) if len(words) > 1 else name[:2]
    return shapes.Level(code=code.upper(), name=name, rank=min(max(rank, 1), 4))
