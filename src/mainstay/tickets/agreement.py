"""What holds for one ticket, and its changes: flags, the environment named, a value agreed for it alone.

Every change of a fact goes through `apply`: the terms are resolved anew, and when they are others the log carries
an `agreement_changed`. A fact that was found late (the customer, the environment, the category first set) is a
correction and counts from receipt; one that is truly new (a call comes, a value is agreed) counts from now.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from mainstay.accounts.actor import Actor
from mainstay.contracts import terms
from mainstay.contracts.basis import Basis
from mainstay.contracts.compiled import Compiled
from mainstay.contracts.entitlement import Entitlement
from mainstay.contracts.models import Contract
from mainstay.customers.models import Environment
from mainstay.errors import Refused
from mainstay.policy.conditions import needs, values
from mainstay.sla.targets import parse_target
from mainstay.tickets import clocks, events, lifecycle, messages, resolve, timers
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Alarm, Change, ChangeOfTicket, Clock, Event, State, Ticket
from mainstay.tickets.names import FLAGS
from mainstay.tickets.resolve import RELATED, clocks_of, logs_of


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
    if not differs(fresh, entitled):
        return None
    rows = resolve.stood(Clock.objects.filter(ticket=fresh))
    log = clocks.log_of(fresh)
    made = resolve.entry(fresh, log, rows, entitled, at=at, correction=correction, quiet=not tell)
    had = {(row.clock, row.n): row.due_at for row in rows}
    pair = pair_of(fresh, entitled)
    take(fresh, entitled)
    event = record(
        fresh, "agreement_changed", by=by, at=at, why=why, more=made.more, detail=made.detail, tell=tell
    )
    carry(fresh, had, at)
    timers.retime([pair], event.at)
    events.remember(fresh)
    return event


def pair_of(ticket: Ticket, entitled: Entitlement) -> timers.Pair:
    """A ticket with the terms that judge it and those that are to; ask before it takes them."""
    old = terms.load(ticket.terms_id) if ticket.terms_id else None
    return ticket, old, terms.parse(entitled.terms.text)


def differs(ticket: Ticket, entitled: Entitlement) -> bool:
    """Whether other terms would hold, or the same ones by another version of the contract."""
    return entitled.terms.pk != ticket.terms_id or _pk(entitled.contract) != ticket.contract_id


def take(fresh: Ticket, entitled: Entitlement) -> None:
    """The ticket names what judges it now."""
    fresh.contract, fresh.level, fresh.terms = entitled.contract, entitled.level, entitled.terms
    fresh.entitlement, fresh.entitled_because = entitled.kind, list(entitled.because)


def _pk(row: object) -> int | None:
    return getattr(row, "pk", None)


def carry(fresh: Ticket, had: dict[tuple[str, int], datetime | None], at: datetime) -> None:
    """What was told of a clock is not told again because its due instant has another name (LESSON 14)."""
    rung = set(Alarm.objects.filter(ticket=fresh).values_list("clock", "n", "kind", "due_at"))
    rows: list[Clock] = fresh.__dict__.get("_clocks") or list(Clock.objects.filter(ticket=fresh))
    told = resolve.carried(rows, had, rung, at)
    if told:
        Alarm.objects.bulk_create(told, ignore_conflicts=True)
        clocks.write(fresh, rows)


# ---- many tickets

Resolver = Callable[[Ticket], Entitlement]
"""What would judge a ticket."""


@dataclass(frozen=True)
class Effect:
    """What other terms would do to one open ticket."""

    ticket: Ticket
    entitled: Entitlement
    moved: list[resolve.Moved]
    closes: timers.Retimed | None = None

    @property
    def seen(self) -> bool:
        """Whether anything would be due on another day, or close by itself then."""
        return bool(self.moved) or self.closes is not None


def preview(
    tickets: QuerySet[Ticket], resolver: Resolver, *, at: datetime, most: int | None = None
) -> list[Effect]:
    """What would change if `resolver` judged these open tickets from `at`: those it would make a difference to.

    Nothing is written. `most`: only so many tickets are looked at, the oldest first.
    """
    found = tickets.exclude(state=State.CLOSED).select_related(*RELATED).order_by("pk")
    looked = list(found[:most] if most else found)
    logs, stored = logs_of(looked), clocks_of(looked)
    effects = []
    for ticket in looked:
        entitled = resolver(ticket)
        if differs(ticket, entitled):
            made = resolve.entry(
                ticket, logs[ticket.pk], stored[ticket.pk], entitled, at=at, correction=False
            )
            effects.append(Effect(ticket, entitled, made.moved))
    closing = timers.moves([pair_of(one.ticket, one.entitled) for one in effects], at)
    return [replace(one, closes=closing.get(one.ticket.pk)) for one in effects]


def under(contract: Contract) -> Resolver:
    """The resolver for a version of a contract, also one that nobody has signed yet. Writes nothing."""
    basis = Basis("contract", contract, contract.package, contract.desk_policy)
    compiled = Compiled()
    return lambda ticket: resolve.again(ticket, basis, keep=False, compiled=compiled)


def judged_by(contract: Contract) -> QuerySet[Ticket]:
    """The open tickets that a contract judges, by any version of the same part of it."""
    return Ticket.objects.filter(
        contract__number=contract.number,
        contract__part=contract.part,
        contract__customer=contract.customer_id,
    ).exclude(state=State.CLOSED)


def schedule(
    *,
    scope: QuerySet[Ticket] | Contract | int,
    why: str,
    by: Actor,
    at: datetime,
    effective: date | None = None,
) -> Change:
    """Let other terms judge open tickets from the beginning of the day `effective` where each customer is, or
    (None) from `at`.

    `scope`: a version of a contract (or its id), which then judges every open ticket of the same contract; or
    tickets, each of which is resolved anew by what is published now. In the background, see `rollout`.
    """
    why = messages.needs_text(why, "reason")
    contract = Contract.objects.get(pk=scope) if isinstance(scope, int) else scope
    tickets = judged_by(contract) if isinstance(contract, Contract) else contract
    with transaction.atomic():
        change = Change.objects.create(
            why=why[:500], contract=contract if isinstance(contract, Contract) else None,
            effective=effective or at.date(), starts_at=at, decided_at=at,
            by_kind=by.kind, by_id=by.id, by_name=by.name,
        )  # fmt: skip
        zones = {contract.customer.time_zone} if isinstance(contract, Contract) else _zones(tickets)
        begins = {zone: _midnight(effective, zone) if effective else at for zone in zones}
        for zone, begin in begins.items():
            _enlist(change, tickets, zone, begin)
        change.total = ChangeOfTicket.objects.filter(change=change).count()
        change.starts_at = min(begins.values(), default=at)
        change.save()
    return change


def enlist_late(change: Change) -> None:
    """The tickets of the contract that came after the change was decided and before its day: they change too."""
    if change.contract is not None:
        _enlist(change, judged_by(change.contract), change.contract.customer.time_zone, change.starts_at)
        change.total = ChangeOfTicket.objects.filter(change=change).count()
        change.save(update_fields=["total"])


def _zones(tickets: QuerySet[Ticket]) -> set[str]:
    found = tickets.exclude(state=State.CLOSED).order_by().values_list("customer__time_zone", flat=True)
    return {zone or "" for zone in found.distinct()}


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone or "UTC")).astimezone(UTC)


def _enlist(change: Change, tickets: QuerySet[Ticket], zone: str, begin: datetime) -> None:
    """The open tickets of one zone as rows that wait, those of one customer together: their terms are alike."""
    there = Q(customer__time_zone=zone) if zone else Q(customer=None) | Q(customer__time_zone="")
    found = tickets.exclude(state=State.CLOSED).filter(there).order_by("customer", "queue_at", "pk")
    numbers = found.values_list("pk", flat=True)
    ChangeOfTicket.objects.bulk_create(
        (ChangeOfTicket(change=change, ticket_id=number, at=begin) for number in numbers),
        batch_size=5000, ignore_conflicts=True,
    )  # fmt: skip


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


def name_language(ticket: Ticket, *, language: str, reason: str, by: Actor, at: datetime) -> Event:
    """Say in which language the case is handled; empty: the customer's own. It was so from the start."""
    reason = messages.needs_text(reason, "reason")
    if language and not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language):
        raise Refused("language", f"is {language[:20]!r}; it must be a code such as en or pt-BR")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        if language == fresh.language:
            raise Refused("language", "is named so already")
        fresh.language = language
        return _told(
            fresh, "language_named", by=by, at=at, why=reason, more={"language": language}, correction=True
        )


def agree_target(
    ticket: Ticket, *, clock: str, target: str, calendar: str, reason: str, by: Actor, at: datetime
) -> Event:
    """Agree a value for this one ticket, where the terms leave room for one ("or as agreed"); from now on.

    An empty target takes it back: then it is as the terms say. Raises `Refused` naming clock, target or calendar.
    """
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "triage")
        room = may_agree(fresh)
        if clock not in room:
            said = ", ".join(room) or "nothing on this ticket"
            raise Refused("clock", f"is {clock!r}; the terms leave room for {said}")
        rest = {name: value for name, value in fresh.agreed.items() if name != clock}
        if target:
            parse_target(target, "target")
            if calendar not in terms.load(fresh.terms_id).calendars:
                raise Refused("calendar", f"is {calendar[:40]!r}; the terms have none of that name")
            rest[clock] = {"target": target, "calendar": calendar}
        if rest == fresh.agreed:
            raise Refused("target", "is agreed so already" if target else "was not agreed before")
        fresh.agreed = rest
        return _told(
            fresh, "target_agreed", by=by, at=at, why=reason, more={"clock": clock, "target": target}
        )


def may_agree(ticket: Ticket) -> list[str]:
    """The clocks for which the terms let a value be agreed on the ticket itself."""
    return list(terms.load(ticket.terms_id).document.get("agreed", {})) if ticket.terms_id else []


def _told(
    fresh: Ticket,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    why: str,
    more: dict[str, object],
    correction: bool = False,
) -> Event:
    """Record a fact, and the terms that it selects, from now on or (a correction) from receipt."""
    event = record(fresh, kind, by=by, at=at, why=why, more=more)
    events.remember(fresh)
    changed = apply(fresh, resolve.again(fresh), by=by, at=at, why=why, correction=correction)
    fresh.save()
    return changed or event


# ---- what may be said


def flags_of(ticket: Ticket) -> dict[str, str]:
    """The flags that may be set on a ticket, in words: those every desk knows and those its policy asks for."""
    found = dict(FLAGS)
    for row in resolve.rows(ticket):
        for flag in (one for asked in values(row.get("when", {}).get("flag", [])) for one in needs(asked)):
            found.setdefault(flag, flag.replace("_", " "))
    return found
