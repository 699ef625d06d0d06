"""Negotiating, approving, signing, amending, renewing and suspending a contract (P5; LESSONS 13 and 16)."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from cast import NOW, acting
from mainstay.accounts.models import Act
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import amendments, approval, drafts, lines, negotiation, terms
from mainstay.contracts.entitlement import entitlement_at
from mainstay.contracts.models import Contract, Draft
from mainstay.contracts.negotiation import Head
from mainstay.contracts.sold import Sold
from mainstay.errors import Refused

SIGNED = [
    {"side": "vendor", "name": "Hana Sato", "title": "Support manager"},
    {"side": "customer", "name": "Nora Pike", "title": "Director"},
]
NEW_YEAR = date(2026, 4, 1)
FIRST = "targets first_response 1"
OUTSIDE = 'targets first_response 1 {"received": "outside_hours"}'


def begin(cast, package="high", *, customer=None, first=NEW_YEAR, last=date(2027, 3, 31), **more):
    head = Head(more.pop("number", "LA-1"), publish.current(Package, package), first, last, **more)
    customer = customer or cast.lapsed
    return negotiation.start_draft(
        customer=customer, head=head, owner=cast.lena, by=acting(cast.lena), at=NOW
    )


def offer(cast, draft, asked=None, **cells):
    typed = {key.replace("__", " "): text for key, text in cells.pop("cells", cells).items()}
    return negotiation.change_lines(draft, offered=typed, asked=asked or {}, by=acting(cast.lena), at=NOW)


def approved(cast, draft, *people):
    draft = negotiation.submit(draft, by=acting(cast.lena), at=NOW)
    for who in people or (cast.hana,):
        if draft.state == Draft.State.APPROVED:
            break
        draft = approval.approve(draft, user=who, text="", at=NOW)
    return draft


def sign(cast, draft, signatories=SIGNED):
    said = {"signed_on": NOW.date(), "signatories": signatories, "by": acting(cast.hana), "at": NOW}
    return amendments.sign_draft(draft, **said)


def amended(cast, contract, first_day, cells):
    draft = negotiation.start_from(contract, "amendment", owner=cast.lena, by=acting(cast.lena), at=NOW)
    head = Head(draft.number, draft.package, first_day, draft.last_day, phone_number=draft.phone_number)
    draft = negotiation.change_head(draft, head, by=acting(cast.lena), at=NOW)
    typed = {one.line.key: one.offered for one in drafts.side_by_side(draft, NOW) if one.offered}
    draft = offer(cast, draft, cells=typed | cells)
    return sign(cast, approved(cast, draft, cast.hana, cast.ruth))


def line(draft, key):
    return next(one for one in drafts.side_by_side(draft, NOW) if one.line.key == key)


# ---- the two differences


def test_what_we_offer_and_what_they_asked_stand_beside_the_catalogue(cast):
    draft = offer(cast, begin(cast), asked={FIRST: "15m always"}, cells={FIRST: "30m"})
    row = line(draft, FIRST)
    assert row.line.catalogue == "1 business hour, promise"
    assert (row.offered_words, row.asked_words) == (
        "30 business minutes, promise", "15 minutes, round the clock, promise",
    )  # fmt: skip
    assert row.differs
    assert row.apart
    assert row.more == "sooner than the catalogue's 1 business hour, promise"
    assert not line(draft, "targets resolution 1").touched


@pytest.mark.parametrize(
    ("key", "text", "difference"),
    [
        ("targets workaround 3", "10bd goal", ("targets", 0, "target")),
        (
            "calendar",
            "Mon-Sat 08:00-20:00 | Europe/London | holidays none",
            ("calendars", "business", "week"),
        ),
        (
            "kpis uptime",
            "99.95% strict guarantee per quarter; credits below 99.9: 10%, cap 50",
            ("kpis", 0, "credits"),
        ),
        ("kpis satisfaction", "90% objective per month", ("kpis", 0, "percent")),
        ("channels", "email, portal", ("channels", 0)),
        ("contacts", "40", ("contacts",)),
        ("contacts", "5, 1 more for each 100 units, most 20", ("contacts", "per_units")),
        ("requests", "10 per month", ("requests", "number")),
        ("requests", "10 per month, beyond that a person decides", ("requests", "beyond")),
        ("included_hours", "8 per quarter, kept 2 months", ("included_hours", "carry_over_months")),
        ("price", "12000.00 EUR, all environments, a year", ("price", "amount")),
        ("closing solution_closes", "10bd", ("closing", "solution_closes")),
        ("closing question_reminders", "1bd, 3bd", ("closing", "question_reminders")),
        ("environments", "production, test", ("environments", 1)),
        ("languages", "en, ja", ("languages", 1)),
        ("pauses resolution", "waiting on customer, waiting on third party", ("pauses", "resolution", 1)),
        ("starts_on resolution", "information completed", ("starts_on", "resolution")),
        ("on_reopen", "restart", ("on_reopen",)),
        ("escalation", "severity 2, without paging", ("escalation", "severity")),
    ],
)
def test_any_line_can_be_negotiated_and_is_read_back_as_it_was_typed(cast, key, text, difference):
    draft = offer(cast, begin(cast), cells={key: text})
    assert line(draft, key).offered == {"10bd goal": "10bd business goal"}.get(text, text)
    inside = draft.offered
    for step in difference:
        inside = inside[step]
    assert inside
    again = offer(cast, draft, cells={one.line.key: one.offered for one in drafts.side_by_side(draft, NOW)})
    assert again.offered == draft.offered


def test_what_the_catalogue_says_anyway_is_no_difference(cast):
    every = {one.line.key: one.line.usual for one in drafts.side_by_side(begin(cast), NOW)}
    skip = {key: text for key, text in every.items() if text and key != "price"}
    assert offer(cast, begin(cast, number="LA-2"), cells=skip).offered == {}


def test_a_case_that_nobody_touched_stays_as_the_catalogue_has_it(cast):
    draft = offer(cast, begin(cast), cells={FIRST: "30m"})
    held = sign(cast, approved(cast, draft, cast.hana, cast.ruth))
    at = NOW.replace(month=5, day=2)  # a Saturday
    found = terms.parse(entitlement_at(cast.lapsed, at, keep=False).terms.text)
    assert found.contract_number == held.number
    assert found.target_words("first_response", 1) == "4 hours, round the clock"


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        (FIRST, "soon", "First response, severity 1.*our offer.*: cannot read"),
        (FIRST, "-4h", "a target is positive"),
        (FIRST, "4h fortnightly", "expected promise, goal, internal"),
        ("calendar", "closed", "Business hours.*: cannot read"),
        ("calendar", "Mars/Olympus", "Business hours.*time zone"),
        ("kpis uptime", "101 guarantee per month", "KPI, uptime.*must be"),
        ("kpis uptime", "99 objective per month; credits below 98: 10", "belong to guarantees"),
        ("channels", "email, pigeon", "[Cc]hannels.*expected|pigeon"),
        ("contacts", "0", "Named contacts.*number of people"),
        ("contacts", "5, some more", "Named contacts.*some more.*1 more for each 100 units"),
        ("requests", "a few", "Requests.*cannot read"),
        ("requests", "10 per month, kept 2 months", "Requests.*kept 2 months.*beyond that a person decides"),
        ("included_hours", "10 hours", "Included hours.*10 per month.*kept 2 months"),
        ("price", "cheap", "Price.*cannot read"),
        ("closing solution_closes", "later", "solution closes"),
        (
            "pauses resolution",
            "waiting on custmer",
            "Stands still while, resolution.*did you mean .waiting on customer",
        ),
        (
            "starts_on resolution",
            "tomorrow",
            "Starts when, resolution.*received, triaged, information completed",
        ),
        ("escalation", "loudly", "escalation by the TAM.*severity 1, pages"),
        ("escalation", "severity 9, pages", "[Ee]scalation.*the desk has severities"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_place(cast, key, text, says):
    draft = begin(cast)
    with pytest.raises(Refused, match=says):
        offer(cast, draft, cells={key: text})
    draft.refresh_from_db()
    assert draft.offered == {}


# ---- what is wrong with an offer


@pytest.mark.parametrize(
    ("cells", "place", "says"),
    [
        ({FIRST: "15m always"}, "First response, severity 1", "nobody is there for up to 64 hours"),
        ({"targets resolution 1": "30m promise"}, "Resolution, severity 1", "before the first response"),
        (
            {"targets first_response 3": "9bd"},
            "First response, severity 3",
            "less than what every subscription",
        ),
        ({"targets first_response 3": "none"}, "First response, severity 3", "nothing, which is less"),
        ({"contacts": "1"}, "Named contacts", "less than the 2"),
    ],
)
def test_an_offer_that_cannot_be_kept_is_not_submitted(cast, cells, place, says):
    draft = offer(cast, begin(cast, phone_number="+44 20 5550 0100"), cells=cells)
    with pytest.raises(Refused, match=says) as refused:
        negotiation.submit(draft, by=acting(cast.lena), at=NOW)
    assert refused.value.field == place


def test_two_equal_rows_are_refused_with_the_place(cast):
    sold = Sold(publish.current(Package, "high"), publish.current_desk_policy())
    row = {"clock": "workaround", "severity": 1, "target": "4h", "calendar": "business", "kind": "promise"}
    with pytest.raises(Refused, match=r"Workaround, severity 1: says the same case as targets\[0\]"):
        lines.checked(sold, {"targets": [row, {**row, "target": "5h"}]})


def test_hours_that_never_open_are_refused(cast):
    draft = begin(cast)
    rest = {"calendars": {"nights": {"time_zone": "UTC", "week": {}}}}
    with pytest.raises(Refused, match="opens at no time"):
        negotiation.change_lines(draft, offered={}, asked={}, rest=rest, by=acting(cast.lena), at=NOW)


# ---- approving


def test_a_manager_approves_what_the_catalogue_sells_anyway(cast):
    draft = offer(cast, begin(cast), cells={"contacts": "20"})
    assert approval.standing(draft).needed == 1
    assert approved(cast, draft).state == Draft.State.APPROVED


def test_more_than_the_catalogue_needs_a_second_person(cast):
    draft = offer(cast, begin(cast), cells={"kpis uptime": "99.95% guarantee per month"})
    draft = approved(cast, draft, cast.hana)
    assert draft.state == Draft.State.SUBMITTED
    with pytest.raises(Refused, match="a second person is needed"):
        approval.approve(draft, user=cast.hana, text="again", at=NOW)
    assert approval.approve(draft, user=cast.ruth, text="", at=NOW).state == Draft.State.APPROVED


def test_a_clock_that_stands_still_less_often_needs_a_second_person_and_judges_so(cast):
    draft = offer(cast, begin(cast), cells={"pauses resolution": "out of scope"})
    assert approval.standing(draft).needed == 2
    assert "waiting on customer" in line(draft, "pauses resolution").more
    draft = offer(
        cast, draft, cells={"pauses resolution": "never", "escalation": "severity 2, without paging"}
    )
    held = sign(cast, approved(cast, draft, cast.hana, cast.ruth))
    found = terms.parse(entitlement_at(held.customer, NOW.replace(month=5), keep=False).terms.text)
    assert found.policy.pauses["resolution"] == frozenset()
    assert found.escalation == {"severity": 2, "page": False}


@pytest.mark.parametrize("name", ["lena", "mara", "owen", "dmitri"])
def test_nobody_else_approves(cast, name):
    draft = negotiation.submit(begin(cast), by=acting(cast.lena), at=NOW)
    with pytest.raises(Refused, match="a manager approves"):
        approval.approve(draft, user=getattr(cast, name), text="", at=NOW)


def test_another_offer_is_approved_anew(cast):
    draft = offer(cast, approved(cast, begin(cast)), cells={"contacts": "20"})
    assert draft.state == Draft.State.OPEN
    assert approval.standing(draft).given == ()
    with pytest.raises(Refused, match="once it is approved"):
        sign(cast, draft)


def test_what_they_ask_meanwhile_takes_no_approval_away(cast):
    draft = approved(cast, begin(cast))
    asked = negotiation.change_lines(draft, offered={}, asked={FIRST: "5m"}, by=acting(cast.lena), at=NOW)
    assert asked.state == Draft.State.APPROVED


def test_a_no_says_why_and_the_draft_goes_on(cast):
    draft = negotiation.submit(begin(cast), by=acting(cast.lena), at=NOW)
    draft = approval.turn_down(draft, user=cast.hana, text="Too cheap.", at=NOW)
    assert draft.state == Draft.State.OPEN
    assert Act.objects.filter(kind="draft turned down", after__words="Too cheap.").exists()


# ---- signing and amending


def test_what_was_signed_is_what_judges(cast):
    cells = {FIRST: "30m", "calendar": "Mon-Fri 08:00-20:00 | Europe/London | holidays none"}
    held = sign(cast, approved(cast, offer(cast, begin(cast), cells=cells), cast.hana, cast.ruth))
    assert (held.version, held.how, held.desk_policy) == (1, "signed", publish.current_desk_policy())
    found = entitlement_at(cast.lapsed, NOW.replace(month=5, day=4, hour=18), keep=False)
    says = terms.parse(found.terms.text)
    assert says.target_words("first_response", 1) == "30 business minutes"
    assert "inside" in str(found.facts["received"])


def test_both_sides_sign(cast):
    with pytest.raises(Refused, match="signatories: lack the customer"):
        sign(cast, approved(cast, begin(cast)), SIGNED[:1])


def test_an_amendment_is_the_next_version_and_cuts_the_one_before(cast):
    first = sign(cast, approved(cast, begin(cast)))
    second = amended(cast, first, date(2026, 9, 1), {FIRST: "30m"})
    first.refresh_from_db()
    assert (second.number, second.version, second.supersedes) == ("LA-1", 2, first)
    assert (first.last_day, second.first_day) == (date(2026, 8, 31), date(2026, 9, 1))
    assert (second.last_day, second.first_signed_on) == (date(2027, 3, 31), first.first_signed_on)
    for month, version in ((8, 1), (9, 2)):
        at = NOW.replace(month=month, day=10)
        assert entitlement_at(cast.lapsed, at, keep=False).contract.version == version
    third = amended(cast, second, date(2026, 12, 1), {"contacts": "30"})
    assert {row["target"] for row in third.overrides["targets"]} == {"30m", "4h"}


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (
            date(2026, 8, 1),
            "first_day: 1 August 2026 lies before LA-1, version 2, which begins on 1 September",
        ),
        (date(2026, 9, 1), "a period of minus one day"),
        (date(2027, 4, 1), "lies after LA-1, version 2|last_day"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_with_its_place(cast, day, says):
    first = sign(cast, approved(cast, begin(cast)))
    second = amended(cast, first, date(2026, 9, 1), {"contacts": "20"})
    with pytest.raises(Refused, match=says):
        amended(cast, second, day, {"contacts": "30"})
    second.refresh_from_db()
    assert (Contract.objects.filter(number="LA-1").count(), second.last_day) == (2, date(2027, 3, 31))


def test_a_version_that_is_followed_is_not_amended_again(cast):
    first = sign(cast, approved(cast, begin(cast)))
    amended(cast, first, date(2026, 9, 1), {"contacts": "20"})
    with pytest.raises(Refused, match="is followed by version 2"):
        negotiation.start_from(first, "amendment", owner=cast.lena, by=acting(cast.lena), at=NOW)


def test_a_renewal_follows_for_as_long_again(cast):
    first = sign(cast, approved(cast, begin(cast)))
    draft = negotiation.start_from(first, "renewal", owner=cast.lena, by=acting(cast.lena), at=NOW)
    assert (draft.first_day, draft.last_day) == (date(2027, 4, 1), date(2028, 3, 31))
    draft = offer(cast, draft, cells={"price": "13000.00 EUR"})
    second = sign(cast, approved(cast, draft))
    assert (second.version, second.how, second.price["amount"]) == (2, "renewed", "13000.00")
    assert Contract.objects.filter(customer=cast.lapsed, period__contains=date(2027, 4, 1)).get() == second


def test_systems_of_different_levels_stand_under_one_contract(cast):
    systems = {one.name: one for one in cast.lapsed.environments.all()}
    first = sign(cast, approved(cast, begin(cast, environment=systems["Production"])))
    draft = negotiation.start_from(first, "addition", owner=cast.lena, by=acting(cast.lena), at=NOW)
    with pytest.raises(Refused, match="environment: is missing"):
        sign(cast, approved(cast, draft))
    head = Head("LA-1", publish.current(Package, "standard"), NEW_YEAR, date(2027, 3, 31), systems["Test"])
    negotiation.withdraw(draft, reason="again", by=acting(cast.lena), at=NOW)
    draft = negotiation.start_from(first, "addition", owner=cast.lena, by=acting(cast.lena), at=NOW)
    second = sign(cast, approved(cast, negotiation.change_head(draft, head, by=acting(cast.lena), at=NOW)))
    assert (second.number, second.version, second.part) == ("LA-1", 2, 2)
    at = NOW.replace(month=5)
    levels = {
        name: entitlement_at(cast.lapsed, at, environment=one, keep=False).level.code
        for name, one in systems.items()
    }
    assert levels == {"Production": "high", "Test": "standard"}


# ---- versions are kept


@pytest.mark.parametrize(
    "change",
    [
        {"overrides": {"contacts": 99}},
        {"number": "LA-9"},
        {"phone_number": "+1"},
        {"price": {}},
        {"period": (date(2026, 1, 1), date(2027, 4, 1))},
        {"period": (NEW_YEAR, date(2030, 1, 1))},
        {"period": (NEW_YEAR, NEW_YEAR)},
    ],
)
def test_no_signed_version_is_changed_even_past_the_verbs(cast, change):
    held = sign(cast, approved(cast, begin(cast)))
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
        Contract.objects.filter(pk=held.pk).update(**change)


def test_no_signed_version_is_removed(cast):
    held = sign(cast, approved(cast, begin(cast)))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Contract.objects.filter(pk=held.pk)._raw_delete(Contract.objects.db)


def test_drafts_are_seen_by_nobody_but_us(cast):
    from django.db import connection

    begin(cast)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [f"{cast.lapsed.pk}"])
        assert not Draft.objects.exists()


# ---- suspending


def test_a_suspended_contract_entitles_to_nothing_and_says_why(cast):
    held = sign(cast, approved(cast, begin(cast)))
    amendments.suspend(
        held, from_day=date(2026, 5, 1), until=None, why="the invoice is unpaid", by=acting(cast.lena), at=NOW
    )
    found = entitlement_at(cast.lapsed, NOW.replace(month=5, day=10), keep=False)
    assert found.kind == "none"
    assert any("the invoice is unpaid" in one for one in found.because)
    assert entitlement_at(cast.lapsed, NOW.replace(month=4, day=10), keep=False).kind == "contract"
    amendments.resume(held, day=date(2026, 6, 1), by=acting(cast.lena), at=NOW)
    assert entitlement_at(cast.lapsed, NOW.replace(month=6, day=1), keep=False).kind == "contract"
    assert entitlement_at(cast.lapsed, NOW.replace(month=5, day=31), keep=False).kind == "none"


def test_a_suspension_goes_on_under_the_next_version(cast):
    held = sign(cast, approved(cast, begin(cast)))
    amendments.suspend(
        held, from_day=date(2026, 5, 1), until=None, why="unpaid", by=acting(cast.lena), at=NOW
    )
    second = amended(cast, Contract.objects.get(pk=held.pk), date(2026, 9, 1), {"contacts": "20"})
    assert second.suspension_on(date(2026, 10, 1)) is not None


@pytest.mark.parametrize(
    ("day", "until", "why", "says"),
    [
        (date(2026, 5, 1), date(2026, 5, 1), "unpaid", "until: is not after"),
        (date(2026, 5, 1), None, " ", "why: must be a reason"),
        (date(2028, 5, 1), None, "unpaid", "has ended before"),
    ],
)
def test_a_suspension_that_cannot_be_is_refused(cast, day, until, why, says):
    held = sign(cast, approved(cast, begin(cast)))
    with pytest.raises(Refused, match=says):
        amendments.suspend(held, from_day=day, until=until, why=why, by=acting(cast.lena), at=NOW)


# ---- LESSON 16


def test_16_an_expired_contract_is_never_selected(cast):
    held = sign(cast, approved(cast, begin(cast, last=NEW_YEAR + timedelta(days=29))))
    last = NOW.replace(month=4, day=30, hour=12)
    assert entitlement_at(cast.lapsed, last, keep=False).contract == held
    after = entitlement_at(cast.lapsed, last + timedelta(days=1), keep=False)
    assert after.contract is None
    assert "Contract LA-1, version 1 does not hold: it ended on 30 April 2026." in after.because
