"""Negotiating a contract: a draft, what we offer and what they asked, remarks, and asking for approval (P5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team, User
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import lines
from mainstay.contracts.days import today
from mainstay.contracts.drafts import OPEN, RELATED, findings, sold_by, told, versions_of
from mainstay.contracts.models import Contract, Draft, DraftNote
from mainstay.contracts.signing import check_amendment, checked_number
from mainstay.contracts.sold import Difference, Sold
from mainstay.customers.models import Customer, Environment
from mainstay.errors import Refused


@dataclass(frozen=True)
class Head:
    """What a draft says beside its lines."""

    number: str
    package: Package
    first_day: date
    last_day: date | None
    environment: Environment | None = None
    phone_number: str = ""
    tam: User | None = None
    team: Team | None = None
    applies_to_open: bool = False
    reason: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            "number": self.number, "package": self.package, "first_day": self.first_day,
            "last_day": self.last_day, "environment": self.environment, "phone_number": self.phone_number,
            "tam": self.tam, "team": self.team, "applies_to_open": self.applies_to_open, "reason": self.reason,
        }  # fmt: skip


# ---- verbs


def start_draft(
    *, customer: Customer, head: Head, owner: User, by: Actor, at: datetime, advice: str = ""
) -> Draft:
    """Begin to negotiate a new contract with a customer; `advice` is the advisor's result it comes from."""
    head = _checked(head, customer)
    if Contract.every.filter(number=head.number).exists():
        raise Refused(
            "number", f"{head.number} is taken; amend or renew that contract, or use another number"
        )
    return _begun(
        Draft(
            customer=customer, kind=Draft.Kind.NEW, desk_policy=publish.current_desk_policy(),
            advice=advice[:500], owner=owner, created_at=at, changed_at=at, **head.columns(),
        ), by=by, at=at,
    )  # fmt: skip


def start_from(contract: Contract, kind: str, *, owner: User, by: Actor, at: datetime) -> Draft:
    """Begin to amend or renew a contract, or to add another covered system to it.

    An amendment starts from what holds, under the versions that were signed; a renewal from what is sold now, with
    the same differences; an addition from the package alone. Raises `Refused` naming contract or kind.
    """
    if kind not in (Draft.Kind.AMENDMENT, Draft.Kind.RENEWAL, Draft.Kind.ADDITION):
        raise Refused("kind", "must be amendment, renewal or addition")
    _check_base(contract, kind)
    first, last = _days(contract, kind, today(contract.customer, at))
    package, policy = contract.package, contract.desk_policy
    if kind != Draft.Kind.AMENDMENT:
        package, policy = publish.current(Package, package.code), publish.current_desk_policy()
    head = Head(
        contract.number, package, first, last, None if kind == Draft.Kind.ADDITION else contract.environment,
        contract.phone_number, contract.tam, contract.team,
    )  # fmt: skip
    return _begun(
        Draft(
            customer=contract.customer, kind=kind, base=contract, desk_policy=policy, owner=owner,
            offered={} if kind == Draft.Kind.ADDITION else carried(contract),
            created_at=at, changed_at=at, **head.columns(),
        ), by=by, at=at,
    )  # fmt: skip


def carried(contract: Contract) -> Difference:
    """The differences of a contract, the hours that it has of its own among them."""
    found = dict(contract.overrides)
    if contract.calendar and "business" not in found.get("calendars", {}):
        sold = Sold(contract.package, contract.desk_policy)
        own = {"time_zone": "customer", **sold.business, **contract.calendar}
        found["calendars"] = {**found.get("calendars", {}), "business": own}
    return found


def change_head(draft: Draft, head: Head, *, by: Actor, at: datetime) -> Draft:
    """Change what a draft says beside its lines. What was approved has to be approved again."""
    with transaction.atomic():
        held = locked(draft)
        head = _checked(head, held.customer)
        if held.kind != Draft.Kind.NEW and head.number != held.number:
            raise Refused("number", f"stays {held.number}: this is about that contract")
        if held.kind == Draft.Kind.AMENDMENT and held.base is not None:
            check_amendment(held.base, head.first_day)
        if held.kind == Draft.Kind.ADDITION and head.environment is None:
            raise Refused("environment", "is missing; say which system is added to the contract")
        if head.package.pk != held.package_id:
            sold = Sold(head.package, held.desk_policy)
            lines.checked(sold, held.offered)
            lines.checked(sold, held.asked)
        before = told(held)
        for name, value in head.columns().items():
            setattr(held, name, value)
        return _changed(held, before, by=by, at=at)


def change_lines(
    draft: Draft,
    *,
    offered: Mapping[str, str],
    asked: Mapping[str, str],
    rest: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> Draft:
    """Set what we offer and what they asked, cell by cell; an empty cell is what the catalogue says.

    `rest`: what we offer beside the lines. Raises `Refused` naming the line and what would be right.
    """
    with transaction.atomic():
        held = locked(draft)
        sold = sold_by(held)
        before = told(held)
        kept = lines.rest_of(held.offered) if rest is None else rest
        held.offered = _read("our offer", sold, offered, kept)
        held.asked = _read("what they asked", sold, asked, lines.rest_of(held.asked))
        return _changed(held, before, by=by, at=at)


def _read(whose: str, sold: Sold, typed: Mapping[str, str], rest: Mapping[str, Any] | None) -> Difference:
    try:
        return lines.read_difference(sold, typed, rest=rest)
    except Refused as error:
        raise Refused(f"{error.field} ({whose})", error.message) from None


def take_over(draft: Draft, *, by: Actor, at: datetime) -> Draft:
    """Offer what they asked: every cell they named replaces ours."""
    with transaction.atomic():
        held = locked(draft)
        sold = sold_by(held)
        before = told(held)
        beside = lines.side_by_side(sold, held.offered, held.asked)
        typed = {one.line.key: one.asked or one.offered for one in beside}
        held.offered = lines.read_difference(sold, typed, rest=lines.rest_of(held.offered))
        return _changed(held, before, by=by, at=at)


def note(draft: Draft, *, line: str, text: str, user: User, at: datetime) -> DraftNote:
    """Remark on one line, or on the whole draft."""
    text = text.strip()
    if not text or len(text) > 2000:
        raise Refused("text", "must be a remark of 1 to 2000 characters")
    known = {one.key for one in lines.lines_of(sold_by(draft), draft.offered, draft.asked)}
    if line and line not in known:
        raise Refused("line", "is not one of this draft")
    return DraftNote.objects.create(draft=draft, line=line, text=text, by=user, at=at.replace(microsecond=0))


def submit(draft: Draft, *, by: Actor, at: datetime) -> Draft:
    """Ask for approval. Refused, naming the place, while a finding stops it."""
    with transaction.atomic():
        held = locked(draft)
        if held.state != Draft.State.OPEN:
            raise Refused("draft", f"is {held.get_state_display()} already")
        for one in findings(held, at):
            if one.stops:
                raise Refused(one.place, one.reason)
        held.state = Draft.State.SUBMITTED
        held.changed_at = at
        held.save(update_fields=["state", "changed_at"])
        acts.record("draft submitted", _what(held), by=by, at=at, after=told(held))
    return held


def withdraw(draft: Draft, *, reason: str, by: Actor, at: datetime) -> Draft:
    """Stop negotiating; the draft stays to be read."""
    if not reason.strip():
        raise Refused("reason", "is missing; say why nothing came of it")
    with transaction.atomic():
        held = locked(draft)
        held.state, held.changed_at = Draft.State.WITHDRAWN, at
        held.save(update_fields=["state", "changed_at"])
        acts.record("draft withdrawn", _what(held), by=by, at=at, after={"reason": reason.strip()[:500]})
    return held


# ---- small parts


def locked(draft: Draft) -> Draft:
    """The draft for a change; refused when it is signed or withdrawn."""
    held = Draft.objects.select_related(*RELATED).select_for_update(of=("self",)).get(pk=draft.pk)
    if held.state not in OPEN:
        raise Refused("draft", f"is {held.get_state_display()}; begin another")
    return held


def _begun(draft: Draft, *, by: Actor, at: datetime) -> Draft:
    with transaction.atomic():
        draft.save()
        acts.record("draft begun", _what(draft), by=by, at=at, after=told(draft))
    return draft


def _changed(held: Draft, before: dict[str, Any], *, by: Actor, at: datetime) -> Draft:
    """Write it; an offer that is another one than was approved waits for approval no more."""
    if held.state != Draft.State.OPEN and told(held) != {**before, "asked": told(held)["asked"]}:
        held.state = Draft.State.OPEN
    held.changed_at = at
    held.save()
    acts.record("draft changed", _what(held), by=by, at=at, before=before, after=told(held))
    return held


def _what(draft: Draft) -> str:
    return f"{draft.number} of {draft.customer}"


def _checked(head: Head, customer: Customer) -> Head:
    if head.last_day is not None and head.last_day < head.first_day:
        raise Refused("last_day", f"is before the first day, {head.first_day.isoformat()}")
    if head.environment is not None and head.environment.customer_id != customer.pk:
        raise Refused("environment", f"{head.environment.name} is not an environment of {customer.name}")
    if len(head.phone_number) > 40:
        raise Refused("phone_number", "must be at most 40 characters")
    if len(head.reason) > 500:
        raise Refused("reason", "must be at most 500 characters")
    return replace(head, number=checked_number(head.number))


def _check_base(contract: Contract, kind: str) -> None:
    newest = versions_of(contract)[-1]
    if kind != Draft.Kind.ADDITION and newest.pk != contract.pk:
        raise Refused("contract", f"{contract} is followed by version {newest.version}; begin with that one")
    if kind == Draft.Kind.RENEWAL and contract.last_day is None:
        raise Refused("contract", f"{contract} has no end, so nothing follows it; amend it")
    if kind == Draft.Kind.ADDITION and contract.environment_id is None:
        raise Refused("contract", f"{contract} covers all environments already; amend it")
    there = Draft.objects.filter(base=contract, kind=kind, state__in=OPEN).first()
    if there is not None and kind != Draft.Kind.ADDITION:
        raise Refused("contract", f"has an open {there.get_kind_display()} already; go on with that one")


def _days(contract: Contract, kind: str, today: date) -> tuple[date, date | None]:
    """The days a draft begins with: from tomorrow on, or after the end for as long as before."""
    first, last = contract.first_day, contract.last_day
    if kind == Draft.Kind.RENEWAL and last is not None:
        begin = last + timedelta(days=1)
        return begin, _as_long(begin, first or begin, last)
    begin = max(today + timedelta(days=1), (first or today) + timedelta(days=1))
    return (begin if last is None or begin <= last else last), last


def _as_long(begin: date, first: date, last: date) -> date:
    """As long again: whole years where it was whole years, else as many days."""
    years = last.year + (1 if (last.month, last.day) == (12, 31) else 0) - first.year
    if last + timedelta(days=1) == _in_years(first, years):
        return _in_years(begin, years) - timedelta(days=1)
    return begin + (last - first)


def _in_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
