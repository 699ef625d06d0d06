"""Which tickets were open at an instant, by their logs, and at which severity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from mainstay.reports import facts
from mainstay.tickets.models import Event, State, Ticket


def open_at(
    line: Iterable[int], at: datetime, severities: tuple[int, ...] = (), when: facts.When = ()
) -> list[tuple[int, datetime]]:
    """Number and opening instant of what was open just before `at`, the oldest first.

    A ticket to which nothing happened since stands as it stood; of the others the log is asked.
    """
    mine = Ticket.objects.filter(contract__in=list(line), opened_at__lt=at).exclude(close_reason="spam")
    still = mine.filter(~Q(state=State.CLOSED), last_at__lt=at).values_list("pk", "opened_at", "severity")
    later = list(mine.filter(last_at__gte=at).values_list("pk", "opened_at", "severity"))
    states = _states([number for number, _, _ in later], at)
    found = list(still)
    for number, opened, severity in later:
        is_open, was = states.get(number, (True, severity))
        if is_open:
            found.append((number, opened, was))
    wanted = [
        (number, opened) for number, opened, severity in found if not severities or severity in severities
    ]
    if when:
        fits = facts.fitting([number for number, _ in wanted], when, at)
        wanted = [one for one in wanted if one[0] in fits]
    return sorted(wanted, key=lambda one: (one[1], one[0]))


def _states(tickets: list[int], at: datetime) -> dict[int, tuple[bool, int]]:
    """Whether each was open just before `at`, and its severity then, from the log."""
    rows = Event.objects.filter(ticket__in=tickets, at__lt=at).order_by("ticket", "seq")
    found: dict[int, tuple[bool, int]] = defaultdict(lambda: (True, 0))
    for ticket, kind, after in rows.values_list("ticket", "kind", "after"):
        is_open, severity = found[ticket]
        if kind in {"closed", "reopened"}:
            is_open = kind == "reopened"
        found[ticket] = is_open, int(after.get("severity") or severity)
    return found
