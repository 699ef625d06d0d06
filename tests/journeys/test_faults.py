"""The short form of `make faults`: processes are killed while mail arrives, and a ledger outside decides."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "faults"))

pytestmark = pytest.mark.slow


def test_nothing_is_lost_or_doubled_while_processes_are_killed() -> None:
    import mail as faults

    verdict = faults.run(mails=60, kills=5, seed=7, moody=2, say=lambda *_, **__: None)
    assert verdict.wrong == []
