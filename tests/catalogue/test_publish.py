"""A published version never changes; the next one says what became different."""

from copy import deepcopy

import pytest

from cast import NOW, acting
from mainstay.catalogue import publish, shipped
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.contracts.entitlement import entitlement_at
from mainstay.errors import Refused


def quicker():
    document = deepcopy(shipped.STANDARD)
    row = next(row for row in document["targets"] if row["clock"] == "first_response")
    row["target"] = "2h"
    return document


def publish_standard(cast, document, **more):
    asked = {"code": "standard", "name": "Standard Business", "rank": 2, "reason": "customers asked", **more}
    return publish.publish_level(document=document, by=acting(cast.hana), at=NOW, **asked)


def test_the_difference_of_two_versions_is_told_in_words(cast):
    before = publish.current(ServiceLevel, "standard")
    after = publish_standard(cast, quicker())
    assert after.version == 2
    assert publish.differences(before, after) == [
        "first response, severity 1: 4h business time, promise became 2h business time, promise"
    ]
    assert [version.version for version in publish.history(ServiceLevel, "standard")] == [2, 1]
    assert publish.history(ServiceLevel, "standard")[0].published_by == cast.hana


def test_new_and_dropped_rows_are_told_too(cast):
    document = quicker()
    document["targets"] = [row for row in document["targets"] if row["clock"] != "workaround"]
    document["targets"].append(
        {"clock": "root_cause", "severity": 1, "target": "10bd", "calendar": "business", "kind": "goal"}
    )
    document["monitoring"]["trends"] = True
    said = publish.differences(publish.current(ServiceLevel, "standard"), publish_standard(cast, document))
    assert "workaround, severity 1: 2bd business time, goal is gone" in said
    assert "root cause, severity 1: 10bd business time, goal is new" in said
    assert "monitoring, trends: no became yes" in said


def test_13_a_signed_contract_keeps_the_version_it_was_signed_with(cast):
    before = entitlement_at(cast.fernleigh, NOW)
    level = publish_standard(cast, quicker())
    package = shipped.PACKAGES[1][2]
    publish.publish_package(
        code="standard",
        name="Standard",
        level=level,
        document=package,
        by=acting(cast.hana),
        at=NOW,
        reason="x",
    )
    assert entitlement_at(cast.fernleigh, NOW).terms == before.terms


def test_a_version_needs_a_reason_and_a_name(cast):
    with pytest.raises(Refused, match="reason: is missing"):
        publish_standard(cast, quicker(), reason=" ")
    with pytest.raises(Refused, match="name: must be"):
        publish_standard(cast, quicker(), name="")
    with pytest.raises(Refused, match="code: must be"):
        publish_standard(cast, quicker(), code="Not a code")
    assert ServiceLevel.objects.filter(code="standard").count() == 1


def test_a_desk_may_have_four_severities_but_not_lose_one_in_use(cast):
    document = deepcopy(shipped.DESK)
    document["severities"].append({"rank": 4, "name": "Wish", "definition": "Wishes.", "urgency": "some day"})
    publish.publish_desk_policy(document=document, by=acting(cast.ruth), at=NOW, reason="wishes apart")
    assert publish.severity_ranks() == [1, 2, 3, 4]
    with pytest.raises(Refused, match="severities: lack severity 3, which Standard Business has targets for"):
        publish.publish_desk_policy(
            document={**document, "severities": document["severities"][:2]},
            by=acting(cast.ruth), at=NOW, reason="fewer",
        )  # fmt: skip
    assert publish.current(DeskPolicy, "desk").version == 2


def test_a_code_nobody_published_is_refused(cast):
    with pytest.raises(Refused, match="there is no package 'gold'"):
        publish.current(Package, "gold")
