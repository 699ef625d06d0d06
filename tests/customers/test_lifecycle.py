"""Releases: which version is which, which ranges they lie in, in which phase of their life they are (P7, X1)."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act
from mainstay.customers import lifecycle, versions
from mainstay.customers.models import Product, Release
from mainstay.customers.products import add_release, change_release
from mainstay.errors import Refused

POLICY = {
    "lifecycle": [
        {"code": "full", "name": "Full support"},
        {"code": "maintenance", "name": "Maintenance", "covers": ["security"], "targets": "goal"},
        {"code": "extended", "name": "Extended life", "targets": "none"},
    ]
}


def release(until: str | None = "2026-06-30", **phases: str) -> Release:
    end = date.fromisoformat(until) if until else None
    return Release(
        product=Product(code="atlas", name="Atlas"), version="4.1", released_on=date(2024, 1, 1),
        maintained_until=end, phases=phases,
    )  # fmt: skip


def phase(one: Release, day: str, policy: Any = POLICY) -> str:
    return lifecycle.phase_of(one, date.fromisoformat(day), policy).code


def test_versions_are_ordered_as_people_count_them() -> None:
    told = ["6.4", "6.4.2", "6.10", "7.0-rc1", "7.0", "7.0.3", "7.1"]
    assert all(versions.key(one) < versions.key(next_) for one, next_ in pairwise(told))
    assert versions.key("v7.1.0") == versions.key("7.1")


@pytest.mark.parametrize(
    ("version", "ranges", "hit"),
    [
        ("6.4", ["< 6.4.9"], True),
        ("6.4", [">= 6.4.2, < 6.4.9"], True),  # a system known to run 6.4 may run 6.4.5
        ("6.5", [">= 6.0, < 6.4.9"], False),
        ("6.10", ["<= 6.9"], False),
        ("6.4.2", ["6.4"], True),
        ("7.1", ["7.0"], False),
        ("7.1", ["< 6", ">= 7"], True),
        ("3.2", ["all"], True),
        ("3.2", [], False),
    ],
)
def test_an_advisory_s_ranges_hold_the_versions_they_name(version: str, ranges: list[str], hit: bool) -> None:
    assert versions.affected(version, ranges) is hit


@pytest.mark.parametrize("line", ["soon", "< ", ">= 6.0 < 7", "<> 6", "6.4; drop"])
def test_a_range_that_cannot_be_read_is_refused_with_what_would_be_right(line: str) -> None:
    with pytest.raises(Refused, match=r"write a range such as >= 6\.0, < 6\.4\.9"):
        versions.checked_ranges(line)


def test_a_release_lives_through_the_phases_that_its_policy_names() -> None:
    one = release(full="2025-06-30", maintenance="2026-03-31")
    days = ("2023-12-31", "2025-06-30", "2025-07-01", "2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01")
    told = [phase(one, day) for day in days]
    assert told == ["coming", "full", "maintenance", "maintenance", "extended", "extended", "ended"]
    assert lifecycle.phase_of(one, date(2026, 1, 1), POLICY).targets == "goal"


def test_a_release_without_days_of_phases_has_full_support_until_its_end() -> None:
    assert phase(release(), "2026-06-30") == "full"
    assert phase(release(), "2026-07-01") == "ended"
    assert phase(release(None), "2099-01-01") == "full"
    assert phase(release(), "2026-06-30", {}) == "maintained"


def test_a_phase_without_its_own_day_is_as_long_as_the_policy_says() -> None:
    policy = {"lifecycle": [
        {"code": "full", "name": "Full", "lasts": "18mo"}, {"code": "late", "name": "Late", "lasts": "30d"},
    ]}  # fmt: skip
    one = release(None)
    assert [(p.code, str(p.since), str(p.until)) for p in lifecycle.life(one, policy)] == [
        ("full", "2024-01-01", "2025-06-30"), ("late", "2025-07-01", "2025-07-30"),
    ]  # fmt: skip
    assert phase(one, "2025-07-31", policy) == "ended"


def test_the_reason_names_the_release_and_the_day() -> None:
    assert lifecycle.reason(release(), date(2026, 7, 1)) == "release 4.1 left maintenance on 2026-06-30 (X1)"
    assert lifecycle.reason(release(), date(2026, 6, 30)) == ""


def test_the_release_is_found_in_what_somebody_wrote() -> None:
    known = [Release(version=version, released_on=date(2024, 1, 1)) for version in ("6", "6.4", "7.0")]
    assert getattr(lifecycle.named("Atlas 6.4.2 (build 99)", known), "version", "") == "6.4"
    assert lifecycle.named("the newest one", known) is None


def test_the_end_of_maintenance_is_changed_with_its_reason_and_the_log_keeps_what_it_was(cast: Cast) -> None:
    one = add_release(
        cast.atlas, version="4.1", released_on=date(2024, 1, 1), maintained_until=date(2026, 6, 30),
        by=acting(cast.hana), at=NOW,
    )  # fmt: skip
    days: Any = {
        "released_on": date(2024, 1, 1),
        "phases": {"full": date(2025, 1, 1)},
        "by": acting(cast.hana),
    }
    with pytest.raises(Refused, match="say why they change"):
        change_release(one, maintained_until=date(2026, 12, 31), reason=" ", at=NOW, **days)
    changes = change_release(
        one, maintained_until=date(2026, 12, 31), reason="Half a year more", at=NOW, **days
    )
    assert "maintained until: 2026-06-30 became 2026-12-31" in changes
    act = Act.objects.latest("pk")
    assert (act.kind, act.what, act.before["maintained_until"]) == (
        "release changed", "Atlas Directory 4.1", "2026-06-30",
    )  # fmt: skip
    assert act.after["why"] == "Half a year more"
    with pytest.raises(Refused, match="ends after maintenance does"):
        change_release(
            one, maintained_until=date(2024, 6, 1), reason="x", at=NOW,
            **{**days, "phases": {"full": date(2025, 1, 1)}},
        )  # fmt: skip
