"""A policy's durations, hours, clocks, closing and ladders spelled out as sentences that a customer would read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mainstay.policy import weeks
from mainstay.policy.compile import calendars_in
from mainstay.policy.conditions import values, words
from mainstay.sla.targets import parse_target


def duration_words(text: str, *, always: bool = False) -> str:
    """A duration for people: "4 business hours", "2 business days", "1 hour"."""
    target = parse_target(text)
    if target.unit == "bd":
        return count(target.number, "business day")
    if target.unit == "eobd":
        return (
            f"the end of business day {target.number}"
            if target.number > 1
            else "the end of the next business day"
        )
    if target.unit == "mo":
        return count(target.number, "month")
    kind = "" if always else "business "
    sizes = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    for size, name in sizes if always and target.number > 86_400 else sizes[1:]:
        if target.number % size == 0:
            return count(target.number // size, kind + name)
    raise AssertionError("every number is a multiple of one")


# ---- hours


def hours(whole: Mapping[str, Any]) -> Iterator[str]:
    used = {row["calendar"] for row in (*whole["targets"], *whole["hours_rules"]) if "calendar" in row}
    used |= {
        rule[key] for rule in whole.get("channel_rules", {}).values() for key in ("hours",) if key in rule
    }
    yield f"Business hours: {hours_words('business', whole)}."
    for name in sorted(used - {"business", "always"}):
        yield f"{name.replace('_', ' ').capitalize()}: {hours_words(name, whole)}."
    for rule in whole["hours_rules"]:
        which = named(rule.get("severity", "*"), whole)
        when = f", {words(rule['when'])}" if rule.get("when") else ""
        always = rule["calendar"] == "always"
        told = "round the clock" if always else f"in {rule['calendar'].replace('_', ' ')} hours"
        yield f"Unless a target says otherwise, {which}{when}: {told}."


def hours_words(name: str, whole: Mapping[str, Any]) -> str:
    """The hours of a calendar in words."""
    says = calendars_in(whole)[name]
    if "words" in says:
        return str(says["words"])
    if "always" in says:
        return "round the clock"
    if "week" in says:
        zone = "in your time zone" if says["time_zone"] == "customer" else says["time_zone"]
        return f"{weeks.words(says['week'])}, {zone}{_holidays(says.get('holidays', 'none'))}{_special(says)}"
    if "span" in says:
        return " and ".join(f"from {one['from']} until {one['until']}" for one in says["span"])
    if "choose" in says:
        return "; ".join(
            f"{words(one['when'])}: {hours_words(one['calendar'], whole)}" if one.get("when")
            else f"otherwise {hours_words(one['calendar'], whole)}"
            for one in says["choose"]
        )  # fmt: skip
    kind = next(kind for kind in ("any", "all", "except") if kind in says)
    told = [hours_words(one, whole) if one != name else one for one in says[kind]]
    between = {"any": " or ", "all": " and at the same time ", "except": " but not "}[kind]
    return between.join(told)


def _holidays(given: Any) -> str:
    if given == "none":
        return ""
    if given == "customer":
        return ", without the public holidays where you are"
    return f", without {', '.join(_holiday(one) for one in given)}" if given else ""


def _special(says: Mapping[str, Any]) -> str:
    """The days that have hours of their own."""
    days = [
        f"{day} {' '.join('-'.join(hours) for hours in open_) or 'closed'}"
        for day, open_ in sorted(says.get("special", {}).items())
    ]
    return f"; on {', '.join(days)}" if days else ""


def _holiday(entry: Any) -> str:
    if isinstance(entry, dict):
        if "ics" in entry:
            return f"the days of {entry['ics']}"
        few = f"{', '.join(entry['only'])} of" if "only" in entry else "the public holidays of"
        rest = f" but {', '.join(entry['without'])}" if "without" in entry else ""
        return f"{few} {entry['of']}{rest}"
    if entry == "customer":
        return "the public holidays where you are"
    return f"the public holidays of {entry}" if entry[:2].isalpha() else entry.replace("..", " to ")


STARTS = {"received": "we receive the request", "triaged": "we have set its severity",
          "information_completed": "we have all we need to work on it"}  # fmt: skip
PAUSES = {"waiting_on_customer": "we wait for you", "waiting_on_third_party": "we wait for somebody else",
          "out_of_scope": "the request is not covered"}  # fmt: skip


def clocks(whole: Mapping[str, Any]) -> Iterator[str]:
    """When clocks start and stand still, where the policy says so."""
    for clock, start in whole.get("starts_on", {}).items():
        yield f"{clock.replace('_', ' ').capitalize()} counts from when {STARTS.get(start, start)}."
    for clock, states in whole.get("pauses", {}).items():
        told = " and while ".join(PAUSES.get(one, one) for one in states)
        name = clock.replace("_", " ").capitalize()
        yield f"{name} stands still while {told}." if told else f"{name} never stands still."
    if whole.get("on_reopen") == "restart":
        yield "A request that is opened again has its full time again."


# ---- closing and ladders


def closing(whole: Mapping[str, Any]) -> Iterator[str]:
    closing = whole["closing"]
    solution, question = (
        ", ".join(duration_words(one, always=True) for one in closing[key])
        for key in ("solution_reminders", "question_reminders")
    )
    yield (
        f"A solution without an answer: reminder after {solution or 'none'}, closed after "
        f"{duration_words(closing['solution_closes'], always=True)}."
    )
    yield (
        f"A question without an answer: reminder after {question or 'none'}, closed after "
        f"{duration_words(closing['question_closes'], always=True)}."
    )
    how = f" by {' or '.join(whole['reopen_channels'])}" if "reopen_channels" in whole else ""
    yield f"A closed request may be reopened{how} within {duration_words(closing['reopen_window'], always=True)}."
    for rule in whole["closing_rules"]:
        which = named(rule.get("severity", "*"), whole)
        when = f", {words(rule['when'])}" if rule.get("when") else ""
        if rule.get("closes") is False:
            yield f"Never closed by itself: {which}{when}."
        if rule.get("reopens") is False:
            yield f"Not opened again once it is closed: {which}{when}."
        rest = [f"{CLOSING[key]} {_after(rule[key])}" for key in CLOSING if key in rule]
        if rest:
            yield f"{which[:1].upper()}{which[1:]}{when}: {', '.join(rest)}."


CLOSING = {
    "solution_reminders": "reminder of a solution after", "solution_closes": "closed after a solution after",
    "question_reminders": "reminder of a question after", "question_closes": "closed after a question after",
    "reopen_window": "may be reopened within",
}  # fmt: skip


def _after(given: Any) -> str:
    told = [duration_words(one, always=True) for one in values(given)]
    return ", ".join(told) or "never"


def escalations(whole: Mapping[str, Any]) -> Iterator[str]:
    for row in whole["escalations"]:
        which = named(row.get("severity", "*"), whole)
        which += f", {words(row['when'])}" if row.get("when") else ""
        told = ", ".join(values(row["to"])).replace("_", " ")
        yield f"{which[:1].upper()}{which[1:]}: {_when(row)}, {told}{_because(row)}."


def _when(row: Mapping[str, Any]) -> str:
    """When a rung is reached: at once, after 2 hours, after 75 % of the resolution."""
    clock = row.get("clock", "").replace("_", " ")
    if row["after"].endswith("%"):
        return f"after {row['after'][:-1]} % of the {clock or 'resolution'}"
    if row["after"] == "0m":
        return "at once"
    within = f" of the {clock}" if clock else ""
    name = row.get("calendar", "")
    counted = "" if not name else ", round the clock" if name == "always" else f" ({name.replace('_', ' ')})"
    return f"after {duration_words(row['after'], always=True)}{within}{counted}"


def _because(row: Mapping[str, Any]) -> str:
    return f": {row['words'].rstrip('.')}" if "words" in row else ""


# ---- words


def named(given: Any, whole: Mapping[str, Any]) -> str:
    """Severities by name: "severity A or B"; "*" is every severity."""
    if given == "*":
        return "every severity"
    names = {one["rank"]: one["name"] for one in whole["severities"]}
    ranks = given if isinstance(given, list) else [given]
    return f"severity {' or '.join(str(names.get(rank, rank)) for rank in ranks)}"


def stopped(said: str) -> str:
    """A sentence with one full stop, whatever words it ends in."""
    return said if said.endswith((".", "!", "?")) else f"{said}."


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
