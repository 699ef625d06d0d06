"""What holds for one ticket, and its changes: flags, the environment named, a value agreed for it alone.

Every change of a fact goes through `apply`: the terms are resolved anew, and when they are others the log carries
an `agreement_changed`. A fact that was found late (the customer, the environment, the category first set) is a
correction and counts from receipt; one that is truly new (a call comes, a value is agreed) counts from now.
"""

from __future__ import annotations

from datetime import datetime

from mainstay.accounts.actor import Actor
from mainstay.contracts.entitlement import Entitlement
from mainstay.customers.models import Environment
from mainstay.errors import Refused
from mainstay.tickets import clocks, events, lifecycle, messages, resolve
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Alarm, Clock, Event, Ticket

BY_PHONE = "by_phone"
FLAGS = {
    BY_PHONE: "reported by phone",
    "round_the_clock": "the customer works on it round the clock",
}
"""The flags that every desk knows, in words; those that rows of the policy ask for are beside them."""


def apply(
    fresh: Ticket,
    entitled: Entitlement,
    *,
    by: Actor,
    at: datetime,
    why: str,
    correction: bool = False,
    tell: bool = True,
) -> Event | None:
    """Let `entitled` judge the locked ticket from `at` (a correction: from receipt). None when nothing differs.

    What is on the ticket already (a category, a flag) is told with the event. Without `tell` nobody hears of it:
    something else is about to tell them.
    """
    if entitled.terms.pk == fresh.terms_id and _pk(entitled.contract) == fresh.contract_id:
        fresh.entitled_because = list(entitled.because)
        return None
    made = resolve.entry(fresh, clocks.log_of(fresh), entitled, at=at, correction=correction)
    had = {(row.clock, row.n): row.due_at for row in Clock.objects.filter(ticket=fresh)}
    take(fresh, entitled)
    event = record(
        fresh, "agreement_changed", by=by, at=at, why=why, more=made.more, detail=made.detail, tell=tell
    )
    _carry(fresh, had, at)
    events.remember(fresh)
    return event


def take(fresh: Ticket, entitled: Entitlement) -> None:
    """The ticket names what judges it now."""
    fresh.contract, fresh.level, fresh.terms = entitled.contract, entitled.level, entitled.terms
    fresh.entitlement, fresh.entitled_because = entitled.kind, list(entitled.because)


def _pk(row: object) -> int | None:
    return getattr(row, "pk", None)


def _carry(fresh: Ticket, had: dict[tuple[str, int], datetime | None], at: datetime) -> None:
    """What was told of a clock is not told again because its due instant has another name (LESSON 14)."""
    rung = set(Alarm.objects.filter(ticket=fresh).values_list("clock", "n", "kind", "due_at"))
    rows: list[Clock] = fresh.__dict__.get("_clocks") or list(Clock.objects.filter(ticket=fresh))
    told = resolve.carried(rows, had, rung, at)
    if told:
        Alarm.objects.bulk_create(told, ignore_conflicts=True)
        clocks.write(fresh, rows)


# ---- verbs


def set_flag(ticket: Ticket, *, flag: str, reason: str, by: Actor, at: datetime) -> Event:
    """Say that something holds for this ticket from now on, such as that it was reported by phone."""
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        if flag not in flags_of(fresh):
            raise Refused("flag", f"is {flag!r}; it may be {', '.join(flags_of(fresh))}")
        if flag in fresh.flags:
            raise Refused("flag", f"is set already: {flags_of(fresh)[flag]}")
        fresh.flags = sorted({*fresh.flags, flag})
        return _told(fresh, "flag_set", by=by, at=at, why=reason, more={"flag": flag})


def clear_flag(ticket: Ticket, *, flag: str, reason: str, by: Actor, at: datetime) -> Event:
    """Say that it does not hold any more; what was owed by it until now stays judged as it was."""
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        if flag not in fresh.flags:
            raise Refused("flag", f"{flag!r} is not set on this ticket")
        fresh.flags = [one for one in fresh.flags if one != flag]
        return _told(fresh, "flag_cleared", by=by, at=at, why=reason, more={"flag": flag})


def name_environment(
    ticket: Ticket, *, environment: Environment | None, reason: str, by: Actor, at: datetime
) -> Event:
    """Say which system it is about: it was so from the start, so the right terms count from receipt."""
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        if environment is not None and environment.customer_id != fresh.customer_id:
            raise Refused("environment", f"{environment.name} is not a system of this customer")
        if _pk(environment) == fresh.environment_id:
            raise Refused("environment", "is named so already")
        fresh.environment = environment
        named = environment.name if environment else ""
        event = record(
            fresh, "environment_named", by=by, at=at, why=reason, detail={"environment": named}
        )  # fmt: skip
        events.remember(fresh)
        changed = apply(fresh, resolve.anew(fresh), by=by, at=at, why=reason, correction=True)
        fresh.save()
        return changed or event


def _told(fresh: Ticket, kind: str, *, by: Actor, at: datetime, why: str, more: dict[str, object]) -> Event:
    """Record a new fact, and the terms that it selects from now on."""
    event = record(fresh, kind, by=by, at=at, why=why, more=more)
    events.remember(fresh)
    changed = apply(fresh, resolve.again(fresh), by=by, at=at, why=why)
    fresh.save()
    return changed or event


# ---- what may be said


def flags_of(ticket: Ticket) -> dict[str, str]:
    """The flags that may be set on a ticket, in words: those every desk knows and those its policy asks for."""
    found = dict(FLAGS)
    for row in resolve.rows(ticket):
        asked = row.get("when", {}).get("flag", [])
        for flag in [asked] if isinstance(asked, str) else asked:
            found.setdefault(flag, flag.replace("_", " "))
    return found
