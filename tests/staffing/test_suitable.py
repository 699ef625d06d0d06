"""Who could take a ticket, on duty or not, and why this person (D1)."""

from datetime import UTC, datetime, timedelta

import pytest

from cast import NOW
from mainstay.staffing.duty import duty
from mainstay.staffing.models import Absence, Engineer
from mainstay.staffing.suitable import Needs, find

STOCKHOLM_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # Mara: 10:00; Sanjay: 14:30; Ifeoma: 09:00


def of(user):
    return Engineer.objects.select_related("user").get(user=user)


def names(found):
    return [candidate.user.name.split()[0] for candidate in found]


def ask(needs, at=STOCKHOLM_MORNING, load=None, familiarity=None):
    return find(needs, load=load or {}, familiarity=familiarity or {}, at=at)


def test_on_duty_within_the_week_in_ones_own_zone(cast):
    found = duty(of(cast.mara), STOCKHOLM_MORNING)
    assert (found.now, found.until) == (True, datetime(2026, 3, 2, 16, 0, tzinfo=UTC))


def test_off_duty_says_when_again(cast):
    friday_evening = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    found = duty(of(cast.mara), friday_evening)
    assert (found.now, found.next, found.why_not) == (
        False,
        datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
        "is off duty",
    )


def test_an_absence_takes_one_off_duty_and_ends_a_shift_early(cast):
    mara = of(cast.mara)
    noon = STOCKHOLM_MORNING + timedelta(hours=3)
    Absence.objects.create(engineer=mara, starts_at=noon, ends_at=noon + timedelta(days=1))
    Absence.objects.create(
        engineer=mara, starts_at=noon + timedelta(days=1), ends_at=noon + timedelta(days=2)
    )
    assert duty(mara, STOCKHOLM_MORNING).until == noon
    away = duty(mara, noon)
    assert (away.now, away.next, away.why_not) == (False, noon + timedelta(days=2), "is away")


def test_somebody_without_hours_is_never_on_duty(cast):
    mara = of(cast.mara)
    mara.week = {}
    assert duty(mara, STOCKHOLM_MORNING).why_not == "has no hours"


def test_a_night_shift_over_midnight_and_19_a_lunch_break(cast):
    mara = of(cast.mara)
    mara.week = {"mon": [["20:00", "24:00"]], "tue": [["00:00", "04:00"], ["05:00", "06:00"]]}
    found = duty(mara, datetime(2026, 3, 2, 22, 0, tzinfo=UTC))
    assert found.until == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    assert duty(mara, found.until).next == datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


def test_who_lacks_the_skill_cannot(cast):
    assert names(ask(Needs(product="atlas", team_id=cast.support.pk))) == ["Mara", "Sanjay"]
    assert ask(Needs(product="cobalt")) == []


def test_who_is_not_in_the_team_may_not(cast):
    assert names(ask(Needs(team_id=cast.billing.pk))) == ["Lena"]


def test_who_left_or_only_reads_is_never_proposed(cast):
    cast.mara.is_active = False
    cast.mara.save()
    cast.sanjay.roles = ["auditor"]
    cast.sanjay.save()
    assert ask(Needs(product="atlas", team_id=cast.support.pk)) == []


def test_those_dedicated_to_the_level_come_first_and_others_serve_it_after_them(cast):
    critical = Needs(product="atlas", level_code="critical", team_id=cast.support.pk)
    first = ask(critical)[0]
    assert first.user == cast.mara
    assert "dedicated to this service level" in first.because
    standard = ask(Needs(product="atlas", level_code="standard", team_id=cast.support.pk))
    assert names(standard) == ["Sanjay", "Mara"]
    assert "dedicated to other service levels (critical)" in standard[1].because


def test_somebody_on_duty_beats_somebody_dedicated_at_severity_1(cast):
    needs = Needs(product="atlas", level_code="critical", severity=1, team_id=cast.support.pk)
    before_stockholm_wakes = NOW
    best, other = ask(needs, at=before_stockholm_wakes)
    assert (best.user, best.on_duty, best.until) == (
        cast.sanjay,
        True,
        datetime(2026, 3, 2, 11, 30, tzinfo=UTC),
    )
    assert "is off duty, again from 02 Mar 08:00 UTC" in other.because


def test_language_familiarity_and_load_each_move_the_order_and_say_so(cast):
    needs = Needs(product="atlas", team_id=cast.support.pk)
    assert names(ask(Needs(product="atlas", language="sv", team_id=cast.support.pk)))[0] == "Mara"
    known = ask(needs, load={cast.sanjay.pk: 3}, familiarity={cast.mara.pk: 9})
    assert names(known) == ["Mara", "Sanjay"]
    assert "had 9 of this customer's recent tickets" in known[0].because
    assert "3 of 12 tickets" in known[1].because


def test_a_full_desk_comes_last_but_is_still_somebody(cast):
    needs = Needs(product="atlas", team_id=cast.support.pk)
    found = ask(needs, load={cast.sanjay.pk: 12})
    assert names(found) == ["Mara", "Sanjay"]
    assert "12 of 12 tickets: full" in found[1].because


def test_15_equals_are_ordered_by_name_every_time(cast):
    Engineer.objects.update(dedicated_to=[])
    assert names(ask(Needs(product="atlas", team_id=cast.support.pk))) == ["Mara", "Sanjay"]


@pytest.mark.parametrize("engineers", [5, 40])
def test_asking_costs_three_queries_whatever_the_size(cast, django_assert_num_queries, engineers):
    from mainstay.accounts.models import User

    users = User.objects.bulk_create(
        User(email=f"e{i}@vendor.example", name=f"E{i}", roles=["engineer"]) for i in range(engineers)
    )
    Engineer.objects.bulk_create(Engineer(user=user, skills=["atlas"]) for user in users)
    with django_assert_num_queries(3):
        assert len(ask(Needs(product="atlas", team_id=cast.support.pk))) == 2
