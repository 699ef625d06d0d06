"""The cells of a contract for whoever signs it, in the language they are spoken to in (P5).

`cells` writes what the desk types and reads back, always in the same words; here is what is only read: hours, KPIs,
quotas, prices, and the places that differ from the catalogue. Words that nobody here knows, such as those a vendor
wrote, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from mainstay.contracts import cells, channels
from mainstay.contracts.sold import Line
from mainstay.policy import weeks
from mainstay.policy.compile import calendars_in
from mainstay.policy.rows import FIGURES

CLOCKS = {
    "triage": gettext_noop("Triage"),
    "dispatch": gettext_noop("Dispatch"),
    "first_response": gettext_noop("First response"),
    "next_response": gettext_noop("Next response"),
    "progress_update": gettext_noop("Progress update"),
    "workaround": gettext_noop("Workaround"),
    "resolution": gettext_noop("Resolution"),
    "root_cause": gettext_noop("Root cause"),
}
HOLIDAYS = {
    "customer": gettext_noop("closed on public holidays there"),
    "none": gettext_noop("open on public holidays"),
}
_OF_WEEK = (
    gettext_noop("Mon"), gettext_noop("Tue"), gettext_noop("Wed"), gettext_noop("Thu"), gettext_noop("Fri"),
    gettext_noop("Sat"), gettext_noop("Sun"), gettext_noop("daily"), gettext_noop("round the clock"),
)  # fmt: skip
_KNOWN = {
    # channels and environments
    "documentation": gettext_noop("documentation"),
    "email": gettext_noop("email"),
    "portal": gettext_noop("portal"),
    "phone": gettext_noop("phone"),
    "api": gettext_noop("API"),
    "alerts": gettext_noop("alerts"),
    "production": gettext_noop("production"),
    "test": gettext_noop("test"),
    "development": gettext_noop("development"),
    # types of requests
    "technical": gettext_noop("technical"),
    "billing": gettext_noop("billing"),
    "feature": gettext_noop("feature"),
    "enquiry": gettext_noop("enquiry"),
    # what KPIs are named and how they hold
    "responses_in_time": gettext_noop("Responses in time"),
    "in_time": gettext_noop("In time"),
    "uptime": gettext_noop("Uptime"),
    "satisfaction": gettext_noop("Satisfaction"),
    "missed": gettext_noop("Missed"),
    "response_p95": gettext_noop("Response p95"),
    "backlog_age": gettext_noop("Backlog age"),
    "objective": gettext_noop("objective"),
    "guarantee": gettext_noop("guarantee"),
    "strict_guarantee": gettext_noop("strict guarantee"),
    "month": gettext_noop("month"),
    "quarter": gettext_noop("quarter"),
    "year": gettext_noop("year"),
    "contract": gettext_noop("contract"),
    # phases of a release's life, as shipped
    "Full support": gettext_noop("Full support"),
    "Maintenance": gettext_noop("Maintenance"),
    "faults": gettext_noop("faults"),
    "grave faults": gettext_noop("grave faults"),
    "security": gettext_noop("security"),
    "questions": gettext_noop("questions"),
    "help with the upgrade": gettext_noop("help with the upgrade"),
}

CONDITIONS = {
    "environment": gettext_noop("environment"),
    "category": gettext_noop("category"),
    "channel": gettext_noop("channel"),
    "product": gettext_noop("product"),
    "language": gettext_noop("language"),
    "region": gettext_noop("region"),
    "package": gettext_noop("package"),
    "level": gettext_noop("level"),
    "phase": gettext_noop("phase"),
    "flag": gettext_noop("flag"),
    "addon": gettext_noop("add-on"),
    "bought": gettext_noop("bought"),
}
_ALSO = (
    # what the shipped packages are sold by, conditions of rows, the lines of a negotiation
    gettext_noop("included in the subscription"),
    gettext_noop("each environment, a year"),
    gettext_noop("a year"),
    gettext_noop("What every current subscription brings: the documentation, and limited email support."),
    gettext_noop("Email and portal in business hours, with basic monitoring of major issues."),
    gettext_noop("A dedicated team, the phone in business hours, and regular proactive monitoring."),
    gettext_noop("A specialised team round the clock, continuous monitoring, and strict guarantees."),
    gettext_noop("a quarter"),
    gettext_noop("a month"),
    gettext_noop("each environment, a quarter"),
    gettext_noop("each environment, a month"),
    gettext_noop("all environments, a year"),
    gettext_noop("all environments, a month"),
    gettext_noop("received outside hours"),
    gettext_noop("received inside hours"),
    gettext_noop("Business hours"),
    gettext_noop("Channels"),
    gettext_noop("Languages"),
    gettext_noop("Kinds of environment"),
    gettext_noop("Add-ons"),
    gettext_noop("Named contacts"),
    gettext_noop("Requests"),
    gettext_noop("Included hours"),
    gettext_noop("Price"),
    gettext_noop("Closing"),
    gettext_noop("Stands still while"),
    gettext_noop("Starts when"),
    gettext_noop("Reopening, escalation"),
    gettext_noop("solution reminders"),
    gettext_noop("solution closes"),
    gettext_noop("question reminders"),
    gettext_noop("question closes"),
    gettext_noop("reopen window"),
    gettext_noop("reopened resolution"),
    gettext_noop("escalation by the TAM"),
)


def known(word: str) -> str:
    """A word of ours in the reader's language; any other as it was written."""
    said = _KNOWN.get(word, word)
    return _(said) if said else ""


def clock(name: str) -> str:
    return str(_(CLOCKS.get(name, name)))


def week(given: Mapping[str, Any]) -> str:
    """ "Mon-Fri 09:00-17:00"."""
    return re.sub("|".join(_OF_WEEK), lambda found: _(found[0]), weeks.words(given))


def calendar(given: Mapping[str, Any], home: str) -> str:
    """ "Mon-Fri 09:00-17:00, Sydney time; closed on public holidays there"; `home` is the customer's zone."""
    if given.get("always"):
        return _("round the clock")
    if "week" not in given:
        return str(given.get("words") or _("as agreed"))
    zone = given.get("time_zone", "customer")
    listed = given.get("holidays", "customer")
    if str(listed) in HOLIDAYS:
        holidays = _(HOLIDAYS[str(listed)])
    else:
        holidays = _("closed on %(days)s") % {"days": ", ".join(map(str, listed))}
    place = home.rpartition("/")[2].replace("_", " ")
    where = _("%(place)s time") % {"place": place} if zone == "customer" else zone
    opens = week(given["week"]) or _("as agreed")
    return f"{opens}, {where}; {holidays}"


def channel_hours(effective: Mapping[str, Any], name: str, home: str) -> str:
    """The hours of a channel of the package; empty where it has none of that name."""
    if name not in effective.get("channels", []):
        return ""
    named = channels.hours_named(effective, name)
    return calendar(calendars_in(effective).get(named, {"always": True}), home)


def severity(given: Mapping[str, Any], what: str = "name") -> str:
    """A severity's name, definition or urgency in the reader's language: as the policy says it there, else as we
    translate our own, else as it was written."""
    own = given.get("in", {}).get(get_language() or "", {}).get(what)
    return str(own or known(str(given.get(what, ""))))


def reduced(phase: Mapping[str, Any]) -> str:
    """That a release is in a phase of reduced support, what that does to promises, and the policy's clause; empty for
    none (X1)."""
    if not phase:
        return ""
    said = (
        _("The release is in its phase “%(phase)s”, in which no times are promised.")
        if phase["targets"] == "none"
        else _(
            "The release is in its phase “%(phase)s”, in which promises are goals: measured and shown, not owed."
        )
    ) % {"phase": known(str(phase["name"]))}
    if phase.get("covers"):
        said += " " + _("It covers %(what)s.") % {"what": listed(phase["covers"])}
    clause = known(str(phase.get("words", "")))
    return _("%(said)s The policy says: “%(clause)s”") % {"said": said, "clause": clause} if clause else said


def listed(words: Sequence[str] | None) -> str:
    return ", ".join(map(known, words or ()))


def people(given: Any) -> str:
    """ "15"; "5, 1 more for each 100 units, at most 20, beyond that a person decides"."""
    if not isinstance(given, Mapping):
        return cells.people_text(given)
    said = [number(given.get("included", 0))]
    if given.get("per_units"):
        units = ngettext("1 more for each unit", "1 more for each %(units)s units", given["per_units"])
        said.append(units % {"units": given["per_units"]})
    if given.get("most"):
        said.append(_("at most %(people)s") % {"people": given["most"]})
    return ", ".join([*said, *_beyond(given)])


def quota(given: Mapping[str, Any] | None, name: str) -> str:
    """ "10 per month", "8 per quarter, kept 2 months, beyond that a person decides"."""
    if not given:
        return ""
    said = [_("%(number)s per %(period)s") % {"number": given[name], "period": known(given["per"])}]
    if months := given.get("carry_over_months"):
        said.append(ngettext("kept %(months)s month", "kept %(months)s months", months) % {"months": months})
    return ", ".join([*said, *_beyond(given)])


def _beyond(given: Mapping[str, Any]) -> list[str]:
    """What comes of more than that, where the agreement says so; what is not said is served."""
    return [_("beyond that a person decides")] if given.get("beyond") == "decide" else []


def price(given: Mapping[str, Any]) -> str:
    """ "1200.00 EUR, each environment, a year"."""
    basis = known(str(given.get("basis", "")))
    if "amount" not in given:
        return basis
    amount = f"{number(given['amount'])} {given.get('currency', '')}".strip()
    return ", ".join(part for part in (amount, basis) if part)


def place(line: Line) -> str:
    """A line of a negotiation: "First response, severity 1, received outside hours"."""
    head, *rest = line.key.split(" ", 3)
    if head == "targets":
        which = _("any other severity") if rest[1] == "*" else _("severity %(rank)s") % {"rank": rest[1]}
        case = condition(line.label.partition(", ")[2]) if len(rest) > 2 else ""
        return ", ".join(part for part in (clock(rest[0]), which, case) if part)
    if head == "kpis":
        named = known(rest[0]) if rest[0] in FIGURES else line.label[:1].upper() + line.label[1:]
        return _("KPI, %(name)s") % {"name": named}
    label = clock(rest[0]) if rest and rest[0] in CLOCKS else known(line.label)
    return ", ".join(part for part in (known(line.group), label) if part)


def condition(said: str) -> str:
    """When a row holds, as `conditions.words` has said it."""
    return ", ".join(map(_asked, said.split(", "))) if said else ""


def _asked(part: str) -> str:
    """ "environment production or test": the condition and its values, each in the reader's language."""
    name, _is, values = part.partition(" ")
    if name not in CONDITIONS or known(part) != part:
        return known(part)
    if name == "bought":
        side = _("bought before %(day)s") if values.startswith("before ") else _("bought since %(day)s")
        return side % {"day": values.partition(" ")[2]}
    either = _("or")
    return f"{_(CONDITIONS[name])} " + f" {either} ".join(map(known, values.split(" or ")))


def number(given: Any) -> str:
    """With the decimal sign of the language and the places it was written with."""
    text = str(given)
    places = len(text.partition(".")[2])
    return str(number_format(Decimal(text), places, use_l10n=True, force_grouping=False))
