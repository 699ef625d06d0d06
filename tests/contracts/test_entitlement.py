"""Which contract judges a request, and every step of why (P1, P5)."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from cast import NOW, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.catalogue.remembered import remembering
from mainstay.contracts import terms
from mainstay.contracts.basis import Basis
from mainstay.contracts.entitlement import Known, describe, entitlement_at, foresee, selected_by
from mainstay.contracts.models import Contract, Terms
from mainstay.contracts.signing import sign_contract
from mainstay.customers.models import Customer, Subscription
from mainstay.errors import Refused
from mainstay.sla import hours


def sign(
    cast, customer, number="X-1", package="standard", first=date(2026, 1, 1), last=date(2026, 12, 31), **more
):
    return sign_contract(
        customer=customer, number=number, package=publish.current(Package, package), first_day=first, last_day=last,
        by=acting(cast.lena), at=NOW, **more,
    )  # fmt: skip


def test_the_contract_in_force_decides_and_the_steps_are_told(cast):
    found = entitlement_at(cast.harbourline, NOW)
    assert (found.kind, found.contract.number, found.level.code, found.zone) == (
        "contract", "HA-2025-1", "critical", "Australia/Sydney",
    )  # fmt: skip
    assert describe(found) == [
        "Harbourline Health is in Australia/Sydney, where it is 2 March 2026.",
        "Contract HA-2025-1, version 1, for all environments, holds from 1 January 2025 to 31 December 2027.",
        "Package Business Critical Support, version 1, gives the level Business Critical, version 1.",
        "Received on 2 March 2026 at 16:30 Australia/Sydney: inside business hours.",
        "Phone: open until Monday 17:00 Sydney.",
    ]


def test_opening_a_ticket_costs_two_queries_for_its_terms(cast, django_assert_num_queries):
    entitlement_at(cast.harbourline, NOW)
    with django_assert_num_queries(2):
        entitlement_at(cast.harbourline, NOW)


def foreseen(customer):
    """As a batch of mail asks."""
    with remembering():
        foresee([customer])
        return entitlement_at(customer, NOW)


def test_what_is_kept_for_a_process_is_what_is_compiled_anew(cast):
    kept, again, anew = (
        foreseen(cast.harbourline),
        foreseen(cast.harbourline),
        entitlement_at(cast.harbourline, NOW),
    )
    assert kept.terms is again.terms
    assert (kept.terms.text, kept.because, kept.channels) == (anew.terms.text, anew.because, anew.channels)


def test_what_is_kept_goes_by_what_a_document_says(cast):
    before = foreseen(cast.harbourline)
    level = before.package.level
    type(level).objects.filter(pk=level.pk).update(document={**level.document, "warn_at": 40})
    after = foreseen(cast.harbourline)
    assert (terms.load(before.terms.pk).warn_at, terms.load(after.terms.pk).warn_at) == (0.75, 0.4)


def test_terms_that_were_rolled_back_are_stored_again(cast):
    with transaction.atomic():
        kept = foreseen(cast.harbourline).terms.pk
        transaction.set_rollback(True)
    assert not Terms.objects.filter(pk=kept).exists()
    assert foreseen(cast.harbourline).terms.pk == kept
    assert Terms.objects.filter(pk=kept).exists()


def test_a_current_subscription_includes_support(cast):
    found = entitlement_at(cast.quill, NOW)
    assert (found.kind, found.contract, found.package.code) == ("included", None, "included")
    assert found.because[1] == (
        "No contract holds; the subscription to Atlas Directory, until 6 April 2027, includes support."
    )


def test_without_a_subscription_nothing_is_promised_but_there_are_terms(cast):
    found = entitlement_at(cast.lapsed, NOW)
    said = terms.load(found.terms.hash)
    assert (found.kind, found.level, said.level_rank, said.kind("first_response", 1)) == (
        "none",
        None,
        0,
        None,
    )
    assert "the last one ended on 21 January 2026: not entitled" in found.because[1]
    assert said.closing["solution_closes"] == "5bd"
    assert said.zone == "Europe/Dublin"


def test_an_unknown_customer_is_judged_in_utc_and_promised_nothing(cast):
    found = entitlement_at(None, NOW)
    assert (found.kind, found.zone) == ("none", "UTC")
    assert found.because[0] == "Nobody knows yet which customer this is."


def test_16_an_expired_contract_is_never_selected(cast):
    last_moment = NOW.replace(year=2027, month=12, day=31, hour=12, minute=59, second=59)
    assert entitlement_at(cast.harbourline, last_moment).kind == "contract"
    after = entitlement_at(cast.harbourline, last_moment + timedelta(seconds=1))
    assert after.kind != "contract"
    assert after.because[1] == "Contract HA-2025-1, version 1 does not hold: it ended on 31 December 2027."


def test_a_contract_begins_with_its_first_day_in_the_customers_zone(cast):
    sign(cast, cast.lapsed, first=date(2026, 6, 1))
    midnight_in_dublin = NOW.replace(month=5, day=31, hour=23, minute=0)
    assert entitlement_at(cast.lapsed, midnight_in_dublin - timedelta(seconds=1)).kind == "none"
    assert entitlement_at(cast.lapsed, midnight_in_dublin).kind == "contract"


def test_15_of_two_contracts_for_environments_the_one_for_this_environment_holds_and_it_is_shown(cast):
    production, test = (
        cast.quill.environments.get(name="Production"),
        cast.quill.environments.get(name="Test"),
    )
    sign(cast, cast.quill, "Q-1", "critical", environment=production)
    sign(cast, cast.quill, "Q-2", "standard", environment=test)
    found = entitlement_at(cast.quill, NOW, environment=test)
    assert found.contract.number == "Q-2"
    assert (
        "Contract Q-1, version 1 does not hold: it covers Production, and this is about Test."
        in found.because
    )
    unnamed = entitlement_at(cast.quill, NOW)
    assert unnamed.contract.number == "Q-1"
    assert unnamed.because[2].endswith("until it is known, the highest of its contracts holds.")


def test_an_environment_no_contract_covers_falls_back_to_what_is_included(cast):
    sign(cast, cast.quill, "Q-1", "critical", environment=cast.quill.environments.get(name="Production"))
    found = entitlement_at(cast.quill, NOW, environment=cast.quill.environments.get(name="Test"))
    assert (found.kind, found.package.code) == ("included", "included")


def test_the_customers_public_holidays_are_closed(cast):
    said = terms.load(entitlement_at(cast.harbourline, NOW).terms.hash)
    assert "2026-01-26" in said.document["calendars"]["business"]["holidays"]  # Australia Day
    assert not said.business.is_open(hours.instant(NOW.replace(month=1, day=26, hour=1)))
    received = NOW.replace(month=1, day=26, hour=1)
    assert (
        entitlement_at(cast.harbourline, received)
        .because[-2]
        .endswith("12:30 Australia/Sydney: outside business hours.")
    )


def test_a_country_whose_holidays_nobody_knows_is_said(cast):
    moon = Customer.objects.create(code="MOON", name="Moonbase", country="QX")
    Subscription.objects.create(customer=moon, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    assert "No public holidays are known for QX." in entitlement_at(moon, NOW).because


def test_20_the_contracts_own_hours_come_before_the_packages(cast):
    night = {"week": {"mon": [["20:00", "24:00"]]}, "time_zone": "Asia/Tokyo", "holidays": "none"}
    sign(cast, cast.lapsed, calendar=night)
    said = terms.load(entitlement_at(cast.lapsed, NOW).terms.hash)
    assert said.zone == "Asia/Tokyo"
    assert said.document["calendars"]["business"] == {**night, "holidays": []}


def test_the_same_terms_are_stored_once(cast):
    first = entitlement_at(cast.fernleigh, NOW)
    second = entitlement_at(cast.fernleigh, NOW.replace(hour=22))
    assert first.terms == second.terms
    assert Terms.objects.count() == 1
    assert terms.parse(first.terms.text).hash == first.terms.hash


def test_periods_of_one_customer_never_overlap_by_accident(cast):
    with pytest.raises(Refused) as refusal:
        sign(cast, cast.fernleigh, first=date(2027, 12, 31), last=None)
    assert str(refusal.value) == (
        "period: overlaps contract FE-2025-1, version 1, which holds from 1 January 2025 to 31 December 2027;"
        " begin after it or end it"
    )
    assert sign(cast, cast.fernleigh, first=date(2028, 1, 1), last=None).period.upper is None


def test_a_contract_for_one_environment_overlaps_the_one_for_all(cast):
    with pytest.raises(Refused, match="period: overlaps contract"):
        sign(cast, cast.fernleigh, environment=cast.production(cast.fernleigh))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"number": " "}, "number: must be"),
        ({"number": "KI-2025-1"}, "number: KI-2025-1 is taken"),
        ({"last": date(2025, 1, 1)}, "period: ends on 1 January 2025, before it begins"),
        ({"calendar": {"week": {}}}, "calendar.week"),
        ({"calendar": {"time_zone": "Mars/Olympus"}}, "calendar.time_zone: unknown time zone"),
        ({"calendar": {"lunch": "12:00"}}, "calendar.lunch: is not known here"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(cast, wrong, says):
    with pytest.raises(Refused, match=says):
        sign(cast, cast.lapsed, **wrong)
    assert not Contract.objects.filter(customer=cast.lapsed).exists()


def test_another_customers_environment_is_refused(cast):
    with pytest.raises(Refused, match="environment: Production is not an environment of Lapsed Ltd"):
        sign(cast, cast.lapsed, environment=cast.production(cast.kitano))


def test_13_a_contract_that_ends_leaves_the_terms_of_its_tickets_standing(cast):
    before = entitlement_at(cast.kitano, NOW)
    Contract.objects.filter(pk=before.contract.pk).update(period=(date(2025, 1, 1), date(2026, 3, 3)))
    terms.load.cache_clear()
    assert terms.load(before.terms.hash).kind("first_response", 1) == "promise"


def test_the_running_role_cannot_change_terms(cast):
    from django.db import DatabaseError, transaction

    found = entitlement_at(cast.kitano, NOW).terms
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Terms.objects.filter(pk=found.pk).update(text="{}")


# ---- in one step, with every reason


def test_the_phone_is_said_to_be_open_or_when_it_opens(cast):
    friday_night = NOW.replace(day=6, hour=9)  # 20:00 in Sydney
    assert "Phone: open until Monday 17:00 Sydney." in entitlement_at(cast.harbourline, NOW).because
    assert (
        "Phone: closed, opens Monday 09:00 Sydney." in entitlement_at(cast.harbourline, friday_night).because
    )
    assert [one.open for one in entitlement_at(cast.harbourline, friday_night).channels] == [False]


def test_what_comes_by_a_channel_that_was_not_bought_is_received_and_said(cast):
    found = entitlement_at(cast.fernleigh, NOW, facts=Known(channel="phone"))
    assert found.because[-1].startswith("It came by phone, which the package does not have")
    assert found.kind == "contract"


def test_the_system_and_how_its_release_stands_are_said(cast):
    system = cast.production(cast.fernleigh)
    release = system.release
    release.maintained_until = date(2026, 2, 1)
    release.save()
    found = entitlement_at(cast.fernleigh, NOW, environment=system)
    assert "It is about Production (production), which runs Beacon Sync 3.2." in found.because
    assert "Release 3.2 left maintenance on 2026-02-01 (X1)." in found.because


def test_the_version_that_the_request_names_comes_before_what_we_know_of_the_system(cast):
    system = cast.production(cast.harbourline)
    found = entitlement_at(cast.harbourline, NOW, environment=system, facts=Known(version="Atlas 6.4.2"))
    assert any("which runs Atlas Directory 6.4" in said for said in found.because)


def test_the_customers_country_decides_the_region_and_rows_may_ask_for_it(cast):
    desk = publish.current_desk_policy()
    document = {**desk.document, "regions": {"apac": ["AU", "JP"], "nsw": ["AU-NSW"]}}
    made = publish.publish_desk_policy(document=document, by=acting(cast.ruth), at=NOW, reason="Regions")
    contract = Contract.objects.get(customer=cast.kitano)
    basis = Basis("contract", contract, contract.package, made)
    assert selected_by(basis, cast.kitano, None, Known(), NOW)["region"] == "apac"
    assert selected_by(basis, cast.harbourline, None, Known(), NOW)["region"] == "nsw"
