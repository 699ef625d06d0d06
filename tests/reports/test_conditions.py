"""What a KPI row may ask of requests and of the agreement: each is measured, on the page and by command (P6)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

import cast as people
from mainstay.accounts.actor import Actor
from mainstay.catalogue import loading, publish
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import Beside, Version, sign_contract, written
from mainstay.customers.register import change_customer
from mainstay.reports import cli as command
from mainstay.reports import figures, measures
from mainstay.tickets import resolution
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

from .conftest import MONDAY

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = datetime(2026, 5, 4, 12, tzinfo=UTC)
POLICY = """
format = 2
name = "Rows with conditions"
severities = [{ name = "Grave" }, { name = "Mild" }]
regions = { americas = ["US", "BR"], emea = ["DE", "GB"] }
flags = { reachable = "somebody is there at night", outage = "reported as an outage" }
addons.night = { name = "Night desk" }
lifecycle = [
    { code = "full", name = "Full support", lasts = "36mo" },
    { code = "ended", name = "Ended", targets = "none" },
]

[levels.one]
promises.first_response = "4h"
[packages.gold]
level = "one"
[packages.silver]
level = "one"
"""
ASKED: dict[str, dict[str, Any]] = {
    "americas": {"region": "americas"},
    "emea": {"region": ["emea"]},
    "night": {"addon": "night"},
    "gold": {"package": "gold"},
    "level": {"level": ["one", "two"]},
    "lately": {"bought_since": "2026-01-01"},
    "early": {"bought_before": "2026-01-01"},
    "inside": {"received": "inside_hours"},
    "outside": {"received": "outside_hours"},
    "both": {"flag": "outage+reachable"},
    "some": {"flag": ["outage", "reachable"]},
}
KPIS = [
    {"code": code, "kpi": "responses_in_time", "strength": "objective", "per": "month", "percent": "95", "when": when}
    for code, when in ASKED.items()
]  # fmt: skip


@pytest.fixture
def sold(cast: Any, tmp_path: Any) -> Callable[..., Contract]:
    """Sign a contract for Quill & Sons with these rows."""
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    assert loading.main([str(file)]) == 0

    def sell(
        package: str = "gold", first: date = date(2026, 1, 1), last: date | None = None, **more: Any
    ) -> Contract:
        return sign_contract(
            customer=cast.quill, number="QU-1", package=publish.current(Package, package), first_day=first,
            last_day=last, by=Actor.system(), at=people.NOW - timedelta(days=80), signed_on=more.pop("bought", first),
            beside=Beside(overrides={"kpis": KPIS, **more}),
        )  # fmt: skip

    return sell


def ask(cast: Any, at: datetime, answered: float, flags: tuple[str, ...] = ()) -> Ticket:
    """A request of Jonah's at an instant, answered so many minutes later."""
    who = cast.jonah
    request = Request(
        subject="Badges refused", said=Said("They fail.", "portal"), customer=who.customer, contact=who,
        address=who.email, name=who.name, severity=2, flags=flags,
    )  # fmt: skip
    ticket = open_ticket(request, by=people.acting(who), at=at)
    later = at + timedelta(minutes=answered)
    resolution.reply(ticket, said=Said("We look.", "desk"), by=people.acting(cast.mara), at=later)
    return ticket


def counted(cast: Any) -> dict[str, tuple[int, int]]:
    """Kept and missed in March by the name of the row; rows that do not hold are not there."""
    found = measures.of_customer(cast.quill, MARCH, APRIL)
    made = {one.definition.code: figures.of(one, known_at=LATER).inputs for one in found}
    return {code: (inputs["kept"], inputs["missed"]) for code, inputs in made.items()}


def test_rows_hold_for_the_region_the_add_ons_the_package_and_the_day_of_buying(cast: Any, sold: Any) -> None:
    sold(addons=["night"])
    ask(cast, MONDAY, 30)
    found = counted(cast)
    assert {"emea", "early"} & set(found) == set()
    assert {code: found[code] for code in ("americas", "night", "gold", "level", "lately")} == dict.fromkeys(
        ("americas", "night", "gold", "level", "lately"), (1, 0)
    )


def test_rows_that_do_not_hold_are_not_agreed(cast: Any, sold: Any) -> None:
    sold("silver", bought=date(2025, 12, 3))
    ask(cast, MONDAY, 30)
    assert {"night", "gold", "lately", "emea"} & set(counted(cast)) == set()
    assert counted(cast)["early"] == (1, 0)


def test_a_customer_that_moves_takes_the_closed_months_not_with_it(cast: Any, sold: Any) -> None:
    sold()
    ask(cast, MONDAY, 30)
    change_customer(
        cast.quill, name=cast.quill.name, time_zone="Europe/Berlin", country="DE", subdivision="", tam=None,
        shares_tickets=False, by=people.acting(cast.ruth), at=datetime(2026, 4, 20, 12, tzinfo=UTC),
    )  # fmt: skip
    cast.quill.refresh_from_db()
    assert counted(cast)["americas"] == (1, 0)
    assert "emea" not in counted(cast)
    codes = {
        one.definition.code for one in measures.of_customer(cast.quill, date(2026, 5, 1), date(2026, 6, 1))
    }
    assert "emea" in codes
    assert "americas" not in codes


def test_requests_from_before_an_add_on_was_bought_do_not_count_in_its_figure(cast: Any, sold: Any) -> None:
    """Amended on the 16th: the figure is of the days from then on and of requests under the version that has it."""
    first = sold(last=date(2026, 3, 15))
    ask(cast, MONDAY, 30)
    late = ask(cast, datetime(2026, 3, 13, 20, tzinfo=UTC), 7 * 24 * 60)
    second = written(
        Version(
            cast.quill, "QU-1", first.package, date(2026, 3, 16), None, None, date(2026, 3, 10),
            Beside(overrides={"kpis": KPIS, "addons": ["night"]}), version=2, how="amended", supersedes=first,
        ),
        by=Actor.system(), at=people.NOW,
    )  # fmt: skip
    new = ask(cast, datetime(2026, 3, 17, 14, tzinfo=UTC), 30)
    assert (late.contract, new.contract) == (first, second)
    night = next(
        one for one in measures.of_customer(cast.quill, MARCH, APRIL) if one.definition.code == "night"
    )
    assert (night.first, night.fitting) == (date(2026, 3, 16), (second.pk,))
    assert counted(cast)["night"] == (1, 0)
    assert counted(cast)["gold"] == (2, 1)


def test_what_a_request_was_at_its_receipt_is_read_from_its_terms(cast: Any, sold: Any) -> None:
    sold()
    ask(cast, MONDAY, 30)
    ask(cast, MONDAY + timedelta(hours=12), 60 * 24 * 3)
    assert (counted(cast)["inside"], counted(cast)["outside"]) == ((1, 0), (0, 1))


def test_flags_are_asked_for_one_by_one_or_together(cast: Any, sold: Any) -> None:
    sold()
    for i, flags in enumerate(((), ("outage",), ("outage", "reachable"))):
        ask(cast, MONDAY + timedelta(minutes=i), 30, flags)
    assert (counted(cast)["both"], counted(cast)["some"]) == ((1, 0), (2, 0))


def test_rows_and_log_count_the_same_under_conditions(cast: Any, sold: Any) -> None:
    """What happens in April sends the count of March to the log; it comes out as the rows had it."""
    sold(addons=["night"])
    tickets = [ask(cast, MONDAY, 30, ("outage", "reachable")), ask(cast, MONDAY + timedelta(hours=12), 30)]
    before = counted(cast)
    for ticket in tickets:
        resolution.note(
            ticket, said=Said("Looked again.", "desk"), by=people.acting(cast.mara),
            at=datetime(2026, 4, 20, 14, tzinfo=UTC),
        )  # fmt: skip
    assert counted(cast) == before


def test_the_page_and_the_command_show_rows_with_conditions(cast: Any, sold: Any, capsys: Any) -> None:
    sold(addons=["night"])
    ask(cast, MONDAY, 30)
    client = Client()
    client.force_login(cast.hana)
    page = client.get("/desk/kpis/QUILL").content.decode()
    assert "cannot be measured" not in page
    assert "First responses in time, region americas" in page
    assert "First responses in time, add-on night" in page
    assert command.main(["QUILL", "--period", "2026-03"]) == 0
    said = capsys.readouterr().out
    assert "QU-1  americas  2026-03" in said
    assert "QU-1  emea" not in said


def test_an_uptime_may_ask_for_a_product_and_the_agreement_and_for_nothing_of_a_request(
    cast: Any, sold: Any, tmp_path: Any, capsys: Any
) -> None:
    file = tmp_path / "policy.toml"
    wrong = '\n[[levels.one.kpis]]\nkpi = "uptime"\nstrength = "objective"\nper = "month"\npercent = "99"\n'
    file.write_text(POLICY + wrong + 'when = { channel = "phone" }\n')
    assert loading.main([str(file)]) == 2
    assert "uptime is of systems, not of tickets" in capsys.readouterr().err
    file.write_text(POLICY + wrong + 'when = { product = "atlas", region = "americas" }\n')
    assert loading.main([str(file)]) == 0
