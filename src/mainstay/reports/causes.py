"""Every breach has a cause, and an excused breach an approver (M4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.catalogue.remembered import once
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.reports.models import Cause, Outage
from mainstay.tickets.models import Clock

APPROVES = (Role.MANAGER,)  # an administrator holds this role too


def write(
    *, of: Clock | Outage, text: str, changed: str = "", excuse: str = "", by: Actor, at: datetime
) -> Cause:
    """Say why a promise was broken or a system was down, what was changed since, and perhaps why it should not
    count. What was said before stays in the record; an excuse that changed has to be approved anew."""
    text, changed, excuse = text.strip(), changed.strip(), excuse.strip()
    if not text:
        raise Refused("cause", "is empty; say what it was")
    for name, value in (("cause", text), ("changed", changed), ("excuse", excuse)):
        if len(value) > 2000:
            raise Refused(name, "must be at most 2000 characters")
    about: dict[str, Any] = {"outage": of} if isinstance(of, Outage) else _clock(of)
    with transaction.atomic():
        made = Cause.objects.create(
            **about, text=text, changed=changed, excuse=excuse, at=at, by_id=_staff(by)
        )
        acts.record("cause of a breach", _named(made), by=by, at=at,
                    after={"cause": text, "changed": changed, "excuse": excuse})  # fmt: skip
    return made


def decide(cause: Cause, *, approve: bool, why: str, by: User, at: datetime) -> Cause:
    """A manager approves or refuses an excuse: once; a new excuse is a new cause."""
    if not by.has_role(*APPROVES):
        raise Refused("approval", "is a support manager's to give")
    if len(why.strip()) > 1000 or (not approve and not why.strip()):
        raise Refused("reason", "must say why, in at most 1000 characters")
    with transaction.atomic():
        held = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
        if not held.excuse:
            raise Refused("excuse", "there is none to decide on")
        if held.approved is not None:
            raise Refused("excuse", "has been decided already; write the cause anew to ask again")
        if latest_of(held) != held:
            raise Refused("excuse", "is not the newest; decide on that one")
        held.approved, held.decided_at, held.decided_by, held.decided_why = approve, at, by, why.strip()
        held.save(update_fields=["approved", "decided_at", "decided_by", "decided_why"])
        kind = "excuse approved" if approve else "excuse refused"
        acts.record(
            kind,
            _named(held),
            by=Actor.staff(by),
            at=at,
            after={"excuse": held.excuse, "reason": why.strip()},
        )
    return held


def latest_of(one: Cause) -> Cause | None:
    """The newest row about the same breach."""
    if one.outage is not None:
        return of_outage(one.outage)
    return Cause.objects.filter(ticket=one.ticket_id, clock=one.clock, n=one.n).order_by("pk").last()


def of_outage(outage: Outage) -> Cause | None:
    """The cause that holds for an outage: an outage that ended is the one that began then."""
    same = {"outage__environment": outage.environment_id, "outage__starts_at": outage.starts_at}
    return Cause.objects.filter(**same).select_related("by", "decided_by", "outage").order_by("pk").last()


def of_clock(ticket: int, clock: str, n: int) -> Cause | None:
    """The cause that holds for one clock of a ticket."""
    rows = Cause.objects.filter(ticket=ticket, clock=clock, n=n).select_related("by", "decided_by")
    return rows.order_by("pk").last()


def of_many(tickets: Iterable[int], clock: str) -> dict[tuple[int, int], Cause]:
    """The causes that hold now, by ticket and instance."""
    rows = Cause.objects.filter(ticket__in=list(tickets), clock=clock).select_related("by", "decided_by")
    return {(one.ticket_id or 0, one.n): one for one in rows.order_by("pk")}


def excused(line: Iterable[int], clock: str, known_at: datetime) -> set[tuple[int, int]]:
    """The breaches of a contract line that were excused, with an approver, by `known_at`: ticket and instance."""
    of = tuple(line)
    return once(("excused", of, clock, known_at), lambda: _of_line(of, clock, known_at))


def _of_line(line: tuple[int, ...], clock: str, known_at: datetime) -> set[tuple[int, int]]:
    rows = _OF_LINE.all(line=line, clock=clock, known_at=known_at)
    newest = {(one.ticket_id or 0, one.n): one for one in rows}
    return {key for key, one in newest.items() if _excused_by(one, known_at)}


_OF_LINE = Prepared(
    lambda: Cause.objects.filter(
        ticket__contract__pk__any=Arg("line"), clock=Arg.text("clock"), at__lte=Arg.instant("known_at")
    ).order_by("pk")
)


def outages_excused(outages: Iterable[Outage], known_at: datetime) -> set[int]:
    """Those of the outages (their ids) that were excused by `known_at`."""
    listed = list(outages)
    if not listed:
        return set()
    rows = Cause.objects.filter(
        outage__environment__in={one.environment_id for one in listed}, at__lte=known_at
    )
    newest = {_place(one.outage): one for one in rows.select_related("outage").order_by("pk") if one.outage}
    return {one.pk for one in listed if _place(one) in newest and _excused_by(newest[_place(one)], known_at)}


def _place(outage: Outage) -> tuple[int, datetime]:
    return outage.environment_id, outage.starts_at


def _excused_by(one: Cause, known_at: datetime) -> bool:
    return one.excused and one.decided_at is not None and one.decided_at <= known_at


def waiting(most: int = 200) -> list[Cause]:
    """Excuses that nobody has decided on, the oldest first; what was written anew since is asked for no more."""
    since = Cause.objects.filter(pk__gt=OuterRef("pk"))
    of_clock = since.filter(ticket=OuterRef("ticket"), clock=OuterRef("clock"), n=OuterRef("n"))
    of_outage = since.filter(
        outage__environment=OuterRef("outage__environment"), outage__starts_at=OuterRef("outage__starts_at")
    )
    rows = Cause.objects.filter(~Exists(of_clock), ~Exists(of_outage), approved__isnull=True).exclude(
        excuse=""
    )
    return list(rows.select_related("ticket__customer", "outage__environment", "by").order_by("pk")[:most])


def _clock(of: Clock) -> dict[str, Any]:
    return {"ticket_id": of.ticket_id, "clock": of.clock, "n": of.n}


def _named(one: Cause) -> str:
    if one.outage_id:
        return f"outage of {one.outage.environment}" if one.outage else "outage"
    return f"{one.clock.replace('_', ' ')} {one.n} of ticket {one.ticket_id}"


def _staff(by: Actor) -> int:
    if by.kind != "staff" or by.id is None:
        raise Refused("by", "must be a member of staff")
    return by.id
