"""From an approved draft to a signed version: new, amended from a date, renewed, or another covered system (P5).

A version is never edited. An amendment is the next version of the same number; the one before it ends on the day
before, and only that is changed of it. Suspending says on which days a contract entitles to nothing, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act
from mainstay.contracts import signing
from mainstay.contracts.days import day_words, period_words
from mainstay.contracts.drafts import price_of, versions_of
from mainstay.contracts.models import Contract, Draft
from mainstay.contracts.negotiation import locked
from mainstay.contracts.signing import Beside, Version
from mainstay.customers import register
from mainstay.errors import Refused

FOLLOWED = "contract followed"
HOW = {
    Draft.Kind.NEW: Contract.How.SIGNED,
    Draft.Kind.AMENDMENT: Contract.How.AMENDED,
    Draft.Kind.RENEWAL: Contract.How.RENEWED,
    Draft.Kind.ADDITION: Contract.How.ADDED,
}


def sign_draft(
    draft: Draft,
    *,
    signed_on: date,
    signatories: Sequence[Mapping[str, str]],
    by: Actor,
    at: datetime,
) -> Contract:
    """Sign what was approved. `tickets.bound.sign_draft` is the verb for people: it also sees to open tickets.

    Raises `Refused` naming draft, signed_on, signatories, first_day, period or environment.
    """
    with transaction.atomic():
        held = locked(draft)
        if held.state != Draft.State.APPROVED:
            raise Refused("draft", f"is {held.get_state_display()}; it is signed once it is approved")
        if signed_on > (at + timedelta(days=1)).date():
            raise Refused("signed_on", f"is {day_words(signed_on)}, which has not come yet")
        sides = {one["side"] for one in signing.checked_signatories(signatories)}
        for side in signing.SIDES:
            if side not in sides:
                raise Refused("signatories", f"lack the {side}; both sides sign")
        made = signing.written(_version(held, signed_on, signatories, by, at), by=by, at=at)
        held.state, held.contract, held.changed_at = Draft.State.SIGNED, made, at
        held.save(update_fields=["state", "contract", "changed_at"])
        _tam(made, by, at)
    return made


def _version(
    held: Draft, signed_on: date, signatories: Sequence[Mapping[str, str]], by: Actor, at: datetime
) -> Version:
    base, number = held.base, held.number
    beside = Beside(
        overrides=held.offered, price=price_of(held), desk_policy=held.desk_policy,
        phone_number=held.phone_number, tam=held.tam, team=held.team, signatories=signatories,
    )  # fmt: skip
    said: dict[str, Any] = {}
    if base is None:
        if Contract.every.filter(number=number).exists():
            raise Refused("number", f"{number} is taken; amend that contract, or use another number")
    else:
        said = _following(held, base, by, at)
    return Version(
        held.customer, number, held.package, held.first_day, held.last_day, held.environment, signed_on, beside,
        how=HOW[Draft.Kind(held.kind)], applies_to_open=held.applies_to_open, reason=held.reason, **said,
    )  # fmt: skip


def _following(held: Draft, base: Contract, by: Actor, at: datetime) -> dict[str, Any]:
    """Where the version stands in its number, once the one before it has made room."""
    every = Contract.every.filter(number=base.number, customer=base.customer_id)
    list(every.select_for_update(of=("self",)))  # one at a time
    newest = every.aggregate(version=Max("version"), part=Max("part"))
    version = newest["version"] + 1
    if held.kind == Draft.Kind.ADDITION:
        if held.environment is None:
            raise Refused("environment", "is missing; say which system is added to the contract")
        return {"version": version, "part": newest["part"] + 1}
    last = versions_of(base)[-1]
    if held.kind == Draft.Kind.AMENDMENT:
        signing.check_amendment(last, held.first_day)
        _cut(last, held.first_day, by=by, at=at)
    elif last.last_day is None or held.first_day <= last.last_day:
        raise Refused("first_day", f"is within {last}, which holds {period_words(last)}; begin after it")
    return {"version": version, "part": last.part, "supersedes": last, "suspended": _still(last, held)}


def _cut(last: Contract, first_day: date, *, by: Actor, at: datetime) -> None:
    """The version before ends on the day before the amendment begins."""
    before = {"holds": period_words(last), "last_day": last.last_day}
    last.period = DateRange(last.period.lower, first_day)
    last.save(update_fields=["period"])
    acts.record(
        FOLLOWED, f"{last} of {last.customer}",
        by=by, at=at, before=before, after={"holds": period_words(last), "last_day": last.last_day},
    )  # fmt: skip


def _still(last: Contract, held: Draft) -> list[dict[str, Any]]:
    """A suspension that goes on does so under the next version."""
    day = held.first_day.isoformat()
    return [one for one in last.suspended if one["until"] is None or one["until"] > day]


def _tam(made: Contract, by: Actor, at: datetime) -> None:
    """The Technical Account Manager of the contract is the customer's, where it has none yet."""
    customer = made.customer
    if made.tam is not None and customer.tam_id is None:
        register.change_customer(
            customer, name=customer.name, time_zone=customer.time_zone, country=customer.country,
            subdivision=customer.subdivision, tam=made.tam, shares_tickets=customer.shares_tickets, by=by, at=at,
        )  # fmt: skip


# ---- taking back


def take_back(contract: Contract, *, reason: str, by: Actor, at: datetime) -> Contract | None:
    """Take back a version that was signed and has not begun; it stays in the record and never holds.

    What an amendment cut short goes on as it was, as another version: that one is given back. Raises `Refused` naming
    contract or reason. `tickets.bound.take_back` is the verb for people: it also sees to open tickets.
    """
    reason = reason.strip()
    if not reason or len(reason) > 300:
        raise Refused("reason", "must say why it is taken back, in 1 to 300 characters; both sides read it")
    with transaction.atomic():
        held = next((one for one in _all(contract) if one.pk == contract.pk), None)
        if held is None:
            raise Refused("contract", f"{contract} was taken back already")
        _check_not_begun(held, at)
        held.taken_back = {"at": at.isoformat(), "by": by.name, "why": reason}
        held.save(update_fields=["taken_back"])
        acts.record(
            "contract taken back", f"{held} of {held.customer}",
            by=by, at=at, before={"holds": period_words(held)}, after={"reason": reason},
        )  # fmt: skip
        return _restored(held, reason, by, at) if held.how == Contract.How.AMENDED else None


def _check_not_begun(held: Contract, at: datetime) -> None:
    today = at.astimezone(ZoneInfo(held.customer.time_zone or "UTC")).date()
    if held.first_day is None or held.first_day <= today:
        begun = f"it began on {day_words(held.first_day)}" if held.first_day else "it has begun"
        raise Refused(
            "contract", f"{held} cannot be taken back: {begun}; amend it from a later day, or end it"
        )
    last = versions_of(held)[-1]
    if last.pk != held.pk:
        raise Refused("contract", f"{held} cannot be taken back: {last} follows it; take that one back first")


def _restored(held: Contract, reason: str, by: Actor, at: datetime) -> Contract:
    """The version before an amendment, word for word, for the days that the amendment would have held."""
    was = held.supersedes
    if was is None or held.first_day is None:
        raise Refused("contract", f"{held} amends nothing that could go on")
    beside = Beside(
        overrides=was.overrides, calendar=was.calendar, price=was.price, desk_policy=was.desk_policy,
        phone_number=was.phone_number, tam=was.tam, team=was.team, signatories=was.signatories,
    )  # fmt: skip
    every = Contract.every.filter(number=held.number, customer=held.customer_id)
    newest = every.aggregate(version=Max("version"))["version"]
    return signing.written(
        Version(
            was.customer, was.number, was.package, held.first_day, _end_before(was, held), was.environment,
            was.signed_on or at.date(), beside, version=newest + 1, part=was.part, how=Contract.How.RESTORED,
            supersedes=held, suspended=was.suspended, reason=f"Version {held.version} was taken back: {reason}",
        ),
        by=by, at=at,
    )  # fmt: skip


def _end_before(was: Contract, held: Contract) -> date | None:
    """The last day that a version had before an amendment cut it short, by the log; else the amendment's."""
    cut = Act.objects.filter(kind=FOLLOWED, what=f"{was} of {was.customer}").order_by("-pk").first()
    if cut is None or "last_day" not in cut.before:
        return held.last_day
    return date.fromisoformat(cut.before["last_day"]) if cut.before["last_day"] else None


# ---- suspending


def suspend(
    contract: Contract, *, from_day: date, until: date | None, why: str, by: Actor, at: datetime
) -> list[Contract]:
    """Let a contract entitle to nothing from `from_day` on, until it is resumed or `until` (the first day again).

    It concerns the whole contract: every version and covered system of its number that holds then.
    """
    if not why.strip() or len(why) > 300:
        raise Refused("why", "must be a reason of 1 to 300 characters; people are told it")
    if until is not None and until <= from_day:
        raise Refused("until", f"is not after the first day of it, {day_words(from_day)}")
    with transaction.atomic():
        rows = _holding_from(contract, from_day)
        for row in rows:
            for one in row.suspended:
                if one["until"] is None or one["until"] > from_day.isoformat():
                    raise Refused(
                        "from_day", f"is within a suspension from {one['from']}; resume that one first"
                    )
        said = {
            "from": from_day.isoformat(),
            "until": until.isoformat() if until else None,
            "why": why.strip(),
        }
        for row in rows:
            row.suspended = [*row.suspended, said]
            row.save(update_fields=["suspended"])
        acts.record(
            "contract suspended", f"{contract.number} of {contract.customer}", by=by, at=at, after=said
        )
    return rows


def resume(contract: Contract, *, day: date, by: Actor, at: datetime) -> list[Contract]:
    """Let a suspended contract entitle again from `day` on."""
    with transaction.atomic():
        rows = [row for row in _all(contract) if any(_open_after(one, day) for one in row.suspended)]
        if not rows:
            raise Refused("day", "the contract is not suspended then")
        before: dict[str, Any] = {}
        for row in rows:
            before = next(one for one in row.suspended if _open_after(one, day))
            if day.isoformat() < before["from"]:
                raise Refused("day", f"is before the suspension begins, on {before['from']}")
            ended = {**before, "until": day.isoformat()}
            kept = [one for one in row.suspended if one != before]
            row.suspended = [*kept, ended] if day.isoformat() > before["from"] else kept
            row.save(update_fields=["suspended"])
        what = f"{contract.number} of {contract.customer}"
        acts.record("contract resumed", what, by=by, at=at, before=before, after={**before, "until": day})
    return rows


def _open_after(one: Mapping[str, Any], day: date) -> bool:
    return one["until"] is None or bool(one["until"] > day.isoformat())


def _all(contract: Contract) -> list[Contract]:
    same = Contract.objects.filter(number=contract.number, customer=contract.customer_id)
    related = ("customer", "supersedes__package__level", "supersedes__desk_policy", "supersedes__customer")
    return list(same.select_for_update(of=("self",)).select_related(*related).order_by("pk"))


def _holding_from(contract: Contract, day: date) -> list[Contract]:
    found = [row for row in _all(contract) if row.last_day is None or row.last_day >= day]
    if not found:
        raise Refused("from_day", f"{contract.number} has ended before {day_words(day)}")
    return found
