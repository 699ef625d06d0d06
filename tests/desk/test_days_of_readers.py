"""A day is over when it is over where one reads of it: never a day early in Los Angeles, nor a day late in Sydney."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import negotiation, printed, signing
from mainstay.contracts.models import Draft
from mainstay.maintenance import tasks
from mainstay.tickets.models import Ticket

As = Callable[..., Any]
DUE = date(2026, 3, 4)
WHEN = [
    ("America/Los_Angeles", datetime(2026, 3, 5, 2, 0, tzinfo=UTC), False),  # the evening of the fourth
    ("America/Los_Angeles", datetime(2026, 3, 5, 9, 0, tzinfo=UTC), True),
    ("Australia/Sydney", datetime(2026, 3, 4, 12, 0, tzinfo=UTC), False),  # an hour before midnight
    ("Australia/Sydney", datetime(2026, 3, 4, 14, 0, tzinfo=UTC), True),
    ("Pacific/Kiritimati", datetime(2026, 3, 4, 11, 0, tzinfo=UTC), True),  # fourteen hours ahead
    ("Pacific/Pago_Pago", datetime(2026, 3, 5, 10, 0, tzinfo=UTC), False),  # eleven hours behind
]


@pytest.fixture
def reads(cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, datetime], Any]:
    """Mara in a zone, at an instant."""

    def client(zone: str, at: datetime) -> Any:
        cast.mara.time_zone = zone
        cast.mara.save()
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        return as_(cast.mara)

    return client


@pytest.mark.parametrize(("zone", "at", "late"), WHEN)
def test_a_task_is_late_when_its_day_is_over_for_who_reads_it(
    cast: Cast, asks: Callable[..., Ticket], reads: Any, zone: str, at: datetime, late: bool
) -> None:
    ticket = asks()
    work = tasks.Work(title="Renew the certificate", owner=cast.mara, due_on=DUE)
    task = tasks.open_task(work, kind="other", ticket=ticket, by=acting(cast.mara), at=NOW)
    client, tag = reads(zone, at), '<span class="tag hot">late</span>'
    for address in ("/desk/tasks", f"/desk/tasks/{task.pk}"):
        assert (tag in client.get(address).content.decode()) is late, address
    ticket_page = client.get(f"/desk/tickets/{ticket.pk}")
    assert [one for _task, one in ticket_page.context["tasks"]] == [late]
    parts = client.get("/desk/now").context["needs"].parts
    assert [line.hot for part in parts if part.code == "tasks" for line in part.lines] == [late]


@pytest.mark.parametrize(("zone", "day"), [("Australia/Sydney", 5), ("America/Los_Angeles", 4)])
def test_what_is_agreed_has_the_day_of_the_customer(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, zone: str, day: int
) -> None:
    at = datetime(2026, 3, 4 if zone == "Australia/Sydney" else 5, 14 if day == 5 else 2, 0, tzinfo=UTC)
    cast.quill.time_zone = zone
    cast.quill.save()
    made = signing.sign_contract(
        customer=cast.quill,
        number="FS-9",
        package=publish.current(Package, "high"),
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        by=acting(cast.lena),
        at=at,
    )
    assert made.signed_on == date(2026, 3, day)
    draft = negotiation.start_from(made, Draft.Kind.AMENDMENT, owner=cast.lena, by=acting(cast.lena), at=at)
    assert draft.first_day == date(2026, 3, day + 1), "from tomorrow on"
    papers: list[Any] = []
    monkeypatch.setattr(printed, "_set", lambda head, *_more: papers.append(head) or b"")
    printed.offer(draft, at=at)
    assert f"made on {day} March 2026" in papers[0]["under"]
