"""What a customer's person sees of tickets, in statements that are composed once: the lists, and one request.

Who may see what is said by `access.visible_to_contact` alone; here its queryset is kept for each of the three ways
in which somebody sees the tickets of a customer: all of them, those of their team, or their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import QuerySet
from django.http import Http404

from mainstay.customers.models import Contact
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import access
from mainstay.tickets.access import Seer
from mainstay.tickets.listed import ListedClock
from mainstay.tickets.models import Clock, State, Ticket

MOST = 50  # lines of a list
Row = TypeVar("Row")


class Seen(Generic[Row]):
    """What `compose` makes of the tickets that somebody may see; its `Arg`s are given when it is asked."""

    def __init__(self, compose: Callable[[QuerySet[Ticket]], QuerySet[Any, Row]]) -> None:
        self.compose = compose
        self._kept = lru_cache(maxsize=3)(self._prepared)

    def all(self, contacts: Iterable[Contact], **values: Any) -> list[Row]:
        """The rows for this person: who they are at each of their customers."""
        seers = [Seer.of(contact) for contact in contacts]
        if len(seers) != 1:  # few belong to several customers: theirs is composed each time
            return Prepared(lambda: self.compose(access.seen_by(seers))).all(**values)
        one = seers[0]
        kept = self._kept(one.whole, bool(one.team))
        return kept.all(contact=one.contact, customer=one.customer, team=one.team, **values)

    def first(self, contacts: Iterable[Contact], **values: Any) -> Row | None:
        """The first of them, if there is one."""
        return next(iter(self.all(contacts, **values)), None)

    def _prepared(self, whole: bool, team: bool) -> Prepared[Row]:
        somebody = Seer(Arg("contact"), Arg("customer"), whole, Arg.text("team") if team else "")
        return Prepared(lambda: self.compose(access.seen_by([somebody])))


class Line(NamedTuple):
    """What a line of a list says of a ticket to its customer."""

    pk: int
    subject: str
    state: str
    severity: int
    opened_at: datetime
    terms_id: str | None
    waiting_for: str
    close_reason: str
    estimate: datetime | None
    assignee: str | None


COLUMNS = (*Line._fields[:9], "assignee__name")


def line(ticket: Ticket) -> Line:
    """The same of a ticket that is there with its assignee."""
    own = {name: getattr(ticket, name) for name in COLUMNS[:9]}
    return Line(**own, assignee=ticket.assignee.name if ticket.assignee else None)


def pressing(contacts: Sequence[Contact]) -> list[Line]:
    """The first `MOST` open tickets in the order of the queue: what breaks its promise first."""
    return [Line(*row) for row in _PRESSING.all(contacts)]


def newest(contacts: Sequence[Contact], *, closed: bool, before: int | None = None) -> list[Line]:
    """Open or closed tickets, the newest first, `MOST` of them and the one that follows; those behind the ticket
    `before`, where the page before ended."""
    if before is None:
        return [Line(*row) for row in (_CLOSED if closed else _OPEN).all(contacts)]
    found = access.before(_newest(access.visible_to_contact(contacts), closed), before)
    return [Line(*row) for row in found.values_list(*COLUMNS)[: MOST + 1]]


def _newest(found: QuerySet[Ticket], closed: bool) -> QuerySet[Ticket]:
    found = found.filter(state=State.CLOSED) if closed else found.exclude(state=State.CLOSED)
    return found.order_by("-opened_at", "-pk")


def running(tickets: Sequence[int]) -> dict[int, list[ListedClock]]:
    """The clocks of these tickets that run or stand still, by ticket; never those of our own."""
    found: dict[int, list[ListedClock]] = {number: [] for number in tickets}
    for row in _RUNNING.all(tickets=tickets) if tickets else ():
        found[row[0]].append(ListedClock(*row))
    return found


def clocks(ticket: Ticket) -> list[ListedClock]:
    """All clocks of a ticket, also those that have stopped, but for those of our own."""
    return [ListedClock(*row) for row in CLOCKS.all(ticket=ticket.pk)]


def one(contacts: Sequence[Contact], number: int) -> Ticket:
    """One ticket, with what its page shows; Http404 for what this person may not see."""
    ticket = _ONE.first(contacts, number=number)
    if ticket is None:
        raise Http404
    return ticket


def among(contacts: Sequence[Contact], numbers: Iterable[int]) -> set[int]:
    """Of these tickets those that this person may see."""
    return set(_AMONG.all(contacts, numbers=list(numbers)))


_AMONG = Seen[int](lambda found: found.filter(pk__any=Arg("numbers")).values_list("pk", flat=True))
_PRESSING = Seen[Any](
    lambda found: found.exclude(state=State.CLOSED).order_by("queue_at", "pk").values_list(*COLUMNS)[:MOST]
)
_OPEN, _CLOSED = (
    Seen[Any](lambda found, closed=closed: _newest(found, closed).values_list(*COLUMNS)[: MOST + 1])  # type: ignore[misc]
    for closed in (False, True)
)
_RUNNING, CLOCKS = (
    Prepared[Any](
        lambda which=which: (  # type: ignore[misc]
            Clock.objects.filter(**which)
            .exclude(kind="internal")
            .order_by("position")
            .values_list(*ListedClock._fields)
        )
    )
    for which in (
        {"ticket__pk__any": Arg("tickets"), "state__in": ("running", "paused")},
        {"ticket": Arg("ticket")},
    )
)
_ONE = Seen(
    lambda found: found.filter(pk=Arg("number")).select_related(
        "customer__tam", "requester", "assignee", "level"
    )
)
