"""What a contract or an offer says, in words, for whoever signs it: a page of the portal, a printed page (P5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.contracts import channels, kpi_words, lines, rungs, wording
from mainstay.contracts.clock_lines import pauses_of
from mainstay.contracts.drafts import price_of, sold_by
from mainstay.contracts.models import Contract, Draft
from mainstay.contracts.negotiation import carried
from mainstay.contracts.sold import Difference, Sold
from mainstay.contracts.target_lines import kind_words, target_lines
from mainstay.sla.policy import CLOCKS

OURS_ALONE = ("triage", "dispatch")
STATES = {
    "waiting_on_customer": gettext_noop("we wait for the customer"),
    "waiting_on_third_party": gettext_noop("we wait for somebody else"),
    "out_of_scope": gettext_noop("it is not covered"),
}
STARTS = {
    "received": gettext_noop("receipt"),
    "triaged": gettext_noop("when its severity is set"),
    "information_completed": gettext_noop("when the information is complete"),
}


@dataclass(frozen=True)
class Promise:
    """One line of the table: the clock, when it holds (if not always), and words for each severity."""

    clock: str
    when: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """The whole of it. `differs` are the places where it is not what the catalogue says."""

    severities: tuple[dict[str, Any], ...]
    promises: tuple[Promise, ...]
    hours: str
    facts: tuple[tuple[str, str], ...]
    kpis: tuple[tuple[str, str], ...]
    ladder: tuple[tuple[str, str], ...]
    """Who is told when nobody has answered or solved it: when, and who."""
    shares: str
    """What a promise for a share of the requests means; empty where every one is promised."""
    price: str
    exclusions: tuple[dict[str, Any], ...]
    differs: tuple[str, ...]


def of_contract(contract: Contract) -> Said:
    """What a signed version says."""
    sold = Sold(contract.package, contract.desk_policy)
    return _said(sold, carried(contract), dict(contract.price), contract.customer.time_zone)


def of_draft(draft: Draft) -> Said:
    """What we offer."""
    return _said(sold_by(draft), draft.offered, price_of(draft), draft.customer.time_zone)


def differences(before: Said, after: Said) -> list[str]:
    """What became other from one version to the next, a sentence each."""
    was, now = dict(_flat(before)), dict(_flat(after))
    return [
        f"{name}: {was.get(name) or 'nothing'} became {now.get(name) or 'nothing'}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name, "") != now.get(name, "")
    ]


def _flat(says: Said) -> list[tuple[str, str]]:
    ranks = [one["rank"] for one in says.severities]
    cells = [
        (", ".join(part for part in (one.clock, f"severity {rank}", one.when) if part), words)
        for one in says.promises
        for rank, words in zip(ranks, one.cells, strict=True)
    ]
    kpis = [(f"KPI, {name.lower()}", words) for name, words in says.kpis]
    return [*cells, ("Business hours", says.hours), *says.facts, *kpis, ("Price", says.price)]


def _said(sold: Sold, difference: Difference, price: dict[str, Any], zone: str) -> Said:
    effective = sold.with_difference(difference)
    changed = [wording.place(line) for line in lines.lines_of(sold, difference) if line.words(difference)]
    return Said(
        severities=tuple(
            {**one, **{what: wording.severity(one, what) for what in ("name", "definition", "urgency")}}
            for one in sold.desk["severities"]
        ),
        promises=tuple(_promises(sold, difference)),
        hours=_hours(sold, difference, zone or "UTC"),
        facts=tuple(_facts(effective, zone or "UTC")),
        kpis=tuple((kpi_words.name(row), kpi_words.kpi(row)) for row in effective["kpis"]),
        ladder=tuple(rungs.rungs_of(effective)),
        shares=_shares(effective),
        price=wording.price(price or effective["price"]),
        exclusions=tuple(sold.desk.get("exclusions", [])),
        differs=tuple(changed),
    )


def _promises(sold: Sold, difference: Difference) -> list[Promise]:
    """A line for each clock and case that anything is said of; our own clocks are nobody else's."""
    table: dict[tuple[str, str], dict[str, str]] = {}
    ours = f", {kind_words('internal')}"
    for line in target_lines(sold, [difference]):
        _, clock, severity, *when = line.key.split(" ", 3)
        words = line.words(difference) or line.catalogue
        if clock not in OURS_ALONE and words and not words.endswith(ours):
            case = wording.condition(line.label.partition(", ")[2]) if when else ""
            table.setdefault((clock, case), {})[severity] = words
    order = sorted(table, key=lambda key: (CLOCKS.index(key[0]), key[1]))
    return [
        Promise(
            wording.clock(clock),
            case,
            tuple(
                table[clock, case].get(str(rank)) or table[clock, case].get("*", "") for rank in sold.ranks
            ),
        )
        for clock, case in order
    ]


def _hours(sold: Sold, difference: Difference, home: str) -> str:
    return wording.calendar(difference.get("calendars", {}).get("business") or sold.business, home)


def _shares(effective: dict[str, Any]) -> str:
    if all("share" not in row or row.get("kind") == "internal" for row in effective["targets"]):
        return ""
    return _(
        "Where a share is named, such as “95 % within 4 hours”, so many of all those requests are answered or solved"
        " in that time. It is counted over a whole period and shown to you; no single request has that promise."
    )


def _facts(effective: dict[str, Any], home: str) -> list[tuple[str, str]]:
    monthly = effective.get("requests_per_month")
    requests = effective.get("requests") or ({"number": monthly, "per": "month"} if monthly else None)
    people = effective.get("contacts")
    found = [
        (_("Channels"), wording.listed(effective.get("channels"))),
        (_("Telephone hours"), wording.channel_hours(effective, channels.PHONE, home)),
        (_("Named contacts"), wording.people(people) if people else _("as many as wanted")),
        (_("Requests"), wording.quota(requests, "number") or _("not limited")),
        (_("Included hours of work"), wording.quota(effective.get("included_hours"), "hours")),
        (_("Languages"), wording.listed(effective.get("languages"))),
        (_("Kinds of environment"), wording.listed(effective.get("environments"))),
    ]
    for clock in dict.fromkeys(["resolution", *effective.get("pauses", {})]):
        states = pauses_of(effective, clock)
        what = _("%(clock)s stands still while") % {"clock": wording.clock(clock)}
        found.append((what, ", ".join(_(STATES.get(one, one)) for one in sorted(states)) or _("never")))
    for clock, start in effective.get("starts_on", {}).items():
        found.append(
            (_("%(clock)s counts from") % {"clock": wording.clock(clock)}, _(STARTS.get(start, start)))
        )
    raised = effective["escalation"]
    said = (
        _("severity %(rank)s, somebody is woken")
        if raised.get("page")
        else _("severity %(rank)s, nobody is woken")
    )
    found.append((_("Escalation by the TAM"), said % {"rank": raised["severity"]}))
    return [(name, words) for name, words in found if words]
