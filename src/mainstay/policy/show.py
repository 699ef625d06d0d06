"""A policy as a customer would read it: what each package promises, in hours that are spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mainstay.policy import spelled
from mainstay.policy.compile import compose
from mainstay.policy.conditions import values, weight, words
from mainstay.policy.read import Parts
from mainstay.policy.spelled import count, duration_words, hours_words, named, stopped
from mainstay.sla.policy import CLOCKS

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
        Section("Hours", list(spelled.hours(whole))),
        Section("Clocks", list(spelled.clocks(whole))),
        Section("Severity of a request", list(_severity_rules(parts["desk"], package, said["level"]))),
        Section("Figures", list(_kpis(whole))),
        Section("Closing", list(spelled.closing(whole))),
        Section("Escalation", list(spelled.escalations(whole))),
        Section("Price", list(_price(said["price"]))),
        Section("Not covered", [f"{one['title']}. {one['wording']}" for one in parts["desk"]["exclusions"]]),
        Section("Releases", list(_lifecycle(parts["desk"]))),
    ]
    return [one for one in found if one.sentences or len(one.table) > 1]


# ---- what a package says


def _package(said: Mapping[str, Any], whole: Mapping[str, Any], desk: Mapping[str, Any]) -> Iterator[str]:
    if said["summary"] != said["name"]:
        yield stopped(said["summary"])
    if not said.get("on_sale", True):
        yield "Not sold any more."
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
        said.append(f"for {named(rule['severities'], whole)}")
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
        return f"{count(given, 'named contact')}."
    said = count(given["included"], "named contact")
    if "per_units" in given:
        said += f", and one more for each {given['per_units']:,} {given.get('of', 'units')}"
    if "most" in given:
        said += f", at most {given['most']}"
    return stopped(said + _beyond(given))


def _requests(said: Mapping[str, Any]) -> str:
    if "requests" in said:
        asked = said["requests"]
        return stopped(f"{count(asked['number'], 'request')} {PERIODS[asked['per']]}{_beyond(asked)}")
    if "requests_per_month" in said:
        return f"{count(said['requests_per_month'], 'request')} a month."
    return "As many requests as you like."


def _beyond(given: Mapping[str, Any]) -> str:
    """What holds beyond a limit, and the words that were given to it."""
    told = {"serve": "; more are served too", "decide": "; about more somebody decides"}
    return told.get(given.get("beyond", ""), "") + (f"; {given['words']}" if "words" in given else "")


def _included(given: Mapping[str, Any]) -> str:
    said = f"{count(given['hours'], 'hour')} of work {PERIODS[given['per']]}"
    if given.get("for"):
        said += f" for {given['for']}"
    if given.get("carry_over_months"):
        said += f"; what is left may be used {count(given['carry_over_months'], 'month')} longer"
    return stopped(said + _beyond(given))


def _price(price: Mapping[str, Any]) -> Iterator[str]:
    said = [price["basis"]]
    money = price.get("currency", "")
    if "amount" in price:
        said.append(f"{price['amount']} {money}".strip() + (f" per {price['per']}" if "per" in price else ""))
    if "percent" in price:
        said.append(f"{price['percent']} % of {price.get('percent_of', 'the licence')}")
    if "floor" in price:
        said.append(f"at least {price['floor']} {money}".strip())
    if "per_unit" in price:
        said.append(f"{price['per_unit']} {money} per {price.get('unit', 'unit')}".replace("  ", " "))
    if "units_least" in price:
        said.append(f"from {price['units_least']} {price.get('unit', 'unit')}s")
    if "units_at_once" in price:
        said.append(f"sold by {price['units_at_once']} {price.get('unit', 'unit')}s")
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
    shown = [row for row in whole["targets"] if row["kind"] != "internal"]
    for row in shown:
        lines.setdefault((row["clock"], words(row.get("when", {}))), {})
    lines = dict(sorted(lines.items(), key=lambda line: CLOCKS.index(line[0][0])))
    for row in sorted(shown, key=weight):  # what says more is written over what says less
        cells = lines[row["clock"], words(row.get("when", {}))]
        ranks = [str(one["rank"]) for one in severities] if row["severity"] == "*" else [str(row["severity"])]
        cells |= dict.fromkeys(ranks, target_words(row, whole))
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
        severity = f", {named(one['severity'], whole)}" if one.get("severity", "*") != "*" else ""
        clock = f" ({one['clock'].replace('_', ' ')}{severity})" if "clock" in one else severity
        said = f"{KPIS[one['kpi']]}{clock}: {figure} {PERIODS[one['per']]}, {STRENGTHS[one['strength']]}"
        said += f", for {words(one['when'])}" if one.get("when") else ""
        if "notice_hours" in one:
            told = count(one["notice_hours"], "hour")
            said += f", without maintenance that was announced {told} before"
        yield f"{said[:1].upper()}{said[1:]}{_credits(one.get('credits'), one)}."


def _credits(given: Mapping[str, Any] | None, one: Mapping[str, Any]) -> str:
    if not given:
        return ""
    of = given.get("of", "fee of the period").removeprefix("the ")
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


def _lifecycle(desk: Mapping[str, Any]) -> Iterator[str]:
    for phase in desk.get("lifecycle", []):
        covers = f": {', '.join(phase['covers'])}" if phase.get("covers") else ""
        targets = {"goal": "; targets are goals", "none": "; no targets"}.get(phase.get("targets", ""), "")
        yield f"{phase['name']}{covers}{targets}."
