"""How a promise stands, decided from the facts of its clock."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from mainstay.ui.shapes import State

ClockState = Literal["running", "paused", "stopped", "cancelled"]


def promise_state(
    *,
    state: ClockState,
    now: datetime,
    due: datetime | None = None,
    warn_at: datetime | None = None,
    breached: bool = False,
    waiting: str = "",
    goal: bool = False,
) -> State:
    """The `data-k` of a clock row.

    `waiting` is the ticket's waiting state (`waiting_on_customer`, `waiting_on_third_party`, `out_of_scope`).
    A goal is never pressing and never breached; a running promise is breached strictly after its due instant.
    """
    if state == "cancelled":
        return "was"
    if state == "stopped":
        return "over" if breached and not goal else "met"
    if state == "paused":
        return "wait" if waiting == "waiting_on_customer" else "third"
    if goal:
        return "goal"
    if breached or (due is not None and now > due):
        return "over"
    return "warn" if warn_at is not None and now >= warn_at else "run"
