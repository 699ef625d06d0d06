"""What stands beside a ticket for the person who looks at it, read in the statement that reads the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, QuerySet, When
from django.db.models.functions import Coalesce, JSONObject

from mainstay.accounts.models import User
from mainstay.maintenance.models import Task
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import access, snoozes
from mainstay.tickets.models import Appointment, Attendee, Ticket, Watcher
from mainstay.ui import words

MOST_TASKS = 40
MOST_APPOINTMENTS = 12


@dataclass(frozen=True)
class PutOff:
    """The reader's own snooze: until when (None: until the customer answers) and what for."""

    until: datetime | None
    note: str


@dataclass(frozen=True)
class Meeting:
    """An appointment of the ticket; `theirs`: its start by the customer's clock, where that shows another time."""

    pk: int
    kind: str
    about: str
    place: str
    starts_at: datetime
    ends_at: datetime
    people: tuple[str, ...]
    wish: str
    wish_by: str
    stands: bool  # agreed, and not over
    cancelled: bool
    theirs: str


@dataclass(frozen=True)
class Todo:
    """A task of the ticket, as its page shows it."""

    pk: int
    title: str
    hands: str
    due_on: date
    due_at: datetime | None
    state: str
    ended_at: datetime | None
    ended_by: str

    def late(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether it is open and its time is up for who reads it in `zone`."""
        passed = self.due_at < at if self.due_at else self.due_on < at.astimezone(zone).date()
        return self.state == Task.State.OPEN and passed


def ticket(user: User, number: int) -> Ticket:
    """One ticket with all that stands beside it; Http404 where it is not to be seen."""
    return access.seen(user, _WITH_ALL, number)


def _with_all() -> QuerySet[Ticket]:
    here = OuterRef("pk")
    snooze = snoozes.of(Arg("user")).filter(ticket=here).values(json=JSONObject(until="until", note="note"))
    watchers = Watcher.objects.filter(ticket=here).order_by("pk")
    names = watchers.values(json=JSONObject(id="user_id", name="user__name"))
    return access.staff_rows().annotate(
        beside_snooze=ArraySubquery(snooze),
        beside_watchers=ArraySubquery(names),
        beside_tasks=ArraySubquery(_tasks(here)),
        beside_appointments=ArraySubquery(_appointments(here)),
    )


_WITH_ALL = Prepared(_with_all)


def _tasks(here: OuterRef) -> QuerySet[Task, Any]:
    """Open ones by their day, then those that ended last."""
    ended = Case(When(state=Task.State.OPEN, then=0), default=1)
    found = Task.objects.filter(ticket=here).order_by(ended, F("ended_at").desc(), "due_on", "pk")
    return found.values(
        json=JSONObject(
            id="pk",
            title="title",
            hands=Coalesce("owner__name", "team__name"),
            due_on="due_on",
            due_at="due_at",
            state="state",
            ended_at="ended_at",
            ended_by="ended_by__name",
        )
    )[:MOST_TASKS]


def _appointments(here: OuterRef) -> QuerySet[Appointment, Any]:
    """The last ones by their time, each with who takes part."""
    people = Attendee.objects.filter(appointment=OuterRef("pk")).order_by("pk")
    names = ArraySubquery(people.values(name=Coalesce("user__name", "contact__name")))
    found = Appointment.objects.filter(ticket=here).order_by("-starts_at", "-pk")
    said = JSONObject(
        id="pk", kind="kind", state="state", about="about", place="place", starts_at="starts_at",
        ends_at="ends_at", wish="wish", wish_by="wish_by", people=names,
    )  # fmt: skip
    return found.values(json=said)[:MOST_APPOINTMENTS]


def snooze(ticket: Ticket) -> PutOff | None:
    """The reader's own; None where they have not put it off."""
    for row in ticket.__dict__["beside_snooze"]:
        return PutOff(_instant(row["until"]), row["note"])
    return None


def watchers(ticket: Ticket) -> list[tuple[int, str]]:
    """Those who watch it: number and name."""
    return [(row["id"], row["name"]) for row in ticket.__dict__["beside_watchers"]]


def tasks(ticket: Ticket) -> list[Todo]:
    """What is to be done for it, and what was: open ones first."""
    return [
        Todo(
            row["id"], row["title"], row["hands"] or "", date.fromisoformat(row["due_on"]), _instant(row["due_at"]),
            row["state"], _instant(row["ended_at"]), row["ended_by"] or "",
        )
        for row in ticket.__dict__["beside_tasks"]
    ]  # fmt: skip


def open_tasks(ticket: Ticket) -> list[Todo]:
    """Those that are still to be done."""
    return [one for one in tasks(ticket) if one.state == Task.State.OPEN]


def appointments(ticket: Ticket, at: datetime, zone: ZoneInfo) -> list[Meeting]:
    """What is agreed with the customer, the next first, then what is over or was cancelled."""
    found = [_meeting(row, ticket, at, zone) for row in ticket.__dict__["beside_appointments"]]
    standing = [one for one in found if one.stands]
    return [*standing[::-1], *(one for one in found if not one.stands)]


def _meeting(row: dict[str, Any], ticket: Ticket, at: datetime, zone: ZoneInfo) -> Meeting:
    start, end = datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])
    cancelled = row["state"] == Appointment.State.CANCELLED
    return Meeting(
        row["id"], str(Appointment.Kind(row["kind"]).label), row["about"], row["place"], start, end,
        tuple(row["people"]), row["wish"], row["wish_by"], end > at and not cancelled, cancelled,
        theirs(ticket, start, at, zone),
    )  # fmt: skip


def theirs(ticket: Ticket, start: datetime, at: datetime, zone: ZoneInfo) -> str:
    """An instant by the customer's clock; empty where it shows the same as the reader's."""
    name = ticket.customer.time_zone if ticket.customer else ""
    other = ZoneInfo(name) if name else zone
    if start.astimezone(other).utcoffset() == start.astimezone(zone).utcoffset():
        return ""
    return f"{words.when(start, at, other)} {other.key}"


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
