"""A desk that was set up with an older edition is told what is newer; it takes it over by one act, or keeps its own."""

import copy
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act
from mainstay.advisor import publish as advisor
from mainstay.catalogue import publish, shipped
from mainstay.catalogue.models import ServiceLevel
from mainstay.policy.merging import merged

As = Callable[..., Client]
TOLD = "The product ships something newer"


@pytest.fixture
def ruth(cast: Cast, as_: As, now: datetime) -> Client:
    return as_(cast.ruth)


@pytest.fixture
def edition(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The next edition of what is shipped, to be changed by a test."""
    parts, rules = copy.deepcopy(shipped.parts()), copy.deepcopy(advisor.shipped())
    monkeypatch.setattr(shipped, "parts", lambda: parts)
    monkeypatch.setattr(advisor, "shipped", lambda: rules)
    return {"parts": parts, "rules": rules}


def policy(client: Client) -> str:
    return str(client.get("/desk/policy").content.decode())


def take(client: Client, **more: str) -> Any:
    looked = re.search(r'name="looked" value="(\w+)"', policy(client))
    assert looked
    return client.post("/desk/policy/shipped", {"looked": looked[1], **more})


def test_a_fresh_desk_is_told_nothing(ruth: Client) -> None:
    assert TOLD not in policy(ruth)


def test_what_is_newer_is_told_in_words_and_taken_over_only_by_hand(
    ruth: Client, edition: dict[str, Any]
) -> None:
    edition["parts"]["desk"]["queue_ceiling_days"] = 4
    edition["parts"]["levels"]["high"]["warn_at"] = 60
    edition["rules"]["questions"][0]["ask"] = "What happens when it stands still?"
    page = policy(ruth)
    for words in (
        TOLD, "queue ceiling days: 5 became 4", "High Priority: warn at: 75 became 60",
        "What happens when it stands still?",
    ):  # fmt: skip
        assert words in page
    assert publish.current_desk_policy().version == 1, "nothing is taken over by itself"
    assert take(ruth).status_code == 303
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 4
    assert publish.current(ServiceLevel, "high").document["warn_at"] == 60
    assert advisor.current().rules.questions[0].ask == "What happens when it stands still?"
    assert TOLD not in policy(ruth)
    assert Act.objects.filter(kind="shipped edition taken over").get().after == {"changed": 4}


def test_what_the_vendor_changed_stays_and_is_named(
    ruth: Client, cast: Cast, edition: dict[str, Any]
) -> None:
    document: Any = copy.deepcopy(publish.current_desk_policy().document)
    document["severities"][0]["name"], document["queue_ceiling_days"] = "Urgent", 9
    publish.publish_desk_policy(document=document, by=acting(cast.ruth), at=NOW, reason="Ours")
    edition["parts"]["desk"]["severities"][0] |= {"name": "Grave", "urgency": "immediately"}
    edition["parts"]["desk"]["exclusions"].append(
        {"code": "games", "title": "Games", "wording": "We play none."}
    )
    page = policy(ruth)
    assert "severities, 1, name</li>" in page
    take(ruth)
    held: Any = publish.current_desk_policy().document
    assert (held["severities"][0]["name"], held["severities"][0]["urgency"]) == ("Urgent", "immediately")
    assert held["queue_ceiling_days"] == 9
    assert held["exclusions"][-1]["code"] == "games"
    assert TOLD not in policy(ruth), "what was kept is not told again"
    edition["parts"]["desk"]["severities"][0]["name"] = "Graver"
    assert "severities, 1, name</li>" in policy(ruth), "until it changes again"


def test_what_cannot_be_taken_over_says_why(ruth: Client, cast: Cast, edition: dict[str, Any]) -> None:
    edition["parts"]["desk"]["severities"][0]["name"] = "Low"
    page = policy(ruth)
    assert "It cannot be taken over as it is" in page
    assert "is there twice" in page
    assert "Take these over" not in page
    assert ruth.post("/desk/policy/shipped", {"looked": "x"}).status_code == 303
    assert publish.current_desk_policy().version == 1


def test_what_is_newer_may_be_left_aside(ruth: Client, edition: dict[str, Any]) -> None:
    edition["parts"]["desk"]["queue_ceiling_days"] = 4
    assert "Keep ours, and do not tell this again" in policy(ruth)
    assert take(ruth, keep="1").status_code == 303
    assert publish.current_desk_policy().version == 1
    assert TOLD not in policy(ruth)
    assert Act.objects.latest("pk").kind == "shipped edition left aside"
    edition["parts"]["desk"]["queue_ceiling_days"] = 3
    assert "queue ceiling days</li>" in policy(ruth), "ours by then, and shipped differently again"


def test_what_changed_since_it_was_looked_at_is_not_taken(ruth: Client, edition: dict[str, Any]) -> None:
    edition["parts"]["desk"]["queue_ceiling_days"] = 4
    looked = re.search(r'name="looked" value="(\w+)"', policy(ruth))
    assert looked
    edition["parts"]["desk"]["queue_ceiling_days"] = 3
    ruth.post("/desk/policy/shipped", {"looked": looked[1]})
    assert publish.current_desk_policy().version == 1
    assert "This is not what you looked at" in policy(ruth)


def test_others_read_it_and_take_nothing(cast: Cast, as_: As, now: datetime, edition: dict[str, Any]) -> None:
    edition["parts"]["desk"]["queue_ceiling_days"] = 4
    client = as_(cast.mara)
    assert TOLD in policy(client)
    assert "Take these over" not in policy(client)
    assert client.post("/desk/policy/shipped", {"looked": "x"}).status_code == 404


def test_rows_are_compared_by_their_codes() -> None:
    base = {"a": [{"code": "x", "n": 1}, {"code": "y", "n": 1}], "b": [1, 2], "c": {"d": 1}}
    ours = {"a": [{"code": "x", "n": 2}, {"code": "y", "n": 1}], "b": [1, 2, 3], "c": {"d": 1}}
    theirs = {"a": [{"code": "x", "n": 1}, {"code": "y", "n": 5}, {"code": "z"}], "b": [0], "c": {}}
    found = merged(base, ours, theirs)
    assert found.document == {
        "a": [{"code": "x", "n": 2}, {"code": "y", "n": 5}, {"code": "z"}], "b": [1, 2, 3], "c": {},
    }  # fmt: skip
    assert found.kept == ["b"]


def test_taking_over_at_the_same_time_as_somebody_publishes_undoes_nothing(
    ruth: Client, cast: Cast, edition: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    edition["parts"]["desk"]["queue_ceiling_days"] = 4
    page = policy(ruth)
    looked = re.search(r'name="looked" value="(\w+)"', page)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert looked
    assert seen
    check = publish.check_parts

    def while_somebody_publishes(*given: Any) -> None:
        monkeypatch.setattr(publish, "check_parts", check)
        document: Any = publish.current_desk_policy().document
        closing = {**document["closing"], "reopen_window": "15bd"}
        publish.publish_desk_policy(
            document={**document, "closing": closing}, by=acting(cast.hana), at=timezone.now(), reason="x"
        )
        check(*given)

    monkeypatch.setattr(publish, "check_parts", while_somebody_publishes)
    answer = ruth.post("/desk/policy/shipped", {"looked": looked[1], "seen": seen[1], "open": "1"})
    assert answer["Location"] == "/desk/policy?open=1#newer"
    said = ruth.get("/desk/policy?open=1").content.decode()
    assert "This is not what you looked at" in said
    assert "Hana Sato: Desk policy: closing, reopen window: 10bd became 15bd" in said
    assert 'name="open" value="1" checked' in said
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 5
    assert publish.current_desk_policy().document["closing"]["reopen_window"] == "15bd"
