"""KPIs and their credits are negotiated like every other line: bands, cap, minimum, claim, other measures (P5, P6)."""

import pytest
from django.utils.translation import override

from cast import NOW, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import approval, drafts, kpi_words, negotiation
from mainstay.contracts.negotiation import Head
from mainstay.errors import Refused

BANDS = "credits below 99.9: 5%, below 99: 10 days, cap 50, minimum 25.00, claim within 30d"
RESOLVED = "in_time clock=resolution severity=1,2 environment=production: 95% guarantee per quarter"


@pytest.fixture
def draft(cast):
    head = Head("LA-1", publish.current(Package, "high"), NOW.date(), None)
    return negotiation.start_draft(
        customer=cast.lapsed, head=head, owner=cast.lena, by=acting(cast.lena), at=NOW
    )


def offer(cast, draft, cells, asked=None):
    return negotiation.change_lines(draft, offered=cells, asked=asked or {}, by=acting(cast.lena), at=NOW)


def again(cast, draft):
    """The page kept as it stands."""
    beside = drafts.side_by_side(draft, NOW)
    cells = {one.line.key: one.offered for one in beside}
    return offer(cast, draft, cells, {one.line.key: one.asked for one in beside})


def line(draft, key):
    return next(one for one in drafts.side_by_side(draft, NOW) if one.line.key == key)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("kpis uptime", f"99.9% guarantee per month; {BANDS}"),
        ("kpis uptime", "99.9% guarantee per year from 04-01; credits below 99.9: 1.5 days"),
        ("kpis uptime", "uptime product=hub: 99.9% guarantee per month"),
        ("kpis responses_in_time", "95% guarantee per month, at least 10 tickets"),
        ("kpis response_p95", "800 ms guarantee per month; credits above 800: 5%"),
        ("kpis backlog_age", "10 days objective per quarter"),
    ],
)
def test_what_is_typed_of_a_kpi_is_read_back_whole(cast, draft, key, text):
    draft = offer(cast, draft, {key: text})
    assert line(draft, key).offered == text
    assert again(cast, draft).offered == draft.offered


def test_another_measure_gets_a_line_of_its_own_and_keeps_it(cast, draft):
    draft = offer(
        cast, draft, {"kpis +": f"{RESOLVED}; {BANDS}"}, {"kpis +": "missed clock=workaround: 3 guarantee"}
    )
    key = "kpis in-time-resolution-1-2-production"
    assert line(draft, key).offered == f"{RESOLVED}; {BANDS}"
    assert line(draft, "kpis missed-workaround").asked == (
        "missed clock=workaround: 3 tickets guarantee per month"
    )
    assert line(draft, key).line.label == "resolutions in time, severity 1 and 2, environment production"
    assert line(draft, "kpis +").offered == ""
    kept = again(cast, draft)
    assert (kept.offered, kept.asked) == (draft.offered, draft.asked)
    assert [row["kpi"] for row in drafts.sold_by(kept).with_difference(kept.offered)["kpis"]] == [
        "responses_in_time", "uptime", "in_time",
    ]  # fmt: skip
    assert offer(cast, kept, {}).offered == {}


def test_several_measures_of_one_kpi_stand_beside_each_other(cast, draft):
    draft = offer(cast, draft, {"kpis +": "uptime product=hub: 99.99 guarantee; credits below 99.99: 20"})
    cells = {one.line.key: one.offered for one in drafts.side_by_side(draft, NOW)}
    draft = offer(cast, draft, cells | {"kpis +": "uptime product=gate: 99.5 objective per year"})
    effective = drafts.sold_by(draft).with_difference(draft.offered)["kpis"]
    assert [(row.get("code"), row["percent"]) for row in effective if row["kpi"] == "uptime"] == [
        (None, "99.9"), ("uptime-hub", "99.99"), ("uptime-gate", "99.5"),
    ]  # fmt: skip


def test_a_clause_of_credits_stands_for_the_whole_of_it_and_an_objective_has_none(cast, draft):
    key = "kpis uptime"
    draft = offer(cast, draft, {key: f"99.9 guarantee; {BANDS}"})
    draft = offer(cast, draft, {key: "99.9 guarantee; credits below 99.9: 7"})
    assert line(draft, key).offered.endswith("credits below 99.9: 7%")
    assert "credits" not in offer(cast, draft, {key: "99.95 guarantee; no credits"}).offered["kpis"][0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("99.9 guarantee; credits cap 50", "KPI, uptime.*names no band"),
        ("99.9 guarantee; credits below 99: 10, cap 40, cap 50", "says cap twice"),
        ("99.9 guarantee; credits above 99: 10", "band 1.*must say below"),
        ("99.9 guarantee; credits below 99: 101", "credits, band 1, percent.*at most 100"),
        ("99.9 guarantee; credits below 99: 0 days", "credits, band 1, days.*from 1 to 366"),
        ("99.9 guarantee; credits below 99: 10, claim within soon", "cannot read .claim within soon"),
        ("99.9 guarantee per year from 02-30", "KPI, uptime, year starts.*up to 28"),
        ("missed clock=triage: 3 guarantee", "is about uptime; write another measure"),
        ("uptim: 99", "no KPI is called .uptim.*did you mean .uptime"),
        ("uptime severty=1: 99", "cannot be told apart by severty.*did you mean .severity"),
        ("uptime severity=one: 99", "must name severities"),
        ("uptime environment=production: 99 guarantee", "has no meaning here; uptime is of systems"),
    ],
)  # fmt: skip
def test_a_kpi_that_cannot_be_is_refused_with_its_place(cast, draft, text, says):
    with pytest.raises(Refused, match=says):
        offer(cast, draft, {"kpis uptime": text})


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("kpis +", "99 guarantee per month", "another measure.*must say first what is measured"),
        ("kpis +", "uptime: 99 guarantee per month", "uptime has a line of its own above"),
        ("kpis +", "in_time: 99 guarantee per month", "clock.*say which clock is to be in time"),
        ("kpis +", "in_time clock=lunch: 99 guarantee per month", "clock.*must be one of"),
        ("kpis +", "in_time clock=resolution severity=9: 99", "severity.*the desk has severities"),
        ("kpis invented", "99 guarantee per month", "KPI, invented.*is no measure of the catalogue"),
    ],
)
def test_another_measure_that_cannot_be_is_refused_with_its_place(cast, draft, key, text, says):
    with pytest.raises(Refused, match=says):
        offer(cast, draft, {key: text})


# ---- approving


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("99.9 guarantee; credits below 99: 10", "credits where the catalogue has none"),
        ("99.9 strict guarantee", "a strict guarantee where the catalogue has less"),
        ("99.9 objective", ""),
        ("99.5 guarantee", ""),
        ("99.9 guarantee per year", ""),
        ("uptime product=hub: 99.9 guarantee", "measured of other requests"),
    ],
)
def test_what_promises_or_credits_more_than_the_catalogue_needs_a_second_person(cast, draft, text, why):
    draft = offer(cast, draft, {"kpis uptime": text})
    assert line(draft, "kpis uptime").more.startswith(why)
    assert bool(line(draft, "kpis uptime").more) == bool(why)
    assert approval.standing(draft).needed == (2 if why else 1)


USUAL = (
    "99.9 guarantee per quarter; credits below 99.9: 5, below 99: 10, cap 30, minimum 50, claim within 30d"
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (USUAL.replace("99: 10", "99.5: 10"), "credits 10 % below 99.5, the catalogue 5 %"),
        (USUAL.replace("99: 10", "99: 10 days"), "credits 11 % below 99"),
        (USUAL.replace("99: 10", "99: 40").replace("cap 30", "cap 50"), "credits 40 % below 99"),
        (USUAL.replace("minimum 50", "minimum 10"), "gives credits below the catalogue's minimum of 50"),
        (USUAL.replace("30d", "2mo"), "may be claimed for longer"),
        (USUAL.replace("quarter", "month"), "judged each month, in the catalogue each quarter"),
        (USUAL.replace("below 99: 10", "below 98: 8"), ""),
        (USUAL.replace("cap 30", "cap 7"), ""),
        (USUAL.replace("30d", "2w"), ""),
    ],
)
def test_each_part_of_a_credit_is_held_against_the_catalogues(cast, draft, text, why):
    from mainstay.contracts import kpi_lint
    from mainstay.policy import kpi_cells

    start = {"kpi": "uptime"}
    usual = kpi_cells.read_kpi(USUAL, start, "KPI")
    found = kpi_lint.exceeding([usual], {"kpis": [kpi_cells.read_kpi(text, start, "KPI")]})
    assert found.get("kpis uptime", "").startswith(why)
    assert bool(found) == bool(why)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("99.8 guarantee", "credits nothing when it is missed"),
        ("100 guarantee; credits below 100: 5", "broken by one miss"),
        ("99.9 guarantee; credits below 99.95: 5", "credits only beyond the figure that is owed, 99.9"),
        ("99.9 guarantee; credits below 99: 5", "between 99.9 and 99 it is missed and nothing is credited"),
        (
            "99.9 guarantee; credits below 99.9: 10, below 99: 5",
            "a worse figure has a band that credits less",
        ),
        ("99.9 guarantee; credits below 99.9: 60, cap 50", "cap of 50 % is below what a band credits"),
        ("99.9 strict guarantee; credits below 99.9: 5, claim within 30d", "credits by itself"),
        ("99.9 guarantee; credits below 99.9: 5, below 99.9: 7", "two bands are below 99.9"),
    ],
)
def test_what_is_doubtful_of_a_kpi_is_said_beside_it(cast, draft, text, says):
    draft = offer(cast, draft, {"kpis uptime": text})
    assert any(says in one for one in line(draft, "kpis uptime").findings)
    assert negotiation.submit(draft, by=acting(cast.lena), at=NOW).state == "submitted"


def test_whoever_signs_reads_all_of_it_in_their_language(cast, draft):
    draft = offer(cast, draft, {"kpis +": f"{RESOLVED} from 04-01, at least 10 tickets; {BANDS}"})
    row = draft.offered["kpis"][0]
    with override("en"):
        assert kpi_words.name(row) == "Resolutions in time, severity 1 and 2, environment production"
        assert kpi_words.kpi(row) == (
            "95% guarantee per quarter, years begin on 1 Apr, from 10 tickets on;"
            " credits below 99.9: 5%, below 99: 10 days, cap 50%, none below 25.00, claim within 30 days"
        )
    with override("de"):
        assert kpi_words.name(row) == "Lösungen rechtzeitig, Schweregrad 1 und 2, Umgebung Produktion"
        assert kpi_words.kpi(row) == (
            "95 %, Garantie, je Quartal, Jahre beginnen am 1. April, ab 10 Anfragen;"
            " Gutschriften unter 99,9: 5 %, unter 99: 10 Tage, höchstens 50 %, keine unter 25,00,"
            " anzufordern in: 30 Tage"
        )
