"""A service level and a package as forms, every field of them, and back (P2, P3).

`read_level(ranks, ..., shown, level) == level`, and so for packages. The parts are those of a policy: a document with
name and rank, or name and level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.policy import controls
from mainstay.policy.controls import (
    LINES,
    LIST,
    RANK,
    RANKS,
    WHOLE,
    Document,
    Field,
    Options,
    Said,
    Section,
    Table,
)
from mainstay.policy.documents import CHANNELS, DEPTHS
from mainstay.policy.rows import PERIODS
from mainstay.policy.rule_controls import (
    changes_of_severity,
    hours_rules,
    kpis,
    ranked,
    shared,
    targets,
    worded,
)  # fmt: skip
from mainstay.sla.fields import marked

BEYOND: Options = (
    ("", "–"), ("serve", marked("serve all the same")), ("decide", marked("somebody decides")),
)  # fmt: skip
ENVIRONMENTS = ("production", "test", "development")
CHANNEL_WORDS = {"api": "API"}


# ---- levels


def level_sections(ranks: Sequence[int], calendars: Sequence[str]) -> list[Section]:
    """The form of a level: the desk's severities, and the calendars that its rows may name."""
    heads = [
        Field(("head_start_minutes", str(rank)), f"Severity {rank}", hint=marked("minutes"), codec=WHOLE)
        for rank in ranks
    ]
    return [
        Section(marked("What it is"), (
            Field(("name",), marked("Name")),
            Field(("rank",), marked("Rank"), hint=marked("1 is the lowest"), codec=WHOLE),
            Field(("summary",), marked("In a sentence"), "area"),
        )),
        Section(marked("What is owed"), (targets(ranks, calendars, required=True), hours_rules(ranks, calendars))),
        Section(marked("Head start in the queue"), tuple(heads)),
        Section(marked("Warning and change"), (
            Field(("warn_at",), marked("Warn at"), hint=marked("percent of the target"), codec=WHOLE),
            *changes_of_severity(),
        )),
        Section(marked("KPIs"), (kpis(ranks, required=True),)),
        Section(marked("Monitoring"), (
            Field(("monitoring", "depth"), marked("Depth"), "choice", options=worded(DEPTHS)),
            Field(("monitoring", "interval_seconds"), marked("A check every"), hint=marked("seconds"), codec=WHOLE),
            Field(("monitoring", "words"), marked("In words")),
            Field(("monitoring", "trends"), marked("Trends become findings before they are outages"), "check"),
        )),
        Section(marked("Staffing"), (
            Field(("staffing", "team"), marked("Team"), "choice", options=worded(("shared", "dedicated"))),
            Field(("staffing", "named"), marked("Named people")),
            Field(("staffing", "round_the_clock"), marked("Round the clock"), "check"),
        )),
        Section(marked("When the TAM escalates"), (
            Field(("escalation", "severity"), marked("Raises to severity"), "choice",
                  options=ranked(ranks, rest=False), codec=RANK),
            Field(("escalation", "page"), marked("And somebody is paged"), "check"),
        )),
        *shared(ranks, usual=marked("as for everybody")),
    ]  # fmt: skip


# ---- packages


def package_sections(
    ranks: Sequence[int], calendars: Sequence[str], levels: Options, addons: Options
) -> list[Section]:
    """The form of a package: what may be chosen are the levels and add-ons of the policy."""
    return [
        Section(marked("What it is"), (
            Field(("name",), marked("Name")),
            Field(("level",), marked("Service level"), "choice", options=levels),
            Field(("generation",), marked("Generation"), hint=marked("of packages sold at a time")),
            Field(("summary",), marked("In a sentence"), "area"),
            Field(("on_sale",), marked("On sale"), "check", usual=True),
            Field(("tam",), marked("With a Technical Account Manager"), "check"),
        )),
        Section(marked("How it is reached"), (
            Field(("channels",), marked("Channels"), "picks", options=worded(CHANNELS, CHANNEL_WORDS)),
            Field(("environments",), marked("Kinds of environment"), "picks", options=worded(ENVIRONMENTS),
                  hint=marked("none: every kind")),
            Field(("languages",), marked("Languages"), hint=marked("with commas; none: those of the desk"), codec=LIST),
            Field(("other_channels",), marked("Other channels"), "area", hint=marked("one a line"), codec=LINES),
            _channel_rules(),
        )),
        Section(marked("Named contacts"), (
            Field(("contacts", "included"), marked("Included"), hint=marked("none: as many as they like"), codec=WHOLE),
            Field(("contacts", "per_units"), marked("One more for each"), hint=marked("units"), codec=WHOLE),
            Field(("contacts", "of"), marked("Units are")),
            Field(("contacts", "most"), marked("At most"), codec=WHOLE),
            Field(("contacts", "beyond"), marked("Others who ask"), "choice", options=BEYOND),
            Field(("contacts", "roles"), marked("Roles"), hint=marked("with commas"), codec=LIST),
            Field(("contacts", "words"), marked("In words")),
        )),
        Section(marked("Requests"), (
            Field(("requests", "number"), marked("Number"), hint=marked("none: as many as they like"), codec=WHOLE),
            Field(("requests", "per"), marked("Per"), "choice", options=_periods()),
            Field(("requests", "beyond"), marked("Beyond it"), "choice", options=BEYOND),
            Field(("requests", "words"), marked("In words")),
        )),
        Section(marked("Included hours"), (
            Field(("included_hours", "hours"), marked("Hours"), codec=WHOLE),
            Field(("included_hours", "per"), marked("Per"), "choice", options=_periods()),
            Field(("included_hours", "carry_over_months"), marked("Kept for"), hint=marked("months"), codec=WHOLE),
            Field(("included_hours", "beyond"), marked("Beyond it"), "choice", options=BEYOND),
            Field(("included_hours", "for"), marked("For what")),
            Field(("included_hours", "words"), marked("In words")),
        )),
        Section(marked("Price"), _price()),
        Section(marked("Benefits"), (
            Field(("benefits",), marked("Benefits"), "area", hint=marked("one a line"), codec=LINES),
            Field(("addons",), marked("May be added"), "picks", options=addons),
        )),
        Section(marked("Hours"), (hours_rules(ranks, calendars),), place="hours"),
        Section(marked("Targets of its own"), (targets(ranks, calendars, required=False),),
                hint=marked("Where a row holds, it goes before the level's.")),
        Section(marked("KPIs of its own"), (kpis(ranks, required=False),),
                hint=marked("With any, the level's do not count.")),
        *shared(ranks, usual=marked("as its level")),
    ]  # fmt: skip


def _periods() -> Options:
    return worded((*PERIODS, "contract"), none="–")


def _price() -> tuple[Field, ...]:
    return (
        Field(("price", "basis"), marked("Basis"), hint=marked("a year")),
        Field(("price", "amount"), marked("Amount"), hint="1200.00"),
        Field(("price", "currency"), marked("Currency"), hint="EUR"),
        Field(("price", "per"), marked("For each")),
        Field(("price", "percent"), marked("Percent")),
        Field(("price", "percent_of"), marked("Percent of")),
        Field(("price", "floor"), marked("At least")),
        Field(("price", "per_unit"), marked("Price of a unit")),
        Field(("price", "unit"), marked("Unit"), hint=marked("user, gateway")),
        Field(("price", "units_at_once"), marked("Units sold together"), codec=WHOLE),
        Field(("price", "units_least"), marked("Units at least"), codec=WHOLE),
        Field(("price", "units"), marked("Units bought"), codec=WHOLE),
        Field(("price", "words"), marked("In words")),
    )


def _channel_rules() -> Table:
    known = (*CHANNELS, "alert", "desk")
    return Table(
        "channel_rules", marked("Rules of channels"), (
            Field(("channel",), marked("Channel"), "choice", options=worded(known, CHANNEL_WORDS, none="–")),
            Field(("hours",), marked("Open in")),
            Field(("staffed",), marked("Staffed in")),
            Field(("severities",), marked("Severities"), codec=_RANK_LIST),
            Field(("languages",), marked("Languages"), codec=LIST),
            Field(("words",), marked("In words")),
        ), "channel", by="channel",
        hint=marked("Hours are calendars by their names. A row without a channel is left out."),
    )  # fmt: skip


def _rank_list(text: str, where: str) -> Any:
    found = RANKS.read(text, where)
    return found if isinstance(found, list) else [found]


_RANK_LIST = controls.Codec(RANKS.write, _rank_list)


# ---- a package's short spellings


def spelled(package: Mapping[str, Any]) -> Document:
    """A package with its short spellings written out: a number of contacts, requests a month."""
    found = dict(package)
    if isinstance(found.get("contacts"), int):
        found["contacts"] = {"included": found["contacts"]}
    if "requests_per_month" in found and "requests" not in found:
        found["requests"] = {"number": found.pop("requests_per_month"), "per": "month"}
    return found


def read_package(sections: Sequence[Section], said: Said, before: Mapping[str, Any]) -> Document:
    """The package that was typed, spelled as it was where that still says it."""
    made = controls.put(sections, said, spelled(before))
    if set(made.get("contacts", ())) == {"included"} and not isinstance(before.get("contacts"), dict):
        made["contacts"] = made["contacts"]["included"]
    requests = made.get("requests", {})
    if requests.keys() == {"number", "per"} and requests["per"] == "month" and "requests" not in before:
        made["requests_per_month"] = made.pop("requests")["number"]
    return {
        key: made[key]
        for key in [*(one for one in before if one in made), *(one for one in made if one not in before)]
    }
