"""What holds for a customer, as its organisation's page says it: telephone and its hours, TAM, KPIs, papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mainstay.accounts import standing_in
from mainstay.accounts.models import User
from mainstay.allowances.agreements import today
from mainstay.contracts import channels, wording
from mainstay.contracts.channels import Channel
from mainstay.contracts.entitlement import Entitlement, signed
from mainstay.contracts.models import Paper
from mainstay.contracts.negotiation import carried
from mainstay.contracts.sold import Sold
from mainstay.customers.models import Contact, Customer
from mainstay.prepared import Arg, Prepared
from mainstay.reports import figures, measures, words, working
from mainstay.reports.kpis import periods
from mainstay.reports.measures import Measure
from mainstay.reports.models import Figure
from mainstay.staffing.coming import away_until

MOST = 20
LATEST = 200  # frozen figures that are looked through for the last of each


@dataclass(frozen=True)
class Phone:
    """The number of the contract, whether somebody is there now, and its hours of the week; empty: none is agreed."""

    number: str = ""
    now: str = ""
    hours: str = ""


@dataclass(frozen=True)
class Manager:
    """The Technical Account Manager; `away` says until when, in words; `stand_in` who is there meanwhile, if named."""

    person: User
    away: str = ""
    stand_in: User | None = None


def phone(entitled: Entitlement, customer: Customer, now: datetime) -> Phone:
    """The telephone of the contract in force; only where it names a number (I4)."""
    contract = entitled.contract
    if contract is None or not contract.phone_number:
        return Phone()
    stands = next((one for one in entitled.channels if one.name == channels.PHONE), None)
    says = Sold(contract.package, contract.desk_policy).with_difference(carried(contract))
    hours = wording.channel_hours(says, channels.PHONE, customer.time_zone or "UTC")
    return Phone(contract.phone_number, stands_now(stands, now) if stands else "", hours)


def stands_now(channel: Channel, now: datetime) -> str:
    """ "open for you until 17:00", "closed; opens tomorrow at 09:00"."""
    if channel.until is None:
        return _("open for you at any hour")
    zone = ZoneInfo(channel.zone)
    local = channel.until.astimezone(zone)
    said = {"time": f"{local:%H:%M}", "day": date_format(local, "l")}
    ahead = (local.date() - now.astimezone(zone).date()).days
    if channel.open:
        words = _("open for you until %(time)s") if ahead == 0 else _("open for you until %(day)s %(time)s")
    elif ahead == 0:
        words = _("closed; opens at %(time)s")
    else:
        words = (
            _("closed; opens tomorrow at %(time)s") if ahead == 1 else _("closed; opens %(day)s at %(time)s")
        )
    return words % said


def tam(customer: Customer, entitled: Entitlement, now: datetime) -> Manager | None:
    """Who looks after the customer; while they are away, until when, and who stands in."""
    person = customer.tam or (entitled.contract.tam if entitled.contract else None)
    if person is None:
        return None
    there = _INSTEAD.first(person=person.pk, now=now)
    until = there.ends_at if there else away_until(person, now)
    if until is None:
        return Manager(person)
    return Manager(person, _day_and_time(until, customer), there.stand_in if there else None)


_INSTEAD = Prepared(
    lambda: standing_in.at_work(Arg.instant("now")).filter(person=Arg("person")).order_by("pk")[:1]
)


def _day_and_time(at: datetime, customer: Customer) -> str:
    """ "Tuesday, 5 May 2026, 17:00", where the customer is."""
    local = at.astimezone(ZoneInfo(customer.time_zone or "UTC"))
    return f"{date_format(local, 'l')}, {date_format(local, 'DATE_FORMAT')}, {local:%H:%M}"


@dataclass(frozen=True)
class InTheirPlace:
    """Who looks after a customer while its TAM is away, and until when in words."""

    name: str
    email: str
    until: str


def stand_in(contact: Contact) -> InTheirPlace | None:
    """Who stands in now for the TAM of the customer, as the door of the page has read it; None: nobody has to."""
    said: dict[str, str] | None = contact.__dict__.get("tam_stand_in")
    if not said:
        return None
    until = _day_and_time(datetime.fromisoformat(said["until"]), contact.customer)
    return InTheirPlace(said["name"], said["email"], until)


@dataclass(frozen=True)
class Kpi:
    """A KPI as it was agreed, and how it stood at the end of the last period that is frozen; empty: of none yet."""

    name: str
    owed: str
    period: str = ""
    value: str = ""
    state: str = ""
    words: str = ""


def kpis(customer: Customer, now: datetime) -> list[Kpi]:
    """What was agreed for all requests and systems together (P6); what it stands at now is on its own page."""
    day = today(customer, now)
    last: dict[tuple[str, int, str], Figure] = {}
    for row in _FROZEN.all(customer=customer.pk):
        last.setdefault((row.contract.number, row.contract.part, row.code), row)
    return [
        _kpi(one, last.get((one.contract.number, one.contract.part, one.definition.code)))
        for one in measures.of_customer(customer, day, day + timedelta(days=1))
        if one.definition.clock not in figures.OWN
    ]


_FROZEN = Prepared(
    lambda: (
        Figure.objects.filter(customer=Arg("customer"))
        .select_related("contract")
        .defer("text")
        .order_by("-first", "-version")[:LATEST]
    )
)


def _kpi(one: Measure, row: Figure | None) -> Kpi:
    named, owed = words.name(one.definition), words.owed(one.definition)
    if row is None:
        return Kpi(named, owed)
    period = periods.containing(row.first, one.definition.per, one.definition.year_starts)
    value = working.said(row.value) if row.value else _("no data")
    return Kpi(
        named, owed, words.period(period, row.first, row.end), value, row.state, words.state(row.state)
    )


def for_managers(customer: Customer, now: datetime) -> dict[str, Any]:
    """What only those see who manage the people: the KPIs, the contracts in force, their papers."""
    day = today(customer, now)
    contracts = [one for one in signed(customer) if day in one.period][:MOST]
    numbers = sorted({one.number for one in contracts})
    return {
        "kpis": kpis(customer, now),
        "contracts": contracts,
        "papers": _PAPERS.all(customer=customer.pk, numbers=numbers) if numbers else [],
    }


_PAPERS = Prepared(
    lambda: Paper.objects.filter(
        customer=Arg("customer"), contract__number__any=Arg.text("numbers")
    ).order_by("-pk")[:MOST]
)
