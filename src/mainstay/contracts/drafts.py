"""Reading a draft: its lines with everything that is known of them, what was found, the version it would become."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from mainstay.contracts import lines, lint
from mainstay.contracts.days import days_words
from mainstay.contracts.lines import Beside
from mainstay.contracts.lint import Finding
from mainstay.contracts.models import Contract, Draft, DraftNote
from mainstay.contracts.sold import Difference, Sold

OPEN = (Draft.State.OPEN, Draft.State.SUBMITTED, Draft.State.APPROVED)
RELATED = ("customer", "package__level", "desk_policy", "environment", "base", "tam", "team")


def sold_by(draft: Draft) -> Sold:
    return Sold(draft.package, draft.desk_policy)


def side_by_side(draft: Draft, at: datetime) -> list[Beside]:
    """Every line with its cells, its remarks, what was found in it, and why it exceeds the catalogue."""
    sold = sold_by(draft)
    more, found = lint.exceeding(sold, draft.offered), findings(draft, at)
    notes: dict[str, list[DraftNote]] = {}
    for one in draft.notes.select_related("by").order_by("at", "pk"):
        notes.setdefault(one.line, []).append(one)
    return [
        replace(
            one,
            more=more.get(one.line.key, ""),
            findings=tuple(f.reason for f in found if f.key == one.line.key),
            notes=tuple(notes.get(one.line.key, ())),
        )
        for one in lines.side_by_side(sold, draft.offered, draft.asked)
    ]


def findings(draft: Draft, at: datetime) -> list[Finding]:
    """What is wrong or doubtful in what we offer."""
    return lint.findings(
        sold_by(draft), draft.offered, contract=as_contract(draft), customer=draft.customer, at=at
    )


def as_contract(draft: Draft) -> Contract:
    """The version that the draft would become, not written: for looking at what it would do."""
    end = draft.last_day + timedelta(days=1) if draft.last_day else None
    base = draft.base
    return Contract(
        customer=draft.customer, number=draft.number, package=draft.package, desk_policy=draft.desk_policy,
        environment=draft.environment, period=DateRange(draft.first_day, end), overrides=draft.offered,
        version=base.version + 1 if base else 1, part=base.part if base else 1, supersedes=base,
        phone_number=draft.phone_number, tam=draft.tam, team=draft.team,
        applies_to_open=draft.applies_to_open,
        first_signed_on=base.first_signed_on if base else None,
    )  # fmt: skip


def price_of(draft: Draft) -> dict[str, Any]:
    """The price as it would be agreed, whole."""
    return {**draft.package.document.get("price", {}), **draft.offered.get("price", {})}


def digest_of(draft: Draft) -> str:
    """What an approval is of: everything that we offer."""
    said = [
        draft.package_id, draft.desk_policy_id, draft.environment_id, draft.number, draft.phone_number,
        str(draft.first_day), str(draft.last_day), draft.tam_id, draft.team_id, draft.applies_to_open,
        draft.offered,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def told(draft: Draft) -> dict[str, Any]:
    """A draft as the log of the organisation has it."""
    end = draft.last_day + timedelta(days=1) if draft.last_day else None
    return {
        "kind": draft.kind,
        "package": str(draft.package),
        "environment": draft.environment.name if draft.environment else "all",
        "holds": days_words(draft.first_day, end),
        "offer": _words(draft, draft.offered),
        "asked": _words(draft, draft.asked),
        "also judges open tickets": draft.applies_to_open,
    }


def _words(draft: Draft, difference: Difference) -> list[str]:
    found = lines.lines_of(sold_by(draft), difference)
    return [f"{line.place}: {words}" for line in found if (words := line.words(difference))]


def versions_of(contract: Contract) -> Sequence[Contract]:
    """All versions of the same part of a contract, in the order of their days."""
    same = Contract.objects.filter(number=contract.number, part=contract.part, customer=contract.customer_id)
    related = ("customer", "package__level", "desk_policy", "environment", "tam", "team", "signed_by")
    return sorted(same.select_related(*related), key=lambda one: (one.first_day or date.min, one.version))
