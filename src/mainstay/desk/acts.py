"""What one may do to a ticket, step by step; how each is done is in `acting`."""

from __future__ import annotations

from mainstay.desk import dispatch_acts, merging_acts, resolution_acts, scope_acts, triage_acts
from mainstay.desk.acting import Do

ACTS: tuple[tuple[str, str, Do], ...] = (
    *triage_acts.ACTS,
    *scope_acts.ACTS,
    *dispatch_acts.ACTS,
    *resolution_acts.ACTS,
    *merging_acts.ACTS,
)
"""(name, last part of the address, what it does)"""
