"""`mainstay bench load --tickets N`: fills the desk with a vendor's history, for measuring.

Whole tickets with messages, chained events and true clocks: the same code explains them that explains real
ones, and `mainstay clocks verify` finds no difference. Each batch is one transaction and is made from its own
seed, so an interrupted load goes on where it stopped. Customers of a load have codes that begin with LOAD.
"""

import argparse
import multiprocessing
import random
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections, models, transaction
from django.utils import timezone

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import terms
from mainstay.contracts.entitlement import Entitlement, entitlement_at
from mainstay.contracts.models import Contract
from mainstay.customers.models import Contact, Customer, CustomerDomain
from mainstay.reports import stories
from mainstay.sla import hours
from mainstay.tickets import bulk, clocks, events, scope, tally
from mainstay.tickets.models import (
    Alarm,
    Attachment,
    Clock,
    Event,
    EventText,
    Message,
    Participant,
    Ticket,
    Timer,
)

BATCH = 1000
CUSTOMERS = 500
PLACES = [
    ("Australia/Sydney", "AU", "NSW"),
    ("Europe/Berlin", "DE", "BE"),
    ("America/New_York", "US", "NY"),
    ("Asia/Tokyo", "JP", ""),
    ("Europe/London", "GB", "ENG"),
    ("Asia/Singapore", "SG", ""),
]
MARK = "load-"
_ENTITLED: dict[int, dict[bool, Entitlement]] = {}  # of this process, by customer and whether hours are open


def main(argv: list[str]) -> int:
    """Load until there are N tickets of this kind; prints progress and how fast it went."""
    parser = argparse.ArgumentParser(prog="mainstay bench load", description=__doc__)
    parser.add_argument("--tickets", type=int, required=True, help="how many tickets the load shall have")
    parser.add_argument("--jobs", type=int, default=2, help="processes at work")
    parser.add_argument("--open", type=float, default=0.01, help="the share that is still open")
    chosen = parser.parse_args(argv)
    if chosen.tickets < 1 or not 1 <= chosen.jobs <= 16 or not 0 <= chosen.open <= 1:
        parser.error("--tickets is 1 or more, --jobs 1 to 16, --open 0 to 1")
    scope.whole_process()
    prepare(timezone.now())
    return _load(chosen.tickets, chosen.jobs, chosen.open)


def prepare(at: datetime, customers: int = CUSTOMERS) -> None:
    """The customers of the load with their people and contracts; safe to repeat."""
    if Customer.objects.filter(code__startswith="LOAD").count() >= customers:
        return
    packages = list(Package.objects.order_by("level__rank", "-version"))
    latest = list({package.code: package for package in reversed(packages)}.values())
    with transaction.atomic():
        for number in range(customers):
            _customer(number, latest, at)


def _customer(number: int, packages: list[Package], at: datetime) -> None:
    zone, country, part = PLACES[number % len(PLACES)]
    code = f"LOAD{number:04}"
    customer, made = Customer.objects.get_or_create(
        code=code,
        defaults={
            "name": f"{stories.COMPANIES[number % len(stories.COMPANIES)]} {number}",
            "time_zone": zone, "country": country, "subdivision": part,
        },
    )  # fmt: skip
    if not made:
        return
    domain = f"{code.lower()}.example"
    CustomerDomain.objects.create(customer=customer, domain=domain)
    Contact.objects.bulk_create(
        Contact(customer=customer, email=f"person{k}@{domain}", name=f"{name} of {customer.name}")
        for k, name in enumerate(stories.FIRST_NAMES[:3])
    )
    Contract.objects.create(
        customer=customer,
        number=f"{code}-1",
        package=packages[number % len(packages)],
        desk_policy=publish.current_desk_policy(),
        period=(date(at.year - 3, 1, 1), date(at.year + 3, 1, 1)),
        signed_on=date(at.year - 3, 1, 1),
    )


def _load(wanted: int, jobs: int, open_share: float = 0.01) -> int:
    batches = [(number, min(BATCH, wanted - number * BATCH)) for number in range(-(-wanted // BATCH))]
    there = set(
        Ticket.objects.filter(customer_reference__startswith=MARK)
        .values_list("customer_reference", flat=True)
        .distinct()
    )
    todo = [one for one in batches if f"{MARK}{one[0]}" not in there]
    now, begun, made = timezone.now(), time.monotonic(), 0
    connections.close_all()
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        for job in as_completed(
            [pool.submit(load_batch, number, size, now, open_share) for number, size in todo]
        ):
            made += job.result()
            _progress(made, sum(size for _, size in todo), begun)
    _settle()
    took = time.monotonic() - begun
    print(
        f"\n{made} tickets loaded in {took:.0f} s, {made / took if took else 0:.0f} a second; {wanted} in all"
    )
    return 0


def _progress(made: int, of: int, begun: float) -> None:
    took = time.monotonic() - begun
    left = took / made * (of - made)
    print(
        f"\r{made} of {of} tickets, {made / took:.0f} a second, {left:.0f} s left  ", end="", file=sys.stderr
    )


def _settle() -> None:
    """Statistics for the planner, as after any large load."""
    with connections["owner"].cursor() as cursor:
        for model in (Ticket, Message, Event, EventText, Clock, Participant):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
        cursor.execute("ANALYZE tickets_words")
    tally.fold()


def load_batch(number: int, size: int, now: datetime, open_share: float = 0.01) -> int:
    """Make and store one batch, in one transaction; returns how many tickets."""
    chance = random.Random(number)  # noqa: S311 - made-up tickets, no secret
    made = _Batch(number, size, now, chance, open_share)
    made.build()
    with transaction.atomic():
        made.store()
    return size


class _Batch:
    """Rows of one batch, made in memory with their ids, then copied in."""

    def __init__(
        self, number: int, size: int, now: datetime, chance: random.Random, open_share: float
    ) -> None:
        self.number, self.size, self.now, self.chance = number, size, now, chance
        self.open_share = open_share
        self.rows: dict[type[models.Model], list[models.Model]] = {
            model: []
            for model in (Ticket, Participant, Message, Event, EventText, Clock, Alarm, Timer, Attachment)
        }
        self.customers = list(Customer.objects.filter(code__startswith="LOAD").order_by("pk"))
        self.people: dict[int, list[Contact]] = {}
        for contact in Contact.objects.filter(customer__in=self.customers).order_by("pk"):
            self.people.setdefault(contact.customer_id, []).append(contact)
        self.staff = [user for user in User.objects.order_by("pk") if user.has_role("engineer")]
        self.ids: dict[type[models.Model], list[int]] = defaultdict(list)

    def build(self) -> None:
        for _ in range(self.size):
            self._ticket()

    def _id(self, model: type[models.Model]) -> int:
        if not self.ids[model]:
            self.ids[model] = bulk.reserve(model, self.size)
        return self.ids[model].pop()

    def _ticket(self) -> None:
        customer = self.chance.choice(self.customers)
        contact = self.chance.choice(self.people[customer.pk])
        story = stories.tell(self.chance, self.now, self.open_share)
        entitled = self._entitled(customer, story.opened_at)
        ticket = Ticket(
            id=self._id(Ticket),
            subject=story.subject,
            customer=customer,
            requester=contact,
            requester_address=contact.email,
            requester_name=contact.name,
            customer_reference=f"{MARK}{self.number}",
            channel=story.channel,
            opened_at=story.opened_at,
            state="open",
            state_since=story.opened_at,
            step="triage",
            severity=3,
            contract=entitled.contract,
            level=entitled.level,
            entitlement=entitled.kind,
            terms=entitled.terms,
            queue_at=story.opened_at,
            last_at=story.opened_at,
        )
        events.remember(ticket)
        log: list[clocks.Logged] = []
        owner = self.chance.choice(self.staff) if self.staff else None
        for beat in story.beats:
            self._beat(ticket, beat, contact, owner, log)
        self._clocks(ticket, log)
        self.rows[Ticket].append(ticket)
        self.rows[Participant].append(
            Participant(
                id=self._id(Participant), ticket=ticket, contact=contact, address=contact.email,
                name=contact.name, since=story.opened_at,
            )
        )  # fmt: skip

    def _entitled(self, customer: Customer, at: datetime) -> Entitlement:
        """A load's contracts hold all the time, so only hours at receipt tell entitlements apart."""
        known = _ENTITLED.setdefault(customer.pk, {})
        any_of_them = next(iter(known.values()), None) or entitlement_at(customer, at)
        is_open = terms.load(any_of_them.terms.pk).business.is_open(hours.instant(at))
        if is_open not in known:
            known[is_open] = entitlement_at(customer, at)
        return known[is_open]

    def _beat(
        self,
        ticket: Ticket,
        beat: stories.Beat,
        contact: Contact,
        owner: User | None,
        log: list[clocks.Logged],
    ) -> None:
        by = self._actor(beat, contact, owner)
        detail: dict[str, Any] = {}
        if beat.words:
            message = Message(
                id=self._id(Message), ticket=ticket, at=beat.at, kind=beat.side,
                channel="email" if beat.side == "in" else "desk", author_name=by.name, text=beat.words,
                author_user_id=by.id if by.kind == "staff" else None,
                author_contact_id=by.id if by.kind == "contact" else None,
            )  # fmt: skip
            self.rows[Message].append(message)
            detail["message"] = message.pk
        for name, value in beat.changes.items():
            setattr(ticket, name, owner if name == "assignee" else value)
        more = dict(beat.more)
        if beat.kind == "received":
            more |= {"channel": ticket.channel, "severity": 3, "terms": ticket.terms_id}
        event, text = events.build(ticket, beat.kind, by=by, at=beat.at, more=more, detail=detail)
        event.id = self._id(Event)
        text.event_id = event.id
        event.recorded_at = beat.at
        events.follow(ticket, event)
        self.rows[Event].append(event)
        self.rows[EventText].append(text)
        if event.kind in clocks.NAMES:
            log.append(clocks.Logged(event.kind, event.at, event.before, event.after, event.seq))

    def _actor(self, beat: stories.Beat, contact: Contact, owner: User | None) -> Actor:
        if beat.by == "contact":
            return Actor.contact(contact.pk, contact.name)
        return Actor.staff(owner) if beat.by == "staff" and owner else Actor.system()

    def _clocks(self, ticket: Ticket, log: list[clocks.Logged]) -> None:
        fresh = clocks.rows(ticket, clocks.explained(log, ticket.last_at), ticket.last_at)
        for row in fresh:
            row.id = self._id(Clock)
            rung = self._rung(ticket, row)
            row.next_alarm_at, row.next_alarm = clocks.next_alarm(row, rung)
        self.rows[Clock].extend(fresh)
        ticket.__dict__["_clocks"] = fresh
        ticket.level_rank = ticket.level.rank if ticket.level else 0
        clocks.set_order(ticket)

    def _rung(self, ticket: Ticket, row: Clock) -> set[tuple[str, int, str, datetime]]:
        """What lies in the past of a load was noticed then, so the watch is not flooded now."""
        rung: set[tuple[str, int, str, datetime]] = set()
        if row.state != "running" or row.due_at is None:
            return rung
        for kind, due in (("warn", row.warn_at), ("breach", row.due_at)):
            if due is not None and due < self.now:
                rung.add((row.clock, row.n, kind, row.due_at))
                self.rows[Alarm].append(
                    Alarm(
                        id=self._id(Alarm), ticket=ticket, clock=row.clock, n=row.n, kind=kind,
                        due_at=row.due_at, noticed_at=due,
                    )
                )  # fmt: skip
        return rung

    def store(self) -> None:
        for model, rows in self.rows.items():
            if rows:
                bulk.insert(model, rows)


def spread(now: datetime, days: float, chance: random.Random) -> datetime:
    """An instant in the last `days`, whole seconds."""
    return (now - timedelta(seconds=int(chance.random() * days * 86400))).replace(microsecond=0)
