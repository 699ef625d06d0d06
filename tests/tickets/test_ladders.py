"""Escalation ladders: each rung is reached once, told to whom it names, and moves with the clock it hangs on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from cast import NOW, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import sign_contract
from mainstay.tickets import agreement, closure, ladder, resolution, rollout, scope, triage, verify, watch
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, LadderRung, Ticket

At = Callable[..., datetime]
HALF = {"severity": 1, "clock": "resolution", "after": "50%", "to": "support_manager"}


def sold(cast: Any, code: str, *rungs: dict[str, Any], resolution: str = "8h") -> Package:
    """A package with a ladder, whose resolutions are promised round the clock."""
    base = publish.current(Package, "high")
    targets = [
        {"clock": clock, "severity": "*", "target": target, "calendar": "always", "kind": "promise"}
        for clock, target in (("first_response", "1h"), ("resolution", resolution))
    ]
    document = {**base.level.document, "targets": targets, "escalations": list(rungs)}
    said: Any = {"by": acting(cast.ruth), "at": NOW, "reason": "For this test"}
    made = publish.publish_level(code=code, name=code.title(), rank=3, document=document, **said)
    return publish.publish_package(code=code, name=code.title(), level=made, document=base.document, **said)


def signed(cast: Any, package: Package) -> Contract:
    return sign_contract(
        customer=cast.quill, number="T-1", package=package, first_day=NOW.date().replace(month=1, day=1),
        last_day=NOW.date().replace(month=12, day=31), by=acting(cast.lena), at=NOW,
    )  # fmt: skip


@pytest.fixture
def grave(cast: Any, opened: Callable[..., Ticket]) -> Callable[..., Ticket]:
    """A ticket of Jonah's at severity 1, under a ladder of these rungs."""

    def raise_(*rungs: dict[str, Any]) -> Ticket:
        signed(cast, sold(cast, "laddered", *(rungs or (HALF,))))
        ticket = opened(cast.jonah, when=NOW)
        triage.triage(
            ticket, severity=1, category="technical", reason="All is down", by=acting(cast.ifeoma), at=NOW
        )
        return ticket

    return raise_


def look(at: datetime) -> None:
    while watch.look(at):
        pass


def told(ticket: Ticket) -> list[dict[str, Any]]:
    return [
        one.after for one in Event.objects.filter(ticket=ticket, kind="escalated_by_ladder").order_by("seq")
    ]


def due(ticket: Ticket) -> list[datetime]:
    return [one.due_at for one in ladder.of(ticket) if one.told_at is None]


def clean(ticket: Ticket) -> bool:
    return list(verify.differences(Ticket.objects.get(pk=ticket.pk))) == []


@pytest.mark.django_db
def test_a_share_of_a_clock_tells_once_and_not_a_second_sooner(grave: Any, at: At) -> None:
    ticket = grave()
    assert due(ticket) == [at(hours=4)]
    look(at(hours=4, seconds=-1))
    assert told(ticket) == []
    look(at(hours=4))
    look(at(hours=5))
    (one,) = told(ticket)
    assert (one["to"], one["after"], one["clock"], one["at_severity"]) == (
        ["support_manager"], "50%", "resolution", 1,
    )  # fmt: skip
    assert (due(ticket), clean(ticket)) == ([], True)


@pytest.mark.django_db
def test_a_rung_of_another_severity_waits_until_the_ticket_has_it(grave: Any, cast: Any, at: At) -> None:
    ticket = grave({**HALF, "severity": 2})
    assert due(ticket) == []
    triage.change_severity(ticket, severity=2, reason="Milder", by=acting(cast.mara), at=at(hours=1))
    assert due(ticket) == [at(hours=4)]


@pytest.mark.django_db
def test_a_rung_without_a_clock_counts_from_when_its_severity_was_reached(
    grave: Any, cast: Any, at: At
) -> None:
    ticket = grave({"severity": 2, "after": "2h", "to": "tam"}, {"after": "30m", "to": "team_lead"})
    assert due(ticket) == [at(minutes=30)]
    triage.change_severity(ticket, severity=2, reason="Milder", by=acting(cast.mara), at=at(hours=1))
    assert due(ticket) == [at(minutes=30), at(hours=3)]


@pytest.mark.django_db
def test_waiting_for_the_customer_moves_what_is_not_reached(grave: Any, cast: Any, at: At) -> None:
    ticket = grave(HALF, {"severity": 1, "after": "2h", "to": "tam"})
    resolution.reply(
        ticket, said=Said("Which badge?", "desk"), wait=True, by=acting(cast.mara), at=at(hours=1)
    )
    assert due(ticket) == []
    look(at(hours=9))
    resolution.customer_replied(ticket, said=Said("All", "email"), by=acting(cast.jonah), at=at(hours=10))
    assert (told(ticket), due(ticket)) == ([], [at(hours=11), at(hours=13)])


@pytest.mark.django_db
def test_a_solution_or_an_end_stops_the_ladder(grave: Any, cast: Any, at: At) -> None:
    ticket = grave(HALF, {"severity": 1, "after": "2h", "to": "tam"})
    resolution.propose_solution(ticket, text="Turn it on", by=acting(cast.mara), at=at(hours=1))
    assert due(ticket) == []
    resolution.customer_replied(ticket, said=Said("No", "email"), by=acting(cast.jonah), at=at(hours=2))
    assert due(ticket) == [at(hours=3), at(hours=5)]
    closure.close(ticket, reason="resolved", text="It is on now", by=acting(cast.mara), at=at(hours=3))
    look(at(days=3))
    assert (told(ticket), due(ticket)) == ([], [])


@pytest.mark.django_db
def test_14_what_a_rung_told_is_not_told_again_by_a_policy_that_moves_it(
    grave: Any, cast: Any, opened: Callable[..., Ticket], at: At
) -> None:
    """Half of eight hours has been told; half of six has passed too. Another ticket is not there yet."""
    ticket = grave()
    young = opened(cast.jonah, when=at(hours=3, minutes=30))
    triage.triage(
        young, severity=1, category="technical", reason="The same", by=acting(cast.ifeoma),
        at=at(hours=3, minutes=30),
    )  # fmt: skip
    look(at(hours=5))
    assert (len(told(ticket)), len(told(young))) == (1, 0)
    change(cast, sold(cast, "sooner", {**HALF, "after": "25%"}), at(hours=5))
    look(at(hours=5, minutes=1))
    assert len(told(ticket)) == 1
    assert clean(ticket)
    look(at(hours=20))
    assert len(told(young)) == 1


@pytest.mark.django_db
def test_a_policy_without_the_ladder_takes_it_away_and_one_with_it_brings_it(
    grave: Any, cast: Any, at: At
) -> None:
    ticket = grave()
    change(cast, sold(cast, "plain"), at(hours=1))
    assert due(ticket) == []
    change(cast, sold(cast, "again", HALF), at(hours=1, minutes=5))
    assert len(due(ticket)) == 1


def change(cast: Any, package: Package, when: datetime) -> None:
    """The next version of the contract has that package, brought to its open tickets in the background."""
    held = Contract.objects.filter(number="T-1").latest("version")
    year = NOW.year + held.version
    fresh = Contract.objects.create(
        customer=cast.quill, number="T-1", version=held.version + 1, how="amended", supersedes=held, package=package,
        desk_policy=held.desk_policy, period=DateRange(date(year, 1, 1), date(year + 1, 1, 1)), signed_on=NOW.date(),
    )  # fmt: skip
    agreement.schedule(scope=fresh, why="Another ladder", by=acting(cast.lena), at=when)
    while rollout.work(when):
        pass


def test_31_three_watches_at_once_tell_each_rung_once(live_db: Any, grave: Any, at: At) -> None:
    ticket = grave(
        HALF, {"severity": 1, "after": "2h", "to": "tam"}, {"severity": 1, "after": "3h", "to": "tam"}
    )

    def watching(_: int) -> None:
        scope.whole_process()
        try:
            look(at(hours=6))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as three:
        list(three.map(watching, range(3)))
    assert sorted(one["after"] for one in told(ticket)) == ["2h", "3h", "50%"]
    assert not LadderRung.objects.filter(told_at=None).exists()
