"""What a newcomer of the demo vendor should meet besides requests: what is to be done, agreed, put off, named, waited
for; and who looks after whom."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mainstay.accounts import standing_in
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers import notes
from mainstay.customers.models import Contact, Customer
from mainstay.maintenance import reviews, tasks
from mainstay.maintenance.tasks import Work
from mainstay.tickets import appointments, resolution, snoozing, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

AGREED = (
    "Priya, Tom and Owen went through the quarter: two late progress reports, both on Fridays.\n\n"
    "Northshore moves to 7.1 before the winter; we look at the renewals of certificates every month from now on."
)
PINNED = (
    "Wards call before they write: whatever stops a medication cabinet is severity 1, whoever reports it.\n"
    "No restart between 07:00 and 09:00 in Sydney, that is the handover of the shifts."
)


def create(at: datetime) -> None:
    """Made once, after the tickets; every act lies at `at`, so that the logs stay true."""
    people = {user.email.partition("@")[0]: user for user in User.objects.exclude(roles=[])}
    _on_tickets(people, at)
    _of_harbourline(people["owen"], people["mara"], at)
    start = _morning(at, people["owen"], days=2)
    standing_in.name_stand_in(
        people["owen"], stand_in=people["hana"], starts_at=start, ends_at=start + timedelta(days=7),
        by=Actor.staff(people["owen"]), at=at,
    )  # fmt: skip


def _morning(at: datetime, user: User, *, days: int, hour: int = 9) -> datetime:
    """A time of a coming day, where somebody is."""
    zone = ZoneInfo(user.time_zone)
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=days), time(hour), zone)


def _ticket(words: str) -> Ticket:
    return Ticket.objects.select_related("customer").get(subject__startswith=words)


def _on_tickets(people: dict[str, User], at: datetime) -> None:
    mara, sanjay = people["mara"], people["sanjay"]
    badges, keys = _ticket("Badge sign-in"), _ticket("How do we rotate")
    work = Work("Write the steps for partners who cache metadata", mara, at.date() + timedelta(days=1))
    tasks.open_task(work, customer=keys.customer, ticket=keys, by=Actor.staff(mara), at=at)
    aiko = Contact.objects.get(email="aiko@kitano.example")
    plan = appointments.Plan(
        "call", _morning(at, mara, days=1, hour=10), 30, "Rotate the signing key together",
        "https://meet.vendor.example/atlas", (mara,), (aiko,),
    )  # fmt: skip
    appointments.agree(keys, plan, by=Actor.staff(mara), at=at)
    snoozing.snooze(
        _ticket("MFA prompt"), until=_morning(at, mara, days=1), note="ask Tom whether it is asked once now",
        anyway=True, by=Actor.staff(mara), at=at,
    )  # fmt: skip
    said = (
        "@mara you changed the sync job in 7.1: can it write a surname back that it read before the change?"
    )
    resolution.note(_ticket("Directory sync"), said=Said(said, "desk"), by=Actor.staff(sanjay), at=at)
    triage.link(_ticket("Which log"), badges.pk, kind="blocks", by=Actor.staff(people["ifeoma"]), at=at)


def _of_harbourline(owen: User, mara: User, at: datetime) -> None:
    customer, by = Customer.objects.get(code="HARBOURLINE"), Actor.staff(owen)
    notes.write_note(customer, text=PINNED, pinned=True, by=by, at=at)
    day = at.date()
    held = reviews.hold(
        customer,
        held_on=day - timedelta(days=40),
        agreed=AGREED,
        next_on=day + timedelta(days=50),
        by=by,
        at=at,
    )
    reviews.agree(
        held,
        Work("Look at the certificates that end within a month", mara, day + timedelta(days=3)),
        by=by,
        at=at,
    )
