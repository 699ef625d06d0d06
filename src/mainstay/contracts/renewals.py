"""Contracts that end soon: the list, and the reminders to who looks after them, each once (P5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from mainstay.accounts import standing_in
from mainstay.accounts.models import User
from mainstay.contracts.models import Contract, Draft, Reminder

AHEAD = (90, 60, 30)


@dataclass(frozen=True)
class Ending:
    """A contract that ends, how many days from now, and the draft that renews it if somebody has begun one."""

    contract: Contract
    days: int
    draft: Draft | None


def last_versions() -> QuerySet[Contract]:
    """The newest version of each part of each contract: nothing follows it, signed or to come."""
    later = Contract.objects.filter(
        number=OuterRef("number"), part=OuterRef("part"), customer=OuterRef("customer"),
        version__gt=OuterRef("version"),
    )  # fmt: skip
    related = ("customer__tam", "package__level", "environment", "tam", "signed_by")
    return Contract.objects.filter(~Exists(later)).select_related(*related)


def ending(today: date, within: int = 90) -> list[Ending]:
    """Contracts whose last day is within so many days and that nothing follows, the soonest first."""
    found = last_versions().filter(
        period__endswith__gt=today, period__endswith__lte=today + timedelta(days=within + 1)
    )
    rows = list(found.order_by("period__endswith", "pk"))
    drafts = {
        one.base_id: one
        for one in Draft.objects.filter(base__in=rows, kind=Draft.Kind.RENEWAL).exclude(
            state__in=[Draft.State.WITHDRAWN, Draft.State.SIGNED]
        )
    }
    return [Ending(one, _left(one, today), drafts.get(one.pk)) for one in rows]


def _left(contract: Contract, today: date) -> int:
    assert contract.last_day is not None
    return (contract.last_day - today).days


def claim_reminders(at: datetime) -> list[tuple[Contract, int, list[User]]]:
    """The reminders that are due and were not claimed yet: contract, days before its end, people to tell.

    Claims them: whoever asks again gets nothing. Of several that are due at once (nobody looked for long) only the
    last is told. Runs in the caller's transaction, which writes what is told.
    """
    today = at.date()
    found = []
    for one in ending(today, max(AHEAD)):
        due = [days for days in AHEAD if one.days <= days]
        made = [days for days in due if _claimed(one.contract, days, at)]
        if made and min(due) in made:
            found.append((one.contract, one.days, _people(one.contract, at)))
    return found


def _claimed(contract: Contract, days: int, at: datetime) -> bool:
    with transaction.atomic():
        _, made = Reminder.objects.get_or_create(contract=contract, days=days, defaults={"at": at})
    return bool(made)


def _people(contract: Contract, at: datetime) -> list[User]:
    """Who negotiated it, who signed it for us, and its TAM with who stands in; those who still work here."""
    draft = Draft.objects.filter(contract=contract).select_related("owner").first()
    tam = contract.tam or contract.customer.tam
    instead = [one.stand_in for one in standing_in.at_work(at).filter(person=tam)] if tam else []
    candidates = [draft.owner if draft else contract.signed_by, tam, *instead]
    return list({one.pk: one for one in candidates if one is not None and one.is_staff_member}.values())


def listed(
    *, state: str = "", customer: str = "", today: date, before: int | None = None
) -> QuerySet[Contract]:
    """The newest version of each contract, those signed last first; `before` is the id of the last one seen.

    `state`: holds, to come, ended, or empty for all; `customer`: part of a name or number, or a code.
    """
    found = last_versions()
    if customer:
        found = found.filter(Q(customer__name__icontains=customer) | Q(customer__code__iexact=customer)
                             | Q(number__icontains=customer))  # fmt: skip
    if state == "holds":
        found = found.filter(period__contains=today)
    elif state == "to come":
        found = found.filter(period__startswith__gt=today)
    elif state == "ended":
        found = found.filter(period__endswith__lte=today)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")
