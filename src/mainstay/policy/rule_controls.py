"""The controls that a level and a package share: targets, hours that count, pauses, KPIs, ladders, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from mainstay.errors import Refused
from mainstay.policy import kpi_cells
from mainstay.policy.closing_sheet import listed
from mainstay.policy.controls import (
    LIST,
    NOTHING,
    ONE_OR_MORE,
    RANK,
    RANKS,
    WHOLE,
    YES,
    YES_NO,
    Codec,
    Document,
    Field,
    Options,
    Section,
    Table,
    when,
)  # fmt: skip
from mainstay.policy.rows import (
    CALENDARS,
    CLOSING,
    FIGURES,
    KINDS,
    KPIS,
    MEASURED_BY,
    PERIODS,
    REMINDERS,
    STRENGTHS,
)
from mainstay.sla.fields import marked
from mainstay.sla.policy import CLOCK_NAMES, CLOCKS, MAY_START_LATER, ON_REOPEN, RULES, STARTS_ON, WAITING

WAIT_WORDS = {
    "waiting_on_customer": marked("waiting for the customer"),
    "waiting_on_third_party": marked("waiting for a third party"),
    "out_of_scope": marked("out of scope"),
}
RULE_WORDS = {
    "from_start": marked("as if it had been so from the start"),
    "from_change": marked("the new target from the change on"),
    "proportional": marked("the same share of the new target"),
}
CLOSING_WORDS = {
    "solution_reminders": marked("Reminders after a proposed solution"),
    "solution_closes": marked("A proposed solution without an answer closes after"),
    "question_reminders": marked("Reminders after a question"),
    "question_closes": marked("A question without an answer closes after"),
    "reopen_window": marked("A reply reopens within"),
}


def worded(
    codes: Sequence[str], words: Mapping[str, str] | None = None, *, none: str | None = None
) -> Options:
    """Codes as the options of a choice, in words; `none`: what choosing nothing means."""
    first = [] if none is None else [("", none)]
    return [*first, *((code, (words or {}).get(code, code.replace("_", " "))) for code in codes)]


def ranked(ranks: Sequence[int], *, rest: bool = True, none: str | None = None) -> Options:
    """Severities as options; `rest`: and all others."""
    found = [("*", marked("any"))] if rest else []
    return [*([] if none is None else [("", none)]), *((str(rank), str(rank)) for rank in ranks), *found]


# ---- targets and the hours that count for them


def targets(ranks: Sequence[int], calendars: Sequence[str], *, required: bool) -> Table:
    """What is owed, a line for each case."""
    return Table(
        "targets", marked("Targets"), (
            Field(("clock",), marked("Clock"), "choice", options=worded(CLOCKS, CLOCK_NAMES, none="–")),
            Field(("severity",), marked("Severity"), "choice", options=ranked(ranks, none="–"), codec=RANK),
            Field(("target",), marked("Target")),
            Field(("kind",), marked("Kind"), "choice", options=worded(KINDS, none="–")),
            Field(("calendar",), marked("Hours"), "choice", options=_calendars(calendars)),
            Field(("when",), marked("For"), codec=when()),
            Field(("share",), marked("Share %"), codec=WHOLE),
            Field(("agreed",), marked("Or as agreed"), "choice", options=YES_NO, codec=YES),
            Field(("words",), marked("Words")),
        ), "target", required=required,
        hint=marked("4h, 30m, 2bd, 1mo, eobd, or none. For: what a request is, such as received = outside_hours; "
                    "environment = production. A row without a target is left out."),
    )  # fmt: skip


def hours_rules(ranks: Sequence[int], calendars: Sequence[str]) -> Table:
    """Which hours count for targets that name none."""
    return Table(
        "hours_rules", marked("Hours of targets that name none"), (
            Field(("calendar",), marked("Hours"), "choice", options=_calendars(calendars)),
            Field(("severity",), marked("Severity"), "choice", options=ranked(ranks, none="–"), codec=RANK),
            Field(("when",), marked("For"), codec=when()),
        ), "calendar", hint=marked("Without a row, business hours count. A row without hours is left out."),
    )  # fmt: skip


def _calendars(known: Sequence[str]) -> Options:
    return worded([*CALENDARS, *known], {"always": "24x7"}, none="–")


# ---- how clocks run


def clock_sections(*, usual: str) -> list[Section]:
    """When clocks start, stand still, and go on; nothing chosen means `usual`."""
    starts = [
        Field(("starts_on", clock), CLOCK_NAMES[clock], "choice", options=worded(STARTS_ON, none=usual))
        for clock in MAY_START_LATER
    ]
    still = [
        Field(("pauses", clock), CLOCK_NAMES[clock], "choice", options=_pauses(usual), codec=_PAUSES)
        for clock in CLOCKS
    ]
    words = {"continue": marked("goes on"), "restart": marked("begins anew")}
    again = Field(("on_reopen",), marked("After reopening a clock"), "choice",
                  options=worded(ON_REOPEN, words, none=usual))  # fmt: skip
    return [
        Section(marked("A clock starts when the request is"), (*starts, again)),
        Section(marked("A clock stands still while the request is"), tuple(still)),
    ]


def _pauses(usual: str) -> Options:
    found = [("", usual), ("never", marked("never"))]
    for number in range(1, len(WAITING) + 1):
        for states in combinations(WAITING, number):
            found.append(("+".join(states), ", ".join(WAIT_WORDS[one] for one in states)))
    return found


_PAUSES = Codec(
    lambda states: "+".join(one for one in WAITING if one in states) or "never",
    lambda text, where: [] if text == "never" else text.split("+"),
)


# ---- KPIs


class _Figure(Field):
    """The figure of a KPI, whatever it is measured in."""

    def shown(self, document: Mapping[str, Any]) -> str:
        return str(next((document[unit] for unit in FIGURES.values() if unit in document), ""))

    def put(self, document: Document, said: Any, where: str) -> None:
        unit = FIGURES.get(str(document.get("kpi")), "")
        if said.strip() == self.shown(document) and unit in document:
            return
        for other in FIGURES.values():
            document.pop(other, None)
        if unit and said.strip():
            document[unit] = said.strip() if unit == "percent" else WHOLE.read(said.strip(), where)


class _Credits(Field):
    """What a missed guarantee gives back, as a clause."""

    def shown(self, document: Mapping[str, Any]) -> str:
        return kpi_cells.credits_text(document.get("credits", {}))

    def read(self, said: Any, where: str) -> Any:
        return kpi_cells.read_credits(said.strip(), where) if said.strip() else NOTHING

    def put(self, document: Document, said: Any, where: str) -> None:
        if said.strip() == self.shown(document):
            return
        kept = {key: value for key, value in document.pop("credits", {}).items() if key in ("of", "words")}
        found = self.read(said, where)
        if found is not NOTHING:
            document["credits"] = {**found, **kept}


def kpis(ranks: Sequence[int], *, required: bool) -> Table:
    """The figures of a contract, a group of fields for each."""
    return Table(
        "kpis", marked("KPI"), (
            Field(("kpi",), marked("Measure"), "choice", options=worded(KPIS, none="–")),
            _Figure(("figure",), marked("Figure"), hint=marked("%, ms, days or tickets")),
            Field(("strength",), marked("Strength"), "choice", options=worded(STRENGTHS, none="–")),
            Field(("per",), marked("Per"), "choice", options=worded(PERIODS, none="–")),
            Field(("year_starts",), marked("Its year starts"), hint=marked("02-01")),
            Field(("clock",), marked("Clock"), "choice", options=worded(CLOCKS, CLOCK_NAMES, none="–")),
            Field(("severity",), marked("Severities"), hint=marked("none: all"), codec=RANKS),
            Field(("when",), marked("For"), codec=when(MEASURED_BY)),
            Field(("least",), marked("At least"), hint=marked("tickets"), codec=WHOLE),
            Field(("notice_hours",), marked("Maintenance told before"), hint=marked("hours"), codec=WHOLE),
            Field(("code",), marked("Short name")),
            _Credits(("credits",), marked("Credits")),
            Field(("credits", "of"), marked("Credits are of")),
            Field(("credits", "words"), marked("Words on credits")),
            Field(("words",), marked("Words")),
        ), "kpi", wide=False, required=required,
        hint=marked("Credits: below 99: 10%, below 95: 25%, cap 50, claim within 30d. "
                    "For: environment = production. One without a measure is left out."),
    )  # fmt: skip


# ---- ladders and closing


def ladder(ranks: Sequence[int]) -> Table:
    """Who is told when so much of a clock has been used."""
    return Table(
        "escalations", marked("Ladder"), (
            Field(("after",), marked("After")),
            Field(("to",), marked("Told"), codec=ONE_OR_MORE),
            Field(("clock",), marked("Clock"), "choice", options=worded(CLOCKS, CLOCK_NAMES, none="–")),
            Field(("severity",), marked("Severity"), "choice", options=ranked(ranks, none="–"), codec=RANK),
            Field(("when",), marked("For"), codec=when()),
            Field(("calendar",), marked("Hours")),
            Field(("words",), marked("Words")),
        ), "after",
        hint=marked("After: a time such as 2h, or a share of the clock such as 75%. Told: team_lead, "
                    "support_manager, tam. A row without a time is left out."),
    )  # fmt: skip


def closing(ranks: Sequence[int], *, usual: str) -> tuple[Field | Table, ...]:
    """Closing by itself where it is not as for everybody."""
    times = [
        Field(("closing", name), CLOSING_WORDS[name], hint=usual, codec=LIST if name in REMINDERS else _TIME)
        for name in CLOSING
    ]
    rows = Table(
        "closing_rules", marked("Exceptions of closing"), (
            Field(("severity",), marked("Severity"), "choice", options=ranked(ranks, none="–"), codec=RANK),
            Field(("when",), marked("For"), codec=when()),
            Field(("closes",), marked("Closes by itself"), "choice", options=YES_NO, codec=YES),
            Field(("reopens",), marked("May be reopened"), "choice", options=YES_NO, codec=YES),
            *(Field((name,), CLOSING_WORDS[name], codec=LIST if name in REMINDERS else _TIME) for name in CLOSING),
        ), hint=marked("An empty row is left out."),
    )  # fmt: skip
    return (*times, rows)


def _one_time(text: str, where: str) -> str:
    if "," in text:
        raise Refused(where, "must be one time such as 5bd")
    return text


_TIME = Codec(listed, _one_time)


def shared(ranks: Sequence[int], *, usual: str) -> list[Section]:
    """The sections that end both forms."""
    return [
        *clock_sections(usual=usual),
        Section(marked("Who is told when time runs out"), (ladder(ranks),)),
        Section(marked("Closing by itself"), closing(ranks, usual=usual)),
    ]


def changes_of_severity() -> tuple[Field, ...]:
    """What a change of severity does to the time that was used."""
    return (
        Field(("on_raise",), marked("A graver severity counts"), "choice", options=worded(RULES, RULE_WORDS)),
        Field(("on_lower",), marked("A milder severity counts"), "choice", options=worded(RULES, RULE_WORDS)),
    )
