"""What clocks, facts, flags, links and rungs are called in sentences about a ticket."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

CLOCKS = {
    "first_response": gettext_noop("first response"),
    "next_response": gettext_noop("next response"),
    "progress_update": gettext_noop("progress report"),
    "workaround": gettext_noop("workaround"),
    "resolution": gettext_noop("resolution"),
    "triage": gettext_noop("triage"),
    "dispatch": gettext_noop("dispatch"),
    "root_cause": gettext_noop("root-cause report"),
}
CONCERNS = {
    "escalation": "escalation asked for",
    "severity": "objection to the severity",
    "complaint": "complaint",
}
FLAGS = {
    "by_phone": "reported by phone",
    "round_the_clock": "the customer works on it round the clock",
}
"""The flags that every desk knows; those that rows of a policy ask for are beside them."""
LINKED = {"blocks": "what it waits for", "holds_up": "what waits for it", "caused_by": "of the same cause"}
FACTS = {
    "customer_id": "customer id",
    "contact_name": "contact's name",
    "contact_email": "contact's email",
    "contact_phone": "contact's phone",
    "business_impact": "business impact",
    "desired_severity": "desired severity",
    "related_tickets": "related tickets",
    "description": "description",
    "steps": "steps to reproduce",
    "frequency": "how often",
    "product_version": "product version",
    "environment": "environment",
    "debugging": "debugging details",
    "customer_reference": "customer's own reference",
    "since": "since when",
    "invoice": "invoice or licence number",
    "use_case": "what they want to achieve",
}
BACK = {
    "time": "the time has come", "warned": "a promise is due soon", "breached": "a promise was missed",
    "thanked": "the customer answered", "customer_replied": "the customer answered",
    "solution_rejected": "the solution does not help", "dispatched": "it was given to them",
    "handed_over": "it was handed over to them", "handover_declined": "it was given back to them",
    "resumed": "waiting is over", "severity_changed": "its severity changed", "escalated": "it was escalated",
    "escalated_by_ladder": "it was escalated", "emergency_flagged": "it looks like an emergency",
    "delivery_failed": "a mail could not be delivered", "noted": "they were named in a note",
}  # fmt: skip
"""Why a ticket that was put off came back; anything else is what the customer wants."""


def called(names: list[str]) -> str:
    """Whom a rung of a ladder names: "support manager and vice president"."""
    said = [name.replace("_", " ") for name in names]
    return " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def reached(rung: dict[str, Any]) -> str:
    """What brings a rung about: "severity 1, 50 % of resolution used", "2h after it came to severity 1"."""
    clock, after = CLOCKS.get(rung["clock"], ""), rung["after"]
    severity = "" if rung["severity"] == "*" else f"severity {rung['severity']}, "
    if after.endswith("%"):
        return f"{severity}{after[:-1]} % of {clock} used"
    if clock:
        return f"{severity}{after} of {clock} used"
    return f"severity {rung['severity']} for {after}" if severity else f"open for {after}"


def back_because(kind: str) -> str:
    """Why a ticket that was put off is back, in words."""
    return BACK.get(kind, "the customer wants something of us")
