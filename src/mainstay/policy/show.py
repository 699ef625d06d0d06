"""A policy as a customer would read it: what each package promises, in hours that are spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mainstay.policy import weeks
from mainstay.policy.compile import calendars_in, compose
from mainstay.policy.conditions import values, words
from mainstay.policy.read import Parts
from mainstay.sla.policy import CLOCKS
from mainstay.sla.targets import parse_target

PERIODS = {"month": "a month", "quarter": "a quarter", "year": "a year", "contract": "for the whole contract"}
STRENGTHS = {"objective": "objective", "guarantee": "guarantee", "strict_guarantee": "strict guarantee"}
KPIS = {"responses_in_time": "answers in time", "in_time": "in time", "uptime": "uptime", "missed": "missed, at most",
        "response_p95": "95th percentile of response", "satisfaction": "satisfaction",
        "backlog_age": "age of open requests"}  # fmt: skip


class Section(NamedTuple):
    """A heading with a table (the first row is its head) or with sentences."""

    title: str
    sentences: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()


def sections(parts: Parts, package: str) -> list[Section]:
    """What is to be read of one package."""
    said = parts["packages"][package]
    whole = compose(parts["desk"], parts["levels"][said["level"]], said)
    found = [
        Section(said["name"], list(_package(said, whole, parts["desk"]))),
        Section("Severities", table=_severities(parts["desk"])),
        Section("Targets", table=_targets(parts["desk"], whole)),
        Section("Hours", list(_hours(whole))),
        Section("Clocks", list(_clocks(whole))),
        Section("Severity of a request", list(_severity_rules(parts["desk"], package, said["level"]))),
        Section("Figures", list(_kpis(whole))),
        Section("Closing", list(_closing(whole))),
        Section("Escalation", list(_escalations(whole))),
        Section("Price", list(_price(said["price"]))),
        Section("Not covered", [f"{one['title']}. {one['wording']}" for one in parts["desk"]["exclusions"]]),
        Section("Releases", list(_lifecycle(parts["desk"]))),
    ]
    return [one for one in found if one.sentences or len(one.table) > 1]


# ---- what a package says


def _package(said: Mapping[str, Any], whole: Mapping[str, Any], desk: Mapping[str, Any]) -> Iterator[str]:
    yield said["summary"]
    channels = [*said["channels"], *said.get("other_channels", [])]
    yield f"Channels: {', '.join(channels)}."
    for channel, rule in whole.get("channel_rules", {}).items():
        if channel in said["channels"]:
            yield from _channel(channel, rule, whole)
    if said.get("languages") or whole.get("languages"):
        yield f"Languages: {', '.join(said.get('languages') or whole['languages'])}."
    if "environments" in said:
        yield f"Environments: {', '.join(said['environments'])}."
    yield _contacts(said.get("contacts"))
    yield _requests(said)
    if "included_hours" in said:
        yield _included(said["included_hours"])
    yield from _staffing(whole.get("staffing", {}))
    if said["tam"]:
        yield "A technical account manager."
    yield from said.get("benefits", [])
    for addon in said.get("addons", []):
        yield f"May be added: {desk.get('addons', {}).get(addon, {}).get('name', addon)}."


def _channel(channel: str, rule: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    said = []
    if "hours" in rule:
        said.append(hours_words(rule["hours"], whole))
    if "severities" in rule:
        said.append(f"for {_named(rule['severities'], whole)}")
    if "languages" in rule:
        said.append(f"in {', '.join(rule['languages'])}")
    if "words" in rule:
        said.append(rule["words"])
    if said:
        yield stopped(f"{channel.capitalize()}: {'; '.join(said)}")


def _staffing(given: Mapping[str, Any]) -> Iterator[str]:
    said = ["A team of your own" if given.get("team") == "dedicated" else ""]
    said += [
        "somebody is there round the clock" if given.get("round_the_clock") else "",
        given.get("named", ""),
    ]
    told = "; ".join(one for one in said if one)
    if told:
        yield stopped(f"{told[:1].upper()}{told[1:]}")


def _contacts(given: Any) -> str:
    if given is None:
        return "As many named contacts as you like."
    if isinstance(given, int):
        return f"{_count(given, 'named contact')}."
    said = _count(given["included"], "named contact")
    if "per_units" in given:
        said += f", and one more for each {given['per_units']:,} {given.get('of', 'units')}"
    if "most" in given:
        said += f", at most {given['most']}"
    return said + (f"; {given['words']}." if "words" in given else ".")


def _requests(said: Mapping[str, Any]) -> str:
    if "requests" in said:
        return f"{_count(said['requests']['number'], 'request')} {PERIODS[said['requests']['per']]}."
    if "requests_per_month" in said:
        return f"{_count(said['requests_per_month'], 'request')} a month."
    return "As many requests as you like."


def _included(given: Mapping[str, Any]) -> str:
    said = f"{_count(given['hours'], 'hour')} of work {PERIODS[given['per']]}"
    if given.get("for"):
        said += f" for {given['for']}"
    if given.get("carry_over_months"):
        said += f"; what is left may be used {_count(given['carry_over_months'], 'month')} longer"
    return said + "."


def _price(price: Mapping[str, Any]) -> Iterator[str]:
    said = [price["basis"]]
    money = price.get("currency", "")
    if "amount" in price:
        said.append(f"{price['amount']} {money}".strip())
    if "percent" in price:
        said.append(f"{price['percent']} % of {price.get('percent_of', 'the licence')}")
    if "floor" in price:
        said.append(f"at least {price['floor']} {money}".strip())
    if "per_unit" in price:
        said.append(f"{price['per_unit']} {money} per {price.get('unit', 'unit')}".replace("  ", " "))
    if "units_least" in price:
        said.append(f"from {price['units_least']} {price.get('unit', 'unit')}s")
    told = "; ".join(said)
    yield told[:1].upper() + told[1:] + (f". {price['words']}" if "words" in price else ".")


# ---- targets


def _severities(desk: Mapping[str, Any]) -> list[list[str]]:
    rows = sorted(desk["severities"], key=lambda one: int(one["rank"]))
    return [
        ["", "severity", "definition"],
        *([str(one["rank"]), one["name"], one["definition"]] for one in rows),
    ]


def _targets(desk: Mapping[str, Any], whole: Mapping[str, Any]) -> list[list[str]]:
    """A line for each clock and each case, a column for each severity."""
    severities = sorted(desk["severities"], key=lambda one: int(one["rank"]))
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(whole["targets"], key=lambda row: CLOCKS.index(row["clock"])):
        if row["kind"] == "internal":
            continue
        cells = lines.setdefault((row["clock"], words(row.get("when", {}))), {})
        ranks = [str(one["rank"]) for one in severities] if row["severity"] == "*" else [str(row["severity"])]
        for rank in ranks:
            if row["severity"] != "*" or rank not in cells:
                cells[rank] = target_words(row, whole)
    head = ["", *(one["name"] for one in severities)]
    table = [head]
    for (clock, case), cells in lines.items():
        title = clock.replace("_", " ").capitalize() + (f", {case}" if case else "")
        table.append(
            [title, *(cells.get(str(one["rank"]), "as above" if case else "-") for one in severities)]
        )
    return table


def target_words(row: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """A target so that nobody takes a day of 24 hours for a business day."""
    if row["target"] == "none":
        return str(row.get("words", "none"))
    calendar = row.get("calendar") or _default_hours(row, whole)
    said = duration_words(row["target"], always=calendar == "always")
    if calendar == "always":
        said += ", round the clock"
    elif calendar not in ("business", ""):
        said += f" ({calendar.replace('_', ' ')})"
    if "share" in row:
        said = f"{row['share']} % within {said}"
    if row.get("agreed"):
        said += ", or as agreed"
    if row["kind"] == "goal":
        said += " (goal)"
    return said + (f"; {row['words']}" if row.get("words") else "")


def _default_hours(row: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """The calendar of a row that names none; empty where it depends on the ticket."""
    fitting = [one for one in whole["hours_rules"] if one.get("severity", "*") in ("*", row["severity"])]
    if any(one.get("when") for one in fitting):
        return ""
    exact = [one for one in fitting if one.get("severity", "*") != "*"]
    return str((exact or fitting)[-1]["calendar"]) if fitting else "business"


def duration_words(text: str, *, always: bool = False) -> str:
    """A duration for people: "4 business hours", "2 business days", "1 hour"."""
    target = parse_target(text)
    if target.unit == "bd":
        return _count(target.number, "business day")
    if target.unit == "eobd":
        return (
            f"the end of business day {target.number}"
            if target.number > 1
            else "the end of the next business day"
        )
    if target.unit == "mo":
        return _count(target.number, "month")
    kind = "" if always else "business "
    sizes = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    for size, name in sizes if always and target.number > 86_400 else sizes[1:]:
        if target.number % size == 0:
            return _count(target.number // size, kind + name)
    raise AssertionError("every number is a multiple of one")


# ---- hours


def _hours(whole: Mapping[str, Any]) -> Iterator[str]:
    used = {row["calendar"] for row in (*whole["targets"], *whole["hours_rules"]) if "calendar" in row}
    used |= {
        rule[key] for rule in whole.get("channel_rules", {}).values() for key in ("hours",) if key in rule
    }
    yield f"Business hours: {hours_words('business', whole)}."
    for name in sorted(used - {"business", "always"}):
        yield f"{name.replace('_', ' ').capitalize()}: {hours_words(name, whole)}."
    for rule in whole["hours_rules"]:
        which = _named(rule.get("severity", "*"), whole)
        when = f", {words(rule['when'])}" if rule.get("when") else ""
        hours = (
            "round the clock"
            if rule["calendar"] == "always"
            else f"in {rule['calendar'].replace('_', ' ')} hours"
        )
        yield f"Unless a target says otherwise, {which}{when}: {hours}."


def hours_words(name: str, whole: Mapping[str, Any]) -> str:
    """The hours of a calendar in words."""
    says = calendars_in(whole)[name]
    if "words" in says:
        return str(says["words"])
    if "always" in says:
        return "round the clock"
    if "week" in says:
        zone = "in your time zone" if says["time_zone"] == "customer" else says["time_zone"]
        return f"{weeks.words(says['week'])}, {zone}{_holidays(says.get('holidays', 'none'))}"
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


def _clocks(whole: Mapping[str, Any]) -> Iterator[str]:
    """When clocks start and stand still, where the policy says so."""
    for clock, start in whole.get("starts_on", {}).items():
        yield f"{clock.replace('_', ' ').capitalize()} counts from when {STARTS.get(start, start)}."
    for clock, states in whole.get("pauses", {}).items():
        told = " and while ".join(PAUSES.get(one, one) for one in states)
        name = clock.replace("_", " ").capitalize()
        yield f"{name} stands still while {told}." if told else f"{name} never stands still."
    if whole.get("on_reopen") == "restart":
        yield "A request that is opened again has its full time again."


# ---- rules


def _severity_rules(desk: Mapping[str, Any], package: str, level: str) -> Iterator[str]:
    names = {one["rank"]: one["name"] for one in desk["severities"]}
    if not desk.get("set_by", {}).get("customer", True):
        yield "We set it."
    for rule in desk.get("severity_rules", []):
        when = dict(rule.get("when", {}))
        if package not in values(when.pop("package", package)) or level not in values(
            when.pop("level", level)
        ):
            continue
        name = names[rule["severity"]]
        said = {
            "default": f"{name} to begin with", "forced": f"always {name}", "ceiling": f"{name} at the gravest",
            "unavailable": f"{name} is not to be had",
        }[rule["rule"]]  # fmt: skip
        for_ = f" for {words(when)}" if when else ""
        yield stopped(
            f"{said[:1].upper()}{said[1:]}{for_}" + (f": {rule['words']}" if "words" in rule else "")
        )


def _kpis(whole: Mapping[str, Any]) -> Iterator[str]:
    for one in whole["kpis"]:
        figure = next(f"{one[key]}{unit}" for key, unit in (("percent", " %"), ("milliseconds", " ms"),
                      ("days", " days"), ("count", "")) if key in one)  # fmt: skip
        severity = f", {_named(one['severity'], whole)}" if one.get("severity", "*") != "*" else ""
        clock = f" ({one['clock'].replace('_', ' ')}{severity})" if "clock" in one else severity
        said = f"{KPIS[one['kpi']]}{clock}: {figure} {PERIODS[one['per']]}, {STRENGTHS[one['strength']]}"
        said += f", for {words(one['when'])}" if one.get("when") else ""
        yield f"{said[:1].upper()}{said[1:]}{_credits(one.get('credits'), one)}."


def _credits(given: Mapping[str, Any] | None, one: Mapping[str, Any]) -> str:
    if not given:
        return ""
    of = given.get("of", "fee of the period")
    bands = [
        f"{'below' if 'below' in band else 'above'} {band.get('below', band.get('above'))}: "
        + (f"{band['percent']} % of the {of}" if "percent" in band else f"{band['days']} days of service")
        for band in given["bands"]
    ]
    said = f"; credit {', '.join(bands)}"
    if "cap_percent" in given:
        said += f", at most {given['cap_percent']} %"
    if "minimum" in given:
        said += f", nothing below {given['minimum']}"
    if "claim_within" in given:
        within = duration_words(_in_days(given["claim_within"]), always=True)
        said += f", to be claimed within {within} after the period"
    return said + (f"; {given['words']}" if "words" in given else "")


def _in_days(text: str) -> str:
    return f"{int(text[:-1]) * 7}d" if text.endswith("w") else text


def _closing(whole: Mapping[str, Any]) -> Iterator[str]:
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
        which = _named(rule.get("severity", "*"), whole)
        when = f", {words(rule['when'])}" if rule.get("when") else ""
        if rule.get("closes") is False:
            yield f"Never closed by itself: {which}{when}."
        if rule.get("reopens") is False:
            yield f"Not opened again once it is closed: {which}{when}."
        rest = {key: rule[key] for key in rule if key in whole["closing"]}
        if rest:
            said = ", ".join(f"{key.replace('_', ' ')} {_told(value)}" for key, value in rest.items())
            yield f"{which[:1].upper()}{which[1:]}{when}: {said}."


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else ("no" if value is False else str(value))


def _escalations(whole: Mapping[str, Any]) -> Iterator[str]:
    for row in whole["escalations"]:
        which = _named(row.get("severity", "*"), whole)
        after = row["after"].replace("%", " % of the target") if "%" in row["after"] else row["after"]
        yield f"{which[:1].upper()}{which[1:]}: after {after}, {', '.join(values(row['to'])).replace('_', ' ')}."


def _lifecycle(desk: Mapping[str, Any]) -> Iterator[str]:
    for phase in desk.get("lifecycle", []):
        covers = f": {', '.join(phase['covers'])}" if phase.get("covers") else ""
        targets = {"goal": "; targets are goals", "none": "; no targets"}.get(phase.get("targets", ""), "")
        yield f"{phase['name']}{covers}{targets}."


def _named(given: Any, whole: Mapping[str, Any]) -> str:
    """Severities by name: "severity A or B"; "*" is every severity."""
    if given == "*":
        return "every severity"
    names = {one["rank"]: one["name"] for one in whole["severities"]}
    ranks = given if isinstance(given, list) else [given]
    return f"severity {' or '.join(str(names.get(rank, rank)) for rank in ranks)}"


def stopped(said: str) -> str:
    """A sentence with one full stop, whatever words it ends in."""
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
