"""Service reviews with a customer: the day of the next one, what was agreed in those that were held, its tasks.

One is planned at a time. What is agreed beside words is a task with an owner and a day, done or not as any other.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers.models import Customer
from mainstay.errors import Refused
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Review, Task
from mainstay.maintenance.tasks import Work

KIND = "service review"
LONGEST = 20_000
YEARS = 5
EARLIEST, LATEST = timedelta(hours=-12), timedelta(hours=14)  # from UTC, wherever people are


def plan(customer: Customer, *, on: date | None, by: Actor, at: datetime) -> Review | None:
    """The day of the next review, or (`on=None`) none. Raises `Refused` where the day has passed."""
    _to_come(on, "on", at)
    return _plan(customer, on, by, at)


def _plan(customer: Customer, on: date | None, by: Actor, at: datetime) -> Review | None:
    with transaction.atomic():
        Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        held = planned(customer)
        was = held.planned_on if held else None
        if was == on:
            return held
        acts.record(KIND, _what(customer), by=by, at=at, before={"planned_on": was}, after={"planned_on": on})
        if on is None:
            Review.objects.filter(customer=customer, held_on=None).delete()
            return None
        made, _new = Review.objects.update_or_create(
            customer=customer, held_on=None, defaults={"planned_on": on, "planned_by": by.name[:200]}
        )
        return made


def hold(
    customer: Customer, *, held_on: date, agreed: str, next_on: date | None, by: Actor, at: datetime
) -> Review:
    """A review was held: the one that was planned, or one that nobody had planned; and when the next one is."""
    agreed = agreed.replace("\x00", "").strip()
    if held_on > (at + LATEST).date() or held_on.year < at.year - YEARS:
        raise Refused("held_on", "must be the day on which it was held, today or before")
    if not agreed or len(agreed) > LONGEST:
        raise Refused("agreed", f"must say what was agreed, in at most {LONGEST:,} characters")
    _to_come(next_on, "next_on", at)
    with transaction.atomic():
        Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        one = planned(customer) or Review(customer=customer, planned_on=held_on, planned_by=by.name[:200])
        one.held_on, one.held_by, one.agreed = held_on, by.name[:200], agreed
        one.save()
        acts.record(KIND, _what(customer), by=by, at=at, after={"held_on": held_on})
        if next_on is not None:
            _plan(customer, next_on, by, at)
    return one


def agree(review: Review, work: Work, *, by: Actor, at: datetime) -> Task:
    """An action item: who does what until when."""
    return tasks.open_task(work, customer=review.customer, review=review, by=by, at=at)


def planned(customer: Customer) -> Review | None:
    """The next one; None while nobody has named a day."""
    return Review.objects.filter(customer=customer, held_on=None).first()


def held(customer: Customer, most: int) -> list[Review]:
    """Those that were held, the newest first, each with its action items."""
    items = Prefetch("tasks", Task.objects.select_related("owner").order_by("due_on", "pk"))
    found = Review.objects.filter(customer=customer, held_on__isnull=False).prefetch_related(items)
    return list(found.order_by("-held_on", "-pk")[:most])


def _to_come(day: date | None, field: str, at: datetime) -> None:
    if day is not None and not (at + EARLIEST).date() <= day <= date(at.year + YEARS, 12, 31):
        raise Refused(field, f"must be a day to come, within {YEARS} years")


def _what(customer: Customer) -> str:
    return f"{customer.name} ({customer.code})"
