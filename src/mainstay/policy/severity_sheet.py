"""The severities of a policy as rows of a form, and back: words, their order, one more, one less.

A rank is what targets, rules and tickets name; the words on it may move. `read(shown(desk)["rows"], desk)` gives the
severities as they were. Refusals name the row: "severity 2, name".
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.errors import Refused
from mainstay.sla.fields import shown as quoted

WORDS = ("name", "definition", "urgency")
ROWS = ("targets", "hours_rules", "closing_rules", "escalations", "severity_rules")
BY_RANK = ("head_start_minutes", "accept_within_minutes")
MOST = 9

Row = dict[str, Any]


# ---- the form


def shown(desk: Mapping[str, Any], languages: Sequence[str]) -> list[Row]:
    """A row for each severity, the gravest first, with its words in each of the languages."""
    return [_shown(one, languages) for one in sorted(desk["severities"], key=lambda one: one["rank"])]


def _shown(one: Mapping[str, Any], languages: Sequence[str]) -> Row:
    own = one.get("in", {})
    return {
        "rank": one["rank"],
        "order": str(one["rank"]),
        **{name: one.get(name, "") for name in WORDS},
        "examples": "\n".join(one.get("examples", [])),
        "needs_contact": bool(one.get("needs_contact")),
        "texts": {
            code: {name: own.get(code, {}).get(name, "") for name in WORDS}
            for code in dict.fromkeys([*languages, *own])
        },
    }


def read(rows: Sequence[Row], desk: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The severities that were typed, ranked in the order that was typed."""
    before = {one["rank"]: one for one in desk["severities"]}
    made = [(_order(row, len(rows)), _read(row, before.get(row["rank"], {}))) for row in rows]
    orders = [order for order, _ in made]
    for row, order in zip(rows, orders, strict=True):
        if orders.count(order) > 1:
            raise Refused(
                f"severity {row['rank']}, order", f"{order} is there twice; each place is taken once"
            )
    ranked = [{**one, "rank": n} for n, (_, one) in enumerate(sorted(made, key=lambda one: one[0]), start=1)]
    if [one["rank"] for one in desk["severities"]] != sorted(before):
        ranked.sort(key=lambda one: _place(desk, one["rank"]))
    return ranked


def _place(desk: Mapping[str, Any], rank: int) -> int:
    """Where a rank stands in the document as it was: what nobody touched stays as it is."""
    ranks = [one["rank"] for one in desk["severities"]]
    return ranks.index(rank) if rank in ranks else len(ranks)


def _order(row: Row, number: int) -> int:
    said = row["order"].strip()
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= number):
        raise Refused(
            f"severity {row['rank']}, order", f"must be a place from 1 to {number}, not {quoted(said)}"
        )
    return int(said)


def _read(row: Row, before: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {name: row[name].strip() for name in WORDS}
    for name in WORDS:
        if not made[name]:
            raise Refused(f"severity {row['rank']}, {name}", "is missing")
    examples = [line.strip() for line in row["examples"].split("\n") if line.strip()]
    if examples or "examples" in before:
        made["examples"] = examples
    if row["needs_contact"] or "needs_contact" in before:
        made["needs_contact"] = bool(row["needs_contact"])
    own = {
        code: {name: said.strip() for name, said in words.items() if said.strip()}
        for code, words in row["texts"].items()
    }
    own = {code: words for code, words in own.items() if words}
    return made | ({"in": own} if own else {})


# ---- one more, one less


def grow(parts: dict[str, Any], like: int) -> int:
    """Room for one more severity, below all others: whatever is said of `like` is said of it too, in every part.

    KPIs are not: a figure that was negotiated counts what it named. Gives its rank.
    """
    rank = len(parts["desk"]["severities"]) + 1
    if rank > MOST:
        raise Refused("new severity", f"would be the tenth; a policy has at most {MOST}")
    if not 1 <= like < rank:
        raise Refused("new severity, targets", f"must be those of a severity from 1 to {rank - 1}")
    for part in _parts(parts):
        for key in ROWS:
            if key in part and key != "severity_rules":
                part[key] = [copy for row in part[key] for copy in _with_copy(row, like, rank)]
        for key in BY_RANK:
            if str(like) in part.get(key, {}):
                part[key][str(rank)] = part[key][str(like)]
        for rule in part.get("channel_rules", {}).values():
            if like in rule.get("severities", []):
                rule["severities"] = [*rule["severities"], rank]
    return rank


def _with_copy(row: dict[str, Any], like: int, rank: int) -> list[dict[str, Any]]:
    return [row, {**copy.deepcopy(row), "severity": rank}] if row.get("severity") == like else [row]


def shrink(parts: dict[str, Any]) -> int:
    """Take out the least grave severity with what is said of it alone. What names it otherwise (a KPI, where a TAM
    raises to) stays, so that the check names it. Gives its rank."""
    rank = len(parts["desk"]["severities"])
    if rank < 2:
        raise Refused("severity 1", "is the only one; a policy has at least one")
    for part in _parts(parts):
        for key in ROWS:
            if key in part:
                part[key] = [row for row in part[key] if row.get("severity") != rank]
        for key in BY_RANK:
            part.get(key, {}).pop(str(rank), None)
        for rule in part.get("channel_rules", {}).values():
            if rank in rule.get("severities", []):
                rule["severities"] = [one for one in rule["severities"] if one != rank]
    return rank


def _parts(parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [parts["desk"], *parts["levels"].values(), *parts["packages"].values()]
