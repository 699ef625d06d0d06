"""How a promise stands, by the facts of its clock."""

from datetime import UTC, datetime, timedelta

import pytest

from mainstay.ui.states import promise_state

NOW = datetime(2026, 11, 23, 3, 6, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("facts", "k"),
    [
        ({"state": "running", "due": NOW + SECOND}, "run"),
        ({"state": "running", "due": NOW + SECOND, "warn_at": NOW}, "warn"),
        ({"state": "running", "due": NOW}, "run"),
        ({"state": "running", "due": NOW - SECOND}, "over"),
        ({"state": "running", "due": NOW - SECOND, "goal": True}, "goal"),
        ({"state": "paused", "waiting": "waiting_on_customer"}, "wait"),
        ({"state": "paused", "waiting": "waiting_on_third_party"}, "third"),
        ({"state": "paused", "waiting": "out_of_scope", "breached": True}, "third"),
        ({"state": "stopped"}, "met"),
        ({"state": "stopped", "breached": True}, "over"),
        ({"state": "stopped", "breached": True, "goal": True}, "met"),
        ({"state": "cancelled"}, "was"),
    ],
)
def test_the_state_follows_from_the_facts(facts, k):
    assert promise_state(now=NOW, **facts) == k
