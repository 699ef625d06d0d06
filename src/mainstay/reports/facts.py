"""Conditions of a KPI row on its tickets, as SQL over present facts, and as the facts stood at an earlier instant.

What a contract version decides (package, region, ...) and what only a ticket's terms remember (its phase, whether it
came within hours) arrive here as the versions and terms that fit: `measures.Measure.when`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mainstay.customers.models import Environment
from mainstay.policy.conditions import needs
from mainstay.tickets.models import Event, Ticket

When = tuple[tuple[str, tuple[str, ...]], ...]
COLUMNS = {
    "environment": "e.kind",
    "category": "t.category",
    "channel": "t.channel",
    "product": "p.code",
    "language": "coalesce(nullif(t.language, ''), cu.language)",
    "version": "t.contract_id::text",
    "terms": "t.terms_id",
}
JOINS = (
    "LEFT JOIN customers_environment e ON e.id = t.environment_id"
    " LEFT JOIN customers_product p ON p.id = e.product_id"
    " LEFT JOIN customers_customer cu ON cu.id = t.customer_id"
)
OF_THE_TICKET = {"category", "channel", "flag", "version", "terms"}
MAY_CHANGE = ("category", "environment_id", "language", "flags", "contract_id", "terms_id")


def condition(when: When) -> tuple[str, str]:
    """The condition on `t` and what has to be joined for it; all values are passed apart (`values`)."""
    parts = [
        "t.flags::text[] @> ANY(SELECT string_to_array(one, '+') FROM unnest(%(when_flag)s::text[]) AS one)"
        if name == "flag"
        else f"{COLUMNS[name]} = ANY(%(when_{name})s)"
        for name, _ in when
    ]
    return " AND ".join(parts) or "true", JOINS if {name for name, _ in when} - OF_THE_TICKET else ""


def values(when: When) -> dict[str, list[str]]:
    return {f"when_{name}": list(wanted) for name, wanted in when}


def fitting(tickets: Iterable[int], when: When, ends: datetime) -> set[int]:
    """Which of these tickets had facts that fit, just before `ends`."""
    found = Ticket.objects.filter(pk__in=list(tickets)).select_related("environment__product", "customer")
    listed = list(found)
    changed = _before([one.pk for one in listed], ends)
    systems = {one.pk: one for one in Environment.objects.filter(
        pk__in={was["environment_id"] for was in changed.values() if was.get("environment_id")}
    ).select_related("product")}  # fmt: skip
    return {one.pk for one in listed if _fits(one, when, changed.get(one.pk, {}), systems)}


def _before(tickets: list[int], ends: datetime) -> dict[int, dict[str, Any]]:
    """What facts were before the first change since `ends`, by ticket; those that did not change are not there."""
    found: dict[int, dict[str, Any]] = {}
    for ticket, was, now in (
        Event.objects.filter(ticket__in=tickets, at__gte=ends)
        .order_by("ticket", "seq")
        .values_list("ticket", "before", "after")
    ):
        for name in MAY_CHANGE:
            if name in now and name in was:
                found.setdefault(ticket, {}).setdefault(name, was[name])
    return found


def _fits(ticket: Ticket, when: When, was: dict[str, Any], systems: dict[int, Environment]) -> bool:
    system = systems.get(was["environment_id"] or 0) if "environment_id" in was else ticket.environment
    language = was.get("language", ticket.language) or (ticket.customer.language if ticket.customer else "")
    have: dict[str, set[str]] = {
        "environment": {system.kind} if system else set(),
        "product": {system.product.code} if system and system.product else set(),
        "category": {str(was.get("category", ticket.category))},
        "channel": {str(ticket.channel)},
        "language": {str(language)},
        "version": {str(was.get("contract_id", ticket.contract_id))},
        "terms": {str(was.get("terms_id", ticket.terms_id))},
    }
    flags = set(was.get("flags", ticket.flags) or [])
    return all(
        any(needs(one) <= flags for one in wanted) if name == "flag" else have[name] & set(wanted)
        for name, wanted in when
    )
