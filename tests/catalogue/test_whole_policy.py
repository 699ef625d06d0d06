"""The running configuration as one policy: out, changed, in again; a broken one never replaces a working one (P2)."""

import copy
from typing import Any

import pytest

from cast import NOW, acting
from mainstay.accounts.models import Act
from mainstay.catalogue import publish
from mainstay.catalogue.compile import digest
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.contracts.entitlement import entitlement_at
from mainstay.errors import Refused


@pytest.fixture
def parts(cast: Any) -> dict[str, Any]:
    return copy.deepcopy(publish.export_parts())


def load(parts: dict[str, Any], cast: Any) -> list[str]:
    return publish.load_parts(parts, by=acting(cast.ruth), at=NOW, reason="From the file")


def versions() -> list[tuple[str, int]]:
    return [
        (one.code, one.version)
        for model in (DeskPolicy, ServiceLevel, Package)
        for one in model.objects.order_by("code", "version")
    ]


def test_what_is_exported_and_loaded_again_changes_nothing(parts: dict[str, Any], cast: Any) -> None:
    before = versions()
    assert load(parts, cast) == []
    assert versions() == before
    assert digest(publish.export_parts()) == digest(parts)


def test_loaded_edited_in_the_product_exported_and_loaded_it_has_the_same_hash(
    parts: dict[str, Any], cast: Any
) -> None:
    parts["levels"]["standard"]["warn_at"] = 60
    load(parts, cast)
    level = publish.current(ServiceLevel, "high")
    document = {**level.document, "summary": "Edited on its page."}
    publish.publish_level(
        code="high", name="High", rank=3, document=document, by=acting(cast.ruth), at=NOW, reason="Shorter"
    )
    out = copy.deepcopy(publish.export_parts())
    load(out, cast)
    assert digest(publish.export_parts()) == digest(out)
    assert out["levels"]["standard"]["warn_at"] == 60
    assert out["levels"]["high"]["summary"] == "Edited on its page."


def test_only_what_differs_gets_a_version_and_the_change_is_said_in_words(
    parts: dict[str, Any], cast: Any
) -> None:
    parts["desk"]["queue_ceiling_days"] = 7
    parts["packages"]["high"]["contacts"] = 20
    assert load(parts, cast) == [
        "Desk policy: queue ceiling days: 5 became 7",
        "package High Priority Support: contacts: 15 became 20",
    ]
    assert publish.current_desk_policy().version == 2
    assert publish.current(Package, "high").version == 2
    assert publish.current(ServiceLevel, "high").version == 1
    assert Act.objects.filter(kind="package published").count() == 1


def test_a_package_sells_the_level_that_came_with_it(parts: dict[str, Any], cast: Any) -> None:
    parts["levels"]["high"]["warn_at"] = 50
    load(parts, cast)
    assert publish.current(Package, "high").level.version == 2


def test_what_the_policy_has_no_more_is_withdrawn_and_contracts_keep_it(
    parts: dict[str, Any], cast: Any
) -> None:
    before = entitlement_at(cast.fernleigh, NOW)
    del parts["packages"]["standard"], parts["levels"]["standard"]
    said = load(parts, cast)
    assert "package Standard Business Support is withdrawn; contracts that name it keep it" in said
    assert "standard" not in {one.code for one in publish.current_packages()}
    assert "standard" not in publish.export_parts()["levels"]
    assert entitlement_at(cast.fernleigh, NOW).terms == before.terms
    parts = copy.deepcopy(publish.export_parts())
    assert load(parts, cast) == []


def test_what_was_withdrawn_may_come_back(parts: dict[str, Any], cast: Any) -> None:
    less = copy.deepcopy(parts)
    del less["packages"]["standard"]
    load(less, cast)
    assert load(parts, cast) == ["package Standard Business Support: back in the catalogue"]
    assert digest(publish.export_parts()) == digest(parts)


@pytest.mark.parametrize(
    ("break_it", "field"),
    [
        (lambda p: p["levels"]["high"]["targets"][0].update(target="soon"), "levels.high.targets[0].target"),
        (lambda p: p["packages"]["high"]["hours"].update(week={}), "packages.high.hours.week"),
        (lambda p: p["packages"]["high"].update(level="gold"), "packages.high.level"),
        (lambda p: p["desk"]["severities"].pop(1), "desk.severities"),
        (lambda p: p["levels"]["high"]["targets"].append(p["levels"]["high"]["targets"][0]), "levels.high.targets"),
        (lambda p: p.pop("desk"), "desk"),
    ],
)  # fmt: skip
def test_a_broken_policy_never_replaces_a_working_one(
    parts: dict[str, Any], cast: Any, break_it: Any, field: str
) -> None:
    parts.setdefault("desk", {})["queue_ceiling_days"] = 9  # a part that is right is not published either
    break_it(parts)
    before = versions()
    with pytest.raises(Refused) as refused:
        load(parts, cast)
    assert refused.value.field.startswith(field)
    assert versions() == before


def test_the_whole_policy_may_have_other_severities(parts: dict[str, Any], cast: Any) -> None:
    last = parts["desk"]["severities"][-1]
    parts["desk"]["severities"].append({**last, "rank": 4, "name": "Wish"})
    for code in ("standard", "high", "critical"):
        parts["levels"][code]["targets"] += [
            {"clock": clock, "severity": 4, "target": "30bd", "calendar": "business", "kind": "goal"}
            for clock in ("first_response", "next_response")
        ]
    load(parts, cast)
    assert publish.severity_ranks() == [1, 2, 3, 4]
