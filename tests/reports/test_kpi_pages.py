"""Figures on the desk and in the portal: from a figure to its tickets, causes and excuses, outages, credits."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

import cast as people
from mainstay.accounts.actor import Actor
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import Beside, sign_contract
from mainstay.customers.models import Contact, Customer
from mainstay.desk import kpis
from mainstay.reports import claims, closing, measures
from mainstay.reports.models import Cause, Credit, Figure, MaintenanceWindow, Measurement, Outage
from mainstay.tickets.models import Ticket

from .conftest import MONDAY

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = datetime(2026, 5, 4, 12, tzinfo=UTC)


def as_(who: Any) -> Client:
    client = Client()
    client.force_login(who.user if isinstance(who, Contact) else who)
    return client


@pytest.fixture
def march(cast: Any, asks: Callable[..., Ticket]) -> Ticket:
    """March is frozen, with one kept and one missed response; gives the ticket that was missed."""
    asks(0, answered=30)
    late = asks(5, answered=400)
    found = [one for one in measures.of_customer(cast.quill, MARCH, APRIL) if one.end <= APRIL]
    closing.freeze(found, at=LATER)
    return late


def figure_page(contract: Contract, code: str = "responses_in_time", period: str = "2026-03") -> str:
    return f"/desk/kpis/QUILL/{contract.pk}/{code}/{period}"


def text(response: Any) -> str:
    return str(response.content.decode())


# ---- the desk


def test_a_figure_leads_to_its_tickets_and_each_to_why(cast: Any, contract: Contract, march: Ticket) -> None:
    client = as_(cast.mara)
    listed = text(client.get("/desk/kpis"))
    assert figure_page(contract) in listed
    assert "50 %" in listed
    page = text(client.get(figure_page(contract)))
    assert "1 ÷ 2 = 50 %" in page
    assert "Made again from the log: the same bytes." in page
    assert 'class="flash"' not in page  # nothing was done: there is nothing to report
    assert f"/desk/tickets/{march.pk}/why/first_response/1" in page
    assert page.count("/why/first_response/") < text(client.get(figure_page(contract) + "?show=all")).count(
        "/why/first_response/"
    )
    assert "Why it was missed" in text(client.get(f"/desk/tickets/{march.pk}/why/first_response/1"))


def test_the_document_is_downloaded_as_it_was_hashed(cast: Any, contract: Contract, march: Ticket) -> None:
    figure = Figure.objects.get(code="responses_in_time")
    response = as_(cast.dmitri).get(figure_page(contract) + "/document")
    assert b"".join(response.streaming_content).decode() == figure.text  # type: ignore[attr-defined]
    assert as_(cast.dmitri).get(figure_page(contract, period="2026-04") + "/document").status_code == 404


def test_the_chart_is_said_in_words_too(
    cast: Any, contract: Contract, march: Ticket, monkeypatch: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER - timedelta(days=20))
    page = text(as_(cast.mara).get("/desk/kpis/QUILL"))
    assert "First responses in time, owed 95 %: " in page
    assert "Mar 50, not reached" in page
    assert "March 2026" in page


@pytest.mark.parametrize(
    "address", ["1/nothing/2026-03", "999999/uptime/2026-03", "1/uptime/2026-13", "1/uptime/2026-Q1",
                "9" * 30 + "/uptime/2026-03", "1/uptime/%00"],
)  # fmt: skip
def test_a_figure_that_is_none_is_not_found(cast: Any, contract: Contract, address: str) -> None:
    address = address.replace("1/", f"{contract.pk}/", 1) if address.startswith("1/") else address
    assert as_(cast.mara).get(f"/desk/kpis/QUILL/{address}").status_code == 404


def test_a_cause_is_written_and_its_excuse_decided_on_the_why_page(cast: Any, march: Ticket) -> None:
    why = f"/desk/tickets/{march.pk}/why/first_response/1"
    empty = as_(cast.mara).post(f"{why}/cause", {"cause": " "})
    assert empty.status_code == 422
    assert "Cause: is empty" in text(empty)
    kept = as_(cast.mara).post(f"{why}/cause", {"cause": "The pager was off.", "excuse": "They agreed."})
    assert kept.status_code == 303
    cause = Cause.objects.get()
    assert "The pager was off." in text(as_(cast.hana).get(why))
    assert "They agreed." in text(as_(cast.hana).get("/desk/kpis"))
    assert "Approve the excuse" not in text(as_(cast.mara).get(why))
    assert (
        as_(cast.mara).post(f"/desk/causes/{cause.pk}/decision", {"decision": "approve"}).status_code == 404
    )
    refused = as_(cast.hana).post(f"/desk/causes/{cause.pk}/decision", {"decision": "maybe"})
    assert refused.status_code == 422
    assert (
        as_(cast.hana).post(f"/desk/causes/{cause.pk}/decision", {"decision": "approve"}).status_code == 303
    )
    cause.refresh_from_db()
    assert (cause.approved, cause.decided_by) == (True, cast.hana)
    assert "Hana Sato" in text(as_(cast.mara).get(why))


def test_a_corrected_figure_needs_a_reason_and_a_manager(
    cast: Any, contract: Contract, march: Ticket
) -> None:
    page = figure_page(contract)
    same = as_(cast.hana).post(f"{page}/correction", {"reason": "why not", "from": "2026-03-01"})
    assert same.status_code == 422
    assert "comes out the same" in text(same)
    why = f"/desk/tickets/{march.pk}/why/first_response/1"
    as_(cast.mara).post(f"{why}/cause", {"cause": "x", "excuse": "They asked us to wait."})
    as_(cast.hana).post(f"/desk/causes/{Cause.objects.get().pk}/decision", {"decision": "approve"})
    assert as_(cast.mara).post(f"{page}/correction", {"reason": "x"}).status_code == 404
    done = as_(cast.hana).post(
        f"{page}/correction", {"reason": "It is excused.", "from": "2026-03-01"}, follow=True
    )
    assert "Version 2 holds now" in text(done)
    assert "It is excused." in text(done)
    assert "Hana Sato" in text(done)


def test_outages_are_confirmed_recorded_ended_and_withdrawn(cast: Any, asks: Callable[..., Ticket]) -> None:
    asks(0, answered=5, severity=1)
    client, page = as_(cast.mara), "/desk/kpis/QUILL"
    system = cast.production(cast.quill).pk
    Ticket.objects.update(opened_at=MONDAY)
    odd = client.post(f"{page}/outages", {"environment": str(system), "start": "soon"})
    assert odd.status_code == 422
    assert "Start: cannot be read" in text(odd)
    foreign = cast.production(cast.corvid).pk
    assert (
        client.post(f"{page}/outages", {"environment": f"{foreign}", "start": "2026-03-02T14:30"}).status_code
        == 422
    )
    made = client.post(
        f"{page}/outages", {"environment": f"{system}", "start": "2026-03-02T15:30", "note": "disk"}
    )
    assert made.status_code == 303
    outage = Outage.objects.get()
    assert outage.starts_at == MONDAY  # typed in Stockholm
    assert "it goes on" in text(client.get(f"{page}/systems"))
    assert client.post(f"{page}/outages/{outage.pk}/end", {"end": "2026-03-02T14:00"}).status_code == 422
    assert client.post(f"{page}/outages/{outage.pk}/end", {"end": "2026-03-02T16:30"}).status_code == 303
    over = Outage.objects.get(withdrawn_at=None)
    assert client.post(f"{page}/outages/{over.pk}/cause", {"cause": "A full disk."}).status_code == 303
    assert "A full disk." in text(client.get(f"{page}/systems"))
    assert client.post(f"{page}/outages/{over.pk}/withdrawal", {"reason": ""}).status_code == 422
    assert client.post(f"{page}/outages/{over.pk}/withdrawal", {"reason": "our line"}).status_code == 303
    assert "None is recorded" in text(client.get(f"{page}/systems"))
    assert as_(cast.dmitri).post(f"{page}/outages", {}).status_code == 404


def test_what_was_recorded_this_very_second_counts_on_the_next_page(
    cast: Any, contract: Contract, monkeypatch: Any
) -> None:
    client, now = as_(cast.mara), LATER.replace(microsecond=600_000)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    page, figure = "/desk/kpis/QUILL", f"/desk/kpis/QUILL/{contract.pk}/uptime/2026-03"
    assert "none is recorded in this period" in text(client.get(figure))
    system = cast.production(cast.quill).pk
    sent = {"environment": f"{system}", "start": "2026-03-02T14:30", "end": "2026-03-02T15:30"}
    assert client.post(f"{page}/outages", sent).status_code == 303
    assert "1 h down" in text(client.get(figure))


def test_maintenance_and_measurements_come_in_by_form(cast: Any, contract: Contract) -> None:
    client, page = as_(cast.mara), "/desk/kpis/QUILL"
    sent = {
        "environment": f"{cast.production(cast.quill).pk}", "start": "2026-03-09T01:00", "end": "2026-03-09T03:00",
        "announced": "2026-03-08T01:00", "notice_hours": "48", "note": "patches",
    }  # fmt: skip
    assert "too late" in text(client.post(f"{page}/windows", sent, follow=True))
    window = MaintenanceWindow.objects.get()
    assert client.post(f"{page}/windows/{window.pk}/withdrawal", {"reason": "put off"}).status_code == 303
    lines = "at,milliseconds,environment\n2026-03-05T00:00:00Z,250,Production"
    assert "1 measurement is new" in text(client.post(f"{page}/measurements", {"lines": lines}, follow=True))
    assert Measurement.objects.get().milliseconds == 250
    assert client.post(f"{page}/measurements", {"lines": "x"}).status_code == 422


def test_maintenance_is_recorded_with_the_notice_that_is_agreed(cast: Any) -> None:
    page = "/desk/kpis/QUILL/systems"
    field = re.compile(r'name="notice_hours"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="notice_hours"')

    def offered() -> str:
        found = field.search(as_(cast.mara).get(page).content.decode())
        assert found is not None
        return found[1] or found[2]

    assert offered() == "48"
    uptime = {
        "kpi": "uptime",
        "strength": "guarantee",
        "per": "month",
        "percent": "99.9",
        "notice_hours": 120,
    }
    sign_contract(
        customer=cast.quill, number="QU-1", package=publish.current(Package, "critical"), first_day=date(2026, 1, 1),
        last_day=None, by=Actor.system(), at=people.NOW - timedelta(days=80),
        beside=Beside(overrides={"kpis": [uptime]}),
    )  # fmt: skip
    assert offered() == "120"


def test_a_credit_goes_its_way_on_the_desk(cast: Any, march: Ticket) -> None:
    credit = Credit.objects.get(figure__code="responses_in_time")
    address = f"/desk/kpis/QUILL/credits/{credit.pk}"
    page = text(as_(cast.lena).get("/desk/kpis/QUILL"))
    assert "250.00 USD" in page
    assert "25 % of 1000.00 = 250.00 USD" in page
    assert as_(cast.mara).post(f"{address}/grant").status_code == 404
    assert as_(cast.lena).post(f"{address}/steal").status_code == 404
    late = as_(cast.lena).post(f"{address}/claim")
    assert late.status_code == 422
    assert "could be claimed until 30 April 2026" in text(late)
    assert as_(cast.lena).post(f"{address}/grant").status_code == 303
    assert as_(cast.lena).post(f"{address}/pay", {"reason": ""}).status_code == 422
    assert as_(cast.lena).post(f"{address}/pay", {"reason": "Invoice 77"}).status_code == 303
    assert "Invoice 77" in text(as_(cast.lena).get("/desk/kpis/QUILL"))


# ---- the portal


def test_a_customers_manager_sees_figures_and_claims_and_nobody_else_does(
    cast: Any, march: Ticket, monkeypatch: Any
) -> None:
    now = datetime(2026, 4, 20, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    page = as_(cast.jonah).get("/kpis")
    assert "March 2026" in text(page)
    assert "1 ÷ 2 = 50 %" in text(page)
    assert f"/requests/{march.pk}" in text(page)
    credit = Credit.objects.get(figure__code="responses_in_time")
    for who in (cast.edgar, cast.priya):
        assert as_(who).post(f"/kpis/credits/{credit.pk}/claim").status_code == 404
        assert "QU-1" not in text(as_(who).get("/kpis"))
    assert as_(cast.tom).get("/kpis").status_code == 404
    assert "Claimed." in text(as_(cast.jonah).post(f"/kpis/credits/{credit.pk}/claim", follow=True))
    credit.refresh_from_db()
    assert credit.state == "claimed"
    again = as_(cast.jonah).post(f"/kpis/credits/{credit.pk}/claim")
    assert again.status_code == 422


def test_what_is_ours_alone_is_not_shown_to_customers(cast: Any, contract: Contract) -> None:
    from mainstay.ui import figures

    inside = figures.of_customer(cast.quill, LATER)
    outside = figures.of_customer(cast.quill, LATER, inside=False)
    assert {one.code for one in inside} == {one.code for one in outside}
    assert "/kpis" in text(as_(cast.jonah).get("/organisation"))
    assert "/kpis" not in text(as_(cast.tom).get("/organisation"))


# ---- the command


def test_the_command_prints_the_frozen_bytes_and_checks_them(cast: Any, march: Ticket, capsys: Any) -> None:
    from mainstay.reports import cli

    assert cli.main(["QUILL", "--period", "2026-03", "--json", "--check"]) == 0
    printed = capsys.readouterr().out.splitlines()
    stored = set(Figure.objects.filter(period="2026-03").values_list("text", flat=True))
    assert set(printed) == stored
    assert cli.main(["quill", "--period", "2026-Q1"]) == 0
    told = capsys.readouterr().out
    assert "missed-grave  2026-Q1" in told
    assert "1 ÷ 2 = 50 %" in told
    Ticket.objects.filter(pk=march.pk).update(contract=None)
    assert cli.main(["QUILL", "--period", "2026-03", "--check"]) == 1
    assert "NOT THE SAME" in capsys.readouterr().out


@pytest.mark.parametrize(("argv", "field"), [
    (["NOBODY", "--period", "2026"], "customer"), (["QUILL", "--period", "soon"], "period"),
    (["QUILL", "--period", "2019-01"], "period"), (["QUILL", "--period", "2026-99"], "period"),
])  # fmt: skip
def test_the_command_refuses_what_it_cannot_answer(
    cast: Any, contract: Contract, argv: list[str], field: str
) -> None:
    from mainstay.errors import Refused
    from mainstay.reports import cli

    with pytest.raises(Refused) as refused:
        cli.main(argv)
    assert refused.value.field == field


def test_moves_that_are_none_are_refused(cast: Any, march: Ticket) -> None:
    from mainstay.accounts.actor import Actor
    from mainstay.errors import Refused

    credit = Credit.objects.get(figure__code="responses_in_time")
    with pytest.raises(Refused, match="may be claim"):
        claims.move(credit, "give", by=Actor.system(), at=LATER)
    with pytest.raises(Refused, match="cannot be moved"):
        claims.move(credit, "pay", by=Actor.system(), at=LATER, why="x")


# ---- at a glance


def test_where_each_customer_stands_is_seen_at_a_glance_the_worst_first(
    cast: Any, contract: Contract, asks: Callable[..., Ticket], monkeypatch: Any
) -> None:
    asks(0, answered=30)
    asks(5, answered=400)
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER.replace(month=3, day=20))
    page = text(as_(cast.mara).get("/desk/kpis"))
    rows = [row for row in page.split("<tr>") if "/responses_in_time/2026-03?from=2026-03-01" in row]
    quill = next(row for row in rows if "QUILL" in row)
    assert "50 %" in quill
    assert "at least 95 %, guarantee, each month" in quill
    assert 'class="stm"' in quill, "missed so far: the stem is in signal"
    assert page.index("Quill &amp; Sons") < page.index("Kitano Rail"), "the worst first"
    mine = page[page.index("Quill &amp; Sons") :].partition("</tbody>")[0]
    assert mine.index("50 %") < mine.index("no data"), "what has no data is at the end"


def test_misses_that_were_frozen_and_open_credits_come_before_the_figures(
    cast: Any, march: Ticket, monkeypatch: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    page = text(as_(cast.mara).get("/desk/kpis"))
    assert page.index("Open credits") < page.index("Missed, and frozen") < page.index("Where they stand now")
    missed = page[page.index("Missed, and frozen") : page.index("Where they stand now")]
    assert "Quill &amp; Sons, First responses in time, March 2026" in missed


def test_figures_are_reckoned_only_for_the_customers_of_one_page(
    cast: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(20):
        made = Customer.objects.create(code=f"MANY{n:02}", name=f"Many {n:02}", time_zone="Europe/Berlin")
        sign_contract(
            customer=made, number=f"MA-{n}", package=publish.current(Package, "standard"),
            first_day=date(2026, 1, 1), last_day=None, by=Actor.system(), at=LATER - timedelta(days=300),
        )  # fmt: skip
    client = as_(cast.mara)
    client.get("/desk/kpis")
    with django_assert_max_num_queries(8 * 12 + 20):
        page = text(client.get("/desk/kpis"))
    assert page.count('scope="row') == kpis.CUSTOMERS
    seen = [page]
    while found := re.search(r'href="\?customers=(\d+)"', seen[-1]):
        seen.append(text(client.get(f"/desk/kpis?customers={found[1]}")))
    assert len(seen) == 3
    assert all("".join(seen).count(f">Many {n:02}</a>") == 1 for n in range(20))
    assert client.get("/desk/kpis?customers=%00nobody").status_code == 200
